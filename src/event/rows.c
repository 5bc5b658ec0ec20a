/* SPDX-License-Identifier: ISC */
#include "event/rows.h"

#include <linux/audit.h>
#include <string.h>

#include "base/table.h"
#include "event/symbols.h"

/* clang-format off */
#define INT      { ARG_INT }
#define UINT     { ARG_UINT }
#define LONG     { ARG_LONG }
#define SIZE     { ARG_SIZE }
#define HEX      { ARG_HEX }
#define PTR      { ARG_POINTER }
#define OFFSET   { ARG_OFFSET }
#define MODE     { ARG_MODE }
#define DEVICE   { ARG_DEVICE }
#define SIGNAL   { ARG_SIGNAL }
#define FD       { ARG_FD }
#define DIRFD    { ARG_DIRFD }
#define PATH     { ARG_PATH }
#define STRING   { ARG_STRING }
#define DATA     { ARG_DATA }
#define DATA_OUT { ARG_DATA_OUT }
#define PATH_OUT { ARG_PATH_OUT }
#define TIME     { ARG_TIMESPEC }
#define TIME64   { ARG_TIMESPEC64 }
#define TIMES    { ARG_TIMESPECS }
#define SIGSET   { ARG_SIGSET }
#define ARG(kind) { ARG_##kind }
#define SET(name)  { ARG_SET, &set_##name }
#define LSET(name) { ARG_LSET, &set_##name }

/* Manual pages in section 2; sizes as the kernel's own declarations have them
 * (linux/syscalls.h). */
