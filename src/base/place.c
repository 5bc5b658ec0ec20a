/* SPDX-License-Identifier: ISC */
#include "base/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define LINKS_MAX 40 /* as the kernel's MAXSYMLINKS */

/* A walk: where it is, and what is still to go. */
struct walk {
	int directory;
	bool foreign; /* below what another user put where everybody may */
	unsigned int links;
	char rest[2 * PATH_MAX];
};

/* Who else could have put it there: not us, nor whose directory it is. */
static bool
is_foreign(int directory, const struct stat *st)
{
	const mode_t open_to_all = S_ISVTX | S_IWOTH;
	struct stat parent;

	if (fstat(directory, &parent) < 0)
		return true;
	return (parent.st_mode & open_to_all) == open_to_all &&
	       st->st_uid != geteuid() && st->st_uid != parent.st_uid;
}

static int
refuse(const struct stat *st, const char *path, const char *name,
    struct diag *diag)
{
	return diag_set(diag, EACCES,
	    "%s: \"%s\" is a %s of another user's (%u) in a directory where "
	    "everybody may write; name another file",
	    path, name,
	    S_ISLNK(st->st_mode)   ? "link"
	    : S_ISREG(st->st_mode) ? "file"
	                           : "FIFO or socket",
	    (unsigned int)st->st_uid);
}

static int
start_at(struct walk *walk, const char *directory)
{
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (walk->directory >= 0)
		close(walk->directory);
	walk->directory = fd;
	walk->foreign = false;
	return 0;
}

static int
enter(struct walk *walk, const char *name)
{
	int fd = openat(walk->directory, name,
	    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	close(walk->directory);
	walk->directory = fd;
	return 0;
}

/* The next word of the way; what is left has no leading slash. */
static int
take_name(struct walk *walk, char name[NAME_MAX + 1])
{
	size_t length = strcspn(walk->rest, "/");
	size_t next = length + strspn(walk->rest + length, "/");

	if (length > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, walk->rest, length);
	name[length] = '\0';
	/* "x/" is a directory, or an error. */
	if (walk->rest[length] == '/' && walk->rest[next] == '\0')
		memcpy(walk->rest, ".", 2);
	else
		memmove(walk->rest, walk->rest + next,
		    strlen(walk->rest + next) + 1);
	return 0;
}

/* TEXT is what is left to walk; it fits. */
static void
set_rest(struct walk *walk, const char *text)
{
	text += strspn(text, "/");
	memcpy(walk->rest, text, strlen(text) + 1);
}

static int
follow(struct walk *walk, const char *name)
{
	char target[PATH_MAX], rest[2 * PATH_MAX];
	ssize_t length =
	    readlinkat(walk->directory, name, target, sizeof(target) - 1);

	if (length < 0)
		return -1;
	target[length] = '\0';
	errno = ENAMETOOLONG;
	if ((size_t)snprintf(rest, sizeof(rest), "%s%s%s", target,
	        *walk->rest != '\0' ? "/" : "", walk->rest) >= sizeof(rest))
		return -1;
	errno = ELOOP;
	if (++walk->links > LINKS_MAX)
		return -1;
	if (*rest == '/' && start_at(walk, "/") < 0)
		return -1;
	set_rest(walk, rest);
	return 0;
}

/* What /proc's links say is not always where they lead (proc_pid_fd(5)). */
static bool
is_magic(int directory)
{
	struct statfs fs;

	return fstatfs(directory, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* 1: PLACE is at its end; 0: go on; -1 and errno, or with a sentence. */
static int
step(
    struct walk *walk, struct place *place, const char *path, struct diag *diag)
{
	char *name = place->name;
	struct stat *st = &place->st;

	if (take_name(walk, name) < 0)
		return -1;
	if (*name == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0) {
		errno = EISDIR;
		if (*walk->rest == '\0')
			return -1;
		return *name == '\0' ? 0 : enter(walk, name);
	}
	place->exists =
	    fstatat(walk->directory, name, st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!place->exists)
		return errno == ENOENT && *walk->rest == '\0' ? 1 : -1;
	if (!S_ISLNK(st->st_mode)) {
		if (*walk->rest == '\0')
			return 1;
		walk->foreign =
		    walk->foreign || is_foreign(walk->directory, st);
		return enter(walk, name);
	}
	if (is_foreign(walk->directory, st) ||
	    (walk->foreign && st->st_uid != geteuid())) {
		refuse(st, path, name, diag);
		errno = 0;
		return -1;
	}
	if (*walk->rest == '\0' && is_magic(walk->directory)) {
		place->magic = true;
		return fstatat(walk->directory, name, st, 0) == 0 ? 1 : -1;
	}
	return follow(walk, name);
}

static int
walk_to(
    struct walk *walk, struct place *place, const char *path, struct diag *diag)
{
	int r = 0;

	errno = *path == '\0' ? ENOENT : ENAMETOOLONG;
	if (*path == '\0' || strlen(path) >= PATH_MAX ||
	    start_at(walk, *path == '/' ? "/" : ".") < 0)
		return diag_errno(diag, "%s", path);
	set_rest(walk, path);
	while (r == 0)
		r = step(walk, place, path, diag);
	if (r < 0 && errno == 0)
		return -EACCES;
	if (r < 0)
		return diag_errno(diag, "%s", path);
	if (place->exists && S_ISDIR(place->st.st_mode)) {
		errno = EISDIR;
		return diag_errno(diag, "%s", path);
	}
	if (place->exists && !place->magic &&
	    (is_foreign(walk->directory, &place->st) ||
	        (walk->foreign && place->st.st_uid != geteuid())))
		return refuse(&place->st, path, place->name, diag);
	return 0;
}

int
place_find(const char *path, struct place *ret_place, struct diag *diag)
{
	struct walk walk = { .directory = -1 };
	int r;

	*ret_place = (struct place){ .directory = -1 };
	r = walk_to(&walk, ret_place, path, diag);
	if (r < 0 && walk.directory >= 0)
		close(walk.directory);
	else
		ret_place->directory = walk.directory;
	return r;
}

int
place_open(
    const struct place *place, const char *path, int flags, struct diag *diag)
{
	cleanup_close int fd = openat(place->directory, place->name,
	    flags | (place->magic ? 0 : O_NOFOLLOW) | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_errno(diag, "%s", path);
	if (st.st_dev != place->st.st_dev || st.st_ino != place->st.st_ino)
		return diag_set(diag, EACCES,
		    "%s: another file has taken its place meanwhile", path);
	return take_fd(&fd);
}
