/* SPDX-License-Identifier: ISC */
/* An answer's words. */
#ifndef GUIDE_WORDS_H
#define GUIDE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct answer_words {
	char **words; /* COUNT of them, and NULL */
	size_t count;
	char *text; /* their bytes */
};

/*
 * Divides TEXT at blanks, and at COMMAS too if asked for.  "..." holds C
 * escapes, '...' anything, a backslash outside takes the next byte as it is.
 * -EINVAL: quotes are not closed, an escape is unknown.
 */
int answer_split(const char *text, bool commas, struct answer_words *ret_words,
    struct diag *diag);
void answer_free(struct answer_words *words);
#define cleanup_answer __attribute__((cleanup(answer_free)))

/* The only word, to be freed; NULL: there is none.  -EINVAL: there are more. */
int answer_single(const char *text, char **ret_word, struct diag *diag);

/* y, yes, n, no. */
int answer_yes(const char *text, bool *ret_yes, struct diag *diag);

/* A decimal number from LEAST to MOST, or "expected a number from ...". */
struct word_range {
	unsigned long least, most;
};
int answer_number(const char *text, struct word_range range,
    unsigned long *ret_number, struct diag *diag);

#endif
