/* SPDX-License-Identifier: ISC */
/* From what was seen to the lines of a policy, and from file to file. */
#include "base/cleanup.h"
#include "base/table.h"
#include "call/arch.h"
#include "kernel/landlock.h"
#include "learn/grants.h"
#include "learn/learn.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

#define CALLS 8
#define WHEN  (WHEN_GRACE | WHEN_SCOPED | WHEN_PATHS | WHEN_TRUNCATE)

/* One call, as an eye would have told it. */
struct seen {
	const char *call;
	uint64_t args[6];
	const char *path, *made;
	uint64_t rights;
	struct port connect, bind;
	bool datagrams;
	promise_set words;
	const char *absent;
};

/* clang-format off */
#define RO { 0, 1, O_RDONLY }
#define READ LL_READ_FILE
#define NEW (LL_MAKE_REG | LL_WRITE_FILE)
#define SHARE "/usr/share/x/"

static const struct row {
	const char *name;
	struct seen seen[CALLS];
	const char *lines; /* without comments */
} rows[] = {
	{ "nothing", { { 0 } }, "promises stdio\n" },
	{ "a file", { { "openat", RO, "/srv/a", NULL, READ } },
	    "promises stdio\npromises rpath\nunveil r -/srv/a\n" },
	{ "what is unveiled anyway",
	    { { "openat", RO, "/usr/lib/x.so", NULL, READ } },
	    "promises stdio\n" },
	{ "an argument", { { "openat", RO, "/w/arg", NULL, READ } },
	    "promises stdio\npromises rpath\nunveil r -@ARG1\n" },
	{ "in the working directory", { { "openat", RO, "/w/a", NULL, READ } },
	    "promises stdio\npromises rpath\nunveil r -@CWD/a\n" },
	{ "at home", { { "openat", RO, "/h/a", NULL, READ } },
	    "promises stdio\npromises rpath\nunveil r -@HOME/a\n" },
	{ "a large directory is only named",
	    { { "openat", RO, "/etc", NULL, LL_READ_DIR } },
	    "promises stdio\npromises rpath\n" },
	{ "keys are only named",
	    { { "openat", RO, "/h/.ssh", NULL, LL_READ_DIR } },
	    "promises stdio\npromises rpath\n" },
	{ "a new file, and what is done with it",
	    { { "openat", { 0, 1, O_WRONLY | O_CREAT, 0644 }, "/srv", "new",
	          NEW },
	      { "openat", RO, "/srv/new", NULL, READ } },
	    "promises stdio\npromises rpath\npromises wpath\npromises cpath\n"
	    "unveil rwc -/srv\n" },
	{ "in the private directory",
	    { { "openat", { 0, 1, O_RDWR | O_CREAT | O_EXCL, 0600 }, "/t",
	        "x1", NEW | READ } },
	    "promises stdio\npromises rpath\npromises wpath\npromises cpath\n"
	    "unveil rwc @TMP\n" },
	{ "what is below has as much",
	    { { "unlinkat", { 0, 1, 0 }, "/srv", NULL, LL_REMOVE_FILE },
	      { "openat", RO, "/srv/a", NULL, READ } },
	    "promises stdio\npromises rpath\npromises cpath\n"
	    "unveil c -/srv\nunveil rc -/srv/a\n" },
	{ "five of a package are all of it",
	    { { "openat", RO, SHARE "a", NULL, READ },
	      { "openat", RO, SHARE "b", NULL, READ },
	      { "openat", RO, SHARE "c", NULL, READ },
	      { "openat", RO, SHARE "d", NULL, READ },
	      { "openat", RO, SHARE "e", NULL, READ } },
	    "promises stdio\npromises rpath\nunveil r -/usr/share/x\n" },
	{ "five of /etc are five",
	    { { "openat", RO, "/etc/a", NULL, READ },
	      { "openat", RO, "/etc/b", NULL, READ },
	      { "openat", RO, "/etc/c", NULL, READ },
	      { "openat", RO, "/etc/d", NULL, READ },
	      { "openat", RO, "/etc/e", NULL, READ } },
	    "promises stdio\npromises rpath\nunveil r -/etc/a\n"
	    "unveil r -/etc/b\nunveil r -/etc/c\nunveil r -/etc/d\n"
	    "unveil r -/etc/e\n" },
	{ "programs are never widened",
	    { { "execve", { 1 }, "/usr/x/a", NULL, READ | LL_EXECUTE },
	      { "execve", { 1 }, "/usr/x/b", NULL, READ | LL_EXECUTE },
	      { "execve", { 1 }, "/usr/x/c", NULL, READ | LL_EXECUTE },
	      { "execve", { 1 }, "/usr/x/d", NULL, READ | LL_EXECUTE },
	      { "execve", { 1 }, "/usr/x/e", NULL, READ | LL_EXECUTE } },
	    "promises stdio\npromises exec\nunveil rx -/usr/x/a\n"
	    "unveil rx -/usr/x/b\nunveil rx -/usr/x/c\nunveil rx -/usr/x/d\n"
	    "unveil rx -/usr/x/e\n" },
	{ "users are looked up",
	    { { "openat", RO, "/etc/passwd", NULL, READ } },
	    "promises stdio\npromises getpw\n" },
	{ "a client",
	    { { "socket", { AF_INET, SOCK_STREAM, 0 } },
	      { "connect", { 3 }, .connect = TCP_PORT(80) } },
	    "promises stdio\npromises inet\nconnect 80\n" },
	{ "a server",
	    { { "socket", { AF_INET, SOCK_STREAM, 0 } },
	      { "bind", { 3 }, .bind = TCP_PORT(8080) }, { "listen", { 3 } },
	      { "accept4", { 3 } } },
	    "promises stdio\npromises inet\nbind 8080\n" },
	{ "datagrams have no ports",
	    { { "socket", { AF_INET, SOCK_DGRAM, 0 } },
	      { "connect", { 3 }, .datagrams = true },
	      { "connect", { 4 }, .connect = TCP_PORT(80) } },
	    "promises stdio\npromises inet\n" },
	{ "a socket that is never used",
	    { { "socket", { AF_INET6, SOCK_DGRAM, 0 } } },
	    "promises stdio\n" },
	{ "the fewest words: what one needs, others may use",
	    { { "setrlimit", { 7 } }, { "setsid", { 0 } } },
	    "promises stdio\npromises proc\n" },
	{ "both names of a moved file",
	    { { "renameat", { 0, 1, 0, 2 }, "/srv/b", "y",
	        LL_MAKE_REG | LL_REFER } },
	    "promises stdio\npromises cpath\nunveil c -/srv/b\n" },
	{ "a quoted name", { { "openat", RO, "/srv/a\nb", NULL, READ } },
	    "promises stdio\npromises rpath\nunveil r \"-/srv/a\\nb\"\n" },
	{ "not there", { { "openat", RO, .absent = "/srv/none" } },
	    "promises stdio\n" },
	{ "no word for it", { { "ptrace", { 0 } } }, "promises stdio\n" },
};
/* clang-format on */

