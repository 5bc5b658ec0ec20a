/* SPDX-License-Identifier: ISC */
/*
 * pledge(2) and unveil(2) of OpenBSD for C programs on Linux: see pledge(3) and
 * unveil(3), which number every difference.
 */
#ifndef PLEDGE_H
#define PLEDGE_H

#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Restricts the process, all threads of it, to PROMISES for good; NULL leaves
 * them as they are.  EXECPROMISES: what pledge_execve() and its like leave to
 * the program that they run.
 *
 * Returns 0, or -1 with errno, and nothing or everything was restricted.
 */
int pledge(const char *promises, const char *execpromises);

/*
 * Adds PATH with PERMISSIONS ("rwxc", "" for none) to what will stay visible.
 * unveil(NULL, NULL), or a pledge() without "unveil", hides the rest.
 */
int unveil(const char *path, const char *permissions);

/* Why the last call of this thread failed, in a sentence; "" if it did not. */
const char *pledge_detail(void);

/* What this kernel can enforce. */
struct pledge_kernel {
	int seccomp;      /* promises: 1 or 0 */
	int kill_process; /* a violation ends all threads: 1 or 0 */
	int landlock_abi; /* paths; 0: not at all */
	int all_threads;  /* paths for a process that has threads: 1 or 0 */
};
/*
 * Fills SIZE bytes of *SUPPORT.  Returns how many sentences pledge_gap() has
 * on what would not be enforced.
 */
int pledge_support(struct pledge_kernel *support, size_t size);
/* The INDEXth thing that this kernel cannot enforce; NULL behind the last. */
const char *pledge_gap(int index);

enum pledge_option {
	/* A path with "c" that does not exist grants its directory. */
	PLEDGE_UNVEIL_PARENT = 1,
	/* A path below a wider one keeps what that one grants. */
	PLEDGE_UNVEIL_UNION = 2
};
/* Returns 0, or -1 and EINVAL for an unknown option. */
int pledge_option(int option, int value);

/*
 * As execve(2), execv(3)...: the new program is left with EXECPROMISES.  When
 * that fails, the calling program is what it was before.
 */
int pledge_execve(
    const char *path, char *const argv[], char *const environment[]);
int pledge_execv(const char *path, char *const argv[]);
int pledge_execvp(const char *file, char *const argv[]);
int pledge_execvpe(
    const char *file, char *const argv[], char *const environment[]);
int pledge_execl(const char *path, const char *argument, ...);
int pledge_execlp(const char *file, const char *argument, ...);
int pledge_execle(const char *path, const char *argument, ...);

/*
 * As posix_spawn(3), which is called where there are no execpromises; where
 * there are, ENOTSUP for file actions: fork(2), dup2(2) and pledge_execve() do
 * the same.  The attributes' type is that of <spawn.h>.
 */
int pledge_posix_spawn(pid_t *pid, const char *path, const void *file_actions,
    const void *attributes, char *const argv[], char *const environment[]);
int pledge_posix_spawnp(pid_t *pid, const char *file, const void *file_actions,
    const void *attributes, char *const argv[], char *const environment[]);

#ifdef __cplusplus
}
#endif

#endif
