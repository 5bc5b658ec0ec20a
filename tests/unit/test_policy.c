/* SPDX-License-Identifier: ISC */
/*
 * Policy files and what the command line adds to a policy: every statement,
 * every error with its place, and that what is written reads back equal.
 */
#include "base/strbuf.h"
#include "base/table.h"
#include "call/errnos.h"
#include "policy/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

/* In the directory that main() makes, so that messages are known. */
#define NAME "p.policy"

static bool
write_file(const char *name, const char *text, size_t length)
{
	FILE *file = fopen(name, "we");
	bool written;

	if (file == NULL)
		return false;
	written = fwrite(text, 1, length, file) == length;
	return fclose(file) == 0 && written;
}

static int
read_text(const char *text, struct policy *policy, struct diag *diag)
{
	*policy = (struct policy){ 0 };
	*diag = (struct diag){ 0 };
	if (!write_file(NAME, text, strlen(text)))
		return diag_errno(diag, NAME);
	return policy_read(policy, NAME, diag);
}

/* clang-format off */
/* A file, and the same as it is written. */
static const struct { const char *text, *written; } files[] = {
	{ "", "promises stdio rpath\n" },
	{ "\n\n  # nothing\n\t\n", "promises stdio rpath\n" },
	{ "promises stdio", "promises stdio\n" },
	{ "promises\n", "promises\n" },
	{ "promises stdio   inet\tdns # and no more\n",
	    "promises stdio inet dns\n" },
	{ "promises stdio,rpath, wpath\n", "promises stdio rpath wpath\n" },
	{ "promises \"stdio rpath\"\n", "promises stdio rpath\n" },
	{ "promises stdio rpath inet\npromises -inet tty\n",
	    "promises stdio rpath tty\n" },
	{ "promises -stdio\n", "promises\n" },
	{ "promises inet -inet inet\n", "promises inet\n" },
	{ "promises vmm\n", "promises vmm\n" },
	{ "unveil r /etc\n",
	    "promises stdio rpath\nunveil   r    /etc\n" },
	{ "unveil cxwr /a\nunveil rr /b\n",
	    "promises stdio rpath\nunveil   rwxc /a\nunveil   r    /b\n" },
	{ "unveil r /a\nunveil w /a\n",
	    "promises stdio rpath\nunveil   rw   /a\n" },
	{ "unveil r -/a\nunveil w -/a\nunveil x -/b\nunveil r /b\n",
	    "promises stdio rpath\nunveil   rw   -/a\nunveil   rx   /b\n" },
	{ "unveil r @CWD\nunveil r @HOME/x\nunveil rwc @TMP\nunveil r @ARG12/y\n",
	    "promises stdio rpath\nunveil   r    @CWD\nunveil   r    @HOME/x\n"
	    "unveil   rwc  @TMP\nunveil   r    @ARG12/y\n" },
	{ "unveil r \"/with blank\"\n",
	    "promises stdio rpath\nunveil   r    \"/with blank\"\n" },
	{ "unveil r \"/a\\nb\\t\\\"\\\\\\x41\\101\\033\"# no blank needed\n",
	    "promises stdio rpath\nunveil   r    \"/a\\nb\\t\\\"\\\\AA\\033\"\n" },
	{ "unveil r /gr\xc3\xbc\xc3\x9f\n",
	    "promises stdio rpath\nunveil   r    "
	    "\"/gr\\303\\274\\303\\237\"\n" },
	{ "unveil off\n", "promises stdio rpath\nunveil   off\n" },
	{ "filter /a.json\nfilter /a.json:main\nfilter /a.json\n",
	    "promises stdio rpath\nfilter   /a.json\n"
	    "filter   /a.json:main\n" },
	{ "filter /a:b/c.json\nfilter \"/d:e.json:\"\nfilter /f:x/y\n",
	    "promises stdio rpath\nfilter   /a:b/c.json:\n"
	    "filter   /d:e.json:\nfilter   /f:x/y:\n" },
	{ "promises inet\nconnect 443 80\nconnect 0\nbind 65535\n",
	    "promises inet\nconnect  443\nconnect  80\nconnect  0\n"
	    "bind     65535\n" },
	{ "violation kill\n", "promises stdio rpath\nviolation kill\n" },
	{ "violation errno EACCES\n",
	    "promises stdio rpath\nviolation errno EACCES\n" },
	{ "violation errno 13\n",
	    "promises stdio rpath\nviolation errno EACCES\n" },
	{ "violation errno 4095\n",
	    "promises stdio rpath\nviolation errno 4095\n" },
	{ "limit cpu 5\nlimit files 64\nlimit processes 0\n",
	    "promises stdio rpath\nlimit    cpu 5\nlimit    files 64\n"
	    "limit    processes 0\n" },
	{ "limit memory 2G\nlimit filesize 10K\n",
	    "promises stdio rpath\nlimit    memory 2147483648\n"
	    "limit    filesize 10240\n" },
	{ "limit memory 1\nlimit memory 3M\n",
	    "promises stdio rpath\nlimit    memory 3145728\n" },
};

