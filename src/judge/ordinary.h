/* SPDX-License-Identifier: ISC */
/*
 * Ordinary permissions: what owner, mode and mount say before any policy is
 * asked (path_resolution(7), capabilities(7)).
 */
#ifndef JUDGE_ORDINARY_H
#define JUDGE_ORDINARY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/strbuf.h"
#include "policy/caps.h"

#define IDENTITY_GROUPS 64

/* Who asks. */
struct identity {
	uid_t uid;
	gid_t gid;
	gid_t groups[IDENTITY_GROUPS];
	size_t group_count;
	uint64_t caps; /* effective: 1 << CAP_* */
	bool own; /* ours: the kernel can be asked, which knows of ACLs, too */
};

/* Of thread TID.  False: that cannot be told. */
bool identity_read(struct identity *identity, pid_t tid);

/* Ours, but for other capabilities than those of CAPS. */
void identity_own(struct identity *identity, uint64_t caps);

/*
 * Whether ordinary permissions refuse MODE (R_OK...) on PATH, an absolute one,
 * or the search of a directory above it: the error, and a sentence into
 * RET_WHY.  0: they do not, or that cannot be told.  MISSING: that it does not
 * exist is a reason, too.
 */
int ordinary_refuses(const struct identity *identity, const char *path,
    int mode, bool missing, struct strbuf *ret_why);

/*
 * The capabilities (1 << CAP_*) by which alone that IDENTITY may do MODE on
 * PATH, an absolute one, or search a directory above it; 0: owner and mode
 * allow it, or an access control list may.
 */
uint64_t ordinary_passed(
    const struct identity *identity, const char *path, int mode);

/* "; --caps fowner would pass over that", where that may help IDENTITY. */
void ordinary_say_remedy(const struct identity *identity,
    const struct cap_row *row, struct strbuf *buf);

#endif
