/* SPDX-License-Identifier: ISC */
/*
 * Numbers of Linux's interface that the oldest supported build host (Debian
 * 12, Linux 6.1 headers) or one of the C libraries does not name, or names in
 * headers that cannot be included together.  A trailing underscore keeps them
 * apart from a newer header's.
 */
#ifndef POLICY_NUMBERS_H
#define POLICY_NUMBERS_H

/* arch/x86/include/uapi/asm/prctl.h; other architectures have no arch_prctl. */
#define ARCH_SET_GS_         0x1001
#define ARCH_SET_FS_         0x1002
#define ARCH_GET_FS_         0x1003
#define ARCH_GET_GS_         0x1004
#define ARCH_GET_XCOMP_SUPP_ 0x1021
#define ARCH_GET_XCOMP_PERM_ 0x1022
#define ARCH_REQ_XCOMP_PERM_ 0x1023
#define ARCH_CET_STATUS_     0x3001
#define ARCH_SHSTK_ENABLE_   0x5001
#define ARCH_SHSTK_DISABLE_  0x5002
#define ARCH_SHSTK_LOCK_     0x5003
#define ARCH_SHSTK_UNLOCK_   0x5004
#define ARCH_SHSTK_STATUS_   0x5005

/* asm-generic/ioctls.h: _IOR('T', 0x2A, struct termios2), 44 bytes. */
#define TCGETS2_            0x802c542a
#define TCSETS2_            0x402c542b
#define TCSETSW2_           0x402c542c
#define TCSETSF2_           0x402c542d

#define F_DUPFD_QUERY_      1027 /* fcntl.h, 6.10 */
#define RWF_NOAPPEND_       0x20 /* fs.h, 6.9 */

#define PR_SET_MDWE_        65 /* prctl.h, 6.3 */
#define PR_GET_MDWE_        66
#define PR_GET_AUXV_        0x41555856 /* 6.4 */
#define PR_FUTEX_HASH_      78         /* 6.16 */

#define IOPRIO_WHO_PROCESS_ 1 /* ioprio.h */

/* The kernel's posix-timers.h: a negative clock is one process', one thread's
 * or an open device's; two bits more name what of its time is counted. */
#define CLOCK_OTHERS            UINT32_C(0x80000000)
#define CLOCK_THREAD            4
#define CLOCK_KIND              7
#define CLOCK_FD                3
#define CLOCK_PROCESS(pid)      (~(uint32_t)(pid) << 3)

#define IPPROTO_MPTCP_          262 /* in.h, 5.6 */
#define IP_RECVTTL_             12  /* in.h */
#define IP_RECVTOS_             13
#define IPV6_ADDR_PREFERENCES_  72 /* in6.h */
#define NETLINK_ROUTE_          0  /* netlink.h */
#define NETLINK_ADD_MEMBERSHIP_ 1
#define NETLINK_PKTINFO_        3
#define NETLINK_EXT_ACK_        11
#define NETLINK_GET_STRICT_CHK_ 12
#define SO_RCVTIMEO_NEW_        66 /* asm-generic/socket.h, 5.1 */
#define SO_SNDTIMEO_NEW_        67

#endif
