/* SPDX-License-Identifier: ISC */
#include "base/quote.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Printable ASCII but blank, quotes and the policy file's own signs. */
static bool
is_bare(const char *text, const char *signs)
{
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~' || strchr(signs, *text) != NULL)
			return false;
	return true;
}

static void
add_escaped(struct strbuf *buf, unsigned char byte)
{
	static const char letters[] = "\aa\bb\ff\nn\rr\tt\vv\"\"\\\\";
	const char *letter = byte == 0 ? NULL : strchr(letters, byte);

	/* Pairs: what is escaped at even places, its letter behind it. */
	if (letter != NULL && (letter - letters) % 2 == 0)
		strbuf_printf(buf, "\\%c", letter[1]);
	else
		strbuf_printf(buf, "\\%03o", byte);
}

void
quote_word(struct strbuf *buf, const char *text)
{
	/* Bare, a path with these would be a pattern. */
	if (is_bare(text, "#\"\\*?[") && strstr(text, "/@") == NULL) {
		strbuf_puts(buf, text);
		return;
	}
	strbuf_putc(buf, '"');
	for (; *text != '\0'; text++) {
		if (*text >= ' ' && *text <= '~' && *text != '"' &&
		    *text != '\\')
			strbuf_putc(buf, *text);
		else
			add_escaped(buf, (unsigned char)*text);
	}
	strbuf_putc(buf, '"');
}

/* Up to COUNT digits of BASE at *TEXT. */
static int
read_digits(const char **text, int base, int count)
{
	char digits[4] = "";
	int i;

	for (i = 0; i < count; i++) {
		char c = (*text)[i];

		if ((base == 8 && (c < '0' || c > '7')) ||
		    strchr("0123456789abcdefABCDEF", c) == NULL || c == '\0')
			break;
		digits[i] = c;
	}
	*text += i;
	return i == 0 ? -1 : (int)strtol(digits, NULL, base);
}

int
unquote_escape(const char **text)
{
	static const char letters[] = "a\ab\bf\fn\nr\rt\tv\v\"\"\\\\''??";

	for (size_t i = 0; i + 1 < sizeof(letters); i += 2) {
		if (**text == letters[i]) {
			(*text)++;
			return (unsigned char)letters[i + 1];
		}
	}
	if (**text == 'x') {
		(*text)++;
		return read_digits(text, 16, 2);
	}
	return read_digits(text, 8, 3);
}

static bool
has_controls(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
			return true;
	return false;
}

/* The text without the newlines at its end, which $( ) would take away. */
static size_t
length_before_newlines(const char *text)
{
	size_t length = strlen(text);

	while (length > 0 && text[length - 1] == '\n')
		length--;
	return length;
}

/*
 * A format of printf(1): dash reads its escapes before it looks for '%', and
 * '-' in front would be an option.  '!' recalls the history between double
 * quotes, whatever stands inside them.
 */
static void
add_format(struct strbuf *buf, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte == '%')
			strbuf_puts(buf, "%%");
		else if (byte >= ' ' && byte <= '~' &&
		         strchr("'!\\\"`$", byte) == NULL &&
		         (byte != '-' || i > 0))
			strbuf_putc(buf, (char)byte);
		else
			strbuf_printf(buf, "\\%03o", byte);
	}
}

/*
 * A newline at the end of a word, which $( ) takes away: from a variable, where
 * a stop stands behind it.  It is made where it is first needed, in a pattern
 * that takes away all of an absolute path, so that nothing is left of it; '['
 * and not '[!', which would be the history's.
 */
#define NEWLINE_VARIABLE "pledge_nl"
#define MAKE_NEWLINE \
 "${PWD##*[/${" NEWLINE_VARIABLE "=\"$(printf '\\012.')\"}]*}"
#define NEWLINE "${" NEWLINE_VARIABLE "%.}"

/* $'...' is not dash's. */
static void
quote_controls(struct strbuf *buf, const char *text)
{
	size_t length = length_before_newlines(text);

	strbuf_putc(buf, '"');
	if (length > 0) {
		strbuf_puts(buf, "$(printf '");
		add_format(buf, text, length);
		strbuf_puts(buf, "')");
	}
	if (text[length] != '\0')
		strbuf_puts(buf, MAKE_NEWLINE);
	for (; text[length] != '\0'; length++)
		strbuf_puts(buf, NEWLINE);
	strbuf_putc(buf, '"');
}

void
quote_shell(struct strbuf *buf, const char *text)
{
	/* zsh takes =ls for the path of ls. */
	if (*text != '=' && is_bare(text, "!\"#$&'()*;<>?[\\]^`{|}~")) {
		strbuf_puts(buf, text);
		return;
	}
	if (has_controls(text)) {
		quote_controls(buf, text);
		return;
	}
	strbuf_putc(buf, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			strbuf_puts(buf, "'\\''");
		else
			strbuf_putc(buf, *text);
	}
	strbuf_putc(buf, '\'');
}

size_t
utf8_length(const char *text)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 },
		{ 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };
	unsigned char lead = (unsigned char)*text;
	uint32_t code;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if ((lead & forms[i].mask) != forms[i].lead)
			continue;
		code = lead & (unsigned char)~forms[i].mask;
		for (size_t j = 1; j <= i; j++) {
			if ((text[j] & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (text[j] & 0x3f);
		}
		if (code < forms[i].least || code > 0x10ffff ||
		    (code >= 0xd800 && code < 0xe000))
			return 0;
		return i + 1;
	}
	return 0;
}

bool
quote_is_sly(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;

	if (length == 2)
		return bytes[0] == 0xc2 && bytes[1] < 0xa0;
	if (length != 3 || bytes[0] != 0xe2)
		return false;
	return (bytes[1] == 0x80 && bytes[2] >= 0xaa && bytes[2] <= 0xae) ||
	       (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9);
}

void
quote_terminal(struct strbuf *buf, const char *text)
{
	size_t length;

	while (*text != '\0') {
		length = utf8_length(text);
		if (length == 0 || quote_is_sly(text, length) ||
		    (length == 1 && (*text < ' ' || *text == 0x7f))) {
			add_escaped(buf, (unsigned char)*text++);
			continue;
		}
		strbuf_add(buf, text, length);
		text += length;
	}
}

void
quote_bytes(struct strbuf *buf, const char *bytes, size_t length)
{
	const char *end = bytes + length;
	size_t width;

	strbuf_putc(buf, '"');
	while (bytes < end) {
		for (width = 0; bytes + width < end && bytes[width] >= ' ' &&
		                bytes[width] <= '~' && bytes[width] != '"' &&
		                bytes[width] != '\\';)
			width++;
		/* A run of what is plain, or one character that is not. */
		if (width == 0 && *bytes != '\0' && (*bytes & 0x80)) {
			width = utf8_length(bytes);
			if (width > (size_t)(end - bytes) ||
			    quote_is_sly(bytes, width))
				width = 0;
		}
		if (width == 0)
			add_escaped(buf, (unsigned char)*bytes++);
		strbuf_add(buf, bytes, width);
		bytes += width;
	}
	strbuf_putc(buf, '"');
}

bool
utf8_is_text(const char *bytes, size_t length)
{
	char last[8] = "";
	size_t step;

	for (const char *end = bytes + length; bytes < end; bytes += step) {
		size_t left = (size_t)(end - bytes);

		/* What stands behind the end is none of ours. */
		if (left < 4)
			memcpy(last, bytes, left);
		step = utf8_length(left < 4 ? last : bytes);
		if (step == 0 || *bytes == '\0' || step > left)
			return false;
		memset(last, 0, sizeof(last));
	}
	return true;
}
