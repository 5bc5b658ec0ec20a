/* SPDX-License-Identifier: ISC */
/* "let DATA /data/x": @DATA in what follows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "policy/line.h"

static size_t
name_length(const char *text)
{
	size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return *text >= 'A' && *text <= 'Z' ? length : 0;
}

/* Names that mean something of themselves. */
static bool
is_taken(const char *name)
{
	char symbol[64];

	snprintf(symbol, sizeof(symbol), "@%s", name);
	return symbol_leads(symbol) || strcmp(name, "HERE") == 0 ||
	       strcmp(name, "UID") == 0 || strcmp(name, "ARG") == 0 ||
	       strncmp(name, "XDG_", 4) == 0;
}

static const char *
find_value(const struct reading *reading, const char *name, size_t length)
{
	for (size_t i = 0; i < reading->variable_count; i++)
		if (strncmp(reading->variables[i].name, name, length) == 0 &&
		    reading->variables[i].name[length] == '\0')
			return reading->variables[i].value;
	return NULL;
}

static int
add_variable(struct reading *reading, const char *name, const char *value,
    struct diag *diag)
{
	const char *known = find_value(reading, name, strlen(name));
	size_t at = reading->variable_count;

	if (known != NULL && strcmp(known, value) == 0)
		return 0;
	if (known != NULL)
		return diag_set(diag, EINVAL, "%s is %s already", name, known);
	if (at == VARIABLES)
		return diag_set(
		    diag, E2BIG, "more than %d variables", VARIABLES);
	reading->variables[at].name = arena_copy(&reading->arena, name);
	reading->variables[at].value = arena_copy(&reading->arena, value);
	if (reading->variables[at].name == NULL ||
	    reading->variables[at].value == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	reading->variable_count++;
	return 0;
}

int
parse_let(struct policy *policy, const struct line *line, struct diag *diag)
{
	const char *name = line->words[1].text, *value = line->words[2].text;
	size_t length = name_length(name);

	(void)policy;
	if (length == 0 || name[length] != '\0' || length > 40) {
		diag_set(diag, EINVAL,
		    "\"%s\" is no variable's name; write capital letters, "
		    "digits and _",
		    name);
		return line_error(line, line->words[1].column, diag);
	}
	if (is_taken(name)) {
		diag_set(diag, EINVAL, "@%s has a meaning already", name);
		return line_error(line, line->words[1].column, diag);
	}
	if ((*value != '/' && !symbol_leads(value)) || path_is_pattern(value)) {
		diag_set(diag, EINVAL,
		    "\"%s\": a variable is one path, absolute or begun with "
		    "another variable, @CWD, @HOME, @TMP, @ARGn or @XDG_...",
		    value);
		return line_error(line, line->words[2].column, diag);
	}
	if (add_variable(line->reading, name, value, diag) < 0)
		return line_error(line, line->words[1].column, diag);
	return 0;
}

/* "@DATA/x" or "-@DATA/x"; others are left alone. */
static int
expand_word(const struct line *line, struct word *word, struct diag *diag)
{
	const char *at = word->text + (*word->text == '-');
	cleanup_free char *expanded = NULL;
	const char *value;
	size_t length;

	if (*at != '@')
		return 0;
	length = name_length(at + 1);
	if (length == 0 || (at[1 + length] != '\0' && at[1 + length] != '/'))
		return 0;
	value = find_value(line->reading, at + 1, length);
	if (value == NULL)
		return 0;
	if (asprintf(&expanded, "%.*s%s%s", (int)(at - word->text), word->text,
	        value, at + 1 + length) < 0) {
		expanded = NULL;
		return diag_set(diag, ENOMEM, "out of memory");
	}
	word->text = arena_copy(&line->reading->arena, expanded);
	return word->text != NULL ? 0 : diag_set(diag, ENOMEM, "out of memory");
}

int
line_expand(struct line *line, struct diag *diag)
{
	int r = 0;

	for (size_t i = 1; i < line->count && r == 0; i++)
		r = expand_word(line, &line->words[i], diag);
	return r;
}
