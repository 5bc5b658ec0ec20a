/* SPDX-License-Identifier: ISC */
#include "format/ruleset.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/suggest.h"
#include "base/table.h"
#include "call/rows.h"
#include "format/symbols.h"

void
filter_file_free(struct filter_file *file)
{
	arena_free(&file->arena);
	*file = (struct filter_file){ 0 };
}

const char *
place_file(const struct filter_file *file, struct place place)
{
	return place.file != NULL ? place.file : file->path;
}

int
ruleset_error(const struct filter_file *file, struct place place,
    struct diag *diag, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	diag_set(diag, EINVAL, "%s", text);
	return diag_place(
	    diag, place_file(file, place), place.line, place.column);
}

void
ruleset_warn(const struct filter_file *file, struct place place,
    struct diag *diag, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	diag_warn(diag, "%s:%u:%u: %s", place_file(file, place), place.line,
	    place.column, text);
}

static int
no_choice(const struct filter_file *file, struct diag *diag)
{
	cleanup_strbuf struct strbuf names = { 0 };

	if (file->program != NULL)
		return diag_set(diag, EINVAL,
		    "%s: this is a compiled program; its rules are not to be "
		    "had",
		    file->path);
	if (file->set_count == 0)
		return diag_set(
		    diag, ENOENT, "%s: there is no filter in it", file->path);
	for (size_t i = 0; i < file->set_count && i < 16; i++)
		strbuf_printf(
		    &names, "%s%s", i == 0 ? "" : " ", file->sets[i].name);
	return diag_set(diag, ENOENT,
	    "%s: holds %zu filters; write one of their names behind a colon "
	    "(%.1000s%s)",
	    file->path, file->set_count, names.data,
	    file->set_count > 16 ? " ..." : "");
}

int
ruleset_choose(const struct filter_file *file, const char *name,
    const struct ruleset **ret_set, struct diag *diag)
{
	struct suggest suggest = { .wanted = name };

	if (name == NULL && file->set_count == 1) {
		*ret_set = &file->sets[0];
		return 0;
	}
	if (name == NULL || file->program != NULL)
		return no_choice(file, diag);
	for (size_t i = 0; i < file->set_count; i++) {
		if (file->sets[i].name == NULL)
			continue;
		suggest_consider(&suggest, file->sets[i].name);
		if (strcmp(file->sets[i].name, name) == 0) {
			*ret_set = &file->sets[i];
			return 0;
		}
	}
	return diag_set(diag, ENOENT, "%s: no filter is called \"%.200s\"%s",
	    file->path, name, suggest_text(&suggest));
}

/* --- From clauses to conditions --- */

/* One rule's tests; as many as clauses and no more. */
struct tests {
	struct test *tests;
	size_t count;
	bool never; /* two clauses contradict each other */
};

struct maker {
	struct ruled_filter *made;
	struct diag *diag;
	bool skip_unknown;
	/* Of each number, the entry with more tests than a condition holds: it
	 * has to come last. */
	const struct entry *long_rule[ARCH_CALLS_MAX];
};

static int
out_of_memory(struct diag *diag)
{
	return diag_set(diag, ENOMEM, "out of memory");
}

static int
operand_value(const struct maker *maker, const struct clause *clause,
    const struct operand *operand, uint64_t *ret_value)
{
	const struct filter_file *file = maker->made->file;

	*ret_value = operand->number;
	if (operand->symbol == NULL)
		return 0;
	if (symbol_value(operand->symbol, maker->made->filter.arch, ret_value,
	        maker->diag) == 0)
		return 0;
	return diag_place(maker->diag, place_file(file, clause->place),
	    clause->place.line, clause->place.column);
}

static uint64_t
width_mask(unsigned int width)
{
	return width == 32 ? UINT32_MAX : UINT64_MAX;
}

/* What CLAUSE asks; a mask of 0 asks nothing: width 0. */
static int
make_test(const struct maker *maker, const struct clause *clause,
    struct test *ret_test, uint64_t *ret_value)
{
	static const uint8_t ops[] = { [CLAUSE_EQ] = TEST_IN,
		[CLAUSE_NE] = TEST_NOT_IN,
		[CLAUSE_LT] = TEST_LT,
		[CLAUSE_LE] = TEST_LE,
		[CLAUSE_GT] = TEST_GT,
		[CLAUSE_GE] = TEST_GE,
		[CLAUSE_MASKED_EQ] = TEST_IN };
	uint64_t mask = UINT64_MAX;

