/* SPDX-License-Identifier: ISC */
/* What a trace says, for people and as JSON; each without its newline. */
#ifndef RUN_TRACE_LINES_H
#define RUN_TRACE_LINES_H

#include <signal.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "event/call.h"

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

/* An exit status: "exit status 1", "SIGTERM" for 128+15. */
void trace_status_text(int status, struct strbuf *buf);

#endif
