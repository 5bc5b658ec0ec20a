/* SPDX-License-Identifier: ISC */
#include "compile/promises.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/table.h"
#include "policy/calls.h"

#define ALL_BITS (~UINT64_C(0))

void
run_conditions_make(
    struct run_conditions *ret_conditions, const struct run_values *values)
{
	struct run_conditions *made = ret_conditions;

	*made = (struct run_conditions){
		.values = { values->cookie[0], values->cookie[1],
		    values->cookie[2], values->pid },
		.stderr_fd = 2,
		.uids = { UINT32_MAX, values->uid },
		.gids = { UINT32_MAX, values->gid },
		.cookie = { .name = CONDITION_COOKIE,
		    .text = "the launcher's secret in arguments 3 to 5" },
		.own_pid = { .name = CONDITION_OWN_PID,
		    .text = "the process itself" },
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
promises_condition(
    const struct run_conditions *made, const struct call_word *word)
{
	const struct condition *const rows[] = { &made->own_pid, &made->own_uid,
		&made->own_gid };

	if (is_called(&made->cookie, word))
		return strncmp(word->name, "write", word->length) == 0
		           ? &made->last_words
		           : &made->cookie;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (is_called(rows[i], word))
			return rows[i];
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

/* Adds a rule for every call of the list that the architecture has. */
static int
add_calls(struct filter *filter, const char *calls,
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

static int
add_grants(struct filter *filter, const struct promise_request *request,
    struct diag *diag)
{
	int r = 0;

	for (size_t i = 0; i < PROMISE_COUNT && r == 0; i++)
		if (request->promises & UINT64_C(1) << i)
			r = add_calls(filter, promise_rows[i].calls,
			    request->conditions, SECCOMP_RET_ALLOW,
			    (uint16_t)(ORIGIN_PROMISE + i), diag);
	for (size_t i = 0; i < grant_row_count && r == 0; i++) {
		const struct grant_row *row = &grant_rows[i];

		if ((request->promises & row->words) == row->words &&
		    (request->when & row->with) == row->with &&
		    (request->when & row->without) == 0)
			r = add_calls(filter, row->calls, request->conditions,
			    SECCOMP_RET_ALLOW, (uint16_t)(ORIGIN_GRANT + i),
			    diag);
	}
	return r;
}

static int
add_answers(struct filter *filter, const struct promise_request *request,
    struct diag *diag)
{
	uint32_t own = EPERM;
	int r = 0;

	if ((request->refusal & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		own = request->refusal & SECCOMP_RET_DATA;
	for (size_t i = 0; i < answer_row_count && r == 0; i++) {
		const struct answer_row *row = &answer_rows[i];
		uint32_t err = row->err != 0 ? (uint32_t)row->err : own;

		if ((request->when & row->with) == row->with)
			r = add_calls(filter, row->calls, request->conditions,
			    SECCOMP_RET_ERRNO | err,
			    (uint16_t)(ORIGIN_ANSWER + i), diag);
	}
	return r;
}

int
promises_compile(const struct promise_request *request, const struct arch *arch,
    struct filter *ret_filter, struct diag *diag)
{
	int r;

	ret_filter->arch = arch;
	ret_filter->count = 0;
	ret_filter->overflow = 0;
	ret_filter->fallback = request->refusal;
	/* The C libraries probe for new calls and fall back on ENOSYS alone. */
	ret_filter->unknown = SECCOMP_RET_ERRNO | ENOSYS;
	ret_filter->x32 = SECCOMP_RET_ERRNO | ENOSYS;
	ret_filter->foreign = SECCOMP_RET_KILL_PROCESS;

	r = add_grants(ret_filter, request, diag);
	if (r == 0)
		r = add_answers(ret_filter, request, diag);
	if (r == 0 && ret_filter->overflow)
		r = diag_set(diag, E2BIG,
		    "the promises have more rules than "
		    "%d",
		    FILTER_RULES);
	return r;
}
