/* SPDX-License-Identifier: ISC */
/*
 * What a format cannot say.  Unless the user accepts losses, the first one
 * ends the writing; else each is warned about, and left out.
 */
#ifndef FORMAT_LOSSES_H
#define FORMAT_LOSSES_H

#include "format/format.h"

struct writer {
	const struct filter_file *file;
	const struct ruleset *set;
	const struct write_options *options;
	const char *format; /* "an OCI profile" */
	bool keeps_unknown; /* calls that no architecture has, as it was read */
	struct strbuf *buf;
	struct diag *diag;
	struct arena arena;
};

/* "PATH:LINE:COLUMN: FORMAT cannot say WHAT": -ENOTSUP, or 0 and a warning. */
int writer_lose(const struct writer *writer, struct place place,
    const char *what, ...) __attribute__((format(printf, 3, 4)));

/* The same for a call that no architecture has. */
int writer_lose_call(const struct writer *writer, const struct entry *entry);

/* The one filter of a file; other formats keep several. */
int writer_start(struct writer *writer, const char *format);

/*
 * What most formats leave to those who load it: what other architectures'
 * calls, numbers above the table and x32's get; and a profile's listener.
 */
int writer_check_rest(const struct writer *writer);

/* Entries that count, by call, then in order; the arena's. */
int writer_sort(struct writer *writer, const struct entry ***ret_entries,
    size_t *ret_count);

#endif