const struct call_row call_rows[] = {
	{ "_llseek", { FD, HEX, HEX, PTR, SET(seek) } },
	{ "_newselect", { INT, PTR, PTR, PTR, ARG(TIMEVAL) } },
	{ "accept", { FD, ARG(SOCKADDR_OUT), ARG(INT_OUT) }, RESULT_FD },
	{ "accept4", { FD, ARG(SOCKADDR_OUT), ARG(INT_OUT), SET(socket) },
	    RESULT_FD },
	{ "access", { PATH, SET(access) } },
	{ "acct", { PATH } },
	{ "add_key", { STRING, STRING, DATA, SIZE, INT } },
	{ "adjtimex", { PTR } },
	{ "alarm", { UINT } },
	{ "arch_prctl", { SET(arch_prctl), HEX } },
	{ "bind", { FD, ARG(SOCKADDR), INT } },
	{ "bpf", { SET(bpf), PTR, UINT } },
	{ "brk", { PTR }, RESULT_HEX },
	{ "cachestat", { FD, PTR, PTR, UINT } },
	{ "capget", { PTR, PTR } },
	{ "capset", { PTR, PTR } },
	{ "chdir", { PATH } },
	{ "chmod", { PATH, MODE } },
	{ "chown", { PATH, INT, INT } },
	{ "chown32", { PATH, INT, INT } },
	{ "chroot", { PATH } },
	{ "clock_adjtime", { SET(clock), PTR } },
	{ "clock_adjtime64", { SET(clock), PTR } },
	{ "clock_getres", { SET(clock), ARG(TIMESPEC_OUT) } },
	{ "clock_getres_time64", { SET(clock), ARG(TIMESPEC64_OUT) } },
	{ "clock_gettime", { SET(clock), ARG(TIMESPEC_OUT) } },
	{ "clock_gettime64", { SET(clock), ARG(TIMESPEC64_OUT) } },
	{ "clock_nanosleep", { SET(clock), SET(timer), TIME,
	    ARG(TIMESPEC_OUT) } },
	{ "clock_nanosleep_time64", { SET(clock), SET(timer), TIME64,
	    ARG(TIMESPEC64_OUT) } },
	{ "clock_settime", { SET(clock), TIME } },
	{ "clock_settime64", { SET(clock), TIME64 } },
	{ "clone", { ARG(CLONE), PTR, PTR, PTR, PTR } },
	{ "clone3", { ARG(CLONE_ARGS), SIZE } },
	{ "close", { FD } },
	{ "close_range", { INT, INT, SET(close_range) } },
	{ "connect", { FD, ARG(SOCKADDR), INT } },
	{ "copy_file_range", { FD, PTR, FD, PTR, SIZE, UINT } },
	{ "creat", { PATH, MODE }, RESULT_FD },
	{ "delete_module", { STRING, SET(open) } },
	{ "dup", { FD }, RESULT_FD },
	{ "dup2", { FD, INT }, RESULT_FD },
	{ "dup3", { FD, INT, SET(open) }, RESULT_FD },
	{ "epoll_create", { INT }, RESULT_FD },
	{ "epoll_create1", { SET(epoll_create) }, RESULT_FD },
	{ "epoll_ctl", { FD, SET(epoll_op), FD, ARG(EPOLL_EVENT) } },
	{ "epoll_pwait", { FD, ARG(EPOLL_OUT), INT, INT, SIGSET, SIZE } },
	{ "epoll_pwait2", { FD, ARG(EPOLL_OUT), INT, TIME64, SIGSET, SIZE } },
	{ "epoll_wait", { FD, ARG(EPOLL_OUT), INT, INT } },
	{ "eventfd", { UINT }, RESULT_FD },
	{ "eventfd2", { UINT, SET(eventfd) }, RESULT_FD },
	{ "execve", { PATH, ARG(ARGV), ARG(ENVP) } },
	{ "execveat", { DIRFD, PATH, ARG(ARGV), ARG(ENVP), SET(at) } },
	{ "exit", { INT }, RESULT_NONE },
	{ "exit_group", { INT }, RESULT_NONE },
	{ "faccessat", { DIRFD, PATH, SET(access) } },
	{ "faccessat2", { DIRFD, PATH, SET(access), SET(at) } },
	{ "fadvise64", { FD, OFFSET, SIZE, SET(fadvise) } },
	{ "fadvise64_64", { FD, OFFSET, OFFSET, SET(fadvise) } },
	{ "fallocate", { FD, SET(fallocate), OFFSET, OFFSET } },
	{ "fanotify_init", { HEX, SET(open) }, RESULT_FD },
	{ "fanotify_mark", { FD, HEX, OFFSET, DIRFD, PATH } },
	{ "fchdir", { FD } },
	{ "fchmod", { FD, MODE } },
	{ "fchmodat", { DIRFD, PATH, MODE } },
	{ "fchmodat2", { DIRFD, PATH, MODE, SET(at) } },
	{ "fchown", { FD, INT, INT } },
	{ "fchown32", { FD, INT, INT } },
	{ "fchownat", { DIRFD, PATH, INT, INT, SET(at) } },
	{ "fcntl", { FD, SET(fcntl), ARG(FCNTL_ARG) }, RESULT_FCNTL },
	{ "fcntl64", { FD, SET(fcntl), ARG(FCNTL_ARG) }, RESULT_FCNTL },
	{ "fdatasync", { FD } },
	{ "fgetxattr", { FD, STRING, DATA_OUT, SIZE } },
	{ "file_getattr", { DIRFD, PATH, PTR, SIZE, SET(at) } },
	{ "file_setattr", { DIRFD, PATH, PTR, SIZE, SET(at) } },
	{ "finit_module", { FD, STRING, SET(module_init) } },
	{ "flistxattr", { FD, DATA_OUT, SIZE } },
	{ "flock", { FD, SET(flock) } },
	{ "fork" },
	{ "fremovexattr", { FD, STRING } },
	{ "fsconfig", { FD, SET(fsconfig), STRING, PTR, INT } },
	{ "fsetxattr", { FD, STRING, DATA, SIZE, SET(xattr) } },
	{ "fsmount", { FD, SET(fsmount), LSET(mount_attr) }, RESULT_FD },
	{ "fsopen", { STRING, SET(fsopen) }, RESULT_FD },
	{ "fspick", { DIRFD, PATH, HEX }, RESULT_FD },
	{ "fstat", { FD, ARG(STAT_OUT) } },
	{ "fstat64", { FD, ARG(STAT_OUT) } },
	{ "fstatat64", { DIRFD, PATH, ARG(STAT_OUT), SET(at) } },
	{ "fstatfs", { FD, PTR } },
	{ "fstatfs64", { FD, SIZE, PTR } },
	{ "fsync", { FD } },
	{ "ftruncate", { FD, LONG } },
	{ "ftruncate64", { FD, OFFSET } },
	{ "futex", { PTR, SET(futex), UINT, PTR, PTR, UINT } },
	{ "futex_requeue", { PTR, HEX, INT, INT } },
	{ "futex_time64", { PTR, SET(futex), UINT, PTR, PTR, UINT } },
	{ "futex_wait", { PTR, LONG, HEX, HEX, TIME64, SET(clock) } },
	{ "futex_waitv", { PTR, UINT, HEX, TIME64, SET(clock) } },
	{ "futex_wake", { PTR, HEX, INT, HEX } },
	{ "futimesat", { DIRFD, PATH, ARG(ITIMER) } },
	{ "get_mempolicy", { PTR, PTR, SIZE, PTR, HEX } },
	{ "get_robust_list", { INT, PTR, PTR } },
	{ "get_thread_area", { PTR } },
	{ "getcpu", { ARG(INT_OUT), ARG(INT_OUT), PTR } },
	{ "getcwd", { PATH_OUT, SIZE } },
	{ "getdents", { FD, PTR, SIZE } },
	{ "getdents64", { FD, PTR, SIZE } },
	{ "getegid" },
	{ "getegid32" },
	{ "geteuid" },
	{ "geteuid32" },
	{ "getgid" },
	{ "getgid32" },
	{ "getgroups", { INT, PTR } },
	{ "getgroups32", { INT, PTR } },
	{ "getitimer", { SET(itimer), ARG(ITIMER_OUT) } },
	{ "getpeername", { FD, ARG(SOCKADDR_OUT), ARG(INT_OUT) } },
	{ "getpgid", { INT } },
	{ "getpgrp" },
	{ "getpid" },
	{ "getppid" },
	{ "getpriority", { SET(priority), INT } },
	{ "getrandom", { PTR, SIZE, SET(getrandom) } },
	{ "getresgid", { ARG(INT_OUT), ARG(INT_OUT), ARG(INT_OUT) } },
	{ "getresgid32", { ARG(INT_OUT), ARG(INT_OUT), ARG(INT_OUT) } },
	{ "getresuid", { ARG(INT_OUT), ARG(INT_OUT), ARG(INT_OUT) } },
	{ "getresuid32", { ARG(INT_OUT), ARG(INT_OUT), ARG(INT_OUT) } },
	{ "getrlimit", { SET(resource), ARG(LIMIT_OUT) } },
	{ "getrusage", { SET(rusage), PTR } },
	{ "getsid", { INT } },
	{ "getsockname", { FD, ARG(SOCKADDR_OUT), ARG(INT_OUT) } },
	{ "getsockopt", { FD, SET(sol), ARG(SOCKOPT), PTR, ARG(INT_OUT) } },
	{ "gettid" },
	{ "gettimeofday", { ARG(TIMEVAL_OUT), PTR } },
	{ "getuid" },
	{ "getuid32" },
	{ "getxattr", { PATH, STRING, DATA_OUT, SIZE } },
	{ "getxattrat", { DIRFD, PATH, SET(at), STRING, PTR, SIZE } },
	{ "init_module", { PTR, SIZE, STRING } },
	{ "inotify_add_watch", { FD, PATH, SET(inotify) } },
	{ "inotify_init", { { 0 } }, RESULT_FD },
	{ "inotify_init1", { SET(inotify_init) }, RESULT_FD },
	{ "inotify_rm_watch", { FD, INT } },
	{ "io_cancel", { HEX, PTR, PTR } },
	{ "io_destroy", { HEX } },
	{ "io_getevents", { HEX, LONG, LONG, PTR, TIME } },
	{ "io_pgetevents", { HEX, LONG, LONG, PTR, TIME, PTR } },
	{ "io_pgetevents_time64", { HEX, LONG, LONG, PTR, TIME64, PTR } },
	{ "io_setup", { UINT, PTR } },
	{ "io_submit", { HEX, LONG, PTR } },
	{ "io_uring_enter", { FD, UINT, UINT, SET(io_uring_enter), PTR, SIZE } },
	{ "io_uring_register", { FD, SET(io_uring_register), PTR, UINT } },
	{ "io_uring_setup", { UINT, PTR }, RESULT_FD },
	{ "ioctl", { FD, ARG(IOCTL), ARG(IOCTL_ARG) } },
	{ "ioperm", { HEX, SIZE, INT } },
	{ "iopl", { INT } },
	{ "ioprio_get", { SET(ioprio), INT } },
	{ "ioprio_set", { SET(ioprio), INT, HEX } },
	{ "ipc", { UINT, INT, INT, INT, PTR, LONG } },
	{ "kcmp", { INT, INT, SET(kcmp), HEX, HEX } },
	{ "kexec_file_load", { FD, FD, SIZE, STRING, HEX } },
	{ "kexec_load", { HEX, SIZE, PTR, HEX } },
	{ "keyctl", { SET(keyctl), HEX, HEX, HEX, HEX } },
	{ "kill", { INT, SIGNAL } },
	{ "landlock_add_rule", { FD, SET(landlock_rule), PTR, HEX } },
	{ "landlock_create_ruleset", { PTR, SIZE, SET(landlock_flags) } },
	{ "landlock_restrict_self", { FD, HEX } },
	{ "lchown", { PATH, INT, INT } },
	{ "lchown32", { PATH, INT, INT } },
	{ "lgetxattr", { PATH, STRING, DATA_OUT, SIZE } },
	{ "link", { PATH, PATH } },
	{ "linkat", { DIRFD, PATH, DIRFD, PATH, SET(at) } },
	{ "listen", { FD, INT } },
	{ "listmount", { PTR, PTR, SIZE, HEX } },
	{ "listxattr", { PATH, DATA_OUT, SIZE } },
	{ "listxattrat", { DIRFD, PATH, SET(at), PTR, SIZE } },
	{ "llistxattr", { PATH, DATA_OUT, SIZE } },
	{ "lookup_dcookie", { OFFSET, PTR, SIZE } },
	{ "lremovexattr", { PATH, STRING } },
	{ "lseek", { FD, LONG, SET(seek) } },
	{ "lsetxattr", { PATH, STRING, DATA, SIZE, SET(xattr) } },
	{ "lsm_get_self_attr", { UINT, PTR, PTR, HEX } },
	{ "lsm_list_modules", { PTR, PTR, HEX } },
	{ "lsm_set_self_attr", { UINT, PTR, UINT, HEX } },
	{ "lstat", { PATH, ARG(STAT_OUT) } },
	{ "lstat64", { PATH, ARG(STAT_OUT) } },
	{ "madvise", { PTR, SIZE, SET(madvise) } },
	{ "map_shadow_stack", { HEX, SIZE, HEX } },
	{ "mbind", { HEX, SIZE, INT, PTR, SIZE, HEX } },
	{ "membarrier", { SET(membarrier), HEX, INT } },
	{ "memfd_create", { STRING, SET(memfd) }, RESULT_FD },
	{ "memfd_secret", { HEX }, RESULT_FD },
	{ "migrate_pages", { INT, SIZE, PTR, PTR } },
	{ "mincore", { PTR, SIZE, PTR } },
	{ "mkdir", { PATH, MODE } },
	{ "mkdirat", { DIRFD, PATH, MODE } },
	{ "mknod", { PATH, MODE, DEVICE } },
	{ "mknodat", { DIRFD, PATH, MODE, DEVICE } },
	{ "mlock", { PTR, SIZE } },
	{ "mlock2", { PTR, SIZE, SET(mlock) } },
	{ "mlockall", { SET(mlockall) } },
	{ "mmap", { PTR, SIZE, SET(prot), SET(mmap), FD, HEX }, RESULT_HEX },
	{ "mmap2", { PTR, SIZE, SET(prot), SET(mmap), FD, HEX }, RESULT_HEX },
	{ "modify_ldt", { INT, PTR, SIZE } },
	{ "mount", { PATH, PATH, STRING, LSET(mount), STRING } },
	{ "mount_setattr", { DIRFD, PATH, SET(open_tree), PTR, SIZE } },
	{ "move_mount", { DIRFD, PATH, DIRFD, PATH, SET(move_mount) } },
	{ "move_pages", { INT, SIZE, PTR, PTR, PTR, HEX } },
	{ "mprotect", { PTR, SIZE, SET(prot) } },
	{ "mq_getsetattr", { FD, PTR, PTR } },
	{ "mq_notify", { FD, PTR } },
	{ "mq_open", { STRING, SET(open), MODE, PTR }, RESULT_FD },
	{ "mq_timedreceive", { FD, DATA_OUT, SIZE, ARG(INT_OUT), TIME } },
	{ "mq_timedreceive_time64", { FD, DATA_OUT, SIZE, ARG(INT_OUT),
	    TIME64 } },
	{ "mq_timedsend", { FD, DATA, SIZE, UINT, TIME } },
	{ "mq_timedsend_time64", { FD, DATA, SIZE, UINT, TIME64 } },
	{ "mq_unlink", { STRING } },
	{ "mremap", { PTR, SIZE, SIZE, SET(mremap), PTR }, RESULT_HEX },
	{ "mseal", { PTR, SIZE, HEX } },
	{ "msgctl", { INT, INT, PTR } },
	{ "msgget", { HEX, SET(shm) } },
	{ "msgrcv", { INT, PTR, SIZE, LONG, SET(shm) } },
	{ "msgsnd", { INT, PTR, SIZE, SET(shm) } },
	{ "msync", { PTR, SIZE, SET(msync) } },
	{ "munlock", { PTR, SIZE } },
	{ "munlockall" },
	{ "munmap", { PTR, SIZE } },
	{ "name_to_handle_at", { DIRFD, PATH, PTR, ARG(INT_OUT), SET(at) } },
	{ "nanosleep", { TIME, ARG(TIMESPEC_OUT) } },
	{ "newfstatat", { DIRFD, PATH, ARG(STAT_OUT), SET(at) } },
	{ "nice", { INT } },
	{ "open", { PATH, SET(open), MODE }, RESULT_FD },
	{ "open_by_handle_at", { DIRFD, PTR, SET(open) }, RESULT_FD },
	{ "open_tree", { DIRFD, PATH, SET(open_tree) }, RESULT_FD },
	{ "open_tree_attr", { DIRFD, PATH, SET(open_tree), PTR, SIZE },
	    RESULT_FD },
	{ "openat", { DIRFD, PATH, SET(open), MODE }, RESULT_FD },
	{ "openat2", { DIRFD, PATH, ARG(OPEN_HOW), SIZE }, RESULT_FD },
	{ "pause" },
	{ "perf_event_open", { PTR, INT, INT, FD, LSET(perf) }, RESULT_FD },
	{ "personality", { SET(personality) }, RESULT_HEX },
	{ "pidfd_getfd", { FD, INT, UINT }, RESULT_FD },
	{ "pidfd_open", { INT, SET(pidfd_open) }, RESULT_FD },
	{ "pidfd_send_signal", { FD, SIGNAL, PTR, SET(pidfd_signal) } },
	{ "pipe", { ARG(FD_PAIR_OUT) } },
	{ "pipe2", { ARG(FD_PAIR_OUT), SET(pipe) } },
	{ "pivot_root", { PATH, PATH } },
	{ "pkey_alloc", { HEX, SET(pkey) } },
	{ "pkey_free", { INT } },
	{ "pkey_mprotect", { PTR, SIZE, SET(prot), INT } },
	{ "poll", { ARG(POLL), UINT, INT } },
	{ "ppoll", { ARG(POLL), UINT, TIME, SIGSET, SIZE } },
	{ "ppoll_time64", { ARG(POLL), UINT, TIME64, SIGSET, SIZE } },
	{ "prctl", { SET(prctl), ARG(PRCTL_ARG), HEX, HEX, HEX } },
	{ "pread64", { FD, DATA_OUT, SIZE, OFFSET } },
	{ "preadv", { FD, ARG(VECTOR_OUT), SIZE, OFFSET } },
	{ "preadv2", { FD, ARG(VECTOR_OUT), SIZE, LONG, LONG, SET(rwf) } },
	{ "prlimit64", { INT, SET(resource), ARG(LIMIT64),
	    ARG(LIMIT64_OUT) } },
	{ "process_madvise", { FD, PTR, SIZE, SET(madvise), HEX } },
	{ "process_mrelease", { FD, HEX } },
	{ "process_vm_readv", { INT, PTR, SIZE, PTR, SIZE, HEX } },
	{ "process_vm_writev", { INT, PTR, SIZE, PTR, SIZE, HEX } },
	{ "pselect6", { INT, PTR, PTR, PTR, TIME, PTR } },
	{ "pselect6_time64", { INT, PTR, PTR, PTR, TIME64, PTR } },
	{ "ptrace", { SET(ptrace), INT, PTR, HEX } },
	{ "pwrite64", { FD, DATA, SIZE, OFFSET } },
	{ "pwritev", { FD, ARG(VECTOR), SIZE, OFFSET } },
	{ "pwritev2", { FD, ARG(VECTOR), SIZE, LONG, LONG, SET(rwf) } },
	{ "quotactl", { HEX, PATH, INT, PTR } },
	{ "quotactl_fd", { FD, HEX, INT, PTR } },
	{ "read", { FD, DATA_OUT, SIZE } },
	{ "readahead", { FD, OFFSET, SIZE } },
	{ "readdir", { FD, PTR, UINT } },
	{ "readlink", { PATH, DATA_OUT, SIZE } },
	{ "readlinkat", { DIRFD, PATH, DATA_OUT, SIZE } },
	{ "readv", { FD, ARG(VECTOR_OUT), SIZE } },
	{ "reboot", { HEX, HEX, HEX, PTR } },
	{ "recvfrom", { FD, DATA_OUT, SIZE, SET(msg), ARG(SOCKADDR_OUT),
	    ARG(INT_OUT) } },
	{ "recvmmsg", { FD, PTR, UINT, SET(msg), TIME } },
	{ "recvmmsg_time64", { FD, PTR, UINT, SET(msg), TIME64 } },
	{ "recvmsg", { FD, ARG(MESSAGE_OUT), SET(msg) } },
	{ "remap_file_pages", { PTR, SIZE, SET(prot), SIZE, SET(mmap) } },
	{ "removexattr", { PATH, STRING } },
	{ "removexattrat", { DIRFD, PATH, SET(at), STRING } },
	{ "rename", { PATH, PATH } },
	{ "renameat", { DIRFD, PATH, DIRFD, PATH } },
	{ "renameat2", { DIRFD, PATH, DIRFD, PATH, SET(rename) } },
	{ "request_key", { STRING, STRING, STRING, INT } },
	{ "restart_syscall" },
	{ "riscv_flush_icache", { PTR, PTR, HEX } },
	{ "riscv_hwprobe", { PTR, SIZE, SIZE, PTR, HEX } },
	{ "rmdir", { PATH } },
	{ "rseq", { PTR, UINT, HEX, HEX } },
	{ "rt_sigaction", { SIGNAL, ARG(SIGACTION), ARG(SIGACTION_OUT), SIZE } },
	{ "rt_sigpending", { ARG(SIGSET_OUT), SIZE } },
	{ "rt_sigprocmask", { SET(sigmask), SIGSET, ARG(SIGSET_OUT), SIZE } },
	{ "rt_sigqueueinfo", { INT, SIGNAL, PTR } },
	{ "rt_sigreturn" },
	{ "rt_sigsuspend", { SIGSET, SIZE } },
	{ "rt_sigtimedwait", { SIGSET, PTR, TIME, SIZE } },
	{ "rt_sigtimedwait_time64", { SIGSET, PTR, TIME64, SIZE } },
	{ "rt_tgsigqueueinfo", { INT, INT, SIGNAL, PTR } },
	{ "sched_get_priority_max", { SET(sched) } },
	{ "sched_get_priority_min", { SET(sched) } },
	{ "sched_getaffinity", { INT, SIZE, PTR } },
	{ "sched_getattr", { INT, PTR, UINT, HEX } },
	{ "sched_getparam", { INT, ARG(INT_OUT) } },
	{ "sched_getscheduler", { INT } },
	{ "sched_rr_get_interval", { INT, ARG(TIMESPEC_OUT) } },
	{ "sched_rr_get_interval_time64", { INT, ARG(TIMESPEC64_OUT) } },
	{ "sched_setaffinity", { INT, SIZE, PTR } },
	{ "sched_setattr", { INT, PTR, HEX } },
	{ "sched_setparam", { INT, ARG(INT_IN) } },
	{ "sched_setscheduler", { INT, SET(sched), ARG(INT_IN) } },
	{ "sched_yield" },
	{ "seccomp", { SET(seccomp), SET(seccomp_flags), PTR } },
	{ "select", { INT, PTR, PTR, PTR, ARG(TIMEVAL) } },
	{ "semctl", { INT, INT, INT, HEX } },
	{ "semget", { HEX, INT, SET(shm) } },
	{ "semop", { INT, PTR, SIZE } },
	{ "semtimedop", { INT, PTR, SIZE, TIME } },
	{ "semtimedop_time64", { INT, PTR, SIZE, TIME64 } },
	{ "sendfile", { FD, FD, PTR, SIZE } },
	{ "sendfile64", { FD, FD, PTR, SIZE } },
	{ "sendmmsg", { FD, PTR, UINT, SET(msg) } },
	{ "sendmsg", { FD, ARG(MESSAGE), SET(msg) } },
	{ "sendto", { FD, DATA, SIZE, SET(msg), ARG(SOCKADDR), INT } },
	{ "set_mempolicy", { INT, PTR, SIZE } },
	{ "set_mempolicy_home_node", { HEX, SIZE, SIZE, HEX } },
	{ "set_robust_list", { PTR, SIZE } },
	{ "set_thread_area", { PTR } },
	{ "set_tid_address", { PTR } },
	{ "setdomainname", { DATA, SIZE } },
	{ "setfsgid", { INT } },
	{ "setfsgid32", { INT } },
	{ "setfsuid", { INT } },
	{ "setfsuid32", { INT } },
	{ "setgid", { INT } },
	{ "setgid32", { INT } },
	{ "setgroups", { INT, PTR } },
	{ "setgroups32", { INT, PTR } },
	{ "sethostname", { DATA, SIZE } },
	{ "setitimer", { SET(itimer), ARG(ITIMER), ARG(ITIMER_OUT) } },
	{ "setns", { FD, SET(namespace) } },
	{ "setpgid", { INT, INT } },
	{ "setpriority", { SET(priority), INT, INT } },
	{ "setregid", { INT, INT } },
	{ "setregid32", { INT, INT } },
	{ "setresgid", { INT, INT, INT } },
	{ "setresgid32", { INT, INT, INT } },
	{ "setresuid", { INT, INT, INT } },
	{ "setresuid32", { INT, INT, INT } },
	{ "setreuid", { INT, INT } },
	{ "setreuid32", { INT, INT } },
	{ "setrlimit", { SET(resource), ARG(LIMIT) } },
	{ "setsid" },
	{ "setsockopt", { FD, SET(sol), ARG(SOCKOPT), ARG(INT_IN), INT } },
	{ "settimeofday", { ARG(TIMEVAL), PTR } },
	{ "setuid", { INT } },
	{ "setuid32", { INT } },
	{ "setxattr", { PATH, STRING, DATA, SIZE, SET(xattr) } },
	{ "setxattrat", { DIRFD, PATH, SET(at), STRING, PTR, SIZE } },
	{ "sgetmask" },
	{ "shmat", { INT, PTR, SET(shm) }, RESULT_HEX },
	{ "shmctl", { INT, INT, PTR } },
	{ "shmdt", { PTR } },
	{ "shmget", { HEX, SIZE, SET(shm) } },
	{ "shutdown", { FD, SET(shutdown) } },
	{ "sigaction", { SIGNAL, PTR, PTR } },
	{ "sigaltstack", { PTR, PTR } },
	{ "signal", { SIGNAL, PTR }, RESULT_HEX },
	{ "signalfd", { FD, SIGSET, SIZE }, RESULT_FD },
	{ "signalfd4", { FD, SIGSET, SIZE, SET(signalfd) }, RESULT_FD },
	{ "sigpending", { PTR } },
	{ "sigprocmask", { SET(sigmask), PTR, PTR } },
	{ "sigreturn" },
	{ "sigsuspend", { HEX, HEX, HEX } },
	{ "socket", { SET(domain), SET(socket), SET(protocol) }, RESULT_FD },
	{ "socketcall", { INT, PTR } },
	{ "socketpair", { SET(domain), SET(socket), SET(protocol),
	    ARG(FD_PAIR_OUT) } },
	{ "splice", { FD, PTR, FD, PTR, SIZE, SET(splice) } },
	{ "ssetmask", { HEX } },
	{ "stat", { PATH, ARG(STAT_OUT) } },
	{ "stat64", { PATH, ARG(STAT_OUT) } },
	{ "statfs", { PATH, PTR } },
	{ "statfs64", { PATH, SIZE, PTR } },
	{ "statmount", { PTR, PTR, SIZE, HEX } },
	{ "statx", { DIRFD, PATH, SET(statx_at), SET(statx),
	    ARG(STATX_OUT) } },
	{ "stime", { PTR } },
	{ "swapoff", { PATH } },
	{ "swapon", { PATH, SET(swap) } },
	{ "symlink", { STRING, PATH } },
	{ "symlinkat", { STRING, DIRFD, PATH } },
	{ "sync" },
	{ "sync_file_range", { FD, OFFSET, OFFSET, SET(sync_range) } },
	{ "syncfs", { FD } },
	{ "sysinfo", { PTR } },
	{ "syslog", { INT, PTR, INT } },
	{ "tee", { FD, FD, SIZE, SET(splice) } },
	{ "tgkill", { INT, INT, SIGNAL } },
	{ "time", { PTR } },
	{ "timer_create", { SET(clock), PTR, ARG(INT_OUT) } },
	{ "timer_delete", { INT } },
	{ "timer_getoverrun", { INT } },
	{ "timer_gettime", { INT, ARG(ITIMERSPEC_OUT) } },
	{ "timer_gettime64", { INT, PTR } },
	{ "timer_settime", { INT, SET(timer), ARG(ITIMERSPEC),
	    ARG(ITIMERSPEC_OUT) } },
	{ "timer_settime64", { INT, SET(timer), PTR, PTR } },
	{ "timerfd_create", { SET(clock), SET(timerfd) }, RESULT_FD },
	{ "timerfd_gettime", { FD, ARG(ITIMERSPEC_OUT) } },
	{ "timerfd_gettime64", { FD, PTR } },
	{ "timerfd_settime", { FD, SET(timerfd_settime), ARG(ITIMERSPEC),
	    ARG(ITIMERSPEC_OUT) } },
	{ "timerfd_settime64", { FD, SET(timerfd_settime), PTR, PTR } },
	{ "times", { PTR } },
	{ "tkill", { INT, SIGNAL } },
	{ "truncate", { PATH, LONG } },
	{ "truncate64", { PATH, OFFSET } },
	{ "ugetrlimit", { SET(resource), ARG(LIMIT_OUT) } },
	{ "umask", { MODE }, RESULT_MODE },
	{ "umount", { PATH } },
	{ "umount2", { PATH, SET(umount) } },
	{ "uname", { PTR } },
	{ "unlink", { PATH } },
	{ "unlinkat", { DIRFD, PATH, SET(unlink) } },
	{ "unshare", { SET(namespace) } },
	{ "uprobe" },
	{ "uretprobe" },
	{ "userfaultfd", { SET(userfaultfd) }, RESULT_FD },
	{ "ustat", { DEVICE, PTR } },
	{ "utime", { PATH, PTR } },
	{ "utimensat", { DIRFD, PATH, TIMES, SET(at) } },
	{ "utimensat_time64", { DIRFD, PATH, PTR, SET(at) } },
	{ "utimes", { PATH, ARG(ITIMER) } },
	{ "vfork" },
	{ "vhangup" },
	{ "vm86", { HEX, PTR } },
	{ "vmsplice", { FD, ARG(VECTOR), SIZE, SET(splice) } },
	{ "wait4", { INT, ARG(STATUS_OUT), SET(wait), PTR } },
	{ "waitid", { SET(wait_type), INT, PTR, SET(wait), PTR } },
	{ "waitpid", { INT, ARG(STATUS_OUT), SET(wait) } },
	{ "write", { FD, DATA, SIZE } },
	{ "writev", { FD, ARG(VECTOR), SIZE } },
};
const size_t call_row_count = ARRAY_SIZE(call_rows);

