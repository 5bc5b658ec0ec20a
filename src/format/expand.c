/* SPDX-License-Identifier: ISC */
#include "format/expand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "format/symbols.h"

/* Values whose bits under the mask are `value`. */
struct cell {
	uint64_t mask, value;
};

#define CELLS 4096

struct cells {
	size_t count;
	bool full; /* sticky */
	struct cell cells[CELLS];
};

static void
add_cell(struct cells *cells, uint64_t mask, uint64_t value)
{
	if (cells->count == CELLS) {
		cells->full = true;
		return;
	}
	cells->cells[cells->count++] = (struct cell){ mask, value & mask };
}

/*
 * The values that agree with VALUE above some bit and differ there: upwards
 * (where VALUE has a 0), downwards (where it has a 1), or both.
 */
static void
add_beside(
    struct cells *cells, unsigned int width, uint64_t value, bool up, bool down)
{
	uint64_t all = width == 32 ? UINT32_MAX : UINT64_MAX;

	for (unsigned int i = width; i-- > 0;) {
		uint64_t bit = UINT64_C(1) << i;

		if ((value & bit) != 0 ? down : up)
			add_cell(cells, all & ~(bit - 1), value ^ bit);
	}
}

/* A clause as cells; its operands are the numbers of COMPARISON. */
static void
add_clause(struct cells *cells, const struct clause *clause,
    const struct comparison *comparison)
{
	uint64_t all = clause->width == 32 ? UINT32_MAX : UINT64_MAX;
	uint64_t value = comparison->value & all;

	switch ((enum clause_op)clause->op) {
	case CLAUSE_MASKED_EQ:
		add_cell(cells, comparison->mask & all, value);
		break;
	case CLAUSE_EQ:
		add_cell(cells, all, value);
		break;
	case CLAUSE_NE:
		add_beside(cells, clause->width, value, true, true);
		break;
	case CLAUSE_LE:
		add_cell(cells, all, value);
		__attribute__((fallthrough));
	case CLAUSE_LT:
		add_beside(cells, clause->width, value, false, true);
		break;
	case CLAUSE_GE:
		add_cell(cells, all, value);
		__attribute__((fallthrough));
	case CLAUSE_GT:
		add_beside(cells, clause->width, value, true, false);
		break;
	}
}

/* What is in both. */
static void
intersect(
    struct cells *ret, const struct cells *first, const struct cells *second)
{
	ret->count = 0;
	ret->full = first->full || second->full;
	for (size_t i = 0; i < first->count; i++)
		for (size_t j = 0; j < second->count && !ret->full; j++) {
			struct cell a = first->cells[i], b = second->cells[j];

			if (((a.value ^ b.value) & a.mask & b.mask) == 0)
				add_cell(
				    ret, a.mask | b.mask, a.value | b.value);
		}
}

struct expander {
	const struct filter_file *file;
	const struct entry *entry;
	const struct arch *arch;
	struct diag *diag;
	struct cells arg, clause, both;
	/* Of each argument: what it may be compared with, one by one. */
	struct comparison *choices[6];
	size_t counts[6];
};

static int
operand_number(const struct filter_file *file, const struct clause *clause,
    const struct operand *operand, const struct arch *arch,
    uint64_t *ret_number, struct diag *diag)
{
	*ret_number = operand->number;
	if (operand->symbol == NULL ||
	    symbol_value(operand->symbol, arch, ret_number, diag) == 0)
		return 0;
	return diag_place(diag, place_file(file, clause->place),
	    clause->place.line, clause->place.column);
}

int
clause_compare(const struct filter_file *file, const struct clause *clause,
    const struct arch *arch, struct comparison *ret_comparison,
    struct diag *diag)
{
	int r;

	*ret_comparison = (struct comparison){
		.arg = clause->arg, .op = clause->op, .mask = UINT64_MAX
	};
	r = operand_number(
	    file, clause, &clause->value, arch, &ret_comparison->value, diag);
	if (r == 0 && clause->op == CLAUSE_MASKED_EQ)
		r = operand_number(file, clause, &clause->mask, arch,
		    &ret_comparison->mask, diag);
	return r;
}

static int
too_many(const struct expander *expander)
{
	const struct entry *entry = expander->entry;

	diag_set(expander->diag, ENOTSUP,
	    "the rule for %s would take more than %d rules", entry->call,
	    EXPAND_RULES);
	diag_place(expander->diag, place_file(expander->file, entry->place),
	    entry->place.line, entry->place.column);
	return -ENOTSUP;
}

/* The only clause about the argument, if the format can have it as it is. */
static const struct clause *
find_plain(const struct entry *entry, unsigned int arg)
{
	const struct clause *found = NULL;

	for (size_t i = 0; i < entry->clause_count; i++) {
		if (entry->clauses[i].arg != arg)
			continue;
		if (found != NULL || entry->clauses[i].width == 32)
			return NULL;
		found = &entry->clauses[i];
	}
	return found;
}

