/* SPDX-License-Identifier: ISC */
/*
 * What this machine can enforce, what each gap means for its user, and what
 * closes it.
 */
#ifndef ACTIONS_DOCTOR_H
#define ACTIONS_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "kernel/machine.h"

enum gap_weight {
	GAP_STOPS,  /* promises or paths cannot be enforced */
	GAP_WEAKER, /* something is not enforced, or costs more */
	GAP_NOTE,   /* a stricter rule stands in, or others are concerned */
};

/* Of the rows with one subject, the first that applies is told. */
struct gap_row {
	const char *subject;
	bool (*applies)(const struct machine *, const struct gap_row *);
	int number; /* what `applies` compares with: an ABI, a feature */
	enum gap_weight weight;
	const char *found, *meaning, *remedy;
};
extern const struct gap_row gap_rows[];
extern const size_t gap_row_count;

/* Does ROW apply, and none before it with its subject? */
bool gap_is_told(const struct machine *machine, const struct gap_row *row);

/* True if promises and unveiled paths can both be enforced. */
bool doctor_report(const struct machine *machine, struct strbuf *buf);
bool doctor_report_json(const struct machine *machine, struct strbuf *buf);

/* The same of the machine that this runs on; UNRECORDED is machine.h's. */
bool doctor_describe(const char *unrecorded, struct strbuf *buf);
bool doctor_describe_json(const char *unrecorded, struct strbuf *buf);

#endif
