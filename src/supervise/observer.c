/* SPDX-License-Identifier: ISC */
#include "supervise/observer.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/table.h"
#include "call/looks.h"
#include "call/rows.h"
#include "kernel/landlock.h"
#include "launch/target.h"
#include "trace/ptrace_tasks.h"

#ifndef SYS_faccessat2
# define SYS_faccessat2 439
#endif

#define FILE_RIGHTS                                                        \
 (LL_EXECUTE | LL_WRITE_FILE | LL_READ_FILE | LL_TRUNCATE | LL_IOCTL_DEV | \
     LL_RESOLVE_UNIX)
#define TMPFILE                                               \
 020000000 /* the bit alone; O_TMPFILE holds O_DIRECTORY, too \
	    */
/*
 * What the paths grant of all that is beneath a directory, remembered for a
 * moment: whoever moves a directory may be a stranger.
 */
#define KNOWN        256
#define KNOWN_MOMENT 100000000 /* nanoseconds */
#define LINKS_MOST   40        /* that the kernel follows: MAXSYMLINKS */

struct granted {
	dev_t device;
	ino_t inode;
	promise_set promises;
	uint64_t access, since; /* nanoseconds; 0: unused */
};

/* One call that is looked at. */
struct view {
	const struct observer *observer;
	struct caller *caller;
	const struct call *call;
	struct wants *wants;
};

static int
find_places(struct observer *observer)
{
	struct stat st;

	for (size_t i = 0; i < observer->path_count; i++) {
		const struct sandbox_path *path = &observer->paths[i];

		if ((path->path != NULL ? stat(path->path, &st)
		                        : fstat(path->fd, &st)) < 0)
			continue;
		observer->places[i].device = st.st_dev;
		observer->places[i].inode = st.st_ino;
		observer->places[i].directory = S_ISDIR(st.st_mode);
	}
	return 0;
}

int
observer_open(struct observer *observer, const struct sandbox *sandbox,
    const struct sandbox_path *paths, size_t path_count, struct diag *diag)
{
	*observer = (struct observer){
		.sandbox = sandbox, .paths = paths, .path_count = path_count
	};
	observer->self = getpid();
	observer->known = calloc(KNOWN, sizeof(*observer->known));
	observer->places = calloc(path_count + 1, sizeof(*observer->places));
	if (observer->places == NULL || observer->known == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	return find_places(observer);
}

void
observer_set_process(struct observer *observer, pid_t pid)
{
	static const char own[] = "/proc/self";
	char path[PATH_MAX];
	struct stat st;

	observer->process = pid;
	for (size_t i = 0; i < observer->path_count; i++) {
		const char *name = observer->paths[i].path;

		if (name == NULL || strncmp(name, own, strlen(own)) != 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d%s", (int)pid,
		    name + strlen(own));
		if (stat(path, &st) < 0)
			continue;
		observer->places[i].device = st.st_dev;
		observer->places[i].inode = st.st_ino;
	}
}

void
observer_close(struct observer *observer)
{
	free(observer->places);
	free(observer->known);
	*observer = (struct observer){ 0 };
}

/* What the paths grant that are this very file or directory. */
static uint64_t
granted_here(const struct observer *observer, dev_t device, ino_t inode,
    promise_set promises)
{
	uint64_t access = 0;

	for (size_t i = 0; i < observer->path_count; i++) {
		const struct sandbox_path *path = &observer->paths[i];
		uint64_t own = path->access;

		if (observer->places[i].inode != inode ||
		    observer->places[i].device != device ||
		    observer->places[i].inode == 0)
			continue;
		if (path->user)
			own = sandbox_user_access(promises, path->permissions);
		if (!observer->places[i].directory)
			own &= FILE_RIGHTS;
		access |= own;
	}
	return access;
}

/* The last slash becomes the end; false: it was the root. */
static bool
go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || path[1] == '\0')
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}

static uint64_t
clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec + 1;
}

/* Where the directory has its place; what is there may be another's. */
static struct granted *
known_place(const struct observer *observer, const struct stat *st)
{
	return &observer->known[(st->st_ino ^ st->st_dev) % KNOWN];
}

static const struct granted *
find_known(const struct observer *observer, const struct stat *st,
    promise_set promises, uint64_t time)
{
	const struct granted *known = known_place(observer, st);

	if (known->since == 0 || known->inode != st->st_ino ||
	    known->device != st->st_dev || known->promises != promises ||
	    time - known->since > KNOWN_MOMENT)
		return NULL;
	return known;
}

