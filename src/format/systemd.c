/* SPDX-License-Identifier: ISC */
/*
 * systemd.exec(5): SystemCallFilter= and SystemCallErrorNumber= of a unit.
 *
 * The first line says whether the calls are those allowed or, after "~", those
 * refused; later lines add, or with the opposite sign take away.  To allowed
 * calls @default is always added.
 */
#include "call/errnos.h"
#include "call/rows.h"
#include "format/systemd.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "format/format.h"
#include "format/losses.h"
#include "policy/policy.h"

#define DEPTH 8      /* groups within groups */
#define WORK  200000 /* names looked at; a unit has some thousands */

static const char filter_key[] = "SystemCallFilter";
static const char errno_key[] = "SystemCallErrorNumber";
static const char log_key[] = "SystemCallLog";

/* A word of a line: where, and what it says. */
struct word {
	const char *text;
	size_t length;
	struct place place;
	uint32_t action; /* of ":errno"; 0: none was given */
	bool has_action;
};

struct reader {
	struct filter_file *file;
	struct ruleset *set;
	size_t room;
	bool started; /* a line has decided which list it is */
	bool allow;   /* the calls are those allowed */
	uint32_t refusal;
	size_t work;
	struct diag *diag;
};

static int
out_of_memory(const struct reader *reader)
{
	return diag_set(reader->diag, ENOMEM, "out of memory");
}

static int
too_many(const struct reader *reader)
{
	return diag_set(
	    reader->diag, E2BIG, "%s: too many names", reader->file->path);
}

/* "EPERM", "1" or "kill". */
static int
read_action(const char *text, size_t length, uint32_t *ret_action)
{
	char name[32];
	int err;

	if (length >= sizeof(name))
		return -EINVAL;
	memcpy(name, text, length);
	name[length] = '\0';
	*ret_action = SECCOMP_RET_KILL_PROCESS;
	if (strcmp(name, "kill") == 0)
		return 0;
	err = errno_find(name);
	if (err < 0)
		return -EINVAL;
	*ret_action = SECCOMP_RET_ERRNO | (uint32_t)err;
	return 0;
}

static struct entry *
find_entry(const struct reader *reader, const char *call, size_t length)
{
	for (size_t i = 0; i < reader->set->count; i++) {
		struct entry *entry = &reader->set->entries[i];

		if (strncmp(entry->call, call, length) == 0 &&
		    entry->call[length] == '\0')
			return entry;
	}
	return NULL;
}

/* Room for one entry more: the arena keeps what was there, unused. */
static int
make_room(struct reader *reader)
{
	struct ruleset *set = reader->set;
	struct entry *grown;
	size_t room = reader->room * 2 + 512;

	if (set->count < reader->room)
		return 0;
	if (set->count >= UINT16_MAX)
		return diag_set(reader->diag, E2BIG, "%s: too many calls",
		    reader->file->path);
	grown = arena_alloc(&reader->file->arena, room, sizeof(*grown));
	if (grown == NULL)
		return out_of_memory(reader);
	if (set->count > 0)
		memcpy(grown, set->entries, set->count * sizeof(*grown));
	set->entries = grown;
	reader->room = room;
	return 0;
}

/* Whether any architecture has such a call; others are misspelt. */
static bool
is_known(const char *call, struct suggest *suggest)
{
	if (call_is_known(call))
		return true;
	for (size_t i = 0; i < arch_native()->count; i++)
		suggest_consider(
		    suggest, arch_native()->names[arch_native()->by_name[i]]);
	return false;
}

static int
add_call(struct reader *reader, const struct word *word, const char *call,
    size_t length, bool adds)
{
	struct entry *entry;
	char *name;
	int r;

	if (reader->work++ >= WORK)
		return too_many(reader);
	entry = find_entry(reader, call, length);
	if (!adds) {
		if (entry != NULL)
			*entry = reader->set->entries[--reader->set->count];
		return 0;
	}
	if (entry == NULL) {
		r = make_room(reader);
		if (r < 0)
			return r;
		name = arena_alloc(&reader->file->arena, length + 1, 1);
		if (name == NULL)
			return out_of_memory(reader);
		memcpy(name, call, length);
		entry = &reader->set->entries[reader->set->count++];
		*entry = (struct entry){ .call = name };
	}
	entry->place = word->place;
	entry->action = word->has_action ? word->action : 0;
	/* 0 kills a thread, which no word asks for: it is settled at the end.
	 */
	return 0;
}

static const struct systemd_group *
find_group(const char *name, size_t length)
{
	for (size_t i = 0; i < systemd_group_count; i++)
		if (strncmp(systemd_groups[i].name, name, length) == 0 &&
		    systemd_groups[i].name[length] == '\0')
			return &systemd_groups[i];
	return NULL;
}

