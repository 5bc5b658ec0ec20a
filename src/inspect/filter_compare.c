/* SPDX-License-Identifier: ISC */
#include "inspect/filter_compare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "inspect/filter_check.h"

/* A file's filter, ready to be asked. */
struct subject {
	struct filter_source source;
	struct verify_side side;
};

struct pair {
	struct subject subjects[2];
};

static void
pair_free(struct pair *pair)
{
	filter_source_free(&pair->subjects[0].source);
	filter_source_free(&pair->subjects[1].source);
}
#define cleanup_pair __attribute__((cleanup(pair_free)))

static void
take_side(struct subject *subject)
{
	if (subject->source.file.program != NULL) {
		subject->side.program = subject->source.file.program;
		return;
	}
	subject->side.filters = subject->source.ruled.filters;
	subject->side.count = subject->source.ruled.count;
}

static int
open_subject(const struct filter_request *request, struct subject *subject,
    struct diag *diag)
{
	struct filter_source *source = &subject->source;
	int r = filter_source_open(request, source, diag);

	if (r == 0)
		r = filter_source_choose(request, source, diag);
	if (r == 0)
		take_side(subject);
	return r;
}

/* --- diff and verify --- */

static const struct arch *
find_arch(uint32_t audit)
{
	const struct arch *arch;

	for (size_t i = 0; (arch = arch_at(i)) != NULL; i++)
		if (arch->audit == audit)
			return arch;
	return NULL;
}

static void
add_call(struct strbuf *buf, const struct call *call)
{
	const struct arch *arch = find_arch(call->arch);
	const char *name = NULL;
	size_t shown = 6;

	if (arch == NULL)
		strbuf_printf(buf, "architecture %#x: ", call->arch);
	else if (arch != arch_native())
		strbuf_printf(buf, "%s: ", arch->name);
	if (arch != NULL)
		name = arch_name(arch, call->nr);
	if (name != NULL)
		strbuf_puts(buf, name);
	else if (arch != NULL && (arch->quirks & ARCH_X32) &&
	         call->nr >= ARCH_X32_BIT)
		strbuf_printf(buf, "x32 call %u", call->nr & ~ARCH_X32_BIT);
	else
		strbuf_printf(buf, "call %u", call->nr);
	while (shown > 0 && call->args[shown - 1] == 0)
		shown--;
	strbuf_putc(buf, '(');
	for (size_t i = 0; i < shown; i++)
		strbuf_printf(buf,
		    call->args[i] < 10 ? "%s%" PRIu64 : "%s%#" PRIx64,
		    i == 0 ? "" : ", ", call->args[i]);
	strbuf_putc(buf, ')');
	if (call->ip != 0)
		strbuf_printf(buf, " from %#" PRIx64, call->ip);
}

void
add_difference(struct strbuf *buf, const struct verify_case *one)
{
	char texts[2][ANSWER_TEXT];

	add_call(buf, &one->call);
	strbuf_printf(buf, ": %s -> %s\n",
	    answer_text(one->answers[0], texts[0]),
	    answer_text(one->answers[1], texts[1]));
}

static int
list_difference(void *context, const struct verify_case *one)
{
	add_difference(context, one);
	return 0;
}

static int
open_both(const struct filter_request *request, const char *other,
    struct pair *ret_pair, struct diag *diag)
{
	struct filter_request second = *request;
	int r = open_subject(request, &ret_pair->subjects[0], diag);

	second.file = other;
	second.format = NULL;
	if (r == 0)
		r = open_subject(&second, &ret_pair->subjects[1], diag);
	return r;
}

int
filter_diff(const struct filter_request *request, const char *other,
    struct strbuf *buf, struct diag *diag)
{
	cleanup_pair struct pair pair = { 0 };
	int r = open_both(request, other, &pair, diag);

	if (r == 0)
		r = verify_differences(&pair.subjects[0].side,
		    &pair.subjects[1].side, list_difference, buf, diag);
	return r < 0 ? r : buf->length > 0;
}

int
filter_verify(const struct filter_request *request, const char *other,
    struct strbuf *buf, struct diag *diag)
{
	cleanup_pair struct pair pair = { 0 };
	struct verify_case one = { 0 };
	unsigned long count = 0;
	int r = open_both(request, other, &pair, diag);

	if (r == 0)
		r = verify_equal(&pair.subjects[0].side, &pair.subjects[1].side,
		    &one, &count, diag);
	if (r == 0)
		strbuf_printf(buf,
		    "the same for every call: %lu cases were looked at\n",
		    count);
	if (r == 1)
		add_difference(buf, &one);
	return r;
}

/* --- convert --- */

