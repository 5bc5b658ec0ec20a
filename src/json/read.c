/* SPDX-License-Identifier: ISC */
#include "json/read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/suggest.h"
#include "base/table.h"

#define CHUNK_VALUES 256

struct json_chunk {
	struct json_chunk *next;
	size_t used;
	struct json values[CHUNK_VALUES];
};

/* One pass over the text; strings are decoded where they stand. */
struct parser {
	struct json_document *document;
	char *at, *end;
	const char *line_start;
	unsigned int line;
	unsigned int depth;
	struct diag *diag;
};

static unsigned int
column_of(const struct parser *parser, const char *at)
{
	return (unsigned int)(at - parser->line_start) + 1;
}

/* "file:LINE:COLUMN: " before the sentence that is there. */
static int
place(const struct json_document *document, unsigned int line,
    unsigned int column, struct diag *diag)
{
	if (document->file == NULL)
		return diag_prefix(diag, "%u:%u", line, column);
	return diag_place(diag, document->file, line, column);
}

/* What stands at AT, for "not ...": a character, a byte, or the end. */
static const char *
describe_place(const struct parser *parser, const char *at, char *buffer)
{
	unsigned char byte;

	if (at >= parser->end)
		return "the end of the text";
	byte = (unsigned char)*at;
	if (byte > ' ' && byte < 0x7f)
		snprintf(buffer, JSON_DESCRIPTION, "\"%c\"", byte);
	else
		snprintf(buffer, JSON_DESCRIPTION, "byte 0x%02x", byte);
	return buffer;
}

/* "expected WHAT, not ...", at AT. */
static int
expected(struct parser *parser, const char *at, const char *what)
{
	char found[JSON_DESCRIPTION];

	diag_set(parser->diag, EINVAL, "expected %s, not %s", what,
	    describe_place(parser, at, found));
	place(parser->document, parser->line, column_of(parser, at),
	    parser->diag);
	return -EINVAL;
}

static int
fault(struct parser *parser, const char *at, const char *text)
{
	diag_set(parser->diag, EINVAL, "%s", text);
	place(parser->document, parser->line, column_of(parser, at),
	    parser->diag);
	return -EINVAL;
}

static struct json *
new_value(struct parser *parser)
{
	struct json_document *document = parser->document;
	struct json_chunk *chunk = document->chunks;

	if (document->values == JSON_VALUES) {
		fault(parser, parser->at, "this document has too many values");
		parser->diag->err = E2BIG;
		return NULL;
	}
	if (chunk == NULL || chunk->used == CHUNK_VALUES) {
		chunk = calloc(1, sizeof(*chunk));
		if (chunk == NULL) {
			diag_set(parser->diag, ENOMEM, "out of memory");
			return NULL;
		}
		chunk->next = document->chunks;
		document->chunks = chunk;
	}
	document->values++;
	return &chunk->values[chunk->used++];
}

static void
skip_blanks(struct parser *parser)
{
	for (; parser->at < parser->end; parser->at++) {
		char c = *parser->at;

		if (c == '\n') {
			parser->line++;
			parser->line_start = parser->at + 1;
		} else if (c != ' ' && c != '\t' && c != '\r')
			return;
	}
}

/* Four hexadecimal digits at AT, or -1. */
static int
read_hex(const struct parser *parser, const char *at)
{
	int value = 0;

	for (int i = 0; i < 4; i++, at++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit;

		if (at >= parser->end || *at == '\0')
			return -1;
		digit = strchr(digits, *at | (*at >= 'A' ? 0x20 : 0));
		if (digit == NULL)
			return -1;
		value = value * 16 + (int)(digit - digits);
	}
	return value;
}

