/* SPDX-License-Identifier: ISC */
/*
 * Where a file that a user names is, or would be.  On the way there, the rules
 * of fs.protected_symlinks, _fifos and _regular hold (proc_sys_fs(5)), whatever
 * the kernel is set to, and for the directories on the way, too: what somebody
 * else has put into a directory where everybody may write leads nowhere, and
 * is not written to.
 */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/diag.h"

struct place {
	int directory;           /* O_PATH; to be closed */
	char name[NAME_MAX + 1]; /* in it; no symbolic link, unless: */
	bool magic; /* one of /proc's, which leads to an open file */
	bool exists;
	struct stat st; /* of what exists; of a magic link, what is behind */
};

/*
 * -EACCES: another user's link is on the way, or another user's file, FIFO or
 * socket is at its end; -EISDIR; -ENOENT for a directory on the way.
 */
int place_find(const char *path, struct place *ret_place, struct diag *diag);

/*
 * Opens what exists there, with open(2)'s FLAGS (never O_CREAT); the same
 * -EACCES if another file has taken its place.
 */
int place_open(
    const struct place *place, const char *path, int flags, struct diag *diag);

#endif
