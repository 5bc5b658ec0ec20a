/* SPDX-License-Identifier: ISC */
/*
 * All that this process has started, and what that has: what loses its parent
 * comes to us, as we are a subreaper (prctl(2)).
 */
#ifndef LAUNCH_FAMILY_H
#define LAUNCH_FAMILY_H

#include <stdbool.h>
#include <sys/types.h>

#define FAMILY_OWN "/proc/thread-self/children" /* this thread's */

/*
 * Shows each process of a list of children (/proc/PID/task/TID/children,
 * proc(5)), as it is read.  False: this kernel keeps none.
 */
typedef void family_seen(void *context, pid_t pid);
bool family_list(const char *path, family_seen *seen, void *context);

/* What PID does, as /proc/PID/stat has it ('R'), and its parent; '\0': it is
 * gone. */
char family_look(pid_t pid, pid_t *ret_parent);

/*
 * Stops every descendant, until none of them runs that could start another.
 * Or not: whoever starts processes faster than they can be found is not caught
 * for good.  False: this kernel keeps no lists of children
 * (CONFIG_PROC_CHILDREN), and nothing was done.
 */
bool family_stop(void);

/* Kills every descendant.  False: as above. */
bool family_kill(void);

#endif
