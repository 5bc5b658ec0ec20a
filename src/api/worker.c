/* SPDX-License-Identifier: ISC */
#include "api/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "api/ceiling.h"
#include "api/converse.h"
#include "api/server.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/table.h"
#include "enforce/user.h"
#include "inspect/profiles.h"
#include "json/write.h"
#include "run/run.h"

#ifndef SYS_close_range
# define SYS_close_range 436
#endif

#define PEER_GROUPS 65536 /* NGROUPS_MAX */
#define USUAL_PATH  "/usr/local/bin:/usr/bin:/bin"
#define WORK_FAILED 1 /* exit status: what failed has been reported */
#define SOME_READS  16
#define ALL_READS   512      /* of what a pipe holds at most, and more */
#define POLICY_NAME "policy" /* leads errors in a policy's text */

/* If the server is gone, there is nobody to tell. */
void
work_report(const struct work *work, char kind, const struct strbuf *buf)
{
	cleanup_strbuf struct strbuf line = { 0 };

	strbuf_putc(&line, kind);
	if (buf->failed)
		strbuf_puts(&line, "\"out of memory\"");
	else if (buf->data != NULL)
		strbuf_puts(&line, buf->data);
	strbuf_putc(&line, '\n');
	if (line.failed || write_all(work->control, line.data, line.length) < 0)
		_exit(WORK_FAILED);
}

static void
report_error(const struct work *work, int code, const char *text)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_printf(&buf, "%d ", code);
	json_quote(&buf, text);
	work_report(work, REPORT_ERROR, &buf);
}

void
work_report_warning(void *context, const char *text)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	json_quote(&buf, text);
	work_report(context, REPORT_WARNING, &buf);
}

int
work_fail(const struct work *work, int code, const struct diag *diag)
{
	report_error(work, code, diag->text);
	return WORK_FAILED;
}

/* The groups that the client had when it connected. */
static int
take_groups(const struct work *work, struct diag *diag)
{
	cleanup_free gid_t *groups = calloc(PEER_GROUPS, sizeof(*groups));
	socklen_t size = PEER_GROUPS * sizeof(*groups);

	if (groups == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	if (getsockopt(work->client->source.fd, SOL_SOCKET, SO_PEERGROUPS,
	        groups, &size) < 0)
		return diag_errno(diag, "the client's groups");
	if (setgroups(size / sizeof(*groups), groups) < 0)
		return diag_errno(diag, "take the client's groups");
	return 0;
}

/* Another user's environment is no business of the client's. */
static int
make_environment(uid_t uid, struct diag *diag)
{
	struct passwd *entry = getpwuid(uid);
	char number[24];

	clearenv();
	snprintf(number, sizeof(number), "%u", (unsigned int)uid);
	if (setenv("PATH", USUAL_PATH, 1) < 0 ||
	    setenv("USER", entry != NULL ? entry->pw_name : number, 1) < 0 ||
	    setenv("LOGNAME", entry != NULL ? entry->pw_name : number, 1) < 0 ||
	    setenv("HOME", entry != NULL ? entry->pw_dir : "/", 1) < 0 ||
	    setenv("SHELL",
	        entry != NULL && entry->pw_shell[0] == '/' ? entry->pw_shell
	                                                   : "/bin/sh",
	        1) < 0)
		return diag_errno(diag, "the client's environment");
	return 0;
}

/* From here on, everything is opened with the client's rights. */
static int
become_peer(const struct work *work, struct diag *diag)
{
	const struct ucred *peer = &work->client->peer;
	int r;

	if (!work->foreign)
		return 0;
	r = make_environment(peer->uid, diag);
	if (r == 0)
		r = take_groups(work, diag);
	if (r == 0)
		r = enforce_leave_user(diag);
	if (r < 0)
		return r;
	if (setresgid(peer->gid, peer->gid, peer->gid) < 0 ||
	    setresuid(peer->uid, peer->uid, peer->uid) < 0)
		return diag_errno(
		    diag, "become user %u", (unsigned int)peer->uid);
	/* The user's other processes must not look into this one, which has
	 * the server's memory; without this, fs.suid_dumpable decides. */
	if (prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) < 0)
		return diag_errno(diag, "be looked into by nobody");
	r = enforce_own_keys(diag);
	return r == 0 ? enforce_no_caps(diag) : r;
}

