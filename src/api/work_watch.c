/* SPDX-License-Identifier: ISC */
/* trace and learn: commands that are watched, and confined by the ceiling. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/ceiling.h"
#include "api/server.h"
#include "api/worker.h"
#include "base/cleanup.h"
#include "base/table.h"
#include "json/write.h"
#include "launch/launch.h"
#include "run/learn.h"
#include "run/tmp.h"
#include "run/trace.h"
#include "supervise/family.h"

/* The process that watches; what it writes to `lines` are events. */
struct watching {
	struct work *work;
	struct policy ceiling;
	struct run base; /* how the command is run, besides */
	int lines;
	struct strbuf line; /* an incomplete one */
	char path[32];      /* of the other end, in the watcher */
	char *const *argv;
	char *tmp;  /* the command's private directory; NULL: none */
	pid_t self; /* the one that watches */
	struct diag diag;
};

static pid_t watcher_pid;

static void
pass_on(int number)
{
	kill(watcher_pid, number);
}

/* Signals are for the command: whoever watches it passes them on. */
static void
pass_signals(void)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT,
		SIGUSR1, SIGUSR2, SIGALRM };
	const struct sigaction action = { .sa_handler = pass_on };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaction(numbers[i], &action, NULL);
}

/* The command's environment is ours from here on. */
static int
set_environment(const struct asked *asked, struct diag *diag)
{
	const struct json *env = asked->values[FIELD_ENV];
	int r = 0;

	if (field_bool(asked, FIELD_CLEAR_ENV, false))
		clearenv();
	for (const struct json *m = env != NULL ? env->first : NULL;
	     r == 0 && m != NULL; m = m->next)
		r = m->type == JSON_NULL ? unsetenv(m->name)
		                         : setenv(m->name, m->text, 1);
	return r < 0 ? diag_errno(diag, "env") : 0;
}

static void
report_lines(struct watching *watcher, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != '\n') {
			strbuf_putc(&watcher->line, bytes[i]);
			continue;
		}
		work_report(watcher->work, REPORT_EVENT, &watcher->line);
		watcher->line.length = 0;
	}
}

static void
remove_tmp(struct watching *watcher)
{
	struct diag diag = { 0 };

	if (watcher->tmp != NULL && tmp_remove(watcher->tmp, &diag) < 0)
		diag_warn(&watcher->diag, "%s", diag.text);
	free(take_pointer(watcher->tmp));
}

/* The client is gone, or wants it no more: all of it ends. */
static void
end_everything(struct watching *watcher)
{
	kill(watcher_pid, SIGKILL);
	family_end();
	/* Nobody hears of it. */
	watcher->diag.warn = NULL;
	remove_tmp(watcher);
	_exit(STATUS_FAILED);
}

/* Until the watcher has closed its end, which it does at its own. */
static void
attend(struct watching *watcher)
{
	static char bytes[65536];
	struct pollfd look[] = { { .fd = watcher->lines, .events = POLLIN },
		{ .fd = watcher->work->control, .events = POLLIN } };
	ssize_t n = 1;

	while (n > 0) {
		if (poll(look, ARRAY_SIZE(look), -1) < 0)
			continue;
		if (look[1].revents != 0)
			end_everything(watcher);
		if (look[0].revents == 0)
			continue;
		n = read(watcher->lines, bytes, sizeof(bytes));
		if (n > 0)
			report_lines(watcher, bytes, (size_t)n);
	}
}

/*
 * A process beside the one that watches, so that nothing is left when the
 * client vanishes; it becomes the parent of what loses its own.
 */
static int
watch_apart(struct watching *watcher, int (*body)(struct watching *watcher))
{
	static const struct strbuf nothing;
	pid_t keeper = getpid();
	int ends[2], status;

	work_report(watcher->work, REPORT_PARENT, &nothing);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ||
	    pipe2(ends, O_CLOEXEC) < 0) {
		diag_errno(&watcher->diag, "watch the command");
		return work_fail(watcher->work, RPC_INTERNAL, &watcher->diag);
	}
	watcher_pid = fork();
	if (watcher_pid == 0) {
		/* And beside its group: what stops that must not stop us. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
		    getppid() != keeper || setpgid(0, 0) < 0)
			_exit(STATUS_FAILED);
		/* It is opened by its name: the command does not inherit it. */
		snprintf(watcher->path, sizeof(watcher->path),
		    "/proc/self/fd/%d", ends[1]);
		close(ends[0]);
		watcher->self = getpid();
		_exit(body(watcher));
	}
	if (watcher_pid < 0) {
		diag_errno(&watcher->diag, "fork");
		return work_fail(watcher->work, RPC_INTERNAL, &watcher->diag);
	}
	pass_signals();
	close(ends[1]);
	watcher->lines = ends[0];
	attend(watcher);
	while (waitpid(watcher_pid, &status, 0) < 0 && errno == EINTR)
		continue;
	family_end();
	return WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_FAILED;
}

