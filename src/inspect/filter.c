/* SPDX-License-Identifier: ISC */
#include "inspect/filter.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/suggest.h"
#include "base/table.h"
#include "format/symbols.h"
#include "inspect/filter_check.h"
#include "inspect/prove.h"
#include "policy/policy.h"
#include "supervise/installed.h"

/* Where a path of `filter try` is said to stand in memory. */
#define SOME_ADDRESS UINT64_C(0x7ffe12345678)

void
filter_source_free(struct filter_source *source)
{
	ruled_filters_free(&source->ruled);
	filter_file_free(&source->file);
	filter_name_free(&source->name);
	*source = (struct filter_source){ 0 };
}

/* "pid:4711", or "pid:4711:2": the filters of a process, or its second one. */
#define PROCESS "pid:"

struct process_name {
	pid_t pid;
	size_t index; /* from 1; 0: not said */
};

static bool
is_process(const char *text)
{
	return strncmp(text, PROCESS, strlen(PROCESS)) == 0;
}

static int
read_process_name(
    const char *text, struct process_name *ret_name, struct diag *diag)
{
	char *end = NULL;
	long pid = strtol(text + strlen(PROCESS), &end, 10);
	unsigned long index = 0;

	if (*end == ':') {
		index = strtoul(end + 1, &end, 10);
		if (index == 0)
			pid = 0;
	}
	if (pid <= 0 || pid > INT_MAX || *end != '\0')
		return diag_set(diag, EINVAL,
		    "\"%s\": write pid:PROCESS or pid:PROCESS:FILTER, both "
		    "numbers",
		    text);
	*ret_name = (struct process_name){ (pid_t)pid, index };
	return 0;
}

