/* SPDX-License-Identifier: ISC */
/* Words of the OCI runtime's seccomp profiles, for reader and writer. */
#ifndef FORMAT_OCI_H
#define FORMAT_OCI_H

#include <stddef.h>
#include <stdint.h>

#include "format/format.h"
#include "json/read.h"

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

/* libseccomp's MAX_ERRNO is refused, though the kernel would take it. */
#define OCI_ERRNO_MAX 4094

enum oci_field_flag {
	FIELD_REQUIRED = 1 << 0,
	FIELD_REMARK = 1 << 1, /* one more or less means nothing */
};

struct oci_field {
	const char *name;
	unsigned int flags; /* enum oci_field_flag */
};

/* Keys that the runtimes do not know: each is named once. */
struct oci_ignored {
	struct strbuf names; /* each with a blank before and behind */
	struct place first;
	size_t count;
};

struct oci_object {
	const struct json_document *json;
	const struct json *value; /* an object */
	struct oci_ignored *ignored;
};

/*
 * The object's members by field, NULL for one that is absent; as the runtimes
 * read JSON: in any case of letters, and other keys are ignored.  -EINVAL for
 * a key that looks like one of the FIELDS misspelt: ignored, it would change
 * what the profile means.
 */
int oci_fields(const struct oci_object *object, const struct oci_field *fields,
    size_t count, const struct json **ret_values, struct diag *diag);

/* Says what was ignored, if anything. */
void oci_warn_ignored(const struct filter_file *file,
    const struct oci_ignored *ignored, struct diag *diag);

int oci_read(struct format_bytes *bytes, struct filter_file *ret_file,
    struct diag *diag);
int oci_write(const struct filter_file *file,
    const struct write_options *options, struct strbuf *buf, struct diag *diag);

#endif
