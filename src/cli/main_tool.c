/* SPDX-License-Identifier: ISC */
/* seccomp-pledge: the tool, with its verbs. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/cleanup.h"
#include "base/suggest.h"
#include "base/table.h"
#include "cli/guided.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "launch/launch.h"
#include "launch/target.h"
#include "run/known.h"

static struct options options = {
	.speaker = { .program = "seccomp-pledge" },
	.run = { .as_parent = true },
};

static int verb_help(int argc, char **argv);
static int verb_version(int argc, char **argv);

static const struct verb {
	const char *name;
	const char *text;
	int (*run)(int argc, char **argv); /* NULL: not in this version */
} verbs[] = {
	{ "guide", "be led through making a policy", verb_guide },
	{ "run", "run a command under a policy", verb_run },
	{ "trace", "show a command's system calls", verb_trace },
	{ "explain", "run, and name each denial", verb_explain },
	{ "learn", "write the smallest policy that fits a command",
	    verb_learn },
	{ "check", "does a policy carry a command?", verb_check },
	{ "why", "what a policy says to a call, a path, a port", verb_why },
	{ "diff", "which of two policies is wider, and where", verb_diff },
	{ "score", "how much a policy leaves in reach, from 0 to 10",
	    verb_score },
	{ "filter", "work with seccomp filters", verb_filter },
	{ "export", "write a policy in another format", verb_export },
	{ "promises", "what each promise allows, call by call", verb_promises },
	{ "profiles", "list the profiles, or print one", verb_profiles },
	{ "doctor", "what this machine can enforce", verb_doctor },
	{ "serve", "answer requests on a Unix socket", verb_serve },
	{ "help", "this text, or a verb's", verb_help },
	{ "version", "the version", verb_version },
};

static int
show_help(void)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf,
	    "usage: seccomp-pledge [options] [--] COMMAND [ARG...]\n"
	    "       seccomp-pledge VERB [options] ...\n"
	    "Runs COMMAND with only the powers that the options promise.\n\n"
	    "verbs (a command of the same name goes after --):\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		strbuf_printf(&buf, "  %-10s %s%s\n", verbs[i].name,
		    verbs[i].text,
		    verbs[i].run == NULL ? " (not in this version)" : "");
	strbuf_puts(&buf, "\noptions of running a command:\n");
	options_help(&buf);
	strbuf_puts(&buf,
	    "\nexample: seccomp-pledge run -p 'stdio rpath' -v r:. -- ls -l\n"
	    "seccomp-pledge(1) has the whole of it.\n");
	return put_text(&options.speaker, &buf);
}

static int
usage_error(struct diag *diag)
{
	speaker_report(&options.speaker, diag);
	fputs("try: seccomp-pledge --help\n", stderr);
	return STATUS_FAILED;
}

int
verb_run(int argc, char **argv)
{
	struct diag diag = speaker_diag(&options.speaker);
	int rest;

	(void)argc;
	if (options_parse(&options, argv, &rest, &diag) < 0)
		return usage_error(&diag);
	if (options.help)
		return show_help();
	if (options.version)
		return put_version(
		    &options.speaker, "seccomp-pledge " VERSION "\n");
	if (options.run.lead == NULL)
		options.run.lead = "seccomp-pledge run";
	return options_run(&options, argv[rest] != NULL ? argv + rest : NULL);
}

int
verb_explain(int argc, char **argv)
{
	options.run.explain.line = speaker_line;
	options.run.explain.context = &options.speaker;
	return verb_run(argc, argv);
}

static const char check_usage[] =
    "usage: seccomp-pledge check [options] POLICY [--] COMMAND [ARG...]\n"
    "       seccomp-pledge check --static [--json] POLICY\n";

static int
check_error(struct diag *diag)
{
	speaker_report(&options.speaker, diag);
	fputs(check_usage, stderr);
	return 2;
}

static int
check_help(void)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf, check_usage);
	strbuf_puts(&buf,
	    "Runs COMMAND under POLICY, a file or a profile.  Exit status 0: "
	    "nothing was\ndenied but what programs are known to do without; "
	    "1: something was; 2: it could\nnot be told.  --static runs "
	    "nothing: it names lines without effect, those that\ngrant widely, "
	    "and those whose file is missing; 1: there are some.\n\n");
	options_help(&buf);
	strbuf_puts(&buf, "\nwithout a command:\n");
	verb_lint_help(&buf);
	return put_text(&options.speaker, &buf);
}

/* Before the policy, as every option. */
static bool
is_static(char *const *argv)
{
	for (argv++; *argv != NULL && **argv == '-'; argv++)
		if (strcmp(*argv, "--static") == 0)
			return true;
	return false;
}

/* One that is found in PATH, by its bare name. */
static bool
is_command(const char *word)
{
	char path[PATH_MAX];
	struct diag diag = { 0 };

	return strchr(word, '/') == NULL &&
	       target_locate(word, getenv("PATH"), path, &diag) == 0;
}

