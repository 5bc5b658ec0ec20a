/* SPDX-License-Identifier: ISC */
/*
 * Reading a container's seccomp profile as runc, crun, Docker and Podman do.
 *
 * What depends on the container is settled for Docker's default capabilities
 * and this machine's kernel.  Names that an architecture lacks are skipped.
 * One whose action is the default says nothing (runc).  Of the rest, one
 * without arguments outweighs those of its call that have some, wherever it
 * stands, and the first of several such ones counts (libseccomp).  Of two with
 * arguments that both hold the stricter counts; libseccomp's choice depends on
 * how it sorts their comparisons.
 */
#include "call/errnos.h"
#include "format/oci.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "base/table.h"
#include "filter/filter.h"
#include "json/read.h"
#include "policy/policy.h"

struct reader {
	const struct json_document *json;
	struct filter_file *file;
	struct ruleset *set;
	struct oci_ignored *ignored;
	struct diag *diag;
};

/* One element of "syscalls", its names still together. */
struct group {
	const struct json *names;
	const char *comment;
	uint32_t action;
	uint32_t arches; /* as entry.arches */
	struct clause *clauses;
	size_t clause_count;
	bool apart; /* each clause is a rule of its own */
};

enum {
	PROFILE_ACTION,
	PROFILE_ERRNO,
	PROFILE_ERRNO_NAME,
	PROFILE_CALLS,
	PROFILE_FLAGS,
	PROFILE_ARCHS,
	PROFILE_ARCH_MAP,
	PROFILE_LISTENER,
	PROFILE_METADATA,
	PROFILE_BASE,
	PROFILE_FIELDS
};
static const struct oci_field profile_fields[] = {
	{ "defaultAction", FIELD_REQUIRED }, { "defaultErrnoRet", 0 },
	{ "defaultErrno", 0 }, /* Podman's: its name */
	{ "syscalls", 0 }, { "flags", 0 }, { "architectures", 0 },
	{ "archMap", 0 }, { "listenerPath", 0 }, { "listenerMetadata", 0 },
	{ "baseProfileName", 0 }, /* the Security Profiles Operator's */
};

enum {
	RULE_NAMES,
	RULE_NAME,
	RULE_ACTION,
	RULE_ERRNO,
	RULE_ERRNO_NAME,
	RULE_ARGS,
	RULE_INCLUDES,
	RULE_EXCLUDES,
	RULE_COMMENT,
	RULE_FIELDS
};
static const struct oci_field rule_fields[] = {
	{ "names", 0 },
	{ "name", 0 }, /* before there were several */
	{ "action", FIELD_REQUIRED },
	{ "errnoRet", 0 },
	{ "errno", 0 }, /* Podman's: its name */
	{ "args", 0 },
	{ "includes", 0 },
	{ "excludes", 0 },
	{ "comment", FIELD_REMARK },
};

enum { ARG_INDEX, ARG_VALUE, ARG_VALUE_TWO, ARG_OP, ARG_FIELDS };
static const struct oci_field arg_fields[] = {
	{ "index", FIELD_REQUIRED },
	{ "value", FIELD_REQUIRED },
	{ "valueTwo", 0 },
	{ "op", FIELD_REQUIRED },
};

enum { WHEN_CAPS, WHEN_ARCHES, WHEN_KERNEL, WHEN_FIELDS };
static const struct json_field when_fields[] = {
	{ "caps", NULL, false },
	{ "arches", NULL, false },
	{ "minKernel", NULL, false },
};

/* What Docker leaves a container that asks for nothing. */
static const char *const default_caps[] = { "CAP_AUDIT_WRITE", "CAP_CHOWN",
	"CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
	"CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID",
	"CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT" };

static bool
is_absent(const struct json *value)
{
	return value == NULL || value->type == JSON_NULL;
}

static struct place
place_of(const struct json *value)
{
	if (value == NULL)
		return (struct place){ 0 };
	return (struct place){ value->line, value->column };
}

static int
out_of_memory(const struct reader *reader)
{
	return diag_set(reader->diag, ENOMEM, "out of memory");
}

