/* SPDX-License-Identifier: ISC */
#include "format/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/suggest.h"
#include "base/table.h"

/*
 * The 64-bit architectures share asm-generic's numbers, but for these four of
 * open(2), which 64-bit ARM takes from 32-bit ARM (asm/fcntl.h); the C library
 * has its own idea of O_LARGEFILE.
 */
static const struct {
	const char *name;
	uint64_t value, arm;
} differing[] = {
	{ "O_ACCMODE", 03, 03 },
	{ "O_DIRECTORY", 0200000, 040000 },
	{ "O_NOFOLLOW", 0400000, 0100000 },
	{ "O_DIRECT", 040000, 0200000 },
	{ "O_LARGEFILE", 0100000, 0400000 },
	{ "O_TMPFILE", 020200000, 020040000 },
};

/* A negative one fills the register, as the C library passes it. */
#define NAMED(name)                \
 {                                 \
#  name, (uint64_t)(int64_t)(name) \
 }

/* clang-format off */
static const struct {
	const char *name;
	uint64_t value;
} common[] = {
	NAMED(AF_UNSPEC), NAMED(AF_UNIX), NAMED(AF_LOCAL), NAMED(AF_INET),
	NAMED(AF_INET6), NAMED(AF_NETLINK), NAMED(AF_PACKET), NAMED(AF_VSOCK),
	NAMED(AF_ALG), NAMED(AF_BLUETOOTH), NAMED(AF_CAN), NAMED(AF_KEY),
	NAMED(AF_TIPC), NAMED(AF_RDS), NAMED(AF_AX25), NAMED(AF_X25),
	NAMED(SOCK_STREAM), NAMED(SOCK_DGRAM), NAMED(SOCK_RAW),
	NAMED(SOCK_RDM), NAMED(SOCK_SEQPACKET), NAMED(SOCK_NONBLOCK),
	NAMED(SOCK_CLOEXEC),
	NAMED(SOL_SOCKET), NAMED(IPPROTO_IP), NAMED(IPPROTO_ICMP),
	NAMED(IPPROTO_TCP), NAMED(IPPROTO_UDP), NAMED(IPPROTO_IPV6),
	NAMED(IPPROTO_ICMPV6), NAMED(IPPROTO_RAW),
	NAMED(SO_REUSEADDR), NAMED(SO_TYPE), NAMED(SO_ERROR),
	NAMED(SO_BROADCAST), NAMED(SO_SNDBUF), NAMED(SO_RCVBUF),
	NAMED(SO_KEEPALIVE), NAMED(SO_LINGER), NAMED(SO_REUSEPORT),
	NAMED(SO_PEERCRED), NAMED(SO_PASSCRED), NAMED(SO_BINDTODEVICE),
	NAMED(SO_MARK), NAMED(SO_ATTACH_FILTER),
	NAMED(MSG_OOB), NAMED(MSG_PEEK), NAMED(MSG_DONTWAIT),
	NAMED(MSG_NOSIGNAL), NAMED(MSG_WAITALL), NAMED(MSG_FASTOPEN),
	NAMED(MSG_CMSG_CLOEXEC),
	NAMED(O_RDONLY), NAMED(O_WRONLY), NAMED(O_RDWR), NAMED(O_CREAT),
	NAMED(O_EXCL), NAMED(O_NOCTTY), NAMED(O_TRUNC), NAMED(O_APPEND),
	NAMED(O_NONBLOCK), NAMED(O_DSYNC), NAMED(O_SYNC), NAMED(O_ASYNC),
	NAMED(O_NOATIME), NAMED(O_CLOEXEC), NAMED(O_PATH),
	NAMED(AT_FDCWD), NAMED(AT_SYMLINK_NOFOLLOW), NAMED(AT_SYMLINK_FOLLOW),
	NAMED(AT_REMOVEDIR), NAMED(AT_EACCESS), NAMED(AT_NO_AUTOMOUNT),
	NAMED(AT_EMPTY_PATH),
	NAMED(F_DUPFD), NAMED(F_GETFD), NAMED(F_SETFD), NAMED(F_GETFL),
	NAMED(F_SETFL), NAMED(F_GETLK), NAMED(F_SETLK), NAMED(F_SETLKW),
	NAMED(F_SETOWN), NAMED(F_GETOWN), NAMED(F_SETSIG), NAMED(F_GETSIG),
	NAMED(F_SETOWN_EX), NAMED(F_GETOWN_EX), NAMED(F_OFD_GETLK),
	NAMED(F_OFD_SETLK), NAMED(F_OFD_SETLKW), NAMED(F_SETLEASE),
	NAMED(F_GETLEASE), NAMED(F_NOTIFY), NAMED(F_DUPFD_CLOEXEC),
	NAMED(F_SETPIPE_SZ), NAMED(F_GETPIPE_SZ), NAMED(F_ADD_SEALS),
	NAMED(F_GET_SEALS), NAMED(FD_CLOEXEC),
	NAMED(LOCK_SH), NAMED(LOCK_EX), NAMED(LOCK_UN), NAMED(LOCK_NB),
	NAMED(S_ISUID), NAMED(S_ISGID), NAMED(S_ISVTX), NAMED(S_IFMT),
	NAMED(S_IFSOCK), NAMED(S_IFLNK), NAMED(S_IFREG), NAMED(S_IFBLK),
	NAMED(S_IFDIR), NAMED(S_IFCHR), NAMED(S_IFIFO),
	NAMED(PROT_NONE), NAMED(PROT_READ), NAMED(PROT_WRITE),
	NAMED(PROT_EXEC), NAMED(PROT_GROWSDOWN), NAMED(PROT_GROWSUP),
	NAMED(MAP_SHARED), NAMED(MAP_PRIVATE), NAMED(MAP_SHARED_VALIDATE),
	NAMED(MAP_FIXED), NAMED(MAP_ANONYMOUS), NAMED(MAP_GROWSDOWN),
	NAMED(MAP_DENYWRITE), NAMED(MAP_LOCKED), NAMED(MAP_NORESERVE),
	NAMED(MAP_POPULATE), NAMED(MAP_NONBLOCK), NAMED(MAP_STACK),
	NAMED(MAP_HUGETLB), NAMED(MAP_FIXED_NOREPLACE),
	NAMED(MREMAP_MAYMOVE), NAMED(MREMAP_FIXED), NAMED(MREMAP_DONTUNMAP),
	NAMED(MS_ASYNC), NAMED(MS_SYNC), NAMED(MS_INVALIDATE),
	NAMED(MFD_CLOEXEC), NAMED(MFD_ALLOW_SEALING),
	NAMED(MADV_NORMAL), NAMED(MADV_RANDOM), NAMED(MADV_SEQUENTIAL),
	NAMED(MADV_WILLNEED), NAMED(MADV_DONTNEED), NAMED(MADV_FREE),
	NAMED(MADV_REMOVE), NAMED(MADV_DONTFORK), NAMED(MADV_DOFORK),
	NAMED(MADV_HUGEPAGE), NAMED(MADV_NOHUGEPAGE), NAMED(MADV_DONTDUMP),
	NAMED(MADV_DODUMP), NAMED(MADV_WIPEONFORK), NAMED(MADV_KEEPONFORK),
	NAMED(CLONE_VM), NAMED(CLONE_FS), NAMED(CLONE_FILES),
	NAMED(CLONE_SIGHAND), NAMED(CLONE_PIDFD), NAMED(CLONE_PTRACE),
	NAMED(CLONE_VFORK), NAMED(CLONE_PARENT), NAMED(CLONE_THREAD),
	NAMED(CLONE_NEWNS), NAMED(CLONE_SYSVSEM), NAMED(CLONE_SETTLS),
	NAMED(CLONE_PARENT_SETTID), NAMED(CLONE_CHILD_CLEARTID),
	NAMED(CLONE_UNTRACED), NAMED(CLONE_CHILD_SETTID),
	NAMED(CLONE_NEWCGROUP), NAMED(CLONE_NEWUTS), NAMED(CLONE_NEWIPC),
	NAMED(CLONE_NEWUSER), NAMED(CLONE_NEWPID), NAMED(CLONE_NEWNET),
	NAMED(CLONE_IO),
	NAMED(SIGHUP), NAMED(SIGINT), NAMED(SIGQUIT), NAMED(SIGILL),
	NAMED(SIGTRAP), NAMED(SIGABRT), NAMED(SIGBUS), NAMED(SIGFPE),
	NAMED(SIGKILL), NAMED(SIGUSR1), NAMED(SIGSEGV), NAMED(SIGUSR2),
	NAMED(SIGPIPE), NAMED(SIGALRM), NAMED(SIGTERM), NAMED(SIGSTKFLT),
	NAMED(SIGCHLD), NAMED(SIGCONT), NAMED(SIGSTOP), NAMED(SIGTSTP),
	NAMED(SIGTTIN), NAMED(SIGTTOU), NAMED(SIGURG), NAMED(SIGXCPU),
	NAMED(SIGXFSZ), NAMED(SIGVTALRM), NAMED(SIGPROF), NAMED(SIGWINCH),
	NAMED(SIGIO), NAMED(SIGPWR), NAMED(SIGSYS), NAMED(SIG_BLOCK),
	NAMED(SIG_UNBLOCK), NAMED(SIG_SETMASK),
	NAMED(PR_SET_PDEATHSIG), NAMED(PR_GET_PDEATHSIG),
	NAMED(PR_GET_DUMPABLE), NAMED(PR_SET_DUMPABLE),
	NAMED(PR_GET_KEEPCAPS), NAMED(PR_SET_KEEPCAPS), NAMED(PR_SET_NAME),
	NAMED(PR_GET_NAME), NAMED(PR_GET_SECCOMP), NAMED(PR_SET_SECCOMP),
	NAMED(PR_CAPBSET_READ), NAMED(PR_CAPBSET_DROP),
	NAMED(PR_GET_SECUREBITS), NAMED(PR_SET_SECUREBITS),
	NAMED(PR_SET_TIMERSLACK), NAMED(PR_GET_TIMERSLACK), NAMED(PR_SET_MM),
	NAMED(PR_SET_CHILD_SUBREAPER), NAMED(PR_GET_CHILD_SUBREAPER),
	NAMED(PR_SET_NO_NEW_PRIVS), NAMED(PR_GET_NO_NEW_PRIVS),
	NAMED(PR_GET_TID_ADDRESS), NAMED(PR_SET_THP_DISABLE),
	NAMED(PR_CAP_AMBIENT), NAMED(PR_SET_PTRACER), { "PR_SET_VMA", 0x53564d41 },
	{ "PR_SET_VMA_ANON_NAME", 0 },
	NAMED(TCGETS), NAMED(TCSETS), NAMED(TCSETSW), NAMED(TCSETSF),
	NAMED(TCGETA), NAMED(TCSETA), NAMED(TCSBRK), NAMED(TCXONC),
	NAMED(TCFLSH), NAMED(TIOCEXCL), NAMED(TIOCNXCL), NAMED(TIOCSCTTY),
	NAMED(TIOCGPGRP), NAMED(TIOCSPGRP), NAMED(TIOCOUTQ), NAMED(TIOCSTI),
	NAMED(TIOCGWINSZ), NAMED(TIOCSWINSZ), NAMED(TIOCLINUX),
	NAMED(TIOCCONS), NAMED(TIOCNOTTY), NAMED(TIOCSETD), NAMED(TIOCGETD),
	NAMED(TIOCGSID), NAMED(TIOCGPTN), NAMED(TIOCSPTLCK), NAMED(FIONREAD),
	NAMED(FIONBIO), NAMED(FIOASYNC), NAMED(FIONCLEX), NAMED(FIOCLEX),
	NAMED(RLIMIT_CPU), NAMED(RLIMIT_FSIZE), NAMED(RLIMIT_DATA),
	NAMED(RLIMIT_STACK), NAMED(RLIMIT_CORE), NAMED(RLIMIT_RSS),
	NAMED(RLIMIT_NPROC), NAMED(RLIMIT_NOFILE), NAMED(RLIMIT_MEMLOCK),
	NAMED(RLIMIT_AS), NAMED(RLIMIT_LOCKS), NAMED(RLIMIT_SIGPENDING),
	NAMED(RLIMIT_MSGQUEUE), NAMED(RLIMIT_NICE), NAMED(RLIMIT_RTPRIO),
	NAMED(RLIMIT_RTTIME),
	NAMED(FUTEX_WAIT), NAMED(FUTEX_WAKE), NAMED(FUTEX_REQUEUE),
	NAMED(FUTEX_CMP_REQUEUE), NAMED(FUTEX_WAKE_OP), NAMED(FUTEX_LOCK_PI),
	NAMED(FUTEX_UNLOCK_PI), NAMED(FUTEX_TRYLOCK_PI),
	NAMED(FUTEX_WAIT_BITSET), NAMED(FUTEX_WAKE_BITSET),
	NAMED(FUTEX_WAIT_REQUEUE_PI), NAMED(FUTEX_CMP_REQUEUE_PI),
	NAMED(FUTEX_PRIVATE_FLAG), NAMED(FUTEX_CLOCK_REALTIME),
	NAMED(CLOCK_REALTIME), NAMED(CLOCK_MONOTONIC),
	NAMED(CLOCK_PROCESS_CPUTIME_ID), NAMED(CLOCK_THREAD_CPUTIME_ID),
	NAMED(CLOCK_MONOTONIC_RAW), NAMED(CLOCK_BOOTTIME),
	NAMED(SEEK_SET), NAMED(SEEK_CUR), NAMED(SEEK_END), NAMED(SEEK_DATA),
	NAMED(SEEK_HOLE),
	NAMED(EPOLL_CTL_ADD), NAMED(EPOLL_CTL_MOD), NAMED(EPOLL_CTL_DEL),
	NAMED(EPOLL_CLOEXEC), NAMED(EFD_CLOEXEC), NAMED(EFD_NONBLOCK),
	NAMED(EFD_SEMAPHORE), NAMED(TFD_CLOEXEC), NAMED(TFD_NONBLOCK),
	NAMED(GRND_NONBLOCK), NAMED(GRND_RANDOM),
	NAMED(SECCOMP_SET_MODE_STRICT), NAMED(SECCOMP_SET_MODE_FILTER),
	NAMED(SECCOMP_GET_ACTION_AVAIL), NAMED(SECCOMP_FILTER_FLAG_TSYNC),
	NAMED(SECCOMP_FILTER_FLAG_NEW_LISTENER),
	NAMED(PTRACE_TRACEME), NAMED(PTRACE_PEEKTEXT), NAMED(PTRACE_PEEKDATA),
	NAMED(PTRACE_POKEDATA), NAMED(PTRACE_CONT), NAMED(PTRACE_KILL),
	NAMED(PTRACE_ATTACH), NAMED(PTRACE_DETACH), NAMED(PTRACE_SEIZE),
};
/* clang-format on */
#undef NAMED

