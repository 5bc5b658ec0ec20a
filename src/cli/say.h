/* SPDX-License-Identifier: ISC */
/* Messages to people: on stderr, led by the program's name, harmless. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <stdbool.h>

#include "base/diag.h"

struct speaker {
	const char *program; /* "pledge" */
	bool quiet;          /* no warnings */
	bool json;           /* speaker_line() gets objects, not text */
};

/*
 * A diag whose warnings are printed by SPEAKER, which must outlive it; the
 * launcher's, whose text is no page to be cleared as long as nothing fails.
 */
struct diag speaker_diag(struct speaker *speaker);
void speaker_ready(struct speaker *speaker, struct diag *ret_diag);

/* Prints the sentence, if there is one. */
void speaker_report(const struct speaker *speaker, const struct diag *diag);

/* Prints a sentence. */
void speaker_say(const struct speaker *speaker, const char *text);

/* Prints one line of an explanation; CONTEXT is a speaker. */
void speaker_line(void *context, const char *text);

/* Writes to stdout: 0, or STATUS_FAILED when it does not take all. */
struct strbuf;
int put_text(const struct speaker *speaker, const struct strbuf *buf);
int put_version(const struct speaker *speaker, const char *text);

#endif
