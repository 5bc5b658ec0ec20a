/* SPDX-License-Identifier: ISC */
/*
 * What Landlock will be told: which rights are handled (refused unless
 * granted), and the rules that grant them.  Pure; enforce/landlock.c does it.
 */
#ifndef SANDBOX_LANDLOCK_H
#define SANDBOX_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"
#include "kernel/features.h"
#include "policy/policy.h"

enum landlock_kind { LANDLOCK_FS, LANDLOCK_NET, LANDLOCK_SCOPE };

/*
 * One row an access right.  What no row names is never handled: a kernel that
 * knows more refuses no more.
 */
struct landlock_right {
	uint64_t right;   /* LL_* */
	const char *name; /* as landlock(7) has it, in small letters */
	enum feature since;
	enum landlock_kind kind;

	/* Of files: the letters of an unveil that grant it, where WORDS of enum
	 * landlock_word are promised; letters of promise_rows.files; and if it
	 * can be granted on what is no directory. */
	unsigned int letters, words;
	const char *implied;
	bool file;

	/* Of the network: the ports that it is about; with one of FREE and no
	 * port rules, it is not handled. */
	enum port_protocol protocol;
	bool binds;
	promise_set free;
};
extern const struct landlock_right landlock_right_rows[];
extern const size_t landlock_right_count;

struct landlock_rights {
	uint64_t fs, net, scope;
};

/* All that ABI knows, of what we know; none for 0. */
struct landlock_rights landlock_handled(int abi);

/* What a letter means depends on some promises. */
enum landlock_word {
	LANDLOCK_DPATH = 1 << 0,   /* c: FIFOs and devices, too */
	LANDLOCK_UNIX = 1 << 1,    /* c: sockets, too; w: connect to them */
	LANDLOCK_DEVICES = 1 << 2, /* w: ioctl(2) of devices, too */
};

/* Those that can be granted on what is no directory. */
uint64_t landlock_file_rights(void);

/* Rights of "rwi"-like letters of promise_rows.files. */
uint64_t landlock_implied_rights(const char *letters, size_t length);

/* Rights for PERMISSIONS (enum unveil_permission); WORDS: landlock_word. */
uint64_t landlock_rights(unsigned int permissions, unsigned int words);

/* Those permissions of which ACCESS holds a right; as letters, "rwxc". */
unsigned int landlock_permissions(uint64_t access);
#define LANDLOCK_LETTERS 5
void landlock_letters(uint64_t access, char ret_letters[LANDLOCK_LETTERS]);

enum landlock_flag {
	LANDLOCK_OPTIONAL = 1 << 0, /* skipped, if there is no such file */
	LANDLOCK_IMPLIED = 1 << 1,  /* ours, not asked for by the user */
};

/* Which file a path was found to be; inode 0: any. */
struct file_id {
	dev_t device;
	ino_t inode;
};
#define FILE_NONE ((struct file_id){ .inode = (ino_t)-1 })

struct landlock_rule {
	const char *path; /* the caller's; with a descriptor, its name */
	int fd;           /* the inode behind it; -1: open path */
	uint64_t access;
	bool optional;
	bool implied;
	struct file_id id; /* refused, if path leads to another by now */
};

/* A number for each of the protocols that ACCESS is about. */
struct landlock_port {
	uint16_t number;
	uint8_t access; /* LL_NET_* */
};

#define LANDLOCK_RULES 512
#define LANDLOCK_PORTS 256 /* POLICY_PORTS to connect to, and to bind */

struct landlock_plan {
	int abi;
	/* Rights are as wide as landlock_handled(abi); a caller who wants less
	 * refused clears them; landlock_plan_ports(). */
	uint64_t handled_fs, handled_net, scoped;
	/* Even if nothing is handled: whoever is restricted at all has no way
	 * into processes that are not (ptrace(2)'s checks, landlock(7)). */
	bool apart;
	uint32_t restrict_flags; /* of landlock_restrict_self(2) */
	size_t count, port_count;
	int overflow; /* sticky: something did not fit */
	struct landlock_rule rules[LANDLOCK_RULES];
	struct landlock_port ports[LANDLOCK_PORTS];
};

/* Nothing is granted yet. */
void landlock_plan_init(struct landlock_plan *plan, int abi);

/*
 * Rules add up.  ACCESS may name more than the ABI handles, or than a file can
 * have: it is cut to size when it is applied.  FLAGS: enum landlock_flag; a
 * second rule for the path is optional only if both are.
 */
void landlock_add_path(struct landlock_plan *plan, const char *path,
    uint64_t access, unsigned int flags);
/* The same, if PATH is the very file that was looked at before: whoever may
 * change a name may make it another's in between. */
void landlock_add_file(struct landlock_plan *plan, const char *path,
    struct file_id id, uint64_t access, unsigned int flags);
/* The inode behind an open descriptor; NAME is what to call it. */
void landlock_add_fd(struct landlock_plan *plan, const char *name, int fd,
    uint64_t access, unsigned int flags);
/* BINDS: to be bound, else to connect or send to.  A port of a protocol that
 * this ABI does not restrict needs no rule. */
void landlock_add_port(
    struct landlock_plan *plan, struct port port, bool binds);

/*
 * Which acts of the network are refused under PROMISES, and for which ports
 * they are not: CONNECT, BIND, and those of the promises.
 */
void landlock_plan_ports(struct landlock_plan *plan, promise_set promises,
    const struct ports *connect, const struct ports *bind);

/*
 * What Landlock cannot say: less below a granted parent.  Finds a rule of the
 * user's that grants less than another one of the user's, whose path leads to
 * it.  (Not below our own rules: nobody asked for those to be narrowed.)  Paths
 * were resolved before.
 */
bool landlock_covered(const struct landlock_plan *plan,
    const struct landlock_rule **ret_below,
    const struct landlock_rule **ret_above);

/* -EINVAL and a sentence for such a pair, -E2BIG for an overflow, or 0. */
int landlock_check(const struct landlock_plan *plan, struct diag *diag);

#endif
