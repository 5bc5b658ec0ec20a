/* SPDX-License-Identifier: ISC */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

#include "base/diag.h"

/*
 * Writes a file whole or not at all: beside PATH first, then renamed over it,
 * or over what the symbolic link PATH leads to, whose permissions it takes
 * over; a new file's are what the umask leaves.  What is no regular file (a
 * FIFO), and what is open already (/dev/stdout), is written to.
 *
 * This and all that follows refuses what another user has put in the way where
 * everybody may write (base/place.h): -EACCES.
 */
int file_replace(
    const char *path, const void *data, size_t length, struct diag *diag);

/* 0: nothing is known that would keep file_replace() from writing PATH. */
int file_replaceable(const char *path, struct diag *diag);

/* As file_replace(), but -EEXIST if there is anything at PATH. */
int file_create(
    const char *path, const void *data, size_t length, struct diag *diag);

/*
 * Opens PATH to be written from its beginning, as a stream: the descriptor,
 * close-on-exec; -errno.
 */
int file_open(const char *path, struct diag *diag);

/*
 * The whole of a regular file of at most LIMIT bytes, to be freed; a NUL stands
 * behind it.  -EINVAL for what is no file (a device, a directory, a FIFO),
 * -EFBIG; nothing is waited for.
 */
int file_read(const char *path, size_t limit, char **ret_data,
    size_t *ret_length, struct diag *diag);

/* Writes all of it, or -errno. */
int write_all(int fd, const void *data, size_t length);

#endif
