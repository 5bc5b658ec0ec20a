/* SPDX-License-Identifier: ISC */
/*
 * A policy as it would be carried out here for a command, which is not run: who
 * asks about it asks what a run would do.
 */
#ifndef INSPECT_POLICY_PLAN_H
#define INSPECT_POLICY_PLAN_H

#include "base/diag.h"
#include "format/user_filters.h"
#include "launch/implied.h"
#include "launch/target.h"
#include "sandbox/sandbox.h"

/* Large: not for a stack. */
struct policy_plan {
	struct policy policy; /* the caller's: read before */
	struct user_filters filters;
	struct features features;
	struct launch_paths paths;
	struct target target;
	struct sandbox sandbox;
};

/*
 * Plans to run ARGV under plan->policy, which is filled in, and the rest zero.
 * ARGV NULL: some program or other.  TMP: the run's private directory.  -errno
 * and a sentence; policy_plan_free() follows in any case.
 */
int policy_plan_make(struct policy_plan *plan, char *const *argv,
    const char *tmp, struct diag *diag);
void policy_plan_free(struct policy_plan *plan);

#endif