/* What is granted by PATH, a directory, and those above it: PATH is lost. */
static uint64_t
granted_from(const struct observer *observer, char *path, promise_set promises)
{
	const uint64_t time = clock_now();
	const struct granted *known;
	struct granted *first = NULL, found = { .since = time };
	struct stat st;

	do {
		if (lstat(path, &st) < 0)
			continue;
		known = find_known(observer, &st, promises, time);
		if (known != NULL) {
			found.access |= known->access;
			break;
		}
		found.access |=
		    granted_here(observer, st.st_dev, st.st_ino, promises);
		if (first != NULL)
			continue;
		first = known_place(observer, &st);
		found.device = st.st_dev;
		found.inode = st.st_ino;
		found.promises = promises;
	} while (go_up(path));
	if (first != NULL)
		*first = found;
	return found.access;
}

uint64_t
observer_missing(const struct observer *observer, const struct want *want,
    promise_set promises)
{
	uint64_t missing =
	    want->rights & observer->sandbox->landlock.handled_fs;
	char path[PATH_MAX];

	if (missing == 0)
		return 0;
	missing &= ~granted_here(observer, want->device, want->inode, promises);
	memcpy(path, want->path, strlen(want->path) + 1);
	if (missing != 0 && go_up(path))
		missing &= ~granted_from(observer, path, promises);
	return missing;
}

uint64_t
observer_gained(const struct observer *observer, const struct wants *wants,
    promise_set promises)
{
	struct want from = wants->paths[0], to = wants->paths[1];
	uint64_t rights = observer->sandbox->landlock.handled_fs;

	if (wants->moved == MOVED_NOTHING)
		return 0;
	if (wants->moved == MOVED_FILE)
		rights &= FILE_RIGHTS;
	from.rights = to.rights = rights;
	rights &= ~observer_missing(observer, &to, promises);
	rights &= observer_missing(observer, &from, promises);
	return rights & ~granted_here(observer, wants->moved_device,
	                    wants->moved_inode, promises);
}

/* What PATH of the plan grants, to a directory and what is beneath it. */
static uint64_t
granted_by(const struct sandbox_path *path, promise_set promises)
{
	return path->user ? sandbox_user_access(promises, path->permissions)
	                  : path->access;
}

const char *
observer_replaced(const struct observer *observer, const struct want *want,
    uint64_t missing, promise_set promises, bool *ret_made)
{
	struct stat st;

	for (size_t i = 0; i < observer->path_count; i++) {
		const struct sandbox_path *path = &observer->paths[i];

		if (path->path == NULL || path->path[0] != '/' ||
		    !path_within(want->path, path->path) ||
		    (missing & ~granted_by(path, promises)) != 0 ||
		    lstat(path->path, &st) < 0 ||
		    (st.st_ino == observer->places[i].inode &&
		        st.st_dev == observer->places[i].device))
			continue;
		*ret_made = observer->places[i].inode == 0;
		return path->path;
	}
	return NULL;
}

const struct sandbox_path *
observer_granting(const struct observer *observer, const struct want *want,
    promise_set promises)
{
	uint64_t rights = want->rights & observer->sandbox->landlock.handled_fs;
	const struct sandbox_path *best = NULL;

	for (size_t i = 0; rights != 0 && i < observer->path_count; i++) {
		const struct sandbox_path *path = &observer->paths[i];

		if (path->path == NULL || path->path[0] != '/' ||
		    !path_within(want->path, path->path) ||
		    (rights & ~granted_by(path, promises)) != 0 ||
		    (best != NULL && strlen(best->path) >= strlen(path->path)))
			continue;
		best = path;
	}
	return best;
}

/*
 * PATH as it would be for the caller: what leads through a process's own
 * directory would lead us into ours.
 */
