/* SPDX-License-Identifier: ISC */
/*
 * seccompiler's JSON: a map of named filters, each with one action for what
 * its rules match and one for the rest.
 *
 * Its rules of one call are alternatives.  A rule without arguments means
 * "always" only if every rule of that call is without: beside others it adds
 * nothing, and files depend on it.  Beyond the original, values may be
 * written as symbols ("O_CREAT|O_EXCL"), and are then kept as such.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "base/table.h"
#include "call/rows.h"
#include "format/format.h"
#include "format/symbols.h"
#include "json/read.h"
#include "json/write.h"

struct reader {
	const struct json_document *json;
	struct filter_file *file;
	struct diag *diag;
};

static const struct action_row {
	const char *name;
	uint32_t action;
	const char *data; /* what its number is called; NULL: it has none */
} action_rows[] = {
	{ "allow", SECCOMP_RET_ALLOW, NULL },
	{ "errno", SECCOMP_RET_ERRNO, "an errno" },
	{ "kill_process", SECCOMP_RET_KILL_PROCESS, NULL },
	{ "kill_thread", SECCOMP_RET_KILL_THREAD, NULL },
	{ "log", SECCOMP_RET_LOG, NULL },
	{ "trace", SECCOMP_RET_TRACE, "the tracer's number" },
	{ "trap", SECCOMP_RET_TRAP, NULL },
	{ "user_notif", SECCOMP_RET_USER_NOTIF, NULL },
};

static const struct op_row {
	const char *name;
	enum clause_op op;
} op_rows[] = {
	{ "eq", CLAUSE_EQ },
	{ "ge", CLAUSE_GE },
	{ "gt", CLAUSE_GT },
	{ "le", CLAUSE_LE },
	{ "lt", CLAUSE_LT },
	{ "masked_eq", CLAUSE_MASKED_EQ },
	{ "ne", CLAUSE_NE },
};

enum { FILTER_MISMATCH, FILTER_MATCH, FILTER_LIST, FILTER_FIELDS };
static const struct json_field filter_fields[] = {
	{ "mismatch_action", "default_action", true },
	{ "match_action", "filter_action", true },
	{ "filter", NULL, true },
};

enum { RULE_SYSCALL, RULE_ARGS, RULE_COMMENT, RULE_FIELDS };
static const struct json_field rule_fields[] = {
	{ "syscall", NULL, true },
	{ "args", NULL, false },
	{ "comment", NULL, false },
};

enum {
	CLAUSE_INDEX,
	CLAUSE_TYPE,
	CLAUSE_OP,
	CLAUSE_VAL,
	CLAUSE_COMMENT,
	CLAUSE_FIELDS
};
static const struct json_field clause_fields[] = {
	{ "index", NULL, true },
	{ "type", NULL, true },
	{ "op", NULL, true },
	{ "val", NULL, true },
	{ "comment", NULL, false },
};

#define LARGEST_DATA 0xffff /* SECCOMP_RET_DATA: more is cut off */

static struct place
place_of(const struct json *value)
{
	return (struct place){ value->line, value->column };
}

static int
out_of_memory(const struct reader *reader)
{
	return diag_set(reader->diag, ENOMEM, "out of memory");
}

static int
wrong_type(
    const struct reader *reader, const struct json *value, const char *wanted)
{
	char found[JSON_DESCRIPTION];

	return json_error(reader->json, value, reader->diag,
	    "expected %s, not %s", wanted, json_describe(value, found));
}

#define FIELDS_MOST 5
static const struct json no_value = { .type = JSON_NULL };

struct fields {
	const struct json_field *rows;
	size_t count;
	const char *what;
};

/* An object's fields by name; or, as serde also reads it, an array's in order.
 */
static int
read_fields(const struct reader *reader, const struct json *value,
    const struct fields *fields, const struct json **ret_values)
{
	const struct json *element = value->first;

	for (size_t i = 0; i < FIELDS_MOST; i++)
		ret_values[i] = &no_value;
	if (value->type == JSON_OBJECT)
		return json_fields(reader->json, value, fields->rows,
		    fields->count, ret_values, reader->diag);
	if (value->type != JSON_ARRAY)
		return wrong_type(reader, value, fields->what);
	if (value->count != fields->count)
		return json_error(reader->json, value, reader->diag,
		    "expected %s, not an array of %zu", fields->what,
		    value->count);
	for (size_t i = 0; i < fields->count; i++, element = element->next)
		ret_values[i] = element;
	return 0;
}

