/* SPDX-License-Identifier: ISC */
/* seccomp-pledge check --static: 0 nothing, 1 something, 2 an error. */
#include <errno.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "cli/say.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "inspect/policy_lint.h"

#define ANSWER_ERROR 2

static struct speaker speaker = { .program = "seccomp-pledge" };
static bool json, is_static;

/* clang-format off */
static const struct verb_option rows[] = {
	{ 0, "static", NULL, "read the policy, and run nothing",
	    .flag = &is_static },
	{ 0, "json", NULL, "print one JSON object", .flag = &json },
};
/* clang-format on */
static const struct verb_options table = { .verb = "check",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
	.anywhere = true };

void
verb_lint_help(struct strbuf *buf)
{
	verb_options_help(&table, buf);
}

static int
carry_out(char **argv, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	int at, r;

	r = verb_options_parse(&table, argv, &at, diag);
	if (r < 0)
		return r;
	if (argv[at] == NULL || argv[at + 1] != NULL)
		return diag_set(diag, EINVAL,
		    "usage: seccomp-pledge check --static [--json] POLICY");
	r = policy_lint(argv[at], json, &buf, diag);
	if (r >= 0 && put_text(&speaker, &buf) != 0)
		return -EIO;
	return r;
}

int
verb_lint(int argc, char **argv)
{
	struct diag diag = speaker_diag(&speaker);
	int r = carry_out(argv, &diag);

	(void)argc;
	if (r >= 0)
		return r;
	speaker_report(&speaker, &diag);
	return ANSWER_ERROR;
}
