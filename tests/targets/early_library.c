/* SPDX-License-Identifier: ISC */
/*
 * The library of early.c: its constructor runs before the program's.
 *
 * System calls by hand, as .preinit_array runs before any library (and its
 * errno) is set up.
 */
#include "early.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

struct early early[EARLY_STAGES];

#if defined(__x86_64__)
static long
call(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = -1;
	register long r9 __asm__("r9") = 0;
	long result;

	__asm__ volatile(
	    "syscall"
	    : "=a"(result)
	    : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	    : "rcx", "r11", "memory");
	return result;
}
#else
# include <unistd.h>

static long
call(long number, long a, long b, long c, long d)
{
	long result = syscall(number, a, b, c, d, -1L, 0L);

	return result == -1 ? -errno : result;
}
#endif

void
early_try(enum early_stage stage)
{
	long result;

	early[stage].tried = 1;
	/* Without a path: EFAULT, once nobody refuses it. */
	result = call(SYS_execve, 0, 0, 0, 0);
	early[stage].exec = result == -EFAULT ? 0 : (int)-result;
	result = call(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS);
	early[stage].mapping = result < 0 && result > -4096 ? (int)-result : 0;
}

__attribute__((constructor)) static void
construct(void)
{
	early_try(EARLY_LIBRARY);
}
