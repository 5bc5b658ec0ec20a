/* SPDX-License-Identifier: ISC */
/*
 * minijail's policies: a line for each call, "read: 1" or "ioctl: arg1 == 5 ||
 * arg1 == 6; return 1".  What no line allows is killed.
 *
 * Read: values of numbers, names, "|", "~" and parentheses; == != < <= > >=, &
 * (any of the bits), in (no other bits); @default, @frequency.  Not read:
 * @include, braces around filters, negated filters.
 */
#include <ctype.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "format/expand.h"
#include "format/format.h"
#include "format/losses.h"
#include "format/symbols.h"
#include "policy/policy.h"

#define DEPTH        16   /* parentheses within each other */
#define ALTERNATIVES 512  /* of one call */
#define ATOMS        16   /* comparisons of one alternative */
#define NAMES        64   /* in one brace */
#define ENTRIES      8192 /* each name is looked for among those before */

struct reader {
	struct filter_file *file;
	struct ruleset *set;
	size_t room;
	struct diag *diag;
	const char *line; /* its beginning */
	const char *at;
	unsigned int number;
};

/* Clauses that all must hold. */
struct conjunction {
	struct clause clauses[ATOMS];
	size_t count;
};

struct alternatives {
	struct conjunction *items;
	size_t count;
};

static struct place
here(const struct reader *reader)
{
	return (struct place){ reader->number,
		(unsigned int)(reader->at - reader->line) + 1 };
}

static int
expected(const struct reader *reader, const char *what)
{
	return ruleset_error(
	    reader->file, here(reader), reader->diag, "expected %s", what);
}

static int
out_of_memory(const struct reader *reader)
{
	return diag_set(reader->diag, ENOMEM, "out of memory");
}

static void
skip_blanks(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t\r");
}

/* Takes TEXT if it comes next. */
static bool
take(struct reader *reader, const char *text)
{
	size_t length = strlen(text);

	skip_blanks(reader);
	if (strncmp(reader->at, text, length) != 0)
		return false;
	reader->at += length;
	return true;
}