static int
add_known(struct reader *reader, const struct word *word, bool adds)
{
	const struct arch *arch;
	int r = 0;

	for (size_t i = 0; (arch = arch_at(i)) != NULL; i++)
		for (size_t j = 0; j < arch->count && r == 0; j++) {
			const char *call = arch->names[arch->by_name[j]];

			r = add_call(reader, word, call, strlen(call), adds);
		}
	return r;
}

/* A group's calls and, groups in it being known, theirs. */
static int
add_group(struct reader *reader, const struct word *word,
    const struct systemd_group *group, bool adds)
{
	const char *stack[DEPTH] = { group->words };
	size_t depth = 1;
	int r = 0;

	while (depth > 0 && r == 0) {
		const char *at = stack[depth - 1];
		size_t count = strcspn(at, " ");

		if (*at == '\0') {
			depth--;
			continue;
		}
		stack[depth - 1] = at + count + strspn(at + count, " ");
		group = *at == '@' ? find_group(at, count) : NULL;
		if (group == NULL)
			r = add_call(reader, word, at, count, adds);
		else if (depth < DEPTH)
			stack[depth++] = group->words;
	}
	return r;
}

static int
add_word(struct reader *reader, const struct word *word, bool adds)
{
	const struct systemd_group *group;
	struct suggest suggest = { 0 };
	char name[64] = "";

	if (word->length == 6 && strncmp(word->text, "@known", 6) == 0)
		return add_known(reader, word, adds);
	group = find_group(word->text, word->length);
	if (group != NULL)
		return add_group(reader, word, group, adds);
	memcpy(name, word->text,
	    word->length < sizeof(name) ? word->length : sizeof(name) - 1);
	suggest.wanted = name;
	for (size_t i = 0; word->text[0] == '@' && i < systemd_group_count; i++)
		suggest_consider(&suggest, systemd_groups[i].name);
	if (word->text[0] != '@' && is_known(name, &suggest))
		return add_call(reader, word, word->text, word->length, adds);
	reader->work += WORK / 1000;
	if (reader->work >= WORK)
		return too_many(reader);
	ruleset_warn(reader->file, word->place, reader->diag,
	    "unknown %s \"%s\"%s: left out, as systemd does",
	    word->text[0] == '@' ? "group" : "system call", name,
	    suggest_text(&suggest));
	return 0;
}

/* "name" or "name:errno" at TEXT. */
static int
read_word(const struct reader *reader, const char *text, size_t length,
    struct place place, struct word *ret_word)
{
	const char *colon = memchr(text, ':', length);

	*ret_word =
	    (struct word){ .text = text, .length = length, .place = place };
	if (colon == NULL)
		return 0;
	ret_word->length = (size_t)(colon - text);
	ret_word->has_action = true;
	if (read_action(colon + 1, length - ret_word->length - 1,
	        &ret_word->action) == 0)
		return 0;
	return ruleset_error(reader->file, place, reader->diag,
	    "expected an errno or \"kill\" behind the colon: \"%.*s\"",
	    (int)(length < 64 ? length : 64), text);
}

/* The value of one SystemCallFilter=. */
static int
read_filter(struct reader *reader, const char *value, const char *end,
    struct place place)
{
	bool refuses = value < end && *value == '~';
	const char *start = value;
	struct word word;
	int r = 0;

	if (value == end) { /* Empty: what came before is forgotten. */
		reader->set->count = 0;
		reader->started = false;
		return 0;
	}
	if (!reader->started) {
		reader->started = true;
		reader->allow = !refuses;
		word = (struct word){
			.text = "@default", .length = 8, .place = place
		};
		if (reader->allow)
			r = add_word(reader, &word, true);
	}
	value += refuses;
	while (r == 0) {
		size_t length;
		struct place at = place;

		value += strspn(value, " \t");
		if (value >= end)
			return 0;
		length = strcspn(value, " \t\n");
		if (length > (size_t)(end - value))
			length = (size_t)(end - value);
		at.column += (unsigned int)(value - start);
		r = read_word(reader, value, length, at, &word);
		if (r == 0 && word.has_action && !refuses)
			ruleset_warn(reader->file, at, reader->diag,
			    "an allowed call takes no errno: left out, as "
			    "systemd does");
		else if (r == 0)
			r = add_word(reader, &word, refuses != reader->allow);
		value += length;
	}
	return r;
}

static bool
is_key(const char *line, const char *key, const char **ret_value)
{
	size_t length = strlen(key);

	if (strncmp(line, key, length) != 0)
		return false;
	line += length;
	line += strspn(line, " \t");
	if (*line != '=')
		return false;
	line++;
	*ret_value = line + strspn(line, " \t");
	return true;
}

