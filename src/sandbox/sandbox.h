/* SPDX-License-Identifier: ISC */
/*
 * A policy compiled for one kernel and one program: a BPF program, Landlock
 * rules, and what else is given up.  Pure: no system call is made.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "filter/program.h"
#include "filter/promises.h"
#include "kernel/features.h"
#include "policy/policy.h"
#include "sandbox/landlock.h"

/* A path with its symbols resolved, or the inode behind a descriptor. */
struct sandbox_path {
	const char *path;
	int fd;                   /* used if `path` is NULL */
	uint64_t access;          /* LL_*, for what is ours */
	unsigned int permissions; /* enum unveil_permission, for the user's */
	bool user; /* the user's: the promises decide what is left of it */
	bool optional;
	struct file_id id; /* of what is ours, and was looked into */
};

struct sandbox_request {
	const struct policy *policy;
	const struct features *features;
	const struct arch *arch;
	bool launch;  /* a launcher will make one execve, by the cookie */
	bool dynamic; /* its target needs a loader or an interpreter */
	bool origin;  /* its libraries are named by $ORIGIN */
	bool kept;    /* it dies with its server, by a signal */
	struct run_values values;
	const struct sandbox_path *paths;
	size_t path_count;
	/* The user's; for a launch, its own calls are exempted from them. */
	struct filter *const *filters;
	size_t filter_count; /* less than PROGRAM_FILTERS */
	/* Calls that the promises do not grant, and that are: its rules. */
	const struct filter *allowed; /* NULL: none */
	bool programs;    /* of the user's own, which the launcher adds */
	bool best_effort; /* go on without what the kernel lacks, and say so */
	bool watched;     /* refusals go to a listener: filter_watch() */
	/* If watched: a file may only be added to, so the flags of descriptors
	 * are changed by who watches. */
	bool appends;
	/* If watched, room for one more of each of `filters`. */
	struct filter *const *watched_filters;
	bool watch_all; /* so does all that is of interest */
	bool open;      /* nothing is restricted, only watched */
	/* By a call's number: who sees it without being asked; NULL: none. */
	const bool *recorded;
};

/* What is small comes first: a launch touches as few pages as it can. */
struct sandbox {
	unsigned int when;   /* enum circumstance */
	bool restrict_paths; /* apply `landlock` */
	bool no_exec_gain;   /* prctl(PR_SET_MDWE) */
	bool is_watched;     /* the program is that of `watched` */
	uint64_t caps;       /* 1 << CAP_*: what may be kept */
	struct run_conditions conditions;
	const struct filter *users[PROGRAM_FILTERS]; /* the request's filters */
	const struct filter *watched_users[PROGRAM_FILTERS]; /* if watched */
	size_t user_count;
	struct program program;
	struct program second; /* the user's, where one cannot hold all */
	struct filter filter;  /* what the promises say in it */
	struct landlock_plan landlock;
	struct filter watched;
	const struct filter *ordinary; /* what nobody hears of; if watch_all */
};

/* What would be answered if nobody watched. */
struct decision {
	uint32_t answer;
	const struct rule *rule; /* that decided; NULL: a fallback */
	size_t user;             /* whose: an index in `users`, or user_count */
	uint32_t promised;       /* what the promises alone answer */
	bool denied; /* refused; not what programs ask to learn what there is */
};

/*
 * Returns 0, or -ENOTSUP when this kernel cannot enforce the policy and
 * best_effort is off (the sentence names what is missing), -EINVAL for a
 * policy that contradicts itself, -E2BIG.  What stays open is said through
 * diag_warn().
 */
int sandbox_compile(const struct sandbox_request *request,
    struct sandbox *ret_sandbox, struct diag *diag);

/*
 * The filters that a sandbox is made of, the promises' last: returns how many.
 * They are one program, or, if there is a second, the last one is the first.
 */
size_t sandbox_filters(const struct sandbox *sandbox,
    const struct filter *ret_filters[PROGRAM_FILTERS]);

void sandbox_decide(const struct sandbox *sandbox, const struct call *call,
    struct decision *ret_decision);
/* What the grants would depend on for REQUEST: enum circumstance. */
unsigned int sandbox_circumstances(const struct sandbox_request *request);

/*
 * Makes the program again for process PID, where the request could not know it:
 * a watcher compiles before it forks.
 */
int sandbox_set_process(
    struct sandbox *sandbox, uint64_t pid, struct diag *diag);

/* What is left of a user's unveil for PERMISSIONS under PROMISES. */
uint64_t sandbox_user_access(promise_set promises, unsigned int permissions);

#endif
