/* SPDX-License-Identifier: ISC */
/*
 * The judge asks about a caller: here it is ourselves, as the arguments lie in
 * our own memory, the paths begin where we stand, and sockets are our own.
 * Nothing of it is carried out.
 */
#include "actions/why.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "actions/user_filters.h"
#include "base/cleanup.h"
#include "base/quote.h"
#include "base/suggest.h"
#include "base/table.h"
#include "call/rows.h"
#include "event/call.h"
#include "format/symbols.h"
#include "json/write.h"
#include "judge/judge.h"
#include "kernel/landlock.h"
#include "launch/implied.h"
#include "launch/target.h"

/* One question at a time. */
static struct {
	const struct why *why;
	struct policy policy;
	struct user_filters filters;
	struct features features;
	struct launch_paths paths;
	struct target target;
	struct sandbox sandbox;
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
	int socket;
	bool refused;
} state;

/* --- The plan --- */

static int
plan_paths(struct diag *diag)
{
	static char cwd[PATH_MAX];
	char *const none[] = { NULL };
	char *const *argv = state.why->argv;
	const struct symbols symbols = { .cwd = getcwd(cwd, sizeof(cwd)),
		.home = getenv("HOME"),
		.tmp = "/@TMP", /* a run's own: none is made for a question */
		.argv = argv != NULL ? argv : none };
	const struct launch_gifts gifts = { .target = &state.target,
		.no_redirections = true };
	int r;

	state.target.flags = TARGET_DYNAMIC;
	if (argv != NULL) {
		r = target_find(argv[0], getenv("PATH"), &state.target, diag);
		if (r < 0)
			return r;
	}
	r = launch_paths_user(&state.paths, &state.policy, &symbols, diag);
	return r < 0 ? r
	             : launch_paths_implied(
	                   &state.paths, &state.policy, &gifts, diag);
}

static int
plan(struct diag *diag)
{
	struct sandbox_request request = { .policy = &state.policy,
		.features = &state.features,
		.arch = arch_native(),
		.launch = true,
		.values = { .pid = (uint64_t)getpid(),
		    .uid = getuid(),
		    .gid = getgid() },
		.best_effort = true };
	const char *home = getenv("HOME");
	struct diag silent = { 0 };
	int r = policy_include(&state.policy, state.why->policy, diag);

	if (r == 0)
		r = user_filters_read(
		    &state.policy, arch_native(), &state.filters, diag);
	if (r == 0)
		r = plan_paths(diag);
	if (r < 0)
		return r;
	features_probe(&state.features);
	request.dynamic = state.target.flags & (TARGET_DYNAMIC | TARGET_SCRIPT);
	request.origin = state.target.flags & TARGET_RUNPATH;
	request.paths = state.paths.paths;
	request.path_count = state.paths.count;
	request.filters = state.filters.filters;
	request.filter_count = state.filters.count;
	if (getrandom(request.values.cookie, sizeof(request.values.cookie),
	        0) != sizeof(request.values.cookie))
		return diag_errno(diag, "draw a secret");
	/* What a run warns of is no answer. */
	r = sandbox_compile(&request, &state.sandbox, &silent);
	if (r < 0)
		return diag_set(diag, -r, "%s", silent.text);
	if (home == NULL || *home != '/' || realpath(home, state.home) == NULL)
		state.home[0] = '\0';
	identity_own(&state.who, state.sandbox.caps);
	r = observer_open(&state.observer, &state.sandbox, state.paths.paths,
	    state.paths.count, diag);
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

	if (rule == NULL || decision->user != state.sandbox.user_count ||
	    rule->origin >= ORIGIN_ANSWER)
		return 0;
	if (rule->origin >= ORIGIN_GRANT)
		return grant_rows[rule->origin - ORIGIN_GRANT].words;
	return UINT64_C(1) << rule->origin;
}

