/* SPDX-License-Identifier: ISC */
/* What this machine can enforce. */
#ifndef ACTIONS_DOCTOR_H
#define ACTIONS_DOCTOR_H

#include <stdbool.h>

#include "base/strbuf.h"

/* True if promises and unveiled paths can both be enforced. */
bool doctor_describe(struct strbuf *buf);
bool doctor_describe_json(struct strbuf *buf);

#endif
