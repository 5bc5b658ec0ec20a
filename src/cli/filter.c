/* SPDX-License-Identifier: ISC */
/* seccomp-pledge filter: filters in files.  0 yes, 1 no, 2 error. */
#include "inspect/filter.h"
#include "inspect/filter_compare.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/suggest.h"
#include "base/table.h"
#include "cli/parse.h"
#include "cli/say.h"
#include "cli/verbs.h"

#define ANSWER_ERROR 2

struct filter_options {
	struct filter_request request;
	const char *output; /* -o; NULL: standard output */
	enum filter_output as;
	enum filter_view view;
	const struct format *to; /* convert */
	struct write_options write;
	bool help;
	char *const *words; /* behind the file */
};

static int
set_from(struct filter_options *options, const char *name, struct diag *diag)
{
	return format_choose(name, &options->request.format, diag);
}

static int
set_to(struct filter_options *options, const char *name, struct diag *diag)
{
	return format_choose(name, &options->to, diag);
}

static int
set_lossy(
    struct filter_options *options, const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	options->write.lossy = true;
	return 0;
}

static int
set_numbers(
    struct filter_options *options, const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	options->write.numbers = true;
	return 0;
}

static int
set_arch(struct filter_options *options, const char *name, struct diag *diag)
{
	return arch_list_read(name, &options->request.archs, diag);
}

static int
set_as(struct filter_options *options, const char *name, struct diag *diag)
{
	static const struct {
		const char *name;
		enum filter_output as;
	} rows[] = { { "raw", FILTER_RAW }, { "c", FILTER_C },
		{ "hex", FILTER_HEX } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		options->as = rows[i].as;
		return 0;
	}
	return diag_set(diag, EINVAL, "--as %s: write raw, c or hex", name);
}

static int
set_output(struct filter_options *options, const char *file, struct diag *diag)
{
	(void)diag;
	options->output = strcmp(file, "-") == 0 ? NULL : file;
	return 0;
}

static int
set_bpf(struct filter_options *options, const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	options->view = FILTER_PROGRAM;
	return 0;
}

static int
set_readable(
    struct filter_options *options, const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	options->view = FILTER_READABLE;
	return 0;
}

static int
set_help(
    struct filter_options *options, const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	options->help = true;
	return 0;
}

static const struct option_word {
	struct option_form form;
	const char *text;
	int (*set)(struct filter_options *options, const char *argument,
	    struct diag *diag);
	const char *verb; /* that alone takes it; NULL: all do */
} option_words[] = {
	{ { 0, "from", "FORMAT" }, "the file's format, not what it looks like",
	    set_from, NULL },
	{ { 0, "arch", "ARCH" },
	    "x86_64, i386, aarch64 or riscv64; or several: native,i386",
	    set_arch, NULL },
	{ { 0, "as", "FORM" }, "raw (default), c or hex", set_as, "compile" },
	{ { 0, "to", "FORMAT" }, "into this one", set_to, "convert" },
	{ { 0, "lossy", NULL }, "leave out what cannot be said, and say so",
	    set_lossy, "convert" },
	{ { 0, "numbers", NULL }, "write symbols as numbers", set_numbers,
	    "convert" },
	{ { 'o', NULL, "FILE" }, "write there, whole or not at all", set_output,
	    NULL },
	{ { 0, "readable", NULL }, "rules in words (default)", set_readable,
	    "show" },
	{ { 0, "bpf", NULL }, "the program, instruction by instruction",
	    set_bpf, "show" },
	{ { 'h', "help", NULL }, "this text", set_help, NULL },
};

static int
run_check(
    const struct filter_options *options, struct strbuf *buf, struct diag *diag)
{
	return filter_check(&options->request, buf, diag);
}

static int
run_show(
    const struct filter_options *options, struct strbuf *buf, struct diag *diag)
{
	return filter_show(&options->request, options->view, buf, diag);
}

static int
run_compile(
    const struct filter_options *options, struct strbuf *buf, struct diag *diag)
{
	if (options->as == FILTER_RAW && options->output == NULL &&
	    isatty(STDOUT_FILENO))
		return diag_set(diag, EINVAL,
		    "a raw program is nothing for a terminal; write -o FILE, "
		    "or --as hex");
	return filter_compile(&options->request, options->as, buf, diag);
}