static int
expect(const struct reader *reader, const struct json *value,
    enum json_type type, const char *wanted)
{
	char found[JSON_DESCRIPTION];

	if (value->type == type)
		return 0;
	return json_error(reader->json, value, reader->diag,
	    "expected %s, not %s", wanted, json_describe(value, found));
}

static int
read_fields(const struct reader *reader, const struct json *value,
    const struct oci_field *fields, size_t count, const struct json **found)
{
	const struct oci_object object = { reader->json, value,
		reader->ignored };

	return oci_fields(&object, fields, count, found, reader->diag);
}

static int
copy_string(const struct reader *reader, const struct json *value,
    const char *what, const char **ret_text)
{
	const char *text;
	int r;

	*ret_text = NULL;
	if (is_absent(value))
		return 0;
	r = json_get_string(reader->json, value, what, &text, reader->diag);
	if (r < 0)
		return r;
	*ret_text = arena_copy(&reader->file->arena, text);
	return *ret_text == NULL ? out_of_memory(reader) : 0;
}

/* The errno beside an action: by number, by name, or the usual one. */
static int
read_errno(const struct reader *reader, const struct json *number,
    const struct json *name, uint64_t *ret_errno)
{
	const char *text;
	int r;

	*ret_errno = EPERM;
	if (is_absent(number) && (is_absent(name) || json_equals(name, "")))
		return 0;
	if (is_absent(number)) {
		r = json_get_string(
		    reader->json, name, "an errno's name", &text, reader->diag);
		if (r < 0)
			return r;
		r = errno_find(text);
		if (r < 0)
			return json_error(reader->json, name, reader->diag,
			    "unknown errno \"%.100s\"", text);
		*ret_errno = (uint64_t)r;
		return 0;
	}
	r = json_get_u64(reader->json, number,
	    (struct json_wanted){ "an errno", UINT32_MAX }, ret_errno,
	    reader->diag);
	if (r == 0 && *ret_errno > OCI_ERRNO_MAX)
		return json_error(reader->json, number, reader->diag,
		    "the largest errno that libseccomp takes is %d, not %llu",
		    OCI_ERRNO_MAX, (unsigned long long)*ret_errno);
	return r;
}

static int
find_action(const struct reader *reader, const struct json *value,
    const struct oci_action **ret_row)
{
	struct suggest suggest = { 0 };
	int r;

	r = json_get_string(reader->json, value,
	    "an action, like \"SCMP_ACT_ALLOW\"", &suggest.wanted,
	    reader->diag);
	if (r < 0)
		return r;
	for (size_t i = 0; i < oci_action_count; i++) {
		suggest_consider(&suggest, oci_actions[i].name);
		if (strcmp(oci_actions[i].name, suggest.wanted) != 0)
			continue;
		*ret_row = &oci_actions[i];
		return 0;
	}
	return json_error(reader->json, value, reader->diag,
	    "unknown action \"%.100s\"%s", suggest.wanted,
	    suggest_text(&suggest));
}

static int
read_action(const struct reader *reader, const struct json *value,
    const struct json *number, const struct json *name, uint32_t *ret_action)
{
	const struct oci_action *row = NULL;
	uint64_t data = 0;
	int r = find_action(reader, value, &row);

	if (r < 0 || row == NULL)
		return r;
	if (row->action == SECCOMP_RET_ERRNO)
		r = read_errno(reader, number, name, &data);
	else if (row->takes_data && !is_absent(number))
		r = json_get_u64(reader->json, number,
		    (struct json_wanted){ "the tracer's number", UINT16_MAX },
		    &data, reader->diag);
	else if (!row->takes_data && !is_absent(number))
		ruleset_warn(reader->file, place_of(number), reader->diag,
		    "the action %s takes no errno: this one is ignored, as "
		    "the runtimes do",
		    row->name);
	*ret_action = row->action | (uint32_t)data;
	return r;
}

