/* SPDX-License-Identifier: ISC */
#include "api/methods.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/base64.h"
#include "api/server.h"
#include "api/worker.h"
#include "base/suggest.h"
#include "base/table.h"
#include "json/write.h"
#include "policy/policy.h"

#define LARGEST_CAPTURE ((uint64_t)16 * 1024 * 1024)
#define LARGEST_SECONDS 1e9

static int
expected(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	char found[JSON_DESCRIPTION];

	return json_error(document, value, diag, "%s: expected %s, not %s",
	    value->name != NULL ? value->name : "an element", row->name,
	    json_describe(value, found));
}

static int
check_string(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	const char *text;

	if (value->type != JSON_STRING)
		return expected(document, value, row, diag);
	return json_get_string(document, value, row->name, &text, diag);
}

static int
check_strings(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	const struct field_type_row *one = &field_type_rows[FIELD_TYPE_STRING];
	int r = 0;

	if (value->type != JSON_ARRAY)
		return expected(document, value, row, diag);
	for (const struct json *e = value->first; r == 0 && e; e = e->next)
		r = check_string(document, e, one, diag);
	return r;
}

static int
check_argv(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	if (value->type == JSON_ARRAY && value->count == 0)
		return json_error(document, value, diag,
		    "%s: expected %s; it is empty", value->name, row->name);
	return check_strings(document, value, row, diag);
}

static int
check_bool(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	if (value->type == JSON_TRUE || value->type == JSON_FALSE)
		return 0;
	return expected(document, value, row, diag);
}

static int
check_seconds(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	double seconds =
	    value->type == JSON_NUMBER ? strtod(value->text, NULL) : 0;

	if (isfinite(seconds) && seconds > 0 && seconds <= LARGEST_SECONDS)
		return 0;
	return expected(document, value, row, diag);
}

static int
check_bytes(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	uint64_t number;

	if (json_u64(value, &number) && number <= LARGEST_CAPTURE)
		return 0;
	return expected(document, value, row, diag);
}

static int
check_limits(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	uint64_t number;

	if (value->type != JSON_OBJECT)
		return expected(document, value, row, diag);
	for (const struct json *m = value->first; m != NULL; m = m->next) {
		struct suggest suggest = { .wanted = m->name };
		bool known = false;

		for (int i = 0; i < LIMIT_COUNT; i++) {
			known |= strcmp(m->name, limit_rows[i].name) == 0;
			suggest_consider(&suggest, limit_rows[i].name);
		}
		if (!known)
			return json_error(document, m, diag,
			    "unknown limit \"%.100s\"%s", m->name,
			    suggest_text(&suggest));
		if (m->type != JSON_STRING && !json_u64(m, &number))
			return json_error(document, m, diag,
			    "%s: expected a whole number, or a string like "
			    "\"64M\"",
			    m->name);
	}
	return 0;
}

static int
check_env(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	const struct field_type_row *one = &field_type_rows[FIELD_TYPE_STRING];
	int r = 0;

	if (value->type != JSON_OBJECT)
		return expected(document, value, row, diag);
	for (const struct json *m = value->first; r == 0 && m; m = m->next) {
		if (m->name_length == 0 || strchr(m->name, '=') != NULL ||
		    strlen(m->name) != m->name_length)
			return json_error(document, m, diag,
			    "a variable's name is not empty, and holds "
			    "neither = nor \\u0000");
		if (m->type != JSON_NULL)
			r = check_string(document, m, one, diag);
	}
	return r;
}

/* The one member of {"fd": 0}, {"text": "..."}; or NULL. */
static const struct json *
only_member(const struct json *value, const char *name)
{
	if (value->type != JSON_OBJECT || value->count != 1 ||
	    strcmp(value->first->name, name) != 0)
		return NULL;
	return value->first;
}

static bool
is_fd(const struct json *value)
{
	const struct json *fd = only_member(value, "fd");
	uint64_t number;

	return fd != NULL && json_u64(fd, &number) && number < CLIENT_FDS;
}

