/* SPDX-License-Identifier: ISC */
/* Custom filters: their names, rules, tests of arguments, and actions. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "base/table.h"
#include "call/errnos.h"
#include "call/rows.h"
#include "format/symbols.h"
#include "guide/state.h"
#include "guide/words.h"

#define NAME_LONGEST  40
#define ERRNO_LARGEST 4095 /* MAX_ERRNO, include/linux/err.h */
#define TRACE_LARGEST 0xffff

static const struct operator_row {
	const char *name, *sign, *text;
	enum clause_op op;
} operator_rows[] = {
	{ "eq", "==", "equal to the value", CLAUSE_EQ },
	{ "ne", "!=", "not equal to it", CLAUSE_NE },
	{ "lt", "<", "less than it", CLAUSE_LT },
	{ "le", "<=", "less than it, or equal", CLAUSE_LE },
	{ "gt", ">", "greater than it", CLAUSE_GT },
	{ "ge", ">=", "greater than it, or equal", CLAUSE_GE },
	{ "masked_eq", "&", "equal to it in the bits of a mask",
	    CLAUSE_MASKED_EQ },
};

static const struct action_row {
	const char *name, *text;
	uint32_t action;
	unsigned long most; /* of its number; 0: it has none */
} action_rows[] = {
	{ "allow", "the call is made", SECCOMP_RET_ALLOW, 0 },
	{ "errno", "it fails with an error: errno EPERM, errno 13",
	    SECCOMP_RET_ERRNO, ERRNO_LARGEST },
	{ "kill_process", "the process is killed", SECCOMP_RET_KILL_PROCESS,
	    0 },
	{ "kill_thread", "the thread is killed", SECCOMP_RET_KILL_THREAD, 0 },
	{ "log", "the call is made, and logged", SECCOMP_RET_LOG, 0 },
	{ "trace", "a tracer is asked; trace 5 tells it the number 5",
	    SECCOMP_RET_TRACE, TRACE_LARGEST },
	{ "trap", "the process gets SIGSYS", SECCOMP_RET_TRAP, 0 },
	{ "user_notif", "a supervisor is asked", SECCOMP_RET_USER_NOTIF, 0 },
};

#define REFUSE (SECCOMP_RET_ERRNO | EPERM)

struct ruleset *
guide_filter(const struct guide *guide)
{
	return &guide->filters.sets[guide->at.filter];
}

struct entry *
guide_rule(const struct guide *guide)
{
	return &guide_filter(guide)->entries[guide->at.rule];
}

struct clause *
guide_clause(const struct guide *guide)
{
	return &guide_rule(guide)->clauses[guide->at.clause];
}

int
guide_next_filters(struct guide *guide)
{
	if (guide->machine.features.has[FEATURE_SECCOMP])
		return ASK_FILTERS;
	guide_say(guide, "Custom filters are skipped: this kernel has no "
	                 "seccomp filters.");
	guide->filters.set_count = 0;
	return ASK_REVIEW;
}

void
show_filters(struct guide *guide)
{
	guide_say(guide,
	    "Custom filters answer calls that you name, by their arguments if "
	    "you like, besides the promises; the strictest answer wins.");
}

int
take_filters(struct guide *guide, const char *text, struct diag *diag)
{
	unsigned long count = 0;
	int r = 0;

	if (*text != '\0')
		r = answer_number(text, (struct word_range){ 0, GUIDE_FILTERS },
		    &count, diag);
	if (r < 0)
		return r;
	if (count != guide->filters.set_count)
		guide->changed = true;
	guide->filters.set_count = count;
	guide->at.filter = 0;
	return count == 0 ? ASK_REVIEW : ASK_FILTER_NAME;
}

static const char *
default_name(const struct guide *guide, char *buffer, size_t size)
{
	snprintf(buffer, size, "filter%zu", guide->at.filter + 1);
	return buffer;
}

void
show_filter_name(struct guide *guide)
{
	char name[NAME_LONGEST];

	guide_say(guide, "Filter %zu of %zu. Its name; Enter: %s.",
	    guide->at.filter + 1, guide->filters.set_count,
	    default_name(guide, name, sizeof(name)));
}

static int
check_name(const struct guide *guide, const char *name, struct diag *diag)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyz"
	                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	if (*name == '\0' || strspn(name, fine) != strlen(name) ||
	    strlen(name) > NAME_LONGEST)
		return diag_set(diag, EINVAL,
		    "a name is made of letters, digits, _, . and -, at most "
		    "%d",
		    NAME_LONGEST);
	for (size_t i = 0; i < guide->at.filter; i++)
		if (strcmp(guide->filters.sets[i].name, name) == 0)
			return diag_set(diag, EEXIST,
			    "filter %zu is called %s already", i + 1, name);
	return 0;
}

