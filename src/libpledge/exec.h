/* SPDX-License-Identifier: ISC */
/* Running a program under the execpromises. */
#ifndef LIBPLEDGE_EXEC_H
#define LIBPLEDGE_EXEC_H

#include <stdbool.h>
#include <stddef.h>

#include "libpledge/confine.h"

struct exec_request {
	const char *file;
	bool search; /* in PATH, unless there is a slash in it */
	char *const *argv, *const *environment;
	const struct exec_filter *filter; /* NULL: none */
	int err;                          /* why it could not be run */
};

/* The filter of this process, in RET_FILTER; NULL if there is none; or -1. */
int exec_filter_make(
    struct exec_filter *made, const struct exec_filter **ret_filter);

/*
 * Confines the calling thread and executes; comes back only with its err set.
 * For a thread, or a process, that ends then.
 */
int exec_run(void *request_context);

#endif
