/* SPDX-License-Identifier: ISC */
/*
 * Policy files: one statement a line (pledge-policy(5)).
 *
 * A word stands bare if it is printable ASCII (or UTF-8) without blank, #, "
 * and \; else in "..." with C escapes.  So a name that a command chose can
 * never end its line and begin a statement.
 */
#include "call/errnos.h"
#include "policy/caps.h"
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
#include "policy/line.h"

#define LARGEST_FILE ((size_t)1024 * 1024)
#define INCLUDES     16  /* files within each other */
#define FILES        256 /* in all: a file may be included twice */

/* "file:line:column: " before the sentence. */
int
line_error(const struct line *line, unsigned int column, struct diag *diag)
{
	return diag_place(diag, line->source->name, line->number, column);
}

static int
word_error(const struct line *line, unsigned int column, struct diag *diag,
    const char *text)
{
	diag_set(diag, EINVAL, "%s", text);
	return line_error(line, column, diag);
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
		line->words[line->count++] = (struct word){ scratch,
			(unsigned int)(word - start) + 1, *word != '"' };
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
	static const struct policy_source nowhere = { .name = "" };
	cleanup_free struct line *line = calloc(1, sizeof(*line));

	if (line == NULL)
		return -ENOMEM;
	line->source = &nowhere;
	if (split_line(line, text, scratch, NULL) < 0)
		return -EINVAL;
	if (line->count > most)
		return -E2BIG;
	for (size_t i = 0; i < line->count; i++)
		ret_words[i] = line->words[i].text;
	*ret_rest = line->rest;
	return (int)line->count;
}

/* The line, in the file that was named; another one's is not its. */
static unsigned int
own_line(const struct line *line)
{
	return line->source->depth == 0 ? line->number : 0;
}

static int
parse_promises(
    struct policy *policy, const struct line *line, struct diag *diag)
{
	promise_set old = policy->promises_given ? policy->promises : 0;

	for (size_t i = 1; i < line->count; i++)
		if (policy_add_promises(policy, line->words[i].text, diag) < 0)
			return line_error(line, line->words[i].column, diag);
	for (size_t i = 0; i < PROMISE_COUNT; i++)
		if (policy->promises & ~old & UINT64_C(1) << i)
			policy->promise_lines[i] = own_line(line);
	policy->promises_given = true;
	policy->named = true;
	return 0;
}

/* The policy file's directory, "" for the root, to be freed; NULL: none. */
static char *
find_directory(const struct line *line, struct diag *diag)
{
	char *path = NULL, *slash;

	if (line->source->no_file)
		diag_set(diag, EINVAL,
		    "there is no policy file that this could be beside; "
		    "write an absolute path");
	else if ((path = realpath(line->source->name, NULL)) == NULL)
		diag_errno(diag, "%s", line->source->name);
	slash = path != NULL ? strrchr(path, '/') : NULL;
	if (slash != NULL)
		*slash = '\0';
	return path;
}

/* "@HERE/x" is beside the policy file: it is made absolute while we know. */
static int
add_beside(struct policy *policy, const struct line *line,
    const struct unveil *unveil, struct diag *diag)
{
	const char *rest = unveil->path + strlen("@HERE");
	cleanup_free char *directory = find_directory(line, diag);
	cleanup_free char *path = NULL;
	struct unveil beside = *unveil;

	if (directory == NULL)
		return -EINVAL;
	if (unveil->pattern && path_is_pattern(directory))
		return diag_set(diag, EINVAL,
		    "%s: a directory of this name cannot lead a pattern",
		    directory);
	if (asprintf(&path, "%s%s", directory,
	        *directory == '\0' && *rest == '\0' ? "/" : rest) < 0) {
		path = NULL;
		return diag_set(diag, ENOMEM, "out of memory");
	}
	beside.path = path;
	return policy_add(policy, &beside, diag);
}