/* One line of a unit, without the blanks before it. */
static int
read_line(struct reader *reader, const char *line, const char *end,
    struct place place)
{
	const char *value;

	if (is_key(line, filter_key, &value)) {
		place.column += (unsigned int)(value - line);
		return read_filter(reader, value, end, place);
	}
	if (is_key(line, errno_key, &value)) {
		place.column += (unsigned int)(value - line);
		while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
			end--;
		if (value == end) {
			reader->refusal = SECCOMP_RET_KILL_PROCESS;
			return 0;
		}
		if (read_action(
		        value, (size_t)(end - value), &reader->refusal) == 0)
			return 0;
		return ruleset_error(reader->file, place, reader->diag,
		    "expected an errno or \"kill\"");
	}
	if (is_key(line, log_key, &value) && value < end)
		ruleset_warn(reader->file, place, reader->diag,
		    "%s= is a filter of its own, which is not read", log_key);
	return 0;
}

/* A backslash at a line's end makes one line of two. */
static void
join_lines(char *text)
{
	for (char *at = strchr(text, '\\'); at != NULL;
	     at = strchr(at + 1, '\\'))
		if (at[1] == '\n')
			at[0] = at[1] = ' ';
}

static int
settle(struct reader *reader)
{
	struct ruleset *set = reader->set;

	if (!reader->started)
		return diag_set(reader->diag, EINVAL,
		    "%s: there is no %s= in it", reader->file->path,
		    filter_key);
	set->fallback = reader->allow ? reader->refusal : SECCOMP_RET_ALLOW;
	for (size_t i = 0; i < set->count; i++) {
		struct entry *entry = &set->entries[i];

		if (reader->allow)
			entry->action = SECCOMP_RET_ALLOW;
		else if (entry->action == 0)
			entry->action = reader->refusal;
	}
	set->unknown = set->fallback;
	/* Those that it refuses by name are refused under x32's numbers, too;
	 * which these are is not known here. */
	set->x32 = reader->refusal;
	set->foreign = SECCOMP_RET_KILL_PROCESS;
	set->skip_unknown = true;
	return 0;
}

static int
read_unit(
    struct format_bytes *bytes, struct filter_file *ret_file, struct diag *diag)
{
	struct reader reader = { .file = ret_file,
		.refusal = SECCOMP_RET_KILL_PROCESS,
		.diag = diag };
	const char *line = bytes->data, *start;
	struct place place = { 1, 1 };
	int r = 0;

	if (strlen(bytes->data) != bytes->length)
		return diag_set(diag, EINVAL, "%s: a NUL byte in a unit's text",
		    ret_file->path);
	reader.set = arena_alloc(&ret_file->arena, 1, sizeof(*reader.set));
	if (reader.set == NULL)
		return out_of_memory(&reader);
	ret_file->sets = reader.set;
	ret_file->set_count = 1;
	reader.set->place = place;
	reader.set->fallback_place = place;
	join_lines(bytes->data);
	while (*line != '\0' && r == 0) {
		const char *end = line + strcspn(line, "\n");

		start = line + strspn(line, " \t");
		place.column = (unsigned int)(start - line) + 1;
		r = read_line(&reader, start, end, place);
		line = *end == '\n' ? end + 1 : end;
		place.line++;
	}
	return r == 0 ? settle(&reader) : r;
}

/* --- Writing --- */

