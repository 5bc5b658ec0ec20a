/* SPDX-License-Identifier: ISC */
/*
 * A thread that lives for one act while its maker waits: what it is put under
 * (no_new_privs, Landlock, a filter) ends with it, unless the act succeeds and
 * puts the others under it, too.  So what fails leaves no trace.
 */
#ifndef LIBPLEDGE_HELPER_H
#define LIBPLEDGE_HELPER_H

#include <stdbool.h>

/*
 * Runs ACT(CONTEXT) in such a thread, whose stack of HELPER_STACK bytes ends
 * there; in the calling one if none can be made.  The act must not return
 * before its work is done, and holds for raw system calls alone: it shares the
 * caller's errno.
 */
#define HELPER_STACK 16384
void helper_run(int (*act)(void *), void *context, char *stack_end);

/* Whether the process has other threads; true if that cannot be told. */
bool helper_threads_exist(void);

#endif
