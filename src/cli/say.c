/* SPDX-License-Identifier: ISC */
#include "cli/say.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/strbuf.h"
#include "launch/launch.h"

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

/* In one write, so that the command's own words stay out of it. */
void
speaker_line(void *context, const char *text)
{
	const struct speaker *speaker = context;
	cleanup_strbuf struct strbuf buf = { 0 };

	if (speaker->json) {
		strbuf_puts(&buf, text);
	} else {
		strbuf_printf(&buf, "%s: ", speaker->program);
		quote_terminal(&buf, text);
	}
	strbuf_putc(&buf, '\n');
	/* If nobody listens, that is no reason to end the command. */
	if (!buf.failed && write_all(STDERR_FILENO, buf.data, buf.length) < 0)
		return;
}

void
speaker_ready(struct speaker *speaker, struct diag *ret_diag)
{
	ret_diag->err = 0;
	ret_diag->warn = warn;
	ret_diag->context = speaker;
	ret_diag->text[0] = '\0';
}

struct diag
speaker_diag(struct speaker *speaker)
{
	return (struct diag){ .warn = warn, .context = speaker };
}

void
speaker_say(const struct speaker *speaker, const char *text)
{
	print(speaker->program, "", text);
}

void
speaker_report(const struct speaker *speaker, const struct diag *diag)
{
	if (diag->err != 0)
		print(speaker->program, "", diag->text);
}

static int
put_bytes(const struct speaker *speaker, const char *bytes, size_t length)
{
	struct diag diag = { 0 };

	if (fwrite(bytes, 1, length, stdout) == length && fflush(stdout) == 0)
		return 0;
	diag_errno(&diag, "standard output");
	speaker_report(speaker, &diag);
	return STATUS_FAILED;
}

int
put_text(const struct speaker *speaker, const struct strbuf *buf)
{
	return put_bytes(speaker, buf->data, buf->length);
}

int
put_version(const struct speaker *speaker, const char *text)
{
	return put_bytes(speaker, text, strlen(text));
}
