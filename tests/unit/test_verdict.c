/* SPDX-License-Identifier: ISC */
/*
 * Promises, circumstances, a call -> the verdict of the compiled filter, with
 * the neighbours of every mask and bound.
 */
#include "base/table.h"
#include "call/errnos.h"
#include "policy/numbers.h"
#include "policy/requests.h"
#include "sandbox/sandbox.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <linux/sockios.h>
#include <linux/uinput.h>
#include <linux/usbdevice_fs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "tap.h"
#include "verdict.h"

#define OK      0
#define KILLED  (-1)

#define UPPER   UINT64_C(0x5a5a5a5a00000000) /* what an int argument ignores */
#define TMPFILE 020000000 /* __O_TMPFILE, without O_DIRECTORY's bit */

struct row {
	const char *words;
	unsigned long when; /* enum circumstance */
	const char *call;
	uint64_t args[6];
	long verdict; /* OK, an errno, or KILLED */
};

/* clang-format off */
#define LAUNCH (ON_LANDLOCK | WHEN_LAUNCH)
#define OLD    0 /* no Landlock at all, nor anything to launch */
#define PORTS  (ON_LANDLOCK | WHEN_PORTS)
#define BIND   (PORTS | WHEN_BIND)

/* Time that all threads of a process have used: CPUCLOCK_SCHED. */
#define OWN_TIME(pid) (((~(uint32_t)(pid)) << 3) | 2)

static const struct row common_rows[] = {
	{ "", LAUNCH, "exit", { 0 }, OK },
	{ "", LAUNCH, "exit_group", { 0 }, OK },
	{ "", LAUNCH, "rt_sigreturn", { 0 }, OK },
	{ "", LAUNCH, "restart_syscall", { 0 }, OK },
	{ "", LAUNCH, "uretprobe", { 0 }, OK },
	{ "", LAUNCH, "uprobe", { 0 }, OK },
	{ "", LAUNCH, "landlock_create_ruleset", { 0 }, OK },
	{ "", LAUNCH, "landlock_restrict_self", { 0 }, OK },
	{ "", LAUNCH, "capset", { 0 }, OK },
	{ "", LAUNCH, "read", { 0 }, EPERM },
	{ "", LAUNCH, "getpid", { 0 }, EPERM },
	{ "", LAUNCH, "mmap", { 0, 0, PROT_READ }, EPERM },
	{ "", LAUNCH, "write", { 1 }, EPERM },
	/* What a filter may add to itself. */
	{ "", LAUNCH, "seccomp", { SECCOMP_SET_MODE_STRICT, 0 }, OK },
	{ "", LAUNCH, "seccomp", { SECCOMP_SET_MODE_FILTER, 0 }, OK },
	{ "", LAUNCH, "seccomp", { SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG }, OK },
	{ "", LAUNCH, "seccomp", { SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER }, EPERM },
	{ "", LAUNCH, "seccomp", { SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC },
	    EPERM },
	{ "", LAUNCH, "seccomp", { SECCOMP_GET_NOTIF_SIZES + 1, 0 }, EPERM },
	{ "", LAUNCH, "prctl", { PR_SET_NO_NEW_PRIVS, 1 }, OK },
	{ "", LAUNCH, "prctl", { PR_SET_SECCOMP, 2 }, OK },
	{ "", LAUNCH, "prctl", { PR_CAPBSET_DROP, 1 }, OK },
	{ "", LAUNCH, "prctl", { PR_SET_MDWE_, 1 }, OK },
	{ "", LAUNCH, "prctl", { PR_SET_NAME }, EPERM },
	/* Arguments in memory: programs fall back on ENOSYS. */
	{ "stdio", LAUNCH, "clone3", { 0 }, ENOSYS },
	{ "stdio proc exec", LAUNCH, "clone3", { 0 }, ENOSYS },
	{ "stdio rpath", LAUNCH, "openat2", { 0 }, ENOSYS },
	{ "stdio", LAUNCH, "io_uring_setup", { 0 }, ENOSYS },
	{ "stdio", LAUNCH, "io_uring_enter", { 0 }, ENOSYS },
	{ "stdio", LAUNCH, "memfd_create", { 0 }, ENOSYS },
	{ "stdio prot_exec", LAUNCH, "memfd_create", { 0 }, OK },
	{ "stdio prot_exec", LAUNCH, "memfd_secret", { 0 }, ENOSYS },
	{ "stdio", LAUNCH, "statx", { 0, 0, 0 }, ENOSYS },
	{ "stdio", LAUNCH, "faccessat2", { 0 }, ENOSYS },
	{ "stdio", LAUNCH, "fchmodat2", { 0 }, ENOSYS },
	{ "stdio", LAUNCH, "execveat", { 0 }, ENOSYS },
	{ "stdio", LAUNCH, "pidfd_open", { 0 }, ENOSYS },
	{ "stdio proc", LAUNCH, "pidfd_open", { 0 }, OK },
	/* Never, whatever is promised. */
	{ "stdio proc exec id", LAUNCH, "ptrace", { 0 }, EPERM },
	{ "stdio proc exec id", LAUNCH, "unshare", { 0 }, EPERM },
	/* CLONE_THREAD alone asks whether there are threads. */
	{ "", LAUNCH, "unshare", { CLONE_THREAD }, OK },
	{ "", LAUNCH, "unshare", { CLONE_THREAD | CLONE_NEWNS }, EPERM },
	{ "", LAUNCH, "unshare", { CLONE_THREAD | CLONE_FILES }, EPERM },
	{ "", LAUNCH, "unshare", { UPPER | CLONE_THREAD }, EPERM },
	{ "stdio proc exec id", LAUNCH, "setns", { 0 }, EPERM },
	{ "stdio proc exec id", LAUNCH, "process_vm_readv", { 0 }, EPERM },
	{ "stdio proc exec id", LAUNCH, "pidfd_getfd", { 0 }, EPERM },
	{ "stdio proc exec id", LAUNCH, "chroot", { 0 }, EPERM },
	{ "stdio rpath wpath cpath", LAUNCH, "mount", { 0 }, EPERM },
	{ "stdio bpf", LAUNCH, "bpf", { 0 }, EPERM },
	{ "stdio unveil", LAUNCH, "landlock_add_rule", { 0 }, OK },
	{ "stdio unveil", LAUNCH, "openat", { 0, 0, O_PATH }, OK },
	{ "stdio unveil", LAUNCH, "openat", { 0, 0, O_PATH | O_RDWR }, OK },
	{ "stdio unveil", LAUNCH, "openat", { 0, 0, O_PATH >> 1 }, EPERM },
	{ "stdio unveil", LAUNCH, "openat", { 0, 0, O_PATH << 1 }, EPERM },
	{ "stdio unveil", LAUNCH, "openat", { 0, 0, 0, O_PATH }, EPERM },
	{ "stdio", LAUNCH, "openat", { 0, 0, O_PATH }, EPERM },
};

static const struct row exec_rows[] = {
	{ "stdio", LAUNCH, "execve",
	    { 1, 2, 3, COOKIE_1, COOKIE_2, COOKIE_3 }, OK },
	{ "", LAUNCH, "execve", { 0, 0, 0, COOKIE_1, COOKIE_2, COOKIE_3 }, OK },
	{ "stdio", LAUNCH, "execve", { 0 }, EPERM },
	/* Each word wrong, in its lower and in its upper half. */
	{ "stdio", LAUNCH, "execve",
	    { 1, 2, 3, COOKIE_1 ^ 1, COOKIE_2, COOKIE_3 }, EPERM },
	{ "stdio", LAUNCH, "execve",
	    { 1, 2, 3, COOKIE_1 ^ 1ULL << 63, COOKIE_2, COOKIE_3 }, EPERM },
	{ "stdio", LAUNCH, "execve",
	    { 1, 2, 3, COOKIE_1, COOKIE_2 ^ 1ULL << 31, COOKIE_3 }, EPERM },
	{ "stdio", LAUNCH, "execve",
	    { 1, 2, 3, COOKIE_1, COOKIE_2 ^ 1ULL << 32, COOKIE_3 }, EPERM },
	{ "stdio", LAUNCH, "execve",
	    { 1, 2, 3, COOKIE_1, COOKIE_2, COOKIE_3 ^ 2 }, EPERM },
	{ "stdio", LAUNCH, "execve",
	    { 1, 2, 3, COOKIE_1, COOKIE_2, COOKIE_3 & 0xffffffff }, EPERM },
	{ "stdio", LAUNCH, "execve",
	    { 1, 2, 3, COOKIE_2, COOKIE_1, COOKIE_3 }, EPERM },
	{ "stdio", LAUNCH, "execve",
	    { COOKIE_1, COOKIE_2, COOKIE_3, 0, 0, 0 }, EPERM },
	{ "stdio", LAUNCH, "execveat",
	    { 1, 2, 3, COOKIE_1, COOKIE_2, COOKIE_3 }, ENOSYS },
	/* The library launches nothing: there is no secret. */
	{ "stdio", ON_LANDLOCK, "execve",
	    { 1, 2, 3, COOKIE_1, COOKIE_2, COOKIE_3 }, EPERM },
	{ "stdio", ON_LANDLOCK, "execve", { 0 }, EPERM },
	{ "stdio exec", LAUNCH, "execve", { 0 }, OK },
	{ "stdio exec", LAUNCH, "execveat", { 0 }, OK },
	{ "exec", ON_LANDLOCK, "execve", { 1, 2, 3, 4, 5, 6 }, OK },
	/* The launcher's last words: to stderr alone. */
	{ "", LAUNCH, "write", { 2, 0, 9, COOKIE_1, COOKIE_2, COOKIE_3 }, OK },
	{ "", LAUNCH, "write",
	    { 1, 0, 9, COOKIE_1, COOKIE_2, COOKIE_3 }, EPERM },
	{ "", LAUNCH, "write",
	    { 2, 0, 9, COOKIE_1, COOKIE_2, COOKIE_3 + 1 }, EPERM },
	{ "", ON_LANDLOCK, "write",
	    { 2, 0, 9, COOKIE_1, COOKIE_2, COOKIE_3 }, EPERM },
	/* The start-up grace opens for reading, and nothing else. */
	{ "stdio", LAUNCH | WHEN_GRACE, "openat", { 0, 0, O_RDONLY }, OK },
	{ "stdio", LAUNCH | WHEN_GRACE, "openat",
	    { 0, 0, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW }, OK },
	{ "stdio", LAUNCH | WHEN_GRACE, "openat", { 0, 0, O_WRONLY }, EPERM },
	{ "stdio", LAUNCH | WHEN_GRACE, "openat", { 0, 0, O_RDWR }, EPERM },
	{ "stdio", LAUNCH | WHEN_GRACE, "openat", { 0, 0, O_CREAT }, EPERM },
	{ "stdio", LAUNCH | WHEN_GRACE, "openat", { 0, 0, O_TRUNC }, EPERM },
	{ "stdio", LAUNCH | WHEN_GRACE, "openat", { 0, 0, TMPFILE }, EPERM },
	{ "stdio", LAUNCH, "openat", { 0, 0, O_RDONLY }, EPERM },
	{ "stdio", LAUNCH | WHEN_GRACE, "stat", { 0 }, EPERM },
	{ "stdio", LAUNCH | WHEN_GRACE, "readlink", { 0 }, EPERM },
	{ "stdio", LAUNCH | WHEN_ORIGIN, "readlink", { 0 }, OK },
	{ "stdio", LAUNCH | WHEN_ORIGIN, "openat", { 0 }, EPERM },
	{ "stdio", LAUNCH | WHEN_GRACE, "getdents64", { 0 }, EPERM },
};