static void
translate(const struct caller *caller, const char *path, char *ret_path)
{
	static const char thread[] = "/proc/thread-self";
	static const struct {
		const char *lead, *stands;
	} own[] = {
		{ "/proc/self", "" },
		{ "/proc/mounts", "/mounts" },
		{ "/proc/net", "/net" },
		{ "/dev/fd", "/fd" },
		{ "/dev/stdin", "/fd/0" },
		{ "/dev/stdout", "/fd/1" },
		{ "/dev/stderr", "/fd/2" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		size_t length = strlen(own[i].lead);

		if (strncmp(path, own[i].lead, length) != 0 ||
		    (path[length] != '/' && path[length] != '\0'))
			continue;
		snprintf(ret_path, PATH_MAX, "/proc/%d%s%s",
		    (int)task_process(caller->tid), own[i].stands,
		    path + length);
		return;
	}
	if (path_within(path, thread))
		snprintf(ret_path, PATH_MAX, "/proc/%d/task/%d%s",
		    (int)task_process(caller->tid), (int)caller->tid,
		    path + strlen(thread));
	else
		snprintf(ret_path, PATH_MAX, "%s", path);
}

static void
base_link(const struct caller *caller, int directory, char ret_link[64])
{
	if (directory == AT_FDCWD)
		snprintf(ret_link, 64, "/proc/%d/cwd", (int)caller->tid);
	else
		snprintf(ret_link, 64, "/proc/%d/fd/%d", (int)caller->tid,
		    directory);
}

/* Where the caller's relative paths begin: an O_PATH descriptor, or -1. */
static int
open_base(const struct caller *caller, int directory)
{
	char link[64];

	base_link(caller, directory, link);
	return open(link, O_PATH | O_CLOEXEC);
}

static int
open_object(
    const struct caller *caller, int directory, const char *path, int flags)
{
	cleanup_close int base = -1;
	char translated[PATH_MAX];

	flags |= O_PATH | O_CLOEXEC;
	if (*path == '/') {
		translate(caller, path, translated);
		return openat(AT_FDCWD, translated, flags);
	}
	base = open_base(caller, directory);
	if (base < 0) {
		errno = EACCES;
		return -1;
	}
	return openat(base, path, flags);
}

/* PATH cannot be followed: the user may not, which is not the policy's doing.
 */
static void
note_barred(const struct view *view, int directory, const char *path)
{
	char link[64], base[PATH_MAX];
	struct wants *wants = view->wants;
	ssize_t length = 0;

	if (errno != EACCES || wants->barred[0] != '\0')
		return;
	if (*path != '/') {
		base_link(view->caller, directory, link);
		length = readlink(link, base, sizeof(base) - 1);
		if (length <= 0 || base[0] != '/')
			return;
	}
	base[length] = '\0';
	if (snprintf(wants->barred, sizeof(wants->barred), "%s%s%s", base,
	        length > 0 ? "/" : "", path) >= (int)sizeof(wants->barred))
		wants->barred[0] = '\0';
}

/* Whether NAME leads to what ST says. */
static bool
is_named(const char *name, const struct stat *st)
{
	struct stat named;

	return lstat(name, &named) == 0 && named.st_ino == st->st_ino &&
	       named.st_dev == st->st_dev;
}

/* Memory has such names, too, and no directory that it was in. */
static bool
was_there(const char *name, const struct stat *st)
{
	char above[PATH_MAX];
	struct stat parent;

	snprintf(above, sizeof(above), "%s", name);
	if (!go_up(above))
		return false;
	return lstat(above, &parent) < 0 || parent.st_dev == st->st_dev;
}

/* The name that the kernel has for FD; false for a pipe.  RET_REMOVED: that is
 * where it was. */
static bool
name_object(int fd, const struct stat *st, char *ret_name, bool *ret_removed)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, ret_name, PATH_MAX - 1);
	if (length <= 0 || ret_name[0] != '/')
		return false;
	ret_name[length] = '\0';
	/* A file may really be called that. */
	*ret_removed = (size_t)length > tail &&
	               strcmp(ret_name + length - tail, deleted) == 0 &&
	               !is_named(ret_name, st);
	if (!*ret_removed)
		return true;
	ret_name[(size_t)length - tail] = '\0';
	return was_there(ret_name, st);
}

/* A link led into our own directory of /proc: it is the caller's. */
static void
correct_owner(const struct view *view, char *name)
{
	char own[64], other[PATH_MAX];
	int length;

	if (strncmp(name, "/proc/", 6) != 0)
		return;
	length =
	    snprintf(own, sizeof(own), "/proc/%d", (int)view->observer->self);
	if (strncmp(name, own, (size_t)length) != 0 || name[length] != '/')
		return;
	snprintf(other, sizeof(other), "/proc/%d%s",
	    (int)task_process(view->caller->tid), name + length);
	snprintf(name, PATH_MAX, "%s", other);
}

/* What the user may not do is refused before Landlock is asked. */
static bool
may(int fd, const char *path, int mode)
{
	return syscall(SYS_faccessat2, fd, path, mode,
	           AT_EMPTY_PATH | AT_EACCESS) == 0 ||
	       (errno != EACCES && errno != EPERM && errno != EROFS);
}

bool
want_is_refused(const struct want *want)
{
	return !may(AT_FDCWD, want->path, want->mode);
}

/* Whatever the policy, it fails; of several reasons, the first. */
static void
note_failure(const struct view *view, int err)
{
	if (view->wants->fails == 0)
		view->wants->fails = err;
}

