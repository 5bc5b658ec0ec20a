/* SPDX-License-Identifier: ISC */
/* The command, and what a watched run of it shows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/suggest.h"
#include "base/wrap.h"
#include "guide/state.h"
#include "guide/words.h"
#include "inspect/doctor.h"

#define FIRST_CALLS   10 /* shown without being asked for */
#define NAME_WIDTH    17
#define PROMISE_WIDTH 13

void
guide_write_command(const struct guide *guide, struct strbuf *buf)
{
	for (size_t i = 0; guide->argv[i] != NULL; i++) {
		if (i > 0)
			strbuf_putc(buf, ' ');
		quote_shell(buf, guide->argv[i]);
	}
}

const char *
guide_command_name(const struct guide *guide)
{
	const char *slash = strrchr(guide->argv[0], '/');
	const char *name = slash != NULL ? slash + 1 : guide->argv[0];

	return *name != '\0' && *name != '-' ? name : "command";
}

static void
say_command(struct guide *guide)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	guide_write_command(guide, &buf);
	if (!buf.failed)
		guide_say(guide, "The command: %s", buf.data);
}

/* What cannot be enforced here at all, in short. */
static void
say_machine(struct guide *guide)
{
	const struct machine *machine = &guide->machine;
	const struct gap *gaps[DOCTOR_GAPS];
	size_t count = doctor_gaps(machine, gaps);
	bool complete = true;

	if (features_has(&machine->features, FEATURE_SECCOMP) &&
	    features_has(&machine->features, FEATURE_LANDLOCK))
		guide_say(guide,
		    "This machine can enforce promises (seccomp) and unveiled "
		    "paths (Landlock ABI %d).",
		    machine->features.landlock_abi);
	for (size_t i = 0; i < count; i++) {
		if (gaps[i]->weight != GAP_STOPS)
			continue;
		complete = false;
		guide_say(guide, "%s: %s; %s.", gaps[i]->name, gaps[i]->found,
		    gaps[i]->meaning);
	}
	if (!complete)
		guide_say(guide, "\"seccomp-pledge doctor\" says what closes "
		                 "that. A policy can be made all the same.");
}

void
guide_greet(struct guide *guide)
{
	guide_say(guide,
	    "This leads from a bare command to one that is confined to what "
	    "it needs. At each question ? explains, b goes back, q leaves "
	    "with nothing run.");
	say_machine(guide);
	if (guide->argv != NULL)
		say_command(guide);
}

int
take_command(struct guide *guide, const char *text, struct diag *diag)
{
	cleanup_answer struct answer_words words = { 0 };
	int r = answer_split(text, false, &words, diag);

	if (r < 0)
		return r;
	if (words.count == 0 || *words.words[0] == '\0')
		return diag_set(diag, EINVAL, "write a command, like: ls -l");
	if (guide_set_argv(guide, words.words) < 0)
		return diag_set(diag, ENOMEM, "out of memory");
	say_command(guide);
	return ASK_WATCH;
}

void
show_watch(struct guide *guide)
{
	if (guide->unwatched != NULL) {
		guide_say(guide,
		    "%s cannot be watched to see what it needs: %s. n goes on: "
		    "you choose yourself.",
		    guide_quote(guide, guide->argv[0]), guide->unwatched);
		return;
	}
	guide_say(guide,
	    "%s can be run once and watched, to see what it needs. That really "
	    "runs it, %s. Its standard input is empty, "
	    "or a file that you name.",
	    guide_quote(guide, guide->argv[0]),
	    guide->ceiling != NULL
	        ? "but under the ceiling that was given: what that "
	          "allows, it does"
	        : "unconfined: what it does, it does");
}

int
take_watch(struct guide *guide, const char *text, struct diag *diag)
{
	bool yes;
	int r = answer_yes(text, &yes, diag);

	if (r < 0)
		return r;
	if (yes && guide->unwatched != NULL)
		return diag_set(diag, EPERM,
		    "it cannot be watched: %s; n goes on without",
		    guide->unwatched);
	return yes ? ASK_INPUT : ASK_PROMISES;
}

int
take_input(struct guide *guide, const char *text, struct diag *diag)
{
	char *path;
	int r = answer_single(text, &path, diag);

	if (r < 0)
		return r;
	free(guide->input);
	guide->input = path;
	guide->want = GUIDE_WATCH;
	return ASK_CALLS;
}

bool
calls_apply(const struct guide *guide)
{
	return guide->findings.there;
}