static const struct row path_rows[] = {
	{ "rpath", LAUNCH, "stat", { 0 }, OK },
	{ "rpath", LAUNCH, "statx", { 0, 0, 0 }, OK },
	{ "rpath", LAUNCH, "newfstatat", { 0, 0, 0, 0 }, OK },
	{ "rpath", LAUNCH, "readlinkat", { 0 }, OK },
	{ "rpath", LAUNCH, "getdents64", { 0 }, OK },
	{ "rpath", LAUNCH, "chdir", { 0 }, OK },
	{ "rpath", LAUNCH, "getxattr", { 0 }, OK },
	{ "rpath", LAUNCH, "setxattr", { 0 }, EPERM },
	{ "rpath", LAUNCH, "mkdir", { 0 }, EPERM },
	{ "rpath", LAUNCH, "truncate", { 0 }, EPERM },
	{ "rpath", LAUNCH, "chmod", { 0 }, EPERM },
	{ "rpath", LAUNCH, "name_to_handle_at", { 0 }, EPERM },
	{ "rpath", LAUNCH, "open_by_handle_at", { 0 }, EPERM },
	/* Watching a path tells of it, which unveil cannot stop. */
	{ "rpath", ON_LANDLOCK, "inotify_add_watch", { 0 }, EPERM },
	{ "rpath", OLD, "inotify_add_watch", { 0 }, OK },
	/* fstat(fd) as newfstatat and statx of an empty path. */
	{ "stdio", LAUNCH, "newfstatat", { 0, 0, 0, AT_EMPTY_PATH }, OK },
	{ "stdio", LAUNCH, "newfstatat",
	    { 0, 0, 0, UPPER | AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW }, OK },
	{ "stdio", LAUNCH, "newfstatat",
	    { 0, 0, 0, AT_SYMLINK_NOFOLLOW }, EPERM },
	{ "stdio", LAUNCH, "newfstatat", { 0, 0, AT_EMPTY_PATH, 0 }, EPERM },
	{ "stdio", LAUNCH, "statx", { 0, 0, AT_EMPTY_PATH }, OK },
	{ "stdio", LAUNCH, "statx", { 0, 0, AT_EMPTY_PATH << 1 }, ENOSYS },
	{ "stdio", LAUNCH, "statx", { 0, 0, 0, AT_EMPTY_PATH }, ENOSYS },
	{ "stdio", LAUNCH, "stat", { 0 }, EPERM },
	{ "wpath", LAUNCH, "truncate", { 0 }, OK },
	{ "wpath", LAUNCH & ~WHEN_TRUNCATE, "truncate", { 0 }, EPERM },
	{ "wpath", LAUNCH, "ftruncate", { 0 }, EPERM },
	{ "stdio", LAUNCH, "ftruncate", { 0 }, OK },
	{ "stdio", LAUNCH, "truncate", { 0 }, EPERM },
	{ "wpath", LAUNCH, "stat", { 0 }, EPERM },
	{ "wpath", LAUNCH, "chmod", { 0, 0644 }, EPERM },
	{ "wpath", LAUNCH, "unlink", { 0 }, EPERM },
	{ "wpath", LAUNCH, "ioctl", { 0, FICLONE }, OK },
	{ "stdio", LAUNCH, "ioctl", { 0, FICLONE }, EPERM },
	{ "wpath", LAUNCH, "ioctl", { 0, FIDEDUPERANGE }, EPERM },
	/* Holes and collapsed ranges take wpath; an allocation is a write. */
	{ "stdio", LAUNCH, "fallocate", { 0, 0 }, OK },
	{ "stdio", LAUNCH, "fallocate", { 0, 1 }, OK },
	{ "stdio", LAUNCH, "fallocate", { 0, UPPER | 1 }, OK },
	{ "stdio", LAUNCH, "fallocate", { 0, 2 }, EPERM },
	{ "stdio", LAUNCH, "fallocate", { 0, 3 }, EPERM },
	{ "stdio wpath", LAUNCH, "fallocate", { 0, 3 }, OK },
	{ "cpath", LAUNCH, "unlink", { 0 }, OK },
	{ "cpath", LAUNCH, "unlinkat", { 0 }, OK },
	{ "cpath", LAUNCH, "rename", { 0 }, OK },
	{ "cpath", LAUNCH, "renameat2", { 0, 0, 0, 0, 0 }, OK },
	{ "cpath", LAUNCH, "renameat2", { 0, 0, 0, 0, 3 }, OK },
	{ "cpath", LAUNCH, "renameat2", { 0, 0, 0, 0, 4 }, EPERM },
	{ "cpath", LAUNCH, "renameat2", { 0, 0, 0, 0, 5 }, EPERM },
	{ "cpath", LAUNCH, "linkat", { 0 }, OK },
	{ "cpath", LAUNCH, "symlinkat", { 0 }, OK },
	{ "cpath", LAUNCH, "mknodat", { 0, 0, S_IFIFO }, EPERM },
	{ "cpath", LAUNCH, "mkdir", { 0, 01777 }, OK },
	{ "cpath", LAUNCH, "mkdir", { 0, 02777 }, EPERM },
	{ "cpath", LAUNCH, "mkdir", { 0, 04777 }, EPERM },
	{ "cpath", LAUNCH, "mkdirat", { 0, 0, 01777 }, OK },
	{ "cpath", LAUNCH, "mkdirat", { 0, 0, 02000 }, EPERM },
	{ "cpath", LAUNCH, "mkdirat", { 0, 04000, 0755 }, OK },
	{ "cpath", LAUNCH, "truncate", { 0 }, EPERM },
	{ "wpath cpath", LAUNCH, "creat", { 0, 0666 }, OK },
	{ "wpath cpath", LAUNCH, "creat", { 0, 01666 }, OK },
	{ "wpath cpath", LAUNCH, "creat", { 0, 02666 }, EPERM },
	{ "wpath cpath", LAUNCH, "creat", { 0, 04666 }, EPERM },
	{ "cpath", LAUNCH, "creat", { 0, 0666 }, EPERM },
	{ "wpath", LAUNCH, "creat", { 0, 0666 }, EPERM },
	{ "dpath", LAUNCH, "mknod", { 0, S_IFIFO | 0666 }, OK },
	{ "dpath", LAUNCH, "mknod", { 0, 0666 }, OK },
	{ "dpath", LAUNCH, "mknod", { 0, S_IFSOCK | 0666 }, OK },
	{ "dpath", LAUNCH, "mknod", { 0, S_IFCHR | 0666 }, EPERM },
	{ "dpath", LAUNCH, "mknod", { 0, S_IFBLK | 0666 }, EPERM },
	{ "dpath", LAUNCH, "mknod", { 0, S_IFDIR | 0666 }, EPERM },
	{ "dpath", LAUNCH, "mknod", { 0, S_IFIFO | 04666 }, EPERM },
	{ "dpath", LAUNCH, "mknodat", { 0, 0, S_IFIFO | 01666 }, OK },
	{ "dpath", LAUNCH, "mknodat", { 0, 0, S_IFIFO | 02666 }, EPERM },
	{ "dpath", LAUNCH, "mknodat", { 0, 0, S_IFREG }, OK },
	{ "dpath", LAUNCH, "mknodat", { 0, 0, S_IFBLK }, EPERM },
	{ "dpath", LAUNCH, "mkdir", { 0 }, EPERM },
	{ "tmppath", LAUNCH, "unlink", { 0 }, OK },
	{ "tmppath", LAUNCH, "lstat", { 0 }, OK },
	{ "tmppath", LAUNCH, "rename", { 0 }, EPERM },
	{ "fattr", LAUNCH, "chmod", { 0, 01777 }, OK },
	{ "fattr", LAUNCH, "chmod", { 0, 02000 }, EPERM },
	{ "fattr", LAUNCH, "chmod", { 0, 04000 }, EPERM },
	{ "fattr", LAUNCH, "fchmod", { 0, 0644 }, OK },
	{ "fattr", LAUNCH, "fchmod", { 0, 06644 }, EPERM },
	{ "fattr", LAUNCH, "fchmodat", { 0, 0, 0644 }, OK },
	{ "fattr", LAUNCH, "fchmodat", { 0, 0, 04644 }, EPERM },
	{ "fattr", LAUNCH, "fchmodat2", { 0, 0, 0644, 0 }, OK },
	{ "fattr", LAUNCH, "fchmodat2", { 0, 0, 02644, 0 }, ENOSYS },
	{ "fattr", LAUNCH, "utimensat", { 0 }, OK },
	{ "fattr", LAUNCH, "setxattr", { 0 }, OK },
	{ "fattr", LAUNCH, "setxattrat", { 0 }, ENOSYS },
	{ "fattr", LAUNCH, "chown", { 0 }, EPERM },
	{ "chown", LAUNCH, "chown", { 0 }, OK },
	{ "chown", LAUNCH, "fchownat", { 0 }, OK },
	{ "chown", LAUNCH, "chmod", { 0 }, EPERM },
	{ "flock", LAUNCH, "flock", { 0 }, OK },
	{ "flock", LAUNCH, "fcntl", { 0, F_SETLK }, OK },
	{ "flock", LAUNCH, "fcntl", { 0, F_OFD_SETLKW }, OK },
	{ "flock", LAUNCH, "fcntl", { 0, F_SETLEASE }, EPERM },
	{ "flock", LAUNCH, "fcntl", { 0, F_NOTIFY }, EPERM },
	{ "flock", LAUNCH, "fcntl", { 0, F_GETFL }, EPERM },
};

