/* SPDX-License-Identifier: ISC */
#include "supervise/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "enforce/fds.h"
#include "launch/launch.h"
#include "supervise/family.h"

/* From SIGTERM at the time limit to SIGKILL; and from there to the end of who
 * watched. */
#define KILL_AFTER 5.0
#define LAST_WORDS 2.0
/* For a link above that has to hear of a limit; a busy machine is slow. */
#define PATIENCE_MS 10000

/* Taken from the queue while the child runs; the rest keeps its meaning. */
static const int watched_signals[] = { SIGCHLD, SIGINT, SIGQUIT, SIGTERM,
	SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU,
	SIGCONT, SIGWINCH };

/* What a link tells the one above. */
struct word {
	enum { COMMAND_STARTED, COMMAND_STOPPED, COMMAND_ENDED } what;
	int number; /* its process ID, the signal, an exit status */
};

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* --- Forks --- */

void
keeper_init(struct keeper *keeper)
{
	*keeper = (struct keeper){ .above = -1, .below = -1 };
}

static void
tell(const struct keeper *keeper, int what, int number)
{
	const struct word word = { what, number };

	/* Whoever does not hear it any more is gone, which is noticed. */
	if (keeper->above >= 0)
		send(keeper->above, &word, sizeof(word), MSG_NOSIGNAL);
}

/*
 * kill(2) of process group 0 reaches all that share the caller's group, and
 * must not stop who keeps the time.  We leave the group, not the command, which
 * stays in its job; its process waits for that.  Who leads a group of its own
 * has no job to stay in, and it is the command that leaves.
 */
struct parting {
	bool apart, leads;
	pid_t above;
	sigset_t word, mask; /* what its process waits for; no descriptor */
};

static void
part_before(const struct keeper *keeper, struct parting *parting)
{
	*parting =
	    (struct parting){ .apart = keeper->above >= 0 || keeper->serves,
		    .above = getpid() };
	parting->leads = getpgrp() == parting->above;
	sigemptyset(&parting->word);
	sigaddset(&parting->word, SIGRTMAX);
	sigprocmask(SIG_BLOCK, &parting->word, &parting->mask);
}

/* Where it fails, who waits dies with us. */
static int
part_above(const struct parting *parting, pid_t child, struct diag *diag)
{
	int r = 0;

	if (parting->apart && !parting->leads &&
	    (setpgid(0, 0) < 0 || kill(child, SIGRTMAX) < 0)) {
		r = diag_errno(diag, "a process group of its own");
		kill(child, SIGKILL);
	}
	sigprocmask(SIG_SETMASK, &parting->mask, NULL);
	return r;
}

