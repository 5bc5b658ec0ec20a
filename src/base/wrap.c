/* SPDX-License-Identifier: ISC */
#include "base/wrap.h"

#include <string.h>

void
wrap_text(struct strbuf *buf, const char *text, size_t indent)
{
	size_t column = indent, length;

	for (;;) {
		length = strcspn(text, " ");
		strbuf_add(buf, text, length);
		column += length;
		text += length;
		if (*text == '\0')
			break;
		text++;
		if (column + 1 + strcspn(text, " ") > WRAP_WIDTH) {
			strbuf_printf(buf, "\n%*s", (int)indent, "");
			column = indent;
		} else {
			strbuf_putc(buf, ' ');
			column++;
		}
	}
	strbuf_putc(buf, '\n');
}
