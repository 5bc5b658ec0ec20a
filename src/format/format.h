/* SPDX-License-Identifier: ISC */
/* The formats that filters are kept in: one row and one file each. */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include "base/strbuf.h"
#include "format/ruleset.h"

#define FORMAT_FILE_LIMIT ((size_t)4 << 20) /* bytes; real ones have 20 kB */

struct format_bytes {
	char *data; /* with a NUL behind */
	size_t length;
	bool is_file; /* what it includes may be beside it */
};

struct write_options {
	bool numbers;            /* write symbols as the numbers they are */
	const struct arch *arch; /* whose numbers */
	const struct arch_list *archs; /* all that are meant; NULL: `arch` */
	bool lossy;                    /* leave out what cannot be said; warn */
	/* Leave out calls whose names a reader made on Debian 12 lacks, if it
	 * then refuses the whole file. */
	bool portable;
};

struct format {
	const char *name; /* for --from and --to */
	const char *text; /* what it is, for people */
	/* By content alone; rows are asked in order. */
	bool (*recognise)(const struct format_bytes *bytes);
	/* RET_FILE has path and format.  May take bytes->data, leaving NULL.
	 * -errno and "PATH:LINE:COLUMN: ...". */
	int (*read)(struct format_bytes *bytes, struct filter_file *ret_file,
	    struct diag *diag);
	/* -ENOTSUP names what the format cannot say.  NULL: not written. */
	int (*write)(const struct filter_file *file,
	    const struct write_options *options, struct strbuf *buf,
	    struct diag *diag);
};
extern const struct format *const formats[];
extern const size_t format_count;

extern const struct format format_seccompiler;
extern const struct format format_bpf;
extern const struct format format_minijail;
extern const struct format format_oci;
extern const struct format format_systemd;

const struct format *format_find(const char *name);
/* The format called NAME, or -EINVAL and what there is. */
int format_choose(
    const char *name, const struct format **ret_format, struct diag *diag);

/*
 * Reads PATH, in FORMAT or, if that is NULL, in the one that its content shows.
 */
int format_read_file(const char *path, const struct format *format,
    struct filter_file *ret_file, struct diag *diag);

/* The same for text in memory; DATA, from malloc(), is freed. */
int format_read(const char *path, struct format_bytes bytes,
    const struct format *format, struct filter_file *ret_file,
    struct diag *diag);

#endif
