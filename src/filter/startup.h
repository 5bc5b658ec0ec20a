/* SPDX-License-Identifier: ISC */
/* What a dynamic loader does before the program's first instruction. */
#ifndef FILTER_STARTUP_H
#define FILTER_STARTUP_H

#include "filter/filter.h"

enum loader {
	LOADER_GLIBC = 1 << 0,
	LOADER_MUSL = 1 << 1,
};

struct startup_refusal {
	const char *call; /* its name */
	uint32_t answer;
	const struct rule *rule; /* NULL: the filter's fallback */
};

/*
 * Whether FILTER refuses LOADER something without which no program starts; what
 * it can do without may fail, but not kill.  RET_REFUSAL is the first.
 */
bool startup_refused(const struct filter *filter, enum loader loader,
    struct startup_refusal *ret_refusal);

#endif
