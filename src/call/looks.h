/* SPDX-License-Identifier: ISC */
/*
 * What there is to see of a system call besides its numbers: which of its
 * arguments name files, and what Landlock asks of them.
 */
#ifndef CALL_LOOKS_H
#define CALL_LOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call/arch.h"

#define LOOK_HERE (-1) /* no argument: the current directory; or no path */

enum call_look {
	LOOK_NOTHING,
	/* Landlock looks at their paths (security/landlock/fs.c). */
	LOOK_OPEN, /* by the flags, which are argument `more` */
	LOOK_CREAT,
	LOOK_FILE,   /* an existing file, followed */
	LOOK_MAKE,   /* a new name; `rights` of its directory */
	LOOK_NODE,   /* by the mode, which is argument `more` */
	LOOK_REMOVE, /* a name */
	LOOK_UNLINK, /* by the flags, which are argument `more` */
	LOOK_RENAME, /* `more` and more + 1: the new directory and name */
	LOOK_LINK,
	LOOK_EXECUTE,
	/* At ports, at the names of Unix sockets (security/landlock/net.c). */
	LOOK_ADDRESS,
	/* At whom signals reach (security/landlock/task.c): the first
	 * argument. */
	LOOK_SIGNAL,
	/* What Landlock does not see. */
	LOOK_PATH,   /* of some paths, it is harmless */
	LOOK_EACH,   /* it depends on whose it is, and is rare */
	LOOK_OWNER,  /* only its owner may, or who has CAP_FOWNER */
	LOOK_SEND,   /* an address for a datagram */
	LOOK_IOCTL,  /* whether it is a terminal */
	LOOK_LIMIT,  /* a limit, in memory */
	LOOK_CLONE3, /* what the call would be whose arguments can be seen */
	LOOK_OPENAT2,
};

struct look_row {
	const char *call;
	uint8_t look;                 /* enum call_look */
	int8_t directory, path, more; /* arguments */
	uint32_t rights;              /* LL_*, of one kind */
};
extern const struct look_row look_rows[]; /* in strcmp order */
extern const size_t look_row_count;

/* NULL for a call of which nothing more is seen, or that ARCH lacks. */
const struct look_row *look_find(const struct arch *arch, unsigned int nr);

/* Whether it is for Landlock to decide: about paths, about addresses, about
 * signals. */
bool look_is_path(enum call_look look);
bool look_is_landlocks(enum call_look look);

#endif
