/* SPDX-License-Identifier: ISC */
/*
 * The argument tests that the promises name.
 *
 * A 32-bit test looks at what the kernel looks at: an int argument is cut to
 * its low word (so garbage above it hides nothing); lengths, addresses and
 * unsigned long flags whose upper half counts are tested with 64.
 */
#include "policy/calls.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/table.h"
#include "policy/numbers.h"
#include "policy/requests.h"

/* clang-format off */
#define VALUES(...) (const uint64_t[]){ __VA_ARGS__ }
#define COUNT(...) (sizeof(VALUES(__VA_ARGS__)) / sizeof(uint64_t))
/* The argument is one of the values. */
#define IN(arg, ...) \
	{ arg, 32, TEST_IN, COUNT(__VA_ARGS__), 0xffffffff, \
	    VALUES(__VA_ARGS__) }
#define IN64(arg, ...) \
	{ arg, 64, TEST_IN, COUNT(__VA_ARGS__), ~UINT64_C(0), \
	    VALUES(__VA_ARGS__) }
/* Its bits under the mask are one of the values. */
#define BITS(arg, mask, ...) \
	{ arg, 32, TEST_IN, COUNT(__VA_ARGS__), mask, VALUES(__VA_ARGS__) }
#define CLEAR(arg, mask) BITS(arg, mask, 0)

/* open(2): the access mode's two bits, to which musl's O_ACCMODE adds O_PATH. */
#define ACCESS_MODE 3
/* The bit alone; O_TMPFILE holds O_DIRECTORY too, which reads. */
#define TMPFILE 020000000
#define MAKES (O_CREAT | TMPFILE)
#define SETID (S_ISUID | S_ISGID)

/* Opens an existing file, so that the mode argument does not count. */
#define EXISTING(flags, access) CLEAR(flags, MAKES), BITS(flags, ACCESS_MODE, access)
/* Makes a file if need be, without set-ID bits. */
#define MAKING(flags, mode, access) \
	BITS(flags, ACCESS_MODE, access), CLEAR(mode, SETID)

#define SOCKET_FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)
#define TYPE(arg, ...) BITS(arg, (uint32_t)~SOCKET_FLAGS, __VA_ARGS__)

/* A new process, in no new namespace, traced by nobody, child of its parent.
 * clone(2): NEWTIME cannot be asked for here, its bit is the exit signal's. */
#define NEW_NAMESPACES 0x7e020000
#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

/* What ioctl_tty(2) changes or asks, beyond isatty and the window's size. */
#define TERMINAL_CHANGES \
	TCSETS, TCSETSW, TCSETSF, TCSETA, TCSETAW, TCSETAF, TCGETA, \
	TCSETS2_, TCSETSW2_, TCSETSF2_, TCFLSH, TCXONC, TCSBRK, TCSBRKP, TIOCSBRK, \
	TIOCCBRK, TIOCGPGRP, TIOCGSID, TIOCSWINSZ

