/* SPDX-License-Identifier: ISC */
#include "trace/ptrace_start.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "enforce/seccomp.h"
#include "launch/launch.h"

#define FOLLOW                                                       \
 (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

static int
seize(pid_t tid, uintptr_t options)
{
	/* A number, where ptrace(2) is declared to take a pointer. */
	if (ptrace(PTRACE_SEIZE, tid, NULL, (void *)options) < 0) /* NOLINT */
		return -errno;
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0)
		return -errno;
	return 0;
}

static bool
may_filter_freely(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { { 0 } };

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return (data[0].effective & (1U << CAP_SYS_ADMIN)) != 0;
}

/* Only who administers the machine may filter without giving this up. */
static int
add_filter(const struct program *program)
{
	struct diag diag = { 0 };

	if (program == NULL)
		return 0;
	if (!may_filter_freely() && enforce_no_new_privs(&diag) < 0)
		return -diag.err;
	return enforce_seccomp(program, 0, &diag);
}

struct failure {
	int err;
	bool exec; /* that of the exec, not of a step before it */
};

/* What arrives from now on is the command's, who has no handler yet. */
static void
drop_handlers(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL }, action;

	for (int number = 1; number < NSIG; number++)
		if (sigaction(number, NULL, &action) == 0 &&
		    action.sa_handler != SIG_DFL &&
		    action.sa_handler != SIG_IGN)
			sigaction(number, &plain, NULL);
}

static int
execute(const struct ptrace_request *request)
{
	if (request->become != NULL)
		return request->become(request->context);
	execve(request->path, request->argv, request->envp);
	return errno;
}

/* The child: nothing here but what may follow a fork. */
static void
become_command(const struct ptrace_request *request,
    const struct ptrace_signals *signals, const struct ptrace_child *child)
{
	struct failure failure = { 0 };
	char byte;

	/* End of file: the watcher is gone. */
	if (read(child->gate, &byte, 1) != 1)
		_exit(STATUS_FAILED);
	drop_handlers();
	sigaction(SIGCHLD, &signals->child, NULL);
	sigaction(SIGPIPE, &signals->pipe, NULL);
	sigaction(SIGXFSZ, &signals->size, NULL);
	sigprocmask(SIG_SETMASK, &signals->mask, NULL);
	failure.err = -add_filter(request->program);
	if (failure.err == 0) {
		failure.err = execute(request);
		failure.exec = true;
	}
	if (write(child->verdict, &failure, sizeof(failure)) < 0)
		_exit(STATUS_FAILED);
	_exit(STATUS_NOT_RUNNABLE);
}

static int
seize_child(pid_t pid, const struct ptrace_request *request, struct diag *diag)
{
	uintptr_t options = FOLLOW | PTRACE_O_EXITKILL;
	int r;

	/* Without a filter of ours, the command's own ones get their ENOSYS. */
	if (request->program != NULL)
		options |= PTRACE_O_TRACESECCOMP;
	r = seize(pid, options);
	if (r == 0)
		return 0;
	errno = -r;
	return diag_errno(diag, "trace a child");
}

int
ptrace_child_start(const struct ptrace_request *request,
    const struct ptrace_signals *signals, struct ptrace_child *ret_child,
    struct diag *diag)
{
	int gate[2], verdict[2];
	struct ptrace_child child = { 0 };
	sigset_t all;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return diag_errno(diag, "pipe");
	if (pipe2(verdict, O_CLOEXEC) < 0) {
		close(gate[0]);
		close(gate[1]);
		return diag_errno(diag, "pipe");
	}
	/* A handler of ours must not take a signal that the child is sent. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	child.pid = fork();
	if (child.pid == 0) {
		close(gate[1]);
		child.gate = gate[0];
		child.verdict = verdict[1];
		become_command(request, signals, &child);
	}
	sigprocmask(SIG_SETMASK, &signals->mask, NULL);
	close(gate[0]);
	close(verdict[1]);
	child.gate = gate[1];
	child.verdict = verdict[0];
	*ret_child = child;
	if (child.pid < 0)
		return diag_errno(diag, "fork");
	return seize_child(child.pid, request, diag);
}

void
ptrace_child_release(struct ptrace_child *child)
{
	/* If it is gone, its end tells. */
	if (write(child->gate, "", 1) < 0)
		return;
	close(child->gate);
	child->gate = -1;
}

int
ptrace_child_verdict(struct ptrace_child *child,
    const struct ptrace_request *request, struct diag *diag)
{
	struct failure failure = { 0 };
	ssize_t got = read(child->verdict, &failure, sizeof(failure));

	close(child->verdict);
	child->verdict = -1;
	if (got != sizeof(failure))
		return 0;
	errno = failure.err;
	if (!failure.exec) {
		diag_errno(diag, "choose what to trace");
		return STATUS_FAILED;
	}
	diag_errno(diag, "%s", request->path);
	return failure.err == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUNNABLE;
}

/* Those of /proc/PID/task that are not there yet; how many, or -errno. */
static int
attach_round(pid_t pid, struct tasks *tasks)
{
	char path[64];
	DIR *directory;
	struct dirent *entry;
	struct task *task;
	int count = 0, r = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	directory = opendir(path);
	if (directory == NULL)
		return -errno;
	while (r >= 0 && (entry = readdir(directory)) != NULL) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid <= 0 || task_find(tasks, tid) != NULL)
			continue;
		r = seize(tid, FOLLOW);
		if (r == -ESRCH) { /* it has ended meanwhile */
			r = 0;
			continue;
		}
		task = r < 0 ? NULL : task_add(tasks, tid, pid);
		count += task != NULL;
	}
	closedir(directory);
	return r < 0 ? r : count;
}

int
ptrace_attach(pid_t pid, struct tasks *tasks, struct diag *diag)
{
	int r;

	/* Until there is no thread that another one has just started. */
	do
		r = attach_round(pid, tasks);
	while (r > 0);
	if (r == 0 && tasks->count > 0)
		return 0;
	errno = r < 0 && r != -ENOENT ? -r : ESRCH;
	return diag_errno(diag, "process %d", (int)pid);
}
