/* SPDX-License-Identifier: ISC */
/* What would allow a call, kept as bits of the ways that its arguments fit. */
#ifndef LEARN_GRANTS_H
#define LEARN_GRANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter/grants.h"

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
