/* SPDX-License-Identifier: ISC */
/*
 * Staying as the command's parent, in its process group: signals passed on,
 * stopped and continued together, a time limit, the status handed back.
 */
#ifndef LAUNCH_PARENT_H
#define LAUNCH_PARENT_H

#include <signal.h>
#include <sys/types.h>

#include "base/diag.h"

struct parent {
	sigset_t signals; /* those that are taken one by one */
	sigset_t old_mask;
	struct sigaction old_child; /* SIGCHLD's */
	pid_t child;
	double timeout; /* seconds; 0: none */
};

/*
 * Forks.  Returns 0 in the child, whose signals are as the caller's were and
 * which dies with its parent; its process ID in the parent; -errno.
 */
pid_t parent_fork(struct parent *parent, struct diag *diag);

/*
 * Waits for the child.  Returns an exit status: its own, 128+n if signal n
 * ended it (*RET_SIGNAL is n, else 0), STATUS_TIMEOUT.
 */
int parent_wait(struct parent *parent, int *ret_signal);

#endif
