/* SPDX-License-Identifier: ISC */
/*
 * What the arguments of each system call mean: one row a call.
 *
 * Architectures share the rows, by name: sizes of words and structs are those
 * of the caller's.
 */
#ifndef EVENT_ROWS_H
#define EVENT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"

#define CALL_ARGS 6

/*
 * What one argument is.  An _OUT is there only once the call has returned.
 * Most that point to something find its size in the argument behind.
 */
enum arg_kind {
	ARG_NONE, /* no more arguments */
	ARG_INT,  /* 32 bits, signed */
	ARG_UINT,
	ARG_LONG, /* a word, signed */
	ARG_SIZE, /* a word, unsigned */
	ARG_HEX,
	ARG_POINTER, /* of no further interest */
	ARG_OFFSET,  /* 64 bits: two arguments of a 32-bit caller */
	ARG_MODE,    /* in octal */
	ARG_DEVICE,
	ARG_SET,  /* 32 bits, named by `set` */
	ARG_LSET, /* a word, named by `set` */
	ARG_SIGNAL,
	ARG_FD,
	ARG_DIRFD,
	ARG_PATH,
	ARG_STRING,
	ARG_DATA,     /* bytes; the argument behind says how many */
	ARG_DATA_OUT, /* the result says how many */
	ARG_PATH_OUT, /* bytes of a path; likewise */
	ARG_VECTOR,   /* struct iovec; how many behind */
	ARG_VECTOR_OUT,
	ARG_ARGV,
	ARG_ENVP,
	ARG_SOCKADDR,     /* its length behind */
	ARG_SOCKADDR_OUT, /* a pointer to its length behind */
	ARG_MESSAGE,
	ARG_MESSAGE_OUT,
	ARG_OPEN_HOW,
	ARG_CLONE,      /* clone(2)'s flags, and the signal within */
	ARG_CLONE_ARGS, /* clone3(2)'s */
	ARG_SIGSET,
	ARG_SIGSET_OUT,
	ARG_SIGACTION,
	ARG_SIGACTION_OUT,
	ARG_TIMESPEC,
	ARG_TIMESPEC_OUT,
	ARG_TIMESPEC64, /* 64-bit members, whoever calls */
	ARG_TIMESPEC64_OUT,
	ARG_TIMESPECS, /* two of them, utimensat(2) */
	ARG_TIMEVAL,
	ARG_TIMEVAL_OUT,
	ARG_ITIMER, /* two struct timeval */
	ARG_ITIMER_OUT,
	ARG_ITIMERSPEC, /* two struct timespec */
	ARG_ITIMERSPEC_OUT,
	ARG_STAT_OUT,
	ARG_STATX_OUT,
	ARG_LIMIT, /* struct rlimit, of words */
	ARG_LIMIT_OUT,
	ARG_LIMIT64, /* of 64 bits */
	ARG_LIMIT64_OUT,
	ARG_POLL,
	ARG_EPOLL_EVENT,
	ARG_EPOLL_OUT,
	ARG_INT_IN, /* a pointer to an int */
	ARG_INT_OUT,
	ARG_STATUS_OUT,  /* wait(2)'s */
	ARG_FD_PAIR_OUT, /* pipe(2)'s */
	ARG_IOCTL,
	ARG_IOCTL_ARG,
	ARG_FCNTL_ARG,
	ARG_PRCTL_ARG,
	ARG_SOCKOPT, /* the name of an option, of the level before */
	ARG_KIND_COUNT
};

struct symbols;

struct call_arg {
	uint8_t kind;
	const struct symbols *set;
};

enum result_kind {
	RESULT_NUMBER,
	RESULT_FD,
	RESULT_HEX, /* an address */
	RESULT_MODE,
	RESULT_FCNTL, /* by the command */
	RESULT_NONE,  /* it does not return */
};

struct call_row {
	const char *name;
	struct call_arg args[CALL_ARGS];
	uint8_t result; /* enum result_kind */
};
extern const struct call_row call_rows[]; /* in strcmp order */
extern const size_t call_row_count;

/* Those that mean something else to 32-bit callers. */
extern const struct call_row call_rows_32bit[];
extern const size_t call_row_count_32bit;

/* Names of calls that are shown as numbers alone, each with its reason. */
struct undescribed_row {
	const char *names;
	const char *text;
};
extern const struct undescribed_row undescribed_rows[];
extern const size_t undescribed_row_count;

/* The row of call NR of ARCH; one of six hexadecimal numbers if none. */
const struct call_row *call_row_find(const struct arch *arch, unsigned int nr);
/* By name, NULL if there is none. */
const struct call_row *call_row_named(const char *name);

/* Does it take an argument of that kind? */
bool call_row_takes(const struct call_row *row, enum arg_kind kind);

#endif
