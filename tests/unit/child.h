/* SPDX-License-Identifier: ISC */
/* Acts that cannot be taken back are done by a child. */
#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Seconds: what is not done by then hangs. */
#define HANG 3000

/* What ACT returns (0..125) or exec'd; 128+n: ended by signal n; -1: no. */
__attribute__((unused)) static int
in_child(int (*act)(void *), void *context)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == -1)
		return -1;
	if (pid == 0)
		_exit(act(context));
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
