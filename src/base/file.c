/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/place.h"

#define RENAME_NOREPLACE_ 1              /* linux/fs.h */
#define TEMPORARY_NAME    (NAME_MAX + 8) /* ".abcdef" */

struct bytes {
	const void *data;
	size_t length;
};

/* A file's size is what it says, but /proc's says 0: read to the end. */
static int
read_all(int fd, size_t limit, char **ret_data, size_t *ret_length)
{
	cleanup_free char *data = NULL;
	size_t length = 0, capacity = 0;
	ssize_t n = 1;

	while (n != 0) {
		if (length == capacity) {
			char *more = realloc(data, capacity * 2 + 4096 + 1);

			if (more == NULL)
				return -ENOMEM;
			data = more;
			capacity = capacity * 2 + 4096;
		}
		n = read(fd, data + length, capacity - length);
		if (n < 0 && errno != EINTR)
			return -errno;
		length += n > 0 ? (size_t)n : 0;
		if (length > limit)
			return -EFBIG;
	}
	data[length] = '\0';
	*ret_data = take_pointer(data);
	*ret_length = length;
	return 0;
}

int
file_read(const char *path, size_t limit, char **ret_data, size_t *ret_length,
    struct diag *diag)
{
	/* Opening a FIFO or a terminal's line would wait for the other end. */
	cleanup_close int fd =
	    open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r = -EFBIG;

	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_errno(diag, "%s", path);
	if (!S_ISREG(st.st_mode))
		return diag_set(diag, EINVAL, "%s: %s", path,
		    S_ISDIR(st.st_mode)
		        ? "a directory, not a file"
		        : "not a regular file; save it to one first");
	if ((uintmax_t)st.st_size <= limit)
		r = read_all(fd, limit, ret_data, ret_length);
	if (r == -EFBIG)
		return diag_set(diag, EFBIG,
		    "%s: larger than %zu MiB, the largest that is read", path,
		    limit >> 20);
	if (r < 0) {
		errno = -r;
		return diag_errno(diag, "%s", path);
	}
	return 0;
}

