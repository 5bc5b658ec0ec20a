/* SPDX-License-Identifier: ISC */
/*
 * Three processes: the one that was asked watches and learns; a guard, its
 * child, ends the command when the watcher is gone; the guard's child becomes
 * the command.
 */
#include "run/learn.h"

#include "policy/comments.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/file.h"
#include "base/quote.h"
#include "run/learn_more.h"
#include "run/learn_page.h"
#include "run/learn_record.h"
#include "run/learn_see.h"
#include "run/learn_verify.h"
#include "run/run.h"
#include "supervise/family.h"
#include "supervise/session.h"

#define LARGEST_INPUT ((size_t)256 * 1024 * 1024)

/* What the guard has to say besides its exit status. */
struct report {
	struct diag diag;
	bool failed; /* the command could not be run */
	int signal;  /* that ended it, 0: none */
	bool late;
	bool rest; /* it left processes, which the guard keeps */
};

/* One at a time. */
static struct {
	struct learn *learn;
	struct run run;
	struct run_plan plan;
	struct learn_eye eye;
	struct observer ceiling;
	struct session session;
	struct notice notice; /* that is looked at */
	struct keeper keeper;
	struct report *report; /* shared with the guard */
	struct diag *diag;
	int input;
	struct learning seen; /* in all runs */
	pid_t command;        /* of the first */
	struct learn_page page;
	struct record_call recorded_calls[RECORD_CALLS];
	bool recorded[ARCH_CALLS_MAX];
	struct recorder *recorder; /* of a run; NULL: none */
	struct marked *marks;
	size_t mark_count, mark_capacity;
} state;

/* A kind of call that was recorded. */
struct marked {
	struct record_key key;
	struct learn_mark mark;
};

/* --- The guard, and the command --- */

static void __attribute__((noreturn))
end_as(int status, const struct diag *diag)
{
	if (diag->err != 0) {
		state.report->diag.err = diag->err;
		memcpy(state.report->diag.text, diag->text, sizeof(diag->text));
	}
	_exit(status);
}

static void __attribute__((noreturn)) be_command(int socket, pid_t guard)
{
	struct diag diag = { 0 };
	int status;

	if (state.input != STDIN_FILENO &&
	    dup2(state.input, STDIN_FILENO) < 0) {
		diag_errno(&diag, "the command's input");
		end_as(STATUS_FAILED, &diag);
	}
	status = run_become(&state.run, socket, guard, &diag);
	state.report->failed = true;
	end_as(status, &diag);
}

static void __attribute__((noreturn))
be_guard(struct keeper *keeper, int socket)
{
	struct diag diag = { 0 };
	pid_t guard = getpid();
	int status;

	keeper->timeout = state.learn->timeout;
	if (keeper_fork(keeper, &diag) == 0)
		be_command(socket, guard);
	if (keeper->child <= 0)
		end_as(STATUS_FAILED, &diag);
	close(socket);
	status = keeper_wait(keeper);
	state.report->signal = keeper->signal;
	state.report->late = keeper->late;
	state.report->rest = keeper->timeout > 0 && keeper_has_rest();
	keeper_report(keeper, status);
	if (keeper->late && keeper_free_above(keeper))
		diag_warn(state.diag,
		    "%s ran longer than %g second%s and was ended; who learned "
		    "of it was held up by a file system that does not answer, "
		    "and was ended, too",
		    state.learn->argv[0], state.learn->timeout,
		    plural(state.learn->timeout));
	if (state.report->rest)
		keeper_stay(keeper, false);
	end_as(status, &diag);
}

/* --- The watcher --- */

static bool
still_waits(void *context)
{
	(void)context;
	return listener_waits(&state.session.listener, &state.notice);
}

static void
tell_progress(const struct learn_eye *eye)
{
	const struct fact *fact;
	cleanup_strbuf struct strbuf buf = { 0 };

	if (state.learn->progress.line == NULL || eye->learning.count == 0)
		return;
	fact = &eye->learning.facts[eye->learning.count - 1];
	strbuf_printf(&buf, "saw: %s", fact->why);
	if (!buf.failed)
		state.learn->progress.line(
		    state.learn->progress.context, buf.data);
}

/* --- The recorder's records --- */

static struct marked *
next_mark(void)
{
	size_t capacity = state.mark_capacity * 2 + 256;
	struct marked *marks;

	if (state.mark_count < state.mark_capacity)
		return &state.marks[state.mark_count++];
	marks = reallocarray(state.marks, capacity, sizeof(*marks));
	if (marks == NULL)
		return NULL;
	state.marks = marks;
	state.mark_capacity = capacity;
	return &state.marks[state.mark_count++];
}