static const struct row stdio_rows[] = {
	{ "stdio", LAUNCH, "read", { 0 }, OK },
	{ "stdio", LAUNCH, "fcntl", { 0, F_DUPFD }, OK },
	{ "stdio", LAUNCH, "fcntl", { 0, F_SETFL }, OK },
	{ "stdio", LAUNCH, "fcntl", { 0, UPPER | F_SETFL }, OK },
	{ "stdio", LAUNCH, "fcntl", { 0, F_DUPFD_CLOEXEC }, OK },
	{ "stdio", LAUNCH, "fcntl", { 0, F_GETLK }, EPERM },
	{ "stdio", LAUNCH, "fcntl", { 0, F_SETLKW }, EPERM },
	{ "stdio", LAUNCH, "fcntl", { 0, F_SETOWN }, EPERM },
	{ "stdio", LAUNCH, "fcntl", { 0, F_SETLEASE }, EPERM },
	{ "stdio", LAUNCH, "fcntl", { 0, 777 }, EPERM },
	{ "stdio proc", LAUNCH, "fcntl", { 0, F_SETOWN }, OK },
	{ "stdio proc", LAUNCH, "fcntl", { 0, F_SETOWN, 0x7fffffff }, OK },
	{ "stdio proc", LAUNCH, "fcntl", { 0, F_SETOWN, 0x80000001 }, EPERM },
	{ "stdio proc", LAUNCH, "fcntl", { 0, F_SETOWN, UINT64_MAX }, EPERM },
	{ "stdio proc", LAUNCH, "fcntl", { 0, F_SETOWN, UPPER | 1 }, OK },
	{ "stdio proc", LAUNCH, "fcntl", { 0, F_SETOWN_EX }, EPERM },
	{ "stdio proc", LAUNCH, "fcntl", { 0, F_SETSIG, 9 }, OK },
	{ "stdio", LAUNCH, "fcntl", { 0, F_SETFL, O_ASYNC }, EPERM },
	{ "stdio", LAUNCH, "fcntl", { 0, F_SETFL, O_APPEND | O_NONBLOCK }, OK },
	{ "stdio proc", LAUNCH, "fcntl", { 0, F_SETFL, O_ASYNC }, OK },
	{ "stdio", LAUNCH, "pwritev2", { 1, 0, 1, 0, 0, 0 }, OK },
	{ "stdio", LAUNCH, "pwritev2", { 1, 0, 1, 0, 0, 0x20 }, EPERM },
	{ "stdio", LAUNCH, "pwritev2", { 1, 0, 1, 0, 0, UPPER | 0x21 }, EPERM },
	/* Memory. */
	{ "stdio", LAUNCH, "mmap", { 0, 0, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS }, OK },
	{ "stdio", LAUNCH, "mmap", { 0, 0, PROT_NONE, MAP_SHARED }, OK },
	{ "stdio", LAUNCH, "mmap", { 0, 0, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE }, OK },
	{ "stdio", LAUNCH, "mmap", { 0, 0, PROT_EXEC,
	    MAP_PRIVATE | MAP_FIXED | MAP_DENYWRITE }, OK },
	{ "stdio", LAUNCH, "mmap", { 0, 0, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS }, EPERM },
	{ "stdio", LAUNCH, "mmap", { 0, 0, PROT_READ | PROT_EXEC,
	    MAP_SHARED }, EPERM },
	{ "stdio", LAUNCH, "mmap", { 0, 0, PROT_READ | PROT_EXEC,
	    MAP_SHARED_VALIDATE }, EPERM },
	{ "stdio", LAUNCH, "mmap", { 0, 0, PROT_READ | PROT_EXEC, 0 }, EPERM },
	{ "stdio", LAUNCH, "mmap", { 0, 0, PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE }, EPERM },
	{ "stdio", LAUNCH, "mmap", { 0, 0, 7, MAP_PRIVATE }, EPERM },
	{ "stdio", LAUNCH | WHEN_NO_EXEC_MAP, "mmap",
	    { 0, 0, PROT_READ | PROT_EXEC, MAP_PRIVATE }, EPERM },
	{ "stdio", LAUNCH | WHEN_NO_EXEC_MAP, "mmap",
	    { 0, 0, PROT_READ | PROT_WRITE, MAP_PRIVATE }, OK },
	{ "stdio prot_exec", LAUNCH | WHEN_NO_EXEC_MAP, "mmap",
	    { 0, 0, 7, MAP_PRIVATE | MAP_ANONYMOUS }, OK },
	{ "stdio", LAUNCH, "mprotect", { 0, 0, PROT_READ | PROT_WRITE }, OK },
	{ "stdio", LAUNCH, "mprotect", { 0, 0, PROT_READ | PROT_EXEC }, EPERM },
	{ "stdio", LAUNCH, "mprotect", { 0, 0, UPPER | PROT_EXEC }, EPERM },
	{ "stdio", LAUNCH, "mprotect", { 0, 0, 0x01000000 }, OK },
	{ "stdio", LAUNCH, "pkey_mprotect", { 0, 0, PROT_READ, 1 }, OK },
	{ "stdio", LAUNCH, "pkey_mprotect", { 0, 0, PROT_EXEC, 1 }, EPERM },
	{ "prot_exec", LAUNCH, "mprotect", { 0, 0, 7 }, OK },
	{ "prot_exec", LAUNCH, "pkey_mprotect", { 0, 0, 7 }, OK },
	{ "stdio", LAUNCH, "remap_file_pages", { 0 }, EPERM },
	{ "stdio", LAUNCH, "shmat", { 0 }, EPERM },
	/* The process and its settings. */
	{ "stdio", LAUNCH, "personality", { 0xffffffff }, OK },
	{ "stdio", LAUNCH, "personality", { UPPER | 0xffffffff }, OK },
	{ "stdio", LAUNCH, "personality", { 0x0400000 }, EPERM },
	{ "stdio", LAUNCH, "personality", { 0 }, EPERM },
	{ "stdio", LAUNCH, "prctl", { PR_SET_NAME }, OK },
	{ "stdio", LAUNCH, "prctl", { PR_SET_VMA }, OK },
	{ "stdio", LAUNCH, "prctl", { PR_SET_PDEATHSIG }, OK },
	{ "stdio", LAUNCH | WHEN_KEPT, "prctl", { PR_SET_PDEATHSIG }, EPERM },
	{ "stdio", LAUNCH | WHEN_KEPT, "prctl",
	    { UPPER | PR_SET_PDEATHSIG, 9 }, EPERM },
	{ "stdio", LAUNCH | WHEN_KEPT, "prctl", { PR_SET_NAME }, OK },
	{ "stdio", LAUNCH, "prctl", { PR_SET_DUMPABLE, 0 }, OK },
	{ "stdio", LAUNCH, "prctl", { PR_SET_DUMPABLE, 1 }, EPERM },
	{ "stdio", LAUNCH, "prctl", { PR_SET_DUMPABLE, 1ULL << 32 }, EPERM },
	{ "stdio", LAUNCH, "prctl", { PR_SET_MM }, EPERM },
	{ "stdio", LAUNCH, "prctl", { PR_SET_PTRACER, 1 }, EPERM },
	{ "stdio", LAUNCH, "prctl", { PR_SET_CHILD_SUBREAPER, 1 }, EPERM },
	{ "stdio", LAUNCH, "prctl", { PR_SET_SECUREBITS }, EPERM },
	{ "stdio", LAUNCH, "prctl", { PR_SET_KEEPCAPS }, EPERM },
	{ "stdio", LAUNCH, "prctl", { PR_CAP_AMBIENT }, EPERM },
	{ "stdio", LAUNCH, "prctl", { PR_SET_SYSCALL_USER_DISPATCH }, EPERM },
	{ "stdio", LAUNCH, "prctl", { PR_SET_TSC }, EPERM },
	{ "stdio", LAUNCH, "prctl", { PR_SET_TIMERSLACK }, OK },
	{ "stdio", LAUNCH, "prctl", { UPPER | PR_SET_NAME }, OK },
	{ "stdio", LAUNCH, "arch_prctl", { ARCH_SET_FS_ }, OK },
	{ "stdio", LAUNCH, "arch_prctl", { ARCH_SET_FS_ + 9 }, EPERM },
	{ "stdio", LAUNCH, "arch_prctl", { 0x1012 }, EPERM },
	{ "stdio", LAUNCH, "prlimit64", { 0, RLIMIT_NOFILE, 0, 4096 }, OK },
	{ "stdio", LAUNCH, "prlimit64", { 0, RLIMIT_NOFILE, 4096 }, EPERM },
	{ "stdio", LAUNCH, "prlimit64", { 0, 0, 1ULL << 40 }, EPERM },
	{ "stdio", LAUNCH, "prlimit64", { 1, 0, 0, 4096 }, EPERM },
	{ "stdio", LAUNCH, "prlimit64", { OUR_PID, 0, 0 }, EPERM },
	{ "stdio proc", LAUNCH, "prlimit64", { 0, 0, 4096 }, OK },
	{ "stdio id", LAUNCH, "prlimit64", { 0, 0, 4096 }, OK },
	{ "stdio proc id", LAUNCH, "prlimit64", { 1, 0, 4096 }, EPERM },
	{ "stdio", LAUNCH, "setrlimit", { 0 }, EPERM },
	{ "stdio", LAUNCH, "sched_setaffinity", { 0 }, OK },
	{ "stdio", LAUNCH, "sched_setaffinity", { 1 }, EPERM },
	{ "stdio", LAUNCH, "sched_getaffinity", { 1 }, OK },
	{ "stdio", LAUNCH, "get_robust_list", { 0 }, OK },
	{ "stdio", LAUNCH, "get_robust_list", { 1 }, EPERM },
};

