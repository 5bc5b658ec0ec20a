/* SPDX-License-Identifier: ISC */
#include "inspect/promises.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "base/table.h"
#include "base/wrap.h"
#include "call/arch.h"
#include "json/write.h"
#include "policy/calls.h"
#include "policy/promise.h"
#include "sandbox/landlock.h"

static const struct {
	unsigned int flag;
	const char *with, *without;
} circumstances[] = {
	{ WHEN_GRACE, "for the loader's and the promises' files", "" },
	{ WHEN_SCOPED, "where Landlock keeps signals inside (Linux 6.12)",
	    "where Landlock does not keep signals inside" },
	{ WHEN_PATHS, "where paths are restricted",
	    "where paths are not restricted" },
	{ WHEN_TRUNCATE, "where truncation obeys unveil (Linux 6.2)", "" },
	{ WHEN_PORTS, "with port rules", "without port rules" },
	{ WHEN_BIND, "with ports to bind", "" },
	{ WHEN_PORT_RULES, "where Landlock knows ports (Linux 6.7)", "" },
	{ WHEN_NO_EXEC_MAP, "",
	    "unless the program is static and exec is "
	    "not promised" },
	{ WHEN_LAUNCH, "for the launcher's own exec", "" },
	{ WHEN_ORIGIN, "where the program's libraries are beside it", "" },
	{ WHEN_KEPT, "", "unless it dies with its server" },
};

static bool
arch_has(const struct call_word *word)
{
	return arch_number(arch_native(), word->name, word->length) >= 0;
}

/* "  openat/readonly    O_RDONLY of ..." */
static void
add_calls(struct strbuf *buf, const char *calls)
{
	const struct condition *condition;
	struct call_word word;

	while (call_word_next(&calls, &word)) {
		if (!arch_has(&word))
			continue;
		if (word.condition == NULL) {
			strbuf_printf(
			    buf, "  %.*s\n", (int)word.length, word.name);
			continue;
		}
		/* Those that only a run knows go by their names. */
		condition = condition_find(&word);
		strbuf_printf(buf, "  %-18.*s ", (int)word.length, word.name);
		if (condition != NULL)
			wrap_text(buf, condition->text, 21);
		else
			strbuf_printf(buf, "%.*s\n", (int)word.condition_length,
			    word.condition);
	}
}

static void
add_conditions(struct strbuf *buf, const struct grant_row *row, int promise)
{
	const char *separator = "";

	for (int i = 0; i < PROMISE_COUNT; i++) {
		if (i == promise || !(row->words & UINT64_C(1) << i))
			continue;
		strbuf_printf(buf, "%s%s%s", *separator ? separator : "with ",
		    *separator ? "" : "the promise ", promise_rows[i].name);
		separator = " and ";
	}
	for (size_t i = 0; i < ARRAY_SIZE(circumstances); i++) {
		const char *text = "";

		if (row->with & circumstances[i].flag)
			text = circumstances[i].with;
		if (row->without & circumstances[i].flag)
			text = circumstances[i].without;
		if (*text == '\0')
			continue;
		strbuf_printf(buf, "%s%s", *separator ? ", " : "", text);
		separator = ", ";
	}
	strbuf_puts(buf, *separator ? ":\n" : "also:\n");
}

static void
describe_word(int promise, struct strbuf *buf)
{
	const struct promise_row *row = &promise_rows[promise];
	char letters[LANDLOCK_LETTERS];

	strbuf_printf(buf, "%s: ", row->name);
	wrap_text(buf, row->text, strlen(row->name) + 2);
	if (*row->calls != '\0')
		strbuf_puts(buf, "system calls:\n");
	add_calls(buf, row->calls);
	for (size_t i = 0; i < grant_row_count; i++) {
		if (!(grant_rows[i].words & UINT64_C(1) << promise))
			continue;
		add_conditions(buf, &grant_rows[i], promise);
		add_calls(buf, grant_rows[i].calls);
	}
	if (row->rights != 0) {
		landlock_letters(row->rights, letters);
		strbuf_printf(
		    buf, "unveil permissions it makes use of: %s\n", letters);
	}
	if (row->files != NULL) {
		strbuf_puts(buf, "files unveiled for it:\n  ");
		wrap_text(buf, row->files, 2);
	}
}

static int
find_word(const char *word, struct diag *diag)
{
	struct suggest suggest = { .wanted = word };
	int promise = promise_find(word, strlen(word));

	if (promise < 0)
		return diag_set(diag, EINVAL, "unknown promise \"%s\"%s", word,
		    promise_suggest(&suggest));
	return promise;
}

int
promises_describe(const char *word, struct strbuf *buf, struct diag *diag)
{
	int promise;

	if (word != NULL) {
		promise = find_word(word, diag);
		if (promise >= 0)
			describe_word(promise, buf);
		return promise < 0 ? promise : 0;
	}
	for (int i = 0; i < PROMISE_COUNT; i++) {
		strbuf_printf(buf, "%-10s ", promise_rows[i].name);
		wrap_text(buf, promise_rows[i].text, 11);
	}
	return 0;
}

static void
add_calls_json(struct json_writer *json, const char *calls)
{
	const struct condition *condition;
	struct call_word word;
	char name[64];

	json_open(json, "calls", '[');
	while (call_word_next(&calls, &word)) {
		if (!arch_has(&word))
			continue;
		snprintf(
		    name, sizeof(name), "%.*s", (int)word.length, word.name);
		json_open(json, NULL, '{');
		json_string(json, "name", name);
		condition =
		    word.condition != NULL ? condition_find(&word) : NULL;
		if (condition != NULL)
			json_string(json, "condition", condition->text);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void
add_grants_json(struct json_writer *json, int promise)
{
	json_open(json, "also", '[');
	for (size_t i = 0; i < grant_row_count; i++) {
		const struct grant_row *row = &grant_rows[i];

		if (!(row->words & UINT64_C(1) << promise))
			continue;
		json_open(json, NULL, '{');
		json_open(json, "promises", '[');
		for (int j = 0; j < PROMISE_COUNT; j++)
			if (j != promise && (row->words & UINT64_C(1) << j))
				json_string(json, NULL, promise_rows[j].name);
		json_close(json, ']');
		json_open(json, "when", '[');
		for (size_t j = 0; j < ARRAY_SIZE(circumstances); j++) {
			if (row->with & circumstances[j].flag)
				json_string(json, NULL, circumstances[j].with);
			if (row->without & circumstances[j].flag)
				json_string(
				    json, NULL, circumstances[j].without);
		}
		json_close(json, ']');
		add_calls_json(json, row->calls);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void
add_word_json(struct json_writer *json, int promise)
{
	const struct promise_row *row = &promise_rows[promise];
	char letters[LANDLOCK_LETTERS];

	json_open(json, NULL, '{');
	json_string(json, "name", row->name);
	json_string(json, "text", row->text);
	add_calls_json(json, row->calls);
	add_grants_json(json, promise);
	landlock_letters(row->rights, letters);
	json_string(json, "unveil", letters);
	json_string(json, "files", row->files != NULL ? row->files : "");
	json_close(json, '}');
}

int
promises_describe_json(const char *word, struct strbuf *buf, struct diag *diag)
{
	struct json_writer json = { .buf = buf };
	int promise;

	if (word != NULL) {
		promise = find_word(word, diag);
		if (promise < 0)
			return promise;
		add_word_json(&json, promise);
	} else {
		json_open(&json, NULL, '[');
		for (int i = 0; i < PROMISE_COUNT; i++)
			add_word_json(&json, i);
		json_close(&json, ']');
	}
	strbuf_putc(buf, '\n');
	return 0;
}
