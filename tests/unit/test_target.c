/* SPDX-License-Identifier: ISC */
/* target_find() on files made for it: found or not, looked into, refused. */
#include "base/table.h"
#include "call/arch.h"
#include "launch/target.h"
#include "policy/loader.h"

#include <elf.h>
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "tap.h"

#define LOADER "/lib/ld-of-the-test.so.1"

/* A program's headers, and what they point at. */
struct made {
	Elf64_Ehdr elf;
	Elf64_Phdr headers[4];
	Elf64_Dyn dynamic[4];
	char interpreter[32];
	char strings[96]; /* a path behind a NUL, a library's name at the end */
};

static bool
write_bytes(const char *name, const void *data, size_t length, mode_t mode)
{
	FILE *file = fopen(name, "we");
	bool written;

	if (file == NULL)
		return false;
	written = fwrite(data, 1, length, file) == length;
	return fclose(file) == 0 && chmod(name, mode) == 0 && written;
}

static bool
write_text(const char *name, const char *text)
{
	return write_bytes(name, text, strlen(text), 0755);
}

/* Static: one segment that holds all of it, and a stack. */
static void
make_static(struct made *made)
{
	*made = (struct made){ .elf = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2,
		                            ELFMAG3, ELFCLASS64, ELFDATA2LSB,
		                            EV_CURRENT },
		                   .e_type = ET_EXEC,
		                   .e_machine = arch_native()->elf_machine,
		                   .e_version = EV_CURRENT,
		                   .e_phoff = offsetof(struct made, headers),
		                   .e_ehsize = sizeof(Elf64_Ehdr),
		                   .e_phentsize = sizeof(Elf64_Phdr),
		                   .e_phnum = 2 } };
	made->headers[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_vaddr = 0x400000,
		.p_filesz = sizeof(*made),
		.p_memsz = sizeof(*made) };
	made->headers[1] =
	    (Elf64_Phdr){ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W };
}

/* With a loader, and PATH (may be NULL) as the value of TAG. */
static void
make_dynamic(struct made *made, int64_t tag, const char *path)
{
	make_static(made);
	made->elf.e_type = ET_DYN;
	made->elf.e_phnum = 4;
	strcpy(made->interpreter, LOADER);
	made->headers[2] = (Elf64_Phdr){ .p_type = PT_INTERP,
		.p_offset = offsetof(struct made, interpreter),
		.p_filesz = sizeof(LOADER) };
	made->headers[3] = (Elf64_Phdr){ .p_type = PT_DYNAMIC,
		.p_offset = offsetof(struct made, dynamic),
		.p_filesz = sizeof(made->dynamic) };
	made->dynamic[0] = (Elf64_Dyn){ .d_tag = DT_STRTAB,
		.d_un.d_ptr = 0x400000 + offsetof(struct made, strings) };
	if (path == NULL)
		return;
	snprintf(made->strings + 1, sizeof(made->strings) - 1, "%s", path);
	made->dynamic[1] = (Elf64_Dyn){ .d_tag = tag, .d_un.d_val = 1 };
}

/* That needs a library of its directories, if it has some. */
static void
need(struct made *made, const char *name)
{
	const size_t at = sizeof(made->strings) / 2;

	snprintf(made->strings + at, sizeof(made->strings) - at, "%s", name);
	made->dynamic[made->dynamic[1].d_tag == DT_NULL ? 1 : 2] =
	    (Elf64_Dyn){ .d_tag = DT_NEEDED, .d_un.d_val = at };
}

/* In words: "flags: files [libraries]", or the exit status and why. */
static const char *
find(const char *name, const char *path, struct target *target)
{
	static char text[8192];
	struct diag diag = { 0 };
	int error = target_find(name, path, target, &diag);
	size_t used;

	if (error < 0) {
		snprintf(text, sizeof(text), "%d %s",
		    error == -ENOENT ? 127 : 126, diag.text);
		return text;
	}
	used = (size_t)snprintf(text, sizeof(text), "%#x:", target->flags);
	for (size_t i = 0; i < target->file_count; i++)
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, " %s", target->files[i]);
	for (size_t i = 0; i < target->library_count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    " [%s]", target->libraries[i]);
	return text;
}

static void
expect(const char *name, const char *wanted)
{
	struct target target;
	const char *got = find(name, "/nowhere", &target);

	/* The first line of what is wanted: a CR would end it for a reader. */
	if (!ok(strcmp(got, wanted) == 0, "%s -> %.*s", name,
	        (int)strcspn(wanted, "\r"), wanted))
		note("got: %s", got);
	target_free(&target);
}

