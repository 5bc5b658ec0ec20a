/* SPDX-License-Identifier: ISC */
#include "run/learn_page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "run/trace_judge.h"
#include "run/trace_lines.h"
#include "trace/ptrace_select.h"

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void
learn_page_call(struct learn_page *page, const struct call *call)
{
	struct cover cover = cover_find(call);

	page->ended = now();
	if (page->began == 0)
		page->began = page->ended;
	page_call(&page->seen.page, page->ended - page->began,
	    trace_page_lane(&cover), false);
}

void
learn_page_run(
    struct learn_page *page, const struct learning *learning, const char *tmp)
{
	if (tmp != NULL)
		snprintf(page->seen.tmp, sizeof(page->seen.tmp), "%s", tmp);
	page->ended = now();
	for (size_t i = 0; i < learning->count; i++) {
		const struct fact *fact = &learning->facts[i];
		struct page_path *row = NULL;

		if (fact->kind == FACT_PATH || fact->kind == FACT_ABSENT)
			row = page_path(&page->seen.page, fact->path);
		if (row == NULL)
			continue;
		row->calls += fact->times;
		if (fact->kind == FACT_ABSENT)
			row->failed += fact->times;
		else
			row->uses |= trace_judge_letters(fact->number);
	}
}

/* Where the comment of a policy's LINE begins, "" if it has none. */
static char *
find_comment(char *line)
{
	bool quoted = false;

	for (; *line != '\0' && (quoted || *line != '#'); line++) {
		if (quoted && *line == '\\' && line[1] != '\0')
			line++;
		else if (*line == '"')
			quoted = !quoted;
	}
	return line;
}

/* The policy's text, its lines each with their reason; LINES is the caller's.
 */
static size_t
make_lines(char *text, struct page_line *lines, size_t room)
{
	char *rest = NULL;
	size_t count = 0;

	for (char *line = strtok_r(text, "\n", &rest);
	     line != NULL && count < room; line = strtok_r(NULL, "\n", &rest)) {
		char *comment = find_comment(line), *end = comment;

		/* What heads the file is said elsewhere on the page. */
		if (comment == line)
			continue;
		while (end > line && end[-1] == ' ')
			end--;
		if (*comment == '#')
			comment += strspn(comment, "# ");
		*end = '\0';
		lines[count++] = (struct page_line){ .state = PAGE_USED,
			.text = line,
			.note = *comment != '\0' ? comment : NULL };
	}
	return count;
}

static int
write_page(struct learn_page *page, const struct page_about *about,
    const char *file, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	page_write(&page->seen.page, about, &buf);
	if (buf.failed)
		return diag_set(diag, ENOMEM, "%s: not enough memory", file);
	return file_replace(file, buf.data, buf.length, diag);
}

static int
judge(struct learn_page *page, const struct learn_page_end *end,
    struct diag *diag)
{
	int r = learned_policy(end->learned, &page->seen.policy, diag);

	if (r == 0)
		r = trace_page_grant(&page->seen, end->argv, diag);
	return r == 0 ? trace_judge_paths(&page->seen) : r;
}

int
learn_page_write(struct learn_page *page, const struct learn_page_end *end,
    struct diag *diag)
{
	cleanup_strbuf struct strbuf text = { 0 }, ending = { 0 };
	size_t room = end->learned->count + 64;
	struct page_line *lines = calloc(room, sizeof(*lines));
	struct page_about about = { .program = "learn",
		.command = end->learned->command,
		.seconds = page->ended - page->began,
		.processes = end->runs,
		.processes_title = "runs",
		.judged = true,
		.lines = lines,
		.policy_title = "The policy that was learned",
		.policy_note = "Calls that need nothing but stdio were not "
		               "watched, nor counted." };
	int r = judge(page, end, diag);

	learned_write(end->learned, &text);
	trace_status_text(end->status, &ending);
	about.ending = ending.data;
	if (lines == NULL || text.data == NULL || text.failed || ending.failed)
		r = diag_set(diag, ENOMEM, "%s: not enough memory", end->file);
	if (r == 0 && lines != NULL) {
		about.line_count = make_lines(text.data, lines, room);
		r = write_page(page, &about, end->file, diag);
	}
	free(lines);
	return r;
}

void
learn_page_free(struct learn_page *page)
{
	trace_page_free(&page->seen);
}
