/* SPDX-License-Identifier: ISC */
/* Which promises, of those that could, allow all that was seen. */
#ifndef LEARN_SOLVE_H
#define LEARN_SOLVE_H

#include "learn/learn.h"

struct solution {
	promise_set promises;
	bool ports; /* those that were seen are the only ones */
	struct surroundings around;
};

/* 0, or what surround() returns. */
int solve(const struct learning *learning, const struct learned_names *names,
    struct solution *ret_solution);

/*
 * Whether FACT is a call that needs a promise.  Many make a socket for
 * datagrams and never use it, to learn whether there is IPv6.
 */
bool solve_demands(const struct learning *learning, const struct fact *fact);

/* Whether the solution's promises allow that kind of call. */
bool solution_allows(const struct solution *solution, const struct fact *fact);

/* Rights on PATH that what is unveiled anyway does not give. */
uint64_t solution_missing(
    const struct solution *solution, const char *path, uint64_t rights);

#endif
