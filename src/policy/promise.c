/* SPDX-License-Identifier: ISC */
#include "policy/promise.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "base/suggest.h"
#include "base/table.h"
#include "kernel/landlock.h"

/* clang-format off */
#define CAP(name) (UINT64_C(1) << CAP_##name)

#define READ_RIGHTS (LL_READ_FILE | LL_READ_DIR)
#define WRITE_RIGHTS (LL_WRITE_FILE | LL_TRUNCATE)
#define CREATE_RIGHTS \
	(LL_MAKE_REG | LL_MAKE_DIR | LL_MAKE_SYM | LL_REMOVE_FILE | \
	    LL_REMOVE_DIR | LL_REFER)
#define DEVICE_RIGHTS (LL_MAKE_FIFO | LL_MAKE_CHAR | LL_MAKE_BLOCK)

#define CLOCKS(which) \
	"clock_gettime/" which " clock_getres/" which " clock_nanosleep/" which \
	" timer_create/" which " "
/* Asking about one's own files, memory, time, signals and identity. */
#define STDIO_CALLS \
	"read readv pread64 preadv preadv2 write writev pwrite64 pwritev " \
	"pwritev2/appending close close_range lseek fstat newfstatat/stat-empty-path " \
	"statx/at-empty-path dup dup2 dup3 fcntl/basic fcntl/status " \
	"fsync fdatasync sync_file_range ftruncate fadvise64 fallocate/plain readahead syncfs " \
	"cachestat fchdir sendfile splice tee vmsplice copy_file_range " \
	"mmap/no-exec mprotect/no-exec pkey_mprotect/no-exec munmap mremap " \
	"madvise brk mincore msync mlock mlock2 munlock mlockall munlockall " \
	"mseal map_shadow_stack pkey_alloc pkey_free get_mempolicy membarrier " \
	"futex futex_waitv futex_wake futex_wait futex_requeue " \
	"set_robust_list get_robust_list/self rseq set_tid_address " \
	"clone/thread arch_prctl/thread prctl/basic prctl/undumpable " \
	"riscv_hwprobe riscv_flush_icache " \
	"poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl " \
	"epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd " \
	"signalfd4 timerfd_create timerfd_settime timerfd_gettime " \
	CLOCKS("clock") CLOCKS("clock-fd") CLOCKS("clock-self") \
	CLOCKS("own-clock") "timer_settime timer_gettime timer_getoverrun " \
	"timer_delete getitimer setitimer alarm pause nanosleep " \
	"gettimeofday time times " \
	"rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait " \
	"rt_sigsuspend sigaltstack " \
	"sched_yield sched_getaffinity sched_setaffinity/self " \
	"sched_getscheduler sched_getparam sched_getattr " \
	"sched_get_priority_max sched_get_priority_min " \
	"sched_rr_get_interval getpriority ioprio_get " \
	"getpid getppid gettid getuid geteuid getgid getegid getresuid " \
	"getresgid getgroups getpgrp getpgid getsid capget sysinfo uname " \
	"umask getcpu getrandom getrlimit getrusage prlimit64/read " \
	"personality/query wait4 waitid " \
	"pipe pipe2 socketpair/connected sendto/connected recvfrom " \
	"sendmsg/no-fastopen sendmmsg/no-fastopen recvmsg recvmmsg shutdown " \
	"getsockname getpeername getsockopt setsockopt/stdio ioctl/basic"

#define INET_OPTIONS \
	"setsockopt/socket setsockopt/tcp setsockopt/ip setsockopt/ipv6 " \
	"ioctl/socket"

