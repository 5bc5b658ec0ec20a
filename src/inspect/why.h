/* SPDX-License-Identifier: ISC */
/* What a policy would say to an act, and why, without anything being run. */
#ifndef INSPECT_WHY_H
#define INSPECT_WHY_H

#include "base/diag.h"
#include "base/strbuf.h"

struct why {
	const char *policy; /* a file or a profile */
	/*
	 * CALL ARG..., as trace writes them; PATH [rwxc]; or HOST:PORT or PORT,
	 * to connect to.  NULL ends them.
	 */
	char *const *words;
	char *const *argv; /* the command that it is for; NULL: none */
	bool json;
};

/* 1: all of it is allowed; 0: not; -errno and a sentence.  BUF: a line, or
 * object, for each part. */
int why_answer(const struct why *why, struct strbuf *buf, struct diag *diag);

#endif