static void
take_record(void *context, const struct record *record)
{
	const struct record_call *row = &state.recorded_calls[record->nr];
	const char *name = record->text;
	const char *path = record->text + record->name_length;
	struct marked *marked = next_mark();
	struct learn_record seen = { .process = (pid_t)record->process,
		.path_argument = row->path < 0 ? 0 : row->path,
		.opened = record->returned >= 0,
		.err = record->returned < 0 ? (int)-record->returned : 0,
		.file = { .mode = record->mode,
		    .created = record->flags & RECORD_CREATED } };

	(void)context;
	if (marked == NULL) {
		state.eye.learning.failed = true;
		return;
	}
	seen.call.nr = record->nr;
	seen.call.arch = arch_native()->audit;
	for (size_t i = 0; i < RECORD_ARGS; i++)
		seen.call.args[i] = record->args[i];
	if (record->flags & RECORD_HAS_PATH)
		seen.path = path;
	if (record->flags & RECORD_HAS_NAME)
		*(seen.opened ? &seen.file.path : &seen.base) = name;
	marked->key = record->key;
	if (learn_eye_take(&state.eye, &seen, &marked->mark))
		tell_progress(&state.eye);
}

static void
serve_records(struct keeper_source *source)
{
	(void)source;
	state.learn->recorder->read(state.recorder, take_record, NULL);
}

static int
open_recorder(struct diag *diag)
{
	state.mark_count = 0;
	if (state.learn->recorder == NULL)
		return 0;
	learn_record_refine(state.recorded_calls, state.plan.sandbox->ordinary);
	state.eye.ordinary = state.plan.sandbox->ordinary;
	if (state.learn->recorder->open(
	        state.recorded_calls, &state.recorder, diag) < 0)
		return diag_prefix(diag, "learn --bpf");
	return 0;
}

static void
close_recorder(void)
{
	if (state.recorder != NULL)
		state.learn->recorder->close(state.recorder);
	state.recorder = NULL;
	free(state.marks);
	state.marks = NULL;
	state.mark_count = state.mark_capacity = 0;
}

static void
say_losses(const struct record_losses *lost, struct diag *diag)
{
	if (lost->calls > 0)
		diag_warn(diag,
		    "%" PRIu64 " events were lost, as they came faster than "
		    "they could be read; the policy may lack what they needed",
		    (uint64_t)lost->calls);
	if (lost->processes > 0)
		diag_warn(diag,
		    "%" PRIu64 " processes or threads could not be watched; "
		    "the policy may lack what they needed",
		    (uint64_t)lost->processes);
}

/* The command has ended: the last records, and how often each call was made. */
static void
end_recorder(struct diag *diag)
{
	const struct recorder_driver *driver = state.learn->recorder;
	struct record_losses lost = { 0 };

	if (state.recorder == NULL)
		return;
	driver->read(state.recorder, take_record, NULL);
	for (size_t i = 0; i < state.mark_count; i++) {
		const struct marked *marked = &state.marks[i];
		uint64_t times = driver->times(state.recorder, &marked->key);

		if (times > 1)
			learn_eye_repeat(&state.eye, &marked->mark, times - 1);
	}
	driver->losses(state.recorder, &lost);
	state.eye.learning.unseen += lost.calls + lost.processes;
	say_losses(&lost, diag);
}

/* The command is about to be: it waits with the exec that makes it. */
static bool
begin_recorder(const struct notice *notice)
{
	if (state.recorder == NULL)
		return true;
	return state.learn->recorder->watch(
	           state.recorder, notice->tid, state.diag) == 0;
}

static struct verdict
hear(
    void *context, const struct notice *notice, const struct decision *decision)
{
	bool starts = state.eye.starts;

	(void)context;
	state.notice = *notice;
	if (state.learn->html != NULL)
		learn_page_call(&state.page, &notice->call);
	if (decision->answer != SECCOMP_RET_ALLOW || decision->denied)
		state.eye.refused++;
	else if (learn_eye_see(&state.eye, notice->tid, &notice->call))
		tell_progress(&state.eye);
	if (starts && !state.eye.starts && !begin_recorder(notice))
		return (struct verdict){ VERDICT_END };
	/* The command is about to be: what is its own can be told apart. */
	if (state.learn->ceiling != NULL && state.eye.learning.calls == 0)
		observer_set_process(&state.ceiling, state.eye.command);
	return (struct verdict){ VERDICT_KEEP };
}

