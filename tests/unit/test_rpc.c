/* SPDX-License-Identifier: ISC */
#include "api/base64.h"
#include "api/methods.h"
#include "api/rpc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "tap.h"

/* A request, what it is answered under, and the error or 0. */
static const struct {
	const char *line, *id;
	int code;
	const char *words;
} requests[] = {
	{ "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"methods\"}", "1", 0,
	    "" },
	{ "{\"jsonrpc\": \"2.0\", \"id\": -1.5e3, \"method\": \"doctor\"}",
	    "-1.5e3", 0, "" },
	{ "{\"jsonrpc\": \"2.0\", \"id\": \"a\\n\\\"\", \"method\": \"x\"}",
	    "\"a\\u000a\\\"\"", RPC_METHOD, "unknown method" },
	{ "{\"jsonrpc\": \"2.0\", \"method\": \"doctor\"}", "null", 0, "" },
	{ "{\"jsonrpc\": \"2.0\", \"id\": \"\\u0000\", \"method\": \"x\"}",
	    "null", RPC_INVALID, "expected an id" },
	{ "{\"jsonrpc\": \"2.0\", \"id\": true, \"method\": \"x\"}", "null",
	    RPC_INVALID, "expected an id" },
	{ "{\"jsonrpc\": 2.0, \"id\": 1, \"method\": \"x\"}", "1", RPC_INVALID,
	    "\"2.0\"" },
	{ "{\"jsonrpc\": \"2.0\", \"id\": 1, \"metho\": \"x\"}", "1",
	    RPC_INVALID, "did you mean \"method\"?" },
	{ "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"run\", \"params\": "
	  "\"x\"}",
	    "1", RPC_PARAMS, "named fields" },
	{ "1", "null", RPC_INVALID, "expected a request" },
	{ "", "null", RPC_PARSE, "expected" },
	{ "{\"id\": 1} x", "null", RPC_PARSE, "request:1:11" },
};

static void
test_requests(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		struct rpc_request request;
		struct diag diag = { 0 };
		struct asked asked;
		char *line = strdup(requests[i].line);
		int code = rpc_read(&request, line, strlen(line), &diag);

		if (code == 0)
			code = method_ask(&request, &asked, &diag);
		ok(code == requests[i].code &&
		        strcmp(request.id, requests[i].id) == 0 &&
		        strstr(diag.text, requests[i].words) != NULL,
		    "%s: %d %s %s", requests[i].line, code, request.id,
		    diag.text);
		rpc_free(&request);
	}
}

static void
test_long_id(void)
{
	struct rpc_request request;
	struct diag diag = { 0 };
	char *line = NULL;
	int lengths[] = { 256, 300 };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		if (asprintf(&line,
		        "{\"jsonrpc\": \"2.0\", \"id\": \"%0*d\", "
		        "\"method\": \"x\"}",
		        lengths[i], 0) < 0)
			return;
		ok(rpc_read(&request, line, strlen(line), &diag) ==
		        (i == 0 ? 0 : RPC_INVALID),
		    "an id of %d bytes", lengths[i]);
		rpc_free(&request);
	}
}

/* What the table leaves to its reader to get right. */
static void
test_table(void)
{
	for (size_t i = 0; i < method_count; i++) {
		const struct method *method = &methods[i];
		bool once = true;

		for (size_t j = 0; j < i; j++)
			once &= strcmp(methods[j].name, method->name) != 0;
		ok(once && (method->answer == NULL) != (method->work == NULL) &&
		        (method->required & ~method->fields) == 0 &&
		        (!method->runs || method->work != NULL),
		    "method %s", method->name);
	}
	for (int i = 0; i < FIELD_COUNT; i++) {
		bool used = false;

		for (size_t j = 0; j < method_count; j++)
			used |= (methods[j].fields & UINT32_C(1) << i) != 0;
		ok(used && field_rows[i].name != NULL &&
		        field_rows[i].text != NULL,
		    "field %s is some method's", field_rows[i].name);
	}
	for (int i = 0; i < FIELD_TYPE_COUNT; i++)
		ok(field_type_rows[i].check != NULL, "type: %s",
		    field_type_rows[i].name);
}

static const struct {
	const char *bytes, *text;
} codes[] = {
	{ "", "" },
	{ "M", "TQ==" },
	{ "Ma", "TWE=" },
	{ "Man", "TWFu" },
	{ "Many", "TWFueQ==" },
	{ "Many ", "TWFueSA=" },
	{ "Many w", "TWFueSB3" },
	{ "\xff\xfe\xfb", "//77" },
};
static const char *const not_codes[] = { "Z", "Zg", "Zg=", "Z===", "Zm 9v",
	"Zm9v\n", "====", "Zg==Zg==", "Zm-_" };

static void
test_base64(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		cleanup_strbuf struct strbuf text = { 0 }, bytes = { 0 };

		strbuf_puts(&text, "");
		strbuf_puts(&bytes, "");
		base64_write(&text, codes[i].bytes, strlen(codes[i].bytes));
		base64_read(&bytes, codes[i].text, strlen(codes[i].text));
		ok(strcmp(text.data, codes[i].text) == 0 &&
		        strcmp(bytes.data, codes[i].bytes) == 0 &&
		        base64_is_valid(codes[i].text, strlen(codes[i].text)),
		    "base64 %s", text.data);
	}
	for (size_t i = 0; i < ARRAY_SIZE(not_codes); i++)
		ok(!base64_is_valid(not_codes[i], strlen(not_codes[i])),
		    "no base64: row %zu", i);
}

int
main(void)
{
	test_requests();
	test_long_id();
	test_table();
	test_base64();
	return tap_done();
}