/* What was written, read again: it must mean what it was made of. */
struct conversion {
	const struct filter_file *file;
	const struct format *to;
	const struct write_options *options;
	const struct strbuf *written;
	struct diag *diag;
};

static int
warn_difference(void *context, const struct verify_case *one)
{
	const struct conversion *conversion = context;
	cleanup_strbuf struct strbuf line = { 0 };

	add_difference(&line, one);
	if (line.failed)
		return -ENOMEM;
	diag_warn(
	    conversion->diag, "changed: %.*s", (int)line.length - 1, line.data);
	return 0;
}

static int
fail_difference(void *context, const struct verify_case *one)
{
	const struct conversion *conversion = context;
	cleanup_strbuf struct strbuf line = { 0 };

	add_difference(&line, one);
	if (line.failed)
		return -ENOMEM;
	return diag_set(conversion->diag, ENOTSUP,
	    "%s: %s would change %.*s; --lossy accepts that and lists all",
	    conversion->file->path, conversion->to->name, (int)line.length - 1,
	    line.data);
}

/* One filter of the file against the same one as it was written. */
static int
prove_set(struct conversion *conversion, const struct ruleset *set,
    const struct filter_file *back)
{
	const struct write_options *options = conversion->options;
	const struct arch_list one = { { options->arch }, 1 };
	const struct arch_list *archs =
	    options->archs != NULL ? options->archs : &one;
	struct subject subjects[2] = { { .side = { NULL } } };
	const struct ruleset *other = NULL;
	int r;

	r = ruleset_choose(back,
	    conversion->file->set_count > 1 ? set->name : NULL, &other,
	    conversion->diag);
	if (r == 0)
		r = ruleset_compile_all(conversion->file, set, archs,
		    &subjects[0].source.ruled, conversion->diag);
	if (r == 0)
		r = ruleset_compile_all(back, other, archs,
		    &subjects[1].source.ruled, conversion->diag);
	for (size_t i = 0; i < 2 && r == 0; i++)
		take_side(&subjects[i]);
	if (r == 0)
		r = verify_differences(&subjects[0].side, &subjects[1].side,
		    options->lossy ? warn_difference : fail_difference,
		    conversion, conversion->diag);
	ruled_filters_free(&subjects[0].source.ruled);
	ruled_filters_free(&subjects[1].source.ruled);
	return r;
}

static int
prove(struct conversion *conversion)
{
	cleanup_filter_file struct filter_file back = { 0 };
	struct diag silent = { 0 };
	struct format_bytes bytes = { .length = conversion->written->length };
	int r;

	bytes.data = malloc(bytes.length + 1);
	if (bytes.data == NULL)
		return diag_set(conversion->diag, ENOMEM, "out of memory");
	memcpy(bytes.data, conversion->written->data, bytes.length);
	bytes.data[bytes.length] = '\0';
	r = format_read(
	    "(what was written)", bytes, conversion->to, &back, &silent);
	if (r < 0)
		return diag_set(conversion->diag, EPROTO,
		    "what was written does not read back: %s", silent.text);
	for (size_t i = 0; i < conversion->file->set_count && r == 0; i++)
		r = prove_set(conversion, &conversion->file->sets[i], &back);
	return r;
}

/* A program: compiled, and proved to be what the rules say. */
static int
convert_to_program(
    const struct filter_request *request, struct strbuf *buf, struct diag *diag)
{
	return filter_compile(request, FILTER_RAW, buf, diag);
}

int
filter_write(const struct filter_file *file, const struct format *to,
    const struct write_options *options, struct strbuf *buf, struct diag *diag)
{
	struct conversion conversion = { file, to, options, buf, diag };
	int r;

	if (to->write == NULL)
		return diag_set(diag, ENOTSUP, "%s is not written", to->name);
	r = to->write(file, options, buf, diag);
	if (r == 0 && buf->failed)
		r = diag_set(diag, ENOMEM, "out of memory");
	return r == 0 ? prove(&conversion) : r;
}

int
filter_convert(const struct filter_request *request, const struct format *to,
    const struct write_options *options, struct strbuf *buf, struct diag *diag)
{
	cleanup_filter_source struct filter_source source = { 0 };
	struct filter_file chosen;
	struct ruleset set;
	int r;

	if (to == &format_bpf)
		return convert_to_program(request, buf, diag);
	r = filter_source_open(request, &source, diag);
	if (r < 0)
		return r;
	if (source.name.name == NULL)
		return filter_write(&source.file, to, options, buf, diag);
	r = ruleset_choose(&source.file, source.name.name, &source.set, diag);
	if (r < 0)
		return r;
	set = *source.set;
	chosen = source.file;
	chosen.sets = &set;
	chosen.set_count = 1;
	return filter_write(&chosen, to, options, buf, diag);
}