	if (operand_value(maker, clause, &clause->value, ret_value) < 0)
		return -EINVAL;
	if (clause->op == CLAUSE_MASKED_EQ &&
	    operand_value(maker, clause, &clause->mask, &mask) < 0)
		return -EINVAL;
	mask &= width_mask(clause->width);
	*ret_value &= mask;
	*ret_test = (struct test){ .arg = clause->arg,
		.width = mask == 0 ? 0 : clause->width,
		.op = ops[clause->op],
		.count = 1,
		.mask = mask,
		.values = ret_value };
	return 0;
}

/* Two tests of the same word that one test can ask: 1; 0: they stay two. */
static int
join_tests(struct test *kept, const struct test *more, struct tests *all)
{
	uint64_t old = kept->values[0], new = more->values[0];
	uint64_t common = kept->mask & more->mask;
	/* They are the arena's, and this rule's alone. */
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	uint64_t *value = (uint64_t *)(uintptr_t)kept->values;

	if (kept->arg != more->arg || kept->width != more->width ||
	    kept->op != more->op)
		return 0;
	switch ((enum test_op)kept->op) {
	case TEST_IN:
		if (((old ^ new) & common) != 0)
			all->never = true;
		kept->mask |= more->mask;
		*value = old | new;
		return 1;
	case TEST_LT:
	case TEST_LE:
		*value = new < old ? new : old;
		return 1;
	case TEST_GT:
	case TEST_GE:
		*value = new > old ? new : old;
		return 1;
	case TEST_NOT_IN:
		break;
	}
	return 0;
}

/* All "ne" of one word: one test with many values, which stand in a row. */
static void
join_unequal(struct tests *all, uint64_t *spare)
{
	for (size_t i = 0; i < all->count; i++) {
		struct test *kept = &all->tests[i];
		uint64_t *values = spare;

		if (kept->op != TEST_NOT_IN)
			continue;
		*spare++ = kept->values[0];
		for (size_t j = i + 1; j < all->count;) {
			struct test *more = &all->tests[j];

			if (more->op != TEST_NOT_IN || more->arg != kept->arg ||
			    more->width != kept->width ||
			    kept->count == UINT8_MAX) {
				j++;
				continue;
			}
			*spare++ = more->values[0];
			kept->count++;
			*more = all->tests[--all->count];
		}
		kept->values = values;
	}
}

static int
make_tests(const struct maker *maker, const struct entry *entry,
    struct tests *ret_tests)
{
	struct arena *arena = &maker->made->arena;
	uint64_t *values =
	    arena_alloc(arena, 2 * entry->clause_count, sizeof(*values));
	struct tests *all = ret_tests;

	*all = (struct tests){ .tests = arena_alloc(arena, entry->clause_count,
		                   sizeof(struct test)) };
	if (values == NULL || all->tests == NULL)
		return out_of_memory(maker->diag);
	for (size_t i = 0; i < entry->clause_count; i++) {
		struct test test;
		size_t j = 0;

		if (make_test(maker, &entry->clauses[i], &test, &values[i]) < 0)
			return -EINVAL;
		if (test.width == 0)
			continue;
		while (j < all->count &&
		       join_tests(&all->tests[j], &test, all) == 0)
			j++;
		if (j == all->count)
			all->tests[all->count++] = test;
	}
	join_unequal(all, values + entry->clause_count);
	return 0;
}

static struct condition *
add_condition(struct maker *maker, const struct test *tests, size_t count)
{
	struct condition *condition =
	    arena_alloc(&maker->made->arena, 1, sizeof(*condition));

	if (condition == NULL)
		return NULL;
	condition->name = "user";
	condition->text = "a rule of the user's filter";
	for (size_t i = 0; i < count; i++)
		condition->tests[i] = tests[i];
	return condition;
}

static const uint8_t opposite[] = {
	[TEST_IN] = TEST_NOT_IN,
	[TEST_NOT_IN] = TEST_IN,
	[TEST_LT] = TEST_GE,
	[TEST_GE] = TEST_LT,
	[TEST_LE] = TEST_GT,
	[TEST_GT] = TEST_LE,
};

/*
 * A rule of more tests than a condition holds, as the last one of its call: a
 * rule for each test too many, that it does not hold, answers the fallback; so
 * behind them it holds.
 */
