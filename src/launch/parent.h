/* SPDX-License-Identifier: ISC */
/*
 * Staying as the command's parent, in its process group: signals passed on,
 * stopped and continued together, a time limit, the status handed back.
 */
#ifndef LAUNCH_PARENT_H
#define LAUNCH_PARENT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"

/* What else to wait for: READY is called whenever FD can be read. */
struct parent_source {
	int fd;       /* -1: nothing (any more) */
	short events; /* poll(2)'s: what there is */
	void (*ready)(struct parent_source *source);
	void *context;
};
#define PARENT_SOURCES 2

struct parent {
	sigset_t signals; /* those that are taken one by one */
	sigset_t old_mask;
	struct sigaction old_child; /* SIGCHLD's */
	pid_t child;
	double timeout; /* seconds; 0: none */
	bool adopt;     /* what the child leaves behind becomes ours */
	struct parent_source sources[PARENT_SOURCES];
	size_t source_count;
	int signal;   /* what ended the child, 0: nothing */
	bool late;    /* the time limit did */
	bool forsake; /* set by a source: the child is to be ended */
	int err;      /* why the sources could not be served, 0: they were */
};

/*
 * Forks.  Returns 0 in the child, whose signals are as the caller's were and
 * which dies with its parent; its process ID in the parent; -errno.
 */
pid_t parent_fork(struct parent *parent, struct diag *diag);

/*
 * Waits for the child.  Returns an exit status: its own, 128+n if signal n
 * ended it, STATUS_TIMEOUT; `signal` and `late` tell them apart.
 */
int parent_wait(struct parent *parent);

/* Kills all children but those that SPARE is true for; NULL: all. */
void parent_kill_children(
    bool (*spare)(void *context, pid_t pid), void *context);

/* Kills what is left of a child that was adopted from, and waits for it. */
void parent_end_all(void);

#endif
