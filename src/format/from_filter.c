/* SPDX-License-Identifier: ISC */
#include "format/from_filter.h"

#include <errno.h>
#include <string.h>

#define RULES 65000 /* what one filter may become */

struct maker {
	const struct from_filter *from;
	struct filter_file *file;
	struct ruleset *set;
	size_t room;
	struct diag *diag;
};

static int
out_of_memory(const struct maker *maker)
{
	return diag_set(maker->diag, ENOMEM, "out of memory");
}

static int
make_room(struct maker *maker)
{
	struct ruleset *set = maker->set;
	size_t room = maker->room * 2 + 256;
	struct entry *grown;

	if (set->count < maker->room)
		return 0;
	if (set->count >= RULES)
		return diag_set(
		    maker->diag, E2BIG, "more than %d rules", RULES);
	grown = arena_alloc(&maker->file->arena, room, sizeof(*grown));
	if (grown == NULL)
		return out_of_memory(maker);
	if (set->count > 0)
		memcpy(grown, set->entries, set->count * sizeof(*grown));
	set->entries = grown;
	maker->room = room;
	return 0;
}

static uint64_t
width_mask(const struct test *test)
{
	return test->width == 32 ? UINT32_MAX : UINT64_MAX;
}

static struct clause
make_clause(const struct test *test, size_t value)
{
	static const uint8_t ops[] = { [TEST_IN] = CLAUSE_EQ,
		[TEST_NOT_IN] = CLAUSE_NE,
		[TEST_LT] = CLAUSE_LT,
		[TEST_LE] = CLAUSE_LE,
		[TEST_GT] = CLAUSE_GT,
		[TEST_GE] = CLAUSE_GE };
	uint64_t all = width_mask(test);
	struct clause clause = { .arg = test->arg,
		.width = test->width,
		.op = ops[test->op],
		.value = { .number = test->values[value] & all },
		.mask = { .number = test->mask & all } };

	if (test->op == TEST_IN && (test->mask & all) != all)
		clause.op = CLAUSE_MASKED_EQ;
	return clause;
}

/* How many rules the test becomes, and how many clauses each has for it. */
static size_t
count_ways(const struct test *test)
{
	return test->op == TEST_IN ? test->count : 1;
}

static size_t
count_clauses(const struct test *test)
{
	return test->op == TEST_NOT_IN ? test->count : 1;
}

static int
check_test(const struct maker *maker, const struct test *test)
{
	if (test->arg < TEST_IP &&
	    (test->op == TEST_IN ||
	        (test->mask & width_mask(test)) == width_mask(test)))
		return 0;
	return diag_set(maker->diag, ENOTSUP,
	    "%s: a comparison that no format says", maker->from->name);
}

/* The WAY-th of the rules that RULE becomes. */
static int
add_way(struct maker *maker, const struct rule *rule, size_t way,
    size_t clause_count)
{
	const struct from_filter *from = maker->from;
	struct entry *entry;
	int r = make_room(maker);

	if (r < 0)
		return r;
	entry = &maker->set->entries[maker->set->count++];
	*entry = (struct entry){ .action = rule->action,
		.call = arch_name(from->filter->arch, rule->nr) };
	if (from->comment != NULL)
		entry->comment = from->comment(rule, from->context);
	entry->clauses = arena_alloc(
	    &maker->file->arena, clause_count + 1, sizeof(*entry->clauses));
	if (entry->clauses == NULL)
		return out_of_memory(maker);
	for (size_t i = 0; rule->condition != NULL && i < CONDITION_TESTS;
	     i++) {
		const struct test *test = &rule->condition->tests[i];

		if (test->width == 0)
			break;
		for (size_t j = 0; j < count_clauses(test); j++)
			entry->clauses[entry->clause_count++] = make_clause(
			    test, test->op == TEST_IN ? way % test->count : j);
		way /= count_ways(test);
	}
	return 0;
}

static int
add_rule(struct maker *maker, const struct rule *rule)
{
	size_t ways = 1, clauses = 0;
	int r = 0;

	for (size_t i = 0; rule->condition != NULL && i < CONDITION_TESTS;
	     i++) {
		const struct test *test = &rule->condition->tests[i];

		if (test->width == 0)
			break;
		r = check_test(maker, test);
		if (r < 0)
			return r;
		ways *= count_ways(test);
		clauses += count_clauses(test);
		if (ways > RULES)
			return diag_set(
			    maker->diag, E2BIG, "more than %d rules", RULES);
	}
	for (size_t i = 0; i < ways && r == 0; i++)
		r = add_way(maker, rule, i, clauses);
	return r;
}

int
file_from_filter(const struct from_filter *from, struct filter_file *ret_file,
    struct diag *diag)
{
	const struct filter *filter = from->filter;
	struct maker maker = { .from = from, .file = ret_file, .diag = diag };
	int r = 0;

	*ret_file = (struct filter_file){ .path = from->name, .set_count = 1 };
	maker.set = arena_alloc(&ret_file->arena, 1, sizeof(*maker.set));
	if (maker.set == NULL)
		return out_of_memory(&maker);
	ret_file->sets = maker.set;
	maker.set->fallback = filter->fallback;
	maker.set->unknown = filter->unknown;
	maker.set->x32 = filter->x32;
	maker.set->foreign = filter->foreign;
	for (size_t i = 0; i < filter->count && r == 0; i++) {
		const struct rule *rule = &filter->rules[i];

		if (arch_name(filter->arch, rule->nr) == NULL ||
		    (from->skip != NULL && from->skip(rule, from->context)))
			continue;
		r = add_rule(&maker, rule);
	}
	if (r < 0)
		filter_file_free(ret_file);
	return r;
}
