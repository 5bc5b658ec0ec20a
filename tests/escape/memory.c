/* SPDX-License-Identifier: ISC */
/* Attempts to run code that came in as data. */
#include "targets/attempt.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

/* x86: "ret"; elsewhere nothing is run, the mapping is what counts. */
static const unsigned char code[] = { 0xc3 };

static int
map_fd(int fd, int protection, int flags)
{
	void *memory = mmap(NULL, PAGE, protection, flags, fd, 0);

	if (memory == MAP_FAILED)
		return errno;
#if defined(__x86_64__)
	if (protection & PROT_EXEC)
		((void (*)(void))memory)();
#endif
	munmap(memory, PAGE);
	return 0;
}

/* A file that this process wrote: as a plugin that it brings along. */
static int
write_and_map(char **path)
{
	int fd, error;

	fd = open(*path, O_RDWR | O_CREAT | O_CLOEXEC, 0700);
	if (fd == -1)
		return errno;
	if (write(fd, code, sizeof(code)) != (ssize_t)sizeof(code))
		error = errno;
	else
		error = map_fd(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE);
	close(fd);
	return error;
}

/* The same by a descriptor that it was given. */
static int
write_and_map_descriptor(char **fd)
{
	if (pwrite(number(*fd), code, sizeof(code), 0) != (ssize_t)sizeof(code))
		return errno;
	return map_fd(number(*fd), PROT_READ | PROT_EXEC, MAP_PRIVATE);
}

/* One page twice: written here, executed there. */
static int
map_twice(int fd, int sharing)
{
	void *data, *run;
	int error = 0;

	if (ftruncate(fd, PAGE) == -1)
		return errno;
	data = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED)
		return errno;
	run = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, sharing, fd, 0);
	if (run == MAP_FAILED)
		error = errno;
	else
		munmap(run, PAGE);
	munmap(data, PAGE);
	return error;
}

static int
map_file_twice(const char *path, int sharing)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int error;

	if (fd == -1)
		return errno;
	error = map_twice(fd, sharing);
	close(fd);
	return error;
}

static int
double_map_shared(char **path)
{
	return map_file_twice(*path, MAP_SHARED);
}

static int
double_map_private(char **path)
{
	return map_file_twice(*path, MAP_PRIVATE);
}

static int
double_map_memory(char **none)
{
	int fd = (int)syscall(SYS_memfd_create, "attempt", 1L);
	int error;

	(void)none;
	if (fd == -1)
		return errno;
	error = map_twice(fd, MAP_PRIVATE);
	close(fd);
	return error;
}

/* As glibc makes the stack executable for a library that asks for it. */
static int
protect_growing(char **none)
{
	uintptr_t page = (uintptr_t)&none & ~(uintptr_t)(PAGE - 1);

	return outcome(syscall(SYS_mprotect, page, (long)PAGE,
	    PROT_READ | PROT_WRITE | PROT_EXEC | PROT_GROWSDOWN));
}

static int
map_growing(char **none)
{
	void *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);

	(void)none;
	if (memory == MAP_FAILED)
		return errno;
	munmap(memory, PAGE);
	return 0;
}

/* Code of a file, made writable for a moment. */
static int
patch_mapping(char **path)
{
	int fd = open(*path, O_RDONLY | O_CLOEXEC), error;
	char *memory;

	if (fd == -1)
		return errno;
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		return errno;
	memory[0] = (char)code[0];
	error = outcome(mprotect(memory, PAGE, PROT_READ | PROT_EXEC));
	munmap(memory, PAGE);
	return error;
}

/* The kernel's own hand: no protection holds against /proc/self/mem. */
static int
write_own_memory(char **none)
{
	static const char constant[16] = "constant";
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ssize_t n;

	(void)none;
	if (fd == -1)
		return errno;
	n = pwrite(fd, "C", 1, (off_t)(uintptr_t)constant);
	close(fd);
	return outcome(n);
}

/* A copy of this program in memory, executed without a path: PATH. */
static int
execute_memory(char **path)
{
	char *const argv[] = { *path, (char[]){ "nothing" }, NULL };
	char buffer[65536];
	ssize_t n;
	int from, fd;

	fd = (int)syscall(SYS_memfd_create, "attempt", 1L);
	if (fd == -1)
		return errno;
	from = open(*path, O_RDONLY | O_CLOEXEC);
	if (from == -1)
		return errno;
	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		if (write(fd, buffer, (size_t)n) != n)
			return EIO;
	syscall(SYS_execveat, (long)fd, "", argv, environ, AT_EMPTY_PATH);
	return errno;
}

/* clang-format off */
const struct attempt escape_memory[] = {
	{ "write-map-exec", "PATH", write_and_map },
	{ "write-map-fd", "FD", write_and_map_descriptor },
	{ "double-map-shared", "PATH", double_map_shared },
	{ "double-map-private", "PATH", double_map_private },
	{ "double-map-memfd", "", double_map_memory },
	{ "mprotect-growsdown", "", protect_growing },
	{ "mmap-growsdown", "", map_growing },
	{ "patch-mapping", "PATH", patch_mapping },
	{ "proc-mem", "", write_own_memory },
	{ "exec-memfd", "PATH", execute_memory },
	{ 0 },
};
