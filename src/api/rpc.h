/* SPDX-License-Identifier: ISC */
/*
 * JSON-RPC 2.0, one object a line: reading a request, writing what answers it.
 */
#ifndef API_RPC_H
#define API_RPC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "json/read.h"

#define RPC_LINE    ((size_t)1024 * 1024) /* bytes in a line, with its end */
#define RPC_ID_SIZE 264                   /* of an id, as it is written */

/* Error codes: JSON-RPC's own, and from -32000 on ours. */
enum rpc_code {
	RPC_PARSE = -32700,   /* no JSON */
	RPC_INVALID = -32600, /* no request */
	RPC_METHOD = -32601,  /* no such method */
	RPC_PARAMS = -32602,  /* a field is unknown, missing, of a wrong type */
	RPC_INTERNAL = -32603,
	RPC_POLICY = -32000,  /* the policy is wrong */
	RPC_NOT_RUN = -32001, /* the command could not be run */
	RPC_REFUSED = -32002, /* the server does not allow it */
	RPC_NO_RUN = -32003,  /* no run has that id */
	RPC_LIMIT = -32004,   /* too long, too many */
	RPC_CLOSING = -32005, /* the server is stopping */
};

struct rpc_request {
	struct json_document document;
	const char *method;
	const struct json *params; /* an object, or NULL: none */
	char id[RPC_ID_SIZE];      /* as JSON: "7", "\"a\"", "null" */
	bool has_id;               /* it is to be answered */
};

/*
 * Reads LINE, from malloc(), which the request owns from now on.  0, or an enum
 * rpc_code and the sentence; `id` is then what could be read of it, or "null".
 */
int rpc_read(struct rpc_request *ret_request, char *line, size_t length,
    struct diag *diag);
void rpc_free(struct rpc_request *request);

#define cleanup_rpc __attribute__((cleanup(rpc_free)))

/* VALUE as JSON text that is an id, in RPC_ID_SIZE bytes; -EINVAL: it is none.
 */
int rpc_id(const struct json *value, char *ret_id);

/*
 * Each writes one line with its end.  MEMBERS: JSON text, "\"a\": 1, ...",
 * without braces, or NULL.
 */
void rpc_write_result(struct strbuf *buf, const char *id, const char *members);
void rpc_write_error(
    struct strbuf *buf, const char *id, int code, const char *message);
/* TEXT: the message as JSON, and what may follow it: ", \"data\": {...}". */
void rpc_write_error_text(
    struct strbuf *buf, const char *id, int code, const char *text);
void rpc_write_event(
    struct strbuf *buf, const char *method, const char *members);

#endif
