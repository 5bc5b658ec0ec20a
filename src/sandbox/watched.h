/* SPDX-License-Identifier: ISC */
/*
 * A filter for a command that is watched: what the plain filter refuses is
 * asked of the watcher, who answers as the plain filter would have; and so are
 * the calls that the plain filter allows and Landlock decides, which then go
 * on to Landlock.
 */
#ifndef SANDBOX_WATCHED_H
#define SANDBOX_WATCHED_H

#include "filter/promises.h"
#include "sandbox/landlock.h"

/*
 * The same for a user's filter: all that it does not let through is notified.
 * What it says to other architectures stays, for they cannot be.
 */
void filter_watch_user(const struct filter *plain, struct filter *ret_watched);

/*
 * Makes WATCHED of PLAIN, which promises_compile() made under WHEN_LAUNCH.
 * Never notified: the launcher's last words and, allowed only here, the sendmsg
 * that hands the listener over, both led by its cookie; always notified: the
 * exec that it leads.  With ALL, every refusal is, for there are users' filters
 * that may be stricter.  With APPENDS, so is fcntl(2).
 */
void filter_watch(const struct filter *plain, const struct landlock_plan *plan,
    const struct run_conditions *conditions, bool all, bool appends,
    struct filter *ret_watched);

/* And the ends of processes, with their exit status. */
void filter_watch_ends(struct filter *watched);

/*
 * The same for one whose every act is of interest: all is asked of the watcher
 * that PLAIN allows or refuses, but what it allows as ORDINARY does, which is
 * what every program may do, and but the refusals that programs ask for.  With
 * RECORDED (by a call's number; NULL: none) those of its calls that PLAIN
 * allows are left to somebody else, who sees them without being asked.  APPENDS
 * as above.
 */
void filter_watch_all(const struct filter *plain, const struct filter *ordinary,
    const struct run_conditions *conditions, const bool *recorded, bool appends,
    struct filter *ret_watched);

/* Adds to ORDINARY what programs do for nothing but the C library. */
void filter_add_realpath(struct filter *ordinary);

/*
 * Allows everything, but answers as every policy does to calls whose arguments
 * a filter cannot see: programs then make those that it can.
 */
int filter_open(const struct arch *arch, struct filter *ret_filter);

/*
 * Whether the answer of RULE (of promises_compile(); NULL: the fallback) is a
 * denial: not those that programs ask for to learn what there is.
 */
bool answer_is_denial(uint32_t answer, const struct rule *rule);

#endif
