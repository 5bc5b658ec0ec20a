/* SPDX-License-Identifier: ISC */
#include "inspect/policy_lint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/table.h"
#include "inspect/meant.h"
#include "json/write.h"
#include "policy/caps.h"
#include "policy/places.h"

#define LARGEST_FILE ((size_t)1024 * 1024)
#define WORDS        128

enum kind { IN_VAIN, WIDE, MISSING };
static const char *const kind_names[] = { "no effect", "wide", "missing" };

/* One line that is looked at. */
struct statement {
	const char *words[WORDS];
	size_t count;
	unsigned int line;
	const char *after; /* the file's text behind it */
};

struct lint {
	struct meant meant;
	const char *path;
	struct strbuf *buf;
	struct json_writer json;
	bool as_json;
	size_t count; /* of what was found */
	/* Which line said it first; 0: none. */
	unsigned int promised[PROMISE_COUNT];
	unsigned int limited[LIMIT_COUNT];
	unsigned int violation;
	struct ports connect, bind;
};

__attribute__((format(printf, 4, 5))) static void
find(struct lint *lint, const struct statement *at, enum kind kind,
    const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	lint->count++;
	if (!lint->as_json) {
		quote_terminal(lint->buf, lint->path);
		strbuf_printf(
		    lint->buf, ":%u: %s: ", at->line, kind_names[kind]);
		quote_terminal(lint->buf, text);
		strbuf_putc(lint->buf, '\n');
		return;
	}
	json_open(&lint->json, NULL, '{');
	json_number(&lint->json, "line", at->line);
	json_string(&lint->json, "kind", kind_names[kind]);
	json_string(&lint->json, "text", text);
	json_close(&lint->json, '}');
}

static promise_set
promises_of(const struct lint *lint)
{
	return policy_promises(&lint->meant.policy);
}

/* --- Promises --- */

static void
look_at_promise(struct lint *lint, const struct statement *at, int promise)
{
	const struct policy *policy = &lint->meant.policy;
	const char *name = promise_rows[promise].name;
	unsigned int *first = &lint->promised[promise];

	if (*first != 0)
		find(
		    lint, at, IN_VAIN, "%s: line %u promises it", name, *first);
	else if (promise_rows[promise].flags & PROMISE_NO_MEANING)
		find(lint, at, IN_VAIN, "%s: it means nothing on Linux", name);
	else if (!(promises_of(lint) & UINT64_C(1) << promise))
		find(lint, at, IN_VAIN, "%s: it is taken away again", name);
	else if ((promise == PROMISE_INET || promise == PROMISE_ANET) &&
	         policy->connect.count + policy->bind.count == 0)
		find(lint, at, WIDE,
		    "%s: every TCP port; name those that are needed: connect, "
		    "bind",
		    name);
	*first = at->line;
}

static void
look_at_promises(struct lint *lint, const struct statement *at)
{
	for (size_t i = 1; i < at->count; i++) {
		const char *word = at->words[i];

		/* Words may stand between commas, too. */
		while (*word != '\0') {
			size_t length = strcspn(word, ",");
			bool away = *word == '-';
			int promise =
			    promise_find(word + away, length - (size_t)away);

			if (promise >= 0 && away)
				lint->promised[promise] = 0;
			else if (promise >= 0)
				look_at_promise(lint, at, promise);
			word += length + (word[length] == ',');
		}
	}
}

/* --- Paths --- */

static const struct unveil *
find_unveil(const struct lint *lint, const struct statement *at)
{
	const struct policy *policy = &lint->meant.policy;

	for (size_t i = 0; i < policy->unveil_count; i++)
		if (policy->unveils[i].line == at->line)
			return &policy->unveils[i];
	return NULL;
}

/* Another that grants as much, above it or of the same name. */
static const struct unveil *
find_above(const struct lint *lint, const struct unveil *unveil)
{
	const struct policy *policy = &lint->meant.policy;

	for (size_t i = 0; i < policy->unveil_count; i++) {
		const struct unveil *above = &policy->unveils[i];

		if (above != unveil && !above->pattern && !unveil->pattern &&
		    !above->optional &&
		    path_within(unveil->path, above->path) &&
		    (unveil->permissions & ~above->permissions) == 0)
			return above;
	}
	return NULL;
}

