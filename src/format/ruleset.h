/* SPDX-License-Identifier: ISC */
/*
 * Filters as a file says them: names and symbols, comments, places; before an
 * architecture is chosen.  What every format is read into and written from.
 *
 * Meaning: the first entry of the call's name whose clauses all hold answers;
 * if there is none, `fallback`.  A format whose rules work otherwise has its
 * reader sort that out (as seccompiler.c does with `inert`).
 */
#ifndef FORMAT_RULESET_H
#define FORMAT_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "call/arch.h"
#include "filter/program.h"

struct place {
	unsigned int line, column; /* from 1, in bytes; 0: nowhere */
	const char *file; /* that is included; NULL: the filter_file's own */
};

struct filter_file;
/* The file that PLACE is in. */
const char *place_file(const struct filter_file *file, struct place place);

enum clause_op {
	CLAUSE_EQ,
	CLAUSE_NE,
	CLAUSE_LT,
	CLAUSE_LE,
	CLAUSE_GT,
	CLAUSE_GE,
	CLAUSE_MASKED_EQ, /* (argument & mask) == (value & mask) */
};

/* What is compared with: a number, or a symbol that stands for one. */
struct operand {
	uint64_t number;    /* if `symbol` is NULL */
	const char *symbol; /* as it was written: "O_CREAT|O_EXCL" */
};

struct clause {
	uint8_t arg;   /* 0..5 */
	uint8_t width; /* 32: the low word of both alone counts; 64 */
	uint8_t op;    /* enum clause_op */
	struct operand value, mask;
	const char *comment; /* NULL: none */
	struct place place;
};

struct entry {
	const char *call;
	struct clause *clauses; /* all must hold; none: always */
	size_t clause_count;
	uint32_t action; /* SECCOMP_RET_*, with its data */
	bool inert;      /* the format gives it no effect */
	uint32_t arches; /* for 1 << index of arch_at() alone; 0: for all */
	const char *comment;
	struct place place;
};

struct ruleset {
	const char *name; /* NULL: the format has no names */
	struct place place;
	uint32_t fallback;
	struct place fallback_place;
	uint32_t match;   /* the entries' action, where the format has one */
	uint32_t unknown; /* for numbers above the architecture's table */
	uint32_t x32;
	uint32_t foreign;  /* for other architectures */
	bool skip_unknown; /* calls that an architecture lacks are left out */
	struct entry *entries;
	size_t count;
};

/* A file read: rulesets, or a program alone. */
struct filter_file {
	const char *path;
	const struct format *format;
	struct ruleset *sets;
	size_t set_count;
	struct program *program; /* NULL, unless the format is code */
	/* What a container's profile has besides; NULL: it has not. */
	const char *listener_path, *listener_metadata;
	const char *flags;  /* words */
	struct arena arena; /* all of the above */
};

void filter_file_free(struct filter_file *file);
#define cleanup_filter_file __attribute__((cleanup(filter_file_free)))

/* "PATH:LINE:COLUMN: ..." as the sentence, or as a warning. */
int ruleset_error(const struct filter_file *file, struct place place,
    struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void ruleset_warn(const struct filter_file *file, struct place place,
    struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * The filter called NAME; without NAME, the only one.  -ENOENT: there is none,
 * or several without a NAME to choose; the sentence names them.
 */
int ruleset_choose(const struct filter_file *file, const char *name,
    const struct ruleset **ret_set, struct diag *diag);

/* What is said of ENTRY, or of the first of its clauses; NULL: nothing. */
const char *entry_comment(const struct entry *entry);

/* Whether ENTRY is meant for calls of ARCH. */
bool entry_applies(const struct entry *entry, const struct arch *arch);

/* A ruleset made ready for one architecture. */
struct ruled_filter {
	const struct filter_file *file;
	const struct ruleset *set;
	struct filter filter; /* rule.origin: index of the entry */
	struct arena arena;   /* its conditions */
};

/*
 * -EINVAL and the place for a call or a symbol that ARCH lacks, or a rule that
 * needs too many tests; -E2BIG, -ENOMEM.  FILE must outlive the result.
 */
int ruleset_compile(const struct filter_file *file, const struct ruleset *set,
    const struct arch *arch, struct ruled_filter **ret_filter,
    struct diag *diag);
void ruled_filter_free(struct ruled_filter *filter);

/* The same for several architectures, in their order. */
struct ruled_filters {
	struct ruled_filter *each[ARCH_LIST];
	const struct filter *filters[ARCH_LIST]; /* those of `each` */
	size_t count;
};

/* Only a call that none of ARCHS has is unknown; elsewhere it is left out. */
int ruleset_compile_all(const struct filter_file *file,
    const struct ruleset *set, const struct arch_list *archs,
    struct ruled_filters *ret_filters, struct diag *diag);
void ruled_filters_free(struct ruled_filters *filters);

/* "ARCH has no system call ...; did you mean ...", with the place: -EINVAL. */
int ruleset_unknown_call(const struct filter_file *file,
    const struct entry *entry, const struct arch *arch, struct diag *diag);

/* Warns of calls that no architecture has, whose rules do nothing. */
void ruleset_warn_unknown(const struct filter_file *file,
    const struct ruleset *set, struct diag *diag);

/* The entry that decided for RULE, NULL for a fallback or a rule of ours. */
const struct entry *ruled_filter_entry(
    const struct ruled_filter *filter, const struct rule *rule);

#endif
