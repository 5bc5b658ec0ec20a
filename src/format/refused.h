/* SPDX-License-Identifier: ISC */
/* Filters in languages that are known here, and not read. */
#ifndef FORMAT_REFUSED_H
#define FORMAT_REFUSED_H

#include "format/format.h"

/*
 * -ENOTSUP, and what can be done, for a text in such a language; so that it is
 * not taken for one that it is not.
 */
int refused_check(
    const char *path, const struct format_bytes *bytes, struct diag *diag);

#endif