static int
read_comment(const struct reader *reader, const struct json *value,
    const char **ret_comment)
{
	const char *text;
	int r;

	*ret_comment = NULL;
	if (value == NULL || value->type == JSON_NULL)
		return 0;
	r = json_get_string(
	    reader->json, value, "a comment", &text, reader->diag);
	if (r < 0)
		return r;
	*ret_comment = arena_copy(&reader->file->arena, text);
	return *ret_comment == NULL ? out_of_memory(reader) : 0;
}

/* Splits "word" or {"word": data}; *RET_DATA is NULL without data. */
static int
read_variant(const struct reader *reader, const struct json *value,
    const char *what, const char **ret_name, const struct json **ret_data)
{
	*ret_data = NULL;
	if (value->type == JSON_OBJECT && value->count == 1) {
		*ret_name = value->first->name;
		if (strlen(*ret_name) != value->first->name_length)
			*ret_name = "";
		if (value->first->type != JSON_NULL)
			*ret_data = value->first;
		return 0;
	}
	if (value->type != JSON_STRING)
		return wrong_type(reader, value, what);
	return json_get_string(
	    reader->json, value, what, ret_name, reader->diag);
}

static int
read_action(const struct reader *reader, const struct json *value,
    uint32_t *ret_action, uint64_t *ret_data)
{
	const struct action_row *row = NULL;
	const struct json *data;
	struct suggest suggest = { 0 };
	int r;

	r = read_variant(reader, value,
	    "an action, like \"allow\" or {\"errno\": 1}", &suggest.wanted,
	    &data);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(action_rows); i++) {
		suggest_consider(&suggest, action_rows[i].name);
		if (strcmp(action_rows[i].name, suggest.wanted) == 0)
			row = &action_rows[i];
	}
	if (row == NULL)
		return json_error(reader->json, value, reader->diag,
		    "unknown action \"%.100s\"%s", suggest.wanted,
		    suggest_text(&suggest));
	*ret_action = row->action;
	*ret_data = 0;
	if (row->data == NULL && data != NULL)
		return json_error(reader->json, data, reader->diag,
		    "the action \"%s\" takes no value", row->name);
	if (row->data == NULL)
		return 0;
	if (data == NULL)
		return json_error(reader->json, value, reader->diag,
		    "expected a value: {\"%s\": 1}", row->name);
	r = json_get_u64(reader->json, data,
	    (struct json_wanted){ row->data, UINT32_MAX }, ret_data,
	    reader->diag);
	*ret_action |= (uint32_t)*ret_data & SECCOMP_RET_DATA;
	if (r == 0 && *ret_data > LARGEST_DATA)
		ruleset_warn(reader->file, place_of(data), reader->diag,
		    "%s is cut to 16 bits: %u", row->data,
		    *ret_action & SECCOMP_RET_DATA);
	return r;
}

/* A number, or a string of symbols, which are looked up to be sure of them. */
static int
read_operand(const struct reader *reader, const struct json *value,
    const char *what, struct operand *ret_operand)
{
	const char *text;
	int r;

	if (value->type != JSON_STRING)
		return json_get_u64(reader->json, value,
		    (struct json_wanted){ what, UINT64_MAX },
		    &ret_operand->number, reader->diag);
	r = json_get_string(reader->json, value, what, &text, reader->diag);
	if (r < 0)
		return r;
	if (symbol_value(
	        text, arch_native(), &ret_operand->number, reader->diag) < 0) {
		diag_place(reader->diag, reader->file->path, value->line,
		    value->column);
		return -EINVAL;
	}
	ret_operand->symbol = arena_copy(&reader->file->arena, text);
	return ret_operand->symbol == NULL ? out_of_memory(reader) : 0;
}

static int
read_op(const struct reader *reader, const struct json *value,
    struct clause *clause)
{
	const struct op_row *row = NULL;
	const struct json *data;
	struct suggest suggest = { 0 };
	int r;

