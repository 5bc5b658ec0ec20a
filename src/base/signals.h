/* SPDX-License-Identifier: ISC */
/* Signals that are waited for beside other descriptors, and interrupt nothing.
 */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <signal.h>

#include "base/diag.h"

struct signals {
	int fd; /* signalfd(2): can be read when one has come */
	sigset_t old_mask;
};

/* Blocks NUMBERS, a list that ends with 0. */
int signals_open(
    struct signals *signals, const int *numbers, struct diag *diag);

/* The next that has come, 0: none. */
int signals_take(const struct signals *signals);

/* Those that have come and were not taken are forgotten. */
void signals_close(struct signals *signals);

#endif
