/* SPDX-License-Identifier: ISC */
#include "cli/say.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/strbuf.h"

/* A path in the text may hold anything: it must not move the cursor. */
static void
print(const char *program, const char *kind, const char *text)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	quote_terminal(&buf, text);
	fprintf(stderr, "%s: %s%s\n", program, kind,
	    buf.data != NULL ? buf.data : "out of memory");
}

static void
warn(void *context, const char *text)
{
	const struct speaker *speaker = context;

	if (!speaker->quiet)
		print(speaker->program, "warning: ", text);
}

struct diag
speaker_diag(struct speaker *speaker)
{
	return (struct diag){ .warn = warn, .context = speaker };
}

void
speaker_report(const struct speaker *speaker, const struct diag *diag)
{
	if (diag->err != 0)
		print(speaker->program, "", diag->text);
}
