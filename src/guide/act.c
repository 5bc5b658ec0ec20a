/* SPDX-License-Identifier: ISC */
/*
 * A child process does it, and leaves what it found in files without a name
 * (memfd_create(2)), which we read when it has ended.
 */
#include "guide/act.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/quote.h"
#include "guide/results.h"
#include "guide/state.h"
#include "guide/watch.h"
#include "run/run.h"

#define PROGRAM       "seccomp-pledge"
#define PATIENCE      2000 /* milliseconds, before SIGKILL */
#define PATIENCE_STEP 20

/* --- In the child --- */

static void
warn(void *context, const char *text)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	(void)context;
	strbuf_puts(&buf, PROGRAM ": warning: ");
	quote_terminal(&buf, text);
	strbuf_putc(&buf, '\n');
	/* If nobody listens, the command goes on. */
	if (!buf.failed && write_all(STDERR_FILENO, buf.data, buf.length) < 0)
		return;
}

/* CONTEXT: the descriptor. */
static void
keep_line(void *context, const char *text)
{
	const int *fd = context;
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf, text);
	strbuf_putc(&buf, '\n');
	if (!buf.failed && write_all(*fd, buf.data, buf.length) < 0)
		return;
}

static int
open_input(
    const struct guide *guide, const struct act_stage *stage, struct diag *diag)
{
	const char *path = guide->input != NULL ? guide->input : "/dev/null";
	int fd;

	if (guide->want == GUIDE_RUN)
		return fcntl(stage->in, F_DUPFD_CLOEXEC, 3);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return diag_errno(diag, "%s", path);
	/* Opening a FIFO would wait; reading may. */
	if (fcntl(fd, F_SETFL, 0) < 0)
		return diag_errno(diag, "%s", path);
	return fd;
}

/* Copies first: one of them may be another's number. */
static int
enter_stage(
    const struct guide *guide, const struct act_stage *stage, struct diag *diag)
{
	int fds[3];

	fds[0] = open_input(guide, stage, diag);
	if (fds[0] < 0)
		return diag->err != 0 ? -diag->err
		                      : diag_errno(diag, "standard input");
	fds[1] = fcntl(stage->out, F_DUPFD_CLOEXEC, 3);
	fds[2] = fcntl(stage->err, F_DUPFD_CLOEXEC, 3);
	for (int i = 0; i < 3; i++)
		if (fds[i] < 0 || dup2(fds[i], i) < 0)
			return diag_errno(diag, "standard descriptors");
	return 0;
}

/* The filters as they are now, wherever they were saved. */
static int
give_filters(struct guide *guide, int fd, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	char path[RESULTS_PATH_SIZE];
	int r;

	if (guide->filters.set_count == 0)
		return guide_name_filters(guide, NULL, diag);
	r = guide_write_filters(guide, &buf, diag);
	if (r == 0 && buf.failed)
		r = -ENOMEM;
	if (r == 0)
		r = write_all(fd, buf.data, buf.length);
	if (r < 0 && diag->err == 0)
		r = diag_set(diag, -r, "the filters: %s", strerror(-r));
	if (r == 0)
		r = guide_name_filters(guide, results_path(fd, path), diag);
	return r;
}

static int
run_confined(struct guide *guide, const struct run *base, const int *results,
    struct diag *diag)
{
	struct run run = { 0 };
	int report = results[RESULT_REPORT];

	if (base != NULL)
		run = *base;
	run.argv = guide->argv;
	run.as_parent = true;
	run.program_name = PROGRAM;
	run.lead = guide->lead;
	if (give_filters(guide, results[RESULT_POLICY], diag) < 0)
		return STATUS_FAILED;
	run.policy = guide->policy;
	if (run.bound != NULL &&
	    run.bound(run.inspect_context, &run.policy, diag) < 0)
		return STATUS_FAILED;
	run.explain = (struct explain_output){
		.line = keep_line, .context = &report, .json = true
	};
	return run_command(&run, diag);
}

static void
perform(struct guide *guide, const struct act_stage *stage, const int *results)
{
	struct diag diag = { .warn = warn };
	int status = STATUS_FAILED;
	sigset_t none;

	/* A front end waits for signals without handlers. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (stage->apart)
		setsid();
	if (enter_stage(guide, stage, &diag) == 0)
		status = guide->want == GUIDE_WATCH
		             ? watch_command(
		                   guide->argv, guide->ceiling, results, &diag)
		             : run_confined(guide, stage->run, results, &diag);
	report_failure(results[RESULT_REPORT], &diag);
	_exit(status);
}

/* --- In the parent --- */

static void
close_results(struct act *act)
{
	if (act->done >= 0)
		close(act->done);
	act->pid = act->done = -1;
	for (size_t i = 0; i < RESULT_FILES; i++) {
		if (act->results[i] >= 0)
			close(act->results[i]);
		act->results[i] = -1;
	}
}

int
act_begin(struct act *act, struct guide *guide, const struct act_stage *stage,
    struct diag *diag)
{
	pid_t parent = getpid();
	bool opened = true;

	*act = (struct act){ .pid = -1, .done = -1, .apart = stage->apart };
	for (size_t i = 0; i < RESULT_FILES; i++) {
		act->results[i] = memfd_create("seccomp-pledge", MFD_CLOEXEC);
		opened &= act->results[i] >= 0;
	}
	if (opened)
		act->pid = fork();
	if (act->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* The parent may have been gone before. */
		if (getppid() == parent)
			perform(guide, stage, act->results);
		_exit(STATUS_FAILED);
	}
	if (act->pid > 0)
		act->done = (int)syscall(SYS_pidfd_open, act->pid, 0);
	if (act->done >= 0)
		return 0;
	diag_errno(diag, "begin to run the command");
	act_stop(act);
	guide_failed(guide, diag->text);
	return -diag->err;
}

static int
exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
	                           : WEXITSTATUS(status);
}

void
act_end(struct act *act, struct guide *guide)
{
	struct results results = { 0 };
	struct diag diag = { 0 };
	bool watched = guide->want == GUIDE_WATCH;
	char path[RESULTS_PATH_SIZE];
	int r, status = 0;

	while (waitpid(act->pid, &status, 0) < 0 && errno == EINTR)
		;
	guide->want = GUIDE_ANSWER;
	r = results_read(act->results, watched, &results, &diag);
	results_path(act->results[RESULT_POLICY], path);
	close_results(act);
	if (r < 0 || results.failure != NULL) {
		guide_failed(guide, r < 0 ? diag.text : results.failure);
	} else if (watched) {
		results.findings.status = exit_status(status);
		guide_watched(guide, &results.findings);
		results.findings = (struct findings){ 0 };
	} else {
		missing_rename(&results.missing, path, guide);
		guide_ran(guide, exit_status(status), &results.missing);
		results.missing = (struct missing){ 0 };
	}
	results_free(&results);
}

/* Whether it has ended within the time. */
static bool
wait_briefly(pid_t pid)
{
	const struct timespec pause = { .tv_nsec = PATIENCE_STEP * 1000000L };

	for (int i = 0; i < PATIENCE / PATIENCE_STEP; i++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

void
act_stop(struct act *act)
{
	pid_t whom = act->apart ? -act->pid : act->pid;

	if (act->pid > 0) {
		kill(whom, SIGTERM);
		kill(whom, SIGCONT);
		if (!wait_briefly(act->pid)) {
			kill(whom, SIGKILL);
			waitpid(act->pid, NULL, 0);
		}
	}
	close_results(act);
}
