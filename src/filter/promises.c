/* SPDX-License-Identifier: ISC */
#include "filter/promises.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "filter/resolved.h"
#include "policy/calls.h"

/* One list of the tables: by its names, and for this architecture as numbers.
 */
struct list {
	const char *calls;
	const struct resolved_list *resolved;
};

static const struct condition *
find_condition(const struct run_conditions *conditions, unsigned int number)
{
	if (number == 0)
		return NULL;
	if (number >= RESOLVED_RUN)
		return run_condition(conditions, number - RESOLVED_RUN);
	return &condition_rows[number - 1];
}

static int
add_list(struct filter *filter, const struct list *list,
    const struct run_conditions *conditions, uint32_t action, uint16_t origin,
    struct diag *diag)
{
	const struct resolved_call *calls = list->resolved->calls;

	if (filter->arch->audit != resolved_audit)
		return filter_add_named(
		    filter, list->calls, conditions, action, origin, diag);
	for (size_t i = 0; i < list->resolved->count; i++)
		filter_add(filter, calls[i].nr,
		    find_condition(conditions, calls[i].condition), action,
		    origin);
	return 0;
}

static int
add_grants(struct filter *filter, const struct promise_request *request,
    struct diag *diag)
{
	int r = 0;

	for (size_t i = 0; i < PROMISE_COUNT && r == 0; i++)
		if (request->promises & UINT64_C(1) << i)
			r = add_list(filter,
			    &(struct list){
			        promise_rows[i].calls, &resolved_promises[i] },
			    request->conditions, SECCOMP_RET_ALLOW,
			    (uint16_t)(ORIGIN_PROMISE + i), diag);
	for (size_t i = 0; i < grant_row_count && r == 0; i++) {
		const struct grant_row *row = &grant_rows[i];

		if ((request->promises & row->words) == row->words &&
		    (request->when & row->with) == row->with &&
		    (request->when & row->without) == 0)
			r = add_list(filter,
			    &(struct list){ row->calls, &resolved_grants[i] },
			    request->conditions, SECCOMP_RET_ALLOW,
			    (uint16_t)(ORIGIN_GRANT + i), diag);
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
			r = add_list(filter,
			    &(struct list){ row->calls, &resolved_answers[i] },
			    request->conditions, SECCOMP_RET_ERRNO | err,
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