static void
test_static(void)
{
	struct made made;

	make_static(&made);
	write_bytes("static", &made, sizeof(made), 0755);
	expect("./static", "0: ./static");
	made.headers[1].p_flags |= PF_X;
	write_bytes("execstack", &made, sizeof(made), 0755);
	expect("./execstack", "0x8: ./execstack");
	make_static(&made);
	made.headers[0].p_flags |= PF_W;
	write_bytes("execdata", &made, sizeof(made), 0755);
	expect("./execdata", "0x40: ./execdata");
	make_static(&made);
	write_bytes("setid", &made, sizeof(made), 04755);
	expect("./setid", "0x10: ./setid");
	write_bytes("setid", &made, sizeof(made), 02755);
	expect("./setid", "0x10: ./setid");
}

/* Each file is the one that was looked into, or none. */
static void
test_ids(void)
{
	struct target target;
	struct stat st;
	struct made made;

	make_dynamic(&made, DT_RUNPATH, "$ORIGIN/lib");
	need(&made, "liblink.so");
	memcpy(made.interpreter, "missing", sizeof("missing"));
	made.headers[2].p_filesz = sizeof("missing");
	write_bytes("seen", &made, sizeof(made), 0755);
	find("./seen", NULL, &target);
	stat("seen", &st);
	ok(target.file_ids[0].inode == st.st_ino &&
	        target.file_ids[0].device == st.st_dev,
	    "the program's identity");
	ok(target.file_ids[1].inode == FILE_NONE.inode,
	    "a loader that is missing is no file that comes later");
	stat("lib/liba.so", &st);
	ok(target.library_count == 1 &&
	        target.library_ids[0].inode == st.st_ino,
	    "a library is what its link led to");
	target_free(&target);
	memcpy(made.interpreter, "seen", sizeof("seen"));
	made.headers[2].p_filesz = sizeof("seen");
	write_bytes("loaded", &made, sizeof(made), 0755);
	find("./loaded", NULL, &target);
	stat("seen", &st);
	ok(target.file_ids[1].inode == st.st_ino, "a loader's identity");
	target_free(&target);
}

/* What a program finds in the directories that it names itself: libraries
 * alone, and those alone that it needs. */
static void
make_libraries(void)
{
	struct made made;

	mkdir("lib", 0755);
	mkdir("lib/libdir.so", 0755);
	write_text("lib/libtext.so", "a secret that is no library\n");
	make_dynamic(&made, DT_RUNPATH, NULL);
	write_bytes("lib/liba.so", &made, sizeof(made), 0644);
	symlink("liba.so", "lib/liblink.so");
	need(&made, "liba.so");
	write_bytes("lib/libb.so", &made, sizeof(made), 0644);
	make_dynamic(&made, DT_RUNPATH, "$ORIGIN/more");
	need(&made, "libd.so");
	write_bytes("lib/libc.so", &made, sizeof(made), 0644);
	mkdir("lib/more", 0755);
	/* One that needs itself. */
	need(&made, "libd.so");
	write_bytes("lib/more/libd.so", &made, sizeof(made), 0644);
	made.elf.e_type = ET_EXEC;
	write_bytes("lib/libprogram.so", &made, sizeof(made), 0755);
	made.elf.e_type = ET_DYN;
	made.elf.e_machine = EM_NONE;
	write_bytes("lib/libother.so", &made, sizeof(made), 0644);
	mkfifo("lib/libfifo.so", 0644);
}

