/* SPDX-License-Identifier: ISC */
/*
 * The tables' lists of calls as numbers of one architecture.  resolved.c is
 * written when building, by tools/gen-resolved.c, from the names: a launch has
 * no time for some hundred look-ups.
 */
#ifndef FILTER_RESOLVED_H
#define FILTER_RESOLVED_H

#include <stddef.h>
#include <stdint.h>

/* From here on a condition is an enum run_condition. */
#define RESOLVED_RUN 0xff00

struct resolved_call {
	uint16_t nr;
	uint16_t condition; /* 0: none; index in condition_rows + 1 */
};

struct resolved_list {
	const struct resolved_call *calls;
	size_t count;
};

extern const uint32_t resolved_audit; /* the architecture: AUDIT_ARCH_* */

/* As promise_rows, grant_rows and answer_rows. */
extern const struct resolved_list resolved_promises[];
extern const struct resolved_list resolved_grants[];
extern const struct resolved_list resolved_answers[];

#endif