#define NOR_BEGINS                                            \
 "nor begins with a variable (let), or with @CWD, @HERE, @HOME, " \
 "@TMP, @ARGn or @XDG_..."

/* A file, and what is wrong with it. */
static const struct { const char *text, *error; } errors[] = {
	{ "promises_ stdio\n", "p.policy:1:1: unknown statement \"promises_\"; "
	    "did you mean \"promises\"?" },
	{ "\n#\n   xyzzy\n", "p.policy:3:4: unknown statement \"xyzzy\"" },
	{ "promises stdio rpaht\n", "p.policy:1:16: unknown promise "
	    "\"rpaht\"; did you mean \"rpath\"?" },
	{ "promises stdio,rpaht\n", "p.policy:1:10: unknown promise "
	    "\"rpaht\"; did you mean \"rpath\"?" },
	{ "promises -\n", "p.policy:1:10: unknown promise \"\"" },
	{ "promises stdio \"\\x07\"\n", "p.policy:1:16: unknown promise "
	    "\"\a\"" },
	{ "unveil\n", "p.policy:1:1: expected: unveil PERMISSIONS PATH" },
	{ "unveil r /a /b\n",
	    "p.policy:1:1: expected: unveil PERMISSIONS PATH" },
	{ "unveil /a\n", "p.policy:1:8: expected: unveil PERMISSIONS PATH, "
	    "or: unveil off" },
	{ "unveil rq /a\n", "p.policy:1:8: unknown permissions \"rq\"; write "
	    "letters of rwxc (read, write, execute, create)" },
	{ "unveil \"\" /a\n", "p.policy:1:8: unknown permissions \"\"; write "
	    "letters of rwxc (read, write, execute, create)" },
	{ "unveil   r   a/b\n", "p.policy:1:14: \"a/b\" is neither absolute "
	    NOR_BEGINS },
	{ "unveil r @ARG\n", "p.policy:1:10: \"@ARG\" is neither absolute "
	    NOR_BEGINS },
	{ "unveil r @HOMEx\n", "p.policy:1:10: \"@HOMEx\" is neither absolute "
	    NOR_BEGINS },
	{ "unveil r -\n", "p.policy:1:10: \"\" is neither absolute "
	    NOR_BEGINS },
	{ "unveil r \"\"\n", "p.policy:1:10: \"\" is neither absolute "
	    NOR_BEGINS },
	{ "connect\n", "p.policy:1:1: expected: connect PORT..." },
	{ "connect 80 65536\n", "p.policy:1:12: \"65536\" is no port; write a "
	    "number from 0 to 65535" },
	{ "connect http\n", "p.policy:1:9: \"http\" is no port; write a "
	    "number from 0 to 65535" },
	{ "bind -1\n", "p.policy:1:6: \"-1\" is no port; write a "
	    "number from 0 to 65535" },
	{ "bind 80x\n", "p.policy:1:6: \"80x\" is no port; write a "
	    "number from 0 to 65535" },
	{ "bind 18446744073709551696\n", "p.policy:1:6: "
	    "\"18446744073709551696\" is no port; write a number from 0 to "
	    "65535" },
	{ "violation\n", "p.policy:1:1: expected: violation kill, or: "
	    "violation errno EPERM" },
	{ "violation shout\n", "p.policy:1:11: expected \"violation kill\" or "
	    "\"violation errno EPERM\"" },
	{ "violation kill 9\n", "p.policy:1:11: expected \"violation kill\" or "
	    "\"violation errno EPERM\"" },
	{ "violation errno\n", "p.policy:1:11: expected \"violation kill\" or "
	    "\"violation errno EPERM\"" },
	{ "violation errno EWHAT\n", "p.policy:1:17: unknown errno "
	    "\"EWHAT\"; write a name like EPERM, or a number from 1 to 4095" },
	{ "violation errno 0\n", "p.policy:1:17: unknown errno "
	    "\"0\"; write a name like EPERM, or a number from 1 to 4095" },
	{ "violation errno 4096\n", "p.policy:1:17: unknown errno "
	    "\"4096\"; write a name like EPERM, or a number from 1 to 4095" },
	{ "limit files\n", "p.policy:1:1: expected: limit NAME NUMBER" },
	{ "limit filez 64\n", "p.policy:1:7: unknown limit \"filez\"; did you "
	    "mean \"files\"?" },
	{ "limit files 64K\n", "p.policy:1:13: \"64K\" is no limit; write a "
	    "number (open files)" },
	{ "limit cpu -1\n", "p.policy:1:11: \"-1\" is no limit; write a "
	    "number (seconds of processor time)" },
	{ "limit memory 1KB\n", "p.policy:1:14: \"1KB\" is no limit; write a "
	    "number (bytes of address space), or one with K, M or G" },
	{ "limit memory 17179869184G\n", "p.policy:1:14: \"17179869184G\" is "
	    "no limit; write a number (bytes of address space), or one with "
	    "K, M or G" },
	{ "limit memory 18446744073709551616\n", "p.policy:1:14: "
	    "\"18446744073709551616\" is no limit; write a number (bytes of "
	    "address space), or one with K, M or G" },
	{ "filter\n", "p.policy:1:1: expected: filter FILE[:NAME]" },
	{ "filter :main\n", "p.policy:1:8: filter \":main\": no file; write "
	    "FILE or FILE:NAME" },
	/* Quoting. */
	{ "unveil r \"/a\n", "p.policy:1:10: the quotes are not closed on "
	    "this line" },
	{ "unveil r \"/a\"b\n", "p.policy:1:10: expected a blank after the "
	    "closing quote" },
	{ "unveil r \"/a\\q\"\n", "p.policy:1:10: unknown escape; write \\n "
	    "\\t \\\" \\\\ \\ooo (octal, not \\000) or \\xhh" },
	{ "unveil r \"/a\\000b\"\n", "p.policy:1:10: unknown escape; write "
	    "\\n \\t \\\" \\\\ \\ooo (octal, not \\000) or \\xhh" },
	{ "unveil r \"/a\\400\"\n", "p.policy:1:10: unknown escape; write "
	    "\\n \\t \\\" \\\\ \\ooo (octal, not \\000) or \\xhh" },
	{ "unveil r \"/a\\xg\"\n", "p.policy:1:10: unknown escape; write "
	    "\\n \\t \\\" \\\\ \\ooo (octal, not \\000) or \\xhh" },
	{ "unveil r \"/a\\", "p.policy:1:10: unknown escape; write "
	    "\\n \\t \\\" \\\\ \\ooo (octal, not \\000) or \\xhh" },
	{ "unveil r /a\\b\n", "p.policy:1:10: put a word with this character "
	    "in \"...\", with C escapes" },
	{ "unveil r /a\"b\n", "p.policy:1:10: put a word with this character "
	    "in \"...\", with C escapes" },
	{ "unveil r /a\033[2J\n", "p.policy:1:10: put a word with this "
	    "character in \"...\", with C escapes" },
	{ "unveil r /a\x7f\n", "p.policy:1:10: put a word with this character "
	    "in \"...\", with C escapes" },
	{ "unveil r /a\xff\n", "p.policy:1:10: put a word with this character "
	    "in \"...\", with C escapes" },
	{ "unveil r /a\xc3\n", "p.policy:1:10: put a word with this character "
	    "in \"...\", with C escapes" },
	/* A comment would cut a name short, and so grant another one. */
	{ "unveil r /a#b\n", "p.policy:1:10: put a word with this character "
	    "in \"...\", with C escapes" },
	{ "promises stdio\r\n", "p.policy:1:10: the line ends with a carriage "
	    "return; end it with a newline alone" },
};

