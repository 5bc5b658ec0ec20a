/* SPDX-License-Identifier: ISC */
/*
 * Policy files: one statement a line (pledge-policy(5)).
 *
 * A word stands bare if it is printable ASCII (or UTF-8) without blank, #, "
 * and \; else in "..." with C escapes.  So a name that a command chose can
 * never end its line and begin a statement.
 */
#include "call/errnos.h"
#include "policy/policy.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/strbuf.h"
#include "base/suggest.h"
#include "base/table.h"

#define LARGEST_FILE ((size_t)1024 * 1024)
#define LINE_WORDS   128

struct word {
	char *text;          /* points into the line's scratch copy */
	unsigned int column; /* from 1, in bytes */
};

struct line {
	const char *file;
	bool no_file; /* a text alone: nothing can be beside it */
	unsigned int number;
	struct word words[LINE_WORDS];
	size_t count;
	const char *rest; /* behind the words: a comment, or the end */
};

/* "file:line:column: " before the sentence. */
static int
place(const struct line *line, unsigned int column, struct diag *diag)
{
	return diag_place(diag, line->file, line->number, column);
}

static int
word_error(const struct line *line, unsigned int column, struct diag *diag,
    const char *text)
{
	diag_set(diag, EINVAL, "%s", text);
	return place(line, column, diag);
}

/* Reads a quoted word from behind its quote; returns what follows, or NULL. */
static const char *
read_quoted(const char *text, char *ret_word, const char **ret_error)
{
	int byte;

	while (*text != '"') {
		if (*text == '\0') {
			*ret_error = "the quotes are not closed on this line";
			return NULL;
		}
		byte = (unsigned char)*text++;
		if (byte == '\\')
			byte = unquote_escape(&text);
		if (byte <= 0 || byte > 255) {
			*ret_error = "unknown escape; write \\n \\t \\\" \\\\ "
			             "\\ooo (octal, not \\000) or \\xhh";
			return NULL;
		}
		*ret_word++ = (char)byte;
	}
	*ret_word = '\0';
	text++;
	if (*text != '\0' && *text != ' ' && *text != '\t' && *text != '#') {
		*ret_error = "expected a blank after the closing quote";
		return NULL;
	}
	return text;
}

/* A # inside a word would cut a name short, which then means another one. */
static const char *
read_bare(const char *text, char *ret_word, const char **ret_error)
{
	size_t length;

	while (*text != '\0' && *text != ' ' && *text != '\t') {
		length = utf8_length(text);
		if (length == 0 || strchr("\"\\#\x7f", *text) != NULL ||
		    (length == 1 && *text < ' ')) {
			*ret_error = "the line ends with a carriage return; "
			             "end it with a newline alone";
			if (strcmp(text, "\r") == 0)
				return NULL;
			*ret_error = "put a word with this character in "
			             "\"...\", with C escapes";
			return NULL;
		}
		memcpy(ret_word, text, length);
		ret_word += length;
		text += length;
	}
	*ret_word = '\0';
	return text;
}

/* Splits TEXT into words, into SCRATCH (as long as TEXT). */
static int
split_line(
    struct line *line, const char *text, char *scratch, struct diag *diag)
{
	const char *start = text, *error = NULL, *word;

	line->count = 0;
	for (;;) {
		text += strspn(text, " \t");
		line->rest = text;
		if (*text == '\0' || *text == '#')
			return 0;
		word = text;
		if (line->count == LINE_WORDS)
			return word_error(line,
			    (unsigned int)(word - start) + 1, diag,
			    "too many words on one line");
		line->words[line->count++] =
		    (struct word){ scratch, (unsigned int)(word - start) + 1 };
		if (*word == '"')
			text = read_quoted(word + 1, scratch, &error);
		else
			text = read_bare(word, scratch, &error);
		if (text == NULL)
			return word_error(line,
			    (unsigned int)(word - start) + 1, diag, error);
		scratch += strlen(scratch) + 1;
	}
}

int
policy_words(const char *text, char *scratch, const char **ret_words,
    size_t most, const char **ret_rest)
{
	cleanup_free struct line *line = calloc(1, sizeof(*line));

	if (line == NULL)
		return -ENOMEM;
	line->file = "";
	if (split_line(line, text, scratch, NULL) < 0)
		return -EINVAL;
	if (line->count > most)
		return -E2BIG;
	for (size_t i = 0; i < line->count; i++)
		ret_words[i] = line->words[i].text;
	*ret_rest = line->rest;
	return (int)line->count;
}

