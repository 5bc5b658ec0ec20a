/* SPDX-License-Identifier: ISC */
/* Walking the tables' lists of calls: "read openat/readonly ...". */
#ifndef POLICY_CALLS_H
#define POLICY_CALLS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/condition.h"

struct call_word {
	const char *name; /* not terminated */
	size_t length;
	const char *condition; /* after the slash; NULL: plainly */
	size_t condition_length;
};

/* Takes the next word off *LIST; false at the end. */
bool call_word_next(const char **list, struct call_word *ret_word);

/*
 * The named argument tests, in strcmp order of their names: either
 * "openat/readonly", for that call alone, or "self", for any.
 */
extern const struct condition condition_rows[];
extern const size_t condition_row_count;

/* The row for WORD's condition, NULL if there is none. */
const struct condition *condition_find(const struct call_word *word);

/*
 * Conditions whose values are known at run time only; condition_find() does
 * not know them.
 */
#define CONDITION_COOKIE    "cookie"    /* arguments 3 to 5 hold the secret */
#define CONDITION_OWN_PID   "own-pid"   /* argument 0 is our process */
#define CONDITION_OWN_CLOCK "own-clock" /* argument 0 is our processor time */
#define CONDITION_OWN_UID   "own-uid"   /* arguments 0 to 2: ours, or -1 */
#define CONDITION_OWN_GID   "own-gid"

#endif
