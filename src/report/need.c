/* SPDX-License-Identifier: ISC */
#include "report/need.h"

#include <string.h>
#include <sys/socket.h>

#include "base/table.h"
#include "kernel/landlock.h"
#include "sandbox/sandbox.h"

/*
 * What the domain of a call's socket leaves of the words: those of others would
 * allow the call, too, and be no help with the socket.
 */
static const struct {
	int family;
	promise_set words;
} domains[] = {
	{ AF_UNIX, PROMISE(UNIX) },
	{ AF_INET,
	    PROMISE(INET) | PROMISE(ANET) | PROMISE(MCAST) | PROMISE(DNS) },
	{ AF_INET6,
	    PROMISE(INET) | PROMISE(ANET) | PROMISE(MCAST) | PROMISE(DNS) },
	{ AF_NETLINK, PROMISE(NETLINK) | PROMISE(ROUTE) | PROMISE(WROUTE) |
	                  PROMISE(DNS) },
};

/* Words of sockets that are no use to one of FAMILY; 0: whatever it is. */
static promise_set
foreign_words(int family)
{
	promise_set all = 0, own = 0;

	for (size_t i = 0; i < ARRAY_SIZE(domains); i++) {
		all |= domains[i].words;
		if (domains[i].family == family)
			own |= domains[i].words;
	}
	return own != 0 ? all & ~own : 0;
}

/* One more set that would do; those that hold another one are no use. */
static void
consider(
    const struct need_request *request, struct need *need, promise_set words)
{
	promise_set missing = words & ~request->promises;
	size_t kept = 0;

	if (missing == 0 || (missing & foreign_words(request->family)) != 0)
		return;
	for (size_t i = 0; i < need->count; i++)
		if ((need->sets[i] & ~missing) == 0)
			return;
	for (size_t i = 0; i < need->count; i++)
		if ((missing & ~need->sets[i]) != 0)
			need->sets[kept++] = need->sets[i];
	need->count = kept;
	if (need->count < NEED_SETS)
		need->sets[need->count++] = missing;
}

static void
consider_promises(const struct need_request *request, struct need *need,
    const struct call *call)
{
	for (size_t i = 0; i < PROMISE_COUNT; i++)
		if (!(promise_rows[i].flags & PROMISE_NO_MEANING) &&
		    calls_name(promise_rows[i].calls, request->arch,
		        request->conditions, call))
			consider(request, need, UINT64_C(1) << i);
}

static void
consider_grants(const struct need_request *request, struct need *need,
    const struct call *call)
{
	for (size_t i = 0; i < grant_row_count; i++) {
		const struct grant_row *row = &grant_rows[i];

		if ((request->when & row->with) == row->with &&
		    (request->when & row->without) == 0 &&
		    calls_name(
		        row->calls, request->arch, request->conditions, call))
			consider(request, need, row->words);
	}
}

promise_set
need_choose(const promise_set *sets, size_t count, promise_set liked)
{
	promise_set best = 0;
	int least = 0;

	for (size_t i = 0; i < count; i++) {
		/* A word that is needed anyhow is better than any other; else
		 * the one that stands first in the table. */
		int cost = 2 * __builtin_popcountll(sets[i] & ~liked) + 1;

		if (least == 0 || cost < least ||
		    (cost == least && sets[i] < best)) {
			least = cost;
			best = sets[i];
		}
	}
	return best;
}

/* Words that would do if paths were not restricted. */
static bool
is_kept_by_paths(const struct need_request *request, const struct call *call)
{
	for (size_t i = 0; i < grant_row_count; i++) {
		const struct grant_row *row = &grant_rows[i];

		if ((row->without & request->when & WHEN_PATHS) &&
		    calls_name(
		        row->calls, request->arch, request->conditions, call))
			return true;
	}
	return false;
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
	*ret_need = (struct need){ 0 };
	consider_promises(request, ret_need, call);
	consider_grants(request, ret_need, call);
	if (ret_need->count > 0)
		return;
	if (is_kept_by_paths(request, call))
		ret_need->reason = "cannot be limited to unveiled paths; "
		                   "allowed with -V";
	else
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
long
path_match(const char *path, const char *pattern, size_t length)
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
		    path_match(path, colon + 1, (size_t)(end - colon) - 1);
		if (matched >= 0 &&
		    (path[matched] == '/' || path[matched] == '\0') &&
		    (rights & ~landlock_implied_rights(
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
