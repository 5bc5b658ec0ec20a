/* SPDX-License-Identifier: ISC */
/*
 * All that this process has started, and what that has: what loses its parent
 * comes to us, as we are a subreaper (prctl(2)).
 */
#ifndef SUPERVISE_FAMILY_H
#define SUPERVISE_FAMILY_H

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

/* A signal to every descendant.  False: as above. */
bool family_signal(int signal);

/* A signal to CHILD, if PARENT, a child of ours, has such a child. */
void family_signal_child(pid_t parent, pid_t child, int signal);

/* Kills all children but those that SPARE is true for; NULL: all. */
void family_kill_children(
    bool (*spare)(void *context, pid_t pid), void *context);

/*
 * Kills every descendant, and waits for all of them.  False: what is left waits
 * in the kernel, for a device or a file system that does not answer; it has
 * been killed, and ends when that lets go of it.
 */
bool family_end(void);

#endif
