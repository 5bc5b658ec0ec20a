/* SPDX-License-Identifier: ISC */
/*
 * A child that is started with CLONE_UNTRACED would be followed by nobody, and
 * under a filter that asks the watcher its calls would fail.  So the flag is
 * taken away for the call, and given back behind it.
 */
#ifndef TRACE_PTRACE_CLONE_H
#define TRACE_PTRACE_CLONE_H

#include "filter/filter.h"
#include "trace/ptrace_tasks.h"

/* TASK is stopped before CALL: 1: the flag was taken away, 0: it is not there,
 * -errno: it stays. */
int clone_trace(struct task *task, const struct call *call);

/* Gives it back to thread TID, which is stopped: the caller, or its child. */
void clone_give_back(pid_t tid, const struct untraced *where);

/* Adds to FILTER that such a call stops. */
void clone_filter(struct filter *filter);

#endif