static struct want *
next_want(const struct view *view)
{
	if (view->wants->count == WANT_PATHS)
		return NULL;
	return &view->wants->paths[view->wants->count];
}

/* Adds the object behind FD, with RIGHTS, if the user has MODE on it. */
static void
add_known(const struct view *view, int fd, const struct stat *st,
    uint64_t rights, int mode)
{
	struct want *want = next_want(view);

	if (want == NULL || rights == 0 ||
	    !name_object(fd, st, want->path, &want->removed))
		return;
	if (!view->observer->lazy && !may(fd, "", mode))
		return;
	want->made[0] = '\0';
	correct_owner(view, want->path);
	want->rights = rights;
	want->mode = mode;
	want->device = st->st_dev;
	want->inode = st->st_ino;
	view->wants->count++;
}

static void
add_want(const struct view *view, int fd, uint64_t rights, int mode)
{
	struct stat st;

	if (fstat(fd, &st) == 0)
		add_known(view, fd, &st, rights, mode);
}

static int
open_wanted(const struct view *view, int directory, const char *path, int flags)
{
	int fd = open_object(view->caller, directory, path, flags), err = errno;

	if (fd >= 0)
		return fd;
	note_barred(view, directory, path);
	/* The user may not follow it: that is said of a directory. */
	if (err != EACCES)
		note_failure(view, err);
	errno = err;
	return -1;
}

/* The directory of PATH, opened, and its last name; -1: there is none. */
static int
open_parent(
    const struct view *view, int directory, const char *path, char *ret_last)
{
	char parent[PATH_MAX], *slash;
	const char *name;
	size_t length;

	snprintf(parent, sizeof(parent), "%s", path);
	length = strlen(parent);
	while (length > 1 && parent[length - 1] == '/')
		parent[--length] = '\0';
	slash = strrchr(parent, '/');
	name = slash != NULL ? slash + 1 : parent;
	if (strlen(name) > NAME_MAX)
		return -1;
	memcpy(ret_last, name, strlen(name) + 1);
	if (*ret_last == '\0' || strcmp(ret_last, ".") == 0 ||
	    strcmp(ret_last, "..") == 0) {
		note_failure(view, EEXIST);
		errno = EEXIST;
		return -1;
	}
	if (slash != NULL)
		slash[1] = '\0';
	else
		memcpy(parent, ".", sizeof("."));
	return open_wanted(view, directory, parent, O_DIRECTORY);
}

static bool
has_entry(int directory, const char *name, struct stat *ret_st)
{
	return fstatat(directory, name, ret_st, AT_SYMLINK_NOFOLLOW) == 0;
}

static const char *
path_argument(const struct view *view, int argument)
{
	return caller_string(view->caller, view->call->args[argument]);
}

static int
directory_argument(const struct view *view, int argument)
{
	return argument == LOOK_HERE ? AT_FDCWD
	                             : (int)view->call->args[argument];
}

/* The last want is for a directory in which NAME will be. */
static void
note_made(const struct view *view, size_t before, const char *name)
{
	struct wants *wants = view->wants;

	if (wants->count > before)
		snprintf(wants->paths[wants->count - 1].made,
		    sizeof(wants->paths[0].made), "%s", name);
}

/* What a new or old NAME in a directory takes; NEW: it must not exist. */
static void
want_entry(const struct view *view, int directory, const char *path,
    uint64_t rights, bool new)
{
	cleanup_close int parent = -1;
	size_t before = view->wants->count;
	char last[NAME_MAX + 1];
	struct stat st;

	parent = open_parent(view, directory, path, last);
	if (parent < 0)
		return;
	if (has_entry(parent, last, &st) == new) {
		note_failure(view, new ? EEXIST : ENOENT);
		return;
	}
	/* Landlock is asked first. */
	if (!new &&S_ISDIR(st.st_mode) != (rights == LL_REMOVE_DIR))
		note_failure(view, S_ISDIR(st.st_mode) ? EISDIR : ENOTDIR);
	add_want(view, parent, rights, W_OK | X_OK);
	if (new)
		note_made(view, before, last);
}

/* musl's O_ACCMODE holds O_PATH, too. */
static int
access_of(int flags)
{
	return flags & 3;
}

static uint64_t
open_rights(int flags, const struct stat *st)
{
	uint64_t rights = 0;
	int mode = access_of(flags);

	if (S_ISDIR(st->st_mode))
		return mode == O_RDONLY ? LL_READ_DIR : 0;
	if (mode != O_WRONLY)
		rights |= LL_READ_FILE;
	if (mode != O_RDONLY)
		rights |= LL_WRITE_FILE;
	if ((flags & O_TRUNC) && S_ISREG(st->st_mode))
		rights |= LL_TRUNCATE;
	return rights;
}

