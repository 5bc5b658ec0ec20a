/* SPDX-License-Identifier: ISC */
/*
 * A seccomp BPF program: made from filters (program.c), run on any call without
 * a kernel (simulate.c).
 */
#ifndef FILTER_PROGRAM_H
#define FILTER_PROGRAM_H

#include <linux/filter.h>
#include <stdint.h>

#include "base/diag.h"
#include "filter/filter.h"

struct program {
	unsigned short length; /* 1..BPF_MAXINSNS, 0: not made */
	struct sock_filter code[BPF_MAXINSNS];
};

/*
 * Compiles COUNT (1..PROGRAM_FILTERS) filters of one architecture into one
 * program that answers as filter.h says.
 *
 * Returns 0, or -E2BIG when it would need more than BPF_MAXINSNS (4096)
 * instructions, -ENOMEM, -EINVAL for a mask of 0 or different architectures.
 * Nothing is printed; scratch memory is mapped and unmapped within the call.
 */
#define PROGRAM_FILTERS 8
int program_compile(const struct filter *const *filters, size_t count,
    struct program *ret_program, struct diag *diag);

/*
 * Makes PROGRAM, of program_compile(), answer what NEXT does to calls of
 * architectures that it does not know.  -E2BIG: both do not fit.
 */
int program_join(
    struct program *program, const struct program *next, struct diag *diag);

/* Memory to compile in: SIZE bytes of zeros. */
struct scratch {
	void *memory;
	size_t size;
};

/*
 * The same, in memory that is mapped already (a process may have promised not
 * to map any); -ENOMEM if it does not suffice.  It is not zero afterwards.
 */
int program_compile_in(const struct filter *const *filters, size_t count,
    const struct scratch *scratch, struct program *ret_program,
    struct diag *diag);

/* How much memory program_compile_in() needs at most for one filter. */
size_t program_scratch_size(void);

/*
 * Runs PROGRAM on CALL as the kernel would (linux/seccomp.h: 32-bit aligned
 * absolute loads of seccomp_data, no other memory).
 *
 * Returns 0 and the answer, or -EINVAL for what the kernel refuses to load: a
 * jump or load out of bounds, an opcode seccomp does not know, no final return.
 * RET_STEPS (may be NULL): how many instructions were executed.
 */
int program_run(const struct program *program, const struct call *call,
    uint32_t *ret_answer, unsigned int *ret_steps, struct diag *diag);

/* The same, and where it ended: RET_AT is the return's index. */
int program_decide(const struct program *program, const struct call *call,
    uint32_t *ret_answer, unsigned int *ret_at, struct diag *diag);

/* Writes PROGRAM, one instruction a line, with what each means on ARCH. */
struct strbuf;
void program_list(
    const struct program *program, const struct arch *arch, struct strbuf *buf);

/* The longest path through PROGRAM, in instructions. */
unsigned int program_longest_path(const struct program *program);

#endif
