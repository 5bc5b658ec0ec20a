/* SPDX-License-Identifier: ISC */
/*
 * What can be asked of a server: a row for each method, with who may, its
 * fields, and what is done; a row for each field, with its type.
 * docs/PROTOCOL.md says the same in words, and a test compares them.
 */
#ifndef API_METHODS_H
#define API_METHODS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/rpc.h"
#include "base/diag.h"
#include "json/read.h"

enum field {
	FIELD_WORD,
	FIELD_NAME,
	FIELD_POLICY,
	FIELD_PROFILE,
	FIELD_PROMISES,
	FIELD_UNVEIL,
	FIELD_LIMITS,
	FIELD_ARGV,
	FIELD_CWD,
	FIELD_ENV,
	FIELD_CLEAR_ENV,
	FIELD_TIMEOUT,
	FIELD_STDIN,
	FIELD_STDOUT,
	FIELD_STDERR,
	FIELD_CAPTURE,
	FIELD_WAIT,
	FIELD_RUN,
	FIELD_SIGNAL,
	FIELD_ONLY,
	FIELD_SUMMARY,
	FIELD_COUNT
};

enum field_type {
	FIELD_TYPE_STRING,
	FIELD_TYPE_STRINGS,
	FIELD_TYPE_ARGV, /* strings, at least one */
	FIELD_TYPE_BOOL,
	FIELD_TYPE_SECONDS, /* more than 0 */
	FIELD_TYPE_BYTES,   /* an integer */
	FIELD_TYPE_LIMITS,  /* an object: names, and numbers or strings */
	FIELD_TYPE_ENV,     /* an object: names, and strings or null */
	FIELD_TYPE_INPUT,
	FIELD_TYPE_OUTPUT,
	FIELD_TYPE_ID,
	FIELD_TYPE_COUNT
};

struct field_type_row {
	const char *name; /* "a string" */
	int (*check)(const struct json_document *document,
	    const struct json *value, const struct field_type_row *row,
	    struct diag *diag);
};
extern const struct field_type_row field_type_rows[FIELD_TYPE_COUNT];

struct field_row {
	const char *name;
	enum field_type type;
	const char *text; /* what it means, for people */
};
extern const struct field_row field_rows[FIELD_COUNT];

enum who {
	WHO_ADMITTED, /* whoever is let in */
	WHO_BEGAN,    /* the same, of a run that its own connection began */
	/* The server's own user alone.  A worker that has become another user
	 * cannot trace its child: the kernel guards what both have in memory,
	 * which is the server's. */
	WHO_USER,
};

struct client;
struct work;

/* A request whose fields are of the right types; NULL: not given. */
struct asked {
	const struct method *method;
	const struct rpc_request *request;
	const struct json *values[FIELD_COUNT];
};

struct method {
	const char *name;
	const char *text;
	enum who who;
	uint32_t fields, required; /* 1 << enum field */
	bool runs; /* `work` runs a command, whose output is gathered */
	/* In the server, at once; NULL: start a worker, which does `work`. */
	void (*answer)(struct client *client, const struct asked *asked);
	/* In a process of its own, as the client's user: an exit status. */
	int (*work)(struct work *work);
};
extern const struct method methods[];
extern const size_t method_count;

/*
 * Finds the method of REQUEST and sorts its params.  0, or an enum rpc_code and
 * a sentence.  REQUEST must outlive what was asked.
 */
int method_ask(const struct rpc_request *request, struct asked *ret_asked,
    struct diag *diag);

/* The string in VALUE (checked before), or NULL if it was not given. */
const char *field_text(const struct asked *asked, enum field field);
/* A boolean, or FALLBACK. */
bool field_bool(const struct asked *asked, enum field field, bool fallback);
/* Seconds, or 0. */
double field_seconds(const struct asked *asked, enum field field);
/* An integer, or FALLBACK. */
size_t field_size(const struct asked *asked, enum field field, size_t fallback);

/* What becomes of one of the standard descriptors. */
enum stream_kind {
	STREAM_NULL,
	STREAM_CAPTURE, /* output: into the result */
	STREAM_STREAM,  /* output: as notifications */
	STREAM_FD,      /* one that the client sent */
	STREAM_TEXT,    /* input: the bytes are in the request */
	STREAM_BASE64,
};
struct stream {
	enum stream_kind kind;
	size_t fd; /* STREAM_FD: its index among those sent */
	const struct json *bytes;
};
struct stream field_stream(const struct asked *asked, enum field field);

/* Every method with its fields, as members of a JSON object. */
void methods_describe(struct strbuf *buf);

#endif
