/* SPDX-License-Identifier: ISC */
#include "launch/implied.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "kernel/landlock.h"
#include "policy/loader.h"

#define READ_ACCESS (LL_READ_FILE | LL_READ_DIR)
#define RUN_ACCESS  (LL_READ_FILE | LL_EXECUTE)

static void
add(struct launch_paths *paths, const struct sandbox_path *path)
{
	if (paths->count == LAUNCH_PATHS) {
		paths->overflow = 1;
		return;
	}
	paths->paths[paths->count++] = *path;
}

static const char *
keep_text(struct launch_paths *paths, const char *text, size_t length)
{
	char *kept = paths->text + paths->used;

	if (length >= sizeof(paths->text) - paths->used) {
		paths->overflow = 1;
		return "/";
	}
	memcpy(kept, text, length);
	kept[length] = '\0';
	paths->used += length + 1;
	return kept;
}

/* Is PATH one of ours, or below it, with all of ACCESS?  Each rule costs. */
static bool
is_covered(const struct launch_paths *paths, const char *path, uint64_t access)
{
	for (size_t i = 0; i < paths->count; i++) {
		const struct sandbox_path *above = &paths->paths[i];

		if (above->path != NULL && !above->user &&
		    (access & ~above->access) == 0 &&
		    path_within(path, above->path))
			return true;
	}
	return false;
}

static void
add_implied(struct launch_paths *paths, const char *path, uint64_t access)
{
	if (!is_covered(paths, path, access))
		add(paths,
		    &(struct sandbox_path){
		        .path = path, .access = access, .optional = true });
}

void
launch_paths_add(struct launch_paths *paths, const char *path, uint64_t access)
{
	add_implied(paths, keep_text(paths, path, strlen(path)), access);
}

static int
check_overflow(const struct launch_paths *paths, struct diag *diag)
{
	if (paths->overflow)
		return diag_set(diag, E2BIG,
		    "the policy names more paths than "
		    "can be enforced");
	return 0;
}

/*
 * What an argument names may lie where more is granted already, in one run and
 * not in another: it has that anyway.
 */
static void
widen_arguments(struct launch_paths *paths, const struct policy *policy)
{
	for (size_t i = 0; i < policy->unveil_count; i++) {
		struct sandbox_path *path = &paths->paths[i];

		if (strncmp(policy->unveils[i].path, "@ARG", 4) != 0 ||
		    path->permissions == 0)
			continue;
		for (size_t j = 0; j < policy->unveil_count; j++)
			if (path_within(path->path, paths->paths[j].path))
				path->permissions |=
				    paths->paths[j].permissions;
	}
}

int
launch_paths_user(struct launch_paths *paths, const struct policy *policy,
    const struct symbols *symbols, struct diag *diag)
{
	char real[PATH_MAX];

	for (size_t i = 0; i < policy->unveil_count; i++) {
		const struct unveil *unveil = &policy->unveils[i];
		cleanup_free char *path = NULL;
		const char *found;
		int r;

		r = symbols_resolve(symbols, unveil->path, &path,
		    unveil->optional ? NULL : diag);
		/* No such argument, and none is asked for: nothing. */
		if (r == -EINVAL && unveil->optional) {
			add(paths,
			    &(struct sandbox_path){
			        .path = "", .user = true, .optional = true });
			continue;
		}
		if (r < 0)
			return r;
		/* One that does not exist is named when it is opened; getcwd(3)
		 * has no links in it. */
		found = path;
		if ((symbols->cwd == NULL || strcmp(path, symbols->cwd) != 0) &&
		    realpath(path, real) != NULL) {
			found = real;
			/* The command's own, whoever plans it. */
			if (strncmp(path, "/proc/self", 10) == 0 ||
			    strncmp(path, "/proc/thread-self", 17) == 0)
				path_name_self(real, (int)getpid());
		}
		add(paths, &(struct sandbox_path){
		               .path = keep_text(paths, found, strlen(found)),
		               .permissions = unveil->permissions,
		               .user = true,
		               .optional = unveil->optional });
	}
	if (!paths->overflow)
		widen_arguments(paths, policy);
	return check_overflow(paths, diag);
}

/* "rwi:/dev/null r:/etc/localtime". */
static void
add_files(struct launch_paths *paths, const char *files)
{
	const char *colon, *end;

	for (; files != NULL; files = end) {
		files += strspn(files, " ");
		colon = strchr(files, ':');
		if (colon == NULL)
			return;
		end = colon + strcspn(colon, " ");
		add_implied(paths,
		    keep_text(paths, colon + 1, (size_t)(end - colon - 1)),
		    landlock_implied_rights(files, (size_t)(colon - files)));
	}
}