/* Room for all that can be said of one filter, once. */
static int
make_filter(struct guide *guide, struct ruleset *set)
{
	struct arena *arena = &guide->filters.arena;

	if (set->entries != NULL)
		return 0;
	set->entries = arena_alloc(arena, GUIDE_RULES, sizeof(*set->entries));
	for (size_t i = 0; set->entries != NULL && i < GUIDE_RULES; i++) {
		set->entries[i].clauses = arena_alloc(
		    arena, CONDITION_TESTS, sizeof(*set->entries[i].clauses));
		if (set->entries[i].clauses == NULL)
			set->entries = NULL;
	}
	set->foreign = SECCOMP_RET_KILL_PROCESS;
	return set->entries == NULL ? -ENOMEM : 0;
}

int
take_filter_name(struct guide *guide, const char *text, struct diag *diag)
{
	struct ruleset *set = guide_filter(guide);
	cleanup_free char *word = NULL;
	char name[NAME_LONGEST];
	int r = answer_single(text, &word, diag);

	if (r == 0 && word == NULL)
		word = strdup(default_name(guide, name, sizeof(name)));
	if (r == 0 && word != NULL)
		r = check_name(guide, word, diag);
	if (r < 0)
		return r;
	set->name =
	    word == NULL ? NULL : arena_copy(&guide->filters.arena, word);
	if (set->name == NULL || make_filter(guide, set) < 0)
		return diag_set(diag, ENOMEM, "out of memory");
	guide->at.rule = 0;
	guide->changed = true;
	return ASK_CALL;
}

void
show_call(struct guide *guide)
{
	if (guide->at.rule == 0)
		guide_say(guide, "A system call that filter %s is about.",
		    guide_filter(guide)->name);
	else
		guide_say(guide, "Another call, or Enter: no more.");
}

int
take_call(struct guide *guide, const char *text, struct diag *diag)
{
	const struct arch *arch = arch_native();
	struct suggest suggest = { .wanted = text };
	struct entry *rule;

	if (*text == '\0' && guide->at.rule == 0)
		return diag_set(
		    diag, EINVAL, "a filter is about one call at least");
	if (*text == '\0') {
		guide_filter(guide)->count = guide->at.rule;
		return ASK_MATCH;
	}
	if (guide->at.rule == GUIDE_RULES)
		return diag_set(diag, E2BIG,
		    "a filter has %d rules here at most; Enter goes on",
		    GUIDE_RULES);
	for (size_t i = 0; i < arch->count; i++)
		suggest_consider(&suggest, arch->names[arch->by_name[i]]);
	if (arch_number(arch, text, strlen(text)) < 0)
		return diag_set(diag, EINVAL,
		    "%s has no system call \"%.100s\"%s", arch->name, text,
		    suggest_text(&suggest));
	rule = guide_rule(guide);
	rule->call = arena_copy(&guide->filters.arena, text);
	rule->clause_count = 0;
	rule->inert = false;
	if (rule->call == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	return ASK_WHEN;
}

const char *
call_word(const struct guide *guide, size_t index)
{
	const struct arch *arch = arch_native();

	(void)guide;
	return index < arch->count ? arch->names[arch->by_name[index]] : NULL;
}

/* The name of the INDEXth of the call's arguments, NULL if it has fewer. */
static const char *
argument_name(const struct guide *guide, size_t index)
{
	const struct call_row *row = call_row_named(guide_rule(guide)->call);

	return row == NULL ? NULL : call_arg_name(row, index);
}

/*
 * seccompiler reads a rule without arguments as "always" only if each of the
 * call's rules is without; beside others it would add nothing.
 */
static int
check_alike(const struct guide *guide, bool arguments, struct diag *diag)
{
	const struct ruleset *set = guide_filter(guide);
	const char *call = guide_rule(guide)->call;

	for (size_t i = 0; i < guide->at.rule; i++)
		if (strcmp(set->entries[i].call, call) == 0 &&
		    (set->entries[i].clause_count > 0) != arguments)
			return diag_set(diag, EINVAL,
			    "rule %zu is about %s %s its arguments; beside "
			    "that, this one would add nothing",
			    i + 1, call, arguments ? "whatever" : "by");
	return 0;
}

void
show_when(struct guide *guide)
{
	guide_say(guide,
	    "Is every %s meant (u, universal), or only with certain arguments "
	    "(a)? Enter: u.",
	    guide_rule(guide)->call);
}

int
take_when(struct guide *guide, const char *text, struct diag *diag)
{
	bool arguments = strcmp(text, "a") == 0;
	int r;

	if (!arguments && *text != '\0' && strcmp(text, "u") != 0)
		return diag_set(diag, EINVAL,
		    "answer u (universal) or a (by its arguments)");
	if (arguments && argument_name(guide, 0) == NULL)
		return diag_set(diag, EINVAL, "%s has no arguments; answer u",
		    guide_rule(guide)->call);
	r = check_alike(guide, arguments, diag);
	if (r < 0)
		return r;
	guide->at.clause = 0;
	if (arguments)
		return ASK_ARGUMENT;
	guide->at.rule++;
	return ASK_CALL;
}

void
show_argument(struct guide *guide)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	const char *name;

	for (size_t i = 0; (name = argument_name(guide, i)) != NULL; i++)
		strbuf_printf(&buf, "%s%zu %s", i > 0 ? ", " : "", i, name);
	guide_say(guide, "The arguments of %s: %s.", guide_rule(guide)->call,
	    buf.data != NULL ? buf.data : "?");
	if (guide->at.clause == 0)
		guide_say(guide, "Which one is tested? Its number or name.");
	else
		guide_say(guide, "Another test, which must hold as well? A "
		                 "number or name; Enter: no more.");
}

