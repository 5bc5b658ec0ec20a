/* SPDX-License-Identifier: ISC */
/*
 * Promises: OpenBSD's pledge(2) words, each with what it means on Linux.
 *
 * Three tables, and nobody else knows a promise by name:
 *   promise_rows   one row a word
 *   grant_rows     calls that need several words, or circumstances
 *   answer_rows    what a refused call is told, where that is not EPERM
 * and a list of the calls that no word grants, with the reason.
 */
#ifndef POLICY_PROMISE_H
#define POLICY_PROMISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum promise {
	PROMISE_STDIO,
	PROMISE_RPATH,
	PROMISE_WPATH,
	PROMISE_CPATH,
	PROMISE_DPATH,
	PROMISE_TMPPATH,
	PROMISE_INET,
	PROMISE_ANET,
	PROMISE_MCAST,
	PROMISE_UNIX,
	PROMISE_DNS,
	PROMISE_NETLINK,
	PROMISE_ROUTE,
	PROMISE_WROUTE,
	PROMISE_GETPW,
	PROMISE_FATTR,
	PROMISE_CHOWN,
	PROMISE_FLOCK,
	PROMISE_SENDFD,
	PROMISE_RECVFD,
	PROMISE_TTY,
	PROMISE_PROC,
	PROMISE_EXEC,
	PROMISE_PROT_EXEC,
	PROMISE_ID,
	PROMISE_SETTIME,
	PROMISE_PS,
	PROMISE_VMINFO,
	PROMISE_UNVEIL,
	PROMISE_ERROR,
	PROMISE_AUDIO,
	PROMISE_VIDEO,
	PROMISE_DRM,
	PROMISE_SYSVIPC,
	PROMISE_TAPE,
	PROMISE_BPF,
	PROMISE_DISKLABEL,
	PROMISE_PF,
	PROMISE_VMM,
	PROMISE_COUNT
};

typedef uint64_t promise_set;
#define PROMISE(word) (UINT64_C(1) << PROMISE_##word)

enum promise_flag {
	PROMISE_NO_MEANING = 1 << 0, /* accepted with a warning */
	PROMISE_READS = 1 << 1, /* its files are opened even without rpath */
};

struct promise_row {
	const char *name;
	const char *text; /* one sentence, for people */
	/* Words like "read" (plainly) and "openat/readonly" (if its arguments
	 * pass the row of that name in condition_rows). */
	const char *calls;
	/* Landlock rights (LL_*) that a user's unveil keeps with this word. */
	uint64_t rights;
	uint64_t caps; /* 1 << CAP_*: kept, if the caller has them */
	/* The few files that it cannot work without: "rw:/dev/null ...", the
	 * letters those of unveil, and i: device ioctls.  Missing ones are
	 * skipped. */
	const char *files;
	unsigned int flags; /* enum promise_flag */
};
extern const struct promise_row promise_rows[PROMISE_COUNT];

/* What else the calls that are granted depend on. */
enum circumstance {
	WHEN_GRACE = 1 << 0,    /* the program, its loader or a promise's files
	                           must be opened, with Landlock watching which */
	WHEN_SCOPED = 1 << 1,   /* Landlock keeps signals inside (ABI 6) */
	WHEN_PATHS = 1 << 2,    /* Landlock restricts paths */
	WHEN_TRUNCATE = 1 << 3, /* truncation obeys unveil (or no Landlock) */
	WHEN_PORTS = 1 << 4,    /* TCP port rules were given */
	WHEN_BIND = 1 << 5,     /* ports to bind are among them */
	WHEN_PORT_RULES = 1 << 6,  /* the kernel knows port rules (ABI 4) */
	WHEN_NO_EXEC_MAP = 1 << 7, /* a static target without exec */
	WHEN_LAUNCH = 1 << 8,      /* a launcher will make one execve */
	WHEN_ORIGIN = 1 << 9,      /* its libraries are beside the program */
	WHEN_KEPT = 1 << 10,       /* it dies with its server, by a signal */
};

/* All of `words`, all of `with` and none of `without`: `calls` are allowed. */
struct grant_row {
	promise_set words;
	unsigned int with, without; /* enum circumstance */
	const char *calls;
};
extern const struct grant_row grant_rows[];
extern const size_t grant_row_count;

/*
 * A refused call that matches gets `err` rather than the policy's answer; first
 * match.  0: the policy's errno, but it never kills.
 */
struct answer_row {
	int err;
	unsigned int with; /* enum circumstance */
	const char *calls;
	const char *text; /* why not EPERM */
};
extern const struct answer_row answer_rows[];
extern const size_t answer_row_count;

/* Calls that no word grants. */
struct ungranted_row {
	const char *calls;
	const char *text; /* the reason */
};
extern const struct ungranted_row ungranted_rows[];
extern const size_t ungranted_row_count;

/* The word of LENGTH bytes: an enum promise, or -1. */
int promise_find(const char *word, size_t length);

/* "" or "; did you mean \"rpath\"?", in BUFFER. */
struct suggest;
const char *promise_suggest(struct suggest *suggest);

#endif
