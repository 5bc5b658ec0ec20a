/* SPDX-License-Identifier: ISC */
/* The lines as a policy file whose comments hold the counters, and back. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/table.h"
#include "learn/lines.h"
#include "policy/caps.h"
#include "policy/comments.h"

#define LARGEST_FILE ((size_t)1024 * 1024)
#define LONGEST_WHY  160
#define WORDS        128

/* Comments that are read back begin so. */
#define HEAD_RUNS    "# learned from "
#define HEAD_COMMAND "# command: "
#define HEAD_STATUS  "# exit status: "
#define HEAD_ABSENT  "# absent: "
#define HEAD_LISTED  "# listed: "
#define HEAD_LIMIT   "# asked for: limit "
#define HEAD_REFUSED "# refused: "
#define HEAD_OTHERS  "# Calls that no promise allows; it may well do without:"

/* --- Writing --- */

static const char *
plural(uint64_t number)
{
	return number == 1 ? "" : "s";
}

static void
put_letters(struct strbuf *buf, unsigned int permissions)
{
	char letters[5] = "";
	size_t n = 0;

	for (int i = 0; i < 4; i++)
		if (permissions & (1U << i))
			letters[n++] = "rwxc"[i];
	strbuf_printf(buf, "%-4s ", letters);
}

static void
put_path(struct strbuf *buf, const struct learned_line *line)
{
	cleanup_free char *path = NULL;

	if (asprintf(&path, "%s%s", line->optional ? "-" : "", line->path) <
	    0) {
		path = NULL;
		buf->failed = true;
		return;
	}
	quote_word(buf, path);
}

static void
put_statement(struct strbuf *buf, const struct learned_line *line)
{
	char port[PORT_TEXT];

	switch (line->kind) {
	case LEARNED_PROMISE:
		strbuf_printf(
		    buf, "promises %s", promise_rows[line->which].name);
		break;
	case LEARNED_UNVEIL:
		strbuf_puts(buf, "unveil   ");
		put_letters(buf, line->permissions);
		put_path(buf, line);
		break;
	case LEARNED_CONNECT:
		strbuf_printf(buf, "connect  %s", port_text(line->port, port));
		break;
	case LEARNED_BIND:
		strbuf_printf(buf, "bind     %s", port_text(line->port, port));
		break;
	case LEARNED_LISTED:
		strbuf_puts(buf, HEAD_LISTED "unveil ");
		put_letters(buf, line->permissions);
		put_path(buf, line);
		break;
	case LEARNED_ABSENT:
		strbuf_puts(buf, HEAD_ABSENT "unveil ");
		put_letters(buf, line->permissions);
		put_path(buf, line);
		break;
	case LEARNED_LIMIT:
		strbuf_printf(buf, HEAD_LIMIT "%s %" PRIu64,
		    limit_rows[line->which].name, line->number);
		break;
	case LEARNED_REFUSED:
		strbuf_puts(buf, HEAD_REFUSED);
		quote_word(buf, line->path);
		break;
	}
}

/* What it is good for stays on its line, and can do nothing there. */
static void
put_why(struct strbuf *buf, const char *why)
{
	cleanup_strbuf struct strbuf text = { 0 };

	quote_terminal(&text, why);
	if (text.failed || text.data == NULL) {
		buf->failed |= text.failed;
		return;
	}
	strbuf_printf(buf, ": %.*s", LONGEST_WHY, text.data);
	if (text.length > LONGEST_WHY)
		strbuf_puts(buf, "...");
}

static void
put_comment(const struct learned *learned, struct strbuf *buf,
    const struct learned_line *line)
{
	if (line->kind == LEARNED_PROMISE && line->which == PROMISE_STDIO) {
		strbuf_puts(buf, "# every program");
		return;
	}
	if (line->runs == 0) {
		strbuf_puts(buf, "# not learned");
		return;
	}
	strbuf_printf(buf,
	    "# %" PRIu32 "/%" PRIu32 " run%s, %" PRIu64 " time%s", line->runs,
	    learned->runs, plural(learned->runs), line->times,
	    plural(line->times));
	if (line->grants > 0)
		strbuf_printf(buf,
		    ", saw %" PRIu64 " of %" PRIu64 " file%s that it grants",
		    line->saw, line->grants, plural(line->grants));
	if (line->why != NULL)
		put_why(buf, line->why);
}

static void
put_line(const struct learned *learned, struct strbuf *buf,
    const struct learned_line *line)
{
	cleanup_strbuf struct strbuf statement = { 0 };

	put_statement(&statement, line);
	if (statement.failed) {
		buf->failed = true;
		return;
	}
	strbuf_printf(buf, "%-30s ", statement.data);
	put_comment(learned, buf, line);
	strbuf_putc(buf, '\n');
}

