/* SPDX-License-Identifier: ISC */
/* Attempts to reach others, past what TCP's connect and bind are held to. */
#include "targets/attempt.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* FAMILY TYPE PROTOCOL, as numbers. */
static int
make_socket(char **numbers)
{
	return outcome_fd(socket(number(numbers[0]),
	    number(numbers[1]) | SOCK_CLOEXEC, number(numbers[2])));
}

static int
make_pair(char **numbers)
{
	int pair[2];

	if (socketpair(number(numbers[0]), number(numbers[1]),
	        number(numbers[2]), pair) == -1)
		return errno;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

/* On no socket: EBADF, once nobody refuses the option. */
static int
set_option(char **numbers)
{
	int zero = 0;

	return harmless(setsockopt(-1, number(numbers[0]), number(numbers[1]),
	                    &zero, sizeof(zero)),
	    EBADF);
}

static struct sockaddr_in
local(const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	to.sin_port = htons((uint16_t)number(port));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return to;
}

/* Connects within sendmsg(2) or sendmmsg(2). */
static int
fast_open(const char *port, int many)
{
	struct sockaddr_in to = local(port);
	struct iovec byte = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	struct mmsghdr message = { .msg_hdr = { .msg_name = &to,
		                       .msg_namelen = sizeof(to),
		                       .msg_iov = &byte,
		                       .msg_iovlen = 1 } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd == -1)
		return errno;
	if (many)
		error = outcome(sendmmsg(fd, &message, 1, MSG_FASTOPEN));
	else
		error = outcome(sendmsg(fd, &message.msg_hdr, MSG_FASTOPEN));
	close(fd);
	return error;
}

static int
fast_open_message(char **port)
{
	return fast_open(*port, 0);
}

static int
fast_open_messages(char **port)
{
	return fast_open(*port, 1);
}

/* The option that turns connect(2) into MSG_FASTOPEN. */
static int
fast_open_connect(char **port)
{
	struct sockaddr_in to = local(*port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1, error;

	if (fd == -1)
		return errno;
	if (setsockopt(
	        fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)) == -1)
		error = errno;
	else
		error =
		    outcome(connect(fd, (struct sockaddr *)&to, sizeof(to)));
	if (error == 0)
		error = outcome(send(fd, "x", 1, 0));
	close(fd);
	return error;
}

static socklen_t
unix_name(struct sockaddr_un *to, const char *path)
{
	to->sun_family = AF_UNIX;
	snprintf(to->sun_path, sizeof(to->sun_path), "%s", path);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	                   strlen(to->sun_path) + 1);
}

/* One end of a pair, or an inherited socket, sends to a named one. */
static int
send_to_name(int fd, const char *path)
{
	struct sockaddr_un to = { 0 };
	socklen_t length = unix_name(&to, path);
	struct iovec nothing = { .iov_base = (char[]){ 'x' } };
	struct msghdr message = { .msg_name = &to,
		.msg_namelen = length,
		.msg_iov = &nothing,
		.msg_iovlen = 1 };

	return outcome(sendmsg(fd, &message, 0));
}

static int
pair_to_name(char **path)
{
	int pair[2], error;

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == -1)
		return errno;
	error = send_to_name(pair[0], *path);
	close(pair[0]);
	close(pair[1]);
	return error;
}

/* FD PATH */
static int
inherited_to_name(char **operands)
{
	return send_to_name(number(operands[0]), operands[1]);
}

/* FD PORT: a datagram socket of the Internet's, as inetd(8) hands one over. */
static int
inherited_to_port(char **operands)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)number(operands[1])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct iovec nothing = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	struct msghdr message = { .msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &nothing,
		.msg_iovlen = 1 };

	return outcome(sendmsg(number(operands[0]), &message, 0));
}

/* A source route, for one message (IP_RETOPTS, ip(7)). */
static int
route_message(char **port)
{
	char route[8] = { (char)131, 7, 4, 127, 0, 0, 1, 0 };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(route))];
	} control = { .head = { .cmsg_level = IPPROTO_IP,
		          .cmsg_type = IP_RETOPTS,
		          .cmsg_len = CMSG_LEN(sizeof(route)) } };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)number(*port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct iovec nothing = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	struct msghdr message = { .msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &nothing,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;

	if (fd == -1)
		return errno;
	memcpy(CMSG_DATA(&control.head), route, sizeof(route));
	error = outcome(sendmsg(fd, &message, 0));
	close(fd);
	return error;
}

/* A message that says it came from process 1 (unix(7)). */
static int
claim_process(char **none)
{
	struct ucred ids = { .pid = 1, .uid = getuid(), .gid = getgid() };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(ids))];
	} control = { .head = { .cmsg_level = SOL_SOCKET,
		          .cmsg_type = SCM_CREDENTIALS,
		          .cmsg_len = CMSG_LEN(sizeof(ids)) } };
	struct iovec nothing = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &nothing,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	int pair[2], error;

	(void)none;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return errno;
	memcpy(CMSG_DATA(&control.head), &ids, sizeof(ids));
	error = outcome(sendmsg(pair[0], &message, 0));
	close(pair[0]);
	close(pair[1]);
	return error;
}

/* clang-format off */
const struct attempt escape_sockets[] = {
	{ "socket", "FAMILY TYPE PROTOCOL", make_socket },
	{ "pair", "FAMILY TYPE PROTOCOL", make_pair },
	{ "setsockopt", "LEVEL NAME", set_option },
	{ "fastopen-sendmsg", "PORT", fast_open_message },
	{ "fastopen-sendmmsg", "PORT", fast_open_messages },
	{ "fastopen-connect", "PORT", fast_open_connect },
	{ "pair-send", "PATH", pair_to_name },
	{ "fd-send", "FD PATH", inherited_to_name },
	{ "fd-send-port", "FD PORT", inherited_to_port },
	{ "send-routed", "PORT", route_message },
	{ "claim-process", "", claim_process },
	{ 0 },
};
