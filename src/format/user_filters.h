/* SPDX-License-Identifier: ISC */
/* The filters that a policy names, read and made ready to be merged. */
#ifndef FORMAT_USER_FILTERS_H
#define FORMAT_USER_FILTERS_H

#include "filter/startup.h"
#include "format/format.h"
#include "policy/policy.h"

struct user_filters {
	struct filter_file files[PROGRAM_FILTERS];
	struct ruled_filter *ruled[PROGRAM_FILTERS];
	struct filter *filters[PROGRAM_FILTERS]; /* those of `ruled` */
	struct filter *watched[PROGRAM_FILTERS]; /* room, for a watched run */
	size_t count;
	/* Compiled programs: kept apart, as nobody knows their rules. */
	struct filter_file program_files[PROGRAM_FILTERS];
	const struct program *programs[PROGRAM_FILTERS];
	size_t program_count;
	/* What the policy allows by calls' names; NULL: nothing. */
	struct filter_file allowed_file;
	struct ruled_filter *allowed;
};

/* What `allowed` is to a sandbox_request. */
const struct filter *user_filters_allowed(const struct user_filters *filters);

/*
 * Reads every filter of POLICY, for ARCH.  -errno and the place.  Warns of what
 * works otherwise than it reads.
 */
int user_filters_read(const struct policy *policy, const struct arch *arch,
    struct user_filters *ret_filters, struct diag *diag);

/* -ENOTSUP and how to ask, if there are programs: WHAT cannot. */
int user_filters_need_rules(
    const struct user_filters *filters, const char *what, struct diag *diag);

void user_filters_free(struct user_filters *filters);

/* Makes room for what sandbox_request.watched_filters takes. */
int user_filters_watch(struct user_filters *filters, struct diag *diag);

/*
 * Whether PROGRAM can start under them, which LOADER does for it: -EACCES names
 * the rule that will not have it.
 */
int user_filters_check(const struct user_filters *filters, enum loader loader,
    const char *program, struct diag *diag);

/* What a reader of SET should know, however it is used. */
void ruleset_warn_traps(const struct filter_file *file,
    const struct ruleset *set, struct diag *diag);

#endif
