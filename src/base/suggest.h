/* SPDX-License-Identifier: ISC */
/* "Did you mean": the nearest of a list of words. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

/*
 * Holds the nearest word seen so far.  Start with { .wanted = word }, show it
 * every candidate, then ask: suggest_text() gives "; did you mean \"rpath\"?",
 * or "" if nothing is near (more than a third of the letters differ).
 */
struct suggest {
	const char *wanted;
	const char *best;
	size_t distance;
	char text[128];
};

void suggest_consider(struct suggest *suggest, const char *candidate);
const char *suggest_text(struct suggest *suggest);

#endif