static void
add_library(struct launch_paths *paths, const char *path, struct file_id id)
{
	if (!is_covered(paths, path, LL_READ_FILE))
		add(paths, &(struct sandbox_path){ .path = path,
		               .access = LL_READ_FILE,
		               .optional = true,
		               .id = id });
}

static void
add_target(struct launch_paths *paths, const struct target *target)
{
	for (size_t i = 0; i < target->file_count; i++)
		add(paths, &(struct sandbox_path){ .path = target->files[i],
		               .access = RUN_ACCESS,
		               .id = target->file_ids[i] });
	for (size_t i = 0; i < target->library_count; i++)
		add_library(
		    paths, target->libraries[i], target->library_ids[i]);
}

static void
add_loader(struct launch_paths *paths, bool executes)
{
	char link[16];

	for (size_t i = 0; i < loader_library_count; i++) {
		/* /lib is /usr/lib's other name, on most systems. */
		ssize_t length =
		    readlink(loader_libraries[i], link, sizeof(link));

		if (length >= 7 && strncmp(link, "usr/lib", 7) == 0)
			continue;
		add_implied(paths, loader_libraries[i], READ_ACCESS);
	}
	for (size_t i = 0; executes && i < loader_count; i++)
		add_implied(paths, loaders[i], RUN_ACCESS);
}

/*
 * The file behind a redirection may be opened again by its descriptor
 * (/dev/stdin), as the descriptor was; a directory never.
 */
static void
add_redirection(struct launch_paths *paths, int fd)
{
	int flags = fcntl(fd, F_GETFL);
	uint64_t access = 0;
	struct stat st;

	if (flags < 0 || (flags & O_PATH) || fstat(fd, &st) < 0 ||
	    !S_ISREG(st.st_mode))
		return;
	if ((flags & O_ACCMODE) != O_WRONLY)
		access |= LL_READ_FILE;
	if ((flags & O_ACCMODE) != O_RDONLY)
		access |= LL_WRITE_FILE | LL_TRUNCATE;
	add(paths, &(struct sandbox_path){ .fd = fd, .access = access });
}

/* In another mount namespace, or when it was deleted, a name is another's. */
static bool
is_named(int fd, const char *name)
{
	struct stat st, named;

	return fstat(fd, &st) == 0 && stat(name, &named) == 0 &&
	       st.st_dev == named.st_dev && st.st_ino == named.st_ino &&
	       st.st_rdev == named.st_rdev;
}

/* The terminal by its name, as ttyname(3) finds it. */
static void
add_terminal(struct launch_paths *paths, int fd)
{
	char name[64], link[32];
	ssize_t length;

	if (!isatty(fd))
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, name, sizeof(name) - 1);
	if (length <= 0 || name[0] != '/')
		return;
	name[length] = '\0';
	if (is_named(fd, name))
		add_implied(paths, keep_text(paths, name, (size_t)length),
		    READ_ACCESS | LL_WRITE_FILE | LL_IOCTL_DEV);
}

static uint64_t
private_access(void)
{
	return landlock_rights(UNVEIL_R | UNVEIL_W | UNVEIL_C, LANDLOCK_UNIX);
}

int
launch_paths_implied(struct launch_paths *paths, const struct policy *policy,
    const struct launch_gifts *gifts, struct diag *diag)
{
	const promise_set opens =
	    PROMISE(RPATH) | PROMISE(WPATH) | PROMISE(EXEC) | PROMISE(DNS) |
	    PROMISE(GETPW) | PROMISE(PS) | PROMISE(VMINFO);
	promise_set promises = policy_promises(policy);
	bool dynamic = gifts->target->flags & (TARGET_DYNAMIC | TARGET_SCRIPT);

	add_target(paths, gifts->target);
	if (dynamic || (promises & PROMISE(EXEC)))
		add_loader(paths, promises & PROMISE(EXEC));
	/* A static program that cannot open anything needs none of these. */
	for (int i = 0; i < PROMISE_COUNT; i++)
		if ((promises & UINT64_C(1) << i) &&
		    (dynamic || (promises & opens)))
			add_files(paths, promise_rows[i].files);
	for (int fd = 0; fd < 3 && !gifts->no_redirections; fd++) {
		add_redirection(paths, fd);
		if (promises & PROMISE(TTY))
			add_terminal(paths, fd);
	}
	for (size_t i = 0; i < gifts->fd_count; i++)
		add_redirection(paths, gifts->fds[i]);
	if (gifts->tmp != NULL && (promises & PROMISE(TMPPATH)))
		add_implied(paths, gifts->tmp, private_access());
	return check_overflow(paths, diag);
}
