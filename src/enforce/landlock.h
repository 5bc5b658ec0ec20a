/* SPDX-License-Identifier: ISC */
#ifndef ENFORCE_LANDLOCK_H
#define ENFORCE_LANDLOCK_H

#include "base/diag.h"
#include "sandbox/landlock.h"

/*
 * Puts the calling thread, and what it starts, under PLAN for good; takes
 * no_new_privs first.  Returns 0 or -errno, then nothing has changed.
 *
 * A plan that grants but cannot refuse (no Landlock, or no port rules) is an
 * error; one that handles nothing and grants nothing does nothing, or, `apart`,
 * keeps out of other processes.
 */
int enforce_landlock(const struct landlock_plan *plan, struct diag *diag);

/*
 * The same without its last step: *RET_RULESET is what to restrict oneself with
 * (ll_restrict_self), -1 if there is nothing to do.
 */
int enforce_landlock_prepare(
    const struct landlock_plan *plan, int *ret_ruleset, struct diag *diag);

#endif