static int
read_op(const struct reader *reader, const struct json *value, uint8_t *ret_op)
{
	struct suggest suggest = { 0 };
	int r;

	r = json_get_string(reader->json, value,
	    "an operator, like \"SCMP_CMP_EQ\"", &suggest.wanted, reader->diag);
	if (r < 0)
		return r;
	for (size_t i = 0; i < oci_op_count; i++) {
		suggest_consider(&suggest, oci_ops[i].name);
		if (strcmp(oci_ops[i].name, suggest.wanted) != 0)
			continue;
		*ret_op = (uint8_t)oci_ops[i].op;
		return 0;
	}
	return json_error(reader->json, value, reader->diag,
	    "unknown operator \"%.100s\"%s", suggest.wanted,
	    suggest_text(&suggest));
}

static int
read_arg(const struct reader *reader, const struct json *value,
    struct clause *clause)
{
	const struct json *found[ARG_FIELDS] = { NULL };
	uint64_t index = 0, first = 0, second = 0;
	int r;

	r = read_fields(reader, value, arg_fields, ARG_FIELDS, found);
	if (r == 0)
		r = json_get_u64(reader->json, found[ARG_INDEX],
		    (struct json_wanted){ "an argument's index", 5 }, &index,
		    reader->diag);
	if (r == 0)
		r = json_get_u64(reader->json, found[ARG_VALUE],
		    (struct json_wanted){ "a value", UINT64_MAX }, &first,
		    reader->diag);
	if (r == 0 && !is_absent(found[ARG_VALUE_TWO]))
		r = json_get_u64(reader->json, found[ARG_VALUE_TWO],
		    (struct json_wanted){ "a value", UINT64_MAX }, &second,
		    reader->diag);
	if (r == 0)
		r = read_op(reader, found[ARG_OP], &clause->op);
	if (r < 0)
		return r;
	clause->arg = (uint8_t)index;
	clause->width = 64;
	clause->place = place_of(value);
	clause->value.number = first;
	if (clause->op == CLAUSE_MASKED_EQ) {
		clause->mask.number = first;
		clause->value.number = second;
	}
	return 0;
}

/* Two comparisons of one argument make runc take each by itself. */
static void
find_apart(const struct reader *reader, struct group *group)
{
	unsigned int seen = 0;

	for (size_t i = 0; i < group->clause_count; i++) {
		group->apart =
		    group->apart || (seen & 1U << group->clauses[i].arg);
		seen |= 1U << group->clauses[i].arg;
	}
	if (group->apart)
		ruleset_warn(reader->file, group->clauses[0].place,
		    reader->diag,
		    "an argument is compared twice, so that each of these "
		    "comparisons is a rule of its own (as runc has it)");
}

static int
read_args(
    const struct reader *reader, const struct json *args, struct group *group)
{
	const struct json *value;
	int r;

	if (is_absent(args))
		return 0;
	r = expect(reader, args, JSON_ARRAY, "an array of comparisons");
	if (r < 0)
		return r;
	group->clauses = arena_alloc(
	    &reader->file->arena, args->count + 1, sizeof(*group->clauses));
	if (group->clauses == NULL)
		return out_of_memory(reader);
	for (value = args->first; r == 0 && value != NULL;
	     value = value->next) {
		r = expect(reader, value, JSON_OBJECT,
		    "a comparison: {\"index\", \"value\", \"op\"}");
		if (r == 0)
			r = read_arg(reader, value,
			    &group->clauses[group->clause_count++]);
	}
	if (r == 0)
		find_apart(reader, group);
	return r;
}

/* --- On what a rule depends --- */

static bool
has_cap(const struct json *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(default_caps); i++)
		if (json_equals(name, default_caps[i]))
			return true;
	return false;
}

/* Bits of the architectures of ours that are named, by arch_at()'s index. */
static uint32_t
arch_bits(const struct json *name)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < oci_arch_count; i++) {
		const struct oci_arch *row = &oci_archs[i];

		if (row->name == NULL || !json_equals(name, row->go))
			continue;
		for (size_t j = 0; arch_at(j) != NULL; j++)
			if (arch_at(j) == arch_find(row->name))
				bits |= UINT32_C(1) << j;
	}
	return bits;
}

