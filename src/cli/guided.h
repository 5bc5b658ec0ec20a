/* SPDX-License-Identifier: ISC */
#ifndef CLI_GUIDED_H
#define CLI_GUIDED_H

#include "run/run.h"

struct guided {
	char *const *argv;            /* NULL: it is asked for */
	const struct policy *ceiling; /* of the watched run; NULL: none */
	const struct run *run;        /* what holds besides the answers */
};

/*
 * Leads through making a policy, at the terminal.  An exit status: the
 * command's, 0 if none was run, STATUS_FAILED with DIAG; a signal that ends the
 * conversation ends the process.
 */
int guide_at_terminal(const struct guided *guided, struct diag *diag);

#endif
