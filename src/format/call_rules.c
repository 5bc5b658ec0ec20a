/* SPDX-License-Identifier: ISC */
#include "format/call_rules.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "format/symbols.h"
#include "policy/calls.h"
#include "policy/promise.h"

static int
out_of_memory(struct diag *diag)
{
	return diag_set(diag, ENOMEM, "out of memory");
}

static int
read_value(const struct call_rule *rule, const char *text, uint64_t *ret_value,
    struct diag *diag)
{
	if (symbol_value(text, arch_native(), ret_value, diag) == 0)
		return 0;
	return diag_place(diag, rule->file, rule->line, 1);
}

/*
 * The kernel reads 32 bits of some arguments and 64 of others.  What is equal
 * or less in 64 bits is so in the lower 32; what is unequal or greater in the
 * lower 32 is so in 64.  So for what denies the one is compared in 32 bits and
 * the other in 64, and for what allows the other way round.
 */
static uint8_t
choose_width(bool allow, enum clause_op op, uint64_t largest)
{
	bool narrow = op == CLAUSE_EQ || op == CLAUSE_MASKED_EQ ||
	              op == CLAUSE_LT || op == CLAUSE_LE;

	if (largest > UINT32_MAX)
		return 64;
	return narrow != allow ? 32 : 64;
}

static int
make_clause(const struct call_rule *rule, const struct call_test *test,
    struct clause *clause, struct diag *diag)
{
	static const uint8_t ops[CALL_OPS] = { [CALL_EQ] = CLAUSE_EQ,
		[CALL_NE] = CLAUSE_NE,
		[CALL_LT] = CLAUSE_LT,
		[CALL_LE] = CLAUSE_LE,
		[CALL_GT] = CLAUSE_GT,
		[CALL_GE] = CLAUSE_GE };
	uint64_t value, mask = 0;
	int r = read_value(rule, test->value, &value, diag);

	if (r == 0 && test->mask != NULL)
		r = read_value(rule, test->mask, &mask, diag);
	if (r < 0)
		return r;
	if (test->mask != NULL && (mask == 0 || (value & ~mask) != 0))
		return diag_set(diag, EINVAL, "%s:%u: arg%u & %s == %s: %s",
		    rule->file, rule->line, test->arg, test->mask, test->value,
		    mask == 0 ? "a mask of 0 asks for nothing"
		              : "the value has bits that the mask has not");
	*clause = (struct clause){ .arg = test->arg,
		.op = test->mask != NULL ? CLAUSE_MASKED_EQ : ops[test->op],
		.value = { .number = value },
		.mask = { .number = mask },
		.place = { rule->line, 1, rule->file } };
	/* A number below zero fills the register, and its low word counts. */
	clause->width = choose_width(rule->allow, clause->op,
	    (int64_t)value < 0 && (int64_t)value >= INT32_MIN ? 0
	                                                      : (value | mask));
	return 0;
}

static int
make_entry(struct filter_file *file, const struct call_rule *rule,
    uint32_t action, struct entry *entry, struct diag *diag)
{
	int r = 0;

	*entry = (struct entry){ .call = rule->call,
		.action = action,
		.place = { rule->line, 1, rule->file } };
	if (rule->count == 0)
		return 0;
	entry->clauses =
	    arena_alloc(&file->arena, rule->count, sizeof(*entry->clauses));
	if (entry->clauses == NULL)
		return out_of_memory(diag);
	for (size_t i = 0; i < rule->count && r == 0; i++)
		r = make_clause(
		    rule, &rule->tests[i], &entry->clauses[i], diag);
	entry->clause_count = rule->count;
	return r;
}

static uint32_t
refusal(const struct policy *policy)
{
	int err =
	    policy->violation_errno != 0 ? policy->violation_errno : EPERM;

	return policy->kill ? SECCOMP_RET_KILL_PROCESS
	                    : SECCOMP_RET_ERRNO | (uint32_t)err;
}

int
call_rules_file(const struct policy *policy, bool allow,
    struct filter_file *ret_file, struct diag *diag)
{
	uint32_t action = allow ? SECCOMP_RET_ALLOW : refusal(policy);
	struct ruleset *set;
	int r = 0;

	*ret_file = (struct filter_file){ .path = "the policy" };
	set = arena_alloc(&ret_file->arena, 1, sizeof(*set));
	if (set == NULL)
		return out_of_memory(diag);
	*set = (struct ruleset){ .fallback = SECCOMP_RET_ALLOW,
		.match = action,
		.unknown = SECCOMP_RET_ALLOW,
		.x32 = SECCOMP_RET_ALLOW,
		.foreign = SECCOMP_RET_ALLOW,
		.entries = arena_alloc(&ret_file->arena, policy->call_count + 1,
		    sizeof(struct entry)) };
	if (set->entries == NULL) {
		filter_file_free(ret_file);
		return out_of_memory(diag);
	}
	for (size_t i = 0; i < policy->call_count && r == 0; i++)
		if (policy->calls[i].allow == allow)
			r = make_entry(ret_file, &policy->calls[i], action,
			    &set->entries[set->count++], diag);
	if (r < 0) {
		filter_file_free(ret_file);
		return r;
	}
	if (set->count > 0) {
		ret_file->path = set->entries[0].place.file;
		set->place = set->entries[0].place;
		set->fallback_place = set->place;
		ret_file->sets = set;
		ret_file->set_count = 1;
	}
	return 0;
}

/* What no promise grants, and why not. */
static const char *
find_reason(const char *call)
{
	for (size_t i = 0; i < ungranted_row_count; i++) {
		const char *list = ungranted_rows[i].calls;
		struct call_word word;

		while (call_word_next(&list, &word))
			if (strncmp(word.name, call, word.length) == 0 &&
			    call[word.length] == '\0')
				return ungranted_rows[i].text;
	}
	return NULL;
}

void
call_rules_warn(const struct policy *policy, struct diag *diag)
{
	for (size_t i = 0; i < policy->call_count; i++) {
		const struct call_rule *rule = &policy->calls[i];
		const char *reason = find_reason(rule->call);

		if (rule->allow)
			diag_warn(diag, "%s:%u: %s is allowed %s%s%s",
			    rule->file, rule->line, rule->call,
			    rule->count > 0 ? "for these arguments"
			                    : "whatever its arguments are",
			    reason != NULL ? ": " : "",
			    reason != NULL ? reason : "");
	}
}