/* Out of the way of what follows, which closes descriptors from below. */
static int
move_up(int fd, struct diag *diag)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, WORKER_CONTROL + 1);

	return moved < 0 ? diag_errno(diag, "a descriptor") : moved;
}

/* 0, 1, 2 and the way to the server; of all else there is nothing left. */
static int
arrange_fds(struct work *work, struct diag *diag)
{
	const int null = work->server->null;
	int fds[WORKER_CONTROL + 1], fd;

	for (int i = 0; i < WORKER_CONTROL; i++) {
		fd = work->stdio[i] >= 0 ? work->stdio[i] : null;
		fds[i] = move_up(fd, diag);
	}
	fds[WORKER_CONTROL] = move_up(work->control, diag);
	for (int i = 0; i <= WORKER_CONTROL; i++)
		if (fds[i] < 0 || dup2(fds[i], i) < 0)
			return diag_errno(diag, "descriptor %d", i);
	work->control = WORKER_CONTROL;
	if (fcntl(WORKER_CONTROL, F_SETFD, FD_CLOEXEC) < 0)
		return diag_errno(diag, "descriptor %d", WORKER_CONTROL);
	/* Before Linux 5.9 the launch closes them, or the end does. */
	syscall(SYS_close_range, WORKER_CONTROL + 1U, ~0U, 0U);
	return 0;
}

/* Signals, limits and the session as the command is to have them. */
static void
begin_afresh(const struct work *work)
{
	const struct sigaction standard = { .sa_handler = SIG_DFL };

	sigaction(SIGPIPE, &standard, NULL);
	sigaction(SIGHUP, &standard, NULL);
	sigprocmask(SIG_SETMASK, &work->server->old_mask, NULL);
	setrlimit(RLIMIT_NOFILE, &work->server->files);
	/* The server's terminal is not the client's. */
	setsid();
}

/* From here on it is the client's, under the ceiling. */
static int
begin_work(struct work *work, struct diag *diag)
{
	const struct ceiling *ceiling = work->server->ceiling;
	int r;

	begin_afresh(work);
	work->foreign = !socket_is_own(&work->client->peer);
	r = become_peer(work, diag);
	if (r == 0 && ceiling != NULL)
		r = ceiling_enter(ceiling, diag);
	return r == 0 ? arrange_fds(work, diag) : r;
}

static int
enter_directory(const struct work *work, struct diag *diag)
{
	const char *path = field_text(work->asked, FIELD_CWD);

	if (path == NULL)
		path = "/";
	if (*path != '/')
		return diag_set(
		    diag, EINVAL, "cwd: \"%s\" is no absolute path", path);
	if (chdir(path) < 0)
		return diag_errno(diag, "cwd: %s", path);
	return 0;
}

void
worker_run(struct work *work)
{
	struct diag diag = { .warn = work_report_warning, .context = work };
	int status;

	if (begin_work(work, &diag) < 0)
		_exit(work_fail(work, RPC_INTERNAL, &diag));
	if (enter_directory(work, &diag) < 0)
		_exit(work_fail(work, RPC_PARAMS, &diag));
	status = work->asked->method->work(work);
	_exit(status);
}

/* What the command wrote goes to the client, between what is asked. */
struct relay {
	int from, client, stop;
	int patience; /* milliseconds */
	int failure;  /* -errno: the client takes nothing any more */
};

/* Waits for a client that reads slowly, but not for ever. */
static int
send_all(const struct relay *relay, const char *bytes, size_t length)
{
	struct pollfd look[] = { { .fd = relay->client, .events = POLLOUT },
		{ .fd = relay->stop, .events = POLLIN } };
	ssize_t n;

	while (length > 0) {
		n = send(
		    relay->client, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
			continue;
		}
		if ((n < 0 && errno != EAGAIN && errno != EINTR) ||
		    poll(look, ARRAY_SIZE(look), relay->patience) == 0)
			return -ECONNRESET;
		if (look[1].revents != 0)
			return -ECANCELED;
	}
	return 0;
}

static int
pass_some(struct relay *relay, size_t reads)
{
	static char bytes[4096];
	ssize_t n = 1;

	for (size_t i = 0; i < reads && n > 0 && relay->failure == 0; i++) {
		n = read(relay->from, bytes, sizeof(bytes));
		if (n > 0)
			relay->failure = send_all(relay, bytes, (size_t)n);
	}
	return relay->failure;
}

