/* SPDX-License-Identifier: ISC */
/* Attempts on processes: new ones, other ones, other programs, identities. */
#include "attempt.h"

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* After an exec of this program: that it runs. */
static int
nothing(char **none)
{
	(void)none;
	return 0;
}

/* PATH is this program once more: the "ok" is printed by that. */
static int
execute(char **path)
{
	char *const argv[] = { *path, (char[]){ "nothing" }, NULL };

	execve(*path, argv, environ);
	return errno;
}

static int
execute_nothing(char **none)
{
	(void)none;
	return harmless(syscall(SYS_execve, 0L, 0L, 0L), EFAULT);
}

static int
execute_at(char **none)
{
	(void)none;
	return harmless(syscall(SYS_execveat, -1L, 0L, 0L, 0L, 0L), EFAULT);
}

/* A guess at what the launcher's own exec must have had in its registers. */
static int
execute_guess(char **none)
{
	(void)none;
	return harmless(
	    syscall(SYS_execve, 0L, 0L, 0L, -1L, 0x5eed5eed5eedL, 1L), EFAULT);
}

static int
child_status(pid_t child)
{
	int status;

	if (child == -1)
		return errno;
	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 250;
}

static int
start_process(char **none)
{
	pid_t child = fork();

	(void)none;
	if (child == 0)
		_exit(0);
	return child_status(child);
}

static int
start_process_raw(char **none)
{
	pid_t child = (pid_t)syscall(SYS_fork);

	(void)none;
	if (child == 0)
		_exit(0);
	return child_status(child);
}

/* The child's exec: does it share the parent's fate? */
static int
start_and_execute(char **path)
{
	char *const argv[] = { *path, (char[]){ "-e" }, (char[]){ "nothing" },
		NULL };
	pid_t child = fork();

	if (child == 0) {
		execve(*path, argv, environ);
		_exit(errno);
	}
	return child_status(child);
}

static int
clone_extended(char **none)
{
	(void)none;
	return harmless(syscall(SYS_clone3, 0L, 0L), EINVAL);
}

/* No kernel makes a user namespace that shares the root directory. */
static int
clone_user_namespace(char **none)
{
	(void)none;
	return harmless(
	    syscall(SYS_clone, (long)(CLONE_NEWUSER | CLONE_FS | SIGCHLD), 0L,
	        0L, 0L, 0L),
	    EINVAL);
}

static int
unshare_user(char **none)
{
	(void)none;
	return harmless(syscall(SYS_unshare,
	                    (long)CLONE_NEWUSER | (long)(UINT64_C(1) << 40)),
	    EINVAL);
}

static int
enter_namespace(char **none)
{
	(void)none;
	return harmless(setns(-1, 0), EBADF);
}

static void *
thread_main(void *argument)
{
	return argument;
}

static int
start_thread(char **none)
{
	pthread_t thread;
	int error;

	(void)none;
	error = pthread_create(&thread, NULL, thread_main, NULL);
	if (error != 0)
		return error;
	return pthread_join(thread, NULL);
}

/* Signal 0 asks whether one might be sent. */
static int
signal_self(char **none)
{
	(void)none;
	return outcome(kill(getpid(), 0));
}

static int
signal_thread(char **none)
{
	(void)none;
	return outcome(
	    syscall(SYS_tgkill, (long)getpid(), syscall(SYS_gettid), 0L));
}

static int
signal_process(char **pid)
{
	return outcome(kill(number(*pid), 0));
}

static int
signal_process_thread(char **pid)
{
	return outcome(syscall(SYS_tkill, (long)number(*pid), 0L));
}

static int
signal_child(char **none)
{
	pid_t child = fork();
	int error;

	(void)none;
	if (child == -1)
		return errno;
	if (child == 0) {
		pause();
		_exit(0);
	}
	error = outcome(kill(child, SIGKILL));
	if (error == 0)
		(void)waitpid(child, NULL, 0);
	return error;
}

static int
signal_by_pidfd(char **pid)
{
	long fd = syscall(SYS_pidfd_open, (long)number(*pid), 0L);
	int error;

	if (fd == -1)
		return errno;
	error = outcome(syscall(SYS_pidfd_send_signal, fd, 0L, 0L, 0L));
	close((int)fd);
	return error;
}

static int
set_group(char **none)
{
	(void)none;
	return harmless(setpgid(0, -1), EINVAL);
}

static int
limit_self(char **none)
{
	struct rlimit limit;

	(void)none;
	if (getrlimit(RLIMIT_CORE, &limit) == -1)
		return errno;
	return outcome(setrlimit(RLIMIT_CORE, &limit));
}

static int
limit_process(char **pid)
{
	struct rlimit limit;

	return outcome(syscall(
	    SYS_prlimit64, (long)number(*pid), (long)RLIMIT_CORE, 0L, &limit));
}

