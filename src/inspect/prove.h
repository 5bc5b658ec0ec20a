/* SPDX-License-Identifier: ISC */
/* No policy leaves whose program does not do what it says. */
#ifndef INSPECT_PROVE_H
#define INSPECT_PROVE_H

#include "format/user_filters.h"
#include "prove/verify.h"
#include "sandbox/sandbox.h"

/*
 * Makes the program that POLICY and its FILTERS come to for a launch, and
 * decides whether it answers every call as they say.  0; -EPROTO and the call
 * on which it does not; what sandbox_compile() returns.  That it contradicts
 * itself, or is too large a question, is a warning.
 */
int policy_prove(const struct policy *policy, struct user_filters *filters,
    struct diag *diag);

/*
 * What the verifier's answer R means: 0 proved, or (a warning) too large a
 * question; -EPROTO and the call ONE on which it differs; -errno, as SAID.
 * PLACE: the file that it is about, "": none.
 */
int prove_result(int r, const struct verify_case *one, const char *place,
    const struct diag *said, struct diag *diag);

/* The same for a sandbox made already. */
int sandbox_prove(const struct sandbox *sandbox, struct diag *diag);

#endif
