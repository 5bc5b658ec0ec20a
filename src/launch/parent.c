/* SPDX-License-Identifier: ISC */
#include "launch/parent.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "launch/family.h"
#include "launch/launch.h"

/* From SIGTERM at the time limit to SIGKILL. */
#define KILL_AFTER 5.0

/* Taken from the queue while the child runs; the rest keeps its meaning. */
static const int watched_signals[] = { SIGCHLD, SIGINT, SIGQUIT, SIGTERM,
	SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU,
	SIGCONT, SIGWINCH };

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The command must not outlive the one that keeps its time and its files. */
static void
begin_child(const struct parent *parent, pid_t launcher)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != launcher)
		_exit(STATUS_FAILED);
	sigaction(SIGCHLD, &parent->old_child, NULL);
	sigprocmask(SIG_SETMASK, &parent->old_mask, NULL);
}

pid_t
parent_fork(struct parent *parent, struct diag *diag)
{
	struct sigaction wait = { .sa_handler = SIG_DFL };
	pid_t launcher = getpid();
	pid_t child;

	sigemptyset(&parent->signals);
	for (size_t i = 0; i < ARRAY_SIZE(watched_signals); i++)
		sigaddset(&parent->signals, watched_signals[i]);
	sigprocmask(SIG_BLOCK, &parent->signals, &parent->old_mask);
	/* If SIGCHLD was ignored, the child's status would be lost. */
	sigaction(SIGCHLD, &wait, &parent->old_child);
	/* Orphans of the command come to us, so that a time limit ends all. */
	if (parent->timeout > 0 || parent->adopt)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	child = fork();
	if (child == 0)
		begin_child(parent, launcher);
	if (child < 0)
		return diag_errno(diag, "fork");
	parent->child = child;
	return child;
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
parent_kill_children(bool (*spare)(void *context, pid_t pid), void *context)
{
	struct sparing sparing = { spare, context };

	/*
	 * A command that flees, each of its processes starting the next and
	 * ending, is gone while all of /proc is looked through.
	 */
	if (!family_list(FAMILY_OWN, kill_one, &sparing))
		kill_searched(&sparing);
}

/* First all of them are stopped, and nobody is left to start another: those
 * that are killed make room for new ones, where a limit holds these up. */
void
parent_end_all(void)
{
	pid_t pid;

	/* Mostly there is nobody, and /proc need not be looked through. */
	pid = waitpid(-1, NULL, WNOHANG);
	while (pid >= 0 || errno != ECHILD) {
		if (!family_stop() || !family_kill())
			parent_kill_children(NULL, NULL);
		waitpid(-1, NULL, 0);
		do
			pid = waitpid(-1, NULL, WNOHANG);
		while (pid > 0);
	}
}

/*
 * Stops with the command, by the same signal, so that the shell sees its job
 * stopped as it would have been without us.
 */
static void
stop_together(const struct parent *parent, int number)
{
	struct sigaction stop = { .sa_handler = SIG_DFL }, old;
	sigset_t set, mask;

	sigemptyset(&set);
	sigaddset(&set, number);
	sigaction(number, &stop, &old);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, &mask);
	/* Here it stops; what follows is after SIGCONT. */
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(number, &old, NULL);
	kill(parent->child, SIGCONT);
}

/* Reaps; true once the child itself has ended. */
static bool
reap(const struct parent *parent, int *ret_status)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != parent->child)
			continue;
		if (WIFSTOPPED(status)) {
			stop_together(parent, WSTOPSIG(status));
			continue;
		}
		*ret_status = status;
		return true;
	}
	return pid < 0 && errno == ECHILD;
}

/* The terminal's signals reach the whole group: only others are passed on. */
static void
pass_on(const struct parent *parent, const siginfo_t *info)
{
	if (info->si_signo == SIGCHLD || info->si_code == SI_KERNEL)
		return;
	kill(parent->child, info->si_signo);
}

/* NULL for a DEADLINE of 0: for ever. */
static const struct timespec *
time_left(double deadline, struct timespec *wait)
{
	double left = deadline - now();

	if (deadline <= 0)
		return NULL;
	if (left < 0)
		left = 0;
	wait->tv_sec = (time_t)left;
	wait->tv_nsec = (long)((left - (double)wait->tv_sec) * 1e9);
	return wait;
}

/* Serves the sources until a signal is pending; -1, EAGAIN: DEADLINE is past.
 */
static int
serve_sources(struct parent *parent, int signals, double deadline)
{
	struct pollfd fds[PARENT_SOURCES + 1];
	struct timespec wait;
	int n;

	for (;;) {
		fds[0] = (struct pollfd){ .fd = signals, .events = POLLIN };
		for (size_t i = 0; i < parent->source_count; i++)
			fds[i + 1] =
			    (struct pollfd){ .fd = parent->sources[i].fd,
				    .events = POLLIN };
		n = ppoll(fds, parent->source_count + 1,
		    time_left(deadline, &wait), NULL);
		if (n == 0)
			errno = EAGAIN;
		if (n <= 0)
			return -1;
		for (size_t i = 0; i < parent->source_count; i++) {
			parent->sources[i].events = fds[i + 1].revents;
			if (fds[i + 1].revents != 0)
				parent->sources[i].ready(&parent->sources[i]);
		}
		if (fds[0].revents != 0 || parent->forsake)
			return 0;
	}
}

/* Waits until DEADLINE (0: for ever) for a watched signal. */
static int
next_signal(
    struct parent *parent, int signals, double deadline, siginfo_t *ret_info)
{
	static const struct timespec none;
	const struct timespec *left;
	struct timespec wait;

	if (signals < 0) {
		left = time_left(deadline, &wait);
	} else {
		if (serve_sources(parent, signals, deadline) < 0)
			return -1;
		/* The descriptor says that one is pending; taken here. */
		left = &none;
	}
	if (left == NULL)
		return sigwaitinfo(&parent->signals, ret_info);
	return sigtimedwait(&parent->signals, ret_info, left);
}

/* The time limit: asked to end first, killed when that is past, too. */
static void
end_late(struct parent *parent, double *deadline)
{
	kill(parent->child, parent->late ? SIGKILL : SIGTERM);
	kill(parent->child, SIGCONT);
	*deadline = now() + KILL_AFTER;
	parent->late = true;
}

/* Until the child has ended, or is to be. */
static void
wait_for_end(struct parent *parent, int signals, int *ret_status)
{
	double deadline = parent->timeout > 0 ? now() + parent->timeout : 0;
	siginfo_t info;

	while (!parent->forsake) {
		int number = next_signal(parent, signals, deadline, &info);

		if (number < 0 && errno == EAGAIN && deadline > 0 &&
		    now() >= deadline)
			end_late(parent, &deadline);
		if (number == SIGCHLD && reap(parent, ret_status))
			return;
		if (number > 0)
			pass_on(parent, &info);
	}
}

int
parent_wait(struct parent *parent)
{
	cleanup_close int signals = -1;
	int status = 0;

	if (parent->source_count > 0)
		signals = signalfd(-1, &parent->signals, SFD_CLOEXEC);
	if (parent->source_count > 0 && signals < 0) {
		parent->err = errno;
		parent->forsake = true;
	}
	wait_for_end(parent, signals, &status);
	if (parent->late || parent->forsake) {
		kill(parent->child, SIGKILL);
		parent_end_all();
		return parent->late ? STATUS_TIMEOUT : STATUS_FAILED;
	}
	if (WIFSIGNALED(status)) {
		parent->signal = WTERMSIG(status);
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}