static int
add_long_rule(struct maker *maker, unsigned int nr, const struct entry *entry,
    const struct tests *all)
{
	struct filter *filter = &maker->made->filter;
	uint16_t origin = (uint16_t)(entry - maker->made->set->entries);
	struct condition *condition;

	for (size_t i = CONDITION_TESTS; i < all->count; i++) {
		struct test test = all->tests[i];

		test.op = opposite[test.op];
		condition = add_condition(maker, &test, 1);
		if (condition == NULL)
			return out_of_memory(maker->diag);
		filter_add(filter, nr, condition, filter->fallback, origin);
	}
	condition = add_condition(maker, all->tests, CONDITION_TESTS);
	if (condition == NULL)
		return out_of_memory(maker->diag);
	filter_add(filter, nr, condition, entry->action, origin);
	return 0;
}

/* A long rule may only come last where its answer is the others', too. */
static int
defer_entry(struct maker *maker, unsigned int nr, const struct entry *entry)
{
	const struct entry **deferred = &maker->long_rule[nr];

	if (*deferred != NULL)
		return ruleset_error(maker->made->file, entry->place,
		    maker->diag,
		    "this and the one in line %u are two rules for %s with "
		    "more than %d tests each, after joining; one can be",
		    (*deferred)->place.line, entry->call, CONDITION_TESTS);
	*deferred = entry;
	return 0;
}

static int
add_entry(struct maker *maker, unsigned int nr, const struct entry *entry)
{
	const struct entry *deferred = maker->long_rule[nr];
	struct condition *condition = NULL;
	struct tests all;
	int r;

	r = make_tests(maker, entry, &all);
	if (r < 0 || all.never)
		return r;
	if (all.count > CONDITION_TESTS)
		return defer_entry(maker, nr, entry);
	if (deferred != NULL && deferred->action != entry->action)
		return ruleset_error(maker->made->file, deferred->place,
		    maker->diag,
		    "a rule with more than %d tests, after joining, has to be "
		    "the last one for %s",
		    CONDITION_TESTS, entry->call);
	if (all.count > 0) {
		condition = add_condition(maker, all.tests, all.count);
		if (condition == NULL)
			return out_of_memory(maker->diag);
	}
	filter_add(&maker->made->filter, nr, condition, entry->action,
	    (uint16_t)(entry - maker->made->set->entries));
	return 0;
}

static int
add_deferred(struct maker *maker)
{
	struct tests all;
	int r = 0;

	for (unsigned int nr = 0; r == 0 && nr < ARCH_CALLS_MAX; nr++) {
		const struct entry *entry = maker->long_rule[nr];

		if (entry == NULL)
			continue;
		r = make_tests(maker, entry, &all);
		if (r == 0)
			r = add_long_rule(maker, nr, entry, &all);
	}
	return r;
}

int
ruleset_unknown_call(const struct filter_file *file, const struct entry *entry,
    const struct arch *arch, struct diag *diag)
{
	struct suggest suggest = { .wanted = entry->call };

	for (size_t i = 0; i < arch->count; i++)
		suggest_consider(&suggest, arch->names[arch->by_name[i]]);
	return ruleset_error(file, entry->place, diag,
	    "%s has no system call \"%.100s\"%s", arch->name, entry->call,
	    suggest_text(&suggest));
}

void
ruleset_warn_unknown(const struct filter_file *file, const struct ruleset *set,
    struct diag *diag)
{
	const struct arch *arch = arch_native();

	for (size_t i = 0; i < set->count; i++) {
		const struct entry *entry = &set->entries[i];
		struct suggest suggest = { .wanted = entry->call };

		if (call_is_known(entry->call))
			continue;
		for (size_t j = 0; j < arch->count; j++)
			suggest_consider(
			    &suggest, arch->names[arch->by_name[j]]);
		ruleset_warn(file, entry->place, diag,
		    "no architecture has a system call \"%.100s\"%s: this "
		    "rule does nothing",
		    entry->call, suggest_text(&suggest));
	}
}

const char *
entry_comment(const struct entry *entry)
{
	const char *comment = entry->comment;

	for (size_t i = 0; comment == NULL && i < entry->clause_count; i++)
		comment = entry->clauses[i].comment;
	return comment;
}

bool
entry_applies(const struct entry *entry, const struct arch *arch)
{
	if (entry->arches == 0)
		return true;
	for (size_t i = 0; arch_at(i) != NULL; i++)
		if (arch_at(i) == arch)
			return (entry->arches >> i & 1) != 0;
	return false;
}

