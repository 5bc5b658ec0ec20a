/* SPDX-License-Identifier: ISC */
/* Attempts to get memory that is executable. */
#include "attempt.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096

/* By hand: musl's mmap() says ENOMEM where the kernel said EPERM. */
static int
map(int protection, int flags, int fd)
{
	long memory = syscall(SYS_mmap, 0L, (long)PAGE, (long)protection,
	    (long)flags, (long)fd, 0L);

	if (memory == -1)
		return errno;
	syscall(SYS_munmap, memory, (long)PAGE);
	return 0;
}

static int
map_file(const char *path, int protection, int flags)
{
	int fd, error;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return errno;
	error = map(protection, flags, fd);
	close(fd);
	return error;
}

static int
map_exec_file(char **path)
{
	return map_file(*path, PROT_READ | PROT_EXEC, MAP_PRIVATE);
}

static int
map_exec_file_shared(char **path)
{
	return map_file(*path, PROT_READ | PROT_EXEC, MAP_SHARED);
}

static int
map_exec_file_writable(char **path)
{
	return map_file(*path, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
}

static int
map_exec_anonymous(char **none)
{
	(void)none;
	return map(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int
map_exec_writable(char **none)
{
	(void)none;
	return map(PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

/* The upper half of the protection is not looked at by the kernel. */
static int
map_exec_high_bits(char **none)
{
	long memory = syscall(SYS_mmap, 0L, (long)PAGE,
	    PROT_READ | PROT_EXEC | (long)(UINT64_C(1) << 40),
	    (long)(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L);

	(void)none;
	return outcome(memory);
}

/* A page that was writable: what an exploit would fill with code. */
static int
protect_exec_by(long call)
{
	void *memory;
	int error;

	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return errno;
	error = outcome(
	    syscall(call, memory, (long)PAGE, PROT_READ | PROT_EXEC, -1L));
	munmap(memory, PAGE);
	return error;
}

static int
protect_exec(char **none)
{
	(void)none;
	return protect_exec_by(SYS_mprotect);
}

static int
protect_exec_key(char **none)
{
	(void)none;
	return protect_exec_by(SYS_pkey_mprotect);
}

static int
make_memory_file(char **none)
{
	(void)none;
	return outcome_fd(syscall(SYS_memfd_create, "attempt", 1L));
}

/* From then on every readable mapping would be executable. */
static int
read_implies_exec(char **none)
{
	int before = personality(0xffffffff);
	int error;

	(void)none;
	error = outcome(personality((unsigned long)before | READ_IMPLIES_EXEC));
	if (error == 0)
		personality((unsigned long)before);
	return error;
}

/* clang-format off */
const struct attempt memory_attempts[] = {
	{ "mmap-exec-file", "PATH", map_exec_file },
	{ "mmap-exec-file-shared", "PATH", map_exec_file_shared },
	{ "mmap-exec-file-writable", "PATH", map_exec_file_writable },
	{ "mmap-exec-anon", "", map_exec_anonymous },
	{ "mmap-exec-high", "", map_exec_high_bits },
	{ "mmap-wx-anon", "", map_exec_writable },
	{ "mprotect-exec", "", protect_exec },
	{ "pkey-mprotect-exec", "", protect_exec_key },
	{ "memfd", "", make_memory_file },
	{ "read-implies-exec", "", read_implies_exec },
	{ 0 },
};
