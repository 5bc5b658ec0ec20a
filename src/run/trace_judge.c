/* SPDX-License-Identifier: ISC */
#include "run/trace_judge.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/quote.h"
#include "kernel/landlock.h"

#define MISSING_SHOWN 30 /* paths that the policy lacks */

/* --- Lines --- */

static char *__attribute__((format(printf, 2, 0)))
make_text(struct trace_judge *judge, const char *format, va_list arguments)
{
	char text[256], *copy;

	vsnprintf(text, sizeof(text), format, arguments);
	copy = arena_copy(&judge->arena, text);
	judge->failed |= copy == NULL;
	return copy;
}

/* TEXT is copied; the note is made of FORMAT. */
static void __attribute__((format(printf, 4, 5)))
add_line(struct trace_judge *judge, enum page_state state, const char *text,
    const char *format, ...)
{
	size_t capacity = judge->capacity == 0 ? 64 : 2 * judge->capacity;
	struct page_line *lines;
	va_list arguments;

	if (judge->count == judge->capacity) {
		lines = realloc(judge->lines, capacity * sizeof(*lines));
		if (lines == NULL) {
			judge->failed = true;
			return;
		}
		judge->lines = lines;
		judge->capacity = capacity;
	}
	va_start(arguments, format);
	judge->lines[judge->count] = (struct page_line){ .state = state,
		.text = arena_copy(&judge->arena, text),
		.note = make_text(judge, format, arguments) };
	va_end(arguments);
	judge->failed |= judge->lines[judge->count].text == NULL;
	judge->count++;
}

/* --- Promises --- */

static bool
is_satisfied(const struct trace_cover *cover, promise_set promises)
{
	if (cover->together)
		return (cover->words & ~promises) == 0;
	return (cover->words & promises) != 0;
}

static bool
is_needed(const struct trace_page *page, promise_set promises, promise_set word)
{
	for (size_t i = 0; i < page->cover_count; i++)
		if (is_satisfied(&page->covers[i], promises) &&
		    !is_satisfied(&page->covers[i], promises & ~word))
			return true;
	return false;
}

/* The words to add to PROMISES: of several that would do, the first. */
static promise_set
find_missing(const struct trace_page *page, promise_set promises)
{
	promise_set missing = 0;

	for (size_t i = 0; i < page->cover_count; i++) {
		const struct trace_cover *cover = &page->covers[i];

		if (cover->words == 0 ||
		    is_satisfied(cover, promises | missing))
			continue;
		missing |= cover->together ? cover->words & ~promises
		                           : cover->words & -cover->words;
	}
	return missing;
}

/* Calls that PROMISES do not allow and WORD is part of. */
static uint64_t
count_calls(
    const struct trace_page *page, promise_set promises, promise_set word)
{
	uint64_t calls = 0;

	for (size_t i = 0; i < page->cover_count; i++)
		if (page->covers[i].words & word &&
		    !is_satisfied(&page->covers[i], promises))
			calls += page->covers[i].calls;
	return calls;
}

static void
add_never(const struct trace_page *page, struct trace_judge *judge)
{
	for (size_t i = 0; i < page->cover_count; i++)
		if (page->covers[i].words == 0)
			add_line(judge, PAGE_MISSING, "no promise",
			    "%llu calls that no promise allows",
			    (unsigned long long)page->covers[i].calls);
}

static void
add_promises(const struct trace_page *page, struct trace_judge *judge)
{
	promise_set promises =
	    page->judged ? policy_promises(&page->policy) : 0;
	promise_set missing = find_missing(page, promises);

	for (size_t i = 0; i < PROMISE_COUNT; i++) {
		promise_set word = UINT64_C(1) << i;
		char text[64];

		snprintf(
		    text, sizeof(text), "promises %s", promise_rows[i].name);
		if (promises & word)
			add_line(judge,
			    is_needed(page, promises, word) ? PAGE_USED
			                                    : PAGE_UNUSED,
			    text, "%s", promise_rows[i].text);
		else if (missing & word)
			add_line(judge,
			    page->judged ? PAGE_MISSING : PAGE_PLAIN, text,
			    "%llu calls: %s",
			    (unsigned long long)count_calls(
			        page, promises, word),
			    promise_rows[i].text);
	}
	add_never(page, judge);
}

