/* SPDX-License-Identifier: ISC */
/* The command's environment. */
#ifndef RUN_ENVIRONMENT_H
#define RUN_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Ours (or nothing, with CLEAR), and then the CHANGES: "K=V" sets, "K" passes
 * ours on.  Has room for SPARE entries more.  NULL if memory is out; freed by
 * the process's end.
 */
char **environment_make(
    const char *const *changes, size_t change_count, bool clear, size_t spare);

/* Sets one entry, which must have room.  0 or -ENOMEM. */
int environment_set(char **list, const char *name, const char *value);

#endif