static void
put_doubt(const struct learned *learned, struct strbuf *buf)
{
	double doubt = learned_doubt(learned);

	if (doubt < 0)
		strbuf_puts(buf,
		    "# What the next run may need besides is not known after "
		    "one run; --runs and\n# --merge tell.\n");
	else
		strbuf_printf(buf,
		    "# The next run may need something else: about %.0f in "
		    "100, by what only one run\n# needed (Good-Turing).\n",
		    100 * doubt);
	if (learned->unseen > 0)
		strbuf_printf(buf,
		    "# %" PRIu64 " call%s could not be looked at: something "
		    "may be missing.\n",
		    learned->unseen, plural(learned->unseen));
	if (learned->refused > 0)
		strbuf_printf(buf,
		    "# %" PRIu64 " call%s refused by the ceiling, and not "
		    "learned.\n",
		    learned->refused,
		    learned->refused == 1 ? " was" : "s were");
}

static void
put_head(const struct learned *learned, struct strbuf *buf)
{
	strbuf_printf(buf,
	    HEAD_RUNS "%" PRIu32 " run%s on %zu host%s:", learned->runs,
	    plural(learned->runs), learned->host_count,
	    plural(learned->host_count));
	for (size_t i = 0; i < learned->host_count; i++)
		strbuf_printf(buf, " %08" PRIx32, learned->hosts[i]);
	strbuf_putc(buf, '\n');
	if (learned->command != NULL)
		strbuf_printf(buf, HEAD_COMMAND "%s\n", learned->command);
	if (learned->status != 0)
		strbuf_printf(buf, HEAD_STATUS "%d\n", learned->status);
	put_doubt(learned, buf);
}

/* One to a line, with its reason. */
static void
put_caps(uint64_t caps, struct strbuf *buf)
{
	for (size_t i = 0; i < CAP_ROWS; i++)
		if (caps & cap_rows[i].bit)
			strbuf_printf(buf, "caps     %s # to %s\n",
			    cap_rows[i].name, cap_rows[i].text);
}

static void
put_kept(const struct policy *kept, struct strbuf *buf)
{
	cleanup_strbuf struct strbuf text = { 0 };
	struct policy plain = *kept;
	const char *line;

	/* All but the promises, which stand above. */
	plain.promises_given = true;
	plain.promises = 0;
	plain.caps = 0;
	put_caps(kept->caps, buf);
	policy_write(&plain, &text);
	if (text.failed || text.data == NULL) {
		buf->failed |= text.failed;
		return;
	}
	line = strchr(text.data, '\n');
	if (line != NULL)
		strbuf_puts(buf, line + 1);
}

static const char *const heads[] = {
	[LEARNED_LISTED] = "# Listed, but all of it would be too much:",
	[LEARNED_LIMIT] = "# Limits that it asked for:",
	[LEARNED_ABSENT] = "# Looked for, and not there:",
	[LEARNED_REFUSED] = HEAD_OTHERS,
};

static void
write_lines(const struct learned *learned, struct strbuf *buf)
{
	bool kept = false;

	put_head(learned, buf);
	for (size_t i = 0; i < learned->count; i++) {
		const struct learned_line *line = &learned->lines[i];
		bool first = i == 0 || line[-1].kind != line->kind;

		if (line->kind >= LEARNED_LISTED && !kept) {
			put_kept(&learned->kept, buf);
			kept = true;
		}
		if (first && line->kind >= LEARNED_LISTED)
			strbuf_printf(buf, "\n%s\n", heads[line->kind]);
		put_line(learned, buf, line);
	}
	if (!kept)
		put_kept(&learned->kept, buf);
	if (learned->failed)
		buf->failed = true;
}

/* What put_doubt(), put_comment() and put_caps() say, and is said anew. */
static bool
is_count(const char *comment)
{
	static const char *const ends[] = { " run, ", " runs, ",
		" could not be looked at: something may be missing.",
		" refused by the ceiling, and not learned." };

	if (comment[2] < '0' || comment[2] > '9')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (strstr(comment, ends[i]) != NULL)
			return true;
	return false;
}