	r = read_variant(reader, value,
	    "an operator, like \"eq\" or {\"masked_eq\": 3}", &suggest.wanted,
	    &data);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(op_rows); i++) {
		suggest_consider(&suggest, op_rows[i].name);
		if (strcmp(op_rows[i].name, suggest.wanted) == 0)
			row = &op_rows[i];
	}
	if (row == NULL)
		return json_error(reader->json, value, reader->diag,
		    "unknown operator \"%.100s\"%s", suggest.wanted,
		    suggest_text(&suggest));
	clause->op = (uint8_t)row->op;
	if (row->op != CLAUSE_MASKED_EQ && data != NULL)
		return json_error(reader->json, data, reader->diag,
		    "the operator \"%s\" takes no value", row->name);
	if (row->op != CLAUSE_MASKED_EQ)
		return 0;
	if (data == NULL)
		return json_error(reader->json, value, reader->diag,
		    "expected a mask: {\"masked_eq\": 3}");
	return read_operand(reader, data, "a mask", &clause->mask);
}

static int
read_width(
    const struct reader *reader, const struct json *value, uint8_t *ret_width)
{
	*ret_width = json_equals(value, "dword") ? 32 : 64;
	if (*ret_width == 64 && !json_equals(value, "qword"))
		return wrong_type(reader, value, "\"dword\" or \"qword\"");
	return 0;
}

static int
read_clause(const struct reader *reader, const struct json *value,
    struct clause *clause)
{
	static const struct fields fields = { clause_fields, CLAUSE_FIELDS,
		"a condition: {\"index\", \"type\", \"op\", \"val\"}" };
	const struct json *found[FIELDS_MOST];
	uint64_t index = 0;
	int r;

	clause->place = place_of(value);
	r = read_fields(reader, value, &fields, found);
	if (r == 0)
		r = json_get_u64(reader->json, found[CLAUSE_INDEX],
		    (struct json_wanted){ "an argument's index", 5 }, &index,
		    reader->diag);
	if (r < 0)
		return r;
	clause->arg = (uint8_t)index;
	r = read_width(reader, found[CLAUSE_TYPE], &clause->width);
	if (r == 0)
		r = read_op(reader, found[CLAUSE_OP], clause);
	if (r == 0)
		r = read_operand(
		    reader, found[CLAUSE_VAL], "a value", &clause->value);
	if (r == 0)
		r = read_comment(
		    reader, found[CLAUSE_COMMENT], &clause->comment);
	return r;
}

static int
read_clauses(
    const struct reader *reader, const struct json *args, struct entry *entry)
{
	const struct json *value;
	int r = 0;

	if (args == NULL || args->type == JSON_NULL)
		return 0;
	if (args->type != JSON_ARRAY)
		return wrong_type(reader, args, "an array of conditions");
	if (args->count == 0)
		return json_error(reader->json, args, reader->diag,
		    "a rule with \"args\" needs a condition; leave \"args\" "
		    "out to match every call");
	entry->clauses = arena_alloc(
	    &reader->file->arena, args->count, sizeof(*entry->clauses));
	if (entry->clauses == NULL)
		return out_of_memory(reader);
	for (value = args->first; r == 0 && value != NULL; value = value->next)
		r = read_clause(
		    reader, value, &entry->clauses[entry->clause_count++]);
	return r;
}

static int
read_rule(
    const struct reader *reader, const struct json *value, struct entry *entry)
{
	static const struct fields fields = { rule_fields, RULE_FIELDS,
		"a rule: {\"syscall\", \"args\", \"comment\"}" };
	const struct json *found[FIELDS_MOST];
	const char *name = "";
	int r;

	r = read_fields(reader, value, &fields, found);
	if (r == 0)
		r = json_get_string(reader->json, found[RULE_SYSCALL],
		    "a system call's name", &name, reader->diag);
	if (r < 0)
		return r;
	entry->place = place_of(found[RULE_SYSCALL]);
	entry->call = arena_copy(&reader->file->arena, name);
	if (entry->call == NULL)
		return out_of_memory(reader);
	r = read_clauses(reader, found[RULE_ARGS], entry);
	if (r == 0)
		r = read_comment(reader, found[RULE_COMMENT], &entry->comment);
	return r;
}

