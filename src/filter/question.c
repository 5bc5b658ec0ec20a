/* SPDX-License-Identifier: ISC */
#include "filter/decide.h"

#include <errno.h>
#include <string.h>

/* struct seccomp_data keeps 64-bit values in the machine's own byte order. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
# define LOW_WORD 0
#else
# define LOW_WORD 1
#endif
#define IP_WORD   2
#define ARGS_WORD 4

static uint16_t
field_number(struct decider *decider, unsigned int word, uint32_t mask)
{
	struct field *field = &decider->fields[1]; /* 0: none */

	for (unsigned int i = 1; i <= decider->field_count; i++, field++)
		if (field->word == word && field->mask == mask)
			return (uint16_t)i;
	if (decider->field_count == decider->capacity.fields - 1) {
		decider_fail(decider, ENOMEM, "too many different masks");
		return 0;
	}
	*field = (struct field){ (uint8_t)word, mask };
	return (uint16_t)++decider->field_count;
}

static bool
same_question(const struct decider *decider, const struct question *a,
    const struct question *b)
{
	return a->field == b->field && a->low_field == b->low_field &&
	       a->inside == b->inside && a->count == b->count &&
	       memcmp(decider->bounds + a->bounds, decider->bounds + b->bounds,
	           a->count * sizeof(*decider->bounds)) == 0;
}

/* Gives WANTED, whose bounds are the last ones made, a number. */
static uint16_t
intern(struct decider *decider, struct question wanted)
{
	const uint64_t *bounds = decider->bounds + wanted.bounds;
	uint64_t hash =
	    wanted.field * 4U + wanted.low_field * 2U + wanted.inside;
	uint16_t *head;

	if (wanted.count == 0)
		return wanted.inside ? QUESTION_YES : QUESTION_NO;
	for (size_t i = 0; i < wanted.count; i++)
		hash = (hash ^ bounds[i]) * UINT64_C(0x9e3779b97f4a7c15);
	head = &decider->question_heads[(hash >> 40) % DECIDE_HEADS];
	for (uint16_t at = *head; at != 0; at = decider->questions[at].next)
		if (same_question(decider, &decider->questions[at], &wanted))
			return at;
	if (decider->question_count == decider->capacity.questions - 1) {
		decider_fail(decider, ENOMEM, "too many different tests");
		return QUESTION_NO;
	}
	decider->bound_count += wanted.count;
	wanted.next = *head;
	*head = (uint16_t)++decider->question_count;
	decider->questions[*head] = wanted;
	return *head;
}

/* The answer turns at VALUE; where it turns twice, it does not. */
static void
turn(struct decider *decider, struct question *question, uint64_t value)
{
	uint64_t *end = decider->bounds + question->bounds + question->count;

	if (value == 0) {
		question->inside = !question->inside;
	} else if (question->count > 0 && end[-1] == value) {
		question->count--;
	} else if (end == decider->bounds + decider->capacity.bounds) {
		decider_fail(decider, ENOMEM, "too many values");
	} else {
		*end = value;
		question->count++;
	}
}

/* The same after VALUE, unless it is the last that MASK lets through. */
static void
turn_after(struct decider *decider, struct question *question, uint64_t mask,
    uint64_t value)
{
	value = ((value | ~mask) + 1) & mask;
	if (value != 0)
		turn(decider, question, value);
}

/* TEST's values as the field shows them, ascending.  Returns how many. */
static size_t
sort_values(const struct test *test, unsigned int shift, uint64_t mask,
    uint64_t values[UINT8_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < test->count; i++) {
		uint64_t value = test->values[i] << shift & mask;
		size_t at = count;

		while (at > 0 && values[at - 1] > value)
			at--;
		if (at > 0 && values[at - 1] == value)
			continue;
		memmove(values + at + 1, values + at,
		    (count - at) * sizeof(*values));
		values[at] = value;
		count++;
	}
	return count;
}

static void
turn_at_values(struct decider *decider, struct question *question,
    const struct test *test, unsigned int shift, uint64_t mask)
{
	uint64_t values[UINT8_MAX];
	size_t count = sort_values(test, shift, mask, values);

	for (size_t i = 0; i < count; i++) {
		turn(decider, question, values[i]);
		turn_after(decider, question, mask, values[i]);
	}
}

uint16_t
question_make(struct decider *decider, const struct test *test)
{
	unsigned int word = ARGS_WORD + 2 * test->arg, shift = 0;
	uint64_t mask = test->mask;
	struct question question = { .bounds = decider->bound_count };
	uint64_t value;

	if (test->arg == TEST_IP)
		word = IP_WORD;
	if (test->width == 32)
		mask &= UINT32_MAX;
	if (mask >> 32 == 0) {
		shift = 32;
		mask <<= shift;
		question.field = field_number(
		    decider, word + LOW_WORD, (uint32_t)(mask >> 32));
	} else {
		question.field = field_number(
		    decider, word + 1 - LOW_WORD, (uint32_t)(mask >> 32));
		if ((uint32_t)mask != 0)
			question.low_field = field_number(
			    decider, word + LOW_WORD, (uint32_t)mask);
	}

	value = test->values[0] << shift & mask;
	question.inside = test->op == TEST_NOT_IN || test->op == TEST_LT ||
	                  test->op == TEST_LE;
	if (test->op == TEST_IN || test->op == TEST_NOT_IN)
		turn_at_values(decider, &question, test, shift, mask);
	else if (test->op == TEST_LT || test->op == TEST_GE)
		turn(decider, &question, value);
	else
		turn_after(decider, &question, mask, value);
	return intern(decider, question);
}

uint32_t
question_pass(
    const struct decider *decider, struct question *question, uint32_t value)
{
	const uint64_t *bounds = decider->bounds + question->bounds;
	uint16_t low = 0, high = question->count;
	uint32_t next;

	while (low < high) {
		uint16_t middle = (uint16_t)((low + high) / 2);

		if (bounds[middle] <= (uint64_t)value << 32)
			low = (uint16_t)(middle + 1);
		else
			high = middle;
	}
	question->passed = low;
	if (low == question->count)
		return 0;
	next = (uint32_t)(bounds[low] >> 32);
	if (next != value)
		return next;
	return field_next(decider->fields[question->field].mask, value);
}

uint16_t
question_narrow(
    struct decider *decider, const struct question *question, uint32_t value)
{
	const uint64_t *bound =
	    decider->bounds + question->bounds + question->passed;
	const uint64_t *end =
	    decider->bounds + question->bounds + question->count;
	struct question lower = {
		.field = question->low_field,
		.bounds = decider->bound_count,
		.inside = question->inside ^ (question->passed & 1),
	};

	if (bound == end || *bound >> 32 != value)
		return lower.inside ? QUESTION_YES : QUESTION_NO;
	for (; bound < end && *bound >> 32 == value; bound++)
		turn(decider, &lower, *bound << 32);
	return intern(decider, lower);
}
