/* SPDX-License-Identifier: ISC */
#include "run/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "launch/implied.h"
#include "launch/launch.h"
#include "launch/target.h"
#include "run/trace_lines.h"
#include "run/trace_page.h"
#include "run/trace_totals.h"
#include "run/within.h"
#include "trace/ptrace.h"

/* Lines wait together until there are so many bytes, or for a tick. */
#define ENOUGH         32768
#define PROGRESS_AFTER 1.0 /* seconds */
#define PROGRESS_EVERY 5   /* ticks */

/* One trace at a time. */
static struct {
	struct trace *trace;
	struct ptrace_counts counts;
	struct trace_totals totals;
	struct trace_start start;
	struct launch_paths paths;
	struct target target;
	struct strbuf lines;
	int fd;
	bool eager;    /* somebody watches the lines appear */
	bool progress; /* somebody watches, but the lines go elsewhere */
	int failure;   /* the errno of a write */
	double began;
	unsigned int ticks;
	bool silent; /* a page is made, and no lines were asked for */
	struct trace_page page;
	struct filter filter;
	struct program program;
	struct within within;
} state;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Only whole lines are written; after a failure, nothing more. */
static void
flush(void)
{
	int r = 0;

	if (state.lines.failed)
		r = -ENOMEM;
	else if (state.lines.length > 0 && state.failure == 0)
		r = write_all(state.fd, state.lines.data, state.lines.length);
	if (r < 0 && state.failure == 0)
		state.failure = -r;
	state.lines.length = 0;
}

static void
end_line(void)
{
	strbuf_putc(&state.lines, '\n');
	if (state.eager || state.lines.length >= ENOUGH)
		flush();
}

static bool
on_wants(void *context, const struct call *call)
{
	(void)context;
	return selection_wants(&state.trace->only, call);
}

static void
on_call(void *context, const struct event_call *call)
{
	(void)context;
	if (!selection_takes(&state.trace->only, call))
		return;
	if (state.trace->html != NULL)
		trace_page_call(&state.page, call, now() - state.began);
	if (state.silent)
		return;
	if (state.trace->summary) {
		trace_totals_add(&state.totals, call);
		return;
	}
	if (state.failure != 0)
		return;
	if (state.trace->json)
		trace_call_json(call, &state.lines);
	else
		trace_call_text(call, &state.lines);
	end_line();
}

static void
on_signal(
    void *context, const struct event_source *source, const siginfo_t *info)
{
	(void)context;
	if (state.trace->summary || state.silent || state.failure != 0)
		return;
	if (state.trace->json)
		trace_signal_json(source, info, &state.lines);
	else
		trace_signal_text(source, info, &state.lines);
	end_line();
}

static void
on_exit_of(void *context, const struct event_source *source, int status)
{
	(void)context;
	if (state.trace->summary || state.silent || state.failure != 0)
		return;
	if (state.trace->json)
		trace_exit_json(source, status, &state.lines);
	else
		trace_exit_text(source, status, &state.lines);
	end_line();
}

/* An editor, a pager or a shell has the terminal: a line would be in its way.
 */
static bool
is_drawn_on(void)
{
	struct termios mode;

	return tcgetattr(STDERR_FILENO, &mode) < 0 ||
	       (mode.c_lflag & (tcflag_t)ICANON) == 0;
}

/* "\r" and what follows stay on one line of the terminal. */
static void
show_progress(void)
{
	char text[160];
	int length;

	if (!state.progress || now() - state.began < PROGRESS_AFTER ||
	    ++state.ticks % PROGRESS_EVERY != 0 || is_drawn_on())
		return;
	length = snprintf(text, sizeof(text),
	    "\rtrace: %llu calls, %llu processes, %.0f s\033[K",
	    (unsigned long long)state.counts.ended,
	    (unsigned long long)state.counts.processes, now() - state.began);
	if (length > 0 && write(STDERR_FILENO, text, (size_t)length) < 0)
		state.progress = false;
}

static void
end_progress(void)
{
	static const char erase[] = "\r\033[K";

	if (state.progress && state.ticks >= PROGRESS_EVERY && !is_drawn_on() &&
	    write(STDERR_FILENO, erase, strlen(erase)) < 0)
		state.progress = false;
}

static void
on_tick(void *context)
{
	(void)context;
	flush();
	show_progress();
}

static const struct ptrace_sink sink = {
	.wants = on_wants,
	.call = on_call,
	.signal = on_signal,
	.exit = on_exit_of,
	.tick = on_tick,
};

static int
open_output(const struct trace *trace, struct diag *diag)
{
	bool file = trace->output != NULL && strcmp(trace->output, "-") != 0;

	/* A copy, so that the command's own closing of 2 leaves it open. */
	if (file)
		state.fd = file_open(trace->output, diag);
	else
		state.fd =
		    fcntl(trace->output == NULL ? STDERR_FILENO : STDOUT_FILENO,
		        F_DUPFD_CLOEXEC, 3);
	if (file && state.fd < 0)
		return state.fd;
	if (state.fd < 0)
		return diag_errno(diag, "the trace's output");
	state.eager = isatty(state.fd) != 0;
	state.progress = (!state.eager || trace->summary) && !trace->quiet &&
	                 isatty(STDERR_FILENO);
	return 0;
}

