/* SPDX-License-Identifier: ISC */
/* Two whole policies against each other. */
#ifndef INSPECT_POLICY_DIFF_H
#define INSPECT_POLICY_DIFF_H

#include "base/strbuf.h"
#include "policy/policy.h"

/*
 * Writes every difference of the policies FIRST and SECOND (files, or profiles'
 * names) to BUF, a line each with a call, a path or a port as a witness; before
 * them which one is wider.  JSON: one object.
 *
 * System calls are compared as the filters of this machine answer them, paths
 * and ports as they are written.  0: they are equal; 1: they are not; -errno.
 */
int policy_diff(const char *first, const char *second, bool json,
    struct strbuf *buf, struct diag *diag);

#endif
