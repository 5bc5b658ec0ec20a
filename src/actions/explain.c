/* SPDX-License-Identifier: ISC */
#include "actions/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "compile/watched.h"
#include "enforce/fds.h"
#include "json/write.h"
#include "launch/handover.h"
#include "judge/judge.h"

/* One call that waits, and all that is known of it. */
struct occasion {
	struct explain *explain;
	const struct notice *notice;
	struct denial denial;
};

static void
put_line(const struct explain *explain, const struct strbuf *buf)
{
	explain->output->line(explain->output->context,
	    buf->failed ? "out of memory" : buf->data);
}

static void
put_denial(const struct explain *explain, const struct denial *denial)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	if (explain->output->json)
		denial_json(&buf, denial, 0);
	else
		denial_write(&buf, denial);
	put_line(explain, &buf);
}

static void
describe(struct explain *explain, const struct notice *notice,
    struct strbuf *ret_call)
{
	const struct event_source source = {
		.pid = notice->tid, .tid = notice->tid, .brief = true
	};
	const struct call *call = &notice->call;

	event_call_begin(
	    &explain->call, &source, call->arch, call->nr, call->args);
	event_call_text(&explain->call, ret_call);
	if (ret_call->failed) {
		strbuf_free(ret_call);
		strbuf_puts(ret_call, "?");
	}
}

static void
report(struct occasion *occasion, const char *call)
{
	struct explain *explain = occasion->explain;
	bool first;

	/* What was read is the caller's only if it waited all the while. */
	if (!listener_waits(&explain->listener, occasion->notice))
		return;
	occasion->denial.call = call;
	first = denials_add(&explain->denials, &occasion->denial);
	/* What can be done without is told at the end. */
	if (explain->output->json ||
	    (first && occasion->denial.harmless == NULL))
		put_denial(explain, &occasion->denial);
}

/* A refusal that was explained before: not looked into again. */
static bool
report_again(
    struct explain *explain, const struct notice *notice, const char *call)
{
	const struct denial *known = denials_again(&explain->denials, call);
	struct denial again;

	if (known == NULL)
		return false;
	again = *known;
	again.pid = notice->tid;
	if (explain->output->json)
		put_denial(explain, &again);
	return true;
}

/* Whether the words alone say what is meant: no path from where one stands. */
static bool
is_absolute(const char *call)
{
	const char *quote = strchr(call, '"');

	return quote == NULL || quote[1] == '/';
}

/* A trap ends whoever has no handler for it; a handler gets a signal. */
static void
trap(struct explain *explain, const struct notice *notice)
{
	if (notice->tid <= 0 || !listener_waits(&explain->listener, notice))
		return;
	if (caller_handles(notice->tid, SIGSYS)) {
		syscall(SYS_tkill, notice->tid, SIGSYS);
		return;
	}
	if (notice->tid == explain->parent->child)
		explain->killed = true;
	kill(notice->tid, SIGKILL);
}

/* What the plain filters would have done. */
static int
give_answer(
    struct explain *explain, const struct notice *notice, uint32_t answer)
{
	switch (answer & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return listener_answer(&explain->listener, notice, 0);
	case SECCOMP_RET_ERRNO:
		return listener_answer(&explain->listener, notice,
		    (int)(answer & SECCOMP_RET_DATA));
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		/* Nobody else listens, as the kernel says it. */
		return listener_answer(&explain->listener, notice, ENOSYS);
	case SECCOMP_RET_TRAP:
		trap(explain, notice);
		return listener_answer(&explain->listener, notice, ENOSYS);
	default:
		/* It still waits: the ID cannot be another's. */
		if (notice->tid == explain->parent->child)
			explain->killed = true;
		if (notice->tid > 0 &&
		    listener_waits(&explain->listener, notice))
			kill(notice->tid, SIGKILL);
		return listener_answer(&explain->listener, notice, EPERM);
	}
}