static bool
is_ours(const char *comment)
{
	static const char *const words[] = { HEAD_RUNS, HEAD_COMMAND,
		HEAD_STATUS, HEAD_ABSENT, HEAD_LISTED, HEAD_LIMIT, HEAD_REFUSED,
		"# What the next run may need besides is not known",
		"# --merge tell.", "# The next run may need something else: ",
		"# needed (Good-Turing).", "# every program", "# not learned" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strncmp(comment, words[i], strlen(words[i])) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		if (heads[i] != NULL && strcmp(comment, heads[i]) == 0)
			return true;
	for (size_t i = 0; i < CAP_ROWS; i++)
		if (strncmp(comment, "# to ", 5) == 0 &&
		    strcmp(comment + 5, cap_rows[i].text) == 0)
			return true;
	return strncmp(comment, "# ", 2) == 0 && is_count(comment);
}

void
learned_write(const struct learned *learned, struct strbuf *buf)
{
	cleanup_strbuf struct strbuf text = { 0 };
	struct diag silent = { 0 };

	write_lines(learned, &text);
	if (text.failed)
		buf->failed = true;
	else if (learned->before == NULL)
		strbuf_puts(buf, strbuf_text(&text, ""));
	else
		comments_keep(learned->before, strbuf_text(&text, ""), is_ours,
		    buf, &silent);
}

/* --- Reading --- */

void
learned_keep_comments(struct learned *learned, const char *text)
{
	cleanup_strbuf struct strbuf all = { 0 };

	if (learned->before != NULL)
		strbuf_printf(&all, "%s\n", learned->before);
	strbuf_puts(&all, text);
	free(learned->before);
	learned->before = strbuf_take(&all);
	learned->failed |= learned->before == NULL;
}

/* One line of the file. */
struct reading {
	struct learned *learned;
	const char *words[WORDS];
	size_t count;
	const char *comment; /* "# ...", or "" */
};

static uint64_t
read_count(const char **text)
{
	uint64_t number = 0;

	for (; **text >= '0' && **text <= '9'; (*text)++)
		number = number * 10 + (uint64_t)(**text - '0');
	return number;
}

static bool
skip(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0)
		return false;
	*text += length;
	return true;
}

/* "# 3/5 runs, 12 times, saw 6 of 412 files that it grants: why". */
static void
read_comment(const char *comment, struct learned_line *line)
{
	const char *colon;

	if (!skip(&comment, "# "))
		return;
	line->runs = (uint32_t)read_count(&comment);
	if (!skip(&comment, "/")) {
		line->runs = 0;
		return;
	}
	read_count(&comment);
	if (!skip(&comment, " run"))
		return;
	skip(&comment, "s");
	if (!skip(&comment, ", "))
		return;
	line->times = read_count(&comment);
	colon = strchr(comment, ':');
	comment += strcspn(comment, ",:");
	if (skip(&comment, ", saw ")) {
		line->saw = read_count(&comment);
		if (skip(&comment, " of "))
			line->grants = read_count(&comment);
	}
	if (colon != NULL && colon[1] == ' ' && colon[2] != '\0')
		line->why = strdup(colon + 2);
}

static void
keep_line(const struct reading *reading, struct learned_line *line)
{
	read_comment(reading->comment, line);
	if (learned_find(reading->learned, line) == NULL)
		learned_add(reading->learned, line);
	free(line->why);
}

static void
read_promises(const struct reading *reading)
{
	for (size_t i = 1; i < reading->count; i++) {
		const char *word = reading->words[i];
		struct learned_line line = { .kind = LEARNED_PROMISE,
			.which = promise_find(word, strlen(word)) };

		if (line.which >= 0)
			keep_line(reading, &line);
	}
}

static void
read_unveil(const struct reading *reading, enum learned_kind kind)
{
	struct learned_line line = { .kind = kind };
	const char *path, *letters;

	if (reading->count != 3)
		return;
	letters = reading->words[1];
	path = reading->words[2];
	line.optional = *path == '-';
	line.path = strdup(path + line.optional);
	if (line.path != NULL &&
	    unveil_letters(letters, strlen(letters), &line.permissions) == 0)
		keep_line(reading, &line);
	free(line.path);
}

static void
read_ports(const struct reading *reading, enum learned_kind kind)
{
	for (size_t i = 1; i < reading->count; i++) {
		struct learned_line line = { .kind = kind };

		if (port_parse(reading->words[i], &line.port, NULL) == 0)
			keep_line(reading, &line);
	}
}

static void
read_statement(struct reading *reading)
{
	const char *name = reading->words[0];

	if (strcmp(name, "promises") == 0)
		read_promises(reading);
	else if (strcmp(name, "unveil") == 0)
		read_unveil(reading, LEARNED_UNVEIL);
	else if (strcmp(name, "connect") == 0)
		read_ports(reading, LEARNED_CONNECT);
	else if (strcmp(name, "bind") == 0)
		read_ports(reading, LEARNED_BIND);
}

