/* SPDX-License-Identifier: ISC */
/* Runs a command under a policy, however it was asked for. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "launch/implied.h"
#include "launch/launch.h"
#include "policy/policy.h"
#include "run/explain.h"

#define RUN_ENV 256

struct run {
	struct policy policy;
	char *const *argv;        /* the command */
	const char *env[RUN_ENV]; /* "K=V", or "K": keep or pass on */
	size_t env_count;
	bool clear_env;
	const char *root;         /* chroot here first; paths resolve inside */
	const char *user, *group; /* names or numbers */
	double timeout;           /* seconds, 0: none */
	bool as_parent;           /* stay, even where nothing asks for it */
	bool keep_fds, keep_caps, idle, best_effort, quiet;
	int fds[LAUNCH_KEPT_FDS]; /* --keep-fd */
	size_t fd_count;
	const char *program_name; /* leads messages */
	const char *lead; /* leads a suggested command; NULL: the same */
	struct suggestion_options given; /* for that command */
	/* Names each denial there; its line() NULL: no explaining. */
	struct explain_output explain;
	/* What is known of its program, which counts for that; or NULL. */
	const struct known *known;
	bool answer; /* exit status: 0 nothing was denied, 1 it was, 2 error */
	bool ran;    /* set: the command's end is what the status tells */
	bool late;   /* set: the time limit ended it */
	pid_t launcher; /* set: the process that was asked */
	/*
	 * A server's: where to say what failed, for which the command's
	 * process keeps it until it has become the command; and nothing of the
	 * command outlives its parent, nor what is at the other end of that
	 * socket (`sole`).  0: there is none.
	 */
	int report;
	bool sole;
	pid_t server; /* in place: the process to die with; 0: none */
	/* Of a policy that others have made: asked whether it may be, and to
	 * narrow it, 0 or -errno; or NULL.  Both get inspect_context. */
	int (*bound)(void *context, struct policy *policy, struct diag *diag);
	/* Asked whether these paths may be granted, 0 or -errno; or NULL. */
	int (*inspect)(
	    void *context, const struct launch_paths *paths, struct diag *diag);
	void *inspect_context;
	/* Of run_plan(): the private directory, which is the asker's to remove;
	 * NULL: one is made, and removed at the plan's end. */
	const char *tmp;
	bool watch_all; /* a watcher hears of all that is of interest, */
	bool open;      /* and nothing is restricted */
	/* By a call's number: what he sees without hearing of it, or NULL. */
	const bool *recorded;
};

/* All that a watcher of its own needs to know of a run. */
struct run_plan {
	const struct sandbox *sandbox;
	const struct sandbox_path *paths;
	size_t path_count;
	const struct features *features;
	const char *program; /* its path */
	const char *tmp;     /* its private directory, or NULL */
};

/*
 * Everything up to the first fork, for who watches by himself; a private
 * directory is made if TMP.  An exit status, 0: RET_PLAN, valid until the next
 * plan, or run, of this process.
 */
int run_plan(
    struct run *run, bool tmp, struct run_plan *ret_plan, struct diag *diag);

#define RUN_UNHEARD (-1)

/*
 * In a child of WATCHER: becomes the command that was planned, whose listener
 * goes through SOCKET; RUN_UNHEARD: it has none, and the sandbox is a plain
 * one.  An exit status, if that failed.
 */
int run_become(
    const struct run *run, int socket, pid_t watcher, struct diag *diag);

/* Empties the private directory for another run. */
int run_plan_again(struct diag *diag);
/* Removes it. */
void run_plan_end(struct diag *diag);

/*
 * Runs it.  In place (nothing asks for a parent) this does not return unless
 * it failed; as parent it returns the command's status.  Exit statuses are
 * launch.h's; DIAG holds a sentence if diag->err is set.
 */
int run_command(struct run *run, struct diag *diag);

/*
 * Reads the filters that the policy names, to be sure of them; running and
 * describing do it, too.  -errno, and the place.
 */
int run_read_filters(const struct run *run, struct diag *diag);

/* The same, and that the policy's program does what it says. */
int run_prove(const struct run *run, struct diag *diag);

/*
 * What would be enforced for the command (which may be NULL: the policy alone)
 * on this machine: the policy file, then comments.  Runs nothing.  An exit
 * status, 0: BUF holds it.
 */
int run_describe(struct run *run, struct strbuf *buf, struct diag *diag);

#endif