static int
check_input(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	const struct json *text = only_member(value, "text");
	const struct json *coded = only_member(value, "base64");

	if (json_equals(value, "null") || is_fd(value) ||
	    (text != NULL && text->type == JSON_STRING))
		return 0;
	if (coded != NULL && coded->type == JSON_STRING) {
		if (base64_is_valid(coded->text, coded->length))
			return 0;
		return json_error(document, coded, diag,
		    "expected base64: groups of four of A-Z a-z 0-9 + / =");
	}
	return expected(document, value, row, diag);
}

static int
check_output(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	if (json_equals(value, "capture") || json_equals(value, "stream") ||
	    json_equals(value, "null") || is_fd(value))
		return 0;
	return expected(document, value, row, diag);
}

static int
check_id(const struct json_document *document, const struct json *value,
    const struct field_type_row *row, struct diag *diag)
{
	char id[RPC_ID_SIZE];

	if (value->type != JSON_NULL && rpc_id(value, id) == 0)
		return 0;
	return expected(document, value, row, diag);
}

const struct field_type_row field_type_rows[FIELD_TYPE_COUNT] = {
	[FIELD_TYPE_STRING] = { "a string", check_string },
	[FIELD_TYPE_STRINGS] = { "an array of strings", check_strings },
	[FIELD_TYPE_ARGV] = { "an array of at least one string", check_argv },
	[FIELD_TYPE_BOOL] = { "true or false", check_bool },
	[FIELD_TYPE_SECONDS] = { "a number of seconds above 0", check_seconds },
	[FIELD_TYPE_BYTES] = { "a whole number of bytes, at most 16777216",
	    check_bytes },
	[FIELD_TYPE_LIMITS] = { "an object of limits", check_limits },
	[FIELD_TYPE_ENV] = { "an object of strings (or null)", check_env },
	[FIELD_TYPE_INPUT] = { "\"null\", {\"text\": \"...\"}, "
	                       "{\"base64\": \"...\"} or {\"fd\": N}",
	    check_input },
	[FIELD_TYPE_OUTPUT] = { "\"capture\", \"stream\", \"null\" or "
	                        "{\"fd\": N}",
	    check_output },
	[FIELD_TYPE_ID] = { "the id of a request, a number or a string",
	    check_id },
};

const struct field_row field_rows[FIELD_COUNT] = {
	[FIELD_WORD] = { "word", FIELD_TYPE_STRING, "one promise" },
	[FIELD_NAME] = { "name", FIELD_TYPE_STRING, "one profile" },
	[FIELD_POLICY] = { "policy", FIELD_TYPE_STRING,
	    "a policy file's text" },
	[FIELD_PROFILE] = { "profile", FIELD_TYPE_STRING,
	    "a profile's name, or a policy file's path" },
	[FIELD_PROMISES] = { "promises", FIELD_TYPE_STRING,
	    "promises, as -p takes them" },
	[FIELD_UNVEIL] = { "unveil", FIELD_TYPE_STRINGS,
	    "paths, as -v takes them" },
	[FIELD_LIMITS] = { "limits", FIELD_TYPE_LIMITS,
	    "limits, as a policy file names them" },
	[FIELD_ARGV] = { "argv", FIELD_TYPE_ARGV, "the command" },
	[FIELD_CWD] = { "cwd", FIELD_TYPE_STRING,
	    "an absolute path, where it runs; else /" },
	[FIELD_ENV] = { "env", FIELD_TYPE_ENV,
	    "variables to set, or (null) to leave out" },
	[FIELD_CLEAR_ENV] = { "clear_env", FIELD_TYPE_BOOL,
	    "no variables but those of env" },
	[FIELD_TIMEOUT] = { "timeout", FIELD_TYPE_SECONDS,
	    "the command is ended after so long" },
	[FIELD_STDIN] = { "stdin", FIELD_TYPE_INPUT, "what it reads" },
	[FIELD_STDOUT] = { "stdout", FIELD_TYPE_OUTPUT,
	    "where its output goes" },
	[FIELD_STDERR] = { "stderr", FIELD_TYPE_OUTPUT,
	    "where its messages go" },
	[FIELD_CAPTURE] = { "capture", FIELD_TYPE_BYTES,
	    "how much of each is kept; else 1048576" },
	[FIELD_WAIT] = { "wait", FIELD_TYPE_BOOL,
	    "false: answer at once, and wait asks for the end" },
	[FIELD_RUN] = { "run", FIELD_TYPE_ID,
	    "the id of the request that began it" },
	[FIELD_SIGNAL] = { "signal", FIELD_TYPE_STRING,
	    "a signal's name: TERM" },
	[FIELD_ONLY] = { "only", FIELD_TYPE_STRING,
	    "calls, promises and paths, as --only takes them" },
	[FIELD_SUMMARY] = { "summary", FIELD_TYPE_BOOL,
	    "only how often each call was made" },
};

