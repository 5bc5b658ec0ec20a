/* SPDX-License-Identifier: ISC */
/*
 * Landlock's system calls and constants up to ABI 9 (landlock(7)); the build
 * host's <linux/landlock.h> knows fewer, so the numbers stand here.
 */
#ifndef KERNEL_LANDLOCK_H
#define KERNEL_LANDLOCK_H

#include <stdint.h>

enum {
	LL_EXECUTE = 1 << 0, /* ABI 1, Linux 5.13 */
	LL_WRITE_FILE = 1 << 1,
	LL_READ_FILE = 1 << 2,
	LL_READ_DIR = 1 << 3,
	LL_REMOVE_DIR = 1 << 4,
	LL_REMOVE_FILE = 1 << 5,
	LL_MAKE_CHAR = 1 << 6,
	LL_MAKE_DIR = 1 << 7,
	LL_MAKE_REG = 1 << 8,
	LL_MAKE_SOCK = 1 << 9,
	LL_MAKE_FIFO = 1 << 10,
	LL_MAKE_BLOCK = 1 << 11,
	LL_MAKE_SYM = 1 << 12,
	LL_REFER = 1 << 13,        /* ABI 2, 5.19 */
	LL_TRUNCATE = 1 << 14,     /* ABI 3, 6.2 */
	LL_IOCTL_DEV = 1 << 15,    /* ABI 5, 6.10 */
	LL_RESOLVE_UNIX = 1 << 16, /* ABI 9, 7.1 */
};

enum {
	LL_NET_BIND_TCP = 1 << 0, /* ABI 4, 6.7 */
	LL_NET_CONNECT_TCP = 1 << 1,
};

enum {
	LL_SCOPE_ABSTRACT_UNIX = 1 << 0, /* ABI 6, 6.12 */
	LL_SCOPE_SIGNAL = 1 << 1,
};

enum {
	LL_LOG_NEW_EXEC_ON = 1 << 1, /* ABI 7, 6.15 */
	LL_RESTRICT_TSYNC = 1 << 3,  /* ABI 8, 7.0 */
};

/* The ABI version, or -errno. */
int ll_abi(void);
/* A ruleset's descriptor (close-on-exec), or -errno. */
int ll_create_ruleset(uint64_t fs, uint64_t net, uint64_t scope);
/* 0 or -errno. PARENT: an O_PATH descriptor. */
int ll_add_path(int ruleset, int parent, uint64_t access);
int ll_add_port(int ruleset, uint64_t port, uint64_t access);
int ll_restrict_self(int ruleset, uint32_t flags);

#endif
