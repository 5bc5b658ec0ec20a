/* SPDX-License-Identifier: ISC */
/*
 * Seeing for learning: calls of a process that waits -> what they need.  From a
 * listener's notices as well as from ptrace's stops at a call's beginning.
 */
#ifndef RUN_LEARN_SEE_H
#define RUN_LEARN_SEE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"
#include "event/call.h"
#include "kernel/features.h"
#include "learn/learn.h"
#include "supervise/observer.h"

struct learn_eye {
	struct learning learning;
	struct observer observer;
	struct caller caller;
	struct wants wants;
	struct event_call described;
	struct strbuf text;
	pid_t command; /* the process that was started, 0: not seen yet */
	/* The first exec is still to come, which makes the command and is not
	 * its own; set by who watches from before it. */
	bool starts;
	/* Of calls that are recorded: what nobody is told of; or NULL. */
	const struct filter *ordinary;
	/* Under a ceiling: what it refuses is counted, and not learned. */
	const struct observer *ceiling; /* NULL: there is none */
	promise_set promises;           /* of the ceiling */
	uint64_t refused;
	uint64_t caps; /* by which owners and modes were passed over */
	/* Whether the caller still waits; NULL: it is sure to. */
	bool (*waits)(void *context);
	void *context;
};

int learn_eye_open(struct learn_eye *eye, struct diag *diag);
void learn_eye_close(struct learn_eye *eye);

/*
 * Thread TID is about to make CALL and waits; what is read of it is its own.
 * True: it needs something that was not known before; learn_eye_call() says it
 * in words, and the facts are at the end of eye->learning.facts.
 */
bool learn_eye_see(struct learn_eye *eye, pid_t tid, const struct call *call);

/* A call that has been made, as a recorder tells of the first of its kind. */
struct learn_record {
	struct call call;
	pid_t process;
	bool opened; /* it has opened FILE; else ERR is its errno */
	int err;     /* 0: it is not known */
	/* As its caller wrote it; NULL: there is none, or it is unreadable. */
	const char *path;
	int path_argument;
	/* Where it began, if it is relative and of an open that failed. */
	const char *base;
	struct opened file;
};

/* What is to be counted when it is made again. */
struct learn_mark {
	struct touched touched;
	bool refused, unseen;
};

/* Like learn_eye_see(). */
bool learn_eye_take(struct learn_eye *eye, const struct learn_record *record,
    struct learn_mark *ret_mark);

/* It was made so many TIMES more. */
void learn_eye_repeat(
    struct learn_eye *eye, const struct learn_mark *mark, uint64_t times);

/* The run that was seen. */
struct learn_run {
	char *const *argv;
	const char *path; /* the program; NULL: as argv[0] is found */
	const char *tmp;  /* its private directory, resolved, or NULL */
	const struct features *features; /* NULL: they are probed */
};

/* The lines of its policy: learned_make() with the names of here and now. */
int learn_eye_result(const struct learn_eye *eye, const struct learn_run *run,
    struct learned *ret_learned, struct diag *diag);

#endif
