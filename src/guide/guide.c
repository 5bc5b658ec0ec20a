/* SPDX-License-Identifier: ISC */
/* How the conversation goes from question to question. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/wrap.h"
#include "guide/state.h"
#include "guide/words.h"

__attribute__((format(printf, 3, 0))) static void
say(struct guide *guide, size_t indent, const char *format, va_list ap)
{
	cleanup_free char *text = NULL;

	if (vasprintf(&text, format, ap) < 0) {
		text = NULL;
		guide->text.failed = true;
		return;
	}
	strbuf_printf(&guide->text, "%*s", (int)indent, "");
	wrap_text(&guide->text, text, indent);
}

void
guide_say_indented(struct guide *guide, size_t indent, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(guide, indent, format, ap);
	va_end(ap);
}

void
guide_say(struct guide *guide, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(guide, 0, format, ap);
	va_end(ap);
}

const char *
guide_quote(struct guide *guide, const char *text)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	const char *quoted = NULL;

	quote_word(&buf, text);
	if (!buf.failed)
		quoted = arena_copy(&guide->filters.arena, buf.data);
	return quoted != NULL ? quoted : "?";
}

/* A sentence that may quote what was answered. */
static void
say_wrong(struct guide *guide, const char *text)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	quote_terminal(&buf, text);
	if (!buf.failed)
		guide_say(guide, "%s%s", strbuf_text(&buf, "?"),
		    buf.length > 0 && buf.data[buf.length - 1] == '?' ? ""
		                                                      : ".");
	guide->text.failed |= buf.failed;
}

static void
warn(void *context, const char *text)
{
	struct guide *guide = context;

	strbuf_puts(&guide->text, "Warning: ");
	say_wrong(guide, text);
}

static struct diag
guide_diag(struct guide *guide)
{
	return (struct diag){ .warn = warn, .context = guide };
}

static void
end(struct guide *guide)
{
	guide->want = GUIDE_END;
	guide->at.question = ASK_NOTHING;
}

static void
set_prompt(struct guide *guide)
{
	const struct question_row *row = &question_rows[guide->at.question];

	guide->prompt.length = 0;
	strbuf_printf(&guide->prompt, "%s> ", row->prompt);
}

/* Asks the first question that there is to ask, from here on. */
static void
enter(struct guide *guide)
{
	const struct question_row *row = question_rows + guide->at.question;

	guide->want = GUIDE_ANSWER;
	while (guide->at.question < ASK_NOTHING && row->applies != NULL &&
	       !row->applies(guide)) {
		guide->at.question++;
		row++;
	}
	if (guide->at.question >= ASK_NOTHING) {
		end(guide);
		return;
	}
	if (row->show != NULL)
		row->show(guide);
	set_prompt(guide);
}

void
guide_go_on(struct guide *guide)
{
	enter(guide);
}

void
guide_go_to(struct guide *guide, enum question question)
{
	guide->at.question = question;
	enter(guide);
}

static void
free_argv(char **argv)
{
	for (size_t i = 0; argv != NULL && argv[i] != NULL; i++)
		free(argv[i]);
	free(argv);
}

int
guide_set_argv(struct guide *guide, char *const *argv)
{
	char **copy;
	size_t count = 0;

	while (argv[count] != NULL)
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	for (size_t i = 0; copy != NULL && i < count; i++) {
		copy[i] = strdup(argv[i]);
		if (copy[i] == NULL) {
			free_argv(copy);
			return -ENOMEM;
		}
	}
	if (copy == NULL)
		return -ENOMEM;
	free_argv(guide->argv);
	guide->argv = copy;
	return 0;
}

int
guide_add_unveils(
    struct policy *to, const struct policy *from, struct diag *diag)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < from->unveil_count; i++)
		r = policy_add_unveil(to, from->unveils[i].path,
		    from->unveils[i].permissions, from->unveils[i].optional,
		    diag);
	return r;
}

/* What was named before is where it begins. */
static int
take_policy(struct policy *to, const struct policy *from, struct diag *diag)
{
	memcpy(to->limited, from->limited, sizeof(to->limited));
	memcpy(to->limits, from->limits, sizeof(to->limits));
	to->kill = from->kill;
	to->violation_errno = from->violation_errno;
	to->promises = policy_promises(from);
	to->no_unveil = from->no_unveil;
	to->connect = from->connect;
	to->bind = from->bind;
	return guide_add_unveils(to, from, diag);
}

int
guide_new(const struct guide_request *request, struct guide **ret_guide,
    struct diag *diag)
{
	struct guide *guide = calloc(1, sizeof(*guide));

