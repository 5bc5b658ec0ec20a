/* SPDX-License-Identifier: ISC */
#include "guide/results.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "json/read.h"

const char *
results_path(int fd, char *buffer)
{
	snprintf(buffer, RESULTS_PATH_SIZE, "/proc/self/fd/%d", fd);
	return buffer;
}

static int
read_whole(int fd, char **ret_text, size_t *ret_length)
{
	cleanup_free char *text = NULL;
	struct stat status;
	size_t length = 0;
	ssize_t n = 1;

	if (fstat(fd, &status) < 0)
		return -errno;
	text = malloc((size_t)status.st_size + 1);
	if (text == NULL)
		return -ENOMEM;
	while (n > 0 && length < (size_t)status.st_size) {
		n = pread(fd, text + length, (size_t)status.st_size - length,
		    (off_t)length);
		if (n < 0 && errno != EINTR)
			return -errno;
		length += n > 0 ? (size_t)n : 0;
		n = n < 0 ? 1 : n;
	}
	text[length] = '\0';
	*ret_text = take_pointer(text);
	*ret_length = length;
	return 0;
}

static const char *
text_of(const struct json *object, const char *name)
{
	const struct json *value = json_find(object, name);

	return value != NULL && value->type == JSON_STRING ? value->text : NULL;
}

static struct seen_call *
find_call(struct findings *findings, const char *name)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->calls[i].name, name) == 0)
			return &findings->calls[i];
	return NULL;
}

static int
add_call(struct findings *findings, const struct json *object)
{
	const struct json *calls = json_find(object, "calls");
	const char *promise = text_of(object, "promise");
	struct seen_call call = { 0 };
	struct seen_call *more;
	uint64_t count;

	if (calls == NULL || promise == NULL || !json_u64(calls, &count))
		return -EINVAL;
	more =
	    reallocarray(findings->calls, findings->count + 1, sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	findings->calls = more;
	call.name = strdup(text_of(object, "syscall"));
	call.promise = strdup(promise);
	call.example = strdup("");
	call.count = count;
	findings->total += count;
	findings->calls[findings->count++] = call;
	return call.name != NULL && call.promise != NULL && call.example != NULL
	           ? 0
	           : -ENOMEM;
}

/* {"syscall","calls",...}, {"syscall","example"}, {"cut"} */
static int
read_finding(struct results *results, const struct json *object)
{
	struct findings *findings = &results->findings;
	const char *name = text_of(object, "syscall");
	const char *example = text_of(object, "example");
	struct seen_call *call;

	if (json_find(object, "cut") != NULL)
		findings->trace_cut = true;
	if (name == NULL)
		return 0;
	if (example == NULL)
		return add_call(findings, object);
	call = find_call(findings, name);
	if (call == NULL)
		return 0;
	free(call->example);
	call->example = strdup(example);
	return call->example == NULL ? -ENOMEM : 0;
}

/* A path whose bytes are no UTF-8 comes as hex, too. */
static char *
path_of(const struct json *object)
{
	const char *path = text_of(object, "path");
	const char *hex = text_of(object, "path_hex");
	cleanup_strbuf struct strbuf buf = { 0 };
	char digits[3] = "";

	if (hex == NULL)
		return path == NULL ? NULL : strdup(path);
	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		memcpy(digits, hex, 2);
		strbuf_putc(&buf, (char)strtol(digits, NULL, 16));
	}
	return strbuf_take(&buf);
}

static int
add_unveils(struct policy *policy, const struct json *array, struct diag *diag)
{
	int r = 0;

	for (const struct json *item = array != NULL ? array->first : NULL;
	     item != NULL && r == 0; item = item->next) {
		const char *letters = text_of(item, "permissions");
		cleanup_free char *path = path_of(item);
		unsigned int permissions;

		if (path == NULL || letters == NULL ||
		    unveil_letters(letters, strlen(letters), &permissions) < 0)
			return -EINVAL;
		r = policy_add_unveil(policy, path, permissions, false, diag);
	}
	return r;
}

static void
add_port(struct ports *ports, const struct json *value)
{
	uint64_t number;

	/* More than there is room for are left out. */
	if (value != NULL && json_u64(value, &number) && number <= UINT16_MAX &&
	    !ports_have(ports, TCP_PORT((uint16_t)number)))
		ports_add(ports, TCP_PORT((uint16_t)number), NULL);
}

