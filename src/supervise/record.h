/* SPDX-License-Identifier: ISC */
/*
 * What the recorder's program in the kernel is told, and what it tells: the
 * one layout that both sides are compiled with, which includes nothing else.
 */
#ifndef SUPERVISE_RECORD_H
#define SUPERVISE_RECORD_H

#include <linux/types.h>

#define RECORD_CALLS   512 /* their numbers are below */
#define RECORD_ARGS    6
#define RECORD_PATH    4096 /* PATH_MAX */
#define RECORD_SEEN    (1 << 17)
#define RECORD_RING    (8 << 20) /* bytes */
#define RECORD_PENDING (-1)      /* `returned` of a call that began */

/* How a call is told apart from others of its number. */
enum record_mode {
	RECORD_NONE,
	RECORD_BY_ARGS, /* those bits of its arguments that are asked for */
	RECORD_BY_PATH, /* and the path that it names */
	RECORD_BY_FILE, /* and the file that it opened, once it has ended */
};

/* One for each call's number. */
struct record_call {
	__u8 mode;      /* enum record_mode */
	__s8 path;      /* the argument that is one, -1: none */
	__s8 directory; /* where that begins, -1: the current one */
	__u8 unused[5];
	__u64 mask[RECORD_ARGS];
};

/* Two hashes of all that tells a call apart. */
struct record_key {
	__u64 hash[2];
};

enum record_flag {
	RECORD_HAS_PATH = 1, /* it could be read */
	RECORD_HAS_NAME = 2,
	RECORD_CREATED = 4,
};

/* The first of its kind.  `text`: the name, and the path as it was written,
 * each with its NUL, where there is one. */
struct record {
	struct record_key key;
	__u64 args[RECORD_ARGS];
	__s64 returned; /* a descriptor, -errno, or RECORD_PENDING */
	__u32 nr;
	__u32 process;
	__u32 mode;  /* of the file that was opened */
	__u32 flags; /* enum record_flag */
	__u32 name_length, path_length;
	/*
	 * Of a file that was opened, as the kernel names it; of what was not,
	 * of the directory where a relative path began.
	 */
	char text[2 * RECORD_PATH + 8];
};

/* What could not be kept. */
struct record_losses {
	__u64 calls;     /* for the reader was behind, or memory was out */
	__u64 processes; /* or threads, which were not watched */
};

#endif
