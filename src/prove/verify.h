/* SPDX-License-Identifier: ISC */
/*
 * Whether two filters answer every call alike: decided, not sampled.
 *
 * A seccomp program compares words of its input with constants and nothing
 * else, so all calls fall into finitely many cases that it can tell apart.
 * Both sides are followed through every case that is possible; each has a
 * witness, a call that belongs to it.
 */
#ifndef PROVE_VERIFY_H
#define PROVE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "filter/program.h"

/*
 * What answers calls: a program; or filters, of which those of the call's
 * architecture answer, the strictest winning (filter.h).  If there are none of
 * that architecture, what they say to foreign ones counts.
 */
struct verify_side {
	const struct program *program; /* if set, the filters do not count */
	const struct filter *const *filters;
	size_t count; /* 1..PROGRAM_FILTERS */
};

/* Calls that neither side tells apart. */
struct verify_case {
	struct call call;    /* one of them */
	uint32_t answers[2]; /* of the first side and of the second */
};

/* Above these a question is refused, not answered. */
#define VERIFY_CASES 1000000 /* less than a second */
#define VERIFY_STEPS (UINT64_C(1) << 29)

/* Returns 0 to go on; what else it returns ends the walk. */
typedef int verify_case_fn(void *context, const struct verify_case *one);

/*
 * Hands every case to EACH.  Numbers up to ARCH_CALLS_MAX and architectures
 * that a side names are cases of their own, so that a witness has a name.
 *
 * Returns what EACH returned last, or: -EINVAL for a program that the kernel
 * would not load, -ENOTSUP for one that computes more than masks and shifts of
 * its input, -E2BIG for too many cases, -ENOMEM.
 */
int verify_cases(const struct verify_side *first,
    const struct verify_side *second, verify_case_fn *each, void *context,
    struct diag *diag);

/* The same for cases answered differently: one per number and answers. */
int verify_differences(const struct verify_side *first,
    const struct verify_side *second, verify_case_fn *each, void *context,
    struct diag *diag);

/*
 * Returns 0 if both answer every call alike, 1 if not, and then the first case
 * found; or -errno as above: then nothing is known.
 *
 * RET_CASE and RET_COUNT (how many cases were looked at) may be NULL.
 */
int verify_equal(const struct verify_side *first,
    const struct verify_side *second, struct verify_case *ret_case,
    unsigned long *ret_count, struct diag *diag);

/* The same for a sandbox's programs and its filters. */
struct sandbox;
int verify_sandbox(const struct sandbox *sandbox, struct verify_case *ret_case,
    struct diag *diag);

/*
 * Whether the kernel does the same for both: data counts where it is read, an
 * errno above 4095 is cut, and an unknown action kills the process.
 */
bool answer_same(uint32_t first, uint32_t second);

#endif