static bool
kernel_is_at_least(const char *wanted)
{
	struct utsname name;
	unsigned long have[2] = { 0 }, want[2] = { 0 };
	char *end;

	if (uname(&name) != 0)
		return false;
	have[0] = strtoul(name.release, &end, 10);
	if (*end == '.')
		have[1] = strtoul(end + 1, NULL, 10);
	want[0] = strtoul(wanted, &end, 10);
	if (*end == '.')
		want[1] = strtoul(end + 1, NULL, 10);
	return have[0] > want[0] || (have[0] == want[0] && have[1] >= want[1]);
}

static int
check_strings(
    const struct reader *reader, const struct json *list, const char *wanted)
{
	int r = expect(reader, list, JSON_ARRAY, wanted);

	for (const struct json *value = list->first; r == 0 && value != NULL;
	     value = value->next)
		r = expect(reader, value, JSON_STRING, wanted);
	return r;
}

/* What "includes" or "excludes" asks for, and what of it is so. */
struct when {
	size_t asked, held; /* of capabilities and kernel */
	bool any_arch;
	uint32_t arches;
};

static int
read_when(const struct reader *reader, const struct json *value,
    struct when *ret_when)
{
	const struct json *found[WHEN_FIELDS] = { NULL }, *name;
	const char *text;
	int r;

	*ret_when = (struct when){ 0 };
	if (is_absent(value))
		return 0;
	r = json_fields(
	    reader->json, value, when_fields, WHEN_FIELDS, found, reader->diag);
	if (r == 0 && !is_absent(found[WHEN_CAPS])) {
		r = check_strings(
		    reader, found[WHEN_CAPS], "names of capabilities");
		for (name = found[WHEN_CAPS]->first; r == 0 && name != NULL;
		     name = name->next) {
			ret_when->asked++;
			ret_when->held += has_cap(name);
		}
	}
	if (r == 0 && !is_absent(found[WHEN_ARCHES])) {
		r = check_strings(
		    reader, found[WHEN_ARCHES], "names of architectures");
		ret_when->any_arch = found[WHEN_ARCHES]->count > 0;
		for (name = found[WHEN_ARCHES]->first; r == 0 && name != NULL;
		     name = name->next)
			ret_when->arches |= arch_bits(name);
	}
	if (r == 0 && !is_absent(found[WHEN_KERNEL])) {
		r = json_get_string(reader->json, found[WHEN_KERNEL],
		    "a kernel's version, like \"4.8\"", &text, reader->diag);
		if (r == 0) {
			ret_when->asked++;
			ret_when->held += kernel_is_at_least(text);
		}
	}
	return r;
}

/* All that is included must be so, and nothing that is excluded. */
static int
read_dependence(const struct reader *reader, const struct json *const *found,
    struct group *group, bool *ret_applies)
{
	struct when include = { 0 }, exclude = { 0 };
	int r = 0;

	for (int i = RULE_INCLUDES; i <= RULE_EXCLUDES && r == 0; i++)
		if (!is_absent(found[i]))
			r = expect(reader, found[i], JSON_OBJECT,
			    "an object of \"caps\", \"arches\", \"minKernel\"");
	if (r == 0)
		r = read_when(reader, found[RULE_INCLUDES], &include);
	if (r == 0)
		r = read_when(reader, found[RULE_EXCLUDES], &exclude);
	if (r < 0)
		return r;
	group->arches = UINT32_MAX;
	if (include.any_arch)
		group->arches = include.arches;
	group->arches &= ~exclude.arches;
	*ret_applies = include.held == include.asked && exclude.held == 0 &&
	               group->arches != 0;
	return 0;
}

/* --- Rules --- */

