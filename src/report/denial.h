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

#define DENIAL_PATHS 9 /* a program and its interpreters; old name and new */

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
	bool refused; /* by the filter; else by Landlock */
	int err;      /* what the call was answered; 0: it was killed */
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
	unsigned int instead_permissions;
	int connect, bind;    /* ports that are needed; 0: none */
	const char *harmless; /* why programs go on without it; or NULL */
};

/* A command is not to fill the memory of who watches it: denials of other kinds
 * are only counted then. */
#define DENIALS_BYTES ((size_t)16 << 20)

struct denials {
	struct denial_row *rows;
	size_t count, capacity;
	uint32_t *heads;               /* by hash; index + 1 */
	unsigned long total, harmless; /* of all denials: those that are */
	unsigned long by_rules;        /* refused by users' filters */
	promise_set words;             /* needed by those that are not */
	size_t bytes;                  /* of memory that the rows take */
	unsigned long unlisted;        /* of all: those that have no row */
};

struct denial_row {
	struct denial denial;
	char *texts[DENIAL_PATHS + 2]; /* its strings */
	unsigned long times;
	uint32_t hash, next;
};

/*
 * The same call is denied again, by the same filter: counts it, and returns
 * what is known of it, NULL: nothing.
 */
const struct denial *denials_again(struct denials *denials, const char *call);

/* True: the first of its kind; or there is no room to know that. */
bool denials_add(struct denials *denials, const struct denial *denial);
void denials_free(struct denials *denials);

/* `denied: openat("/etc/passwd", O_RDONLY): needs promise rpath` */
void denial_write(struct strbuf *buf, const struct denial *denial);

/* "rw" */
void unveil_write_letters(struct strbuf *buf, unsigned int permissions);
/* "r:/etc/x", quoted for a shell as one word. */
void unveil_write(
    struct strbuf *buf, unsigned int permissions, const char *path);
/* "stdio rpath" */
void words_write(struct strbuf *buf, promise_set words);

#endif
