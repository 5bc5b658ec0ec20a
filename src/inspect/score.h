/* SPDX-License-Identifier: ISC */
/* How much of the machine a policy leaves in reach: 0 (nothing) to 10 (all). */
#ifndef INSPECT_SCORE_H
#define INSPECT_SCORE_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "inspect/meant.h"

struct score {
	bool json;
	double most; /* what may be reached; below 0: anything */
};

/*
 * Says in BUF what MEANT's policy, which the caller made, leaves in reach: the
 * exposure, its weighted share in all rows, and each row with its weight and
 * reason.  Returns 0, or 1 where it is above `most`; -errno.
 */
int score_policy(const struct score *score, struct meant *meant,
    struct strbuf *buf, struct diag *diag);

#endif
