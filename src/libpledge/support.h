/* SPDX-License-Identifier: ISC */
#ifndef LIBPLEDGE_SUPPORT_H
#define LIBPLEDGE_SUPPORT_H

#include <pledge.h>

/* Asked once: later, a promise might forbid the questions. */
const struct pledge_kernel *support_probe(void);

#endif
