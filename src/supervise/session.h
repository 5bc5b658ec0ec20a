/* SPDX-License-Identifier: ISC */
/*
 * Hearing of a command: its listener, the calls that wait there, and the one
 * place that answers them.  Whoever watches is a row, which is asked what is to
 * become of each.
 */
#ifndef SUPERVISE_SESSION_H
#define SUPERVISE_SESSION_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"
#include "sandbox/sandbox.h"
#include "supervise/keeper.h"
#include "supervise/notify.h"

struct verdict {
	enum {
		VERDICT_KEEP, /* what the sandbox itself answers */
		/* The kernel carries it out, whatever the sandbox says.  It
		 * reads what an argument points to once more, when another
		 * thread may have changed it: for numbers alone. */
		VERDICT_LET,
		VERDICT_FAIL, /* it fails with the errno `value` */
		VERDICT_DONE, /* it was carried out for it, and returns 0 */
		/* So it was, and returns a descriptor of the file that `value`
		 * is, which the session closes. */
		VERDICT_DESCRIPTOR,
		/* Its thread waits until session_answer(), and nobody else. */
		VERDICT_LATER,
		VERDICT_END, /* who cannot be watched is ended */
	} kind;
	int value;
	bool closes; /* VERDICT_DESCRIPTOR: with an exec (O_CLOEXEC) */
};

struct watcher {
	const char *name;
	/* The command's process is there, and confined; NULL: no matter. */
	void (*begin)(void *context, pid_t process);
	/* A call waits, to which the sandbox says DECISION. */
	struct verdict (*hear)(void *context, const struct notice *notice,
	    const struct decision *decision);
};

struct session {
	/* To be set before: */
	const struct watcher *watcher; /* NULL: nobody is asked */
	void *context;
	const struct sandbox *sandbox; /* NULL: it refuses nothing */
	struct keeper *keeper;
	struct diag *diag;

	/* What came of it: */
	struct listener listener; /* its notice NULL: there never was one */
	struct keeper_source *source;
	struct notice *waiting; /* those that are answered later */
	size_t waiting_count, waiting_room;
	bool killed; /* a violation that kills, by the command itself */
	bool lost;   /* watching failed, and the command is ended for it */
};

/*
 * Puts a source into the session's keeper that takes the listener from SOCKET
 * (which it owns from now on) and then serves it.
 */
void session_begin(struct session *session, int socket);

/* The answer to what was to be answered later; one that waits no more gets
 * none. */
void session_answer(struct session *session, const struct notice *notice,
    const struct verdict *verdict);

/* The command has ended: who watches is not asked any more, while the keeper
 * stays with what is left; what waits gets the sandbox's own answer. */
void session_rest(struct session *session);

/* The same by a process of its own, where the keeper does not stay. */
void session_leave(struct session *session);

void session_close(struct session *session);

#endif
