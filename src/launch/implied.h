/* SPDX-License-Identifier: ISC */
/*
 * All paths of a launch: the user's unveils with their symbols resolved, and
 * what is unveiled for the program without asking: itself, its interpreters,
 * loader and libraries, the promises' files, its redirections.
 */
#ifndef LAUNCH_IMPLIED_H
#define LAUNCH_IMPLIED_H

#include "launch/target.h"
#include "policy/policy.h"
#include "sandbox/sandbox.h"

#define LAUNCH_PATHS 768

struct launch_paths {
	size_t count;
	size_t used;  /* of `text` */
	int overflow; /* sticky */
	struct sandbox_path paths[LAUNCH_PATHS];
	char text[65536]; /* the paths' bytes */
};

/* -EINVAL for a symbol that stands for nothing, -E2BIG. */
int launch_paths_user(struct launch_paths *paths, const struct policy *policy,
    const struct symbols *symbols, struct diag *diag);

/* What the launch hands to its program, besides the policy. */
struct launch_gifts {
	const struct target *target;
	const int *fds; /* kept above 2 */
	size_t fd_count;
	const char *tmp;      /* the run's private directory, or NULL */
	bool no_redirections; /* nothing of descriptors 0 to 2 */
};

/* One more: PATH, with LL_* rights; skipped if there is no such file. */
void launch_paths_add(
    struct launch_paths *paths, const char *path, uint64_t access);

int launch_paths_implied(struct launch_paths *paths,
    const struct policy *policy, const struct launch_gifts *gifts,
    struct diag *diag);

#endif