/* [PERM:][-]PATH, as -v takes it -> as a file has it, or the error. */
static const struct { const char *option, *written; } options[] = {
	{ "/etc", "unveil   r    /etc\n" },
	{ "rwc:/a", "unveil   rwc  /a\n" },
	{ "crw:/a", "unveil   rwc  /a\n" },
	{ "x:/a", "unveil   x    /a\n" },
	{ "-/a", "unveil   r    -/a\n" },
	{ "rw:-/a", "unveil   rw   -/a\n" },
	{ "--/a", "unveil   r    -@CWD/-/a\n" },
	{ "./-a", "unveil   r    @CWD/-a\n" },
	/* A prefix only if all of its letters are in rwxc. */
	{ "a:b", "unveil   r    @CWD/a:b\n" },
	{ "rz:b", "unveil   r    @CWD/rz:b\n" },
	{ ":b", "unveil   r    @CWD/:b\n" },
	{ "r:a:b", "unveil   r    @CWD/a:b\n" },
	{ "/a:b", "unveil   r    /a:b\n" },
	{ "./r:b", "unveil   r    @CWD/r:b\n" },
	{ ".", "unveil   r    @CWD\n" },
	{ "./", "unveil   r    @CWD\n" },
	{ ".//.///a", "unveil   r    @CWD/a\n" },
	{ "rwc:./.", "unveil   rwc  @CWD\n" },
	{ "..", "unveil   r    @CWD/..\n" },
	{ ".a", "unveil   r    @CWD/.a\n" },
	{ "src", "unveil   r    @CWD/src\n" },
	{ "@HOME/x", "unveil   r    @HOME/x\n" },
	{ "rwc:@TMP", "unveil   rwc  @TMP\n" },
	{ "@ARG1", "unveil   r    @ARG1\n" },
	{ "@ARG", "unveil   r    \"@CWD/@ARG\"\n" },
	{ "./@HOME", "unveil   r    \"@CWD/@HOME\"\n" },
	{ "a b", "unveil   r    \"@CWD/a b\"\n" },
	{ "", "unveil \"\": no path; write PERM:PATH, for example r:/etc" },
	{ "r:", "unveil \"r:\": no path; write PERM:PATH, for example r:/etc" },
	{ "rw:-", "unveil \"rw:-\": no path; write PERM:PATH, for example "
	    "r:/etc" },
};

