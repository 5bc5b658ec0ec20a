/* SPDX-License-Identifier: ISC */
#include "cli/verb_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

#define LEFT 19 /* columns of --help that an option and its argument take */

/* One word of the command line, taken apart. */
struct word {
	const struct verb_option *row; /* NULL: unknown */
	const char *argument;          /* what of it is in the word, or NULL */
};

static int
refuse(const struct verb_options *options, const char *word, struct diag *diag)
{
	char name[64];
	struct suggest suggest = { .wanted = name };

	snprintf(name, sizeof(name), "%.*s",
	    (int)strcspn(word + strspn(word, "-"), "="),
	    word + strspn(word, "-"));
	for (size_t i = 0; i < options->count; i++)
		suggest_consider(&suggest, options->rows[i].name);
	return diag_set(diag, EINVAL, "%s: unknown option %s%s", options->verb,
	    word, suggest_text(&suggest));
}

static struct word
find_option(const struct verb_options *options, const char *text)
{
	const char *name = text + 2;
	size_t length = strcspn(name, "=");

	for (size_t i = 0; i < options->count; i++) {
		const struct verb_option *row = &options->rows[i];

		if (text[1] != '-' && text[1] == row->letter)
			return (struct word){ row,
				text[2] != '\0' ? text + 2 : NULL };
		if (text[1] == '-' && strncmp(row->name, name, length) == 0 &&
		    row->name[length] == '\0')
			return (struct word){ row, name[length] == '='
				                       ? name + length + 1
				                       : NULL };
	}
	return (struct word){ NULL, NULL };
}

static int
parse_option(
    const struct verb_options *options, char **argv, int *at, struct diag *diag)
{
	const char *text = argv[*at];
	struct word word = find_option(options, text);

	if (word.row == NULL ||
	    (word.row->argument == NULL && word.argument != NULL))
		return refuse(options, text, diag);
	if (word.row->argument != NULL && word.argument == NULL) {
		word.argument = argv[*at + 1];
		if (word.argument == NULL)
			return diag_set(diag, EINVAL,
			    "%s: %s needs an argument: %s", options->verb, text,
			    word.row->argument);
		(*at)++;
	}
	if (word.row->flag != NULL)
		*word.row->flag = true;
	if (word.row->word != NULL)
		*word.row->word = word.argument;
	return word.row->set != NULL ? word.row->set(word.argument, diag) : 0;
}

int
verb_options_parse(const struct verb_options *options, int argc, char **argv,
    int *ret_rest, struct diag *diag)
{
	int at, r;

	for (at = 1; at < argc && argv[at][0] == '-' && argv[at][1] != '\0';
	     at++) {
		if (strcmp(argv[at], "--") == 0) {
			at++;
			break;
		}
		r = parse_option(options, argv, &at, diag);
		if (r < 0)
			return r;
	}
	*ret_rest = at;
	return 0;
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
