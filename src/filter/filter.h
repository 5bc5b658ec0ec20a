/* SPDX-License-Identifier: ISC */
/*
 * What to answer to which system call: the compiler's input, made from
 * promises or from a user's filter.
 *
 * Meaning: the rules of the call's number are tried in order; the first whose
 * condition holds answers.  If none holds, or there is no rule for the number,
 * `fallback` answers; `unknown` answers for numbers above arch->max (x32
 * numbers among them, where `x32` answers), `foreign` for every other
 * architecture. Several filters on one call: the strictest answer wins, by the
 * kernel's precedence (seccomp(2)); between equal actions, the first filter's
 * data.
 */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call/arch.h"
#include "policy/condition.h"

struct rule {
	uint16_t nr;
	uint16_t origin; /* who said so: an index that its maker understands */
	uint32_t action; /* SECCOMP_RET_*, with its data */
	const struct condition *condition; /* NULL: always */
};

#define FILTER_RULES 2048

struct filter {
	const struct arch *arch;
	uint32_t fallback;
	uint32_t unknown;
	uint32_t x32;
	uint32_t foreign;
	size_t count;
	int overflow; /* sticky: more than FILTER_RULES were added */
	struct rule rules[FILTER_RULES]; /* in order, numbers mixed */
};

/* Adds a rule; a full filter remembers that it overflowed. */
void filter_add(struct filter *filter, unsigned int nr,
    const struct condition *condition, uint32_t action, uint16_t origin);

/*
 * Puts a rule that allows before all others: what a launcher itself has to do
 * is not the user's filter's to decide.  -E2BIG: there is no room.
 */
int filter_exempt(struct filter *filter, unsigned int nr,
    const struct condition *condition, uint16_t origin);

/*
 * What FILTER answers to CALL, by walking its rules: slow, plain, and the
 * compiler's oracle.  RET_RULE: the deciding rule, NULL for a fallback; may be
 * NULL itself.
 */
uint32_t filter_answer(const struct filter *filter, const struct call *call,
    const struct rule **ret_rule);

/* "allow", "errno 1 (EPERM)", "trace 5": in BUFFER. */
#define ANSWER_TEXT 48
const char *answer_text(uint32_t answer, char *buffer);

/* Whether the call is made: "allow" and "log". */
bool answer_lets_through(uint32_t answer);

/* What the call fails with; 0: it does not return. */
int answer_errno(uint32_t answer);

/* The stricter of two answers; of two with equal actions, the first. */
uint32_t answer_stricter(uint32_t first, uint32_t second);

#endif