static int
find_argument(const struct guide *guide, const char *text)
{
	const char *name;

	for (size_t i = 0; (name = argument_name(guide, i)) != NULL; i++)
		if ((text[0] == (char)('0' + i) && text[1] == '\0') ||
		    strcmp(text, name) == 0)
			return (int)i;
	return -1;
}

int
take_argument(struct guide *guide, const char *text, struct diag *diag)
{
	struct clause *clause;
	int argument;

	if (*text == '\0' && guide->at.clause == 0)
		return diag_set(diag, EINVAL,
		    "one argument at least; b goes back to answer u");
	if (*text == '\0') {
		guide_rule(guide)->clause_count = guide->at.clause;
		guide->at.rule++;
		return ASK_CALL;
	}
	if (guide->at.clause == CONDITION_TESTS)
		return diag_set(diag, E2BIG,
		    "a rule has %d tests at most; Enter goes on",
		    CONDITION_TESTS);
	argument = find_argument(guide, text);
	if (argument < 0)
		return diag_set(diag, EINVAL,
		    "%s has no argument \"%.100s\"; write one of the numbers "
		    "or names",
		    guide_rule(guide)->call, text);
	clause = guide_clause(guide);
	*clause = (struct clause){ .arg = (uint8_t)argument };
	return ASK_OPERATOR;
}

const char *
argument_word(const struct guide *guide, size_t index)
{
	static const char *const digits[] = { "0", "1", "2", "3", "4", "5" };

	return argument_name(guide, index) != NULL ? digits[index] : NULL;
}

void
show_operator(struct guide *guide)
{
	for (size_t i = 0; i < ARRAY_SIZE(operator_rows); i++)
		guide_say_indented(guide, 2, "%-10s %-3s %s",
		    operator_rows[i].name, operator_rows[i].sign,
		    operator_rows[i].text);
	guide_say(guide, "How is it compared? Enter: eq.");
}

int
take_operator(struct guide *guide, const char *text, struct diag *diag)
{
	if (*text == '\0')
		text = operator_rows[0].name;
	for (size_t i = 0; i < ARRAY_SIZE(operator_rows); i++) {
		const struct operator_row *row = &operator_rows[i];

		if (strcmp(row->name, text) != 0 &&
		    strcmp(row->sign, text) != 0)
			continue;
		guide_clause(guide)->op = (uint8_t)row->op;
		return ASK_SIZE;
	}
	return diag_set(diag, EINVAL,
	    "\"%.100s\" is no comparison; write eq, ne, lt, le, gt, ge or "
	    "masked_eq",
	    text);
}

const char *
operator_word(const struct guide *guide, size_t index)
{
	(void)guide;
	return index < ARRAY_SIZE(operator_rows) ? operator_rows[index].name
	                                         : NULL;
}

/* Whether the kernel looks at 32 bits of the argument alone. */
static bool
is_narrow(const struct guide *guide)
{
	const struct call_row *row = call_row_named(guide_rule(guide)->call);
	size_t index = guide_clause(guide)->arg;

	return row != NULL && row->args[index].kind != ARG_NONE &&
	       arg_bits((enum arg_type)row->args[index].type, NULL) <= 32;
}

void
show_size(struct guide *guide)
{
	guide_say(guide,
	    "Its size: dword (32 bits; the upper half does not count) or qword "
	    "(64 bits)? Enter: %s.",
	    is_narrow(guide) ? "dword" : "qword");
}