/* What a path becomes where cwd is /here, home /my/home, tmp /tmp/x, and the
 * command "cmd rel /abs" "": NULL for an error. */
static const struct { const char *path, *resolved; } symbol_rows[] = {
	{ "/etc", "/etc" },
	{ "@CWD", "/here" },
	{ "@CWD/a/b", "/here/a/b" },
	{ "@HOME/.x", "/my/home/.x" },
	{ "@TMP/", "/tmp/x/" },
	{ "@ARG0", "/here/cmd" },
	{ "@ARG1", "/here/rel" },
	{ "@ARG1/sub", "/here/rel/sub" },
	{ "@ARG2", "/abs" },
	{ "@ARG2/sub", "/abs/sub" },
	{ "@ARG3", NULL }, /* empty */
	{ "@ARG4", NULL },
	{ "@ARG18446744073709551617", NULL },
	{ "@ARG99999999999999999999999", NULL },
};

/* Names that a command might choose to be granted more. */
static const char *const evil_names[] = {
	"/a\nunveil rwxc ",
	"/a\nunveil rwxc /",
	"/a\r\npromises exec",
	"/a # comment",
	"/a#comment",
	"/\"\nunveil rwxc /\"",
	"/a\\",
	"/a\\\"",
	"/\\nunveil rwxc /",
	"/\033[2J\033]0;title\a",
	"/</script><script>alert(1)</script>",
	"/'; rm -rf ~; '",
	"/$(id)`id`",
	"/\xff\xfe broken UTF-8 \xc3",
	"/\xe2\x80\xae right to left",
	"/\xc2\x9b C1",
	"/ ",
	"/\t",
	"//",
	"/-",
	"/@HOME",
	"@CWD/@HOME",
	"@CWD/-\n",
	"@ARG1/ x",
};
/* clang-format on */