const struct condition condition_rows[] = {
	{ "arch_prctl/thread", "thread pointer, shadow stack and AMX requests", {
		IN(0, ARCH_SET_GS_, ARCH_SET_FS_, ARCH_GET_FS_, ARCH_GET_GS_,
		    ARCH_GET_XCOMP_SUPP_, ARCH_GET_XCOMP_PERM_,
		    ARCH_REQ_XCOMP_PERM_, ARCH_CET_STATUS_, ARCH_SHSTK_ENABLE_,
		    ARCH_SHSTK_DISABLE_, ARCH_SHSTK_LOCK_, ARCH_SHSTK_UNLOCK_,
		    ARCH_SHSTK_STATUS_) } },
	{ "at-empty-path", "the flag AT_EMPTY_PATH, as fstat uses it", {
		BITS(2, AT_EMPTY_PATH, AT_EMPTY_PATH) } },
	{ "chmod/no-setid", "no set-user-ID or set-group-ID bit", {
		CLEAR(1, SETID) } },
	{ "clock", "a clock of the system's, of the process by its plain name, or "
	    "of a thread, which the kernel shows to its own process alone", {
		BITS(0, CLOCK_OTHERS | CLOCK_THREAD, 0, CLOCK_THREAD,
		    CLOCK_OTHERS | CLOCK_THREAD) } },
	{ "clock-fd", "the clock of a device that is open", {
		BITS(0, CLOCK_KIND, CLOCK_FD) } },
	{ "clock-self", "processor time of process 0, which is the caller", {
		BITS(0, ~UINT32_C(3), (uint32_t)CLOCK_PROCESS(0)) } },
	{ "clone/process", "no new namespace, no tracing, no CLONE_PARENT", {
		CLEAR(0, NEW_NAMESPACES | CLONE_PTRACE | CLONE_UNTRACED |
		    CLONE_PARENT) } },
	{ "clone/thread", "a thread: all of memory, files and signals shared", {
		BITS(0, THREAD | NEW_NAMESPACES | CLONE_PTRACE |
		    CLONE_UNTRACED | CLONE_PARENT, THREAD) } },
	{ "creat/no-setid", "no set-user-ID or set-group-ID bit", {
		CLEAR(1, SETID) } },
	{ "fallocate/plain", "allocation, with or without FALLOC_FL_KEEP_SIZE", {
		IN(1, 0, FALLOC_FL_KEEP_SIZE) } },
	{ "fchmod/no-setid", "no set-user-ID or set-group-ID bit", {
		CLEAR(1, SETID) } },
	{ "fchmodat/no-setid", "no set-user-ID or set-group-ID bit", {
		CLEAR(2, SETID) } },
	{ "fchmodat2/no-setid", "no set-user-ID or set-group-ID bit", {
		CLEAR(2, SETID) } },
	{ "fcntl/async", "status flags, O_ASYNC too: signals about a "
	    "descriptor", {
		IN(1, F_SETFL) } },
	{ "fcntl/basic", "duplicating, descriptor flags, pipe sizes", {
		IN(1, F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL,
		    F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS,
		    F_DUPFD_QUERY_) } },
	{ "fcntl/lock", "record locks", {
		IN(1, F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK,
		    F_OFD_SETLKW) } },
	/* A group holds strangers, and some kernels signal all of it whatever
	 * Landlock says (6.15 to 7.1, until mended); so it does for O_ASYNC of
	 * a terminal, whose owner is the foreground group.  F_SETOWN_EX has
	 * in memory whom it means. */
	{ "fcntl/owner", "a process that gets signals about a descriptor, "
	    "never a group", {
		IN(1, F_SETOWN), CLEAR(2, 0x80000000) } },
	{ "fcntl/signal", "which signal that is, and asking who gets it", {
		IN(1, F_GETOWN, F_SETSIG, F_GETSIG, F_GETOWN_EX) } },
	{ "fcntl/status", "status flags, without O_ASYNC", {
		IN(1, F_SETFL), CLEAR(2, O_ASYNC) } },
	{ "ioctl/async", "FIOASYNC: signals about a descriptor", {
		IN(1, FIOASYNC) } },
	{ "ioctl/audio", "ALSA's requests: PCM and control", {
		IN(1, SOUND_REQUESTS) } },
	{ "ioctl/basic", "bytes waiting, blocking, close-on-exec; is it a "
	    "terminal, and how large", {
		IN(1, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TCGETS, TCGETS2_,
		    TIOCGWINSZ) } },
	{ "ioctl/clone", "sharing blocks between files (FICLONE)", {
		IN(1, FICLONE, FICLONERANGE) } },
	{ "ioctl/drm", "the graphics card's requests", {
		BITS(1, CARD_MASK, CARD_REQUESTS) } },
	{ "ioctl/foreground", "the terminal's foreground process group", {
		IN(1, TIOCSPGRP) } },
	{ "ioctl/interface", "reading network interfaces", {
		IN(1, SIOCGIFNAME, SIOCGIFCONF, SIOCGIFFLAGS, SIOCGIFADDR,
		    SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK,
		    SIOCGIFMETRIC, SIOCGIFMTU, SIOCGIFHWADDR, SIOCGIFINDEX,
		    SIOCGIFTXQLEN, SIOCGIFMAP) } },
	{ "ioctl/interface-change", "changing network interfaces and routes", {
		IN(1, SIOCADDRT, SIOCDELRT, SIOCSIFFLAGS, SIOCSIFADDR,
		    SIOCSIFDSTADDR, SIOCSIFBRDADDR, SIOCSIFNETMASK,
		    SIOCSIFMETRIC, SIOCSIFMTU, SIOCSIFHWADDR, SIOCDIFADDR,
		    SIOCSIFNAME, SIOCSIFTXQLEN, SIOCSIFMAP) } },
	/* The kernel takes an int from it; 1 takes others' terminals, if root. */
	{ "ioctl/own-terminal", "TIOCSCTTY of a terminal that no session has", {
		IN(1, TIOCSCTTY), IN64(2, 0) } },
	{ "ioctl/socket", "SIOCATMARK and how much is queued", {
		IN(1, SIOCATMARK, SIOCOUTQ) } },
	{ "ioctl/terminal", "changing or asking a terminal's settings", {
		IN(1, TERMINAL_CHANGES, TIOCSPGRP) } },
	/* Who has a master rules its terminal: unlocking and opening the other
	 * end gives nothing more. */
	{ "ioctl/tty", "terminal settings, making pseudo-terminals; never "
	    "TIOCSTI, TIOCLINUX, TIOCSETD", {
		IN(1, TERMINAL_CHANGES, TIOCOUTQ, TIOCGPTN, TIOCSPTLCK,
		    TIOCGPTPEER, TIOCPKT) } },
	{ "ioctl/video", "V4L2's requests", {
		IN(1, CAMERA_REQUESTS) } },
	{ "ioprio_set/self", "IOPRIO_WHO_PROCESS 0: the caller", {
		IN(0, IOPRIO_WHO_PROCESS_), IN(1, 0) } },
	{ "mkdir/no-setid", "no set-user-ID or set-group-ID bit", {
		CLEAR(1, SETID) } },
	{ "mkdirat/no-setid", "no set-user-ID or set-group-ID bit", {
		CLEAR(2, SETID) } },
	{ "mknod/plain", "a FIFO, file or socket name, no device, no set-ID bit", {
		BITS(1, S_IFMT | SETID, 0, S_IFREG, S_IFIFO, S_IFSOCK) } },
	{ "mknodat/plain", "a FIFO, file or socket name, no device, no set-ID bit", {
		BITS(2, S_IFMT | SETID, 0, S_IFREG, S_IFIFO, S_IFSOCK) } },
	{ "mmap/file-exec", "executable, a private mapping of a file, not writable", {
		BITS(2, PROT_EXEC | PROT_WRITE, PROT_EXEC),
		BITS(3, MAP_ANONYMOUS | MAP_TYPE, MAP_PRIVATE) } },
	{ "no-exec", "without PROT_EXEC", {
		CLEAR(2, PROT_EXEC) } },
	{ "open/existing-rdwr", "O_RDWR of an existing file", {
		EXISTING(1, O_RDWR) } },
	{ "open/make-excl", "a new file for reading and writing, with O_EXCL", {
		BITS(1, O_CREAT | O_EXCL | ACCESS_MODE, O_CREAT | O_EXCL | O_RDWR),
		CLEAR(2, SETID) } },
	{ "open/make-rdonly", "O_CREAT with O_RDONLY", {
		MAKING(1, 2, O_RDONLY), CLEAR(1, O_TRUNC | TMPFILE) } },
	{ "open/make-rdonly-trunc", "O_CREAT with O_RDONLY and O_TRUNC", {
		MAKING(1, 2, O_RDONLY), CLEAR(1, TMPFILE) } },
	{ "open/make-rdwr", "O_CREAT or O_TMPFILE with O_RDWR", {
		MAKING(1, 2, O_RDWR) } },
	{ "open/make-wronly", "O_CREAT or O_TMPFILE with O_WRONLY", {
		MAKING(1, 2, O_WRONLY) } },
	{ "open/path-only", "O_PATH: a path is found, its file is not opened", {
		BITS(1, O_PATH, O_PATH) } },
	{ "open/readonly", "O_RDONLY of an existing file, which stays as it is", {
		CLEAR(1, ACCESS_MODE | MAKES | O_TRUNC) } },
	{ "open/readonly-trunc", "O_RDONLY with O_TRUNC of an existing file", {
		EXISTING(1, O_RDONLY) } },
	{ "open/wronly", "O_WRONLY of an existing file", {
		EXISTING(1, O_WRONLY) } },
	{ "openat/existing-rdwr", "O_RDWR of an existing file", {
		EXISTING(2, O_RDWR) } },
	{ "openat/make-excl", "a new file for reading and writing, with O_EXCL", {
		BITS(2, O_CREAT | O_EXCL | ACCESS_MODE, O_CREAT | O_EXCL | O_RDWR),
		CLEAR(3, SETID) } },
	{ "openat/make-rdonly", "O_CREAT with O_RDONLY", {
		MAKING(2, 3, O_RDONLY), CLEAR(2, O_TRUNC | TMPFILE) } },
	{ "openat/make-rdonly-trunc", "O_CREAT with O_RDONLY and O_TRUNC", {
		MAKING(2, 3, O_RDONLY), CLEAR(2, TMPFILE) } },
	{ "openat/make-rdwr", "O_CREAT or O_TMPFILE with O_RDWR", {
		MAKING(2, 3, O_RDWR) } },
	{ "openat/make-wronly", "O_CREAT or O_TMPFILE with O_WRONLY", {
		MAKING(2, 3, O_WRONLY) } },
	{ "openat/path-only", "O_PATH: a path is found, its file is not opened", {
		BITS(2, O_PATH, O_PATH) } },
	{ "openat/readonly", "O_RDONLY of an existing file, which stays as it is", {
		CLEAR(2, ACCESS_MODE | MAKES | O_TRUNC) } },
	{ "openat/readonly-trunc", "O_RDONLY with O_TRUNC of an existing file", {
		EXISTING(2, O_RDONLY) } },
	{ "openat/wronly", "O_WRONLY of an existing file", {
		EXISTING(2, O_WRONLY) } },
	{ "personality/query", "asking for it, not changing it", {
		IN(0, 0xffffffff) } },
	{ "prctl/basic", "names, timer slack, memory names, reading settings", {
		IN(0, PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE,
		    PR_GET_PDEATHSIG, PR_SET_TIMERSLACK,
		    PR_GET_TIMERSLACK, PR_SET_THP_DISABLE, PR_GET_THP_DISABLE,
		    PR_GET_KEEPCAPS, PR_GET_SECUREBITS, PR_GET_TID_ADDRESS,
		    PR_SET_VMA, PR_GET_SPECULATION_CTRL, PR_GET_AUXV_,
		    PR_SVE_SET_VL, PR_SVE_GET_VL, PR_PAC_RESET_KEYS,
		    PR_SET_TAGGED_ADDR_CTRL, PR_GET_TAGGED_ADDR_CTRL,
		    PR_FUTEX_HASH_) } },
	{ "prctl/narrow", "giving up privileges, and asking which are left", {
		IN(0, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_SECCOMP,
		    PR_GET_SECCOMP, PR_CAPBSET_READ, PR_CAPBSET_DROP,
		    PR_SET_MDWE_, PR_GET_MDWE_) } },
	{ "prctl/parent-death", "PR_SET_PDEATHSIG, a signal when its parent "
	    "ends", {
		IN(0, PR_SET_PDEATHSIG) } },
	{ "prctl/undumpable", "PR_SET_DUMPABLE, off", {
		IN(0, PR_SET_DUMPABLE), IN64(1, 0) } },
	{ "prlimit64/read", "reading one's own limits", {
		IN(0, 0), IN64(2, 0) } },
	/* RWF_NOAPPEND writes into what was opened to be appended to. */
	{ "pwritev2/appending", "writing at the end what is open for that", {
		CLEAR(5, RWF_NOAPPEND_) } },
	{ "renameat2/plain", "without RENAME_WHITEOUT", {
		CLEAR(4, RENAME_WHITEOUT) } },
	{ "seccomp/narrow", "adding a filter without a listener; asking", {
		IN(0, SECCOMP_SET_MODE_STRICT, SECCOMP_SET_MODE_FILTER,
		    SECCOMP_GET_ACTION_AVAIL, SECCOMP_GET_NOTIF_SIZES),
		CLEAR(1, SECCOMP_FILTER_FLAG_NEW_LISTENER) } },
	{ "self", "process 0, which is the caller", {
		IN(0, 0) } },
	{ "sendmmsg/no-fastopen", "without MSG_FASTOPEN, which connects", {
		CLEAR(3, MSG_FASTOPEN) } },
	{ "sendmsg/no-fastopen", "without MSG_FASTOPEN, which connects", {
		CLEAR(2, MSG_FASTOPEN) } },
	{ "sendto/connected", "to the peer of a connection, without an address", {
		CLEAR(3, MSG_FASTOPEN), IN64(4, 0) } },
	{ "sendto/no-fastopen", "without MSG_FASTOPEN, which connects", {
		CLEAR(3, MSG_FASTOPEN) } },
	{ "setpriority/self", "PRIO_PROCESS 0: the caller", {
		IN(0, PRIO_PROCESS), IN(1, 0) } },
	{ "setsockopt/ip", "IPv4 options that stay on one socket", {
		IN(1, IPPROTO_IP), IN(2, IP_TOS, IP_TTL, IP_RECVTTL_,
		    IP_RECVTOS_, IP_RECVERR, IP_PKTINFO, IP_MTU_DISCOVER, IP_MTU,
		    IP_FREEBIND, IP_BIND_ADDRESS_NO_PORT) } },
	{ "setsockopt/ip-multicast", "IPv4 multicast options", {
		IN(1, IPPROTO_IP), IN(2, IP_MULTICAST_IF, IP_MULTICAST_TTL,
		    IP_MULTICAST_LOOP, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP,
		    IP_ADD_SOURCE_MEMBERSHIP, IP_DROP_SOURCE_MEMBERSHIP,
		    IP_MULTICAST_ALL) } },
	{ "setsockopt/ipv6", "IPv6 options that stay on one socket", {
		IN(1, IPPROTO_IPV6), IN(2, IPV6_V6ONLY, IPV6_UNICAST_HOPS,
		    IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVERR,
		    IPV6_TCLASS, IPV6_RECVTCLASS, IPV6_MTU_DISCOVER, IPV6_MTU,
		    IPV6_ADDR_PREFERENCES_) } },
	{ "setsockopt/ipv6-multicast", "IPv6 multicast options", {
		IN(1, IPPROTO_IPV6), IN(2, IPV6_MULTICAST_IF,
		    IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_JOIN_GROUP,
		    IPV6_LEAVE_GROUP) } },
	{ "setsockopt/netlink", "netlink options that stay on one socket", {
		IN(1, SOL_NETLINK), IN(2, NETLINK_ADD_MEMBERSHIP_,
		    NETLINK_PKTINFO_, NETLINK_EXT_ACK_,
		    NETLINK_GET_STRICT_CHK_) } },
	{ "setsockopt/socket", "socket options, none that attaches a program, "
	    "marks packets or binds to a device", {
		IN(1, SOL_SOCKET), IN(2, SO_TYPE, SO_ERROR, SO_BROADCAST,
		    SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE, SO_LINGER,
		    SO_OOBINLINE, SO_SNDBUF, SO_RCVBUF, SO_RCVLOWAT,
		    SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVTIMEO_NEW_,
		    SO_SNDTIMEO_NEW_, SO_TIMESTAMP, SO_TIMESTAMPNS,
		    SO_PASSCRED, SO_PRIORITY, SO_INCOMING_CPU, SO_BUSY_POLL,
		    SO_ZEROCOPY) } },
	{ "setsockopt/stdio", "buffer sizes, time limits, and to be told whose "
	    "a message is", {
		IN(1, SOL_SOCKET), IN(2, SO_ERROR, SO_SNDBUF, SO_RCVBUF,
		    SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVTIMEO_NEW_,
		    SO_SNDTIMEO_NEW_, SO_RCVLOWAT, SO_PASSCRED) } },
	{ "setsockopt/tcp", "TCP options; never TCP_ULP, TCP_REPAIR", {
		IN(1, IPPROTO_TCP), IN(2, TCP_NODELAY, TCP_MAXSEG, TCP_CORK,
		    TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT,
		    TCP_LINGER2, TCP_DEFER_ACCEPT, TCP_QUICKACK,
		    TCP_CONGESTION, TCP_USER_TIMEOUT, TCP_FASTOPEN,
		    TCP_FASTOPEN_CONNECT, TCP_NOTSENT_LOWAT) } },
	{ "shmat/no-exec", "without SHM_EXEC: memory that is not run", {
		CLEAR(2, SHM_EXEC) } },
	{ "socket/inet", "IPv4 and IPv6: TCP, UDP and ping sockets", {
		IN(0, AF_INET, AF_INET6), TYPE(1, SOCK_STREAM, SOCK_DGRAM),
		IN(2, 0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
		    IPPROTO_ICMPV6) } },
	{ "socket/inet-dgram", "IPv4 and IPv6: UDP", {
		IN(0, AF_INET, AF_INET6), TYPE(1, SOCK_DGRAM),
		IN(2, 0, IPPROTO_UDP) } },
	{ "socket/inet-stream", "IPv4 and IPv6: TCP", {
		IN(0, AF_INET, AF_INET6), TYPE(1, SOCK_STREAM),
		IN(2, 0, IPPROTO_TCP) } },
	{ "socket/mptcp", "multipath TCP", {
		IN(0, AF_INET, AF_INET6), TYPE(1, SOCK_STREAM),
		IN(2, IPPROTO_MPTCP_) } },
	/* The C library asks it before it looks a name up in a file. */
	{ "socket/nscd", "a Unix socket, as the C library asks nscd", {
		IN(0, AF_UNIX),
		IN(1, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK), IN(2, 0) } },
	{ "socket/route", "netlink, for routes and interfaces", {
		IN(0, AF_NETLINK), TYPE(1, SOCK_RAW, SOCK_DGRAM),
		IN(2, NETLINK_ROUTE_) } },
	{ "socket/unix", "Unix sockets", {
		IN(0, AF_UNIX), TYPE(1, SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET),
		IN(2, 0, PF_UNIX) } },
	/* A datagram pair could send to any named socket. */
	{ "socketpair/connected", "a connected pair of Unix sockets", {
		IN(0, AF_UNIX), TYPE(1, SOCK_STREAM, SOCK_SEQPACKET),
		IN(2, 0, PF_UNIX) } },
	{ "socketpair/unix", "a pair of Unix sockets", {
		IN(0, AF_UNIX), TYPE(1, SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET),
		IN(2, 0, PF_UNIX) } },
	{ "stat-empty-path", "the flag AT_EMPTY_PATH, as fstat uses it", {
		BITS(3, AT_EMPTY_PATH, AT_EMPTY_PATH) } },
	/* unshare(2): EINVAL if there are several threads, else no effect. */
	{ "unshare/thread", "asking whether there are other threads", {
		IN64(0, CLONE_THREAD) } },
};
const size_t condition_row_count = ARRAY_SIZE(condition_rows);
