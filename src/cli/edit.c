/* SPDX-License-Identifier: ISC */
/* Lines edited and completed by libedit. */
#include <dirent.h>
#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/wrap.h"
#include "cli/terminal.h"

#define SHOWN_MOST 200 /* of what would complete a word */

struct editor {
	EditLine *line;
	struct terminal *terminal;
	const struct guide *guide;
	char *prompt;
	mbstate_t state;
	size_t count;       /* bytes of this line */
	bool broken, ended; /* it has bytes that are no text; is over */
};

static struct editor *
editor_of(EditLine *line)
{
	struct editor *editor = NULL;

	el_get(line, EL_CLIENTDATA, &editor);
	return editor;
}

static char *
show_prompt(EditLine *line)
{
	return editor_of(line)->prompt;
}

/* Waits for a byte, through stops and new sizes; 0: the end, or a signal. */
static int
get_byte(EditLine *line, char *ret_byte)
{
	struct editor *editor = editor_of(line);
	int r;

	for (;;) {
		r = terminal_wait(editor->terminal, STDIN_FILENO);
		if (r > 0)
			return read(STDIN_FILENO, ret_byte, 1) == 1;
		if (r != -EAGAIN)
			return 0;
		el_set(line, EL_PREP_TERM, 1);
		el_resize(line);
		el_set(line, EL_REFRESH);
	}
}

/* One character, from bytes; what is no text, and what is too much, is left
 * out, and remembered.  1, or 0: the end. */
static int
get_character(EditLine *line, wchar_t *ret_character)
{
	struct editor *editor = editor_of(line);
	size_t width;
	char byte;

	while (get_byte(line, &byte) == 1) {
		if (byte == '\n' || byte == '\r') {
			editor->broken |= !mbsinit(&editor->state);
			memset(&editor->state, 0, sizeof(editor->state));
			*ret_character = L'\n';
			return 1;
		}
		if (++editor->count > GUIDE_LINE_LIMIT)
			continue;
		width = mbrtowc(ret_character, &byte, 1, &editor->state);
		if (width == 1)
			return 1;
		if (width == (size_t)-2)
			continue;
		memset(&editor->state, 0, sizeof(editor->state));
		editor->broken = true;
	}
	editor->ended = true;
	return 0;
}

/* --- Completion --- */

struct candidates {
	const char *prefix;
	char **words;
	size_t count;
};

static void
add_candidate(struct candidates *candidates, const char *word, const char *end)
{
	char **more;

	if (strncmp(word, candidates->prefix, strlen(candidates->prefix)) != 0)
		return;
	more = reallocarray(
	    candidates->words, candidates->count + 1, sizeof(*more));
	if (more == NULL)
		return;
	candidates->words = more;
	if (asprintf(
	        &candidates->words[candidates->count], "%s%s", word, end) >= 0)
		candidates->count++;
}

/* Names that would need quotes are left out. */
static bool
is_plain(const char *name)
{
	for (; *name != '\0'; name++)
		if (strchr(" \t\"'\\,", *name) != NULL ||
		    (unsigned char)*name < ' ' || *name == 0x7f)
			return false;
	return true;
}

static void
add_paths(struct candidates *candidates)
{
	const char *slash = strrchr(candidates->prefix, '/');
	int length = slash == NULL ? 0 : (int)(slash - candidates->prefix) + 1;
	char directory[PATH_MAX], path[PATH_MAX + NAME_MAX + 1];
	const struct dirent *entry;
	struct stat status;
	DIR *dir;

	snprintf(
	    directory, sizeof(directory), "%.*s", length, candidates->prefix);
	dir = opendir(length > 0 ? directory : ".");
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (!is_plain(entry->d_name) ||
		    strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s%s", directory, entry->d_name);
		add_candidate(candidates, path,
		    stat(path, &status) == 0 && S_ISDIR(status.st_mode) ? "/"
		                                                        : "");
	}
	if (dir != NULL)
		closedir(dir);
}

/* How much all of them have in common. */
static size_t
common_length(const struct candidates *candidates)
{
	size_t length = strlen(candidates->words[0]);

	for (size_t i = 1; i < candidates->count; i++)
		while (strncmp(candidates->words[0], candidates->words[i],
		           length) != 0)
			length--;
	return length;
}

static void
show_candidates(const struct candidates *candidates)
{
	cleanup_strbuf struct strbuf list = { 0 }, shown = { 0 };

	for (size_t i = 0; i < candidates->count && i < SHOWN_MOST; i++) {
		if (i > 0)
			strbuf_putc(&list, ' ');
		quote_terminal(&list, candidates->words[i]);
	}
	if (candidates->count > SHOWN_MOST)
		strbuf_puts(&list, " ...");
	strbuf_putc(&shown, '\n');
	if (!list.failed)
		wrap_text(&shown, list.data, 0);
	terminal_put(&shown);
}

