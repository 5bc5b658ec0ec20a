/* SPDX-License-Identifier: ISC */
#include "format/user_filters.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "format/call_rules.h"

static bool
needs_listener(uint32_t action)
{
	action &= SECCOMP_RET_ACTION_FULL;
	return action == SECCOMP_RET_TRACE || action == SECCOMP_RET_USER_NOTIF;
}

static void
warn_clause(const struct filter_file *file, const struct clause *clause,
    struct diag *diag)
{
	/* A symbol below zero fills the register; its low word is meant. */
	if (clause->width == 32 && clause->value.symbol == NULL &&
	    clause->value.number > UINT32_MAX)
		ruleset_warn(file, clause->place, diag,
		    "a dword compares the low 32 bits alone: %llu counts as "
		    "%llu",
		    (unsigned long long)clause->value.number,
		    (unsigned long long)clause->value.number & UINT32_MAX);
}

void
ruleset_warn_traps(const struct filter_file *file, const struct ruleset *set,
    struct diag *diag)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct entry *entry = &set->entries[i];

		if (entry->inert)
			ruleset_warn(file, entry->place, diag,
			    "this rule without arguments adds nothing beside "
			    "the other rules for %s",
			    entry->call);
		for (size_t j = 0; j < entry->clause_count; j++)
			warn_clause(file, &entry->clauses[j], diag);
	}
	if (needs_listener(set->fallback) || needs_listener(set->match))
		ruleset_warn(file, set->place, diag,
		    "nobody listens or traces, so the kernel answers ENOSYS "
		    "where this filter says %s",
		    (set->fallback & SECCOMP_RET_ACTION_FULL) ==
		                SECCOMP_RET_TRACE ||
		            (set->match & SECCOMP_RET_ACTION_FULL) ==
		                SECCOMP_RET_TRACE
		        ? "trace"
		        : "user_notif");
}

/* The kernel asks a program as it stands: what it can say shows what for. */
static void
warn_program(const struct filter_file *file, struct diag *diag)
{
	for (size_t i = 0; i < file->program->length; i++) {
		const struct sock_filter *code = &file->program->code[i];

		if (code->code != (BPF_RET | BPF_K) || !needs_listener(code->k))
			continue;
		diag_warn(diag,
		    "%s: instruction %zu asks a tracer or a listener, and "
		    "there is none: the call fails with ENOSYS",
		    file->path, i);
		return;
	}
}

/*
 * Behind it the launcher becomes the command, and adds the next: with the
 * secret in the arguments that these calls do not have.
 */
static int
check_program(const struct filter_file *file, struct diag *diag)
{
	static const char *const needed[] = { "execve", "seccomp" };
	const struct arch *arch = arch_native();
	struct diag silent = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		int nr = arch_number(arch, needed[i], strlen(needed[i]));
		const struct call call = { .nr = (uint32_t)nr,
			.arch = arch->audit,
			.args = { i == 1 ? SECCOMP_SET_MODE_FILTER : 0 } };
		uint32_t answer = 0;

		if (program_run(file->program, &call, &answer, NULL, &silent) <
		        0 ||
		    answer_lets_through(answer))
			continue;
		if (i == 1) {
			diag_warn(diag,
			    "%s: it refuses seccomp, so no further program "
			    "can be behind it, nor can the command narrow "
			    "itself",
			    file->path);
			continue;
		}
		return diag_set(diag, EACCES,
		    "%s: it refuses execve, so nothing can be started under "
		    "it; what a compiled program refuses, it refuses to the "
		    "launcher, too (rules do not: see filter convert)",
		    file->path);
	}
	return 0;
}

/* FILE holds a program; it is taken. */
static int
add_program(struct user_filters *filters, struct filter_file *file,
    const char *name, struct diag *diag)
{
	int r;

	if (name != NULL)
		return diag_set(diag, EINVAL,
		    "%s: a compiled program has no names, so none is \"%s\"",
		    file->path, name);
	if (filters->program_count == PROGRAM_FILTERS)
		return diag_set(diag, E2BIG, "more than %d compiled programs",
		    PROGRAM_FILTERS);
	r = check_program(file, diag);
	if (r < 0)
		return r;
	warn_program(file, diag);
	filters->program_files[filters->program_count] = *file;
	filters->programs[filters->program_count++] = file->program;
	*file = (struct filter_file){ 0 };
	return 0;
}

static int
read_one(const struct filter_name *name, const struct arch *arch,
    struct user_filters *filters, struct diag *diag)
{
	size_t at = filters->count;
	struct filter_file *file = &filters->files[at];
	const struct ruleset *set;
	int r;

	r = format_read_file(name->path, NULL, file, diag);
	if (r < 0)
		return r;
	if (file->program != NULL) {
		r = add_program(filters, file, name->name, diag);
		filter_file_free(file);
		return r;
	}
	filters->count++;
	r = ruleset_choose(file, name->name, &set, diag);
	if (r == 0)
		r = ruleset_compile(file, set, arch, &filters->ruled[at], diag);
	if (r < 0)
		return r;
	filters->filters[at] = &filters->ruled[at]->filter;
	ruleset_warn_traps(file, set, diag);
	return 0;
}