/* "EPERM", "kill", or NULL for what the format has no word for. */
static const char *
action_name(uint32_t action)
{
	if (action == SECCOMP_RET_KILL_PROCESS)
		return "kill";
	if ((action & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO)
		return NULL;
	return errno_name((int)(action & SECCOMP_RET_DATA));
}

/* Whether ENTRY can be in the list: 1, 0 if it is lost, -ENOTSUP. */
static int
check_entry(const struct writer *writer, const struct entry *entry)
{
	bool allow = writer->set->fallback != SECCOMP_RET_ALLOW;
	int r = 1;

	if (entry->clause_count > 0)
		r = writer_lose(writer, entry->place,
		    "that %s depends on its arguments", entry->call);
	else if (allow && entry->action != SECCOMP_RET_ALLOW &&
	         entry->action != writer->set->fallback)
		r = writer_lose(writer, entry->place,
		    "that %s is refused otherwise than the rest", entry->call);
	else if (!allow && entry->action != SECCOMP_RET_ALLOW &&
	         action_name(entry->action) == NULL)
		r = writer_lose(writer, entry->place, "the action 0x%x for %s",
		    entry->action, entry->call);
	/* With arguments: allowed for all, if that is what is lost. */
	if (r == 0 && entry->clause_count > 0)
		return entry->action == SECCOMP_RET_ALLOW;
	return r;
}

/* systemd allows @default, whatever the list says. */
static int
check_default(const struct writer *writer, const struct entry *const *entries,
    size_t count)
{
	const struct systemd_group *group = find_group("@default", 8);
	const struct arch *arch = writer->options->arch;
	const char *at = group != NULL ? group->words : "";
	int r = 0;

	for (size_t length; *at != '\0' && r == 0; at += strspn(at, " ")) {
		bool found = false;

		length = strcspn(at, " ");
		for (size_t i = 0; i < count && !found; i++)
			found = entries[i]->action == SECCOMP_RET_ALLOW &&
			        strncmp(entries[i]->call, at, length) == 0 &&
			        entries[i]->call[length] == '\0';
		if (!found && arch_number(arch, at, length) >= 0)
			r = writer_lose(writer, writer->set->place,
			    "that %.*s is refused: it is always allowed",
			    (int)length, at);
		at += length;
	}
	return r;
}

static int
write_names(const struct writer *writer, const struct entry *const *entries,
    size_t count)
{
	uint32_t wanted = writer->set->fallback;
	bool allow = wanted != SECCOMP_RET_ALLOW;
	const char *before = "";
	size_t width = 0;
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		const struct entry *entry = entries[i];
		int r;

		if (i > 0 && strcmp(entry->call, entries[i - 1]->call) == 0)
			continue;
		r = check_entry(writer, entry);
		if (r < 0)
			return r;
		if (r == 0 || (entry->action == SECCOMP_RET_ALLOW) != allow)
			continue;
		any = true;
		if (width == 0) {
			strbuf_printf(
			    writer->buf, "%s=%s", filter_key, allow ? "" : "~");
			width = sizeof(filter_key);
			before = "";
		}
		strbuf_printf(writer->buf, "%s%s", before, entry->call);
		if (!allow)
			strbuf_printf(
			    writer->buf, ":%s", action_name(entry->action));
		before = " ";
		width += strlen(entry->call) + 1;
		if (width > 70) {
			strbuf_putc(writer->buf, '\n');
			width = 0;
		}
	}
	strbuf_puts(writer->buf, width > 0 ? "\n" : "");
	/* A list must be there, if only to say which kind it is. */
	if (!any)
		strbuf_printf(writer->buf, "%s=%s\n", filter_key,
		    allow ? "@default" : "~");
	return 0;
}

/* What is refused without a word about it: an allowed list's rest; x32. */
static int
write_refusal(const struct writer *writer, uint32_t action)
{
	const char *name = action_name(action);

	if (name == NULL)
		return writer_lose(writer, writer->set->fallback_place,
		    "the action 0x%x, apart from listed calls", action);
	strbuf_printf(writer->buf, "%s=%s\n", errno_key, name);
	return 0;
}

static int
write_lines(struct writer *writer)
{
	const struct ruleset *set = writer->set;
	struct ruleset rest = *set;
	bool allow = set->fallback != SECCOMP_RET_ALLOW;
	const struct entry **entries = NULL;
	size_t count = 0;
	int r;

	/* A list of refused calls has x32 refused. */
	if (!allow)
		rest.x32 = rest.fallback;
	writer->set = &rest;
	r = writer_check_rest(writer);
	writer->set = set;
	if (r == 0)
		r = writer_sort(writer, &entries, &count);
	if (r == 0 && allow)
		r = check_default(writer, entries, count);
	if (r < 0)
		return r;
	strbuf_puts(writer->buf, "[Service]\nSystemCallArchitectures=native\n");
	r = write_refusal(writer, allow ? set->fallback : set->x32);
	return r == 0 ? write_names(writer, entries, count) : r;
}

static int
write_unit(const struct filter_file *file, const struct write_options *options,
    struct strbuf *buf, struct diag *diag)
{
	struct writer writer = {
		.file = file, .options = options, .buf = buf, .diag = diag
	};
	int r = writer_start(&writer, "a systemd unit");

	if (r == 0)
		r = write_lines(&writer);
	arena_free(&writer.arena);
	return r;
}

/* A line that sets the filter, at its beginning. */
static bool
recognise(const struct format_bytes *bytes)
{
	const char *line = bytes->data, *value;

	while (line != NULL && *line != '\0') {
		line += strspn(line, " \t\n");
		if (is_key(line, filter_key, &value))
			return true;
		line = strchr(line, '\n');
	}
	return false;
}

const struct format format_systemd = {
	.name = "systemd",
	.text = "SystemCallFilter= lines of a systemd unit",
	.recognise = recognise,
	.read = read_unit,
	.write = write_unit,
};
