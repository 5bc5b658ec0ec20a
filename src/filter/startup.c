/* SPDX-License-Identifier: ISC */
#include "filter/startup.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/table.h"
#include "policy/calls.h"
#include "policy/numbers.h"

#define GLIBC LOADER_GLIBC
#define MUSL  LOADER_MUSL
#define BOTH  (LOADER_GLIBC | LOADER_MUSL)

/* Somewhere in memory, in files; what a filter compares them with is rare. */
#define POINTER   UINT64_C(0x7ffff7fc0000)
#define FD        3

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
#define IN_PLACE  (MAP_PRIVATE | MAP_FIXED | MAP_DENYWRITE)
#define HERE      ((uint64_t)AT_FDCWD)
#define NO_FD     UINT64_MAX

/* clang-format off */
/*
 * As strace shows glibc 2.36 and musl 1.2.3 start; which of it they survive
 * without was found by letting each fail (strace -e inject).  Several calls in
 * a row of the table: versions differ, and one of them is enough.
 */
static const struct startup_row {
	unsigned int loaders;
	bool vital;
	const char *calls;
	uint64_t args[6];
} rows[] = {
	{ GLIBC, true, "mmap", { 0, 8192, PROT_READ | PROT_WRITE, ANONYMOUS,
	    NO_FD, 0 } },
	{ GLIBC, true, "openat", { HERE, POINTER, O_RDONLY | O_CLOEXEC } },
	{ GLIBC, true, "read", { FD, POINTER, 832 } },
	{ GLIBC, true, "newfstatat fstat statx", { FD, POINTER, POINTER,
	    AT_EMPTY_PATH } },
	{ GLIBC, true, "mmap", { 0, 8192, PROT_READ, MAP_PRIVATE, FD, 0 } },
	{ GLIBC, true, "pread64", { FD, POINTER, 784, 64 } },
	{ GLIBC, true, "mmap", { POINTER, 8192, PROT_READ | PROT_EXEC,
	    IN_PLACE, FD, 4096 } },
	{ GLIBC, true, "mmap", { POINTER, 8192, PROT_READ | PROT_WRITE,
	    IN_PLACE, FD, 4096 } },
	{ GLIBC, true, "close", { FD } },
	{ BOTH, true, "arch_prctl", { ARCH_SET_FS_, POINTER } },
	{ BOTH, true, "mprotect", { POINTER, 4096, PROT_READ } },
	{ BOTH, true, "exit_group", { 0 } },
	{ BOTH, false, "brk", { 0 } },
	{ BOTH, false, "set_tid_address", { POINTER } },
	{ GLIBC, false, "access faccessat", { POINTER, R_OK } },
	{ GLIBC, false, "munmap", { POINTER, 8192 } },
	{ GLIBC, false, "prlimit64", { 0, RLIMIT_STACK, 0, POINTER } },
	{ GLIBC, false, "rseq", { POINTER, 32, 0, 0x53053053 } },
	{ GLIBC, false, "set_robust_list", { POINTER, 24 } },
};
/* clang-format on */

/* Nobody is there yet who could catch a signal, be told, or trace. */
static bool
is_refused(uint32_t answer, bool vital)
{
	switch (answer & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return false;
	case SECCOMP_RET_ERRNO:
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return vital;
	default:
		return true;
	}
}

/* Whether every call of ROW is refused; the first of them is reported. */
static bool
row_refused(const struct filter *filter, const struct startup_row *row,
    struct startup_refusal *ret_refusal)
{
	const char *list = row->calls;
	struct call_word word;
	bool refused = false;

	while (call_word_next(&list, &word)) {
		struct call call = { .arch = filter->arch->audit };
		const struct rule *rule;
		uint32_t answer;
		int nr = arch_number(filter->arch, word.name, word.length);

		if (nr < 0)
			continue;
		call.nr = (uint32_t)nr;
		memcpy(call.args, row->args, sizeof(call.args));
		answer = filter_answer(filter, &call, &rule);
		if (!is_refused(answer, row->vital))
			return false;
		if (!refused)
			*ret_refusal = (struct startup_refusal){
				arch_name(filter->arch, call.nr), answer, rule
			};
		refused = true;
	}
	return refused;
}

bool
startup_refused(const struct filter *filter, enum loader loader,
    struct startup_refusal *ret_refusal)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if ((rows[i].loaders & loader) &&
		    row_refused(filter, &rows[i], ret_refusal))
			return true;
	return false;
}
