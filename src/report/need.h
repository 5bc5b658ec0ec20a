/* SPDX-License-Identifier: ISC */
/*
 * Which promises would allow a call that was refused: the promises' own tables,
 * asked backwards.
 */
#ifndef REPORT_NEED_H
#define REPORT_NEED_H

#include "compile/promises.h"

/* Under what the call was refused. */
struct need_request {
	const struct arch *arch;
	promise_set promises;
	promise_set liked; /* words that others need already: they cost less */
	unsigned int when; /* enum circumstance */
	const struct run_conditions *conditions;
};

struct need {
	promise_set words;  /* the fewest that are missing; 0: none would do */
	const char *reason; /* then: why not */
};

void need_find(const struct need_request *request, const struct call *call,
    struct need *ret_need);

/* The words that stand behind Landlock's RIGHTS and are not among PROMISES. */
promise_set need_for_rights(promise_set promises, uint64_t rights);

/*
 * The promise that is about PATH, a device or what the system tells of itself,
 * and unveils it for RIGHTS.  0: there is none but of PROMISES.
 */
promise_set need_for_path(
    promise_set promises, const char *path, uint64_t rights);

/*
 * Why a program gets on without CALL, whose path is PATH as it wrote it, or its
 * address in words (NULL: there is none); NULL: it may well need it.
 */
const char *need_harmless(
    const struct arch *arch, const struct call *call, const char *path);

#endif
