/* SPDX-License-Identifier: ISC */
#include "base/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 63

static size_t
smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Whoever types STDIO means stdio. */
static bool
alike(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Damerau's distance, neighbours swapped counting once, three rows at a time.
 */
static size_t
edit_distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2], *spare;
	size_t columns = strlen(b);

	if (strlen(a) > LONGEST || columns > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= columns; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		row[0] = i;
		for (size_t j = 1; j <= columns; j++) {
			row[j] = smallest(above[j] + 1, row[j - 1] + 1,
			    above[j - 1] + !alike(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && alike(a[i - 1], b[j - 2]) &&
			    alike(a[i - 2], b[j - 1]) &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[columns];
}

void
suggest_consider(struct suggest *suggest, const char *candidate)
{
	size_t length = strlen(suggest->wanted);
	size_t distance = edit_distance(suggest->wanted, candidate);

	/* "time" is short for "timeout", and no slip of "nice". */
	if (length >= 3 && strncmp(suggest->wanted, candidate, length) == 0)
		distance = 1;

	if (suggest->best == NULL || distance < suggest->distance) {
		suggest->best = candidate;
		suggest->distance = distance;
	}
}

const char *
suggest_text(struct suggest *suggest)
{
	size_t longest = strlen(suggest->wanted);

	if (suggest->best == NULL)
		return "";
	if (strlen(suggest->best) > longest)
		longest = strlen(suggest->best);
	if (suggest->distance * 3 > longest + 2)
		return "";
	snprintf(suggest->text, sizeof(suggest->text), "; did you mean \"%s\"?",
	    suggest->best);
	return suggest->text;
}