const char *
symbol_at(size_t index)
{
	if (index < ARRAY_SIZE(differing))
		return differing[index].name;
	index -= ARRAY_SIZE(differing);
	return index < ARRAY_SIZE(common) ? common[index].name : NULL;
}

static bool
is_word(const char *name, const char *word, size_t length)
{
	return strncmp(name, word, length) == 0 && name[length] == '\0';
}

static bool
find_symbol(const char *word, size_t length, const struct arch *arch,
    uint64_t *ret_value)
{
	for (size_t i = 0; i < ARRAY_SIZE(differing); i++) {
		if (!is_word(differing[i].name, word, length))
			continue;
		*ret_value = strcmp(arch->name, "aarch64") == 0
		                 ? differing[i].arm
		                 : differing[i].value;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(common); i++) {
		if (!is_word(common[i].name, word, length))
			continue;
		*ret_value = common[i].value;
		return true;
	}
	return false;
}

/* "42", "-1", "0x1f", and not "042", which some take for 34. */
static bool
read_number(const char *word, size_t length, uint64_t *ret_value)
{
	bool negative = length > 0 && *word == '-';
	const char *end = word + length;
	unsigned int base = 10;
	uint64_t value = 0;

	word += negative;
	if (end - word > 2 && word[0] == '0' && (word[1] | 0x20) == 'x') {
		base = 16;
		word += 2;
	} else if (end - word > 1 && word[0] == '0')
		return false;
	if (word == end)
		return false;
	for (; word < end; word++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit =
		    strchr(digits, *word | (*word >= 'A' ? 0x20 : 0));

		if (digit == NULL || *word == '\0' ||
		    (unsigned int)(digit - digits) >= base ||
		    __builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(
		        value, (uint64_t)(digit - digits), &value))
			return false;
	}
	if (negative && value > (uint64_t)INT64_MAX + 1)
		return false;
	*ret_value = negative ? -value : value;
	return true;
}

