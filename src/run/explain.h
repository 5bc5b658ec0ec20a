/* SPDX-License-Identifier: ISC */
/*
 * Explaining a run: the watcher's side of a watched sandbox.  It hears of each
 * call that is refused, or may be by Landlock, says what would allow it, and
 * gives the answer that there would have been without it.
 */
#ifndef RUN_EXPLAIN_H
#define RUN_EXPLAIN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/call.h"
#include "format/user_filters.h"
#include "judge/account.h"
#include "supervise/observer.h"
#include "supervise/session.h"

struct explain {
	const struct sandbox *sandbox;
	const struct policy *policy;
	const struct user_filters *filters; /* the policy's, as in `sandbox` */
	const struct explain_output *output;
	const struct known *known; /* of the policy's program; NULL: nothing */
	struct session session;
	struct observer observer;
	struct wants wants; /* of the call that waits */
	struct caller caller;
	struct event_call call; /* its memory is used again and again */
	struct account account;
	struct strbuf why; /* ordinary permissions refuse the call that waits */
	char home[PATH_MAX]; /* resolved; "": not known */
	struct diag *diag;
};

/*
 * Readies EXPLAIN for SANDBOX, which is a watched one, and puts a source in
 * KEEPER that takes the listener from SOCKET (which it owns from now on)
 * and then serves it.
 */
int explain_begin(struct explain *explain, const struct sandbox_path *paths,
    size_t path_count, struct keeper *keeper, int socket);

/* The command has ended with STATUS; BROKEN_OFF: not by itself.  Once. */
void explain_close(struct explain *explain, int status, bool broken_off);

/*
 * Then: the summary, with what would allow everything that
 * was denied; none if it was not watched to its end.  What it left running goes
 * on being answered, unexplained, as long as the keeper stays.
 */
void explain_end(
    struct explain *explain, const struct suggestion_request *request);

/* Whether anything was denied that matters. */
bool explain_found(const struct explain *explain);

/* Paths could not be seen: that nothing was found says little. */
bool explain_is_blind(const struct explain *explain);

#endif
