/* SPDX-License-Identifier: ISC */
/*
 * The judge asks about a caller: here it is ourselves, as the arguments lie in
 * our own memory, the paths begin where we stand, and sockets are our own.
 * Nothing of it is carried out.
 */
#include "inspect/why.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/suggest.h"
#include "base/table.h"
#include "call/rows.h"
#include "event/call.h"
#include "format/symbols.h"
#include "inspect/policy_plan.h"
#include "json/write.h"
#include "judge/judge.h"
#include "kernel/landlock.h"

/* One question at a time. */
static struct {
	const struct why *why;
	struct policy_plan plan;
	struct observer observer;
	struct wants wants;
	struct caller caller;
	struct event_call event;
	struct strbuf reason;
	struct identity who;
	char home[PATH_MAX];
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} address;
	const char *host; /* an address that has no number, as it was written */
	int socket;
	bool refused;
} state;

static int
plan(struct diag *diag)
{
	const char *home = getenv("HOME");
	int r = policy_include(&state.plan.policy, state.why->policy, diag);

	/* A run's own directory: none is made for a question. */
	if (r == 0)
		r = policy_plan_make(
		    &state.plan, state.why->argv, "/@TMP", diag);
	if (r == 0)
		r = user_filters_need_rules(&state.plan.filters, "why", diag);
	if (r < 0)
		return r;
	if (home == NULL || *home != '/' || realpath(home, state.home) == NULL)
		state.home[0] = '\0';
	identity_own(&state.who, state.plan.sandbox.caps);
	r = observer_open(&state.observer, &state.plan.sandbox,
	    state.plan.paths.paths, state.plan.paths.count, diag);
	state.observer.lazy = true;
	state.observer.process = getpid();
	return r;
}

/* --- The answer --- */

/* "promise rpath (x.policy:3)" */
static void
write_line(struct strbuf *buf, unsigned int line)
{
	if (line == 0)
		return;
	strbuf_puts(buf, " (");
	quote_terminal(buf, state.why->policy);
	strbuf_printf(buf, ":%u)", line);
}

/* The words by which the filter allows it; 0: every policy does. */
static promise_set
granting_words(const struct decision *decision)
{
	const struct rule *rule = decision->rule;

	if (rule == NULL || decision->user != state.plan.sandbox.user_count ||
	    rule->origin >= ORIGIN_ANSWER)
		return 0;
	if (rule->origin >= ORIGIN_GRANT)
		return grant_rows[rule->origin - ORIGIN_GRANT].words;
	return UINT64_C(1) << rule->origin;
}

/* The "allow" of the policy by which the filter allows it; NULL: none does. */
static const struct entry *
allowing_entry(const struct call *call)
{
	const struct ruled_filter *allowed = state.plan.filters.allowed;
	const struct rule *rule = NULL;

	if (allowed != NULL)
		filter_answer(&allowed->filter, call, &rule);
	return rule != NULL ? ruled_filter_entry(allowed, rule) : NULL;
}

/* Each thing that allows it, by PUT. */
static void
each_ground(const struct call *call, const struct decision *decision,
    void (*put)(void *context, const char *text, unsigned int line),
    void *context)
{
	const struct entry *entry = allowing_entry(call);
	promise_set words = entry == NULL ? granting_words(decision) : 0;

	if (entry != NULL) {
		char text[64];

		snprintf(text, sizeof(text), "allow %s", entry->call);
		put(context, text, entry->place.line);
	}

	for (size_t i = 0; i < PROMISE_COUNT; i++) {
		char text[64];

		if (!(words & UINT64_C(1) << i))
			continue;
		snprintf(
		    text, sizeof(text), "promise %s", promise_rows[i].name);
		put(context, text, state.plan.policy.promise_lines[i]);
	}
	for (size_t i = 0; i < state.wants.count; i++) {
		const struct sandbox_path *path =
		    observer_granting(&state.observer, &state.wants.paths[i],
		        policy_promises(&state.plan.policy));
		cleanup_strbuf struct strbuf text = { 0 };
		size_t at = path != NULL
		                ? (size_t)(path - state.plan.paths.paths)
		                : state.plan.paths.count;

		if (path == NULL || path->path == NULL)
			continue;
		if (path->user) {
			strbuf_puts(&text, "unveil ");
			unveil_write_letters(&text, path->permissions);
			strbuf_putc(&text, ' ');
			quote_word(&text, state.plan.policy.unveils[at].path);
		} else {
			strbuf_puts(&text, "unveiled for the program: ");
			quote_word(&text, path->path);
		}
		put(context, strbuf_text(&text, ""),
		    path->user ? state.plan.policy.unveils[at].line : 0);
	}
}

