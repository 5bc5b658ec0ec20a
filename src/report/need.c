/* SPDX-License-Identifier: ISC */
#include "report/need.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/table.h"
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

static bool
is_cache_daemon(const struct call *call)
{
	const uint64_t type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

	return call->args[0] == AF_UNIX && call->args[1] == type &&
	       call->args[2] == 0;
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

/* Seen in programs that went on, with the same output (see the tests). */
static const struct {
	const char *call, *path; /* NULL: whatever path */
	bool (*holds)(const struct call *call);
	const char *text;
} harmless_rows[] = {
	{ "socket", NULL, is_cache_daemon, "the C library asks for nscd" },
	{ "connect", "{AF_UNIX, path=\"/var/run/nscd/socket\"}", is_any,
	    "the C library asks for nscd" },
	{ "prlimit64", NULL, is_any,
	    "runtimes raise their limit of open files" },
	{ "access", "/etc/ld.so.preload", is_any,
	    "the loader asks for libraries to be added" },
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
	{ "readlink", "/proc/self/exe", is_any,
	    "the C library asks where the program is" },
	{ "openat", "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
	    is_any, "Go asks for the size of large pages" },
	{ "openat", "/proc/sys/vm/overcommit_memory", is_any,
	    "the C library asks how memory is given" },
};

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
		    (path != NULL && strcmp(harmless_rows[i].path, path) == 0))
			return harmless_rows[i].text;
	}
	return NULL;
}