/* The sentence, and how often, if not once. */
static char *
make_text(const struct json *object)
{
	const char *text = text_of(object, "text");
	const struct json *times = json_find(object, "times");
	cleanup_strbuf struct strbuf buf = { 0 };
	uint64_t count = 1;

	strbuf_puts(&buf, text != NULL ? text : "?");
	if (times != NULL && json_u64(times, &count) && count > 1)
		strbuf_printf(&buf, " (%llu times)", (unsigned long long)count);
	return strbuf_take(&buf);
}

static int
add_text(struct missing *missing, const struct json *object)
{
	char **more =
	    reallocarray(missing->texts, missing->count + 1, sizeof(*more));

	if (more == NULL)
		return -ENOMEM;
	missing->texts = more;
	more[missing->count] = make_text(object);
	if (more[missing->count] == NULL)
		return -ENOMEM;
	missing->count++;
	return 0;
}

/* explain's JSON: the rows of its summary. */
static int
read_denial(
    struct results *results, const struct json *object, struct diag *diag)
{
	struct missing *missing = &results->missing;
	const char *event = text_of(object, "event");
	const struct json *promises = json_find(object, "promises");
	int promise, r;

	if (event == NULL || strcmp(event, "counted") != 0 ||
	    json_find(object, "harmless") != NULL)
		return 0;
	r = add_text(missing, object);
	if (r < 0)
		return r;
	for (const struct json *word = promises != NULL ? promises->first
	                                                : NULL;
	     word != NULL; word = word->next) {
		promise = promise_find(word->text, word->length);
		if (promise >= 0)
			missing->promises |= UINT64_C(1) << promise;
	}
	add_port(&missing->paths.connect, json_find(object, "connect"));
	add_port(&missing->paths.bind, json_find(object, "bind"));
	return add_unveils(&missing->paths, json_find(object, "unveil"), diag);
}

static int
read_line(const char *line, size_t length, bool watched,
    struct results *results, struct diag *diag)
{
	cleanup_json struct json_document json = { 0 };
	char *copy = strndup(line, length);
	const char *failure;
	int r;

	if (copy == NULL)
		return -ENOMEM;
	r = json_read(&json, NULL, copy, length, diag);
	if (r < 0)
		return r;
	if (json.root->type != JSON_OBJECT)
		return -EINVAL;
	failure = text_of(json.root, "failed");
	/* The first is the reason of the others. */
	if (failure != NULL && results->failure != NULL)
		return 0;
	if (failure != NULL) {
		results->failure = strdup(failure);
		return results->failure == NULL ? -ENOMEM : 0;
	}
	return watched ? read_finding(results, json.root)
	               : read_denial(results, json.root, diag);
}

static int
compare_calls(const void *left, const void *right)
{
	const struct seen_call *a = left, *b = right;

	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return strcmp(a->name, b->name);
}

static int
read_suggestion(struct findings *findings, int fd, struct diag *diag)
{
	char path[RESULTS_PATH_SIZE];
	struct stat status;

	if (fstat(fd, &status) < 0 || status.st_size == 0)
		return 0;
	findings->suggests = true;
	return policy_read(&findings->suggestion, results_path(fd, path), diag);
}

int
results_read(const int *files, bool watched, struct results *ret_results,
    struct diag *diag)
{
	cleanup_free char *text = NULL;
	struct findings *findings = &ret_results->findings;
	size_t length = 0, line;
	int r = read_whole(files[RESULT_REPORT], &text, &length);

	for (char *at = text; r == 0 && at != NULL && *at != '\0'; at += line) {
		line = strcspn(at, "\n");
		r = read_line(at, line, watched, ret_results, diag);
		line += at[line] == '\n';
	}
	if (r == 0 && watched)
		r = read_whole(files[RESULT_TRACE], &findings->trace,
		    &findings->trace_length);
	if (r == 0 && watched)
		r = read_suggestion(findings, files[RESULT_POLICY], diag);
	if (findings->count > 0)
		qsort(findings->calls, findings->count,
		    sizeof(*findings->calls), compare_calls);
	if (r < 0 && diag->err == 0)
		diag_set(diag, -r, "what came of it cannot be read: %s",
		    strerror(-r));
	return r;
}

void
results_free(struct results *results)
{
	free(results->failure);
	findings_free(&results->findings);
	missing_free(&results->missing);
	*results = (struct results){ 0 };
}