static int
run_try(
    const struct filter_options *options, struct strbuf *buf, struct diag *diag)
{
	return filter_try(&options->request, options->words, buf, diag);
}

/* Two files, the second behind the first. */
static const char *
second_file(const struct filter_options *options, struct diag *diag)
{
	if (options->words[1] == NULL)
		return options->words[0];
	diag_set(diag, EINVAL, "two files are compared, no more");
	return NULL;
}

static int
run_diff(
    const struct filter_options *options, struct strbuf *buf, struct diag *diag)
{
	const char *other = second_file(options, diag);

	if (other == NULL)
		return -EINVAL;
	return filter_diff(&options->request, other, buf, diag);
}

static int
run_verify(
    const struct filter_options *options, struct strbuf *buf, struct diag *diag)
{
	const char *other = second_file(options, diag);

	if (other == NULL)
		return -EINVAL;
	return filter_verify(&options->request, other, buf, diag);
}

static int
run_convert(
    const struct filter_options *options, struct strbuf *buf, struct diag *diag)
{
	struct write_options write = options->write;

	if (options->to == NULL)
		return diag_set(diag, EINVAL, "convert needs --to FORMAT");
	write.arch = options->request.archs.archs[0];
	write.archs = &options->request.archs;
	if (options->to == &format_bpf && options->output == NULL &&
	    isatty(STDOUT_FILENO))
		return diag_set(diag, EINVAL,
		    "a raw program is nothing for a terminal; write -o FILE");
	return filter_convert(
	    &options->request, options->to, &write, buf, diag);
}

static const struct act {
	const char *name, *arguments, *text;
	bool words;   /* at least one behind the file; else none */
	bool literal; /* which may look like an option, so that ours stand
	                 before */
	int (*run)(const struct filter_options *options, struct strbuf *buf,
	    struct diag *diag);
} acts[] = {
	{ "check", "FILE[:NAME]", "say what a filter does not mean as it reads",
	    false, false, run_check },
	{ "show", "FILE[:NAME]|pid:PROCESS",
	    "rules in words, or a program's instructions", false, false,
	    run_show },
	{ "compile", "FILE[:NAME]", "make the program that the kernel takes",
	    false, false, run_compile },
	{ "try", "FILE[:NAME] CALL [ARG...]",
	    "what a call is answered, and by which rule", true, true, run_try },
	{ "diff", "FILE[:NAME] FILE[:NAME]",
	    "every kind of call on which two filters differ", true, false,
	    run_diff },
	{ "verify", "FILE[:NAME] PROGRAM",
	    "prove that a program does what a filter says", true, false,
	    run_verify },
	{ "convert", "--to FORMAT FILE[:NAME]",
	    "write in another format, proved to be the same", false, false,
	    run_convert },
};

static const struct act *
find_act(const char *name, struct diag *diag)
{
	struct suggest suggest = { .wanted = name };

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		suggest_consider(&suggest, acts[i].name);
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	}
	diag_set(diag, EINVAL, "filter: unknown verb \"%s\"%s", name,
	    suggest_text(&suggest));
	return NULL;
}

static bool
takes(const struct act *act, const struct option_word *row)
{
	return act == NULL || row->verb == NULL ||
	       strcmp(row->verb, act->name) == 0;
}

static struct option_form
form_of(const struct option_table *table, size_t index)
{
	(void)table;
	return option_words[index].form;
}

static int
take(const struct option_table *table, size_t index, const char *argument,
    struct diag *diag)
{
	const struct option_word *row = &option_words[index];
	const struct act *act = table->rows;

	if (!takes(act, row))
		return diag_set(diag, EINVAL,
		    "--%s is an option of filter %s, not of filter %s",
		    row->form.name, row->verb, act->name);
	return row->set(table->context, argument, diag);
}

static int
read_options(struct filter_options *options, const struct act *act, char **argv,
    struct diag *diag)
{
	const struct option_table table = { .count = ARRAY_SIZE(option_words),
		.form = form_of,
		.take = take,
		.rows = act,
		.context = options,
		.anywhere = !act->literal };
	int at, r;

