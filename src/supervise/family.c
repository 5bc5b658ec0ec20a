/* SPDX-License-Identifier: ISC */
#include "supervise/family.h"

#include <dirent.h>
#include <errno.h>
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

/* How long it is tried to stop all before they are killed, running or not; and
 * how long all that are left may wait in the kernel. */
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

static time_t
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

bool
family_stop(void)
{
	struct family family = { 0 };
	time_t end = seconds() + PATIENCE;
	bool listed;

	do {
		/* Dead ones would only make the lists longer. */
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
		listed = visit(&family, SIGSTOP);
	} while (listed && is_running(&family) && seconds() <= end);
	free(family.pids);
	return listed;
}

bool
family_signal(int signal)
{
	struct family family = { 0 };
	bool listed = visit(&family, signal);

	free(family.pids);
	return listed;
}

void
family_signal_child(pid_t parent, pid_t child, int signal)
{
	const struct family family = { .signal = signal };

	send_signal(&family, child, parent);
}

/* Whom to leave alone. */
struct sparing {
	bool (*spare)(void *context, pid_t pid);
	void *context;
};

static void
kill_one(void *context, pid_t pid)
{
	const struct sparing *sparing = context;

	if (sparing->spare == NULL || !sparing->spare(sparing->context, pid))
		kill(pid, SIGKILL);
}

static void
kill_searched(struct sparing *sparing)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;

	while (directory != NULL && (entry = readdir(directory))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10), parent;

		if (pid > 0 && family_look(pid, &parent) != '\0' &&
		    parent == getpid())
			kill_one(sparing, pid);
	}
	if (directory != NULL)
		closedir(directory);
}

void
family_kill_children(bool (*spare)(void *context, pid_t pid), void *context)
{
	struct sparing sparing = { spare, context };

	/*
	 * A command that flees, each of its processes starting the next and
	 * ending, is gone while all of /proc is looked through.
	 */
	if (!family_list(FAMILY_OWN, kill_one, &sparing))
		kill_searched(&sparing);
}

/* Whether all that are left wait in the kernel, or for their parent to. */
static bool
is_stuck(void)
{
	struct family family = { 0 };
	bool stuck = visit(&family, 0) && family.count > 0;
	pid_t parent;

	for (size_t i = 0; stuck && i < family.count; i++) {
		char state = family_look(family.pids[i], &parent);

		stuck = state == 'D' || state == 'Z' || state == 'X';
	}
	free(family.pids);
	return stuck;
}

/* Reaps; false: there is nobody left. */
static bool
reap_some(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0);
	return pid == 0 || errno != ECHILD;
}

/*
 * First all of them are stopped, and nobody is left to start another: those
 * that are killed make room for new ones, where a limit holds these up.
 */
bool
family_end(void)
{
	const struct timespec wait = { .tv_nsec = 100000000 };
	sigset_t child, mask;
	time_t last = 0;
	bool stuck = false, left;

	/* Mostly there is nobody, and /proc need not be looked through. */
	if (!reap_some())
		return true;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &mask);
	do {
		if (!family_stop() || !family_signal(SIGKILL))
			family_kill_children(NULL, NULL);
		sigtimedwait(&child, NULL, &wait);
		if (!is_stuck())
			last = 0;
		else if (last == 0)
			last = seconds() + PATIENCE;
		else
			stuck = seconds() > last;
		left = reap_some();
	} while (left && !stuck);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return !left;
}
