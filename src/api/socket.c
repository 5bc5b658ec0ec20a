/* SPDX-License-Identifier: ISC */
#include "api/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define OWN_NAME      "seccomp-pledge"
#define WAITING       16 /* clients; more are refused by the kernel */
#define LOCK_TRIES    50
#define LOCK_TRY_MS   20
#define MODE_OF_USER  (S_IRUSR | S_IWUSR)
#define MODE_OF_GROUP (S_IRGRP | S_IWGRP)

/* Another server may be between looking and binding: both would win. */
static int
lock_directory(const char *path, int *ret_fd, struct diag *diag)
{
	const struct timespec pause = { .tv_nsec = LOCK_TRY_MS * 1000000L };
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX] = ".";
	cleanup_close int fd = -1;

	if (slash != NULL)
		snprintf(directory, sizeof(directory), "%.*s",
		    slash == path ? 1 : (int)(slash - path), path);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return diag_errno(diag, "%s", directory);
	/* In /tmp, others can hold it: not for ever. */
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		if (errno != EWOULDBLOCK || i == LOCK_TRIES)
			return diag_errno(diag, "lock %s", directory);
		nanosleep(&pause, NULL);
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

static int
set_address(struct sockaddr_un *address, const char *path, struct diag *diag)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (*path == '\0')
		return diag_set(diag, EINVAL, "a socket's path is empty");
	if (strlen(path) >= SOCKET_PATH_SIZE)
		return diag_set(diag, ENAMETOOLONG,
		    "%s: a socket's path has at most %zu bytes", path,
		    SOCKET_PATH_SIZE - 1);
	memcpy(address->sun_path, path, strlen(path));
	return 0;
}

/*
 * 0: nobody listens there any more.  A socket of the wrong type tells, without
 * being a client: a refusal, or that the type does not fit.
 */
static int
check_abandoned(const struct sockaddr_un *address, struct diag *diag)
{
	const char *path = address->sun_path;
	cleanup_close int fd =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return diag_errno(diag, "a socket");
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) ==
	        0 ||
	    errno == EPROTOTYPE)
		return diag_set(diag, EADDRINUSE,
		    "%s: somebody listens there already; end that, or "
		    "name another with --socket",
		    path);
	if (errno != ECONNREFUSED)
		return diag_errno(diag, "%s: who listens there?", path);
	return 0;
}

/* Makes PATH free, if what is there was left behind by one of us. */
static int
clear_path(const struct sockaddr_un *address, struct diag *diag)
{
	const char *path = address->sun_path;
	struct stat status;
	int r;

	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0 : diag_errno(diag, "%s", path);
	if (!S_ISSOCK(status.st_mode))
		return diag_set(diag, EEXIST,
		    "%s: there is something else than a socket; it is left "
		    "alone, name another with --socket",
		    path);
	if (status.st_uid != geteuid())
		return diag_set(diag, EEXIST,
		    "%s: a socket of another user; it is left alone, name "
		    "another with --socket",
		    path);
	r = check_abandoned(address, diag);
	if (r < 0)
		return r;
	if (unlink(path) < 0)
		return diag_errno(diag, "%s: remove what was left", path);
	return 0;
}

/*
 * Gives PATH, of TYPE and our own, to GROUP with MODE.  What is there is looked
 * at and changed by one descriptor: in a directory of others, the name may be
 * a link by now.
 */
static int
give(const char *path, mode_t type, gid_t group, mode_t mode,
    struct stat *ret_status)
{
	cleanup_close int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char name[32];

	if (fd < 0 || fstat(fd, ret_status) < 0)
		return -errno;
	if ((ret_status->st_mode & S_IFMT) != type ||
	    ret_status->st_uid != geteuid())
		return -EPERM;
	if (group == SOCKET_NO_GROUP)
		return 0;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (fchownat(fd, "", (uid_t)-1, group, AT_EMPTY_PATH) < 0 ||
	    chmod(name, mode) < 0)
		return -errno;
	return 0;
}

/* What was bound: it becomes known, and is opened to a group. */
static int
make_ready(struct api_socket *made, gid_t group, struct diag *diag)
{
	struct stat given;
	int r;

	/* Whatever fails from here on: what was made is removed again. */
	if (lstat(made->path, &made->made) < 0)
		return diag_errno(diag, "%s", made->path);
	r = give(
	    made->path, S_IFSOCK, group, MODE_OF_USER | MODE_OF_GROUP, &given);
	if (r == 0)
		made->made = given;
	if (r < 0) {
		errno = -r;
		return diag_errno(diag, "%s: make it ready", made->path);
	}
	if (listen(made->fd, WAITING) < 0)
		return diag_errno(diag, "%s", made->path);
	return 0;
}

int
socket_open(struct api_socket *ret_socket, const char *path, gid_t group,
    struct diag *diag)
{
	cleanup_close int fd = -1, lock = -1;
	struct sockaddr_un address;
	struct api_socket made = { 0 };
	int r;

