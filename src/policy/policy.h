/* SPDX-License-Identifier: ISC */
/*
 * A policy: promises, unveiled paths, ports, limits; what a command may do.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "policy/port.h"
#include "policy/promise.h"

enum unveil_permission {
	UNVEIL_R = 1 << 0,
	UNVEIL_W = 1 << 1,
	UNVEIL_X = 1 << 2,
	UNVEIL_C = 1 << 3,
};

struct unveil {
	char *path; /* absolute, or begins with a symbol: @CWD @HOME ... */
	unsigned int permissions; /* enum unveil_permission */
	bool optional;            /* skip it if it does not exist */
	unsigned int line;        /* of its policy file; 0: of none */
	/* Its names hold * ? [ or are @UID: policy_expand() puts what they
	 * match in its place. */
	bool pattern;
};

/* "allow CALL ..." and "deny CALL ...": a call without a promise. */
enum call_op { CALL_EQ, CALL_NE, CALL_LT, CALL_LE, CALL_GT, CALL_GE, CALL_OPS };
extern const char *const call_op_words[CALL_OPS]; /* "==" */

struct call_test {
	uint8_t arg; /* 0..5 */
	uint8_t op;  /* enum call_op */
	char *mask;  /* NULL: all of it; numbers or symbols, as written */
	char *value;
};

#define CALL_TESTS     6
#define POLICY_UNVEILS 4096

struct call_rule {
	bool allow;
	char *call;
	struct call_test tests[CALL_TESTS]; /* all must hold */
	size_t count;
	char *file; /* where it was written */
	unsigned int line;
};

enum limit {
	LIMIT_CPU,
	LIMIT_MEMORY,
	LIMIT_FILES,
	LIMIT_PROCESSES,
	LIMIT_FILE_SIZE,
	LIMIT_COUNT
};

struct limit_row {
	const char *name; /* in a policy file: "limit files 64" */
	const char *text; /* what is counted, with the unit */
	int resource;     /* RLIMIT_*, getrlimit(2) */
	char option;      /* of the command line */
	bool bytes;       /* takes K, M, G */
};
extern const struct limit_row limit_rows[LIMIT_COUNT];

/* A seccomp filter of the user's, in a file. */
struct filter_name {
	char *path; /* absolute */
	char *name; /* NULL: the only one there */
};

struct policy {
	promise_set promises;
	bool promises_given; /* else the default: stdio rpath */
	unsigned int promise_lines[PROMISE_COUNT]; /* of a file; 0: of none */
	struct unveil *unveils;
	size_t unveil_count;
	bool no_unveil; /* paths are not restricted */
	struct filter_name *filters;
	size_t filter_count;
	struct call_rule *calls;
	size_t call_count;
	struct ports connect, bind;
	bool kill;           /* a violation kills */
	int violation_errno; /* 0: EPERM */
	bool limited[LIMIT_COUNT];
	uint64_t limits[LIMIT_COUNT];
	uint64_t caps; /* of cap_rows: kept, if the caller has them */
	bool named; /* something here names a policy, so no guide is needed */
};

void policy_free(struct policy *policy);

/* What is enforced: the promises given, or else the default. */
promise_set policy_promises(const struct policy *policy);

/*
 * Adds promises: words between blanks and commas; "-word" takes away.
 * -EINVAL and the unknown word; then nothing was added.
 */
int policy_add_promises(
    struct policy *policy, const char *words, struct diag *diag);

/*
 * Adds an unveil from the command line, "[PERM:][-]PATH"; a relative PATH is
 * kept as @CWD/PATH.
 */
int policy_add_unveil_option(
    struct policy *policy, const char *text, struct diag *diag);

/* PATH is absolute or begins with a symbol; equal paths are merged. */
int policy_add_unveil(struct policy *policy, const char *path,
    unsigned int permissions, bool optional, struct diag *diag);

/* The same, of a pattern, too. */
int policy_add(
    struct policy *policy, const struct unveil *unveil, struct diag *diag);

/* Adds a copy of RULE, unless there is one that says the same. */
int policy_add_call(
    struct policy *policy, const struct call_rule *rule, struct diag *diag);

/* Whether POLICY has RULE, or one that is wider and does the same. */
bool policy_has_call(const struct policy *policy, const struct call_rule *rule);