static void
test_dynamic(void)
{
	static const struct {
		int64_t tag;
		const char *path, *needs;
		const char *wanted; /* before the files, and behind; %s: here */
	} rows[] = {
		{ DT_RUNPATH, NULL, "liba.so", "0x1|" },
		{ DT_RUNPATH, "$ORIGIN/lib", "liba.so",
		    "0x21| [%s/lib/liba.so]" },
		{ DT_RPATH, "$ORIGIN/lib", "liba.so",
		    "0x21| [%s/lib/liba.so]" },
		{ DT_RUNPATH, "/nowhere:${ORIGIN}/lib", "liblink.so",
		    "0x21| [%s/lib/liblink.so]" },
		/* What a library needs. */
		{ DT_RUNPATH, "$ORIGIN/lib", "libb.so",
		    "0x21| [%s/lib/libb.so] [%s/lib/liba.so]" },
		{ DT_RUNPATH, "$ORIGIN/lib", "libc.so",
		    "0x21| [%s/lib/libc.so] [%s/lib/more/libd.so]" },
		/* Neither the directory nor what is no library. */
		{ DT_RUNPATH, "/", "etc", "0x21|" },
		{ DT_RUNPATH, "/etc", "passwd", "0x21|" },
		{ DT_RUNPATH, "$ORIGIN/lib", "libtext.so", "0x21|" },
		{ DT_RUNPATH, "$ORIGIN/lib", "libdir.so", "0x21|" },
		{ DT_RUNPATH, "$ORIGIN/lib", "libprogram.so", "0x21|" },
		{ DT_RUNPATH, "$ORIGIN/lib", "libother.so", "0x21|" },
		{ DT_RUNPATH, "$ORIGIN/lib", "libfifo.so", "0x21|" },
		{ DT_RUNPATH, "$ORIGIN", "lib/liba.so", "0x21|" },
		{ DT_RUNPATH, "$ORIGIN/lib", "", "0x21|" },
		{ DT_RUNPATH, "$ORIGIN/lib", "none.so", "0x21|" },
		/* Relative ones, and what we do not know, ld.so may have. */
		{ DT_RUNPATH, "lib::/opt/$LIB", "liba.so", "0x21|" },
		{ DT_SONAME, "$ORIGIN/lib", "liba.so", "0x1|" },
	};
	char *here = realpath(".", NULL);
	char wanted[1024];
	struct made made;

	make_libraries();
	for (size_t i = 0; i < ARRAY_SIZE(rows) && here != NULL; i++) {
		const char *rest = strchr(rows[i].wanted, '|') + 1, *sign;
		size_t used = (size_t)snprintf(wanted, sizeof(wanted),
		    "%.*s: ./dynamic " LOADER, (int)(rest - 1 - rows[i].wanted),
		    rows[i].wanted);

		for (; (sign = strstr(rest, "%s")) != NULL; rest = sign + 2)
			used += (size_t)snprintf(wanted + used,
			    sizeof(wanted) - used, "%.*s%s", (int)(sign - rest),
			    rest, here);
		snprintf(wanted + used, sizeof(wanted) - used, "%s", rest);
		make_dynamic(&made, rows[i].tag, rows[i].path);
		need(&made, rows[i].needs);
		write_bytes("dynamic", &made, sizeof(made), 0755);
		expect("./dynamic", wanted);
	}
	free(here);
}

/* A file that is called the loader, and is none: it is not to be read. */
static void
test_loader(void)
{
	struct made made;
	Elf64_Phdr second;

	make_dynamic(&made, DT_RUNPATH, NULL);
	write_text("secret", "a secret\n");
	memcpy(made.interpreter, "secret", sizeof("secret"));
	made.headers[2].p_filesz = sizeof("secret");
	write_bytes("loaded", &made, sizeof(made), 0755);
	expect("./loaded", "126 ./loaded: its loader secret is no program");
	memcpy(made.interpreter, "lib", sizeof("lib"));
	made.headers[2].p_filesz = sizeof("lib");
	write_bytes("loaded", &made, sizeof(made), 0755);
	expect("./loaded", "126 ./loaded: its loader lib is no program");
	/* The kernel takes the first. */
	make_dynamic(&made, DT_RUNPATH, NULL);
	memcpy(made.interpreter, "missing", sizeof("missing"));
	memcpy(made.strings + 1, "secret", sizeof("secret"));
	second = made.headers[2];
	made.headers[2].p_filesz = sizeof("missing");
	second.p_offset = offsetof(struct made, strings) + 1;
	second.p_filesz = sizeof("secret");
	made.headers[3] = second;
	write_bytes("loaded", &made, sizeof(made), 0755);
	expect("./loaded", "0x1: ./loaded missing");
}

/* A broken program is refused, or nothing of it is believed. */
static void
test_broken(void)
{
	const char *const broken = "126 ./broken: broken ELF file";
	struct made made;

	make_dynamic(&made, DT_RUNPATH, "/opt/a");
	write_bytes("broken", &made, sizeof(made.elf) - 1, 0755);
	expect("./broken", "126 ./broken: broken ELF file");
	write_bytes("broken", &made, sizeof(made.elf), 0755);
	expect("./broken", broken);
	write_bytes("broken", &made,
	    offsetof(struct made, headers) + sizeof(made.headers) - 1, 0755);
	expect("./broken", broken);
	write_bytes("broken", &made,
	    offsetof(struct made, interpreter) + sizeof(LOADER) - 1, 0755);
	expect("./broken", broken);
	made.elf.e_phoff = UINT64_MAX - 8;
	write_bytes("broken", &made, sizeof(made), 0755);
	expect("./broken", broken);
	make_dynamic(&made, DT_RUNPATH, "/opt/a");
	made.elf.e_phnum = 0;
	write_bytes("broken", &made, sizeof(made), 0755);
	expect("./broken", broken);
	make_dynamic(&made, DT_RUNPATH, "/opt/a");
	made.elf.e_phentsize = 1;
	write_bytes("broken", &made, sizeof(made), 0755);
	expect("./broken", broken);
	make_dynamic(&made, DT_RUNPATH, "/opt/a");
	made.headers[2].p_filesz = 1 << 20;
	write_bytes("broken", &made, sizeof(made), 0755);
	expect("./broken", broken);
	make_dynamic(&made, DT_RUNPATH, "/opt/a");
	made.headers[2].p_filesz = sizeof(LOADER) - 1; /* not terminated */
	write_bytes("broken", &made, sizeof(made), 0755);
	expect("./broken", broken);
}