#define NEW_THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
	    CLONE_THREAD)
/* What the C libraries ask for, pthread_create(3). */
#define PTHREAD (NEW_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | \
	    CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static const struct row process_rows[] = {
	{ "stdio", LAUNCH, "clone", { PTHREAD }, OK },
	{ "stdio", LAUNCH, "clone", { NEW_THREAD }, OK },
	{ "stdio", LAUNCH, "clone", { NEW_THREAD & ~CLONE_VM }, EPERM },
	{ "stdio", LAUNCH, "clone", { NEW_THREAD & ~CLONE_FS }, EPERM },
	{ "stdio", LAUNCH, "clone", { NEW_THREAD & ~CLONE_FILES }, EPERM },
	{ "stdio", LAUNCH, "clone", { NEW_THREAD & ~CLONE_SIGHAND }, EPERM },
	{ "stdio", LAUNCH, "clone", { NEW_THREAD & ~CLONE_THREAD }, EPERM },
	{ "stdio", LAUNCH, "clone", { NEW_THREAD | CLONE_NEWNET }, EPERM },
	{ "stdio", LAUNCH, "clone", { NEW_THREAD | CLONE_PTRACE }, EPERM },
	{ "stdio", LAUNCH, "clone", { NEW_THREAD | CLONE_UNTRACED }, EPERM },
	{ "stdio", LAUNCH, "clone", { SIGCHLD }, EPERM },
	{ "stdio", LAUNCH, "fork", { 0 }, EPERM },
	{ "stdio", LAUNCH, "vfork", { 0 }, EPERM },
	{ "proc", LAUNCH, "fork", { 0 }, OK },
	{ "proc", LAUNCH, "vfork", { 0 }, OK },
	{ "proc", LAUNCH, "clone", { SIGCHLD }, OK },
	{ "proc", LAUNCH, "clone", { CLONE_VM | CLONE_VFORK | SIGCHLD }, OK },
	{ "proc", LAUNCH, "clone", { CLONE_IO | CLONE_PIDFD | SIGCHLD }, OK },
	{ "proc", LAUNCH, "clone", { SIGCHLD | CLONE_NEWNS }, EPERM },
	{ "proc", LAUNCH, "clone", { SIGCHLD | CLONE_NEWCGROUP }, EPERM },
	{ "proc", LAUNCH, "clone", { SIGCHLD | CLONE_NEWUTS }, EPERM },
	{ "proc", LAUNCH, "clone", { SIGCHLD | CLONE_NEWIPC }, EPERM },
	{ "proc", LAUNCH, "clone", { SIGCHLD | CLONE_NEWUSER }, EPERM },
	{ "proc", LAUNCH, "clone", { SIGCHLD | CLONE_NEWPID }, EPERM },
	{ "proc", LAUNCH, "clone", { SIGCHLD | CLONE_NEWNET }, EPERM },
	{ "proc", LAUNCH, "clone", { SIGCHLD | CLONE_PTRACE }, EPERM },
	{ "proc", LAUNCH, "clone", { SIGCHLD | CLONE_UNTRACED }, EPERM },
	{ "proc", LAUNCH, "clone", { SIGCHLD | CLONE_PARENT }, EPERM },
	{ "proc", LAUNCH, "clone", { UPPER | CLONE_NEWUSER }, EPERM },
	{ "proc", LAUNCH, "clone", { UPPER | SIGCHLD }, OK },
	/* Signals: inside by Landlock, else to oneself, else with proc. */
	{ "stdio", LAUNCH, "kill", { 1 }, OK },
	{ "stdio", LAUNCH, "tkill", { 1 }, OK },
	{ "stdio", LAUNCH, "rt_tgsigqueueinfo", { 1 }, OK },
	{ "stdio", LAUNCH, "clock_gettime", { CLOCK_MONOTONIC }, OK },
	{ "stdio", LAUNCH, "clock_gettime", { CLOCK_TAI }, OK },
	{ "stdio", LAUNCH, "clock_gettime", { OWN_TIME(OUR_PID) }, OK },
	{ "stdio", LAUNCH, "clock_gettime", { UPPER | OWN_TIME(0) }, OK },
	{ "stdio", LAUNCH, "clock_gettime", { OWN_TIME(OUR_PID + 1) }, EPERM },
	{ "stdio", LAUNCH, "clock_gettime", { OWN_TIME(1) }, EPERM },
	{ "stdio", LAUNCH, "clock_gettime", { OWN_TIME(1) | UPPER }, EPERM },
	{ "stdio", LAUNCH, "clock_gettime", { OWN_TIME(1) - 2 }, EPERM },
	/* The kernel refuses it, unless it is a thread of the caller's own. */
	{ "stdio", LAUNCH, "clock_gettime", { OWN_TIME(1) | 4 }, OK },
	/* Of an open device: descriptor 5. */
	{ "stdio", LAUNCH, "clock_gettime", { OWN_TIME(5) | 3 }, OK },
	{ "stdio", LAUNCH, "clock_getres", { OWN_TIME(1) }, EPERM },
	{ "stdio", LAUNCH, "clock_nanosleep", { OWN_TIME(1) }, EPERM },
	{ "stdio", LAUNCH, "timer_create", { OWN_TIME(1) }, EPERM },
	{ "stdio", LAUNCH, "timer_create", { OWN_TIME(OUR_PID) }, OK },
	{ "stdio", WHEN_LAUNCH, "kill", { OUR_PID }, OK },
	{ "stdio", WHEN_LAUNCH, "kill", { UPPER | OUR_PID }, OK },
	{ "stdio", WHEN_LAUNCH, "kill", { OUR_PID + 1 }, EPERM },
	{ "stdio", WHEN_LAUNCH, "kill", { OUR_PID - 1 }, EPERM },
	{ "stdio", WHEN_LAUNCH, "kill", { 0 }, EPERM },
	{ "stdio", WHEN_LAUNCH, "kill", { -1ULL }, EPERM },
	{ "stdio", WHEN_LAUNCH, "kill", { -(uint64_t)OUR_PID }, EPERM },
	{ "stdio", WHEN_LAUNCH, "tgkill", { OUR_PID, 1 }, OK },
	{ "stdio", WHEN_LAUNCH, "tgkill", { 1, OUR_PID }, EPERM },
	{ "stdio", WHEN_LAUNCH, "tkill", { OUR_PID }, OK },
	{ "stdio", WHEN_LAUNCH, "tkill", { OUR_PID + 1 }, EPERM },
	{ "stdio", WHEN_LAUNCH, "rt_sigqueueinfo", { OUR_PID }, OK },
	{ "stdio", WHEN_LAUNCH, "rt_sigqueueinfo", { 1 }, EPERM },
	{ "stdio", WHEN_LAUNCH, "rt_tgsigqueueinfo", { OUR_PID, 1 }, OK },
	{ "stdio", WHEN_LAUNCH, "rt_tgsigqueueinfo", { 1, OUR_PID }, EPERM },
	{ "proc", WHEN_LAUNCH, "kill", { 1 }, OK },
	{ "proc", WHEN_LAUNCH, "tkill", { 1 }, OK },
	{ "proc", LAUNCH, "kill", { 1 }, EPERM },
	{ "stdio proc", LAUNCH, "pidfd_send_signal", { 3 }, OK },
	{ "stdio", LAUNCH, "pidfd_send_signal", { 3 }, EPERM },
	/* Others' scheduling, never. */
	{ "proc", LAUNCH, "setsid", { 0 }, OK },
	{ "proc", LAUNCH, "setpgid", { 1, 1 }, OK },
	{ "stdio", LAUNCH, "setsid", { 0 }, EPERM },
	{ "proc", LAUNCH, "setpriority", { PRIO_PROCESS, 0, 5 }, OK },
	{ "proc", LAUNCH, "setpriority", { PRIO_PROCESS, 1, 5 }, EPERM },
	{ "proc", LAUNCH, "setpriority", { PRIO_PGRP, 0, 5 }, EPERM },
	{ "proc", LAUNCH, "setpriority", { PRIO_USER, 0, 5 }, EPERM },
	{ "id", LAUNCH, "setpriority", { PRIO_PROCESS, 0, 5 }, OK },
	{ "stdio", LAUNCH, "setpriority", { PRIO_PROCESS, 0, 5 }, EPERM },
	{ "proc", LAUNCH, "sched_setscheduler", { 0 }, OK },
	{ "proc", LAUNCH, "sched_setscheduler", { 1 }, EPERM },
	{ "proc", LAUNCH, "sched_setattr", { 1 }, EPERM },
	{ "proc", LAUNCH, "ioprio_set", { IOPRIO_WHO_PROCESS_, 0 }, OK },
	{ "proc", LAUNCH, "ioprio_set", { IOPRIO_WHO_PROCESS_, 1 }, EPERM },
	{ "proc", LAUNCH, "ioprio_set", { 2, 0 }, EPERM },
	{ "proc", LAUNCH, "migrate_pages", { 0 }, EPERM },
	{ "proc", LAUNCH, "kcmp", { 0 }, EPERM },
	{ "id", LAUNCH, "setuid", { 0 }, OK },
	{ "id", LAUNCH, "setgroups", { 0 }, OK },
	{ "proc", LAUNCH, "setuid", { 0 }, EPERM },
	/* -1 changes nothing, nor does what it has already. */
	{ "proc", LAUNCH, "setresuid", { OUR_UID, OUR_UID, OUR_UID }, OK },
	{ "proc", LAUNCH, "setresuid", { -1ULL, OUR_UID, 0xffffffff }, OK },
	{ "proc", LAUNCH, "setresuid", { 0, OUR_UID, OUR_UID }, EPERM },
	{ "proc", LAUNCH, "setresuid", { OUR_UID, 0, OUR_UID }, EPERM },
	{ "proc", LAUNCH, "setresuid", { OUR_UID, OUR_UID, 0 }, EPERM },
	{ "proc", LAUNCH, "setresuid", { OUR_GID, -1ULL, -1ULL }, EPERM },
	{ "proc", LAUNCH, "setresgid", { -1ULL, OUR_GID, -1ULL }, OK },
	{ "proc", LAUNCH, "setresgid", { -1ULL, OUR_UID, -1ULL }, EPERM },
	{ "stdio", LAUNCH, "setresuid", { OUR_UID, OUR_UID, OUR_UID }, EPERM },
	{ "settime", LAUNCH, "clock_settime", { 0 }, OK },
	{ "settime", LAUNCH, "adjtimex", { 0 }, OK },
	{ "stdio", LAUNCH, "clock_settime", { 0 }, EPERM },
	{ "stdio", LAUNCH, "adjtimex", { 0 }, EPERM },
	{ "ps", LAUNCH, "getdents64", { 0 }, OK },
};