/* Each thing that allows it, by PUT. */
static void
each_ground(const struct decision *decision,
    void (*put)(void *context, const char *text, unsigned int line),
    void *context)
{
	promise_set words = granting_words(decision);

	for (size_t i = 0; i < PROMISE_COUNT; i++) {
		char text[64];

		if (!(words & UINT64_C(1) << i))
			continue;
		snprintf(
		    text, sizeof(text), "promise %s", promise_rows[i].name);
		put(context, text, state.policy.promise_lines[i]);
	}
	for (size_t i = 0; i < state.wants.count; i++) {
		const struct sandbox_path *path =
		    observer_granting(&state.observer, &state.wants.paths[i],
		        policy_promises(&state.policy));
		cleanup_strbuf struct strbuf text = { 0 };
		size_t at = path != NULL ? (size_t)(path - state.paths.paths)
		                         : state.paths.count;

		if (path == NULL || path->path == NULL)
			continue;
		if (path->user) {
			strbuf_puts(&text, "unveil ");
			unveil_write_letters(&text, path->permissions);
			strbuf_putc(&text, ' ');
			quote_word(&text, state.policy.unveils[at].path);
		} else {
			strbuf_puts(&text, "unveiled for the program: ");
			quote_word(&text, path->path);
		}
		put(context, strbuf_text(&text, ""),
		    path->user ? state.policy.unveils[at].line : 0);
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
	    binds ? &state.policy.bind : &state.policy.connect;
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
		each_ground(decision, put_ground_json, &json);
		port_ground(call, put_ground_json, &json);
		json_close(&json, ']');
		json_close(&json, '}');
		return;
	}
	each_ground(decision, put_ground, &grounds);
	port_ground(call, put_ground, &grounds);
	strbuf_printf(buf, "allowed: %s: %s", name,
	    grounds.length > 0 ? strbuf_text(&grounds, "") : "by every policy");
}

/* What is to be opened is not there, nor made. */
static bool
missing_path(const struct call *call)
{
	const char *path = observe_path(&state.observer, &state.caller, call);

	state.reason.length = 0;
	if (path == NULL)
		return false;
	quote_terminal(&state.reason, path);
	strbuf_puts(&state.reason, " does not exist");
	return true;
}

