/* SPDX-License-Identifier: ISC */
/* The filters that a process runs under, as the kernel keeps them. */
#ifndef SUPERVISE_INSTALLED_H
#define SUPERVISE_INSTALLED_H

#include <stddef.h>
#include <sys/types.h>

#include "base/diag.h"
#include "filter/program.h"

/*
 * Reads the filters of thread PID, the first one installed first; it stands
 * still for as long.  None: 0 and *RET_COUNT 0.  -ESRCH; -EPERM, -EACCES with
 * what it takes; -ENOTSUP.
 */
int installed_read(pid_t pid, struct program **ret_programs, size_t *ret_count,
    struct diag *diag);

#endif