static int
add_entry(struct reader *reader, const struct group *group,
    const struct json *name, struct clause *clauses, size_t count)
{
	struct ruleset *set = reader->set;
	struct entry *entry = &set->entries[set->count];
	const char *call;
	int r;

	r = json_get_string(
	    reader->json, name, "a system call's name", &call, reader->diag);
	if (r < 0)
		return r;
	*entry = (struct entry){ .call = arena_copy(&reader->file->arena, call),
		.clauses = clauses,
		.clause_count = count,
		.action = group->action,
		.inert = group->action == set->fallback,
		.arches = group->arches,
		.comment = group->comment,
		.place = place_of(name) };
	if (entry->call == NULL)
		return out_of_memory(reader);
	set->count++;
	return 0;
}

static int
add_name(
    struct reader *reader, const struct group *group, const struct json *name)
{
	int r = 0;

	if (!group->apart)
		return add_entry(
		    reader, group, name, group->clauses, group->clause_count);
	for (size_t i = 0; i < group->clause_count && r == 0; i++)
		r = add_entry(reader, group, name, &group->clauses[i], 1);
	return r;
}

static int
read_group(struct reader *reader, const struct json *value,
    struct group *ret_group, bool *ret_applies)
{
	const struct json *found[RULE_FIELDS] = { NULL };
	int r;

	*ret_group = (struct group){ 0 };
	r = expect(reader, value, JSON_OBJECT,
	    "a rule: {\"names\", \"action\", \"args\"}");
	if (r == 0)
		r = read_fields(reader, value, rule_fields, RULE_FIELDS, found);
	if (r == 0)
		r = read_action(reader, found[RULE_ACTION], found[RULE_ERRNO],
		    found[RULE_ERRNO_NAME], &ret_group->action);
	if (r == 0)
		r = read_args(reader, found[RULE_ARGS], ret_group);
	if (r == 0)
		r = read_dependence(reader, found, ret_group, ret_applies);
	if (r == 0)
		r = copy_string(reader, found[RULE_COMMENT], "a comment",
		    &ret_group->comment);
	if (r < 0)
		return r;
	ret_group->names = found[RULE_NAMES];
	if (!is_absent(found[RULE_NAMES]) == !is_absent(found[RULE_NAME]))
		return json_error(reader->json, value, reader->diag,
		    "expected either \"names\" or \"name\"");
	if (is_absent(found[RULE_NAMES])) {
		ret_group->names = found[RULE_NAME];
		return expect(reader, ret_group->names, JSON_STRING,
		    "a system call's name");
	}
	return expect(reader, ret_group->names, JSON_ARRAY,
	    "an array of system calls' names");
}

static int
read_rule(struct reader *reader, const struct json *value)
{
	struct group group;
	bool applies = false;
	int r;

	r = read_group(reader, value, &group, &applies);
	if (r < 0 || !applies)
		return r;
	if (group.names->type == JSON_STRING)
		return add_name(reader, &group, group.names);
	for (const struct json *name = group.names->first;
	     r == 0 && name != NULL; name = name->next)
		r = add_name(reader, &group, name);
	return r;
}

/* How many entries there can be. */
static size_t
count_entries(const struct json *calls)
{
	size_t count = 0;

	for (const struct json *rule = calls->first; rule != NULL;
	     rule = rule->next) {
		const struct json *names = json_find(rule, "names");
		const struct json *args = json_find(rule, "args");
		size_t each = args != NULL && args->count > 1 ? args->count : 1;

		count += each * (names != NULL ? names->count + 1 : 1);
	}
	return count;
}

/* Whether the kernel prefers SECOND to FIRST, whichever comes first. */
static bool
is_stricter(uint32_t second, uint32_t first)
{
	return second != first && answer_stricter(first, second) == second;
}

/*
 * By call; those without arguments first, as in the file; then those with, the
 * strictest first.
 */
static int
compare_entries(const void *a, const void *b)
{
	const struct entry *first = *(struct entry *const *)a;
	const struct entry *second = *(struct entry *const *)b;
	int order = strcmp(first->call, second->call);

	if (order != 0)
		return order;
	if ((first->clause_count == 0) != (second->clause_count == 0))
		return first->clause_count == 0 ? -1 : 1;
	if (first->clause_count > 0 &&
	    is_stricter(first->action, second->action))
		return -1;
	if (first->clause_count > 0 &&
	    is_stricter(second->action, first->action))
		return 1;
	return first < second ? -1 : 1;
}

