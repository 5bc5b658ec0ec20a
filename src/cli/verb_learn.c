/* SPDX-License-Identifier: ISC */
/* learn: writes the smallest policy that fits a command. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/table.h"
#include "cli/options.h"
#include "cli/say.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "launch/launch.h"
#include "run/learn.h"
#include "run/learn_more.h"
#include "run/learn_verify.h"

#define MERGED        64
#define LARGEST_RUNS  10000
#define REFUSED_SHOWN 10

static struct speaker speaker = { .program = "seccomp-pledge" };
static struct learn learn = { .program_name = "seccomp-pledge" };
static struct policy ceiling;
static char *merged[MERGED + 1];
static size_t merged_count;
static const char *output = "-";
static bool help, json, tighten, strict, verify;

static int
set_runs(const char *argument, struct diag *diag)
{
	char *end;
	long runs = strtol(argument, &end, 10);

	if (*argument < '0' || *argument > '9' || *end != '\0' || runs < 1 ||
	    runs > LARGEST_RUNS)
		return diag_set(diag, EINVAL,
		    "learn: \"%s\" is no number of runs; write one from 1 to "
		    "%d",
		    argument, LARGEST_RUNS);
	learn.runs = (unsigned int)runs;
	return 0;
}

static int
set_merge(const char *argument, struct diag *diag)
{
	if (merged_count == MERGED)
		return diag_set(
		    diag, E2BIG, "learn: more than %d files", MERGED);
	merged[merged_count] = strdup(argument);
	if (merged[merged_count] == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	merged_count++;
	learn.merge = merged;
	return 0;
}

static int
set_within(const char *argument, struct diag *diag)
{
	learn.ceiling = &ceiling;
	return policy_include(&ceiling, argument, diag);
}

static int
set_tighten(const char *argument, struct diag *diag)
{
	tighten = true;
	learn.ceiling_name = argument;
	return set_within(argument, diag);
}

static int
set_bpf(const char *argument, struct diag *diag)
{
	(void)argument;
	learn.recorder = recorder_driver();
	if (learn.recorder != NULL)
		return 0;
	return diag_set(diag, ENOTSUP,
	    "learn: this build has no recorder for --bpf, which takes libbpf, "
	    "clang and x86_64, and is not in the static tool; without --bpf, "
	    "the listener watches");
}

static int
set_timeout(const char *argument, struct diag *diag)
{
	return options_seconds(
	    argument, SHORTEST_TIMEOUT, &learn.timeout, diag);
}

static int
set_verbose(const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	learn.progress.line = speaker_line;
	learn.progress.context = &speaker;
	return 0;
}

/* clang-format off */
static const struct verb_option rows[] = {
	{ 'o', "output", "FILE", "write to FILE, once the command has ended; "
	    "-: standard\n                      output (the default)",
	    .word = &output },
	{ 0, "html", "FILE", "write a page about it, to be read in a browser",
	    .word = &learn.html },
	{ 0, "runs", "N", "run it N times, one after the other",
	    .set = set_runs },
	{ 0, "merge", "FILE", "add what was learned before; may be repeated, "
	    "and needs no\n                      command", .set = set_merge },
	{ 0, "within", "CEILING", "run it under this policy; nothing more is "
	    "learned", .set = set_within },
	{ 0, "tighten", "FILE", "run it under this policy, and print what that "
	    "grants\n                      and the command did not use",
	    .set = set_tighten },
	{ 0, "json", NULL, "print one JSON object, not a policy",
	    .flag = &json },
	{ 0, "bpf", NULL, "record most calls in the kernel: faster for long runs; "
	    "takes\n                      the privileges of root",
	    .set = set_bpf },
	{ 0, "strict", NULL, "exit with 1 if the policy refuses what the "
	    "command was\n                      seen to do",
	    .flag = &strict },
	{ 0, "verify", NULL, "then run it again, under its policy: check",
	    .flag = &verify },
	{ 't', "timeout", "SEC", "a time limit for each run",
	    .set = set_timeout },
	{ 0, "verbose", NULL, "tell each new thing as it is seen",
	    .set = set_verbose },
	{ 'q', "quiet", NULL, "no messages", .flag = &speaker.quiet },
	{ 'h', "help", NULL, "this text", .flag = &help },
};
/* clang-format on */
static const struct option_rule rules[] = {
	{ "bpf", "html", false,
	    "--html shows when calls were made, which "
	    "--bpf does not keep" },
};
static const struct verb_options options = { .verb = "learn",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
	.rules = rules,
	.rule_count = ARRAY_SIZE(rules) };