/* "3 runs on 2 hosts: 1a2b3c4d 5e6f7a8b". */
static void
read_runs(struct learned *learned, const char *text)
{
	char *end;

	learned->runs = (uint32_t)read_count(&text);
	text = strchr(text, ':');
	while (text != NULL && learned->host_count < LEARNED_HOSTS) {
		uint32_t host = (uint32_t)strtoul(text + 1, &end, 16);

		if (end == text + 1)
			break;
		learned->hosts[learned->host_count++] = host;
		text = *end == ' ' ? end : NULL;
	}
}

static void
read_words(struct reading *reading, char *scratch, const char *text)
{
	const char *rest = "";
	int count = policy_words(text, scratch, reading->words, WORDS, &rest);

	reading->count = count < 0 ? 0 : (size_t)count;
	reading->comment = count < 0 ? "" : rest;
}

static void
read_limit(const struct reading *reading)
{
	struct learned_line line = { .kind = LEARNED_LIMIT };

	if (reading->count != 2)
		return;
	for (int i = 0; i < LIMIT_COUNT; i++) {
		if (strcmp(limit_rows[i].name, reading->words[0]) != 0)
			continue;
		line.which = i;
		line.number = strtoull(reading->words[1], NULL, 10);
		keep_line(reading, &line);
	}
}

static void
read_refused(const struct reading *reading)
{
	struct learned_line line = { .kind = LEARNED_REFUSED };

	if (reading->count < 1)
		return;
	line.path = strdup(reading->words[0]);
	if (line.path != NULL)
		keep_line(reading, &line);
	free(line.path);
}

/* A line that says nothing but what we wrote there, or nothing to us. */
static void
read_remark(struct reading *reading, char *scratch, const char *text)
{
	if (skip(&text, HEAD_RUNS)) {
		read_runs(reading->learned, text);
	} else if (skip(&text, HEAD_COMMAND)) {
		if (reading->learned->command == NULL)
			reading->learned->command = strdup(text);
	} else if (skip(&text, HEAD_STATUS)) {
		reading->learned->status = (int)strtol(text, NULL, 10) & 0xff;
	} else if (skip(&text, HEAD_ABSENT)) {
		read_words(reading, scratch, text);
		read_unveil(reading, LEARNED_ABSENT);
	} else if (skip(&text, HEAD_LISTED)) {
		read_words(reading, scratch, text);
		read_unveil(reading, LEARNED_LISTED);
	} else if (skip(&text, HEAD_LIMIT)) {
		read_words(reading, scratch, text);
		read_limit(reading);
	} else if (skip(&text, HEAD_REFUSED)) {
		read_words(reading, scratch, text);
		read_refused(reading);
	}
}

static void
take_kept(struct learned *learned, struct policy *policy)
{
	for (size_t i = 0; i < policy->unveil_count; i++)
		free(policy->unveils[i].path);
	free(policy->unveils);
	policy->unveils = NULL;
	policy->unveil_count = 0;
	policy->connect.count = policy->bind.count = 0;
	policy->promises = 0;
	learned->kept = *policy;
}

/* Statements that stand for others, which would be written in their place. */
static bool
is_shorthand(const struct reading *reading)
{
	return strcmp(reading->words[0], "include") == 0 ||
	       strcmp(reading->words[0], "let") == 0;
}

int
learned_read(struct learned *learned, const char *path, struct diag *diag)
{
	cleanup_free char *text = NULL, *scratch = NULL;
	struct reading reading = { .learned = learned };
	struct policy policy = { 0 };
	size_t length;
	char *end;

	*learned = (struct learned){ 0 };
	/* It must be a policy; then what its comments say may be taken. */
	if (policy_read(&policy, path, diag) < 0 ||
	    file_read(path, LARGEST_FILE, &text, &length, diag) < 0) {
		policy_free(&policy);
		return -diag->err;
	}
	scratch = malloc(2 * length + 2);
	if (scratch == NULL) {
		policy_free(&policy);
		return diag_set(diag, ENOMEM, "out of memory");
	}
	learned_keep_comments(learned, text);
	for (char *line = text; *line != '\0'; line = end) {
		end = line + strcspn(line, "\n");
		if (*end == '\n')
			*end++ = '\0';
		if (*line == '#') {
			read_remark(&reading, scratch, line);
			continue;
		}
		read_words(&reading, scratch, line);
		if (reading.count > 0 && is_shorthand(&reading)) {
			policy_free(&policy);
			return diag_set(diag, EINVAL,
			    "%s: it has \"%.20s\", which cannot be kept when "
			    "it is written again; learn into a file of its "
			    "own, and include that one",
			    path, reading.words[0]);
		}
		if (reading.count > 0)
			read_statement(&reading);
	}
	take_kept(learned, &policy);
	if (learned->failed)
		return diag_set(diag, ENOMEM, "out of memory");
	return 0;
}