	r = set_address(&address, path, diag);
	if (r == 0)
		r = lock_directory(path, &lock, diag);
	if (r == 0)
		r = clear_path(&address, diag);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* The path gets the mode of the descriptor's own inode, so that it is
	 * never there with a wider one. */
	if (fd < 0 || fchmod(fd, MODE_OF_USER) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return diag_errno(diag, "%s", path);
	memcpy(made.path, address.sun_path, sizeof(made.path));
	made.fd = take_fd(&fd);
	r = make_ready(&made, group, diag);
	if (r < 0) {
		close(take_fd(&lock));
		socket_close(&made);
		return r;
	}
	*ret_socket = made;
	return 0;
}

/* As long as the socket is open, no other has its inode's number. */
static bool
is_ours(const struct api_socket *made)
{
	struct stat status;

	return lstat(made->path, &status) == 0 &&
	       status.st_dev == made->made.st_dev &&
	       status.st_ino == made->made.st_ino;
}

void
socket_close(struct api_socket *made)
{
	cleanup_close int lock = -1;

	if (made->fd < 0)
		return;
	if (lock_directory(made->path, &lock, NULL) == 0 && is_ours(made))
		unlink(made->path);
	close(made->fd);
	made->fd = -1;
}

/* XDG's rule: it is the user's alone, or it does not count (as after su, or in
 * /tmp): who may write there could put something else in our directory's place.
 */
static const char *
runtime_directory(void)
{
	const char *path = getenv("XDG_RUNTIME_DIR");
	struct stat status;

	if (path == NULL || *path != '/' || stat(path, &status) < 0 ||
	    !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
	    (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return NULL;
	return path;
}

/* The directory above ours, in PATH_MAX bytes; made, if it is the home's. */
static int
base_directory(char *ret_path, struct diag *diag)
{
	static const char *const parts[] = { "/.local", "/state", NULL };
	const char *base = runtime_directory(), *home = getenv("HOME");
	size_t length;

	if (base == NULL && geteuid() == 0)
		base = "/run";
	if (base != NULL) {
		snprintf(ret_path, PATH_MAX, "%s", base);
		return 0;
	}
	if (home == NULL || *home != '/')
		return diag_set(diag, ENOENT,
		    "neither XDG_RUNTIME_DIR nor HOME names a directory for "
		    "the socket; name a path with --socket");
	snprintf(ret_path, PATH_MAX, "%s", home);
	for (size_t i = 0; parts[i] != NULL; i++) {
		length = strlen(ret_path);
		snprintf(ret_path + length, PATH_MAX - length, "%s", parts[i]);
		if (mkdir(ret_path, S_IRWXU) < 0 && errno != EEXIST)
			return diag_errno(diag, "%s", ret_path);
	}
	return 0;
}

/* Ours, and closed to others. */
static int
check_directory(const char *path, gid_t group, struct diag *diag)
{
	struct stat status;

	if (lstat(path, &status) < 0)
		return diag_errno(diag, "%s", path);
	if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid())
		return diag_set(diag, EPERM,
		    "%s: not a directory of the user's own; name another "
		    "place with --socket",
		    path);
	if (group != SOCKET_NO_GROUP && (lchown(path, (uid_t)-1, group) < 0 ||
	                                    chmod(path, S_IRWXU | S_IXGRP) < 0))
		return diag_errno(diag, "%s: let the group enter", path);
	if (group == SOCKET_NO_GROUP && (status.st_mode & 077) != 0 &&
	    chmod(path, S_IRWXU) < 0)
		return diag_errno(diag, "%s: close it to others", path);
	return 0;
}

int
socket_default_path(
    const char *name, gid_t group, char *ret_path, struct diag *diag)
{
	char path[PATH_MAX];
	size_t length;
	int r;

	r = base_directory(path, diag);
	if (r < 0)
		return r;
	length = strlen(path);
	if (length + sizeof("/" OWN_NAME "/") + strlen(name) > SOCKET_PATH_SIZE)
		return diag_set(diag, ENAMETOOLONG,
		    "%s: too long a path for a socket below it; name another "
		    "with --socket",
		    path);
	snprintf(path + length, sizeof(path) - length, "/" OWN_NAME);
	if (mkdir(path, S_IRWXU) < 0 && errno != EEXIST)
		return diag_errno(diag, "%s", path);
	r = check_directory(path, group, diag);
	if (r == 0)
		snprintf(ret_path, SOCKET_PATH_SIZE, "%.*s/%s",
		    (int)(SOCKET_PATH_SIZE - strlen(name) - 2), path, name);
	return r;
}

int
socket_accept(int listener, struct ucred *ret_peer)
{
	cleanup_close int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	socklen_t length = sizeof(*ret_peer);

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret_peer, &length) < 0)
		return -errno;
	return take_fd(&fd);
}

bool
socket_is_own(const struct ucred *peer)
{
	return peer->uid == geteuid();
}
