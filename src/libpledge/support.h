/* SPDX-License-Identifier: ISC */
#ifndef LIBPLEDGE_SUPPORT_H
#define LIBPLEDGE_SUPPORT_H

#include <pledge.h>
#include <stdbool.h>

#include "kernel/features.h"

/* Asked once: later, a promise might forbid the questions. */
const struct pledge_kernel *support_probe(void);
/* Once that was asked. */
bool support_has(enum feature feature);

#endif