static void
test_files(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		cleanup_strbuf struct strbuf written = { 0 };
		struct policy policy;
		struct diag diag;
		int error = read_text(files[i].text, &policy, &diag);

		policy_write(&policy, &written);
		if (!ok(error == 0 && policy.named && written.data != NULL &&
		            strcmp(written.data, files[i].written) == 0,
		        "file %zu", i))
			note("%s%s", diag.text,
			    written.data != NULL ? written.data : "");
		policy_free(&policy);
	}
}

/* One line of TAP each, whatever the texts hold. */
static void
note_text(const char *what, const char *text)
{
	printf("# %s: ", what);
	for (; *text != '\0'; text++)
		putchar(*text < ' ' || *text == '#' ? '?' : *text);
	putchar('\n');
}

static void
test_errors(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct policy policy;
		struct diag diag;
		int error = read_text(errors[i].text, &policy, &diag);

		if (!ok(error == -EINVAL && diag.err == EINVAL &&
		            strcmp(diag.text, errors[i].error) == 0,
		        "error %zu has its place", i)) {
			note_text("expected", errors[i].error);
			note_text("said", diag.text);
		}
		policy_free(&policy);
	}
}

static void
test_unreadable(void)
{
	static char large[1024 * 1024 + 2];
	struct policy policy = { 0 };
	struct diag diag = { 0 };

	ok(policy_read(&policy, "missing", &diag) == -ENOENT &&
	        strcmp(diag.text, "missing: No such file or directory") == 0,
	    "a missing file: %s", diag.text);
	ok(policy_read(&policy, ".", &diag) < 0, "a directory: %s", diag.text);
	ok(policy_read(&policy, "/dev/null", &diag) < 0, "a device: %s",
	    diag.text);
	write_file(NAME, "promises stdio\0 rpath", 21);
	ok(policy_read(&policy, NAME, &diag) == -EINVAL, "%s", diag.text);
	memset(large, '\n', sizeof(large));
	write_file(NAME, large, sizeof(large));
	ok(policy_read(&policy, NAME, &diag) == -EFBIG, "%s", diag.text);
	write_file(NAME, large, sizeof(large) - 2);
	ok(policy_read(&policy, NAME, &diag) == 0, "1 MiB is read");
	memset(large, 'r', 1000);
	for (size_t i = 0; i < 258; i += 2)
		large[i] = ' ';
	write_file(NAME, large, 258);
	ok(policy_read(&policy, NAME, &diag) == -EINVAL &&
	        strcmp(diag.text, NAME ":1:258: too many words on one line") ==
	            0,
	    "129 words: %s", diag.text);
	policy_free(&policy);
}

static void
test_options(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		cleanup_strbuf struct strbuf written = { 0 };
		struct policy policy = { .promises_given = true };
		struct diag diag = { 0 };
		const char *got = diag.text;

		if (policy_add_unveil_option(
		        &policy, options[i].option, &diag) == 0) {
			policy_write(&policy, &written);
			got = written.data + strlen("promises\n");
		}
		if (!ok(strcmp(got, options[i].written) == 0, "-v '%s'",
		        options[i].option))
			note_text("got", got);
		policy_free(&policy);
	}
}

static void
test_long_option(void)
{
	struct policy policy = { 0 };
	static char path[8192];

	memset(path, 'a', 4095);
	ok(policy_add_unveil_option(&policy, path, NULL) == 0 &&
	        strlen(policy.unveils[0].path) == 4095 + 5,
	    "4095 bytes are a path");
	memset(path, 'a', sizeof(path) - 1);
	ok(policy_add_unveil_option(&policy, path, NULL) == -ENAMETOOLONG,
	    "8191 are too long");
	policy_free(&policy);
}

static void
count_warning(void *context, const char *text)
{
	(void)text;
	++*(int *)context;
}