int
write_all(int fd, const void *data, size_t length)
{
	const char *at = data;
	ssize_t n;

	while (length > 0) {
		n = write(fd, at, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

/* A limit of files' sizes is one more error, and not the end of the process,
 * which would leave half a file. */
static int
write_limited(int fd, const struct bytes *bytes)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction old;
	int r;

	sigaction(SIGXFSZ, &ignore, &old);
	r = write_all(fd, bytes->data, bytes->length);
	sigaction(SIGXFSZ, &old, NULL);
	return r;
}

/* Another user's pipe cannot be opened again by its name. */
static int
own_stream(const char *path)
{
	if (strcmp(path, "/dev/stdout") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (strcmp(path, "/dev/stderr") == 0)
		return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	errno = ENOENT;
	return -1;
}

static int
write_through(const struct place *place, const char *path,
    const struct bytes *bytes, struct diag *diag)
{
	cleanup_close int fd = own_stream(path);
	int r;

	if (fd < 0)
		fd = place_open(place, path, O_WRONLY | O_APPEND, diag);
	if (fd < 0)
		return fd;
	r = write_limited(fd, bytes);
	if (r < 0) {
		errno = -r;
		return diag_errno(diag, "%s", path);
	}
	return 0;
}

/* Some file systems know no such flag; then nobody else is expected there. */
static int
rename_new(int directory, const char *from, const char *to)
{
	struct stat st;

	if (syscall(SYS_renameat2, directory, from, directory, to,
	        RENAME_NOREPLACE_) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (fstatat(directory, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(directory, from, directory, to);
}

/* Who may use it: as the file that it replaces, or else any new one. */
static mode_t
new_mode(const struct place *place, bool replace)
{
	mode_t mask;

	if (replace && place->exists)
		return place->st.st_mode & 0777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

/* As mkostemp(3), in a directory that is open.  RET_NAME:
 * TEMPORARY_NAME bytes. */
static int
make_temporary(const struct place *place, char *ret_name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
	unsigned char random[6];
	char end[sizeof(random) + 1];
	int fd = -1;

	for (int tries = 0; fd < 0 && tries < 100; tries++) {
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			return -1;
		for (size_t i = 0; i < sizeof(random); i++)
			end[i] = letters[random[i] % 32];
		end[sizeof(random)] = '\0';
		snprintf(ret_name, TEMPORARY_NAME, "%s.%s", place->name, end);
		fd = openat(place->directory, ret_name,
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			return -1;
	}
	return fd;
}

static int
put_file(const struct place *place, const char *path, const struct bytes *bytes,
    bool replace, struct diag *diag)
{
	int directory = place->directory;
	char temporary[TEMPORARY_NAME];
	cleanup_close int fd = make_temporary(place, temporary);
	int r;

	if (fd < 0)
		return diag_errno(diag, "%s", path);
	r = write_limited(fd, bytes);
	if (r == 0 &&
	    (fchmod(fd, new_mode(place, replace)) < 0 || fsync(fd) < 0 ||
	        (replace
	                ? renameat(directory, temporary, directory, place->name)
	                : rename_new(directory, temporary, place->name)) < 0))
		r = -errno;
	if (r < 0) {
		unlinkat(directory, temporary, 0);
		errno = -r;
		return diag_errno(diag, "%s", path);
	}
	return 0;
}

int
file_replace(
    const char *path, const void *data, size_t length, struct diag *diag)
{
	const struct bytes bytes = { data, length };
	struct place place;
	int r = place_find(path, &place, diag);

	if (r < 0)
		return r;
	/* /dev/stdout may lead to a file, but it is not that file's name. */
	if (place.exists && (place.magic || !S_ISREG(place.st.st_mode)))
		r = write_through(&place, path, &bytes, diag);
	else
		r = put_file(&place, path, &bytes, true, diag);
	close(place.directory);
	return r;
}

int
file_replaceable(const char *path, struct diag *diag)
{
	struct place place;
	int r = place_find(path, &place, diag);

	if (r < 0)
		return r;
	if ((!place.exists || S_ISREG(place.st.st_mode)) && !place.magic &&
	    faccessat(place.directory, ".", W_OK, 0) < 0)
		r = diag_errno(diag, "%s", path);
	close(place.directory);
	return r;
}

int
file_create(
    const char *path, const void *data, size_t length, struct diag *diag)
{
	const struct bytes bytes = { data, length };
	struct place place;
	struct stat st;
	int r;

	if (lstat(path, &st) == 0) {
		errno = EEXIST;
		return diag_errno(diag, "%s", path);
	}
	r = place_find(path, &place, diag);
	if (r < 0)
		return r;
	r = put_file(&place, path, &bytes, false, diag);
	close(place.directory);
	return r;
}

/* Beside others, by another name, it could be emptied without being named. */
static int
refuse_linked(const struct place *place, const char *path, struct diag *diag)
{
	struct stat parent;

	if (!S_ISREG(place->st.st_mode) || place->magic ||
	    place->st.st_nlink < 2 || fstat(place->directory, &parent) < 0 ||
	    (parent.st_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH))
		return 0;
	return diag_set(diag, EACCES,
	    "%s: it has other names, in a directory where everybody may "
	    "write; name another file",
	    path);
}

static int
open_place(const struct place *place, const char *path, struct diag *diag)
{
	cleanup_close int fd = -1;
	int r;

	if (!place->exists) {
		fd = openat(place->directory, place->name,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0)
			return diag_errno(diag, "%s", path);
		return take_fd(&fd);
	}
	r = refuse_linked(place, path, diag);
	if (r < 0)
		return r;
	fd = place_open(place, path, O_WRONLY, diag);
	if (fd < 0)
		return fd;
	if (S_ISREG(place->st.st_mode) && ftruncate(fd, 0) < 0)
		return diag_errno(diag, "%s", path);
	return take_fd(&fd);
}

int
file_open(const char *path, struct diag *diag)
{
	struct place place;
	int fd = own_stream(path);

	if (fd >= 0)
		return fd;
	fd = place_find(path, &place, diag);
	if (fd < 0)
		return fd;
	fd = open_place(&place, path, diag);
	close(place.directory);
	return fd;
}
