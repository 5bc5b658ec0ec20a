/* SPDX-License-Identifier: ISC */
/* Shows the system calls of a command, or of a process that is there. */
#ifndef RUN_TRACE_H
#define RUN_TRACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"
#include "run/run.h"
#include "trace/ptrace_select.h"

struct trace {
	char *const *argv; /* the command; NULL: the process PID */
	pid_t pid;
	const char *output; /* a file; NULL: standard error */
	const char *html;   /* a page, written at the end; or NULL */
	const char *policy; /* the page compares with it; or NULL */
	bool json, summary, quiet;
	/* What the command may do meanwhile; NULL: all that the user may. */
	const struct policy *ceiling;
	/* How else it is then run; NULL: as ours is. */
	const struct run *base;
	struct selection only;
};

/*
 * Runs it to its end.  Returns an exit status: the command's own, those of
 * launch.h, 0 after a process that was there; STATUS_FAILED also when the
 * command had success and its trace could not be written.
 */
int trace_command(struct trace *trace, struct diag *diag);

#endif
