/* SPDX-License-Identifier: ISC */
/*
 * All that this process has started, and what that has: what loses its parent
 * comes to us, as we are a subreaper (prctl(2)).
 */
#ifndef LAUNCH_FAMILY_H
#define LAUNCH_FAMILY_H

#include <stdbool.h>
#include <sys/types.h>

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