static void
look_at_letters(
    struct lint *lint, const struct statement *at, const struct unveil *unveil)
{
	for (int i = 0; i < 4; i++) {
		unsigned int letter = 1U << i;
		int word = 0;

		if (!(unveil->permissions & letter) ||
		    sandbox_user_access(promises_of(lint), letter) != 0)
			continue;
		while (word < PROMISE_COUNT - 1 &&
		       sandbox_user_access(UINT64_C(1) << word, letter) == 0)
			word++;
		find(lint, at, IN_VAIN,
		    "the letter %c: no promise makes use of it, as %s would",
		    "rwxc"[i], promise_rows[word].name);
	}
}

static void
look_at_place(struct lint *lint, const struct statement *at,
    const struct unveil *unveil, const char *path)
{
	const char *home = getenv("HOME");
	const unsigned int writes = UNVEIL_W | UNVEIL_C;
	unsigned int used = 0;

	for (unsigned int letter = 1; letter <= UNVEIL_C; letter <<= 1)
		if (sandbox_user_access(promises_of(lint), letter) != 0)
			used |= unveil->permissions & letter;
	if (place_is_wide(home, path) && (used & writes))
		find(lint, at, WIDE, "all below %s can be changed", path);
	else if (place_is_secret(home, path) && (used & UNVEIL_R))
		find(lint, at, WIDE, "keys are read below %s", path);
	if ((used & writes) && (used & UNVEIL_X))
		find(lint, at, WIDE, "%s: it can run what it wrote", path);
	if (!unveil->optional && access(path, F_OK) != 0 && errno == ENOENT)
		find(lint, at, MISSING,
		    "%s: nothing is run; if it may be absent: unveil ... -%s",
		    path, unveil->path);
}

static void
look_at_unveil(struct lint *lint, const struct statement *at)
{
	const struct policy *policy = &lint->meant.policy;
	const struct unveil *unveil = find_unveil(lint, at), *above;
	const struct symbols symbols = { .home = getenv("HOME") };
	cleanup_free char *path = NULL;
	struct diag silent = { 0 };

	if (at->count == 2) {
		if (promises_of(lint) & ~PROMISE(STDIO))
			find(lint, at, WIDE, "paths are not restricted");
		return;
	}
	if (policy->no_unveil) {
		find(lint, at, IN_VAIN, "unveil off: paths are not restricted");
		return;
	}
	/* Merged with a line of the same path, which is looked at. */
	if (unveil == NULL)
		return;
	above = find_above(lint, unveil);
	if (above != NULL)
		find(lint, at, IN_VAIN, "%s is unveiled, for as much",
		    above->path);
	look_at_letters(lint, at, unveil);
	/* What is another path in each run is not looked for. */
	if (!unveil->pattern &&
	    symbols_resolve(&symbols, unveil->path, &path, &silent) == 0 &&
	    path != NULL && *path == '/')
		look_at_place(lint, at, unveil, path);
}

/* --- Ports --- */

static void
look_at_ports(struct lint *lint, const struct statement *at)
{
	struct ports *seen =
	    strcmp(at->words[0], "bind") == 0 ? &lint->bind : &lint->connect;
	struct diag silent = { 0 };
	struct port port;

	for (size_t i = 1; i < at->count; i++) {
		if (port_parse(at->words[i], &port, &silent) < 0)
			continue;
		if (ports_have(seen, port))
			find(lint, at, IN_VAIN, "%s was named", at->words[i]);
		ports_add(seen, port, &silent);
	}
}

/* --- Calls --- */

/* Whether the promises let it through, for some arguments. */
static bool
is_granted(const struct lint *lint, const char *name)
{
	const struct filter *filter = &lint->meant.sandbox->filter;
	int nr = arch_number(filter->arch, name, strlen(name));

	for (size_t i = 0; i < filter->count; i++)
		if (filter->rules[i].nr == nr &&
		    answer_lets_through(filter->rules[i].action))
			return true;
	return false;
}

static bool
is_allowed(const struct lint *lint, const char *name, bool allow)
{
	const struct policy *policy = &lint->meant.policy;

	for (size_t i = 0; i < policy->call_count; i++) {
		const struct call_rule *rule = &policy->calls[i];

		if (rule->allow == allow && strcmp(rule->call, name) == 0 &&
		    (allow || rule->count == 0))
			return true;
	}
	return false;
}

static void
look_at_deny(struct lint *lint, const struct statement *at)
{
	const char *name = at->words[1];

	if (!is_granted(lint, name) && !is_allowed(lint, name, true))
		find(lint, at, IN_VAIN, "no promise grants %s", name);
}

