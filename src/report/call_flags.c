/* SPDX-License-Identifier: ISC */
#include "report/call_flags.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/table.h"

/* clang-format off */
#define N(name) { (uint64_t)(name), #name }
#define SET(set, names, mask) \
	const struct number_set set = { names, ARRAY_SIZE(names), mask }

/* O_TMPFILE holds O_DIRECTORY, O_SYNC holds O_DSYNC: the larger first. */
static const struct number_name open_flags[] = {
	N(O_RDONLY), N(O_WRONLY), N(O_RDWR), N(O_TMPFILE), N(O_SYNC),
	N(O_DSYNC), N(O_CREAT), N(O_EXCL), N(O_NOCTTY), N(O_TRUNC), N(O_APPEND),
	N(O_NONBLOCK), N(O_DIRECTORY), N(O_NOFOLLOW), N(O_CLOEXEC), N(O_PATH),
	N(O_DIRECT), N(O_NOATIME),
	{ 0100000, "O_LARGEFILE" }, /* of 32-bit programs; 0 in 64-bit headers */
};
SET(open_flag_names, open_flags, 3);

static const struct number_name mappings[] = {
	N(MAP_SHARED), N(MAP_PRIVATE), { 3, "MAP_SHARED_VALIDATE" },
	N(MAP_ANONYMOUS), N(MAP_FIXED), { 0x100000, "MAP_FIXED_NOREPLACE" },
	N(MAP_NORESERVE), N(MAP_POPULATE), N(MAP_STACK), N(MAP_GROWSDOWN),
	N(MAP_DENYWRITE), N(MAP_LOCKED), N(MAP_HUGETLB),
};
SET(mapping_names, mappings, 3);

static const struct number_name protections[] = {
	N(PROT_READ), N(PROT_WRITE), N(PROT_EXEC), N(PROT_GROWSDOWN),
};
SET(protection_names, protections, 0);

static const struct number_name clones[] = {
	N(CLONE_VM), N(CLONE_FS), N(CLONE_FILES), N(CLONE_SIGHAND),
	N(CLONE_PTRACE), N(CLONE_VFORK), N(CLONE_PARENT), N(CLONE_THREAD),
	N(CLONE_NEWNS), N(CLONE_SYSVSEM), N(CLONE_SETTLS),
	N(CLONE_PARENT_SETTID), N(CLONE_CHILD_CLEARTID), N(CLONE_DETACHED),
	N(CLONE_UNTRACED), N(CLONE_CHILD_SETTID), N(CLONE_NEWCGROUP),
	N(CLONE_NEWUTS), N(CLONE_NEWIPC), N(CLONE_NEWUSER), N(CLONE_NEWPID),
	N(CLONE_NEWNET), N(CLONE_IO), { SIGCHLD, "SIGCHLD" },
};
SET(clone_names, clones, 0xff);

static const struct number_name domains[] = {
	N(AF_UNSPEC), N(AF_UNIX), N(AF_INET), N(AF_INET6), N(AF_NETLINK),
	N(AF_PACKET), N(AF_ALG), { 40, "AF_VSOCK" }, { 44, "AF_XDP" },
	{ 31, "AF_BLUETOOTH" }, { 29, "AF_CAN" },
};
SET(domain_names, domains, 0);

static const struct number_name socket_types[] = {
	N(SOCK_STREAM), N(SOCK_DGRAM), N(SOCK_RAW), N(SOCK_SEQPACKET),
	N(SOCK_CLOEXEC), N(SOCK_NONBLOCK),
};
SET(socket_type_names, socket_types, 0xf);

static const struct number_name protocols[] = {
	N(IPPROTO_ICMP), N(IPPROTO_TCP), N(IPPROTO_UDP), N(IPPROTO_ICMPV6),
	N(IPPROTO_RAW), { 262, "IPPROTO_MPTCP" },
};
SET(protocol_names, protocols, 0);

static const struct number_name signals[] = {
	N(SIGHUP), N(SIGINT), N(SIGQUIT), N(SIGILL), N(SIGTRAP), N(SIGABRT),
	N(SIGBUS), N(SIGFPE), N(SIGKILL), N(SIGUSR1), N(SIGSEGV), N(SIGUSR2),
	N(SIGPIPE), N(SIGALRM), N(SIGTERM), N(SIGCHLD), N(SIGCONT), N(SIGSTOP),
	N(SIGTSTP), N(SIGTTIN), N(SIGTTOU), N(SIGURG), N(SIGXCPU), N(SIGXFSZ),
	N(SIGVTALRM), N(SIGPROF), N(SIGWINCH), N(SIGIO), N(SIGPWR), N(SIGSYS),
};
SET(signal_names, signals, 0);

