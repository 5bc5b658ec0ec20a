/* SPDX-License-Identifier: ISC */
/* Attempts to communicate: sockets of all kinds, on this machine only. */
#include "attempt.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef MSG_FASTOPEN
# define MSG_FASTOPEN 0x20000000
#endif
#define PROTOCOL_MPTCP   262
#define NETLINK_ROUTING  0
#define NETLINK_AUDITING 9

static int
make(int domain, int type, int protocol)
{
	return outcome_fd(socket(domain, type | SOCK_CLOEXEC, protocol));
}

static int
socket_inet(char **none)
{
	(void)none;
	return make(AF_INET, SOCK_STREAM, 0);
}

static int
socket_inet6(char **none)
{
	(void)none;
	return make(AF_INET6, SOCK_STREAM, 0);
}

static int
socket_inet_dgram(char **none)
{
	(void)none;
	return make(AF_INET, SOCK_DGRAM, 0);
}

static int
socket_raw(char **none)
{
	(void)none;
	return make(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int
socket_mptcp(char **none)
{
	(void)none;
	return make(AF_INET, SOCK_STREAM, PROTOCOL_MPTCP);
}

static int
socket_unix(char **none)
{
	(void)none;
	return make(AF_UNIX, SOCK_STREAM, 0);
}

static int
socket_unix_dgram(char **none)
{
	(void)none;
	return make(AF_UNIX, SOCK_DGRAM, 0);
}

static int
socket_netlink(char **none)
{
	(void)none;
	return make(AF_NETLINK, SOCK_RAW, NETLINK_ROUTING);
}

static int
socket_netlink_audit(char **none)
{
	(void)none;
	return make(AF_NETLINK, SOCK_RAW, NETLINK_AUDITING);
}

static int
socket_packet(char **none)
{
	(void)none;
	return make(AF_PACKET, SOCK_RAW, 0);
}

static int
make_pair(int type)
{
	int pair[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) == -1)
		return errno;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static int
pair_stream(char **none)
{
	(void)none;
	return make_pair(SOCK_STREAM);
}

static int
pair_dgram(char **none)
{
	(void)none;
	return make_pair(SOCK_DGRAM);
}

/* On a socket of this type, with this machine's own address and PORT. */
static int
with_port(int type, const char *port,
    int (*act)(int fd, const struct sockaddr *to, socklen_t length))
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd, error;

	to.sin_port = htons((uint16_t)number(port));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return errno;
	error = outcome(act(fd, (struct sockaddr *)&to, sizeof(to)));
	close(fd);
	return error;
}

static int
connect_tcp(char **port)
{
	return with_port(SOCK_STREAM, *port, connect);
}

static int
connect_udp(char **port)
{
	return with_port(SOCK_DGRAM, *port, connect);
}

static int
bind_tcp(char **port)
{
	return with_port(SOCK_STREAM, *port, bind);
}

static int
bind_udp(char **port)
{
	return with_port(SOCK_DGRAM, *port, bind);
}

static int
bind_and_listen(int fd, const struct sockaddr *to, socklen_t length)
{
	if (bind(fd, to, length) == -1)
		return -1;
	return listen(fd, 1);
}

static int
listen_tcp(char **port)
{
	return with_port(SOCK_STREAM, *port, bind_and_listen);
}

/* Without a bind(2): the kernel would choose the port itself. */
static int
listen_only(int fd, const struct sockaddr *to, socklen_t length)
{
	(void)to;
	(void)length;
	return listen(fd, 1);
}

static int
listen_anywhere(char **none)
{
	(void)none;
	return with_port(SOCK_STREAM, "0", listen_only);
}

static int
send_empty(int fd, const struct sockaddr *to, socklen_t length)
{
	return (int)sendto(fd, "", 0, 0, to, length);
}

static int
send_udp(char **port)
{
	return with_port(SOCK_DGRAM, *port, send_empty);
}

/* Connects within sendto(2), where no port rule is asked. */
static int
send_fast(int fd, const struct sockaddr *to, socklen_t length)
{
	return (int)sendto(fd, "x", 1, MSG_FASTOPEN, to, length);
}

static int
fast_open(char **port)
{
	return with_port(SOCK_STREAM, *port, send_fast);
}

static int
set_multicast(int fd, const struct sockaddr *to, socklen_t length)
{
	int hops = 1;

	(void)to;
	(void)length;
	return setsockopt(
	    fd, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof(hops));
}

static int
multicast(char **none)
{
	(void)none;
	return with_port(SOCK_DGRAM, "0", set_multicast);
}

static int
set_nodelay(int fd, const struct sockaddr *to, socklen_t length)
{
	int on = 1;

	(void)to;
	(void)length;
	return setsockopt(
	    fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof(on));
}

static int
no_delay(char **none)
{
	(void)none;
	return with_port(SOCK_STREAM, "0", set_nodelay);
}

/* On no socket: EBADF, once nobody refuses the option. */
static int
attach_filter(char **none)
{
	const char nothing[16] = { 0 };

	(void)none;
	return harmless(setsockopt(-1, SOL_SOCKET, SO_ATTACH_FILTER, nothing,
	                    sizeof(nothing)),
	    EBADF);
}

/* NAME is a path, or an abstract name after an "@". */
static int
with_name(int type, const char *name,
    int (*act)(int fd, const struct sockaddr *to, socklen_t length))
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	socklen_t length;
	int fd, error;

	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	                     (size_t)snprintf(
	                         to.sun_path, sizeof(to.sun_path), "%s", name));
	if (*name == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return errno;
	error = outcome(act(fd, (struct sockaddr *)&to, length));
	close(fd);
	return error;
}

