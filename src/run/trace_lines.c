/* SPDX-License-Identifier: ISC */
#include "run/trace_lines.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/quote.h"
#include "call/errnos.h"
#include "call/symbols.h"
#include "json/write.h"

/* --- For people --- */

static void
add_number(struct strbuf *buf, uint64_t number)
{
	char digits[24], *at = digits + sizeof(digits);

	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	strbuf_add(buf, at, (size_t)(digits + sizeof(digits) - at));
}

static void
add_source(const struct event_source *source, struct strbuf *buf)
{
	add_number(buf, (uint64_t)source->pid);
	if (source->tid != source->pid) {
		strbuf_putc(buf, '/');
		add_number(buf, (uint64_t)source->tid);
	}
	strbuf_putc(buf, ' ');
}

/* Seconds, to the microsecond. */
static void
add_seconds(struct strbuf *buf, double seconds)
{
	uint64_t micro = (uint64_t)(seconds * 1e6 + 0.5);
	char digits[7];

	add_number(buf, micro / 1000000);
	digits[0] = '.';
	micro %= 1000000;
	for (int i = 6; i > 0; i--) {
		digits[i] = (char)('0' + micro % 10);
		micro /= 10;
	}
	strbuf_add(buf, digits, sizeof(digits));
}

void
trace_call_text(const struct event_call *call, struct strbuf *buf)
{
	add_source(&call->source, buf);
	event_call_text(call, buf);
	strbuf_puts(buf, " = ");
	event_call_result_text(call, buf);
	if (!call->ended)
		return;
	strbuf_puts(buf, " <");
	add_seconds(buf, call->duration);
	strbuf_putc(buf, '>');
}

static void
add_signal(struct strbuf *buf, int number)
{
	const char *name = symbol_signal(number);

	if (name != NULL)
		strbuf_puts(buf, name);
	else
		add_number(buf, (uint64_t)number);
}

/* Who sent it, where the kernel says. */
static bool
has_sender(const siginfo_t *info)
{
	return info->si_code == SI_USER || info->si_code == SI_QUEUE ||
	       info->si_code == SI_TKILL || info->si_signo == SIGCHLD;
}

void
trace_signal_text(const struct event_source *source, const siginfo_t *info,
    struct strbuf *buf)
{
	add_source(source, buf);
	strbuf_puts(buf, "--- ");
	add_signal(buf, info->si_signo);
	if (has_sender(info))
		strbuf_printf(buf, " from %d", (int)info->si_pid);
	if (info->si_signo == SIGSEGV || info->si_signo == SIGBUS)
		strbuf_printf(buf, " at %p", info->si_addr);
	strbuf_puts(buf, " ---");
}

void
trace_exit_text(
    const struct event_source *source, int status, struct strbuf *buf)
{
	add_source(source, buf);
	if (WIFSIGNALED(status)) {
		strbuf_puts(buf, "+++ killed by ");
		add_signal(buf, WTERMSIG(status));
		strbuf_puts(buf, WCOREDUMP(status) ? " (core dumped)" : "");
	} else {
		strbuf_puts(buf, "+++ exited with ");
		add_number(buf, (uint64_t)WEXITSTATUS(status));
	}
	strbuf_puts(buf, " +++");
}

void
trace_status_text(int status, struct strbuf *buf)
{
	const char *name = status > 128 ? symbol_signal(status - 128) : NULL;

	if (name != NULL)
		strbuf_puts(buf, name);
	else
		strbuf_printf(buf, "exit status %d", status);
}

/* --- JSON --- */

/* NAME and, when it is no UTF-8, NAME_HEX. */
static void
add_path(struct json_writer *json, const char *name, const char *hex_name,
    const struct event_call *call, const struct event_value *value)
{
	const char *bytes = event_value_bytes(call, value);
	/* Of a descriptor, no NUL follows. */
	char *copy = strndup(bytes, value->length);

	if (copy == NULL) {
		json->buf->failed = true;
		return;
	}
	json_path(json, name, hex_name, copy);
	free(copy);
}

