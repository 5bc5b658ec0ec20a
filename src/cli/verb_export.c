/* SPDX-License-Identifier: ISC */
/* seccomp-pledge export: promises as a filter in another format. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actions/export.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/suggest.h"
#include "base/table.h"
#include "cli/say.h"
#include "cli/verbs.h"

#define ANSWER_ERROR 2

static const char usage[] =
    "usage: seccomp-pledge export --to FORMAT [-p PROMISES] [-i POLICY] [-k] "
    "[--arch ARCH] [--lossy] [-o FILE]\n";

struct state {
	struct policy policy;
	struct export_request request;
	const char *output;
	bool help;
};

static struct speaker speaker = { .program = "seccomp-pledge" };

static int
set_to(struct state *state, const char *name, struct diag *diag)
{
	struct suggest suggest = { .wanted = name };

	state->request.to = format_find(name);
	if (state->request.to != NULL)
		return 0;
	for (size_t i = 0; i < format_count; i++)
		suggest_consider(&suggest, formats[i]->name);
	return diag_set(diag, EINVAL, "unknown format \"%s\"%s", name,
	    suggest_text(&suggest));
}

static int
set_promises(struct state *state, const char *words, struct diag *diag)
{
	return policy_add_promises(&state->policy, words, diag);
}

static int
set_policy(struct state *state, const char *name, struct diag *diag)
{
	return policy_include(&state->policy, name, diag);
}

static int
set_arch(struct state *state, const char *name, struct diag *diag)
{
	struct arch_list list;

	if (arch_list_read(name, &list, diag) < 0)
		return -EINVAL;
	state->request.arch = list.archs[0];
	if (list.count > 1)
		return diag_set(diag, EINVAL,
		    "promises are exported for one architecture; they differ");
	if (state->request.arch->quirks & ARCH_FOREIGN)
		return diag_set(diag, EINVAL,
		    "promises do not say what %s calls mean: many of them take "
		    "arguments from memory, which no filter sees",
		    name);
	return 0;
}

static int
set_output(struct state *state, const char *file, struct diag *diag)
{
	(void)diag;
	state->output = strcmp(file, "-") == 0 ? NULL : file;
	return 0;
}

static int
set_kill(struct state *state, const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	state->policy.kill = true;
	return 0;
}

static int
set_lossy(struct state *state, const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	state->request.lossy = true;
	return 0;
}

static int
set_help(struct state *state, const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	state->help = true;
	return 0;
}

static const struct option_word {
	const char *name;
	bool takes_argument;
	int (*set)(
	    struct state *state, const char *argument, struct diag *diag);
} option_words[] = {
	{ "--to", true, set_to },
	{ "-p", true, set_promises },
	{ "-i", true, set_policy },
	{ "--policy", true, set_policy },
	{ "--arch", true, set_arch },
	{ "-o", true, set_output },
	{ "-k", false, set_kill },
	{ "--lossy", false, set_lossy },
	{ "--help", false, set_help },
	{ "-h", false, set_help },
};

static int
read_option(struct state *state, char *const *argv, int *at, struct diag *diag)
{
	struct suggest suggest = { .wanted = argv[*at] };

	for (size_t i = 0; i < ARRAY_SIZE(option_words); i++) {
		const struct option_word *row = &option_words[i];

		suggest_consider(&suggest, row->name);
		if (strcmp(row->name, argv[*at]) != 0)
			continue;
		if (!row->takes_argument)
			return row->set(state, NULL, diag);
		if (argv[*at + 1] == NULL)
			return diag_set(
			    diag, EINVAL, "%s needs an argument", row->name);
		return row->set(state, argv[++*at], diag);
	}
	return diag_set(diag, EINVAL, "export: unknown argument \"%s\"%s",
	    argv[*at], suggest_text(&suggest));
}

static int
put(const struct state *state, const struct strbuf *buf, struct diag *diag)
{
	if (buf->failed)
		return diag_set(diag, ENOMEM, "out of memory");
	if (state->output != NULL)
		return file_replace(
		    state->output, buf->data, buf->length, diag);
	if (state->request.to == &format_bpf && isatty(STDOUT_FILENO))
		return diag_set(diag, EINVAL,
		    "a raw program is nothing for a terminal; write -o FILE");
	if (fwrite(buf->data, 1, buf->length, stdout) != buf->length ||
	    fflush(stdout) != 0)
		return diag_errno(diag, "standard output");
	return 0;
}

static int
carry_out(struct state *state, char *const *argv, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	int r = 0;

	state->request.arch = arch_native();
	for (int at = 1; argv[at] != NULL && r == 0; at++)
		r = read_option(state, argv, &at, diag);
	if (r < 0)
		return r;
	if (state->help) {
		fputs(usage, stdout);
		return 0;
	}
	if (state->request.to == NULL)
		return diag_set(diag, EINVAL, "export needs --to FORMAT");
	if (state->policy.unveil_count > 0 || state->policy.connect.count > 0 ||
	    state->policy.bind.count > 0)
		diag_warn(diag, "paths and ports are not exported: no filter "
		                "can see them");
	state->request.policy = &state->policy;
	r = export_policy(&state->request, &buf, diag);
	return r == 0 ? put(state, &buf, diag) : r;
}

int
verb_export(int argc, char **argv)
{
	struct diag diag = speaker_diag(&speaker);
	struct state state = { .help = false };
	int r;

	(void)argc;
	r = carry_out(&state, argv, &diag);
	policy_free(&state.policy);
	if (r >= 0)
		return 0;
	speaker_report(&speaker, &diag);
	return ANSWER_ERROR;
}
