/* SPDX-License-Identifier: ISC */
/*
 * Which promises would allow a call that was refused: the promises' own tables,
 * asked backwards.
 */
#ifndef REPORT_NEED_H
#define REPORT_NEED_H

#include "filter/promises.h"

/* Under what the call was refused. */
struct need_request {
	const struct arch *arch;
	promise_set promises;
	unsigned int when; /* enum circumstance */
	const struct run_conditions *conditions;
	int family; /* of the socket that the call is about; 0: none, unknown */
};

#define NEED_SETS 8

struct need {
	promise_set sets[NEED_SETS]; /* missing words: one of them is enough */
	size_t count;                /* 0: none would do */
	const char *reason;          /* then: why not */
};

void need_find(const struct need_request *request, const struct call *call,
    struct need *ret_need);

/* The one of SETS with the fewest words that are not among LIKED, those that
 * others need already; 0: there is none. */
promise_set need_choose(
    const promise_set *sets, size_t count, promise_set liked);

/* The words that stand behind Landlock's RIGHTS and are not among PROMISES. */
promise_set need_for_rights(promise_set promises, uint64_t rights);

/*
 * The promise that is about PATH, a device or what the system tells of itself,
 * and unveils it for RIGHTS.  0: there is none but of PROMISES.
 */
promise_set need_for_path(
    promise_set promises, const char *path, uint64_t rights);

/*
 * How much of PATH is what PATTERN says, LENGTH bytes where # is a number; -1:
 * it is something else.
 */
long path_match(const char *path, const char *pattern, size_t length);

#endif
