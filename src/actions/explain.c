/* SPDX-License-Identifier: ISC */
#include "actions/explain.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "compile/watched.h"
#include "json/write.h"
#include "report/need.h"

/* One call that waits, and all that is known of it. */
struct occasion {
	struct explain *explain;
	const struct notice *notice;
	promise_set promises;
	struct denial denial;
};

static void
put_line(const struct explain *explain, const struct strbuf *buf)
{
	explain->output->line(explain->output->context,
	    buf->failed ? "out of memory" : buf->data);
}

/* A process's own directory has another name in every run. */
static const char *
lasting_path(const char *path)
{
	return strncmp(path, "/proc/", 6) == 0 && path[6] >= '0' &&
	               path[6] <= '9'
	           ? "/proc"
	           : path;
}

/* Two names in one directory take one unveil. */
static void
add_path(struct denial *denial, const char *path, unsigned int permissions)
{
	for (size_t i = 0; i < denial->path_count; i++) {
		if (strcmp(denial->paths[i], path) != 0)
			continue;
		denial->permissions[i] |= permissions;
		return;
	}
	denial->paths[denial->path_count] = path;
	denial->permissions[denial->path_count++] = permissions;
}

static uint64_t
hash_path(const char *path, size_t length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		hash =
		    (hash ^ (unsigned char)path[i]) * UINT64_C(0x100000001b3);
	return hash | 1;
}

/* The place of HASH, or a free one. */
static uint64_t *
made_place(struct explain *explain, uint64_t hash)
{
	size_t at = hash % EXPLAIN_MADE;

	while (explain->made[at] != 0 && explain->made[at] != hash)
		at = (at + 1) % EXPLAIN_MADE;
	return &explain->made[at];
}

/* The command makes something in the directory of WANT, which it may not find
 * when it runs next. */
static void
remember_made(struct explain *explain, const struct want *want)
{
	char path[PATH_MAX + NAME_MAX + 2];
	const char *slash = want->path[1] == '\0' ? "" : "/";
	uint64_t hash, *place;

	if (want->made[0] == '\0' || explain->made_count > EXPLAIN_MADE / 2)
		return;
	snprintf(path, sizeof(path), "%s%s%s", want->path, slash, want->made);
	hash = hash_path(path, strlen(path));
	place = made_place(explain, hash);
	explain->made_count += *place == 0;
	*place = hash;
}

/* Up to where the command made nothing of PATH. */
static void
cut_made(struct explain *explain, char *path)
{
	for (char *end = path + strlen(path); end > path + 1; end--)
		if ((*end == '/' || *end == '\0') &&
		    *made_place(
		        explain, hash_path(path, (size_t)(end - path))) != 0) {
			while (*end != '/')
				end--;
			end[end == path ? 1 : 0] = '\0';
			end = path + strlen(path) + 1;
		}
}

/* What a run will find again of the path of WANT. */
static const char *
find_lasting(struct explain *explain, struct want *want)
{
	cut_made(explain, want->path);
	return lasting_path(want->path);
}

/* The path itself is hidden: it, or a promise that is about it. */
static void
add_hidden(struct occasion *occasion, struct want *want, uint64_t missing,
    promise_set words)
{
	struct explain *explain = occasion->explain;
	struct denial *denial = &occasion->denial;
	unsigned int permissions = landlock_permissions(missing);
	promise_set about =
	    need_for_path(occasion->promises, want->path, missing);

	if (permissions == 0)
		return;
	if (about == 0) {
		denial->words |= words;
		add_path(denial, find_lasting(explain, want), permissions);
		/* Most ask TMPDIR, which is set for it. */
		if (denial->instead == NULL &&
		    strcmp(want->path, "/tmp") == 0) {
			denial->instead = "@TMP";
			denial->instead_permissions = permissions;
		}
		return;
	}
	denial->words |= about;
	if (words != 0 || denial->instead != NULL)
		return;
	denial->instead = find_lasting(explain, want);
	denial->instead_permissions = permissions;
}

