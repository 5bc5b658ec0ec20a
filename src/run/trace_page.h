/* SPDX-License-Identifier: ISC */
/* trace --html: a trace gathered for page/page.h, beside a policy. */
#ifndef RUN_TRACE_PAGE_H
#define RUN_TRACE_PAGE_H

#include <limits.h>

#include "base/diag.h"
#include "launch/implied.h"
#include "page/page.h"
#include "run/trace_totals.h"

#define TRACE_COVERS 512

/* Calls that the same promises allow. */
struct trace_cover {
	promise_set words;
	bool together; /* all of them, where otherwise any will do */
	uint64_t calls;
};

struct trace_page {
	struct page page;
	struct trace_totals totals;
	struct trace_cover covers[TRACE_COVERS];
	size_t cover_count;
	/* What the run is compared with, if `judged`. */
	bool judged;
	char tmp[PATH_MAX]; /* the run's private directory, resolved; "" */
	struct policy policy;
	struct launch_paths granted;
	struct target target;
};

/* How it ended. */
struct trace_page_end {
	const char *file;  /* is written whole or not at all */
	char *const *argv; /* NULL: the process PID */
	pid_t pid;
	int status; /* an exit status; 128+n: by signal n */
	double seconds;
	uint64_t processes;
};

/*
 * Compares with POLICY, a file or a profile's name, as it would be enforced for
 * ARGV (NULL: for nobody in particular).
 */
int trace_page_compare(struct trace_page *page, const char *policy,
    char *const *argv, struct diag *diag);

/* The policy is in PAGE already. */
int trace_page_grant(
    struct trace_page *page, char *const *argv, struct diag *diag);

/* Where a call stands in the chart. */
unsigned int trace_page_lane(const struct cover *cover);

/* CALL has ended WHEN seconds after the beginning; its caller is stopped. */
void trace_page_call(
    struct trace_page *page, const struct event_call *call, double when);

int trace_page_write(struct trace_page *page, const struct trace_page_end *end,
    struct diag *diag);

void trace_page_free(struct trace_page *page);

#endif
