/* SPDX-License-Identifier: ISC */
/*
 * What the arguments of each system call mean: one row a call.
 *
 * Architectures share the rows, by name: sizes of words and structs are those
 * of the caller's.
 */
#ifndef CALL_ROWS_H
#define CALL_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call/arch.h"

#define CALL_ARGS 6

/*
 * What one argument is.  An _OUT is there only once the call has returned.
 * Most that point to something find its size in the argument behind.
 */
enum arg_kind {
	ARG_NONE, /* no more arguments */
	ARG_INT,
	ARG_UINT,
	ARG_LONG,
	ARG_SIZE,
	ARG_HEX,
	ARG_BITS, /* of which the kernel refuses those that it does not know */
	ARG_VARIES,  /* with another argument */
	ARG_POINTER, /* of no further interest */
	ARG_OFFSET,  /* 64 bits: two arguments of a 32-bit caller */
	ARG_MODE,    /* in octal */
	ARG_DEVICE,
	ARG_SET, /* named by `set` */
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

/* How much of an argument's register the kernel reads, and how. */
enum arg_type {
	TYPE_INT,
	TYPE_UINT,
	TYPE_U16, /* umode_t; a user or group of old 32-bit callers */
	TYPE_LONG,
	TYPE_ULONG,
	TYPE_SIZE,
	TYPE_PTR,
	TYPE_U64, /* two registers of a 32-bit caller */
	ARG_TYPE_COUNT
};

struct arg_type_row {
	const char *name;    /* as C says it */
	uint8_t bits;        /* that are read of it */
	uint8_t narrow_bits; /* the same for a 32-bit caller */
	bool is_signed;
};
extern const struct arg_type_row arg_type_rows[ARG_TYPE_COUNT];

struct call_arg {
	uint8_t type; /* enum arg_type */
	uint8_t kind; /* enum arg_kind */
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
/* What the kernel's own sources call their arguments. */
extern const char *const call_arg_names[][CALL_ARGS];

/* Those that mean something else to 32-bit callers. */
extern const struct call_row call_rows_32bit[];
extern const size_t call_row_count_32bit;

/* The row of call NR of ARCH; one of six hexadecimal numbers if none. */
const struct call_row *call_row_find(const struct arch *arch, unsigned int nr);
/* By name, NULL if there is none. */
const struct call_row *call_row_named(const char *name);

/* Those that other architectures of Linux have, in strcmp order. */
extern const char *const call_names_elsewhere[];
extern const size_t call_name_elsewhere_count;

/* Whether Linux has a call of that name, on whatever architecture. */
bool call_is_known(const char *name);

/* How many bits of an argument the kernel reads; ARCH NULL: a native one. */
unsigned int arg_bits(enum arg_type type, const struct arch *arch);

/* The name of that argument, NULL if there is none. */
const char *call_arg_name(const struct call_row *row, size_t index);

/* Does it take an argument of that kind? */
bool call_row_takes(const struct call_row *row, enum arg_kind kind);

#endif
