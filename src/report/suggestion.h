/* SPDX-License-Identifier: ISC */
/* Denials -> the command line that would allow them all. */
#ifndef REPORT_SUGGESTION_H
#define REPORT_SUGGESTION_H

#include "report/denial.h"
#include "sandbox/sandbox.h"

/*
 * The options of a command line as they were given, for a shell, with a blank
 * before each: what confines a command is not lost from what is suggested.
 */
struct suggestion_options {
	const char *text; /* NULL: there was no command line */
	/* All of them, to which is added; else without the promises and the
	 * paths, which are written anew with what was missed. */
	bool whole;
	const char *file; /* the policy's, of -i; NULL: none, or several */
};

/* The command that was run. */
struct suggestion_request {
	const char *lead; /* "pledge", "seccomp-pledge run" */
	const struct policy *policy;
	struct suggestion_options options;
	/* As launch_paths_user() made them of the policy's unveils, in order.
	 */
	const struct sandbox_path *paths; /* NULL: they are as written */
	const char *tmp; /* the run's private directory, or NULL */
	char *const *argv;
};

/*
 * A command line that allows everything that was denied (except what is
 * harmless, and what nothing allows), quoted for a shell.  False: there is
 * nothing to suggest.
 */
bool suggestion_write(struct strbuf *buf, const struct denials *denials,
    const struct suggestion_request *request);

/* The same as lines to be added to a policy's file, each with its end. */
bool suggestion_write_lines(struct strbuf *buf, const struct denials *denials,
    const struct suggestion_request *request);

/* The policy as it is, on a command line; false: no options say all of it. */
bool command_line_write(
    struct strbuf *buf, const struct suggestion_request *request);

/* An unveiled path as an option's: "@CWD/x" was given as "x", and is so again.
 */
const char *unveil_option_path(const char *path);

#endif
