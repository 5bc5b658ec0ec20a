/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pledge.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libpledge/exec.h"
#include "libpledge/helper.h"

#ifndef POSIX_SPAWN_SETSID
# define POSIX_SPAWN_SETSID 0x80 /* glibc 2.26, musl 1.1.17 */
#endif

#define KERNEL_SIGNALS 64

/* What parent and child share: the child runs in the parent's memory. */
struct spawn {
	struct exec_request request;
	const posix_spawnattr_t *attributes;
	sigset_t mask; /* the parent's */
	struct exec_filter filter;
	char stack[HELPER_STACK] __attribute__((aligned(16)));
};

/* The parent's handlers would run in its memory. */
static int
reset_signals(const posix_spawnattr_t *attributes, short flags)
{
	struct sigaction action, reset = { .sa_handler = SIG_DFL };
	sigset_t defaults;

	sigemptyset(&defaults);
	if (flags & POSIX_SPAWN_SETSIGDEF)
		posix_spawnattr_getsigdefault(attributes, &defaults);
	for (int number = 1; number <= KERNEL_SIGNALS; number++) {
		if (sigaction(number, NULL, &action) == -1 ||
		    action.sa_handler == SIG_DFL)
			continue;
		if (action.sa_handler == SIG_IGN &&
		    sigismember(&defaults, number) != 1)
			continue;
		if (sigaction(number, &reset, NULL) == -1)
			return errno;
	}
	return 0;
}

static int
set_schedule(const posix_spawnattr_t *attributes, short flags)
{
	struct sched_param param;
	int policy = 0;

	posix_spawnattr_getschedparam(attributes, &param);
	posix_spawnattr_getschedpolicy(attributes, &policy);
	if ((flags & POSIX_SPAWN_SETSCHEDULER) &&
	    sched_setscheduler(0, policy, &param) == -1)
		return errno;
	if ((flags & (POSIX_SPAWN_SETSCHEDULER | POSIX_SPAWN_SETSCHEDPARAM)) ==
	        POSIX_SPAWN_SETSCHEDPARAM &&
	    sched_setparam(0, &param) == -1)
		return errno;
	return 0;
}

static int
set_ids(const posix_spawnattr_t *attributes, short flags)
{
	pid_t group = 0;

	if ((flags & POSIX_SPAWN_SETSID) && setsid() == -1)
		return errno;
	if (flags & POSIX_SPAWN_SETPGROUP) {
		posix_spawnattr_getpgroup(attributes, &group);
		if (setpgid(0, group) == -1)
			return errno;
	}
	/* Not with the C library's, which would reach for other threads. */
	if ((flags & POSIX_SPAWN_RESETIDS) &&
	    (syscall(SYS_setresgid, -1, getgid(), -1) == -1 ||
	        syscall(SYS_setresuid, -1, getuid(), -1) == -1))
		return errno;
	return 0;
}

static int
set_attributes(struct spawn *spawn)
{
	const posix_spawnattr_t *attributes = spawn->attributes;
	sigset_t mask = spawn->mask;
	short flags = 0;
	int err;

	if (attributes != NULL)
		posix_spawnattr_getflags(attributes, &flags);
	err = reset_signals(attributes, flags);
	if (err == 0 && attributes != NULL)
		err = set_schedule(attributes, flags);
	if (err == 0 && attributes != NULL)
		err = set_ids(attributes, flags);
	if (err == 0 && (flags & POSIX_SPAWN_SETSIGMASK))
		posix_spawnattr_getsigmask(attributes, &mask);
	if (err == 0 && sigprocmask(SIG_SETMASK, &mask, NULL) == -1)
		err = errno;
	return err;
}

static int
run_child(void *context)
{
	struct spawn *spawn = context;

	spawn->request.err = set_attributes(spawn);
	/* Here, as the filter knows its process. */
	if (spawn->request.err == 0 &&
	    exec_filter_make(&spawn->filter, &spawn->request.filter) < 0)
		spawn->request.err = errno;
	if (spawn->request.err == 0)
		exec_run(&spawn->request);
	return 127;
}

static int
start(struct spawn *spawn, pid_t *ret_pid)
{
	sigset_t all;
	pid_t child;
	int err = 0;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &spawn->mask);
	child = clone(run_child, spawn->stack + sizeof(spawn->stack),
	    CLONE_VM | CLONE_VFORK | SIGCHLD, spawn);
	if (child == -1)
		err = errno;
	else if (spawn->request.err != 0)
		while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
			;
	sigprocmask(SIG_SETMASK, &spawn->mask, NULL);
	if (err == 0)
		err = spawn->request.err;
	if (err == 0 && ret_pid != NULL)
		*ret_pid = child;
	return err;
}

static int
run_confined(
    const struct exec_request *request, const void *attributes, pid_t *ret_pid)
{
	struct spawn *spawn;
	int err;

	spawn = mmap(NULL, sizeof(*spawn), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (spawn == MAP_FAILED)
		return ENOMEM;
	spawn->request = *request;
	spawn->attributes = attributes;
	err = EDEADLK;
	if (record_lock()) {
		err = start(spawn, ret_pid);
		record_unlock();
	}
	if (err != 0)
		fail(err, "executing ", request->file, " failed");
	munmap(spawn, sizeof(*spawn));
	return err;
}

static int
refuse_actions(void)
{
	fail(ENOTSUP, "file actions cannot be read by others than the C "
	              "library; use fork, dup2 and pledge_execve");
	return ENOTSUP;
}

PUBLIC int
pledge_posix_spawn(pid_t *pid, const char *path, const void *file_actions,
    const void *attributes, char *const argv[], char *const environment[])
{
	struct exec_request request = {
		.file = path, .argv = argv, .environment = environment
	};

	forget_detail();
	if (!record.exec_pledged)
		return posix_spawn(
		    pid, path, file_actions, attributes, argv, environment);
	if (file_actions != NULL)
		return refuse_actions();
	return run_confined(&request, attributes, pid);
}

PUBLIC int
pledge_posix_spawnp(pid_t *pid, const char *file, const void *file_actions,
    const void *attributes, char *const argv[], char *const environment[])
{
	struct exec_request request = { .file = file,
		.search = true,
		.argv = argv,
		.environment = environment };

	forget_detail();
	if (!record.exec_pledged)
		return posix_spawnp(
		    pid, file, file_actions, attributes, argv, environment);
	if (file_actions != NULL)
		return refuse_actions();
	return run_confined(&request, attributes, pid);
}