static void
test_promises(void)
{
	struct policy policy = { 0 };
	int warnings = 0;
	struct diag diag = { .warn = count_warning, .context = &warnings };

	ok(policy_promises(&policy) == (PROMISE(STDIO) | PROMISE(RPATH)),
	    "nothing given: stdio rpath");
	ok(policy_add_promises(&policy, "", &diag) == 0 &&
	        policy_promises(&policy) == 0,
	    "\"\" given: nothing");
	ok(policy_add_promises(&policy, "stdio inet, dns", &diag) == 0 &&
	        policy_add_promises(&policy, "-inet", &diag) == 0 &&
	        policy_promises(&policy) == (PROMISE(STDIO) | PROMISE(DNS)),
	    "words add up, -word takes away");
	ok(policy_add_promises(&policy, "tty execc", &diag) == -EINVAL &&
	        strcmp(diag.text,
	            "unknown promise \"execc\"; did you mean \"exec\"?") == 0 &&
	        policy_promises(&policy) == (PROMISE(STDIO) | PROMISE(DNS)),
	    "with an unknown word, nothing is added: %s", diag.text);
	ok(warnings == 0, "no warning so far");
	ok(policy_add_promises(&policy, "bpf disklabel pf vmm tape", &diag) ==
	            0 &&
	        warnings == 5,
	    "each word without a meaning warns");
	policy_free(&policy);
}

/* Beside the file, not where we are; @HERE is made absolute. */
static void
test_here(void)
{
	char real[4096], expected[4200];
	struct policy policy = { 0 };
	struct diag diag = { 0 };

	mkdir("sub", 0700);
	if (realpath("sub", real) == NULL ||
	    !write_file("sub/" NAME, "unveil r @HERE\nunveil w -@HERE/x\n", 33))
		return (void)ok(false, "a policy in sub");
	ok(policy_read(&policy, "sub/" NAME, &diag) == 0 &&
	        policy.unveil_count == 2 &&
	        strcmp(policy.unveils[0].path, real) == 0,
	    "@HERE: %s%s", policy.unveil_count ? policy.unveils[0].path : "",
	    diag.text);
	snprintf(expected, sizeof(expected), "%s/x", real);
	ok(policy.unveil_count == 2 && policy.unveils[1].optional &&
	        strcmp(policy.unveils[1].path, expected) == 0,
	    "-@HERE/x is beside it, optional");
	policy_free(&policy);
	unlink("sub/" NAME);
	rmdir("sub");
}

