/* SPDX-License-Identifier: ISC */
/*
 * Writing a container's seccomp profile, for one architecture.
 *
 * The runtimes' rules have no order, so rules of one call with different
 * actions must not overlap.  A rule that the format cannot say as it is, is
 * written as several (expand.h).
 */
#include "format/oci.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/table.h"
#include "format/expand.h"
#include "format/losses.h"
#include "json/write.h"

/* A rule as it will be written. */
struct line {
	const struct entry *entry;
	struct expanded rules;
	bool written; /* or not to be */
};

static const struct oci_action *
find_action(uint32_t action)
{
	const struct oci_action *row = oci_actions;

	while (row < oci_actions + oci_action_count &&
	       row->action != (action & SECCOMP_RET_ACTION_FULL))
		row++;
	if (row == oci_actions + oci_action_count)
		return NULL;
	return row->takes_data || (action & SECCOMP_RET_DATA) == 0 ? row : NULL;
}

static int
write_action(const struct writer *writer, struct place place,
    const char *const names[2], uint32_t action)
{
	const struct oci_action *row = find_action(action);

	if (row == NULL) {
		diag_set(writer->diag, ENOTSUP,
		    "an OCI profile cannot say the action 0x%x", action);
		diag_place(writer->diag, place_file(writer->file, place),
		    place.line, place.column);
		return -ENOTSUP;
	}
	strbuf_printf(writer->buf, "\"%s\": \"%s\"", names[0], row->name);
	if (row->takes_data)
		strbuf_printf(writer->buf, ", \"%s\": %u", names[1],
		    action & SECCOMP_RET_DATA);
	return 0;
}