/* Asks the judge about CALL, and writes what it says. */
static void
ask(struct call *call, struct strbuf *buf)
{
	const struct event_source source = {
		.pid = getpid(), .tid = getpid(), .brief = true
	};
	static struct wants asked;
	const struct judge judge = { .sandbox = &state.sandbox,
		.policy = &state.policy,
		.ruled = state.filters.ruled,
		.observer = &state.observer,
		.home = state.home[0] != '\0' ? state.home : NULL };
	struct decision decision;
	struct judged judged = { .call = call,
		.decision = &decision,
		.wants = &state.wants,
		.family = state.address.any.sa_family,
		.who = &state.who,
		.why = &state.reason };
	struct denial denial = { .pid = getpid(), .err = EACCES };
	cleanup_strbuf struct strbuf text = { 0 };
	bool denied;

	call->arch = arch_native()->audit;
	event_call_begin(
	    &state.event, &source, call->arch, call->nr, call->args);
	event_call_text(&state.event, &text);
	denial.call = strbuf_text(&text, "?");
	sandbox_decide(&state.sandbox, call, &decision);
	/* Whoever asks, does not want to hear what programs do without. */
	decision.denied = !answer_lets_through(decision.answer);
	denial.refused = decision.denied;
	caller_begin(&state.caller, getpid());
	observe(&state.observer, &state.caller, call, &state.wants);
	asked = state.wants;
	denied = judge_call(&judge, &judged, &denial);
	if (!denied) /* its paths were cut to what a run finds again */
		state.wants = asked;
	if (!denied && denial.ordinary == NULL && state.wants.missing &&
	    missing_path(call))
		denial.ordinary = strbuf_text(&state.reason, "");
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

/* "PORT", "HOST:PORT", "[ADDRESS]:PORT", a path; its length, or -EINVAL.  A
 * host's name is not looked up: a policy has ports, and no hosts. */
static int
read_address(const char *text)
{
	const char *colon = strrchr(text, ':');
	const char *port = colon != NULL ? colon + 1 : text;

	memset(&state.address, 0, sizeof(state.address));
	if (strchr(text, '/') != NULL) {
		state.address.un.sun_family = AF_UNIX;
		snprintf(state.address.un.sun_path,
		    sizeof(state.address.un.sun_path), "%s", text);
		return (int)sizeof(state.address.un);
	}
	if (*text == '[') {
		state.address.in6.sin6_family = AF_INET6;
		state.address.in6.sin6_addr = in6addr_loopback;
		return read_port(port, &state.address.in6.sin6_port) < 0
		           ? -EINVAL
		           : (int)sizeof(state.address.in6);
	}
	state.address.in.sin_family = AF_INET;
	state.address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return read_port(port, &state.address.in.sin_port) < 0
	           ? -EINVAL
	           : (int)sizeof(state.address.in);
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

/* One argument of ROW, AT; how many words it took, or -errno. */
static int
read_argument(const struct call_row *row, size_t at, const char *word,
    struct call *call, struct diag *diag)
{
	enum arg_kind kind = row->args[at].kind;
	char *end;
	int length;

	if (kind == ARG_DIRFD &&
	    (word == NULL || *word == '/' || *word == '.')) {
		call->args[at] = (uint64_t)AT_FDCWD;
		return 0;
	}
	if (word == NULL)
		return 0;
	if (is_path_kind(kind)) {
		call->args[at] = pointer(word);
		return 1;
	}
	if (kind == ARG_MODE) {
		call->args[at] = strtoul(word, &end, 8);
		return *end == '\0' ? 1
		                    : diag_set(diag, EINVAL,
		                          "why: \"%s\" is no mode; write it "
		                          "like 0644",
		                          word);
	}
	if (kind != ARG_SOCKADDR)
		return symbol_value(
		           word, arch_native(), &call->args[at], diag) < 0
		           ? -EINVAL
		           : 1;
	length = read_address(word);
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
	for (size_t i = 0; row != NULL && i < CALL_ARGS; i++) {
		if (call.args[i] != 0) /* an address's length */
			continue;
		r = read_argument(row, i, *words, &call, diag);
		if (r < 0)
			return r;
		words += r;
	}
	if (*words != NULL)
		return diag_set(diag, EINVAL,
		    "why: \"%s\" is one argument too many", *words);
	ask(&call, buf);
	return 0;
}

/* What stands for a letter: a call that needs it, and no other. */
static int
ask_letter(char letter, const char *path, struct strbuf *buf, struct diag *diag)
{
	struct call call = { 0 };
	struct stat st;
	bool there = lstat(path, &st) == 0;
	const char *name = letter == 'x'   ? "execve"
	                   : letter != 'c' ? "openat"
	                   : there         ? "unlinkat"
	                                   : "symlinkat";
	int r = call_number(name, &call.nr, diag);

	if (r < 0)
		return r;
	if (letter == 'x') {
		call.args[0] = pointer(path);
	} else if (letter == 'c' && !there) {
		call.args[0] = pointer("target");
		call.args[1] = (uint64_t)AT_FDCWD;
		call.args[2] = pointer(path);
	} else {
		call.args[0] = (uint64_t)AT_FDCWD;
		call.args[1] = pointer(path);
		call.args[2] = letter == 'r'         ? O_RDONLY
		               : letter == 'w'       ? O_WRONLY
		               : S_ISDIR(st.st_mode) ? AT_REMOVEDIR
		                                     : 0;
	}
	ask(&call, buf);
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
	char *const making[] = { (char[]){ "socket" }, (char[]){ "AF_INET" },
		(char[]){ "SOCK_STREAM" }, NULL };
	struct call call = { 0 };
	int length = read_address(word);
	int r = ask_call(making, buf, diag);

	if (r == 0)
		r = call_number("connect", &call.nr, diag);
	if (r < 0)
		return r;
	open_socket();
	call.args[0] = (uint64_t)state.socket;
	call.args[1] = pointer(&state.address);
	call.args[2] = (uint64_t)length;
	ask(&call, buf);
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
	target_free(&state.target);
	policy_free(&state.policy);
	return r < 0 ? r : !state.refused;
}
