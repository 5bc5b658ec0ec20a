/* SPDX-License-Identifier: ISC */
/* Lists of calls by their names, as the tables of policy/ have them -> rules.
 */
#ifndef FILTER_NAMED_H
#define FILTER_NAMED_H

#include "base/diag.h"
#include "filter/filter.h"

/* Values that conditions ask for and only this run knows. */
struct run_values {
	uint64_t cookie[3]; /* execve's arguments 3 to 5; WHEN_LAUNCH */
	uint64_t pid;       /* the process to be confined */
	uint64_t uid, gid;  /* what it runs as */
};

/* The conditions made of them; must outlive the filter. */
struct run_conditions {
	uint64_t values[4];
	uint64_t clock; /* of the process, by its number */
	uint64_t stderr_fd;
	uint64_t uids[2], gids[2]; /* -1, for "leave it", and one's own */
	struct condition cookie, own_pid, own_clock, last_words, own_uid,
	    own_gid;
};

void run_conditions_make(
    struct run_conditions *ret_conditions, const struct run_values *values);

/* Each by its number, as resolved.h keeps it. */
enum run_condition {
	RUN_COOKIE,
	RUN_LAST_WORDS,
	RUN_OWN_PID,
	RUN_OWN_CLOCK,
	RUN_OWN_UID,
	RUN_OWN_GID,
	RUN_CONDITIONS
};

const struct condition *run_condition(
    const struct run_conditions *made, enum run_condition which);

/* The test that WORD of such a list names, NULL if it names none. */
struct call_word;
const struct condition *promises_condition(
    const struct run_conditions *made, const struct call_word *word);

/* Whether CALLS, a list as the tables have them, names CALL as it was made. */
bool calls_name(const char *calls, const struct arch *arch,
    const struct run_conditions *conditions, const struct call *call);

/*
 * Adds a rule for every call of the list that the filter's architecture has.
 * -EINVAL for a condition that no row is called by.
 */
int filter_add_named(struct filter *filter, const char *calls,
    const struct run_conditions *conditions, uint32_t action, uint16_t origin,
    struct diag *diag);

#endif