/* What POLICY allows and MOST does not, or NULL. */
const struct call_rule *policy_exceeds_calls(
    const struct policy *policy, const struct policy *most);

/* Adds what FROM denies, by itself and by its filters.  -E2BIG, -ENOMEM. */
int policy_add_denials(
    struct policy *policy, const struct policy *from, struct diag *diag);

/* Whether PATH, unquoted in a policy file, is a pattern. */
bool path_is_pattern(const char *path);

/* "rwxc" letters; -EINVAL for others, and for none. */
int unveil_letters(const char *text, size_t length, unsigned int *ret_set);

/*
 * Adds a filter, "FILE[:NAME]": the last colon divides, unless a slash stands
 * behind it or there is a file of the whole name; "a:b.json:" is the file
 * a:b.json.  FILE is beside DIRECTORY; NULL: the working directory.
 */
int policy_add_filter(struct policy *policy, const char *text,
    const char *directory, struct diag *diag);
/* Divides TEXT at that colon; both to be freed; *RET_NAME may be NULL. */
int filter_name_split(
    const char *text, const char *directory, struct filter_name *ret_name);
void filter_name_free(struct filter_name *filter);

/* A number, for memory and file sizes with K, M or G. */
int policy_set_limit(struct policy *policy, enum limit limit, const char *text,
    struct diag *diag);

/* Reads a policy file and adds what it says. Errors name file:line:column. */
int policy_read(struct policy *policy, const char *path, struct diag *diag);

/* The same of TEXT, which NAME stands for in errors; nothing is beside it. */
int policy_parse(struct policy *policy, const char *name, const char *text,
    struct diag *diag);
/*
 * The words of TEXT, one line of such a file: how many; they are in SCRATCH,
 * twice as long as TEXT.  RET_REST: its comment, or "".  -EINVAL, -E2BIG.
 */
int policy_words(const char *text, char *scratch, const char **ret_words,
    size_t most, const char **ret_rest);

/* "no profile is called ...": -ENOENT. */
int profile_missing(const char *name, struct diag *diag);

/* Reads the file or profile that -i names. */
int policy_include(struct policy *policy, const char *name, struct diag *diag);

/*
 * The INDEXth directory where profiles are found by name, in PATH_MAX bytes;
 * false behind the last.  One whose variable is not set is "".
 */
bool profile_directory(size_t index, char *ret_path);

#define PROFILE_PATH (PATH_MAX + NAME_MAX + 2) /* a slash, a NUL */

/* The file of the profile NAME, in PROFILE_PATH bytes; false: there is none. */
bool profile_find(const char *name, char *ret_path);

/*
 * Shows each profile that has a file, with it: directory by directory, each in
 * alphabetical order.  NAME lasts for the call.
 */
typedef void profile_seen(void *context, const char *name, const char *path);
void profile_each(profile_seen *seen, void *context);

struct strbuf;
/* Writes POLICY as a policy file that reads back equal. */
void policy_write(const struct policy *policy, struct strbuf *buf);

/* What the symbols in paths stand for, this time. */
struct symbols {
	const char *cwd, *home, *tmp; /* NULL: there is none */
	char *const *argv;            /* @ARG1 is argv[1] */
};

/* Whether POLICY needs the private directory @TMP. */
bool policy_wants_tmp(const struct policy *policy);

/*
 * PATH with its symbol replaced, to be freed: -ENOMEM, -EINVAL for a symbol
 * that stands for nothing this time.
 */
int symbols_resolve(const struct symbols *symbols, const char *path,
    char **ret_path, struct diag *diag);

/*
 * Puts what patterns match in their places; one that matches nothing grants
 * nothing, and a warning says so.  RET_SAID (may be NULL): a comment for each.
 * -E2BIG, -ENOMEM, and what symbols_resolve() returns.
 */
int policy_expand(struct policy *policy, const struct symbols *symbols,
    struct strbuf *ret_said, struct diag *diag);

/* Calls that no policy may allow by themselves: they undo what is confined. */
struct wall_row {
	const char *calls;
	const char *text; /* how */
};
extern const struct wall_row wall_rows[];
extern const size_t wall_row_count;
/* The row of CALL, or NULL. */
const struct wall_row *wall_find(const char *call);

/* Whether PATH begins with a known symbol. */
bool symbol_leads(const char *path);

#endif
