/* SPDX-License-Identifier: ISC */
#include "json/write.h"

#include <string.h>

#include "base/quote.h"

static bool
is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/* What a terminal would obey, and a reader of JSON gets back: at most U+FFFF.
 */
static void
put_code(struct strbuf *buf, const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	unsigned int code = bytes[0];

	if (length == 2)
		code = (bytes[0] & 0x1fu) << 6 | (bytes[1] & 0x3fu);
	else if (length == 3)
		code = (bytes[0] & 0xfu) << 12 | (bytes[1] & 0x3fu) << 6 |
		       (bytes[2] & 0x3fu);
	strbuf_printf(buf, "\\u%04x", code);
}

void
json_quote(struct strbuf *buf, const char *text)
{
	size_t length;

	strbuf_putc(buf, '"');
	for (; *text != '\0'; text += length) {
		/* All that is plain at once, which is most. */
		for (length = 0; is_plain(text[length]);)
			length++;
		strbuf_add(buf, text, length);
		text += length;
		if (*text == '\0')
			break;
		length = utf8_length(text);
		if (length == 0) {
			strbuf_puts(buf, "\xef\xbf\xbd");
			length = 1;
		} else if (*text == '"' || *text == '\\')
			strbuf_printf(buf, "\\%c", *text);
		else if (length == 1 || quote_is_sly(text, length))
			put_code(buf, text, length);
		else
			strbuf_add(buf, text, length);
	}
	strbuf_putc(buf, '"');
}

static void
begin_value(struct json_writer *json, const char *name)
{
	if (json->comma)
		strbuf_puts(json->buf, ", ");
	if (name != NULL) {
		json_quote(json->buf, name);
		strbuf_puts(json->buf, ": ");
	}
	json->comma = true;
}

void
json_open(struct json_writer *json, const char *name, char bracket)
{
	begin_value(json, name);
	strbuf_putc(json->buf, bracket);
	json->comma = false;
}

void
json_close(struct json_writer *json, char bracket)
{
	strbuf_putc(json->buf, bracket);
	json->comma = true;
}

void
json_string(struct json_writer *json, const char *name, const char *text)
{
	begin_value(json, name);
	json_quote(json->buf, text);
}

void
json_path(struct json_writer *json, const char *name, const char *hex_name,
    const char *path)
{
	json_string(json, name, path);
	if (utf8_is_text(path, strlen(path)))
		return;
	begin_value(json, hex_name);
	strbuf_putc(json->buf, '"');
	for (; *path != '\0'; path++)
		strbuf_printf(json->buf, "%02x", (unsigned char)*path);
	strbuf_putc(json->buf, '"');
}

void
json_number(struct json_writer *json, const char *name, long long value)
{
	begin_value(json, name);
	strbuf_printf(json->buf, "%lld", value);
}

/* Whatever the locale, with a point. */
void
json_decimal(struct json_writer *json, const char *name, double value)
{
	unsigned long long millionths = (unsigned long long)(value * 1e6 + 0.5);

	begin_value(json, name);
	strbuf_printf(json->buf, "%llu.%06llu", millionths / 1000000,
	    millionths % 1000000);
}

void
json_null(struct json_writer *json, const char *name)
{
	begin_value(json, name);
	strbuf_puts(json->buf, "null");
}

void
json_bool(struct json_writer *json, const char *name, bool value)
{
	begin_value(json, name);
	strbuf_puts(json->buf, value ? "true" : "false");
}
