/* SPDX-License-Identifier: ISC */
#include "run/trace_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/quote.h"
#include "run/trace_judge.h"
#include "run/trace_lines.h"

/* --- While it runs --- */

/* A call that several words allow stands at the first; one that takes them all,
 * at the last, which is the greater power. */
unsigned int
trace_page_lane(const struct cover *cover)
{
	if (cover->always)
		return PAGE_ALWAYS;
	if (cover->words == 0)
		return PAGE_NEVER;
	return cover->together
	           ? 63u - (unsigned int)__builtin_clzll(cover->words)
	           : (unsigned int)__builtin_ctzll(cover->words);
}

static void
add_cover(struct trace_page *page, const struct cover *cover)
{
	struct trace_cover *row = page->covers;

	if (cover->always)
		return;
	for (size_t i = 0; i < page->cover_count; i++, row++) {
		if (row->words == cover->words &&
		    row->together == cover->together) {
			row->calls++;
			return;
		}
	}
	if (page->cover_count == TRACE_COVERS) {
		page->page.failed = true;
		return;
	}
	*row = (struct trace_cover){ cover->words, cover->together, 1 };
	page->cover_count++;
}

/* What a call that LANE or WORDS allow does with the paths that it names. */
static unsigned int
find_uses(const struct cover *cover, unsigned int lane)
{
	static const struct {
		promise_set words;
		unsigned int use;
	} uses[] = {
		{ PROMISE(RPATH), UNVEIL_R },
		{ PROMISE(WPATH), UNVEIL_W },
		{ PROMISE(CPATH) | PROMISE(DPATH) | PROMISE(TMPPATH),
		    UNVEIL_C },
		{ PROMISE(EXEC), UNVEIL_X },
	};
	promise_set words = cover->together        ? cover->words
	                    : lane < PROMISE_COUNT ? UINT64_C(1) << lane
	                                           : 0;
	unsigned int found = 0;

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (words & uses[i].words)
			found |= uses[i].use;
	return found;
}

static void
add_path(
    struct trace_page *page, const char *path, unsigned int uses, bool failed)
{
	struct page_path *row = page_path(&page->page, path);

	if (row == NULL)
		return;
	row->calls++;
	row->failed += failed;
	if (!failed)
		row->uses |= uses;
}

/* What was opened is named by the kernel; otherwise the call's own words. */
static void
add_paths(
    struct trace_page *page, const struct event_call *call, unsigned int uses)
{
	const struct event_value *result = &call->result;
	char path[CALL_PATH_SIZE];
	bool opened = call->ended && !call->failed &&
	              result->type == VALUE_FD && result->length > 0 &&
	              *event_value_bytes(call, result) == '/';

	for (size_t i = 0; i < call->count; i++) {
		if (!call->args[i].path)
			continue;
		if (opened) {
			snprintf(path, sizeof(path), "%.*s",
			    (int)result->length,
			    event_value_bytes(call, result));
			add_path(page, path, uses, false);
			return;
		}
		/* Looking at a file is not reading it. */
		uses &= ~(unsigned int)UNVEIL_R;
		if (call->args[i].length > 0 &&
		    call_path_resolve(call, i, path))
			add_path(page, path, uses, call->failed);
	}
}

void
trace_page_call(
    struct trace_page *page, const struct event_call *call, double when)
{
	struct trace_need need = trace_totals_add(&page->totals, call);
	unsigned int lane = trace_page_lane(&need.cover);

	add_paths(page, call, find_uses(&need.cover, lane));
	/* The exec that the launch makes itself. */
	if ((need.start && lane == PROMISE_EXEC) ||
	    (need.harmless && lane == PAGE_NEVER))
		lane = PAGE_ALWAYS;
	page_call(&page->page, when, lane, call->failed);
	/* A call that fails anyway would not miss its promise. */
	if (!call->failed && !need.start && !need.harmless)
		add_cover(page, &need.cover);
}

/* --- At the end --- */

static void
write_command(const struct trace_page_end *end, struct strbuf *buf)
{
	if (end->argv == NULL) {
		strbuf_printf(buf, "process %d", (int)end->pid);
		return;
	}
	for (size_t i = 0; end->argv[i] != NULL; i++) {
		if (i > 0)
			strbuf_putc(buf, ' ');
		quote_shell(buf, end->argv[i]);
	}
}

/* The texts of the totals' promises stay in BUFS. */
static struct page_total *
make_totals(struct trace_page *page, struct strbuf *bufs)
{
	struct trace_totals *totals = &page->totals;
	struct page_total *rows = calloc(totals->count + 1, sizeof(*rows));

	trace_totals_sort(totals);
	for (size_t i = 0; rows != NULL && i < totals->count; i++) {
		const struct trace_total *total = &totals->rows[i];

		trace_total_promises(total, &bufs[i]);
		rows[i] = (struct page_total){ .name = total->name,
			.promises = bufs[i].data != NULL ? bufs[i].data : "",
			.calls = total->calls,
			.errors = total->errors,
			.seconds = total->seconds };
	}
	return rows;
}

static int
write_file(struct trace_page *page, const struct page_about *about,
    const char *file, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	page_write(&page->page, about, &buf);
	if (buf.failed || page->totals.failed)
		return diag_set(diag, ENOMEM, "%s: not enough memory", file);
	return file_replace(file, buf.data, buf.length, diag);
}

int
trace_page_write(struct trace_page *page, const struct trace_page_end *end,
    struct diag *diag)
{
	cleanup_strbuf struct strbuf command = { 0 }, ending = { 0 };
	struct page_about about = { .program = "trace",
		.seconds = end->seconds,
		.processes = end->processes,
		.judged = page->judged,
		.total_count = page->totals.count };
	struct strbuf *bufs = calloc(page->totals.count + 1, sizeof(*bufs));
	struct page_total *totals =
	    bufs != NULL ? make_totals(page, bufs) : NULL;
	struct trace_judge judge = { 0 };
	int r = -ENOMEM;

	write_command(end, &command);
	trace_status_text(end->status, &ending);
	about.command = command.data;
	about.ending = ending.data;
	about.totals = totals;
	if (totals != NULL && !command.failed && !ending.failed)
		r = trace_judge_make(page, &judge);
	if (r < 0)
		diag_set(diag, -r, "%s: not enough memory", end->file);
	else {
		trace_judge_about(&judge, &about);
		r = write_file(page, &about, end->file, diag);
	}
	trace_judge_free(&judge);
	for (size_t i = 0; bufs != NULL && i < page->totals.count; i++)
		strbuf_free(&bufs[i]);
	free(totals);
	free(bufs);
	return r;
}

void
trace_page_free(struct trace_page *page)
{
	page_free(&page->page);
	trace_totals_free(&page->totals);
	policy_free(&page->policy);
	target_free(&page->target);
}
