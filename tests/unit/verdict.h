/* SPDX-License-Identifier: ISC */
/* Promises made into a filter and a program, for tests that ask them. */
#ifndef TESTS_VERDICT_H
#define TESTS_VERDICT_H

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <string.h>

#include "call/arch.h"
#include "filter/program.h"
#include "filter/promises.h"
#include "policy/policy.h"

/* The launch's secret and process ID, with a high half in each word. */
#define COOKIE_1 UINT64_C(0x0123456789abcdef)
#define COOKIE_2 UINT64_C(0xfedcba9876543210)
#define COOKIE_3 UINT64_C(0xdeadbeef0badcafe)
#define OUR_PID  4711
#define OUR_UID  1042
#define OUR_GID  1043

#define REFUSE   (SECCOMP_RET_ERRNO | EPERM)

/* What a launch finds on a kernel of today, without ports being named. */
#define ON_LANDLOCK (WHEN_SCOPED | WHEN_PATHS | WHEN_TRUNCATE | WHEN_PORT_RULES)

struct made {
	struct run_conditions conditions;
	struct filter filter;
	struct program program;
};

__attribute__((unused)) static promise_set
words_set(const char *words)
{
	struct policy policy = { 0 };
	struct diag diag = { 0 };

	if (policy_add_promises(&policy, words, &diag) < 0)
		printf("Bail out! %s\n", diag.text);
	return policy.promises;
}

/* Fills RET_MADE for this machine's architecture; a note says why not. */
__attribute__((unused)) static bool
make_program(struct made *ret_made, promise_set promises, unsigned int when,
    uint32_t refusal)
{
	static const struct run_values values = {
		.cookie = { COOKIE_1, COOKIE_2, COOKIE_3 },
		.pid = OUR_PID,
		.uid = OUR_UID,
		.gid = OUR_GID,
	};
	const struct filter *filters[] = { &ret_made->filter };
	const struct promise_request request = { .promises = promises,
		.when = when,
		.refusal = refusal,
		.conditions = &ret_made->conditions };
	struct diag diag = { 0 };

	run_conditions_make(&ret_made->conditions, &values);
	if (promises_compile(
	        &request, arch_native(), &ret_made->filter, &diag) == 0 &&
	    program_compile(filters, 1, &ret_made->program, &diag) == 0)
		return true;
	printf("# not compiled: %s\n", diag.text);
	return false;
}

/* What the program answers; an invalid program answers 1, as nothing else. */
__attribute__((unused)) static uint32_t
answer_to(const struct made *made, const struct call *call)
{
	uint32_t answer;

	if (program_run(&made->program, call, &answer, NULL, NULL) < 0)
		return 1;
	return answer;
}

#endif