static int
surround(void *context, const struct policy *policy,
    struct surroundings *ret_surroundings)
{
	static struct sandbox_path implied[3];
	size_t count = 0;

	(void)context;
	implied[count++] = (struct sandbox_path){ .path = "/usr/lib",
		.access = LL_READ_FILE | LL_READ_DIR };
	if (policy->promises & PROMISE(GETPW))
		implied[count++] = (struct sandbox_path){ .path = "/etc/passwd",
			.access = LL_READ_FILE };
	*ret_surroundings = (struct surroundings){
		.when = WHEN, .implied = implied, .implied_count = count
	};
	if (policy->connect.count + policy->bind.count > 0)
		ret_surroundings->when |= WHEN_PORTS;
	if (policy->bind.count > 0)
		ret_surroundings->when |= WHEN_BIND;
	return 0;
}

static const char *
name_call(void *context)
{
	return context;
}

static void
see(struct learning *learning, const struct seen *seen)
{
	const struct arch *arch = arch_native();
	struct call call = { .arch = arch->audit,
		.nr = (uint32_t)arch_number(
		    arch, seen->call, strlen(seen->call)) };
	char *name = strdup(seen->call);
	struct sighting sighting = { .call = &call,
		.demands = !port_is_set(seen->connect) &&
		           !port_is_set(seen->bind) && !seen->datagrams,
		.text = name_call,
		.context = name,
		.absent = seen->absent,
		.words = seen->words,
		.connect = seen->connect,
		.bind = seen->bind,
		.datagrams = seen->datagrams,
		.limit = -1 };

	memcpy(call.args, seen->args, sizeof(call.args));
	if (seen->path != NULL)
		sighting.paths[sighting.path_count++] =
		    (struct sighted_path){ seen->path, seen->made,
			    seen->rights };
	learning_see(learning, &sighting);
	free(name);
}