static int
add_entries(struct maker *maker)
{
	const struct ruleset *set = maker->made->set;
	const struct arch *arch = maker->made->filter.arch;
	int r = 0;

	for (size_t i = 0; r == 0 && i < set->count; i++) {
		const struct entry *entry = &set->entries[i];
		int nr = arch_number(arch, entry->call, strlen(entry->call));

		if (!entry_applies(entry, arch))
			continue;
		if (nr < 0 && !maker->skip_unknown)
			return ruleset_unknown_call(
			    maker->made->file, entry, arch, maker->diag);
		if (nr >= 0 && !entry->inert)
			r = add_entry(maker, (unsigned int)nr, entry);
	}
	return r == 0 ? add_deferred(maker) : r;
}

/* Rules are left for what a launcher itself has to do. */
#define SPARE_RULES 3

static int
check_size(const struct ruled_filter *made, struct diag *diag)
{
	if (!made->filter.overflow &&
	    made->filter.count <= FILTER_RULES - SPARE_RULES &&
	    made->set->count < UINT16_MAX)
		return 0;
	ruleset_error(made->file, made->set->place, diag,
	    "more than %d rules in one filter", FILTER_RULES - SPARE_RULES);
	if (diag != NULL)
		diag->err = E2BIG;
	return -E2BIG;
}

static int
compile_one(const struct filter_file *file, const struct ruleset *set,
    const struct arch *arch, bool skip_unknown,
    struct ruled_filter **ret_filter, struct diag *diag)
{
	cleanup_free struct maker *maker = calloc(1, sizeof(*maker));
	struct ruled_filter *made = calloc(1, sizeof(*made));
	int r;

	if (maker == NULL || made == NULL) {
		free(made);
		return out_of_memory(diag);
	}
	maker->made = made;
	maker->diag = diag;
	maker->skip_unknown = skip_unknown;
	made->file = file;
	made->set = set;
	made->filter.arch = arch;
	made->filter.fallback = set->fallback;
	made->filter.unknown = set->unknown;
	made->filter.x32 = set->x32;
	made->filter.foreign = set->foreign;
	r = add_entries(maker);
	if (r == 0)
		r = check_size(made, diag);
	if (r < 0) {
		ruled_filter_free(made);
		return r;
	}
	*ret_filter = made;
	return 0;
}

int
ruleset_compile(const struct filter_file *file, const struct ruleset *set,
    const struct arch *arch, struct ruled_filter **ret_filter,
    struct diag *diag)
{
	return compile_one(
	    file, set, arch, set->skip_unknown, ret_filter, diag);
}

/* Whether ENTRY is meant for one of ARCHS, none of which has its call. */
static bool
is_unknown(const struct entry *entry, const struct arch_list *archs)
{
	bool applies = false;

	for (size_t i = 0; i < archs->count; i++) {
		const struct arch *arch = archs->archs[i];

		if (!entry_applies(entry, arch))
			continue;
		applies = true;
		if (arch_number(arch, entry->call, strlen(entry->call)) >= 0)
			return false;
	}
	return applies;
}

int
ruleset_compile_all(const struct filter_file *file, const struct ruleset *set,
    const struct arch_list *archs, struct ruled_filters *ret_filters,
    struct diag *diag)
{
	struct ruled_filters *made = ret_filters;
	bool skip_unknown = set->skip_unknown || archs->count > 1;
	int r = 0;

	*made = (struct ruled_filters){ 0 };
	for (size_t i = 0; !set->skip_unknown && i < set->count; i++)
		if (is_unknown(&set->entries[i], archs))
			return ruleset_unknown_call(
			    file, &set->entries[i], archs->archs[0], diag);
	for (size_t i = 0; i < archs->count && r == 0; i++) {
		r = compile_one(file, set, archs->archs[i], skip_unknown,
		    &made->each[i], diag);
		if (r == 0)
			made->filters[made->count++] = &made->each[i]->filter;
	}
	if (r < 0)
		ruled_filters_free(made);
	return r;
}

void
ruled_filters_free(struct ruled_filters *filters)
{
	for (size_t i = 0; i < filters->count; i++)
		ruled_filter_free(filters->each[i]);
	*filters = (struct ruled_filters){ 0 };
}

void
ruled_filter_free(struct ruled_filter *filter)
{
	if (filter == NULL)
		return;
	arena_free(&filter->arena);
	free(filter);
}

const struct entry *
ruled_filter_entry(const struct ruled_filter *filter, const struct rule *rule)
{
	if (rule == NULL || rule->origin >= filter->set->count)
		return NULL;
	return &filter->set->entries[rule->origin];
}
