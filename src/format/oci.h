/* SPDX-License-Identifier: ISC */
/* Words of the OCI runtime's seccomp profiles, for reader and writer. */
#ifndef FORMAT_OCI_H
#define FORMAT_OCI_H

#include <stddef.h>
#include <stdint.h>

#include "format/format.h"

struct oci_action {
	const char *name;
	uint32_t action;
	int takes_data; /* "errnoRet" */
};
extern const struct oci_action oci_actions[];
extern const size_t oci_action_count;

struct oci_op {
	const char *name;
	enum clause_op op;
};
extern const struct oci_op oci_ops[];
extern const size_t oci_op_count;

/* An architecture by its three names; NULL: not one of ours. */
struct oci_arch {
	const char *scmp; /* "SCMP_ARCH_X86_64" */
	const char *go;   /* "amd64" */
	const char *name; /* as arch_find() knows it */
};
extern const struct oci_arch oci_archs[];
extern const size_t oci_arch_count;

int oci_read(struct format_bytes *bytes, struct filter_file *ret_file,
    struct diag *diag);
int oci_write(const struct filter_file *file,
    const struct write_options *options, struct strbuf *buf, struct diag *diag);

#endif
