/* SPDX-License-Identifier: ISC */
/* Between the files of learn/; others ask learn.h. */
#ifndef LEARN_LINES_H
#define LEARN_LINES_H

#include "learn/learn.h"

/* A copy of LINE at the end; NULL if memory is out. */
struct learned_line *learned_add(
    struct learned *learned, const struct learned_line *line);

/* The one that says the same, whatever its letters and counters. */
struct learned_line *learned_find(
    const struct learned *learned, const struct learned_line *line);

#endif
