/* SPDX-License-Identifier: ISC */
/* What a job's process says and writes, and how that is passed on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/base64.h"
#include "api/job.h"
#include "api/worker.h"
#include "base/cleanup.h"
#include "base/quote.h"
#include "json/write.h"

#define READ_SIZE 65536

/* Shared by all, as one is read at a time. */
static char read_buffer[READ_SIZE];

static bool
is_text(const struct strbuf *buf)
{
	size_t length;

	for (size_t i = 0; i < buf->length; i += length) {
		length = utf8_length(buf->data + i);
		if (length == 0 || buf->data[i] == '\0')
			return false;
	}
	return true;
}

/* As "NAME" what is text, as "NAME_base64" what is not. */
static void
put_bytes(struct json_writer *json, const char *name, const struct strbuf *buf)
{
	cleanup_strbuf struct strbuf coded = { 0 }, long_name = { 0 };

	if (is_text(buf)) {
		json_string(json, name, buf->length > 0 ? buf->data : "");
		return;
	}
	strbuf_printf(&long_name, "%s_base64", name);
	base64_write(&coded, buf->data, buf->length);
	if (coded.failed || long_name.failed)
		json->buf->failed = true;
	else
		json_string(json, long_name.data, coded.data);
}

static void
send_event(struct client *client, const char *method, struct strbuf *members)
{
	cleanup_strbuf struct strbuf line = { 0 };

	if (client == NULL)
		return;
	rpc_write_event(&line, method, members->failed ? "" : members->data);
	line.failed |= members->failed;
	client_send(client, &line);
}

static void
take_error(struct job *job, const char *text)
{
	char *end;

	job->code = (int)strtol(text, &end, 10);
	job->result.length = 0;
	strbuf_puts(&job->result, *end == ' ' ? end + 1 : "\"\"");
}

static void
take_event(struct job *job, const char *text)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_printf(&buf, "\"run\": %s, \"event\": ", job->id);
	strbuf_puts(&buf, text);
	send_event(job->client, "event", &buf);
}

static void
take_line(struct job *job, const char *line)
{
	const char *text = line + 1;

	switch (line[0]) {
	case REPORT_WARNING:
		if (job->warnings.length > 0)
			strbuf_puts(&job->warnings, ", ");
		strbuf_puts(&job->warnings, text);
		break;
	case REPORT_EVENT:
		take_event(job, text);
		break;
	case REPORT_RESULT:
	case REPORT_STATUS:
		if (job->code != 0)
			break;
		job->result.length = 0;
		strbuf_puts(&job->result, text);
		break;
	case REPORT_ERROR:
		take_error(job, text);
		break;
	case REPORT_PARENT:
		job->parent = true;
		break;
	default:
		break;
	}
}

static void
take_lines(struct job *job)
{
	char *line = job->heard.data, *end;
	size_t rest = job->heard.length;

	while (rest > 0 && (end = memchr(line, '\n', rest)) != NULL) {
		*end = '\0';
		take_line(job, line);
		rest -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	if (rest > 0)
		memmove(job->heard.data, line, rest);
	job->heard.length = rest;
}

bool
job_listen(struct job *job)
{
	ssize_t n;

	if (job->control.fd < 0)
		return false;
	n = recv(
	    job->control.fd, read_buffer, sizeof(read_buffer), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		loop_close(job->server->loop, &job->control);
		return false;
	}
	strbuf_add(&job->heard, read_buffer, (size_t)n);
	if (job->heard.failed)
		strbuf_free(&job->heard);
	else
		take_lines(job);
	return true;
}

/* The bytes at the end that are the beginning of a character: 0 to 3. */
static size_t
begun_character(const struct strbuf *buf)
{
	for (size_t back = 1; back <= 3 && back <= buf->length; back++) {
		unsigned char c = (unsigned char)buf->data[buf->length - back];
		size_t needed = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

		if (c < 0x80)
			return 0;
		if (c >= 0xc0)
			return needed > back ? back : 0;
	}
	return 0;
}

static void
send_output(struct gather *gather, size_t held)
{
	cleanup_strbuf struct strbuf buf = { 0 }, now = { 0 };
	struct json_writer json = { .buf = &buf, .comma = true };

	if (gather->kept.length == held)
		return;
	strbuf_add(&now, gather->kept.data, gather->kept.length - held);
	if (held > 0)
		memmove(
		    gather->kept.data, gather->kept.data + now.length, held);
	gather->kept.length = held;
	strbuf_printf(&buf, "\"run\": %s", gather->job->id);
	json_string(&json, "stream", gather->name);
	if (!now.failed)
		put_bytes(&json, "data", &now);
	send_event(gather->job->client, "output", &buf);
}

static void
take_output(struct gather *gather, size_t length)
{
	size_t room = gather->job->capture - gather->kept.length;

	if (gather->kind == STREAM_STREAM) {
		strbuf_add(&gather->kept, read_buffer, length);
		if (!gather->kept.failed)
			send_output(gather, begun_character(&gather->kept));
		return;
	}
	if (length > room) {
		gather->lost += length - room;
		length = room;
	}
	if (length > 0)
		strbuf_add(&gather->kept, read_buffer, length);
}

bool
job_gather(struct gather *gather)
{
	ssize_t n;

	if (gather->source.fd < 0)
		return false;
	n = read(gather->source.fd, read_buffer, sizeof(read_buffer));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		loop_close(gather->job->server->loop, &gather->source);
		return false;
	}
	take_output(gather, (size_t)n);
	return true;
}

void
job_gather_end(struct gather *gather)
{
	if (gather->kind == STREAM_STREAM)
		send_output(gather, 0);
}

static void
put_output(struct json_writer *json, const struct gather *gather)
{
	cleanup_strbuf struct strbuf name = { 0 };

	if (gather->kind != STREAM_CAPTURE)
		return;
	put_bytes(json, gather->name, &gather->kept);
	if (gather->lost == 0)
		return;
	strbuf_printf(&name, "%s_lost", gather->name);
	if (!name.failed)
		json_number(json, name.data, (long long)gather->lost);
}

/* The command's own status, where no parent told it. */
static void
put_status(struct json_writer *json, const struct job *job)
{
	if (job->killed)
		json_number(json, "status", 128 + SIGKILL);
	else if (WIFSIGNALED(job->status))
		json_number(json, "status", 128 + WTERMSIG(job->status));
	else
		json_number(json, "status", WEXITSTATUS(job->status));
	json_bool(json, "timed_out", false);
}

void
job_describe_end(const struct job *job, struct strbuf *buf)
{
	struct json_writer json = { .buf = buf };
	bool told = job->result.length > 0 && !job->killed;

	if (told) {
		strbuf_puts(buf, job->result.data);
		json.comma = true;
	} else if (job->method->runs) {
		put_status(&json, job);
	}
	if (job->method->runs)
		for (size_t i = 0; i < JOB_OUTPUTS; i++)
			put_output(&json, &job->outputs[i]);
	json_open(&json, "warnings", '[');
	if (job->warnings.length > 0)
		strbuf_puts(buf, job->warnings.data);
	json_close(&json, ']');
}
