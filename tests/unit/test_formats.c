/* SPDX-License-Identifier: ISC */
/* Filters read in one format and written in another, and what is lost. */
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "call/arch.h"
#include "format/format.h"
#include "prove/verify.h"
#include "targets/here.h"

#include "child.h"
#include "tap.h"

#define ALLOW         SECCOMP_RET_ALLOW
#define KILL          SECCOMP_RET_KILL_PROCESS
#define ERRNO(number) (SECCOMP_RET_ERRNO | (number))

static const struct arch *arch;
static unsigned int warnings;

static void
count_warning(void *context, const char *text)
{
	(void)context;
	(void)text;
	warnings++;
}

static struct format_bytes
copy_text(const char *text)
{
	return (struct format_bytes){ strdup(text), strlen(text) };
}

/* A file as read, and its only filter for one architecture. */
struct loaded {
	struct filter_file file;
	struct ruled_filter *ruled;
};

static void
loaded_free(struct loaded *loaded)
{
	ruled_filter_free(loaded->ruled);
	filter_file_free(&loaded->file);
}
#define cleanup_loaded __attribute__((cleanup(loaded_free)))

static int
load(struct loaded *loaded, const char *text, const struct format *format,
    struct diag *diag)
{
	int r;

	*loaded = (struct loaded){ .ruled = NULL };
	r = format_read("test", copy_text(text), format, &loaded->file, diag);
	if (r == 0 && loaded->file.program == NULL)
		r = ruleset_compile(&loaded->file, &loaded->file.sets[0], arch,
		    &loaded->ruled, diag);
	return r;
}

/* Whether both answer every call alike; a note says where they do not. */
static bool
is_same(const struct loaded *first, const struct loaded *second)
{
	const struct filter *filters[2] = { &first->ruled->filter,
		&second->ruled->filter };
	struct verify_side sides[2] = { { .filters = &filters[0], .count = 1 },
		{ .filters = &filters[1], .count = 1 } };
	struct verify_case one = { 0 };
	struct diag diag = { 0 };
	const char *name;
	int result = verify_equal(&sides[0], &sides[1], &one, NULL, &diag);

	if (result == 0)
		return true;
	if (result < 0) {
		note("%s", diag.text);
		return false;
	}
	name = arch_name(arch, one.call.nr);
	note("%s (%u) of 0x%x: 0x%x, 0x%x", name != NULL ? name : "?",
	    one.call.nr, one.call.arch, one.answers[0], one.answers[1]);
	for (size_t i = 0; i < 6; i++)
		note("argument %zu: 0x%llx", i,
		    (unsigned long long)one.call.args[i]);
	return false;
}

/* Written in FORMAT and read back, it is the same. */
static bool
goes_round(const struct loaded *loaded, const struct format *format)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	cleanup_loaded struct loaded back = { .ruled = NULL };
	const struct write_options options = { .arch = arch };
	struct diag diag = { 0 };

	if (format->write(&loaded->file, &options, &buf, &diag) == 0 &&
	    load(&back, buf.data, format, &diag) == 0)
		return is_same(loaded, &back);
	note("%s: %s", format->name, diag.text);
	if (buf.data != NULL)
		note("%s", buf.data);
	return false;
}

/* The program made of it is the same. */
static bool
compiles(const struct loaded *loaded)
{
	cleanup_free struct program *program = calloc(1, sizeof(*program));
	const struct filter *filter = &loaded->ruled->filter;
	struct verify_side sides[2] = { { .filters = &filter, .count = 1 },
		{ .program = program } };
	struct diag diag = { 0 };

	if (program != NULL &&
	    program_compile(&filter, 1, program, &diag) == 0 &&
	    verify_equal(&sides[0], &sides[1], NULL, NULL, &diag) == 0)
		return true;
	note("%s", diag.text);
	return false;
}

