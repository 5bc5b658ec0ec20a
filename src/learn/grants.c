/* SPDX-License-Identifier: ISC */
#include "learn/grants.h"

#include <unistd.h>

/* This process's own IDs are the command's. */
static const struct grants *
get_grants(void)
{
	static struct run_conditions conditions;
	static struct grants grants;

	if (grants.arch == NULL) {
		const struct run_values values = { .uid = getuid(),
			.gid = getgid() };

		run_conditions_make(&conditions, &values);
		grants_make(&grants, arch_native(), &conditions);
	}
	return &grants;
}

const struct grant *
grant_first(unsigned int nr)
{
	return grants_first(get_grants(), nr);
}

const struct grant *
grant_next(const struct grant *grant)
{
	return grants_next(get_grants(), grant);
}

uint64_t
grants_of(const struct call *call)
{
	uint64_t ways = 0, bit = 1;

	for (const struct grant *grant = grant_first(call->nr);
	     grant != NULL && bit != 0; grant = grant_next(grant), bit <<= 1)
		if (grant->condition == NULL ||
		    condition_holds(grant->condition, call))
			ways |= bit;
	return ways;
}

bool
grants_allow(
    unsigned int nr, uint64_t ways, promise_set promises, unsigned int when)
{
	uint64_t bit = 1;

	for (const struct grant *grant = grant_first(nr);
	     grant != NULL && bit != 0; grant = grant_next(grant), bit <<= 1)
		if ((ways & bit) && (grant->words & ~promises) == 0 &&
		    grant_holds(grant, when))
			return true;
	return false;
}
