/* SPDX-License-Identifier: ISC */
/* How watching begins: a command in a child, or a process that is there. */
#ifndef TRACE_PTRACE_START_H
#define TRACE_PTRACE_START_H

#include <signal.h>
#include <sys/types.h>

#include "base/diag.h"
#include "trace/ptrace.h"
#include "trace/ptrace_tasks.h"

/* The child that will be the command. */
struct ptrace_child {
	pid_t pid;
	int gate;    /* it waits for a byte from here */
	int verdict; /* what failed comes from here */
};

/* What the command's signals go back to; exec itself resets the others. */
struct ptrace_signals {
	sigset_t mask;
	struct sigaction child, pipe, size;
};

/* Forks it, and seizes it; it waits behind its gate. */
int ptrace_child_start(const struct ptrace_request *request,
    const struct ptrace_signals *signals, struct ptrace_child *ret_child,
    struct diag *diag);

/* Lets it go. */
void ptrace_child_release(struct ptrace_child *child);

/*
 * After its end: 0; or, where the command could not be run, its exit status
 * and the sentence.
 */
int ptrace_child_verdict(struct ptrace_child *child,
    const struct ptrace_request *request, struct diag *diag);

/* Seizes every thread of process PID, and adds them to TASKS. */
int ptrace_attach(pid_t pid, struct tasks *tasks, struct diag *diag);

#endif