static int
parse(int argc, char **argv, struct diag *diag)
{
	int at, r;

	r = verb_options_parse(&options, argv, &at, diag);
	if (r < 0 || help)
		return r;
	if (at < argc)
		learn.argv = argv + at;
	else if (learn.merge == NULL || learn.ceiling != NULL)
		return diag_set(diag, EINVAL,
		    "learn: name a command, or files with --merge");
	learn.output = strcmp(output, "-") == 0 ? NULL : output;
	if (learn.html != NULL && strcmp(learn.html, "-") == 0)
		learn.html = "/dev/stdout";
	if (verify && (learn.output == NULL || learn.argv == NULL))
		return diag_set(diag, EINVAL,
		    "learn: --verify takes a command, and a file with -o");
	return 0;
}

static int
show_help(void)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf,
	    "usage: seccomp-pledge learn [options] [--] COMMAND [ARG...]\n"
	    "Runs COMMAND, watches it, and writes the smallest policy that "
	    "fits: promises,\npaths and ports, each with what it was seen for "
	    "and in how many runs.  Without\n--within, COMMAND runs with all "
	    "your rights.\n\n");
	verb_options_help(&options, &buf);
	strbuf_puts(&buf,
	    "\nThe exit status is the command's; with --verify, that of "
	    "check.\n"
	    "example: seccomp-pledge learn -o curl.policy -- curl -s "
	    "http://127.0.0.1/\n");
	return put_text(&speaker, &buf);
}

static void
say_rights(struct diag *diag)
{
	if (learn.argv != NULL && learn.ceiling == NULL)
		diag_warn(diag,
		    "the command runs with all your rights; --within CEILING "
		    "limits them");
}

static void
say_end(int status, struct diag *diag)
{
	if (learn.ran && learn.kept && status != 0)
		diag_warn(diag,
		    "the command failed, or was interrupted: what was learned "
		    "until then is written, and may not be all that it needs");
}

/*
 * The last that is said: what the policy refuses that was done.  Whether the
 * command can do without it, only another run tells.  How many there are.
 */
static size_t
say_refused(struct diag *diag)
{
	const struct learned *learned = &learn.learned;
	size_t count = 0;

	for (size_t i = 0; learn.ran && i < learned->count; i++) {
		const struct learned_line *line = &learned->lines[i];
		cleanup_strbuf struct strbuf why = { 0 };

		if (!learn_is_refusal(line) || count++ >= REFUSED_SHOWN)
			continue;
		quote_terminal(
		    &why, line->why != NULL ? line->why : line->path);
		diag_warn(diag, "the policy refuses what was done: %s",
		    strbuf_text(&why, "?"));
	}
	if (count > REFUSED_SHOWN)
		diag_warn(
		    diag, "the policy refuses %zu more", count - REFUSED_SHOWN);
	if (count > 0)
		diag_warn(diag,
		    "whether the command does without that, --verify tells, or "
		    "check");
	return count;
}

/* The same command again, as check runs it; returns only if that failed. */
static int
become_check(struct diag *diag)
{
	size_t count = 0;
	cleanup_free char *file = NULL;
	static char program[] = "seccomp-pledge", check[] = "check",
	            end[] = "--";
	cleanup_free char **argv = NULL;

	while (learn.argv[count] != NULL)
		count++;
	argv = calloc(count + 5, sizeof(*argv));
	if (argv == NULL ||
	    asprintf(&file, "%s%s", strpbrk(output, "/.") != NULL ? "" : "./",
	        output) < 0)
		return diag_set(diag, ENOMEM, "out of memory");
	argv[0] = program;
	argv[1] = check;
	argv[2] = file;
	argv[3] = end;
	memcpy(argv + 4, learn.argv, count * sizeof(*argv));
	fflush(NULL);
	execv("/proc/self/exe", argv);
	return diag_errno(diag, "run it again");
}

/* To standard output, when the command has ended. */
static int
put_result(int status)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	int r;

	if (!learn.ran && (learn.argv != NULL || status != 0))
		return status;
	if (tighten && json)
		learn_json_unused(&learn, status, &buf);
	else if (tighten)
		learn_write_unused(&learn, &buf);
	else if (json)
		learn_json(&learn.learned, status, &buf);
	else if (learn.output == NULL)
		learned_write(&learn.learned, &buf);
	else
		return status;
	r = put_text(&speaker, &buf);
	return status != 0 ? status : r;
}

int
verb_learn(int argc, char **argv)
{
	struct diag diag = speaker_diag(&speaker);
	int status;

	if (parse(argc, argv, &diag) < 0) {
		speaker_report(&speaker, &diag);
		fputs("try: seccomp-pledge learn --help\n", stderr);
		return STATUS_FAILED;
	}
	if (help)
		return show_help();
	say_rights(&diag);
	status = learn_command(&learn, &diag);
	speaker_report(&speaker, &diag);
	say_end(status, &diag);
	status = put_result(status);
	if (say_refused(&diag) > 0 && strict && status == 0)
		status = 1;
	if (verify && learn.ran && learn.kept && become_check(&diag) < 0) {
		speaker_report(&speaker, &diag);
		status = STATUS_FAILED;
	}
	learn_free(&learn);
	policy_free(&ceiling);
	for (size_t i = 0; i < merged_count; i++)
		free(merged[i]);
	return status;
}
