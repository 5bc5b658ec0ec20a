/* SPDX-License-Identifier: ISC */
/* serve: answers requests on a Unix socket. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/serve.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/suggest.h"
#include "base/table.h"
#include "cli/say.h"
#include "cli/verbs.h"
#include "launch/launch.h"

static struct speaker speaker = { .program = "seccomp-pledge" };
static void
say_listening(const char *path)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_printf(&buf, "listening at %s", path);
	if (!speaker.quiet && !buf.failed)
		speaker_say(&speaker, buf.data);
}

static struct serve_options options = {
	.listening = say_listening,
	.grace = SERVE_GRACE,
	.patience = SERVE_PATIENCE,
};
static bool help;

static int
set_socket(const char *argument, struct diag *diag)
{
	(void)diag;
	options.path = argument;
	return 0;
}

static int
set_group(const char *argument, struct diag *diag)
{
	(void)diag;
	options.group = argument;
	return 0;
}

static int
set_within(const char *argument, struct diag *diag)
{
	(void)diag;
	options.within = argument;
	return 0;
}

static int
read_seconds(const char *argument, double *ret_seconds, struct diag *diag)
{
	char *end;
	double seconds = strtod(argument, &end);

	if (end == argument || *end != '\0' || !isfinite(seconds) ||
	    seconds < 0 || seconds > 1e9)
		return diag_set(
		    diag, EINVAL, "\"%s\" is no number of seconds", argument);
	*ret_seconds = seconds;
	return 0;
}

static int
set_grace(const char *argument, struct diag *diag)
{
	return read_seconds(argument, &options.grace, diag);
}

static int
set_patience(const char *argument, struct diag *diag)
{
	return read_seconds(argument, &options.patience, diag);
}

static int
set_quiet(const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	speaker.quiet = true;
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

static const struct serve_option {
	const char *name, *argument; /* NULL: none */
	const char *text;
	int (*set)(const char *argument, struct diag *diag);
} rows[] = {
	{ "--socket", "PATH",
	    "listen there (default: serve.sock in\n"
	    "                      $XDG_RUNTIME_DIR/seccomp-pledge, or as the "
	    "manual says)",
	    set_socket },
	{ "--group", "NAME", "root: admit this group's members, too",
	    set_group },
	{ "--within", "FILE", "a policy that no request may exceed",
	    set_within },
	{ "--grace", "SECONDS",
	    "what runs has so long at SIGTERM (default: 10)", set_grace },
	{ "--patience", "SECONDS",
	    "a client that reads nothing has so long (default: 60)",
	    set_patience },
	{ "--quiet", NULL, "no messages", set_quiet },
	{ "--help", NULL, "this text", set_help },
};

static const struct serve_option *
find_option(const char *word, struct diag *diag)
{
	struct suggest suggest = { .wanted = word };

	if (strcmp(word, "-h") == 0)
		word = "--help";
	if (strcmp(word, "-q") == 0)
		word = "--quiet";
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, word) == 0)
			return &rows[i];
		suggest_consider(&suggest, rows[i].name);
	}
	diag_set(diag, EINVAL, "serve: unexpected \"%s\"%s", word,
	    suggest_text(&suggest));
	return NULL;
}

static int
parse(int argc, char **argv, struct diag *diag)
{
	int r = 0;

	for (int i = 1; r == 0 && i < argc; i++) {
		const struct serve_option *row = find_option(argv[i], diag);

		if (row == NULL)
			return -EINVAL;
		if (row->argument != NULL && argv[i + 1] == NULL)
			return diag_set(diag, EINVAL,
			    "serve: %s needs an argument: %s", row->name,
			    row->argument);
		r = row->set(argv[i + 1], diag);
		i += row->argument != NULL;
	}
	return r;
}

static int
show_help(void)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	char left[40];

	strbuf_puts(&buf,
	    "usage: seccomp-pledge serve [options]\n"
	    "Answers requests on a Unix socket: JSON-RPC 2.0, one object a "
	    "line.  Runs until\nSIGTERM or SIGINT.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(left, sizeof(left), "%s%s%s", rows[i].name,
		    rows[i].argument != NULL ? " " : "",
		    rows[i].argument != NULL ? rows[i].argument : "");
		strbuf_printf(&buf, "  %-19s %s\n", left, rows[i].text);
	}
	return put_text(&speaker, &buf);
}

int
verb_serve(int argc, char **argv)
{
	struct diag diag = speaker_diag(&speaker);
	int r = parse(argc, argv, &diag);

	if (r == 0 && help)
		return show_help();
	if (r == 0)
		r = serve(&options, &diag);
	if (r < 0)
		speaker_report(&speaker, &diag);
	return r < 0 ? STATUS_FAILED : 0;
}
