/* SPDX-License-Identifier: ISC */
/* Runs a command, watched, and learns the smallest policy that fits it. */
#ifndef RUN_LEARN_H
#define RUN_LEARN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "learn/learn.h"
#include "policy/policy.h"
#include "run/explain.h"
#include "supervise/recorder.h"

struct learn {
	char *const *argv; /* NULL: merge alone */
	/* The command's standard input; 0: ours.  Given to each run from the
	 * start, as far as it can be. */
	int stdin_fd;
	unsigned int runs; /* 0: one */
	/* What the command may do meanwhile; NULL: all that the user may. */
	const struct policy *ceiling;
	/* Its name, where what is learned replaces it: its comments stay. */
	const char *ceiling_name;
	/* How else it is run, as a server has it; NULL: as ours is. */
	const struct run *base;
	bool no_tmp;        /* it gets no private directory */
	const char *html;   /* a page about the runs; NULL: none */
	const char *output; /* the policy's file; NULL: nobody writes it */
	char *const
	    *merge;     /* files that were written before; NULL-terminated */
	double timeout; /* seconds for each run, 0: none */
	bool serves;    /* a server's: it does not stop with the command */
	/* Where each new thing is told as it is seen; line() NULL: nowhere. */
	struct explain_output progress;
	const char *program_name; /* leads messages */
	/* Calls are recorded in the kernel, as far as they can; NULL: all of
	 * interest wait for the listener. */
	const struct recorder_driver *recorder;

	/* What came of it: */
	struct learned learned;
	unsigned int *used; /* of the ceiling's unveils: which letters */
	unsigned int runs_made;
	bool ran;   /* the command ran, so the status is its own */
	bool kept;  /* what was learned is where `output` says */
	int signal; /* that ended the last run, 0: none */
};

/*
 * Runs it so often, one run after the other, and stops when one is interrupted.
 * What was learned until then is in `learned` (and in the file) however the
 * command ended.
 *
 * Returns an exit status: the last run's, or those of launch.h; STATUS_FAILED
 * also when the command had success and the file could not be written.  DIAG
 * holds a sentence if diag->err is set.
 */
int learn_command(struct learn *learn, struct diag *diag);

void learn_free(struct learn *learn);

#endif
