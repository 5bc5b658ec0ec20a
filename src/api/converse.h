/* SPDX-License-Identifier: ISC */
/* A guided conversation with whoever is at the other end of a socket. */
#ifndef API_CONVERSE_H
#define API_CONVERSE_H

#include <stddef.h>

#include "guide/act.h"

#define CONVERSE_LINE_LIMIT ((size_t)1 << 20) /* bytes: more ends it */

struct converse {
	int client;       /* connected; stays the caller's */
	const char *read; /* what was read of it before; NULL: nothing */
	size_t read_length;
	char *const *argv; /* NULL: the command is asked for */
	struct act_stage stage;
	/* Where it begins; NULL: stdio and rpath. */
	const struct policy *policy;
	const struct policy *ceiling; /* of the watched run; NULL: none */
	const char *unwatched;        /* why no run is watched; NULL: it is */
	/* A descriptor that can be read when the conversation is to end; -1. */
	int stop;
	/* Called while it waits, whenever `other` can be read; -1.  -errno ends
	 * the conversation. */
	int other;
	int (*other_ready)(void *context);
	/* Milliseconds that the client may take nothing; 0: half a minute. */
	int patience;
	/* A line of what goes on, for whoever started the server; may be NULL.
	 */
	void (*progress)(void *context, const char *text);
	void *context;
};

/*
 * Leads it to its end, in the calling process, which waits.  Questions go to
 * the client alone; the commands that are run get `stage`.
 *
 * Returns an exit status: the command's own that ran last, 0 if none did; or
 * -errno, and nothing (more) was run: -ECONNRESET: the client is gone, or
 * takes nothing; -E2BIG: its line was too long; -ECANCELED: `stop`.
 */
int converse(const struct converse *with, struct diag *diag);

#endif
