/* SPDX-License-Identifier: ISC */
/* learn --html: what was seen, beside the policy that was learned of it. */
#ifndef RUN_LEARN_PAGE_H
#define RUN_LEARN_PAGE_H

#include "learn/learn.h"
#include "run/trace_page.h"

struct learn_page {
	struct trace_page seen; /* its totals stay empty */
	double began, ended;    /* of the first run, and of the last one */
	bool failed;
};

/* A watched CALL is about to be made. */
void learn_page_call(struct learn_page *page, const struct call *call);

/* A run has ended, and this was learned of it. */
void learn_page_run(
    struct learn_page *page, const struct learning *learning, const char *tmp);

struct learn_page_end {
	const char *file;
	char *const *argv;
	int status;
	unsigned int runs;
	const struct learned *learned; /* of all runs */
};

/* Whole, or not at all. */
int learn_page_write(struct learn_page *page, const struct learn_page_end *end,
    struct diag *diag);
void learn_page_free(struct learn_page *page);

#endif
