/* SPDX-License-Identifier: ISC */
/*
 * What a trace adds up to: per call, how often, how long, with which errors,
 * allowed by which promise; and the fewest promises that allow all of it.
 */
#ifndef RUN_TRACE_TOTALS_H
#define RUN_TRACE_TOTALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "event/call.h"
#include "sandbox/sandbox.h"
#include "trace/ptrace_select.h"

/* What a launch gives to the command without a promise. */
struct trace_start {
	/* Its first exec; and, if it has a loader: to open for reading what is
	 * not there, and... */
	bool grace;
	const struct sandbox_path *paths; /* ...what is unveiled for it */
	size_t path_count;
};

struct trace_total {
	char *name;
	uint64_t calls, errors;
	double seconds;
	promise_set words, together; /* any of them does; all of them */
	/* Some were allowed without a promise, for the start, by none. */
	bool always, start, never;
};

/* Different sets of which one word is enough. */
#define TRACE_CHOICES 64

struct trace_totals {
	const struct trace_start *start; /* NULL: nothing is given */
	bool started;
	struct trace_total *rows;
	size_t count, capacity;
	promise_set needed; /* by something, and nothing else would do */
	promise_set choices[TRACE_CHOICES];
	size_t choice_count;
	bool failed; /* memory is out */
};

/* What one call takes. */
struct trace_need {
	struct cover cover;
	bool start;    /* the launch gives it */
	bool harmless; /* programs go on without it */
};

struct trace_need trace_totals_add(
    struct trace_totals *totals, const struct event_call *call);
/* "stdio", "inet|unix": any of them; "rpath+wpath": all; "(none)". */
void trace_total_promises(const struct trace_total *total, struct strbuf *buf);
/* The longest in all first. */
void trace_totals_sort(struct trace_totals *totals);
void trace_totals_text(struct trace_totals *totals, struct strbuf *buf);
void trace_totals_json(struct trace_totals *totals, struct strbuf *buf);
void trace_totals_free(struct trace_totals *totals);

#endif
