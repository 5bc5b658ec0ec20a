/* SPDX-License-Identifier: ISC */
/* What the function acquires, its scope releases; what it hands out, it takes.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void
cleanup_close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void
cleanup_free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

static inline void
cleanup_close_stream(FILE **stream)
{
	if (*stream != NULL)
		fclose(*stream);
}

#define cleanup_close  __attribute__((cleanup(cleanup_close_fd)))
#define cleanup_free   __attribute__((cleanup(cleanup_free_pointer)))
#define cleanup_fclose __attribute__((cleanup(cleanup_close_stream)))

static inline int
take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define take_pointer(pointer) \
 __extension__({ \
__typeof__(pointer) taken_ = (pointer); \
(pointer) = NULL; \
taken_; \
 })

#endif