/* The policy's own lines that deny: one filter more. */
static int
read_denied(const struct policy *policy, const struct arch *arch,
    struct user_filters *filters, struct diag *diag)
{
	size_t at = filters->count;
	struct filter_file *file = &filters->files[at];
	int r = call_rules_file(policy, false, file, diag);

	if (r < 0 || file->set_count == 0)
		return r;
	filters->count++;
	r = ruleset_compile(
	    file, &file->sets[0], arch, &filters->ruled[at], diag);
	if (r == 0)
		filters->filters[at] = &filters->ruled[at]->filter;
	return r;
}

static int
read_allowed(const struct policy *policy, const struct arch *arch,
    struct user_filters *filters, struct diag *diag)
{
	struct filter_file *file = &filters->allowed_file;
	int r = call_rules_file(policy, true, file, diag);

	if (r < 0 || file->set_count == 0)
		return r;
	call_rules_warn(policy, diag);
	return ruleset_compile(
	    file, &file->sets[0], arch, &filters->allowed, diag);
}

const struct filter *
user_filters_allowed(const struct user_filters *filters)
{
	return filters->allowed != NULL ? &filters->allowed->filter : NULL;
}

int
user_filters_read(const struct policy *policy, const struct arch *arch,
    struct user_filters *ret_filters, struct diag *diag)
{
	int r = 0;

	*ret_filters = (struct user_filters){ 0 };
	/* Room is left for what the policy denies itself. */
	if (policy->filter_count >= PROGRAM_FILTERS - 1)
		return diag_set(diag, E2BIG, "%zu filters; at most %d can be",
		    policy->filter_count, PROGRAM_FILTERS - 2);
	for (size_t i = 0; r == 0 && i < policy->filter_count; i++)
		r = read_one(&policy->filters[i], arch, ret_filters, diag);
	if (r == 0)
		r = read_denied(policy, arch, ret_filters, diag);
	return r == 0 ? read_allowed(policy, arch, ret_filters, diag) : r;
}

int
user_filters_need_rules(
    const struct user_filters *filters, const char *what, struct diag *diag)
{
	if (filters->program_count == 0)
		return 0;
	return diag_set(diag, ENOTSUP,
	    "%s: it is a compiled program, without rules, so %s cannot tell "
	    "what it says; see: seccomp-pledge filter --help",
	    filters->program_files[0].path, what);
}

void
user_filters_free(struct user_filters *filters)
{
	for (size_t i = 0; i < filters->program_count; i++)
		filter_file_free(&filters->program_files[i]);
	for (size_t i = 0; i < filters->count; i++) {
		filter_file_free(&filters->files[i]);
		ruled_filter_free(filters->ruled[i]);
		free(filters->watched[i]);
	}
	filter_file_free(&filters->allowed_file);
	ruled_filter_free(filters->allowed);
	*filters = (struct user_filters){ 0 };
}

int
user_filters_watch(struct user_filters *filters, struct diag *diag)
{
	if (filters->program_count > 0)
		diag_warn(diag,
		    "%s: what a compiled program refuses is not explained",
		    filters->program_files[0].path);
	for (size_t i = 0; i < filters->count; i++) {
		filters->watched[i] = malloc(sizeof(*filters->watched[i]));
		if (filters->watched[i] == NULL)
			return diag_set(diag, ENOMEM, "out of memory");
	}
	return 0;
}

static int
cannot_start(const struct ruled_filter *ruled,
    const struct startup_refusal *refusal, const char *program,
    struct diag *diag)
{
	const struct entry *entry = ruled_filter_entry(ruled, refusal->rule);
	const struct ruleset *set = ruled->set;
	const char *comment = entry != NULL ? entry_comment(entry) : NULL;
	const char *quote = set->name != NULL ? "\"" : "";
	char text[ANSWER_TEXT];

	answer_text(refusal->answer, text);
	if (entry == NULL)
		ruleset_error(ruled->file, set->fallback_place, diag,
		    "%.200s cannot start: its loader calls %s, which no rule "
		    "of %s%.100s%s matches, so the answer is %s",
		    program, refusal->call, quote,
		    set->name != NULL ? set->name : "this filter", quote, text);
	else
		ruleset_error(ruled->file, entry->place, diag,
		    "%.200s cannot start: its loader calls %s, which this "
		    "rule answers with %s%s%.200s%s",
		    program, refusal->call, text, comment != NULL ? " (" : "",
		    comment != NULL ? comment : "", comment != NULL ? ")" : "");
	if (diag != NULL)
		diag->err = EACCES;
	return -EACCES;
}

int
user_filters_check(const struct user_filters *filters, enum loader loader,
    const char *program, struct diag *diag)
{
	struct startup_refusal refusal;

	for (size_t i = 0; i < filters->count; i++)
		if (startup_refused(filters->filters[i], loader, &refusal))
			return cannot_start(
			    filters->ruled[i], &refusal, program, diag);
	return 0;
}