static void
part_below(const struct parting *parting)
{
	siginfo_t info = { 0 };

	if (parting->apart && parting->leads && setpgid(0, 0) < 0)
		_exit(STATUS_FAILED);
	if (parting->apart && !parting->leads) {
		/* Who is to send the word may be gone, or go. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (info.si_pid != parting->above) {
			if (getppid() != parting->above)
				_exit(STATUS_FAILED);
			sigwaitinfo(&parting->word, &info);
		}
		prctl(PR_SET_PDEATHSIG, 0);
	}
	sigprocmask(SIG_SETMASK, &parting->mask, NULL);
}

static pid_t
fork_child(struct keeper *keeper, struct diag *diag)
{
	struct sigaction wait = { .sa_handler = SIG_DFL };
	struct parting parting;
	pid_t child;
	int r;

	sigemptyset(&keeper->signals);
	for (size_t i = 0; i < ARRAY_SIZE(watched_signals); i++)
		sigaddset(&keeper->signals, watched_signals[i]);
	/* A link has the caller's: what comes before it waits is passed on. */
	sigprocmask(SIG_BLOCK, &keeper->signals,
	    keeper->parent == 0 ? &keeper->old_mask : NULL);
	/* If SIGCHLD was ignored, the child's status would be lost. */
	sigaction(
	    SIGCHLD, &wait, keeper->parent == 0 ? &keeper->old_child : NULL);
	/* Orphans of the command come to us, so that a time limit ends all. */
	if (keeper->timeout > 0 || keeper->adopt)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	part_before(keeper, &parting);
	child = fork();
	if (child == 0) {
		part_below(&parting);
		return 0;
	}
	r = child < 0 ? diag_errno(diag, "fork")
	              : part_above(&parting, child, diag);
	keeper->child = r < 0 ? 0 : child;
	return r < 0 ? r : child;
}

pid_t
keeper_fork(struct keeper *keeper, struct diag *diag)
{
	pid_t self = getpid();
	pid_t child = fork_child(keeper, diag);

	if (child > 0)
		tell(keeper, COMMAND_STARTED, child);
	if (child != 0)
		return child;
	keeper_close(keeper);
	/* The command must not outlive the one that keeps its time. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != self)
		_exit(STATUS_FAILED);
	return 0;
}

pid_t
keeper_fork_link(struct keeper *keeper, struct keeper *next, struct diag *diag)
{
	pid_t self = getpid(), child;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return diag_errno(diag, "a socket to the command's keeper");
	child = fork_child(keeper, diag);
	close(ends[child != 0]);
	if (child == 0) {
		/* The socket tells of our keeper's end. */
		cleanup_close_fd(&keeper->above);
		keeper_init(next);
		next->above = ends[1];
		next->parent = self;
		next->old_mask = keeper->old_mask;
		next->old_child = keeper->old_child;
		next->adopt = true;
	} else if (child > 0) {
		keeper->below = ends[0];
	} else {
		close(ends[0]);
	}
	return child;
}

void
keeper_close(struct keeper *keeper)
{
	sigaction(SIGCHLD, &keeper->old_child, NULL);
	sigprocmask(SIG_SETMASK, &keeper->old_mask, NULL);
	cleanup_close_fd(&keeper->below);
	keeper->below = -1;
}

/* --- Stops --- */

/*
 * Stops as the command did, by the same signal, so that the shell sees its job
 * stopped as it would have been without us.
 */
static void
stop_together(const struct keeper *keeper, int number)
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
	kill(keeper->child, SIGCONT);
}

/* Whoever is above hears of it late: the shell has continued the job since, and
 * is not to find it stopped once more. */
static bool
goes_on(const struct keeper *keeper)
{
	pid_t parent;
	char state = '\0';

	if (keeper->below >= 0 && keeper->command > 0)
		state = family_look(keeper->command, &parent);
	return state != '\0' && state != 'T';
}

/* A keeper of time must not be stopped by what it keeps. */
static void
note_stop(struct keeper *keeper, int number)
{
	if (keeper->above >= 0) {
		keeper->stopped = true;
		tell(keeper, COMMAND_STOPPED, number);
	} else if (!keeper->serves && !goes_on(keeper)) {
		stop_together(keeper, number);
	}
}

/* --- The link below, and the one above --- */

static void
take_word(struct keeper *keeper, const struct word *word, int *stop)
{
	switch (word->what) {
	case COMMAND_STARTED:
		keeper->command = word->number;
		tell(keeper, COMMAND_STARTED, word->number);
		break;
	case COMMAND_STOPPED:
		*stop = word->number;
		break;
	case COMMAND_ENDED:
		keeper->told = keeper->over = true;
		keeper->status = word->number;
		break;
	}
}

/* Its end of the socket is closed when it ends, and that is told by SIGCHLD. */
static void
hear_below(struct keeper *keeper)
{
	struct word word;
	ssize_t n = 0;
	int stop = 0;

	while (keeper->below >= 0 && !keeper->told) {
		n = recv(keeper->below, &word, sizeof(word), MSG_DONTWAIT);
		if (n != sizeof(word))
			break;
		take_word(keeper, &word, &stop);
	}
	if (n == 0 && !keeper->told)
		keeper->below = -1;
	/* Of several, the last; and of one that has ended, none. */
	if (stop != 0 && !keeper->over)
		note_stop(keeper, stop);
}

