/* SPDX-License-Identifier: ISC */
#include "cli/parse.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

struct reader {
	const struct option_table *table;
	char **argv;
	int at;
	uint64_t given; /* a bit for each row */
	struct diag *diag;
};

/* "learn: ", before what is said. */
static int
lead(const struct reader *reader)
{
	if (reader->table->verb != NULL)
		diag_prefix(reader->diag, "%s", reader->table->verb);
	return -EINVAL;
}

static int
refuse_unknown(const struct reader *reader, const char *written)
{
	char name[64];
	struct suggest suggest = { .wanted = name };
	const char *word = written + strspn(written, "-");

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	for (size_t i = 0; i < reader->table->count; i++) {
		struct option_form form = reader->table->form(reader->table, i);

		if (form.name != NULL && name[1] != '\0')
			suggest_consider(&suggest, form.name);
	}
	diag_set(reader->diag, EINVAL, "unknown option %.*s%s",
	    (int)strcspn(written, "="), written, suggest_text(&suggest));
	return lead(reader);
}

/* Takes row INDEX, with what of its argument is in the word itself. */
static int
take(struct reader *reader, size_t index, const char *written,
    const char *argument)
{
	const struct option_table *table = reader->table;
	struct option_form form = table->form(table, index);

	if (form.argument != NULL && argument == NULL) {
		argument = reader->argv[reader->at + 1];
		/* What ends the options is no argument that was meant. */
		if (argument == NULL || strcmp(argument, "--") == 0) {
			diag_set(reader->diag, EINVAL,
			    "%s needs an argument: %s", written, form.argument);
			return lead(reader);
		}
		reader->at++;
	}
	reader->given |= UINT64_C(1) << index;
	return table->take(table, index, argument, reader->diag);
}

static int
read_name(struct reader *reader)
{
	const char *word = reader->argv[reader->at], *name = word + 2;
	size_t length = strcspn(name, "=");

	for (size_t i = 0; i < reader->table->count; i++) {
		struct option_form form = reader->table->form(reader->table, i);

		if (form.name == NULL ||
		    strncmp(form.name, name, length) != 0 ||
		    form.name[length] != '\0')
			continue;
		if (name[length] == '\0')
			return take(reader, i, word, NULL);
		if (form.argument != NULL)
			return take(reader, i, word, name + length + 1);
		diag_set(
		    reader->diag, EINVAL, "--%s takes no argument", form.name);
		return lead(reader);
	}
	return refuse_unknown(reader, word);
}

/* "-kq": each but the last has no argument; "-pWORD". */
static int
read_letters(struct reader *reader)
{
	const char *letter = reader->argv[reader->at] + 1;
	const struct option_table *table = reader->table;
	char written[] = "-x";
	int r = 0;

	for (; *letter != '\0' && r == 0; letter++) {
		struct option_form form = { 0 };
		size_t i;

		for (i = 0; i < table->count; i++) {
			form = table->form(table, i);
			if (form.letter == *letter)
				break;
		}
		written[1] = *letter;
		if (i == table->count)
			return refuse_unknown(reader, written);
		if (form.argument != NULL)
			return take(reader, i, written,
			    letter[1] != '\0' ? letter + 1 : NULL);
		r = take(reader, i, written, NULL);
	}
	return r;
}

static bool
is_given(const struct reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->table->count; i++) {
		struct option_form form = reader->table->form(reader->table, i);

		if (form.name != NULL && strcmp(form.name, name) == 0)
			return (reader->given >> i & 1) != 0;
	}
	return false;
}

static int
check_rules(const struct reader *reader)
{
	/* Who asks for help need not know them. */
	if (is_given(reader, "help"))
		return 0;
	for (size_t i = 0; i < reader->table->rule_count; i++) {
		const struct option_rule *rule = &reader->table->rules[i];

		if (!is_given(reader, rule->option) ||
		    is_given(reader, rule->other) == rule->needs)
			continue;
		diag_set(reader->diag, EINVAL, "%s", rule->text);
		return lead(reader);
	}
	return 0;
}

int
option_table_parse(const struct option_table *table, char **argv, int *ret_rest,
    struct diag *diag)
{
	struct reader reader = { table, argv, 1, 0, diag };
	int words = 1, r = 0;

	for (; argv[reader.at] != NULL && r == 0; reader.at++) {
		char *word = argv[reader.at];

		if (strcmp(word, "--") == 0) {
			reader.at++;
			break;
		}
		if (word[0] == '-' && word[1] != '\0')
			r = word[1] == '-' ? read_name(&reader)
			                   : read_letters(&reader);
		else if (table->anywhere)
			argv[words++] = word;
		else
			break;
	}
	if (r < 0)
		return r;
	*ret_rest = reader.at;
	if (table->anywhere) {
		while (argv[reader.at] != NULL)
			argv[words++] = argv[reader.at++];
		argv[words] = NULL;
		*ret_rest = 1;
	}
	return check_rules(&reader);
}
