/* SPDX-License-Identifier: ISC */
/*
 * What the tests of a filter's rules ask, and what the kernel reads of the
 * arguments that they look at: where the two differ, a rule says less than it
 * seems to.
 */
#ifndef FORMAT_MEANING_H
#define FORMAT_MEANING_H

#include "format/ruleset.h"

/*
 * Warns of tests that are always or never true, of arguments that a call does
 * not have, and of tests wider or narrower than the argument, or that take a
 * negative number for a large one, where that lets through what the rule means
 * to refuse.  Calls are those of the first of ARCHS that has them.
 */
void ruleset_warn_meaning(const struct filter_file *file,
    const struct ruleset *set, const struct arch_list *archs,
    struct diag *diag);

#endif
