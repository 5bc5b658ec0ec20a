/* SPDX-License-Identifier: ISC */
/* The child's side of a watched run. */
#ifndef GUIDE_WATCH_H
#define GUIDE_WATCH_H

#include "base/diag.h"
#include "policy/policy.h"

/* Descriptors that outlive the child, to be read by its parent. */
enum result_file {
	RESULT_REPORT, /* JSON, an object a line */
	RESULT_TRACE,  /* likewise: every call */
	RESULT_POLICY, /* a policy file; empty: nothing is suggested */
	RESULT_FILES
};

/* A trace is no longer than that; the last calls are then not in it. */
#define WATCH_TRACE_LIMIT ((size_t)64 << 20)

/*
 * Runs ARGV, under CEILING if that is not NULL, watches it to its end and
 * writes what it did to RESULTS.  Returns an exit status, those of launch.h
 * among them; DIAG holds a sentence if diag->err is set.  For a process of its
 * own: it uses ptrace(2) and signals.
 */
int watch_command(char *const *argv, const struct policy *ceiling,
    const int *results, struct diag *diag);

/* Adds why the command was not run to the report, if DIAG says so. */
void report_failure(int report, const struct diag *diag);

#endif
