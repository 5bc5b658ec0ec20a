/* SPDX-License-Identifier: ISC */
/* Verbs that answer: 0 yes, 1 no, 2 error. */
#include "cli/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "actions/doctor.h"
#include "actions/profiles.h"
#include "actions/promises.h"
#include "base/cleanup.h"
#include "cli/say.h"
#include "watch/recorder.h"

#define ANSWER_ERROR 2

/* What such a verb may be given: [WORD] [--json] [--help]. */
enum { TAKES_WORD = 1 << 0, TAKES_JSON = 1 << 1 };

struct request {
	const char *word;
	bool json, help;
};

static int
read_request(int argc, char **argv, int takes, struct request *ret_request,
    struct diag *diag)
{
	*ret_request = (struct request){ 0 };
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0 && (takes & TAKES_JSON))
			ret_request->json = true;
		else if (strcmp(argv[i], "--help") == 0 ||
		         strcmp(argv[i], "-h") == 0)
			ret_request->help = true;
		else if (argv[i][0] == '-' || ret_request->word != NULL ||
		         !(takes & TAKES_WORD))
			return diag_set(diag, EINVAL, "%s: unexpected \"%s\"",
			    argv[0], argv[i]);
		else
			ret_request->word = argv[i];
	}
	return 0;
}

static int
finish(
    const struct speaker *speaker, struct strbuf *buf, int r, struct diag *diag)
{
	if (r < 0 || buf->failed) {
		if (buf->failed)
			diag_set(diag, ENOMEM, "out of memory");
		speaker_report(speaker, diag);
		return ANSWER_ERROR;
	}
	if (fwrite(buf->data, 1, buf->length, stdout) != buf->length ||
	    fflush(stdout) != 0) {
		diag_errno(diag, "standard output");
		speaker_report(speaker, diag);
		return ANSWER_ERROR;
	}
	return 0;
}

static struct speaker speaker = { .program = "seccomp-pledge" };

int
verb_promises(int argc, char **argv)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	struct diag diag = speaker_diag(&speaker);
	struct request request;
	int r;

	r = read_request(argc, argv, TAKES_WORD | TAKES_JSON, &request, &diag);
	if (r == 0 && request.help)
		strbuf_puts(&buf,
		    "usage: seccomp-pledge promises [WORD] "
		    "[--json]\nPrints the promises, or what WORD allows, call "
		    "by call.\n");
	else if (r == 0 && request.json)
		r = promises_describe_json(request.word, &buf, &diag);
	else if (r == 0)
		r = promises_describe(request.word, &buf, &diag);
	return finish(&speaker, &buf, r, &diag);
}

int
verb_profiles(int argc, char **argv)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	struct diag diag = speaker_diag(&speaker);
	struct request request;
	int r;

	r = read_request(argc, argv, TAKES_WORD | TAKES_JSON, &request, &diag);
	if (r == 0 && request.help)
		strbuf_puts(&buf,
		    "usage: seccomp-pledge profiles [NAME] [--json]\n"
		    "Lists the profiles that -i NAME includes, or prints one.\n");
	else if (r == 0 && request.json)
		r = profiles_describe_json(request.word, &buf, &diag);
	else if (r == 0)
		r = profiles_describe(request.word, &buf, &diag);
	return finish(&speaker, &buf, r, &diag);
}

/* The recorder is loaded, to see whether the kernel takes it; it watches
 * nobody. Why not, or "". */
static const char *
try_recorder(struct diag *diag)
{
	static const struct record_call none[RECORD_CALLS];
	const struct recorder_driver *driver = recorder_driver();
	struct recorder *recorder;

	if (driver == NULL)
		return "this program was built without libbpf";
	if (driver->open(none, &recorder, diag) < 0)
		return diag->text;
	driver->close(recorder);
	return "";
}

int
verb_doctor(int argc, char **argv)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	struct diag diag = speaker_diag(&speaker);
	struct diag why = { 0 };
	struct request request;
	bool complete = true;
	int r, status;

	r = read_request(argc, argv, TAKES_JSON, &request, &diag);
	if (r == 0 && request.help)
		strbuf_puts(&buf,
		    "usage: seccomp-pledge doctor [--json]\nSays "
		    "what this machine can enforce.  Exit status 1: not all "
		    "of promises and\npaths.\n");
	else if (r == 0 && request.json)
		complete = doctor_describe_json(try_recorder(&why), &buf);
	else if (r == 0)
		complete = doctor_describe(try_recorder(&why), &buf);
	status = finish(&speaker, &buf, r, &diag);
	return status != 0 ? status : !complete;
}
