/* SPDX-License-Identifier: ISC */
#include "format/meaning.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "call/rows.h"
#include "format/format.h"
#include "format/symbols.h"

/* One test of a rule, in numbers. */
struct asked {
	const struct filter_file *file;
	const struct entry *entry;
	const struct clause *clause;
	const struct call_row *row; /* the call's */
	const struct arch *arch;
	uint64_t value, mask;
	unsigned int bits; /* that the kernel reads of the argument */
	bool is_signed;
	/* What happens if it holds, and if it does not. */
	bool lets, else_lets;
	struct diag *diag;
};

/* "kill's argument 1 (sig), an int of 32 bits" */
static void
add_argument(const struct asked *asked, struct strbuf *buf)
{
	unsigned int index = asked->clause->arg;
	const struct call_arg *arg = &asked->row->args[index];
	const char *name = call_arg_name(asked->row, index);

	strbuf_printf(buf, "argument %u of %s (%s, %s)", index,
	    asked->entry->call, name != NULL ? name : "?",
	    arg_type_rows[arg->type].name);
}

static uint64_t
low_bits(unsigned int bits)
{
	return UINT64_MAX >> (64 - bits);
}

static void
say(const struct asked *asked, const char *text)
{
	ruleset_warn(
	    asked->file, asked->clause->place, asked->diag, "%s", text);
}

/* --- Always and never --- */

/* A mask of which nothing is left, or a value of which it hides a part. */
static bool
check_mask(const struct asked *asked)
{
	uint64_t hidden =
	    asked->value & ~asked->mask & low_bits(asked->clause->width);
	unsigned int arg = asked->clause->arg;

	if (asked->mask == 0 && asked->value != 0)
		ruleset_warn(asked->file, asked->clause->place, asked->diag,
		    "a mask of 0 looks at nothing: this test of %s is always "
		    "true; mask and value are probably exchanged: meant is "
		    "(arg%u & %#" PRIx64 ") == 0",
		    asked->entry->call, arg, asked->value);
	else if (asked->mask == 0)
		ruleset_warn(asked->file, asked->clause->place, asked->diag,
		    "a mask of 0 looks at nothing: this test of %s is always "
		    "true; meant is probably arg%u == 0",
		    asked->entry->call, arg);
	else if (hidden != 0)
		ruleset_warn(asked->file, asked->clause->place, asked->diag,
		    "the mask %#" PRIx64 " hides bits of the value %#" PRIx64
		    ", so this test of %s asks for %#" PRIx64
		    "; meant is probably (arg%u & %#" PRIx64 ") == %#" PRIx64,
		    asked->mask, asked->value, asked->entry->call,
		    asked->value & asked->mask, arg, asked->mask | asked->value,
		    asked->value);
	return asked->mask == 0 || hidden != 0;
}

/* What no number is, or every number. */
static bool
check_bounds(const struct asked *asked)
{
	uint64_t most = low_bits(asked->clause->width);
	unsigned int op = asked->clause->op;
	bool at_least = op == CLAUSE_GE, below = op == CLAUSE_LT;
	const char *sign = at_least          ? ">="
	                   : below           ? "<"
	                   : op == CLAUSE_GT ? ">"
	                                     : "<=";
	bool lowest = asked->value == 0 && (at_least || below);
	bool highest =
	    asked->value >= most && (op == CLAUSE_GT || op == CLAUSE_LE);

	if (!lowest && !highest)
		return false;
	ruleset_warn(asked->file, asked->clause->place, asked->diag,
	    "numbers are compared without signs, so this test of %s, arg%u %s "
	    "%" PRIu64 ", is %s true; meant is probably %s",
	    asked->entry->call, asked->clause->arg, sign, asked->value,
	    at_least || op == CLAUSE_LE ? "always" : "never",
	    lowest ? (below ? "a test of the sign bit" : "> 0")
	           : "a smaller number");
	return true;
}

/* --- What the kernel reads --- */

/* Whether the test holds for more than what it says, or for less. */
static bool
holds_more(const struct clause *clause)
{
	return clause->op == CLAUSE_NE || clause->op == CLAUSE_GT ||
	       clause->op == CLAUSE_GE;
}

/* Whether the rule is passed by where its test holds too often or not. */
static bool
opens(const struct asked *asked, bool more)
{
	return more ? asked->lets && !asked->else_lets
	            : !asked->lets && asked->else_lets;
}

/* How the test is written that looks at as much as the kernel. */
static void
add_remedy(const struct asked *asked, struct strbuf *buf)
{
	uint64_t mask = low_bits(asked->bits);
	const char *format = asked->file->format->name;

	if (asked->bits == 32 && strcmp(format, "seccompiler") == 0)
		strbuf_puts(buf, "write \"type\": \"dword\"");
	else if (strcmp(format, "oci") == 0 && asked->clause->op == CLAUSE_EQ)
		strbuf_printf(buf,
		    "write SCMP_CMP_MASKED_EQ with \"value\": %" PRIu64
		    ", \"valueTwo\": %" PRIu64,
		    mask, asked->value & mask);
	else
		strbuf_printf(
		    buf, "test arg%u & %#" PRIx64, asked->clause->arg, mask);
}

/* A bit that the kernel does not read decides. */
static bool
check_wide(const struct asked *asked)
{
	uint64_t unread = asked->mask & ~low_bits(asked->bits);
	cleanup_strbuf struct strbuf text = { 0 };

	if (unread == 0 || !opens(asked, holds_more(asked->clause)))
		return false;
	add_argument(asked, &text);
	strbuf_printf(&text,
	    ": the kernel reads %u bits of it, this test looks at more, so "
	    "that a caller who sets bit %u passes by this rule; ",
	    asked->bits, (unsigned int)__builtin_ctzll(unread));
	add_remedy(asked, &text);
	if (!text.failed)
		say(asked, text.data);
	return true;
}

