/* SPDX-License-Identifier: ISC */
/*
 * The words of a command line: one reader for the options of every verb, whose
 * tables differ in what they do with an option, not in how it is written.
 */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

/* How an option is written. */
struct option_form {
	char letter;          /* 0: none */
	const char *name;     /* behind "--"; NULL: none */
	const char *argument; /* what to call its argument; NULL: none */
};

/* Two options, by their names: one excludes the other, or needs it. */
struct option_rule {
	const char *option, *other;
	bool needs;
	const char *text; /* what is said if it is broken */
};

struct option_table {
	const char *verb; /* leads what is said; NULL: nothing does */
	size_t count;
	struct option_form (*form)(
	    const struct option_table *table, size_t index);
	/* Takes that option; ARGUMENT is NULL if it has none. */
	int (*take)(const struct option_table *table, size_t index,
	    const char *argument, struct diag *diag);
	const void *rows; /* theirs */
	void *context;
	const struct option_rule *rules;
	size_t rule_count;
	/* No command follows, whose options would be its own: ours may stand
	 * behind other words. */
	bool anywhere;
};

/* As many as a table may have. */
#define OPTIONS_MOST 64

/*
 * Reads "-kq", "-pWORD", "-p WORD", "--name", "--name=WORD", "--name WORD" in
 * argv[1] and behind it, up to a word that is no option, or past "--".
 * *RET_REST is the index of what is left; ANYWHERE moves that together in ARGV,
 * which NULL ends.  -EINVAL and a sentence, or what take() returns.
 */
int option_table_parse(const struct option_table *table, char **argv,
    int *ret_rest, struct diag *diag);

#endif
