/* SPDX-License-Identifier: ISC */
/* What a policy says in vain, or grants widely; nothing is run. */
#ifndef INSPECT_POLICY_LINT_H
#define INSPECT_POLICY_LINT_H

#include <stdbool.h>

#include "base/diag.h"
#include "base/strbuf.h"

/*
 * Writes to BUF, for the lines of the policy NAME (a file or a profile), those
 * without effect, those that grant widely, and those whose file is missing;
 * what it includes counts, and is not looked at itself.  Returns 0 if there are
 * none, else 1; -errno: it is no policy.
 */
int policy_lint(
    const char *name, bool json, struct strbuf *buf, struct diag *diag);

#endif
