/* SPDX-License-Identifier: ISC */
/* trace: shows the system calls of a command. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "cli/say.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "launch/launch.h"
#include "run/trace.h"

static struct speaker speaker = { .program = "seccomp-pledge" };
static struct trace trace;
static struct policy ceiling;
static bool help;

static int
set_only(const char *argument, struct diag *diag)
{
	return selection_add(&trace.only, argument, diag);
}

static int
set_pid(const char *argument, struct diag *diag)
{
	char *end;
	long pid = strtol(argument, &end, 10);

	if (*argument < '0' || *argument > '9' || *end != '\0' || pid < 1 ||
	    pid > INT_MAX)
		return diag_set(
		    diag, EINVAL, "\"%s\" is no process ID", argument);
	trace.pid = (pid_t)pid;
	return 0;
}

static int
set_within(const char *argument, struct diag *diag)
{
	trace.ceiling = &ceiling;
	return policy_include(&ceiling, argument, diag);
}

/* clang-format off */
static const struct verb_option rows[] = {
	{ 'o', "output", "FILE", "write to FILE; -: standard output "
	    "(default:\n                      standard error)", .word = &trace.output },
	{ 0, "json", NULL, "one JSON object a line", .flag = &trace.json },
	{ 0, "summary", NULL, "only how often each call was made, with "
	    "errors,\n                      time, and the promise that allows it",
	    .flag = &trace.summary },
	{ 0, "html", "FILE", "write a page about it, to be read in a browser",
	    .word = &trace.html },
	{ 'i', "policy", "FILE", "that page compares with this policy",
	    .word = &trace.policy },
	{ 0, "only", "SET", "calls, promises and paths, separated by commas",
	    .set = set_only },
	{ 0, "pid", "PID", "follow a process that runs; ^C leaves it alone",
	    .set = set_pid },
	{ 0, "within", "CEILING", "run it under this policy",
	    .set = set_within },
	{ 'q', "quiet", NULL, "show no progress", .flag = &trace.quiet },
	{ 'h', "help", NULL, "this text", .flag = &help },
};
/* clang-format on */
static const struct option_rule rules[] = {
	{ "policy", "html", true,
	    "--policy says what --html FILE compares "
	    "with" },
	{ "pid", "within", false,
	    "a process that runs cannot be put under a "
	    "ceiling" },
};
static const struct verb_options options = { .verb = "trace",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
	.rules = rules,
	.rule_count = ARRAY_SIZE(rules) };

static int
parse(int argc, char **argv, struct diag *diag)
{
	int at, r;

	r = verb_options_parse(&options, argv, &at, diag);
	if (r < 0)
		return r;
	speaker.quiet = trace.quiet;
	if (at < argc)
		trace.argv = argv + at;
	if (help)
		return 0;
	if (trace.html != NULL && strcmp(trace.html, "-") == 0)
		trace.html = "/dev/stdout";
	if (trace.argv == NULL && trace.pid == 0)
		return diag_set(diag, EINVAL,
		    "trace: name a command, or a process with --pid");
	if (trace.argv != NULL && trace.pid != 0)
		return diag_set(
		    diag, EINVAL, "trace: either a command or --pid, not both");
	return 0;
}

static int
show_help(void)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf,
	    "usage: seccomp-pledge trace [options] [--] COMMAND [ARG...]\n"
	    "       seccomp-pledge trace [options] --pid PID\n"
	    "Shows each system call of COMMAND and of all that it starts, with "
	    "what it was\ngiven, what came of it, and how long it took.  "
	    "Without --within, COMMAND runs\nwith all your rights.\n\n");
	verb_options_help(&options, &buf);
	strbuf_puts(&buf,
	    "\nThe exit status is the command's.\n"
	    "example: seccomp-pledge trace --only inet,/etc -- curl -s "
	    "http://127.0.0.1/\n");
	return put_text(&speaker, &buf);
}

int
verb_trace(int argc, char **argv)
{
	struct diag diag = speaker_diag(&speaker);
	int status;

	if (parse(argc, argv, &diag) < 0) {
		speaker_report(&speaker, &diag);
		fputs("try: seccomp-pledge trace --help\n", stderr);
		return STATUS_FAILED;
	}
	if (help)
		return show_help();
	status = trace_command(&trace, &diag);
	speaker_report(&speaker, &diag);
	selection_free(&trace.only);
	policy_free(&ceiling);
	return status;
}
