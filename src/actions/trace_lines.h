/* SPDX-License-Identifier: ISC */
/* What a trace says, for people and as JSON; each without its newline. */
#ifndef ACTIONS_TRACE_LINES_H
#define ACTIONS_TRACE_LINES_H

#include <signal.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "event/call.h"
#include "policy/promise.h"

/* Processes go by their number, their other threads by "PID/TID". */
void trace_call_text(const struct event_call *call, struct strbuf *buf);
void trace_call_json(const struct event_call *call, struct strbuf *buf);
void trace_signal_text(const struct event_source *source, const siginfo_t *info,
    struct strbuf *buf);
void trace_signal_json(const struct event_source *source, const siginfo_t *info,
    struct strbuf *buf);
void trace_exit_text(
    const struct event_source *source, int status, struct strbuf *buf);
void trace_exit_json(
    const struct event_source *source, int status, struct strbuf *buf);

/* How often, how long, with which errors, by which promises: per name. */
struct trace_total {
	char *name;
	uint64_t calls, errors;
	double seconds;
	promise_set words, together;
	bool always, never; /* some were allowed without a promise; by none */
};

struct trace_totals {
	struct trace_total *rows;
	size_t count, capacity;
	bool failed; /* memory is out */
};

void trace_totals_add(
    struct trace_totals *totals, const struct event_call *call);
void trace_totals_text(struct trace_totals *totals, struct strbuf *buf);
void trace_totals_json(struct trace_totals *totals, struct strbuf *buf);
void trace_totals_free(struct trace_totals *totals);

#endif
