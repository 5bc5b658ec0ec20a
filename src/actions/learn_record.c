/* SPDX-License-Identifier: ISC */
#include "actions/learn_record.h"

#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>

#include "actions/learn_see.h"
#include "base/table.h"
#include "event/rows.h"
#include "learn/grants.h"

#define HERE (-1)

_Static_assert(
    RECORD_CALLS == ARCH_CALLS_MAX, "both have a place for each call");

/* clang-format off */
/* Those of which more than some arguments is asked. */
static const struct {
	const char *call;
	enum record_mode mode;
	int path, directory; /* arguments */
} rows[] = {
	{ "open", RECORD_BY_FILE, 0, HERE },
	{ "openat", RECORD_BY_FILE, 1, 0 },
	{ "creat", RECORD_BY_FILE, 0, HERE },
	/* Of some paths, they are harmless. */
	{ "access", RECORD_BY_PATH, 0, HERE },
	{ "readlink", RECORD_BY_PATH, 0, HERE },
	{ "statfs", RECORD_BY_PATH, 0, HERE },
	/* These depend on whose they are; and are rare. */
	{ "socket", RECORD_NONE }, { "setuid", RECORD_NONE },
	{ "setgid", RECORD_NONE },
};
/* clang-format on */

static const struct call_row *
describe(const char *name)
{
	for (size_t i = 0; i < call_row_count; i++)
		if (strcmp(call_rows[i].name, name) == 0)
			return &call_rows[i];
	return NULL;
}

/* The argument that is shown as a path, -1: none. */
static int
path_of(const char *name)
{
	const struct call_row *row = describe(name);

	for (int i = 0; row != NULL && i < CALL_ARGS; i++)
		if (row->args[i].kind == ARG_PATH)
			return i;
	return -1;
}

static void
plan_call(struct record_call *call, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].call, name) != 0)
			continue;
		call->mode = (__u8)rows[i].mode;
		call->path = (__s8)rows[i].path;
		call->directory = (__s8)rows[i].directory;
		return;
	}
	if (!learn_eye_asks(name))
		call->mode = RECORD_BY_ARGS;
	call->path = (__s8)path_of(name);
}

void
learn_record_plan(struct record_call calls[RECORD_CALLS])
{
	memset(calls, 0, RECORD_CALLS * sizeof(*calls));
	for (unsigned int nr = 0; nr < RECORD_CALLS; nr++) {
		const char *name = arch_name(arch_native(), nr);

		calls[nr].path = calls[nr].directory = -1;
		if (name != NULL)
			plan_call(&calls[nr], name);
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
