/* SPDX-License-Identifier: ISC */
#include "run/explain.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "call/looks.h"
#include "judge/judge.h"
#include "kernel/machine.h"
#include "sandbox/watched.h"
#include "trace/ptrace_tasks.h"

/* One call that waits, and all that is known of it. */
struct occasion {
	struct explain *explain;
	const struct notice *notice;
	pid_t process; /* the caller's */
	bool is_denied;
	struct denial denial;
};

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

	/* What was read is the caller's only if it waited all the while. */
	if (!listener_waits(&explain->session.listener, occasion->notice))
		return;
	occasion->denial.call = call;
	if (occasion->is_denied)
		account_denied(
		    &explain->account, occasion->process, &occasion->denial);
	else
		account_ordinary(
		    &explain->account, occasion->process, &occasion->denial);
}

/* Whether the words alone say what is meant: no path from where one stands. */
static bool
is_absolute(const char *call)
{
	const char *quote = strchr(call, '"');

	return quote == NULL || quote[1] == '/';
}

static bool
is_call(const struct call *call, const char *name)
{
	return (int)call->nr == arch_number(arch_native(), name, strlen(name));
}

/* Its first argument is the domain that is asked for, and no descriptor. */
static bool
is_new_socket(const struct call *call)
{
	return is_call(call, "socket") || is_call(call, "socketpair");
}

/* Asks the judge about the call; false: there is nothing to be said of it. */
static bool
find_denial(struct occasion *occasion, const struct decision *decision)
{
	struct explain *explain = occasion->explain;
	const struct call *call = &occasion->notice->call;
	const struct look_row *row =
	    look_find(explain->sandbox->filter.arch, call->nr);
	bool owners = row != NULL && row->look == LOOK_OWNER;
	struct identity who;
	const struct judge judge = { .sandbox = explain->sandbox,
		.policy = explain->policy,
		.ruled = explain->filters->ruled,
		.observer = &explain->observer,
		.home = explain->home[0] != '\0' ? explain->home : NULL,
		.liked = explain->account.denials.words,
		.made = &explain->account.made,
		.known = explain->known };
	struct judged judged = { .call = call,
		.decision = decision,
		.wants = &explain->wants,
		.path =
		    observe_path(&explain->observer, &explain->caller, call),
		.why = &explain->why };

	observe(&explain->observer, &explain->caller, call, &explain->wants);
	if ((explain->wants.count > 0 || explain->wants.barred[0] != '\0' ||
	        owners) &&
	    identity_read(&who, occasion->notice->tid))
		judged.who = &who;
	if (owners)
		judged.caller = &explain->caller;
	if (decision->promised != SECCOMP_RET_ALLOW && !is_new_socket(call))
		judged.family =
		    observe_family(&explain->caller, (int)call->args[0]);
	occasion->is_denied = judge_call(&judge, &judged, &occasion->denial);
	/* That a file is not there is the command's own business. */
	if (owners && occasion->denial.err != EPERM &&
	    occasion->denial.err != EACCES)
		occasion->denial.ordinary = NULL;
	/* What the sandbox allows, the session keeps from being done. */
	if (decision->denied && answer_lets_through(decision->answer))
		occasion->denial.reason = "what may only be added to stays so";
	return occasion->is_denied || occasion->denial.ordinary != NULL;
}

/* Says what is to be said about a call that waits. */
static void
tell(struct explain *explain, const struct notice *notice,
    const struct decision *decision)
{
	struct occasion occasion = { .explain = explain,
		.notice = notice,
		.process = task_process(notice->tid) };
	struct denial *denial = &occasion.denial;
	cleanup_strbuf struct strbuf call = { 0 };

	if (!decision->denied && is_call(&notice->call, "exit_group")) {
		account_ended(&explain->account, occasion.process,
		    (int)notice->call.args[0] & 0xff);
		return;
	}
	caller_begin(&explain->caller, notice->tid);
	denial->pid = notice->tid;
	denial->refused = decision->denied;
	if (denial->refused) {
		/* What the sandbox allows, the session keeps from being done.
		 */
		denial->err = answer_lets_through(decision->answer)
		                  ? EPERM
		                  : answer_errno(decision->answer);
		describe(explain, notice, &call);
		denial->call = call.data;
		/* Users' rules see more than the words say. */
		if (explain->filters->count == 0 && is_absolute(call.data) &&
		    account_again(&explain->account, occasion.process,
		        notice->tid, call.data))
			return;
	}
	if (!find_denial(&occasion, decision))
		return;
	if (!denial->refused)
		describe(explain, notice, &call);
	report(&occasion, call.data);
}

static struct verdict
hear(
    void *context, const struct notice *notice, const struct decision *decision)
{
	if (decision->denied || answer_lets_through(decision->answer))
		tell(context, notice, decision);
	return (struct verdict){ VERDICT_KEEP };
}

static void
begin(void *context, pid_t process)
{
	struct explain *explain = context;

	observer_set_process(&explain->observer, process);
}

static const struct watcher explainer = {
	.name = "explain",
	.begin = begin,
	.hear = hear,
};

int
explain_begin(struct explain *explain, const struct sandbox_path *paths,
    size_t path_count, struct keeper *keeper, int socket)
{
	const char *home = getenv("HOME");

	explain->session = (struct session){ .watcher = &explainer,
		.context = explain,
		.sandbox = explain->sandbox,
		.keeper = keeper,
		.diag = explain->diag };
	session_begin(&explain->session, socket);
	if (observer_open(&explain->observer, explain->sandbox, paths,
	        path_count, explain->diag) < 0)
		return -ENOMEM;
	explain->observer.lazy = true;
	explain->account.output = explain->output;
	if (explain->known != NULL)
		explain->account.known_status = explain->known->status;
	if (home == NULL || *home != '/' ||
	    realpath(home, explain->home) == NULL)
		explain->home[0] = '\0';
	/* What Landlock does not restrict, it does not refuse. */
	explain->account.unheard = explain->filters->program_count > 0;
	explain->account.blind =
	    !machine_has_proc() && explain->sandbox->restrict_paths;
	if (explain->account.blind)
		diag_warn(explain->diag, "paths cannot be told without /proc");
	return 0;
}

void
explain_close(struct explain *explain, int status, bool broken_off)
{
	account_ended(
	    &explain->account, explain->session.keeper->child, status);
	account_close(&explain->account, status, broken_off);
}

bool
explain_is_blind(const struct explain *explain)
{
	return explain->account.blind || explain->account.unheard;
}

bool
explain_found(const struct explain *explain)
{
	return account_found(&explain->account);
}

void
explain_end(struct explain *explain, const struct suggestion_request *request)
{
	/* A command that was not watched to its end was denied who knows what.
	 */
	if (!explain->session.lost && explain->session.listener.notice != NULL)
		account_summary(&explain->account, request);
	session_rest(&explain->session);
	observer_close(&explain->observer);
	event_call_free(&explain->call);
	caller_free(&explain->caller);
	account_free(&explain->account);
	strbuf_free(&explain->why);
}
