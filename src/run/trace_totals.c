/* SPDX-License-Identifier: ISC */
#include "run/trace_totals.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "json/write.h"
#include "judge/probe.h"
#include "kernel/landlock.h"
#include "report/denial.h"

static struct trace_total *
find_total(struct trace_totals *totals, const char *name)
{
	struct trace_total *rows;
	size_t capacity;

	for (size_t i = 0; i < totals->count; i++)
		if (strcmp(totals->rows[i].name, name) == 0)
			return &totals->rows[i];
	if (totals->count == totals->capacity) {
		capacity = totals->capacity == 0 ? 64 : totals->capacity * 2;
		rows = realloc(totals->rows, capacity * sizeof(*rows));
		if (rows == NULL)
			return NULL;
		totals->rows = rows;
		totals->capacity = capacity;
	}
	totals->rows[totals->count] =
	    (struct trace_total){ .name = strdup(name) };
	if (totals->rows[totals->count].name == NULL)
		return NULL;
	return &totals->rows[totals->count++];
}

/* Programs go on without it: its promise is not needed for it. */
static bool
is_harmless(const struct event_call *call, const struct call *plain)
{
	const char *path = NULL;
	size_t at = 0;

	if (call->arch == NULL)
		return false;
	if (event_call_path(call, &at) != NULL)
		path = event_value_bytes(call, &call->args[at - 1]);
	/* A socket's address, in words. */
	else if (call->count > 1 && call->args[1].type == VALUE_TEXT)
		path = event_value_bytes(call, &call->args[1]);
	return probe_is(call->arch, plain, path);
}

/* Its users make another call, that a filter can see, when it is not there. */
static bool
falls_back(const struct event_call *call, const struct call *plain)
{
	for (size_t i = 0; call->arch != NULL && i < answer_row_count; i++)
		if (answer_rows[i].err == ENOSYS &&
		    calls_name(answer_rows[i].calls, call->arch, NULL, plain))
			return true;
	return false;
}

static bool
is_beneath(const char *path, size_t length, const char *above)
{
	size_t head = strlen(above);

	return length >= head && strncmp(path, above, head) == 0 &&
	       (length == head || path[head] == '/' || above[1] == '\0');
}

/* An open for reading: what is unveiled for the program, or not there. */
static bool
is_given(const struct trace_start *start, const struct event_call *call,
    const struct cover *cover)
{
	const char *name = event_value_bytes(call, &call->result);

	if (start == NULL || !start->grace || !call->ended ||
	    cover->words != PROMISE(RPATH) || call->row->result != RESULT_FD)
		return false;
	if (call->failed)
		return true;
	for (size_t i = 0; i < start->path_count; i++)
		if (start->paths[i].path != NULL &&
		    (start->paths[i].access & LL_READ_FILE) &&
		    is_beneath(name, call->result.length, start->paths[i].path))
			return true;
	return false;
}

/* The exec that makes the command. */
static bool
is_launch(struct trace_totals *totals, const struct event_call *call)
{
	const struct trace_start *start = totals->start;

	if (start == NULL || totals->started || call->failed ||
	    call->name == NULL || strcmp(call->name, "execve") != 0)
		return false;
	totals->started = true;
	return true;
}

static void
add_choice(struct trace_totals *totals, promise_set words)
{
	for (size_t i = 0; i < totals->choice_count; i++)
		if (totals->choices[i] == words)
			return;
	if (totals->choice_count < TRACE_CHOICES)
		totals->choices[totals->choice_count++] = words;
}

static void
add_needed(struct trace_totals *totals, const struct trace_need *need)
{
	promise_set words = need->cover.words;

	if (need->cover.always || need->start || need->harmless)
		return;
	if (need->cover.together || (words & (words - 1)) == 0)
		totals->needed |= words;
	else
		add_choice(totals, words);
}

static void
add_cover(struct trace_total *total, const struct trace_need *need)
{
	bool nothing = need->cover.words == 0 && need->harmless;

	if (need->cover.always || (nothing && !need->start))
		total->always = true;
	else if (need->start)
		total->start = true;
	else if (need->cover.words == 0)
		total->never = true;
	else if (need->cover.together)
		total->together |= need->cover.words;
	else
		total->words |= need->cover.words;
}

static struct trace_need
find_need(struct trace_totals *totals, const struct event_call *call)
{
	struct call plain = { .nr = call->nr,
		.arch = call->arch != NULL ? call->arch->audit : 0 };
	struct trace_need need;

	memcpy(plain.args, call->raw, sizeof(plain.args));
	need = (struct trace_need){ .cover = cover_find(&plain) };
	if (need.cover.always)
		return need;
	need.start = is_launch(totals, call) ||
	             is_given(totals->start, call, &need.cover);
	need.harmless = !need.start &&
	                (is_harmless(call, &plain) || falls_back(call, &plain));
	return need;
}

struct trace_need
trace_totals_add(struct trace_totals *totals, const struct event_call *call)
{
	char name[CALL_NAME_SIZE];
	struct trace_total *total =
	    find_total(totals, event_call_name(call, name));
	struct trace_need need = find_need(totals, call);

	if (total == NULL) {
		totals->failed = true;
		return need;
	}
	total->calls++;
	total->errors += call->failed;
	total->seconds += call->duration;
	add_cover(total, &need);
	add_needed(totals, &need);
	return need;
}

/* --- The fewest promises --- */

struct search {
	const struct trace_totals *totals;
	promise_set best;
	int count; /* of `best` */
};

/* WORDS, and of each choice that they leave open, one more: the fewest, and
 * among those the ones that stand first in the table. */
