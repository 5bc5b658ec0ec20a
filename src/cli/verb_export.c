/* SPDX-License-Identifier: ISC */
/* seccomp-pledge export: promises as a filter in another format. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/suggest.h"
#include "base/table.h"
#include "cli/say.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "inspect/export.h"

#define ANSWER_ERROR 2

static struct speaker speaker = { .program = "seccomp-pledge" };
static struct policy policy;
static struct export_request request;
static const char *output;
static bool help;

static int
set_to(const char *name, struct diag *diag)
{
	return format_choose(name, &request.to, diag);
}

static int
set_promises(const char *words, struct diag *diag)
{
	return policy_add_promises(&policy, words, diag);
}

static int
set_policy(const char *name, struct diag *diag)
{
	return policy_include(&policy, name, diag);
}

static int
set_arch(const char *name, struct diag *diag)
{
	struct arch_list list;

	if (arch_list_read(name, &list, diag) < 0)
		return -EINVAL;
	request.arch = list.archs[0];
	if (list.count > 1)
		return diag_set(diag, EINVAL,
		    "promises are exported for one architecture; they differ");
	if (request.arch->quirks & ARCH_FOREIGN)
		return diag_set(diag, EINVAL,
		    "promises do not say what %s calls mean: many of them take "
		    "arguments from memory, which no filter sees",
		    name);
	return 0;
}

/* clang-format off */
static const struct verb_option rows[] = {
	{ 0, "to", "FORMAT", "write in this format", .set = set_to },
	{ 'p', "promises", "PROMISES", "words separated by space or comma",
	    .set = set_promises },
	{ 'i', "policy", "FILE", "the promises of a policy: a file, or a "
	    "profile's name", .set = set_policy },
	{ 'k', "kill", NULL, "kill on violation", .flag = &policy.kill },
	{ 0, "arch", "ARCH", "x86_64, aarch64 or riscv64 (default: this "
	    "machine's)", .set = set_arch },
	{ 0, "lossy", NULL, "leave out what the format cannot say, and say so",
	    .flag = &request.lossy },
	{ 'o', "output", "FILE", "write there, whole or not at all",
	    .word = &output },
	{ 'h', "help", NULL, "this text", .flag = &help },
};
/* clang-format on */
static const struct verb_options table = { .verb = "export",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
	.anywhere = true };

static int
show_help(void)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf,
	    "usage: seccomp-pledge export --to FORMAT [options]\n"
	    "Writes what promises allow as a filter for programs that know "
	    "nothing of them.\n\n");
	verb_options_help(&table, &buf);
	strbuf_puts(&buf, "\nformats:\n");
	for (size_t i = 0; i < format_count; i++)
		strbuf_printf(
		    &buf, "  %-19s %s\n", formats[i]->name, formats[i]->text);
	return put_text(&speaker, &buf) == 0 ? 0 : -EIO;
}

static int
put(const struct strbuf *buf, struct diag *diag)
{
	if (buf->failed)
		return diag_set(diag, ENOMEM, "out of memory");
	if (output != NULL && strcmp(output, "-") != 0)
		return file_replace(output, buf->data, buf->length, diag);
	if (request.to == &format_bpf && isatty(STDOUT_FILENO))
		return diag_set(diag, EINVAL,
		    "a raw program is nothing for a terminal; write -o FILE");
	return put_text(&speaker, buf) == 0 ? 0 : -EIO;
}

static int
carry_out(char **argv, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	int at, r;

	request.arch = arch_native();
	r = verb_options_parse(&table, argv, &at, diag);
	if (r < 0)
		return r;
	if (help)
		return show_help();
	if (argv[at] != NULL)
		return diag_set(
		    diag, EINVAL, "export: unexpected \"%s\"", argv[at]);
	if (request.to == NULL)
		return diag_set(diag, EINVAL, "export needs --to FORMAT");
	if (policy.unveil_count > 0 || policy.connect.count > 0 ||
	    policy.bind.count > 0)
		diag_warn(diag, "paths and ports are not exported: no filter "
		                "can see them");
	request.policy = &policy;
	r = export_policy(&request, &buf, diag);
	return r == 0 ? put(&buf, diag) : r;
}

int
verb_export(int argc, char **argv)
{
	struct diag diag = speaker_diag(&speaker);
	int r = carry_out(argv, &diag);

	(void)argc;
	policy_free(&policy);
	if (r >= 0)
		return 0;
	speaker_report(&speaker, &diag);
	return ANSWER_ERROR;
}
