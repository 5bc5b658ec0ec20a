/* SPDX-License-Identifier: ISC */
#include "report/need.h"

#include <fcntl.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/table.h"
#include "compile/sandbox.h"
#include "kernel/landlock.h"

/* The best of the sets of words seen so far. */
struct choice {
	const struct need_request *request;
	promise_set words;
	int cost; /* 0: nothing seen */
};

static void
consider(struct choice *choice, promise_set words)
{
	promise_set missing = words & ~choice->request->promises;
	int cost;

	if (missing == 0)
		return;
	/* A word that is needed anyhow is better than any other; else the one
	 * that stands first in the table. */
	cost = 2 * __builtin_popcountll(missing & ~choice->request->liked) + 1;
	if (choice->cost == 0 || cost < choice->cost ||
	    (cost == choice->cost && missing < choice->words)) {
		choice->cost = cost;
		choice->words = missing;
	}
}

static void
consider_promises(struct choice *choice, const struct call *call)
{
	const struct need_request *request = choice->request;

	for (size_t i = 0; i < PROMISE_COUNT; i++)
		if (!(promise_rows[i].flags & PROMISE_NO_MEANING) &&
		    calls_name(promise_rows[i].calls, request->arch,
		        request->conditions, call))
			consider(choice, UINT64_C(1) << i);
}

static void
consider_grants(struct choice *choice, const struct call *call)
{
	const struct need_request *request = choice->request;

	for (size_t i = 0; i < grant_row_count; i++) {
		const struct grant_row *row = &grant_rows[i];

		if ((request->when & row->with) == row->with &&
		    (request->when & row->without) == 0 &&
		    calls_name(
		        row->calls, request->arch, request->conditions, call))
			consider(choice, row->words);
	}
}

static const char *
find_reason(const struct need_request *request, const struct call *call)
{
	for (size_t i = 0; i < ungranted_row_count; i++)
		if (calls_name(ungranted_rows[i].calls, request->arch,
		        request->conditions, call))
			return ungranted_rows[i].text;
	return "not with these arguments";
}

void
need_find(const struct need_request *request, const struct call *call,
    struct need *ret_need)
{
	struct choice choice = { .request = request };

	consider_promises(&choice, call);
	consider_grants(&choice, call);
	*ret_need = (struct need){ .words = choice.words };
	if (choice.words == 0)
		ret_need->reason = find_reason(request, call);
}

promise_set
need_for_rights(promise_set promises, uint64_t rights)
{
	promise_set words = 0;

	/* What may be executed may be read for it: sandbox_user_access(). */
	if (rights & LL_EXECUTE)
		rights &= ~(uint64_t)LL_READ_FILE;
	for (size_t i = 0; i < PROMISE_COUNT; i++)
		if (promises & UINT64_C(1) << i)
			rights &= ~promise_rows[i].rights;
	for (size_t i = 0; i < PROMISE_COUNT && rights != 0; i++) {
		if ((promise_rows[i].rights & rights) == 0)
			continue;
		words |= UINT64_C(1) << i;
		rights &= ~promise_rows[i].rights;
	}
	return words;
}

/*
 * How much of PATH is what PATTERN says, LENGTH bytes where # is a number; -1:
 * it is something else.
 */
static long
match_path(const char *path, const char *pattern, size_t length)
{
	const char *at = path;
	size_t digits;

	for (const char *end = pattern + length; pattern < end; pattern++) {
		digits = *pattern == '#' ? strspn(at, "0123456789") : 0;
		if (digits == 0 && *at != *pattern)
			return -1;
		at += digits > 0 ? digits : 1;
	}
	return at - path;
}

/* "rwi:/dev/null r:/proc": does one of them give RIGHTS to PATH? */
static bool
files_give(const char *files, const char *path, uint64_t rights)
{
	const char *colon, *end;
	long matched;

	for (; files != NULL && *files != '\0'; files = end) {
		files += strspn(files, " ");
		colon = files + strcspn(files, ":");
		end = colon + strcspn(colon, " ");
		matched =
		    match_path(path, colon + 1, (size_t)(end - colon) - 1);
		if (matched >= 0 &&
		    (path[matched] == '/' || path[matched] == '\0') &&
		    (rights & ~promise_file_access(
		                  files, (size_t)(colon - files))) == 0)
			return true;
	}
	return false;
}

