/* SPDX-License-Identifier: ISC */
/* Comments of a policy file that is written again. */
#ifndef POLICY_COMMENTS_H
#define POLICY_COMMENTS_H

#include <stdbool.h>

#include "base/diag.h"
#include "base/strbuf.h"

/* Whether COMMENT ("# ...") is what a program writes itself, anew each time. */
typedef bool comment_is_ours(const char *comment);

/*
 * Adds the policy TEXT to BUF, with the comments that OLD had: above the
 * statement that they stood above or beside, if it still grants some of the
 * same; at the top what stood at the top, before an empty line; and behind all
 * what has no statement any more.  Without OURS (may be NULL).  -ENOMEM.
 */
int comments_keep(const char *old, const char *text, comment_is_ours *ours,
    struct strbuf *buf, struct diag *diag);

/* Adds the text of NAME to BUF: a file, or a profile, as -i takes it; what
 * cannot be read is not there. */
void comments_source(const char *name, struct strbuf *buf);

#endif