/* --- What the rules of one call mean together --- */

/* By name, then as in the file. */
static int
compare_entries(const void *a, const void *b)
{
	const struct entry *first = *(struct entry *const *)a;
	const struct entry *second = *(struct entry *const *)b;
	int order = strcmp(first->call, second->call);

	if (order != 0)
		return order;
	return first < second ? -1 : 1;
}

/* How many instructions the original's compiler makes of it. */
static size_t
clause_length(const struct clause *clause)
{
	static const uint8_t lengths[][2] = {
		/* dword, qword */
		[CLAUSE_EQ] = { 2, 4 },
		[CLAUSE_NE] = { 2, 4 },
		[CLAUSE_LT] = { 2, 5 },
		[CLAUSE_LE] = { 2, 5 },
		[CLAUSE_GT] = { 2, 5 },
		[CLAUSE_GE] = { 2, 5 },
		[CLAUSE_MASKED_EQ] = { 3, 6 },
	};

	return lengths[clause->op][clause->width == 64];
}

static size_t
rule_length(const struct entry *entry)
{
	enum { LONGEST_CLAUSE = 6, FARTHEST = 255 };
	size_t length = 0, offset = 1;

	for (size_t i = 0; i < entry->clause_count; i++) {
		/* Where a jump cannot reach, three stepping stones are put. */
		if (offset + LONGEST_CLAUSE + 1 > FARTHEST) {
			length += 3;
			offset = 1;
		}
		length += clause_length(&entry->clauses[i]);
		offset += clause_length(&entry->clauses[i]);
	}
	return 2 + length + 1; /* two jumps before, a return behind */
}

/*
 * Rules of one call, COUNT of them: which have no effect?  Returns what the
 * original's program needs for them.
 */
static size_t
settle_call(struct entry **entries, size_t count)
{
	size_t length = 0;

	for (size_t i = 0; i < count; i++)
		if (entries[i]->clause_count > 0)
			length += rule_length(entries[i]);
	for (size_t i = 0; i < count; i++)
		if (entries[i]->clause_count == 0)
			entries[i]->inert = length > 0 || i > 0;
	/* The call's number compared; an answer if nothing matched. */
	return length > 0 ? 1 + length + 1 : 5;
}

static int
settle_set(const struct reader *reader, struct ruleset *set)
{
	enum { ARCH_CHECK = 3, LOAD_AND_RETURN = 2, TOO_MANY = BPF_MAXINSNS };
	cleanup_free struct entry **sorted =
	    calloc(set->count + 1, sizeof(struct entry *));
	size_t length = ARCH_CHECK + LOAD_AND_RETURN, next;

	if (sorted == NULL)
		return out_of_memory(reader);
	for (size_t i = 0; i < set->count; i++)
		sorted[i] = &set->entries[i];
	qsort((void *)sorted, set->count, sizeof(struct entry *),
	    compare_entries);
	for (size_t i = 0; i < set->count; i = next) {
		next = i + 1;
		while (next < set->count &&
		       strcmp(sorted[next]->call, sorted[i]->call) == 0)
			next++;
		length += settle_call(sorted + i, next - i);
	}
	if (length < TOO_MANY)
		return 0;
	ruleset_error(reader->file, set->place, reader->diag,
	    "the filter \"%.100s\" is too large: seccompiler makes %zu "
	    "instructions of it, and takes %d",
	    set->name, length, TOO_MANY - 1);
	if (reader->diag != NULL)
		reader->diag->err = E2BIG;
	return -E2BIG;
}

static int
read_rules(
    const struct reader *reader, const struct json *list, struct ruleset *set)
{
	const struct json *value;
	int r = 0;

	if (list->type != JSON_ARRAY)
		return wrong_type(reader, list, "an array of rules");
	set->entries = arena_alloc(
	    &reader->file->arena, list->count, sizeof(*set->entries));
	if (set->entries == NULL)
		return out_of_memory(reader);
	for (value = list->first; r == 0 && value != NULL;
	     value = value->next) {
		struct entry *entry = &set->entries[set->count++];

		entry->action = set->match;
		r = read_rule(reader, value, entry);
	}
	return r;
}