int
take_size(struct guide *guide, const char *text, struct diag *diag)
{
	bool dword = strcmp(text, "dword") == 0 || strcmp(text, "32") == 0;
	bool qword = strcmp(text, "qword") == 0 || strcmp(text, "64") == 0;

	if (*text == '\0')
		dword = is_narrow(guide);
	else if (!dword && !qword)
		return diag_set(
		    diag, EINVAL, "answer dword (32 bits) or qword (64 bits)");
	guide_clause(guide)->width = dword ? 32 : 64;
	return ASK_VALUE;
}

const char *
size_word(const struct guide *guide, size_t index)
{
	static const char *const words[] = { "dword", "qword", NULL };

	(void)guide;
	return words[index < 2 ? index : 2];
}

void
show_value(struct guide *guide)
{
	if (guide_clause(guide)->op == CLAUSE_MASKED_EQ)
		guide_say(guide, "The mask and the value, as two words: "
		                 "numbers, or names like O_CREAT|O_EXCL.");
	else
		guide_say(guide, "The value: a number, or a name like "
		                 "SOCK_CLOEXEC or O_CREAT|O_EXCL.");
}

static int
read_value(const struct guide *guide, const char *text,
    struct operand *ret_operand, struct diag *diag)
{
	uint64_t number;
	int r = symbol_value(text, arch_native(), &number, diag);

	if (r < 0)
		return r;
	/* -1 fills all 64 bits, and means 32 of them. */
	if (guide_clause(guide)->width == 32 && number > UINT32_MAX &&
	    number < (uint64_t)INT32_MIN)
		return diag_set(diag, ERANGE,
		    "%.100s does not fit into a dword; b goes back to its size",
		    text);
	if (guide_clause(guide)->width == 32)
		number &= UINT32_MAX;
	*ret_operand = (struct operand){ .number = number };
	return 0;
}