static void
warn_other_action(const struct reader *reader, const struct entry *entry,
    const struct entry *before)
{
	ruleset_warn(reader->file, entry->place, reader->diag,
	    "%s gets another action here than in line %u; %s", entry->call,
	    before->place.line,
	    before->clause_count > 0
	        ? "where both apply, the stricter one counts"
	    : entry->clause_count > 0
	        ? "that one counts, as it is without arguments"
	        : "the first one counts");
}

/* Rules of one call, sorted: which have no effect? */
static void
settle_call(
    const struct reader *reader, struct entry *const *entries, size_t count)
{
	const struct entry *plain = NULL;
	const struct entry *first = NULL;

	for (size_t i = 0; i < count; i++) {
		struct entry *entry = entries[i];

		if (entry->inert)
			continue;
		if (first != NULL && first->action != entry->action &&
		    (first->arches & entry->arches) != 0)
			warn_other_action(reader, entry, first);
		if (plain != NULL && (entry->arches & ~plain->arches) == 0)
			entry->inert = true;
		if (first == NULL)
			first = entry;
		if (plain == NULL && entry->clause_count == 0)
			plain = entry;
	}
}

/* Puts the rules into an order in which the first that holds answers. */
static int
settle(struct reader *reader)
{
	struct ruleset *set = reader->set;
	cleanup_free struct entry **sorted =
	    calloc(set->count + 1, sizeof(struct entry *));
	struct entry *entries =
	    arena_alloc(&reader->file->arena, set->count + 1, sizeof(*entries));
	size_t next;

	if (sorted == NULL || entries == NULL)
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
		settle_call(reader, sorted + i, next - i);
	}
	for (size_t i = 0; i < set->count; i++)
		entries[i] = *sorted[i];
	set->entries = entries;
	return 0;
}

static int
read_calls(struct reader *reader, const struct json *calls)
{
	struct ruleset *set = reader->set;
	size_t count;
	int r;

	if (is_absent(calls))
		return 0;
	r = expect(reader, calls, JSON_ARRAY, "an array of rules");
	if (r < 0)
		return r;
	count = count_entries(calls);
	if (count >= UINT16_MAX)
		return json_error(reader->json, calls, reader->diag,
		    "more than %d rules", UINT16_MAX);
	set->entries =
	    arena_alloc(&reader->file->arena, count + 1, sizeof(*set->entries));
	if (set->entries == NULL)
		return out_of_memory(reader);
	for (const struct json *value = calls->first; r == 0 && value != NULL;
	     value = value->next)
		r = read_rule(reader, value);
	return r == 0 ? settle(reader) : r;
}