static void
look_at_allow(struct lint *lint, const struct statement *at)
{
	const char *name = at->words[1];

	if (is_allowed(lint, name, false))
		find(lint, at, IN_VAIN, "%s is denied, which outweighs", name);
	else
		find(lint, at, WIDE, "%s: no promise has it", name);
}

/* --- The rest --- */

static void
look_at_caps(struct lint *lint, const struct statement *at)
{
	find(lint, at, WIDE, "owners and modes do not count");
}

static void
look_again(struct lint *lint, const struct statement *at, unsigned int *first)
{
	if (*first != 0)
		find(lint, at, IN_VAIN,
		    "line %u has none, as this line says it again", *first);
	*first = at->line;
}

static void
look_at_limit(struct lint *lint, const struct statement *at)
{
	for (int i = 0; i < LIMIT_COUNT; i++)
		if (strcmp(limit_rows[i].name, at->words[1]) == 0)
			look_again(lint, at, &lint->limited[i]);
}

static void
look_at_violation(struct lint *lint, const struct statement *at)
{
	look_again(lint, at, &lint->violation);
}

static void
look_at_let(struct lint *lint, const struct statement *at)
{
	cleanup_strbuf struct strbuf name = { 0 };

	strbuf_printf(&name, "@%s", at->words[1]);
	if (strstr(at->after, strbuf_text(&name, "@")) == NULL)
		find(lint, at, IN_VAIN, "nothing names @%s", at->words[1]);
}

static const struct {
	const char *statement;
	void (*look)(struct lint *lint, const struct statement *at);
} looks[] = {
	{ "promises", look_at_promises },
	{ "unveil", look_at_unveil },
	{ "connect", look_at_ports },
	{ "bind", look_at_ports },
	{ "deny", look_at_deny },
	{ "allow", look_at_allow },
	{ "caps", look_at_caps },
	{ "limit", look_at_limit },
	{ "violation", look_at_violation },
	{ "let", look_at_let },
};

static void
look_at_line(struct lint *lint, const struct statement *at)
{
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++)
		if (strcmp(looks[i].statement, at->words[0]) == 0)
			looks[i].look(lint, at);
}

static int
look_at_lines(struct lint *lint, char *text, size_t length, struct diag *diag)
{
	cleanup_free char *scratch = malloc(2 * length + 2);
	struct statement at = { .line = 0 };
	const char *rest;

	if (scratch == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	for (char *end; *text != '\0'; text = end) {
		int count;

		end = text + strcspn(text, "\n");
		if (*end == '\n')
			*end++ = '\0';
		at.line++;
		at.after = end;
		count = policy_words(text, scratch, at.words, WORDS, &rest);
		at.count = count > 0 ? (size_t)count : 0;
		if (count > 0)
			look_at_line(lint, &at);
	}
	return 0;
}

static int
look_at_policy(struct lint *lint, struct diag *diag)
{
	cleanup_free char *text = NULL;
	size_t length = 0;
	int r = policy_read(&lint->meant.policy, lint->path, diag);

	if (r == 0)
		r = meant_make(&lint->meant, true, diag);
	if (r == 0)
		r = file_read(lint->path, LARGEST_FILE, &text, &length, diag);
	if (r < 0 || text == NULL)
		return r;
	if (lint->as_json) {
		json_open(&lint->json, NULL, '{');
		json_string(&lint->json, "file", lint->path);
		json_open(&lint->json, "findings", '[');
	}
	r = look_at_lines(lint, text, length, diag);
	if (lint->as_json) {
		json_close(&lint->json, ']');
		json_close(&lint->json, '}');
		strbuf_putc(lint->buf, '\n');
	}
	if (r == 0 && lint->buf->failed)
		r = diag_set(diag, ENOMEM, "out of memory");
	return r;
}

int
policy_lint(const char *name, bool json, struct strbuf *buf, struct diag *diag)
{
	cleanup_free struct lint *lint = NULL;
	char profile[PROFILE_PATH];
	const char *path = name;
	int r = 0;

	if (strchr(name, '/') == NULL && strchr(name, '.') == NULL) {
		path = profile;
		if (!profile_find(name, profile))
			r = profile_missing(name, diag);
	}
	if (r < 0)
		return r;
	lint = calloc(1, sizeof(*lint));
	if (lint == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	*lint = (struct lint){ .path = path,
		.buf = buf,
		.json = { .buf = buf },
		.as_json = json };
	r = look_at_policy(lint, diag);
	r = r == 0 ? lint->count > 0 : r;
	meant_free(&lint->meant);
	return r;
}
