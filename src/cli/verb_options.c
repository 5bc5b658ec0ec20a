/* SPDX-License-Identifier: ISC */
#include "cli/verb_options.h"

#include <stdio.h>
#include <string.h>

#define LEFT 19 /* columns of --help that an option and its argument take */

static struct option_form
form_of(const struct option_table *table, size_t index)
{
	const struct verb_option *rows = table->rows;

	return (struct option_form){ rows[index].letter, rows[index].name,
		rows[index].argument };
}

static int
take(const struct option_table *table, size_t index, const char *argument,
    struct diag *diag)
{
	const struct verb_option *rows = table->rows, *row = &rows[index];

	if (row->flag != NULL)
		*row->flag = true;
	if (row->word != NULL)
		*row->word = argument;
	return row->set != NULL ? row->set(argument, diag) : 0;
}

int
verb_options_parse(const struct verb_options *options, char **argv,
    int *ret_rest, struct diag *diag)
{
	const struct option_table table = { .verb = options->verb,
		.count = options->count,
		.form = form_of,
		.take = take,
		.rows = options->rows,
		.rules = options->rules,
		.rule_count = options->rule_count,
		.anywhere = options->anywhere };

	return option_table_parse(&table, argv, ret_rest, diag);
}

void
verb_options_help(const struct verb_options *options, struct strbuf *buf)
{
	char left[40];

	for (size_t i = 0; i < options->count; i++) {
		const struct verb_option *row = &options->rows[i];

		snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
		    row->letter != 0 ? '-' : ' ',
		    row->letter != 0 ? row->letter : ' ',
		    row->letter != 0 ? ", " : "  ", row->name,
		    row->argument != NULL ? " " : "",
		    row->argument != NULL ? row->argument : "");
		if (strlen(left) > LEFT)
			strbuf_printf(buf, "  %s\n%*s%s\n", left, LEFT + 3, "",
			    row->text);
		else
			strbuf_printf(
			    buf, "  %-*s %s\n", LEFT, left, row->text);
	}
}