static int
unknown_symbol(const char *word, size_t length, struct diag *diag)
{
	char name[64] = "";
	struct suggest suggest = { .wanted = name };
	const char *candidate;

	if (length >= sizeof(name))
		length = sizeof(name) - 1;
	memcpy(name, word, length);
	if (name[0] >= '0' && name[0] <= '9')
		return diag_set(diag, EINVAL,
		    "\"%s\" is no number of 64 bits; write it like 42 or 0x2a",
		    name);
	for (size_t i = 0; (candidate = symbol_at(i)) != NULL; i++)
		suggest_consider(&suggest, candidate);
	return diag_set(diag, EINVAL, "unknown symbol \"%s\"%s", name,
	    suggest_text(&suggest));
}

int
symbol_value(const char *text, const struct arch *arch, uint64_t *ret_value,
    struct diag *diag)
{
	uint64_t whole = 0, value;

	for (;;) {
		size_t length;

		text += strspn(text, " ");
		length = strcspn(text, "| ");
		if (!read_number(text, length, &value) &&
		    !find_symbol(text, length, arch, &value))
			return unknown_symbol(text, length, diag);
		whole |= value;
		text += length;
		text += strspn(text, " ");
		if (*text == '\0')
			break;
		if (*text++ != '|')
			return diag_set(diag, EINVAL,
			    "expected \"|\" between symbols, before \"%.40s\"",
			    text - 1);
	}
	*ret_value = whole;
	return 0;
}