static const struct number_name ioctls[] = {
	N(TCGETS), N(TCSETS), N(TCSETSW), N(TCSETSF), N(TCGETA), N(TCSETA),
	N(TCSETAW), N(TCSETAF), N(TCSBRK), N(TCXONC), N(TCFLSH), N(TCSBRKP),
	N(TIOCGWINSZ), N(TIOCSWINSZ), N(TIOCGPGRP), N(TIOCSPGRP), N(TIOCGSID),
	N(TIOCSCTTY), N(TIOCNOTTY), N(TIOCSTI), N(TIOCLINUX), N(TIOCSETD),
	N(TIOCOUTQ), N(TIOCGPTN), N(TIOCSPTLCK), N(TIOCEXCL), N(TIOCCONS),
	{ 0x802c542a, "TCGETS2" }, { 0x402c542b, "TCSETS2" },
	{ 0x402c542c, "TCSETSW2" }, { 0x402c542d, "TCSETSF2" },
	N(FIONREAD), N(FIONBIO), N(FIOCLEX), N(FIONCLEX), N(FIOASYNC),
	N(FICLONE), N(FICLONERANGE), N(FS_IOC_GETFLAGS), N(FS_IOC_SETFLAGS),
	{ 0xc020660b, "FS_IOC_FIEMAP" }, N(BLKGETSIZE64),
	N(SIOCATMARK), N(SIOCGIFNAME), N(SIOCGIFCONF), N(SIOCGIFFLAGS),
	N(SIOCSIFFLAGS), N(SIOCGIFADDR), N(SIOCSIFADDR), N(SIOCGIFINDEX),
	N(SIOCGIFHWADDR), N(SIOCGIFMTU), N(SIOCADDRT), N(SIOCDELRT),
	N(SIOCETHTOOL),
};
SET(ioctl_names, ioctls, 0);

static const struct number_name fcntls[] = {
	N(F_DUPFD), N(F_GETFD), N(F_SETFD), N(F_GETFL), N(F_SETFL), N(F_GETLK),
	N(F_SETLK), N(F_SETLKW), N(F_SETOWN), N(F_GETOWN), N(F_SETSIG),
	N(F_GETSIG), N(F_SETOWN_EX), N(F_GETOWN_EX), N(F_OFD_GETLK),
	N(F_OFD_SETLK), N(F_OFD_SETLKW), N(F_SETLEASE), N(F_GETLEASE),
	N(F_NOTIFY), N(F_DUPFD_CLOEXEC), N(F_SETPIPE_SZ), N(F_GETPIPE_SZ),
	N(F_ADD_SEALS), N(F_GET_SEALS),
};
SET(fcntl_names, fcntls, 0);

static const struct number_name levels[] = {
	N(SOL_SOCKET), N(IPPROTO_IP), N(IPPROTO_TCP), N(IPPROTO_UDP),
	N(IPPROTO_IPV6), { 270, "SOL_NETLINK" },
};
SET(level_names, levels, 0);

static const struct number_name options[] = {
	N(SO_DEBUG), N(SO_REUSEADDR), N(SO_TYPE), N(SO_ERROR), N(SO_DONTROUTE),
	N(SO_BROADCAST), N(SO_SNDBUF), N(SO_RCVBUF), N(SO_SNDBUFFORCE),
	N(SO_RCVBUFFORCE), N(SO_KEEPALIVE), N(SO_OOBINLINE), N(SO_PRIORITY),
	N(SO_LINGER), N(SO_REUSEPORT), N(SO_PASSCRED), N(SO_RCVLOWAT),
	N(SO_SNDLOWAT), N(SO_RCVTIMEO), N(SO_SNDTIMEO), N(SO_BINDTODEVICE),
	N(SO_ATTACH_FILTER), N(SO_MARK), N(SO_TIMESTAMP),
};
SET(option_names, options, 0);

static const struct number_name at_flags[] = {
	N(AT_SYMLINK_NOFOLLOW), N(AT_REMOVEDIR), N(AT_SYMLINK_FOLLOW),
	N(AT_NO_AUTOMOUNT), N(AT_EMPTY_PATH),
};
SET(at_flag_names, at_flags, 0);

static const struct number_name prctls[] = {
	N(PR_SET_PDEATHSIG), N(PR_SET_DUMPABLE), N(PR_SET_KEEPCAPS),
	N(PR_SET_NAME), N(PR_SET_TIMING), N(PR_SET_SECUREBITS),
	N(PR_SET_TIMERSLACK), N(PR_MCE_KILL), N(PR_SET_MM),
	N(PR_SET_CHILD_SUBREAPER), N(PR_GET_CHILD_SUBREAPER),
	N(PR_SET_THP_DISABLE), N(PR_SET_FP_MODE), N(PR_CAP_AMBIENT),
	N(PR_SET_SPECULATION_CTRL), N(PR_SET_SYSCALL_USER_DISPATCH),
	N(PR_SCHED_CORE), { 0x59616d61, "PR_SET_PTRACER" },
};
SET(prctl_names, prctls, 0);

static const struct number_name accesses[] = {
	N(F_OK), N(R_OK), N(W_OK), N(X_OK),
};
/* F_OK is 0: the choice of no bit at all. */
SET(access_names, accesses, 8);
/* clang-format on */

const char *
number_name(const struct number_set *set, uint64_t value)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->names[i].value == value)
			return set->names[i].name;
	return NULL;
}
