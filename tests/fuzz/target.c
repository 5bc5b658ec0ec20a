/* SPDX-License-Identifier: ISC */
/*
 * One reader of filters, given any bytes: TARGET_FORMAT.  What it accepts must
 * compile, what is written must read back, and a program must answer the
 * witness of each of its cases as verify says.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "call/arch.h"
#include "format/format.h"
#include "prove/verify.h"
#include "target.h"

#ifndef TARGET_FORMAT /* a linter looks at it without the build */
# define TARGET_FORMAT format_bpf
#endif

#define MAX_INPUT 65536
#define MAX_CASES 200

static int
check_case(void *context, const struct verify_case *one)
{
	const struct program *program = context;
	static unsigned int count;
	uint32_t answer;

	if (program_run(program, &one->call, &answer, NULL, NULL) != 0 ||
	    answer != one->answers[0] || answer != one->answers[1])
		abort();
	return ++count % MAX_CASES == 0;
}

static void
check_program(struct program *program)
{
	const struct verify_side side = { .program = program };
	struct diag diag = { 0 };

	if (verify_cases(&side, &side, check_case, program, &diag) == -EINVAL)
		abort();
}

static void
check_set(const struct filter_file *file, const struct ruleset *set)
{
	struct ruled_filter *ruled = NULL;
	cleanup_free struct program *program = calloc(1, sizeof(*program));
	const struct filter *filter;
	struct diag diag = { 0 };

	if (program == NULL ||
	    ruleset_compile(file, set, arch_native(), &ruled, &diag) < 0)
		return;
	filter = &ruled->filter;
	program_compile(&filter, 1, program, &diag);
	ruled_filter_free(ruled);
}

static void
check_writing(const struct filter_file *file)
{
	const struct write_options options = { .arch = arch_native(),
		.lossy = true };
	cleanup_strbuf struct strbuf buf = { 0 };
	cleanup_filter_file struct filter_file back = { 0 };
	struct diag diag = { 0 };
	struct format_bytes bytes = { 0 };

	if (file->format->write(file, &options, &buf, &diag) < 0 ||
	    buf.failed || buf.length == 0)
		return;
	bytes = (struct format_bytes){ malloc(buf.length + 1), buf.length };
	if (bytes.data == NULL)
		return;
	memcpy(bytes.data, buf.data, buf.length);
	bytes.data[buf.length] = '\0';
	if (format_read("back", bytes, file->format, &back, &diag) < 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_filter_file struct filter_file file = { 0 };
	struct format_bytes bytes = { malloc(size + 1), size };
	struct diag diag = { 0 };

	if (bytes.data == NULL || size > MAX_INPUT) {
		free(bytes.data);
		return 0;
	}
	memcpy(bytes.data, data, size);
	bytes.data[size] = '\0';
	if (format_read("input", bytes, &TARGET_FORMAT, &file, &diag) < 0) {
		if (diag.err == 0 || diag.text[0] == '\0')
			abort(); /* An error says what it is. */
		return 0;
	}
	if (file.program != NULL)
		check_program(file.program);
	for (size_t i = 0; i < file.set_count; i++)
		check_set(&file, &file.sets[i]);
	check_writing(&file);
	return 0;
}