/* PATH is the line's third word, or what it stands for. */
static int
add_line_unveil(struct policy *policy, const struct line *line,
    unsigned int permissions, struct diag *diag)
{
	const struct word *word = &line->words[2];
	cleanup_free char *path = NULL;
	struct unveil unveil = { .permissions = permissions,
		.line = own_line(line) };

	if (asprintf(&path, "%s", word->text) < 0) {
		path = NULL;
		return diag_set(diag, ENOMEM, "out of memory");
	}
	unveil.optional = *path == '-';
	unveil.path = path + unveil.optional;
	unveil.pattern = word->bare && path_is_pattern(unveil.path);
	if (strncmp(unveil.path, "@HERE", 5) == 0 &&
	    (unveil.path[5] == '\0' || unveil.path[5] == '/'))
		return add_beside(policy, line, &unveil, diag);
	if (*unveil.path == '/' || symbol_leads(unveil.path))
		return policy_add(policy, &unveil, diag);
	return diag_set(diag, EINVAL,
	    "\"%s\" is neither absolute nor begins with a variable (let), "
	    "or with @CWD, @HERE, @HOME, @TMP, @ARGn or @XDG_...",
	    unveil.path);
}

static int
parse_unveil(struct policy *policy, const struct line *line, struct diag *diag)
{
	const char *letters = line->words[1].text;
	unsigned int permissions;

	if (line->count == 2) {
		if (strcmp(letters, "off") != 0) {
			diag_set(diag, EINVAL,
			    "expected: unveil PERMISSIONS "
			    "PATH, or: unveil off");
			return line_error(line, line->words[1].column, diag);
		}
		policy->no_unveil = true;
		return 0;
	}
	if (unveil_letters(letters, strlen(letters), &permissions) < 0) {
		diag_set(diag, EINVAL,
		    "unknown permissions \"%s\"; write "
		    "letters of rwxc (read, write, execute, create)",
		    letters);
		return line_error(line, line->words[1].column, diag);
	}
	if (add_line_unveil(policy, line, permissions, diag) < 0)
		return line_error(line, line->words[2].column, diag);
	return 0;
}

static int
parse_ports(struct ports *ports, const struct line *line, struct diag *diag)
{
	size_t old = ports->count;

	for (size_t i = 1; i < line->count; i++)
		if (ports_add_text(ports, line->words[i].text, diag) < 0)
			return line_error(line, line->words[i].column, diag);
	for (size_t i = old; i < ports->count; i++)
		ports->line[i] = own_line(line);
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
parse_caps(struct policy *policy, const struct line *line, struct diag *diag)
{
	for (size_t i = 1; i < line->count; i++)
		if (caps_add(&policy->caps, line->words[i].text, diag) < 0)
			return line_error(line, line->words[i].column, diag);
	return 0;
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
		return line_error(line, line->words[1].column, diag);
	}
	err = errno_find(line->words[2].text);
	if (err < 0) {
		diag_set(diag, EINVAL,
		    "unknown errno \"%s\"; write a name "
		    "like EPERM, or a number from 1 to 4095",
		    line->words[2].text);
		return line_error(line, line->words[2].column, diag);
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
			return line_error(line, line->words[2].column, diag);
		return 0;
	}
	diag_set(diag, EINVAL, "unknown limit \"%s\"%s", suggest.wanted,
	    suggest_text(&suggest));
	return line_error(line, line->words[1].column, diag);
}

/* A relative name is beside the policy file. */
static int
parse_filter(struct policy *policy, const struct line *line, struct diag *diag)
{
	const char *file = line->words[1].text;
	cleanup_free char *directory = NULL;
	int r;

	if (line->source->no_file && *file == '/')
		directory = strdup("");
	else
		directory = find_directory(line, diag);
	if (directory == NULL)
		return line_error(line, line->words[1].column, diag);
	r = policy_add_filter(policy, file, directory, diag);
	return r < 0 ? line_error(line, line->words[1].column, diag) : 0;
}