/* Addresses and sizes that lead out of the file lead to nothing. */
static void
test_wild(void)
{
	const char *const wanted = "0x1: ./wild " LOADER;
	struct made made;

	make_dynamic(&made, DT_RUNPATH, "/opt/a");
	made.dynamic[1].d_un.d_val = UINT64_MAX / 2;
	write_bytes("wild", &made, sizeof(made), 0755);
	expect("./wild", wanted);
	make_dynamic(&made, DT_RUNPATH, "/opt/a");
	made.dynamic[0].d_un.d_ptr = UINT64_MAX;
	write_bytes("wild", &made, sizeof(made), 0755);
	expect("./wild", wanted);
	make_dynamic(&made, DT_RUNPATH, "/opt/a");
	made.headers[3].p_offset = UINT64_MAX - 4;
	write_bytes("wild", &made, sizeof(made), 0755);
	expect("./wild", wanted);
	make_dynamic(&made, DT_RUNPATH, "/opt/a");
	made.headers[3].p_filesz = UINT64_MAX;
	write_bytes("wild", &made, sizeof(made), 0755);
	expect("./wild", wanted);
}

static void
test_other_architectures(void)
{
	struct made made;

	make_static(&made);
	made.elf.e_ident[EI_CLASS] = ELFCLASS32;
	write_bytes("elf32", &made, sizeof(made), 0755);
	expect("./elf32",
	    "126 ./elf32: a 32-bit program; its system calls are another "
	    "architecture's, which a policy does not allow");
	make_static(&made);
	made.elf.e_machine = EM_S390;
	write_bytes("s390", &made, sizeof(made), 0755);
	expect("./s390", "126 ./s390: a program for another architecture");
}

/* Each script's interpreter is itself looked into. */
static void
test_scripts(void)
{
	struct made made;
	char text[600];

	make_static(&made);
	write_bytes("interpreter", &made, sizeof(made), 0755);
	make_dynamic(&made, DT_NULL, NULL);
	write_bytes("dynamic-interpreter", &made, sizeof(made), 0755);
	write_text("script", "#!./interpreter\n");
	expect("./script", "0x2: ./script ./interpreter");
	write_text("script", "#! \t ./interpreter -a b\nexit\n");
	expect("./script", "0x2: ./script ./interpreter");
	write_text("script", "#!./interpreter");
	expect("./script", "0x2: ./script ./interpreter");
	write_text("script2", "#!./script -x\n");
	expect("./script2", "0x2: ./script2 ./script ./interpreter");
	write_text("script3", "#!./dynamic-interpreter\n");
	expect("./script3", "0x3: ./script3 ./dynamic-interpreter " LOADER);
	write_text("script", "#!\n");
	expect("./script", "126 ./script: \"#!\" without an interpreter");
	write_text("script", "#!   \n./interpreter\n");
	expect("./script", "126 ./script: \"#!\" without an interpreter");
	write_text("script", "#!./none\n");
	expect("./script",
	    "126 ./script: its interpreter ./none: No such file or directory");
	write_text("script", "#!./interpreter\r\n");
	expect("./script",
	    "126 ./script: its interpreter ./interpreter\r: No such file or "
	    "directory");
	write_text("script", "#!.\n");
	expect("./script", "126 ./script: its interpreter .: Is a directory");
	write_text("script", "#!./script\n");
	expect(
	    "./script", "126 ./script: too many interpreters of interpreters");
	/* The kernel reads 256 bytes of a script. */
	snprintf(text, sizeof(text), "#!./%0300d\n", 0);
	write_text("script", text);
	snprintf(text, sizeof(text),
	    "126 ./script: its interpreter ./%0251d: "
	    "No such file or directory",
	    0);
	expect("./script", text);
}

