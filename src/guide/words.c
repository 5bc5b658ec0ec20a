/* SPDX-License-Identifier: ISC */
#include "guide/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/strbuf.h"

/* One quoted part, from behind its quote; what follows it, or NULL. */
static const char *
add_quoted(const char *text, char quote, struct strbuf *word, struct diag *diag)
{
	int byte;

	while (*text != quote) {
		if (*text == '\0') {
			diag_set(
			    diag, EINVAL, "the quote %c is not closed", quote);
			return NULL;
		}
		byte = (unsigned char)*text++;
		if (quote == '"' && byte == '\\')
			byte = unquote_escape(&text);
		if (byte <= 0 || byte > 255) {
			diag_set(diag, EINVAL,
			    "unknown escape within \"...\"; write \\n \\t "
			    "\\\" \\\\ \\ooo (octal, not \\000) or \\xhh");
			return NULL;
		}
		strbuf_putc(word, (char)byte);
	}
	return text + 1;
}

static bool
is_separator(char c, bool commas)
{
	return c == ' ' || c == '\t' || (commas && c == ',');
}

/* One word, its NUL too; what follows it, or NULL. */
static const char *
add_word(const char *text, bool commas, struct strbuf *buf, struct diag *diag)
{
	while (text != NULL && *text != '\0' && !is_separator(*text, commas)) {
		if (*text == '"' || *text == '\'') {
			text = add_quoted(text + 1, *text, buf, diag);
			continue;
		}
		if (*text == '\\' && text[1] != '\0')
			text++;
		strbuf_putc(buf, *text++);
	}
	strbuf_putc(buf, '\0');
	return text;
}

int
answer_split(const char *text, bool commas, struct answer_words *ret_words,
    struct diag *diag)
{
	struct answer_words words = { 0 };
	cleanup_strbuf struct strbuf buf = { 0 };
	cleanup_free size_t *starts = calloc(strlen(text) + 1, sizeof(*starts));

	while (starts != NULL) {
		while (is_separator(*text, commas))
			text++;
		if (*text == '\0')
			break;
		starts[words.count++] = buf.length;
		text = add_word(text, commas, &buf, diag);
		if (text == NULL)
			return -EINVAL;
	}
	words.words = calloc(words.count + 1, sizeof(*words.words));
	if (starts == NULL || words.words == NULL || buf.failed) {
		free(words.words);
		return diag_set(diag, ENOMEM, "out of memory");
	}
	words.text = strbuf_take(&buf);
	for (size_t i = 0; i < words.count; i++)
		words.words[i] = words.text + starts[i];
	*ret_words = words;
	return 0;
}

void
answer_free(struct answer_words *words)
{
	free(words->words);
	free(words->text);
	*words = (struct answer_words){ 0 };
}

int
answer_single(const char *text, char **ret_word, struct diag *diag)
{
	cleanup_answer struct answer_words words = { 0 };
	int r = answer_split(text, false, &words, diag);

	*ret_word = NULL;
	if (r < 0 || words.count == 0)
		return r;
	if (words.count > 1)
		return diag_set(diag, EINVAL,
		    "expected one word; one with blanks goes in \"...\"");
	*ret_word = strdup(words.words[0]);
	return *ret_word != NULL ? 0 : diag_set(diag, ENOMEM, "out of memory");
}

int
answer_yes(const char *text, bool *ret_yes, struct diag *diag)
{
	*ret_yes = strcasecmp(text, "y") == 0 || strcasecmp(text, "yes") == 0;
	if (*ret_yes || strcasecmp(text, "n") == 0 ||
	    strcasecmp(text, "no") == 0)
		return 0;
	return diag_set(diag, EINVAL, "answer y (yes) or n (no)");
}

int
answer_number(const char *text, struct word_range range,
    unsigned long *ret_number, struct diag *diag)
{
	char *end;

	errno = 0;
	*ret_number = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 &&
	    *ret_number >= range.least && *ret_number <= range.most)
		return 0;
	return diag_set(diag, EINVAL, "expected a number from %lu to %lu",
	    range.least, range.most);
}
