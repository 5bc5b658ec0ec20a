/* SPDX-License-Identifier: ISC */
/*
 * minijail's policies: a line for each call, "read: 1" or "ioctl: arg1 == 5 ||
 * arg1 == 6; return 1".  What no line allows is killed.
 */
#include "format/minijail.h"

#include <ctype.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/table.h"
#include "format/expand.h"
#include "format/losses.h"

const struct minijail_op minijail_ops[] = {
	{ "==", CLAUSE_EQ },
	{ "!=", CLAUSE_NE },
	{ "<=", CLAUSE_LE },
	{ ">=", CLAUSE_GE },
	{ "<", CLAUSE_LT },
	{ ">", CLAUSE_GT },
};
const size_t minijail_op_count = ARRAY_SIZE(minijail_ops);

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
	if (line->atoms + count_atoms(one) > MINIJAIL_ATOMS)
		return writer_lose(line->writer, line->entry->place,
		    "(argument %u & 0x%llx) == 0x%llx", one->arg,
		    (unsigned long long)one->mask,
		    (unsigned long long)one->value);
	if (one->op == CLAUSE_MASKED_EQ) {
		write_masked(line, one);
		return 0;
	}
	write_glue(line);
	for (size_t i = 0; i < minijail_op_count; i++)
		if (minijail_ops[i].op == (enum clause_op)one->op)
			strbuf_printf(line->writer->buf, "arg%u %s 0x%llx",
			    one->arg, minijail_ops[i].text,
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
	if (++line->alternatives <= MINIJAIL_ALTERNATIVES)
		return 0;
	return ruleset_error(line->writer->file, line->entry->place,
	    line->writer->diag, "%s cannot say more than %d alternatives of %s",
	    line->writer->format, MINIJAIL_ALTERNATIVES, line->entry->call);
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

/*
 * "arg1 == 0x5413" for the low word of it: shorter, and refuses what no caller
 * gives, bits that the kernel would cut off.  Values below zero have them.
 */
static int
shorten(struct line *line, struct entry *ret_entry)
{
	const struct writer *writer = line->writer;
	struct comparison one;
	int r = 0;

	*ret_entry = *line->entry;
	ret_entry->clauses = arena_alloc(&line->writer->arena,
	    ret_entry->clause_count, sizeof(struct clause));
	if (ret_entry->clauses == NULL)
		return diag_set(writer->diag, ENOMEM, "out of memory");
	for (size_t i = 0; i < ret_entry->clause_count && r == 0; i++) {
		struct clause *clause = &ret_entry->clauses[i];

		*clause = line->entry->clauses[i];
		r = clause_compare(writer->file, clause, writer->options->arch,
		    &one, writer->diag);
		if (clause->op == CLAUSE_EQ && one.value <= INT32_MAX)
			clause->width = 64;
	}
	line->entry = ret_entry;
	return r;
}

static int
write_alternatives(struct line *line)
{
	struct entry shorter;

	if (line->writer->options->portable && line->entry->clause_count > 0 &&
	    shorten(line, &shorter) < 0)
		return -EINVAL;
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
	const struct entry *rest;
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
	rest = conditional < count ? entries[conditional] : NULL;
	/* Behind comparisons, its compiler in C takes a return alone. */
	if (rest != NULL && rest->action == SECCOMP_RET_ALLOW)
		conditional = 0;
	strbuf_printf(writer->buf, "%s: ", entries[0]->call);
	for (size_t i = 0; i < conditional && r == 0; i++) {
		line.entry = entries[i];
		r = write_alternatives(&line);
	}
	/* Alternatives that cannot be. */
	if (conditional > 0 && line.alternatives == 0)
		strbuf_puts(writer->buf, "arg0 < 0");
	if (r == 0 && rest != NULL) {
		strbuf_puts(writer->buf, conditional > 0 ? "; " : "");
		write_action(writer, rest);
	}
	strbuf_putc(writer->buf, '\n');
	return r;
}

/*
 * Whether Linux 6.1 has no such call.  minijail knows those of the headers that
 * it is built with, and one name more ends its reading.
 */
static bool
is_recent(const struct arch *arch, const char *call)
{
	/* Put into gaps of older tables. */
	static const char *const others[] = { "uprobe", "uretprobe",
		"riscv_hwprobe" };
	enum { LAST_OF_6_1 = 450 }; /* on every architecture */

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (strcmp(call, others[i]) == 0)
			return true;
	return arch_number(arch, call, strlen(call)) > LAST_OF_6_1;
}

/* Says which calls an older minijail will not know; or leaves them out. */
static size_t
sort_out_recent(
    const struct writer *writer, const struct entry **entries, size_t count)
{
	cleanup_strbuf struct strbuf names = { 0 };
	const char *last = "";
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		bool recent =
		    is_recent(writer->options->arch, entries[i]->call);

		if (recent && strcmp(last, entries[i]->call) != 0) {
			last = entries[i]->call;
			strbuf_printf(&names, " %s", last);
		}
		if (!recent || !writer->options->portable)
			entries[kept++] = entries[i];
	}
	if (names.length > 0 && !writer->options->portable)
		diag_warn(writer->diag,
		    "%s: a minijail that is built with headers older than "
		    "these calls refuses the whole file:%s",
		    writer->file->path, strbuf_text(&names, ""));
	return kept;
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
	if (r == 0)
		count = sort_out_recent(writer, entries, count);
	for (size_t i = 0; i < count && r == 0; i = next) {
		next = i + 1;
		while (next < count &&
		       strcmp(entries[next]->call, entries[i]->call) == 0)
			next++;
		r = write_call(writer, entries + i, next - i);
	}
	return r;
}

