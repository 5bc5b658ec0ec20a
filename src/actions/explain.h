/* SPDX-License-Identifier: ISC */
/*
 * Explaining a run: the watcher's side of a watched sandbox.  It hears of each
 * call that is refused, or may be by Landlock, says what would allow it, and
 * gives the answer that there would have been without it.
 */
#ifndef ACTIONS_EXPLAIN_H
#define ACTIONS_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/user_filters.h"
#include "event/call.h"
#include "report/suggestion.h"
#include "supervise/session.h"
#include "watch/observe.h"

/* Where the words go: a line each, without its end. */
struct explain_output {
	void (*line)(void *context, const char *text);
	void *context;
	bool json;
	bool quiet; /* nothing, if nothing was denied */
};

/* So many names that the command made are known again. */
#define EXPLAIN_MADE 8192

struct explain {
	const struct sandbox *sandbox;
	const struct policy *policy;
	const struct user_filters *filters; /* the policy's, as in `sandbox` */
	const struct explain_output *output;
	struct session session;
	struct observer observer;
	struct wants wants; /* of the call that waits */
	struct caller caller;
	struct event_call call; /* its memory is used again and again */
	struct denials denials;
	uint64_t made[EXPLAIN_MADE]; /* hashes of paths; 0: free */
	size_t made_count;
	struct diag *diag;
};

/*
 * Readies EXPLAIN for SANDBOX, which is a watched one, and puts a source in
 * KEEPER that takes the listener from SOCKET (which it owns from now on)
 * and then serves it.
 */
int explain_begin(struct explain *explain, const struct sandbox_path *paths,
    size_t path_count, struct keeper *keeper, int socket);

/*
 * The command has ended: the summary, with what would allow everything that
 * was denied; none if it was not watched to its end.  What it left running goes
 * on being answered, unexplained, as long as the keeper stays.
 */
void explain_end(
    struct explain *explain, const struct suggestion_request *request);

/* Whether anything was denied that matters. */
bool explain_found(const struct explain *explain);

#endif
