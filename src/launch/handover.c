/* SPDX-License-Identifier: ISC */
#include "launch/handover.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

union ancillary {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

int
handover_send(int socket, int fd, const uint64_t cookie[3])
{
	char byte = 0;
	struct iovec data = { &byte, 1 };
	union ancillary ancillary = { 0 };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof(ancillary) };

	ancillary.head.cmsg_level = SOL_SOCKET;
	ancillary.head.cmsg_type = SCM_RIGHTS;
	ancillary.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&ancillary.head), &fd, sizeof(fd));
	if (syscall(SYS_sendmsg, socket, &message, MSG_NOSIGNAL, cookie[0],
	        cookie[1], cookie[2]) != 1)
		return -errno;
	return 0;
}

int
handover_receive(int socket)
{
	char byte;
	struct iovec data = { &byte, 1 };
	union ancillary ancillary = { 0 };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof(ancillary) };
	ssize_t n;
	int fd;

	n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -EPIPE;
	/* As where a limit leaves no room for a descriptor. */
	if (message.msg_controllen < CMSG_LEN(sizeof(int)) ||
	    ancillary.head.cmsg_type != SCM_RIGHTS)
		return -EMFILE;
	memcpy(&fd, CMSG_DATA(&ancillary.head), sizeof(fd));
	return fd;
}