/*
 * How many instructions minijail0 makes of TEXT, one call behind the other:
 * a call's number takes two; each comparison loads both halves of an argument,
 * keeps them, and compares them; labels stay as jumps to the next.
 */
static size_t
count_instructions(const char *text)
{
	enum {
		FRAME = 5,
		CALL = 2,
		SECTION = 4,
		ALTERNATIVE = 2,
		ATOM = 8,
		ORDER = 2
	};
	size_t count = FRAME;

	for (; *text != '\0'; text += *text != '\0') {
		size_t length = strcspn(text, "\n");
		const char *end = text + length;
		bool compares = memmem(text, length, "arg", 3) != NULL;

		count += CALL;
		if (compares)
			count += SECTION + ALTERNATIVE;
		for (; text < end; text++) {
			if (strncmp(text, "arg", 3) == 0 &&
			    isdigit((unsigned char)text[3]))
				count += ATOM;
			/* Above or below takes another look at the upper half.
			 */
			else if (*text == '<' || *text == '>')
				count += ORDER;
			else if (strncmp(text, "||", 2) == 0)
				count += ALTERNATIVE;
		}
	}
	return count;
}

void
minijail_warn_size(const char *name, const char *text, struct diag *diag)
{
	size_t count = count_instructions(text);

	if (count > BPF_MAXINSNS)
		diag_warn(diag,
		    "%s: minijail0 makes about %zu instructions of this and "
		    "refuses it, as the kernel takes %d; its own "
		    "compile_seccomp_policy.py, or filter compile, make fewer",
		    name, count, BPF_MAXINSNS);
}

static int
write_policy(const struct filter_file *file,
    const struct write_options *options, struct strbuf *buf, struct diag *diag)
{
	struct writer writer = {
		.file = file, .options = options, .buf = buf, .diag = diag
	};
	size_t start = buf->length;
	int r = writer_start(&writer, "a minijail policy");

	if (r == 0)
		r = write_lines(&writer);
	if (r == 0 && buf->length > start)
		minijail_warn_size(file->path, buf->data + start, diag);
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
	while (isalnum((unsigned char)*at) || strchr("_-@, }", *at) != NULL) {
		if (*at == '\0')
			return false;
		at++;
	}
	return *at == ':' || *at == '[';
}

const struct format format_minijail = {
	.name = "minijail",
	.text = "a policy of minijail",
	.recognise = recognise,
	.read = minijail_read,
	.write = write_policy,
};