#define STI TIOCSTI
/* asm-generic/ioctl.h: a request of type TYPE that writes 4 bytes. */
#define REQUEST(type) (0x40040000 | (type) << 8)

static const struct row ioctl_rows[] = {
	{ "stdio", LAUNCH, "ioctl", { 0, FIONREAD }, OK },
	{ "stdio", LAUNCH, "ioctl", { 0, FIOCLEX }, OK },
	{ "stdio", LAUNCH, "ioctl", { 0, TCGETS }, OK },
	{ "stdio", LAUNCH, "ioctl", { 0, TCGETS2_ }, OK },
	{ "stdio", LAUNCH, "ioctl", { 0, TIOCGWINSZ }, OK },
	{ "stdio", LAUNCH, "ioctl", { 0, UPPER | TCGETS }, OK },
	{ "stdio", LAUNCH, "ioctl", { 0, TCSETS }, ENOTTY },
	{ "stdio", LAUNCH, "ioctl", { 0, TCSETSF2_ }, ENOTTY },
	{ "stdio", LAUNCH, "ioctl", { 0, TIOCSWINSZ }, ENOTTY },
	{ "stdio", LAUNCH, "ioctl", { 0, TIOCGPGRP }, ENOTTY },
	{ "stdio", LAUNCH, "ioctl", { 0, TIOCSPGRP }, ENOTTY },
	{ "stdio", LAUNCH, "ioctl", { 0, UPPER | TCSETSW }, ENOTTY },
	{ "stdio", LAUNCH, "ioctl", { 0, STI }, EPERM },
	{ "stdio", LAUNCH, "ioctl", { 0, 0 }, EPERM },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TCSETS }, OK },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TCSETSW2_ }, OK },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TIOCSWINSZ }, OK },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TCSBRKP }, OK },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TIOCGSID }, OK },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TIOCSPGRP }, ENOTTY },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, TIOCSPGRP }, OK },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, STI }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, UPPER | STI }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, STI | 1ULL << 32 }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, STI | 1ULL << 63 }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, TIOCLINUX }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, UPPER | TIOCLINUX }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, TIOCSETD }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, TIOCCONS }, EPERM },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TIOCGPTN }, OK },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TIOCSPTLCK }, OK },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TIOCGPTPEER }, OK },
	{ "stdio tty", LAUNCH, "ioctl", { 0, UPPER | TIOCGPTPEER }, OK },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TIOCGPTPEER - 1 }, EPERM },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TIOCGPTPEER + 1 }, EPERM },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TIOCSIG }, EPERM },
	{ "stdio tty", LAUNCH, "ioctl", { 0, TIOCSCTTY, 0 }, OK },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, TIOCSCTTY, 1 }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, UPPER | TIOCSCTTY, 1 }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, TIOCSCTTY, 2 }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, TIOCSCTTY, 1ULL << 32 }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, TIOCSCTTY, ~0ULL }, EPERM },
	{ "stdio proc", LAUNCH, "ioctl", { 0, TIOCSCTTY, 0 }, EPERM },
	{ "stdio", LAUNCH, "ioctl", { 0, TIOCGPTN }, EPERM },
	{ "stdio", LAUNCH, "ioctl", { 0, TIOCSPTLCK }, EPERM },
	{ "stdio", LAUNCH, "ioctl", { 0, TIOCGPTPEER }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, TIOCNOTTY }, EPERM },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, TIOCPKT }, OK },
	{ "stdio tty proc", LAUNCH, "ioctl", { 0, TIOCMSET }, EPERM },
	{ "tty", LAUNCH, "ioctl", { 0, TCGETS }, EPERM },
	{ "inet", LAUNCH, "ioctl", { 0, SIOCATMARK }, OK },
	{ "inet", LAUNCH, "ioctl", { 0, SIOCGIFCONF }, EPERM },
	{ "route", LAUNCH, "ioctl", { 0, SIOCGIFCONF }, OK },
	{ "route", LAUNCH, "ioctl", { 0, SIOCGIFFLAGS }, OK },
	{ "route", LAUNCH, "ioctl", { 0, SIOCSIFFLAGS }, EPERM },
	{ "wroute", LAUNCH, "ioctl", { 0, SIOCSIFFLAGS }, OK },
	{ "wroute", LAUNCH, "ioctl", { 0, SIOCADDRT }, OK },
	{ "wroute", LAUNCH, "ioctl", { 0, SIOCETHTOOL }, EPERM },
	{ "audio", LAUNCH, "ioctl", { 0, SNDRV_PCM_IOCTL_HW_PARAMS }, OK },
	{ "audio", LAUNCH, "ioctl", { 0, SNDRV_CTL_IOCTL_ELEM_LIST }, OK },
	{ "audio", LAUNCH, "ioctl", { 0, UPPER | SNDRV_PCM_IOCTL_START }, OK },
	{ "audio", LAUNCH, "ioctl", { 0, SNDRV_PCM_IOCTL_START | 1 << 16 },
	    EPERM },
	{ "audio", LAUNCH, "ioctl", { 0, REQUEST('A') | 0xff }, EPERM },
	/* Other devices' requests of these letters: keys that are typed. */
	{ "audio", LAUNCH, "ioctl", { 0, UI_DEV_CREATE }, EPERM },
	{ "audio", LAUNCH, "ioctl", { 0, UI_SET_KEYBIT }, EPERM },
	{ "audio", LAUNCH, "ioctl", { 0, USBDEVFS_RESET }, EPERM },
	{ "audio", LAUNCH, "ioctl", { 0, UPPER | USBDEVFS_SUBMITURB }, EPERM },
	{ "audio", LAUNCH, "ioctl", { 0, REQUEST('B') }, EPERM },
	{ "audio", LAUNCH, "ioctl", { 0, REQUEST('T') | 0x12 }, EPERM },
	{ "audio", LAUNCH, "ioctl", { 0, STI }, EPERM },
	{ "video", LAUNCH, "ioctl", { 0, VIDIOC_QUERYCAP }, OK },
	{ "video", LAUNCH, "ioctl", { 0, UPPER | VIDIOC_DQBUF }, OK },
	{ "video", LAUNCH, "ioctl", { 0, REQUEST('V') }, EPERM },
	/* A chip's registers; a driver's own (BASE_VIDIOC_PRIVATE). */
	{ "video", LAUNCH, "ioctl", { 0, VIDIOC_DBG_G_REGISTER }, EPERM },
	{ "video", LAUNCH, "ioctl", { 0, REQUEST('V') | 192 }, EPERM },
	/* A virtual console's requests (VT_ACTIVATE) have the same letter. */
	{ "video", LAUNCH, "ioctl", { 0, 0x5606 }, EPERM },
	{ "video", LAUNCH, "ioctl", { 0, UPPER | 0x5606 }, EPERM },
	{ "video", LAUNCH, "ioctl", { 0, REQUEST('W') }, EPERM },
	{ "drm", LAUNCH, "ioctl", { 0, REQUEST('d') }, OK },
	{ "drm", LAUNCH, "ioctl", { 0, REQUEST('d') | 0x9f }, OK },
	{ "drm", LAUNCH, "ioctl", { 0, 'd' << 8 | 0xd0 }, OK },
	{ "drm", LAUNCH, "ioctl", { 0, 'd' << 8 | 0xf0 }, EPERM },
	{ "drm", LAUNCH, "ioctl", { 0, REQUEST('e') }, EPERM },
	{ "stdio", LAUNCH, "ioctl", { 0, REQUEST('d') }, EPERM },
	{ "stdio", LAUNCH, "ioctl", { 0, FIOASYNC }, EPERM },
	{ "proc", LAUNCH, "ioctl", { 0, FIOASYNC }, OK },
	{ "proc", LAUNCH, "ioctl", { 0, TIOCPKT }, EPERM },
	{ "tty", LAUNCH, "ioctl", { 0, TIOCPKT }, OK },
	{ "sysvipc", LAUNCH, "shmat", { 0, 0, 0 }, OK },
	{ "sysvipc", LAUNCH, "shmat", { 0, 0, SHM_EXEC }, EPERM },
	{ "sysvipc", LAUNCH, "semop", { 0 }, OK },
	{ "sysvipc", LAUNCH, "mq_unlink", { 0 }, EPERM },
};

#define BOTH (SOCK_CLOEXEC | SOCK_NONBLOCK)

