/* SPDX-License-Identifier: ISC */
/* Promises as a filter for programs that know nothing of promises. */
#ifndef INSPECT_EXPORT_H
#define INSPECT_EXPORT_H

#include "base/strbuf.h"
#include "format/format.h"
#include "policy/policy.h"

struct export_request {
	const struct policy *policy;
	const struct format *to;
	const struct arch *arch;
	bool lossy; /* calls may be allowed that the promises refuse */
};

/*
 * Writes what the promises allow to BUF.  What starts the program must be able
 * to: execve, and opening files to read, are allowed.
 *
 * Where the format cannot tell one refusal from another, that is warned about.
 * -ENOTSUP: it would allow more than the promises do, and that is not accepted.
 */
int export_policy(const struct export_request *request, struct strbuf *buf,
    struct diag *diag);

#endif