/* A command that writes without end must not keep us from the rest. */
static int
pass_on(void *context)
{
	return pass_some(context, SOME_READS);
}

static int
patience_of(const struct server *server)
{
	double milliseconds = server->options->patience * 1000;

	return milliseconds < INT_MAX ? (int)milliseconds + 1 : INT_MAX;
}

/* All of it is there when the command has ended. */
static void
on_progress(void *context, const char *text)
{
	(void)text;
	pass_some(context, ALL_READS);
}

static int
bound(void *context, struct policy *policy, struct diag *diag)
{
	const struct work *work = context;

	return ceiling_apply(work->server->ceiling, policy, diag);
}

static const char changed_user[] =
    "the kernel lets no process watch that has changed its user, as this one "
    "has for you";

/* What is watched obeys the ceiling; what is run is compared with it. */
static void
lead_client(struct work *work, const int *output, struct diag *diag)
{
	const struct ceiling *ceiling = work->server->ceiling;
	struct relay relay = { .from = output[0],
		.client = STDIN_FILENO,
		.stop = work->control,
		.patience = patience_of(work->server) };
	const struct run run = {
		.bound = bound, .inspect = work_inspect, .inspect_context = work
	};
	struct policy policy = { 0 };

	if (ceiling != NULL)
		policy = ceiling_policy(ceiling);
	converse(&(struct converse){ .client = STDIN_FILENO,
	             .read = work->client->in.data,
	             .read_length = work->client->in.length,
	             .stage = { .in = STDOUT_FILENO,
	                 .out = output[1],
	                 .err = output[1],
	                 .apart = true,
	                 .run = ceiling != NULL ? &run : NULL },
	             .ceiling = ceiling != NULL ? &policy : NULL,
	             .unwatched = work->foreign ? changed_user : NULL,
	             .stop = work->control,
	             .other = output[0],
	             .other_ready = pass_on,
	             .patience = relay.patience,
	             .progress = on_progress,
	             .context = &relay },
	    diag);
}