static int
parse_promises(
    struct policy *policy, const struct line *line, struct diag *diag)
{
	promise_set old = policy->promises_given ? policy->promises : 0;

	for (size_t i = 1; i < line->count; i++)
		if (policy_add_promises(policy, line->words[i].text, diag) < 0)
			return place(line, line->words[i].column, diag);
	for (size_t i = 0; i < PROMISE_COUNT; i++)
		if (policy->promises & ~old & UINT64_C(1) << i)
			policy->promise_lines[i] = line->number;
	policy->promises_given = true;
	policy->named = true;
	return 0;
}

/* The policy file's directory, "" for the root, to be freed; NULL: none. */
static char *
find_directory(const struct line *line, struct diag *diag)
{
	char *path = NULL, *slash;

	if (line->no_file)
		diag_set(diag, EINVAL,
		    "there is no policy file that this could be beside; "
		    "write an absolute path");
	else if ((path = realpath(line->file, NULL)) == NULL)
		diag_errno(diag, "%s", line->file);
	slash = path != NULL ? strrchr(path, '/') : NULL;
	if (slash != NULL)
		*slash = '\0';
	return path;
}

/* "@HERE/x" is beside the policy file: it is made absolute while we know. */
static int
add_beside(struct policy *policy, const struct line *line, const char *rest,
    unsigned int permissions, bool optional, struct diag *diag)
{
	cleanup_free char *directory = find_directory(line, diag);
	cleanup_free char *path = NULL;

	if (directory == NULL)
		return -EINVAL;
	if (asprintf(&path, "%s%s", directory,
	        *directory == '\0' && *rest == '\0' ? "/" : rest) < 0) {
		path = NULL;
		return diag_set(diag, ENOMEM, "out of memory");
	}
	return policy_add_unveil(policy, path, permissions, optional, diag);
}

static int
parse_unveil(struct policy *policy, const struct line *line, struct diag *diag)
{
	const char *letters = line->words[1].text;
	const char *path = line->count > 2 ? line->words[2].text : "";
	unsigned int permissions;
	bool optional;
	int r;

	if (line->count == 2) {
		if (strcmp(letters, "off") != 0) {
			diag_set(diag, EINVAL,
			    "expected: unveil PERMISSIONS "
			    "PATH, or: unveil off");
			return place(line, line->words[1].column, diag);
		}
		policy->no_unveil = true;
		return 0;
	}
	if (unveil_letters(letters, strlen(letters), &permissions) < 0) {
		diag_set(diag, EINVAL,
		    "unknown permissions \"%s\"; write "
		    "letters of rwxc (read, write, execute, create)",
		    letters);
		return place(line, line->words[1].column, diag);
	}
	optional = *path == '-';
	path += optional;
	if (strncmp(path, "@HERE", 5) == 0 &&
	    (path[5] == '\0' || path[5] == '/'))
		r = add_beside(
		    policy, line, path + 5, permissions, optional, diag);
	else if (*path == '/' || symbol_leads(path))
		r = policy_add_unveil(
		    policy, path, permissions, optional, diag);
	else
		r = diag_set(diag, EINVAL,
		    "\"%s\" is neither absolute nor "
		    "begins with @CWD, @HERE, @HOME, @TMP or @ARGn",
		    path);
	if (r < 0)
		return place(line, line->words[2].column, diag);
	/* The same path again is merged, and keeps its first line. */
	if (policy->unveils[policy->unveil_count - 1].line == 0)
		policy->unveils[policy->unveil_count - 1].line = line->number;
	return 0;
}

static int
parse_ports(struct ports *ports, const struct line *line, struct diag *diag)
{
	size_t old = ports->count;

	for (size_t i = 1; i < line->count; i++)
		if (policy_add_port(ports, line->words[i].text, diag) < 0)
			return place(line, line->words[i].column, diag);
	for (size_t i = old; i < ports->count; i++)
		ports->line[i] = line->number;
	return 0;
}

static int
parse_connect(struct policy *policy, const struct line *line, struct diag *diag)
{
	policy->named = true;
	return parse_ports(&policy->connect, line, diag);
}

static int
parse_bind(struct policy *policy, const struct line *line, struct diag *diag)
{
	policy->named = true;
	return parse_ports(&policy->bind, line, diag);
}

static int
parse_violation(
    struct policy *policy, const struct line *line, struct diag *diag)
{
	const char *kind = line->words[1].text;
	int err;