/* --- Paths --- */

unsigned int
trace_judge_letters(uint64_t rights)
{
	unsigned int letters = 0;

	if (rights & (LL_READ_FILE | LL_READ_DIR))
		letters |= UNVEIL_R;
	if (rights & LL_WRITE_FILE)
		letters |= UNVEIL_W;
	if (rights & LL_EXECUTE)
		letters |= UNVEIL_X;
	if (rights & (LL_MAKE_REG | LL_REMOVE_FILE))
		letters |= UNVEIL_C;
	return letters;
}

/* Where PATH leads, or would lead once it is made. */
static void
find_real(const char *path, char *real)
{
	char parent[PATH_MAX];
	const char *name = strrchr(path, '/');

	if (realpath(path, real) != NULL)
		return;
	if (name != NULL && name > path) {
		snprintf(
		    parent, sizeof(parent), "%.*s", (int)(name - path), path);
		if (realpath(parent, real) != NULL &&
		    strlen(real) + strlen(name) < PATH_MAX) {
			memcpy(real + strlen(real), name, strlen(name) + 1);
			return;
		}
	}
	snprintf(real, PATH_MAX, "%s", path);
}

/* One path that the policy, or the launch, unveils. */
struct unveiled {
	char path[PATH_MAX];
	unsigned int letters;
	bool used;
};

static size_t
make_unveiled(const struct trace_page *page, struct unveiled *rows)
{
	promise_set promises = policy_promises(&page->policy);

	for (size_t i = 0; i < page->granted.count; i++) {
		const struct sandbox_path *path = &page->granted.paths[i];

		rows[i] = (struct unveiled){ .path = "" };
		if (path->path == NULL)
			continue;
		find_real(path->path, rows[i].path);
		rows[i].letters = trace_judge_letters(
		    path->user
		        ? sandbox_user_access(promises, path->permissions)
		        : path->access);
	}
	return page->granted.count;
}

static void
judge_paths(struct trace_page *page, struct unveiled *rows, size_t count)
{
	char real[PATH_MAX];

	for (size_t i = 0; i < page->page.path_count; i++) {
		struct page_path *path = &page->page.paths[i];

		if (page->policy.no_unveil) {
			path->granted = path->uses;
			continue;
		}
		find_real(path->path, real);
		for (size_t j = 0; j < count; j++) {
			if (*rows[j].path == '\0' ||
			    !path_within(real, rows[j].path))
				continue;
			path->granted |= rows[j].letters;
			if (path->uses & rows[j].letters)
				rows[j].used = true;
		}
		path->granted &= path->uses;
	}
}

static void
write_unveil(struct strbuf *buf, unsigned int letters, const char *path)
{
	strbuf_puts(buf, "unveil ");
	for (unsigned int i = 0; i < 4; i++)
		if (letters & 1u << i)
			strbuf_putc(buf, "rwxc"[i]);
	strbuf_putc(buf, ' ');
	quote_word(buf, path);
}

/* The user's unveils come first, in the policy's order. */
static void
add_unveils(const struct trace_page *page, const struct unveiled *rows,
    struct trace_judge *judge)
{
	for (size_t i = 0; i < page->policy.unveil_count; i++) {
		const struct unveil *unveil = &page->policy.unveils[i];
		cleanup_strbuf struct strbuf text = { 0 };
		bool used = i < page->granted.count && rows[i].used;

		write_unveil(&text, unveil->permissions, unveil->path);
		add_line(judge, used ? PAGE_USED : PAGE_UNUSED,
		    text.data != NULL ? text.data : "", "%s",
		    used ? "" : "nothing was done there that needs it");
	}
	if (page->policy.no_unveil)
		add_line(
		    judge, PAGE_PLAIN, "paths are not restricted", "%s", "");
}