/* i386's mmap and select take one pointer to all their arguments; its stat is
 * of a form that only old programs use. */
const struct call_row call_rows_32bit[] = {
	{ "fstat", { FD, PTR } },
	{ "lstat", { PATH, PTR } },
	{ "mmap", { PTR }, RESULT_HEX },
	{ "select", { PTR } },
	{ "stat", { PATH, PTR } },
};
const size_t call_row_count_32bit = ARRAY_SIZE(call_rows_32bit);

const struct undescribed_row undescribed_rows[] = {
	{ "_sysctl afs_syscall bdflush break create_module epoll_ctl_old "
	    "epoll_wait_old ftime get_kernel_syms getpmsg gtty idle lock mpx "
	    "nfsservctl oldfstat oldlstat oldolduname oldstat olduname prof "
	    "profil putpmsg query_module security stty sysfs tuxcall ulimit "
	    "uselib vm86old vserver",
	    "obsolete: no kernel of today answers, or no program of today "
	    "asks" },
};
const size_t undescribed_row_count = ARRAY_SIZE(undescribed_rows);

/* What is not known is shown as its registers. */
static const struct call_row unknown_row = {
	"", { HEX, HEX, HEX, HEX, HEX, HEX }, RESULT_NUMBER,
};
/* clang-format on */

