/* SPDX-License-Identifier: ISC */
/* Attempts on files: by path, and on what is already open. */
#include "attempt.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static int
open_read(char **path)
{
	return outcome_fd(open(*path, O_RDONLY | O_CLOEXEC));
}

/* Opening a FIFO or a device may succeed where using it does not. */
static int
read_byte(char **path)
{
	char byte;
	int fd, error;

	fd = open(*path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return errno;
	error = outcome(read(fd, &byte, 1));
	close(fd);
	return error;
}

static int
open_path(char **path)
{
	return outcome_fd(open(*path, O_PATH | O_CLOEXEC));
}

static int
open_write(char **path)
{
	return outcome_fd(open(*path, O_WRONLY | O_CLOEXEC));
}

static int
open_append(char **path)
{
	return outcome_fd(open(*path, O_WRONLY | O_APPEND | O_CLOEXEC));
}

static int
open_rdwr(char **path)
{
	return outcome_fd(open(*path, O_RDWR | O_CLOEXEC));
}

/* Reading that empties the file: what it may do is undefined by POSIX. */
static int
open_rdonly_trunc(char **path)
{
	return outcome_fd(open(*path, O_RDONLY | O_TRUNC | O_CLOEXEC));
}

static int
open_write_trunc(char **path)
{
	return outcome_fd(open(*path, O_WRONLY | O_TRUNC | O_CLOEXEC));
}

static int
create(char **path)
{
	return outcome_fd(
	    open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
}

static int
create_over(char **path)
{
	return outcome_fd(open(*path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int
create_rdonly(char **path)
{
	return outcome_fd(open(*path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int
create_rdwr(char **path)
{
	return outcome_fd(open(*path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

static int
create_setuid(char **path)
{
	return outcome_fd(
	    open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 04700));
}

static int
create_legacy(char **path)
{
	return outcome_fd(creat(*path, 0600));
}

static int
open_tmpfile(char **path)
{
	return outcome_fd(open(*path, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
}

/* A new file where the environment says that such files go. */
static int
make_temporary(char **none)
{
	const char *directory = getenv("TMPDIR");
	char path[PATH_MAX];
	int fd;

	(void)none;
	snprintf(path, sizeof(path), "%s/attempt-XXXXXX",
	    directory != NULL ? directory : "/tmp");
	fd = mkstemp(path);
	if (fd == -1)
		return errno;
	close(fd);
	return outcome(unlink(path));
}

static int
remove_file(char **path)
{
	return outcome(unlink(*path));
}

static int
make_directory(char **path)
{
	return outcome(mkdir(*path, 0700));
}

static int
remove_directory(char **path)
{
	return outcome(rmdir(*path));
}

static int
make_symlink(char **path)
{
	return outcome(symlink("target", *path));
}

static int
make_link(char **paths)
{
	return outcome(link(paths[0], paths[1]));
}

static int
rename_file(char **paths)
{
	return outcome(rename(paths[0], paths[1]));
}

static int
truncate_file(char **path)
{
	return outcome(truncate(*path, 0));
}

static int
stat_file(char **path)
{
	struct stat status;

	return outcome(stat(*path, &status));
}

static int
access_file(char **path)
{
	return outcome(access(*path, F_OK));
}

static int
read_link(char **path)
{
	char target[PATH_MAX];

	return outcome(readlink(*path, target, sizeof(target)));
}

static int
list_directory(char **path)
{
	DIR *directory = opendir(*path);
	int error;

	if (directory == NULL)
		return errno;
	errno = 0;
	error = readdir(directory) != NULL ? 0 : errno;
	closedir(directory);
	return error;
}

static int
change_directory(char **path)
{
	return outcome(chdir(*path));
}

static int
stat_filesystem(char **path)
{
	struct statfs status;

	return outcome(statfs(*path, &status));
}

static int
change_mode(char **path)
{
	return outcome(chmod(*path, 0600));
}

static int
change_mode_setuid(char **path)
{
	return outcome(chmod(*path, 04700));
}

/* To the owner that it has: no privilege is needed. */
static int
change_owner(char **path)
{
	return outcome(chown(*path, geteuid(), (gid_t)-1));
}

static int
change_times(char **path)
{
	return outcome(utimensat(AT_FDCWD, *path, NULL, 0));
}

static int
get_attribute(char **path)
{
	char value[8];

	return harmless(
	    getxattr(*path, "user.attempt", value, sizeof(value)), ENODATA);
}

/* Not every file system has attributes; every kernel reads the name first. */
static int
set_attribute(char **path)
{
	return harmless(
	    syscall(SYS_setxattr, *path, (void *)8, "x", 1L, 0L), EFAULT);
}

static int
make_fifo(char **path)
{
	return outcome(mkfifo(*path, 0600));
}

static int
make_device(char **path)
{
	return outcome(mknod(*path, S_IFCHR | 0600, (dev_t)0x103));
}

static int
watch_path(char **path)
{
	int fd, error;

	fd = inotify_init1(IN_CLOEXEC);
	if (fd == -1)
		return errno;
	error = outcome(inotify_add_watch(fd, *path, IN_OPEN));
	close(fd);
	return error;
}

/* Standard input stands for any file that is already open. */
static int
lock_input(char **none)
{
	(void)none;
	return outcome(flock(STDIN_FILENO, LOCK_SH | LOCK_NB));
}

static int
lock_input_record(char **none)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	(void)none;
	return outcome(fcntl(STDIN_FILENO, F_SETLK, &lock));
}

static int
write_descriptor(char **fd)
{
	return outcome(write(number(*fd), "x", 1));
}

static int
read_descriptor(char **fd)
{
	char byte;

	return outcome(read(number(*fd), &byte, 1));
}

static int
descriptor_is_open(char **fd)
{
	return outcome(fcntl(number(*fd), F_GETFD));
}

static int
set_owner(char **none)
{
	(void)none;
	return outcome(fcntl(STDIN_FILENO, F_SETOWN, getpid()));
}

/* clang-format off */
const struct attempt file_attempts[] = {
	{ "open-read", "PATH", open_read },
	{ "read", "PATH", read_byte },
	{ "open-path", "PATH", open_path },
	{ "open-write", "PATH", open_write },
	{ "open-append", "PATH", open_append },
	{ "open-rdwr", "PATH", open_rdwr },
	{ "open-rdonly-trunc", "PATH", open_rdonly_trunc },
	{ "open-write-trunc", "PATH", open_write_trunc },
	{ "create", "PATH", create },
	{ "create-over", "PATH", create_over },
	{ "create-rdonly", "PATH", create_rdonly },
	{ "create-rdwr", "PATH", create_rdwr },
	{ "create-setuid", "PATH", create_setuid },
	{ "creat", "PATH", create_legacy },
	{ "tmpfile", "DIRECTORY", open_tmpfile },
	{ "mkstemp", "", make_temporary },
	{ "unlink", "PATH", remove_file },
	{ "mkdir", "PATH", make_directory },
	{ "rmdir", "PATH", remove_directory },
	{ "symlink", "PATH", make_symlink },
	{ "link", "FROM TO", make_link },
	{ "rename", "FROM TO", rename_file },
	{ "truncate", "PATH", truncate_file },
	{ "stat", "PATH", stat_file },
	{ "access", "PATH", access_file },
	{ "readlink", "PATH", read_link },
	{ "list", "DIRECTORY", list_directory },
	{ "chdir", "DIRECTORY", change_directory },
	{ "statfs", "PATH", stat_filesystem },
	{ "chmod", "PATH", change_mode },
	{ "chmod-setuid", "PATH", change_mode_setuid },
	{ "chown", "PATH", change_owner },
	{ "utimes", "PATH", change_times },
	{ "getxattr", "PATH", get_attribute },
	{ "setxattr", "PATH", set_attribute },
	{ "mkfifo", "PATH", make_fifo },
	{ "mknod-device", "PATH", make_device },
	{ "inotify", "PATH", watch_path },
	{ "flock", "", lock_input },
	{ "fcntl-lock", "", lock_input_record },
	{ "fcntl-owner", "", set_owner },
	{ "write-fd", "N", write_descriptor },
	{ "read-fd", "N", read_descriptor },
	{ "fd-open", "N", descriptor_is_open },
	{ 0 },
};