static int
priority_self(char **none)
{
	(void)none;
	return outcome(
	    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0)));
}

static int
priority_process(char **pid)
{
	int who = number(*pid);

	return outcome(setpriority(
	    PRIO_PROCESS, (id_t)who, getpriority(PRIO_PROCESS, (id_t)who)));
}

/* Which processors a process may use: asked, and set to the same. */
static int
set_processors(long pid)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (syscall(SYS_sched_getaffinity, 0L, sizeof(set), &set) == -1)
		return errno;
	return outcome(syscall(SYS_sched_setaffinity, pid, sizeof(set), &set));
}

static int
affinity_self(char **none)
{
	(void)none;
	return set_processors(0);
}

static int
affinity_process(char **pid)
{
	return set_processors(number(*pid));
}

static int
affinity_read(char **none)
{
	cpu_set_t set;

	(void)none;
	return outcome(sched_getaffinity(getpid(), sizeof(set), &set));
}

static int
migrate_pages_of(char **pid)
{
	return harmless(syscall(SYS_migrate_pages, (long)number(*pid), 65L,
	                    (void *)8, (void *)8),
	    EFAULT);
}

/* No process has this number: ESRCH, once nobody refuses the request. */
static int
trace(char **none)
{
	(void)none;
	return harmless(ptrace(PTRACE_PEEKDATA, 0x7fffffff, NULL, NULL), ESRCH);
}

static int
read_memory(char **none)
{
	(void)none;
	return outcome(
	    syscall(SYS_process_vm_readv, (long)getpid(), 0L, 0L, 0L, 0L, 0L));
}

static int
take_descriptor(char **none)
{
	(void)none;
	return harmless(syscall(SYS_pidfd_getfd, -1L, 0L, 0L), EBADF);
}

static int
compare_processes(char **none)
{
	(void)none;
	return harmless(
	    syscall(SYS_kcmp, 0x7fffffffL, 0x7fffffffL, 0L, 0L, 0L), ESRCH);
}

static int
set_user(char **none)
{
	(void)none;
	return outcome(setuid(getuid()));
}

static int
set_group_id(char **none)
{
	(void)none;
	return outcome(setgid(getgid()));
}

/* Takes the capability, where setuid to oneself takes none. */
static int
set_groups(char **none)
{
	(void)none;
	return outcome(setgroups(0, NULL));
}

#ifdef WITHOUT_NSS
static int
look_up_user(char **none)
{
	(void)none;
	return ENOTSUP; /* glibc would load libraries into a static program */
}
#else
static int
look_up_user(char **none)
{
	(void)none;
	errno = 0;
	if (getpwuid(0) != NULL)
		return 0;
	return errno != 0 ? errno : ESRCH;
}
#endif

static int
set_capabilities(char **none)
{
	/* Version 3, this process, nothing: giving up needs no privilege. */
	uint32_t header[2] = { 0x20080522, 0 }, data[6] = { 0 };

	(void)none;
	return outcome(syscall(SYS_capset, header, data));
}

/* clang-format off */
const struct attempt process_attempts[] = {
	{ "nothing", "", nothing },
	{ "exec", "PATH", execute },
	{ "execve", "", execute_nothing },
	{ "execve-guess", "", execute_guess },
	{ "execveat", "", execute_at },
	{ "fork", "", start_process },
	{ "fork-raw", "", start_process_raw },
	{ "fork-exec", "PATH", start_and_execute },
	{ "clone3", "", clone_extended },
	{ "clone-newuser", "", clone_user_namespace },
	{ "unshare-user", "", unshare_user },
	{ "setns", "", enter_namespace },
	{ "thread", "", start_thread },
	{ "kill-self", "", signal_self },
	{ "tgkill-self", "", signal_thread },
	{ "kill", "PID", signal_process },
	{ "tkill", "PID", signal_process_thread },
	{ "kill-child", "", signal_child },
	{ "pidfd-signal", "PID", signal_by_pidfd },
	{ "setpgid", "", set_group },
	{ "setrlimit", "", limit_self },
	{ "prlimit", "PID", limit_process },
	{ "setpriority", "", priority_self },
	{ "setpriority-of", "PID", priority_process },
	{ "setaffinity", "", affinity_self },
	{ "setaffinity-of", "PID", affinity_process },
	{ "getaffinity", "", affinity_read },
	{ "migrate-pages", "PID", migrate_pages_of },
	{ "ptrace", "", trace },
	{ "process-vm-readv", "", read_memory },
	{ "pidfd-getfd", "", take_descriptor },
	{ "kcmp", "", compare_processes },
	{ "setuid", "", set_user },
	{ "setgid", "", set_group_id },
	{ "setgroups", "", set_groups },
	{ "capset", "", set_capabilities },
	{ "getpwuid", "", look_up_user },
	{ 0 },
};
