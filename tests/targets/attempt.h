/* SPDX-License-Identifier: ISC */
/*
 * Harmless attempts: one row each, so that a test can ask a confined process
 * "could you do this?" and compare with the same process unconfined.
 */
#ifndef TARGETS_ATTEMPT_H
#define TARGETS_ATTEMPT_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct attempt {
	const char *name;
	const char *operands; /* their names, separated by blanks; "": none */
	int (*run)(char **operands); /* 0, or why not: an errno */
};

/* Each ends with a row without a name. */
extern const struct attempt file_attempts[];
extern const struct attempt memory_attempts[];
extern const struct attempt socket_attempts[];
extern const struct attempt process_attempts[];
extern const struct attempt system_attempts[];
extern const struct attempt clock_attempts[];
/* tests/escape's. */
extern const struct attempt escape_calls[];
extern const struct attempt escape_files[];
extern const struct attempt escape_memory[];
extern const struct attempt escape_processes[];
extern const struct attempt escape_ring[];
extern const struct attempt escape_sockets[];
extern const struct attempt escape_terminals[];

/* What a call that returned RESULT has to say for itself. */
static inline int
outcome(long result)
{
	return result == -1 ? errno : 0;
}

/*
 * The same for a call that was made so that it can do no harm: COMPLAINT is
 * what the kernel says of its bad arguments, once nobody refused the call.
 */
static inline int
harmless(long result, int complaint)
{
	if (result == -1 && errno == complaint)
		return 0;
	return outcome(result);
}

/* Closes what the call opened. */
static inline int
outcome_fd(long fd)
{
	if (fd == -1)
		return errno;
	close((int)fd);
	return 0;
}

static inline int
number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

#endif
