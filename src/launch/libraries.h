/* SPDX-License-Identifier: ISC */
/*
 * The libraries that a program's own directories (DT_RUNPATH) hold for it.
 *
 * The program is not to be trusted, and its DT_RUNPATH may name any directory:
 * so what it can read there is what a loader would load, a file that is a
 * shared library and that it, or one of those libraries, needs by name.
 */
#ifndef LAUNCH_LIBRARIES_H
#define LAUNCH_LIBRARIES_H

#include "launch/elf.h"
#include "launch/target.h"

/* Adds those of IMAGE, which has WISHES, to TARGET.  0 or -ENOMEM. */
int libraries_find(struct target *target, const struct image *image,
    const struct elf_wishes *wishes, struct diag *diag);

#endif
