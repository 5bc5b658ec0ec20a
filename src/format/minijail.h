/* SPDX-License-Identifier: ISC */
/* minijail's policies: what reader and writer share. */
#ifndef FORMAT_MINIJAIL_H
#define FORMAT_MINIJAIL_H

#include "format/format.h"

#define MINIJAIL_ALTERNATIVES 512 /* of one call */
#define MINIJAIL_ATOMS        16  /* comparisons of one alternative */

struct minijail_op {
	const char *text;
	enum clause_op op;
};
/* The longer ones first. */
extern const struct minijail_op minijail_ops[];
extern const size_t minijail_op_count;

int minijail_read(struct format_bytes *bytes, struct filter_file *ret_file,
    struct diag *diag);

/* Warns if minijail0 would make more of TEXT, a policy, than the kernel takes;
 * within one in a hundred. */
void minijail_warn_size(const char *name, const char *text, struct diag *diag);

#endif