static int
connect_unix(char **name)
{
	return with_name(SOCK_STREAM, *name, connect);
}

static int
bind_unix(char **name)
{
	return with_name(SOCK_STREAM, *name, bind);
}

static int
send_unix(char **name)
{
	return with_name(SOCK_DGRAM, *name, send_empty);
}

/* Sends the standard input to itself. */
static int
pass_descriptor(char **none)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec byte = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space) };
	const int passed = STDIN_FILENO;
	int pair[2], error;

	(void)none;
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &passed, sizeof(passed));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return errno;
	error = outcome(sendmsg(pair[0], &message, 0));
	if (error == 0)
		error = outcome(recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC));
	close(pair[0]);
	close(pair[1]);
	return error;
}

/* clang-format off */
const struct attempt socket_attempts[] = {
	{ "socket-inet", "", socket_inet },
	{ "socket-inet6", "", socket_inet6 },
	{ "socket-inet-dgram", "", socket_inet_dgram },
	{ "socket-raw", "", socket_raw },
	{ "socket-mptcp", "", socket_mptcp },
	{ "socket-unix", "", socket_unix },
	{ "socket-unix-dgram", "", socket_unix_dgram },
	{ "socket-netlink", "", socket_netlink },
	{ "socket-netlink-audit", "", socket_netlink_audit },
	{ "socket-packet", "", socket_packet },
	{ "socketpair", "", pair_stream },
	{ "socketpair-dgram", "", pair_dgram },
	{ "connect", "PORT", connect_tcp },
	{ "connect-udp", "PORT", connect_udp },
	{ "bind", "PORT", bind_tcp },
	{ "bind-udp", "PORT", bind_udp },
	{ "listen", "PORT", listen_tcp },
	{ "listen-anywhere", "", listen_anywhere },
	{ "send-udp", "PORT", send_udp },
	{ "fastopen", "PORT", fast_open },
	{ "setsockopt-multicast", "", multicast },
	{ "setsockopt-nodelay", "", no_delay },
	{ "setsockopt-attach-filter", "", attach_filter },
	{ "connect-unix", "NAME", connect_unix },
	{ "bind-unix", "NAME", bind_unix },
	{ "send-unix", "NAME", send_unix },
	{ "sendmsg-fd", "", pass_descriptor },
	{ 0 },
};
