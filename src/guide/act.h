/* SPDX-License-Identifier: ISC */
/*
 * What a conversation asks to be run, run: in a child process, so that a front
 * end that serves others can go on meanwhile.
 */
#ifndef GUIDE_ACT_H
#define GUIDE_ACT_H

#include <stdbool.h>
#include <sys/types.h>

#include "guide/guide.h"

struct run;

/* Where the command's own words come from and go to; they are duplicated. */
struct act_stage {
	int in; /* not of a watched run, whose input is /dev/null or a file */
	int out, err; /* warnings go to `err`, too */
	/* A session and process group of its own, which act_stop() ends; else
	 * it shares the caller's, and its terminal. */
	bool apart;
	/* Its environment, time limit and so on; not its policy.  NULL: as
	 * ours is. */
	const struct run *run;
};

struct act {
	pid_t pid;
	int done; /* can be read when the child has ended */
	bool apart;
	int results[3]; /* files without a name; see act.c */
};

/*
 * Begins what GUIDE wants (GUIDE_WATCH or GUIDE_RUN).  -errno: nothing was
 * begun; the conversation is told, and goes on.
 */
int act_begin(struct act *act, struct guide *guide,
    const struct act_stage *stage, struct diag *diag);

/* It has ended, or is waited for until then; the conversation goes on. */
void act_end(struct act *act, struct guide *guide);

/* Ends it before its time, and waits for that; the conversation is over. */
void act_stop(struct act *act);

#endif
