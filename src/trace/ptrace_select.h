/* SPDX-License-Identifier: ISC */
/*
 * Which calls to show: by name, by promise, by the paths that they touch.
 */
#ifndef TRACE_PTRACE_SELECT_H
#define TRACE_PTRACE_SELECT_H

#include <limits.h>
#include <stdbool.h>

#include "base/diag.h"
#include "event/call.h"
#include "event/files.h"
#include "filter/filter.h"
#include "policy/promise.h"

#define SELECTED_PATHS 32

struct selection {
	bool any; /* something was selected; nothing: all calls are shown */
	promise_set promises;
	bool names[ARCH_CALLS_MAX]; /* by the row of the call's name */
	char *paths[SELECTED_PATHS];
	size_t path_count;
};

/*
 * Words separated by commas or blanks: calls, promises (a word that is both
 * means both), and, with a "/" in them, paths, which stand for all beneath
 * them.  A call is shown if one of the words means it.  -EINVAL.
 */
int selection_add(
    struct selection *selection, const char *words, struct diag *diag);
void selection_free(struct selection *selection);

/* Before anything is decoded; true also for what only selection_takes() can
 * tell. */
bool selection_wants(
    const struct selection *selection, const struct call *call);
/* Once it is decoded. */
bool selection_takes(
    const struct selection *selection, const struct event_call *call);

/*
 * The path that argument INDEX of CALL names: absolute, without "." and "..",
 * symbolic links as they are, in CALL_PATH_SIZE bytes.  False: it is relative
 * to what is not known.
 */
#define CALL_PATH_SIZE (FILE_NAME_SIZE + PATH_MAX + 2)
bool call_path_resolve(const struct event_call *call, size_t index, char *path);

/* Fills FILTER: SECCOMP_RET_TRACE for what selection_wants(). */
void selection_filter(const struct selection *selection, struct filter *filter);

/* The promises of which any one allows CALL; or all of them, if `together`. */
struct cover {
	promise_set words;
	bool together;
	bool always; /* it is allowed without any */
};
struct cover cover_find(const struct call *call);

#endif
