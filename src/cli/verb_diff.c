/* SPDX-License-Identifier: ISC */
/* seccomp-pledge diff: two policies.  0 equal, 1 not, 2 an error. */
#include <errno.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "cli/say.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "inspect/policy_diff.h"

#define ANSWER_ERROR 2

static struct speaker speaker = { .program = "seccomp-pledge" };
static bool json, help;

/* clang-format off */
static const struct verb_option rows[] = {
	{ 0, "json", NULL, "print one JSON object", .flag = &json },
	{ 'h', "help", NULL, "this text", .flag = &help },
};
/* clang-format on */
static const struct verb_options table = { .verb = "diff",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
	.anywhere = true };

static int
show_help(void)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf,
	    "usage: seccomp-pledge diff [options] POLICY POLICY\n"
	    "Prints which of two policies is wider, and every difference: "
	    "calls, paths, ports, limits.\n\n");
	verb_options_help(&table, &buf);
	strbuf_puts(&buf, "\nexit status: 0 equal, 1 different, 2 an error\n");
	return put_text(&speaker, &buf) == 0 ? 0 : -EIO;
}

static int
carry_out(char **argv, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	int at, r;

	r = verb_options_parse(&table, argv, &at, diag);
	if (r < 0)
		return r;
	if (help)
		return show_help();
	if (argv[at] == NULL || argv[at + 1] == NULL || argv[at + 2] != NULL)
		return diag_set(diag, EINVAL,
		    "usage: seccomp-pledge diff [options] POLICY POLICY");
	r = policy_diff(argv[at], argv[at + 1], json, &buf, diag);
	if (r >= 0 && put_text(&speaker, &buf) != 0)
		return -EIO;
	return r;
}

int
verb_diff(int argc, char **argv)
{
	struct diag diag = speaker_diag(&speaker);
	int r = carry_out(argv, &diag);

	(void)argc;
	if (r >= 0)
		return r;
	speaker_report(&speaker, &diag);
	return ANSWER_ERROR;
}