/*
 * The filter that stops only what is selected; NULL: all is.  Under a ceiling
 * it would not: what another filter refuses, stops nowhere.
 */
static int
make_program(const struct trace *trace, const struct program **ret_program,
    struct diag *diag)
{
	const struct filter *filters[] = { &state.filter };

	*ret_program = NULL;
	if (!trace->only.any || trace->argv == NULL || trace->ceiling != NULL)
		return 0;
	selection_filter(&trace->only, &state.filter);
	if (program_compile(filters, 1, &state.program, diag) < 0)
		return -EINVAL;
	*ret_program = &state.program;
	return 0;
}

/* What the command could do under no promise but stdio. */
static void
find_start(const char *path)
{
	const struct launch_gifts gifts = { .target = &state.target };
	struct policy policy = { 0 };
	struct diag diag = { 0 };

	state.totals.start = state.page.totals.start = &state.start;
	/* Of another architecture, or a failure that the exec will tell. */
	if (target_find(path, NULL, &state.target, &diag) < 0)
		return;
	if (policy_add_promises(&policy, "stdio", &diag) == 0 &&
	    launch_paths_implied(&state.paths, &policy, &gifts, &diag) == 0) {
		state.start.paths = state.paths.paths;
		state.start.path_count = state.paths.count;
	}
	state.start.grace =
	    state.target.flags & (TARGET_DYNAMIC | TARGET_SCRIPT);
	policy_free(&policy);
}

static int
watch_within(const struct trace *trace, struct ptrace_request *request,
    struct diag *diag)
{
	struct run run = { 0 };
	int status;

	if (trace->base != NULL)
		run = *trace->base;
	run.argv = trace->argv;
	run.policy = *trace->ceiling;
	run.program_name = "seccomp-pledge";
	status = within_plan(&state.within, &run, diag);
	if (status == 0) {
		request->become = within_become;
		request->context = &state.within;
		status = ptrace_watch(request, &sink, &state.counts, diag);
	}
	return within_finish(&state.within, status, diag);
}

static int
watch(const struct trace *trace, struct diag *diag)
{
	struct ptrace_request request = {
		.argv = trace->argv, .envp = environ, .pid = trace->pid
	};
	char path[PATH_MAX];
	int r = 0;

	if (make_program(trace, &request.program, diag) < 0)
		return STATUS_FAILED;
	if (trace->argv != NULL) {
		request.path = path;
		/* Unlike a launch, a trace has nothing against programs of
		 * another architecture. */
		r = target_locate(trace->argv[0], getenv("PATH"), path, diag);
	}
	if (r < 0)
		return r == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUNNABLE;
	if ((trace->summary || trace->html != NULL) && request.path != NULL)
		find_start(path);
	state.began = now();
	if (trace->ceiling != NULL)
		return watch_within(trace, &request, diag);
	return ptrace_watch(&request, &sink, &state.counts, diag);
}

/* Says what could not be written; the command's own failure says more. */
static int
finish(const struct trace *trace, int status, struct diag *diag)
{
	/* As while the command ran: a limit of files' sizes is an error. */
	signal(SIGXFSZ, SIG_IGN);
	if (trace->summary) {
		if (trace->json)
			trace_totals_json(&state.totals, &state.lines);
		else
			trace_totals_text(&state.totals, &state.lines);
	}
	flush();
	end_progress();
	if (close(state.fd) < 0 && state.failure == 0)
		state.failure = errno;
	if (state.failure == 0)
		return status;
	errno = state.failure;
	if (diag->err == 0)
		diag_errno(diag, "%s: the trace is not whole",
		    trace->output != NULL ? trace->output : "standard error");
	return status != 0 ? status : STATUS_FAILED;
}

/* Nothing was run, nothing is written. */
static int
write_page(const struct trace *trace, int status, struct diag *diag)
{
	const struct trace_page_end end = { .file = trace->html,
		.argv = trace->argv,
		.pid = trace->pid,
		.status = status,
		.seconds = now() - state.began,
		.processes = state.counts.processes };

	if (state.counts.processes == 0)
		return status;
	if (trace_page_write(&state.page, &end, diag) < 0 && status == 0)
		return STATUS_FAILED;
	return status;
}

int
trace_command(struct trace *trace, struct diag *diag)
{
	int status;

	state.trace = trace;
	state.silent =
	    trace->html != NULL && trace->output == NULL && !trace->summary;
	if (trace->policy != NULL && trace_page_compare(&state.page,
	                                 trace->policy, trace->argv, diag) < 0)
		return STATUS_FAILED;
	if ((trace->html != NULL && file_replaceable(trace->html, diag) < 0) ||
	    open_output(trace, diag) < 0)
		return STATUS_FAILED;
	status = watch(trace, diag);
	if (trace->html != NULL)
		status = write_page(trace, status, diag);
	status = finish(trace, status, diag);
	trace_page_free(&state.page);
	strbuf_free(&state.lines);
	trace_totals_free(&state.totals);
	target_free(&state.target);
	return status;
}
