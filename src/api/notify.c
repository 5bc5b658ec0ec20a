/* SPDX-License-Identifier: ISC */
#include "api/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FIRST_FD 3

void
notify_manager(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_close int fd = -1;
	socklen_t length;

	if (path == NULL || (*path != '/' && *path != '@') ||
	    strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path));
	/* "@": a name that is no path, which begins with NUL. */
	if (*path == '@')
		address.sun_path[0] = '\0';
	length =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
		    (const struct sockaddr *)&address, length);
}

static long
number_in(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long number;

	if (text == NULL || *text < '0' || *text > '9')
		return -1;
	number = strtol(text, &end, 10);
	return *end == '\0' ? number : -1;
}

static int
option_of(int fd, int option)
{
	socklen_t size = sizeof(int);
	int value = -1;

	return getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0 ? -1
	                                                             : value;
}

int
notify_listener(struct diag *diag)
{
	long count = number_in("LISTEN_FDS");
	bool ours = number_in("LISTEN_PID") == (long)getpid();

	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
	if (!ours || count < 1)
		return -ENOENT;
	if (count > 1 || option_of(FIRST_FD, SO_DOMAIN) != AF_UNIX ||
	    option_of(FIRST_FD, SO_TYPE) != SOCK_STREAM ||
	    option_of(FIRST_FD, SO_ACCEPTCONN) != 1)
		return diag_set(diag, EINVAL,
		    "socket activation: expected one listening Unix stream "
		    "socket");
	if (fcntl(FIRST_FD, F_SETFD, FD_CLOEXEC) < 0)
		return diag_errno(diag, "socket activation");
	return FIRST_FD;
}
