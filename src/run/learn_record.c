/* SPDX-License-Identifier: ISC */
#include "run/learn_record.h"

#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>

#include "call/looks.h"
#include "call/rows.h"
#include "learn/grants.h"

_Static_assert(
    RECORD_CALLS == ARCH_CALLS_MAX, "both have a place for each call");

/* The argument that is shown as a path, -1: none. */
static int
path_of(const struct call_row *row)
{
	for (int i = 0; row != NULL && i < CALL_ARGS; i++)
		if (row->args[i].kind == ARG_PATH)
			return i;
	return -1;
}

/* Others wait until they have been looked at. */
static enum record_mode
find_mode(enum call_look look)
{
	if (look == LOOK_NOTHING)
		return RECORD_BY_ARGS;
	if (look == LOOK_OPEN || look == LOOK_CREAT)
		return RECORD_BY_FILE;
	return look == LOOK_PATH ? RECORD_BY_PATH : RECORD_NONE;
}

static void
plan_call(struct record_call *call, unsigned int nr)
{
	const struct look_row *look = look_find(arch_native(), nr);

	call->mode = (__u8)find_mode(
	    look != NULL ? (enum call_look)look->look : LOOK_NOTHING);
	call->path = (__s8)path_of(call_row_find(arch_native(), nr));
	if (call->mode == RECORD_BY_FILE || call->mode == RECORD_BY_PATH)
		call->directory = look->directory;
}

void
learn_record_plan(struct record_call calls[RECORD_CALLS])
{
	memset(calls, 0, RECORD_CALLS * sizeof(*calls));
	for (unsigned int nr = 0; nr < RECORD_CALLS; nr++) {
		const char *name = arch_name(arch_native(), nr);

		calls[nr].path = calls[nr].directory = -1;
		if (name != NULL)
			plan_call(&calls[nr], nr);
	}
}

static void
add_mask(struct record_call *call, const struct condition *condition)
{
	for (size_t i = 0; i < CONDITION_TESTS; i++) {
		const struct test *test = &condition->tests[i];

		if (test->width == 0)
			break;
		if (test->arg < RECORD_ARGS)
			call->mask[test->arg] |=
			    test->mask &
			    (test->width == 32 ? UINT32_MAX : UINT64_MAX);
	}
}

/* How a file is opened counts whole. */
static void
add_flags(struct record_call *call)
{
	if (call->mode == RECORD_BY_FILE)
		call->mask[call->path + 1] |= UINT32_MAX;
}

void
learn_record_refine(
    struct record_call calls[RECORD_CALLS], const struct filter *ordinary)
{
	for (unsigned int nr = 0; nr < RECORD_CALLS; nr++) {
		for (const struct grant *grant = grant_first(nr); grant != NULL;
		     grant = grant_next(grant))
			if (grant->condition != NULL)
				add_mask(&calls[nr], grant->condition);
		add_flags(&calls[nr]);
	}
	for (size_t i = 0; i < ordinary->count; i++) {
		const struct rule *rule = &ordinary->rules[i];

		if (rule->condition != NULL)
			add_mask(&calls[rule->nr], rule->condition);
		else if (rule->action == SECCOMP_RET_ALLOW)
			calls[rule->nr].mode = RECORD_NONE;
	}
}