static const struct watcher learner = { .name = "learn", .hear = hear };

/* --- One run --- */

static int
open_eye(struct diag *diag)
{
	struct learn_eye *eye = &state.eye;

	if (learn_eye_open(eye, diag) < 0)
		return -diag->err;
	eye->waits = still_waits;
	eye->starts = true;
	if (state.learn->ceiling == NULL)
		return 0;
	eye->ceiling = &state.ceiling;
	eye->promises = policy_promises(state.learn->ceiling);
	return observer_open(&state.ceiling, state.plan.sandbox,
	    state.plan.paths, state.plan.path_count, diag);
}

static void
close_eye(void)
{
	learn_eye_close(&state.eye);
	observer_close(&state.ceiling);
	session_close(&state.session);
}

/* Takes the ends of a socket pair. */
static int
watch(const int sockets[2], struct diag *diag)
{
	struct keeper *keeper = &state.keeper, next;
	int status;

	keeper_init(keeper);
	keeper->adopt = true;
	keeper->serves = state.learn->serves;
	session_begin(&state.session, sockets[0]);
	if (state.recorder != NULL)
		keeper->sources[keeper->source_count++] =
		    (struct keeper_source){ .fd = state.learn->recorder->fd(
			                        state.recorder),
			    .ready = serve_records };
	if (keeper_fork_link(keeper, &next, diag) == 0) {
		close(sockets[0]);
		be_guard(&next, sockets[1]);
	}
	close(sockets[1]);
	if (keeper->child <= 0)
		return STATUS_FAILED;
	status = keeper_wait(keeper);
	keeper_close(keeper);
	if (keeper->signal == 0 && !keeper->forsake)
		return status;
	family_end();
	if (keeper->signal != 0)
		diag_set(diag, ECHILD,
		    "the command's guard was ended by signal %d, and the "
		    "command with it",
		    keeper->signal);
	else if (diag->err == 0)
		diag_set(diag, EIO,
		    "the command could not be watched any longer, and was "
		    "ended");
	return STATUS_FAILED;
}

static int
watch_command(struct diag *diag)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0) {
		diag_errno(diag, "a socket to the command");
		return STATUS_FAILED;
	}
	return watch(sockets, diag);
}

/* What one run taught is added to the others'. */
static int
take_result(int status, struct diag *diag)
{
	const struct learn_run run = { .argv = state.learn->argv,
		.path = state.plan.program,
		.tmp = state.plan.tmp,
		.features = state.plan.features };
	struct learned learned = { 0 };
	int r;

	if (state.learn->ceiling != NULL)
		learn_note_use(
		    state.learn, &state.eye.learning, state.plan.paths);
	if (state.learn->html != NULL)
		learn_page_run(
		    &state.page, &state.eye.learning, state.plan.tmp);
	r = learn_eye_result(&state.eye, &run, &learned, diag);
	/* What ended it, and what a ceiling refused, is not its own doing. */
	if (state.learn->signal == 0 && !state.report->late &&
	    state.learn->ceiling == NULL)
		learned.status = status;
	if (r == 0)
		learned_merge(&state.learn->learned, &learned);
	learned_free(&learned);
	if (state.command == 0)
		state.command = state.eye.command;
	learning_merge(&state.seen, &state.eye.learning);
	return r;
}

static int
run_once(struct diag *diag)
{
	struct learn *learn = state.learn;
	int status;

	*state.report = (struct report){ 0 };
	state.diag = diag;
	state.session = (struct session){ .watcher = &learner,
		.sandbox = learn->ceiling != NULL ? state.plan.sandbox : NULL,
		.keeper = &state.keeper,
		.diag = diag,
		.listener = { .fd = -1 } };
	if (open_eye(diag) < 0 || open_recorder(diag) < 0) {
		close_eye();
		return STATUS_FAILED;
	}
	status = watch_command(diag);
	if (state.report->diag.err != 0 && diag->err == 0)
		diag_set(diag, state.report->diag.err, "%s",
		    state.report->diag.text);
	learn->signal = state.report->signal;
	/* Killed for a violation, as the filter alone would have done it. */
	if (state.session.killed && learn->signal == SIGKILL)
		status = 128 + SIGSYS;
	if (state.report->late)
		diag_warn(diag, "%s ran longer than %g second%s and was ended",
		    learn->argv[0], learn->timeout, plural(learn->timeout));
	else if (state.report->rest)
		diag_warn(diag,
		    "%s has ended and left processes running, which are ended "
		    "at its limit of %g second%s",
		    learn->argv[0], learn->timeout, plural(learn->timeout));
	if (!state.report->failed && state.session.listener.notice != NULL) {
		learn->ran = true;
		learn->runs_made++;
		session_leave(&state.session);
		end_recorder(diag);
		if (take_result(status, diag) < 0)
			status = STATUS_FAILED;
	}
	close_recorder();
	close_eye();
	return status;
}

