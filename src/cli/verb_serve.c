/* SPDX-License-Identifier: ISC */
/* serve: answers requests on a Unix socket. */
#include <errno.h>

#include "api/serve.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/table.h"
#include "cli/options.h"
#include "cli/say.h"
#include "cli/verb_options.h"
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
set_grace(const char *argument, struct diag *diag)
{
	return options_seconds(argument, 0, &options.grace, diag);
}

static int
set_patience(const char *argument, struct diag *diag)
{
	return options_seconds(argument, 0, &options.patience, diag);
}

/* clang-format off */
static const struct verb_option rows[] = {
	{ 0, "socket", "PATH", "listen there (default: serve.sock in\n"
	    "                      $XDG_RUNTIME_DIR/seccomp-pledge, or as the "
	    "manual says)", .word = &options.path },
	{ 0, "group", "NAME", "root: admit this group's members, too",
	    .word = &options.group },
	{ 0, "within", "FILE", "a policy that no request may exceed",
	    .word = &options.within },
	{ 0, "grace", "SECONDS", "what runs has so long at SIGTERM (default: "
	    "10)", .set = set_grace },
	{ 0, "patience", "SECONDS", "a client that reads nothing has so long "
	    "(default: 60)", .set = set_patience },
	{ 'q', "quiet", NULL, "no messages", .flag = &speaker.quiet },
	{ 'h', "help", NULL, "this text", .flag = &help },
};
/* clang-format on */
static const struct verb_options table = { .verb = "serve",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
	.anywhere = true };

static int
parse(char **argv, struct diag *diag)
{
	int at, r = verb_options_parse(&table, argv, &at, diag);

	if (r == 0 && argv[at] != NULL)
		return diag_set(
		    diag, EINVAL, "serve: unexpected \"%s\"", argv[at]);
	return r;
}

static int
show_help(void)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf,
	    "usage: seccomp-pledge serve [options]\n"
	    "Answers requests on a Unix socket: JSON-RPC 2.0, one object a "
	    "line.  Runs until\nSIGTERM or SIGINT.\n\n");
	verb_options_help(&table, &buf);
	return put_text(&speaker, &buf);
}

int
verb_serve(int argc, char **argv)
{
	struct diag diag = speaker_diag(&speaker);
	int r = parse(argv, &diag);

	(void)argc;
	if (r == 0 && help)
		return show_help();
	if (r == 0)
		r = serve(&options, &diag);
	if (r < 0)
		speaker_report(&speaker, &diag);
	return r < 0 ? STATUS_FAILED : 0;
}
