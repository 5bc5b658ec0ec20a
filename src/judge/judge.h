/* SPDX-License-Identifier: ISC */
/*
 * What a policy says to a call, with all that the call is about, and why: this
 * rule of a filter, a promise, that right on that path; or that it is not the
 * policy that refuses it, but ordinary permissions.
 */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include <stdbool.h>

#include "format/format.h"
#include "judge/known.h"
#include "judge/made.h"
#include "judge/ordinary.h"
#include "report/denial.h"
#include "sandbox/sandbox.h"
#include "supervise/observer.h"

/* The plan, and what is known of a run under it. */
struct judge {
	const struct sandbox *sandbox;
	const struct policy *policy;
	struct ruled_filter *const *ruled; /* the policy's filters, in order */
	const struct observer *observer;
	const char *home;  /* whose it is, resolved; NULL: not known */
	promise_set liked; /* needed by other calls already: they cost less */
	struct made *made; /* NULL: nothing is */
	const struct known *known; /* NULL: nothing is */
};

/* One call, as it is to be decided. */
struct judged {
	const struct call *call;
	const struct decision *decision; /* of the filters */
	struct wants *wants;             /* its objects; its paths are cut */
	const char *path; /* as it was written, or an address; NULL: none */
	int family;       /* of the socket that it is about; 0: none */
	const struct identity *who; /* NULL: ordinary permissions are passed */
	struct strbuf *why;         /* room for what they say */
	/* Whose call it is: then what fails whatever the policy is said, too,
	 * such as a missing file.  NULL: it is not. */
	struct caller *caller;
};

/*
 * Whether the call is denied: then RET_DENIAL, which is zero but for who
 * called, what the filters answered and, if they refused, the call in words,
 * says by what, and what would allow it. Otherwise ordinary permissions may
 * still refuse it: `ordinary` says so.  Its strings are the plan's, and those
 * of WANTS and `why`.
 */
bool judge_call(const struct judge *judge, const struct judged *judged,
    struct denial *ret_denial);

#endif