/* The connection is closed, which says why; it is the client's in any case. */
static void
say_failure(int client, const struct diag *diag)
{
	cleanup_strbuf struct strbuf line = { 0 };

	quote_terminal(&line, diag->text);
	strbuf_putc(&line, '\n');
	if (!line.failed)
		send(client, line.data, line.length,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
worker_converse(struct work *work)
{
	struct diag diag = { 0 };
	int output[2];

	if (begin_work(work, &diag) < 0) {
		say_failure(work->client->source.fd, &diag);
		_exit(WORK_FAILED);
	}
	if (chdir("/") < 0 || pipe2(output, O_CLOEXEC) < 0 ||
	    fcntl(output[0], F_SETFL, O_NONBLOCK) < 0) {
		diag_errno(&diag, "begin a conversation");
		say_failure(STDIN_FILENO, &diag);
		_exit(WORK_FAILED);
	}
	lead_client(work, output, &diag);
	_exit(0);
}

/* A number's text goes on behind it. */
static int
add_limit(const struct json *member, struct policy *policy, struct diag *diag)
{
	cleanup_free char *text = strndup(member->text, member->length);

	if (text == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	for (enum limit i = 0; i < LIMIT_COUNT; i++)
		if (strcmp(limit_rows[i].name, member->name) == 0)
			return policy_set_limit(policy, i, text, diag);
	return 0;
}

static int
add_limits(const struct asked *asked, struct policy *policy, struct diag *diag)
{
	const struct json *limits = asked->values[FIELD_LIMITS];
	int r = 0;

	for (const struct json *m = limits != NULL ? limits->first : NULL;
	     r == 0 && m != NULL; m = m->next)
		r = add_limit(m, policy, diag);
	return r < 0 ? diag_prefix(diag, "limits") : 0;
}

/* The policy that the request names: all its parts add up. */
static int
add_policy(const struct asked *asked, struct policy *policy, struct diag *diag)
{
	const struct json *unveil = asked->values[FIELD_UNVEIL];
	const char *profile = field_text(asked, FIELD_PROFILE);
	const char *text = field_text(asked, FIELD_POLICY);
	const char *words = field_text(asked, FIELD_PROMISES);
	int r = 0;

	if (profile != NULL)
		r = policy_include(policy, profile, diag);
	if (r == 0 && text != NULL)
		r = policy_parse(policy, POLICY_NAME, text, diag);
	if (r == 0 && words != NULL &&
	    (r = policy_add_promises(policy, words, diag)) < 0)
		return diag_prefix(diag, "promises");
	for (const struct json *e = unveil != NULL ? unveil->first : NULL;
	     r == 0 && e != NULL; e = e->next)
		r = policy_add_unveil_option(policy, e->text, diag);
	return r == 0 ? add_limits(asked, policy, diag) : r;
}

/* One run's parts; static, as a worker makes one. */
static struct {
	struct run run;
} state;

char **
work_argv(const struct asked *asked, struct diag *diag)
{
	const struct json *argv = asked->values[FIELD_ARGV];
	char **list = calloc(argv->count + 1, sizeof(*list));
	size_t count = 0;

	for (const struct json *e = argv->first; list != NULL && e != NULL;
	     e = e->next) {
		list[count] = strdup(e->text);
		if (list[count++] == NULL)
			list = NULL; /* the process ends */
	}
	if (list == NULL)
		diag_set(diag, ENOMEM, "out of memory");
	return list;
}

static int
make_argv(const struct asked *asked, struct diag *diag)
{
	if (asked->values[FIELD_ARGV] == NULL)
		return 0;
	state.run.argv = work_argv(asked, diag);
	return state.run.argv == NULL ? -ENOMEM : 0;
}

static int
make_env(const struct asked *asked, struct diag *diag)
{
	const struct json *env = asked->values[FIELD_ENV];
	struct run *run = &state.run;
	char *entry;

	run->clear_env = field_bool(asked, FIELD_CLEAR_ENV, false);
	for (const struct json *m = env != NULL ? env->first : NULL; m != NULL;
	     m = m->next) {
		if (m->type == JSON_NULL) {
			unsetenv(m->name);
			continue;
		}
		if (run->env_count == RUN_ENV)
			return diag_set(
			    diag, E2BIG, "more than %d variables", RUN_ENV);
		if (asprintf(&entry, "%s=%s", m->name, m->text) < 0)
			return diag_set(diag, ENOMEM, "out of memory");
		run->env[run->env_count++] = entry;
	}
	return 0;
}

int
work_inspect(void *context, const struct launch_paths *paths, struct diag *diag)
{
	struct work *work = context;
	int r = ceiling_check_paths(work->server->ceiling, paths, diag);

	work->refused |= r == -EPERM;
	return r;
}

/* The request's policy, and the ceiling: 0 or an enum rpc_code. */
static int
make_policy(struct work *work, struct diag *diag)
{
	const struct ceiling *ceiling = work->server->ceiling;
	struct run *run = &state.run;

	if (add_policy(work->asked, &run->policy, diag) < 0)
		return RPC_POLICY;
	if (ceiling == NULL)
		return 0;
	run->inspect = work_inspect;
	run->inspect_context = work;
	if (ceiling_apply(ceiling, &run->policy, diag) < 0)
		return RPC_REFUSED;
	return 0;
}

/* What is run, and under what: 0, or the worker's exit status. */
static int
make_run(struct work *work, struct diag *diag)
{
	struct run *run = &state.run;
	int code;

	run->program_name = "seccomp-pledge";
	run->lead = "seccomp-pledge run";
	run->quiet = true;
	run->report = work->control;
	code = make_policy(work, diag);
	if (code != 0)
		return work_fail(work, code, diag);
	if (make_argv(work->asked, diag) < 0 || make_env(work->asked, diag) < 0)
		return work_fail(work, RPC_PARAMS, diag);
	return 0;
}

int
work_profiles(struct work *work)
{
	struct diag diag = { .warn = work_report_warning, .context = work };
	cleanup_strbuf struct strbuf text = { 0 }, buf = { 0 };
	struct json_writer json = { .buf = &buf };

	if (profiles_describe(
	        field_text(work->asked, FIELD_NAME), &text, &diag) < 0)
		return work_fail(work, RPC_POLICY, &diag);
	json_string(&json, "text", text.data != NULL ? text.data : "");
	work_report(work, REPORT_RESULT, &buf);
	return 0;
}

static void
describe_error(struct json_writer *json, const struct diag *diag)
{
	const struct diag_place *place = &diag->place;
	cleanup_strbuf struct strbuf file = { 0 };

	json_open(json, "errors", '[');
	json_open(json, NULL, '{');
	if (place->line != 0) {
		strbuf_add(&file, diag->text + place->file, place->file_length);
		json_string(json, "file", file.failed ? "" : file.data);
		json_number(json, "line", place->line);
		json_number(json, "column", place->column);
	}
	json_string(json, "message",
	    place->line != 0 ? diag->text + place->message : diag->text);
	json_string(json, "text", diag->text);
	json_close(json, '}');
	json_close(json, ']');
}

static void
describe_promises(struct json_writer *json, const struct policy *policy)
{
	promise_set promises = policy_promises(policy);

	json_open(json, "promises", '[');
	for (int i = 0; i < PROMISE_COUNT; i++)
		if (promises & UINT64_C(1) << i)
			json_string(json, NULL, promise_rows[i].name);
	json_close(json, ']');
}

int
work_check(struct work *work)
{
	struct diag diag = { .warn = work_report_warning, .context = work };
	cleanup_strbuf struct strbuf text = { 0 }, buf = { 0 };
	struct json_writer json = { .buf = &buf };
	const struct policy *policy = &state.run.policy;
	bool valid;

	valid = make_policy(work, &diag) == 0 &&
	        run_read_filters(&state.run, &diag) == 0;
	json_bool(&json, "valid", valid);
	if (!valid) {
		describe_error(&json, &diag);
	} else {
		policy_write(policy, &text);
		describe_promises(&json, policy);
		json_string(
		    &json, "policy", text.failed ? "out of memory" : text.data);
	}
	work_report(work, REPORT_RESULT, &buf);
	return 0;
}

int
work_resolve(struct work *work)
{
	struct diag diag = { .warn = work_report_warning, .context = work };
	cleanup_strbuf struct strbuf text = { 0 }, buf = { 0 };
	struct json_writer json = { .buf = &buf };
	int status;

	status = make_run(work, &diag);
	if (status != 0)
		return status;
	if (run_describe(&state.run, &text, &diag) != 0)
		return work_fail(
		    work, work->refused ? RPC_REFUSED : RPC_NOT_RUN, &diag);
	describe_promises(&json, &state.run.policy);
	json_string(&json, "text", text.failed ? "out of memory" : text.data);
	work_report(work, REPORT_RESULT, &buf);
	return 0;
}

/*
 * A command that can start others, has a time to keep or a directory to be
 * removed, needs a process that stays beside it.
 */
static bool
needs_parent(const struct run *run)
{
	return run->timeout > 0 || run->explain.line != NULL ||
	       (policy_promises(&run->policy) & PROMISE(PROC)) ||
	       policy_wants_tmp(&run->policy);
}

static void
report_status(const struct work *work, const struct run *run, int status)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	struct json_writer json = { .buf = &buf };

	json_number(&json, "status", status);
	json_bool(&json, "timed_out", run->late);
	work_report(work, REPORT_STATUS, &buf);
}

static int
run_it(struct work *work, struct diag *diag)
{
	static const struct strbuf nothing;
	struct run *run = &state.run;
	int status;

	run->timeout = field_seconds(work->asked, FIELD_TIMEOUT);
	run->as_parent = run->sole = needs_parent(run);
	if (run->sole)
		work_report(work, REPORT_PARENT, &nothing);
	else
		run->server = work->server->pid;
	status = run_command(run, diag);
	if (diag->err != 0) {
		cleanup_strbuf struct strbuf buf = { 0 };

		strbuf_printf(
		    &buf, "%d ", work->refused ? RPC_REFUSED : RPC_NOT_RUN);
		json_quote(&buf, diag->text);
		strbuf_printf(&buf, ", \"data\": {\"status\": %d}", status);
		work_report(work, REPORT_ERROR, &buf);
	} else if (run->ran) {
		report_status(work, run, status);
	}
	return status;
}

int
work_run(struct work *work)
{
	struct diag diag = { .warn = work_report_warning, .context = work };
	int status = make_run(work, &diag);

	return status != 0 ? status : run_it(work, &diag);
}

static void
report_event(void *context, const char *text)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf, text);
	work_report(context, REPORT_EVENT, &buf);
}

int
work_explain(struct work *work)
{
	struct diag diag = { .warn = work_report_warning, .context = work };
	int status = make_run(work, &diag);

	if (status != 0)
		return status;
	state.run.explain.line = report_event;
	state.run.explain.context = work;
	state.run.explain.json = true;
	return run_it(work, &diag);
}
