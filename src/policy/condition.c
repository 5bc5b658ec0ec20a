/* SPDX-License-Identifier: ISC */
#include "policy/condition.h"

static bool
is_among(const struct test *test, uint64_t mask, uint64_t value)
{
	for (size_t i = 0; i < test->count; i++)
		if ((test->values[i] & mask) == value)
			return true;
	return false;
}

bool
test_holds(const struct test *test, const struct call *call)
{
	uint64_t value =
	    test->arg == TEST_IP ? call->ip : call->args[test->arg];
	uint64_t mask = test->mask;

	/* The kernel cuts an int argument to its low word; so must we. */
	if (test->width == 32)
		mask &= UINT32_MAX;
	value &= mask;
	switch ((enum test_op)test->op) {
	case TEST_IN:
		return is_among(test, mask, value);
	case TEST_NOT_IN:
		return !is_among(test, mask, value);
	case TEST_LT:
		return value < (test->values[0] & mask);
	case TEST_LE:
		return value <= (test->values[0] & mask);
	case TEST_GT:
		return value > (test->values[0] & mask);
	case TEST_GE:
		return value >= (test->values[0] & mask);
	}
	return false;
}

bool
condition_holds(const struct condition *condition, const struct call *call)
{
	for (size_t i = 0; i < CONDITION_TESTS; i++) {
		const struct test *test = &condition->tests[i];

		if (test->width == 0)
			break;
		if (!test_holds(test, call))
			return false;
	}
	return true;
}