/* One filter of a process, as if it were a file. */
static int
open_process(
    const char *text, struct filter_source *ret_source, struct diag *diag)
{
	cleanup_free struct program *programs = NULL;
	struct filter_file *file = &ret_source->file;
	struct process_name name = { 0 };
	size_t count = 0;
	int r = read_process_name(text, &name, diag);

	if (r == 0)
		r = installed_read(name.pid, &programs, &count, diag);
	if (r < 0)
		return r;
	if (count == 0)
		return diag_set(diag, ENOENT, "process %d runs under no filter",
		    (int)name.pid);
	if (name.index > count || (name.index == 0 && count > 1))
		return diag_set(diag, ENOENT,
		    "process %d runs under %zu filters; choose one: pid:%d:1 "
		    "to pid:%d:%zu",
		    (int)name.pid, count, (int)name.pid, (int)name.pid, count);
	file->path = text;
	file->format = &format_bpf;
	file->program = arena_alloc(&file->arena, 1, sizeof(*programs));
	if (file->program == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	*file->program = programs[name.index > 0 ? name.index - 1 : 0];
	return 0;
}

int
filter_source_open(const struct filter_request *request,
    struct filter_source *ret_source, struct diag *diag)
{
	*ret_source = (struct filter_source){ 0 };
	if (is_process(request->file))
		return open_process(request->file, ret_source, diag);
	if (filter_name_split(request->file, NULL, &ret_source->name) < 0)
		return diag_set(diag, ENOMEM, "out of memory");
	return format_read_file(
	    ret_source->name.path, request->format, &ret_source->file, diag);
}

void
filter_add_archs(struct strbuf *buf, const struct arch_list *archs)
{
	for (size_t i = 0; i < archs->count; i++)
		strbuf_printf(
		    buf, "%s%s", i == 0 ? "" : ",", archs->archs[i]->name);
}

int
filter_source_choose(const struct filter_request *request,
    struct filter_source *source, struct diag *diag)
{
	int r;

	if (source->file.program != NULL)
		return 0;
	r = ruleset_choose(
	    &source->file, source->name.name, &source->set, diag);
	if (r == 0)
		r = ruleset_compile_all(&source->file, source->set,
		    &request->archs, &source->ruled, diag);
	return r;
}

static int
open_one(const struct filter_request *request, struct filter_source *ret_source,
    struct diag *diag)
{
	int r = filter_source_open(request, ret_source, diag);

	return r == 0 ? filter_source_choose(request, ret_source, diag) : r;
}

/* No program leaves that does not do what the rules say. */
static int
prove(const struct filter_source *source, const struct program *program,
    struct diag *diag)
{
	const struct verify_side rules = { .filters = source->ruled.filters,
		.count = source->ruled.count };
	const struct verify_side made = { .program = program };
	struct verify_case one = { 0 };
	struct diag silent = { 0 };
	int r = verify_equal(&rules, &made, &one, NULL, &silent);

	return prove_result(r, &one, source->file.path, &silent, diag);
}

/* One program for the calls of all architectures. */
static int
compile_all(const struct ruled_filters *ruled, struct program *program,
    struct diag *diag)
{
	cleanup_free struct program *next = malloc(sizeof(*next));
	int r = program_compile(&ruled->filters[0], 1, program, diag);

	if (next == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	for (size_t i = 1; i < ruled->count && r == 0; i++) {
		r = program_compile(&ruled->filters[i], 1, next, diag);
		if (r == 0)
			r = program_join(program, next, diag);
	}
	return r;
}

/* Its program: as it was read, or made. */
static int
make_program(const struct filter_source *source, struct program **ret_program,
    struct diag *diag)
{
	cleanup_free struct program *program = malloc(sizeof(*program));
	int r = 0;

	if (program == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	if (source->file.program != NULL)
		*program = *source->file.program;
	else
		r = compile_all(&source->ruled, program, diag);
	if (r == 0 && source->file.program == NULL)
		r = prove(source, program, diag);
	if (r < 0) {
		diag_prefix(diag, "%s", source->file.path);
		return r;
	}
	*ret_program = take_pointer(program);
	return 0;
}

/* --- show --- */

static void
add_operand(struct strbuf *buf, const struct operand *operand)
{
	if (operand->symbol != NULL)
		quote_terminal(buf, operand->symbol);
	else if (operand->number < 10)
		strbuf_printf(buf, "%" PRIu64, operand->number);
	else
		strbuf_printf(buf, "%#" PRIx64, operand->number);
}

static void
add_clause(struct strbuf *buf, const struct clause *clause)
{
	static const char *const signs[] = { [CLAUSE_EQ] = "==",
		[CLAUSE_NE] = "!=",
		[CLAUSE_LT] = "<",
		[CLAUSE_LE] = "<=",
		[CLAUSE_GT] = ">",
		[CLAUSE_GE] = ">=",
		[CLAUSE_MASKED_EQ] = "==" };

	strbuf_printf(
	    buf, "%sarg%u", clause->width == 32 ? "" : "(u64)", clause->arg);
	if (clause->op == CLAUSE_MASKED_EQ) {
		strbuf_puts(buf, " & ");
		add_operand(buf, &clause->mask);
	}
	strbuf_printf(buf, " %s ", signs[clause->op]);
	add_operand(buf, &clause->value);
}

static void
add_comment(struct strbuf *buf, const char *comment)
{
	if (comment == NULL)
		return;
	strbuf_puts(buf, "  # ");
	quote_terminal(buf, comment);
}

void
filter_add_entry(struct strbuf *buf, const struct entry *entry)
{
	char text[ANSWER_TEXT];

	strbuf_printf(buf, "%-14s ", answer_text(entry->action, text));
	quote_terminal(buf, entry->call);
	for (size_t i = 0; i < entry->clause_count; i++) {
		strbuf_puts(buf, i == 0 ? " if " : " and ");
		add_clause(buf, &entry->clauses[i]);
	}
	if (entry->inert)
		strbuf_puts(buf, "  # no effect beside the other rules");
	add_comment(buf, entry->comment);
	for (size_t i = 0; i < entry->clause_count; i++)
		add_comment(buf, entry->clauses[i].comment);
}

static void
show_set(const struct ruleset *set, struct strbuf *buf)
{
	char text[ANSWER_TEXT];

	if (set->name != NULL) {
		strbuf_puts(buf, "filter ");
		quote_terminal(buf, set->name);
		strbuf_putc(buf, '\n');
	}
	for (size_t i = 0; i < set->count; i++) {
		strbuf_puts(buf, "  ");
		filter_add_entry(buf, &set->entries[i]);
		strbuf_putc(buf, '\n');
	}
	strbuf_printf(
	    buf, "  %-14s all else\n", answer_text(set->fallback, text));
	if (set->unknown != set->fallback)
		strbuf_printf(buf, "  %-14s unknown calls\n",
		    answer_text(set->unknown, text));
	strbuf_printf(buf, "  %-14s calls of other architectures\n",
	    answer_text(set->foreign, text));
}

static void
list_program(const struct filter_request *request,
    const struct program *program, struct strbuf *buf)
{
	strbuf_puts(buf, "# ");
	filter_add_archs(buf, &request->archs);
	strbuf_printf(buf, ", %u instructions, longest path %u\n",
	    program->length, program_longest_path(program));
	program_list(program, request->archs.archs[0], buf);
}

/* All that a process runs under. */
static int
show_process(
    const struct filter_request *request, struct strbuf *buf, struct diag *diag)
{
	cleanup_free struct program *programs = NULL;
	struct process_name name = { 0 };
	size_t count = 0;
	int r = read_process_name(request->file, &name, diag);

	if (r == 0)
		r = installed_read(name.pid, &programs, &count, diag);
	if (r < 0)
		return r;
	if (count == 0)
		strbuf_printf(
		    buf, "# process %d runs under no filter\n", (int)name.pid);
	for (size_t i = 0; i < count; i++) {
		strbuf_printf(buf,
		    "# pid:%d:%zu, of %zu, the first installed first\n",
		    (int)name.pid, i + 1, count);
		list_program(request, &programs[i], buf);
	}
	return 0;
}

static int
show_program(const struct filter_request *request, struct filter_source *source,
    struct strbuf *buf, struct diag *diag)
{
	cleanup_free struct program *program = NULL;
	int r = filter_source_choose(request, source, diag);

	if (r == 0)
		r = make_program(source, &program, diag);
	if (r < 0 || program == NULL)
		return r;
	list_program(request, program, buf);
	return 0;
}

int
filter_show(const struct filter_request *request, enum filter_view view,
    struct strbuf *buf, struct diag *diag)
{
	cleanup_filter_source struct filter_source source = { 0 };
	const struct ruleset *set;
	int r;

	if (is_process(request->file) &&
	    strchr(request->file + strlen(PROCESS), ':') == NULL)
		return show_process(request, buf, diag);
	r = filter_source_open(request, &source, diag);
	if (r < 0)
		return r;
	if (view == FILTER_PROGRAM || source.file.program != NULL)
		return show_program(request, &source, buf, diag);
	if (source.name.name == NULL) {
		for (size_t i = 0; i < source.file.set_count; i++)
			show_set(&source.file.sets[i], buf);
		return 0;
	}
	r = ruleset_choose(&source.file, source.name.name, &set, diag);
	if (r == 0)
		show_set(set, buf);
	return r;
}

/* --- compile --- */

static void
write_rows(const struct program *program, bool hex, struct strbuf *buf)
{
	for (unsigned int at = 0; at < program->length; at++) {
		const struct sock_filter *one = &program->code[at];

		if (hex)
			strbuf_printf(buf, "%02x%02x%02x%02x%08x\n",
			    one->code & 0xffU, one->code >> 8, one->jt, one->jf,
			    __builtin_bswap32(one->k));
		else
			strbuf_printf(buf, "\t{ 0x%02x, %3u, %3u, 0x%08x },\n",
			    one->code, one->jt, one->jf, one->k);
	}
}

int
filter_compile(const struct filter_request *request, enum filter_output output,
    struct strbuf *buf, struct diag *diag)
{
	cleanup_filter_source struct filter_source source = { 0 };
	cleanup_free struct program *program = NULL;
	int r = open_one(request, &source, diag);

	if (r == 0)
		r = make_program(&source, &program, diag);
	if (r < 0 || program == NULL)
		return r;
	if (source.set != NULL)
		ruleset_warn_traps(&source.file, source.set, diag);
	switch (output) {
	case FILTER_RAW:
		strbuf_add(buf, program->code,
		    program->length * sizeof(program->code[0]));
		break;
	case FILTER_HEX:
		write_rows(program, true, buf);
		break;
	case FILTER_C:
		strbuf_puts(buf, "/* struct sock_filter, for ");
		filter_add_archs(buf, &request->archs);
		strbuf_printf(buf, ": %u instructions */\n", program->length);
		write_rows(program, false, buf);
	}
	return 0;
}

/* --- try --- */

static int
read_call_name(const struct arch *arch, const char *word, struct call *call,
    struct diag *diag)
{
	struct suggest suggest = { .wanted = word };
	int nr = arch_number(arch, word, strlen(word));
	uint64_t number;

	if (nr >= 0) {
		call->nr = (uint32_t)nr;
		return 0;
	}
	if (*word >= '0' && *word <= '9') {
		if (symbol_value(word, arch, &number, diag) < 0 ||
		    number > UINT32_MAX)
			return diag_set(diag, EINVAL,
			    "\"%s\" is no system call's number", word);
		call->nr = (uint32_t)number;
		return 0;
	}
	for (size_t i = 0; i < arch->count; i++)
		suggest_consider(&suggest, arch->names[arch->by_name[i]]);
	return diag_set(diag, EINVAL, "%s has no system call \"%.100s\"%s",
	    arch->name, word, suggest_text(&suggest));
}

static int
read_call(const struct arch *arch, char *const *words, struct call *call,
    struct diag *diag)
{
	*call = (struct call){ .arch = arch->audit };
	if (read_call_name(arch, words[0], call, diag) < 0)
		return -EINVAL;
	for (size_t i = 0; words[i + 1] != NULL; i++) {
		const char *word = words[i + 1];

		if (i == 6)
			return diag_set(
			    diag, EINVAL, "a system call has six arguments");
		if (strchr("/.\"", *word) != NULL)
			call->args[i] = *word == '\0' ? 0 : SOME_ADDRESS;
		else if (symbol_value(word, arch, &call->args[i], diag) < 0)
			return -EINVAL;
	}
	return 0;
}

static void
explain_rule(const struct ruled_filter *ruled, const struct call *call,
    const struct rule *rule, struct strbuf *buf)
{
	const struct entry *entry = ruled_filter_entry(ruled, rule);
	const struct arch *arch = ruled->filter.arch;

	if (entry != NULL) {
		quote_terminal(buf, place_file(ruled->file, entry->place));
		strbuf_printf(
		    buf, ":%u:%u: ", entry->place.line, entry->place.column);
		filter_add_entry(buf, entry);
	} else if ((arch->quirks & ARCH_X32) && call->nr >= ARCH_X32_BIT)
		strbuf_puts(buf, "an x32 number, which no rule can name");
	else if (call->nr > arch->max)
		strbuf_puts(buf, "an unknown number, which no rule can name");
	else {
		quote_terminal(buf, ruled->file->path);
		strbuf_printf(buf, ":%u:%u: no rule matches",
		    ruled->set->fallback_place.line,
		    ruled->set->fallback_place.column);
	}
	strbuf_putc(buf, '\n');
}

/* Whether the call of that NAME is another architecture's. */
static bool
is_skipped(const struct arch_list *archs, size_t index, const char *name)
{
	size_t length = strlen(name);

	if (arch_number(archs->archs[index], name, length) >= 0)
		return false;
	for (size_t i = 0; i < archs->count; i++)
		if (arch_number(archs->archs[i], name, length) >= 0)
			return true;
	return false;
}

/* The filter of one architecture, or a program, asked for one call. */
static int
try_one(const struct filter_source *source, size_t index,
    const struct call *call, struct strbuf *buf, struct diag *diag)
{
	const struct ruled_filter *ruled = source->ruled.each[index];
	const struct rule *rule;
	char text[ANSWER_TEXT];
	unsigned int at;
	uint32_t answer;
	int r;

	if (source->file.program != NULL) {
		r = program_decide(
		    source->file.program, call, &answer, &at, diag);
		if (r < 0)
			return r;
		strbuf_printf(
		    buf, "%s\ninstruction %u\n", answer_text(answer, text), at);
	} else if (ruled == NULL) {
		return diag_set(diag, EINVAL, "no filter to ask");
	} else {
		answer = filter_answer(&ruled->filter, call, &rule);
		strbuf_printf(buf, "%s\n", answer_text(answer, text));
		explain_rule(ruled, call, rule, buf);
	}
	return answer_lets_through(answer) ? 0 : 1;
}

int
filter_try(const struct filter_request *request, char *const *words,
    struct strbuf *buf, struct diag *diag)
{
	cleanup_filter_source struct filter_source source = { 0 };
	const struct arch_list *archs = &request->archs;
	struct call call = { 0 };
	int r = open_one(request, &source, diag), answer = 0;

	for (size_t i = 0; i < archs->count && r >= 0; i++) {
		if (is_skipped(archs, i, words[0]))
			continue;
		r = read_call(archs->archs[i], words, &call, diag);
		if (r == 0 && archs->count > 1)
			strbuf_printf(buf, "%s: ", archs->archs[i]->name);
		if (r == 0)
			r = try_one(&source, i, &call, buf, diag);
		answer |= r;
	}
	return r < 0 ? r : answer;
}
