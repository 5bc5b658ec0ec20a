/* SPDX-License-Identifier: ISC */
/*
 * Watching all that a command does, by ptrace(2): every call with its result,
 * in the order in which they end, of every thread that it starts.
 *
 * The command is not confined.  What is watched ends when its watcher does.
 */
#ifndef TRACE_PTRACE_H
#define TRACE_PTRACE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"
#include "event/call.h"
#include "filter/program.h"

/* Who is told of what. */
struct ptrace_sink {
	/* Every call that stops, with its caller stopped before it is made;
	 * NULL: nobody looks. */
	void (*enter)(void *context, const struct event_source *source,
	    const struct call *call);
	/* Before anything is read of a call: is it wanted at all? */
	bool (*wants)(void *context, const struct call *call);
	/* It has ended, or (call->ended is false) its thread has. */
	void (*call)(void *context, const struct event_call *call);
	void (*signal)(void *context, const struct event_source *source,
	    const siginfo_t *info);
	/* A process has ended: STATUS is wait(2)'s. */
	void (*exit)(
	    void *context, const struct event_source *source, int status);
	/* About ten times a second, and at the end. */
	void (*tick)(void *context);
	void *context;
};

struct ptrace_request {
	/* A command, found already; or, with PATH NULL, the process PID. */
	const char *path;
	char *const *argv;
	char *const *envp;
	/* Becomes the command, where that takes more than an exec, in the
	 * child; only its exec and what follows is told of.  Returns an errno.
	 * NULL: PATH is executed. */
	int (*become)(void *context);
	void *context;
	pid_t pid;
	/* Answers SECCOMP_RET_TRACE where a stop is wanted; NULL: stop at every
	 * call.  For a command alone. */
	const struct program *program;
};

struct ptrace_counts {
	uint64_t begun, ended; /* calls: those that did not end were cut off */
	uint64_t processes, threads;
};

/*
 * Runs the command, or follows the process, to the end of all that it starts;
 * a process that was there before is left alone at SIGINT, SIGTERM or SIGHUP.
 * Returns an exit status: the command's, 128+n if signal n ended it, those of
 * launch.h; DIAG holds a sentence if diag->err is set.
 */
int ptrace_watch(const struct ptrace_request *request,
    const struct ptrace_sink *sink, struct ptrace_counts *ret_counts,
    struct diag *diag);

#endif
