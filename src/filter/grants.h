/* SPDX-License-Identifier: ISC */
/* The promises' tables, asked backwards: what would allow a call. */
#ifndef FILTER_GRANTS_H
#define FILTER_GRANTS_H

#include "filter/named.h"
#include "policy/promise.h"

/* One of the ways to be allowed, of a call's number. */
struct grant {
	promise_set words;                 /* all of these, */
	unsigned int with, without;        /* in these circumstances */
	const struct condition *condition; /* NULL: whatever its arguments */
	int next;                          /* of the same call; -1: none */
};

#define GRANTS 2048

/* Those of one architecture, each call's in the tables' order. */
struct grants {
	const struct arch *arch; /* NULL: not made yet */
	struct grant rows[GRANTS];
	int count;
	int first[ARCH_CALLS_MAX], last[ARCH_CALLS_MAX]; /* -1: none */
};

/*
 * Makes them.  CONDITIONS are of a run, and must outlive them; NULL: what asks
 * for one run's values is left out.  The launcher's own acts are nobody's.
 */
void grants_make(struct grants *ret_grants, const struct arch *arch,
    const struct run_conditions *conditions);

/* The first way of call number NR, or NULL; and the next. */
const struct grant *grants_first(const struct grants *grants, unsigned int nr);
const struct grant *grants_next(
    const struct grants *grants, const struct grant *grant);

/* Whether GRANT holds where WHEN (enum circumstance) is true. */
bool grant_holds(const struct grant *grant, unsigned int when);

#endif
