/* SPDX-License-Identifier: ISC */
/*
 * What a bench program says with --json: one object a line, a "value" with its
 * unit or a "ratio" of two of them; ./README tells what the words mean.
 */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The middle of many, and what a tenth is below and above. */
struct spread {
	double low, median, high;
};

static inline int
spread_compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Sorts them. */
static inline struct spread
spread_of(double *values, size_t count)
{
	double last = (double)(count - 1);

	qsort(values, count, sizeof(*values), spread_compare);
	return (struct spread){ values[(size_t)(0.1 * last + 0.5)],
		values[(size_t)(0.5 * last + 0.5)],
		values[(size_t)(0.9 * last + 0.5)] };
}

/* Names hold no quotes and no backslashes: they are the benches' own. */
static inline void
row_value(const char *group, const char *name, const char *measure,
    const char *unit, struct spread spread)
{
	printf("{\"row\": \"value\", \"case\": \"%s\", \"name\": \"%s\", "
	       "\"measure\": \"%s\", \"unit\": \"%s\", \"low\": %.6g, "
	       "\"median\": %.6g, \"high\": %.6g}\n",
	    group, name, measure, unit, spread.low, spread.median, spread.high);
	fflush(stdout);
}

/* NAME's measure divided by that of AGAINST, pair by pair. */
static inline void
row_ratio(const char *group, const char *name, const char *against,
    const char *measure, struct spread spread)
{
	if (!isfinite(spread.low) || !isfinite(spread.median) ||
	    !isfinite(spread.high))
		return;
	printf("{\"row\": \"ratio\", \"case\": \"%s\", \"name\": \"%s\", "
	       "\"against\": \"%s\", \"measure\": \"%s\", \"low\": %.4g, "
	       "\"median\": %.4g, \"high\": %.4g}\n",
	    group, name, against, measure, spread.low, spread.median,
	    spread.high);
	fflush(stdout);
}

/* What the reader should know: why something is not compared. */
static inline void
row_note(const char *group, const char *text)
{
	printf("{\"row\": \"note\", \"case\": \"%s\", \"text\": \"%s\"}\n",
	    group, text);
	fflush(stdout);
}

#endif
