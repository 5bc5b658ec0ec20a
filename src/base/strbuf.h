/* SPDX-License-Identifier: ISC */
/*
 * A growing string.  A failed allocation sticks: later writes do nothing, and
 * strbuf_take() returns NULL; so callers check once, at the end.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *data; /* NUL-terminated once something was added */
	size_t length;
	size_t capacity;
	bool failed;
};

void strbuf_add(struct strbuf *buf, const void *bytes, size_t count);
void strbuf_puts(struct strbuf *buf, const char *text);
void strbuf_putc(struct strbuf *buf, char c);
void strbuf_printf(struct strbuf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The string as it is, never NULL; OTHERWISE if an allocation failed. */
static inline const char *
strbuf_text(const struct strbuf *buf, const char *otherwise)
{
	if (buf->failed)
		return otherwise;
	return buf->data != NULL ? buf->data : "";
}

/* The string, to be freed by the caller; NULL if an allocation failed. */
char *strbuf_take(struct strbuf *buf);
void strbuf_free(struct strbuf *buf);

#define cleanup_strbuf __attribute__((cleanup(strbuf_free)))

#endif
