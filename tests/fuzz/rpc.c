/* SPDX-License-Identifier: ISC */
/*
 * The server's reader of requests, given any line: an error says what it is and
 * can be answered under an id that reads back; what is accepted has fields of
 * the types that its reader relies on.
 */
#include <stdlib.h>
#include <string.h>

#include "api/base64.h"
#include "api/methods.h"
#include "api/rpc.h"
#include "target.h"

#define MAX_INPUT 65536

/* Every reader of a field, of whatever was asked for. */
static void
read_fields(const struct asked *asked)
{
	static const enum field streams[] = { FIELD_STDIN, FIELD_STDOUT,
		FIELD_STDERR };
	cleanup_strbuf struct strbuf buf = { 0 };

	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		struct stream stream = field_stream(asked, streams[i]);

		if (stream.kind == STREAM_BASE64)
			base64_read(
			    &buf, stream.bytes->text, stream.bytes->length);
		if (stream.kind == STREAM_TEXT)
			strbuf_add(
			    &buf, stream.bytes->text, stream.bytes->length);
	}
	if (field_seconds(asked, FIELD_TIMEOUT) < 0)
		abort();
	field_size(asked, FIELD_CAPTURE, 0);
	field_bool(asked, FIELD_WAIT, true);
}

/* An answer is a line, and JSON. */
static void
check_answer(const char *id, int code, const char *text)
{
	struct strbuf buf = { 0 };
	cleanup_json struct json_document back = { 0 };
	struct diag diag = { 0 };
	char *answer;

	rpc_write_error(&buf, id, code, text);
	answer = strbuf_take(&buf);
	if (answer == NULL)
		return;
	if (strchr(answer, '\n') != answer + strlen(answer) - 1 ||
	    json_read(&back, NULL, answer, strlen(answer), &diag) < 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpc_request request;
	struct diag diag = { 0 };
	struct asked asked;
	char *line = malloc(size + 1);
	int code;

	if (line == NULL || size > MAX_INPUT) {
		free(line);
		return 0;
	}
	memcpy(line, data, size);
	line[size] = '\0';
	code = rpc_read(&request, line, size, &diag);
	if (code == 0)
		code = method_ask(&request, &asked, &diag);
	if (code == 0)
		read_fields(&asked);
	else if (diag.text[0] == '\0')
		abort();
	check_answer(request.id, code, code != 0 ? diag.text : "fine");
	rpc_free(&request);
	return 0;
}
