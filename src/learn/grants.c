/* SPDX-License-Identifier: ISC */
#include "learn/grants.h"

#include <string.h>
#include <unistd.h>

#include "base/table.h"
#include "compile/promises.h"
#include "policy/calls.h"

#define GRANTS 2048

static struct {
	struct grant grants[GRANTS];
	int count;
	int first[ARCH_CALLS_MAX], last[ARCH_CALLS_MAX]; /* -1: none */
	struct run_conditions conditions;
	bool ready;
} tables;

static void
add_grant(unsigned int nr, const struct grant *grant)
{
	int at = tables.count;

	if (at == GRANTS)
		return; /* a unit test asks whether all fit */
	tables.grants[at] = *grant;
	tables.grants[at].next = -1;
	tables.count++;
	if (tables.first[nr] < 0)
		tables.first[nr] = at;
	else
		tables.grants[tables.last[nr]].next = at;
	tables.last[nr] = at;
}

static void
add_calls(const char *calls, struct grant grant)
{
	const struct arch *arch = arch_native();
	struct call_word word;
	int nr;

	while (call_word_next(&calls, &word)) {
		nr = arch_number(arch, word.name, word.length);
		if (nr < 0)
			continue;
		grant.condition = NULL;
		if (word.condition != NULL) {
			grant.condition =
			    promises_condition(&tables.conditions, &word);
			/* The launcher's own acts are nobody's. */
			if (grant.condition == NULL ||
			    grant.condition == &tables.conditions.cookie ||
			    grant.condition == &tables.conditions.last_words)
				continue;
		}
		add_grant((unsigned int)nr, &grant);
	}
}

static void
make_tables(void)
{
	const struct run_values values = { .uid = getuid(), .gid = getgid() };

	if (tables.ready)
		return;
	tables.ready = true;
	run_conditions_make(&tables.conditions, &values);
	for (size_t i = 0; i < ARRAY_SIZE(tables.first); i++)
		tables.first[i] = tables.last[i] = -1;
	for (size_t i = 0; i < PROMISE_COUNT; i++)
		if (!(promise_rows[i].flags & PROMISE_NO_MEANING))
			add_calls(promise_rows[i].calls,
			    (struct grant){ .words = UINT64_C(1) << i });
	for (size_t i = 0; i < grant_row_count; i++)
		add_calls(grant_rows[i].calls,
		    (struct grant){ .words = grant_rows[i].words,
		        .with = grant_rows[i].with,
		        .without = grant_rows[i].without });
}

const struct grant *
grant_first(unsigned int nr)
{
	make_tables();
	if (nr >= ARCH_CALLS_MAX || tables.first[nr] < 0)
		return NULL;
	return &tables.grants[tables.first[nr]];
}

const struct grant *
grant_next(const struct grant *grant)
{
	return grant->next < 0 ? NULL : &tables.grants[grant->next];
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
		    (grant->with & ~when) == 0 && (grant->without & when) == 0)
			return true;
	return false;
}