const struct promise_row promise_rows[PROMISE_COUNT] = {
	[PROMISE_STDIO] = { "stdio",
	    "Read and write what is already open, use memory, threads, time, "
	    "and signals to itself.",
	    STDIO_CALLS, 0, 0,
	    "rwi:/dev/null rwi:/dev/zero rwi:/dev/full ri:/dev/random "
	    "ri:/dev/urandom r:/etc/localtime r:/usr/share/zoneinfo "
	    "r:/usr/lib/locale r:/usr/share/locale r:/etc/locale.alias "
	    "r:/proc/self "
	    "r:/sys/devices/system/cpu/online r:/etc/ssl/openssl.cnf" },
	[PROMISE_RPATH] = { "rpath",
	    "Look up paths; open files and directories for reading.",
	    "open/readonly openat/readonly stat lstat newfstatat statx access "
	    "faccessat faccessat2 readlink readlinkat getdents getdents64 "
	    "chdir getcwd statfs fstatfs getxattr lgetxattr fgetxattr "
	    "listxattr llistxattr flistxattr getxattrat listxattrat "
	    "file_getattr",
	    READ_RIGHTS, CAP(DAC_READ_SEARCH) },
	[PROMISE_WPATH] = { "wpath",
	    "Open existing files for writing, and truncate them.",
	    "open/wronly openat/wronly fallocate sync ioctl/clone",
	    WRITE_RIGHTS, CAP(DAC_OVERRIDE) },
	[PROMISE_CPATH] = { "cpath",
	    "Create, rename, link and remove files and directories (writing "
	    "them takes wpath, reading rpath).",
	    "mkdir/no-setid mkdirat/no-setid rmdir unlink unlinkat rename "
	    "renameat renameat2/plain link linkat symlink symlinkat",
	    CREATE_RIGHTS, CAP(DAC_OVERRIDE) },
	[PROMISE_DPATH] = { "dpath",
	    "Create FIFOs and the names of sockets; never devices.",
	    "mknod/plain mknodat/plain", DEVICE_RIGHTS },
	[PROMISE_TMPPATH] = { "tmppath",
	    "Create and remove temporary files in a directory that is private "
	    "to this run (TMPDIR).",
	    "open/make-excl openat/make-excl lstat unlink unlinkat "
	    "newfstatat" },
	[PROMISE_INET] = { "inet",
	    "Use IPv4 and IPv6: TCP, UDP and ping sockets.",
	    "bind connect accept accept4 " INET_OPTIONS,
	    0, CAP(NET_BIND_SERVICE) },
	[PROMISE_ANET] = { "anet",
	    "Serve TCP over IPv4 and IPv6, without connecting to anyone.",
	    "socket/inet-stream bind accept accept4 " INET_OPTIONS,
	    0, CAP(NET_BIND_SERVICE) },
	[PROMISE_MCAST] = { "mcast",
	    "Set multicast options on sockets (of inet).",
	    "setsockopt/ip-multicast setsockopt/ipv6-multicast" },
	[PROMISE_UNIX] = { "unix",
	    "Use Unix sockets; their names obey unveil where the kernel can "
	    "(Linux 7.1).",
	    "socket/unix socketpair/unix bind connect accept accept4 "
	    "sendto/no-fastopen setsockopt/socket ioctl/socket",
	    LL_MAKE_SOCK | LL_RESOLVE_UNIX },
	[PROMISE_DNS] = { "dns",
	    "Look up names: UDP to anywhere, TCP to port 53, the resolver's "
	    "files.",
	    "socket/inet-dgram socket/route bind connect sendto/no-fastopen "
	    "setsockopt/socket setsockopt/ip setsockopt/ipv6 ioctl/socket",
	    0, 0,
	    "r:/etc/resolv.conf r:/etc/hosts r:/etc/host.conf "
	    "r:/etc/nsswitch.conf r:/etc/gai.conf r:/etc/services "
	    "r:/etc/protocols r:/etc/hostname "
	    "r:/run/systemd/resolve/stub-resolv.conf "
	    "r:/run/systemd/resolve/resolv.conf", PROMISE_READS },
	[PROMISE_NETLINK] = { "netlink",
	    "Ask the kernel about routes and interfaces by netlink.",
	    "socket/route bind connect sendto/no-fastopen setsockopt/socket "
	    "setsockopt/netlink" },
	[PROMISE_ROUTE] = { "route",
	    "Read routes and network interfaces.",
	    "socket/route bind connect sendto/no-fastopen setsockopt/socket "
	    "setsockopt/netlink ioctl/interface" },
	[PROMISE_WROUTE] = { "wroute",
	    "Change routes and network interfaces (takes CAP_NET_ADMIN).",
	    "socket/route bind connect sendto/no-fastopen setsockopt/socket "
	    "setsockopt/netlink ioctl/interface ioctl/interface-change",
	    0, CAP(NET_ADMIN) },
	[PROMISE_GETPW] = { "getpw",
	    "Look up users and groups; never their passwords.",
	    "", 0, 0,
	    /* Not /etc/userdb: root would read passwords' hashes there. */
	    "r:/etc/passwd r:/etc/group r:/etc/nsswitch.conf "
	    "r:/etc/login.defs", PROMISE_READS },
	[PROMISE_FATTR] = { "fattr",
	    "Change times, modes and extended attributes of files, by path "
	    "wherever the user may; never set-ID bits.",
	    "chmod/no-setid fchmod/no-setid fchmodat/no-setid "
	    "fchmodat2/no-setid utime utimes futimesat utimensat setxattr "
	    "lsetxattr fsetxattr removexattr lremovexattr fremovexattr",
	    0, CAP(FOWNER) },
	[PROMISE_CHOWN] = { "chown",
	    "Change the owner and group of files, by path wherever the user "
	    "may.",
	    "chown fchown lchown fchownat", 0, CAP(CHOWN) },
	[PROMISE_FLOCK] = { "flock",
	    "Lock files.",
	    "flock fcntl/lock" },
	[PROMISE_SENDFD] = { "sendfd",
	    "Send file descriptors over Unix sockets (Linux cannot tell them "
	    "from other messages, so stdio suffices).",
	    "sendmsg/no-fastopen sendmmsg/no-fastopen" },
	[PROMISE_RECVFD] = { "recvfd",
	    "Receive file descriptors over Unix sockets (Linux cannot tell "
	    "them from other messages, so stdio suffices).",
	    "recvmsg recvmmsg" },
	[PROMISE_TTY] = { "tty",
	    "Use and change the terminal, make pseudo-terminals; never put "
	    "words in another's input.",
	    "ioctl/tty ioctl/own-terminal", LL_IOCTL_DEV, 0,
	    "rwi:/dev/tty r:/etc/terminfo r:/lib/terminfo "
	    "r:/usr/share/terminfo" },
	[PROMISE_PROC] = { "proc",
	    "Start processes, and manage itself and those.",
	    "fork vfork clone/process setsid setpgid setrlimit "
	    "setpriority/self sched_setscheduler/self sched_setparam/self "
	    "sched_setattr/self ioprio_set/self pidfd_open" },
	[PROMISE_EXEC] = { "exec",
	    "Execute other programs; they stay under the same policy.",
	    "execve execveat", LL_EXECUTE },
	[PROMISE_PROT_EXEC] = { "prot_exec",
	    "Make memory executable, as just-in-time compilers do.",
	    "mmap mprotect pkey_mprotect memfd_create" },
	[PROMISE_ID] = { "id",
	    "Change its user and group IDs, resource limits and priority.",
	    "setuid setgid setreuid setregid setresuid setresgid setgroups "
	    "setfsuid setfsgid setrlimit setpriority/self",
	    0, CAP(SETUID) | CAP(SETGID) },
	[PROMISE_SETTIME] = { "settime",
	    "Set the clock.",
	    "settimeofday clock_settime adjtimex clock_adjtime",
	    0, CAP(SYS_TIME) },
	[PROMISE_PS] = { "ps",
	    "See the processes of the system (/proc).",
	    "getdents getdents64", 0, 0, "r:/proc", PROMISE_READS },
	[PROMISE_VMINFO] = { "vminfo",
	    "See the system's memory, processors and load.",
	    "", 0, 0,
	    "r:/proc/stat r:/proc/meminfo r:/proc/cpuinfo r:/proc/diskstats "
	    "r:/proc/vmstat r:/proc/loadavg r:/proc/uptime r:/proc/zoneinfo "
	    "r:/sys/devices/system/cpu r:/sys/devices/system/node",
	    PROMISE_READS },
	[PROMISE_UNVEIL] = { "unveil",
	    "Hide more paths from itself (always allowed on Linux: it only "
	    "narrows).",
	    "landlock_create_ruleset landlock_add_rule "
	    "landlock_restrict_self open/path-only openat/path-only" },
	[PROMISE_ERROR] = { "error",
	    "Get ENOSYS rather than EPERM for what is refused.",
	    "" },
	[PROMISE_AUDIO] = { "audio",
	    "Use sound devices (/dev/snd).",
	    "ioctl/audio", LL_IOCTL_DEV, 0, "rwi:/dev/snd" },
	[PROMISE_VIDEO] = { "video",
	    "Use cameras (/dev/video0 to 3).",
	    "ioctl/video", LL_IOCTL_DEV, 0,
	    "rwi:/dev/video0 rwi:/dev/video1 rwi:/dev/video2 "
	    "rwi:/dev/video3" },
	[PROMISE_DRM] = { "drm",
	    "Use graphics cards (/dev/dri).",
	    "ioctl/drm", LL_IOCTL_DEV, 0, "rwi:/dev/dri" },
	[PROMISE_SYSVIPC] = { "sysvipc",
	    "Share memory, semaphores and messages by System V's keys, which "
	    "are the same for all processes.",
	    "shmget shmat/no-exec shmctl shmdt semget semop semctl semtimedop "
	    "semtimedop_time64 msgget msgsnd msgrcv msgctl" },
	[PROMISE_TAPE] = { "tape", "Nothing on Linux.", "", 0, 0, NULL,
	    PROMISE_NO_MEANING },
	[PROMISE_BPF] = { "bpf", "Nothing on Linux.", "", 0, 0, NULL,
	    PROMISE_NO_MEANING },
	[PROMISE_DISKLABEL] = { "disklabel", "Nothing on Linux.", "", 0, 0, NULL,
	    PROMISE_NO_MEANING },
	[PROMISE_PF] = { "pf", "Nothing on Linux.", "", 0, 0, NULL,
	    PROMISE_NO_MEANING },
	[PROMISE_VMM] = { "vmm", "Nothing on Linux.", "", 0, 0, NULL,
	    PROMISE_NO_MEANING },
};

