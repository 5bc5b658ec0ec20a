/* SPDX-License-Identifier: ISC */
#include "guide/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "json/write.h"
#include "launch/implied.h"
#include "launch/launch.h"
#include "launch/target.h"
#include "run/learn_see.h"
#include "run/trace_lines.h"
#include "run/trace_totals.h"
#include "run/within.h"
#include "trace/ptrace.h"

#define ENOUGH 65536 /* bytes that wait to be written together */

struct example {
	char *name, *text;
};

struct watch {
	const int *results;
	struct trace_totals totals;
	struct example *examples;
	size_t count, capacity;
	struct strbuf lines; /* of the trace */
	size_t written;
	bool cut;
	int failure; /* errno of a write, or ENOMEM */
	struct learn_eye eye;
};

static void
flush(struct watch *watch)
{
	int r = watch->lines.failed ? -ENOMEM : 0;

	if (r == 0 && watch->failure == 0)
		r = write_all(watch->results[RESULT_TRACE], watch->lines.data,
		    watch->lines.length);
	if (r < 0)
		watch->failure = -r;
	watch->written += watch->lines.length;
	watch->lines.length = 0;
}

static void
keep_line(struct watch *watch, const struct event_call *call)
{
	if (watch->written + watch->lines.length > WATCH_TRACE_LIMIT)
		watch->cut = true;
	if (watch->cut)
		return;
	trace_call_json(call, &watch->lines);
	strbuf_putc(&watch->lines, '\n');
	if (watch->lines.length >= ENOUGH)
		flush(watch);
}

static bool
has_example(const struct watch *watch, const char *name)
{
	for (size_t i = 0; i < watch->count; i++)
		if (strcmp(watch->examples[i].name, name) == 0)
			return true;
	return false;
}

/* The first of each kind. */
static void
keep_example(struct watch *watch, const struct event_call *call)
{
	char buffer[CALL_NAME_SIZE];
	const char *name = event_call_name(call, buffer);
	struct strbuf text = { 0 };
	struct example *more;

	if (has_example(watch, name))
		return;
	if (watch->count == watch->capacity) {
		more = reallocarray(
		    watch->examples, watch->capacity * 2 + 64, sizeof(*more));
		if (more == NULL) {
			watch->failure = ENOMEM;
			return;
		}
		watch->examples = more;
		watch->capacity = watch->capacity * 2 + 64;
	}
	event_call_text(call, &text);
	strbuf_puts(&text, " = ");
	event_call_result_text(call, &text);
	watch->examples[watch->count++] =
	    (struct example){ strdup(name), strbuf_take(&text) };
	if (watch->examples[watch->count - 1].name == NULL ||
	    watch->examples[watch->count - 1].text == NULL) {
		watch->count--;
		watch->failure = ENOMEM;
	}
}

static void
on_enter(
    void *context, const struct event_source *source, const struct call *call)
{
	struct watch *watch = context;

	learn_eye_see(&watch->eye, source->tid, call);
}

static bool
on_wants(void *context, const struct call *call)
{
	(void)context;
	(void)call;
	return true;
}

static void
on_call(void *context, const struct event_call *call)
{
	struct watch *watch = context;

	trace_totals_add(&watch->totals, call);
	keep_line(watch, call);
	keep_example(watch, call);
}

static void
on_signal(
    void *context, const struct event_source *source, const siginfo_t *info)
{
	(void)context;
	(void)source;
	(void)info;
}

static void
on_exit_of(void *context, const struct event_source *source, int status)
{
	(void)context;
	(void)source;
	(void)status;
}

static void
on_tick(void *context)
{
	(void)context;
}

void
report_failure(int report, const struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	struct json_writer json = { .buf = &buf };

	if (diag->err == 0)
		return;
	json_open(&json, NULL, '{');
	json_string(&json, "failed", diag->text);
	json_close(&json, '}');
	strbuf_putc(&buf, '\n');
	/* If there is no room for it, the status tells of a failure. */
	if (!buf.failed && write_all(report, buf.data, buf.length) < 0)
		return;
}

static void
report_example(struct strbuf *buf, const struct example *example)
{
	struct json_writer json = { .buf = buf };

	json_open(&json, NULL, '{');
	json_string(&json, "syscall", example->name);
	json_string(&json, "example", example->text);
	json_close(&json, '}');
	strbuf_putc(buf, '\n');
}

