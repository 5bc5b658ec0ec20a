/* SPDX-License-Identifier: ISC */
/*
 * One processor architecture's system calls: number <-> name.
 *
 * One data file each; tools/gen-arch.py writes them from tools/calls.tsv.
 */
#ifndef CALL_ARCH_H
#define CALL_ARCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

enum arch_quirk {
	ARCH_X32 = 1 << 0,     /* numbers from 0x40000000 are another ABI's */
	ARCH_32BIT = 1 << 1,   /* an argument is 32 bits wide */
	ARCH_FOREIGN = 1 << 2, /* known to be recognised, never to be run */
};

#define ARCH_X32_BIT   0x40000000U /* __X32_SYSCALL_BIT, asm/unistd.h */
#define ARCH_CALLS_MAX 512         /* above every table's highest number */

struct arch {
	const char *name; /* "x86_64", as uname -m says it */
	uint32_t audit;   /* AUDIT_ARCH_*, linux/audit.h: seccomp_data.arch */
	unsigned int quirks;      /* enum arch_quirk */
	uint16_t elf_machine;     /* EM_*, elf.h */
	unsigned int max;         /* the highest number of the table */
	const char *const *names; /* [0..max]: name, or NULL: no such call */
	const uint16_t *by_name;  /* numbers in strcmp order of their names */
	size_t count;             /* length of by_name */
};

/* The architecture that this program was built for. */
const struct arch *arch_native(void);

/* By name, NULL if unknown.  arch_at(0), arch_at(1)... NULL: all there are. */
const struct arch *arch_find(const char *name);
const struct arch *arch_at(size_t index);

/* Several, for one program: each once. */
#define ARCH_LIST 4
struct arch_list {
	const struct arch *archs[ARCH_LIST];
	size_t count;
};

/* "native,i386": -EINVAL for what is no architecture's name. */
int arch_list_read(
    const char *text, struct arch_list *ret_list, struct diag *diag);

/* The number of the call NAME of LENGTH bytes, or -1 if ARCH has none. */
int arch_number(const struct arch *arch, const char *name, size_t length);

/* The name of call NUMBER, or NULL. */
const char *arch_name(const struct arch *arch, unsigned int number);

#endif
