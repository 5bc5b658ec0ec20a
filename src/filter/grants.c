/* SPDX-License-Identifier: ISC */
#include "filter/grants.h"

#include "base/table.h"
#include "policy/calls.h"

static void
add_grant(struct grants *grants, unsigned int nr, const struct grant *grant)
{
	int at = grants->count;

	if (at == GRANTS)
		return; /* a unit test asks whether all fit */
	grants->rows[at] = *grant;
	grants->rows[at].next = -1;
	grants->count++;
	if (grants->first[nr] < 0)
		grants->first[nr] = at;
	else
		grants->rows[grants->last[nr]].next = at;
	grants->last[nr] = at;
}

/* NULL: it is one run's, and none is known; or it is the launcher's. */
static const struct condition *
find_condition(
    const struct run_conditions *conditions, const struct call_word *word)
{
	const struct condition *condition;

	if (conditions == NULL)
		return condition_find(word);
	condition = promises_condition(conditions, word);
	return condition == &conditions->cookie ||
	               condition == &conditions->last_words
	           ? NULL
	           : condition;
}

static void
add_calls(struct grants *grants, const char *calls, struct grant grant,
    const struct run_conditions *conditions)
{
	struct call_word word;

	while (call_word_next(&calls, &word)) {
		int nr = arch_number(grants->arch, word.name, word.length);

		if (nr < 0)
			continue;
		grant.condition = NULL;
		if (word.condition != NULL)
			grant.condition = find_condition(conditions, &word);
		if (word.condition == NULL || grant.condition != NULL)
			add_grant(grants, (unsigned int)nr, &grant);
	}
}

void
grants_make(struct grants *ret_grants, const struct arch *arch,
    const struct run_conditions *conditions)
{
	struct grants *grants = ret_grants;

	grants->arch = arch;
	grants->count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(grants->first); i++)
		grants->first[i] = grants->last[i] = -1;
	for (size_t i = 0; i < PROMISE_COUNT; i++)
		add_calls(grants, promise_rows[i].calls,
		    (struct grant){ .words = UINT64_C(1) << i }, conditions);
	for (size_t i = 0; i < grant_row_count; i++)
		add_calls(grants, grant_rows[i].calls,
		    (struct grant){ .words = grant_rows[i].words,
		        .with = grant_rows[i].with,
		        .without = grant_rows[i].without },
		    conditions);
}

const struct grant *
grants_first(const struct grants *grants, unsigned int nr)
{
	if (nr >= ARCH_CALLS_MAX || grants->first[nr] < 0)
		return NULL;
	return &grants->rows[grants->first[nr]];
}

const struct grant *
grants_next(const struct grants *grants, const struct grant *grant)
{
	return grant->next < 0 ? NULL : &grants->rows[grant->next];
}

bool
grant_holds(const struct grant *grant, unsigned int when)
{
	return (grant->with & ~when) == 0 && (grant->without & when) == 0;
}
