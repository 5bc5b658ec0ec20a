/* SPDX-License-Identifier: ISC */
/* A policy as it would be enforced here, to be asked; nothing is run. */
#ifndef INSPECT_MEANT_H
#define INSPECT_MEANT_H

#include "format/user_filters.h"
#include "sandbox/sandbox.h"

struct meant {
	struct policy policy; /* made by the caller */
	struct user_filters filters;
	struct sandbox *sandbox;
	const struct filter *all[PROGRAM_FILTERS];
	size_t count;
};

/*
 * Makes the filters of MEANT->policy, for a program that is DYNAMIC or not.
 * What this machine lacks is left out.  -errno; free it in any case.
 */
int meant_make(struct meant *meant, bool dynamic, struct diag *diag);

/* What the filters answer, the strictest winning: SECCOMP_RET_*. */
uint32_t meant_answer(const struct meant *meant, const struct call *call);

void meant_free(struct meant *meant);

#endif
