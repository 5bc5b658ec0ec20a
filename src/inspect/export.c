/* SPDX-License-Identifier: ISC */
#include "inspect/export.h"

#include "format/minijail.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "filter/promises.h"
#include "format/from_filter.h"
#include "inspect/filter_compare.h"

static const char source_name[] = "promises";

/* Nobody's: rules about a run's own process and users are left out. */
static const struct run_values no_run;

struct exported {
	const struct export_request *request;
	struct run_conditions conditions;
	struct filter filter;
	struct ruled_filter *ruled; /* the filter as the file has it */
	struct filter_file file;
	struct diag *diag;
	size_t widened, refused_otherwise;
	size_t high;         /* refused for bits that the kernel cuts off */
	struct strbuf first; /* of what is widened */
};

static void
exported_free(struct exported **exported)
{
	if (*exported == NULL)
		return;
	ruled_filter_free((*exported)->ruled);
	filter_file_free(&(*exported)->file);
	strbuf_free(&(*exported)->first);
	free(*exported);
}

static bool
skip_rule(const struct rule *rule, void *context)
{
	const struct run_conditions *conditions = context;
	const struct condition *condition = rule->condition;

	return condition == &conditions->cookie ||
	       condition == &conditions->last_words ||
	       condition == &conditions->own_pid ||
	       condition == &conditions->own_clock ||
	       condition == &conditions->own_uid ||
	       condition == &conditions->own_gid;
}

/* The word that a rule comes from. */
static const char *
find_comment(const struct rule *rule, void *context)
{
	(void)context;
	if (rule->origin < PROMISE_COUNT)
		return promise_rows[rule->origin].name;
	return NULL;
}

static int
make_filter(struct exported *exported, struct diag *diag)
{
	const struct policy *policy = exported->request->policy;
	const struct promise_request request = {
		.promises = policy_promises(policy),
		.when = WHEN_GRACE | WHEN_TRUNCATE,
		.refusal = policy->kill
		               ? SECCOMP_RET_KILL_PROCESS
		               : SECCOMP_RET_ERRNO |
		                     (uint32_t)(policy->violation_errno != 0
		                                    ? policy->violation_errno
		                                    : EPERM),
		.conditions = &exported->conditions,
	};
	struct filter *filter = &exported->filter;
	int nr, r;

	run_conditions_make(&exported->conditions, &no_run);
	r = promises_compile(&request, exported->request->arch, filter, diag);
	if (r < 0)
		return r;
	/* Whoever loads the filter has yet to start the program. */
	nr = arch_number(filter->arch, "execve", 6);
	memmove(filter->rules + 1, filter->rules,
	    (filter->count < FILTER_RULES ? filter->count : FILTER_RULES - 1) *
	        sizeof(*filter->rules));
	filter->rules[0] = (struct rule){ .nr = (uint16_t)nr,
		.action = SECCOMP_RET_ALLOW,
		.origin = ORIGIN_GRANT };
	if (filter->count < FILTER_RULES)
		filter->count++;
	return 0;
}

static bool
has_high_bits(const struct call *call)
{
	for (size_t i = 0; i < 6; i++)
		if (call->args[i] > UINT32_MAX)
			return true;
	return false;
}

/* What becomes of a call in the format. */
static int
note_difference(void *context, const struct verify_case *one)
{
	struct exported *exported = context;
	cleanup_strbuf struct strbuf line = { 0 };
	bool was = answer_lets_through(one->answers[0]);
	bool is = answer_lets_through(one->answers[1]);

	if (was == is) {
		exported->refused_otherwise++;
		return 0;
	}
	add_difference(&line, one);
	if (line.failed)
		return -ENOMEM;
	if (is && exported->widened++ == 0)
		strbuf_add(&exported->first, line.data, line.length - 1);
	/* Else the first is told, and nothing is written. */
	if (!is && exported->request->to == &format_minijail &&
	    has_high_bits(&one->call))
		exported->high++;
	else if (!is || exported->request->lossy)
		diag_warn(exported->diag, "%s: %.*s",
		    is ? "allows more" : "allows less", (int)line.length - 1,
		    line.data);
	return 0;
}

