/* SPDX-License-Identifier: ISC */
/* Calls by which libraries ask what there is, and go on without it. */
#ifndef JUDGE_PROBE_H
#define JUDGE_PROBE_H

#include <stdbool.h>

#include "filter/filter.h"

/*
 * Whether CALL is one of them, whose path is PATH as it was written, or its
 * address in words (NULL: there is none).
 */
bool probe_is(
    const struct arch *arch, const struct call *call, const char *path);

#endif
