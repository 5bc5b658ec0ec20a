/* SPDX-License-Identifier: ISC */
/* JSON text, RFC 8259, into a string buffer. */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <stdbool.h>

#include "base/strbuf.h"

/* Keeps track of the commas. */
struct json_writer {
	struct strbuf *buf;
	bool comma; /* before the next value */
};

/* TEXT as a JSON string; bytes that are no UTF-8 become U+FFFD. */
void json_quote(struct strbuf *buf, const char *text);

/* Opens '{' or '[', under NAME within an object (else NULL). */
void json_open(struct json_writer *json, const char *name, char bracket);
void json_close(struct json_writer *json, char bracket);
/* Bytes that are no UTF-8 become U+FFFD: give such words as hex beside it. */
void json_string(struct json_writer *json, const char *name, const char *text);
/* The same, and under HEX_NAME, if it is no UTF-8, its bytes in hex. */
void json_path(struct json_writer *json, const char *name, const char *hex_name,
    const char *path);
void json_number(struct json_writer *json, const char *name, long long value);
/* Not below 0, to a millionth. */
void json_decimal(struct json_writer *json, const char *name, double value);
void json_null(struct json_writer *json, const char *name);
void json_bool(struct json_writer *json, const char *name, bool value);

#endif
