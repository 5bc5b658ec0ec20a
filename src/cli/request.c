/* SPDX-License-Identifier: ISC */
/* What the options ask for: run, save, dry run, -T. */
#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "inspect/doctor.h"
#include "kernel/features.h"
#include "policy/comments.h"

/* -T FEATURE: exits 0 if it is supported. */
static int
answer_support(const struct options *options, struct diag *diag)
{
	struct features features;

	features_probe(&features);
	if (strcmp(options->support, "pledge") == 0)
		return features.has[FEATURE_SECCOMP] ? 0 : 1;
	if (strcmp(options->support, "unveil") == 0)
		return features.landlock_abi > 0 ? 0 : 1;
	diag_set(
	    diag, EINVAL, "-T %s: write pledge or unveil", options->support);
	return STATUS_FAILED;
}

/* Writes to stdout, or to FILE by a rename; says if that failed. */
static int
put(const char *file, struct strbuf *buf, struct diag *diag)
{
	if (buf->failed) {
		diag_set(diag, ENOMEM, "out of memory");
		return STATUS_FAILED;
	}
	if (file != NULL && strcmp(file, "-") != 0)
		return file_replace(file, buf->data, buf->length, diag) < 0
		           ? STATUS_FAILED
		           : 0;
	if (fwrite(buf->data, 1, buf->length, stdout) != buf->length ||
	    fflush(stdout) != 0) {
		diag_errno(diag, "standard output");
		return STATUS_FAILED;
	}
	return 0;
}

static int
show_policy(struct options *options, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 }, before = { 0 }, text = { 0 };
	int status = 0;

	if (options->save != NULL) {
		if (run_prove(&options->run, diag) < 0)
			return STATUS_FAILED;
		policy_write(&options->run.policy, &text);
		for (size_t i = 0; i < options->included_count; i++)
			comments_source(options->included[i], &before);
		if (comments_keep(strbuf_text(&before, ""),
		        strbuf_text(&text, ""), NULL, &buf, diag) < 0)
			return STATUS_FAILED;
		return put(options->save, &buf, diag);
	}
	status = run_describe(&options->run, &buf, diag);
	return status != 0 ? status : put(NULL, &buf, diag);
}

/* --check: the machine first, to stderr, as stdout is the command's. */
static int
check_first(const struct options *options, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	bool complete = doctor_describe(NULL, &buf);

	fwrite(buf.data, 1, buf.length, stderr);
	if (complete || options->run.best_effort)
		return 0;
	diag_set(diag, ENOTSUP,
	    "this machine cannot enforce a policy; "
	    "--best-effort runs the command all the same");
	return STATUS_FAILED;
}

/* Who types a bare "pledge ls" learns what that was, where it is seen. */
static void
tell_default(const struct options *options)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	if (options->run.policy.named || options->speaker.quiet ||
	    options->run.explain.line != NULL || !isatty(STDERR_FILENO))
		return;
	strbuf_printf(&buf,
	    "no policy was given, so %s may read no file but its own; to let "
	    "it read here: %s -p 'stdio rpath' -v r:. -- ...",
	    options->run.argv[0], options->speaker.program);
	if (!buf.failed)
		speaker_say(&options->speaker, buf.data);
}

static int
carry_out(struct options *options, char **argv, struct diag *diag)
{
	if (options->api || options->socket != NULL || options->has_within) {
		diag_set(diag, EINVAL,
		    "--api, --socket and --within are for being asked, and "
		    "here a policy is named already; they go like this: "
		    "seccomp-pledge --api COMMAND");
		return STATUS_FAILED;
	}
	if (options->support != NULL)
		return answer_support(options, diag);
	options->run.argv = argv;
	options->run.quiet = options->speaker.quiet;
	options->run.explain.quiet = options->speaker.quiet;
	options->run.program_name = options->speaker.program;
	if (options->save != NULL || options->dry_run)
		return show_policy(options, diag);
	if (argv == NULL) {
		diag_set(diag, EINVAL, "no command was given; try: %s --help",
		    options->speaker.program);
		return STATUS_FAILED;
	}
	if (options->check && check_first(options, diag) != 0)
		return STATUS_FAILED;
	tell_default(options);
	if (options_given(options, diag) < 0)
		return STATUS_FAILED;
	return run_command(&options->run, diag);
}

/* The tool's users need not know that there is a way to learn more. */
static void
hint(const struct options *options, int status)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	if (!options->run.as_parent || !options->run.ran || status == 0 ||
	    options->run.late || options->speaker.quiet ||
	    options->run.explain.line != NULL)
		return;
	strbuf_printf(&buf,
	    "%s ended with status %d; --explain names what was denied to it, "
	    "if anything was",
	    options->run.argv[0], status);
	if (!buf.failed)
		speaker_say(&options->speaker, buf.data);
}

struct diag *
options_diag(struct options *options)
{
	static struct diag diag;

	speaker_ready(&options->speaker, &diag);
	return &diag;
}

int
options_run(struct options *options, char **argv)
{
	struct diag *diag = options_diag(options);
	int status = carry_out(options, argv, diag);

	speaker_report(&options->speaker, diag);
	hint(options, status);
	return status;
}
