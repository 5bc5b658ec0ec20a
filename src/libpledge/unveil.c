/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pledge.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libpledge/confine.h"
#include "libpledge/record.h"
#include "libpledge/support.h"

/* One unveil() on its way into the record. */
struct request {
	const char *given;
	unsigned int permissions;
	bool directory;
	bool parent; /* of the path that was asked for */
	char path[PATH_MAX];
};

static bool
has_option(enum pledge_option option)
{
	return (record.options & 1U << option) != 0;
}

static int
fail_path(int err, const char *path, const char *why)
{
	return fail(err, "unveil ", path, ": ", why);
}

/* What an entry grants: the kernel reads what it executes. */
static unsigned int
granted(unsigned int permissions)
{
	return permissions | (permissions & UNVEIL_X ? UNVEIL_R : 0);
}

static bool
leads_to(const char *above, const char *below)
{
	size_t length = strlen(above);

	if (length == 1)
		return below[1] != '\0'; /* the root */
	return strncmp(above, below, length) == 0 && below[length] == '/';
}

static const char upper_grants_more[] =
    ": the upper one grants more, which Landlock cannot take away below it";

/* Landlock adds up: what a parent grants cannot be taken away below. */
static int
check_parents(const struct request *request)
{
	for (size_t i = 0; i < record.count; i++) {
		const struct entry *entry = &record.entries[i];
		unsigned int above = 0, below = 0;

		if (entry->parent || request->parent)
			continue;
		if (leads_to(entry->path, request->path)) {
			above = entry->permissions;
			below = request->permissions;
		} else if (leads_to(request->path, entry->path)) {
			above = request->permissions;
			below = entry->permissions;
		}
		if ((granted(above) & ~granted(below)) != 0)
			return fail(ENOTSUP, "unveil ", request->path, " and ",
			    entry->path, upper_grants_more);
	}
	return 0;
}

static struct entry *
find_entry(const char *path)
{
	for (size_t i = 0; i < record.count; i++)
		if (strcmp(record.entries[i].path, path) == 0)
			return &record.entries[i];
	return NULL;
}

static int
add_entry(const struct request *request)
{
	size_t length = strlen(request->path) + 1;

	if (record.count == UNVEILS || length > UNVEIL_BYTES - record.used)
		return fail_path(E2BIG, request->path, "more than 128 paths");
	memcpy(record.text + record.used, request->path, length);
	record.entries[record.count++] =
	    (struct entry){ record.text + record.used, request->permissions,
		    request->parent };
	record.used += length;
	return 0;
}

static int
put_entry(const struct request *request)
{
	struct entry *entry = find_entry(request->path);

	if (entry != NULL && (request->permissions & ~entry->permissions) != 0)
		return fail_path(EPERM, request->path,
		    "it was unveiled with fewer permissions before");
	if (!has_option(PLEDGE_UNVEIL_UNION) && check_parents(request) < 0)
		return -1;
	if (entry == NULL)
		return add_entry(request);
	entry->permissions = request->permissions;
	return 0;
}

/* The directory that PATH's last name is in. */
static int
cut_name(const char *path, char *ret_directory)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	while (length > 0 && path[length - 1] != '/')
		length--;
	while (length > 1 && path[length - 1] == '/')
		length--;
	if (length >= PATH_MAX)
		return fail_path(ENAMETOOLONG, path, "too long");
	memcpy(ret_directory, path, length);
	if (length == 0)
		ret_directory[length++] = '.';
	ret_directory[length] = '\0';
	return 0;
}

/* Finds PATH, without opening it. */
static int
look_up(struct request *request)
{
	struct stat status;
	int fd = openat(AT_FDCWD, request->given, O_PATH | O_CLOEXEC);

	if (fd == -1)
		return -1;
	if (fstat(fd, &status) == -1) {
		close(fd);
		return -1;
	}
	request->directory = S_ISDIR(status.st_mode);
	close(fd);
	return 0;
}