	if (strcmp(kind, "kill") == 0 && line->count == 2) {
		policy->kill = true;
		return 0;
	}
	if (strcmp(kind, "errno") != 0 || line->count != 3) {
		diag_set(diag, EINVAL,
		    "expected \"violation kill\" or "
		    "\"violation errno EPERM\"");
		return place(line, line->words[1].column, diag);
	}
	err = errno_find(line->words[2].text);
	if (err < 0) {
		diag_set(diag, EINVAL,
		    "unknown errno \"%s\"; write a name "
		    "like EPERM, or a number from 1 to 4095",
		    line->words[2].text);
		return place(line, line->words[2].column, diag);
	}
	policy->violation_errno = err;
	return 0;
}

static int
parse_limit(struct policy *policy, const struct line *line, struct diag *diag)
{
	struct suggest suggest = { .wanted = line->words[1].text };

	for (enum limit i = 0; i < LIMIT_COUNT; i++) {
		suggest_consider(&suggest, limit_rows[i].name);
		if (strcmp(limit_rows[i].name, line->words[1].text) != 0)
			continue;
		if (policy_set_limit(policy, i, line->words[2].text, diag) < 0)
			return place(line, line->words[2].column, diag);
		return 0;
	}
	diag_set(diag, EINVAL, "unknown limit \"%s\"%s", suggest.wanted,
	    suggest_text(&suggest));
	return place(line, line->words[1].column, diag);
}

/* A relative name is beside the policy file. */
static int
parse_filter(struct policy *policy, const struct line *line, struct diag *diag)
{
	const char *file = line->words[1].text;
	cleanup_free char *directory = NULL;
	int r;

	if (line->no_file && *file == '/')
		directory = strdup("");
	else
		directory = find_directory(line, diag);
	if (directory == NULL)
		return place(line, line->words[1].column, diag);
	r = policy_add_filter(policy, file, directory, diag);
	return r < 0 ? place(line, line->words[1].column, diag) : 0;
}

/* Every statement that a version of the policy file knows. */
static const struct statement {
	const char *name;
	size_t least, most; /* words behind the name */
	int (*parse)(struct policy *policy, const struct line *line,
	    struct diag *diag); /* NULL: not known to this version */
	const char *usage;
	const char *since; /* the version that knows it, if it is not this */
} statements[] = {
	{ "promises", 0, LINE_WORDS, parse_promises, "promises WORD..." },
	{ "unveil", 1, 2, parse_unveil, "unveil PERMISSIONS PATH" },
	{ "connect", 1, LINE_WORDS, parse_connect, "connect PORT..." },
	{ "bind", 1, LINE_WORDS, parse_bind, "bind PORT..." },
	{ "violation", 1, 2, parse_violation,
	    "violation kill, or: violation errno EPERM" },
	{ "limit", 2, 2, parse_limit, "limit NAME NUMBER" },
	{ "filter", 1, 1, parse_filter, "filter FILE[:NAME]" },
};

static int
parse_statement(
    struct policy *policy, const struct line *line, struct diag *diag)
{
	struct suggest suggest = { .wanted = line->words[0].text };

	for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
		const struct statement *row = &statements[i];

		suggest_consider(&suggest, row->name);
		if (strcmp(row->name, suggest.wanted) != 0)
			continue;
		if (row->parse == NULL) {
			diag_set(diag, EINVAL,
			    "this version does not know the "
			    "statement \"%s\"; version %s does",
			    row->name, row->since);
			return place(line, line->words[0].column, diag);
		}
		if (line->count - 1 < row->least ||
		    line->count - 1 > row->most) {
			diag_set(diag, EINVAL, "expected: %s", row->usage);
			return place(line, line->words[0].column, diag);
		}
		return row->parse(policy, line, diag);
	}
	diag_set(diag, EINVAL, "unknown statement \"%s\"%s", suggest.wanted,
	    suggest_text(&suggest));
	return place(line, line->words[0].column, diag);
}

/* Where a policy's text comes from. */
struct source {
	const char *name;
	bool no_file;
};

/* TEXT is changed. */
static int
parse_text(struct policy *policy, const struct source *source, char *text,
    struct diag *diag)
{
	cleanup_free struct line *line = calloc(1, sizeof(*line));
	cleanup_free char *scratch = malloc(2 * strlen(text) + 2);
	char *end;
	int r;