static void
hear_above(struct keeper *keeper)
{
	close(keeper->above);
	keeper->above = -1;
	keeper->forsake = true;
}

/* --- The time limit --- */

static void
signal_command(const struct keeper *keeper, int number)
{
	if (keeper->below < 0)
		kill(keeper->child, number);
	else
		family_signal_child(keeper->child, keeper->command, number);
}

/* Asked to end first, killed when that is past, too; then all are. */
static void
end_late(struct keeper *keeper)
{
	static const struct {
		int number;
		double patience;
	} steps[] = { { SIGTERM, KILL_AFTER }, { SIGKILL, LAST_WORDS } };

	keeper->late = true;
	if (keeper->tell_late != NULL)
		*keeper->tell_late = true;
	if (keeper->hurry == ARRAY_SIZE(steps) ||
	    (keeper->below >= 0 && keeper->command == 0)) {
		keeper->forsake = true;
		return;
	}
	signal_command(keeper, steps[keeper->hurry].number);
	signal_command(keeper, SIGCONT);
	/* A link between that was stopped has something to say. */
	kill(keeper->child, SIGCONT);
	keeper->deadline = now() + steps[keeper->hurry].patience;
	keeper->hurry++;
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

/* --- The loop --- */

/* Waits for what is next, at most until the deadline, and serves it; signals
 * are left to be taken. */
static void
serve_round(struct keeper *keeper, int signals)
{
	struct pollfd fds[KEEPER_SOURCES + 3];
	struct timespec wait;
	size_t count = keeper->source_count;

	for (size_t i = 0; i < count; i++)
		fds[i] = (struct pollfd){ .fd = keeper->sources[i].fd,
			.events = POLLIN };
	/* Nothing more is said after the end. */
	fds[count] = (struct pollfd){ .fd = keeper->told ? -1 : keeper->below,
		.events = POLLIN };
	fds[count + 1] =
	    (struct pollfd){ .fd = keeper->above, .events = POLLIN };
	fds[count + 2] = (struct pollfd){ .fd = signals, .events = POLLIN };
	if (ppoll(fds, count + 3, time_left(keeper->deadline, &wait), NULL) <=
	    0)
		return;
	if (fds[count].revents != 0)
		hear_below(keeper);
	if (fds[count + 1].revents != 0)
		hear_above(keeper);
	for (size_t i = 0; i < count; i++) {
		keeper->sources[i].events = fds[i].revents;
		if (fds[i].revents != 0)
			keeper->sources[i].ready(&keeper->sources[i]);
	}
}

/* Reaps; a link says what happens to the command before it ends itself. */
static void
reap(struct keeper *keeper)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != keeper->child)
			continue;
		if (WIFSTOPPED(status)) {
			if (keeper->below < 0)
				note_stop(keeper, WSTOPSIG(status));
			continue;
		}
		hear_below(keeper);
		keeper->child = 0;
		keeper->over = true;
		if (!keeper->told)
			keeper->status = status;
	}
	if (pid < 0 && errno == ECHILD)
		keeper->over = true;
}

/* The terminal's signals reach the whole group: only others are passed on. */
static void
pass_on(const struct keeper *keeper, const siginfo_t *info)
{
	if (info->si_code != SI_KERNEL && keeper->child > 0 && !keeper->over)
		kill(keeper->child, info->si_signo);
}

static void
take_signals(struct keeper *keeper)
{
	static const struct timespec none;
	siginfo_t info;

	while (sigtimedwait(&keeper->signals, &info, &none) > 0)
		if (info.si_signo == SIGCHLD)
			reap(keeper);
		else
			pass_on(keeper, &info);
}

