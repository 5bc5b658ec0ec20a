/* SPDX-License-Identifier: ISC */
/* What a kernel lacks for a policy. */
#ifndef SANDBOX_GAPS_H
#define SANDBOX_GAPS_H

#include "sandbox/sandbox.h"

/*
 * -ENOTSUP, if this kernel cannot enforce what REQUEST asks for and best_effort
 * is off; what stays open is said through diag_warn().  WHEN: its
 * circumstances.
 */
int gaps_check(const struct sandbox_request *request, unsigned int when,
    struct diag *diag);

#endif
