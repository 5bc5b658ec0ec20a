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

/*
 * PATH, of PATH_MAX bytes, lies in the directory of process PID below /proc:
 * it is named /proc/self instead.  False: it does not.
 */
bool path_name_self(char *path, int pid);

#endif
