/* SPDX-License-Identifier: ISC */
/* Paths as words: no file is asked for. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>

/*
 * Is PATH the directory DIRECTORY, or in it?  Both are absolute, or begin with
 * the same symbol, and hold no "." nor ".."; all is in the root.
 */
bool path_within(const char *path, const char *directory);

#endif
