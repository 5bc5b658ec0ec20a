/* SPDX-License-Identifier: ISC */
#include "api/rpc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "json/write.h"

enum { MEMBER_JSONRPC, MEMBER_ID, MEMBER_METHOD, MEMBER_PARAMS, MEMBERS };

static const struct json_field request_fields[MEMBERS] = {
	[MEMBER_JSONRPC] = { "jsonrpc", NULL, true },
	[MEMBER_ID] = { "id", NULL, false },
	[MEMBER_METHOD] = { "method", NULL, true },
	[MEMBER_PARAMS] = { "params", NULL, false },
};

int
rpc_id(const struct json *value, char *ret_id)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	if (value->type == JSON_NULL)
		strbuf_puts(&buf, "null");
	else if (value->type == JSON_NUMBER)
		strbuf_add(&buf, value->text, value->length);
	else if (value->type == JSON_STRING &&
	         strlen(value->text) == value->length)
		json_quote(&buf, value->text);
	else
		return -EINVAL;
	if (buf.failed || buf.length >= RPC_ID_SIZE)
		return -EINVAL;
	memcpy(ret_id, buf.data, buf.length + 1);
	return 0;
}

/* The id comes first, so that every other error can be answered under it. */
static int
read_members(struct rpc_request *request, struct diag *diag)
{
	const struct json *values[MEMBERS], *id;
	const struct json_document *document = &request->document;

	if (document->root->type != JSON_OBJECT)
		return json_error(document, document->root, diag,
		    "expected a request, an object; a batch is refused: send "
		    "one object a line");
	id = json_find(document->root, "id");
	if (id != NULL && rpc_id(id, request->id) < 0)
		return json_error(document, id, diag,
		    "expected an id: a number, a string of at most %d bytes "
		    "without \\u0000, or null",
		    RPC_ID_SIZE - 8);
	request->has_id = id != NULL;
	if (json_fields(document, document->root, request_fields, MEMBERS,
	        values, diag) < 0)
		return -EINVAL;
	if (!json_equals(values[MEMBER_JSONRPC], "2.0"))
		return json_error(document, values[MEMBER_JSONRPC], diag,
		    "expected \"jsonrpc\": \"2.0\"");
	if (json_get_string(document, values[MEMBER_METHOD], "a method",
	        &request->method, diag) < 0)
		return -EINVAL;
	request->params = values[MEMBER_PARAMS];
	return 0;
}

int
rpc_read(struct rpc_request *ret_request, char *line, size_t length,
    struct diag *diag)
{
	struct rpc_request *request = ret_request;
	char found[JSON_DESCRIPTION];

	*request = (struct rpc_request){ .id = "null" };
	if (json_read(&request->document, "request", line, length, diag) < 0)
		return RPC_PARSE;
	if (read_members(request, diag) < 0)
		return RPC_INVALID;
	if (request->params == NULL || request->params->type == JSON_OBJECT)
		return 0;
	json_error(&request->document, request->params, diag,
	    "expected params, an object with named fields, not %s",
	    json_describe(request->params, found));
	return RPC_PARAMS;
}

void
rpc_free(struct rpc_request *request)
{
	json_free(&request->document);
	*request = (struct rpc_request){ .id = "null" };
}

void
rpc_write_result(struct strbuf *buf, const char *id, const char *members)
{
	strbuf_printf(
	    buf, "{\"jsonrpc\": \"2.0\", \"id\": %s, \"result\": {", id);
	strbuf_puts(buf, members != NULL ? members : "");
	strbuf_puts(buf, "}}\n");
}

void
rpc_write_error_text(
    struct strbuf *buf, const char *id, int code, const char *text)
{
	strbuf_printf(buf,
	    "{\"jsonrpc\": \"2.0\", \"id\": %s, \"error\": {\"code\": %d, "
	    "\"message\": ",
	    id, code);
	strbuf_puts(buf, text);
	strbuf_puts(buf, "}}\n");
}

void
rpc_write_error(
    struct strbuf *buf, const char *id, int code, const char *message)
{
	cleanup_strbuf struct strbuf text = { 0 };

	json_quote(&text, message);
	buf->failed |= text.failed;
	if (!buf->failed)
		rpc_write_error_text(buf, id, code, text.data);
}

void
rpc_write_event(struct strbuf *buf, const char *method, const char *members)
{
	strbuf_printf(buf,
	    "{\"jsonrpc\": \"2.0\", \"method\": \"%s\", \"params\": {", method);
	strbuf_puts(buf, members);
	strbuf_puts(buf, "}}\n");
}
