/* SPDX-License-Identifier: ISC */
/* What each promise allows, call by call. */
#ifndef INSPECT_PROMISES_H
#define INSPECT_PROMISES_H

#include "base/diag.h"
#include "base/strbuf.h"

/* WORD: one promise, or NULL for the list.  -EINVAL for an unknown word. */
int promises_describe(const char *word, struct strbuf *buf, struct diag *diag);
int promises_describe_json(
    const char *word, struct strbuf *buf, struct diag *diag);

#endif
