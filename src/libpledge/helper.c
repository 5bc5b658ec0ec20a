/* SPDX-License-Identifier: ISC */
#include "libpledge/helper.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KERNEL_SIGNALS 64
#define EXIT_YIELDS    1000

/* A thread that has ended is still counted for a moment. */
static atomic_bool helped;

struct task {
	int (*act)(void *);
	void *context;
};

static int
run_task(void *context)
{
	const struct task *task = context;
	uint64_t all = ~UINT64_C(0);

	/* A handler has its place in a thread of the program's. */
	syscall(
	    SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, KERNEL_SIGNALS / 8);
	return task->act(task->context);
}

void
helper_run(int (*act)(void *), void *context, char *stack_end)
{
	struct task task = { act, context };
	/* CLONE_VFORK: come back when it has ended, or executed a program. */
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
	                  CLONE_THREAD | CLONE_SYSVSEM | CLONE_VFORK;

	atomic_store(&helped, true);
	if (clone(run_task, stack_end, flags, &task) == -1)
		act(context);
}

/* /proc/self/task has two links, and one for each thread. */
static bool
count_says_one(void)
{
	struct stat status;

	return stat("/proc/self/task", &status) == 0 && status.st_nlink == 3;
}

bool
helper_threads_exist(void)
{
	/* Asks without a side effect: sharing is undone where there is none,
	 * and refused where there is. */
	for (int i = 0; i < EXIT_YIELDS; i++) {
		if (syscall(SYS_unshare, CLONE_THREAD) == 0)
			return false;
		/* A container's filter refuses every unshare. */
		if (count_says_one())
			return false;
		if (!atomic_load(&helped))
			break;
		sched_yield();
	}
	return true;
}
