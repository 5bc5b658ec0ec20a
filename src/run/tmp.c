/* SPDX-License-Identifier: ISC */
#include "run/tmp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Deeper trees are left, and said to be. */
#define DEEPEST 256

int
tmp_make(char **ret_path, struct diag *diag)
{
	const char *parent = getenv("TMPDIR");
	cleanup_free char *path = NULL;
	cleanup_free char *real = NULL;

	if (parent == NULL || *parent != '/')
		parent = "/tmp";
	if (asprintf(&path, "%s/pledge.XXXXXX", parent) < 0) {
		path = NULL;
		return diag_set(diag, ENOMEM, "out of memory");
	}
	if (mkdtemp(path) == NULL)
		return diag_errno(diag, "private directory %s", path);
	real = realpath(path, NULL);
	*ret_path = real != NULL ? take_pointer(real) : take_pointer(path);
	return 0;
}

/*
 * The command may have taken its own rights to a directory away.  What it left
 * running may put a link in its place meanwhile: no name is looked up twice.
 */
static int
open_directory(int parent, const char *name)
{
	const int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	cleanup_close int directory = -1;
	char path[32];
	int fd;

	fd = openat(parent, name, O_RDONLY | flags);
	if (fd >= 0 || errno != EACCES)
		return fd;
	directory = openat(parent, name, O_PATH | flags);
	if (directory < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", directory);
	if (chmod(path, 0700) < 0)
		return -1;
	return openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int
empty_directory(int parent, const char *name, dev_t device, int depth)
{
	int fd, r = 0;
	struct dirent *entry;
	struct stat st;
	DIR *directory;

	if (depth > DEEPEST)
		return -ELOOP;
	fd = open_directory(parent, name);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || st.st_dev != device ||
	    (fchmod(fd, 0700) < 0 && errno != EPERM)) {
		close(fd);
		return -EXDEV;
	}
	directory = fdopendir(fd);
	if (directory == NULL) {
		close(fd);
		return -ENOMEM;
	}
	while (r == 0 && (entry = readdir(directory)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    unlinkat(fd, entry->d_name, 0) == 0)
			continue;
		if (errno != EISDIR && errno != EPERM) {
			r = -errno;
			break;
		}
		r = empty_directory(fd, entry->d_name, device, depth + 1);
		if (r == 0 && unlinkat(fd, entry->d_name, AT_REMOVEDIR) < 0)
			r = -errno;
	}
	closedir(directory);
	return r;
}

int
tmp_remove(const char *path, struct diag *diag)
{
	struct stat st;
	int r;

	if (lstat(path, &st) < 0)
		return 0;
	r = empty_directory(AT_FDCWD, path, st.st_dev, 0);
	if (r == 0 && rmdir(path) < 0)
		r = -errno;
	if (r < 0)
		return diag_set(
		    diag, -r, "cannot remove %s: %s", path, strerror(-r));
	return 0;
}
