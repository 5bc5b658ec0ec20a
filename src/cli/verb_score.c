/* SPDX-License-Identifier: ISC */
/* seccomp-pledge score: 0 as asked, 1 above --max, 2 an error. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "cli/say.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "inspect/score.h"

#define ANSWER_ERROR 2

static struct speaker speaker = { .program = "seccomp-pledge" };
static struct meant meant;
static struct score score = { .most = -1 };
static bool help;

static int
set_promises(const char *words, struct diag *diag)
{
	return policy_add_promises(&meant.policy, words, diag);
}

static int
set_unveil(const char *text, struct diag *diag)
{
	return policy_add_unveil_option(&meant.policy, text, diag);
}

static int
set_filter(const char *text, struct diag *diag)
{
	return policy_add_filter(&meant.policy, text, NULL, diag);
}

static int
set_policy(const char *name, struct diag *diag)
{
	return policy_include(&meant.policy, name, diag);
}

static int
set_connect(const char *port, struct diag *diag)
{
	return ports_add_text(&meant.policy.connect, port, diag);
}

static int
set_bind(const char *port, struct diag *diag)
{
	return ports_add_text(&meant.policy.bind, port, diag);
}

static int
set_max(const char *text, struct diag *diag)
{
	char *end;

	score.most = strtod(text, &end);
	if (end == text || *end != '\0' || !isfinite(score.most) ||
	    score.most < 0 || score.most > 10)
		return diag_set(diag, EINVAL,
		    "--max takes a number from 0 to 10, like 3.5; not \"%s\"",
		    text);
	return 0;
}

/* clang-format off */
static const struct verb_option rows[] = {
	{ 0, "max", "NUMBER", "exit with 1 if the exposure is above it",
	    .set = set_max },
	{ 0, "json", NULL, "print one JSON object", .flag = &score.json },
	{ 'p', "promises", "PROMISES", "words separated by space or comma",
	    .set = set_promises },
	{ 'v', "unveil", "[PERM:]PATH", "unveil PATH for any of rwxc",
	    .set = set_unveil },
	{ 'V', "no-unveil", NULL, "paths are not restricted",
	    .flag = &meant.policy.no_unveil },
	{ 'f', "filter", "FILE[:NAME]", "a seccomp filter besides",
	    .set = set_filter },
	{ 'i', "policy", "FILE", "a policy: a file, or a profile's name",
	    .set = set_policy },
	{ 0, "connect", "PORT", "a TCP port to connect to", .set = set_connect },
	{ 0, "bind", "PORT", "a TCP port to bind to", .set = set_bind },
	{ 'h', "help", NULL, "this text", .flag = &help },
};
/* clang-format on */
static const struct verb_options table = { .verb = "score",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
	.anywhere = true };

static int
show_help(void)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf,
	    "usage: seccomp-pledge score [options] [POLICY]\n"
	    "Says how much a policy leaves in reach, from 0 to 10, and by "
	    "what.\n\n");
	verb_options_help(&table, &buf);
	strbuf_puts(
	    &buf, "\nexit status: 0; with --max: 1 above it; 2 an error\n");
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
	if (argv[at] != NULL && argv[at + 1] != NULL)
		return diag_set(
		    diag, EINVAL, "score: unexpected \"%s\"", argv[at + 1]);
	if (argv[at] != NULL)
		r = policy_include(&meant.policy, argv[at], diag);
	else if (!meant.policy.named && !meant.policy.no_unveil)
		r = diag_set(diag, EINVAL,
		    "score: name a policy, or make one by -p and -v");
	if (r == 0)
		r = score_policy(&score, &meant, &buf, diag);
	if (r >= 0 && put_text(&speaker, &buf) != 0)
		return -EIO;
	return r;
}

int
verb_score(int argc, char **argv)
{
	struct diag diag = speaker_diag(&speaker);
	int r = carry_out(argv, &diag);

	(void)argc;
	meant_free(&meant);
	if (r >= 0)
		return r;
	speaker_report(&speaker, &diag);
	return ANSWER_ERROR;
}
