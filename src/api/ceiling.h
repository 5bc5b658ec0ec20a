/* SPDX-License-Identifier: ISC */
/*
 * What no request may exceed: a policy that is given when the server starts.
 *
 * A request's policy is compared with it, so that the refusal can name what
 * exceeds it.  The paths are enforced besides, by a ruleset that a worker puts
 * itself under before it opens anything, so that no name that changes its
 * meaning between the two leads outside.
 */
#ifndef API_CEILING_H
#define API_CEILING_H

#include "base/diag.h"
#include "launch/implied.h"
#include "policy/policy.h"

struct ceiling;

/*
 * Reads the file or profile NAME.  -errno and a sentence: it cannot be read, or
 * not be enforced here.
 */
int ceiling_open(
    const char *name, struct ceiling **ret_ceiling, struct diag *diag);
void ceiling_free(struct ceiling *ceiling);

/*
 * Itself, as the policy of a command that is watched; what it points to stays
 * the ceiling's.  Its paths are absolute, as they were found at the start; one
 * that is not there grants nothing.  There is no private directory, which no
 * worker could make.
 */
struct policy ceiling_policy(const struct ceiling *ceiling);

/* Puts the calling process under its paths, for good. */
int ceiling_enter(const struct ceiling *ceiling, struct diag *diag);

/*
 * Whether POLICY's promises, ports and limits are within; adds what the ceiling
 * has and POLICY leaves open: limits, killing, filters.  -EPERM and what
 * exceeds it.
 */
int ceiling_apply(
    const struct ceiling *ceiling, struct policy *policy, struct diag *diag);

/*
 * Whether PATHS are within: the user's, and what is opened for the program.
 * -EPERM and the first that is not.
 */
int ceiling_check_paths(const struct ceiling *ceiling,
    const struct launch_paths *paths, struct diag *diag);

#endif