	if (guide == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	guide->machine = *request->machine;
	guide->ceiling = request->ceiling;
	guide->unwatched = request->unwatched;
	guide->lead = strdup(request->lead);
	guide->at.question = ASK_COMMAND;
	guide->filters.path = "filters";
	guide->filters.sets = arena_alloc(
	    &guide->filters.arena, GUIDE_FILTERS, sizeof(*guide->filters.sets));
	if (guide->lead == NULL || guide->filters.sets == NULL ||
	    (request->argv != NULL &&
	        guide_set_argv(guide, request->argv) < 0)) {
		guide_free(guide);
		return diag_set(diag, ENOMEM, "out of memory");
	}
	guide->policy.promises = PROMISE(STDIO) | PROMISE(RPATH);
	guide->policy.promises_given = true;
	guide->policy.named = true;
	if (request->policy != NULL &&
	    take_policy(&guide->policy, request->policy, diag) < 0) {
		guide_free(guide);
		return -ENOMEM;
	}
	guide_greet(guide);
	if (guide->argv != NULL)
		guide->at.question = ASK_WATCH;
	enter(guide);
	*ret_guide = guide;
	return 0;
}

void
guide_free(struct guide *guide)
{
	if (guide == NULL)
		return;
	free_argv(guide->argv);
	free(guide->lead);
	free(guide->past);
	strbuf_free(&guide->text);
	strbuf_free(&guide->prompt);
	free(guide->input);
	findings_free(&guide->findings);
	missing_free(&guide->missing);
	policy_free(&guide->policy);
	filter_file_free(&guide->filters);
	for (size_t i = 0; i < FILE_COUNT; i++)
		free(guide->saved[i]);
	free(guide->saving.path);
	free(guide);
}

enum guide_want
guide_want(const struct guide *guide)
{
	return guide->want;
}

void
guide_take_text(struct guide *guide, struct strbuf *buf)
{
	strbuf_add(buf, guide->text.data != NULL ? guide->text.data : "",
	    guide->text.length);
	if (guide->text.failed)
		buf->failed = true;
	guide->text.length = 0;
}

const char *
guide_prompt(const struct guide *guide)
{
	return guide->prompt.failed ? "> " : guide->prompt.data;
}

int
guide_status(const struct guide *guide)
{
	return guide->status;
}

bool
guide_has_run(const struct guide *guide)
{
	return guide->has_run;
}

const char *
guide_word(const struct guide *guide, size_t index)
{
	static const char *const always[] = { "?", "b", "q", NULL };
	const struct question_row *row;
	const char *word;
	size_t count = 0;

	if (guide->want != GUIDE_ANSWER)
		return NULL;
	row = &question_rows[guide->at.question];
	if (row->word == NULL)
		return index < 4 ? always[index] : NULL;
	word = row->word(guide, index);
	if (word != NULL)
		return word;
	while (count < index && row->word(guide, count) != NULL)
		count++;
	return index - count < 4 ? always[index - count] : NULL;
}

bool
guide_takes_path(const struct guide *guide)
{
	return guide->want == GUIDE_ANSWER &&
	       question_rows[guide->at.question].paths;
}

static void
go_back(struct guide *guide)
{
	if (guide->past_count == 0) {
		guide_say(guide, "This is the first question.");
		return;
	}
	guide->at = guide->past[--guide->past_count];
	enter(guide);
}

static void
leave(struct guide *guide)
{
	if (guide->has_run)
		guide_say(guide, "Nothing more is run.");
	else
		guide_say(guide, "Nothing was run.");
	end(guide);
}

static void
explain(struct guide *guide)
{
	guide_say(guide, "%s", question_rows[guide->at.question].help);
	guide_say(guide,
	    "At each question: ? explains, b goes back, q leaves with nothing "
	    "(more) run. In quotes they are answers: \"q\".");
}

static void
remember(struct guide *guide, const struct position *position)
{
	struct position *past = guide->past;
	size_t capacity = guide->past_capacity;

	if (guide->past_count == capacity) {
		capacity = capacity == 0 ? 64 : capacity * 2;
		past = realloc(past, capacity * sizeof(*past));
		if (past == NULL)
			return;
		guide->past = past;
		guide->past_capacity = capacity;
	}
	guide->past[guide->past_count++] = *position;
}

static void
take(struct guide *guide, const char *text)
{
	struct diag diag = guide_diag(guide);
	const struct position before = guide->at;
	int next = question_rows[before.question].take(guide, text, &diag);

	if (next == ASK_AGAIN) {
		if (guide->want == GUIDE_ANSWER)
			set_prompt(guide);
		return;
	}
	if (next < 0) {
		guide->at = before;
		guide->want = GUIDE_ANSWER;
		say_wrong(guide, diag.text);
		return;
	}
	remember(guide, &before);
	guide->at.question = (enum question)next;
	if (guide->want == GUIDE_ANSWER)
		enter(guide);
}

/* What no answer holds, whatever is asked; NULL: it is fine. */
static const char *
find_fault(const char *text, size_t length)
{
	size_t width;

	if (strlen(text) != length)
		return "that holds a zero byte";
	for (; *text != '\0'; text += width) {
		width = utf8_length(text);
		if (width == 0)
			return "that is not UTF-8; other bytes are written "
			       "in \"...\" as \\ooo (octal) or \\xhh";
		if (width == 1 && *text != '\t' &&
		    (*text < ' ' || *text == 0x7f))
			return "that holds a control character; it is written "
			       "in \"...\" as \\ooo (octal) or \\xhh";
	}
	return NULL;
}

static void
answer(struct guide *guide, const char *text, size_t length)
{
	const char *fault = find_fault(text, length);

	if (fault != NULL)
		say_wrong(guide, fault);
	else if (strcmp(text, "?") == 0)
		explain(guide);
	else if (strcmp(text, "b") == 0)
		go_back(guide);
	else if (strcmp(text, "q") == 0)
		leave(guide);
	else
		take(guide, text);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void
guide_answer(struct guide *guide, const char *line, size_t length)
{
	cleanup_free char *text = NULL;

	if (guide->want != GUIDE_ANSWER)
		return;
	while (length > 0 && is_blank(line[length - 1]))
		length--;
	for (; length > 0 && is_blank(*line); line++)
		length--;
	if (length > GUIDE_LINE_LIMIT) {
		say_wrong(guide, "that is longer than any answer");
		return;
	}
	text = calloc(1, length + 1);
	if (text == NULL) {
		say_wrong(guide, "out of memory");
		return;
	}
	memcpy(text, line, length);
	answer(guide, text, length);
}