static const struct call_row *
find_among(const struct call_row *rows, size_t count, const char *name)
{
	size_t low = 0, high = count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(name, rows[middle].name);
		if (order == 0)
			return &rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct call_row *
call_row_named(const char *name)
{
	return find_among(call_rows, call_row_count, name);
}

static const struct call_row *
look_up(const struct arch *arch, unsigned int nr)
{
	const char *name = arch_name(arch, nr);
	const struct call_row *row = NULL;

	if (name == NULL)
		return &unknown_row;
	if (arch->quirks & ARCH_32BIT)
		row = find_among(call_rows_32bit, call_row_count_32bit, name);
	if (row == NULL)
		row = call_row_named(name);
	return row != NULL ? row : &unknown_row;
}

const struct call_row *
call_row_find(const struct arch *arch, unsigned int nr)
{
	/* Found once, remembered: every thread would write the same. */
	static const struct call_row *known[4][ARCH_CALLS_MAX];
	const struct call_row **slot;
	size_t index = 0;

	if (arch == NULL || nr > arch->max)
		return &unknown_row;
	while (index < ARRAY_SIZE(known) && arch_at(index) != arch)
		index++;
	if (index == ARRAY_SIZE(known))
		return look_up(arch, nr);
	slot = &known[index][nr];
	if (*slot == NULL)
		*slot = look_up(arch, nr);
	return *slot;
}

bool
call_row_takes(const struct call_row *row, enum arg_kind kind)
{
	for (size_t i = 0; i < CALL_ARGS; i++)
		if (row->args[i].kind == kind)
			return true;
	return false;
}