#define OPEN(how) "open/" how " openat/" how
#define SIGNALS "kill tgkill tkill rt_sigqueueinfo rt_tgsigqueueinfo"

const struct grant_row grant_rows[] = {
	/* Leaving, coming back from a handler, and all that only narrows
	 * (capset gains nothing that is not permitted: capabilities(7)).  The
	 * two probes are the kernel's own, placed in a program from outside. */
	{ 0, 0, 0, "exit exit_group rt_sigreturn restart_syscall uretprobe "
	    "uprobe seccomp/narrow prctl/narrow capset landlock_create_ruleset "
	    "landlock_add_rule landlock_restrict_self unshare/thread" },

	/* The launcher's own exec, and its last words if that fails. */
	{ 0, WHEN_LAUNCH, 0, "execve/cookie write/cookie" },
	/* The loader's and the promises' files; Landlock says which. */
	{ 0, WHEN_GRACE, 0, OPEN("readonly") },

	/* ld.so learns by /proc/self/exe what $ORIGIN is. */
	{ 0, WHEN_ORIGIN, 0, "readlink readlinkat" },

	/* open(2) needs a word for each of reading, writing and creating. */
	{ PROMISE(RPATH) | PROMISE(WPATH), 0, 0, OPEN("existing-rdwr") },
	{ PROMISE(RPATH) | PROMISE(WPATH), WHEN_TRUNCATE, 0,
	    OPEN("readonly-trunc") },
	{ PROMISE(WPATH), WHEN_TRUNCATE, 0, "truncate" },
	{ PROMISE(WPATH) | PROMISE(CPATH), 0, 0,
	    OPEN("make-wronly") " creat/no-setid" },
	{ PROMISE(RPATH) | PROMISE(CPATH), 0, 0, OPEN("make-rdonly") },
	{ PROMISE(RPATH) | PROMISE(WPATH) | PROMISE(CPATH), 0, 0,
	    OPEN("make-rdwr") },
	{ PROMISE(RPATH) | PROMISE(WPATH) | PROMISE(CPATH), WHEN_TRUNCATE, 0,
	    OPEN("make-rdonly-trunc") },
	/* Watching a path tells of it, which unveil cannot stop. */
	{ PROMISE(RPATH), 0, WHEN_PATHS, "inotify_init inotify_init1 "
	    "inotify_add_watch inotify_rm_watch" },

	/* Code from files: the loader, plugins.  A static program needs none. */
	{ PROMISE(STDIO), 0, WHEN_NO_EXEC_MAP, "mmap/file-exec" },

	/* A server asks for its death by this, if no other process can. */
	{ PROMISE(STDIO), 0, WHEN_KEPT, "prctl/parent-death" },

	/* Signals stay inside where Landlock says so; else to oneself. */
	{ PROMISE(STDIO), WHEN_SCOPED, 0, SIGNALS },
	{ PROMISE(STDIO), 0, WHEN_SCOPED, "kill/own-pid tgkill/own-pid "
	    "tkill/own-pid rt_sigqueueinfo/own-pid rt_tgsigqueueinfo/own-pid" },
	{ PROMISE(PROC), 0, WHEN_SCOPED, SIGNALS },
	{ PROMISE(PROC), 0, 0, "pidfd_send_signal fcntl/owner "
	    "fcntl/signal fcntl/async ioctl/async" },
	{ PROMISE(PROC), 0, 0, "prlimit64/self" },
	/* posix_spawn() "resets" IDs that are the same already. */
	{ PROMISE(PROC), 0, 0, "setresuid/own-uid setresgid/own-gid" },
	{ PROMISE(ID), 0, 0, "prlimit64/self" },
	{ PROMISE(TTY) | PROMISE(PROC), 0, 0, "ioctl/foreground" },

	/* Port rules hold for TCP's connect and bind, and nothing else. */
	{ PROMISE(INET), 0, WHEN_PORTS, "socket/inet sendto sendmsg sendmmsg" },
	{ PROMISE(INET), WHEN_PORTS, 0, "socket/inet-stream sendto/no-fastopen" },
	/* A socket that was not bound listens on a port of the kernel's choice;
	 * a filter cannot tell it from a Unix socket. */
	{ PROMISE(INET), 0, WHEN_PORTS, "listen" },
	{ PROMISE(ANET), 0, WHEN_PORTS, "listen" },
	{ PROMISE(UNIX), 0, WHEN_PORTS, "listen" },
	{ 0, WHEN_PORTS | WHEN_BIND, 0, "listen" },
	/* TCP to port 53 alone takes port rules. */
	{ PROMISE(DNS), WHEN_PORT_RULES, 0, "socket/inet-stream setsockopt/tcp" },
};
const size_t grant_row_count = ARRAY_SIZE(grant_rows);

