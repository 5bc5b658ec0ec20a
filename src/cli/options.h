/* SPDX-License-Identifier: ISC */
/*
 * The options of running a command: one row each, with its setter and its
 * help; the help text, the parser and the man pages' test walk the table.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "cli/say.h"
#include "run/run.h"

struct options {
	struct run run;
	struct speaker speaker;
	const char *save; /* --save FILE, */
	/* with the comments of the first of what -i names. */
	const char *included[16];
	size_t included_count;
	bool dry_run, help, version, check;
	const char *support;  /* -T: what to ask for */
	bool api;             /* --api: be guided over a socket */
	struct policy within; /* --within: what a watched run obeys, */
	bool has_within;      /* if it was given */
	const char *socket;   /* --socket: which; NULL: the usual one */
	/* As they were given, for a shell: all that confine the command, and
	 * those of them that are neither promises nor paths. */
	struct strbuf given, others;
};

struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* what to call its argument; NULL: none */
	const char *text;
	int (*set)(
	    struct options *options, const char *argument, struct diag *diag);
	/* What a suggested command does with it: the default suits all that
	 * confines, or is about how the command is run. */
	enum { OPTION_KEPT, OPTION_ANEW, OPTION_LEFT } suggested;
};
extern const struct option_row option_rows[];
extern const size_t option_row_count;

/*
 * Reads options up to the first word that is none, or behind "--".
 * *RET_REST is its index.  -EINVAL and a sentence.
 */
int options_parse(
    struct options *options, char **argv, int *ret_rest, struct diag *diag);

/* Sets the option called NAME, which is one, as if it had been given. */
int options_set(struct options *options, const char *name, const char *argument,
    struct diag *diag);

/* All options are read: what a suggestion is to keep of them. */
int options_given(struct options *options, struct diag *diag);

/* A time limit of none at all would be one that ends the command at once. */
#define SHORTEST_TIMEOUT 1e-9

/* A number of seconds from LEAST to 1e9, or -EINVAL and a sentence. */
int options_seconds(
    const char *text, double least, double *ret_seconds, struct diag *diag);

/* A diag of OPTIONS' speaker, empty again; options_run() uses it as well. */
struct diag *options_diag(struct options *options);

/* The rows as help text. */
void options_help(struct strbuf *buf);

void options_free(struct options *options);

/*
 * Does what OPTIONS say with the command ARGV (NULL: none was given): an exit
 * status.
 */
int options_run(struct options *options, char **argv);

#endif
