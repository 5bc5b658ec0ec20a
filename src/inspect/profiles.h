/* SPDX-License-Identifier: ISC */
#ifndef INSPECT_PROFILES_H
#define INSPECT_PROFILES_H

#include "base/diag.h"
#include "base/strbuf.h"

/*
 * Lists the profiles that -i finds by name, each with the sentence that its
 * file begins with, or (NAME) prints the one called so as it will be read.
 * -ENOENT, -EINVAL.
 */
int profiles_describe(const char *name, struct strbuf *buf, struct diag *diag);
/* Likewise: an array of objects, or one that holds the policy's text. */
int profiles_describe_json(
    const char *name, struct strbuf *buf, struct diag *diag);

#endif
