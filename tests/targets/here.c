/* SPDX-License-Identifier: ISC */
#include "here.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define VARIABLE "TEST_WITHOUT"

/* --- Attempts: 0, or an errno. Each has a process of its own. --- */

/* Who may ptrace whom is the kernel's, and Yama's, to say. */
static int
seize(pid_t pid)
{
	int error = 0;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == -1)
		error = errno;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
	return error;
}

static pid_t
start_waiting(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static int
trace_child(void)
{
	pid_t pid = start_waiting();

	return pid == -1 ? errno : seize(pid);
}

/* Neither is the other's parent. */
static int
trace_stranger(void)
{
	pid_t stranger = start_waiting(), tracer;
	int status;

	if (stranger == -1)
		return errno;
	tracer = fork();
	if (tracer == 0)
		_exit(seize(stranger));
	if (tracer == -1 || waitpid(tracer, &status, 0) == -1)
		return errno;
	kill(stranger, SIGKILL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

#if defined(__x86_64__)
/* As the kernel reads it: one segment, and in it exit(0) by int 0x80. */
static const struct {
	unsigned char ident[16];
	uint16_t type, machine;
	uint32_t version, entry, segments, sections, flags;
	uint16_t size, segment_size, segment_count, section_size;
	uint16_t section_count, names;
	uint32_t load, offset, address, physical, in_file, in_memory, access;
	uint32_t align;
	unsigned char code[12];
} program32 = {
	.ident = { 0x7f, 'E', 'L', 'F', 1, 1, 1 },
	.type = 2,
	.machine = 3,
	.version = 1,
	.entry = 0x08048054,
	.segments = 52,
	.size = 52,
	.segment_size = 32,
	.segment_count = 1,
	.load = 1,
	.address = 0x08048000,
	.in_file = 96,
	.in_memory = 96,
	.access = 5,
	.align = 4096,
	/* xor %ebx,%ebx; mov $1,%eax; int $0x80 */
	.code = { 0x31, 0xdb, 0xb8, 1, 0, 0, 0, 0xcd, 0x80 },
};
_Static_assert(sizeof(program32) == 96, "no padding");

static int
run_program32(void)
{
	char *const argv[] = { (char[]){ "32" }, NULL };
	int fd = (int)syscall(SYS_memfd_create, "here", 0L);

	if (fd == -1)
		return errno;
	if (write(fd, &program32, sizeof(program32)) != sizeof(program32))
		return EIO;
	syscall(SYS_execveat, (long)fd, "", argv, NULL, AT_EMPTY_PATH);
	return errno;
}

/* A 64-bit program's 32-bit call, then a 32-bit program. */
static int
run_i386(void)
{
	long pid;

	__asm__ volatile("int $0x80" : "=a"(pid) : "0"(20L) : "memory");
	return pid == getpid() ? run_program32() : ENOSYS;
}

static int
call_x32(void)
{
	return syscall(0x40000000L | SYS_getpid) == -1 ? errno : 0;
}
#else
static int
run_i386(void)
{
	return ENOEXEC;
}

static int
call_x32(void)
{
	return ENOSYS;
}
#endif

/* Through what no protection held against, once. */
static int
write_read_only(void)
{
	static const char constant[16] = "constant";
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	if (fd == -1)
		return errno;
	return pwrite(fd, "C", 1, (off_t)(uintptr_t)constant) == 1 ? 0 : errno;
}

static int
make_user_namespace(void)
{
	return unshare(CLONE_NEWUSER) == -1 ? errno : 0;
}

/* Of one's own, as root or in a user namespace, and to be changed. */
static int
make_mount_namespace(void)
{
	if (unshare(CLONE_NEWNS) == -1 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		return errno;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ? errno
	                                                               : 0;
}

static int
bind_six(void)
{
	const struct sockaddr_in6 address = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return errno;
	return bind(fd, (const struct sockaddr *)&address, sizeof(address)) ==
	               -1
	           ? errno
	           : 0;
}

static int
make_terminal(void)
{
	int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	const char *name;

	if (ours == -1 || grantpt(ours) == -1 || unlockpt(ours) == -1)
		return errno;
	name = ptsname(ours);
	if (name == NULL || open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) == -1)
		return errno;
	return 0;
}

static int
add_key(void)
{
	return syscall(SYS_add_key, "user", "here", "x", 1L,
	           -2L /* KEY_SPEC_PROCESS_KEYRING */) == -1
	           ? errno
	           : 0;
}

/* Root in a container has no such power. */
static int
have_admin(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data) == -1)
		return errno;
	return data[0].effective & 1U << CAP_SYS_ADMIN ? 0 : EPERM;
}

const struct here here_rows[] = {
	{ "admin", "root's power over the whole machine", have_admin },
	{ "attach", "tracing a process of somebody else's", trace_stranger },
	{ "i386", "32-bit programs", run_i386 },
	{ "ipv6", "IPv6", bind_six },
	{ "keys", "keyrings", add_key },
	{ "mountns", "a mount namespace of one's own", make_mount_namespace },
	{ "proc-mem", "writing read-only memory by /proc/self/mem",
	    write_read_only },
	{ "ptrace", "tracing one's own child", trace_child },
	{ "tty", "pseudo-terminals", make_terminal },
	{ "userns", "user namespaces", make_user_namespace },
	{ "x32", "x32's calls", call_x32 },
	{ 0 },
};

/* --- Asking --- */

static const struct here *
find_row(const char *name, size_t length)
{
	for (const struct here *row = here_rows; row->name != NULL; row++)
		if (strlen(row->name) == length &&
		    strncmp(row->name, name, length) == 0)
			return row;
	return NULL;
}

/* The words of TEST_WITHOUT, one after the other: *TEXT is moved on. */
static size_t
next_word(const char **text)
{
	*text += strspn(*text, " ");
	return strcspn(*text, " ");
}

static bool
is_told(const struct here *row)
{
	const char *text = getenv(VARIABLE);
	size_t length;

	if (text == NULL)
		return false;
	for (; (length = next_word(&text)) > 0; text += length)
		if (find_row(text, length) == row)
			return true;
	return false;
}

const char *
here_unknown(void)
{
	const char *text = getenv(VARIABLE);
	size_t length;

	if (text == NULL)
		return NULL;
	for (; (length = next_word(&text)) > 0; text += length)
		if (find_row(text, length) == NULL)
			return text;
	return NULL;
}

/* The attempt's errno, or minus the signal that ended it. */
static int
try_row(const struct here *row)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (pid == -1)
		return errno;
	if (pid == 0)
		_exit(row->attempt());
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

const char *
here_lacks(const char *name, char *reason, size_t size)
{
	const struct here *row = find_row(name, strlen(name));
	int error;

	if (row == NULL || here_unknown() != NULL) {
		fprintf(stderr, "no row of here.c: %s\n",
		    row == NULL ? name : here_unknown());
		exit(2);
	}
	if (is_told(row)) {
		snprintf(
		    reason, size, "not here: %s: said by " VARIABLE, row->text);
		return reason;
	}
	error = try_row(row);
	if (error == 0)
		return NULL;
	snprintf(reason, size, "not here: %s: %s", row->text,
	    error < 0 ? strsignal(-error) : strerror(error));
	return reason;
}