static void
search(struct search *self, promise_set words, size_t choice)
{
	const struct trace_totals *totals = self->totals;
	int count = __builtin_popcountll(words);

	if (count >= self->count)
		return;
	while (choice < totals->choice_count &&
	       (totals->choices[choice] & words) != 0)
		choice++;
	if (choice == totals->choice_count) {
		self->best = words;
		self->count = count;
		return;
	}
	for (int i = 0; i < PROMISE_COUNT; i++)
		if (totals->choices[choice] & UINT64_C(1) << i)
			search(self, words | UINT64_C(1) << i, choice + 1);
}

static promise_set
fewest_promises(const struct trace_totals *totals)
{
	struct search state = { .totals = totals, .count = INT_MAX };

	search(&state, totals->needed, 0);
	return state.best;
}

/* --- As text --- */

static void
add_words(struct strbuf *buf, promise_set words, const char *separator)
{
	const char *before = "";

	for (size_t i = 0; i < PROMISE_COUNT; i++) {
		if (!(words & UINT64_C(1) << i))
			continue;
		strbuf_puts(buf, before);
		strbuf_puts(buf, promise_rows[i].name);
		before = separator;
	}
}

void
trace_total_promises(const struct trace_total *total, struct strbuf *buf)
{
	const char *before = "";

	if (total->words != 0) {
		add_words(buf, total->words, "|");
		before = " ";
	}
	if (total->together != 0) {
		strbuf_puts(buf, before);
		add_words(buf, total->together, "+");
		before = " ";
	}
	if (total->never) {
		strbuf_puts(buf, before);
		strbuf_puts(buf, "(none)");
	} else if (*before == '\0')
		strbuf_puts(buf, total->start ? "(to start)" : "(always)");
}

static int
compare_totals(const void *left, const void *right)
{
	const struct trace_total *a = left, *b = right;

	if (a->seconds != b->seconds)
		return a->seconds < b->seconds ? 1 : -1;
	return strcmp(a->name, b->name);
}

void
trace_totals_sort(struct trace_totals *totals)
{
	if (totals->count > 0)
		qsort(totals->rows, totals->count, sizeof(totals->rows[0]),
		    compare_totals);
}

static void
add_fewest(const struct trace_totals *totals, struct strbuf *buf)
{
	const char *before = "no promise allows: ";

	strbuf_puts(buf, "the fewest promises that allow it: ");
	words_write(buf, fewest_promises(totals));
	strbuf_putc(buf, '\n');
	for (size_t i = 0; i < totals->count; i++) {
		if (!totals->rows[i].never)
			continue;
		strbuf_printf(buf, "%s%s", before, totals->rows[i].name);
		before = ", ";
	}
	if (*before == ',')
		strbuf_putc(buf, '\n');
}

void
trace_totals_text(struct trace_totals *totals, struct strbuf *buf)
{
	uint64_t calls = 0, errors = 0;
	double seconds = 0;

	trace_totals_sort(totals);
	strbuf_printf(buf, "%12s %9s %9s  %-22s %s\n", "seconds", "calls",
	    "errors", "call", "promise");
	for (size_t i = 0; i < totals->count; i++) {
		const struct trace_total *row = &totals->rows[i];

		strbuf_printf(buf, "%12.6f %9llu %9llu  %-22s ", row->seconds,
		    (unsigned long long)row->calls,
		    (unsigned long long)row->errors, row->name);
		trace_total_promises(row, buf);
		strbuf_putc(buf, '\n');
		calls += row->calls;
		errors += row->errors;
		seconds += row->seconds;
	}
	strbuf_printf(buf, "%12.6f %9llu %9llu  total\n", seconds,
	    (unsigned long long)calls, (unsigned long long)errors);
	add_fewest(totals, buf);
	buf->failed |= totals->failed;
}

static void
add_fewest_json(const struct trace_totals *totals, struct strbuf *buf)
{
	promise_set words = fewest_promises(totals);
	struct json_writer json = { .buf = buf };

	json_open(&json, NULL, '{');
	json_string(&json, "event", "promises");
	json_open(&json, "promises", '[');
	for (int i = 0; i < PROMISE_COUNT; i++)
		if (words & UINT64_C(1) << i)
			json_string(&json, NULL, promise_rows[i].name);
	json_close(&json, ']');
	json_open(&json, "none", '[');
	for (size_t i = 0; i < totals->count; i++)
		if (totals->rows[i].never)
			json_string(&json, NULL, totals->rows[i].name);
	json_close(&json, ']');
	json_close(&json, '}');
	strbuf_putc(buf, '\n');
}

void
trace_totals_json(struct trace_totals *totals, struct strbuf *buf)
{
	trace_totals_sort(totals);
	for (size_t i = 0; i < totals->count; i++) {
		const struct trace_total *row = &totals->rows[i];
		struct json_writer json = { .buf = buf };
		struct strbuf promises = { 0 };

		json_open(&json, NULL, '{');
		json_string(&json, "event", "total");
		json_string(&json, "syscall", row->name);
		json_number(&json, "calls", (long long)row->calls);
		json_number(&json, "errors", (long long)row->errors);
		json_decimal(&json, "seconds", row->seconds);
		trace_total_promises(row, &promises);
		json_string(&json, "promise",
		    promises.data != NULL ? promises.data : "");
		strbuf_free(&promises);
		json_close(&json, '}');
		strbuf_putc(buf, '\n');
	}
	add_fewest_json(totals, buf);
	buf->failed |= totals->failed;
}

void
trace_totals_free(struct trace_totals *totals)
{
	for (size_t i = 0; i < totals->count; i++)
		free(totals->rows[i].name);
	free(totals->rows);
	*totals = (struct trace_totals){ 0 };
}
