/* SPDX-License-Identifier: ISC */
/*
 * Learning: what a command was seen to need -> the smallest policy that
 * grants it.  Pure: whoever watches tells, and resolves names meanwhile.
 *
 *     struct learning   what was seen in one run
 *     struct learned    the lines of a policy, each with its counters; those of
 *                       several runs, and of files written before, add up
 */
#ifndef LEARN_LEARN_H
#define LEARN_LEARN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "policy/policy.h"
#include "sandbox/sandbox.h"

/* --- One run --- */

#define SIGHTING_PATHS 10

/* An object that a call needs, as the kernel names it. */
struct sighted_path {
	const char *path; /* absolute, resolved */
	const char *made; /* the name of a new entry in it; NULL: none */
	uint64_t rights;  /* LL_* */
};

/* One call, about to be made. */
struct sighting {
	const struct call *call;
	bool demands; /* its own promise counts: it will not fail anyway */
	/* What it is in words; called for what is new alone.  The text is the
	 * callee's, valid until the next call. */
	const char *(*text)(void *context);
	void *context;
	struct sighted_path paths[SIGHTING_PATHS];
	size_t path_count;
	const char *absent; /* absolute: opened for reading, and not there */
	promise_set words;  /* needed besides what the call itself takes */
	struct port connect, bind;
	bool datagrams; /* it sends them, or is about to */
	int limit;      /* an enum limit that it sets, -1: none */
	uint64_t limit_value;
	struct touched *touched; /* set: what it counted for; or NULL */
};

/* Facts, by their places: one call counts for no more. */
#define TOUCHED_FACTS 16
struct touched {
	uint32_t facts[TOUCHED_FACTS];
	size_t count;
};

enum fact_kind {
	FACT_CALL, /* a kind of call */
	FACT_PATH,
	FACT_ABSENT,
	FACT_CONNECT,
	FACT_BIND,
	FACT_LIMIT,
	FACT_WORD,    /* a promise by itself */
	FACT_REFUSED, /* nothing grants it */
};

struct fact {
	uint8_t kind;     /* enum fact_kind */
	bool made;        /* FACT_PATH: it was made in this run */
	struct call call; /* FACT_CALL, FACT_REFUSED: the first of its kind */
	uint64_t ways;    /* FACT_CALL: grants_of() it */
	uint64_t number;  /* FACT_PATH: rights; a limit's value */
	struct port port;
	int which; /* FACT_LIMIT, FACT_WORD */
	char *path;
	char *why; /* the first call that needed it */
	uint64_t times;
	uint32_t hash, next;
};

struct learning {
	struct fact *facts;
	size_t count, capacity;
	uint32_t *heads; /* by hash: index + 1 */
	bool datagrams;  /* any were sent */
	uint64_t calls;  /* told of */
	uint64_t unseen; /* whose caller or memory could not be read */
	bool failed;     /* memory is out: something is missing */
};

/*
 * Counts it.  True: something of it was new, and stands at the end of `facts`.
 */
bool learning_see(struct learning *learning, const struct sighting *sighting);

/* The call that TOUCHED is of was made so many TIMES more. */
void learning_repeat(
    struct learning *learning, const struct touched *touched, uint64_t times);

/*
 * Whether all that can be learned of such a call is known: its path, if it has
 * one, need not be looked at.  Counts it then.
 */
bool learning_knows(struct learning *learning, const struct call *call);

/* Adds what FROM saw, and leaves it empty. */
void learning_merge(struct learning *learning, struct learning *from);

void learning_free(struct learning *learning);

/* --- Lines of a policy --- */

enum learned_kind {
	LEARNED_PROMISE,
	LEARNED_UNVEIL,
	LEARNED_CONNECT,
	LEARNED_BIND,
	/* What stands in comments only: */
	LEARNED_LISTED, /* a directory that was listed, and is too large */
	LEARNED_LIMIT,  /* a limit that was asked for */
	LEARNED_ABSENT, /* opened, and not there */
	LEARNED_REFUSED,
};

struct learned_line {
	enum learned_kind kind;
	int which; /* enum promise, enum limit */
	unsigned int permissions;
	bool optional;
	char *path;      /* with symbols; of LEARNED_REFUSED: why not */
	uint64_t number; /* a limit's value */
	struct port port;
	uint32_t runs; /* in which it was seen */
	uint64_t times;
	uint64_t saw,
	    grants; /* files, where it is a directory; 0: not counted */
	char *why;  /* the first call that needed it, or NULL */
};

#define LEARNED_HOSTS 32

struct learned {
	struct learned_line *lines; /* by kind, then as they are sorted */
	size_t count, capacity;
	uint32_t runs;
	uint32_t hosts[LEARNED_HOSTS]; /* hashes of their names */
	size_t host_count;
	uint64_t unseen;  /* calls that could not be looked at */
	uint64_t refused; /* calls that a ceiling refused */
	char *command;    /* quoted for a shell; of the first run */
	/* With which each run ended, where nothing was refused; 0: with
	 * success, or not all alike. */
	int status;
	/* What else files that were read say: limits, filters, violation. */
	struct policy kept;
	char *before; /* such files' text, whose comments are kept; or NULL */
	bool failed;  /* memory is out */
};

/* What surrounds a policy when it is enforced for the command. */
struct surroundings {
	unsigned int when; /* enum circumstance */
	/* What the launcher unveils without being asked. */
	const struct sandbox_path *implied;
	size_t implied_count;
};

/* How names are generalised, and what need not be named. */
struct learned_names {
	struct symbols symbols; /* of the run; absolute, resolved */
	/* The arguments as paths, absolute and resolved; NULL: it is none. */
	const char *const *arguments;
	size_t argument_count;
	promise_set words; /* that the program's own form takes */
	int (*surround)(void *context, const struct policy *policy,
	    struct surroundings *ret_surroundings);
	void *context;
};

/* The policy of one run.  -ENOMEM, or what surround() returns. */
int learned_make(const struct learning *learning,
    const struct learned_names *names, struct learned *ret_learned);

/* Adds what FROM learned: counters add up. */
void learned_merge(struct learned *learned, const struct learned *from);

/* After the last merge: drops what others cover, widens under the guards. */
void learned_settle(struct learned *learned);

/* What the lines say, as it would be enforced. */
int learned_policy(const struct learned *learned, struct policy *ret_policy,
    struct diag *diag);

/*
 * A policy file, each line with a comment: in how many runs, for what.
 * learned_read() reads it back; of another policy file it takes the lines
 * without counters.
 */
void learned_write(const struct learned *learned, struct strbuf *buf);
int learned_read(struct learned *learned, const char *path, struct diag *diag);

/* The comments of TEXT, a policy file's, are kept by learned_write(). */
void learned_keep_comments(struct learned *learned, const char *text);

/*
 * How likely the next run needs something that is not here (Good-Turing: the
 * share of what was seen in one run alone), 0 to 1; -1: of one run, nobody
 * knows.
 */
double learned_doubt(const struct learned *learned);

void learned_free(struct learned *learned);

#endif