/* The promises and paths that Landlock's part takes, beside `promises`. */
static void
find_hidden(struct occasion *occasion, struct want *want)
{
	const struct observer *observer = &occasion->explain->observer;
	promise_set promises = occasion->promises, words;
	uint64_t missing = observer_missing(observer, want, promises), hidden;

	if (missing == 0 || want_is_refused(want))
		return;
	/* Without its promise a letter does nothing. */
	words = need_for_rights(promises, missing);
	hidden = missing;
	if (words != 0)
		hidden = observer_missing(observer, want, promises | words);
	if (hidden == 0 || occasion->explain->policy->no_unveil)
		occasion->denial.words |= words;
	else
		add_hidden(occasion, want, hidden, words);
	occasion->promises |= occasion->denial.words;
}

static void
find_ports(struct occasion *occasion)
{
	const struct policy *policy = occasion->explain->policy;
	const struct wants *wants = &occasion->explain->wants;
	const promise_set serving = PROMISE(INET) | PROMISE(ANET);
	struct denial *denial = &occasion->denial;

	if (wants->connect == 0 && wants->bind == 0)
		return;
	/* Without port rules it is the word that is missing. */
	if (policy->connect.count + policy->bind.count == 0) {
		if (!(occasion->promises & PROMISE(INET)))
			denial->words |= PROMISE(INET);
		return;
	}
	if (!(occasion->promises & serving))
		denial->words |= PROMISE(INET);
	denial->connect = wants->connect;
	denial->bind = wants->bind;
}

/* What a rule of the user's refused, no promise gives. */
static void
find_rule(struct occasion *occasion, const struct decision *decision)
{
	const struct user_filters *filters = occasion->explain->filters;
	struct denial_rule *rule = &occasion->denial.rule;
	const struct ruled_filter *ruled;
	const struct entry *entry;
	struct place place;

	if (decision->user == occasion->explain->sandbox->user_count)
		return;
	ruled = filters->ruled[decision->user];
	entry = ruled_filter_entry(ruled, decision->rule);
	place = entry != NULL ? entry->place : ruled->set->fallback_place;
	*rule = (struct denial_rule){ .file = place_file(ruled->file, place),
		.line = place.line,
		.column = place.column,
		.name = ruled->set->name,
		.comment = entry != NULL ? entry_comment(entry) : NULL,
		.fallback = entry == NULL,
		.answer = decision->answer };
}

/* Whether the call is denied; then `denial` says by what. */
static bool
find_denial(struct occasion *occasion, const struct decision *decision)
{
	struct explain *explain = occasion->explain;
	struct denial *denial = &occasion->denial;
	const struct need_request request = { explain->sandbox->filter.arch,
		occasion->promises, explain->denials.words,
		explain->sandbox->when, &explain->sandbox->conditions };
	const struct call *call = &occasion->notice->call;
	struct need need = { 0 };

	find_rule(occasion, decision);
	if (denial->rule.file == NULL)
		denial->harmless = need_harmless(request.arch, call,
		    observe_path(&explain->observer, &explain->caller, call));
	if (decision->promised != SECCOMP_RET_ALLOW) {
		need_find(&request, call, &need);
		denial->words = need.words;
		denial->reason = need.reason;
		occasion->promises |= need.words;
	}
	observe(&explain->observer, &explain->caller, call, &explain->wants);
	if (denial->reason == NULL) {
		for (size_t i = 0; i < explain->wants.count; i++)
			find_hidden(occasion, &explain->wants.paths[i]);
		find_ports(occasion);
	}
	return decision->denied || denial->words != 0 ||
	       denial->path_count > 0 || denial->connect != 0 ||
	       denial->bind != 0;
}

static void
put_json_unveil(
    struct json_writer *json, unsigned int permissions, const char *path)
{
	cleanup_strbuf struct strbuf letters = { 0 };

	unveil_write_letters(&letters, permissions);
	json_string(json, "permissions", letters.failed ? "" : letters.data);
	json_path(json, "path", "path_hex", path);
}

