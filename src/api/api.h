/* SPDX-License-Identifier: ISC */
/* --api: one guided conversation with one client of a Unix socket. */
#ifndef API_API_H
#define API_API_H

#include "run/run.h"

struct api {
	char *const *argv;
	const char *socket;           /* a path; NULL: the usual place */
	const struct policy *ceiling; /* of the watched run; NULL: none */
	const struct run *run;        /* what holds besides the answers */
};

/*
 * Waits for a client at the socket and leads it through; further clients are
 * told "busy".  The command has this process's standard input, output and
 * error; what goes on is said on standard error.  An exit status: the
 * command's own, 0 if none was run, STATUS_FAILED.
 */
int api_serve(const struct api *api, struct diag *diag);

#endif