/* Options come before, as ever. */
int
verb_check(int argc, char **argv)
{
	struct diag diag = speaker_diag(&options.speaker);
	struct known_policy known;
	const char *policy;
	int rest, status;

	if (is_static(argv))
		return verb_lint(argc, argv);
	if (options_parse(&options, argv, &rest, &diag) < 0)
		return check_error(&diag);
	if (options.help)
		return check_help();
	if (argv[rest] == NULL) {
		diag_set(&diag, EINVAL, "no policy was given");
		return check_error(&diag);
	}
	if (options_set(&options, "policy", argv[rest], &diag) < 0) {
		if (diag.err == ENOENT && is_command(argv[rest]))
			diag_set(&diag, EINVAL,
			    "%s is a command, and the policy stands before it: "
			    "seccomp-pledge check POLICY -- %s ...",
			    argv[rest], argv[rest]);
		speaker_report(&options.speaker, &diag);
		return 2;
	}
	policy = argv[rest++];
	if (argv[rest] != NULL && strcmp(argv[rest], "--") == 0)
		rest++;
	if (argv[rest] == NULL) {
		diag_set(&diag, EINVAL, "no command was given");
		return check_error(&diag);
	}
	if (known_read(policy, argv + rest, &known, &diag) < 0) {
		speaker_report(&options.speaker, &diag);
		return 2;
	}
	options.run.known = &known.known;
	options.run.answer = true;
	options.run.explain.line = speaker_line;
	options.run.explain.context = &options.speaker;
	options.run.lead = "seccomp-pledge run";
	status = options_run(&options, argv + rest);
	known_free(&known);
	return status > 2 ? 2 : status;
}

static const struct verb *
find_verb(const char *word)
{
	for (size_t i = 0; word != NULL && i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i].name, word) == 0)
			return &verbs[i];
	return NULL;
}

static int
run_verb(const struct verb *verb, int argc, char **argv)
{
	struct diag diag = speaker_diag(&options.speaker);

	if (verb->run != NULL)
		return verb->run(argc, argv);
	diag_set(&diag, ENOTSUP,
	    "%s: not in this version; a command of that "
	    "name goes after --",
	    verb->name);
	return usage_error(&diag);
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* "help learn" is "learn --help". */
static int
verb_help(int argc, char **argv)
{
	static char option[] = "--help";
	const struct verb *verb = find_verb(argv[1]);
	struct diag diag = speaker_diag(&options.speaker);
	char *words[] = { argv[1], option, NULL };

	if (argc < 2 || is_help(argv[1]))
		return show_help();
	if (verb != NULL && verb->run != verb_help && argc == 2)
		return run_verb(verb, 2, words);
	diag_set(
	    &diag, EINVAL, "help: %s: no such verb", argv[argc == 2 ? 1 : 2]);
	return usage_error(&diag);
}

static int
verb_version(int argc, char **argv)
{
	struct diag diag = speaker_diag(&options.speaker);

	if (argc == 1)
		return put_version(
		    &options.speaker, "seccomp-pledge " VERSION "\n");
	if (is_help(argv[1]))
		return show_help();
	diag_set(&diag, EINVAL, "version: %s: it takes no more words", argv[1]);
	return usage_error(&diag);
}

/* Is there anything but a bare command, which would be guided? */
static bool
names_something(void)
{
	return options.run.policy.named || options.save != NULL ||
	       options.dry_run || options.support != NULL;
}

/* Questions first, at the terminal or over a socket.  ARGV: NULL if there is no
 * command. */
static int
be_guided(char **argv)
{
	const struct policy *ceiling =
	    options.has_within ? &options.within : NULL;
	const struct guided guided = { argv, ceiling, &options.run };
	const struct api api = { argv, options.socket, ceiling, &options.run };
	struct diag diag = speaker_diag(&options.speaker);
	int status;

	if (options.run.policy.filter_count > 0) {
		diag_set(
		    &diag, EINVAL, "-f: guided mode makes filters of its own");
		return usage_error(&diag);
	}
	status = options.api ? api_serve(&api, &diag)
	                     : guide_at_terminal(&guided, &diag);
	speaker_report(&options.speaker, &diag);
	return status;
}

int
verb_guide(int argc, char **argv)
{
	static const char usage[] =
	    "usage: seccomp-pledge guide [options] [--] [COMMAND [ARG...]]\n"
	    "Asks what COMMAND is to be allowed, runs it and saves the "
	    "policy, as you like.\nOptions that name a policy are where it "
	    "begins.\n\n";
	struct diag diag = speaker_diag(&options.speaker);
	cleanup_strbuf struct strbuf buf = { 0 };
	int rest;

	(void)argc;
	if (options_parse(&options, argv, &rest, &diag) < 0)
		return usage_error(&diag);
	if (!options.help)
		return be_guided(argv[rest] != NULL ? argv + rest : NULL);
	strbuf_puts(&buf, usage);
	options_help(&buf);
	return put_text(&options.speaker, &buf);
}

/* WORD is no verb.  Is it meant to be one?  Without a terminal, guided mode
 * cannot ask what is meant. */
static bool
misses_verb(const char *word, struct diag *diag)
{
	struct suggest suggest = { .wanted = word };
	char path[PATH_MAX];

	if (word == NULL || word[0] == '-' || strchr(word, '/') != NULL ||
	    target_locate(word, getenv("PATH"), path, diag) != -ENOENT)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		suggest_consider(&suggest, verbs[i].name);
	diag_set(diag, ENOENT, "%s: no such verb, and no such command%s", word,
	    suggest_text(&suggest));
	return suggest.text[0] != '\0' || !isatty(STDIN_FILENO) ||
	       !isatty(STDERR_FILENO);
}

int
main(int argc, char **argv)
{
	struct diag diag = speaker_diag(&options.speaker);
	const struct verb *verb = find_verb(argv[1]);
	int rest;

	if (verb != NULL)
		return run_verb(verb, argc - 1, argv + 1);
	if (misses_verb(argv[1], &diag)) {
		usage_error(&diag);
		return STATUS_NOT_FOUND;
	}
	speaker_ready(&options.speaker, &diag);
	if (options_parse(&options, argv, &rest, &diag) < 0)
		return usage_error(&diag);
	if (options.help)
		return show_help();
	if (options.version)
		return put_version(
		    &options.speaker, "seccomp-pledge " VERSION "\n");
	if (options.api || !names_something())
		return be_guided(argv[rest] != NULL ? argv + rest : NULL);
	return options_run(&options, argv[rest] != NULL ? argv + rest : NULL);
}
