/* SPDX-License-Identifier: ISC */
/* Another process's memory, read as far as it can be. */
#ifndef EVENT_MEMORY_H
#define EVENT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/strbuf.h"

/* How many of LENGTH bytes at ADDRESS could be read, from the first on. */
size_t memory_read(pid_t pid, uint64_t address, void *buffer, size_t length);

/*
 * Adds the string at ADDRESS, at most LIMIT bytes of it; *RET_CUT: it is
 * longer, or ends in memory that cannot be read.  False if no byte of it can.
 */
bool memory_string(pid_t pid, uint64_t address, size_t limit,
    struct strbuf *buf, bool *ret_cut);

#endif