static bool
is_word_character(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Takes a word of letters, digits and underscores into BUFFER. */
static bool
take_word(struct reader *reader, char *buffer, size_t size)
{
	size_t length = 0;

	skip_blanks(reader);
	while (is_word_character(reader->at[length]))
		length++;
	if (length == 0 || length >= size)
		return false;
	memcpy(buffer, reader->at, length);
	buffer[length] = '\0';
	reader->at += length;
	return true;
}

/* --- Values --- */

static int read_value(
    struct reader *reader, unsigned int depth, uint64_t *ret_value);

static int
read_term(struct reader *reader, unsigned int depth, uint64_t *ret_value)
{
	struct place place;
	char word[64];
	int r;

	if (depth == DEPTH)
		return expected(reader, "fewer parentheses");
	if (take(reader, "~")) {
		r = read_term(reader, depth + 1, ret_value);
		*ret_value = ~*ret_value;
		return r;
	}
	if (take(reader, "(")) {
		r = read_value(reader, depth + 1, ret_value);
		if (r == 0 && !take(reader, ")"))
			return expected(reader, "\")\"");
		return r;
	}
	place = here(reader);
	if (!take_word(reader, word, sizeof(word)))
		return expected(reader, "a value");
	if (symbol_value(word, arch_native(), ret_value, reader->diag) == 0)
		return 0;
	return diag_prefix(reader->diag, "%s:%u:%u", reader->file->path,
	    place.line, place.column);
}

static int
read_value(struct reader *reader, unsigned int depth, uint64_t *ret_value)
{
	uint64_t more = 0;
	int r = read_term(reader, depth, ret_value);

	for (;;) {
		skip_blanks(reader);
		if (r < 0 || reader->at[0] != '|' || reader->at[1] == '|')
			return r;
		reader->at++;
		r = read_term(reader, depth, &more);
		*ret_value |= more;
	}
}

/* --- Comparisons --- */

static int
add_alternative(struct reader *reader, struct alternatives *all,
    const struct conjunction *one)
{
	if (all->count == ALTERNATIVES)
		return expected(reader, "fewer alternatives for one call");
	all->items[all->count++] = *one;
	return 0;
}

static int
add_clause(
    struct reader *reader, struct conjunction *one, const struct clause *clause)
{
	if (one->count == ARRAY_SIZE(one->clauses))
		return expected(reader, "fewer comparisons in a row");
	one->clauses[one->count++] = *clause;
	return 0;
}

/* Any of BITS set: an alternative for each. */
static int
add_any_bit(struct reader *reader, struct alternatives *all, size_t first,
    const struct clause *pattern, uint64_t bits)
{
	size_t old = all->count;
	struct clause clause = *pattern;
	int r = 0;

	/* None can be: what is less than nothing. */
	clause.op = bits == 0 ? CLAUSE_LT : CLAUSE_MASKED_EQ;
	for (size_t i = first; i < old && r == 0; i++) {
		const struct conjunction base = all->items[i];
		uint64_t rest = bits;
		size_t at = i;

		do {
			clause.mask.number = rest & -rest;
			clause.value.number = rest & -rest;
			all->items[at] = base;
			r = add_clause(reader, &all->items[at], &clause);
			rest &= rest - 1;
			at = all->count;
			if (r == 0 && rest != 0)
				r = add_alternative(reader, all, &base);
		} while (r == 0 && rest != 0);
	}
	return r;
}

static const struct op {
	const char *text; /* the longer ones first */
	enum clause_op op;
} ops[] = {
	{ "==", CLAUSE_EQ },
	{ "!=", CLAUSE_NE },
	{ "<=", CLAUSE_LE },
	{ ">=", CLAUSE_GE },
	{ "<", CLAUSE_LT },
	{ ">", CLAUSE_GT },
};

/* "arg0 == 5". */
static int
read_atom(struct reader *reader, struct alternatives *all, size_t first)
{
	struct clause clause = { .width = 64, .place = here(reader) };
	const struct op *found = NULL;
	bool any, within;
	uint64_t value = 0;
	int r;

	if (!take(reader, "arg") || *reader->at < '0' || *reader->at > '5' ||
	    is_word_character(reader->at[1]))
		return expected(reader, "\"arg0\" to \"arg5\"");
	clause.arg = (uint8_t)(*reader->at++ - '0');
	for (size_t i = 0; i < ARRAY_SIZE(ops) && found == NULL; i++)
		if (take(reader, ops[i].text))
			found = &ops[i];
	any = found == NULL && reader->at[0] == '&' && reader->at[1] != '&';
	within = found == NULL && !any && strncmp(reader->at, "in", 2) == 0 &&
	         !is_word_character(reader->at[2]);
	if (found == NULL && !any && !within)
		return expected(reader, "== != < <= > >= & or in");
	if (found == NULL)
		reader->at += any ? 1 : 2;
	r = read_value(reader, 0, &value);
	if (r < 0)
		return r;
	if (any)
		return add_any_bit(reader, all, first, &clause, value);
	clause.op = (uint8_t)(within ? CLAUSE_MASKED_EQ : found->op);
	clause.value.number = within ? 0 : value;
	clause.mask.number = within ? ~value : 0;
	for (size_t i = first; i < all->count && r == 0; i++)
		r = add_clause(reader, &all->items[i], &clause);
	return r;
}

/* "arg0 == 5 && arg1 == 6 || arg0 == 7". */
static int
read_alternatives(struct reader *reader, struct alternatives *all)
{
	const struct conjunction empty = { .count = 0 };
	int r;

	do {
		size_t first = all->count;

		r = add_alternative(reader, all, &empty);
		do {
			if (r == 0)
				r = read_atom(reader, all, first);
		} while (r == 0 && take(reader, "&&"));
	} while (r == 0 && take(reader, "||"));
	return r;
}

/* --- Lines --- */

static const struct action_word {
	const char *word;
	uint32_t action;
} action_words[] = {
	{ "allow", SECCOMP_RET_ALLOW },
	{ "1", SECCOMP_RET_ALLOW },
	{ "kill", SECCOMP_RET_KILL_PROCESS },
	{ "kill-process", SECCOMP_RET_KILL_PROCESS },
	{ "kill-thread", SECCOMP_RET_KILL_THREAD },
	{ "trap", SECCOMP_RET_TRAP },
	{ "trace", SECCOMP_RET_TRACE },
	{ "log", SECCOMP_RET_LOG },
	{ "user-notify", SECCOMP_RET_USER_NOTIF },
};

/* An action's word, or "return ERRNO". */
static int
read_action(struct reader *reader, uint32_t *ret_action)
{
	char word[64];
	int err;

	skip_blanks(reader);
	if (strncmp(reader->at, "return", 6) == 0 &&
	    !is_word_character(reader->at[6])) {
		reader->at += 6;
		if (!take_word(reader, word, sizeof(word)))
			return expected(reader, "an errno");
		err = strcmp(word, "0") == 0 ? 0 : errno_find(word);
		if (err < 0)
			return expected(reader, "an errno");
		*ret_action = SECCOMP_RET_ERRNO | (uint32_t)err;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(action_words); i++) {
		size_t length = strlen(action_words[i].word);

		if (strncmp(reader->at, action_words[i].word, length) != 0 ||
		    is_word_character(reader->at[length]) ||
		    reader->at[length] == '-')
			continue;
		reader->at += length;
		*ret_action = action_words[i].action;
		return 0;
	}
	return expected(reader, "an action, like 1 or return EPERM");
}

static int
add_entry(struct reader *reader, const char *call,
    const struct conjunction *one, uint32_t action)
{
	struct arena *arena = &reader->file->arena;
	struct ruleset *set = reader->set;
	struct entry entry = { .call = arena_copy(arena, call),
		.action = action,
		.place = { reader->number, 1 } };

	if (set->count == ENTRIES)
		return expected(reader, "fewer rules");
	if (set->count == reader->room) {
		size_t room = reader->room * 2 + 64;
		struct entry *grown = arena_alloc(arena, room, sizeof(*grown));

		if (grown == NULL)
			return out_of_memory(reader);
		if (set->count > 0)
			memcpy(
			    grown, set->entries, set->count * sizeof(*grown));
		set->entries = grown;
		reader->room = room;
	}
	if (one != NULL) {
		entry.clauses =
		    arena_alloc(arena, one->count + 1, sizeof(*entry.clauses));
		if (entry.clauses == NULL)
			return out_of_memory(reader);
		memcpy(entry.clauses, one->clauses,
		    one->count * sizeof(*entry.clauses));
		entry.clause_count = one->count;
	}
	if (entry.call == NULL)
		return out_of_memory(reader);
	set->entries[set->count++] = entry;
	return 0;
}

static bool
is_there(const struct reader *reader, const char *call)
{
	for (size_t i = 0; i < reader->set->count; i++)
		if (strcmp(reader->set->entries[i].call, call) == 0)
			return true;
	return false;
}

/* What stands behind the colon. */
struct meaning {
	struct alternatives all; /* none: `action` always */
	uint32_t action;
	bool has_rest;
	uint32_t rest; /* what it gets if no alternative holds */
};

static int
read_meaning(struct reader *reader, struct meaning *meaning)
{
	int r;

	skip_blanks(reader);
	meaning->action = SECCOMP_RET_ALLOW;
	if (strncmp(reader->at, "arg", 3) != 0)
		r = read_action(reader, &meaning->action);
	else
		r = read_alternatives(reader, &meaning->all);
	if (r == 0 && take(reader, ";")) {
		if (meaning->all.count == 0)
			return expected(reader, "nothing behind an action");
		meaning->has_rest = true;
		r = read_action(reader, &meaning->rest);
	}
	skip_blanks(reader);
	if (r == 0 && *reader->at != '\0')
		return expected(
		    reader, "\"||\", \"&&\", \";\" or the line's end");
	return r;
}

static int
add_call(struct reader *reader, const char *call, const struct meaning *meaning)
{
	int r = 0;

	if (is_there(reader, call))
		return expected(reader, "one line for each call");
	if (meaning->all.count == 0)
		return add_entry(reader, call, NULL, meaning->action);
	for (size_t i = 0; i < meaning->all.count && r == 0; i++)
		r = add_entry(
		    reader, call, &meaning->all.items[i], SECCOMP_RET_ALLOW);
	if (r == 0 && meaning->has_rest)
		r = add_entry(reader, call, NULL, meaning->rest);
	return r;
}

/* "read" or "{ read, write }", up to the colon. */
static int
read_names(struct reader *reader, char names[NAMES][64], size_t *ret_count)
{
	bool braces = take(reader, "{");

	*ret_count = 0;
	do {
		if (*ret_count == NAMES)
			return expected(reader, "fewer calls");
		if (!take_word(reader, names[*ret_count], 64))
			return expected(reader, "a system call's name");
		(*ret_count)++;
		if (take(reader, "["))
			return expected(reader, "no [arch=...], not read here");
	} while (braces && take(reader, ","));
	if (braces && !take(reader, "}"))
		return expected(reader, "\"}\"");
	if (!take(reader, ":"))
		return expected(reader, "\":\"");
	return 0;
}

static int
read_statement(struct reader *reader)
{
	cleanup_free struct conjunction *items =
	    calloc(ALTERNATIVES, sizeof(*items));
	struct meaning meaning = { .all = { .items = items } };
	char names[NAMES][64];
	size_t count = 0;
	int r;

	if (items == NULL)
		return out_of_memory(reader);
	r = read_names(reader, names, &count);
	if (r == 0)
		r = read_meaning(reader, &meaning);
	for (size_t i = 0; i < count && r == 0; i++)
		r = add_call(reader, names[i], &meaning);
	return r;
}

static int
read_directive(struct reader *reader)
{
	if (take(reader, "@default")) {
		reader->set->fallback_place = here(reader);
		return read_action(reader, &reader->set->fallback);
	}
	if (take(reader, "@frequency"))
		return 0; /* It says what to make fast. */
	if (take(reader, "@denylist")) {
		reader->set->fallback = SECCOMP_RET_ALLOW;
		return 0;
	}
	return expected(reader, "@default, @denylist or @frequency");
}

static int
read_line(struct reader *reader)
{
	skip_blanks(reader);
	if (*reader->at == '\0')
		return 0;
	if (*reader->at == '@')
		return read_directive(reader);
	return read_statement(reader);
}

/* Cuts comments off, and ends the line. */
static char *
end_line(char *line)
{
	char *end = line + strcspn(line, "\n");
	char *next = *end == '\n' ? end + 1 : end;
	char *comment = memchr(line, '#', (size_t)(end - line));

	*end = '\0';
	if (comment != NULL)
		*comment = '\0';
	return next;
}

static int
read_policy(
    struct format_bytes *bytes, struct filter_file *ret_file, struct diag *diag)
{
	struct reader reader = { .file = ret_file, .diag = diag };
	char *line = bytes->data, *end = bytes->data + bytes->length;
	struct ruleset *set;
	int r = 0;

	if (strlen(bytes->data) != bytes->length)
		return diag_set(diag, EINVAL,
		    "%s: a NUL byte in a policy's text", ret_file->path);
	set = arena_alloc(&ret_file->arena, 1, sizeof(*set));
	if (set == NULL)
		return out_of_memory(&reader);
	ret_file->sets = set;
	ret_file->set_count = 1;
	set->place = (struct place){ 1, 1 };
	set->fallback_place = set->place;
	set->fallback = SECCOMP_RET_KILL_PROCESS;
	set->foreign = SECCOMP_RET_KILL_PROCESS;
	reader.set = set;
	while (line < end && r == 0) {
		char *next = end_line(line);

		reader.number++;
		reader.line = line;
		reader.at = line;
		r = read_line(&reader);
		line = next;
	}
	set->unknown = set->fallback;
	set->x32 = set->fallback;
	return r;
}

/* --- Writing --- */

/* Where in one call's line the writer is. */
struct line {
	struct writer *writer;
	const struct entry *entry;
	size_t alternatives;
	size_t atoms; /* of the last alternative */
};

/* What stands before the next comparison. */
static void
write_glue(struct line *line)
{
	const char *glue = " && ";

	if (line->atoms == 0)
		glue = line->alternatives == 0 ? "" : " || ";
	strbuf_puts(line->writer->buf, glue);
	line->atoms++;
}

/* "(argument 0 & 0x7) == 0x3" as "arg0 & 0x1 && arg0 & 0x2 && arg0 in ~0x4". */
static void
write_masked(struct line *line, const struct comparison *one)
{
	unsigned long long clear = one->mask & ~one->value;

	for (uint64_t rest = one->value; rest != 0; rest &= rest - 1) {
		write_glue(line);
		strbuf_printf(line->writer->buf, "arg%u & 0x%llx", one->arg,
		    (unsigned long long)(rest & -rest));
	}
	if (clear == 0 && one->value != 0)
		return;
	write_glue(line);
	strbuf_printf(line->writer->buf, "arg%u in ~0x%llx", one->arg, clear);
}

/* How many of minijail's comparisons say it. */
static size_t
count_atoms(const struct comparison *one)
{
	return one->op == CLAUSE_MASKED_EQ
	           ? (size_t)__builtin_popcountll(one->value) + 1
	           : 1;
}

static int
write_comparison(struct line *line, const struct comparison *one)
{
	if (line->atoms + count_atoms(one) > ATOMS)
		return writer_lose(line->writer, line->entry->place,
		    "(argument %u & 0x%llx) == 0x%llx", one->arg,
		    (unsigned long long)one->mask,
		    (unsigned long long)one->value);
	if (one->op == CLAUSE_MASKED_EQ) {
		write_masked(line, one);
		return 0;
	}
	write_glue(line);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (ops[i].op == (enum clause_op)one->op)
			strbuf_printf(line->writer->buf, "arg%u %s 0x%llx",
			    one->arg, ops[i].text,
			    (unsigned long long)one->value);
	return 0;
}

static int
end_alternative(struct line *line)
{
	/* All of it is lost: whatever the argument is. */
	if (line->atoms == 0) {
		write_glue(line);
		strbuf_puts(line->writer->buf, "arg0 >= 0");
	}
	line->atoms = 0;
	if (++line->alternatives <= ALTERNATIVES)
		return 0;
	return ruleset_error(line->writer->file, line->entry->place,
	    line->writer->diag, "%s cannot say more than %d alternatives of %s",
	    line->writer->format, ALTERNATIVES, line->entry->call);
}

/* As it is: minijail compares 64 bits, one argument as often as need be. */
static int
write_clauses(struct line *line)
{
	const struct writer *writer = line->writer;
	int r = 0;

	for (size_t i = 0; i < line->entry->clause_count && r == 0; i++) {
		struct comparison one;

		r = clause_compare(writer->file, &line->entry->clauses[i],
		    writer->options->arch, &one, writer->diag);
		if (r == 0)
			r = write_comparison(line, &one);
	}
	return r == 0 ? end_alternative(line) : r;
}

static int
write_expanded(struct line *line)
{
	struct writer *writer = line->writer;
	struct expanded expanded;
	int r = entry_expand(writer->file, line->entry, writer->options->arch,
	    &writer->arena, &expanded, writer->diag);

	for (size_t i = 0; i < expanded.count && r == 0; i++) {
		const struct expanded_rule *rule = &expanded.rules[i];

		for (size_t j = 0; j < rule->count && r == 0; j++)
			r = write_comparison(line, &rule->comparisons[j]);
		if (r == 0)
			r = end_alternative(line);
	}
	return r;
}

static int
write_alternatives(struct line *line)
{
	for (size_t i = 0; i < line->entry->clause_count; i++)
		if (line->entry->clauses[i].width == 32)
			return write_expanded(line);
	return write_clauses(line);
}

/* Whether an answer without comparisons has a word. */
static bool
has_word(const struct entry *entry)
{
	return entry->action == SECCOMP_RET_ALLOW ||
	       (entry->action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
}

static void
write_action(const struct writer *writer, const struct entry *entry)
{
	if (entry->action == SECCOMP_RET_ALLOW)
		strbuf_puts(writer->buf, "1");
	else
		strbuf_printf(
		    writer->buf, "return %u", entry->action & SECCOMP_RET_DATA);
}

/* The entries of one call: allowed under conditions, and what the rest gets. */
static int
write_call(
    struct writer *writer, const struct entry *const *entries, size_t count)
{
	struct line line = { .writer = writer };
	size_t conditional = 0;
	int r = 0;

	while (conditional < count && entries[conditional]->clause_count > 0)
		conditional++;
	for (size_t i = 0; i < conditional; i++)
		if (entries[i]->action != SECCOMP_RET_ALLOW)
			return writer_lose(writer, entries[i]->place,
			    "that %s is refused for some arguments",
			    entries[i]->call);
	if (conditional < count &&
	    entries[conditional]->action == writer->set->fallback)
		count = conditional;
	if (conditional < count && !has_word(entries[conditional])) {
		r = writer_lose(writer, entries[conditional]->place,
		    "the action 0x%x for %s", entries[conditional]->action,
		    entries[conditional]->call);
		count = conditional;
	}
	if (count == 0 || r < 0)
		return r;
	strbuf_printf(writer->buf, "%s: ", entries[0]->call);
	for (size_t i = 0; i < conditional && r == 0; i++) {
		line.entry = entries[i];
		r = write_alternatives(&line);
	}
	/* Alternatives that cannot be. */
	if (conditional > 0 && line.alternatives == 0)
		strbuf_puts(writer->buf, "arg0 < 0");
	if (r == 0 && conditional < count) {
		strbuf_puts(writer->buf, conditional > 0 ? "; " : "");
		write_action(writer, entries[conditional]);
	}
	strbuf_putc(writer->buf, '\n');
	return r;
}

static int
write_lines(struct writer *writer)
{
	const struct entry **entries = NULL;
	size_t count = 0, next;
	int r = writer_check_rest(writer);

	if (r == 0 && writer->set->fallback != SECCOMP_RET_KILL_PROCESS)
		r = writer_lose(writer, writer->set->fallback_place,
		    "another default than to kill");
	if (r == 0)
		r = writer_sort(writer, &entries, &count);
	for (size_t i = 0; i < count && r == 0; i = next) {
		next = i + 1;
		while (next < count &&
		       strcmp(entries[next]->call, entries[i]->call) == 0)
			next++;
		r = write_call(writer, entries + i, next - i);
	}
	return r;
}

static int
write_policy(const struct filter_file *file,
    const struct write_options *options, struct strbuf *buf, struct diag *diag)
{
	struct writer writer = {
		.file = file, .options = options, .buf = buf, .diag = diag
	};
	int r = writer_start(&writer, "a minijail policy");

	if (r == 0)
		r = write_lines(&writer);
	arena_free(&writer.arena);
	return r;
}

/* The first line that says something: a name or a brace, and a colon. */
static bool
recognise(const struct format_bytes *bytes)
{
	const char *at = bytes->data;

	if (strlen(at) != bytes->length)
		return false;
	for (;;) {
		at += strspn(at, " \t\r\n");
		if (*at != '#')
			break;
		at += strcspn(at, "\n");
	}
	if (*at == '@')
		return true;
	if (*at == '{') {
		at++;
		at += strspn(at, " \t");
	}
	if (!isalpha((unsigned char)*at) && *at != '_')
		return false;
	while (is_word_character(*at) || *at == ',' || *at == ' ' || *at == '}')
		at++;
	return *at == ':' || *at == '[';
}

const struct format format_minijail = {
	.name = "minijail",
	.text = "a policy of minijail",
	.recognise = recognise,
	.read = read_policy,
	.write = write_policy,
};