static int
access_mode(uint64_t rights)
{
	return ((rights & (LL_READ_FILE | LL_READ_DIR)) ? R_OK : 0) |
	       ((rights & (LL_WRITE_FILE | LL_TRUNCATE)) ? W_OK : 0);
}

/*
 * Where PATH ends, from DIRECTORY, that leads over links to what is not there:
 * what is made by that name is made there.
 */
static const char *
follow_dangling(const struct view *view, int directory, const char *path,
    char end[PATH_MAX])
{
	const char *now = path;

	for (int i = 0; i < LINKS_MOST; i++) {
		char last[NAME_MAX + 1], link[PATH_MAX], name[PATH_MAX];
		cleanup_close int parent =
		    open_parent(view, directory, now, last);
		const char *slash = strrchr(now, '/');
		int above = slash != NULL ? (int)(slash - now + 1) : 0;
		ssize_t length = -1;

		if (parent >= 0)
			length =
			    readlinkat(parent, last, link, sizeof(link) - 1);
		if (length <= 0)
			break;
		link[length] = '\0';
		if (snprintf(name, sizeof(name), "%.*s%s",
		        *link == '/' ? 0 : above, now,
		        link) >= (int)sizeof(name))
			break;
		memcpy(end, name, strlen(name) + 1);
		now = end;
	}
	return now;
}

/* What there is, but cannot be opened so: an error, or 0. */
static int
open_failure(int flags, const struct stat *st)
{
	bool directory = S_ISDIR(st->st_mode);

	if ((flags & O_CREAT) && (flags & O_EXCL))
		return EEXIST;
	if (S_ISLNK(st->st_mode))
		return ELOOP;
	if (flags & TMPFILE)
		return directory ? 0 : ENOTDIR;
	if (directory && ((flags & O_CREAT) || access_of(flags) != O_RDONLY))
		return EISDIR;
	return 0;
}

static void
want_open(const struct view *view, int directory, const char *path, int flags)
{
	const struct stat file = { .st_mode = S_IFREG };
	cleanup_close int fd = -1;
	char end[PATH_MAX];
	struct stat st;
	uint64_t rights;

	if (flags & O_PATH)
		return;
	fd = open_wanted(
	    view, directory, path, flags & (O_NOFOLLOW | O_DIRECTORY));
	if (fd < 0 && errno == ENOENT && (flags & O_CREAT)) {
		view->wants->fails = 0;
		if ((flags & (O_EXCL | O_NOFOLLOW)) == 0)
			path = follow_dangling(view, directory, path, end);
		want_entry(view, directory, path,
		    LL_MAKE_REG | open_rights(flags & ~O_TRUNC, &file), true);
		return;
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		view->wants->missing =
		    fd < 0 && errno == ENOENT && access_of(flags) == O_RDONLY;
		return;
	}
	note_failure(view, open_failure(flags, &st));
	if (view->wants->fails != 0)
		return;
	if (S_ISSOCK(st.st_mode)) /* Landlock is asked first */
		note_failure(view, ENXIO);
	rights = open_rights(flags, flags & TMPFILE ? &file : &st);
	add_known(view, fd, &st, rights, access_mode(rights));
}