static const struct row socket_rows[] = {
	{ "stdio", LAUNCH, "socket", { AF_INET, SOCK_STREAM, 0 }, EPERM },
	{ "stdio", LAUNCH, "socket", { AF_UNIX, SOCK_STREAM, 0 }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_INET, SOCK_STREAM, 0 }, OK },
	{ "inet", LAUNCH, "socket",
	    { AF_INET6, SOCK_STREAM | BOTH, IPPROTO_TCP }, OK },
	{ "inet", LAUNCH, "socket",
	    { AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP }, OK },
	{ "inet", LAUNCH, "socket", { AF_INET, SOCK_DGRAM, IPPROTO_ICMP }, OK },
	{ "inet", LAUNCH, "socket",
	    { UPPER | AF_INET, UPPER | SOCK_STREAM, UPPER }, OK },
	{ "inet", LAUNCH, "socket", { AF_INET - 1, SOCK_STREAM, 0 }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_INET + 1, SOCK_STREAM, 0 }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_INET6 + 1, SOCK_STREAM, 0 }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_UNIX, SOCK_STREAM, 0 }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_NETLINK, SOCK_RAW, 0 }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_PACKET, SOCK_DGRAM, 0 }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_VSOCK, SOCK_STREAM, 0 }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_ALG, SOCK_SEQPACKET, 0 }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_INET, SOCK_RAW, 0 }, EPERM },
	{ "inet", LAUNCH, "socket",
	    { AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_INET, SOCK_SEQPACKET, 0 }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_INET, 0, 0 }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_INET, SOCK_STREAM | 0x10, 0 }, EPERM },
	{ "inet", LAUNCH, "socket",
	    { AF_INET, SOCK_STREAM | SOCK_CLOEXEC << 1, 0 }, EPERM },
	{ "inet", LAUNCH, "socket",
	    { AF_INET, SOCK_STREAM, IPPROTO_SCTP }, EPERM },
	{ "inet", LAUNCH, "socket", { AF_INET, SOCK_DGRAM, IPPROTO_RAW },
	    EPERM },
	{ "inet", LAUNCH, "socket", { AF_INET, SOCK_STREAM, IPPROTO_TCP + 1 },
	    EPERM },
	{ "inet", LAUNCH, "socket", { AF_INET, SOCK_STREAM, IPPROTO_MPTCP_ },
	    EPROTONOSUPPORT },
	{ "inet", LAUNCH, "socket",
	    { AF_INET6, SOCK_STREAM | BOTH, IPPROTO_MPTCP_ }, EPROTONOSUPPORT },
	{ "inet", LAUNCH, "socket",
	    { AF_INET, SOCK_STREAM, IPPROTO_MPTCP_ + 1 }, EPERM },
	{ "inet", LAUNCH, "socket",
	    { AF_INET, SOCK_DGRAM, IPPROTO_MPTCP_ }, EPERM },
	{ "inet", LAUNCH, "listen", { 0 }, OK },
	{ "inet", LAUNCH, "sendto", { 0, 0, 0, 0, 1, 16 }, OK },
	{ "inet", LAUNCH, "sendto", { 0, 0, 0, MSG_FASTOPEN, 1, 16 }, OK },
	{ "inet", LAUNCH, "sendmsg", { 0, 0, MSG_FASTOPEN }, OK },
	/* Port rules hold for connect and bind, and nothing else. */
	{ "inet", PORTS, "socket", { AF_INET, SOCK_STREAM, 0 }, OK },
	{ "inet", PORTS, "socket", { AF_INET, SOCK_DGRAM, 0 }, EPERM },
	{ "inet dns", PORTS, "socket", { AF_INET, SOCK_DGRAM, 0 }, OK },
	{ "inet", PORTS, "listen", { 0 }, EPERM },
	{ "inet", BIND, "listen", { 0 }, OK },
	{ "inet", PORTS, "sendto", { 0, 0, 0, 0, 1, 16 }, OK },
	{ "inet", PORTS, "sendto", { 0, 0, 0, MSG_FASTOPEN, 1, 16 }, EPERM },
	{ "inet", PORTS, "sendto", { 0, 0, 0, UPPER | MSG_FASTOPEN }, EPERM },
	{ "stdio inet", PORTS, "sendmsg", { 0, 0, MSG_FASTOPEN }, EPERM },
	{ "stdio inet", PORTS, "sendmsg", { 0, 0, MSG_NOSIGNAL }, OK },
	{ "stdio inet", PORTS, "sendmmsg", { 0, 0, 0, MSG_FASTOPEN }, EPERM },
	{ "stdio inet", PORTS, "sendmmsg", { 0, 0, MSG_FASTOPEN, 0 }, OK },
	{ "anet", LAUNCH, "socket", { AF_INET, SOCK_STREAM, 0 }, OK },
	{ "anet", LAUNCH, "socket", { AF_INET, SOCK_DGRAM, 0 }, EPERM },
	{ "anet", LAUNCH, "listen", { 0 }, OK },
	{ "anet", LAUNCH, "accept4", { 0 }, OK },
	{ "anet", LAUNCH, "connect", { 0 }, EPERM },
	{ "anet", LAUNCH, "sendto", { 0, 0, 0, 0, 1, 16 }, EPERM },
	{ "stdio anet", LAUNCH, "sendto", { 0, 0, 0, MSG_FASTOPEN }, EPERM },
	{ "unix", LAUNCH, "socket", { AF_UNIX, SOCK_STREAM | BOTH, 0 }, OK },
	{ "unix", LAUNCH, "socket", { AF_UNIX, SOCK_DGRAM, 0 }, OK },
	{ "unix", LAUNCH, "socket", { AF_UNIX, SOCK_SEQPACKET, PF_UNIX }, OK },
	{ "unix", LAUNCH, "socket", { AF_UNIX, SOCK_RAW, 0 }, EPERM },
	{ "unix", LAUNCH, "socket", { AF_UNIX, SOCK_STREAM, 2 }, EPERM },
	{ "unix", LAUNCH, "socket", { AF_INET, SOCK_STREAM, 0 }, EPERM },
	{ "unix", LAUNCH, "connect", { 0 }, OK },
	{ "unix", LAUNCH, "socketpair", { AF_UNIX, SOCK_DGRAM, 0 }, OK },
	{ "stdio", LAUNCH, "socketpair", { AF_UNIX, SOCK_STREAM, 0 }, OK },
	{ "stdio", LAUNCH, "socketpair",
	    { AF_UNIX, SOCK_SEQPACKET | BOTH, 0 }, OK },
	{ "stdio", LAUNCH, "socketpair", { AF_UNIX, SOCK_DGRAM, 0 }, EPERM },
	{ "stdio", LAUNCH, "socketpair", { AF_INET, SOCK_STREAM, 0 }, EPERM },
	{ "stdio", LAUNCH, "socketpair", { AF_TIPC, SOCK_STREAM, 0 }, EPERM },
	{ "dns", LAUNCH, "socket", { AF_INET, SOCK_DGRAM, 0 }, OK },
	{ "dns", LAUNCH, "socket", { AF_INET6, SOCK_DGRAM, IPPROTO_UDP }, OK },
	{ "dns", LAUNCH, "socket", { AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
	    EPERM },
	/* TCP to port 53 alone takes port rules. */
	{ "dns", LAUNCH, "socket", { AF_INET, SOCK_STREAM, 0 }, OK },
	{ "dns", WHEN_LAUNCH, "socket", { AF_INET, SOCK_STREAM, 0 }, EPERM },
	{ "dns", LAUNCH, "socket", { AF_NETLINK, SOCK_RAW, 0 }, OK },
	{ "dns", LAUNCH, "socket", { AF_UNIX, SOCK_STREAM, 0 }, EPERM },
	{ "dns", LAUNCH, "listen", { 0 }, EPERM },
	{ "netlink", LAUNCH, "socket",
	    { AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0 }, OK },
	{ "netlink", LAUNCH, "socket", { AF_NETLINK, SOCK_DGRAM, 0 }, OK },
	{ "netlink", LAUNCH, "socket", { AF_NETLINK, SOCK_STREAM, 0 }, EPERM },
	{ "netlink", LAUNCH, "socket", { AF_NETLINK, SOCK_RAW, 1 }, EPERM },
	{ "netlink", LAUNCH, "socket", { AF_NETLINK, SOCK_RAW, 15 }, EPERM },
	{ "route", LAUNCH, "socket", { AF_NETLINK, SOCK_RAW, 0 }, OK },
	{ "wroute", LAUNCH, "socket", { AF_NETLINK, SOCK_RAW, 0 }, OK },
	/* To the peer of a connection: no address, in either half. */
	{ "stdio", LAUNCH, "sendto", { 0, 0, 0, 0, 0, 0 }, OK },
	{ "stdio", LAUNCH, "sendto", { 0, 0, 0, MSG_NOSIGNAL, 0, 0 }, OK },
	{ "stdio", LAUNCH, "sendto", { 0, 0, 0, 0, 1, 16 }, EPERM },
	{ "stdio", LAUNCH, "sendto",
	    { 0, 0, 0, 0, UINT64_C(0x300000000000), 16 }, EPERM },
	{ "stdio", LAUNCH, "sendto", { 0, 0, 0, 0, 1ULL << 63, 16 }, EPERM },
	{ "stdio", LAUNCH, "sendto", { 0, 0, 0, MSG_FASTOPEN, 0, 0 }, EPERM },
	{ "stdio", LAUNCH, "connect", { 0 }, EPERM },
	{ "stdio", LAUNCH, "bind", { 0 }, EPERM },
	{ "sendfd", LAUNCH, "sendmsg", { 0 }, OK },
	{ "sendfd", LAUNCH, "sendmsg", { 0, 0, MSG_FASTOPEN }, EPERM },
	{ "sendfd", LAUNCH, "recvmsg", { 0 }, EPERM },
	{ "recvfd", LAUNCH, "recvmsg", { 0 }, OK },
	{ "recvfd", LAUNCH, "sendmsg", { 0 }, EPERM },
};

/* SO_ATTACH_FILTER and IPV6_V6ONLY have the same number, SO_DETACH_FILTER
 * and IPV6_JOIN_ANYCAST: levels and names belong together. */
