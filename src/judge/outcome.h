/* SPDX-License-Identifier: ISC */
/*
 * What programs did after something was denied to them.  A probe did no harm to
 * one that went on and succeeded; one that failed, and to which nothing else
 * was denied, may have failed by it.
 */
#ifndef JUDGE_OUTCOME_H
#define JUDGE_OUTCOME_H

#include "report/denial.h"

#define OUTCOMES       4096 /* processes that are kept apart */
#define OUTCOME_PROBES 24   /* of each */

struct outcome {
	pid_t process;
	bool explained; /* something was refused that is no probe */
	uint32_t probes[OUTCOME_PROBES]; /* rows of the denials */
	size_t count;
};

struct outcomes {
	struct outcome *rows;
	size_t count, capacity;
};

/* ROW, of DENIALS, was denied to PROCESS. */
void outcomes_denied(struct outcomes *outcomes, const struct denials *denials,
    pid_t process, const struct denial_row *row);

/* Ordinary permissions refused something to PROCESS: that explains its failure,
 * too. */
void outcomes_explained(struct outcomes *outcomes, pid_t process);

/* PROCESS has ended, with that exit status: suspects are marked in DENIALS. */
void outcomes_ended(struct outcomes *outcomes, struct denials *denials,
    pid_t process, int status);

/* The run is over: what still runs went on; of the rest, nobody said how it
 * ended, which is by a signal. */
void outcomes_close(struct outcomes *outcomes, struct denials *denials);

void outcomes_free(struct outcomes *outcomes);

#endif