static int
read_filter(
    const struct reader *reader, const struct json *value, struct ruleset *set)
{
	static const struct fields fields = { filter_fields, FILTER_FIELDS,
		"a filter: {\"mismatch_action\", \"match_action\", "
		"\"filter\"}" };
	const struct json *found[FIELDS_MOST];
	uint64_t mismatch_data = 0, match_data = 0;
	int r;

	if (strlen(value->name) != value->name_length)
		return json_error(reader->json, value, reader->diag,
		    "expected a filter's name without \\u0000");
	set->name = arena_copy(&reader->file->arena, value->name);
	if (set->name == NULL)
		return out_of_memory(reader);
	set->place = (struct place){ value->name_line, value->name_column };
	r = read_fields(reader, value, &fields, found);
	if (r == 0)
		r = read_action(reader, found[FILTER_MISMATCH], &set->fallback,
		    &mismatch_data);
	if (r == 0)
		r = read_action(
		    reader, found[FILTER_MATCH], &set->match, &match_data);
	if (r < 0)
		return r;
	if (((set->fallback ^ set->match) & SECCOMP_RET_ACTION_FULL) == 0 &&
	    mismatch_data == match_data)
		return json_error(reader->json, found[FILTER_MATCH],
		    reader->diag,
		    "match_action and mismatch_action are the same, so the "
		    "rules would make no difference");
	set->fallback_place = place_of(found[FILTER_MISMATCH]);
	set->unknown = set->fallback;
	set->x32 = set->fallback;
	set->foreign = SECCOMP_RET_KILL_PROCESS;
	r = read_rules(reader, found[FILTER_LIST], set);
	return r == 0 ? settle_set(reader, set) : r;
}

static int
read_file(
    struct format_bytes *bytes, struct filter_file *ret_file, struct diag *diag)
{
	cleanup_json struct json_document json = { 0 };
	struct reader reader = { &json, ret_file, diag };
	const struct json *value;
	int r;

	r = json_read(&json, ret_file->path, take_pointer(bytes->data),
	    bytes->length, diag);
	if (r < 0)
		return r;
	if (json.root->type != JSON_OBJECT)
		return wrong_type(
		    &reader, json.root, "an object of named filters");
	ret_file->sets = arena_alloc(
	    &ret_file->arena, json.root->count, sizeof(*ret_file->sets));
	if (ret_file->sets == NULL)
		return out_of_memory(&reader);
	for (value = json.root->first; r == 0 && value != NULL;
	     value = value->next)
		r = read_filter(
		    &reader, value, &ret_file->sets[ret_file->set_count++]);
	return r;
}

/* --- Writing --- */

struct writer {
	const struct filter_file *file;
	const struct write_options *options;
	struct strbuf *buf;
	struct diag *diag;
};

static const struct action_row *
find_action(uint32_t action)
{
	for (size_t i = 0; i < ARRAY_SIZE(action_rows); i++)
		if (action_rows[i].action == (action & SECCOMP_RET_ACTION_FULL))
			return &action_rows[i];
	return NULL;
}

static int
cannot_say(const struct writer *writer, struct place place, const char *what)
{
	if (writer->options->lossy) {
		ruleset_warn(writer->file, place, writer->diag,
		    "seccompiler's JSON cannot say %s: left out", what);
		return 0;
	}
	ruleset_error(writer->file, place, writer->diag,
	    "seccompiler's JSON cannot say %s", what);
	if (writer->diag != NULL)
		writer->diag->err = ENOTSUP;
	return -ENOTSUP;
}

/* Whether a rule of another format says something here. */
static bool
is_meant(const struct writer *writer, const struct ruleset *set,
    const struct entry *entry)
{
	const struct arch *arch = writer->options->arch;

	if (writer->file->format == &format_seccompiler)
		return true;
	if (entry->inert || !entry_applies(entry, arch))
		return false;
	return !set->skip_unknown ||
	       arch_number(arch, entry->call, strlen(entry->call)) >= 0;
}