/* An absolute name: the working directory may change before the lock. */
static int
name_path(struct request *request)
{
	size_t used = 0;

	/* Resolving links asks for each directory, which takes rpath. */
	if (record_allows(PROMISE(RPATH))) {
		if (realpath(request->given, request->path) != NULL)
			return 0;
		return fail_path(errno, request->given, "cannot be resolved");
	}
	if (request->given[0] != '/')
		return fail_path(EPERM, request->given,
		    "a relative path takes the promise rpath");
	for (const char *at = request->given; *at != '\0'; at++) {
		if (at[0] == '/' && (at[1] == '/' || at[1] == '\0') &&
		    (at[1] != '\0' || used > 0))
			continue;
		if (used == PATH_MAX - 1)
			return fail_path(
			    ENAMETOOLONG, request->given, "too long");
		request->path[used++] = *at;
	}
	request->path[used] = '\0';
	return 0;
}

/* The directory that holds it, instead: only there can names be made. */
static int
add_parent(const struct request *request)
{
	char directory[PATH_MAX] = "";
	struct request parent = { .given = directory,
		.permissions = request->permissions,
		.parent = true };
	struct entry *entry;

	if (cut_name(request->given, directory) < 0)
		return -1;
	if (look_up(&parent) < 0)
		return fail_path(errno, directory, "not found");
	if (name_path(&parent) < 0)
		return -1;
	/* A second file of one directory adds to what it has. */
	entry = find_entry(parent.path);
	if (entry == NULL)
		return add_entry(&parent);
	entry->permissions |= parent.permissions;
	entry->parent = true;
	return 0;
}

static int
add_missing(const struct request *request)
{
	char directory[PATH_MAX] = "";
	struct request parent = { .given = directory };

	if (cut_name(request->given, directory) < 0)
		return -1;
	if (look_up(&parent) < 0)
		return fail_path(errno, directory, "not found");
	if (!(request->permissions & UNVEIL_C))
		return 0;
	if (has_option(PLEDGE_UNVEIL_PARENT))
		return add_parent(request);
	return fail_path(ENOTSUP, request->given,
	    "it does not exist, and Landlock lets names be made by directory "
	    "only: unveil its directory, or see PLEDGE_UNVEIL_PARENT");
}

static int
add_path(struct request *request)
{
	if (look_up(request) < 0) {
		if (errno == ENOENT && request->given[0] != '\0')
			return add_missing(request);
		return fail_path(errno, request->given, "not found");
	}
	if (name_path(request) < 0)
		return -1;
	if ((request->permissions & UNVEIL_C) && !request->directory &&
	    has_option(PLEDGE_UNVEIL_PARENT) && add_parent(request) < 0)
		return -1;
	return put_entry(request);
}

static int
check_call(void)
{
	if (record.locked ||
	    (record.pledged && !(record.promises & PROMISE(UNVEIL))))
		return fail(EPERM, "paths were locked before");
	if (!record_allows(PROMISE(STDIO)))
		return fail(EPERM, "unveil takes the promise stdio");
	if (support_probe()->landlock_abi == 0)
		return fail(ENOSYS,
		    "Landlock cannot be had (Linux 5.13, and no filter that refuses it)");
	return 0;
}

static int
add_unveil(const char *path, const char *permissions)
{
	struct request request = { .given = path };

	if (path == NULL || permissions == NULL)
		return fail(EFAULT, "a path or its permissions are NULL");
	if (*permissions != '\0' &&
	    unveil_letters(
	        permissions, strlen(permissions), &request.permissions) < 0)
		return fail_path(
		    EINVAL, path, "permissions are letters of rwxc");
	if (check_call() < 0)
		return -1;
	return add_path(&request);
}

static int
lock_paths(void)
{
	if (record.locked ||
	    (record.pledged && !(record.promises & PROMISE(UNVEIL))))
		return 0;
	if (check_call() < 0)
		return -1;
	return confine_paths();
}

PUBLIC int
unveil(const char *path, const char *permissions)
{
	int err = errno, r;

	forget_detail();
	if (!record_lock())
		return -1;
	if (path == NULL && permissions == NULL)
		r = lock_paths();
	else
		r = add_unveil(path, permissions);
	record_unlock();
	if (r == 0)
		errno = err;
	return r;
}