static int
open_signals(struct keeper *keeper)
{
	int signals = signalfd(-1, &keeper->signals, SFD_CLOEXEC);

	if (signals < 0) {
		keeper->err = errno;
		keeper->forsake = true;
	}
	return signals;
}

static void
end_all(struct keeper *keeper)
{
	if (keeper->child > 0)
		kill(keeper->child, SIGKILL);
	keeper->undead = !family_end();
	keeper->child = 0;
}

int
keeper_wait(struct keeper *keeper)
{
	cleanup_close int signals = open_signals(keeper);

	keeper->deadline = keeper->timeout > 0 ? now() + keeper->timeout : 0;
	while (!keeper->over && !keeper->forsake) {
		serve_round(keeper, signals);
		/* In each round: sources may never have nothing to say. */
		if (keeper->deadline > 0 && now() >= keeper->deadline)
			end_late(keeper);
		take_signals(keeper);
	}
	if (keeper->late || keeper->forsake) {
		end_all(keeper);
		return keeper->late ? STATUS_TIMEOUT : STATUS_FAILED;
	}
	if (keeper->told)
		return keeper->status;
	if (WIFSIGNALED(keeper->status)) {
		keeper->signal = WTERMSIG(keeper->status);
		return 128 + keeper->signal;
	}
	return WEXITSTATUS(keeper->status);
}

/* --- After the command's end --- */

pid_t
keeper_command(const struct keeper *keeper)
{
	return keeper->below < 0 ? keeper->child : keeper->command;
}

bool
keeper_has_rest(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0);
	return pid == 0;
}

void
keeper_report(struct keeper *keeper, int status)
{
	pid_t parent;

	tell(keeper, COMMAND_ENDED, status);
	/* It may have stopped with the command, and nobody else knows; or been
	 * stopped by it. */
	if ((keeper->stopped || family_look(keeper->parent, &parent) == 'T') &&
	    getppid() == keeper->parent)
		kill(keeper->parent, SIGCONT);
}

bool
keeper_free_above(const struct keeper *keeper)
{
	struct pollfd look = { .fd = keeper->above };

	/* It closes its end once it has heard. */
	if (poll(&look, 1, PATIENCE_MS) != 0 || getppid() != keeper->parent)
		return false;
	kill(keeper->parent, SIGKILL);
	return true;
}

/* The shell's prompt is there again, and who reads our output waits for it to
 * be closed. */
static void
leave_terminal(struct keeper *keeper)
{
	const int links[] = { keeper->above, keeper->below };
	int kept[KEEPER_SOURCES + ARRAY_SIZE(links)], null;
	size_t count = 0;

	setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	for (size_t i = 0; i < keeper->source_count; i++)
		if (keeper->sources[i].fd > 2)
			kept[count++] = keeper->sources[i].fd;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (links[i] > 2)
			kept[count++] = links[i];
	enforce_close_fds(kept, count, NULL);
}

static void
hurry_rest(struct keeper *keeper)
{
	if (keeper->hurry++ > 0 || !family_signal(SIGTERM))
		keeper->forsake = true;
	family_signal(SIGCONT);
	keeper->deadline = now() + KILL_AFTER;
}

/* What is not our child can be heard of all the same. */
static bool
has_sources(const struct keeper *keeper)
{
	for (size_t i = 0; i < keeper->source_count; i++)
		if (keeper->sources[i].fd >= 0)
			return true;
	return false;
}

void
keeper_stay(struct keeper *keeper, bool follow)
{
	int signals;

	if (!follow) {
		cleanup_close_fd(&keeper->above);
		keeper->above = -1;
	}
	leave_terminal(keeper);
	signals = open_signals(keeper);
	while ((keeper_has_rest() || has_sources(keeper)) && !keeper->forsake) {
		serve_round(keeper, signals);
		if (keeper->deadline > 0 && now() >= keeper->deadline)
			hurry_rest(keeper);
		take_signals(keeper);
	}
	if (keeper->forsake)
		family_end();
	_exit(0);
}