static int
set_choices(struct expander *expander, unsigned int arg, struct arena *arena)
{
	const struct cells *cells = &expander->arg;
	struct comparison *choices;

	if (cells->full || cells->count > EXPAND_RULES)
		return too_many(expander);
	choices = arena_alloc(arena, cells->count + 1, sizeof(*choices));
	if (choices == NULL)
		return diag_set(expander->diag, ENOMEM, "out of memory");
	for (size_t i = 0; i < cells->count; i++)
		choices[i] = (struct comparison){ .arg = (uint8_t)arg,
			.op = cells->cells[i].mask == UINT64_MAX
			          ? CLAUSE_EQ
			          : CLAUSE_MASKED_EQ,
			.value = cells->cells[i].value,
			.mask = cells->cells[i].mask };
	expander->choices[arg] = choices;
	expander->counts[arg] = cells->count;
	return 0;
}

/* All the clauses about one argument, as alternatives of one comparison. */
static int
expand_arg(struct expander *expander, unsigned int arg, struct arena *arena)
{
	const struct entry *entry = expander->entry;
	const struct clause *plain = find_plain(entry, arg);
	struct comparison comparison = { 0 };
	int r = 0;

	expander->arg.count = 0;
	expander->arg.full = false;
	add_cell(&expander->arg, 0, 0);
	for (size_t i = 0; i < entry->clause_count && r == 0; i++) {
		const struct clause *clause = &entry->clauses[i];

		if (clause->arg != arg)
			continue;
		r = clause_compare(expander->file, clause, expander->arch,
		    &comparison, expander->diag);
		expander->clause.count = 0;
		expander->clause.full = false;
		add_clause(&expander->clause, clause, &comparison);
		intersect(&expander->both, &expander->arg, &expander->clause);
		expander->arg = expander->both;
	}
	if (r < 0)
		return r;
	if (plain == NULL || plain->op == CLAUSE_MASKED_EQ)
		return set_choices(expander, arg, arena);
	expander->choices[arg] =
	    arena_alloc(arena, 1, sizeof(struct comparison));
	if (expander->choices[arg] == NULL)
		return diag_set(expander->diag, ENOMEM, "out of memory");
	*expander->choices[arg] = comparison;
	expander->counts[arg] = 1;
	return 0;
}

/* Every combination of one choice for each argument. */
static int
combine(
    const struct expander *expander, struct arena *arena, struct expanded *ret)
{
	size_t total = 1;

	for (unsigned int arg = 0; arg < 6; arg++) {
		total *= expander->counts[arg];
		if (total > EXPAND_RULES)
			return too_many(expander);
	}
	ret->count = total;
	ret->rules = arena_alloc(arena, total + 1, sizeof(*ret->rules));
	if (ret->rules == NULL)
		return diag_set(expander->diag, ENOMEM, "out of memory");
	for (size_t i = 0; i < total; i++) {
		struct expanded_rule *rule = &ret->rules[i];
		size_t rest = i;

		for (unsigned int arg = 0; arg < 6; arg++) {
			const struct comparison *chosen =
			    &expander
			         ->choices[arg][rest % expander->counts[arg]];

			rest /= expander->counts[arg];
			if (chosen->mask != 0)
				rule->comparisons[rule->count++] = *chosen;
		}
	}
	return 0;
}

int
entry_expand(const struct filter_file *file, const struct entry *entry,
    const struct arch *arch, struct arena *arena, struct expanded *ret_expanded,
    struct diag *diag)
{
	cleanup_free struct expander *expander = calloc(1, sizeof(*expander));
	int r = 0;

	if (expander == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	expander->file = file;
	expander->entry = entry;
	expander->arch = arch;
	expander->diag = diag;
	*ret_expanded = (struct expanded){ 0 };
	for (unsigned int arg = 0; arg < 6 && r == 0; arg++)
		r = expand_arg(expander, arg, arena);
	return r == 0 ? combine(expander, arena, ret_expanded) : r;
}

static bool
is_masked(const struct comparison *comparison)
{
	return comparison->op == CLAUSE_EQ ||
	       comparison->op == CLAUSE_MASKED_EQ;
}

static bool
contradicts(const struct comparison *a, const struct comparison *b)
{
	return a->arg == b->arg && is_masked(a) && is_masked(b) &&
	       ((a->value ^ b->value) & a->mask & b->mask) != 0;
}

bool
expanded_disjoint(
    const struct expanded_rule *first, const struct expanded_rule *second)
{
	for (size_t i = 0; i < first->count; i++)
		for (size_t j = 0; j < second->count; j++)
			if (contradicts(&first->comparisons[i],
			        &second->comparisons[j]))
				return true;
	return false;
}
