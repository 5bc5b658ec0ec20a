/* SPDX-License-Identifier: ISC */
/* The promises' tables asked backwards; denials, of which there is an end. */
#include "base/table.h"
#include "kernel/landlock.h"
#include "report/denial.h"
#include "report/need.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "tap.h"

/* clang-format off */
#define ON_LANDLOCK (WHEN_SCOPED | WHEN_PATHS | WHEN_TRUNCATE | WHEN_LAUNCH)

static const struct {
	promise_set promises, liked;
	const char *call;
	uint64_t args[6];
	promise_set words; /* 0: none would do */
} needs[] = {
	{ 0, 0, "read", { 0 }, PROMISE(STDIO) },
	{ PROMISE(STDIO), 0, "openat", { 0, 1, O_RDONLY }, PROMISE(RPATH) },
	{ PROMISE(STDIO), 0, "openat", { 0, 1, O_RDWR },
	    PROMISE(RPATH) | PROMISE(WPATH) },
	{ PROMISE(STDIO) | PROMISE(RPATH), 0, "openat", { 0, 1, O_RDWR },
	    PROMISE(WPATH) },
	{ PROMISE(STDIO), 0, "openat", { 0, 1, O_WRONLY | O_CREAT, 0644 },
	    PROMISE(WPATH) | PROMISE(CPATH) },
	{ PROMISE(STDIO), 0, "openat", { 0, 1, O_WRONLY | O_CREAT, 04755 }, 0 },
	{ PROMISE(STDIO), 0, "socket", { AF_INET, SOCK_STREAM, 0 },
	    PROMISE(INET) },
	{ PROMISE(STDIO), PROMISE(ANET), "socket", { AF_INET, SOCK_STREAM, 0 },
	    PROMISE(ANET) },
	{ PROMISE(STDIO), 0, "execve", { 1 }, PROMISE(EXEC) },
	{ PROMISE(STDIO), 0, "fork", { 0 }, PROMISE(PROC) },
	{ PROMISE(STDIO), 0, "mmap", { 0, 1, PROT_EXEC | PROT_WRITE, 2 },
	    PROMISE(PROT_EXEC) },
	{ PROMISE(STDIO), 0, "ptrace", { 0 }, 0 },
	{ PROMISE(STDIO), 0, "chmod", { 1, 04755 }, 0 },
};
/* clang-format on */

static const struct {
	promise_set promises;
	const char *path;
	uint64_t rights;
	promise_set word; /* 0: none is about it */
} abouts[] = {
	{ 0, "/etc/passwd", LL_READ_FILE, PROMISE(GETPW) },
	{ PROMISE(GETPW), "/etc/passwd", LL_READ_FILE, 0 },
	{ 0, "/etc/passwd", LL_READ_FILE | LL_WRITE_FILE, 0 },
	{ 0, "/etc/passwd-", LL_READ_FILE, 0 },
	{ 0, "/etc/resolv.conf", LL_READ_FILE, PROMISE(DNS) },
	{ 0, "/etc/services", LL_READ_FILE, 0 },
	{ 0, "/dev/tty", LL_READ_FILE | LL_WRITE_FILE, PROMISE(TTY) },
	{ 0, "/dev/pts/12", LL_READ_FILE | LL_WRITE_FILE, PROMISE(TTY) },
	{ 0, "/proc", LL_READ_DIR, PROMISE(PS) },
	{ 0, "/proc/1/status", LL_READ_FILE, PROMISE(PS) },
	{ 0, "/proc/mounts", LL_READ_FILE, 0 },
	{ 0, "/proc/meminfo", LL_READ_FILE, PROMISE(VMINFO) },
	{ 0, "/srv/x", LL_READ_FILE, 0 },
};

static struct run_conditions conditions;

static struct call
make_call(const char *name, const uint64_t *args)
{
	struct call call = { .arch = arch_native()->audit };

	call.nr = (uint32_t)arch_number(arch_native(), name, strlen(name));
	memcpy(call.args, args, sizeof(call.args));
	return call;
}

/* "access" is x86_64's alone, for one. */
static bool
is_here(const char *name)
{
	if (arch_number(arch_native(), name, strlen(name)) >= 0)
		return true;
	skip(name, "not among this architecture's calls");
	return false;
}

static void
check_needs(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		const struct need_request request = { arch_native(),
			needs[i].promises, ON_LANDLOCK, &conditions };
		struct call call = make_call(needs[i].call, needs[i].args);
		struct need need;
		promise_set words;

		if (!is_here(needs[i].call))
			continue;
		need_find(&request, &call, &need);
		words = need_choose(need.sets, need.count, needs[i].liked);
		if (!ok(words == needs[i].words &&
		            (need.reason != NULL) == (needs[i].words == 0),
		        "need %zu: %s", i, needs[i].call))
			note("found %#llx", (unsigned long long)words);
	}
}

static void
check_abouts(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(abouts); i++) {
		promise_set word = need_for_path(
		    abouts[i].promises, abouts[i].path, abouts[i].rights);

		if (!ok(word == abouts[i].word, "a promise about %s",
		        abouts[i].path))
			note("found %#llx", (unsigned long long)word);
	}
}

/* A command that makes up denials does not fill its watcher's memory. */
static void
check_denials(void)
{
	enum { KINDS = 20000 };
	static char path[4000];
	struct denials denials = { 0 };
	struct denial denial = { .call = "first", .paths = { path } };
	struct denial_row *row;

	memset(path, 'a', sizeof(path) - 1);
	ok(denials_add(&denials, &denial, &row) &&
	        !denials_add(&denials, &denial, &row),
	    "a kind is told once");
	denial.path_count = 1;
	for (int i = 0; i < KINDS; i++) {
		char call[32];

		snprintf(call, sizeof(call), "call %d", i);
		denial.call = call;
		denials_add(&denials, &denial, &row);
	}
	ok(denials.bytes <= DENIALS_BYTES && denials.count > 1000 &&
	        denials.count < KINDS && denials.total == KINDS + 2 &&
	        denials.unlisted == KINDS + 1 - denials.count,
	    "many kinds: %zu rows, %lu more", denials.count, denials.unlisted);
	denial.call = "first";
	denial.path_count = 0;
	ok(!denials_add(&denials, &denial, &row),
	    "those there are are still known");
	denials_free(&denials);
	ok(denials.bytes == 0, "nothing is left");
}

int
main(void)
{
	const struct run_values values = { .pid = 1, .uid = 1, .gid = 1 };

	run_conditions_make(&conditions, &values);
	check_needs();
	check_abouts();
	check_denials();
	return tap_done();
}
