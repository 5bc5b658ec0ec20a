/* SPDX-License-Identifier: ISC */
/*
 * What ordinary permissions ask of calls at which Landlock does not look: whose
 * the file is, a capability, that it is there at all.
 */
#ifndef JUDGE_ASKS_H
#define JUDGE_ASKS_H

#include "base/strbuf.h"
#include "filter/filter.h"
#include "judge/ordinary.h"
#include "supervise/notify.h"

/*
 * Whether CALL of CALLER, a native one, fails for WHO whatever the policy: the
 * error, and a sentence into RET_WHY.  0: it does not, or that is not known.
 */
int asks_refuse(const struct identity *who, struct caller *caller,
    const struct call *call, struct strbuf *ret_why);

/*
 * The capabilities that pass over owner and mode (1 << CAP_*) which WHO has and
 * CALL of CALLER needs, the narrowest; 0: it fails without and with them, or
 * needs none.
 */
uint64_t asks_passed(
    const struct identity *who, struct caller *caller, const struct call *call);

#endif
