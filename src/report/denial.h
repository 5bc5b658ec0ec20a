/* SPDX-License-Identifier: ISC */
/*
 * What was denied to a command, each kind once with how often, and what would
 * allow it.
 */
#ifndef REPORT_DENIAL_H
#define REPORT_DENIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/strbuf.h"
#include "policy/policy.h"

#define DENIAL_PATHS   9 /* a program and its interpreters; old name and new */
#define DENIAL_CHOICES 8
#define DENIAL_TEXTS   (DENIAL_PATHS + 5)

/* The rule of a user's filter that refused; its strings outlive the denials. */
struct denial_rule {
	const char *file; /* NULL: no such rule, the promises refused */
	unsigned int line, column;
	const char *name;    /* of the filter; NULL: it has none */
	const char *comment; /* NULL: none */
	bool fallback;       /* no rule of the filter matched */
	uint32_t answer;     /* SECCOMP_RET_* */
};

struct denial {
	const char *call; /* in brief: event_call_text() */
	pid_t pid;
	int err;         /* what the call was answered; 0: it was killed */
	bool refused;    /* by the filter; else by Landlock */
	bool probe;      /* what libraries ask, and go on without */
	bool made_since; /* of `replaced`: there was nothing */
	bool gained;     /* what is moved would gain rights by it */
	unsigned int instead_permissions, wide_permissions; /* of these */
	struct denial_rule rule;
	promise_set words;  /* promises that are needed */
	const char *reason; /* why no promise allows it; NULL: no such thing */
	/* Hidden paths, and for what they need to be unveiled. */
	const char *paths[DENIAL_PATHS];
	unsigned int permissions[DENIAL_PATHS];
	size_t path_count;
	/* What, unveiled, would do as well as the words, or, of most programs,
	 * as the path; or NULL. */
	const char *instead;
	struct port connect, bind; /* ports that are needed */
	/* The sets of words of which any would do; `words` is one of them. */
	promise_set choices[DENIAL_CHOICES];
	size_t choice_count;
	/* The unveiled path by which it would have been allowed, if there were
	 * still what there was at the start; or NULL. */
	const char *replaced;
	/* What would have to be unveiled, and is more than a suggestion may
	 * give away; or NULL. */
	const char *wide;
	const char
	    *ordinary; /* what refuses it, whatever the policy; or NULL */
	const char *harmless; /* at the end: why it did no harm; or NULL */
};

/* A command is not to fill the memory of who watches it: denials of other kinds
 * are only counted then. */
#define DENIALS_BYTES ((size_t)16 << 20)

struct denials {
	struct denial_row *rows;
	size_t count, capacity;
	uint32_t *heads; /* by hash; index + 1 */
	unsigned long total;
	unsigned long harmless; /* of those: denials_settle() */
	unsigned long by_rules; /* refused by users' filters */
	promise_set words;      /* needed by those that are no probes */
	size_t bytes;           /* of memory that the rows take */
	unsigned long unlisted; /* of all: those that have no row */
};

struct denial_row {
	struct denial denial;
	char *texts[DENIAL_TEXTS]; /* its strings */
	unsigned long times;
	bool suspect; /* a probe, and its program failed after it */
	uint32_t hash, next;
};

/*
 * The same call is denied again, by the same filter: counts it, and returns
 * what is known of it, NULL: nothing.
 */
struct denial_row *denials_again(struct denials *denials, const char *call);

/* True: the first of its kind; or there is no room to know that.  RET_ROW: its
 * row, NULL: it has none. */
bool denials_add(struct denials *denials, const struct denial *denial,
    struct denial_row **ret_row);

/*
 * The run is over: probes that are no suspects were HARMLESS, for that reason;
 * and of the words that would do, the fewest are chosen that allow all of the
 * rest.
 */
void denials_settle(struct denials *denials, const char *harmless);

void denials_free(struct denials *denials);

/* Whether a policy denies it; else it is not the policy. */
bool denial_is_one(const struct denial *denial);

/*
 * `denied: openat("/etc/passwd", O_RDONLY): needs promise rpath`; of one that
 * no policy denied, `not the policy: openat("/etc/shadow", O_RDONLY): ...`.
 */
void denial_write(struct strbuf *buf, const struct denial *denial);

/* The same as an event on one line, in JSON.  TIMES: how often; 0: now. */
void denial_json(
    struct strbuf *buf, const struct denial *denial, long long times);

/* "rw" */
void unveil_write_letters(struct strbuf *buf, unsigned int permissions);
/* "r:/etc/x", quoted for a shell as one word. */
void unveil_write(
    struct strbuf *buf, unsigned int permissions, const char *path);
/* "stdio rpath" */
void words_write(struct strbuf *buf, promise_set words);

#endif
