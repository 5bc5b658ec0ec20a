/* SPDX-License-Identifier: ISC */
#include "api/base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_write(struct strbuf *buf, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < length; i += 3) {
		size_t count = length - i < 3 ? length - i : 3;
		uint32_t group = 0;
		char text[4] = { '=', '=', '=', '=' };

		for (size_t j = 0; j < 3; j++)
			group = group << 8 | (j < count ? at[i + j] : 0U);
		for (size_t j = 0; j <= count; j++)
			text[j] = digits[group >> (18 - 6 * j) & 0x3f];
		strbuf_add(buf, text, sizeof(text));
	}
}

static int
digit_value(char c)
{
	const char *digit = c != '\0' ? strchr(digits, c) : NULL;

	return digit != NULL ? (int)(digit - digits) : -1;
}

/* The characters before the padding. */
static size_t
unpadded(const char *text, size_t length)
{
	for (int i = 0; i < 2 && length > 0 && text[length - 1] == '='; i++)
		length--;
	return length;
}

bool
base64_is_valid(const char *text, size_t length)
{
	if (length % 4 != 0)
		return false;
	length = unpadded(text, length);
	for (size_t i = 0; i < length; i++)
		if (digit_value(text[i]) < 0)
			return false;
	return true;
}

void
base64_read(struct strbuf *buf, const char *text, size_t length)
{
	uint32_t group = 0;

	length = unpadded(text, length);
	for (size_t i = 0; i < length; i++) {
		group = group << 6 | (uint32_t)digit_value(text[i]);
		/* Every digit but the first of four completes a byte. */
		if (i % 4 != 0)
			strbuf_putc(
			    buf, (char)(group >> (6 - 2 * (i % 4)) & 0xff));
	}
}
