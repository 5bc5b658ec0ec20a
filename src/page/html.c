/* SPDX-License-Identifier: ISC */
#include "page/html.h"

#include <stdlib.h>
#include <string.h>

#include "base/quote.h"

static void
add_entities(struct strbuf *buf, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			strbuf_puts(buf, "&amp;");
			break;
		case '<':
			strbuf_puts(buf, "&lt;");
			break;
		case '>':
			strbuf_puts(buf, "&gt;");
			break;
		case '"':
			strbuf_puts(buf, "&quot;");
			break;
		case '\'':
			strbuf_puts(buf, "&#39;");
			break;
		default:
			strbuf_putc(buf, *text);
		}
	}
}

void
html_text(struct strbuf *buf, const char *text)
{
	cleanup_strbuf struct strbuf quoted = { 0 };

	quote_terminal(&quoted, text);
	buf->failed |= quoted.failed;
	if (quoted.data != NULL)
		add_entities(buf, quoted.data);
}

void
html_part(struct strbuf *buf, const char *text, size_t length)
{
	char *copy = strndup(text, length);

	if (copy == NULL)
		buf->failed = true;
	else
		html_text(buf, copy);
	free(copy);
}