/* The port rule that allows it, if that is what was asked. */
static void
port_ground(const struct call *call,
    void (*put)(void *context, const char *text, unsigned int line),
    void *context)
{
	bool binds = strcmp(arch_name(arch_native(), call->nr), "bind") == 0;
	const struct ports *ports =
	    binds ? &state.plan.policy.bind : &state.plan.policy.connect;
	/* Of both families. */
	struct port port = TCP_PORT(ntohs(state.address.in.sin_port));
	char text[32], word[PORT_TEXT];

	if (state.wants.family != AF_INET && state.wants.family != AF_INET6)
		return;
	for (size_t i = 0; i < ports->count; i++) {
		if (!port_equals(ports->port[i], port))
			continue;
		snprintf(text, sizeof(text), "%s %s",
		    binds ? "bind" : "connect", port_text(port, word));
		put(context, text, ports->line[i]);
	}
}

static void
put_ground(void *context, const char *text, unsigned int line)
{
	struct strbuf *buf = context;

	strbuf_printf(buf, "%s%s", buf->length > 0 ? "; " : "", text);
	write_line(buf, line);
}

static void
put_ground_json(void *context, const char *text, unsigned int line)
{
	struct json_writer *json = context;

	json_open(json, NULL, '{');
	json_string(json, "text", text);
	if (line > 0)
		json_number(json, "line", line);
	json_close(json, '}');
}

static void
write_allowed(const struct call *call, const char *name,
    const struct decision *decision, struct strbuf *buf)
{
	struct json_writer json = { .buf = buf };
	cleanup_strbuf struct strbuf grounds = { 0 };

	if (state.why->json) {
		json_open(&json, NULL, '{');
		json_string(&json, "event", "allowed");
		json_string(&json, "call", name);
		json_open(&json, "by", '[');
		each_ground(call, decision, put_ground_json, &json);
		port_ground(call, put_ground_json, &json);
		json_close(&json, ']');
		json_close(&json, '}');
		return;
	}
	each_ground(call, decision, put_ground, &grounds);
	port_ground(call, put_ground, &grounds);
	strbuf_printf(buf, "allowed: %s: %s", name,
	    grounds.length > 0 ? strbuf_text(&grounds, "") : "by every policy");
}

/* What CALL is, in words. */
static void
describe(const struct call *call, struct strbuf *ret_text)
{
	const struct event_source source = {
		.pid = getpid(), .tid = getpid(), .brief = true
	};
	cleanup_strbuf struct strbuf text = { 0 };
	const char *open, *close;

	event_call_begin(
	    &state.event, &source, call->arch, call->nr, call->args);
	event_call_text(&state.event, &text);
	open = strchr(strbuf_text(&text, "?"), '{');
	close = open != NULL ? strchr(open, '}') : NULL;
	if (state.host == NULL || close == NULL) {
		strbuf_puts(ret_text, strbuf_text(&text, "?"));
		return;
	}
	/* A number that stands for it was never meant. */
	strbuf_printf(ret_text, "%.*s{%s", (int)(open - text.data), text.data,
	    strchr(state.host, ':') == NULL ? "port=" : "");
	quote_terminal(ret_text, state.host);
	strbuf_puts(ret_text, close);
}