static char *
put_utf8(char *out, unsigned int code)
{
	if (code < 0x80) {
		*out++ = (char)code;
		return out;
	}
	if (code < 0x800) {
		*out++ = (char)(0xc0 | code >> 6);
	} else {
		if (code < 0x10000) {
			*out++ = (char)(0xe0 | code >> 12);
		} else {
			*out++ = (char)(0xf0 | code >> 18);
			*out++ = (char)(0x80 | (code >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (code >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (code & 0x3f));
	return out;
}

/* "\uXXXX", where two may be the halves of one character (RFC 8259, 7). */
static int
read_unicode(struct parser *parser, char **out)
{
	const char *start = parser->at - 2;
	int code = read_hex(parser, parser->at), low;

	if (code < 0)
		return fault(parser, start, "expected four digits after \\u");
	parser->at += 4;
	if (code >= 0xdc00 && code < 0xe000)
		return fault(
		    parser, start, "the first half of this pair is missing");
	if (code >= 0xd800 && code < 0xdc00) {
		if (parser->end - parser->at < 6 || parser->at[0] != '\\' ||
		    parser->at[1] != 'u')
			low = -1;
		else
			low = read_hex(parser, parser->at + 2);
		if (low < 0xdc00 || low >= 0xe000)
			return fault(parser, start,
			    "the second half of this pair is missing");
		parser->at += 6;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	*out = put_utf8(*out, (unsigned int)code);
	return 0;
}

static int
read_escape(struct parser *parser, char **out)
{
	static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

	if (parser->at < parser->end && *parser->at == 'u') {
		parser->at++;
		return read_unicode(parser, out);
	}
	for (size_t i = 0; i + 1 < sizeof(letters); i += 2) {
		if (parser->at < parser->end && *parser->at == letters[i]) {
			*(*out)++ = letters[i + 1];
			parser->at++;
			return 0;
		}
	}
	return fault(parser, parser->at - 1,
	    "unknown escape; JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t and "
	    "\\uXXXX");
}

/*
 * From its quote on.  What is decoded is never longer than what was written,
 * and the closing quote leaves room for a NUL.
 */
static int
read_string(struct parser *parser, const char **ret_text, size_t *ret_length)
{
	char *start = parser->at, *out = start;
	size_t length;
	int r;

	if (parser->at >= parser->end || *parser->at != '"')
		return expected(parser, parser->at, "a string");
	parser->at++;
	for (;;) {
		if (parser->at >= parser->end)
			return fault(parser, start, "this string has no end");
		if (*parser->at == '"')
			break;
		if ((unsigned char)*parser->at < ' ')
			return fault(parser, parser->at,
			    "write control characters as \\n, \\t or \\u00XX "
			    "in a string");
		if (*parser->at == '\\') {
			parser->at++;
			r = read_escape(parser, &out);
			if (r < 0)
				return r;
			continue;
		}
		length = utf8_length(parser->at);
		if (length == 0)
			return fault(parser, parser->at, "this is no UTF-8");
		memmove(out, parser->at, length);
		out += length;
		parser->at += length;
	}
	parser->at++;
	*out = '\0';
	*ret_text = start;
	*ret_length = (size_t)(out - start);
	return 0;
}

static size_t
count_digits(const struct parser *parser, const char *at)
{
	size_t count = 0;

	while (at + count < parser->end && at[count] >= '0' && at[count] <= '9')
		count++;
	return count;
}

static int
read_number(struct parser *parser, struct json *value)
{
	char *at = parser->at;
	size_t digits;

	if (*at == '-')
		at++;
	digits = count_digits(parser, at);
	if (digits == 0)
		return expected(parser, at, "a digit");
	if (*at == '0' && digits > 1)
		return fault(parser, at, "a number does not begin with 0");
	at += digits;
	if (at < parser->end && *at == '.') {
		digits = count_digits(parser, ++at);
		if (digits == 0)
			return expected(parser, at, "a digit");
		at += digits;
	}
	if (at < parser->end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < parser->end && (*at == '+' || *at == '-'))
			at++;
		digits = count_digits(parser, at);
		if (digits == 0)
			return expected(parser, at, "a digit");
		at += digits;
	}
	value->type = JSON_NUMBER;
	value->text = parser->at;
	value->length = (size_t)(at - parser->at);
	parser->at = at;
	return 0;
}

static int
read_word(struct parser *parser, struct json *value)
{
	static const struct {
		const char *word;
		enum json_type type;
	} words[] = { { "null", JSON_NULL }, { "true", JSON_TRUE },
		{ "false", JSON_FALSE } };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t length = strlen(words[i].word);

		if ((size_t)(parser->end - parser->at) < length ||
		    memcmp(parser->at, words[i].word, length) != 0)
			continue;
		value->type = words[i].type;
		parser->at += length;
		return 0;
	}
	return expected(parser, parser->at, "a JSON value");
}

static int read_value(struct parser *parser, struct json **ret_value);

static int
compare_names(const void *a, const void *b)
{
	const struct json *first = *(const struct json *const *)a;
	const struct json *second = *(const struct json *const *)b;
	size_t shorter = first->name_length < second->name_length
	                     ? first->name_length
	                     : second->name_length;
	int order = memcmp(first->name, second->name, shorter);

	if (order != 0)
		return order;
	if (first->name_length != second->name_length)
		return first->name_length < second->name_length ? -1 : 1;
	if (first->name_line != second->name_line)
		return first->name_line < second->name_line ? -1 : 1;
	return first->name_column < second->name_column ? -1 : 1;
}

/* Sorted by name, equal ones are neighbours, the earlier one first. */
static int
check_names(struct parser *parser, const struct json *object)
{
	cleanup_free const struct json **members =
	    malloc((object->count + 1) * sizeof(struct json *));
	size_t count = 0;

	if (members == NULL)
		return diag_set(parser->diag, ENOMEM, "out of memory");
	for (const struct json *m = object->first; m != NULL; m = m->next)
		members[count++] = m;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers it is */
	qsort((void *)members, count, sizeof(members[0]), compare_names);
	for (size_t i = 1; i < count; i++) {
		const struct json *first = members[i - 1], *again = members[i];

		if (first->name_length != again->name_length ||
		    memcmp(first->name, again->name, again->name_length) != 0)
			continue;
		diag_set(parser->diag, EINVAL,
		    "duplicate key \"%.100s\", which stands at %u:%u already",
		    again->name, first->name_line, first->name_column);
		place(parser->document, again->name_line, again->name_column,
		    parser->diag);
		return -EINVAL;
	}
	return 0;
}

/* "NAME": before a member's value, which comes to stand in *RET_VALUE. */
static int
read_member(struct parser *parser, struct json **ret_value)
{
	unsigned int line = parser->line;
	unsigned int column = column_of(parser, parser->at);
	const char *name;
	size_t length;
	int r;

	if (parser->at >= parser->end || *parser->at != '"')
		return expected(parser, parser->at, "a key in quotes");
	r = read_string(parser, &name, &length);
	if (r < 0)
		return r;
	skip_blanks(parser);
	if (parser->at >= parser->end || *parser->at != ':')
		return expected(parser, parser->at, "\":\"");
	parser->at++;
	skip_blanks(parser);
	r = read_value(parser, ret_value);
	if (r < 0)
		return r;
	(*ret_value)->name = name;
	(*ret_value)->name_length = length;
	(*ret_value)->name_line = line;
	(*ret_value)->name_column = column;
	return 0;
}

/* Both, from their opening bracket on. */
static int
read_container(struct parser *parser, struct json *value)
{
	bool object = *parser->at == '{';
	char close = object ? '}' : ']';
	struct json **link = &value->first;
	int r;

	value->type = object ? JSON_OBJECT : JSON_ARRAY;
	if (parser->depth == JSON_DEPTH)
		return fault(parser, parser->at,
		    "more than 64 arrays and objects within each other");
	parser->depth++;
	parser->at++;
	skip_blanks(parser);
	if (parser->at < parser->end && *parser->at == close)
		goto closed;
	for (;;) {
		r = object ? read_member(parser, link)
		           : read_value(parser, link);
		if (r < 0)
			return r;
		link = &(*link)->next;
		value->count++;
		skip_blanks(parser);
		if (parser->at < parser->end && *parser->at == close)
			break;
		if (parser->at >= parser->end || *parser->at != ',')
			return expected(parser, parser->at,
			    object ? "\",\" or \"}\"" : "\",\" or \"]\"");
		parser->at++;
		skip_blanks(parser);
	}
closed:
	parser->at++;
	parser->depth--;
	return object ? check_names(parser, value) : 0;
}

static int
read_value(struct parser *parser, struct json **ret_value)
{
	struct json *value = new_value(parser);
	char c = '\0';

	if (parser->at < parser->end)
		c = (char)*parser->at;
	if (value == NULL)
		return -parser->diag->err;
	*ret_value = value;
	value->line = parser->line;
	value->column = column_of(parser, parser->at);
	if (c == '{' || c == '[')
		return read_container(parser, value);
	if (c == '"') {
		value->type = JSON_STRING;
		return read_string(parser, &value->text, &value->length);
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return read_number(parser, value);
	return read_word(parser, value);
}

static int
read_document(struct parser *parser)
{
	int r;

	if (parser->end - parser->at >= 3 &&
	    memcmp(parser->at, "\xef\xbb\xbf", 3) == 0)
		return fault(parser, parser->at,
		    "expected a JSON value, not a byte order mark");
	skip_blanks(parser);
	r = read_value(parser, &parser->document->root);
	if (r < 0)
		return r;
	skip_blanks(parser);
	if (parser->at < parser->end)
		return expected(parser, parser->at, "the end of the text");
	return 0;
}

int
json_read(struct json_document *ret_document, const char *file, char *text,
    size_t length, struct diag *diag)
{
	struct diag own = { 0 };
	struct parser parser = { .document = ret_document,
		.line = 1,
		.diag = diag != NULL ? diag : &own };
	char *terminated = realloc(text, length + 1);
	int r;

	*ret_document = (struct json_document){ .file = file };
	if (terminated == NULL) {
		free(text);
		return diag_set(diag, ENOMEM, "out of memory");
	}
	/* Numbers and characters are looked at until they end. */
	terminated[length] = '\0';
	ret_document->text = terminated;
	parser.at = terminated;
	parser.line_start = terminated;
	parser.end = terminated + length;
	r = read_document(&parser);
	if (r < 0)
		json_free(ret_document);
	return r;
}

void
json_free(struct json_document *document)
{
	struct json_chunk *chunk = document->chunks;

	while (chunk != NULL) {
		struct json_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
	free(document->text);
	*document = (struct json_document){ 0 };
}

int
json_error(const struct json_document *document, const struct json *value,
    struct diag *diag, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	diag_set(diag, EINVAL, "%s", text);
	place(document, value->line, value->column, diag);
	return -EINVAL;
}

const char *
json_describe(const struct json *value, char *buffer)
{
	static const char *const kinds[] = { [JSON_NULL] = "null",
		[JSON_FALSE] = "false",
		[JSON_TRUE] = "true",
		[JSON_ARRAY] = "an array",
		[JSON_OBJECT] = "an object" };

	if (value->type == JSON_NUMBER)
		snprintf(buffer, JSON_DESCRIPTION, "%.*s", (int)value->length,
		    value->text);
	else if (value->type == JSON_STRING)
		snprintf(buffer, JSON_DESCRIPTION, "\"%s\"", value->text);
	else
		return kinds[value->type];
	/* What does not fit is cut, and not within a character. */
	for (size_t at = 0, next; buffer[at] != '\0'; at += next) {
		next = utf8_length(buffer + at);
		if (next == 0)
			buffer[at] = '\0';
		if (next == 0)
			break;
	}
	return buffer;
}

static bool
is_called(const struct json *member, const char *name)
{
	return member->name_length == strlen(name) &&
	       memcmp(member->name, name, member->name_length) == 0;
}

const struct json *
json_find(const struct json *object, const char *name)
{
	const struct json *member;

	if (object->type != JSON_OBJECT)
		return NULL;
	for (member = object->first; member != NULL; member = member->next)
		if (is_called(member, name))
			return member;
	return NULL;
}

bool
json_equals(const struct json *value, const char *text)
{
	return value->type == JSON_STRING && value->length == strlen(text) &&
	       memcmp(value->text, text, value->length) == 0;
}

bool
json_u64(const struct json *value, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (value->type != JSON_NUMBER || value->length == 0)
		return false;
	for (size_t i = 0; i < value->length; i++) {
		unsigned int digit = (unsigned int)(value->text[i] - '0');

		if (digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, digit, &number))
			return false;
	}
	*ret_number = number;
	return true;
}

bool
json_i64(const struct json *value, int64_t *ret_number)
{
	struct json rest = *value;
	uint64_t number;
	bool negative = value->type == JSON_NUMBER && value->text[0] == '-';

	if (negative) {
		rest.text++;
		rest.length--;
	}
	if (!json_u64(&rest, &number) ||
	    number > (uint64_t)INT64_MAX + negative)
		return false;
	*ret_number = negative ? (int64_t)-number : (int64_t)number;
	return true;
}

int
json_get_u64(const struct json_document *document, const struct json *value,
    struct json_wanted wanted, uint64_t *ret_number, struct diag *diag)
{
	char found[JSON_DESCRIPTION];

	if (json_u64(value, ret_number) && *ret_number <= wanted.largest)
		return 0;
	return json_error(document, value, diag,
	    "expected %s, an integer from 0 to %" PRIu64 ", not %s",
	    wanted.what, wanted.largest, json_describe(value, found));
}

int
json_get_string(const struct json_document *document, const struct json *value,
    const char *what, const char **ret_text, struct diag *diag)
{
	char found[JSON_DESCRIPTION];

	if (value->type != JSON_STRING)
		return json_error(document, value, diag,
		    "expected %s, a string, not %s", what,
		    json_describe(value, found));
	if (strlen(value->text) != value->length)
		return json_error(document, value, diag,
		    "expected %s, a string without \\u0000", what);
	*ret_text = value->text;
	return 0;
}

static int
unknown_field(const struct json_document *document, const struct json *member,
    const struct json_field *fields, size_t count, struct diag *diag)
{
	struct suggest suggest = { .wanted = member->name };

	for (size_t i = 0; i < count; i++)
		suggest_consider(&suggest, fields[i].name);
	diag_set(diag, EINVAL, "unknown field \"%.100s\"%s", member->name,
	    suggest_text(&suggest));
	place(document, member->name_line, member->name_column, diag);
	return -EINVAL;
}

int
json_fields(const struct json_document *document, const struct json *object,
    const struct json_field *fields, size_t count,
    const struct json **ret_values, struct diag *diag)
{
	for (size_t i = 0; i < count; i++)
		ret_values[i] = NULL;
	for (const struct json *m = object->first; m != NULL; m = m->next) {
		size_t i = 0;

		while (
		    i < count && !is_called(m, fields[i].name) &&
		    (fields[i].alias == NULL || !is_called(m, fields[i].alias)))
			i++;
		if (i == count)
			return unknown_field(document, m, fields, count, diag);
		if (ret_values[i] != NULL) {
			diag_set(diag, EINVAL,
			    "\"%s\" and \"%s\" are the same field", m->name,
			    ret_values[i]->name);
			place(document, m->name_line, m->name_column, diag);
			return -EINVAL;
		}
		ret_values[i] = m;
	}
	for (size_t i = 0; i < count; i++)
		if (fields[i].required && ret_values[i] == NULL)
			return json_error(document, object, diag,
			    "the field \"%s\" is missing", fields[i].name);
	return 0;
}
