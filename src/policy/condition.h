/* SPDX-License-Identifier: ISC */
/*
 * Tests of a system call's arguments, as seccomp_data shows them: numbers, not
 * the memory behind them (seccomp(2), "Checking arguments").
 */
#ifndef POLICY_CONDITION_H
#define POLICY_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum test_op {
	TEST_IN,     /* equal to any of the values (one value: equal) */
	TEST_NOT_IN, /* equal to none of them */
	TEST_LT,     /* unsigned comparisons with values[0] */
	TEST_LE,
	TEST_GT,
	TEST_GE,
};

#define TEST_IP 6 /* "argument" 6 is the instruction pointer */

/* (argument & mask) OP (value & mask); `mask` 0 is not allowed. */
struct test {
	uint8_t arg;   /* 0..5, or TEST_IP */
	uint8_t width; /* 32: the low word alone counts; 64: all of it */
	uint8_t op;    /* enum test_op */
	uint8_t count; /* how many values; 1 unless IN or NOT_IN */
	uint64_t mask;
	const uint64_t *values;
};

#define CONDITION_TESTS 6

/* All of `tests` must hold.  No tests: always. */
struct condition {
	const char *name; /* "openat/readonly" names this row "readonly" */
	const char *text; /* what it asks for, in words */
	struct test tests[CONDITION_TESTS]; /* those with a width count */
};

/* What one system call was made with: struct seccomp_data, less the padding. */
struct call {
	uint32_t nr;
	uint32_t arch; /* AUDIT_ARCH_* */
	uint64_t ip;
	uint64_t args[6];
};

bool test_holds(const struct test *test, const struct call *call);
bool condition_holds(
    const struct condition *condition, const struct call *call);

#endif
