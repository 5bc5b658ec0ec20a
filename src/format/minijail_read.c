/* SPDX-License-Identifier: ISC */
/*
 * Reading minijail's policies, as its two compilers do.
 *
 * The one in C knows "call: 1", "call: COMPARISONS; return ERRNO" (the errno is
 * for what the comparisons do not allow) and one level of @include; the one in
 * Python also several lines for a call, braces, other actions, and [arch=...].
 * Where both take a line and mean different things, the manual page's meaning
 * (C's) is taken.  Behind "COMPARISONS;" an action that C does not know, and
 * any within braces, is for what the comparisons match.
 */
#include "call/errnos.h"
#include "format/minijail.h"

#include <ctype.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "format/symbols.h"
#include "policy/policy.h"

#define DEPTH    16   /* parentheses within each other */
#define NAMES    64   /* in one brace */
#define ENTRIES  8192 /* each name is looked for among those before */
#define INCLUDES 10   /* files within each other, as minijail has it */
#define FILES    256  /* in all: files may include each other twice */

/* A file that is being read, and who includes it. */
struct source {
	const struct source *includer;
	const char *path;
	struct stat status;
	unsigned int depth;
};

struct reader {
	struct filter_file *file;
	struct ruleset *set;
	size_t room;
	struct diag *diag;
	const struct source *source;
	size_t files;
	const char *line; /* its beginning; a CR stands where it was joined */
	const char *at;
	unsigned int number;
};

/* A call that a line is for. */
struct target {
	char call[64];
	uint32_t arches; /* as entry.arches */
	bool left_out;   /* for other architectures than ours alone */
};

/* Clauses that all must hold. */
struct conjunction {
	struct clause clauses[MINIJAIL_ATOMS];
	size_t count;
};

struct alternatives {
	struct conjunction *items;
	size_t count;
};