/* What a text answers to some calls. */
static const struct reading {
	const char *name;
	const struct format *format;
	const char *text;
	const struct format *round; /* it can be written in; NULL: its own */
	unsigned int warnings;
	struct {
		const char *call; /* NULL: no more */
		uint64_t args[3];
		uint32_t answer;
	} cases[6];
} readings[] = {
	/* clang-format off */
	{ "an OCI profile", &format_oci,
	    "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38,"
	    "\"architectures\": [ \"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X32\" ],"
	    "\"syscalls\": [ { \"names\": [ \"read\", \"nosuchcall\" ],"
	    " \"action\": \"SCMP_ACT_ALLOW\" },"
	    "{ \"names\": [ \"write\" ], \"action\": \"SCMP_ACT_ERRNO\","
	    " \"errnoRet\": 13, \"args\": [ { \"index\": 0, \"value\": 3,"
	    " \"op\": \"SCMP_CMP_GE\" } ] },"
	    "{ \"name\": \"close\", \"action\": \"SCMP_ACT_KILL\" } ] }",
	    NULL, 1,
	    { { "read", { 0 }, ALLOW }, { "write", { 3 }, ERRNO(13) },
	      { "write", { 2 }, ERRNO(38) },
	      { "close", { 0 }, SECCOMP_RET_KILL_THREAD },
	      { "open_tree", { 0 }, ERRNO(38) } } },
	{ "masked and all 64 bits", &format_oci,
	    "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [ {"
	    "\"names\": [ \"clone\" ], \"action\": \"SCMP_ACT_ALLOW\","
	    "\"args\": [ { \"index\": 0, \"value\": 2114060288,"
	    " \"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\" } ] }, {"
	    "\"names\": [ \"close\" ], \"action\": \"SCMP_ACT_ALLOW\","
	    "\"args\": [ { \"index\": 0, \"value\": 5, \"op\": "
	    "\"SCMP_CMP_EQ\" } ] } ] }",
	    NULL, 0,
	    { { "clone", { 0x11 }, ALLOW }, { "clone", { 0x10000011 }, ERRNO(1) },
	      { "clone", { 0x1000000000000011 }, ALLOW },
	      { "close", { 5 }, ALLOW }, { "close", { 0x100000005 }, ERRNO(1) } } },
	{ "rules without arguments outweigh others", &format_oci,
	    "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": ["
	    "{ \"names\": [ \"read\" ], \"action\": \"SCMP_ACT_LOG\","
	    " \"args\": [ { \"index\": 0, \"value\": 3, \"op\":"
	    " \"SCMP_CMP_EQ\" } ] },"
	    "{ \"names\": [ \"read\" ], \"action\": \"SCMP_ACT_ERRNO\" } ] }",
	    NULL, 1,
	    { { "read", { 3 }, ERRNO(1) }, { "read", { 4 }, ERRNO(1) } } },
	{ "an argument compared twice, as runc has it", &format_oci,
	    "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": ["
	    "{ \"names\": [ \"read\" ], \"action\": \"SCMP_ACT_ALLOW\","
	    " \"args\": [ { \"index\": 0, \"value\": 9, \"op\":"
	    " \"SCMP_CMP_GT\" }, { \"index\": 0, \"value\": 3, \"op\":"
	    " \"SCMP_CMP_LT\" } ] } ] }",
	    NULL, 1,
	    { { "read", { 2 }, ALLOW }, { "read", { 10 }, ALLOW },
	      { "read", { 5 }, ERRNO(1) } } },
	{ "what depends on the container", &format_oci,
	    "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"archMap\": [ {"
	    "\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": ["
	    "\"SCMP_ARCH_X86\" ] } ], \"syscalls\": ["
	    "{ \"names\": [ \"chroot\" ], \"action\": \"SCMP_ACT_ALLOW\","
	    " \"includes\": { \"caps\": [ \"CAP_SYS_CHROOT\" ] } },"
	    "{ \"names\": [ \"reboot\" ], \"action\": \"SCMP_ACT_ALLOW\","
	    " \"includes\": { \"caps\": [ \"CAP_SYS_CHROOT\","
	    " \"CAP_SYS_BOOT\" ] } },"
	    "{ \"names\": [ \"close\" ], \"action\": \"SCMP_ACT_ALLOW\","
	    " \"excludes\": { \"caps\": [ \"CAP_KILL\", \"CAP_BPF\" ] } },"
	    "{ \"names\": [ \"read\" ], \"action\": \"SCMP_ACT_ALLOW\","
	    " \"includes\": { \"arches\": [ \"s390x\" ] } },"
	    "{ \"names\": [ \"ptrace\" ], \"action\": \"SCMP_ACT_ALLOW\","
	    " \"includes\": { \"minKernel\": \"4.8\" } },"
	    "{ \"names\": [ \"kcmp\" ], \"action\": \"SCMP_ACT_ALLOW\","
	    " \"includes\": { \"minKernel\": \"99.0\" } } ] }",
	    NULL, 0,
	    { { "chroot", { 0 }, ALLOW }, { "reboot", { 0 }, ERRNO(1) },
	      { "close", { 0 }, ERRNO(1) }, { "read", { 0 }, ERRNO(1) },
	      { "ptrace", { 0 }, ALLOW }, { "kcmp", { 0 }, ERRNO(1) } } },
	{ "an errno by Podman's name", &format_oci,
	    "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\":"
	    " \"ENOSYS\", \"syscalls\": [ { \"names\": [ \"read\" ],"
	    " \"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"EACCES\" } ] }",
	    NULL, 0,
	    { { "read", { 0 }, ERRNO(13) }, { "write", { 0 }, ERRNO(38) } } },
	{ "a container's whole configuration", &format_oci,
	    "{ \"ociVersion\": \"1.0\", \"linux\": { \"seccomp\": {"
	    "\"defaultAction\": \"SCMP_ACT_LOG\", \"listenerPath\": \"/run/x\","
	    "\"flags\": [ \"SECCOMP_FILTER_FLAG_LOG\" ] } } }",
	    NULL, 0, { { "read", { 0 }, SECCOMP_RET_LOG } } },
	{ "dwords, twice the same argument, in seccompiler's JSON",
	    &format_seccompiler,
	    "{ \"x\": { \"mismatch_action\": { \"errno\": 1 },"
	    " \"match_action\": \"allow\", \"filter\": [ { \"syscall\": \"read\","
	    "\"args\": [ { \"index\": 0, \"type\": \"dword\", \"op\": \"ge\","
	    " \"val\": 3 }, { \"index\": 0, \"type\": \"dword\", \"op\": \"lt\","
	    " \"val\": 4096 }, { \"index\": 1, \"type\": \"dword\", \"op\":"
	    " \"ne\", \"val\": 77 }, { \"index\": 2, \"type\": \"qword\","
	    " \"op\": \"le\", \"val\": 4294967296 } ] } ] } }",
	    &format_oci, 0,
	    { { "read", { 3 }, ALLOW }, { "read", { 2 }, ERRNO(1) },
	      { "read", { 4095, 76 }, ALLOW }, { "read", { 4096 }, ERRNO(1) },
	      { "read", { 5, 0x10000004d }, ERRNO(1) },
	      { "read", { 5, 7, 0x100000001 }, ERRNO(1) } } },
	{ "a systemd unit", &format_systemd,
	    "[Service]\n# SystemCallFilter=reboot\n"
	    "SystemCallFilter=@system-service \\\n  chroot\n"
	    "SystemCallFilter=~@privileged ptrace nice\n"
	    "SystemCallFilter=mount\nSystemCallErrorNumber=EACCES\n", NULL, 0,
	    { { "read", { 0 }, ALLOW }, { "mount", { 0 }, ALLOW },
	      { "chroot", { 0 }, ERRNO(13) }, { "ptrace", { 0 }, ERRNO(13) },
	      { "execve", { 0 }, ALLOW }, { "kexec_load", { 0 }, ERRNO(13) } } },
	{ "systemd's @system-service, into an OCI profile", &format_systemd,
	    "SystemCallFilter=@system-service\n", &format_oci, 0,
	    { { "read", { 0 }, ALLOW }, { "mount", { 0 }, KILL } } },
	{ "a systemd unit that refuses", &format_systemd,
	    "SystemCallFilter=~@mount:ENOSYS ptrace\n"
	    "SystemCallFilter=~chroot:kill\nSystemCallFilter=umount2\n"
	    "SystemCallErrorNumber=1\n", NULL, 0,
	    { { "read", { 0 }, ALLOW }, { "mount", { 0 }, ERRNO(ENOSYS) },
	      { "chroot", { 0 }, KILL }, { "ptrace", { 0 }, ERRNO(1) },
	      { "umount2", { 0 }, ALLOW } } },
	{ "a systemd unit that begins anew", &format_systemd,
	    "SystemCallFilter=~read\nSystemCallFilter=\n"
	    "SystemCallFilter=@timer write:EPERM nosuchcall\n", NULL, 2,
	    { { "read", { 0 }, KILL }, { "timer_create", { 0 }, ALLOW },
	      { "write", { 0 }, KILL } } },
	{ "a minijail policy", &format_minijail,
	    "# comment\n@frequency ./x.freq\nread: 1\n"
	    "{ write, close }: allow\nmmap: arg2 in ~PROT_EXEC || "
	    "arg2 in ~PROT_WRITE\nioctl: arg1 == 0x5401 || arg1 == 5 && "
	    "arg2 != 0; return EINVAL # why\nkill: return 1\n"
	    "socket: arg0 & 6 && arg1 < 3\n", NULL, 0,
	    { { "read", { 0 }, ALLOW }, { "mmap", { 0, 0, 6 }, KILL },
	      { "mmap", { 0, 0, 4 }, ALLOW },
	      { "ioctl", { 0, 0x5401 }, ALLOW }, { "ioctl", { 0, 5 }, ERRNO(22) },
	      { "socket", { 4, 2 }, ALLOW } } },
	{ "another minijail policy", &format_minijail,
	    "{ read, pread64 }: arg0 >= ~(1|2)\nwrite:arg0<=4&&arg0>2\n"
	    "socket: arg0 & 6 && arg1 & 1\n"
	    "ptrace: kill\nclose: return EBADF", NULL, 0,
	    { { "read", { 3 }, KILL }, { "read", { UINT64_MAX - 2 }, ALLOW },
	      { "write", { 5 }, KILL }, { "write", { 3 }, ALLOW },
	      { "socket", { 2, 3 }, ALLOW }, { "socket", { 8, 3 }, KILL } } },
	{ "a minijail policy that compares an argument twice", &format_minijail,
	    "socket: arg0 & 8 && arg0 < ~1\n", NULL, 0,
	    { { "socket", { 8 }, ALLOW }, { "socket", { 7 }, KILL },
	      { "socket", { UINT64_MAX - 1 }, KILL } } },
	{ "bits that are set and clear, into a minijail policy",
	    &format_seccompiler,
	    "{ \"x\": { \"mismatch_action\": \"kill_process\", "
	    " \"match_action\": \"allow\", \"filter\": [ { \"syscall\": \"read\","
	    "\"args\": [ { \"index\": 0, \"type\": \"qword\", \"op\": "
	    "{ \"masked_eq\": 29 }, \"val\": 13 } ] } ] } }",
	    &format_minijail, 0,
	    { { "read", { 13 }, ALLOW }, { "read", { 15 }, ALLOW },
	      { "read", { 29 }, KILL }, { "read", { 12 }, KILL } } },
	/* clang-format on */
};

static void
test_readings(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(readings); i++) {
		const struct reading *row = &readings[i];
		cleanup_loaded struct loaded loaded = { .ruled = NULL };
		struct diag diag = { .warn = count_warning };
		unsigned int wrong = 0;

		warnings = 0;
		if (!ok(load(&loaded, row->text, NULL, &diag) == 0 &&
		            loaded.file.format == row->format,
		        "%s is recognised and read", row->name)) {
			note("%s", diag.text);
			continue;
		}
		for (size_t j = 0;
		     j < ARRAY_SIZE(row->cases) && row->cases[j].call != NULL;
		     j++) {
			const char *name = row->cases[j].call;
			struct call call = { .arch = arch->audit,
				.nr = (uint32_t)arch_number(
				    arch, name, strlen(name)) };
			uint32_t answer;

			memcpy(call.args, row->cases[j].args,
			    sizeof(row->cases[j].args));
			answer =
			    filter_answer(&loaded.ruled->filter, &call, NULL);
			if (answer == row->cases[j].answer)
				continue;
			note("%s (case %zu): 0x%x", name, j, answer);
			wrong++;
		}
		ok(wrong == 0 && warnings == row->warnings,
		    "%s means what it should, with %u warnings", row->name,
		    warnings);
		ok(compiles(&loaded), "%s is compiled alike", row->name);
		ok(goes_round(
		       &loaded, row->round != NULL ? row->round : row->format),
		    "%s goes round", row->name);
	}
}

/* Docker's own, where a checkout has it. */
static void
test_docker(void)
{
	const char *path = getenv("TEST_DOCKER_PROFILE");
	cleanup_loaded struct loaded loaded = { .ruled = NULL };
	struct diag diag = { .warn = count_warning };
	struct call call = { .arch = arch->audit };
	const struct filter *filter;

	if (path == NULL || access(path, R_OK) != 0) {
		skip("Docker's default profile",
		    "TEST_DOCKER_PROFILE names no such file");
		return;
	}
	warnings = 0;
	if (!ok(format_read_file(path, NULL, &loaded.file, &diag) == 0 &&
	            ruleset_compile(&loaded.file, &loaded.file.sets[0], arch,
	                &loaded.ruled, &diag) == 0,
	        "Docker's default profile is read"))
		note("%s", diag.text);
	if (loaded.ruled == NULL)
		return;
	filter = &loaded.ruled->filter;
	ok(warnings == 0, "without a warning");
	call.nr = (uint32_t)arch_number(arch, "clone3", 6);
	ok(filter_answer(filter, &call, NULL) == ERRNO(ENOSYS),
	    "clone3 is not there");
	call.nr = (uint32_t)arch_number(arch, "socket", 6);
	call.args[0] = 38;
	ok(filter_answer(filter, &call, NULL) == ERRNO(EPERM),
	    "AF_ALG is refused");
	call.args[0] = 2;
	ok(filter_answer(filter, &call, NULL) == ALLOW, "AF_INET is not");
	call.nr = (uint32_t)arch_number(arch, "mount", 5);
	ok(filter_answer(filter, &call, NULL) == ERRNO(EPERM),
	    "mount is refused");
	ok(compiles(&loaded), "its program is the same");
	ok(goes_round(&loaded, &format_oci), "it goes round");
}

/* --- Several architectures in one program --- */

/* socketcall is i386's alone, arch_prctl x86_64's and i386's. */
static const char several[] =
    "{ \"m\": { \"mismatch_action\": \"allow\",\n"
    "  \"match_action\": { \"errno\": 33 }, \"filter\": [\n"
    "  { \"syscall\": \"getppid\" }, { \"syscall\": \"socketcall\" },\n"
    "  { \"syscall\": \"getpriority\", \"args\": [ { \"index\": 0,\n"
    "    \"type\": \"dword\", \"op\": \"eq\", \"val\": 7 } ] } ] } }\n";

static bool
make_several(
    const char *names, struct ruled_filters *ruled, struct program *ret_program)
{
	static struct filter_file file;
	static struct program next;
	struct diag diag = { 0 };
	struct arch_list archs;
	int r = arch_list_read(names, &archs, &diag);

	if (r == 0 && file.sets == NULL)
		r = format_read("several", copy_text(several),
		    &format_seccompiler, &file, &diag);
	if (r == 0)
		r = ruleset_compile_all(
		    &file, &file.sets[0], &archs, ruled, &diag);
	if (r == 0)
		r = program_compile(&ruled->filters[0], 1, ret_program, &diag);
	for (size_t i = 1; r == 0 && i < ruled->count; i++) {
		r = program_compile(&ruled->filters[i], 1, &next, &diag);
		if (r == 0)
			r = program_join(ret_program, &next, &diag);
	}
	if (r < 0)
		note("%s", diag.text);
	return r == 0;
}

static void
test_several(void)
{
	static const char *const lists[] = { "i386", "x86_64,i386",
		"i386,x86_64", "aarch64,i386,x86_64",
		"x86_64,i386,aarch64,riscv64", "i386,i386,x86_64,i386" };
	static struct program program;
	struct ruled_filters ruled = { 0 };
	struct verify_case one;
	struct diag diag = { 0 };

	ok(!make_several("x86_64", &ruled, &program) && ruled.count == 0,
	    "a call that only others have");
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct verify_side sides[2] = { { 0 },
			{ .program = &program } };
		bool made = make_several(lists[i], &ruled, &program);

		sides[0].filters = ruled.filters;
		sides[0].count = ruled.count;
		ok(made && verify_equal(
		               &sides[0], &sides[1], &one, NULL, &diag) == 0,
		    "%s: one program", lists[i]);
		ruled_filters_free(&ruled);
	}
}

static void
test_lists(void)
{
	struct arch_list list;
	struct diag diag = { 0 };

	ok(arch_list_read("native,i386,native", &list, &diag) == 0 &&
	        list.count == 2 && list.archs[0] == arch &&
	        list.archs[1] == arch_find("i386"),
	    "each architecture is taken once");
	ok(arch_list_read("", &list, &diag) < 0 &&
	        arch_list_read("native,", &list, &diag) < 0 &&
	        arch_list_read(",i386", &list, &diag) < 0 &&
	        arch_list_read("i386 ", &list, &diag) < 0,
	    "what is no list of architectures");
	ok(arch_list_read("i368", &list, &diag) < 0 &&
	        strstr(diag.text, "did you mean \"i386\"") != NULL,
	    "%s", diag.text);
}

#ifdef __x86_64__
/*
 * The kernel's entry for 32-bit calls, which a 64-bit process has, too.  A
 * second argument is 0: whom getpriority means, us.
 */
static long
call_i386(long nr, long first)
{
	long result;

	__asm__ volatile("int $0x80"
	                 : "=a"(result)
	                 : "a"(nr), "b"(first), "c"(0)
	                 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static int
under_program(void *context)
{
	struct program *program = context;
	struct sock_fprog filter = { program->length, program->code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
		return 100;
	if (syscall(SYS_getppid) != -1 || errno != 33 ||
	    syscall(SYS_getpriority, 7, 0) != -1 || errno != 33 ||
	    syscall(SYS_getpriority, 0, 0) < 0)
		return 1;
	/* getppid, getpriority, socketcall, getpid; semget is x86_64's 64 */
	if (call_i386(64, 0) != -33 || call_i386(96, 7) != -33 ||
	    call_i386(96, 0) < 0 || call_i386(102, 1) != -33 ||
	    call_i386(20, 0) != getpid())
		return 2;
	return syscall(SYS_semget, -1, -1, 0) == -1 && errno != 33 ? 0 : 3;
}

/* As the kernel sees it. */
static void
test_kernel_i386(void)
{
	static struct program program;
	struct ruled_filters ruled = { 0 };
	char why[200];
	int status;

	if (here_lacks("i386", why, sizeof(why)) != NULL) {
		skip("32-bit calls under a filter", why);
		return;
	}
	make_several("native,i386", &ruled, &program);
	status = in_child(under_program, &program);
	ok(status == 0, "x86_64's and i386's calls under one program: %d",
	    status);
	program_compile(&ruled.filters[0], 1, &program, NULL);
	status = in_child(under_program, &program);
	ok(status == 128 + SIGSYS, "a 32-bit call without i386's part: %d",
	    status);
	ruled_filters_free(&ruled);
}
#else
static void
test_kernel_i386(void)
{
	skip("32-bit calls under a filter", "no x86_64");
}
#endif

int
main(void)
{
	arch = arch_native();
	test_readings();
	test_docker();
	test_lists();
	test_several();
	test_kernel_i386();
	return tap_done();
}