static int
compare_words(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static unsigned char
insert(EditLine *line, const struct candidates *candidates)
{
	size_t have = strlen(candidates->prefix);
	size_t common = common_length(candidates);
	const char *first = candidates->words[0];
	cleanup_free char *text = NULL;
	bool whole = candidates->count == 1 && first[strlen(first) - 1] != '/';

	if (asprintf(&text, "%.*s%s", (int)(common - have), first + have,
	        whole ? " " : "") < 0) {
		text = NULL;
		return CC_ERROR;
	}
	if (*text != '\0')
		return el_insertstr(line, text) == 0 ? CC_REFRESH : CC_ERROR;
	show_candidates(candidates);
	return CC_REDISPLAY;
}

/* The word before the cursor; signs and "rw:" before it are none of it. */
static char *
word_before(const LineInfo *info, bool path)
{
	const char *start = info->cursor, *colon;

	while (start > info->buffer && strchr(" \t,", start[-1]) == NULL)
		start--;
	if (start < info->cursor && (*start == '+' || *start == '-'))
		start++;
	colon = memchr(start, ':', (size_t)(info->cursor - start));
	if (path && colon != NULL &&
	    strspn(start, "rwxc") == (size_t)(colon - start))
		start = colon + 1;
	return strndup(start, (size_t)(info->cursor - start));
}

static unsigned char
complete(EditLine *line, int key)
{
	const struct guide *guide = editor_of(line)->guide;
	bool path = guide_takes_path(guide);
	cleanup_free char *prefix = word_before(el_line(line), path);
	struct candidates candidates = { .prefix = prefix };
	unsigned char result = CC_ERROR;
	const char *word;

	(void)key;
	if (prefix == NULL)
		return CC_ERROR;
	for (size_t i = 0; (word = guide_word(guide, i)) != NULL; i++)
		if (strlen(word) > 1 || *prefix != '\0')
			add_candidate(&candidates, word, "");
	if (path)
		add_paths(&candidates);
	if (candidates.count > 0) {
		qsort(candidates.words, candidates.count,
		    sizeof(*candidates.words), compare_words);
		result = insert(line, &candidates);
	}
	for (size_t i = 0; i < candidates.count; i++)
		free(candidates.words[i]);
	free(candidates.words);
	return result;
}

/* --- The editor --- */

/* The answers are UTF-8, whatever the locale says. */
static void
set_locale(void)
{
	setlocale(LC_CTYPE, "");
	if (MB_CUR_MAX == 1)
		setlocale(LC_CTYPE, "C.UTF-8");
}

/* Without a cursor that can be moved there is nothing to edit with. */
static bool
is_able(void)
{
	const char *term = getenv("TERM");

	return term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

struct editor *
editor_new(struct terminal *terminal)
{
	struct editor *editor = is_able() ? calloc(1, sizeof(*editor)) : NULL;

	if (editor == NULL)
		return NULL;
	set_locale();
	editor->terminal = terminal;
	editor->line = el_init("seccomp-pledge", stdin, stderr, stderr);
	if (editor->line == NULL) {
		free(editor);
		return NULL;
	}
	el_set(editor->line, EL_CLIENTDATA, editor);
	el_set(editor->line, EL_PROMPT, show_prompt);
	el_set(editor->line, EL_EDITOR, "emacs");
	el_set(editor->line, EL_SIGNAL, 0);
	el_set(editor->line, EL_GETCFN, get_character);
	el_set(editor->line, EL_ADDFN, "complete", "complete a word", complete);
	el_set(editor->line, EL_BIND, "^I", "complete", NULL);
	return editor;
}

void
editor_free(struct editor *editor)
{
	if (editor == NULL)
		return;
	el_end(editor->line);
	free(editor->prompt);
	free(editor);
}

int
editor_read(struct editor *editor, const struct guide *guide,
    const char **ret_line, size_t *ret_length)
{
	const char *text;
	int length = 0;

	editor->guide = guide;
	editor->count = 0;
	editor->broken = editor->ended = false;
	memset(&editor->state, 0, sizeof(editor->state));
	free(editor->prompt);
	editor->prompt = strdup(guide_prompt(guide));
	if (editor->prompt == NULL)
		return -ENOMEM;
	/* Before the prompt, or what is typed at once would be shown twice. */
	el_set(editor->line, EL_PREP_TERM, 1);
	text = el_gets(editor->line, &length);
	if (editor->ended || text == NULL || length <= 0)
		return 0;
	if (editor->count > GUIDE_LINE_LIMIT)
		return -E2BIG;
	/* What could not be taken as text is not taken at all. */
	*ret_line = editor->broken ? "\377" : text;
	*ret_length = editor->broken ? 1 : (size_t)length;
	return 1;
}
