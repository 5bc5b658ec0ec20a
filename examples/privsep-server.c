/* SPDX-License-Identifier: ISC */
/*
 * A server of two processes.  The keeper can open the files of one directory
 * for reading, and never hears from the network.  The speaker talks to anyone,
 * and can open nothing: it asks the keeper, by name, for a descriptor.
 *
 *	privsep-server DIRECTORY
 *
 * Prints the port that it listens on, on 127.0.0.1.  A client sends a file's
 * name in a line and gets the file.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pledge.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME_MOST 256

/* A message of one byte, and a descriptor if there is one. */
union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

static int
send_file(int channel, int fd)
{
	union control control = { .header = { .cmsg_len = CMSG_LEN(sizeof(fd)),
		                      .cmsg_level = SOL_SOCKET,
		                      .cmsg_type = SCM_RIGHTS } };
	char found = fd != -1 ? 'y' : 'n';
	struct iovec byte = { &found, 1 };
	struct msghdr message = { .msg_iov = &byte, .msg_iovlen = 1 };

	if (fd != -1) {
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	return sendmsg(channel, &message, 0) == 1 ? 0 : -1;
}

static int
receive_file(int channel)
{
	union control control = { 0 };
	char found = 'n';
	struct iovec byte = { &found, 1 };
	struct msghdr message = { .msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(channel, &message, 0) == 1 && found == 'y' &&
	    message.msg_controllen == sizeof(control))
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

/* Opens what it is asked for, until the speaker has gone. */
static void
keep(int channel, const char *directory)
{
	char name[NAME_MOST];
	ssize_t length;
	int fd;

	if (chdir(directory) == -1)
		err(1, "%s", directory);
	if (unveil(".", "r") == -1)
		err(1, "unveil: %s", pledge_detail());
	if (pledge("stdio rpath sendfd", NULL) == -1)
		err(1, "pledge: %s", pledge_detail());

	while ((length = read(channel, name, sizeof(name) - 1)) > 0) {
		name[length] = '\0';
		fd = open(name, O_RDONLY | O_NONBLOCK);
		if (send_file(channel, fd) == -1)
			err(1, "send");
		if (fd != -1)
			close(fd);
	}
}

static void
answer(int client, int channel)
{
	char name[NAME_MOST], bytes[4096];
	ssize_t length, count;
	int fd;

	length = read(client, name, sizeof(name));
	if (length < 1 || name[length - 1] != '\n')
		return;
	if (write(channel, name, (size_t)length - 1) != length - 1)
		err(1, "ask");
	fd = receive_file(channel);
	if (fd == -1) {
		dprintf(client, "no such file\n");
		return;
	}
	while ((count = read(fd, bytes, sizeof(bytes))) > 0)
		if (write(client, bytes, (size_t)count) != count)
			break;
	close(fd);
}

static int
listen_here(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&address, length) == -1 ||
	    listen(fd, 8) == -1 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) == -1)
		err(1, "listen");
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

static void
speak(int listener, int channel)
{
	int client;

	/* A client that goes away is no reason to end. */
	signal(SIGPIPE, SIG_IGN);
	/* accept(2) is all that is left of the network. */
	if (pledge("stdio recvfd anet", NULL) == -1)
		err(1, "pledge: %s", pledge_detail());
	while ((client = accept(listener, NULL, NULL)) != -1) {
		answer(client, channel);
		close(client);
	}
}

int
main(int argc, char **argv)
{
	int channel[2], listener;
	pid_t speaker;

	if (argc != 2)
		errx(2, "usage: privsep-server DIRECTORY");
	/* Each message is one name: no bytes to be counted. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) == -1)
		err(1, "socketpair");
	listener = listen_here();
	speaker = fork();
	if (speaker == -1)
		err(1, "fork");
	if (speaker == 0) {
		close(channel[0]);
		speak(listener, channel[1]);
		return 1;
	}
	close(channel[1]);
	close(listener);
	keep(channel[0], argv[1]);
	waitpid(speaker, NULL, 0);
	return 0;
}