static void
write_comparison(const struct writer *writer, const struct comparison *one)
{
	const struct oci_op *row = oci_ops;

	while (row->op != (enum clause_op)one->op)
		row++;
	strbuf_printf(writer->buf, "{ \"index\": %u, \"op\": \"%s\", ",
	    one->arg, row->name);
	if (one->op == CLAUSE_MASKED_EQ)
		strbuf_printf(writer->buf,
		    "\"value\": %llu, \"valueTwo\": %llu }",
		    (unsigned long long)one->mask,
		    (unsigned long long)(one->value & one->mask));
	else
		strbuf_printf(writer->buf, "\"value\": %llu }",
		    (unsigned long long)one->value);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
is_plain(const struct line *line)
{
	return line->rules.count == 1 && line->rules.rules[0].count == 0;
}

/* The names of all plain rules that say the same, from LINE on. */
static void
write_names(
    const struct writer *writer, struct line *line, const struct line *end)
{
	const struct entry *first = line->entry;
	bool plain = is_plain(line);
	size_t count = 0;

	strbuf_puts(writer->buf, "\t\t{ \"names\": [");
	for (struct line *at = line; at < end; at++) {
		const struct entry *entry = at->entry;

		if (at->written || (at != line && !plain))
			continue;
		if (at != line &&
		    (!is_plain(at) || entry->action != first->action ||
		        !same_text(entry->comment, first->comment)))
			continue;
		at->written = true;
		strbuf_puts(writer->buf, count == 0       ? " "
		                         : count % 6 == 0 ? ",\n\t\t\t"
		                                          : ", ");
		json_quote(writer->buf, entry->call);
		count++;
	}
	strbuf_puts(writer->buf, " ],\n\t\t  ");
}

static int
write_line(const struct writer *writer, struct line *line,
    const struct line *end, const char **before)
{
	static const char *const names[] = { "action", "errnoRet" };
	const struct entry *entry = line->entry;
	int r = 0;

	for (size_t i = 0; i < line->rules.count && r == 0; i++) {
		const struct expanded_rule *rule = &line->rules.rules[i];

		strbuf_puts(writer->buf, *before);
		*before = ",\n";
		write_names(writer, line, end);
		line->written = false;
		r = write_action(writer, entry->place, names, entry->action);
		for (size_t j = 0; j < rule->count; j++) {
			strbuf_puts(writer->buf,
			    j == 0 ? ",\n\t\t  \"args\": [ " : ",\n\t\t\t");
			write_comparison(writer, &rule->comparisons[j]);
		}
		strbuf_puts(writer->buf, rule->count > 0 ? " ]" : "");
		if (entry->comment != NULL) {
			strbuf_puts(writer->buf, ",\n\t\t  \"comment\": ");
			json_quote(writer->buf, entry->comment);
		}
		strbuf_puts(writer->buf, " }");
	}
	line->written = true;
	return r;
}

static bool
is_overlapping(const struct expanded *first, const struct expanded *second)
{
	for (size_t i = 0; i < first->count; i++)
		for (size_t j = 0; j < second->count; j++)
			if (!expanded_disjoint(
			        &first->rules[i], &second->rules[j]))
				return true;
	return false;
}

/*
 * A rule is not written if one of the same call before it leaves nothing; and
 * it cannot be if one with another action leaves something.
 */
static int
check_line(const struct writer *writer, const struct line *lines, size_t at)
{
	const struct entry *entry = lines[at].entry;

	for (size_t i = at; i-- > 0;) {
		const struct line *other = &lines[i];

		if (strcmp(other->entry->call, entry->call) != 0)
			break;
		if (other->entry->action == entry->action)
			continue;
		if (!is_overlapping(&other->rules, &lines[at].rules))
			continue;
		return writer_lose(writer, entry->place,
		           "that %s is answered otherwise where no rule before "
		           "this one holds",
		           entry->call) < 0
		           ? -ENOTSUP
		           : 1;
	}
	return 0;
}

/* Whether a rule before, of the same call, holds for everything. */
static bool
is_covered(const struct line *lines, size_t at)
{
	for (size_t i = at; i-- > 0;) {
		if (strcmp(lines[i].entry->call, lines[at].entry->call) != 0)
			break;
		if (is_plain(&lines[i]))
			return true;
	}
	return false;
}

static int
make_lines(struct writer *writer, struct line **ret_lines, size_t *ret_count)
{
	const struct entry **entries;
	struct line *lines;
	size_t count;
	int r = writer_sort(writer, &entries, &count);

	if (r < 0)
		return r;
	lines = arena_alloc(&writer->arena, count + 1, sizeof(*lines));
	if (lines == NULL)
		return diag_set(writer->diag, ENOMEM, "out of memory");
	for (size_t i = 0; i < count && r == 0; i++) {
		lines[i].entry = entries[i];
		r = entry_expand(writer->file, entries[i],
		    writer->options->arch, &writer->arena, &lines[i].rules,
		    writer->diag);
	}
	for (size_t i = 0; i < count && r == 0; i++) {
		if (is_covered(lines, i)) {
			lines[i].written = true;
			continue;
		}
		r = check_line(writer, lines, i);
		/* What only repeats the default need not be said. */
		lines[i].written =
		    r > 0 || entries[i]->action == writer->set->fallback;
		r = r > 0 ? 0 : r;
	}
	*ret_lines = lines;
	*ret_count = count;
	return r;
}

static int
write_calls(struct writer *writer)
{
	const char *before = "";
	struct line *lines = NULL;
	size_t count = 0;
	int r = make_lines(writer, &lines, &count);

	strbuf_puts(writer->buf, "\t\"syscalls\": [\n");
	for (size_t i = 0; i < count && r == 0; i++)
		if (!lines[i].written)
			r = write_line(
			    writer, &lines[i], lines + count, &before);
	strbuf_puts(writer->buf, "\n\t]\n");
	return r;
}

static void
write_flags(const struct writer *writer, const char *words)
{
	const char *before = " ";

	strbuf_puts(writer->buf, "\t\"flags\": [");
	while (*words != '\0') {
		size_t length = strcspn(words, " ");

		strbuf_puts(writer->buf, before);
		strbuf_putc(writer->buf, '"');
		strbuf_add(writer->buf, words, length);
		strbuf_putc(writer->buf, '"');
		before = ", ";
		words += length;
		words += strspn(words, " ");
	}
	strbuf_puts(writer->buf, " ],\n");
}

static void
write_text(const struct writer *writer, const char *name, const char *text)
{
	if (text == NULL)
		return;
	strbuf_printf(writer->buf, "\t\"%s\": ", name);
	json_quote(writer->buf, text);
	strbuf_puts(writer->buf, ",\n");
}

static const char *
find_scmp(const struct arch *arch)
{
	for (size_t i = 0; i < oci_arch_count; i++)
		if (oci_archs[i].name != NULL &&
		    strcmp(oci_archs[i].name, arch->name) == 0)
			return oci_archs[i].scmp;
	return NULL;
}

static void
write_archs(const struct writer *writer)
{
	const struct write_options *options = writer->options;
	const struct arch_list one = { { options->arch }, 1 };
	const struct arch_list *archs =
	    options->archs != NULL ? options->archs : &one;
	const char *lead = "\t\"architectures\": [ ";

	for (size_t i = 0; i < archs->count; i++) {
		const char *name = find_scmp(archs->archs[i]);

		if (name == NULL)
			continue;
		strbuf_printf(writer->buf, "%s\"%s\"", lead, name);
		lead = ", ";
	}
	if (*lead == ',')
		strbuf_puts(writer->buf, " ],\n");
}

static int
write_profile(struct writer *writer)
{
	static const char *const names[] = { "defaultAction",
		"defaultErrnoRet" };
	const struct filter_file *file = writer->file;
	int r;

	strbuf_puts(writer->buf, "{\n\t");
	r = write_action(
	    writer, writer->set->fallback_place, names, writer->set->fallback);
	strbuf_puts(writer->buf, ",\n");
	write_archs(writer);
	if (file->flags != NULL)
		write_flags(writer, file->flags);
	write_text(writer, "listenerPath", file->listener_path);
	write_text(writer, "listenerMetadata", file->listener_metadata);
	if (r == 0)
		r = write_calls(writer);
	strbuf_puts(writer->buf, "}\n");
	return r;
}

int
oci_write(const struct filter_file *file, const struct write_options *options,
    struct strbuf *buf, struct diag *diag)
{
	struct writer writer = {
		.file = file, .options = options, .buf = buf, .diag = diag
	};
	struct filter_file bare = *file;
	int r = writer_start(&writer, "an OCI profile");

	if (r < 0)
		return r;
	writer.keeps_unknown = file->format == &format_oci;
	/* The listener is no loss here. */
	bare.listener_path = NULL;
	writer.file = &bare;
	r = writer_check_rest(&writer);
	writer.file = file;
	if (r == 0)
		r = write_profile(&writer);
	arena_free(&writer.arena);
	return r;
}