static void
test_symbols(void)
{
	static char command[] = "cmd", relative[] = "rel", absolute[] = "/abs",
	            empty[] = "";
	char *argv[] = { command, relative, absolute, empty, NULL };
	const struct symbols symbols = { .cwd = "/here",
		.home = "/my/home",
		.tmp = "/tmp/x",
		.argv = argv };
	const struct symbols none = { 0 };
	static const char *const needs[] = { "@CWD", "@HOME/a", "@TMP",
		"@ARG1" };
	char *path;

	for (size_t i = 0; i < ARRAY_SIZE(symbol_rows); i++) {
		struct diag diag = { 0 };
		const char *wanted = symbol_rows[i].resolved;
		int error;

		path = NULL;
		error = symbols_resolve(
		    &symbols, symbol_rows[i].path, &path, &diag);
		ok(wanted == NULL
		        ? error == -EINVAL
		        : error == 0 && path != NULL && !strcmp(path, wanted),
		    "%s is %s%s", symbol_rows[i].path,
		    wanted != NULL ? wanted : "", diag.text);
		free(path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		struct diag diag = { 0 };

		ok(symbols_resolve(&none, needs[i], &path, &diag) == -EINVAL,
		    "%s stands for nothing: %s", needs[i], diag.text);
	}
}

static void
test_wants_tmp(void)
{
	static const struct {
		const char *text;
		bool wants;
	} rows[] = { { "unveil r /tmp", false }, { "unveil rwc @TMP", true },
		{ "unveil rwc @TMP/x", true }, { "unveil r @CWD/@TMP", false },
		{ "promises tmppath", true },
		{ "promises tmppath -tmppath", false } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct policy policy;
		struct diag diag;

		ok(read_text(rows[i].text, &policy, &diag) == 0 &&
		        policy_wants_tmp(&policy) == rows[i].wants,
		    "%s: %s", rows[i].text,
		    rows[i].wants ? "a private directory" : "none");
		policy_free(&policy);
	}
}

static bool
unveils_equal(const struct policy *a, const struct policy *b)
{
	if (a->unveil_count != b->unveil_count)
		return false;
	for (size_t i = 0; i < a->unveil_count; i++)
		if (strcmp(a->unveils[i].path, b->unveils[i].path) != 0 ||
		    a->unveils[i].permissions != b->unveils[i].permissions ||
		    a->unveils[i].optional != b->unveils[i].optional)
			return false;
	return true;
}

static bool
ports_equal(const struct ports *a, const struct ports *b)
{
	return a->count == b->count &&
	       memcmp(a->port, b->port, a->count * sizeof(a->port[0])) == 0;
}

static bool
filters_equal(const struct policy *a, const struct policy *b)
{
	if (a->filter_count != b->filter_count)
		return false;
	for (size_t i = 0; i < a->filter_count; i++) {
		const char *left = a->filters[i].name;
		const char *right = b->filters[i].name;

		if (strcmp(a->filters[i].path, b->filters[i].path) != 0 ||
		    (left == NULL) != (right == NULL) ||
		    (left != NULL && strcmp(left, right) != 0))
			return false;
	}
	return true;
}

static bool
policies_equal(const struct policy *a, const struct policy *b)
{
	for (int i = 0; i < LIMIT_COUNT; i++)
		if (a->limited[i] != b->limited[i] ||
		    (a->limited[i] && a->limits[i] != b->limits[i]))
			return false;
	return policy_promises(a) == policy_promises(b) &&
	       unveils_equal(a, b) && filters_equal(a, b) &&
	       a->no_unveil == b->no_unveil &&
	       ports_equal(&a->connect, &b->connect) &&
	       ports_equal(&a->bind, &b->bind) && a->kill == b->kill &&
	       (a->kill || a->violation_errno == b->violation_errno);
}

/* Writes POLICY to a file and reads that: is it the same? */
static bool
reads_back(const struct policy *policy)
{
	cleanup_strbuf struct strbuf written = { 0 };
	struct policy again = { 0 };
	struct diag diag = { 0 };
	bool equal;

	policy_write(policy, &written);
	if (written.failed || !write_file(NAME, written.data, written.length))
		return false;
	equal = policy_read(&again, NAME, &diag) == 0 &&
	        policies_equal(policy, &again);
	if (!equal) {
		note_text("written", written.data);
		note_text("said", diag.text);
	}
	policy_free(&again);
	return equal;
}

static void
test_evil_names(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(evil_names); i++) {
		for (int optional = 0; optional < 2; optional++) {
			cleanup_strbuf struct strbuf written = { 0 };
			struct policy policy = { 0 };
			size_t lines = 0;

			policy_add_unveil(&policy, evil_names[i], UNVEIL_R,
			    optional != 0, NULL);
			policy_write(&policy, &written);
			for (size_t j = 0; j < written.length; j++) {
				char c = written.data[j];

				lines += c == '\n';
				if (c != '\n' && (c < ' ' || c > '~'))
					lines = 99;
			}
			ok(lines == 2 && reads_back(&policy),
			    "evil name %zu is one plain line, and reads back",
			    i);
			policy_free(&policy);
		}
	}
}

static uint64_t random_state;

static uint32_t
pick(uint32_t count)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)((random_state >> 16) % count);
}

/* Any bytes but NUL, those that mean something more often. */
static void
random_path(char *path, size_t size)
{
	static const char signs[] =
	    "\"\\# \t\n\r'/-@::\x7f\xc3\xa9\xff\xe2\x80";
	size_t length = 1 + pick((uint32_t)size - 2);

	path[0] = '/';
	for (size_t i = 1; i < length; i++)
		path[i] = (char)(pick(2) == 0 ? signs[pick(sizeof(signs) - 1)]
		                              : (int)(1 + pick(255)));
	path[length] = '\0';
}

static void
random_policy(struct policy *policy)
{
	char path[64];

	*policy = (struct policy){ 0 };
	if (pick(4) != 0) {
		policy->promises_given = true;
		for (int i = 0; i < PROMISE_COUNT; i++)
			policy->promises |= (uint64_t)pick(2) << i;
	}
	for (uint32_t i = pick(6); i > 0; i--) {
		random_path(path, sizeof(path));
		policy_add_unveil(
		    policy, path, 1 + pick(15), pick(2) == 0, NULL);
	}
	for (uint32_t i = pick(3); i > 0; i--) {
		random_path(path, sizeof(path));
		policy_add_filter(policy, path, NULL, NULL);
	}
	policy->no_unveil = pick(4) == 0;
	for (uint32_t i = pick(4); i > 0; i--)
		policy->connect.port[policy->connect.count++] =
		    TCP_PORT((uint16_t)pick(65536));
	for (uint32_t i = pick(4); i > 0; i--)
		policy->bind.port[policy->bind.count++] =
		    TCP_PORT((uint16_t)pick(65536));
	policy->kill = pick(4) == 0;
	policy->violation_errno = pick(2) == 0 ? 0 : (int)(1 + pick(4095));
	for (int i = 0; i < LIMIT_COUNT; i++) {
		policy->limited[i] = pick(3) == 0;
		policy->limits[i] = (uint64_t)pick(UINT32_MAX) << pick(33);
	}
}

