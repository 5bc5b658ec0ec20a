/* SPDX-License-Identifier: ISC */
/* The private directory of one run. */
#ifndef RUN_TMP_H
#define RUN_TMP_H

#include "base/diag.h"

/* Makes it below TMPDIR or /tmp, mode 0700; RET_PATH is to be freed. */
int tmp_make(char **ret_path, struct diag *diag);

/*
 * Removes it and all that is in it, following no symbolic link and crossing
 * into no other file system.  0, or -errno and what stays.
 */
int tmp_remove(const char *path, struct diag *diag);

#endif
