/* SPDX-License-Identifier: ISC */
/* What a run did against what a policy grants: the lines beside the page. */
#ifndef RUN_TRACE_JUDGE_H
#define RUN_TRACE_JUDGE_H

#include "base/arena.h"
#include "run/trace_page.h"

struct trace_judge {
	struct page_line *lines;
	size_t count, capacity;
	struct arena arena; /* their texts */
	bool judged, failed;
};

/* "rwxc" of Landlock's rights. */
unsigned int trace_judge_letters(uint64_t rights);

/* Says of each path what is granted.  -ENOMEM. */
int trace_judge_paths(struct trace_page *page);

/* Fills in what is granted of each path, too.  -ENOMEM. */
int trace_judge_make(struct trace_page *page, struct trace_judge *judge);

/* The page's policy part; JUDGE must outlive ABOUT. */
void trace_judge_about(
    const struct trace_judge *judge, struct page_about *about);

void trace_judge_free(struct trace_judge *judge);

#endif