/* It has one action for all rules: that of the first one that allows. */
static uint32_t
choose_action(const struct writer *writer, const struct ruleset *set)
{
	const struct entry *chosen = NULL;

	for (size_t i = 0; i < set->count; i++) {
		const struct entry *entry = &set->entries[i];

		if (!is_meant(writer, set, entry) ||
		    entry->action == set->fallback)
			continue;
		if (entry->action == SECCOMP_RET_ALLOW)
			return entry->action;
		if (chosen == NULL)
			chosen = entry;
	}
	if (chosen != NULL)
		return chosen->action;
	return set->count > 0 ? set->entries[0].action : 0;
}

/* The rules that are written; the others are lost, if they say anything. */
static int
select_entries(
    const struct writer *writer, struct ruleset *set, struct entry *selected)
{
	uint32_t action = choose_action(writer, set);
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; i < set->count && r == 0; i++) {
		const struct entry *entry = &set->entries[i];

		if (writer->file->format != &format_seccompiler &&
		    !entry->inert && !call_is_known(entry->call)) {
			r = cannot_say(writer, entry->place,
			    "a call that no architecture has");
			continue;
		}
		if (!is_meant(writer, set, entry))
			continue;
		if (entry->action == action)
			selected[count++] = *entry;
		else
			r = cannot_say(writer, entry->place,
			    "two actions for rules in one filter");
	}
	set->entries = selected;
	set->count = count;
	return r;
}

/* It has no word on other architectures. */
static int
check_set(const struct writer *writer, const struct ruleset *set)
{
	if (set->foreign != SECCOMP_RET_KILL_PROCESS)
		return cannot_say(writer, set->place,
		    "what other architectures' calls get; it kills them");
	if (set->unknown != set->fallback || set->x32 != set->fallback)
		return cannot_say(writer, set->place,
		    "what unknown calls get, apart from the rest");
	if (set->count > 0 && set->entries[0].action == set->fallback)
		return cannot_say(writer, set->place,
		    "a filter that answers everything alike");
	return 0;
}

/* The rules' action; without rules, any but the fallback. */
static uint32_t
match_action(const struct ruleset *set)
{
	if (set->count > 0)
		return set->entries[0].action;
	if (set->match != set->fallback)
		return set->match;
	return set->fallback == SECCOMP_RET_ALLOW ? SECCOMP_RET_KILL_PROCESS
	                                          : SECCOMP_RET_ALLOW;
}

static int
write_action(const struct writer *writer, const struct ruleset *set,
    const char *name, uint32_t action)
{
	const struct action_row *row = find_action(action);

	if (row == NULL)
		return cannot_say(writer, set->place, "this action");
	if (row->data == NULL && (action & SECCOMP_RET_DATA) != 0)
		return cannot_say(writer, set->place, "a trap's number");
	if (row->data == NULL)
		strbuf_printf(
		    writer->buf, "\t\t\"%s\": \"%s\",\n", name, row->name);
	else
		strbuf_printf(writer->buf, "\t\t\"%s\": { \"%s\": %u },\n",
		    name, row->name, action & SECCOMP_RET_DATA);
	return 0;
}

static int
write_operand(const struct writer *writer, const struct operand *operand)
{
	uint64_t number = operand->number;

	if (operand->symbol != NULL && !writer->options->numbers) {
		json_quote(writer->buf, operand->symbol);
		return 0;
	}
	if (operand->symbol != NULL &&
	    symbol_value(operand->symbol, writer->options->arch, &number,
	        writer->diag) < 0)
		return -EINVAL;
	strbuf_printf(writer->buf, "%llu", (unsigned long long)number);
	return 0;
}

static void
write_comment(const struct writer *writer, const char *comment)
{
	if (comment == NULL)
		return;
	strbuf_puts(writer->buf, ", \"comment\": ");
	json_quote(writer->buf, comment);
}

static int
write_clause(const struct writer *writer, const struct clause *clause)
{
	const struct op_row *row = op_rows;
	int r = 0;

	while (row->op != (enum clause_op)clause->op)
		row++;
	strbuf_printf(writer->buf,
	    "\t\t\t\t\t{ \"index\": %u, \"type\": \"%s\", \"op\": ",
	    clause->arg, clause->width == 32 ? "dword" : "qword");
	if (clause->op == CLAUSE_MASKED_EQ) {
		strbuf_printf(writer->buf, "{ \"%s\": ", row->name);
		r = write_operand(writer, &clause->mask);
		strbuf_puts(writer->buf, " }");
	} else
		strbuf_printf(writer->buf, "\"%s\"", row->name);
	strbuf_puts(writer->buf, ", \"val\": ");
	if (r == 0)
		r = write_operand(writer, &clause->value);
	write_comment(writer, clause->comment);
	strbuf_puts(writer->buf, " }");
	return r;
}

