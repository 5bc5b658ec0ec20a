/* SPDX-License-Identifier: ISC */
/* Working with filters in files, without running anything under them. */
#ifndef INSPECT_FILTER_H
#define INSPECT_FILTER_H

#include "base/strbuf.h"
#include "format/format.h"

struct filter_request {
	const char *file; /* FILE[:NAME], FILE, or pid:PROCESS[:INDEX] */
	const struct format *format; /* NULL: by content */
	struct arch_list archs;      /* at least one */
};

/* All return 0, 1 (a "no", or something was found) or -errno. */

/*
 * Writes what a reader of the file should know to BUF, a line each: rules that
 * cannot decide anything, unknown calls, what slips past.  1: there is some.
 */
int filter_check(const struct filter_request *request, struct strbuf *buf,
    struct diag *diag);

enum filter_view {
	FILTER_READABLE, /* rules in words; a program as instructions */
	FILTER_PROGRAM,  /* instructions, whatever it is */
};
int filter_show(const struct filter_request *request, enum filter_view view,
    struct strbuf *buf, struct diag *diag);

enum filter_output {
	FILTER_RAW, /* struct sock_filter, as the kernel takes it */
	FILTER_C,   /* an array's rows */
	FILTER_HEX, /* an instruction a line */
};
int filter_compile(const struct filter_request *request,
    enum filter_output output, struct strbuf *buf, struct diag *diag);

/*
 * What the filter answers to a call, given as words: its name or number, then
 * arguments: numbers, symbols, and paths, which stand for some address.  Of
 * several architectures, for each that has the call.  1: it does not let it
 * through.
 */
int filter_try(const struct filter_request *request, char *const *words,
    struct strbuf *buf, struct diag *diag);

#endif