/* As much of TEXT as fits behind what the line has. */
static void
add_cut(struct strbuf *buf, const char *text, size_t start)
{
	cleanup_strbuf struct strbuf shown = { 0 };
	size_t room = WRAP_WIDTH - (buf->length - start);
	size_t width = 0, step;

	quote_terminal(&shown, text);
	if (shown.failed || shown.length <= room) {
		strbuf_puts(buf, strbuf_text(&shown, "?"));
		return;
	}
	while (room > 3) {
		step = utf8_length(shown.data + width);
		if (step == 0 || width + step > room - 3)
			break;
		width += step;
	}
	strbuf_add(buf, shown.data, width);
	strbuf_puts(buf, "...");
}

static void
add_row(struct strbuf *buf, const struct seen_call *call)
{
	size_t start = buf->length;

	strbuf_printf(buf, "  %-*s %6llu  %-*s ", NAME_WIDTH, call->name,
	    call->count, PROMISE_WIDTH, call->promise);
	add_cut(buf, call->example, start);
	strbuf_putc(buf, '\n');
}

static void
show_table(struct guide *guide, size_t most)
{
	const struct findings *findings = &guide->findings;
	struct strbuf *buf = &guide->text;

	strbuf_printf(buf, "  %-*s %6s  %-*s %s\n", NAME_WIDTH, "call", "count",
	    PROMISE_WIDTH, "promise", "an example");
	for (size_t i = 0; i < findings->count && i < most; i++)
		add_row(buf, &findings->calls[i]);
}

void
show_calls(struct guide *guide)
{
	const struct findings *findings = &guide->findings;

	guide_say(guide,
	    "It ended with status %d, and made %llu calls of %zu kinds.",
	    findings->status, findings->total, findings->count);
	if (findings->trace_cut)
		guide_say(guide, "There were so many that the trace does not "
		                 "hold the last of them.");
	show_table(guide, FIRST_CALLS);
	if (findings->count > FIRST_CALLS)
		guide_say(guide,
		    "These are %d of them; \"all\" shows all, a call's name "
		    "shows its example in full, Enter goes on.",
		    FIRST_CALLS);
	else
		guide_say(guide, "A call's name shows its example in full, "
		                 "Enter goes on.");
}

int
take_calls(struct guide *guide, const char *text, struct diag *diag)
{
	const struct findings *findings = &guide->findings;
	struct suggest suggest = { .wanted = text };

	if (*text == '\0')
		return ASK_PROMISES;
	if (strcmp(text, "all") == 0) {
		show_table(guide, findings->count);
		return ASK_AGAIN;
	}
	for (size_t i = 0; i < findings->count; i++) {
		const struct seen_call *call = &findings->calls[i];
		cleanup_strbuf struct strbuf shown = { 0 };

		suggest_consider(&suggest, call->name);
		if (strcmp(call->name, text) != 0)
			continue;
		quote_terminal(&shown, call->example);
		guide_say(guide,
		    "%s, %llu times, by the promise %s:", call->name,
		    call->count, call->promise);
		guide_say_indented(guide, 2, "%s", strbuf_text(&shown, "?"));
		return ASK_AGAIN;
	}
	return diag_set(diag, EINVAL, "it made no call \"%.100s\"%s", text,
	    suggest_text(&suggest));
}

const char *
calls_word(const struct guide *guide, size_t index)
{
	if (index == 0)
		return "all";
	if (index - 1 < guide->findings.count)
		return guide->findings.calls[index - 1].name;
	return NULL;
}

void
findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->calls[i].name);
		free(findings->calls[i].promise);
		free(findings->calls[i].example);
	}
	free(findings->calls);
	free(findings->trace);
	policy_free(&findings->suggestion);
	*findings = (struct findings){ 0 };
}

/* The suggestion is what is chosen, until the user changes it. */
static int
take_suggestion(struct guide *guide, struct diag *diag)
{
	const struct policy *from = &guide->findings.suggestion;
	struct policy *to = &guide->policy;

	to->promises = policy_promises(from);
	to->connect = from->connect;
	to->bind = from->bind;
	return guide_add_unveils(to, from, diag);
}

void
guide_watched(struct guide *guide, const struct findings *findings)
{
	struct diag diag = { 0 };

	findings_free(&guide->findings);
	guide->findings = *findings;
	guide->findings.there = true;
	guide->has_run = true;
	if (findings->suggests && take_suggestion(guide, &diag) < 0)
		guide_say(guide, "The suggestion is not whole: %s.", diag.text);
	guide_go_on(guide);
}

void
guide_failed(struct guide *guide, const char *text)
{
	cleanup_strbuf struct strbuf shown = { 0 };

	quote_terminal(&shown, text);
	guide_say(guide, "That failed: %s.", strbuf_text(&shown, "?"));
	if (guide->past_count > 0)
		guide->at = guide->past[--guide->past_count];
	guide_go_on(guide);
}