static const struct row option_rows[] = {
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_IPV6, IPV6_V6ONLY }, OK },
	{ "inet", LAUNCH, "setsockopt", { 0, SOL_SOCKET, IPV6_V6ONLY }, EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_ATTACH_FILTER },
	    EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_REUSEADDR }, OK },
	{ "inet", LAUNCH, "setsockopt",
	    { 0, UPPER | SOL_SOCKET, UPPER | SO_REUSEADDR }, OK },
	{ "inet", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_ATTACH_BPF },
	    EPERM },
	{ "inet", LAUNCH, "setsockopt",
	    { 0, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF }, EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_DETACH_FILTER },
	    EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_LOCK_FILTER },
	    EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_BINDTODEVICE },
	    EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_MARK }, EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_SNDBUFFORCE },
	    EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, SOL_SOCKET, 0 }, EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_TCP, TCP_NODELAY }, OK },
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_TCP, TCP_ULP }, EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_TCP, TCP_REPAIR }, EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_TCP, TCP_MD5SIG }, EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_TCP, 0 }, EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_IP, IP_TOS }, OK },
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_IP, IP_HDRINCL }, EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_IP, IP_TRANSPARENT },
	    EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_IP, IP_OPTIONS }, EPERM },
	/* iptables' IPT_SO_SET_REPLACE. */
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_IP, 64 }, EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_UDP, 1 }, EPERM },
	{ "inet", LAUNCH, "setsockopt", { 0, IPPROTO_IP, IP_ADD_MEMBERSHIP },
	    EPERM },
	{ "inet mcast", LAUNCH, "setsockopt",
	    { 0, IPPROTO_IP, IP_ADD_MEMBERSHIP }, OK },
	{ "mcast", LAUNCH, "setsockopt",
	    { 0, IPPROTO_IPV6, IPV6_JOIN_GROUP }, OK },
	{ "mcast", LAUNCH, "setsockopt",
	    { 0, IPPROTO_IP, IPV6_JOIN_GROUP }, EPERM },
	{ "mcast", LAUNCH, "setsockopt", { 0, IPPROTO_IP, IP_TOS }, EPERM },
	{ "stdio", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_RCVBUF }, OK },
	{ "stdio", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_RCVTIMEO }, OK },
	{ "stdio", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_RCVBUFFORCE },
	    EPERM },
	{ "stdio", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_REUSEADDR },
	    EPERM },
	{ "stdio", LAUNCH, "setsockopt", { 0, IPPROTO_TCP, SO_RCVBUF }, EPERM },
	{ "stdio", LAUNCH, "getsockopt", { 0, SOL_SOCKET, SO_ATTACH_FILTER },
	    OK },
	{ "unix", LAUNCH, "setsockopt", { 0, SOL_SOCKET, SO_PASSCRED }, OK },
	{ "unix", LAUNCH, "setsockopt", { 0, IPPROTO_TCP, TCP_NODELAY },
	    EPERM },
	{ "netlink", LAUNCH, "setsockopt",
	    { 0, SOL_NETLINK, NETLINK_EXT_ACK_ }, OK },
	{ "netlink", LAUNCH, "setsockopt", { 0, SOL_NETLINK, 8 }, EPERM },
	/* Port rules are of TCP: dns gets its options only with them. */
	{ "dns", LAUNCH, "setsockopt", { 0, IPPROTO_TCP, TCP_NODELAY }, OK },
	{ "dns", WHEN_LAUNCH, "setsockopt", { 0, IPPROTO_TCP, TCP_NODELAY },
	    EPERM },
};

static const struct {
	const char *name;
	const struct row *rows;
	size_t count;
} tables[] = {
#define TABLE(name) { #name, name##_rows, ARRAY_SIZE(name##_rows) }
	TABLE(common), TABLE(exec), TABLE(path), TABLE(stdio), TABLE(process),
	TABLE(ioctl), TABLE(socket), TABLE(option),
};

/* Where "SYSCALL" is a number: other architectures and ABIs. */
static const struct {
	const char *name;
	uint64_t nr;
	int verdict;
} number_rows[] = {
	{ "the x32 ABI's read", ARCH_X32_BIT, ENOSYS },
	{ "the x32 ABI's execve", ARCH_X32_BIT | 520, ENOSYS },
	{ "below the x32 ABI", ARCH_X32_BIT - 1, ENOSYS },
	{ "the largest number", 0xffffffff, ENOSYS },
	{ "the largest positive number", 0x7fffffff, ENOSYS },
	{ "4096", 4096, ENOSYS },
};
/* What a policy says of violations: words, -k, errno, call -> verdict. */
static const struct {
	const char *words;
	bool kill;
	int err;
	const char *call;
	uint64_t args[6];
	int verdict;
} violation_rows[] = {
	{ "stdio", false, 0, "ptrace", { 0 }, EPERM },
	{ "stdio", false, 0, "read", { 0 }, OK },
	{ "stdio", true, 0, "read", { 0 }, OK },
	{ "stdio", true, 0, "ptrace", { 0 }, KILLED },
	{ "stdio", true, 0, "execve", { 0 }, KILLED },
	{ "stdio", true, 0, "socket", { AF_INET, SOCK_STREAM, 0 }, KILLED },
	{ "stdio", true, 0, "openat", { 0, 0, O_WRONLY }, KILLED },
	/* What programs fall back from, and what no terminal answers. */
	{ "stdio", true, 0, "clone3", { 0 }, ENOSYS },
	{ "stdio", true, 0, "statx", { 0 }, ENOSYS },
	{ "stdio", true, 0, "ioctl", { 0, TCSETS }, ENOTTY },
	{ "stdio", true, 0, "ioctl", { 0, TIOCSTI }, KILLED },
	{ "stdio", true, 0, "socket", { AF_INET, SOCK_STREAM, IPPROTO_MPTCP_ },
	    EPROTONOSUPPORT },
	/* Looking around before main(). */
	{ "stdio", true, 0, "openat", { 0, 0, O_RDONLY }, EPERM },
	{ "stdio", true, 0, "readlink", { 0 }, EPERM },
	{ "stdio", true, 0, "prlimit64", { 0, 3, 4096 }, EPERM },
	{ "stdio", true, 0, "prlimit64", { 1, 3, 4096 }, KILLED },
	{ "stdio error", false, 0, "ptrace", { 0 }, ENOSYS },
	{ "stdio error", false, 0, "openat", { 0, 0, O_RDONLY }, ENOSYS },
	{ "stdio error", false, 0, "read", { 0 }, OK },
	{ "stdio error", false, 0, "ioctl", { 0, TCSETS }, ENOTTY },
	{ "stdio error", true, 0, "ptrace", { 0 }, KILLED },
	{ "stdio", false, EACCES, "ptrace", { 0 }, EACCES },
	{ "stdio", false, EACCES, "openat", { 0, 0, O_RDONLY }, EACCES },
	{ "stdio", false, EACCES, "clone3", { 0 }, ENOSYS },
	{ "stdio error", false, EACCES, "ptrace", { 0 }, EACCES },
};

enum { DYNAMIC = 1, STATIC = 0, BARE = 2, LIBRARY = 4 };

/* What a policy, a target and a kernel make of the circumstances. */
static const struct {
	const char *words;
	int abi;
	unsigned int how; /* DYNAMIC; BARE: -V; LIBRARY: nothing to launch */
	unsigned int connect, bind; /* ports */
	unsigned int when;
} circumstance_rows[] = {
	{ "stdio", 7, STATIC, 0, 0, LAUNCH | WHEN_NO_EXEC_MAP },
	{ "stdio", 7, DYNAMIC, 0, 0, LAUNCH | WHEN_GRACE },
	{ "stdio exec", 7, STATIC, 0, 0, LAUNCH | WHEN_GRACE },
	{ "stdio dns", 7, STATIC, 0, 0, LAUNCH | WHEN_GRACE | WHEN_NO_EXEC_MAP },
	{ "stdio getpw", 7, STATIC, 0, 0,
	    LAUNCH | WHEN_GRACE | WHEN_NO_EXEC_MAP },
	{ "stdio", 7, LIBRARY, 0, 0, ON_LANDLOCK },
	{ "stdio", 6, DYNAMIC, 0, 0, LAUNCH | WHEN_GRACE },
	{ "stdio", 5, DYNAMIC, 0, 0, (LAUNCH | WHEN_GRACE) & ~WHEN_SCOPED },
	{ "stdio", 4, LIBRARY, 0, 0, WHEN_PATHS | WHEN_TRUNCATE |
	    WHEN_PORT_RULES },
	{ "stdio", 3, LIBRARY, 0, 0, WHEN_PATHS | WHEN_TRUNCATE },
	{ "stdio", 2, LIBRARY, 0, 0, WHEN_PATHS },
	{ "stdio", 2, LIBRARY | BARE, 0, 0, WHEN_TRUNCATE },
	{ "stdio", 0, LIBRARY | BARE, 0, 0, WHEN_TRUNCATE },
	{ "stdio", 7, LIBRARY | BARE, 0, 0,
	    WHEN_TRUNCATE | WHEN_SCOPED | WHEN_PORT_RULES },
	{ "stdio inet", 7, LIBRARY, 80, 0, PORTS },
	{ "stdio inet", 7, LIBRARY, 0, 80, BIND },
	{ "stdio inet", 7, LIBRARY, 80, 80, BIND },
};
/* clang-format on */

static struct made made;
static struct sandbox sandbox;

static uint32_t
verdict_answer(long verdict)
{
	if (verdict == OK)
		return SECCOMP_RET_ALLOW;
	if (verdict == KILLED)
		return SECCOMP_RET_KILL_PROCESS;
	return SECCOMP_RET_ERRNO | (uint32_t)verdict;
}

static const char *
verdict_text(long verdict)
{
	if (verdict == OK)
		return "allowed";
	if (verdict == KILLED)
		return "killed";
	return errno_name((int)verdict);
}

/* Rows often share their filter. */
static bool
make_for(const struct row *row)
{
	static const char *words;
	static unsigned long when;

	if (words != NULL && strcmp(words, row->words) == 0 &&
	    when == row->when)
		return true;
	words = row->words;
	when = row->when;
	return make_program(
	    &made, words_set(words), (unsigned int)when, REFUSE);
}

