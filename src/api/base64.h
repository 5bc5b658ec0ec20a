/* SPDX-License-Identifier: ISC */
/* Bytes as text, RFC 4648, with padding. */
#ifndef API_BASE64_H
#define API_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

void base64_write(struct strbuf *buf, const void *bytes, size_t length);
bool base64_is_valid(const char *text, size_t length);
/* TEXT is valid. */
void base64_read(struct strbuf *buf, const char *text, size_t length);

#endif
