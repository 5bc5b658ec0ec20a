/* SPDX-License-Identifier: ISC */
#ifndef ENFORCE_FDS_H
#define ENFORCE_FDS_H

#include <stddef.h>

#include "base/diag.h"

/*
 * Closes every descriptor above 2 that is not among the COUNT of KEEP, in any
 * order; those stay open across exec.  -EBADF, and nothing closed, if one of
 * them is not open.
 */
int enforce_close_fds(const int *keep, size_t count, struct diag *diag);

/*
 * A descriptor that is a directory, O_PATH or not: of 0 to 2 and the COUNT of
 * KEEP, or, if that is NULL, of all that are open.  -1: none.
 */
int enforce_find_directory(const int *keep, size_t count);

#endif
