/* SPDX-License-Identifier: ISC */
/*
 * A network client: sends a line to HOST PORT and prints the answer.  It gives
 * up looking up names once it has the address, and the network once it is
 * connected; what the server sends is read with nothing left to lose.
 */
#include <err.h>
#include <netdb.h>
#include <pledge.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
promise(const char *promises)
{
	if (pledge(promises, NULL) == -1)
		err(1, "pledge: %s", pledge_detail());
}

static int
connect_any(const struct addrinfo *address)
{
	int fd = -1;

	for (; address != NULL; address = address->ai_next) {
		fd = socket(address->ai_family, address->ai_socktype,
		    address->ai_protocol);
		if (fd == -1)
			continue;
		if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
			break;
		close(fd);
		fd = -1;
	}
	return fd;
}

int
main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	char answer[1024];
	ssize_t count;
	int error, fd;

	if (argc != 4)
		errx(2, "usage: net-client HOST PORT LINE");

	promise("stdio inet dns");
	error = getaddrinfo(argv[1], argv[2], &hints, &found);
	if (error != 0)
		errx(1, "%s: %s", argv[1], gai_strerror(error));

	promise("stdio inet");
	fd = connect_any(found);
	if (fd == -1)
		err(1, "%s port %s", argv[1], argv[2]);
	freeaddrinfo(found);

	promise("stdio");
	if (dprintf(fd, "%s\n", argv[3]) < 0)
		err(1, "send");
	while ((count = read(fd, answer, sizeof(answer))) > 0)
		if (write(1, answer, (size_t)count) != count)
			err(1, "write");
	if (count == -1)
		err(1, "receive");
	return 0;
}
