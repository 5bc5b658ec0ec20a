/* SPDX-License-Identifier: ISC */
/* A policy's own "allow CALL" and "deny CALL" as filters. */
#ifndef FORMAT_CALL_RULES_H
#define FORMAT_CALL_RULES_H

#include "format/ruleset.h"
#include "policy/policy.h"

/*
 * The rules of POLICY that allow, or those that deny, as a file of one filter
 * that leaves all other calls alone; without a set if there are none.
 *
 * A comparison is of 32 or of 64 bits, whichever denies more: how many the
 * kernel reads depends on the call.  -EINVAL and the place of a value that is
 * none.
 */
int call_rules_file(const struct policy *policy, bool allow,
    struct filter_file *ret_file, struct diag *diag);

/* Says what the rules that allow open, one warning each. */
void call_rules_warn(const struct policy *policy, struct diag *diag);

#endif