/* What the kernel does with as many scripts, do we. */
static void
test_chain(void)
{
	struct made made;
	char name[32], text[32];

	make_static(&made);
	write_bytes("chain0", &made, sizeof(made), 0755);
	for (int i = 1; i <= 8; i++) {
		snprintf(name, sizeof(name), "chain%d", i);
		snprintf(text, sizeof(text), "#!./chain%d\n", i - 1);
		write_text(name, text);
	}
	expect("./chain4", "0x2: ./chain4 ./chain3 ./chain2 ./chain1 ./chain0");
	expect(
	    "./chain8", "126 ./chain8: too many interpreters of interpreters");
}

static void
test_others(void)
{
	write_text("empty", "");
	expect("./empty",
	    "126 ./empty: neither an ELF program nor a script that "
	    "begins with #!; a script without that line is run by its shell: "
	    "sh FILE");
	write_text("text", "hello\n");
	expect("./text", "126 ./text: neither an ELF program nor a script that "
	                 "begins with #!; a script without that line is run by "
	                 "its shell: sh FILE");
	mkdir("directory", 0755);
	expect("./directory", "126 ./directory: Is a directory");
	mkfifo("fifo", 0755);
	expect("./fifo", "126 ./fifo: Permission denied");
	expect("./missing", "127 ./missing: No such file or directory");
	expect("./text/x", "126 ./text/x: Not a directory");
	write_bytes("plain", "#!/x\n", 5, 0644);
	expect("./plain", "126 ./plain: Permission denied");
	expect("", "127 the command is an empty word");
	if (symlink("loop", "loop") == 0)
		expect(
		    "./loop", "126 ./loop: Too many levels of symbolic links");
}

static void
test_search(void)
{
	struct target target;
	struct made made;

	make_static(&made);
	mkdir("bin", 0755);
	mkdir("bin2", 0755);
	mkdir("bin/tool", 0755);
	write_bytes("bin2/tool", &made, sizeof(made), 0755);
	write_bytes("bin/other", &made, sizeof(made), 0644);
	write_bytes("here", &made, sizeof(made), 0755);
	ok(!strcmp(find("tool", "bin:bin2", &target), "0: bin2/tool"),
	    "a directory of that name is passed by");
	target_free(&target);
	ok(!strcmp(find("other", "bin:bin2", &target),
	       "126 other: found in PATH, but it is not executable"),
	    "what may not be run is said");
	target_free(&target);
	write_bytes("bin2/other", &made, sizeof(made), 0755);
	ok(!strcmp(find("other", "bin:bin2", &target), "0: bin2/other"),
	    "and passed by for what may");
	target_free(&target);
	ok(!strcmp(find("here", "bin::bin2", &target), "0: here"),
	    "an empty directory is this one");
	target_free(&target);
	ok(!strcmp(find("none", "bin:bin2", &target),
	       "127 none: command not found"),
	    "a command that is nowhere");
	target_free(&target);
	ok(strstr(find("sh", NULL, &target), "/sh") != NULL,
	    "no PATH: the system's");
	target_free(&target);
}

/* Root reads everything, so another user looks. */
static int
find_unreadable(void *context)
{
	struct target target;
	const char *wanted = "0x5: ./secret";

	(void)context;
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return 2;
	/* It is assumed to need whatever loader there is. */
	return strncmp(find("./secret", NULL, &target), wanted,
	           strlen(wanted)) != 0 ||
	       target.file_count < 2;
}

static bool
has_loader(void)
{
	for (size_t i = 0; i < loader_count; i++)
		if (access(loaders[i], X_OK) == 0)
			return true;
	return false;
}

static void
test_unreadable(void)
{
	struct made made;

	if (!has_loader()) {
		skip("an unreadable program",
		    "this architecture's loader is not installed");
		return;
	}
	make_static(&made);
	write_bytes("secret", &made, sizeof(made), 0111);
	chmod(".", 0755);
	ok(in_child(find_unreadable, NULL) == 0,
	    "an unreadable program is taken for a dynamic one");
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
	(void)st;
	(void)kind;
	(void)place;
	return remove(path);
}

int
main(void)
{
	char directory[] = "/tmp/test-target.XXXXXX";

	if (mkdtemp(directory) == NULL || chdir(directory) != 0) {
		printf("Bail out! no directory to work in\n");
		return 1;
	}
	test_static();
	test_dynamic();
	test_loader();
	test_ids();
	test_broken();
	test_wild();
	test_other_architectures();
	test_scripts();
	test_chain();
	test_others();
	test_search();
	test_unreadable();
	if (chdir("/") != 0 ||
	    nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
		note("%s stays", directory);
	return tap_done();
}