/* --- All runs --- */

/* All of what cannot be read twice. */
static int
copy_input(int from, struct diag *diag)
{
	cleanup_close int copy = memfd_create("input", MFD_CLOEXEC);
	char buffer[65536];
	size_t length = 0;
	ssize_t n;

	if (copy < 0)
		return diag_errno(diag, "a copy of the command's input");
	while ((n = read(from, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || write_all(copy, buffer, (size_t)n) < 0)
			return diag_errno(diag, "the command's input");
		length += (size_t)n;
		if (length > LARGEST_INPUT)
			return diag_set(diag, EFBIG,
			    "the command's input is larger than %zu MiB, which "
			    "cannot be kept for several runs",
			    LARGEST_INPUT >> 20);
	}
	state.input = take_fd(&copy);
	return 0;
}

static int
prepare_input(const struct learn *learn, struct diag *diag)
{
	struct stat st;

	state.input = learn->stdin_fd;
	if (learn->runs < 2 || fstat(state.input, &st) < 0 ||
	    S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))
		return 0;
	return copy_input(state.input, diag);
}

static void
make_run(const struct learn *learn)
{
	state.run = (struct run){ 0 };
	if (learn->base != NULL)
		state.run = *learn->base;
	state.run.argv = learn->argv;
	state.run.program_name = learn->program_name;
	state.run.as_parent = state.run.watch_all = true;
	if (learn->recorder != NULL) {
		learn_record_plan(state.recorded_calls);
		for (size_t nr = 0; nr < RECORD_CALLS; nr++)
			state.recorded[nr] =
			    state.recorded_calls[nr].mode != RECORD_NONE;
		state.run.recorded = state.recorded;
	}
	if (learn->ceiling != NULL) {
		state.run.policy = *learn->ceiling;
		return;
	}
	state.run.open = state.run.keep_caps = true;
	state.run.policy =
	    (struct policy){ .promises = (UINT64_C(1) << PROMISE_COUNT) - 1,
		    .promises_given = true,
		    .no_unveil = true };
}

static bool
goes_on(const struct learn *learn, int status)
{
	return learn->ran && learn->signal != SIGINT &&
	       learn->signal != SIGTERM && learn->signal != SIGHUP &&
	       !state.report->failed && !state.keeper.forsake &&
	       status != STATUS_TIMEOUT && state.keeper.signal == 0;
}

static int
run_all(struct diag *diag)
{
	struct learn *learn = state.learn;
	unsigned int runs = learn->runs > 0 ? learn->runs : 1;
	off_t start = lseek(state.input, 0, SEEK_CUR);
	int status = STATUS_FAILED;

	if (start < 0 || state.input != learn->stdin_fd)
		start = 0;
	for (unsigned int i = 0; i < runs; i++) {
		if (i > 0 && run_plan_again(diag) < 0)
			return STATUS_FAILED;
		/* A terminal, a pipe: as it comes. */
		if (i > 0 || state.input != learn->stdin_fd)
			lseek(state.input, start, SEEK_SET);
		status = run_once(diag);
		if (!goes_on(learn, status))
			break;
	}
	return status;
}

