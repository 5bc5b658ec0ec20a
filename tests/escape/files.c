/* SPDX-License-Identifier: ISC */
/* Attempts on files in roundabout ways. */
#include "targets/attempt.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

/* Relative to an inherited descriptor: FD PATH. */
static int
open_at(char **operands)
{
	return outcome_fd(
	    openat(number(operands[0]), operands[1], O_RDONLY | O_CLOEXEC));
}

static int
create_at(char **operands)
{
	return outcome_fd(openat(number(operands[0]), operands[1],
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int
unlink_at(char **operands)
{
	return outcome(unlinkat(number(operands[0]), operands[1], 0));
}

/* Names the file behind a descriptor anew: FD PATH. */
static int
link_descriptor(char **operands)
{
	char source[64];

	snprintf(source, sizeof(source), "/proc/self/fd/%s", operands[0]);
	return outcome(
	    linkat(AT_FDCWD, source, AT_FDCWD, operands[1], AT_SYMLINK_FOLLOW));
}

/* O_PATH asks for nothing; then the same file by the descriptor's name. */
static int
reopen(char **path)
{
	char name[64];
	int fd, error;

	fd = open(*path, O_PATH | O_CLOEXEC);
	if (fd == -1)
		return errno;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	error = outcome_fd(open(name, O_RDONLY | O_CLOEXEC));
	close(fd);
	return error;
}

static int
open_mode_3(char **path)
{
	return outcome_fd(open(*path, 3 | O_CLOEXEC));
}

static int
open_directory_create(char **path)
{
	return outcome_fd(
	    open(*path, O_RDONLY | O_CREAT | O_DIRECTORY | O_CLOEXEC, 0600));
}

static int
truncate_descriptor(char **path)
{
	int fd, error;

	fd = open(*path, O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		return errno;
	error = outcome(ftruncate(fd, 0));
	close(fd);
	return error;
}

/* TARGET LINK: reads the target by a link of one's own making. */
static int
read_by_symlink(char **paths)
{
	if (symlink(paths[0], paths[1]) == -1)
		return errno;
	return outcome_fd(open(paths[1], O_RDONLY | O_CLOEXEC));
}

static int
exchange(char **paths)
{
	return outcome(
	    syscall(SYS_renameat2, AT_FDCWD, paths[0], AT_FDCWD, paths[1], 2L));
}

static int
make_setid_directory(char **path)
{
	return outcome(mkdir(*path, 02700));
}

static int
make_setid_node(char **path)
{
	return outcome(mknod(*path, S_IFREG | 04700, 0));
}

static int
chmod_setid_at(char **path)
{
	return outcome(syscall(452L, AT_FDCWD, *path, (long)04700, 0L));
}

static int
creat_setid(char **path)
{
	return outcome_fd(creat(*path, 04700));
}

/* Descriptors' attributes: FD. */
static int
chmod_descriptor(char **fd)
{
	return outcome(fchmod(number(*fd), 0600));
}

static int
chown_descriptor(char **fd)
{
	return outcome(fchown(number(*fd), geteuid(), (gid_t)-1));
}

static int
times_descriptor(char **fd)
{
	return outcome(futimens(number(*fd), NULL));
}

static int
set_times(char **path)
{
	return outcome(utime(*path, NULL));
}

static int
set_times_long(char **path)
{
	return outcome(utimes(*path, NULL));
}

static int
change_link_owner(char **path)
{
	return outcome(lchown(*path, geteuid(), (gid_t)-1));
}

static int
remove_attribute(char **path)
{
	return harmless(
	    syscall(SYS_removexattr, *path, (void *)8, 0L, 0L), EFAULT);
}

/* To what they are. */
static int
set_flags(char **path)
{
	long flags = 0;
	int fd, error;

	fd = open(*path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return errno;
	error = outcome(syscall(SYS_ioctl, fd, 0x80086601L, &flags));
	if (error == 0)
		error = outcome(syscall(SYS_ioctl, fd, 0x40086602L, &flags));
	close(fd);
	return error;
}

/* A file by its number in the file system, past all paths. */
static int
open_by_handle(char **path)
{
	union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + 128];
	} file = { 0 };
	int mount, directory, error;

	file.handle.handle_bytes = 128;
	if (syscall(SYS_name_to_handle_at, AT_FDCWD, *path, &file, &mount,
	        0L) == -1)
		return errno;
	directory = open("/", O_PATH | O_CLOEXEC);
	if (directory == -1)
		return errno;
	/* Another file system's: ESTALE, once nobody refused the call. */
	error = harmless(syscall(SYS_open_by_handle_at, directory, &file,
	                     O_RDONLY | O_CLOEXEC),
	    ESTALE);
	if (error == EBADF)
		error = 0;
	close(directory);
	return error;
}

/* What fstat(2) is made of, given a path. */
static int
stat_empty(char **path)
{
	struct stat status;

	return outcome(
	    syscall(SYS_newfstatat, AT_FDCWD, *path, &status, AT_EMPTY_PATH));
}

/* Into the middle of what is open to be appended to (RWF_NOAPPEND). */
static int
write_inside(char **fd)
{
	const struct iovec word = { (char[]){ 'x' }, 1 };

	return outcome(
	    syscall(SYS_pwritev2, (long)number(*fd), &word, 1L, 0L, 0L, 0x20L));
}

static int
cut_descriptor(char **fd)
{
	return outcome(ftruncate(number(*fd), 1));
}

/* PATH TEXT */
static int
write_text(char **operands)
{
	size_t length = strlen(operands[1]);
	int fd = open(operands[0], O_WRONLY | O_CLOEXEC), error;

	if (fd == -1)
		return errno;
	/* A niceness of /proc/PID/autogroup may change ten times a second, but
	 * for administrators (kernel/sched/autogroup.c). */
	do
		error = outcome(write(fd, operands[1], length));
	while (error == EAGAIN);
	close(fd);
	return error;
}

/* A program in a file that has no name. */
static int
execute_nameless(char **operands)
{
	char *const argv[] = { operands[1], (char[]){ "nothing" }, NULL };
	char buffer[65536], name[32];
	int from = open(operands[1], O_RDONLY | O_CLOEXEC), to, fd;
	ssize_t n;

	to = open(operands[0], O_TMPFILE | O_RDWR | O_CLOEXEC, 0755);
	if (from == -1 || to == -1)
		return errno;
	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, (size_t)n) != n)
			return EIO;
	/* What is open for writing is not executed. */
	snprintf(name, sizeof(name), "/proc/self/fd/%d", to);
	fd = open(name, O_RDONLY);
	if (fd == -1)
		return errno;
	close(to);
	syscall(SYS_execveat, (long)fd, "", argv, environ, AT_EMPTY_PATH);
	return errno;
}

/* FD PATH: by the descriptor alone, without its name in /proc. */
static int
link_nameless(char **operands)
{
	return outcome(linkat(
	    number(operands[0]), "", AT_FDCWD, operands[1], AT_EMPTY_PATH));
}

/* OLD NEW: OLD is left as a whiteout, which is a device. */
static int
rename_whiteout(char **paths)
{
	return outcome(
	    syscall(SYS_renameat2, AT_FDCWD, paths[0], AT_FDCWD, paths[1], 4L));
}

/* A device 0:0, which anybody may make (Linux 5.8). */
static int
make_whiteout(char **path)
{
	return outcome(mknod(*path, S_IFCHR, 0));
}

/* HIDDEN MISSING: whether the errors tell one from the other. */
static int
compare_errors(char **paths)
{
	int hidden, missing;

	hidden = outcome_fd(open(paths[0], O_RDONLY | O_CLOEXEC));
	missing = outcome_fd(open(paths[1], O_RDONLY | O_CLOEXEC));
	return hidden != missing ? 0 : missing;
}

/* How often the names of other processes' sockets are told. */
static int
read_lines(char **path)
{
	char line[512];
	FILE *file = fopen(*path, "re");
	int error = EACCES;

	if (file == NULL)
		return errno;
	if (fgets(line, sizeof(line), file) != NULL)
		error = 0;
	fclose(file);
	return error;
}

/* A log that may only be added to is opened for that alone (O_APPEND). */
static int
clear_append(char **fd)
{
	int number = (int)strtol(*fd, NULL, 10);
	int flags = fcntl(number, F_GETFL);

	if (flags < 0 || (flags & O_APPEND) == 0)
		return flags < 0 ? errno : EINVAL;
	if (fcntl(number, F_SETFL, flags & ~O_APPEND) < 0)
		return errno;
	return fcntl(number, F_GETFL) & O_APPEND ? EPERM : 0;
}

/* Which O_APPEND does not keep from it. */
static int
truncate_fd(char **fd)
{
	return outcome(ftruncate((int)strtol(*fd, NULL, 10), 0));
}

/* clang-format off */
const struct attempt escape_files[] = {
	{ "clear-append", "FD", clear_append },
	{ "truncate-fd", "FD", truncate_fd },
	{ "open-at", "FD PATH", open_at },
	{ "create-at", "FD PATH", create_at },
	{ "unlink-at", "FD PATH", unlink_at },
	{ "link-fd", "FD PATH", link_descriptor },
	{ "reopen", "PATH", reopen },
	{ "open-mode-3", "PATH", open_mode_3 },
	{ "open-directory-create", "PATH", open_directory_create },
	{ "ftruncate", "PATH", truncate_descriptor },
	{ "symlink-read", "TARGET LINK", read_by_symlink },
	{ "exchange", "ONE OTHER", exchange },
	{ "mkdir-setgid", "PATH", make_setid_directory },
	{ "mknod-setuid", "PATH", make_setid_node },
	{ "fchmodat2-setuid", "PATH", chmod_setid_at },
	{ "creat-setuid", "PATH", creat_setid },
	{ "fchmod", "FD", chmod_descriptor },
	{ "fchown", "FD", chown_descriptor },
	{ "futimens", "FD", times_descriptor },
	{ "utime", "PATH", set_times },
	{ "utimes-long", "PATH", set_times_long },
	{ "lchown", "PATH", change_link_owner },
	{ "removexattr", "PATH", remove_attribute },
	{ "setflags", "PATH", set_flags },
	{ "open-by-handle", "PATH", open_by_handle },
	{ "stat-empty-path", "PATH", stat_empty },
	{ "oracle", "HIDDEN MISSING", compare_errors },
	{ "read-line", "PATH", read_lines },
	{ "write-inside", "FD", write_inside },
	{ "ftruncate-fd", "FD", cut_descriptor },
	{ "write-text", "PATH TEXT", write_text },
	{ "exec-tmpfile", "DIRECTORY PROGRAM", execute_nameless },
	{ "link-nameless", "FD PATH", link_nameless },
	{ "rename-whiteout", "OLD NEW", rename_whiteout },
	{ "mknod-whiteout", "PATH", make_whiteout },
	{ 0 },
};