static void
put_json_unveils(struct json_writer *json, const struct denial *denial)
{
	json_open(json, "unveil", '[');
	for (size_t i = 0; i < denial->path_count; i++) {
		json_open(json, NULL, '{');
		put_json_unveil(json, denial->permissions[i], denial->paths[i]);
		json_close(json, '}');
	}
	json_close(json, ']');
	if (denial->instead == NULL)
		return;
	json_open(json, "instead", '{');
	put_json_unveil(json, denial->instead_permissions, denial->instead);
	json_close(json, '}');
}

static void
put_json_words(struct json_writer *json, promise_set words)
{
	json_open(json, "promises", '[');
	for (int i = 0; i < PROMISE_COUNT; i++)
		if (words & UINT64_C(1) << i)
			json_string(json, NULL, promise_rows[i].name);
	json_close(json, ']');
}

static void
put_json_rule(struct json_writer *json, const struct denial_rule *rule)
{
	char text[ANSWER_TEXT];

	json_open(json, "filter", '{');
	json_path(json, "path", "path_hex", rule->file);
	json_number(json, "line", rule->line);
	json_number(json, "column", rule->column);
	if (rule->name != NULL)
		json_string(json, "name", rule->name);
	json_string(json, "answer", answer_text(rule->answer, text));
	if (rule->comment != NULL)
		json_string(json, "comment", rule->comment);
	json_close(json, '}');
}

/* TIMES 0: as it happens. */
static void
put_json(
    const struct explain *explain, const struct denial *denial, long long times)
{
	cleanup_strbuf struct strbuf buf = { 0 }, text = { 0 };
	struct json_writer json = { .buf = &buf };

	denial_write(&text, denial);
	json_open(&json, NULL, '{');
	json_string(&json, "event", times == 0 ? "denied" : "counted");
	if (times == 0)
		json_number(&json, "pid", denial->pid);
	else
		json_number(&json, "times", times);
	json_string(&json, "call", denial->call);
	json_number(&json, "errno", denial->err);
	put_json_words(&json, denial->words);
	put_json_unveils(&json, denial);
	if (denial->connect != 0)
		json_number(&json, "connect", denial->connect);
	if (denial->bind != 0)
		json_number(&json, "bind", denial->bind);
	if (denial->reason != NULL)
		json_string(&json, "reason", denial->reason);
	if (denial->rule.file != NULL)
		put_json_rule(&json, &denial->rule);
	if (denial->harmless != NULL)
		json_string(&json, "harmless", denial->harmless);
	json_string(&json, "text", text.failed ? "" : text.data);
	json_close(&json, '}');
	put_line(explain, &buf);
}

static void
put_denial(const struct explain *explain, const struct denial *denial)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	if (explain->output->json) {
		put_json(explain, denial, 0);
		return;
	}
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
	if (!listener_waits(&explain->session.listener, occasion->notice))
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

/* Says what is to be said about a call that waits. */
static void
tell(struct explain *explain, const struct notice *notice,
    const struct decision *decision)
{
	struct occasion occasion = { .explain = explain,
		.notice = notice,
		.promises = policy_promises(explain->policy) };
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
	if (!find_denial(&occasion, decision)) {
		for (size_t i = 0; i < explain->wants.count; i++)
			remember_made(explain, &explain->wants.paths[i]);
		return;
	}
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

	if (explain->output->json) {
		put_json(explain, &row->denial, (long long)row->times);
		return;
	}
	denial_write(&buf, &row->denial);
	if (row->times > 1)
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

void
explain_end(struct explain *explain, const struct suggestion_request *request)
{
	/* A command that was not watched to its end was denied who knows what.
	 */
	if (!explain->session.lost && explain->session.listener.notice != NULL)
		put_summary(explain, request);
	session_rest(&explain->session);
	observer_close(&explain->observer);
	event_call_free(&explain->call);
	caller_free(&explain->caller);
}