/* Asks the judge about CALL; BENEATH: what it wants, of no file that there is;
 * NULL: it is looked for. */
static void
ask(struct call *call, const struct want *beneath, struct strbuf *buf)
{
	static struct wants asked;
	const struct judge judge = { .sandbox = &state.plan.sandbox,
		.policy = &state.plan.policy,
		.ruled = state.plan.filters.ruled,
		.observer = &state.observer,
		.home = state.home[0] != '\0' ? state.home : NULL };
	struct decision decision;
	struct judged judged = { .call = call,
		.decision = &decision,
		.wants = &state.wants,
		.family = state.address.any.sa_family,
		.who = &state.who,
		.why = &state.reason,
		.caller = beneath == NULL ? &state.caller : NULL };
	struct denial denial = { .pid = getpid() };
	cleanup_strbuf struct strbuf text = { 0 };
	bool denied;

	call->arch = arch_native()->audit;
	describe(call, &text);
	denial.call = strbuf_text(&text, "?");
	sandbox_decide(&state.plan.sandbox, call, &decision);
	/* Whoever asks, does not want to hear what programs do without. */
	decision.denied = !answer_lets_through(decision.answer);
	denial.refused = decision.denied;
	if (denial.refused)
		denial.err = answer_errno(decision.answer);
	caller_begin(&state.caller, getpid());
	observe(&state.observer, &state.caller, call, &state.wants);
	judged.path = observe_path(&state.observer, &state.caller, call);
	if (beneath != NULL) {
		state.wants = (struct wants){ .count = 1 };
		state.wants.paths[0] = *beneath;
	}
	asked = state.wants;
	denied = judge_call(&judge, &judged, &denial);
	denial.probe = false;
	if (!denied) /* its paths were cut to what a run finds again */
		state.wants = asked;
	if (!denied && denial.ordinary == NULL)
		write_allowed(call, denial.call, &decision, buf);
	else if (state.why->json)
		denial_json(buf, &denial, 0);
	else
		denial_write(buf, &denial);
	strbuf_putc(buf, '\n');
	state.refused |= denied || denial.ordinary != NULL;
}

/* --- The question --- */

static uint64_t
pointer(const void *object)
{
	return (uint64_t)(uintptr_t)object;
}

static int
call_number(const char *name, unsigned int *ret_nr, struct diag *diag)
{
	const struct arch *arch = arch_native();
	int nr = arch_number(arch, name, strlen(name));
	struct suggest suggest = { .wanted = name };

	if (nr >= 0) {
		*ret_nr = (unsigned int)nr;
		return 0;
	}
	for (unsigned int i = 0; i <= arch->max; i++)
		if (arch_name(arch, i) != NULL)
			suggest_consider(&suggest, arch_name(arch, i));
	return diag_set(diag, EINVAL,
	    "why: \"%s\" is no system call here%s; a path begins with / or ./",
	    name, suggest_text(&suggest));
}

static int
read_port(const char *text, in_port_t *ret_port)
{
	char *end;
	long port;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	port = strtol(text, &end, 10);
	if (*end != '\0' || port > UINT16_MAX)
		return -EINVAL;
	*ret_port = htons((uint16_t)port);
	return 0;
}

/* An IPv6 address between brackets, an IPv4 one, or a name: -EINVAL. */
static int
read_host(const char *text, size_t length, in_port_t port)
{
	char host[256];

	if (length >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, length);
	host[length] = '\0';
	if (*host == '[' && host[length - 1] == ']') {
		host[length - 1] = '\0';
		state.address.in6.sin6_family = AF_INET6;
		state.address.in6.sin6_port = port;
		return inet_pton(AF_INET6, host + 1,
		           &state.address.in6.sin6_addr) == 1
		           ? (int)sizeof(state.address.in6)
		           : -EINVAL;
	}
	state.address.in.sin_family = AF_INET;
	state.address.in.sin_port = port;
	if (inet_pton(AF_INET, host, &state.address.in.sin_addr) == 1)
		return (int)sizeof(state.address.in);
	/* It is not looked up: a policy has ports, and no hosts. */
	state.address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	state.host = text;
	return strpbrk(host, ":[]") == NULL ? (int)sizeof(state.address.in)
	                                    : -EINVAL;
}

