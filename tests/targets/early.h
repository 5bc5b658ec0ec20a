/* SPDX-License-Identifier: ISC */
/*
 * What a program can do before its main(): each stage tries an exec and an
 * anonymous executable mapping, and keeps what became of it.
 */
#ifndef TARGETS_EARLY_H
#define TARGETS_EARLY_H

enum early_stage {
	EARLY_PREINIT, /* .preinit_array: before any library's constructor */
	EARLY_LIBRARY, /* a library's constructor */
	EARLY_CONSTRUCTOR, /* the program's own */
	EARLY_MAIN,
	EARLY_STAGES
};

struct early {
	int tried, exec, mapping; /* errno, 0: it was allowed */
};
extern struct early early[EARLY_STAGES];

void early_try(enum early_stage stage);

#endif