/*
 * Whether nothing can be meant by the bits above: the kernel refuses those that
 * it does not know.  Or what is meant depends on another argument, and mostly
 * is a small number.
 */
static bool
may_be_cut(const struct call_arg *arg)
{
	switch (arg->kind) {
	case ARG_SET:
	case ARG_BITS:
	case ARG_VARIES:
	case ARG_IOCTL_ARG:
	case ARG_FCNTL_ARG:
	case ARG_PRCTL_ARG:
		return true;
	default:
		return false;
	}
}

/* What the value says, not the bits above those that are compared. */
static bool
check_narrow(const struct asked *asked)
{
	const struct call_arg *arg = &asked->row->args[asked->clause->arg];
	cleanup_strbuf struct strbuf text = { 0 };

	if (asked->clause->width >= asked->bits ||
	    asked->clause->op == CLAUSE_MASKED_EQ || may_be_cut(arg) ||
	    !opens(asked, !holds_more(asked->clause)))
		return false;
	add_argument(asked, &text);
	strbuf_printf(&text,
	    ": the kernel reads %u bits of it, this test looks at %u, so that "
	    "a caller who sets bit %u passes by this rule; compare all of it",
	    asked->bits, asked->clause->width, asked->clause->width);
	if (!text.failed)
		say(asked, text.data);
	return true;
}

/* -1 is not less than 0, but more than all others. */
static void
check_sign(const struct asked *asked)
{
	const struct clause *clause = asked->clause;
	bool more = clause->op == CLAUSE_GT || clause->op == CLAUSE_GE;
	bool less = clause->op == CLAUSE_LT || clause->op == CLAUSE_LE;
	cleanup_strbuf struct strbuf text = { 0 };

	if (!asked->is_signed || (!more && !less) || !opens(asked, more) ||
	    (asked->value >> (asked->bits - 1)) != 0)
		return;
	add_argument(asked, &text);
	strbuf_printf(&text,
	    ": the kernel reads it with a sign, this test compares without: "
	    "-1 counts as %" PRIu64 " and passes by this rule; test its sign "
	    "bit as well, arg%u & %#" PRIx64 " == 0",
	    low_bits(clause->width), clause->arg,
	    UINT64_C(1) << (asked->bits - 1));
	if (!text.failed)
		say(asked, text.data);
}

static void
check_clause(struct asked *asked)
{
	if (asked->clause->op == CLAUSE_MASKED_EQ && check_mask(asked))
		return;
	if (asked->clause->op != CLAUSE_MASKED_EQ && check_bounds(asked))
		return;
	if (asked->row == NULL)
		return;
	if (asked->row->args[asked->clause->arg].kind == ARG_NONE) {
		ruleset_warn(asked->file, asked->clause->place, asked->diag,
		    "%s has no argument %u: this test looks at whatever its "
		    "register holds",
		    asked->entry->call, asked->clause->arg);
		return;
	}
	if (!check_wide(asked))
		(void)check_narrow(asked);
	check_sign(asked);
}

/* What a call gets for which the entry at INDEX does not hold. */
static bool
lets_otherwise(const struct ruleset *set, size_t index)
{
	const char *call = set->entries[index].call;

	for (size_t i = index + 1; i < set->count; i++) {
		const struct entry *entry = &set->entries[i];

		if (!entry->inert && entry->clause_count == 0 &&
		    strcmp(entry->call, call) == 0)
			return answer_lets_through(entry->action);
	}
	return answer_lets_through(set->fallback);
}

static bool
find_value(
    struct asked *asked, const struct operand *operand, uint64_t *ret_value)
{
	*ret_value = operand->number;
	return operand->symbol == NULL ||
	       symbol_value(operand->symbol, asked->arch, ret_value, NULL) == 0;
}

static void
check_entry(struct asked *asked)
{
	const struct entry *entry = asked->entry;

	for (size_t i = 0; i < entry->clause_count; i++) {
		const struct clause *clause = &entry->clauses[i];
		uint64_t all = low_bits(clause->width);
		const struct call_arg *arg;

		asked->clause = clause;
		asked->mask = UINT64_MAX;
		if (!find_value(asked, &clause->value, &asked->value) ||
		    (clause->op == CLAUSE_MASKED_EQ &&
		        !find_value(asked, &clause->mask, &asked->mask)))
			continue;
		asked->mask &= all;
		asked->value &= all;
		if (asked->row != NULL) {
			arg = &asked->row->args[clause->arg];
			asked->bits =
			    arg_bits((enum arg_type)arg->type, asked->arch);
			asked->is_signed = arg_type_rows[arg->type].is_signed;
		}
		check_clause(asked);
	}
}

void
ruleset_warn_meaning(const struct filter_file *file, const struct ruleset *set,
    const struct arch_list *archs, struct diag *diag)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct entry *entry = &set->entries[i];
		struct asked asked = { .file = file,
			.entry = entry,
			.lets = answer_lets_through(entry->action),
			.else_lets = lets_otherwise(set, i),
			.diag = diag };

		for (size_t j = 0; j < archs->count && asked.arch == NULL; j++)
			if (arch_number(archs->archs[j], entry->call,
			        strlen(entry->call)) >= 0)
				asked.arch = archs->archs[j];
		if (entry->inert || asked.arch == NULL)
			continue;
		asked.row = call_row_find(
		    asked.arch, (unsigned int)arch_number(asked.arch,
		                    entry->call, strlen(entry->call)));
		/* Those of old, of which nothing is known. */
		if (asked.row->name[0] == '\0')
			asked.row = NULL;
		check_entry(&asked);
	}
}
