/* SPDX-License-Identifier: ISC */
#ifndef ENFORCE_SECCOMP_H
#define ENFORCE_SECCOMP_H

#include "base/diag.h"
#include "filter/program.h"

/*
 * No exec gains powers any more: not by set-user-ID, nor by file capabilities.
 * An unprivileged Landlock or seccomp needs it first.
 */
int enforce_no_new_privs(struct diag *diag);

/* Memory that was writable never becomes executable (Linux 6.3). */
int enforce_mdwe(struct diag *diag);

/*
 * Puts the calling thread under PROGRAM for good.  FLAGS:
 * SECCOMP_FILTER_FLAG_*.  Returns 0 or -errno; with NEW_LISTENER, the
 * listener's descriptor (close-on-exec).  With TSYNC, -EBUSY means that another
 * thread has filters of its own, and nothing has changed.
 */
int enforce_seccomp(
    const struct program *program, unsigned int flags, struct diag *diag);

/* The same under filters that let COOKIE's holder add one. */
int enforce_seccomp_besides(
    const struct program *program, const uint64_t cookie[3], struct diag *diag);

#endif