static void
add_missing_paths(const struct trace_page *page, struct trace_judge *judge)
{
	uint64_t more = 0;
	size_t shown = 0;

	for (size_t i = 0; i < page->page.path_count; i++) {
		const struct page_path *row = &page->page.paths[i];
		cleanup_strbuf struct strbuf text = { 0 };
		unsigned int letters = row->uses & ~row->granted;

		if (letters == 0)
			continue;
		if (shown++ >= MISSING_SHOWN) {
			more++;
			continue;
		}
		write_unveil(&text, letters, row->path);
		add_line(judge, PAGE_MISSING,
		    text.data != NULL ? text.data : "", "%llu calls",
		    (unsigned long long)row->calls);
	}
	if (more > 0)
		add_line(judge, PAGE_MISSING, "...",
		    "and %llu more paths: see the tree",
		    (unsigned long long)more);
}

static void
add_ports(const struct trace_page *page, struct trace_judge *judge)
{
	const struct ports *ports[] = { &page->policy.connect,
		&page->policy.bind };
	static const char *const names[] = { "connect", "bind" };
	char text[32], port[PORT_TEXT];

	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < ports[i]->count; j++) {
			snprintf(text, sizeof(text), "%s %s", names[i],
			    port_text(ports[i]->port[j], port));
			add_line(judge, PAGE_PLAIN, text, "%s", "");
		}
	}
}

/* --- All of it --- */

int
trace_judge_paths(struct trace_page *page)
{
	struct unveiled *rows = calloc(page->granted.count + 1, sizeof(*rows));

	if (rows == NULL)
		return -ENOMEM;
	judge_paths(page, rows, make_unveiled(page, rows));
	free(rows);
	return 0;
}

int
trace_page_compare(struct trace_page *page, const char *policy,
    char *const *argv, struct diag *diag)
{
	int r = policy_include(&page->policy, policy, diag);

	return r < 0 ? r : trace_page_grant(page, argv, diag);
}

int
trace_page_grant(struct trace_page *page, char *const *argv, struct diag *diag)
{
	static char cwd[PATH_MAX];
	struct symbols symbols = { .cwd = getcwd(cwd, sizeof(cwd)),
		.home = getenv("HOME"),
		/* A trace has none. */
		.tmp = page->tmp[0] != '\0' ? page->tmp : "/@TMP",
		.argv = argv };
	struct launch_gifts gifts = { .target = &page->target };
	int r;

	page->judged = true;
	r = launch_paths_user(&page->granted, &page->policy, &symbols, diag);
	if (r < 0 || argv == NULL)
		return r;
	/* What cannot be run is said by who tries to run it. */
	if (target_find(argv[0], getenv("PATH"), &page->target, NULL) < 0)
		return 0;
	return launch_paths_implied(
	    &page->granted, &page->policy, &gifts, diag);
}

int
trace_judge_make(struct trace_page *page, struct trace_judge *judge)
{
	struct unveiled *rows = NULL;

	judge->judged = page->judged;
	if (page->judged) {
		rows = calloc(page->granted.count + 1, sizeof(*rows));
		if (rows == NULL)
			return -ENOMEM;
		judge_paths(page, rows, make_unveiled(page, rows));
	}
	add_promises(page, judge);
	if (page->judged) {
		add_unveils(page, rows, judge);
		add_ports(page, judge);
		add_missing_paths(page, judge);
	}
	free(rows);
	return judge->failed ? -ENOMEM : 0;
}

void
trace_judge_about(const struct trace_judge *judge, struct page_about *about)
{
	about->lines = judge->lines;
	about->line_count = judge->count;
	about->policy_title =
	    judge->judged ? "The policy" : "Promises that would do";
	about->policy_note =
	    judge->judged
	        ? "What a run did not need, another may."
	        : "With -i POLICY, the page says what that policy grants.";
}

void
trace_judge_free(struct trace_judge *judge)
{
	free(judge->lines);
	arena_free(&judge->arena);
}
