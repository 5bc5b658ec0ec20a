/* SPDX-License-Identifier: ISC */
#include "supervise/installed.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"

#ifndef PTRACE_SECCOMP_GET_FILTER
# define PTRACE_SECCOMP_GET_FILTER 0x420c /* linux/ptrace.h */
#endif

/* It stops at once, unless the kernel is waiting for a device on its behalf. */
#define PATIENCE_MS 2000

static int
wait_stopped(pid_t pid, struct diag *diag)
{
	const struct timespec step = { .tv_nsec = 1000000 };
	int status;

	for (int i = 0; i < PATIENCE_MS; i++) {
		pid_t found = waitpid(pid, &status, __WALL | WNOHANG);

		if (found == pid && WIFSTOPPED(status))
			return 0;
		if (found != 0)
			return diag_set(diag, ESRCH,
			    "process %d ended meanwhile", (int)pid);
		nanosleep(&step, NULL);
	}
	return diag_set(
	    diag, ETIMEDOUT, "process %d cannot be stopped", (int)pid);
}

static int
stop(pid_t pid, struct diag *diag)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 &&
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == 0)
		return wait_stopped(pid, diag);
	if (errno == ESRCH)
		return diag_set(
		    diag, ESRCH, "there is no process %d", (int)pid);
	if (errno == EPERM)
		return diag_set(diag, EPERM,
		    "process %d is not to be looked into: it is another "
		    "user's, or traced already, or a kernel's own, or ptrace "
		    "is restricted here",
		    (int)pid);
	return diag_errno(diag, "process %d", (int)pid);
}

/* Returns how many instructions, 0: there are no more filters, -errno. */
static int
get_filter(pid_t pid, uintptr_t index, struct sock_filter *code)
{
	/* A number, where ptrace(2) is declared to take a pointer. */
	int length = (int)ptrace(
	    PTRACE_SECCOMP_GET_FILTER, pid, (void *)index, code); /* NOLINT */

	if (length >= 0)
		return length;
	/* EINVAL: no filter at all. */
	return errno == ENOENT || errno == EINVAL ? 0 : -errno;
}

static int
read_one(pid_t pid, size_t index, struct program *program, struct diag *diag)
{
	int length = get_filter(pid, index, NULL);

	if (length > BPF_MAXINSNS)
		length = -EMSGSIZE;
	if (length > 0)
		length = get_filter(pid, index, program->code);
	program->length = (unsigned short)(length > 0 ? length : 0);
	if (length >= 0)
		return length > 0;
	if (length == -EACCES)
		return diag_set(diag, EACCES,
		    "the kernel shows filters to CAP_SYS_ADMIN alone, and to "
		    "nobody who runs under one");
	if (length == -EIO)
		return diag_set(diag, ENOTSUP,
		    "this kernel shows no filters (CONFIG_CHECKPOINT_RESTORE)");
	return diag_set(diag, -length, "filter %zu of process %d: %s",
	    index + 1, (int)pid, strerror(-length));
}

int
installed_read(pid_t pid, struct program **ret_programs, size_t *ret_count,
    struct diag *diag)
{
	cleanup_free struct program *programs = NULL;
	size_t count = 0;
	int r = stop(pid, diag);

	if (r < 0)
		return r;
	do {
		struct program *more =
		    reallocarray(programs, count + 1, sizeof(*programs));

		if (more == NULL) {
			r = diag_set(diag, ENOMEM, "out of memory");
			break;
		}
		programs = more;
		r = read_one(pid, count, &programs[count], diag);
		count += r > 0;
	} while (r > 0);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	if (r < 0)
		return r;
	*ret_programs = take_pointer(programs);
	*ret_count = count;
	return 0;
}
