/* SPDX-License-Identifier: ISC */
/* What the recorder is to tell, so that as much is learned as by waiting. */
#ifndef RUN_LEARN_RECORD_H
#define RUN_LEARN_RECORD_H

#include <stdbool.h>

#include "filter/filter.h"
#include "supervise/record.h"

/*
 * Which calls it sees: those of which all is known from their arguments, or
 * from the file that they opened.  Those whose object can only be looked at
 * while the caller waits stay with the listener; they are rare.
 */
void learn_record_plan(struct record_call calls[RECORD_CALLS]);

/*
 * Which bits of their arguments make a difference: what a promise asks for.
 * Calls that are all ORDINARY, which nobody is told of, are taken out.
 */
void learn_record_refine(
    struct record_call calls[RECORD_CALLS], const struct filter *ordinary);

#endif
