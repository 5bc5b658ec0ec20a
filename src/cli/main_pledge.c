/* SPDX-License-Identifier: ISC */
/* pledge: the launcher alone. */
#include <stdio.h>

#include "base/cleanup.h"
#include "cli/options.h"

static struct options options = { .speaker = { .program = "pledge" } };

static int
show_help(void)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf,
	    "usage: pledge [options] [--] COMMAND [ARG...]\n"
	    "Runs COMMAND with only the powers that the options promise.\n\n");
	options_help(&buf);
	strbuf_puts(&buf,
	    "\nexample: pledge -p 'stdio rpath' -v r:. -- ls -l\n"
	    "pledge(1) has the whole of it; pledge-promises(7) the words.\n");
	return put_text(&options.speaker, &buf);
}

int
main(int argc, char **argv)
{
	struct diag *diag = options_diag(&options);
	int rest;

	(void)argc;
	if (options_parse(&options, argv, &rest, diag) < 0) {
		speaker_report(&options.speaker, diag);
		fputs("try: pledge --help\n", stderr);
		return STATUS_FAILED;
	}
	if (options.help)
		return show_help();
	if (options.version)
		return put_version(
		    &options.speaker, "pledge (seccomp-pledge) " VERSION "\n");
	return options_run(&options, argv[rest] != NULL ? argv + rest : NULL);
}
