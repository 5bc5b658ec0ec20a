/* SPDX-License-Identifier: ISC */
/*
 * What can be done on this machine, by this user: the one place that tests
 * ask before they call it a fault that something does not work. Python asks
 * the program, tests/cli/harness.py's lacks().
 *
 * TEST_WITHOUT in the environment names, separated by blanks, what is to be
 * taken for impossible, to see how the tests do on another machine.
 */
#ifndef TARGETS_HERE_H
#define TARGETS_HERE_H

#include <stddef.h>

struct here {
	const char *name;
	const char *text; /* what it is */
	int (*attempt)(void);
};

/* In the order of their names; ends with a row without a name. */
extern const struct here here_rows[];

/* Why this cannot be done here, in REASON; NULL if it can. Each call tries,
 * in a process of its own. A NAME that is no row's ends the program. */
const char *here_lacks(const char *name, char *reason, size_t size);

/* A word of TEST_WITHOUT that is no row's name, or NULL. */
const char *here_unknown(void);

#endif
