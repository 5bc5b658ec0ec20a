/* SPDX-License-Identifier: ISC */
/* A system call as people write it: openat("/etc/passwd", O_RDONLY). */
#ifndef REPORT_CALL_H
#define REPORT_CALL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "arch/arch.h"
#include "base/strbuf.h"
#include "policy/condition.h"

/* The caller's memory. */
struct call_memory {
	/* The string at ADDRESS, NULL if it cannot be read; valid until the
	 * next call of either function. */
	const char *(*string)(void *context, uint64_t address);
	/* Up to SIZE bytes at ADDRESS: how many, -1: not readable. */
	ssize_t (*bytes)(
	    void *context, uint64_t address, void *buffer, size_t size);
	void *context;
};

/*
 * Writes CALL with the names of its flags.  AT_FDCWD is left out; what the
 * caller wrote (paths) stands in "..." with C escapes, so that it can do
 * nothing to a terminal; a path that cannot be read is its address.
 */
void call_describe(struct strbuf *buf, const struct arch *arch,
    const struct call *call, const struct call_memory *memory);

/* TEXT in "..." with C escapes: printable ASCII whatever it holds. */
void call_quote(struct strbuf *buf, const char *text);

#endif
