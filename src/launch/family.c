/* SPDX-License-Identifier: ISC */
#include "launch/family.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#ifndef SYS_pidfd_open
# define SYS_pidfd_send_signal 424
# define SYS_pidfd_open        434
#endif

/* How long it is tried to stop all before they are killed, running or not. */
#define PATIENCE 2

/* Those that were found, the parents before their children. */
struct family {
	pid_t *pids;
	size_t count, capacity;
	int signal;   /* that they get */
	pid_t parent; /* whose children are listed now */
};

static void
add(struct family *family, pid_t pid)
{
	size_t capacity = family->capacity * 2 + 64;
	pid_t *more;

	if (family->count == family->capacity) {
		more = reallocarray(family->pids, capacity, sizeof(*more));
		if (more == NULL)
			return;
		family->pids = more;
		family->capacity = capacity;
	}
	family->pids[family->count++] = pid;
}

char
family_look(pid_t pid, pid_t *ret_parent)
{
	char path[64], text[512], *end;
	cleanup_close int fd = -1;
	ssize_t n;

	*ret_parent = 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return '\0';
	text[n] = '\0';
	end = strrchr(text, ')'); /* the name before it may hold anything */
	if (end == NULL || strlen(end) < 5)
		return '\0';
	*ret_parent = (pid_t)strtol(end + 4, NULL, 10);
	return end[2];
}

/* A child's number is its own until we wait for it; another's may be somebody
 * else's by now, who is told by the parent. */
static void
send_signal(const struct family *family, pid_t pid, pid_t parent)
{
	cleanup_close int fd = -1;
	pid_t found;

	if (parent == getpid()) {
		kill(pid, family->signal);
		return;
	}
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0 || family_look(pid, &found) == '\0' || found != parent)
		return;
	syscall(SYS_pidfd_send_signal, fd, family->signal, NULL, 0);
}

bool
family_list(const char *path, family_seen *seen, void *context)
{
	FILE *file = fopen(path, "re");
	pid_t pid = 0;
	int c;

	if (file == NULL)
		return false;
	while ((c = getc(file)) != EOF) {
		if (c >= '0' && c <= '9') {
			pid = pid * 10 + (c - '0');
			continue;
		}
		if (pid > 0)
			seen(context, pid);
		pid = 0;
	}
	fclose(file);
	return true;
}

/* At once, as it may be gone in the next moment. */
static void
take(void *context, pid_t pid)
{
	struct family *family = context;

	send_signal(family, pid, family->parent);
	add(family, pid);
}

/* The children of PARENT that one of its threads has started. */
static bool
add_listed(struct family *family, const char *path, pid_t parent)
{
	family->parent = parent;
	return family_list(path, take, family);
}

static void
add_children(struct family *family, pid_t parent)
{
	char path[128];
	DIR *directory;
	struct dirent *entry;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)parent);
	directory = opendir(path);
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/children",
		    (int)parent, entry->d_name);
		add_listed(family, path, parent);
	}
	if (directory != NULL)
		closedir(directory);
}

/* Sends all of them SIGNAL; false: there are no lists. */
static bool
visit(struct family *family, int signal)
{
	family->count = 0;
	family->signal = signal;
	if (!add_listed(family, FAMILY_OWN, getpid()))
		return false;
	for (size_t i = 0; i < family->count; i++)
		add_children(family, family->pids[i]);
	return true;
}

/* Whether one of them is neither stopped, nor dead, nor waiting in the kernel,
 * where nothing is started. */
static bool
is_running(const struct family *family)
{
	pid_t parent;

	for (size_t i = family->count; i-- > 0;) {
		char state = family_look(family->pids[i], &parent);

		if (state == 'R' || state == 'S')
			return true;
	}
	return false;
}

bool
family_stop(void)
{
	struct family family = { 0 };
	struct timespec now;
	time_t end = 0;
	bool listed;

	do {
		/* Dead ones would only make the lists longer. */
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
		listed = visit(&family, SIGSTOP);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (end == 0)
			end = now.tv_sec + PATIENCE;
	} while (listed && is_running(&family) && now.tv_sec <= end);
	free(family.pids);
	return listed;
}

bool
family_kill(void)
{
	struct family family = { 0 };
	bool listed = visit(&family, SIGKILL);

	free(family.pids);
	return listed;
}
