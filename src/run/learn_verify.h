/* SPDX-License-Identifier: ISC */
/*
 * What was learned, put to the policy that was made of it, before that is
 * written: what would be refused though it was done stands in the policy.
 */
#ifndef RUN_LEARN_VERIFY_H
#define RUN_LEARN_VERIFY_H

#include "base/diag.h"
#include "learn/learn.h"

struct learn_verify {
	const struct learning *seen;
	char *const *argv;
	const char *tmp; /* the run's private directory, or NULL */
	pid_t command;   /* its process in the first run; 0: not known */
};

/* Adds LEARNED_REFUSED lines to LEARNED.  -errno: it is no policy that could be
 * run. */
int learn_verify(const struct learn_verify *verify, struct learned *learned,
    struct diag *diag);

/* Whether LINE says that something would be refused that was done. */
bool learn_is_refusal(const struct learned_line *line);

#endif