/* What the call fails with; 0: it does not return. */
static int
find_errno(uint32_t answer)
{
	switch (answer & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		return (int)(answer & SECCOMP_RET_DATA);
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return ENOSYS;
	default:
		return 0;
	}
}

/* Whether the call is denied; then `denial` says by what. */
static bool
find_denial(struct occasion *occasion, const struct decision *decision)
{
	struct explain *explain = occasion->explain;
	const struct call *call = &occasion->notice->call;
	const struct judge judge = { .sandbox = explain->sandbox,
		.policy = explain->policy,
		.ruled = explain->filters->ruled,
		.observer = &explain->observer,
		.liked = explain->denials.words,
		.made = &explain->made };
	const struct judged judged = { .call = call,
		.decision = decision,
		.wants = &explain->wants,
		.path =
		    observe_path(&explain->observer, &explain->caller, call) };

	observe(&explain->observer, &explain->caller, call, &explain->wants);
	return judge_call(&judge, &judged, &occasion->denial);
}

/* Says what is to be said about a call that waits. */
static void
tell(struct explain *explain, const struct notice *notice,
    const struct decision *decision)
{
	struct occasion occasion = { .explain = explain, .notice = notice };
	struct denial *denial = &occasion.denial;
	cleanup_strbuf struct strbuf call = { 0 };

	caller_begin(&explain->caller, notice->tid);
	denial->pid = notice->tid;
	denial->err = EACCES;
	denial->refused = decision->denied;
	if (denial->refused) {
		denial->err = find_errno(decision->answer);
		describe(explain, notice, &call);
		/* Users' rules see more than the words say. */
		if (explain->filters->count == 0 && is_absolute(call.data) &&
		    report_again(explain, notice, call.data))
			return;
	}
	if (!find_denial(&occasion, decision))
		return;
	if (!denial->refused)
		describe(explain, notice, &call);
	report(&occasion, call.data);
}

static int
serve_notice(struct explain *explain, const struct notice *notice)
{
	struct decision decision;

	sandbox_decide(explain->sandbox, &notice->call, &decision);
	if (decision.denied || answer_lets_through(decision.answer))
		tell(explain, notice, &decision);
	return give_answer(explain, notice, decision.answer);
}

/* What cannot be watched must not go on. */
static void
forsake(struct explain *explain, int err, const char *step)
{
	explain->lost = true;
	explain->parent->forsake = true;
	errno = err;
	diag_errno(explain->diag, "%s", step);
}

static void
serve(struct parent_source *source)
{
	struct explain *explain = source->context;
	struct notice notice;
	int r = 0;

	if (source->events & POLLIN)
		r = listener_receive(&explain->listener, &notice);
	else
		source->fd = -1;
	if (r > 0)
		r = serve_notice(explain, &notice);
	if (r < 0)
		forsake(explain, -r, "watch the command");
}

/* The listener comes, or the command failed before it was confined. */
static void
take_listener(struct parent_source *source)
{
	struct explain *explain = source->context;
	int fd = handover_receive(source->fd);

	close(source->fd);
	source->fd = -1;
	if (fd == -EPIPE)
		return;
	if (fd >= 0)
		fd = listener_open(&explain->listener, fd, explain->diag);
	if (fd < 0) {
		forsake(explain, -fd, "take the listener over");
		return;
	}
	source->fd = explain->listener.fd;
	observer_set_process(&explain->observer, explain->parent->child);
	source->ready = serve;
}

int
explain_begin(struct explain *explain, const struct sandbox_path *paths,
    size_t path_count, int socket)
{
	struct parent *parent = explain->parent;

	explain->listener.fd = -1;
	parent->sources[parent->source_count++] = (struct parent_source){
		.fd = socket, .ready = take_listener, .context = explain
	};
	if (observer_open(&explain->observer, explain->sandbox, paths,
	        path_count, explain->diag) < 0)
		return -ENOMEM;
	explain->observer.lazy = true;
	return 0;
}

bool
explain_found(const struct explain *explain)
{
	return explain->denials.total > explain->denials.harmless;
}