static int
learn(const struct row *row, struct learned *ret_learned)
{
	static const char *const arguments[] = { NULL, "/w/arg" };
	const struct learned_names names = {
		.symbols = { .cwd = "/w", .home = "/h", .tmp = "/t" },
		.arguments = arguments,
		.argument_count = 2,
		.surround = surround,
	};
	struct learning learning = { 0 };
	int r;

	for (size_t i = 0; i < CALLS && row->seen[i].call != NULL; i++)
		see(&learning, &row->seen[i]);
	r = learned_make(&learning, &names, ret_learned);
	learned_settle(ret_learned);
	learning_free(&learning);
	return r;
}

/* The statements of TEXT, one blank between their words. */
static void
strip(const char *text, struct strbuf *ret_lines)
{
	for (; *text != '\0'; text += strcspn(text, "\n") + 1) {
		const char *at = text;
		bool quoted = false, blank = false;

		if (*text == '#' || *text == '\n')
			continue;
		for (; *at != '\n' && (quoted || *at != '#'); at++) {
			quoted ^= *at == '"';
			if (*at == ' ' && !quoted) {
				blank = true;
				continue;
			}
			if (blank)
				strbuf_putc(ret_lines, ' ');
			blank = false;
			strbuf_putc(ret_lines, *at);
		}
		strbuf_putc(ret_lines, '\n');
	}
}

static void
test_row(const struct row *row)
{
	cleanup_strbuf struct strbuf text = { 0 }, lines = { 0 };
	struct learned learned = { 0 };
	int r = learn(row, &learned);

	learned_write(&learned, &text);
	if (text.data != NULL)
		strip(text.data, &lines);
	if (!ok(r == 0 && lines.data != NULL &&
	            strcmp(lines.data, row->lines) == 0,
	        "%s", row->name))
		note("%s", lines.data != NULL ? lines.data : "");
	learned_free(&learned);
}

/* Written, read and written again; twice itself is twice as much. */
static void
test_file(const struct row *row)
{
	cleanup_strbuf struct strbuf first = { 0 }, second = { 0 };
	struct learned learned = { 0 }, again = { 0 };
	char path[] = "/tmp/test-learn.XXXXXX";
	struct diag diag = { 0 };
	int fd = mkstemp(path), r;

	learn(row, &learned);
	learned_write(&learned, &first);
	r = fd >= 0 &&
	            write(fd, first.data, first.length) == (ssize_t)first.length
	        ? learned_read(&again, path, &diag)
	        : -1;
	learned_write(&again, &second);
	ok(r == 0 && strcmp(first.data, second.data) == 0,
	    "%s: reads back equal%s", row->name, diag.text);
	learned_merge(&again, &learned);
	ok(again.runs == 2 && again.count == learned.count &&
	        learned_doubt(&again) <= 0,
	    "%s: twice the same brings nothing new", row->name);
	close(fd);
	unlink(path);
	learned_free(&learned);
	learned_free(&again);
}

static void
test_doubt(void)
{
	struct learned a = { 0 }, b = { 0 };

	learn(&rows[1], &a);
	ok(learned_doubt(&a) < 0, "one run says nothing of the next");
	learn(&rows[4], &b);
	learned_merge(&a, &b);
	/* rpath twice, a path once each: two of four. */
	ok(learned_doubt(&a) > 0.49 && learned_doubt(&a) < 0.51,
	    "two runs with something of their own: %.2f", learned_doubt(&a));
	learned_free(&a);
	learned_free(&b);
}

/* Each way to be allowed has a bit. */
static void
test_grants(void)
{
	size_t most = 0;

	for (unsigned int nr = 0; nr < ARCH_CALLS_MAX; nr++) {
		size_t count = 0;

		for (const struct grant *grant = grant_first(nr); grant != NULL;
		     grant = grant_next(grant))
			count++;
		most = count > most ? count : most;
	}
	ok(most > 0 && most <= GRANTS_OF_CALL, "%zu ways to be allowed at most",
	    most);
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row(&rows[i]);
		test_file(&rows[i]);
	}
	test_doubt();
	test_grants();
	return tap_done();
}
