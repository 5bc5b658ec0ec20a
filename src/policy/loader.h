/* SPDX-License-Identifier: ISC */
/* What a dynamically linked program cannot start without. */
#ifndef POLICY_LOADER_H
#define POLICY_LOADER_H

#include <stddef.h>

/* Where loaders look, and what they read: ld.so(8), musl's ldso. */
extern const char *const loader_libraries[];
extern const size_t loader_library_count;

/* The loaders themselves, on this architecture. */
extern const char *const loaders[];
extern const size_t loader_count;

#endif