static void
put_counted(const struct explain *explain, const struct denial_row *row)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	if (explain->output->json)
		denial_json(&buf, &row->denial, (long long)row->times);
	else
		denial_write(&buf, &row->denial);
	if (row->times > 1 && !explain->output->json)
		strbuf_printf(&buf, " (%lu times)", row->times);
	put_line(explain, &buf);
}

static void
put_suggestion(
    const struct explain *explain, const struct suggestion_request *request)
{
	cleanup_strbuf struct strbuf buf = { 0 }, command = { 0 };
	struct json_writer json = { .buf = &buf };
	bool found = suggestion_write(&command, &explain->denials, request);

	if (explain->output->json) {
		json_open(&json, NULL, '{');
		json_string(&json, "event", "summary");
		json_number(&json, "denied", (long long)explain->denials.total);
		json_number(
		    &json, "harmless", (long long)explain->denials.harmless);
		if (explain->denials.unlisted > 0)
			json_number(&json, "unlisted",
			    (long long)explain->denials.unlisted);
		if (found && !command.failed)
			json_string(&json, "suggestion", command.data);
		json_close(&json, '}');
	} else if (found && !command.failed) {
		strbuf_printf(&buf, "to allow everything that %s: %s",
		    explain->denials.by_rules > 0 ? "no filter of yours refused"
		                                  : "was denied",
		    command.data);
	}
	if (buf.length > 0)
		put_line(explain, &buf);
}

static void
put_head(const struct explain *explain)
{
	const struct denials *denials = &explain->denials;
	unsigned long serious = denials->total - denials->harmless;
	cleanup_strbuf struct strbuf buf = { 0 };

	if (serious > 0)
		strbuf_printf(&buf, "summary: %lu denied", serious);
	else if (denials->total == 0)
		strbuf_puts(&buf, "nothing was denied");
	else
		strbuf_puts(
		    &buf, "nothing was denied but what programs do without");
	if (denials->unlisted > 0)
		strbuf_printf(&buf,
		    "; %lu of them, of too many kinds, are not listed",
		    denials->unlisted);
	put_line(explain, &buf);
}

static void
put_rows(const struct explain *explain, bool harmless)
{
	const struct denials *denials = &explain->denials;

	for (size_t i = 0; i < denials->count; i++)
		if ((denials->rows[i].denial.harmless != NULL) == harmless)
			put_counted(explain, &denials->rows[i]);
}

static void
put_summary(
    const struct explain *explain, const struct suggestion_request *request)
{
	bool quiet = explain->output->quiet && !explain->output->json;

	if (quiet && !explain_found(explain))
		return;
	if (!explain->output->json)
		put_head(explain);
	put_rows(explain, false);
	if (!quiet)
		put_rows(explain, true);
	put_suggestion(explain, request);
}

/* Answers for processes that outlive the command: it has no terminal, and says
 * nothing. */
static void
serve_remains(struct explain *explain)
{
	struct decision decision;
	struct notice notice;
	int null, r;

	if (!listener_is_used(&explain->listener) || fork() != 0)
		return;
	setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	enforce_close_fds(&explain->listener.fd, 1, NULL);
	for (;;) {
		struct pollfd look = { .fd = explain->listener.fd,
			.events = POLLIN };

		r = poll(&look, 1, -1);
		if (r > 0 && (look.revents & POLLIN) == 0)
			_exit(0);
		if (r <= 0 ||
		    listener_receive(&explain->listener, &notice) <= 0)
			continue;
		sandbox_decide(explain->sandbox, &notice.call, &decision);
		give_answer(explain, &notice, decision.answer);
	}
}

void
explain_end(struct explain *explain, const struct suggestion_request *request)
{
	/* A command that was not watched to its end was denied who knows what.
	 */
	if (!explain->lost && explain->listener.notice != NULL)
		put_summary(explain, request);
	serve_remains(explain);
	listener_close(&explain->listener);
	observer_close(&explain->observer);
	event_call_free(&explain->call);
	caller_free(&explain->caller);
}
