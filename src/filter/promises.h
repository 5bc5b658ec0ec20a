/* SPDX-License-Identifier: ISC */
/* Promises, under given circumstances -> what to answer to which call. */
#ifndef FILTER_PROMISES_H
#define FILTER_PROMISES_H

#include "filter/named.h"
#include "policy/promise.h"

/* Where a rule comes from, as rule.origin says it. */
enum origin {
	ORIGIN_PROMISE = 0,  /* + enum promise */
	ORIGIN_GRANT = 64,   /* + index in grant_rows */
	ORIGIN_ANSWER = 128, /* + index in answer_rows */
};

struct promise_request {
	promise_set promises;
	unsigned int when; /* enum circumstance */
	uint32_t refusal;  /* what a violation is answered with */
	const struct run_conditions *conditions;
};

/*
 * Fills FILTER: what REQUEST's promises allow on ARCH is SECCOMP_RET_ALLOW; the
 * rest its refusal, or what answer_rows say.
 *
 * Returns 0, or -EINVAL where the tables are broken (a condition that no row
 * is called by), -E2BIG for too many rules: neither depends on input.
 */
int promises_compile(const struct promise_request *request,
    const struct arch *arch, struct filter *ret_filter, struct diag *diag);

#endif
