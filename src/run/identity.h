/* SPDX-License-Identifier: ISC */
/*
 * Whom -u and -g name, by /etc/passwd and /etc/group alone: a static launcher
 * has no name service, and inside a chroot those files are what counts.
 */
#ifndef RUN_IDENTITY_H
#define RUN_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"

struct identity {
	bool change_user, change_group;
	uid_t uid;
	gid_t gid;
};

/* What the names mean at present, as far as they mean anything; for
 * identity_find() after a change of the root directory. */
void identity_look(
    const char *user, const char *group, struct identity *ret_identity);

/*
 * USER and GROUP: names, numbers, or NULL.  A user's name sets its group as
 * well, unless there is a GROUP.  The files of another root directory are not
 * believed that a name means user or group 0, or none: -EPERM; where OUTSIDE
 * says that the name means another number there, that is warned of.
 * -ENOENT: there is no such name.
 */
int identity_find(const char *user, const char *group,
    const struct identity *outside, struct identity *ret_identity,
    struct diag *diag);

#endif