	if (line == NULL || scratch == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	line->file = source->name;
	line->no_file = source->no_file;
	for (; *text != '\0'; text = end) {
		line->number++;
		end = text + strcspn(text, "\n");
		if (*end == '\n')
			*end++ = '\0';
		r = split_line(line, text, scratch, diag);
		if (r == 0 && line->count > 0)
			r = parse_statement(policy, line, diag);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The whole of a policy file, NUL-terminated, to be freed. */
static int
read_file(const char *path, char **ret_text, struct diag *diag)
{
	cleanup_free char *text = NULL;
	size_t length;
	int r = file_read(path, LARGEST_FILE, &text, &length, diag);

	if (r == -EFBIG)
		return diag_set(diag, EFBIG,
		    "%s: larger than 1 MiB; this is no policy", path);
	if (r < 0)
		return r;
	if (memchr(text, '\0', length) != NULL)
		return diag_set(diag, EINVAL,
		    "%s: holds a NUL byte; this is no policy", path);
	*ret_text = take_pointer(text);
	return 0;
}

int
policy_read(struct policy *policy, const char *path, struct diag *diag)
{
	cleanup_free char *text = NULL;
	int r;

	r = read_file(path, &text, diag);
	if (r < 0 || text == NULL)
		return r;
	policy->named = true;
	return parse_text(policy, &(struct source){ .name = path }, text, diag);
}

int
policy_parse(struct policy *policy, const char *name, const char *text,
    struct diag *diag)
{
	const struct source source = { name, true };
	cleanup_free char *copy = strdup(text);

	if (copy == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	policy->named = true;
	return parse_text(policy, &source, copy, diag);
}

static void
write_ports(const struct ports *ports, const char *name, struct strbuf *buf)
{
	for (size_t i = 0; i < ports->count; i++)
		strbuf_printf(buf, "%-8s %u\n", name, ports->port[i]);
}

static void
write_unveil(const struct unveil *unveil, struct strbuf *buf)
{
	char letters[5] = "";
	cleanup_free char *path = NULL;
	size_t n = 0;

	for (int i = 0; i < 4; i++)
		if (unveil->permissions & (1U << i))
			letters[n++] = "rwxc"[i];
	if (asprintf(&path, "%s%s", unveil->optional ? "-" : "", unveil->path) <
	    0) {
		path = NULL;
		buf->failed = true;
		return;
	}
	strbuf_printf(buf, "unveil   %-4s ", letters);
	quote_word(buf, path);
	strbuf_putc(buf, '\n');
}

/* With a colon in it, the file's name needs one behind it, too. */
static void
write_filter(const struct filter_name *filter, struct strbuf *buf)
{
	cleanup_free char *word = NULL;
	const char *name = filter->name != NULL ? filter->name : "";
	bool divided =
	    filter->name != NULL || strchr(filter->path, ':') != NULL;

	if (asprintf(&word, "%s%s%s", filter->path, divided ? ":" : "", name) <
	    0) {
		word = NULL;
		buf->failed = true;
		return;
	}
	strbuf_puts(buf, "filter   ");
	quote_word(buf, word);
	strbuf_putc(buf, '\n');
}

void
policy_write(const struct policy *policy, struct strbuf *buf)
{
	promise_set promises = policy_promises(policy);

	strbuf_puts(buf, "promises");
	for (int i = 0; i < PROMISE_COUNT; i++)
		if (promises & UINT64_C(1) << i)
			strbuf_printf(buf, " %s", promise_rows[i].name);
	strbuf_putc(buf, '\n');
	for (size_t i = 0; i < policy->unveil_count; i++)
		write_unveil(&policy->unveils[i], buf);
	if (policy->no_unveil)
		strbuf_puts(buf, "unveil   off\n");
	for (size_t i = 0; i < policy->filter_count; i++)
		write_filter(&policy->filters[i], buf);
	write_ports(&policy->connect, "connect", buf);
	write_ports(&policy->bind, "bind", buf);
	if (policy->kill)
		strbuf_puts(buf, "violation kill\n");
	else if (policy->violation_errno != 0 &&
	         errno_name(policy->violation_errno) != NULL)
		strbuf_printf(buf, "violation errno %s\n",
		    errno_name(policy->violation_errno));
	else if (policy->violation_errno != 0)
		strbuf_printf(
		    buf, "violation errno %d\n", policy->violation_errno);
	for (int i = 0; i < LIMIT_COUNT; i++)
		if (policy->limited[i])
			strbuf_printf(buf, "limit    %s %llu\n",
			    limit_rows[i].name,
			    (unsigned long long)policy->limits[i]);
}