const struct answer_row answer_rows[] = {
	{ ENOSYS, 0, "clone3 openat2 io_uring_setup io_uring_enter "
	    "io_uring_register memfd_create memfd_secret setxattrat "
	    "removexattrat file_setattr open_tree_attr process_madvise",
	    "its arguments sit in memory, which a filter cannot see; programs "
	    "fall back" },
	{ ENOSYS, 0, "statx faccessat2 fchmodat2 pidfd_open execveat",
	    "newer than its users, who fall back" },
	{ ENOTTY, 0, "ioctl/terminal",
	    "what a program expects of what is no terminal" },
	{ EPROTONOSUPPORT, 0, "socket/mptcp",
	    "port rules do not hold for multipath TCP; programs use TCP" },
	{ 0, WHEN_KEPT, "prctl/parent-death",
	    "some programs ask for it, and none needs it" },
	{ 0, WHEN_LAUNCH, OPEN("readonly") " access faccessat readlink "
	    "readlinkat stat lstat newfstatat getcwd prlimit64/self "
	    "socket/nscd set_mempolicy",
	    "C libraries and runtimes look around, most before main() begins" },
};
const size_t answer_row_count = ARRAY_SIZE(answer_rows);

const struct ungranted_row ungranted_rows[] = {
	{ "clone3 openat2", "arguments in memory; ENOSYS makes programs fall "
	    "back" },
	{ "io_uring_setup io_uring_enter io_uring_register",
	    "does other calls' work past the filter" },
	{ "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents",
	    "asynchronous I/O: an attack surface that few programs need" },
	{ "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd "
	    "process_madvise process_mrelease",
	    "reaches into other processes" },
	{ "setns unshare", "enters or makes namespaces" },
	{ "mount umount2 pivot_root chroot open_tree open_tree_attr move_mount "
	    "fsopen fsconfig fsmount fspick mount_setattr swapon swapoff "
	    "quotactl quotactl_fd",
	    "changes what paths and disks mean" },
	{ "statmount listmount", "tells of mounts that unveil hides" },
	{ "open_by_handle_at name_to_handle_at", "opens files past their paths" },
	{ "fanotify_init fanotify_mark", "watches other processes' files" },
	{ "setxattrat removexattrat file_setattr",
	    "arguments in memory: attributes that fattr does not give" },
	{ "bpf perf_event_open userfaultfd memfd_secret lookup_dcookie",
	    "kernel interfaces with a large attack surface" },
	{ "init_module finit_module delete_module kexec_load kexec_file_load "
	    "reboot syslog acct sethostname setdomainname iopl ioperm vhangup "
	    "modify_ldt vm86",
	    "administers the machine" },
	{ "add_key request_key keyctl", "keys are not named by paths" },
	{ "mq_open mq_unlink mq_timedsend "
	    "mq_timedreceive mq_notify mq_getsetattr",
	    "objects shared with other processes, not named by paths" },
	{ "set_mempolicy mbind migrate_pages move_pages "
	    "set_mempolicy_home_node remap_file_pages",
	    "placement of memory: never necessary" },
	{ "lsm_get_self_attr lsm_set_self_attr lsm_list_modules",
	    "security modules' attributes" },
	{ "uselib ustat sysfs _sysctl create_module get_kernel_syms "
	    "query_module nfsservctl getpmsg putpmsg afs_syscall tuxcall "
	    "security vserver epoll_ctl_old epoll_wait_old set_thread_area "
	    "get_thread_area",
	    "obsolete" },
};
const size_t ungranted_row_count = ARRAY_SIZE(ungranted_rows);
/* clang-format on */

int
promise_find(const char *word, size_t length)
{
	for (int i = 0; i < PROMISE_COUNT; i++)
		if (strncmp(promise_rows[i].name, word, length) == 0 &&
		    promise_rows[i].name[length] == '\0')
			return i;
	return -1;
}

const char *
promise_suggest(struct suggest *suggest)
{
	for (int i = 0; i < PROMISE_COUNT; i++)
		suggest_consider(suggest, promise_rows[i].name);
	return suggest_text(suggest);
}
