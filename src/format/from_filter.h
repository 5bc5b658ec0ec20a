/* SPDX-License-Identifier: ISC */
/* A filter that no file said, as a file that formats can write. */
#ifndef FORMAT_FROM_FILTER_H
#define FORMAT_FROM_FILTER_H

#include "format/ruleset.h"

/*
 * SKIP (may be NULL) says which rules are left out; COMMENT (the same) what to
 * say of one.  The result is RET_FILE's arena's.  -ENOTSUP: a test that no
 * clause says; -ENOMEM.
 */
struct from_filter {
	const struct filter *filter;
	const char *name; /* of the file, in messages */
	bool (*skip)(const struct rule *rule, void *context);
	const char *(*comment)(const struct rule *rule, void *context);
	void *context;
};
int file_from_filter(const struct from_filter *from,
    struct filter_file *ret_file, struct diag *diag);

#endif
