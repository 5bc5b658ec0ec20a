/* SPDX-License-Identifier: ISC */
/* The options of a verb that has its own: a table of them. */
#ifndef CLI_VERB_OPTIONS_H
#define CLI_VERB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "cli/parse.h"

struct verb_option {
	char letter;                 /* 0: none */
	const char *name, *argument; /* NULL: it takes none */
	const char *text; /* a line behind "\n" is indented by the writer */
	/* What it does: each of these that is not NULL. */
	bool *flag;
	const char **word;
	int (*set)(const char *argument, struct diag *diag);
};

struct verb_options {
	const char *verb;
	const struct verb_option *rows;
	size_t count;
	const struct option_rule *rules;
	size_t rule_count;
	bool anywhere; /* no command follows: as in parse.h */
};

/* As option_table_parse() does. */
int verb_options_parse(const struct verb_options *options, char **argv,
    int *ret_rest, struct diag *diag);

/* A line for each, as --help has them. */
void verb_options_help(const struct verb_options *options, struct strbuf *buf);

#endif