static int
parse_program(struct policy *policy, const struct line *line, struct diag *diag)
{
	(void)policy;
	diag_set(diag, EINVAL,
	    "a policy for each program is not known to this version, as Linux "
	    "confines only the caller; write a policy of its own, and let it "
	    "be started by: pledge -i FILE -- %s",
	    line->count > 1 ? line->words[1].text : "PATH");
	return line_error(line, line->words[0].column, diag);
}

static int parse_include(
    struct policy *policy, const struct line *line, struct diag *diag);

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
	{ "caps", 1, LINE_WORDS, parse_caps, "caps WORD..." },
	{ "violation", 1, 2, parse_violation,
	    "violation kill, or: violation errno EPERM" },
	{ "limit", 2, 2, parse_limit, "limit NAME NUMBER" },
	{ "filter", 1, 1, parse_filter, "filter FILE[:NAME]" },
	{ "include", 1, 1, parse_include, "include FILE|PROFILE" },
	{ "let", 2, 2, parse_let, "let NAME PATH" },
	{ "allow", 1, LINE_WORDS, parse_allow,
	    "allow CALL [ARG OP VALUE]..., like: allow ioctl arg1 == 0x5401" },
	{ "deny", 1, LINE_WORDS, parse_deny,
	    "deny CALL [ARG OP VALUE]..., like: deny socket arg0 == AF_INET" },
	{ "program", 0, LINE_WORDS, parse_program, "program PATH" },
};

static int
parse_statement(struct policy *policy, struct line *line, struct diag *diag)
{
	struct suggest suggest = { .wanted = line->words[0].text };

	if (line_expand(line, diag) < 0)
		return -EINVAL;

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
			return line_error(line, line->words[0].column, diag);
		}
		if (line->count - 1 < row->least ||
		    line->count - 1 > row->most) {
			diag_set(diag, EINVAL, "expected: %s", row->usage);
			return line_error(line, line->words[0].column, diag);
		}
		return row->parse(policy, line, diag);
	}
	diag_set(diag, EINVAL, "unknown statement \"%s\"%s", suggest.wanted,
	    suggest_text(&suggest));
	return line_error(line, line->words[0].column, diag);
}

/* TEXT is changed. */
static int
parse_text(struct policy *policy, const struct policy_source *source,
    struct reading *reading, char *text, struct diag *diag)
{
	cleanup_free struct line *line = calloc(1, sizeof(*line));
	cleanup_free char *scratch = malloc(2 * strlen(text) + 2);
	char *end;
	int r;

	if (line == NULL || scratch == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	line->source = source;
	line->reading = reading;
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
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		return diag_set(diag, EINVAL,
		    "%s:1:1: a byte order mark; save it as UTF-8 without one",
		    path);
	if (memchr(text, '\0', length) != NULL)
		return diag_set(diag, EINVAL,
		    "%s: holds a NUL byte; this is no policy", path);
	*ret_text = take_pointer(text);
	return 0;
}

static int
read_source(struct policy *policy, struct policy_source *source,
    struct reading *reading, struct diag *diag)
{
	cleanup_free char *text = NULL;
	int r = read_file(source->name, &text, diag);

	if (r < 0 || text == NULL)
		return r;
	reading->files++;
	policy->named = true;
	return parse_text(policy, source, reading, text, diag);
}

int
policy_read(struct policy *policy, const char *path, struct diag *diag)
{
	struct policy_source source = { .name = path };
	struct reading reading = { .files = 0 };
	int r;

	/* What cannot be looked at cannot be read; the reader says so. */
	if (stat(path, &source.status) != 0)
		source.status = (struct stat){ .st_ino = 0 };
	r = read_source(policy, &source, &reading, diag);
	arena_free(&reading.arena);
	return r;
}

int
policy_parse(struct policy *policy, const char *name, const char *text,
    struct diag *diag)
{
	const struct policy_source source = { .name = name, .no_file = true };
	struct reading reading = { .files = 0 };
	cleanup_free char *copy = strdup(text);
	int r;