static struct place
here(const struct reader *reader)
{
	const char *start = reader->line;
	struct place place = { .line = reader->number,
		.file = reader->source->path };

	for (const char *at = start; at < reader->at; at++)
		if (*at == '\r') {
			place.line++;
			start = at + 1;
		}
	place.column = (unsigned int)(reader->at - start) + 1;
	return place;
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
	length += reader->at[0] == '-' && isdigit((unsigned char)reader->at[1]);
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
	return diag_place(reader->diag, place.file, place.line, place.column);
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
	if (all->count == MINIJAIL_ALTERNATIVES)
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

/* "arg0 == 5". */
static int
read_atom(struct reader *reader, struct alternatives *all, size_t first)
{
	struct clause clause = { .width = 64, .place = here(reader) };
	const struct minijail_op *found = NULL;
	bool any, within;
	uint64_t value = 0;
	int r;

	if (!take(reader, "arg") || *reader->at < '0' || *reader->at > '5' ||
	    is_word_character(reader->at[1]))
		return expected(reader, "\"arg0\" to \"arg5\"");
	clause.arg = (uint8_t)(*reader->at++ - '0');
	for (size_t i = 0; i < minijail_op_count && found == NULL; i++)
		if (take(reader, minijail_ops[i].text))
			found = &minijail_ops[i];
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
add_entry(struct reader *reader, const struct target *target,
    const struct conjunction *one, uint32_t action)
{
	struct arena *arena = &reader->file->arena;
	struct ruleset *set = reader->set;
	struct entry entry = { .call = arena_copy(arena, target->call),
		.action = action,
		.arches = target->arches,
		.place = { reader->number, 1, reader->source->path } };

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

/* Whether a line before answers CALL whatever its arguments are. */
static bool
is_settled(const struct reader *reader, const struct target *target)
{
	for (size_t i = 0; i < reader->set->count; i++) {
		const struct entry *entry = &reader->set->entries[i];

		if (entry->clause_count == 0 &&
		    (entry->arches == 0 || target->arches == 0 ||
		        (entry->arches & target->arches) != 0) &&
		    strcmp(entry->call, target->call) == 0)
			return true;
	}
	return false;
}

/* A filter: what is answered to what the alternatives match, or to all. */
struct meaning {
	struct alternatives all; /* none: `action` always */
	uint32_t action;
	bool has_rest;
	uint32_t rest; /* what it gets if no alternative holds */
};

/* Behind the comparisons, and their semicolon. */
static int
read_second(struct reader *reader, struct meaning *meaning, bool braces)
{
	uint32_t action = 0;
	bool is_errno;
	int r;

	if (meaning->all.count == 0)
		return expected(reader, "nothing behind an action");
	skip_blanks(reader);
	is_errno = strncmp(reader->at, "return", 6) == 0;
	r = read_action(reader, &action);
	if (is_errno && !braces) {
		meaning->has_rest = true;
		meaning->rest = action;
	} else {
		meaning->action = action;
	}
	return r;
}

static int
read_meaning(struct reader *reader, struct meaning *meaning, bool braces)
{
	int r;

	skip_blanks(reader);
	meaning->all.count = 0;
	meaning->has_rest = false;
	meaning->action = SECCOMP_RET_ALLOW;
	if (*reader->at == '!')
		return expected(reader,
		    "comparisons that are not negated: no compiler of "
		    "minijail's knows \"!\"");
	if (strncmp(reader->at, "arg", 3) != 0)
		r = read_action(reader, &meaning->action);
	else
		r = read_alternatives(reader, &meaning->all);
	if (r == 0 && take(reader, ";"))
		r = read_second(reader, meaning, braces);
	return r;
}

static int
add_meaning(struct reader *reader, const struct target *target,
    const struct meaning *meaning)
{
	int r = 0;

	if (is_settled(reader, target))
		return expected(reader,
		    "no more for this call: a line before answers all of it");
	if (meaning->all.count == 0)
		return add_entry(reader, target, NULL, meaning->action);
	for (size_t i = 0; i < meaning->all.count && r == 0; i++)
		r = add_entry(
		    reader, target, &meaning->all.items[i], meaning->action);
	if (r == 0 && meaning->has_rest)
		r = add_entry(reader, target, NULL, meaning->rest);
	return r;
}

/* --- Names --- */

/* Its names of architectures, and ours. */
static const char *const arch_words[][2] = {
	{ "x86_64", "x86_64" },
	{ "x86", "i386" },
	{ "arm64", "aarch64" },
	{ "riscv64", "riscv64" },
};

static uint32_t
arch_bit(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(arch_words); i++)
		for (size_t j = 0; arch_at(j) != NULL; j++)
			if (strcmp(word, arch_words[i][0]) == 0 &&
			    arch_at(j) == arch_find(arch_words[i][1]))
				return UINT32_C(1) << j;
	return 0;
}

/* "[arch=x86_64,arm]": for those alone; other keys mean nothing. */
static int
read_metadata(struct reader *reader, struct target *target)
{
	char word[64];

	if (!take(reader, "["))
		return 0;
	do {
		bool is_arch;
		uint32_t bits = 0;

		if (!take_word(reader, word, sizeof(word)) ||
		    !take(reader, "="))
			return expected(reader, "KEY=VALUE, like arch=x86_64");
		is_arch = strcmp(word, "arch") == 0;
		do {
			if (!take_word(reader, word, sizeof(word)))
				return expected(reader, "a value");
			bits |= is_arch ? arch_bit(word) : 0;
		} while (take(reader, ","));
		target->left_out = target->left_out || (is_arch && bits == 0);
		target->arches |= bits;
	} while (take(reader, ";"));
	return take(reader, "]") ? 0 : expected(reader, "\"]\"");
}

/* "read" or "{ read, write }", up to the colon. */
static int
read_names(
    struct reader *reader, struct target targets[NAMES], size_t *ret_count)
{
	bool braces = take(reader, "{");

	*ret_count = 0;
	do {
		struct target *target = &targets[*ret_count];

		if (*ret_count == NAMES)
			return expected(reader, "fewer calls");
		*target = (struct target){ .arches = 0 };
		if (!take_word(reader, target->call, sizeof(target->call)))
			return expected(reader, "a system call's name");
		if (*reader->at == '@')
			return expected(reader,
			    "a call's name: a group of calls is defined by a "
			    "file of minijail's own");
		if (read_metadata(reader, target) < 0)
			return -EINVAL;
		(*ret_count)++;
	} while (braces && take(reader, ","));
	if (braces && !take(reader, "}"))
		return expected(reader, "\"}\"");
	return take(reader, ":") ? 0 : expected(reader, "\":\"");
}

static int
read_filters(struct reader *reader, struct meaning *meaning,
    const struct target *targets, size_t count)
{
	bool braces = take(reader, "{");
	int r;

	do {
		r = read_meaning(reader, meaning, braces);
		for (size_t i = 0; i < count && r == 0; i++)
			if (!targets[i].left_out)
				r = add_meaning(reader, &targets[i], meaning);
	} while (r == 0 && braces && take(reader, ","));
	if (r == 0 && braces && !take(reader, "}"))
		return expected(reader, "\",\" or \"}\"");
	skip_blanks(reader);
	if (r == 0 && *reader->at != '\0')
		return expected(
		    reader, "\"||\", \"&&\", \";\" or the line's end");
	return r;
}

static int
read_statement(struct reader *reader)
{
	cleanup_free struct conjunction *items =
	    calloc(MINIJAIL_ALTERNATIVES, sizeof(*items));
	struct meaning meaning = { .all = { .items = items } };
	struct target targets[NAMES];
	size_t count = 0;
	int r;

	if (items == NULL)
		return out_of_memory(reader);
	r = read_names(reader, targets, &count);
	return r == 0 ? read_filters(reader, &meaning, targets, count) : r;
}

/* --- Files --- */

static int read_source(
    struct reader *reader, const struct source *source, char *text);

/* PATH beside the file that includes it, in the arena; NULL: no memory. */
static const char *
beside(const struct reader *reader, const char *path)
{
	const char *slash = strrchr(reader->source->path, '/');
	cleanup_free char *joined = NULL;

	if (slash == NULL || *path == '/')
		return arena_copy(&reader->file->arena, path);
	if (asprintf(&joined, "%.*s/%s", (int)(slash - reader->source->path),
	        reader->source->path, path) < 0) {
		joined = NULL;
		return NULL;
	}
	return arena_copy(&reader->file->arena, joined);
}

/*
 * Where an included file is: as it is written; one that is named from the root
 * and is not there, is beside the file, as where a source tree is read.
 */
static int
find_included(
    const struct reader *reader, const char *path, struct source *included)
{
	const char *slash = strrchr(path, '/');

	included->path = beside(reader, path);
	if (included->path == NULL)
		return out_of_memory(reader);
	if (stat(included->path, &included->status) == 0)
		return 0;
	if (*path == '/') {
		included->path = beside(reader, slash + 1);
		if (included->path == NULL)
			return out_of_memory(reader);
		if (stat(included->path, &included->status) == 0) {
			ruleset_warn(reader->file, here(reader), reader->diag,
			    "%s is not there; %s is read instead", path,
			    included->path);
			return 0;
		}
	}
	ruleset_error(reader->file, here(reader), reader->diag,
	    "@include %s: there is no such file", path);
	return -ENOENT;
}

static int
check_cycle(const struct reader *reader, const struct source *included)
{
	for (const struct source *at = reader->source; at != NULL;
	     at = at->includer)
		if (at->status.st_dev == included->status.st_dev &&
		    at->status.st_ino == included->status.st_ino)
			return ruleset_error(reader->file, here(reader),
			    reader->diag, "@include: %s includes itself",
			    included->path);
	if (included->depth > INCLUDES)
		return ruleset_error(reader->file, here(reader), reader->diag,
		    "@include: more than %d files within each other", INCLUDES);
	if (reader->files >= FILES)
		return ruleset_error(reader->file, here(reader), reader->diag,
		    "@include: more than %d files", FILES);
	return 0;
}

static int
read_include(struct reader *reader)
{
	struct source included = { .includer = reader->source,
		.depth = reader->source->depth + 1 };
	const struct reader before = *reader;
	cleanup_free char *text = NULL;
	size_t length = 0;
	char path[PATH_MAX];
	int r;

	skip_blanks(reader);
	length = strcspn(reader->at, " \t\r");
	if (length == 0 || length >= sizeof(path))
		return expected(reader, "a file's name");
	memcpy(path, reader->at, length);
	path[length] = '\0';
	if (reader->source->status.st_ino == 0)
		return expected(reader,
		    "no @include: this text is in no file that another could "
		    "be beside");
	r = find_included(reader, path, &included);
	if (r == 0)
		r = check_cycle(reader, &included);
	if (r == 0)
		r = file_read(included.path, FORMAT_FILE_LIMIT, &text, &length,
		    reader->diag);
	if (r < 0 || text == NULL)
		return r;
	if (strlen(text) != length)
		return diag_set(reader->diag, EINVAL,
		    "%s: a NUL byte in a policy's text", included.path);
	reader->files++;
	r = read_source(reader, &included, text);
	reader->source = before.source;
	reader->line = before.line;
	reader->at = before.at;
	reader->number = before.number;
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
	if (take(reader, "@include"))
		return read_include(reader);
	if (take(reader, "@denylist")) {
		reader->set->fallback = SECCOMP_RET_ALLOW;
		return 0;
	}
	return expected(reader, "@include, @default, @denylist or @frequency");
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

/*
 * Ends the line, and cuts comments off.  Lines that end in a backslash go on:
 * a blank and a CR stand there then.  A whole line's comment goes on, too.
 */
static char *
end_line(char *line, unsigned int *ret_lines)
{
	bool remark = line[strspn(line, " \t")] == '#';
	char *end = line;

	*ret_lines = 0;
	for (;;) {
		char *start = end, *last, *comment;
		bool more, ends;

		end += strcspn(end, "\n");
		ends = *end == '\0';
		++*ret_lines;
		last = end - (end > start && end[-1] == '\r');
		for (char *at = start; at < end; at++)
			if (*at == '\r')
				*at = ' ';
		more = !ends && last > start && last[-1] == '\\';
		comment =
		    remark ? start : memchr(start, '#', (size_t)(end - start));
		if (comment != NULL)
			memset(comment, ' ', (size_t)(end - comment));
		if (!more) {
			*end = '\0';
			return ends ? end : end + 1;
		}
		last[-1] = ' ';
		*end++ = '\r';
	}
}

static int
read_source(struct reader *reader, const struct source *source, char *text)
{
	unsigned int number = 1, lines = 0;
	int r = 0;

	while (*text != '\0' && r == 0) {
		char *next = end_line(text, &lines);

		reader->source = source;
		reader->number = number;
		reader->line = text;
		reader->at = text;
		r = read_line(reader);
		number += lines;
		text = next;
	}
	return r;
}

int
minijail_read(
    struct format_bytes *bytes, struct filter_file *ret_file, struct diag *diag)
{
	struct source source = { .path = ret_file->path };
	struct reader reader = {
		.file = ret_file, .diag = diag, .source = &source, .files = 1
	};
	struct ruleset *set;
	int r;

	if (strlen(bytes->data) != bytes->length)
		return diag_set(diag, EINVAL,
		    "%s: a NUL byte in a policy's text", ret_file->path);
	/* A text in memory has no inode, so nothing is beside it. */
	if (bytes->is_file && stat(ret_file->path, &source.status) != 0)
		return diag_errno(diag, "%s", ret_file->path);
	set = arena_alloc(&ret_file->arena, 1, sizeof(*set));
	if (set == NULL)
		return out_of_memory(&reader);
	ret_file->sets = set;
	ret_file->set_count = 1;
	set->place = (struct place){ 1, 1, NULL };
	set->fallback_place = set->place;
	set->fallback = SECCOMP_RET_KILL_PROCESS;
	set->foreign = SECCOMP_RET_KILL_PROCESS;
	reader.set = set;
	r = read_source(&reader, &source, bytes->data);
	set->unknown = set->fallback;
	set->x32 = set->fallback;
	return r;
}