static int
write_rule(const struct writer *writer, const struct entry *entry)
{
	int r = 0;

	strbuf_puts(writer->buf, "\t\t\t{ \"syscall\": ");
	json_quote(writer->buf, entry->call);
	if (entry->clause_count > 0)
		strbuf_puts(writer->buf, ", \"args\": [\n");
	for (size_t i = 0; r == 0 && i < entry->clause_count; i++) {
		r = write_clause(writer, &entry->clauses[i]);
		strbuf_puts(
		    writer->buf, i + 1 < entry->clause_count ? ",\n" : " ]");
	}
	write_comment(writer, entry->comment);
	strbuf_puts(writer->buf, " }");
	return r;
}

/* Of a call that is matched anyway, a rule with arguments would be all. */
static bool
is_covered(const struct ruleset *set, const struct entry *entry)
{
	if (entry->clause_count == 0)
		return false;
	for (size_t i = 0; i < set->count; i++) {
		const struct entry *other = &set->entries[i];

		if (other->clause_count == 0 && !other->inert &&
		    strcmp(other->call, entry->call) == 0)
			return true;
	}
	return false;
}

static int
write_rules(const struct writer *writer, const struct ruleset *set)
{
	const char *before = "\n";
	int r = 0;

	strbuf_puts(writer->buf, "\t\t\"filter\": [");
	for (size_t i = 0; r == 0 && i < set->count; i++) {
		if (is_covered(set, &set->entries[i]))
			continue;
		strbuf_puts(writer->buf, before);
		before = ",\n";
		r = write_rule(writer, &set->entries[i]);
	}
	strbuf_puts(writer->buf, set->count > 0 ? "\n\t\t]\n" : "]\n");
	return r;
}

static int
write_set(const struct writer *writer, const struct ruleset *whole)
{
	cleanup_free struct entry *selected =
	    calloc(whole->count + 1, sizeof(*selected));
	struct ruleset rest = *whole;
	const struct ruleset *set = &rest;
	int r;

	if (selected == NULL)
		return diag_set(writer->diag, ENOMEM, "out of memory");
	r = select_entries(writer, &rest, selected);
	if (r == 0)
		r = check_set(writer, set);
	if (r < 0)
		return r;
	strbuf_putc(writer->buf, '\t');
	json_quote(writer->buf, set->name != NULL ? set->name : "main");
	strbuf_puts(writer->buf, ": {\n");
	r = write_action(writer, set, "mismatch_action", set->fallback);
	if (r == 0)
		r = write_action(
		    writer, set, "match_action", match_action(set));
	if (r == 0)
		r = write_rules(writer, set);
	strbuf_puts(writer->buf, "\t}");
	return r;
}

static int
write_file(const struct filter_file *file, const struct write_options *options,
    struct strbuf *buf, struct diag *diag)
{
	const struct writer writer = { file, options, buf, diag };
	int r = 0;

	if (file->program != NULL)
		return diag_set(diag, ENOTSUP,
		    "%s: a program's rules are not to be had", file->path);
	strbuf_puts(buf, "{");
	for (size_t i = 0; r == 0 && i < file->set_count; i++) {
		strbuf_puts(buf, i == 0 ? "\n" : ",\n");
		r = write_set(&writer, &file->sets[i]);
	}
	strbuf_puts(buf, file->set_count > 0 ? "\n}\n" : "}\n");
	return r;
}

static bool
recognise(const struct format_bytes *bytes)
{
	const char *at = bytes->data;

	if (strncmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	at += strspn(at, " \t\r\n");
	return *at == '{' || *at == '[';
}

const struct format format_seccompiler = {
	.name = "seccompiler",
	.text = "named filters in seccompiler's JSON",
	.recognise = recognise,
	.read = read_file,
	.write = write_file,
};
