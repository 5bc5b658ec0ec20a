/* SPDX-License-Identifier: ISC */
/* The promises' tables, asked backwards: what would allow a call. */
#ifndef LEARN_GRANTS_H
#define LEARN_GRANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/condition.h"
#include "policy/promise.h"

/* One of the ways to be allowed, of a call's number. */
struct grant {
	promise_set words;                 /* all of these, */
	unsigned int with, without;        /* in these circumstances */
	const struct condition *condition; /* NULL: whatever its arguments */
	int next;
};

/* Those of a number have a bit each, in order. */
#define GRANTS_OF_CALL 64

/* Bits of those ways of CALL whose arguments are as they ask. */
uint64_t grants_of(const struct call *call);

/* The first way of call number NR, or NULL; and the next. */
const struct grant *grant_first(unsigned int nr);
const struct grant *grant_next(const struct grant *grant);

/* Whether PROMISES allow it, where WAYS are grants_of() it. */
bool grants_allow(
    unsigned int nr, uint64_t ways, promise_set promises, unsigned int when);

#endif