#define F(field) (UINT32_C(1) << FIELD_##field)
#define POLICY_FIELDS \
 (F(POLICY) | F(PROFILE) | F(PROMISES) | F(UNVEIL) | F(LIMITS) | F(CWD))
#define COMMAND_FIELDS (F(ARGV) | F(ENV) | F(CLEAR_ENV))
#define STREAM_FIELDS  (F(STDIN) | F(STDOUT) | F(STDERR) | F(CAPTURE) | F(WAIT))
#define RUN_FIELDS     (POLICY_FIELDS | COMMAND_FIELDS | F(TIMEOUT) | STREAM_FIELDS)
#define WATCH_FIELDS   (COMMAND_FIELDS | F(CWD) | STREAM_FIELDS)

static const char *const who_names[] = {
	[WHO_ADMITTED] = "all",
	[WHO_BEGAN] = "own",
	[WHO_USER] = "user",
};

const struct method methods[] = {
	{ "methods", "every method with its fields", WHO_ADMITTED, 0, 0, false,
	    answer_methods, NULL },
	{ "promises", "what each promise allows, call by call", WHO_ADMITTED,
	    F(WORD), 0, false, answer_promises, NULL },
	{ "doctor", "what this machine can enforce", WHO_ADMITTED, 0, 0, false,
	    answer_doctor, NULL },
	{ "profiles", "list the profiles, or print one", WHO_ADMITTED, F(NAME),
	    0, false, NULL, work_profiles },
	{ "check", "read a policy, and say what is wrong with it", WHO_ADMITTED,
	    POLICY_FIELDS, 0, false, NULL, work_check },
	{ "resolve", "what would be enforced, without running anything",
	    WHO_ADMITTED, POLICY_FIELDS | COMMAND_FIELDS, 0, false, NULL,
	    work_resolve },
	{ "run", "run a command under a policy", WHO_ADMITTED, RUN_FIELDS,
	    F(ARGV), true, NULL, work_run },
	{ "explain", "run it, and tell each denial", WHO_ADMITTED, RUN_FIELDS,
	    F(ARGV), true, NULL, work_explain },
	{ "trace",
	    "run it, confined by the ceiling alone, and tell each system call",
	    WHO_USER, WATCH_FIELDS | F(ONLY) | F(SUMMARY), F(ARGV), true, NULL,
	    work_trace },
	{ "learn",
	    "run it, confined by the ceiling alone, and write the policy that fits "
	    "it",
	    WHO_ADMITTED, WATCH_FIELDS | F(TIMEOUT), F(ARGV), true, NULL,
	    work_learn },
	{ "signal", "send a signal to a run", WHO_BEGAN, F(RUN) | F(SIGNAL),
	    F(RUN) | F(SIGNAL), false, answer_signal, NULL },
	{ "wait", "wait for the end of a run", WHO_BEGAN, F(RUN), F(RUN), false,
	    answer_wait, NULL },
};
const size_t method_count = ARRAY_SIZE(methods);

static const struct method *
find_method(const char *name, struct diag *diag)
{
	struct suggest suggest = { .wanted = name };

	for (size_t i = 0; i < method_count; i++) {
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
		suggest_consider(&suggest, methods[i].name);
	}
	diag_set(diag, EINVAL, "unknown method \"%.100s\"%s", name,
	    suggest_text(&suggest));
	return NULL;
}

/* The method's fields, for json_fields(): *RET_WHICH says which each is. */
static size_t
list_fields(const struct method *method, struct json_field *ret_fields,
    enum field *ret_which)
{
	size_t count = 0;

