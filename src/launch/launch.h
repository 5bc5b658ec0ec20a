/* SPDX-License-Identifier: ISC */
/*
 * From "ready" to exec: everything that confines the calling process, as a
 * list of named steps.  When one fails, the command is not run.
 */
#ifndef LAUNCH_LAUNCH_H
#define LAUNCH_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/diag.h"
#include "policy/policy.h"
#include "sandbox/sandbox.h"

/* Exit statuses of our own, as env(1), timeout(1) and chroot(1) use them. */
enum {
	STATUS_TIMEOUT = 124,
	STATUS_FAILED = 125, /* before the command ran */
	STATUS_NOT_RUNNABLE = 126,
	STATUS_NOT_FOUND = 127,
};

#define LAUNCH_KEPT_FDS 64

struct launch {
	const struct policy *policy; /* for the limits */
	struct sandbox *sandbox;
	/* Compiled filters of the user's, kept apart from what was made. */
	const struct program *const *programs;
	size_t program_count;
	const char *path; /* the program */
	char *const *argv;
	char *const *envp;
	int kept_fds[LAUNCH_KEPT_FDS]; /* above 2 */
	size_t kept_count;
	bool keep_fds, keep_caps;
	bool idle;   /* lowest priorities */
	bool rooted; /* the root directory was changed before (chroot(2)) */
	bool change_user, change_group;
	uid_t uid;
	gid_t gid;
	bool best_effort;
	pid_t parent; /* the launcher that stays, 0: there is none */
	/* The sandbox is a watched one: the listener goes through `socket`. */
	bool watched, watched_killable;
	int socket;
	int report; /* kept until exec, to say what failed; 0: none */
	const char *program_name; /* leads messages: "pledge" */
	/* The capability without which it cannot be run; the launch finds it.
	 */
	const char *lost_cap;
};

/*
 * Confines the calling process and becomes the command.  Returns an exit
 * status if that failed: STATUS_FAILED with DIAG naming the step, or
 * STATUS_NOT_RUNNABLE or STATUS_NOT_FOUND with the message already written
 * (under the filter only the launcher's own write is sure to be allowed).
 */
int launch_in_place(struct launch *launch, struct diag *diag);

#endif