static void
want_file(
    const struct view *view, int directory, const char *path, uint64_t rights)
{
	cleanup_close int fd = open_wanted(view, directory, path, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (rights == LL_TRUNCATE && !S_ISREG(st.st_mode)) {
		note_failure(view, S_ISDIR(st.st_mode) ? EISDIR : EINVAL);
		return;
	}
	add_known(view, fd, &st, rights, access_mode(rights));
}

/* The program and the interpreters that the kernel opens for it. */
static void
want_execute(const struct view *view, int directory, const char *path)
{
	const uint64_t rights = LL_EXECUTE | LL_READ_FILE;
	size_t first = view->wants->count;
	struct target target = { 0 };
	cleanup_close int fd = open_wanted(view, directory, path, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (!S_ISREG(st.st_mode)) {
		note_failure(view, EACCES);
		return;
	}
	add_known(view, fd, &st, rights, X_OK);
	if (view->wants->count == first)
		return;
	/* Then it is not even looked into. */
	if (view->observer->lazy && want_is_refused(&view->wants->paths[first]))
		return;
	target_find(view->wants->paths[first].path, NULL, &target, NULL);
	for (size_t i = 1; i < target.file_count; i++)
		want_file(view, AT_FDCWD, target.files[i], rights);
	target_free(&target);
}

static uint64_t
make_rights(mode_t type)
{
	switch (type & S_IFMT) {
	case S_IFDIR:
		return LL_MAKE_DIR;
	case S_IFLNK:
		return LL_MAKE_SYM;
	case S_IFIFO:
		return LL_MAKE_FIFO;
	case S_IFSOCK:
		return LL_MAKE_SOCK;
	case S_IFCHR:
		return LL_MAKE_CHAR;
	case S_IFBLK:
		return LL_MAKE_BLOCK;
	default:
		return LL_MAKE_REG;
	}
}

/* Renaming removes the old name, and one that is replaced; both make one. */
static void
want_move(const struct view *view, const struct look_row *row)
{
	bool at = row->directory != LOOK_HERE, moves = row->look == LOOK_RENAME;
	int new_directory =
	    directory_argument(view, at ? row->more : LOOK_HERE);
	cleanup_close int from = -1, to = -1;
	const char *old = path_argument(view, row->path);
	const char *new = path_argument(view, at ? row->more + 1 : row->more);
	char old_last[NAME_MAX + 1], new_last[NAME_MAX + 1];
	struct stat old_st, new_st, from_st, to_st;
	uint64_t old_rights = 0, new_rights;
	size_t before;

	if (old == NULL || new == NULL)
		return;
	/* What is beneath a directory that moves comes under others. */
	memset(view->observer->known, 0, KNOWN * sizeof(struct granted));
	from = open_parent(
	    view, directory_argument(view, row->directory), old, old_last);
	to = open_parent(view, new_directory, new, new_last);
	if (from < 0 || to < 0 || fstat(from, &from_st) < 0 ||
	    fstat(to, &to_st) < 0)
		return;
	if (!has_entry(from, old_last, &old_st)) {
		note_failure(view, ENOENT);
		return;
	}
	new_rights = make_rights(old_st.st_mode);
	if (moves)
		old_rights =
		    S_ISDIR(old_st.st_mode) ? LL_REMOVE_DIR : LL_REMOVE_FILE;
	if (has_entry(to, new_last, &new_st)) {
		if (!moves)
			note_failure(view, EEXIST);
		if (!moves)
			return;
		new_rights |=
		    S_ISDIR(new_st.st_mode) ? LL_REMOVE_DIR : LL_REMOVE_FILE;
	}
	if (from_st.st_ino != to_st.st_ino || from_st.st_dev != to_st.st_dev) {
		old_rights |= LL_REFER;
		new_rights |= LL_REFER;
	}
	add_known(view, from, &from_st, old_rights, moves ? W_OK | X_OK : X_OK);
	before = view->wants->count;
	add_known(view, to, &to_st, new_rights, W_OK | X_OK);
	note_made(view, before, new_last);
	if (!(new_rights & LL_REFER) || view->wants->count != 2)
		return;
	view->wants->moved =
	    S_ISDIR(old_st.st_mode) ? MOVED_DIRECTORY : MOVED_FILE;
	view->wants->moved_device = old_st.st_dev;
	view->wants->moved_inode = old_st.st_ino;
}

/* Whether OPTION of the caller's socket FD could be asked. */
static bool
read_option(const struct caller *caller, int number, int option, int *ret_value)
{
	cleanup_close int fd = caller_fd(caller->tid, number);
	socklen_t length = sizeof(*ret_value);

	return fd >= 0 &&
	       getsockopt(fd, SOL_SOCKET, option, ret_value, &length) == 0;
}

int
observe_family(const struct caller *caller, int fd)
{
	int family = 0;

	return read_option(caller, fd, SO_DOMAIN, &family) ? family : 0;
}

/* Port rules hold for TCP alone. */
static bool
is_tcp(const struct view *view)
{
	int type = SOCK_STREAM;

	return !read_option(
	           view->caller, (int)view->call->args[0], SO_TYPE, &type) ||
	       type == SOCK_STREAM;
}

bool
observer_grants_port(
    const struct observer *observer, struct port port, uint64_t right)
{
	const struct landlock_plan *plan = &observer->sandbox->landlock;

	if ((plan->handled_net & right) == 0)
		return true;
	for (size_t i = 0; i < plan->port_count; i++)
		if (plan->ports[i].number == port.number &&
		    (plan->ports[i].access & right) != 0)
			return true;
	return false;
}

static void
want_port(const struct view *view, uint16_t network_port, uint64_t right)
{
	struct port port = TCP_PORT(ntohs(network_port));

	if (observer_grants_port(view->observer, port, right))
		return;
	if (!is_tcp(view))
		view->wants->datagrams = true;
	else if (right == LL_NET_BIND_TCP)
		view->wants->bind = port;
	else
		view->wants->connect = port;
}

/* Of a Unix socket. */
static void
want_name(const struct view *view, const struct look_row *row, const char *path)
{
	uint64_t handled = view->observer->sandbox->landlock.handled_fs;
	struct wants *wants = view->wants;

	if (row->rights == LL_NET_BIND_TCP) {
		want_entry(view, AT_FDCWD, path, LL_MAKE_SOCK, true);
		if (wants->fails == EEXIST)
			wants->fails = EADDRINUSE;
		return;
	}
	want_file(view, AT_FDCWD, path, handled & LL_RESOLVE_UNIX);
}

static void
want_address(const struct view *view, const struct look_row *row)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} name = { 0 };
	uint64_t length = view->call->args[2];

	if (length >= sizeof(name.un))
		length = sizeof(name.un) - 1;
	if (caller_bytes(view->caller, view->call->args[1], &name, length) <
	    sizeof(name.any.sa_family))
		return;
	view->wants->family = name.any.sa_family;
	if (name.any.sa_family == AF_INET)
		want_port(view, name.in.sin_port, row->rights);
	else if (name.any.sa_family == AF_INET6)
		want_port(view, name.in6.sin6_port, row->rights);
	else if (name.any.sa_family != AF_UNIX || name.un.sun_path[0] == '\0')
		return;
	else
		want_name(view, row, name.un.sun_path);
}

