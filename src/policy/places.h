/* SPDX-License-Identifier: ISC */
/* Directories that hold more than any program needs. */
#ifndef POLICY_PLACES_H
#define POLICY_PLACES_H

#include <stdbool.h>

/* Whether nobody means all of PATH; HOME may be NULL. */
bool place_is_wide(const char *home, const char *path);

/* Whether PATH is, holds, or is within a place of keys to everything else. */
bool place_is_secret(const char *home, const char *path);

#endif
