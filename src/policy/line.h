/* SPDX-License-Identifier: ISC */
/* A line of a policy file, as its statements are given it. */
#ifndef POLICY_LINE_H
#define POLICY_LINE_H

#include <sys/stat.h>

#include "base/arena.h"
#include "policy/policy.h"

#define LINE_WORDS 128

struct word {
	const char *text;
	unsigned int column; /* from 1, in bytes */
	bool bare;           /* it stood in no quotes */
};

/* A file that is being read, and who includes it. */
struct policy_source {
	const struct policy_source *includer;
	const char *name;
	bool no_file; /* a text alone: nothing can be beside it */
	unsigned int depth;
	struct stat status;
};

#define VARIABLES 64

/* What the files that include each other have in common. */
struct reading {
	struct {
		const char *name, *value;
	} variables[VARIABLES];
	size_t variable_count;
	size_t files;
	struct arena arena;
};

struct line {
	const struct policy_source *source;
	struct reading *reading;
	unsigned int number;
	struct word words[LINE_WORDS];
	size_t count;
	const char *rest; /* behind the words: a comment, or the end */
};

/* "file:line:column: " before the sentence. */
int line_error(const struct line *line, unsigned int column, struct diag *diag);

/* "let NAME PATH": @NAME stands for it from here on. */
int parse_let(
    struct policy *policy, const struct line *line, struct diag *diag);

/* Puts variables' values into the line's words. */
int line_expand(struct line *line, struct diag *diag);

/* "allow CALL [ARG OP VALUE]..." and "deny ...". */
int parse_allow(
    struct policy *policy, const struct line *line, struct diag *diag);
int parse_deny(
    struct policy *policy, const struct line *line, struct diag *diag);

#endif
