/* SPDX-License-Identifier: ISC */
/*
 * What the process promised and unveiled: one record for all threads, and the
 * sentence on each thread's last failure.
 *
 * Nothing here allocates: a promise may be made between fork and exec, in a
 * signal handler, or when mmap(2) itself was given up.
 */
#ifndef LIBPLEDGE_RECORD_H
#define LIBPLEDGE_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"
#include "policy/promise.h"

/* Seen from outside; everything else is hidden. */
#define PUBLIC       __attribute__((visibility("default")))

#define ALL_PROMISES ((UINT64_C(1) << PROMISE_COUNT) - 1)

#define UNVEILS      128 /* as many as OpenBSD takes */
#define UNVEIL_BYTES 65536

struct entry {
	const char *path;         /* in record.text */
	unsigned int permissions; /* enum unveil_permission */
	bool parent; /* the directory of a path that was asked for */
};

struct record {
	bool pledged;
	promise_set promises;
	bool exec_pledged;
	promise_set exec_promises;
	bool locked;          /* no unveil() any more */
	bool hidden;          /* Landlock hides what was not unveiled */
	bool only_tmp;        /* Landlock keeps tmppath to /tmp */
	unsigned int options; /* 1 << enum pledge_option */
	size_t count;
	struct entry entries[UNVEILS];
	size_t used;
	char text[UNVEIL_BYTES];
};
extern struct record record;

/* Whether the process may still do what WORD stands for. */
bool record_allows(promise_set words);

/*
 * One thread at a time.  False, with EDEADLK set, for a signal handler that
 * interrupted its own thread's call.  A fork by another thread meanwhile leaves
 * the child's lock open.
 */
bool record_lock(void);
void record_unlock(void);

/* Sets errno and this thread's sentence, of the strings; returns -1. */
#define fail(err, ...) \
 fail_with(err, (const char *const[]){ __VA_ARGS__, NULL })
int fail_with(int err, const char *const *parts);
/* The sentence alone, before or after fail(). */
void forget_detail(void);

#endif
