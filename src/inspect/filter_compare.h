/* SPDX-License-Identifier: ISC */
/* Filters against each other, call by call, and from format to format. */
#ifndef INSPECT_FILTER_COMPARE_H
#define INSPECT_FILTER_COMPARE_H

#include "inspect/filter.h"
#include "prove/verify.h"

/* All return 0, 1 (they differ) or -errno. */

/*
 * Writes every class of calls on which two files differ to BUF: a call that
 * belongs to it, and both answers.  The request's format is for the first.
 */
int filter_diff(const struct filter_request *request, const char *other,
    struct strbuf *buf, struct diag *diag);

/* Whether a program does what a filter says: says so, or where it does not. */
int filter_verify(const struct filter_request *request, const char *other,
    struct strbuf *buf, struct diag *diag);

/*
 * Writes the file in another format, once it is proved to mean the same.
 * -ENOTSUP names what cannot be said; LOSSY: what that changes is warned
 * about.
 */
int filter_convert(const struct filter_request *request,
    const struct format *to, const struct write_options *options,
    struct strbuf *buf, struct diag *diag);

/* The same for a file in memory. */
int filter_write(const struct filter_file *file, const struct format *to,
    const struct write_options *options, struct strbuf *buf, struct diag *diag);

/* "openat(0, 0x1): errno 1 (EPERM) -> allow", a line. */
void add_difference(struct strbuf *buf, const struct verify_case *one);

#endif
