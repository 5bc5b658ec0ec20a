/* SPDX-License-Identifier: ISC */
/* What the comments of a learned policy say that its program does without. */
#ifndef RUN_KNOWN_H
#define RUN_KNOWN_H

#include "base/diag.h"
#include "judge/known.h"
#include "learn/learn.h"

struct known_policy {
	struct known known;
	struct learned learned;
};

/* Of POLICY, a file or a profile, for the command ARGV.  -errno. */
int known_read(const char *policy, char *const *argv,
    struct known_policy *ret_known, struct diag *diag);
void known_free(struct known_policy *known);

#endif