#define POLICIES 2000

static void
test_round_trip(void)
{
	const char *text = getenv("TEST_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 0)
	                             : (uint64_t)time(NULL) * 1000003;
	unsigned int same = 0;

	note("TEST_SEED=%" PRIu64, seed);
	random_state = seed | 1;
	for (unsigned int i = 0; i < POLICIES; i++) {
		struct policy policy;

		random_policy(&policy);
		same += reads_back(&policy);
		policy_free(&policy);
	}
	ok(same == POLICIES,
	    "%u of %d random policies read back, seed %" PRIu64, same, POLICIES,
	    seed);
}

static void
test_ports(void)
{
	struct ports ports = { 0 };
	struct diag diag = { 0 };

	for (int i = 0; i < POLICY_PORTS; i++)
		ports_add_text(&ports, "80", NULL);
	ok(ports_add_text(&ports, "80", &diag) == -E2BIG &&
	        ports.count == POLICY_PORTS,
	    "no more ports than fit: %s", diag.text);
}

/* Names and numbers of errnos, both ways. */
static void
test_errnos(void)
{
	unsigned int named = 0, wrong = 0;

	for (int err = 1; err < 200; err++) {
		const char *name = errno_name(err);

		/* The C library has a text for each that Linux has. */
		if (name == NULL) {
			wrong += strncmp(strerror(err), "Unknown", 7) != 0 &&
			         strncmp(strerror(err), "No error", 8) != 0;
			continue;
		}
		named++;
		wrong += errno_find(name) != err;
	}
	ok(named > 130 && wrong == 0, "%u errnos have names", named);
	ok(errno_find("EWOULDBLOCK") == EAGAIN &&
	        errno_find("ENOTSUP") == EOPNOTSUPP &&
	        errno_find("EDEADLOCK") == EDEADLK &&
	        errno_find("ERESTARTSYS") == -1 && errno_name(512) == NULL,
	    "second names are known, and none of the kernel's own");
	ok(errno_find("13") == EACCES && errno_find("eacces") == -1 &&
	        errno_find("") == -1 && errno_find("-1") == -1 &&
	        errno_find("13x") == -1 && errno_find("99999999999") == -1,
	    "numbers are errnos too, within bounds");
}

/* -i: a name is a profile's, what holds a slash or a dot is a file's. */
static void
test_include(void)
{
	struct policy policy = { 0 };
	struct diag diag = { 0 };

	if (setenv("XDG_CONFIG_HOME", "", 1) != 0 || unsetenv("HOME") != 0 ||
	    !write_file("plain", "promises tty\n", 13))
		return (void)ok(false, "set-up");
	ok(policy_include(&policy, "plain", &diag) == -ENOENT &&
	        strstr(diag.text, "./plain") != NULL,
	    "a name is no file: %s", diag.text);
	ok(policy_include(&policy, "./plain", &diag) == 0 &&
	        policy.promises == PROMISE(TTY),
	    "a slash makes it one");
	policy_free(&policy);
	unlink("plain");
}

int
main(void)
{
	char directory[] = "/tmp/test-policy.XXXXXX";

	if (mkdtemp(directory) == NULL || chdir(directory) != 0) {
		printf("Bail out! no directory to work in\n");
		return 1;
	}
	test_files();
	test_errors();
	test_unreadable();
	test_options();
	test_long_option();
	test_promises();
	test_here();
	test_symbols();
	test_wants_tmp();
	test_evil_names();
	test_round_trip();
	test_ports();
	test_errnos();
	test_include();
	unlink(NAME);
	if (chdir("/") != 0 || rmdir(directory) != 0)
		note("%s stays", directory);
	return tap_done();
}