	options->request.archs = (struct arch_list){ { arch_native() }, 1 };
	r = option_table_parse(&table, argv, &at, diag);
	if (r < 0 || options->help)
		return r;
	options->request.file = argv[at];
	if (argv[at] == NULL || (argv[at + 1] != NULL) != act->words)
		return diag_set(diag, EINVAL,
		    "usage: seccomp-pledge filter %s [options] %s", act->name,
		    act->arguments);
	options->words = argv + at + 1;
	return 0;
}

static void
list_options(struct strbuf *buf, const struct act *act)
{
	strbuf_puts(buf, act != NULL && act->literal
	                     ? "\noptions, before the file:\n"
	                     : "\noptions:\n");
	for (size_t i = 0; i < ARRAY_SIZE(option_words); i++) {
		const struct option_word *row = &option_words[i];
		bool own = act == NULL && row->verb != NULL;
		char name[32];

		if (!takes(act, row))
			continue;
		if (row->form.name != NULL)
			snprintf(name, sizeof(name), "--%s", row->form.name);
		else
			snprintf(name, sizeof(name), "-%c", row->form.letter);
		if (row->form.argument != NULL)
			snprintf(name + strlen(name),
			    sizeof(name) - strlen(name), " %s",
			    row->form.argument);
		strbuf_printf(buf, "  %-16s %s%s%s\n", name,
		    own ? row->verb : "", own ? ": " : "", row->text);
	}
}

/* Of one verb, or, without ACT, of all. */
static void
show_help(struct strbuf *buf, const struct act *act)
{
	if (act != NULL) {
		strbuf_printf(buf,
		    "usage: seccomp-pledge filter %s [options] %s\n\n%s\n",
		    act->name, act->arguments, act->text);
	} else {
		strbuf_puts(buf, "usage: seccomp-pledge filter VERB [options] "
		                 "FILE[:NAME] ...\n\nverbs:\n");
		for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
			strbuf_printf(
			    buf, "  %-10s %s\n", acts[i].name, acts[i].text);
	}
	list_options(buf, act);
	strbuf_puts(buf, "\nformats:\n");
	for (size_t i = 0; i < format_count; i++)
		strbuf_printf(
		    buf, "  %-12s %s\n", formats[i]->name, formats[i]->text);
	strbuf_puts(buf, "\nexit status: 0 yes, 1 no, 2 an error\n"
	                 "pledge-filter(5) has the whole of it.\n");
}

/* Nothing is written unless all went well. */
static int
put_output(const struct filter_options *options, const struct strbuf *buf,
    struct diag *diag)
{
	if (buf->failed)
		return diag_set(diag, ENOMEM, "out of memory");
	if (options->output != NULL)
		return file_replace(
		    options->output, buf->data, buf->length, diag);
	if (fwrite(buf->data, 1, buf->length, stdout) != buf->length ||
	    fflush(stdout) != 0)
		return diag_errno(diag, "standard output");
	return 0;
}

static struct speaker speaker = { .program = "seccomp-pledge" };

static int
carry_out(char **argv, struct diag *diag)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	struct filter_options options = { 0 };
	const struct act *act = NULL;
	int r = 0;

	if (argv[1] == NULL || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)
		options.help = true;
	else
		act = find_act(argv[1], diag);
	if (!options.help && act == NULL)
		return -EINVAL;
	if (act != NULL)
		r = read_options(&options, act, argv + 1, diag);
	if (r < 0)
		return r;
	if (options.help || act == NULL)
		show_help(&buf, act);
	else
		r = act->run(&options, &buf, diag);
	if (r >= 0 && put_output(&options, &buf, diag) < 0)
		return -EIO;
	/* Without a verb there is help, but no answer. */
	return argv[1] == NULL ? -EINVAL : r;
}

int
verb_filter(int argc, char **argv)
{
	struct diag diag = speaker_diag(&speaker);
	int r;

	(void)argc;
	r = carry_out(argv, &diag);
	if (r >= 0)
		return r;
	speaker_report(&speaker, &diag);
	return ANSWER_ERROR;
}
