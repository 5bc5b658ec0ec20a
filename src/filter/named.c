/* SPDX-License-Identifier: ISC */
#include "filter/named.h"

#include <errno.h>
#include <string.h>

#include "policy/calls.h"
#include "policy/numbers.h"

#define ALL_BITS (~UINT64_C(0))

void
run_conditions_make(
    struct run_conditions *ret_conditions, const struct run_values *values)
{
	struct run_conditions *made = ret_conditions;

	*made = (struct run_conditions){
		.values = { values->cookie[0], values->cookie[1],
		    values->cookie[2], values->pid },
		.clock = CLOCK_PROCESS(values->pid),
		.stderr_fd = 2,
		.uids = { UINT32_MAX, values->uid },
		.gids = { UINT32_MAX, values->gid },
		.cookie = { .name = CONDITION_COOKIE,
		    .text = "the launcher's secret in arguments 3 to 5" },
		.own_pid = { .name = CONDITION_OWN_PID,
		    .text = "the process itself" },
		.own_clock = { .name = CONDITION_OWN_CLOCK,
		    .text = "processor time of the process itself" },
		.own_uid = { .name = CONDITION_OWN_UID,
		    .text = "its own user ID" },
		.own_gid = { .name = CONDITION_OWN_GID,
		    .text = "its own group ID" },
	};
	for (uint8_t i = 0; i < 3; i++) {
		made->cookie.tests[i] = (struct test){ (uint8_t)(3 + i), 64,
			TEST_IN, 1, ALL_BITS, &made->values[i] };
		made->own_uid.tests[i] =
		    (struct test){ i, 32, TEST_IN, 2, ALL_BITS, made->uids };
		made->own_gid.tests[i] =
		    (struct test){ i, 32, TEST_IN, 2, ALL_BITS, made->gids };
	}
	made->own_pid.tests[0] =
	    (struct test){ 0, 32, TEST_IN, 1, ALL_BITS, &made->values[3] };
	/* What of its time is counted: any of three (CPUCLOCK_*). */
	made->own_clock.tests[0] =
	    (struct test){ 0, 32, TEST_IN, 1, ~UINT64_C(3), &made->clock };
	made->last_words = made->cookie;
	made->last_words.tests[3] =
	    (struct test){ 0, 32, TEST_IN, 1, ALL_BITS, &made->stderr_fd };
}

static bool
is_called(const struct condition *condition, const struct call_word *word)
{
	return strncmp(condition->name, word->condition,
	           word->condition_length) == 0 &&
	       condition->name[word->condition_length] == '\0';
}

const struct condition *
run_condition(const struct run_conditions *made, enum run_condition which)
{
	const struct condition *const rows[RUN_CONDITIONS] = {
		[RUN_COOKIE] = &made->cookie,
		[RUN_LAST_WORDS] = &made->last_words,
		[RUN_OWN_PID] = &made->own_pid,
		[RUN_OWN_CLOCK] = &made->own_clock,
		[RUN_OWN_UID] = &made->own_uid,
		[RUN_OWN_GID] = &made->own_gid,
	};

	return rows[which];
}

const struct condition *
promises_condition(
    const struct run_conditions *made, const struct call_word *word)
{
	if (is_called(&made->cookie, word))
		return strncmp(word->name, "write", word->length) == 0
		           ? &made->last_words
		           : &made->cookie;
	for (int i = RUN_OWN_PID; i < RUN_CONDITIONS; i++)
		if (is_called(run_condition(made, i), word))
			return run_condition(made, i);
	return condition_find(word);
}

bool
calls_name(const char *calls, const struct arch *arch,
    const struct run_conditions *conditions, const struct call *call)
{
	const char *name = arch_name(arch, call->nr);
	size_t length = name != NULL ? strlen(name) : 0;
	const struct condition *condition;
	struct call_word word;

	while (call_word_next(&calls, &word)) {
		if (word.length != length || name == NULL ||
		    memcmp(word.name, name, length) != 0)
			continue;
		if (word.condition == NULL)
			return true;
		condition = promises_condition(conditions, &word);
		if (condition != NULL && condition_holds(condition, call))
			return true;
	}
	return false;
}

int
filter_add_named(struct filter *filter, const char *calls,
    const struct run_conditions *conditions, uint32_t action, uint16_t origin,
    struct diag *diag)
{
	const struct condition *condition;
	struct call_word word;
	int nr;

	while (call_word_next(&calls, &word)) {
		condition = NULL;
		if (word.condition != NULL) {
			condition = promises_condition(conditions, &word);
			if (condition == NULL)
				return diag_set(diag, EINVAL,
				    "no row of "
				    "conditions is called %.*s/%.*s",
				    (int)word.length, word.name,
				    (int)word.condition_length, word.condition);
		}
		nr = arch_number(filter->arch, word.name, word.length);
		if (nr >= 0)
			filter_add(filter, (unsigned int)nr, condition, action,
			    origin);
	}
	return 0;
}
