/* SPDX-License-Identifier: ISC */
/*
 * A rule said as formats can that compare each argument once and know 64-bit
 * values only: as several rules, each a list of such comparisons.
 */
#ifndef FORMAT_EXPAND_H
#define FORMAT_EXPAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/ruleset.h"

#define EXPAND_RULES 1024 /* of one rule; more are refused */

struct comparison {
	uint8_t arg;
	uint8_t op; /* enum clause_op; not MASKED_EQ: the mask is all ones */
	uint64_t value, mask;
};

struct expanded_rule {
	struct comparison comparisons[6]; /* ascending arguments */
	size_t count;
};

struct expanded {
	struct expanded_rule *rules; /* none: the rule never holds */
	size_t count;
};

/*
 * A clause of 64 bits with its symbols as ARCH's numbers; -EINVAL for one that
 * ARCH has not.
 */
int clause_compare(const struct filter_file *file, const struct clause *clause,
    const struct arch *arch, struct comparison *ret_comparison,
    struct diag *diag);

/*
 * The result is ARENA's.  -EINVAL for a symbol that ARCH has not, -ENOTSUP for
 * too many rules, -ENOMEM.
 */
int entry_expand(const struct filter_file *file, const struct entry *entry,
    const struct arch *arch, struct arena *arena, struct expanded *ret_expanded,
    struct diag *diag);

/* Whether no call can satisfy both, as far as that is seen at once. */
bool expanded_disjoint(
    const struct expanded_rule *first, const struct expanded_rule *second);

#endif
