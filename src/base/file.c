/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

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

static int
write_through(
    const char *path, const void *data, size_t length, struct diag *diag)
{
	cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return diag_errno(diag, "%s", path);
	r = write_all(fd, data, length);
	if (r < 0) {
		errno = -r;
		return diag_errno(diag, "%s", path);
	}
	return 0;
}

int
file_replace(
    const char *path, const void *data, size_t length, struct diag *diag)
{
	cleanup_free char *temporary = NULL;
	cleanup_close int fd = -1;
	struct stat st;
	mode_t mask;
	int r;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return write_through(path, data, length, diag);
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return diag_set(diag, ENOMEM, "out of memory");
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return diag_errno(diag, "%s", path);
	mask = umask(0);
	umask(mask);
	r = write_all(fd, data, length);
	if (r == 0 && (fchmod(fd, 0666 & ~mask) < 0 || fsync(fd) < 0 ||
	                  rename(temporary, path) < 0))
		r = -errno;
	if (r < 0) {
		unlink(temporary);
		errno = -r;
		return diag_errno(diag, "%s", path);
	}
	return 0;
}