int
take_value(struct guide *guide, const char *text, struct diag *diag)
{
	struct clause *clause = guide_clause(guide);
	bool masked = clause->op == CLAUSE_MASKED_EQ;
	cleanup_answer struct answer_words words = { 0 };
	int r = answer_split(text, false, &words, diag);

	if (r == 0 && words.count != 1 + (size_t)masked)
		r = diag_set(diag, EINVAL, "expected %s",
		    masked ? "a mask and a value" : "one value");
	if (r == 0 && masked)
		r = read_value(guide, words.words[0], &clause->mask, diag);
	if (r == 0 && masked && clause->mask.number == 0)
		r = diag_set(diag, EINVAL,
		    "a mask of 0 looks at nothing; write one with bits");
	if (r == 0)
		r = read_value(
		    guide, words.words[words.count - 1], &clause->value, diag);
	if (r < 0)
		return r;
	/* What was written stays to be read, as the comment. */
	clause->comment = NULL;
	if (strpbrk(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL)
		clause->comment = arena_copy(&guide->filters.arena, text);
	return ASK_COMMENT;
}

const char *
value_word(const struct guide *guide, size_t index)
{
	(void)guide;
	return symbol_at(index);
}

void
show_comment(struct guide *guide)
{
	const char *comment = guide_clause(guide)->comment;

	if (comment != NULL)
		guide_say(guide, "A comment on it, or Enter: \"%s\".", comment);
	else
		guide_say(guide, "A comment on it, or Enter: none.");
}

/* As it was typed, with its blanks; or all of it in quotes. */
int
take_comment(struct guide *guide, const char *text, struct diag *diag)
{
	cleanup_answer struct answer_words words = { 0 };
	int r = 0;

	if (*text == '"' || *text == '\'')
		r = answer_split(text, false, &words, diag);
	if (r < 0)
		return r;
	if (words.count == 1)
		text = words.words[0];
	if (*text != '\0') {
		guide_clause(guide)->comment =
		    arena_copy(&guide->filters.arena, text);
		if (guide_clause(guide)->comment == NULL)
			return diag_set(diag, ENOMEM, "out of memory");
	}
	guide->at.clause++;
	return ASK_ARGUMENT;
}

static void
show_actions(struct guide *guide, const char *what, const char *otherwise)
{
	guide_say(guide, "What happens to a call that %s?", what);
	for (size_t i = 0; i < ARRAY_SIZE(action_rows); i++)
		guide_say_indented(guide, 2, "%-12s %s", action_rows[i].name,
		    action_rows[i].text);
	guide_say(guide, "Enter: %s.", otherwise);
}

void
show_match(struct guide *guide)
{
	show_actions(guide, "a rule matches", "errno EPERM");
}

void
show_mismatch(struct guide *guide)
{
	show_actions(guide, "no rule matches", "allow");
}

static const struct action_row *
find_action(const char *word, struct suggest *suggest)
{
	const struct action_row *found = NULL;

	suggest->wanted = word;
	for (size_t i = 0; i < ARRAY_SIZE(action_rows); i++) {
		suggest_consider(suggest, action_rows[i].name);
		if (strcmp(action_rows[i].name, word) == 0)
			found = &action_rows[i];
	}
	return found;
}

static int
read_number(const struct action_row *row, const char *text,
    unsigned long *ret_number, struct diag *diag)
{
	int err = row->action == SECCOMP_RET_ERRNO ? errno_find(text) : -1;

	if (err > 0) {
		*ret_number = (unsigned long)err;
		return 0;
	}
	if (answer_number(text, (struct word_range){ 0, row->most }, ret_number,
	        diag) == 0)
		return 0;
	return diag_set(diag, EINVAL, "\"%.100s\" is no %s; write one like %s",
	    text, row->action == SECCOMP_RET_ERRNO ? "error" : "number",
	    row->action == SECCOMP_RET_ERRNO ? "EPERM or 13" : "5");
}

static int
read_action(const char *text, uint32_t otherwise, uint32_t *ret_action,
    struct diag *diag)
{
	cleanup_answer struct answer_words words = { 0 };
	const struct action_row *row;
	struct suggest suggest = { 0 };
	unsigned long number = 0;
	int r = answer_split(text, false, &words, diag);

	*ret_action = otherwise;
	if (r < 0 || words.count == 0)
		return r;
	row = find_action(words.words[0], &suggest);
	if (row == NULL)
		return diag_set(diag, EINVAL, "unknown action \"%.100s\"%s",
		    words.words[0], suggest_text(&suggest));
	if (row->most == 0 && words.count > 1)
		return diag_set(diag, EINVAL, "%s is written alone", row->name);
	if (row->most > 0 && words.count != 2)
		return diag_set(diag, EINVAL, "%s takes a number behind it: %s",
		    row->name,
		    row->action == SECCOMP_RET_ERRNO ? "errno EPERM"
		                                     : "trace 5");
	if (row->most > 0)
		r = read_number(row, words.words[1], &number, diag);
	*ret_action = row->action | (uint32_t)number;
	return r;
}

int
take_match(struct guide *guide, const char *text, struct diag *diag)
{
	struct ruleset *set = guide_filter(guide);
	int r = read_action(text, REFUSE, &set->match, diag);

	if (r < 0)
		return r;
	for (size_t i = 0; i < set->count; i++)
		set->entries[i].action = set->match;
	return ASK_MISMATCH;
}

int
take_mismatch(struct guide *guide, const char *text, struct diag *diag)
{
	struct ruleset *set = guide_filter(guide);
	int r = read_action(text, SECCOMP_RET_ALLOW, &set->fallback, diag);

	if (r < 0)
		return r;
	if (((set->fallback ^ set->match) & SECCOMP_RET_ACTION_FULL) == 0)
		return diag_set(diag, EINVAL,
		    "that is what a call gets that matches: the rules would "
		    "make no difference");
	set->unknown = set->x32 = set->fallback;
	/* Or beyond it: b leads back to one that a later count left out. */
	if (guide->at.filter + 1 >= guide->filters.set_count)
		return ASK_REVIEW;
	guide->at.filter++;
	return ASK_FILTER_NAME;
}

const char *
action_word(const struct guide *guide, size_t index)
{
	(void)guide;
	return index < ARRAY_SIZE(action_rows) ? action_rows[index].name : NULL;
}

int
guide_write_filters(
    const struct guide *guide, struct strbuf *buf, struct diag *diag)
{
	const struct write_options options = { .numbers = true,
		.arch = arch_native() };

	return format_seccompiler.write(&guide->filters, &options, buf, diag);
}

int
guide_name_filters(struct guide *guide, const char *path, struct diag *diag)
{
	struct policy *policy = &guide->policy;
	int r = 0;

	for (size_t i = 0; i < policy->filter_count; i++)
		filter_name_free(&policy->filters[i]);
	policy->filter_count = 0;
	for (size_t i = 0;
	     path != NULL && r == 0 && i < guide->filters.set_count; i++) {
		cleanup_strbuf struct strbuf text = { 0 };

		strbuf_printf(
		    &text, "%s:%s", path, guide->filters.sets[i].name);
		r = text.failed
		        ? diag_set(diag, ENOMEM, "out of memory")
		        : policy_add_filter(policy, text.data, NULL, diag);
	}
	return r;
}