/* What is not to be lost without a word. */
static int
report(struct watch *watch, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	int r = 0;

	trace_totals_json(&watch->totals, &buf);
	for (size_t i = 0; i < watch->count; i++)
		report_example(&buf, &watch->examples[i]);
	if (watch->cut)
		strbuf_puts(&buf, "{\"cut\":true}\n");
	flush(watch);
	if (watch->failure == 0 && !buf.failed)
		r = write_all(
		    watch->results[RESULT_REPORT], buf.data, buf.length);
	if (r == 0 && watch->failure != 0)
		r = -watch->failure;
	if (r == 0 && buf.failed)
		r = -ENOMEM;
	if (r == 0)
		return 0;
	errno = -r;
	return diag_errno(diag, "note what the command does");
}

/* What a launch gives without a promise but stdio. */
static void
find_start(const struct target *target, struct trace_start *ret_start)
{
	static struct launch_paths paths; /* large */
	const struct launch_gifts gifts = { .target = target };
	struct policy policy = { .promises = PROMISE(STDIO),
		.promises_given = true };

	ret_start->grace = target->flags & (TARGET_DYNAMIC | TARGET_SCRIPT);
	if (launch_paths_implied(&paths, &policy, &gifts, NULL) < 0)
		return;
	ret_start->paths = paths.paths;
	ret_start->path_count = paths.count;
}

/* The policy that fits what was seen, as a file. */
static int
suggest(
    const struct watch *watch, const struct learn_run *run, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	struct learned learned = { 0 };
	struct policy policy = { 0 };
	int r = learn_eye_result(&watch->eye, run, &learned, diag);

	if (r == 0) {
		learned_settle(&learned);
		r = learned_policy(&learned, &policy, diag);
	}
	if (r == 0)
		policy_write(&policy, &buf);
	if (r == 0 && buf.failed)
		r = diag_set(diag, ENOMEM, "out of memory");
	if (r == 0)
		r = write_all(
		    watch->results[RESULT_POLICY], buf.data, buf.length);
	policy_free(&policy);
	learned_free(&learned);
	return r;
}

static void
watch_free(struct watch *watch)
{
	learn_eye_close(&watch->eye);
	trace_totals_free(&watch->totals);
	for (size_t i = 0; i < watch->count; i++) {
		free(watch->examples[i].name);
		free(watch->examples[i].text);
	}
	free(watch->examples);
	strbuf_free(&watch->lines);
}

/* Under the ceiling, or not at all. */
static int
watch_within(struct ptrace_request *request, const struct policy *ceiling,
    const struct ptrace_sink *sink, struct diag *diag)
{
	static struct within within; /* large */
	const struct run run = { .argv = request->argv,
		.policy = *ceiling,
		.program_name = "seccomp-pledge" };
	struct ptrace_counts counts;
	int status = within_plan(&within, &run, diag);

	if (status == 0) {
		request->become = within_become;
		request->context = &within;
		status = ptrace_watch(request, sink, &counts, diag);
	}
	return within_finish(&within, status, diag);
}

int
watch_command(char *const *argv, const struct policy *ceiling,
    const int *results, struct diag *diag)
{
	static struct watch watch; /* large; there is one in a process */
	static struct target target;
	const struct ptrace_sink sink = { .enter = on_enter,
		.wants = on_wants,
		.call = on_call,
		.signal = on_signal,
		.exit = on_exit_of,
		.tick = on_tick,
		.context = &watch };
	struct ptrace_request request = { .argv = argv, .envp = environ };
	struct learn_run run = { .argv = argv };
	struct ptrace_counts counts;
	struct trace_start start = { 0 };
	int r, status;

	r = target_find(argv[0], getenv("PATH"), &target, diag);
	if (r < 0)
		return r == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUNNABLE;
	request.path = run.path = target.files[0];
	find_start(&target, &start);
	watch.results = results;
	watch.totals.start = &start;
	if (learn_eye_open(&watch.eye, diag) < 0)
		return STATUS_FAILED;
	watch.eye.starts = true;
	if (ceiling != NULL)
		status = watch_within(&request, ceiling, &sink, diag);
	else
		status = ptrace_watch(&request, &sink, &counts, diag);
	/* A limit of files' sizes is an error, here as while it ran. */
	signal(SIGXFSZ, SIG_IGN);
	if (diag->err == 0 &&
	    (report(&watch, diag) < 0 || suggest(&watch, &run, diag) < 0))
		status = STATUS_FAILED;
	watch_free(&watch);
	target_free(&target);
	return status;
}
