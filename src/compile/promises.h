/* SPDX-License-Identifier: ISC */
/* Promises, under given circumstances -> what to answer to which call. */
#ifndef COMPILE_PROMISES_H
#define COMPILE_PROMISES_H

#include "base/diag.h"
#include "compile/filter.h"
#include "policy/promise.h"

/* Values that conditions ask for and only this run knows. */
struct run_values {
	uint64_t cookie[3]; /* execve's arguments 3 to 5; WHEN_LAUNCH */
	uint64_t pid;       /* the process to be confined */
	uint64_t uid, gid;  /* what it runs as */
};

/* The conditions made of them; must outlive the filter. */
struct run_conditions {
	uint64_t values[4];
	uint64_t stderr_fd;
	uint64_t uids[2], gids[2]; /* -1, for "leave it", and one's own */
	struct condition cookie, own_pid, last_words, own_uid, own_gid;
};

void run_conditions_make(
    struct run_conditions *ret_conditions, const struct run_values *values);

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

/* The test that WORD of such a list names, NULL if it names none. */
struct call_word;
const struct condition *promises_condition(
    const struct run_conditions *made, const struct call_word *word);

/* Whether CALLS, a list as the tables have them, names CALL as it was made. */
bool calls_name(const char *calls, const struct arch *arch,
    const struct run_conditions *conditions, const struct call *call);

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
