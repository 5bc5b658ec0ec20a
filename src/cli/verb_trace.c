/* SPDX-License-Identifier: ISC */
/* trace: shows the system calls of a command. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/trace.h"
#include "base/cleanup.h"
#include "base/suggest.h"
#include "base/table.h"
#include "cli/say.h"
#include "cli/verbs.h"
#include "launch/launch.h"

static struct speaker speaker = { .program = "seccomp-pledge" };
static struct trace trace;
static bool help;

static int
set_output(const char *argument, struct diag *diag)
{
	(void)diag;
	trace.output = argument;
	return 0;
}

static int
set_json(const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	trace.json = true;
	return 0;
}

static int
set_summary(const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	trace.summary = true;
	return 0;
}

static int
set_html(const char *argument, struct diag *diag)
{
	(void)diag;
	trace.html = argument;
	return 0;
}

static int
set_policy(const char *argument, struct diag *diag)
{
	(void)diag;
	trace.policy = argument;
	return 0;
}

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
set_quiet(const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	speaker.quiet = trace.quiet = true;
	return 0;
}

static int
set_help(const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	help = true;
	return 0;
}

/* clang-format off */
static const struct trace_option {
	char letter;
	const char *name, *argument; /* NULL: none */
	const char *text;
	int (*set)(const char *argument, struct diag *diag);
} rows[] = {
	{ 'o', "output", "FILE", "write to FILE; -: standard output "
	    "(default: standard error)", set_output },
	{ 0, "json", NULL, "one JSON object a line", set_json },
	{ 0, "summary", NULL, "only how often each call was made, with errors,"
	    "\n                      time, and the promise that allows it",
	    set_summary },
	{ 0, "html", "FILE", "write a page about it, to be read in a browser",
	    set_html },
	{ 'i', "policy", "FILE", "that page compares with this policy",
	    set_policy },
	{ 0, "only", "SET", "calls, promises and paths, separated by commas",
	    set_only },
	{ 0, "pid", "PID", "follow a process that runs; ^C leaves it alone",
	    set_pid },
	{ 'q', "quiet", NULL, "show no progress", set_quiet },
	{ 'h', "help", NULL, "this text", set_help },
};
/* clang-format on */

static int
refuse(const char *word, struct diag *diag)
{
	char name[64];
	struct suggest suggest = { .wanted = name };

	snprintf(name, sizeof(name), "%.*s",
	    (int)strcspn(word + strspn(word, "-"), "="),
	    word + strspn(word, "-"));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		suggest_consider(&suggest, rows[i].name);
	return diag_set(diag, EINVAL, "trace: unknown option %s%s", word,
	    suggest_text(&suggest));
}

/* "-o FILE", "-oFILE", "--only SET", "--only=SET"; *RET_INLINE: what is there
 * of its argument. */
static const struct trace_option *
find_option(const char *word, const char **ret_inline)
{
	const char *name = word + 2;
	size_t length = strcspn(name, "=");

	*ret_inline = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (word[1] != '-' && word[1] == rows[i].letter) {
			if (word[2] != '\0')
				*ret_inline = word + 2;
			return &rows[i];
		}
		if (word[1] != '-' ||
		    strncmp(rows[i].name, name, length) != 0 ||
		    rows[i].name[length] != '\0')
			continue;
		if (name[length] == '=')
			*ret_inline = name + length + 1;
		return &rows[i];
	}
	return NULL;
}

static int
parse_option(char **argv, int *at, struct diag *diag)
{
	const char *word = argv[*at], *argument;
	const struct trace_option *row = find_option(word, &argument);

	if (row == NULL || (row->argument == NULL && argument != NULL))
		return refuse(word, diag);
	if (row->argument != NULL && argument == NULL) {
		argument = argv[*at + 1];
		if (argument == NULL)
			return diag_set(diag, EINVAL,
			    "trace: %s needs an argument: %s", word,
			    row->argument);
		(*at)++;
	}
	return row->set(argument, diag);
}

static int
parse(int argc, char **argv, struct diag *diag)
{
	int at, r;

	for (at = 1; at < argc && argv[at][0] == '-' && argv[at][1] != '\0';
	     at++) {
		if (strcmp(argv[at], "--") == 0) {
			at++;
			break;
		}
		r = parse_option(argv, &at, diag);
		if (r < 0)
			return r;
	}
	if (at < argc)
		trace.argv = argv + at;
	if (help)
		return 0;
	if (trace.argv == NULL && trace.pid == 0)
		return diag_set(diag, EINVAL,
		    "trace: name a command, or a process with --pid");
	if (trace.policy != NULL && trace.html == NULL)
		return diag_set(diag, EINVAL,
		    "trace: --policy says what --html FILE compares with");
	if (trace.argv != NULL && trace.pid != 0)
		return diag_set(
		    diag, EINVAL, "trace: either a command or --pid, not both");
	return 0;
}

static int
show_help(void)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	char left[32];

	strbuf_puts(&buf,
	    "usage: seccomp-pledge trace [options] [--] COMMAND [ARG...]\n"
	    "       seccomp-pledge trace [options] --pid PID\n"
	    "Shows each system call of COMMAND and of all that it starts, with "
	    "what it was\ngiven, what came of it, and how long it took.  "
	    "COMMAND is not confined: it runs\nwith all your rights.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
		    rows[i].letter != 0 ? '-' : ' ',
		    rows[i].letter != 0 ? rows[i].letter : ' ',
		    rows[i].letter != 0 ? ", " : "  ", rows[i].name,
		    rows[i].argument != NULL ? " " : "",
		    rows[i].argument != NULL ? rows[i].argument : "");
		strbuf_printf(&buf, "  %-19s %s\n", left, rows[i].text);
	}
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
	return status;
}
