/* SPDX-License-Identifier: ISC */
/*
 * JSON text, RFC 8259, read strictly: UTF-8 without a mark, no key twice in an
 * object, integers exact, nothing behind the value.
 *
 * Every error is one sentence, "file:line:column: expected ...": lines and
 * columns count from 1, columns in bytes.
 */
#ifndef JSON_READ_H
#define JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

#define JSON_DEPTH  64        /* arrays and objects within each other */
#define JSON_VALUES (1 << 18) /* in one document: 32 MiB of memory */

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	enum json_type type;
	unsigned int line, column; /* where it begins */
	unsigned int name_line, name_column;
	const char *name; /* of a member, with a NUL behind; else NULL */
	size_t name_length;
	/* A string, decoded, with a NUL behind (it may hold others); or a
	 * number, as it was written. */
	const char *text;
	size_t length;
	struct json *first; /* element or member, in order */
	struct json *next;
	size_t count; /* of elements or members */
};

struct json_document {
	const char *file; /* leads each error; NULL: "line:column: ..." */
	struct json *root;
	struct json_chunk *chunks;
	size_t values;
	char *text;
};

/*
 * Reads TEXT, LENGTH bytes, from malloc(); the document owns it from now on.
 * FILE must outlive it.  -EINVAL and the place, -E2BIG, -ENOMEM; DOCUMENT is
 * then empty.
 */
int json_read(struct json_document *ret_document, const char *file, char *text,
    size_t length, struct diag *diag);
void json_free(struct json_document *document);

#define cleanup_json __attribute__((cleanup(json_free)))

/* Sets "file:line:column: ..." for the place of VALUE; returns -EINVAL. */
int json_error(const struct json_document *document, const struct json *value,
    struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What VALUE is, for "not ...": "a string", "the number 1.0".  In BUFFER. */
#define JSON_DESCRIPTION 64
const char *json_describe(const struct json *value, char *buffer);

/* The member called NAME, or NULL. */
const struct json *json_find(const struct json *object, const char *name);

/* Whether VALUE is the string TEXT. */
bool json_equals(const struct json *value, const char *text);

/* Exactly: an integer without fraction and exponent, or false. */
bool json_u64(const struct json *value, uint64_t *ret_number);
bool json_i64(const struct json *value, int64_t *ret_number);

/* An integer from 0 to LARGEST, or "expected WHAT, an integer from 0 to ...".
 */
struct json_wanted {
	const char *what;
	uint64_t largest;
};
int json_get_u64(const struct json_document *document, const struct json *value,
    struct json_wanted wanted, uint64_t *ret_number, struct diag *diag);

/* A string without NUL bytes, or "expected WHAT, ...". */
int json_get_string(const struct json_document *document,
    const struct json *value, const char *what, const char **ret_text,
    struct diag *diag);

/* One that an object may have, under one of its names. */
struct json_field {
	const char *name;
	const char *alias; /* an older name, or NULL */
	bool required;
};

/*
 * Sorts an object's members into RET_VALUES, one for each of the FIELDS (NULL:
 * it is not there).  An unknown, a missing or a doubled field is an error.
 */
int json_fields(const struct json_document *document, const struct json *object,
    const struct json_field *fields, size_t count,
    const struct json **ret_values, struct diag *diag);

#endif
