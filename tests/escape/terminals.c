/* SPDX-License-Identifier: ISC */
/* Attempts on terminals: a session's own one, and the other end of a pair. */
#include "targets/attempt.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct pair {
	int master, terminal;
};

/* By the request that opens the other end without its name (tty_ioctl(4)). */
static int
open_pair(struct pair *ret_pair)
{
	int locked = 0;

	*ret_pair = (struct pair){ -1, -1 };
	ret_pair->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ret_pair->master == -1 ||
	    ioctl(ret_pair->master, TIOCSPTLCK, &locked) == -1)
		return errno;
	ret_pair->terminal =
	    ioctl(ret_pair->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return outcome(ret_pair->terminal);
}

static int
make_pair(char **none)
{
	struct pair pair;

	(void)none;
	return open_pair(&pair);
}

static int
own(const struct pair *pair, unsigned long how)
{
	if (setsid() == -1)
		return errno;
	return outcome(syscall(SYS_ioctl, pair->terminal, TIOCSCTTY, how));
}

static int
status_of(pid_t child)
{
	int status;

	if (child == -1 || waitpid(child, &status, 0) != child)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 250;
}

/* Another session, while the one that owns the terminal is there. */
static int
take(const struct pair *pair, unsigned long how)
{
	pid_t child = fork();

	if (child == 0)
		_exit(own(pair, how));
	return status_of(child);
}

/* A terminal of nobody's, by a session of its own. */
static int
own_terminal(char **none)
{
	struct pair pair;
	int error = open_pair(&pair);
	pid_t child;

	(void)none;
	if (error != 0)
		return error;
	child = fork();
	if (child == 0)
		_exit(own(&pair, 0));
	return status_of(child);
}

/* Another session's terminal, by TIOCSCTTY with HOW. */
static int
take_terminal(char **how)
{
	struct pair pair;
	int error = open_pair(&pair);
	pid_t child;

	if (error != 0)
		return error;
	child = fork();
	if (child == 0) {
		error = own(&pair, 0);
		_exit(error != 0 ? error : take(&pair, strtoul(*how, NULL, 0)));
	}
	return status_of(child);
}

/* In the background, after its parent's end: takes the foreground. */
static void
take_foreground(int terminal, int answer)
{
	int error;

	signal(SIGTTOU, SIG_IGN);
	error = outcome(tcsetpgrp(terminal, getpgrp()));
	if (write(answer, &error, sizeof(error)) < 0)
		_exit(1);
	_exit(0);
}

/* A command with the terminal, that leaves a process behind and ends; then its
 * shell, here, has the terminal again. */
static int
leave_behind(const struct pair *pair)
{
	int error, go[2], answer[2];
	char byte;
	pid_t child;

	error = own(pair, 0);
	if (error != 0 || pipe(go) == -1 || pipe(answer) == -1)
		return error != 0 ? error : errno;
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		if (fork() != 0)
			_exit(0);
		close(go[1]);
		if (read(go[0], &byte, 1) < 0)
			_exit(1);
		take_foreground(pair->terminal, answer[1]);
	}
	if (status_of(child) != 0)
		return ECHILD;
	if (tcsetpgrp(pair->terminal, getpgrp()) == -1)
		return errno;
	close(go[1]);
	close(answer[1]);
	return read(answer[0], &error, sizeof(error)) == sizeof(error) ? error
	                                                               : EIO;
}

static int
leftover_terminal(char **none)
{
	struct pair pair;
	int error = open_pair(&pair);
	pid_t child;

	(void)none;
	if (error != 0)
		return error;
	child = fork();
	if (child == 0)
		_exit(leave_behind(&pair));
	return status_of(child);
}

/* clang-format off */
const struct attempt escape_terminals[] = {
	{ "leftover-terminal", "", leftover_terminal },
	{ "pty-pair", "", make_pair },
	{ "own-terminal", "", own_terminal },
	{ "take-terminal", "HOW", take_terminal },
	{ 0 },
};
