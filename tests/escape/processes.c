/* SPDX-License-Identifier: ISC */
/* Attempts on processes: outsiders, new ones, namespaces, threads. */
#include "targets/attempt.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NEW_TIME 0x80 /* CLONE_NEWTIME */

/* No more than the newest kernel's struct clone_args begins with. */
struct clone_request {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
	    stack_size, tls;
};

static int
wait_for(pid_t child)
{
	int status;

	if (child == -1)
		return errno;
	while (waitpid(child, &status, __WALL) == -1)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 250;
}

static int
start_vfork(char **none)
{
	/* Not CLONE_VM, as the child returns through this function's frame. */
	pid_t child = (pid_t)syscall(
	    SYS_clone, (long)(CLONE_VFORK | SIGCHLD), 0L, 0L, 0L, 0L);

	(void)none;
	if (child == 0)
		_exit(0);
	return wait_for(child);
}

/* clone(2) with FLAGS; the child ends at once. */
static int
start_clone(unsigned long flags)
{
	pid_t child =
	    (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L);

	if (child == 0)
		_exit(0);
	return wait_for(child);
}

static int
start_plain(char **none)
{
	(void)none;
	return start_clone(0);
}

/* The child would be the launcher's caller's: a process that it waits for. */
static int
start_sibling(char **none)
{
	pid_t child = (pid_t)syscall(
	    SYS_clone, (long)CLONE_PARENT | SIGCHLD, 0L, 0L, 0L, 0L);

	(void)none;
	if (child == 0)
		_exit(0);
	return child == -1 ? errno : 0;
}

static int
start_extended(char **none)
{
	struct clone_request request = { .exit_signal = SIGCHLD };
	pid_t child = (pid_t)syscall(SYS_clone3, &request, sizeof(request));

	(void)none;
	if (child == 0)
		_exit(0);
	return wait_for(child);
}

static const struct {
	const char *name, *file;
	unsigned long flag;
} namespaces[] = {
	{ "mount", "mnt", CLONE_NEWNS },
	{ "cgroup", "cgroup", CLONE_NEWCGROUP },
	{ "uts", "uts", CLONE_NEWUTS },
	{ "ipc", "ipc", CLONE_NEWIPC },
	{ "user", "user", CLONE_NEWUSER },
	{ "pid", "pid", CLONE_NEWPID },
	{ "net", "net", CLONE_NEWNET },
	{ "time", "time", NEW_TIME },
};
#define NAMESPACES (sizeof(namespaces) / sizeof(namespaces[0]))

static size_t
find_namespace(const char *name)
{
	for (size_t i = 0; i < NAMESPACES; i++)
		if (strcmp(namespaces[i].name, name) == 0)
			return i;
	dprintf(STDERR_FILENO, "attempt: no namespace %s\n", name);
	_exit(200);
}

static int
clone_namespace(char **name)
{
	return start_clone(namespaces[find_namespace(*name)].flag);
}

static int
clone3_namespace(char **name)
{
	struct clone_request request = { .exit_signal = SIGCHLD };
	pid_t child;

	request.flags = namespaces[find_namespace(*name)].flag;
	child = (pid_t)syscall(SYS_clone3, &request, sizeof(request));
	if (child == 0)
		_exit(0);
	return wait_for(child);
}

static int
unshare_namespace(char **name)
{
	return outcome(unshare((int)namespaces[find_namespace(*name)].flag));
}

/* Into the one that it is in. */
static int
enter_own(char **name)
{
	char path[64];
	int fd, error;

	snprintf(path, sizeof(path), "/proc/self/ns/%s",
	    namespaces[find_namespace(*name)].file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return errno;
	error = outcome(setns(fd, 0));
	close(fd);
	return error;
}

/* Whoever started this process: the launcher, if it stayed. */
static int
signal_parent(char **none)
{
	(void)none;
	return outcome(kill(getppid(), 0));
}

static int
signal_group(char **pid)
{
	return outcome(kill(-number(*pid), 0));
}

/* A descriptor of another process. */
static int
take_descriptor(char **pid)
{
	int fd = (int)syscall(SYS_pidfd_open, (long)number(*pid), 0L);
	int error;

	if (fd == -1)
		return errno;
	error = outcome_fd(syscall(SYS_pidfd_getfd, (long)fd, 0L, 0L));
	close(fd);
	return error;
}

/* Makes the kernel send SIGIO to PID, by a pipe that becomes readable. */
static int
signal_by_pipe(char **pid)
{
	int ends[2], error;

	if (pipe(ends) == -1)
		return errno;
	error = outcome(fcntl(ends[0], F_SETOWN, number(*pid)));
	if (error == 0)
		error = outcome(fcntl(ends[0], F_SETFL, O_ASYNC));
	if (error == 0)
		error = outcome(write(ends[1], "x", 1) == 1 ? 0 : -1);
	close(ends[0]);
	close(ends[1]);
	return error;
}

static void *
execute_in_thread(void *ret_error)
{
	*(int *)ret_error = harmless(syscall(SYS_execve, 0L, 0L, 0L), EFAULT);
	return NULL;
}

static void *
socket_in_thread(void *ret_error)
{
	*(int *)ret_error = outcome_fd(syscall(SYS_socket, 2L, 1L, 0L));
	return NULL;
}

static int
in_thread(void *(*act)(void *), void *argument)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, act, argument);

	if (error != 0)
		return error;
	return pthread_join(thread, NULL);
}

