/* SPDX-License-Identifier: ISC */
/* What the verbs of filters share: a file, and the filter chosen in it. */
#ifndef INSPECT_FILTER_CHECK_H
#define INSPECT_FILTER_CHECK_H

#include "format/user_filters.h"
#include "inspect/filter.h"

struct filter_source {
	struct filter_name name; /* whose path the file's is */
	struct filter_file file;
	const struct ruleset *set;  /* NULL: the file is a program, or all */
	struct ruled_filters ruled; /* none: a program */
};

/* Reads the file alone.  Freed also if that fails. */
int filter_source_open(const struct filter_request *request,
    struct filter_source *ret_source, struct diag *diag);
void filter_source_free(struct filter_source *source);
#define cleanup_filter_source __attribute__((cleanup(filter_source_free)))

/* Chooses the filter that is asked for, and makes it ready. */
int filter_source_choose(const struct filter_request *request,
    struct filter_source *source, struct diag *diag);

/* "x86_64,i386" */
void filter_add_archs(struct strbuf *buf, const struct arch_list *archs);

/* "allow read if arg0 == 1  # comment" */
void filter_add_entry(struct strbuf *buf, const struct entry *entry);

#endif
