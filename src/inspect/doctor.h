/* SPDX-License-Identifier: ISC */
/*
 * What this machine can enforce, what each gap means for its user, and what
 * closes it.
 */
#ifndef INSPECT_DOCTOR_H
#define INSPECT_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "kernel/machine.h"

/* Why a feature is missing, or what is missing besides; of the first that
 * applies its GAP is told. */
struct gap_row {
	int feature; /* enum feature, or NO_FEATURE */
	bool (*applies)(const struct machine *);
	struct gap gap;
};
#define NO_FEATURE (-1)
extern const struct gap_row gap_rows[];
extern const size_t gap_row_count;

/* What is to be told of MACHINE: how many. */
#define DOCTOR_GAPS 64
size_t doctor_gaps(
    const struct machine *machine, const struct gap *ret_gaps[DOCTOR_GAPS]);

/* True if promises and unveiled paths can both be enforced. */
bool doctor_report(const struct machine *machine, struct strbuf *buf);
bool doctor_report_json(const struct machine *machine, struct strbuf *buf);

/* The same of the machine that this runs on; UNRECORDED is machine.h's. */
bool doctor_describe(const char *unrecorded, struct strbuf *buf);
bool doctor_describe_json(const char *unrecorded, struct strbuf *buf);

#endif
