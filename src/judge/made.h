/* SPDX-License-Identifier: ISC */
/*
 * What a run makes: names that the next run may not find, so that nothing is
 * suggested for them, but for where they were made.
 */
#ifndef JUDGE_MADE_H
#define JUDGE_MADE_H

#include <stddef.h>
#include <stdint.h>

/* So many names that a command made are known again. */
#define MADE_NAMES 8192

struct made {
	uint64_t names[MADE_NAMES]; /* hashes of paths; 0: free */
	size_t count;
};

/* NAME is made in DIRECTORY; "": nothing is. */
void made_add(struct made *made, const char *directory, const char *name);

/* Cuts PATH to where the command made nothing of it. */
void made_cut(const struct made *made, char *path);

#endif