static void
add_text(struct json_writer *json, const char *name,
    const struct event_call *call, const struct event_value *value)
{
	struct strbuf text = { 0 };

	event_value_text(call, value, &text);
	json_string(json, name, text.data != NULL ? text.data : "");
	strbuf_free(&text);
}

/*
 * Numbers are numbers, descriptors objects, paths and names that are text
 * strings; the rest is what people read.
 */
static void
add_value(struct json_writer *json, const char *name,
    const struct event_call *call, const struct event_value *value)
{
	const char *bytes = event_value_bytes(call, value);

	switch ((enum value_type)value->type) {
	case VALUE_NUMBER:
		json_number(json, name, value->number);
		return;
	case VALUE_NULL:
	case VALUE_HIDDEN:
		json_null(json, name);
		return;
	case VALUE_FD:
		if (value->length == 0) {
			json_number(json, name, value->number);
			return;
		}
		json_open(json, name, '{');
		json_number(json, "fd", value->number);
		add_path(json, "path", "path_hex", call, value);
		json_close(json, '}');
		return;
	case VALUE_STRING:
		/* A NUL stands behind it. */
		if (value->path ||
		    (!value->cut && utf8_is_text(bytes, value->length))) {
			json_string(json, name, bytes);
			return;
		}
		break;
	case VALUE_TEXT:
		break;
	}
	add_text(json, name, call, value);
}

static void
begin_json(struct json_writer *json, const char *event,
    const struct event_source *source)
{
	json_open(json, NULL, '{');
	json_string(json, "event", event);
	json_number(json, "pid", source->pid);
	json_number(json, "tid", source->tid);
}

static void
add_result(struct json_writer *json, const struct event_call *call)
{
	const char *error;

	if (!call->ended) {
		json_null(json, "result");
		json_null(json, "duration");
		return;
	}
	if (call->failed) {
		json_number(json, "result", -1);
		error = symbol_errno((int)-call->returned);
		if (error != NULL)
			json_string(json, "errno", error);
		else
			json_number(json, "errno", -call->returned);
	} else
		add_value(json, "result", call, &call->result);
	json_decimal(json, "duration", call->duration);
}

void
trace_call_json(const struct event_call *call, struct strbuf *buf)
{
	struct json_writer json = { .buf = buf };
	const struct event_value *path;
	char name[CALL_NAME_SIZE];
	size_t at = 0;

	begin_json(&json, "call", &call->source);
	json_string(&json, "syscall", event_call_name(call, name));
	if (call->arch != arch_native())
		json_string(&json, "arch",
		    call->arch != NULL ? call->arch->name : "unknown");
	json_open(&json, "args", '[');
	for (size_t i = 0; i < call->count; i++)
		add_value(&json, NULL, call, &call->args[i]);
	json_close(&json, ']');
	path = event_call_path(call, &at);
	if (path != NULL)
		add_path(&json, "path", "path_hex", call, path);
	path = event_call_path(call, &at);
	if (path != NULL)
		add_path(&json, "path2", "path2_hex", call, path);
	add_result(&json, call);
	json_close(&json, '}');
}

static void
add_signal_json(struct json_writer *json, const char *name, int number)
{
	const char *text = symbol_signal(number);

	if (text != NULL)
		json_string(json, name, text);
	else
		json_number(json, name, number);
}

void
trace_signal_json(const struct event_source *source, const siginfo_t *info,
    struct strbuf *buf)
{
	struct json_writer json = { .buf = buf };

	begin_json(&json, "signal", source);
	add_signal_json(&json, "signal", info->si_signo);
	if (has_sender(info))
		json_number(&json, "sender", info->si_pid);
	json_close(&json, '}');
}

void
trace_exit_json(
    const struct event_source *source, int status, struct strbuf *buf)
{
	struct json_writer json = { .buf = buf };

	begin_json(&json, "exit", source);
	if (WIFSIGNALED(status))
		add_signal_json(&json, "signal", WTERMSIG(status));
	else
		json_number(&json, "status", WEXITSTATUS(status));
	json_close(&json, '}');
}