promise_set
need_for_path(promise_set promises, const char *path, uint64_t rights)
{
	/* The narrower first.  Of dns, the files that only it reads. */
	static const struct {
		enum promise word;
		const char *files; /* NULL: its own */
	} about[] = {
		{ PROMISE_GETPW, NULL },
		{ PROMISE_VMINFO, NULL },
		{ PROMISE_PS, "r:/proc/# r:/proc/sys/kernel/pid_max" },
		{ PROMISE_TTY, NULL },
		{ PROMISE_TTY, "rw:/dev/pts" }, /* it unveils its own */
		{ PROMISE_AUDIO, NULL },
		{ PROMISE_VIDEO, NULL },
		{ PROMISE_DRM, NULL },
		{ PROMISE_DNS,
		    "r:/etc/resolv.conf r:/etc/host.conf r:/etc/hosts "
		    "r:/etc/gai.conf r:/run/systemd/resolve" },
	};

	if (strcmp(path, "/proc") == 0 && !(promises & PROMISE(PS)))
		return PROMISE(PS);
	for (size_t i = 0; i < ARRAY_SIZE(about); i++) {
		const char *files = about[i].files != NULL
		                        ? about[i].files
		                        : promise_rows[about[i].word].files;

		if (!(promises & UINT64_C(1) << about[i].word) &&
		    files_give(files, path, rights))
			return UINT64_C(1) << about[i].word;
	}
	return 0;
}

static bool
is_cache_daemon(const struct call *call)
{
	const uint64_t type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

	return call->args[0] == AF_UNIX && call->args[1] == type &&
	       call->args[2] == 0;
}

/* Whether the kernel has that mode; it takes it back at once. */
static bool
is_numa_question(const struct call *call)
{
	return (uint32_t)call->args[0] == MPOL_PREFERRED_MANY;
}

/* As libraries open their files; what a program is asked to read is not. */
static bool
is_library_open(const struct call *call)
{
	return (call->args[2] & (O_ACCMODE | O_CLOEXEC)) ==
	       (O_RDONLY | O_CLOEXEC);
}

static bool
is_any(const struct call *call)
{
	(void)call;
	return true;
}

/* The watcher is the same user: nothing would change. */
static bool
is_own_user(const struct call *call)
{
	return (uid_t)call->args[0] == getuid();
}

static bool
is_own_group(const struct call *call)
{
	return (gid_t)call->args[0] == getgid();
}

/* Seen in programs that went on, with the same output (see the tests). */
static const struct {
	const char *call, *path; /* #: a number; NULL: whatever path */
	bool (*holds)(const struct call *call);
	const char *text;
} harmless_rows[] = {
	{ "socket", NULL, is_cache_daemon, "the C library asks for nscd" },
	{ "connect", "{AF_UNIX, path=\"/var/run/nscd/socket\"}", is_any,
	    "the C library asks for nscd" },
	{ "set_mempolicy", NULL, is_numa_question,
	    "libnuma asks what the kernel can do" },
	{ "setuid", NULL, is_own_user, "it is that user already" },
	{ "setgid", NULL, is_own_group, "it is of that group already" },
	{ "prlimit64", NULL, is_any,
	    "runtimes raise their limit of open files" },
	{ "access", "/etc/ld.so.preload", is_any,
	    "the loader asks for libraries to be added" },
	{ "openat", "/etc/nsswitch.conf", is_library_open,
	    "the C library has a default for it" },
	{ "openat", "/usr/share/locale/locale.alias", is_library_open,
	    "the C library asks for other names of the language" },
	{ "openat", "/proc/filesystems", is_library_open,
	    "libselinux asks whether SELinux is on" },
	{ "openat", "/proc/mounts", is_library_open,
	    "libselinux asks whether SELinux is on" },
	{ "statfs", "/sys/fs/selinux", is_any,
	    "libselinux asks whether SELinux is on" },
	{ "statfs", "/selinux", is_any,
	    "libselinux asks whether SELinux is on" },
	{ "access", "/etc/selinux/config", is_any,
	    "libselinux asks whether SELinux is on" },
	{ "openat", "/proc/self/maps", is_any,
	    "grep asks where its stack ends" },
	{ "openat", "/proc/self/task/#/comm", is_any,
	    "the C library names a thread" },
	{ "readlink", "/proc/self/exe", is_any,
	    "the C library asks where the program is" },
	{ "openat", "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
	    is_any, "Go asks for the size of large pages" },
	{ "openat", "/proc/sys/vm/overcommit_memory", is_any,
	    "the C library asks how memory is given" },
};

static bool
is_path(const char *path, const char *pattern)
{
	long matched = match_path(path, pattern, strlen(pattern));

	return matched >= 0 && path[matched] == '\0';
}

const char *
need_harmless(
    const struct arch *arch, const struct call *call, const char *path)
{
	const char *name = arch_name(arch, call->nr);

	for (size_t i = 0; name != NULL && i < ARRAY_SIZE(harmless_rows); i++) {
		if (strcmp(harmless_rows[i].call, name) != 0 ||
		    !harmless_rows[i].holds(call))
			continue;
		if (harmless_rows[i].path == NULL ||
		    (path != NULL && is_path(path, harmless_rows[i].path)))
			return harmless_rows[i].text;
	}
	return NULL;
}
