/* SPDX-License-Identifier: ISC */
#ifndef ENFORCE_CAPS_H
#define ENFORCE_CAPS_H

#include <stdint.h>

#include "base/diag.h"

/*
 * Gives up every capability of the calling thread that is not in KEEP (bits
 * 1 << CAP_*), for good and for what it will execute; what is kept, survives
 * exec.  Nothing is gained: KEEP may name more than there is.
 *
 * Without CAP_SETPCAP the bounding set stays, so that only no_new_privs keeps
 * an exec from gaining: -EPERM unless that was set before.
 */
int enforce_caps(uint64_t keep, struct diag *diag);

#endif
