/* SPDX-License-Identifier: ISC */
/* A command under a policy of its own, for who watches it by ptrace(2). */
#ifndef RUN_WITHIN_H
#define RUN_WITHIN_H

#include <sys/types.h>

#include "base/diag.h"
#include "run/run.h"

struct within {
	struct run run;
	struct run_plan plan;
	pid_t watcher;
	struct within_end *end; /* shared with the command's process */
	const struct diag *diag;
};

/*
 * In the watcher, before it forks: everything up to the first irreversible act,
 * for RUN's command under RUN's policy.  An exit status, 0: it can be begun.
 */
int within_plan(
    struct within *ret_within, const struct run *run, struct diag *diag);

/*
 * In the watcher's child, with the plan as its CONTEXT: becomes the command,
 * confined, or says an errno.
 */
int within_become(void *context);

/*
 * Its end: STATUS, or what kept the command from being run, and the sentence;
 * removes what the plan has made.
 */
int within_finish(struct within *within, int status, struct diag *diag);

#endif
