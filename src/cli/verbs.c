/* SPDX-License-Identifier: ISC */
/* Verbs that answer: 0 yes, 1 no, 2 error. */
#include "cli/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/parse.h"
#include "cli/say.h"
#include "inspect/doctor.h"
#include "inspect/profiles.h"
#include "inspect/promises.h"
#include "inspect/why.h"
#include "supervise/recorder.h"

#define ANSWER_ERROR 2

/* What such a verb may be given: [WORD] [--json] [--help]. */
enum { TAKES_WORD = 1 << 0, TAKES_JSON = 1 << 1, TAKES_WORDS = 1 << 2 };

struct request {
	const char *word;
	char **words; /* behind it, if there may be more */
	bool json, help;
};

/* The last of them is not everybody's. */
enum { REQUEST_HELP, REQUEST_JSON };

static struct option_form
form_of(const struct option_table *table, size_t index)
{
	(void)table;
	return index == REQUEST_JSON
	           ? (struct option_form){ 0, "json", NULL }
	           : (struct option_form){ 'h', "help", NULL };
}

static int
take(const struct option_table *table, size_t index, const char *argument,
    struct diag *diag)
{
	struct request *request = table->context;

	(void)argument;
	(void)diag;
	*(index == REQUEST_JSON ? &request->json : &request->help) = true;
	return 0;
}

static int
read_request(
    char **argv, int takes, struct request *ret_request, struct diag *diag)
{
	const struct option_table table = { .verb = argv[0],
		.count = (takes & TAKES_JSON) != 0 ? 2 : 1,
		.form = form_of,
		.take = take,
		.context = ret_request,
		.anywhere = (takes & TAKES_WORDS) == 0 };
	int at, r;

	*ret_request = (struct request){ 0 };
	r = option_table_parse(&table, argv, &at, diag);
	if (r < 0 || argv[at] == NULL)
		return r;
	if (takes & TAKES_WORD)
		ret_request->word = argv[at++];
	if (takes & TAKES_WORDS)
		ret_request->words = argv + at;
	else if (argv[at] != NULL)
		return diag_set(
		    diag, EINVAL, "%s: unexpected \"%s\"", argv[0], argv[at]);
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

	(void)argc;
	r = read_request(argv, TAKES_WORD | TAKES_JSON, &request, &diag);
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

/* What stands behind "--", which ends WORDS; NULL: there is none. */
static char **
split_command(char **words)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, "--") == 0) {
			*words = NULL;
			return words[1] != NULL ? words + 1 : NULL;
		}
	return NULL;
}

int
verb_why(int argc, char **argv)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	struct diag diag = speaker_diag(&speaker);
	struct request request;
	struct why why = { 0 };
	int r;

	(void)argc;
	r = read_request(
	    argv, TAKES_WORD | TAKES_WORDS | TAKES_JSON, &request, &diag);
	why = (struct why){ .policy = request.word,
		.words = request.words,
		.json = request.json };
	if (r == 0 && request.help)
		strbuf_puts(&buf,
		    "usage: seccomp-pledge why [--json] POLICY CALL [ARG...]\n"
		    "       seccomp-pledge why [--json] POLICY PATH [rwxc]\n"
		    "       seccomp-pledge why [--json] POLICY HOST:PORT|PORT\n"
		    "       ... [-- COMMAND [ARG...]]\n"
		    "Says what POLICY, a file or a profile, would say to it, "
		    "and why; nothing is run.\nWith COMMAND, as it would be "
		    "for that.  Exit status 0: allowed; 1: refused, by\nthe "
		    "policy or by ordinary permissions; 2: it could not be "
		    "told.\n");
	else if (r == 0 && request.word == NULL)
		r = diag_set(&diag, EINVAL, "why: no policy was given");
	else if (r == 0) {
		why.argv = split_command(request.words);
		r = why_answer(&why, &buf, &diag);
	}
	if (r < 0 || request.help)
		return finish(&speaker, &buf, r, &diag);
	return finish(&speaker, &buf, 0, &diag) == 0 ? !r : ANSWER_ERROR;
}

int
verb_profiles(int argc, char **argv)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	struct diag diag = speaker_diag(&speaker);
	struct request request;
	int r;

	(void)argc;
	r = read_request(argv, TAKES_WORD | TAKES_JSON, &request, &diag);
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

	(void)argc;
	r = read_request(argv, TAKES_JSON, &request, &diag);
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
