/* SPDX-License-Identifier: ISC */
/*
 * Putting the process under promises and unveils: everything that can fail is
 * done first, then what cannot be taken back.
 */
#ifndef LIBPLEDGE_CONFINE_H
#define LIBPLEDGE_CONFINE_H

#include "filter/program.h"
#include "filter/promises.h"
#include "libpledge/record.h"

/*
 * Promises NEXT for the process, which are among record.promises, and hides
 * paths, if `unveil` is not among them.  Returns 0 or fail(); the record says
 * what holds then.
 */
int confine_promises(promise_set next);

/* Hides what was not unveiled, for good. */
int confine_paths(void);

/* What pledge_execve() and its like put the new program under. */
struct exec_filter {
	struct program program;
	struct run_conditions conditions; /* with the cookie for execve */
};
int confine_exec(promise_set promises, struct exec_filter *ret_filter);

#endif