static int
thread_execute(char **none)
{
	int result = EINVAL, error = in_thread(execute_in_thread, &result);

	(void)none;
	return error != 0 ? error : result;
}

static int
thread_socket(char **none)
{
	int result = EINVAL, error = in_thread(socket_in_thread, &result);

	(void)none;
	return error != 0 ? error : result;
}

struct file_attempt {
	const char *path;
	int error;
};

static void *
open_in_thread(void *argument)
{
	struct file_attempt *file = argument;

	file->error = outcome_fd(open(file->path, O_RDONLY | O_CLOEXEC));
	return NULL;
}

static int
thread_open(char **path)
{
	struct file_attempt file = { .path = *path };
	int error = in_thread(open_in_thread, &file);

	return error != 0 ? error : file.error;
}

/* As many processes at the same time: COUNT. */
static int
start_many(char **count)
{
	int wanted = number(*count), error = 0, ends[2];
	pid_t child;

	if (pipe(ends) == -1)
		return errno;
	for (int i = 0; i < wanted && error == 0; i++) {
		child = fork();
		if (child == 0) {
			char end;

			close(ends[1]);
			_exit(read(ends[0], &end, 1) != 0);
		}
		error = child == -1 ? errno : 0;
	}
	close(ends[1]); /* lets them go */
	while (wait(NULL) > 0)
		;
	return error;
}

/* All that the process may hold, in all three sets. */
static int
gain_capabilities(char **none)
{
	const uint32_t low = 1u << 7 | 1u << 12 | 1u << 21;
	uint32_t header[2] = { 0x20080522, 0 };
	uint32_t data[6] = { low, low, 0, 0, 0, 0 };

	(void)none;
	return outcome(syscall(SYS_capset, header, data));
}

/* The interpreter INTERPRETER runs PROGRAM, as the kernel would let it. */
static int
execute_through(char **paths)
{
	char *const argv[] = { paths[0], paths[1], (char[]){ "-e" },
		(char[]){ "nothing" }, NULL };
	pid_t child = fork();

	if (child == 0) {
		execve(paths[0], argv, environ);
		_exit(errno);
	}
	return wait_for(child);
}

/* A program that says nothing of its own: its status. */
static int
execute_child(char **path)
{
	char *const argv[] = { *path, NULL };
	pid_t child = fork();

	if (child == 0) {
		execve(*path, argv, environ);
		_exit(errno);
	}
	return wait_for(child);
}

static int
read_capabilities(char **pid)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3, .pid = number(*pid)
	};
	struct __user_cap_data_struct words[2];

	return outcome(syscall(SYS_capget, &header, words));
}

static double
seconds_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

#define CHAINS 10

/* Each process starts the next, and ends: whoever kills one is late.  One that
 * is there when the time is over says so. */
static int
flee(char **seconds)
{
	double end = seconds_now() + strtod(*seconds, NULL);
	pid_t child = 1;

	for (int i = 0; i < CHAINS && child > 0; i++)
		child = fork();
	if (child > 0)
		for (;;)
			pause();
	while (child == 0 && seconds_now() < end) {
		child = fork();
		if (child > 0)
			_exit(0);
	}
	/* Of several, one ends the first process of all, and the others. */
	kill(getpgrp(), SIGKILL);
	return child == -1 ? errno : 0;
}

#define MOST_PROCESSES 200 /* of the user */

/* As many processes as there may be, each of which takes the place of one that
 * is killed. */
static int
multiply(char **seconds)
{
	const struct rlimit limit = { MOST_PROCESSES, MOST_PROCESSES };
	double end = seconds_now() + strtod(*seconds, NULL);
	pid_t child;

	if (setrlimit(RLIMIT_NPROC, &limit) == -1)
		return errno;
	child = fork();
	if (child == -1)
		return errno;
	if (child > 0)
		for (;;)
			pause();
	while (seconds_now() < end)
		if (fork() == -1)
			sched_yield();
	kill(getpgrp(), SIGKILL);
	return 0;
}

/* clang-format off */
const struct attempt escape_processes[] = {
	{ "flee", "SECONDS", flee },
	{ "multiply", "SECONDS", multiply },
	{ "vfork", "", start_vfork },
	{ "clone", "", start_plain },
	{ "clone-parent", "", start_sibling },
	{ "clone3-fork", "", start_extended },
	{ "clone-new", "NAMESPACE", clone_namespace },
	{ "clone3-new", "NAMESPACE", clone3_namespace },
	{ "unshare", "NAMESPACE", unshare_namespace },
	{ "setns-own", "NAMESPACE", enter_own },
	{ "capget-of", "PID", read_capabilities },
	{ "kill-parent", "", signal_parent },
	{ "kill-group", "PID", signal_group },
	{ "pidfd-getfd-of", "PID", take_descriptor },
	{ "sigio", "PID", signal_by_pipe },
	{ "thread-execve", "", thread_execute },
	{ "thread-socket", "", thread_socket },
	{ "thread-open", "PATH", thread_open },
	{ "fork-many", "COUNT", start_many },
	{ "capset-gain", "", gain_capabilities },
	{ "exec-through", "INTERPRETER PROGRAM", execute_through },
	{ "run", "PATH", execute_child },
	{ 0 },
};