/* "PORT", "HOST:PORT", "[ADDRESS]:PORT", a path; its length, or -EINVAL. */
static int
read_address(const char *text)
{
	const char *colon = strrchr(text, ':');
	in_port_t port;

	memset(&state.address, 0, sizeof(state.address));
	state.host = NULL;
	if (strchr(text, '/') != NULL) {
		if (strlen(text) >= sizeof(state.address.un.sun_path))
			return -EINVAL;
		state.address.un.sun_family = AF_UNIX;
		memcpy(state.address.un.sun_path, text, strlen(text) + 1);
		return (int)sizeof(state.address.un);
	}
	if (read_port(colon != NULL ? colon + 1 : text, &port) < 0 ||
	    colon == text)
		return -EINVAL;
	return read_host(
	    text, colon != NULL ? (size_t)(colon - text) : 0, port);
}

/* A socket of our own, of the address's domain: Landlock looks at it. */
static void
open_socket(void)
{
	if (state.socket >= 0)
		close(state.socket);
	state.socket =
	    socket(state.address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static bool
is_path_kind(enum arg_kind kind)
{
	return kind == ARG_PATH || kind == ARG_STRING;
}

static bool
is_number(const char *word)
{
	return isdigit((unsigned char)*word) ||
	       (*word == '-' && isdigit((unsigned char)word[1]));
}

/* An address stands for a socket that fits it. */
static int
read_socket(const char *word, struct call *call, size_t at, struct diag *diag)
{
	int length = read_address(word);

	if (length < 0)
		return diag_set(diag, EINVAL,
		    "why: \"%s\" is no address; write HOST:PORT or a path",
		    word);
	open_socket();
	call->args[0] = (uint64_t)state.socket;
	call->args[at] = pointer(&state.address);
	call->args[at + 1] = (uint64_t)length;
	return 1;
}

/* What may be left out: the directory of a path that does not begin there, the
 * socket of an address, the length of one. */
static bool
is_left_out(const struct call_row *row, size_t at, const char *word,
    const struct call *call)
{
	enum arg_kind kind = row->args[at].kind;

	if (word == NULL)
		return true;
	if (kind == ARG_DIRFD && (*word == '/' || *word == '.'))
		return true;
	if (kind == ARG_FD && call_row_takes(row, ARG_SOCKADDR))
		return !is_number(word) || strchr(word, '.') != NULL ||
		       strchr(word, ':') != NULL;
	return at > 0 && at < ARRAY_SIZE(call->args) &&
	       row->args[at - 1].kind == ARG_SOCKADDR && call->args[at] != 0 &&
	       !is_number(word);
}

/* "0644", "S_IFIFO|0600" */
static int
read_mode(const char *word, uint64_t *ret_mode, struct diag *diag)
{
	const char *bar = strrchr(word, '|');
	const char *digits = bar != NULL ? bar + 1 : word;
	cleanup_free char *type = NULL;
	char *end;
	uint64_t mode = strtoul(digits, &end, 8);

	*ret_mode = 0;
	if (!isdigit((unsigned char)*digits) || *end != '\0')
		return diag_set(diag, EINVAL,
		    "why: \"%s\" is no mode; write it like 0644", word);
	if (bar != NULL) {
		type = strndup(word, (size_t)(bar - word));
		if (type == NULL)
			return diag_set(diag, ENOMEM, "out of memory");
		if (symbol_value(type, arch_native(), ret_mode, diag) < 0)
			return -EINVAL;
	}
	*ret_mode |= mode;
	return 1;
}

/* One argument of ROW, AT; how many words it took, or -errno. */
static int
read_argument(const struct call_row *row, size_t at, const char *word,
    struct call *call, struct diag *diag)
{
	enum arg_kind kind = row->args[at].kind;
	bool length = at > 0 && at < ARRAY_SIZE(call->args) &&
	              row->args[at - 1].kind == ARG_SOCKADDR &&
	              call->args[at] != 0;

	if (is_left_out(row, at, word, call)) {
		if (kind == ARG_DIRFD)
			call->args[at] = (uint64_t)AT_FDCWD;
		return 0;
	}
	if (length) /* that of the address is the true one */
		return 1;
	if (is_path_kind(kind)) {
		call->args[at] = pointer(word);
		return 1;
	}
	if (kind == ARG_SOCKADDR && strcmp(word, "NULL") != 0)
		return read_socket(word, call, at, diag);
	if (kind == ARG_MODE)
		return read_mode(word, &call->args[at], diag);
	if (row->args[at].type == TYPE_PTR) {
		if (strcmp(word, "NULL") != 0)
			call->args[at] = pointer(word);
		if (is_number(word))
			call->args[at] = strtoull(word, NULL, 0);
		return 1;
	}
	return symbol_value(word, arch_native(), &call->args[at], diag) < 0
	           ? -EINVAL
	           : 1;
}

static int
ask_call(char *const *words, struct strbuf *buf, struct diag *diag)
{
	struct call call = { 0 };
	const struct call_row *row;
	int r = call_number(words[0], &call.nr, diag);

	if (r < 0)
		return r;
	row = call_row_find(arch_native(), call.nr);
	words++;
	for (size_t i = 0; i < CALL_ARGS && row->args[i].kind != ARG_NONE;
	     i++) {
		r = read_argument(row, i, *words, &call, diag);
		if (r < 0)
			return r;
		words += r;
	}
	if (*words != NULL)
		return diag_set(diag, EINVAL,
		    "why: \"%s\" is one argument too many", *words);
	ask(&call, NULL, buf);
	return 0;
}

/* A letter, of a directory, is about what is in it. */
static int
ask_beneath(char letter, const char *path, const struct stat *st,
    struct strbuf *buf, struct diag *diag)
{
	cleanup_strbuf struct strbuf name = { 0 };
	struct want want = { .rights = letter == 'w'
		                           ? LL_WRITE_FILE
		                           : LL_EXECUTE | LL_READ_FILE,
		.device = st->st_dev,
		.inode = st->st_ino };
	struct call call = { 0 };
	int r =
	    call_number(letter == 'w' ? "openat" : "execve", &call.nr, diag);

	if (r == 0 && realpath(path, want.path) == NULL)
		r = diag_errno(diag, "why: find %s", path);
	if (r < 0)
		return r;
	strbuf_printf(
	    &name, "%s%s*", path, path[strlen(path) - 1] == '/' ? "" : "/");
	if (letter == 'w') {
		call.args[0] = (uint64_t)AT_FDCWD;
		call.args[1] = pointer(strbuf_text(&name, path));
		call.args[2] = O_WRONLY;
	} else
		call.args[0] = pointer(strbuf_text(&name, path));
	ask(&call, &want, buf);
	return 0;
}

/* A new name, of a link to nowhere. */
static int
ask_new(const char *path, bool directory, struct strbuf *buf, struct diag *diag)
{
	cleanup_strbuf struct strbuf name = { 0 };
	struct call call = { 0 };
	int r = call_number("symlinkat", &call.nr, diag);

	if (r < 0)
		return r;
	strbuf_puts(&name, path);
	if (directory)
		strbuf_puts(&name, "/.seccomp-pledge-why");
	call.args[0] = pointer("target");
	call.args[1] = (uint64_t)AT_FDCWD;
	call.args[2] = pointer(strbuf_text(&name, path));
	ask(&call, NULL, buf);
	return 0;
}

/* What stands for a letter: a call that needs it, and no other. */
static int
ask_letter(char letter, const char *path, struct strbuf *buf, struct diag *diag)
{
	struct call call = { 0 };
	struct stat st;
	bool there = stat(path, &st) == 0;
	bool directory = there && S_ISDIR(st.st_mode);
	const char *name = letter == 'x'   ? "execve"
	                   : letter != 'c' ? "openat"
	                                   : "unlinkat";
	int r = call_number(name, &call.nr, diag);

	if (r < 0)
		return r;
	if (letter == 'c' && (directory || lstat(path, &st) < 0))
		return ask_new(path, directory, buf, diag);
	if (directory && letter != 'r')
		return ask_beneath(letter, path, &st, buf, diag);
	if (letter == 'x') {
		call.args[0] = pointer(path);
	} else {
		call.args[0] = (uint64_t)AT_FDCWD;
		call.args[1] = pointer(path);
		call.args[2] = letter == 'w' ? O_WRONLY : 0;
	}
	ask(&call, NULL, buf);
	return 0;
}

static int
ask_path(char *const *words, struct strbuf *buf, struct diag *diag)
{
	const char *letters = words[1] != NULL ? words[1] : "r";
	unsigned int set;
	int r = 0;

	if (unveil_letters(letters, strlen(letters), &set) < 0 ||
	    (words[1] != NULL && words[2] != NULL))
		return diag_set(diag, EINVAL,
		    "why: behind a path stand letters of rwxc, not \"%s\"",
		    words[1] != NULL && words[2] != NULL ? words[2] : letters);
	for (unsigned int i = 0; r == 0 && i < 4; i++)
		if (set & 1u << i)
			r = ask_letter("rwxc"[i], words[0], buf, diag);
	return r;
}

static int
ask_port(const char *word, struct strbuf *buf, struct diag *diag)
{
	char name[] = "socket", inet[] = "AF_INET", inet6[] = "AF_INET6";
	char stream[] = "SOCK_STREAM";
	char *making[] = { name, NULL, stream, NULL };
	struct call call = { 0 };
	int length = read_address(word);
	int r;

	making[1] = state.address.any.sa_family == AF_INET6 ? inet6 : inet;
	r = ask_call(making, buf, diag);
	if (r == 0)
		r = call_number("connect", &call.nr, diag);
	if (r < 0)
		return r;
	open_socket();
	call.args[0] = (uint64_t)state.socket;
	call.args[1] = pointer(&state.address);
	call.args[2] = (uint64_t)length;
	ask(&call, NULL, buf);
	return 0;
}

static int
ask_words(struct strbuf *buf, struct diag *diag)
{
	char *const *words = state.why->words;

	if (words[0] == NULL)
		return diag_set(diag, EINVAL,
		    "why: of what? write CALL ARG..., PATH [rwxc], or "
		    "HOST:PORT");
	if (strchr(words[0], '/') != NULL || *words[0] == '.')
		return ask_path(words, buf, diag);
	if (words[1] == NULL && read_address(words[0]) >= 0)
		return ask_port(words[0], buf, diag);
	memset(&state.address, 0, sizeof(state.address));
	return ask_call(words, buf, diag);
}

int
why_answer(const struct why *why, struct strbuf *buf, struct diag *diag)
{
	int r;

	state.why = why;
	state.socket = -1;
	r = plan(diag);
	if (r == 0)
		r = ask_words(buf, diag);
	if (r == 0 && buf->failed)
		r = diag_set(diag, ENOMEM, "out of memory");
	if (state.socket >= 0)
		close(state.socket);
	observer_close(&state.observer);
	event_call_free(&state.event);
	caller_free(&state.caller);
	strbuf_free(&state.reason);
	policy_plan_free(&state.plan);
	return r < 0 ? r : !state.refused;
}