static uint32_t
host_number(void)
{
	char name[256] = "";
	uint32_t hash = 2166136261U;

	gethostname(name, sizeof(name) - 1);
	for (const char *at = name; *at != '\0'; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619U;
	return hash;
}

static int
read_merged(struct learn *learn, struct diag *diag)
{
	int r = 0;

	for (char *const *file = learn->merge;
	     r == 0 && file != NULL && *file != NULL; file++) {
		struct learned learned;

		r = learned_read(&learned, *file, diag);
		if (r == 0)
			learned_merge(&learn->learned, &learned);
		learned_free(&learned);
	}
	return r;
}

/*
 * What is merged may allow no call that the ceiling does not; what that denies
 * stays denied when the policy stands alone.
 */
static int
narrow_kept(struct learn *learn, struct diag *diag)
{
	struct policy *kept = &learn->learned.kept;
	const struct call_rule *more;

	if (learn->ceiling == NULL)
		return 0;
	more = policy_exceeds_calls(kept, learn->ceiling);
	if (more != NULL)
		return diag_set(diag, EPERM,
		    "%s:%u: the ceiling does not allow the call %s", more->file,
		    more->line, more->call);
	if (learn->ceiling_name != NULL) {
		cleanup_strbuf struct strbuf text = { 0 };

		comments_source(learn->ceiling_name, &text);
		learned_keep_comments(&learn->learned, strbuf_text(&text, ""));
	}
	return policy_add_denials(kept, learn->ceiling, diag);
}

/* Whose policy it is. */
static int
sign(struct learn *learn, struct diag *diag)
{
	cleanup_strbuf struct strbuf command = { 0 };
	struct learned here = { .hosts = { host_number() }, .host_count = 1 };

	if (learn->argv == NULL)
		return 0;
	for (size_t i = 0; learn->argv[i] != NULL; i++) {
		if (i > 0)
			strbuf_putc(&command, ' ');
		quote_shell(&command, learn->argv[i]);
	}
	if (command.failed)
		return diag_set(diag, ENOMEM, "out of memory");
	here.command = command.data;
	learned_merge(&learn->learned, &here);
	return 0;
}

static int
write_output(const struct learn *learn, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	if (learn->output == NULL)
		return 0;
	learned_write(&learn->learned, &buf);
	if (buf.failed)
		return diag_set(diag, ENOMEM, "out of memory");
	return file_replace(learn->output, buf.data, buf.length, diag);
}

/* However the runs ended: what was learned is kept. */
static int
finish(struct learn *learn, int status, struct diag *diag)
{
	const struct learn_verify verify = { .seen = &state.seen,
		.argv = learn->argv,
		.tmp = state.plan.tmp,
		.command = state.command };
	struct diag own = { 0 };
	int r = 0;

	if (!learn->ran && learn->argv != NULL)
		return status;
	learned_settle(&learn->learned);
	if (learn->argv != NULL)
		learn_count_files(&learn->learned, learn->argv);
	if (learn->argv != NULL)
		r = learn_verify(&verify, &learn->learned, &own);
	if (learn->learned.failed)
		r = diag_set(&own, ENOMEM, "out of memory");
	if (r == 0)
		r = write_output(learn, &own);
	learn->kept = r == 0;
	if (r == 0)
		return status;
	if (diag->err == 0)
		diag_set(diag, own.err, "%s", own.text);
	else
		diag_warn(diag, "%s", own.text);
	return status != 0 ? status : STATUS_FAILED;
}

static int
write_page(const struct learn *learn, int status, struct diag *diag)
{
	const struct learn_page_end end = { .file = learn->html,
		.argv = learn->argv,
		.status = status,
		.runs = learn->runs_made,
		.learned = &learn->learned };

	if (learn_page_write(&state.page, &end, diag) < 0 && status == 0)
		return STATUS_FAILED;
	return status;
}

int
learn_command(struct learn *learn, struct diag *diag)
{
	int status;

	state.learn = learn;
	if (state.report == NULL)
		state.report = mmap(NULL, sizeof(*state.report),
		    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (state.report == MAP_FAILED) {
		state.report = NULL;
		diag_errno(diag, "a page to share");
		return STATUS_FAILED;
	}
	/* A long run must not end with nowhere to write. */
	if ((learn->output != NULL &&
	        file_replaceable(learn->output, diag) < 0) ||
	    (learn->html != NULL && file_replaceable(learn->html, diag) < 0))
		return STATUS_FAILED;
	if (read_merged(learn, diag) < 0 || narrow_kept(learn, diag) < 0 ||
	    prepare_input(learn, diag) < 0 || sign(learn, diag) < 0)
		return STATUS_FAILED;
	if (learn->argv == NULL)
		return finish(learn, 0, diag);
	make_run(learn);
	status = run_plan(&state.run, !learn->no_tmp, &state.plan, diag);
	if (status != 0)
		return status;
	status = run_all(diag);
	if (state.input != learn->stdin_fd)
		close(state.input);
	status = finish(learn, status, diag);
	run_plan_end(diag);
	learning_free(&state.seen);
	if (learn->html != NULL && learn->ran)
		status = write_page(learn, status, diag);
	learn_page_free(&state.page);
	return status;
}

void
learn_free(struct learn *learn)
{
	learned_free(&learn->learned);
	free(learn->used);
	learn->used = NULL;
}