	if (copy == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	policy->named = true;
	r = parse_text(policy, &source, &reading, copy, diag);
	arena_free(&reading.arena);
	return r;
}

/* The file that "include NAME" means, to be freed. */
static int
find_included(const struct line *line, char **ret_path, struct diag *diag)
{
	const char *name = line->words[1].text;
	cleanup_free char *directory = NULL;
	char profile[PROFILE_PATH];

	if (strchr(name, '/') == NULL && strchr(name, '.') == NULL) {
		if (!profile_find(name, profile))
			return profile_missing(name, diag);
		*ret_path = strdup(profile);
	} else if (line->source->no_file) {
		return diag_set(diag, EINVAL,
		    "this text is in no policy file, so it can include "
		    "profiles by their names, and no file");
	} else if (*name == '/') {
		*ret_path = strdup(name);
	} else {
		directory = find_directory(line, diag);
		if (directory == NULL)
			return -EINVAL;
		if (asprintf(ret_path, "%s/%s", directory, name) < 0)
			*ret_path = NULL;
	}
	return *ret_path != NULL ? 0 : diag_set(diag, ENOMEM, "out of memory");
}

static int
check_included(const struct line *line, const struct policy_source *included,
    struct diag *diag)
{
	for (const struct policy_source *at = line->source; at != NULL;
	     at = at->includer)
		if (at->status.st_ino != 0 &&
		    at->status.st_dev == included->status.st_dev &&
		    at->status.st_ino == included->status.st_ino)
			return diag_set(diag, EINVAL, "%s includes itself%s",
			    included->name,
			    at == line->source ? "" : ", through others");
	if (included->depth > INCLUDES)
		return diag_set(diag, EINVAL,
		    "more than %d files within each other", INCLUDES);
	if (line->reading->files >= FILES)
		return diag_set(diag, EINVAL, "more than %d files", FILES);
	return 0;
}

static int
parse_include(struct policy *policy, const struct line *line, struct diag *diag)
{
	struct policy_source included = { .includer = line->source,
		.depth = line->source->depth + 1 };
	cleanup_free char *path = NULL;
	int r = find_included(line, &path, diag);

	if (r < 0)
		return line_error(line, line->words[1].column, diag);
	/* Errors that come later may name it. */
	included.name = arena_copy(&line->reading->arena, path);
	if (included.name == NULL)
		r = diag_set(diag, ENOMEM, "out of memory");
	else if (stat(included.name, &included.status) != 0)
		r = diag_errno(diag, "include %s", included.name);
	else
		r = check_included(line, &included, diag);
	if (r < 0)
		return line_error(line, line->words[1].column, diag);
	return read_source(policy, &included, line->reading, diag);
}

static void
write_ports(const struct ports *ports, const char *name, struct strbuf *buf)
{
	char text[PORT_TEXT];

	for (size_t i = 0; i < ports->count; i++)
		strbuf_printf(
		    buf, "%-8s %s\n", name, port_text(ports->port[i], text));
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
	/* Bare, it is a pattern; one with what cannot stand bare is not read.
	 */
	if (unveil->pattern)
		strbuf_puts(buf, path);
	else
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

/* "deny     socket arg0 == AF_INET". */
static void
write_call(const struct call_rule *rule, struct strbuf *buf)
{
	strbuf_printf(
	    buf, "%-8s %s", rule->allow ? "allow" : "deny", rule->call);
	for (size_t i = 0; i < rule->count; i++) {
		const struct call_test *test = &rule->tests[i];

		strbuf_printf(buf, " arg%u", test->arg);
		if (test->mask != NULL)
			strbuf_printf(buf, " & %s", test->mask);
		strbuf_printf(
		    buf, " %s %s", call_op_words[test->op], test->value);
	}
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
	for (size_t i = 0; i < policy->call_count; i++)
		write_call(&policy->calls[i], buf);
	write_ports(&policy->connect, "connect", buf);
	write_ports(&policy->bind, "bind", buf);
	if (policy->caps != 0) {
		strbuf_puts(buf, "caps    ");
		caps_write(buf, policy->caps);
		strbuf_putc(buf, '\n');
	}
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
