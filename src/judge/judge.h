/* SPDX-License-Identifier: ISC */
/*
 * What a policy says to a call, with all that the call is about, and why: this
 * rule of a filter, a promise, that right on that path.
 */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include <stdbool.h>

#include "compile/sandbox.h"
#include "format/format.h"
#include "judge/made.h"
#include "report/denial.h"
#include "watch/observe.h"

/* The plan, and what is known of a run under it. */
struct judge {
	const struct sandbox *sandbox;
	const struct policy *policy;
	struct ruled_filter *const *ruled; /* the policy's filters, in order */
	const struct observer *observer;
	promise_set liked; /* needed by other calls already: they cost less */
	struct made *made;
};

/* One call, as it is to be decided. */
struct judged {
	const struct call *call;
	const struct decision *decision; /* of the filters */
	struct wants *wants;             /* its objects; its paths are cut */
	const char *path; /* as it was written, or an address; NULL: none */
};

/*
 * Whether the call is denied: then RET_DENIAL, which is zero but for who called
 * and what was answered, says by what, and what would allow it.  Its strings
 * are the plan's and those of WANTS.
 */
bool judge_call(const struct judge *judge, const struct judged *judged,
    struct denial *ret_denial);

#endif
