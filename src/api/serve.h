/* SPDX-License-Identifier: ISC */
/* The server: JSON-RPC over a Unix socket (docs/PROTOCOL.md). */
#ifndef API_SERVE_H
#define API_SERVE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"

struct serve_options {
	const char *path;  /* of the socket; NULL: the usual one */
	const char *group; /* of root's server: who else is admitted; or NULL */
	const char *within; /* a policy file that no request may exceed; NULL */
	double grace;       /* seconds that runs have left at SIGTERM */
	double patience;    /* seconds for a client that does not read */
	/* Told once: where it listens. */
	void (*listening)(const char *path);
};

#define SERVE_GRACE    10
#define SERVE_PATIENCE 60

/*
 * Serves until SIGTERM or SIGINT.  0, or -errno and a sentence: it did not
 * start.  What happens meanwhile is said through diag_warn().
 */
int serve(const struct serve_options *options, struct diag *diag);

#endif