static int
begin(struct watching *watcher, struct work *work)
{
	*watcher = (struct watching){ .work = work,
		.diag = { .warn = work_report_warning, .context = work } };
	watcher->argv = work_argv(work->asked, &watcher->diag);
	if (watcher->argv == NULL ||
	    set_environment(work->asked, &watcher->diag) < 0)
		return work_fail(work, RPC_PARAMS, &watcher->diag);
	return 0;
}

/* What the command may do: NULL, all that the client may. */
static const struct policy *
set_ceiling(struct watching *watcher)
{
	const struct ceiling *ceiling = watcher->work->server->ceiling;

	if (ceiling == NULL)
		return NULL;
	watcher->base.inspect = work_inspect;
	watcher->base.inspect_context = watcher->work;
	watcher->ceiling = ceiling_policy(ceiling);
	return &watcher->ceiling;
}

/* How it ended: the last that is said. */
static int
report_end(const struct watching *watcher, int status, bool late,
    const struct strbuf *policy)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	struct json_writer json = { .buf = &buf };

	if (watcher->diag.err != 0) {
		strbuf_printf(&buf, "%d ",
		    watcher->work->refused ? RPC_REFUSED : RPC_NOT_RUN);
		json_quote(&buf, watcher->diag.text);
		strbuf_printf(&buf, ", \"data\": {\"status\": %d}", status);
		work_report(watcher->work, REPORT_ERROR, &buf);
		return status;
	}
	/* What could not become the command said why, if it could. */
	if (getpid() != watcher->self)
		return status;
	json_number(&json, "status", status);
	json_bool(&json, "timed_out", late);
	if (policy != NULL)
		json_string(&json, "policy",
		    policy->failed || policy->data == NULL ? "" : policy->data);
	work_report(watcher->work, REPORT_STATUS, &buf);
	return status;
}

static int
trace_it(struct watching *watcher)
{
	const struct asked *asked = watcher->work->asked;
	const char *only = field_text(asked, FIELD_ONLY);
	struct trace trace = { .argv = watcher->argv,
		.output = watcher->path,
		.json = true,
		.quiet = true,
		.summary = field_bool(asked, FIELD_SUMMARY, false),
		.ceiling = set_ceiling(watcher),
		.base = &watcher->base };
	int status;

	if (only != NULL &&
	    selection_add(&trace.only, only, &watcher->diag) < 0)
		return work_fail(watcher->work, RPC_PARAMS, &watcher->diag);
	status = trace_command(&trace, &watcher->diag);
	return report_end(watcher, status, false, NULL);
}

int
work_trace(struct work *work)
{
	static struct watching watcher;
	int status = begin(&watcher, work);

	return status != 0 ? status : watch_apart(&watcher, trace_it);
}

static void
report_progress(void *context, const char *text)
{
	const struct watching *watcher = context;
	cleanup_strbuf struct strbuf buf = { 0 };
	struct json_writer json = { .buf = &buf };

	json_open(&json, NULL, '{');
	json_string(&json, "event", "seen");
	json_string(&json, "text", text);
	json_close(&json, '}');
	work_report(watcher->work, REPORT_EVENT, &buf);
}

static int
learn_it(struct watching *watcher)
{
	const struct asked *asked = watcher->work->asked;
	cleanup_strbuf struct strbuf policy = { 0 };
	const struct policy *ceiling = set_ceiling(watcher);
	struct learn learn = { .argv = watcher->argv,
		.ceiling = ceiling,
		.base = &watcher->base,
		.no_tmp = watcher->tmp == NULL,
		.timeout = field_seconds(asked, FIELD_TIMEOUT),
		.serves = true,
		.progress = { .line = report_progress, .context = watcher },
		.program_name = "seccomp-pledge" };
	int status = learn_command(&learn, &watcher->diag);

	learned_write(&learn.learned, &policy);
	return report_end(watcher, status,
	    learn.timeout > 0 && status == STATUS_TIMEOUT, &policy);
}

int
work_learn(struct work *work)
{
	static struct watching watcher;
	int status = begin(&watcher, work);

	if (status != 0)
		return status;
	/* Here, as the one that watches may be killed.  Under a ceiling, there
	 * is none. */
	if (work->server->ceiling == NULL &&
	    tmp_make(&watcher.tmp, &watcher.diag) < 0)
		return work_fail(work, RPC_NOT_RUN, &watcher.diag);
	watcher.base.tmp = watcher.tmp;
	status = watch_apart(&watcher, learn_it);
	remove_tmp(&watcher);
	return status;
}