/* Field 22 of /proc/PID/stat: when it began; 0: there is no such process. */
static unsigned long long
began(pid_t pid)
{
	cleanup_fclose FILE *file = NULL;
	char name[32], line[1024], *field;

	snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	file = fopen(name, "re");
	if (file == NULL || fgets(line, sizeof(line), file) == NULL)
		return 0;
	field = strrchr(line, ')'); /* behind its name: the 3rd is next */
	for (int i = 2; field != NULL && i < 22; i++)
		field = strchr(field + 1, ' ');
	return field != NULL ? strtoull(field, NULL, 10) : 0;
}

/* The process that FD, a pidfd of the caller's, is about; 0: not known. */
static pid_t
pidfd_process(const struct caller *caller, int fd)
{
	cleanup_fclose FILE *file = NULL;
	char name[64], line[256];

	snprintf(
	    name, sizeof(name), "/proc/%d/fdinfo/%d", (int)caller->tid, fd);
	file = fopen(name, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "Pid:", 4) == 0)
			return (pid_t)strtol(line + 4, NULL, 10);
	return 0;
}

/*
 * Signals reach no process that is not in the sandbox, but for one of several
 * that are meant it is enough to be there.  Who is older than the command is
 * none of its children; of one that is younger, it cannot be told for sure.
 */
static void
want_signal(const struct view *view)
{
	const struct observer *observer = view->observer;
	int pid = (int)view->call->args[0];
	const char *name =
	    arch_name(observer->sandbox->filter.arch, view->call->nr);
	unsigned long long time;

	if (name != NULL && strcmp(name, "pidfd_send_signal") == 0)
		pid = pidfd_process(view->caller, pid);
	if (pid == 0 || pid == -1 || observer->process == 0 ||
	    pid == observer->process || pid == -getpgid(observer->process))
		return;
	time = began(pid < 0 ? -pid : pid);
	if (time == 0 && errno == ENOENT && kill(pid, 0) < 0 && errno == ESRCH)
		note_failure(view, ESRCH);
	if (time == 0 ||
	    !(observer->sandbox->landlock.scoped & LL_SCOPE_SIGNAL))
		return;
	view->wants->outside = observer->process == observer->self ||
	                       time < began(observer->process);
}

static void
want_path(const struct view *view, const struct look_row *row)
{
	int directory = directory_argument(view, row->directory);
	int more = (int)view->call->args[row->more];
	const char *path = path_argument(view, row->path);

	if (path == NULL || *path == '\0')
		return;
	switch ((enum call_look)row->look) {
	case LOOK_OPEN:
		want_open(view, directory, path, more);
		break;
	case LOOK_CREAT:
		want_open(view, directory, path, O_CREAT | O_WRONLY | O_TRUNC);
		break;
	case LOOK_FILE:
		want_file(view, directory, path, row->rights);
		break;
	case LOOK_MAKE:
		want_entry(view, directory, path, row->rights, true);
		break;
	case LOOK_NODE:
		want_entry(
		    view, directory, path, make_rights((mode_t)more), true);
		break;
	case LOOK_REMOVE:
		want_entry(view, directory, path, row->rights, false);
		break;
	case LOOK_UNLINK:
		want_entry(view, directory, path,
		    more & AT_REMOVEDIR ? LL_REMOVE_DIR : LL_REMOVE_FILE,
		    false);
		break;
	case LOOK_EXECUTE:
		want_execute(view, directory, path);
		break;
	case LOOK_NOTHING:
	case LOOK_RENAME:
	case LOOK_LINK:
	case LOOK_ADDRESS:
	case LOOK_SIGNAL:
	case LOOK_PATH:
	case LOOK_EACH:
	case LOOK_OWNER:
	case LOOK_SEND:
	case LOOK_IOCTL:
	case LOOK_LIMIT:
	case LOOK_CLONE3:
	case LOOK_OPENAT2:
		break;
	}
}

