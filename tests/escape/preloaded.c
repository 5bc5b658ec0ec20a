/* SPDX-License-Identifier: ISC */
/* A library for LD_PRELOAD or LD_AUDIT: what its constructor could do. */
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

unsigned int la_version(unsigned int version);

/* Without a path: EFAULT, once nobody refuses it. */
__attribute__((constructor)) static void
construct(void)
{
	char text[64];
	int error, length;

	errno = 0;
	syscall(SYS_execve, 0L, 0L, 0L);
	error = errno == EFAULT ? 0 : errno;
	length = snprintf(text, sizeof(text), "preloaded: exec %d\n", error);
	if (length > 0)
		syscall(SYS_write, STDOUT_FILENO, text, (size_t)length);
}

/* What makes it a library for LD_AUDIT. */
unsigned int
la_version(unsigned int version)
{
	return version;
}
