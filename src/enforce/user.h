/* SPDX-License-Identifier: ISC */
/*
 * What a process keeps of the user that it was, though its IDs are another's:
 * setresuid(2) changes what may be done, not what was given.
 */
#ifndef ENFORCE_USER_H
#define ENFORCE_USER_H

#include "base/diag.h"

/*
 * Before the change, with the rights that it takes: the priorities, by
 * processor, disk and memory, that are above what everybody has, and the limits
 * that would let them be taken again; processors, timers and placement of
 * memory as they are by default.  What is below stays: it was meant to hold.
 */
int enforce_leave_user(struct diag *diag);

/* After it: a session keyring of its own, where the kernel has keys. */
int enforce_own_keys(struct diag *diag);

/* After it: no capabilities, whatever securebits(7) made of the change. */
int enforce_no_caps(struct diag *diag);

#endif