/* The flags as words. */
static int
read_flags(const struct reader *reader, const struct json *flags)
{
	cleanup_strbuf struct strbuf words = { 0 };
	int r;

	if (is_absent(flags))
		return 0;
	r = check_strings(reader, flags, "an array of flags");
	if (r < 0 || flags->count == 0)
		return r;
	for (const struct json *flag = flags->first; flag != NULL;
	     flag = flag->next) {
		if (strspn(flag->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") !=
		    flag->length)
			return json_error(reader->json, flag, reader->diag,
			    "expected a flag, like "
			    "\"SECCOMP_FILTER_FLAG_LOG\"");
		strbuf_printf(&words, "%s%s", flag == flags->first ? "" : " ",
		    flag->text);
	}
	if (words.failed)
		return out_of_memory(reader);
	reader->file->flags = arena_copy(&reader->file->arena, words.data);
	return reader->file->flags == NULL ? out_of_memory(reader) : 0;
}

/* The native architecture always counts; others are given by --arch. */
static int
check_archs(const struct reader *reader, const struct json *list,
    const struct json *map)
{
	int r = 0;

	if (!is_absent(list))
		r = check_strings(
		    reader, list, "architectures, like \"SCMP_ARCH_X86_64\"");
	if (r == 0 && !is_absent(map))
		r = expect(reader, map, JSON_ARRAY,
		    "an array of {\"architecture\", \"subArchitectures\"}");
	if (r == 0 && !is_absent(map) && !is_absent(list) && list->count > 0)
		r = json_error(reader->json, map, reader->diag,
		    "\"architectures\" and \"archMap\" are not to be given "
		    "both");
	return r;
}

static int
read_profile(struct reader *reader, const struct json *profile)
{
	const struct json *found[PROFILE_FIELDS] = { NULL };
	struct ruleset *set = reader->set;
	int r;

	r = expect(reader, profile, JSON_OBJECT,
	    "a profile: {\"defaultAction\", \"syscalls\"}");
	if (r == 0)
		r = read_fields(
		    reader, profile, profile_fields, PROFILE_FIELDS, found);
	if (r == 0)
		r = read_action(reader, found[PROFILE_ACTION],
		    found[PROFILE_ERRNO], found[PROFILE_ERRNO_NAME],
		    &set->fallback);
	if (r < 0)
		return r;
	if (!is_absent(found[PROFILE_BASE]))
		return json_error(reader->json, found[PROFILE_BASE],
		    reader->diag,
		    "this profile is an addition to another one, which is not "
		    "in this file");
	set->place = place_of(profile);
	set->fallback_place = place_of(found[PROFILE_ACTION]);
	set->unknown = set->fallback;
	set->x32 = set->fallback;
	set->foreign = SECCOMP_RET_KILL_PROCESS;
	set->skip_unknown = true;
	r = check_archs(reader, found[PROFILE_ARCHS], found[PROFILE_ARCH_MAP]);
	if (r == 0)
		r = read_flags(reader, found[PROFILE_FLAGS]);
	if (r == 0)
		r = copy_string(reader, found[PROFILE_LISTENER],
		    "a socket's path", &reader->file->listener_path);
	if (r == 0)
		r = copy_string(reader, found[PROFILE_METADATA],
		    "a text for the listener",
		    &reader->file->listener_metadata);
	if (r == 0)
		r = read_calls(reader, found[PROFILE_CALLS]);
	if (r == 0)
		ruleset_warn_unknown(reader->file, set, reader->diag);
	return r;
}

/* What a profile is kept in: a container's config.json, a Kubernetes object. */
static const char *const wrappers[][2] = {
	{ "linux", "seccomp" },
	{ "spec", NULL },
};

static const struct json *
find_profile(const struct json *root)
{
	if (root->type != JSON_OBJECT ||
	    json_find(root, "defaultAction") != NULL)
		return root;
	for (size_t i = 0; i < ARRAY_SIZE(wrappers); i++) {
		const struct json *at = json_find(root, wrappers[i][0]);

		if (at != NULL && at->type == JSON_OBJECT &&
		    wrappers[i][1] != NULL)
			at = json_find(at, wrappers[i][1]);
		if (at != NULL && at->type == JSON_OBJECT)
			return at;
	}
	return root;
}

int
oci_read(
    struct format_bytes *bytes, struct filter_file *ret_file, struct diag *diag)
{
	cleanup_json struct json_document json = { 0 };
	struct oci_ignored ignored = { 0 };
	struct reader reader = { .json = &json,
		.file = ret_file,
		.ignored = &ignored,
		.diag = diag };
	int r;

	r = json_read(&json, ret_file->path, take_pointer(bytes->data),
	    bytes->length, diag);
	if (r < 0)
		return r;
	reader.set = arena_alloc(&ret_file->arena, 1, sizeof(*reader.set));
	if (reader.set == NULL)
		return out_of_memory(&reader);
	ret_file->sets = reader.set;
	ret_file->set_count = 1;
	r = read_profile(&reader, find_profile(json.root));
	if (r == 0)
		oci_warn_ignored(ret_file, &ignored, diag);
	strbuf_free(&ignored.names);
	return r;
}
