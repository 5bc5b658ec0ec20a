/* SPDX-License-Identifier: ISC */
#include "enforce/fds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
# define SYS_close_range 436 /* Linux 5.9; alpha aside, everywhere */
#endif

#define FIRST 3 /* after stdin, stdout and stderr */
/* The default of fs.nr_open, for where there is no limit. */
#define NR_OPEN_MAX 1048576

static bool
is_kept(int fd, const int *keep, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (keep[i] == fd)
			return true;
	return false;
}

/* The lowest of KEEP that is FROM or above; INT_MAX: none. */
static int
next_kept(int from, const int *keep, size_t count)
{
	int next = INT_MAX;

	for (size_t i = 0; i < count; i++)
		if (keep[i] >= from && keep[i] < next)
			next = keep[i];
	return next;
}

static int
close_gaps(const int *keep, size_t count)
{
	int from = FIRST, kept;
	unsigned int last;

	for (;;) {
		kept = next_kept(from, keep, count);
		last = kept == INT_MAX ? UINT_MAX : (unsigned int)kept - 1;
		if (kept > from && syscall(SYS_close_range, (unsigned int)from,
		                       last, 0U) == -1)
			return -1;
		if (kept == INT_MAX)
			return 0;
		from = kept + 1;
	}
}

/* opendir(3) allocates memory, which is not for between fork and exec. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

/* -1: the name is no number. */
static int
read_number(const char *name)
{
	int number = 0;

	if (*name == '\0')
		return -1;
	for (; *name != '\0'; name++) {
		if (*name < '0' || *name > '9')
			return -1;
		number = number * 10 + (*name - '0');
	}
	return number;
}

static int
close_listed(const int *keep, size_t count)
{
	_Alignas(struct entry) char buffer[4096];
	const struct entry *entry;
	long size = 0;
	int directory, fd;

	directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory == -1)
		return -1;
	for (;;) {
		size =
		    syscall(SYS_getdents64, directory, buffer, sizeof(buffer));
		if (size <= 0)
			break;
		for (long at = 0; at < size; at += entry->length) {
			entry = (const void *)(buffer + at);
			fd = read_number(entry->name);
			if (fd >= FIRST && fd != directory &&
			    !is_kept(fd, keep, count))
				close(fd);
		}
	}
	close(directory);
	return size == 0 ? 0 : -1;
}

/* As many as there can be: a limit that was lowered since would miss some. */
static int
find_end(void)
{
	struct rlimit limit;
	rlim_t end = NR_OPEN_MAX;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_max != RLIM_INFINITY && limit.rlim_max > end)
		end = limit.rlim_max;
	return end < INT_MAX ? (int)end : INT_MAX;
}

static void
close_all(const int *keep, size_t count)
{
	int end = find_end();

	for (int fd = FIRST; fd < end; fd++)
		if (!is_kept(fd, keep, count))
			close(fd);
}

int
enforce_close_fds(const int *keep, size_t count, struct diag *diag)
{
	for (size_t i = 0; i < count; i++)
		if (fcntl(keep[i], F_SETFD, 0) == -1)
			return diag_errno(diag, "keep descriptor %d", keep[i]);
	/* Before Linux 5.9 there is no close_range, and a container's filter
	 * may say EPERM to what it does not know. */
	if (close_gaps(keep, count) == -1 && close_listed(keep, count) == -1)
		close_all(keep, count);
	return 0;
}

static bool
is_directory(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

int
enforce_find_directory(const int *keep, size_t count)
{
	int end = keep != NULL ? FIRST : find_end();

	for (int fd = 0; fd < end; fd++)
		if (is_directory(fd))
			return fd;
	for (size_t i = 0; keep != NULL && i < count; i++)
		if (is_directory(keep[i]))
			return keep[i];
	return -1;
}
