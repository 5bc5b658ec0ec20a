/* SPDX-License-Identifier: ISC */
/* A compiled program: struct sock_filter, one behind the other. */
#include <errno.h>
#include <string.h>

#include "format/format.h"

static bool
recognise(const struct format_bytes *bytes)
{
	/* Text has no NUL byte; an instruction's upper code byte is always. */
	return bytes->length >= sizeof(struct sock_filter) &&
	       bytes->length % sizeof(struct sock_filter) == 0 &&
	       memchr(bytes->data, '\0', bytes->length) != NULL;
}

static int
read_program(
    struct format_bytes *bytes, struct filter_file *ret_file, struct diag *diag)
{
	size_t count = bytes->length / sizeof(struct sock_filter);
	struct program *program;
	struct call call = { 0 };
	uint32_t answer;

	if (count == 0 || bytes->length % sizeof(struct sock_filter) != 0)
		return diag_set(diag, EINVAL,
		    "%s: %zu bytes are no whole number of instructions, which "
		    "have %zu each",
		    ret_file->path, bytes->length, sizeof(struct sock_filter));
	if (count > BPF_MAXINSNS)
		return diag_set(diag, EINVAL,
		    "%s: as a compiled program this would be %zu instructions; "
		    "the kernel takes %d",
		    ret_file->path, count, BPF_MAXINSNS);
	program = arena_alloc(&ret_file->arena, 1, sizeof(*program));
	if (program == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	program->length = (unsigned short)count;
	memcpy(program->code, bytes->data, bytes->length);
	/* Running it once checks it as the kernel does. */
	if (program_run(program, &call, &answer, NULL, diag) < 0) {
		diag_prefix(diag, "%s", ret_file->path);
		return -EINVAL;
	}
	ret_file->program = program;
	return 0;
}

static int
write_program(const struct filter_file *file,
    const struct write_options *options, struct strbuf *buf, struct diag *diag)
{
	(void)options;
	if (file->program == NULL)
		return diag_set(diag, ENOTSUP,
		    "rules are made into a program by: filter compile");
	strbuf_add(buf, file->program->code,
	    file->program->length * sizeof(struct sock_filter));
	return 0;
}

const struct format format_bpf = {
	.name = "bpf",
	.text = "a compiled program, as bwrap --seccomp takes it",
	.recognise = recognise,
	.read = read_program,
	.write = write_program,
};