static void
test_row(const char *table, const struct row *row)
{
	struct call call = { .arch = arch_native()->audit };
	int nr = arch_number(arch_native(), row->call, strlen(row->call));
	uint32_t answer;

	if (nr < 0) {
		note("%s: no %s on %s", table, row->call, arch_native()->name);
		return;
	}
	call.nr = (uint32_t)nr;
	memcpy(call.args, row->args, sizeof(call.args));
	answer = make_for(row) ? answer_to(&made, &call) : 1;
	if (!ok(answer == verdict_answer(row->verdict),
	        "%s: \"%s\" %#lx %s(%#llx %#llx %#llx %#llx %#llx %#llx) %s",
	        table, row->words, row->when, row->call,
	        (unsigned long long)row->args[0],
	        (unsigned long long)row->args[1],
	        (unsigned long long)row->args[2],
	        (unsigned long long)row->args[3],
	        (unsigned long long)row->args[4],
	        (unsigned long long)row->args[5], verdict_text(row->verdict)))
		note("answer %#x", answer);
}

/* A promise whose rows all were forgotten would never be missed. */
static void
test_rows_complete(void)
{
	for (int i = 0; i < PROMISE_COUNT; i++) {
		bool held = promise_rows[i].calls[0] == '\0';

		for (size_t t = 0; t < ARRAY_SIZE(tables) && !held; t++)
			for (size_t r = 0; r < tables[t].count; r++)
				held |= tables[t].rows[r].verdict == OK &&
				        (words_set(tables[t].rows[r].words) &
				            UINT64_C(1) << i);
		ok(held, "a row allows what %s promises", promise_rows[i].name);
	}
}

/* What pledge(2) says of open(2): each of its acts takes its own word. */
static bool
may_open(promise_set words, unsigned int when, uint64_t flags, uint64_t mode)
{
	const int access = (int)flags & 3;
	bool makes = (flags & (O_CREAT | TMPFILE)) != 0;
	bool setid = makes && (mode & 06000) != 0;
	promise_set needed = 0;

	if (access == 3 || setid)
		return false;
	if ((words & PROMISE(TMPPATH)) && access == O_RDWR &&
	    (flags & O_CREAT) && (flags & O_EXCL))
		return true;
	if (access != O_WRONLY)
		needed |= PROMISE(RPATH);
	if (access != O_RDONLY || (flags & O_TRUNC))
		needed |= PROMISE(WPATH);
	if (makes)
		needed |= PROMISE(CPATH);
	/* The kernel refuses a temporary file that nobody may write. */
	if (access == O_RDONLY && (flags & TMPFILE))
		return false;
	/* Before ABI 3, Landlock lets a file be truncated by who may read. */
	if (access == O_RDONLY && (flags & O_TRUNC) && !(when & WHEN_TRUNCATE))
		return false;
	return (words & needed) == needed;
}

static uint64_t
flags_of(unsigned int bits)
{
	static const uint64_t rows[] = { 1, 2, O_CREAT, O_EXCL, O_TRUNC,
		TMPFILE, O_DIRECTORY, O_CLOEXEC, UPPER, O_PATH };
	uint64_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (bits & 1U << i)
			flags |= rows[i];
	return flags;
}

/* All flags, all modes; returns how many were answered wrongly. */
static unsigned int
count_wrong_opens(promise_set words, unsigned int when, int nr, size_t shift)
{
	static const uint64_t modes[] = { 0, 0644, 01777, 02000, 04000, 06000,
		UPPER | 0600, UPPER | 02600 };
	struct call call = { .nr = (uint32_t)nr, .arch = arch_native()->audit };
	unsigned int wrong = 0;

	for (unsigned int bits = 0; bits < 1U << 10; bits++) {
		for (size_t m = 0; m < ARRAY_SIZE(modes); m++) {
			uint64_t flags = flags_of(bits);
			bool may = may_open(words, when, flags, modes[m]);
			uint32_t answer;

			call.args[shift + 1] = flags;
			call.args[shift + 2] = modes[m];
			answer = answer_to(&made, &call);
			if (answer == (may ? SECCOMP_RET_ALLOW : REFUSE))
				continue;
			if (wrong++ == 0)
				note("flags %#llx mode %#llo: answer %#x",
				    (unsigned long long)flags,
				    (unsigned long long)modes[m], answer);
		}
	}
	return wrong;
}

static void
test_opens(void)
{
	static const struct {
		const char *name;
		size_t shift; /* arguments before the path */
	} calls[] = { { "open", 0 }, { "openat", 1 } };
	static const promise_set words[] = { PROMISE(RPATH), PROMISE(WPATH),
		PROMISE(CPATH), PROMISE(TMPPATH) };
	static const unsigned int whens[] = { LAUNCH, WHEN_LAUNCH };

	for (unsigned int subset = 0; subset < 1U << 5; subset++) {
		unsigned int when = whens[subset >> 4];
		promise_set set = PROMISE(STDIO);

		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (subset & 1U << i)
				set |= words[i];
		if (!make_program(&made, set, when, REFUSE))
			return (void)ok(false, "opens are compiled");
		for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
			int nr = arch_number(arch_native(), calls[i].name,
			    strlen(calls[i].name));

			if (nr >= 0)
				ok(count_wrong_opens(
				       set, when, nr, calls[i].shift) == 0,
				    "%s with words %#llx, %s truncation",
				    calls[i].name, (unsigned long long)set,
				    when & WHEN_TRUNCATE ? "watched"
				                         : "unwatched");
		}
	}
}

/* The same with everything promised, and with -k. */
static void
test_numbers(void)
{
	static const uint32_t refusals[] = { REFUSE, SECCOMP_RET_KILL_PROCESS };
	const promise_set all = (UINT64_C(1) << PROMISE_COUNT) - 1;
	struct call call = { .arch = arch_native()->audit };

	for (size_t r = 0; r < ARRAY_SIZE(refusals); r++) {
		if (!make_program(&made, all, LAUNCH, refusals[r]))
			return (void)ok(false, "all promises are compiled");
		for (size_t i = 0; i < ARRAY_SIZE(number_rows); i++) {
			call.nr = (uint32_t)number_rows[i].nr;
			ok(answer_to(&made, &call) ==
			        verdict_answer(number_rows[i].verdict),
			    "%s %s", number_rows[i].name,
			    verdict_text(number_rows[i].verdict));
		}
		call.nr = arch_native()->max + 1;
		ok(answer_to(&made, &call) == verdict_answer(ENOSYS),
		    "the first number above the table ENOSYS");
		call.nr = (uint32_t)arch_number(arch_native(), "read", 4);
		ok(answer_to(&made, &call) == SECCOMP_RET_ALLOW,
		    "read of our own architecture is allowed");
	}
}

/* A number means something else there; so every one is killed. */
static void
test_foreign(void)
{
	static const uint32_t audits[] = { AUDIT_ARCH_I386, AUDIT_ARCH_X86_64,
		AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, AUDIT_ARCH_RISCV64,
		AUDIT_ARCH_RISCV32, 0, UINT32_MAX };
	const promise_set all = (UINT64_C(1) << PROMISE_COUNT) - 1;
	struct call call = { 0 };

	if (!make_program(&made, all, LAUNCH, REFUSE))
		return (void)ok(false, "all promises are compiled");
	for (size_t i = 0; i < ARRAY_SIZE(audits); i++) {
		unsigned int killed = 0;

		if (audits[i] == arch_native()->audit)
			continue;
		call.arch = audits[i];
		for (call.nr = 0; call.nr < ARCH_CALLS_MAX; call.nr++)
			killed +=
			    answer_to(&made, &call) == SECCOMP_RET_KILL_PROCESS;
		ok(killed == ARCH_CALLS_MAX, "architecture %#x is killed",
		    audits[i]);
	}
}

static int
compile_policy(const struct policy *policy, int abi, unsigned int how)
{
	struct features features = { .landlock_abi = abi };
	struct sandbox_request request = { .policy = policy,
		.features = &features,
		.arch = arch_native(),
		.launch = !(how & LIBRARY),
		.dynamic = (how & DYNAMIC) != 0,
		.values = { .cookie = { COOKIE_1, COOKIE_2, COOKIE_3 } } };

	for (size_t i = 0; i < FEATURE_COUNT; i++)
		features.has[i] = true;
	return sandbox_compile(&request, &sandbox, NULL);
}

static void
test_violations(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(violation_rows); i++) {
		struct policy policy = { .promises_given = true,
			.promises = words_set(violation_rows[i].words),
			.kill = violation_rows[i].kill,
			.violation_errno = violation_rows[i].err };
		struct call call = { .arch = arch_native()->audit };
		const char *name = violation_rows[i].call;
		int nr = arch_number(arch_native(), name, strlen(name));
		uint32_t answer = 1;

		if (nr < 0)
			continue;
		call.nr = (uint32_t)nr;
		memcpy(call.args, violation_rows[i].args, sizeof(call.args));
		if (compile_policy(&policy, 7, STATIC) == 0)
			program_run(
			    &sandbox.program, &call, &answer, NULL, NULL);
		ok(answer == verdict_answer(violation_rows[i].verdict),
		    "\"%s\"%s%s%s: %s %s (%#x)", violation_rows[i].words,
		    policy.kill ? " -k" : "", policy.violation_errno ? " " : "",
		    policy.violation_errno ? errno_name(policy.violation_errno)
		                           : "",
		    name, verdict_text(violation_rows[i].verdict), answer);
	}
}

static void
test_circumstances(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(circumstance_rows); i++) {
		unsigned int how = circumstance_rows[i].how;
		struct policy policy = { .promises_given = true,
			.promises = words_set(circumstance_rows[i].words),
			.no_unveil = (how & BARE) != 0,
			.connect = { { TCP_PORT(80) },
			    circumstance_rows[i].connect > 0 },
			.bind = {
			    { TCP_PORT(80) }, circumstance_rows[i].bind > 0 } };
		int error =
		    compile_policy(&policy, circumstance_rows[i].abi, how);

		ok(error == 0 && sandbox.when == circumstance_rows[i].when,
		    "\"%s\" under ABI %d, %u: circumstances %#x",
		    circumstance_rows[i].words, circumstance_rows[i].abi, how,
		    sandbox.when);
	}
}

int
main(void)
{
	test_violations();
	test_circumstances();
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (size_t r = 0; r < tables[t].count; r++)
			test_row(tables[t].name, &tables[t].rows[r]);
	test_rows_complete();
	test_opens();
	test_numbers();
	test_foreign();
	return tap_done();
}