static void
wants_begin(struct wants *wants)
{
	wants->count = 0;
	wants->connect = wants->bind = (struct port){ PORT_NONE };
	wants->family = 0;
	wants->missing = wants->datagrams = wants->outside = false;
	wants->fails = 0;
	wants->moved = MOVED_NOTHING;
	wants->barred[0] = '\0';
}

/* The row of a call that Landlock looks at. */
static const struct look_row *
find_row(const struct observer *observer, const struct call *call)
{
	const struct look_row *row =
	    look_find(observer->sandbox->filter.arch, call->nr);

	return row != NULL && look_is_landlocks(row->look) ? row : NULL;
}

/* Of a new file, the directory is what is wanted. */
static bool
split_made(struct want *want)
{
	char *slash = strrchr(want->path, '/');

	if (slash == NULL || strlen(slash + 1) > NAME_MAX)
		return false;
	memcpy(want->made, slash + 1, strlen(slash + 1) + 1);
	slash[slash == want->path ? 1 : 0] = '\0';
	return true;
}

void
observe_opened(const struct observer *observer, const struct call *call,
    const struct opened *opened, struct wants *ret_wants)
{
	static const struct stat file = { .st_mode = S_IFREG };
	const struct look_row *row = find_row(observer, call);
	struct want *want = &ret_wants->paths[0];
	struct stat st = { .st_mode = opened->mode };
	int flags = O_CREAT | O_WRONLY | O_TRUNC;

	wants_begin(ret_wants);
	if (row != NULL && row->look == LOOK_OPEN)
		flags = (int)call->args[row->more];
	if (opened->path == NULL || (flags & O_PATH))
		return;
	snprintf(want->path, sizeof(want->path), "%s", opened->path);
	*want->made = '\0';
	want->removed = false;
	want->mode = 0;
	want->device = 0;
	want->inode = 0;
	want->rights = open_rights(flags, &st);
	/* One without a name is made in the directory that is opened. */
	if (flags & TMPFILE && split_made(want))
		*want->made = '\0';
	else if (opened->created && split_made(want))
		want->rights =
		    LL_MAKE_REG | open_rights(flags & ~O_TRUNC, &file);
	ret_wants->count = want->rights != 0;
}

int
observe_named(struct caller *caller, const struct call *call, bool follow)
{
	const struct call_row *row = call_row_find(arch_native(), call->nr);
	int flags = follow ? 0 : O_NOFOLLOW;
	const char *path;

	for (size_t i = 0; i < CALL_ARGS; i++) {
		bool at = i > 0 && row->args[i - 1].kind == ARG_DIRFD;

		if (row->args[i].kind != ARG_PATH)
			continue;
		path = caller_string(caller, call->args[i]);
		errno = ENOENT;
		if (path == NULL || *path == '\0')
			break;
		return open_object(caller,
		    at ? (int)call->args[i - 1] : AT_FDCWD, path, flags);
	}
	return -1;
}

const char *
observe_path(const struct observer *observer, struct caller *caller,
    const struct call *call)
{
	const struct look_row *row =
	    look_find(observer->sandbox->filter.arch, call->nr);

	if (row == NULL || (!look_is_path(row->look) && row->look != LOOK_PATH))
		return NULL;
	return caller_string(caller, call->args[row->path]);
}

void
observe(const struct observer *observer, struct caller *caller,
    const struct call *call, struct wants *ret_wants)
{
	const struct view view = { observer, caller, call, ret_wants };
	const struct look_row *row = find_row(observer, call);

	wants_begin(ret_wants);
	if (caller->tid == 0 || row == NULL)
		return;
	if (row->look == LOOK_ADDRESS)
		want_address(&view, row);
	else if (row->look == LOOK_SIGNAL)
		want_signal(&view);
	else if (row->look == LOOK_RENAME || row->look == LOOK_LINK)
		want_move(&view, row);
	else
		want_path(&view, row);
}
