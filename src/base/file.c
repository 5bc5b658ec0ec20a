/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"

#define RENAME_NOREPLACE_ 1 /* linux/fs.h */

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
open_for_writing(const char *path)
{
	if (strcmp(path, "/dev/stdout") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (strcmp(path, "/dev/stderr") == 0)
		return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	return open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
}

static int
write_through(const char *path, const struct bytes *bytes, struct diag *diag)
{
	cleanup_close int fd = open_for_writing(path);
	int r;

	if (fd < 0)
		return diag_errno(diag, "%s", path);
	r = write_limited(fd, bytes);
	if (r < 0) {
		errno = -r;
		return diag_errno(diag, "%s", path);
	}
	return 0;
}

/* Some file systems know no such flag; then nobody else is expected there. */
static int
rename_new(const char *from, const char *to)
{
	struct stat st;

	if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to,
	        RENAME_NOREPLACE_) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (lstat(to, &st) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

/* Who may use it: as the file that it replaces, or else any new one. */
static mode_t
new_mode(const char *path, bool replace)
{
	struct stat st;
	mode_t mask;

	if (replace && lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		return st.st_mode & 0777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static int
put_file(const char *path, const struct bytes *bytes, bool replace,
    struct diag *diag)
{
	cleanup_free char *temporary = NULL;
	cleanup_close int fd = -1;
	int r;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return diag_set(diag, ENOMEM, "out of memory");
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return diag_errno(diag, "%s", path);
	r = write_limited(fd, bytes);
	if (r == 0 &&
	    (fchmod(fd, new_mode(path, replace)) < 0 || fsync(fd) < 0 ||
	        (replace ? rename(temporary, path)
	                 : rename_new(temporary, path)) < 0))
		r = -errno;
	if (r < 0) {
		unlink(temporary);
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
	cleanup_free char *behind = NULL;
	struct stat st;

	/* /dev/stdout may lead to a file, but it is not that file's name. */
	if (stat(path, &st) == 0 &&
	    (!S_ISREG(st.st_mode) || path_within(path, "/dev") ||
	        path_within(path, "/proc")))
		return write_through(path, &bytes, diag);
	/* A link stays, and leads to the new file. */
	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		behind = realpath(path, NULL);
	return put_file(behind != NULL ? behind : path, &bytes, true, diag);
}

int
file_replaceable(const char *path, struct diag *diag)
{
	cleanup_free char *directory = NULL;
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return diag_set(diag, EISDIR, "%s: Is a directory", path);
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return 0;
	if (asprintf(&directory, "%.*s",
	        (int)(strlen(path) - strlen(basename(path))), path) < 0)
		return diag_set(diag, ENOMEM, "out of memory");
	if (access(*directory != '\0' ? directory : ".", W_OK) < 0)
		return diag_errno(diag, "%s", path);
	return 0;
}

int
file_create(
    const char *path, const void *data, size_t length, struct diag *diag)
{
	const struct bytes bytes = { data, length };
	struct stat st;

	if (lstat(path, &st) == 0) {
		errno = EEXIST;
		return diag_errno(diag, "%s", path);
	}
	return put_file(path, &bytes, false, diag);
}