/* Reads back what was written, and compares it with the promises. */
static int
compare(struct exported *exported, const struct strbuf *buf)
{
	cleanup_filter_file struct filter_file back = { 0 };
	const struct filter *filters[2] = { &exported->ruled->filter };
	struct verify_side sides[2] = { { .filters = &filters[0], .count = 1 },
		{ .filters = &filters[1], .count = 1 } };
	struct ruled_filter *ruled = NULL;
	struct diag silent = { 0 };
	struct format_bytes bytes = { .length = buf->length };
	int r;

	bytes.data = malloc(buf->length + 1);
	if (bytes.data == NULL)
		return diag_set(exported->diag, ENOMEM, "out of memory");
	memcpy(bytes.data, buf->data, buf->length);
	bytes.data[buf->length] = '\0';
	r = format_read(
	    "(what was written)", bytes, exported->request->to, &back, &silent);
	if (r == 0)
		r = ruleset_compile(&back, &back.sets[0],
		    exported->request->arch, &ruled, &silent);
	if (r < 0)
		return diag_set(exported->diag, EPROTO,
		    "what was written does not read back: %s", silent.text);
	filters[1] = &ruled->filter;
	r = verify_differences(
	    &sides[0], &sides[1], note_difference, exported, exported->diag);
	ruled_filter_free(ruled);
	return r;
}

static int
judge(const struct exported *exported)
{
	const struct export_request *request = exported->request;

	if (exported->widened > 0 && !request->lossy)
		return diag_set(exported->diag, ENOTSUP,
		    "%s cannot say these promises: it would allow %zu kinds of "
		    "calls more, as %.*s; --lossy accepts that",
		    request->to->name, exported->widened,
		    (int)exported->first.length, exported->first.data);
	if (exported->high > 0)
		diag_warn(exported->diag,
		    "%zu kinds of calls are refused for bits above the 32 that "
		    "the kernel reads of their arguments; no program sets them",
		    exported->high);
	if (exported->refused_otherwise > 0)
		diag_warn(exported->diag,
		    "%zu kinds of refused calls are refused in another way, "
		    "for %s cannot tell them from the rest",
		    exported->refused_otherwise, request->to->name);
	return 0;
}

static int
write_program(
    const struct exported *exported, struct strbuf *buf, struct diag *diag)
{
	cleanup_free struct program *program = malloc(sizeof(*program));
	const struct filter *filter = &exported->ruled->filter;
	const struct verify_side rules = { .filters = &filter, .count = 1 };
	const struct verify_side made = { .program = program };
	int r;

	if (program == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	r = program_compile(&filter, 1, program, diag);
	if (r == 0)
		r = verify_equal(&rules, &made, NULL, NULL, diag);
	if (r > 0)
		r = diag_set(diag, EPROTO, "the program made is wrong");
	if (r == 0)
		strbuf_add(buf, program->code,
		    program->length * sizeof(program->code[0]));
	return r;
}

/* As much as the format can say, and what that changes. */
static int
write_rules(struct exported *exported, struct strbuf *buf)
{
	const struct export_request *request = exported->request;
	const struct write_options options = {
		.arch = request->arch, .lossy = true, .portable = true
	};
	struct diag silent = { 0 };
	int r;

	if (request->to->write == NULL)
		return diag_set(exported->diag, ENOTSUP, "%s is not written",
		    request->to->name);
	r = request->to->write(&exported->file, &options, buf, &silent);
	if (r == 0 && buf->failed)
		return diag_set(exported->diag, ENOMEM, "out of memory");
	if (r < 0)
		return diag_set(exported->diag, -r, "%s", silent.text);
	if (request->to == &format_minijail)
		minijail_warn_size(
		    "the export", strbuf_text(buf, ""), exported->diag);
	r = compare(exported, buf);
	return r == 0 ? judge(exported) : r;
}

int
export_policy(
    const struct export_request *request, struct strbuf *buf, struct diag *diag)
{
	__attribute__((cleanup(exported_free))) struct exported *exported =
	    calloc(1, sizeof(*exported));
	struct from_filter from = {
		.name = source_name, .skip = skip_rule, .comment = find_comment
	};
	int r;

	if (exported == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	exported->request = request;
	exported->diag = diag;
	r = make_filter(exported, diag);
	from.filter = &exported->filter;
	from.context = &exported->conditions;
	if (r == 0)
		r = file_from_filter(&from, &exported->file, diag);
	if (r == 0)
		r = ruleset_compile(&exported->file, &exported->file.sets[0],
		    request->arch, &exported->ruled, diag);
	if (r < 0)
		return r;
	if (!(policy_promises(request->policy) & PROMISE(EXEC)))
		diag_warn(diag,
		    "execve stays allowed: whoever loads the filter "
		    "starts the program by it");
	if (request->to == &format_bpf)
		return write_program(exported, buf, diag);
	return write_rules(exported, buf);
}
