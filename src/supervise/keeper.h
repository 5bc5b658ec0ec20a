/* SPDX-License-Identifier: ISC */
/*
 * Keeping a process: its time, its signals, its stops and its end.
 *
 * A run is a chain, each link the parent of the next:
 *
 *   caller   what the shell has started; stops with the command, and ends with
 *            its status
 *   clock    where there is a time limit: keeps it, and ends everything
 *   watcher  where somebody watches: answers the command, and may be held up
 *            for ever by what it looks at
 *   command
 *
 * Only a caller ever stops, and where it keeps a clock itself, as a server's
 * process does, not even that: who is not a caller and the command are in
 * different process groups, as kill(2) stops a whole group.  Between two links
 * is a socket: words go up, and each end sees that the other is gone, and then
 * ends what is left.
 */
#ifndef SUPERVISE_KEEPER_H
#define SUPERVISE_KEEPER_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"

/* What else to wait for: READY is called whenever FD can be read. */
struct keeper_source {
	int fd;       /* -1: nothing (any more) */
	short events; /* poll(2)'s: what there is */
	void (*ready)(struct keeper_source *source);
	void *context;
};
#define KEEPER_SOURCES 2

struct keeper {
	/* To be set before the fork: */
	double timeout; /* seconds; 0: none */
	bool adopt;     /* what the child leaves behind becomes ours */
	bool serves;    /* a server's: it never stops */
	bool
	    *tell_late; /* set when the time limit is past; NULL: nobody asks */
	struct keeper_source sources[KEEPER_SOURCES];
	size_t source_count;
	/* May be set by a source: the child is to be ended. */
	bool forsake;

	/* What came of it: */
	pid_t child;
	int signal;  /* what ended the child, 0: nothing */
	bool late;   /* the time limit did */
	bool undead; /* something waits in the kernel, and cannot be ended */
	int err;     /* why nothing could be waited for, 0: it could */

	/* The keeper's own: */
	sigset_t signals; /* those that are taken one by one */
	sigset_t old_mask;
	struct sigaction old_child; /* SIGCHLD's */
	int above, below; /* sockets to the links beside us; -1: none */
	pid_t parent;     /* the link above */
	pid_t command;    /* where the child is a link; 0: not yet there */
	double deadline;  /* 0: none */
	int hurry;        /* how often it was past */
	bool stopped;     /* the link above was told that the command is */
	bool over, told;  /* the child has ended; it has said so itself */
	int status;       /* wait(2)'s, or what was told */
};

/* A caller, or the only link. */
void keeper_init(struct keeper *keeper);

/*
 * Forks the command's process.  Returns 0 in it, whose signals are as the
 * caller's were and which dies with its keeper; its process ID; -errno.
 */
pid_t keeper_fork(struct keeper *keeper, struct diag *diag);

/* Forks the next link: returns 0 in it, and initialises NEXT there; signals
 * wait there until it does, or until keeper_close(). */
pid_t keeper_fork_link(
    struct keeper *keeper, struct keeper *next, struct diag *diag);

/*
 * Waits for the child.  Returns an exit status: its own, 128+n if signal n
 * ended it, STATUS_TIMEOUT; STATUS_FAILED if it was forsaken.  `signal` and
 * `late` tell them apart.
 */
int keeper_wait(struct keeper *keeper);

/* The command's process ID; 0: it is not there yet, or not any more. */
pid_t keeper_command(const struct keeper *keeper);

/* After the wait: the command has left something running. */
bool keeper_has_rest(void);

/* The status goes up to the caller, who ends with it while we stay. */
void keeper_report(struct keeper *keeper, int status);

/*
 * After the report of a time limit: who watches, above us, hears of it, or is
 * held up by what it looks at, and is killed after some patience.  True: it
 * was.
 */
bool keeper_free_above(const struct keeper *keeper);

/*
 * After the report: off the terminal, keeps what is left until it has ended:
 * its sources, and what is left of the time.  FOLLOW: the link above stays,
 * too, and all ends with it.
 */
void keeper_stay(struct keeper *keeper, bool follow) __attribute__((noreturn));

/* Gives the signals back, for another fork. */
void keeper_close(struct keeper *keeper);

#endif
