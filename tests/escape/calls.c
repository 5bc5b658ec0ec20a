/* SPDX-License-Identifier: ISC */
/*
 * Attempts that are one system call: a row of numbers each.
 *
 * Their arguments are wrong on purpose, wherever the right ones would do
 * something: a descriptor -1, the address 8, a process that cannot exist.
 * The kernel's complaint about that means that nobody refused the call.
 */
#include "targets/attempt.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define WRONG    8L
#define NO_FD    (-1L)
#define NOBODY   0x7ffffffeL /* above every kernel's highest process ID */
#define HERE     (-100L)     /* AT_FDCWD */
#define OPERAND  0x5eed5eedL /* stands for the operand */
#define TEXT(to) ((long)(to))
#define X32      0x40000000L

struct call {
	const char *name;
	int complaint;
	long number;
	long arguments[6];
};

static char byte;
static const struct iovec here = { &byte, 1 };
static const struct iovec there = { (void *)WRONG, 1 };
/* si_signo, si_errno, si_code SI_QUEUE: what sigqueue(3) fills in. */
static const int queued[32] = { 0, 0, -1 };
static const int priority_zero;
static long lists[2];

/* clang-format off */
static const struct call calls[] = {
	/* Other architectures' calls. */
#if defined(__x86_64__)
	{ "x32-getpid", 0, X32 | SYS_getpid, { 0 } },
	{ "x32-open", 0, X32 | SYS_open, { TEXT("/etc/passwd") } },
	{ "x32-execve", EFAULT, X32 | 520, { 0 } },
	{ "modify-ldt", 0, SYS_modify_ldt, { 0, WRONG, 0 } },
	{ "iopl", 0, SYS_iopl, { 0 } },
	{ "ioperm", EINVAL, SYS_ioperm, { 0x10000, 1 } },
#endif
	/* Administration. */
	{ "reboot", EINVAL, SYS_reboot, { 0 } },
	{ "swapon", EFAULT, SYS_swapon, { WRONG } },
	{ "swapoff", EFAULT, SYS_swapoff, { WRONG } },
	{ "init-module", ENOEXEC, SYS_init_module, { WRONG, 0, WRONG } },
	{ "finit-module", EBADF, SYS_finit_module, { NO_FD, TEXT("") } },
	{ "delete-module", EFAULT, SYS_delete_module, { WRONG } },
	{ "kexec-load", EINVAL, SYS_kexec_load, { 0, 99, WRONG } },
	{ "kexec-file", EINVAL, SYS_kexec_file_load,
	    { NO_FD, NO_FD, 0, 0, 0x5eed } },
	{ "syslog", 0, SYS_syslog, { 10 } }, /* the size of the buffer */
	{ "settimeofday", EFAULT, SYS_settimeofday, { WRONG } },
	{ "clock-settime", EFAULT, SYS_clock_settime, { 0, WRONG } },
	{ "clock-adjtime", EFAULT, SYS_clock_adjtime, { 0, WRONG } },
	{ "sethostname", EFAULT, SYS_sethostname, { WRONG, 1 } },
	{ "setdomainname", EFAULT, SYS_setdomainname, { WRONG, 1 } },
	{ "acct", EFAULT, SYS_acct, { WRONG } },
	{ "quotactl", EINVAL, SYS_quotactl, { 0x800007ff, WRONG } },
	{ "quotactl-fd", EBADF, SYS_quotactl_fd, { NO_FD, 0x80000700 } },
	/* Mounts. */
	{ "mount", EFAULT, SYS_mount, { WRONG, WRONG, WRONG } },
	{ "umount", EFAULT, SYS_umount2, { WRONG } },
	{ "fsopen", 0, SYS_fsopen, { TEXT("tmpfs") } },
	{ "fspick", 0, SYS_fspick, { HERE, TEXT("/proc") } },
	/* FSCONFIG_CMD_CREATE; below zero it is not looked for. */
	{ "fsconfig", EBADF, SYS_fsconfig, { 0x7fffffff, 6 } },
	{ "fsmount", EBADF, SYS_fsmount, { NO_FD } },
	{ "open-tree-clone", 0, SYS_open_tree, { HERE, TEXT("/"), 1 } },
	{ "move-mount", EBADF, SYS_move_mount,
	    { NO_FD, TEXT("x"), NO_FD, TEXT("y") } },
	{ "mount-setattr", EFAULT, SYS_mount_setattr,
	    { NO_FD, TEXT(""), 0, WRONG, 32 } },
	{ "pivot-root", EFAULT, SYS_pivot_root, { WRONG, WRONG } },
	{ "chroot", EFAULT, SYS_chroot, { WRONG } },
	{ "statmount", EFAULT, 457, { WRONG, WRONG, 1 } },
	{ "listmount", EFAULT, 458, { WRONG, WRONG, 1 } },
	{ "open-tree-attr", EBADF, 467, { NO_FD, TEXT("x"), 0, 0, 0 } },
	/* Large attack surfaces. */
	{ "bpf", EFAULT, SYS_bpf, { 5, WRONG, 16 } },
	{ "perf", EFAULT, SYS_perf_event_open, { WRONG, 0, -1, -1 } },
	{ "userfaultfd", EINVAL, SYS_userfaultfd, { 0x40000000 } },
	{ "io-setup", EFAULT, SYS_io_setup, { 1, WRONG } },
	{ "memfd-secret", EINVAL, SYS_memfd_secret, { 0x40000000 } },
	{ "fanotify", 0, SYS_fanotify_init, { 0x200 } },
	{ "add-key", EFAULT, SYS_add_key, { WRONG } },
	{ "request-key", EFAULT, SYS_request_key, { WRONG } },
	{ "keyctl-session", 0, SYS_keyctl, { 0, -3, 1 } },
	{ "lsm-attributes", EFAULT, 459, { 100, WRONG, WRONG } },
	{ "seccomp-listener", EFAULT, SYS_seccomp, { 1, 8, WRONG } },
	{ "io-uring-enter", EBADF, SYS_io_uring_enter, { NO_FD } },
	{ "io-uring-register", EBADF, SYS_io_uring_register,
	    { 0x7fffffff } },
	{ "open-by-handle", EFAULT, SYS_open_by_handle_at, { HERE, WRONG } },
	{ "name-to-handle", EFAULT, SYS_name_to_handle_at,
	    { NO_FD, WRONG, WRONG, WRONG } },
	{ "file-setattr", EINVAL, 469, { HERE, TEXT("/"), WRONG, 0 } },
	{ "setxattrat", EINVAL, 463, { HERE, TEXT("/"), 0, WRONG, WRONG, 0 } },
	{ "unknown-call", ENOSYS, 1000, { 0 } },
	/* Objects that processes share. */
	{ "shmget", ENOENT, SYS_shmget, { 0x5eed5eee, 4096 } },
	{ "shmat-exec", EINVAL, SYS_shmat, { -1, 0, 0100000 } },
	{ "semget", ENOENT, SYS_semget, { 0x5eed5eee, 1 } },
	{ "msgget", ENOENT, SYS_msgget, { 0x5eed5eee } },
	{ "mq-open", EFAULT, SYS_mq_open, { WRONG } },
	{ "mq-unlink", EFAULT, SYS_mq_unlink, { WRONG } },
	/* One's own process. */
	{ "prctl-set-mm", EFAULT, SYS_prctl, { 35, 15, WRONG } },
	{ "prctl-dumpable", 0, SYS_prctl, { 4, 1 } },
	{ "prctl-subreaper", 0, SYS_prctl, { 36, 1 } },
	{ "prctl-securebits", 0, SYS_prctl, { 28, 0 } },
	{ "prctl-keepcaps", 0, SYS_prctl, { 8, 1 } },
	/* Drops CAP_SYS_PACCT, for this process alone. */
	{ "prctl-capbset", 0, SYS_prctl, { 24, 20 } },
	{ "prctl-ambient", 0, SYS_prctl, { 47, 1, 0, 0, 0 } },
	{ "prctl-tsc", 0, SYS_prctl, { 26, 1 } },
	{ "prctl-dispatch", 0, SYS_prctl, { 59, 0 } },
	{ "prctl-ptracer", EINVAL, SYS_prctl, { 0x59616d61, 0 } },
	{ "personality", 0, SYS_personality, { 0x0040000 } },
	{ "execve-guess", EFAULT, SYS_execve,
	    { 0, 0, 0, -1, 0x5eed5eee, 1 } },
	{ "setpriority-user", ESRCH, SYS_setpriority, { 2, 0x7ffffffd } },
	{ "setpriority-group", ESRCH, SYS_setpriority, { 1, NOBODY } },
	{ "ioprio-user", ESRCH, SYS_ioprio_set, { 3, 0x7ffffffd, 0x6000 } },
	{ "ioprio-group", ESRCH, SYS_ioprio_set, { 2, NOBODY, 0x4004 } },
	{ "process-madvise", EBADF, SYS_process_madvise,
	    { NO_FD, WRONG, 0, 20 } },
	{ "process-mrelease", EBADF, SYS_process_mrelease, { NO_FD } },
	{ "setns-bad", EBADF, SYS_setns, { NO_FD } },
	/* Somebody else's process, by its ID. */
	{ "kill-of", 0, SYS_kill, { OPERAND } },
	{ "tkill-of", 0, SYS_tkill, { OPERAND } },
	{ "tgkill-of", 0, SYS_tgkill, { OPERAND, OPERAND } },
	{ "sigqueue-of", 0, SYS_rt_sigqueueinfo, { OPERAND, 0, TEXT(queued) } },
	{ "tgsigqueue-of", 0, SYS_rt_tgsigqueueinfo,
	    { OPERAND, OPERAND, 0, TEXT(queued) } },
	{ "ptrace-of", 0, SYS_ptrace, { 0x4206, OPERAND } }, /* SEIZE */
	{ "vm-read-of", EFAULT, SYS_process_vm_readv,
	    { OPERAND, TEXT(&here), 1, TEXT(&there), 1 } },
	{ "vm-write-of", EFAULT, SYS_process_vm_writev,
	    { OPERAND, TEXT(&here), 1, TEXT(&there), 1 } },
	{ "kcmp-of", 0, SYS_kcmp, { OPERAND, OPERAND, 1 } },
	{ "robust-list-of", 0, SYS_get_robust_list,
	    { OPERAND, TEXT(&lists[0]), TEXT(&lists[1]) } },
	{ "move-pages-of", 0, SYS_move_pages, { OPERAND } },
	{ "migrate-pages-of", EFAULT, SYS_migrate_pages,
	    { OPERAND, 65, WRONG, WRONG } },
	{ "prlimit-read-of", 0, SYS_prlimit64, { OPERAND, 7 } },
	{ "setscheduler-of", 0, SYS_sched_setscheduler,
	    { OPERAND, 0, TEXT(&priority_zero) } },
	{ "setparam-of", 0, SYS_sched_setparam,
	    { OPERAND, TEXT(&priority_zero) } },
	{ "setattr-of", EFAULT, SYS_sched_setattr, { OPERAND, WRONG } },
	{ "setaffinity-of", EFAULT, SYS_sched_setaffinity,
	    { OPERAND, 8, WRONG } },
	{ "setpriority-of", 0, SYS_setpriority, { 0, OPERAND, 19 } },
	{ "ioprio-of", 0, SYS_ioprio_set, { 1, OPERAND, 0x4004 } },
	{ "getscheduler-of", 0, SYS_sched_getscheduler, { OPERAND } },
	{ "getpriority-of", 0, SYS_getpriority, { 0, OPERAND } },
	{ "getpgid-of", 0, SYS_getpgid, { OPERAND } },
	{ "getsid-of", 0, SYS_getsid, { OPERAND } },
	/* A request for a device or a terminal, by its number. */
	{ "ioctl", EBADF, SYS_ioctl, { NO_FD, OPERAND } },
	{ "ioctl-tiocsctty-force", EBADF, SYS_ioctl, { NO_FD, 0x540e, 1 } },
	{ "fcntl", EBADF, SYS_fcntl, { NO_FD, OPERAND } },
	/* F_SETOWN of a group, also with garbage above the int; F_SETOWN_EX;
	 * F_SETFL with O_ASYNC. */
	{ "own-group", EBADF, SYS_fcntl, { NO_FD, 8, -2 } },
	{ "own-group-high", EBADF, SYS_fcntl, { NO_FD, 8, 0x7fffffffe } },
	{ "own-extended", EBADF, SYS_fcntl, { NO_FD, 15, WRONG } },
	{ "async", EBADF, SYS_fcntl, { NO_FD, 4, 020000 } },
	{ 0 },
};
/* clang-format on */

static int
make_call(const char *name, long operand)
{
	const struct call *row = calls;
	long a[6];

	while (row->name != NULL && strcmp(row->name, name) != 0)
		row++;
	if (row->name == NULL) {
		dprintf(STDERR_FILENO, "attempt: no call %s\n", name);
		_exit(200);
	}
	for (int i = 0; i < 6; i++)
		a[i] =
		    row->arguments[i] == OPERAND ? operand : row->arguments[i];
	return harmless(
	    syscall(row->number, a[0], a[1], a[2], a[3], a[4], a[5]),
	    row->complaint);
}

static int
call_one(char **operands)
{
	return make_call(operands[0], 0);
}

static int
call_with(char **operands)
{
	return make_call(operands[0], (long)strtoul(operands[1], NULL, 0));
}

/* clang-format off */
const struct attempt escape_calls[] = {
	{ "call", "NAME", call_one },
	{ "call-with", "NAME NUMBER", call_with },
	{ 0 },
};