	for (int i = 0; i < FIELD_COUNT; i++) {
		if (!(method->fields & UINT32_C(1) << i))
			continue;
		ret_which[count] = (enum field)i;
		ret_fields[count++] = (struct json_field){ field_rows[i].name,
			NULL, method->required & UINT32_C(1) << i };
	}
	return count;
}

int
method_ask(const struct rpc_request *request, struct asked *ret_asked,
    struct diag *diag)
{
	static const struct json nothing = {
		.type = JSON_OBJECT, .line = 1, .column = 1
	};
	const struct json *params =
	    request->params != NULL ? request->params : &nothing;
	const struct json *values[FIELD_COUNT];
	struct json_field fields[FIELD_COUNT];
	enum field which[FIELD_COUNT];
	size_t count;

	*ret_asked = (struct asked){ .request = request };
	ret_asked->method = find_method(request->method, diag);
	if (ret_asked->method == NULL)
		return RPC_METHOD;
	count = list_fields(ret_asked->method, fields, which);
	if (json_fields(
	        &request->document, params, fields, count, values, diag) < 0)
		return RPC_PARAMS;
	for (size_t i = 0; i < count; i++) {
		const struct field_type_row *type =
		    &field_type_rows[field_rows[which[i]].type];

		ret_asked->values[which[i]] = values[i];
		if (values[i] != NULL &&
		    type->check(&request->document, values[i], type, diag) < 0)
			return RPC_PARAMS;
	}
	return 0;
}

const char *
field_text(const struct asked *asked, enum field field)
{
	const struct json *value = asked->values[field];

	return value != NULL ? value->text : NULL;
}

bool
field_bool(const struct asked *asked, enum field field, bool fallback)
{
	const struct json *value = asked->values[field];

	return value != NULL ? value->type == JSON_TRUE : fallback;
}

double
field_seconds(const struct asked *asked, enum field field)
{
	const struct json *value = asked->values[field];

	return value != NULL ? strtod(value->text, NULL) : 0;
}

size_t
field_size(const struct asked *asked, enum field field, size_t fallback)
{
	const struct json *value = asked->values[field];
	uint64_t number;

	return value != NULL && json_u64(value, &number) ? (size_t)number
	                                                 : fallback;
}

struct stream
field_stream(const struct asked *asked, enum field field)
{
	const struct json *value = asked->values[field];
	struct stream stream = {
		.kind = field == FIELD_STDIN ? STREAM_NULL : STREAM_CAPTURE
	};

	if (value == NULL || json_equals(value, "capture"))
		return stream;
	if (json_equals(value, "null")) {
		stream.kind = STREAM_NULL;
	} else if (json_equals(value, "stream")) {
		stream.kind = STREAM_STREAM;
	} else if (is_fd(value)) {
		stream.kind = STREAM_FD;
		stream.fd = (size_t)strtoul(value->first->text, NULL, 10);
	} else {
		stream.kind = strcmp(value->first->name, "text") == 0
		                  ? STREAM_TEXT
		                  : STREAM_BASE64;
		stream.bytes = value->first;
	}
	return stream;
}

static void
describe_fields(struct json_writer *json, const struct method *method)
{
	for (int i = 0; i < FIELD_COUNT; i++) {
		if (!(method->fields & UINT32_C(1) << i))
			continue;
		json_open(json, NULL, '{');
		json_string(json, "name", field_rows[i].name);
		json_string(
		    json, "type", field_type_rows[field_rows[i].type].name);
		json_bool(
		    json, "required", method->required & UINT32_C(1) << i);
		json_string(json, "text", field_rows[i].text);
		json_close(json, '}');
	}
}

void
methods_describe(struct strbuf *buf)
{
	struct json_writer json = { .buf = buf };

	json_open(&json, "methods", '[');
	for (size_t i = 0; i < method_count; i++) {
		json_open(&json, NULL, '{');
		json_string(&json, "name", methods[i].name);
		json_string(&json, "text", methods[i].text);
		json_string(&json, "who", who_names[methods[i].who]);
		json_open(&json, "fields", '[');
		describe_fields(&json, &methods[i]);
		json_close(&json, ']');
		json_close(&json, '}');
	}
	json_close(&json, ']');
}
