/* SPDX-License-Identifier: ISC */
/*
 * What Landlock will say to a call that waits: the paths that it names,
 * resolved as the kernel would for the caller, and the rights that it takes.
 * A prediction, to explain: Landlock itself decides.
 */
#ifndef SUPERVISE_OBSERVER_H
#define SUPERVISE_OBSERVER_H

#include <limits.h>
#include <sys/stat.h>

#include "sandbox/sandbox.h"
#include "supervise/notify.h"

#define WANT_PATHS 9 /* a program and its interpreters */

/* A path that a call needs, as the kernel names it. */
struct want {
	char path[PATH_MAX];
	char made[NAME_MAX + 1]; /* the new name in it, "": none */
	uint64_t rights;         /* LL_* */
	int mode;     /* R_OK, ...: what the user must be allowed, too */
	bool removed; /* no path leads to it any more; this one did */
	dev_t device; /* what it is */
	ino_t inode;
};

struct wants {
	struct want paths[WANT_PATHS];
	size_t count;
	struct port connect, bind;
	bool datagrams; /* an address for them */
	bool missing;   /* what was to be opened for reading is not there */
	bool outside;   /* a signal to who is not in the sandbox */
	int fails;  /* with this error, whatever the policy; 0: not known to */
	int family; /* of the address that is named, 0: none */
	/* From the first path's directory to the second's, another one. */
	enum { MOVED_NOTHING, MOVED_FILE, MOVED_DIRECTORY } moved;
	dev_t moved_device;
	ino_t moved_inode;
	/* A path, absolute, that the user may not follow; "": none. */
	char barred[PATH_MAX];
};

struct observer {
	const struct sandbox *sandbox;
	const struct sandbox_path *paths;
	size_t path_count;
	struct {
		dev_t device;
		ino_t inode; /* 0: there is no such file */
		bool directory;
	} * places; /* of each path */
	/* Whether the user may is not asked: want_is_refused() does that where
	 * it makes a difference. */
	bool lazy;
	pid_t self;
	pid_t process;         /* the command's; 0: not known */
	struct granted *known; /* of directories, by inode */
};

/* PATHS are those of the plan; all must outlive the observer. */
int observer_open(struct observer *observer, const struct sandbox *sandbox,
    const struct sandbox_path *paths, size_t path_count, struct diag *diag);
void observer_close(struct observer *observer);

/* The command is that process: /proc/self among the paths is its own. */
void observer_set_process(struct observer *observer, pid_t pid);

/*
 * What CALL of CALLER needs; nothing for what fails anyway (a missing file, one
 * that the user may not touch; `fails` says why), for what Landlock does not
 * look at, and for what cannot be read.
 */
void observe(const struct observer *observer, struct caller *caller,
    const struct call *call, struct wants *ret_wants);

/* A file that an open has opened, as the kernel tells. */
struct opened {
	const char *path; /* as the kernel names it; NULL: it has no name */
	unsigned int mode;
	bool created;
};

/* The same of an open that has succeeded: CALL is open, openat or creat. */
void observe_opened(const struct observer *observer, const struct call *call,
    const struct opened *opened, struct wants *ret_wants);

/*
 * The path of the plan, resolved, that would grant MISSING of WANT, if there
 * were still what there was when the observer was opened; or NULL.  RET_MADE:
 * there was nothing.
 */
const char *observer_replaced(const struct observer *observer,
    const struct want *want, uint64_t missing, promise_set promises,
    bool *ret_made);

/* Whether RIGHT (LL_NET_*) on PORT is granted, or not asked for. */
bool observer_grants_port(
    const struct observer *observer, struct port port, uint64_t right);

/* The path of the plan that grants WANT, the longest that there is; NULL: none
 * alone does. */
const struct sandbox_path *observer_granting(const struct observer *observer,
    const struct want *want, promise_set promises);

/* The domain of the caller's socket FD (AF_*), 0: it is none. */
int observe_family(const struct caller *caller, int fd);

/* The user may not do what is wanted: Landlock is not asked. */
bool want_is_refused(const struct want *want);

/* Those rights of WANT that the plan would not grant under PROMISES. */
uint64_t observer_missing(const struct observer *observer,
    const struct want *want, promise_set promises);

/*
 * The rights that what is moved has where it will be, and not where it is:
 * Landlock lets it gain none (EXDEV).
 */
uint64_t observer_gained(const struct observer *observer,
    const struct wants *wants, promise_set promises);

/* What CALL, a native one, names first: an O_PATH descriptor, or -1 and errno.
 */
int observe_named(struct caller *caller, const struct call *call, bool follow);

/* The path that CALL names first, as the caller wrote it, or NULL. */
const char *observe_path(const struct observer *observer, struct caller *caller,
    const struct call *call);

#endif
