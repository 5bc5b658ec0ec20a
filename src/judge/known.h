/* SPDX-License-Identifier: ISC */
/*
 * What who made a policy knew of its program: what it looked for in vain, what
 * it may well do without.  Where such a thing is denied, what the program did
 * next says whether it harmed.
 */
#ifndef JUDGE_KNOWN_H
#define JUDGE_KNOWN_H

#include "report/denial.h"

struct known_line {
	const char *call; /* that no promise allows; NULL: a path */
	char *path;       /* resolved */
	unsigned int permissions;
	bool tree; /* and all beneath it */
};

struct known {
	struct known_line *lines;
	size_t count;
	/* With which the program ended where nothing was refused; 0: not that
	 * it failed. */
	int status;
};

/* Whether all that DENIAL is about is known.  KNOWN NULL: nothing is. */
bool known_has(const struct known *known, const struct denial *denial);

#endif
