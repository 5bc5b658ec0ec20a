/* SPDX-License-Identifier: ISC */
#include "base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
reserve(struct strbuf *buf, size_t more)
{
	size_t capacity = buf->capacity;
	char *data;

	if (buf->failed)
		return false;
	if (buf->length + more + 1 <= capacity)
		return true;
	while (capacity < buf->length + more + 1)
		capacity = capacity == 0 ? 64 : capacity * 2;
	data = realloc(buf->data, capacity);
	if (data == NULL) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->capacity = capacity;
	return true;
}

void
strbuf_add(struct strbuf *buf, const void *bytes, size_t count)
{
	if (!reserve(buf, count))
		return;
	memcpy(buf->data + buf->length, bytes, count);
	buf->length += count;
	buf->data[buf->length] = '\0';
}

void
strbuf_puts(struct strbuf *buf, const char *text)
{
	strbuf_add(buf, text, strlen(text));
}

void
strbuf_putc(struct strbuf *buf, char c)
{
	strbuf_add(buf, &c, 1);
}

void
strbuf_printf(struct strbuf *buf, const char *format, ...)
{
	va_list ap;
	size_t room;
	int length;

	/* Most fit into what there is, and are made once. */
	if (!reserve(buf, 32))
		return;
	room = buf->capacity - buf->length;
	va_start(ap, format);
	length = vsnprintf(buf->data + buf->length, room, format, ap);
	va_end(ap);
	if (length < 0) {
		buf->data[buf->length] = '\0';
		return;
	}
	if ((size_t)length < room) {
		buf->length += (size_t)length;
		return;
	}
	if (!reserve(buf, (size_t)length)) {
		buf->data[buf->length] = '\0';
		return;
	}
	va_start(ap, format);
	vsnprintf(buf->data + buf->length, (size_t)length + 1, format, ap);
	va_end(ap);
	buf->length += (size_t)length;
}

char *
strbuf_take(struct strbuf *buf)
{
	char *data;

	if (!reserve(buf, 0)) {
		strbuf_free(buf);
		return NULL;
	}
	buf->data[buf->length] = '\0';
	data = buf->data;
	*buf = (struct strbuf){ 0 };
	return data;
}

void
strbuf_free(struct strbuf *buf)
{
	free(buf->data);
	*buf = (struct strbuf){ 0 };
}
