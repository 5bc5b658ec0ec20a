/* SPDX-License-Identifier: ISC */
/*
 * raw CALL [ARG...]
 *
 * Makes one system call and exits with its errno, 0: it succeeded, 200: it is
 * called wrongly. An argument is a number, or s:TEXT, u:PATH, 4:ADDRESS:PORT,
 * 6:ADDRESS:PORT (a pointer to that), length (of the last of these addresses),
 * room (a pointer to 256 zero bytes).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define WRONGLY 200
#define ARGS    6

/* clang-format off */
#define NAME(call) { #call, SYS_##call }
static const struct {
	const char *name;
	long number;
} calls[] = {
	NAME(bind), NAME(chdir), NAME(chroot), NAME(connect), NAME(execve),
	NAME(faccessat), NAME(fchmodat), NAME(fchownat), NAME(getpid),
	NAME(getppid), NAME(getxattr), NAME(inotify_init1), NAME(kill),
	NAME(linkat), NAME(memfd_create), NAME(mkdirat), NAME(mknodat),
	NAME(mq_unlink), NAME(newfstatat), NAME(openat), NAME(prlimit64),
	NAME(ptrace), NAME(readlinkat), NAME(renameat2), NAME(sched_yield),
	NAME(sendto), NAME(setgid), NAME(setgroups), NAME(setpgid),
	NAME(setpriority), NAME(settimeofday), NAME(setuid), NAME(socket),
	NAME(statfs), NAME(symlinkat), NAME(sync), NAME(tgkill), NAME(tkill),
	NAME(truncate), NAME(umask), NAME(uname), NAME(unlinkat),
	NAME(unshare),
};
/* clang-format on */

static union {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
} address;
static socklen_t length;
static char room[256];

static long
read_address(char *text)
{
	char *port = strrchr(text, ':');

	memset(&address, 0, sizeof(address));
	if (*text == 'u') {
		address.un.sun_family = AF_UNIX;
		strncpy(address.un.sun_path, text + 2,
		    sizeof(address.un.sun_path) - 1);
		length = sizeof(address.un);
		return (long)&address;
	}
	*port++ = '\0';
	if (*text == '4') {
		address.in.sin_family = AF_INET;
		address.in.sin_port = htons((in_port_t)strtol(port, NULL, 10));
		inet_pton(AF_INET, text + 2, &address.in.sin_addr);
		length = sizeof(address.in);
	} else {
		address.in6.sin6_family = AF_INET6;
		address.in6.sin6_port =
		    htons((in_port_t)strtol(port, NULL, 10));
		inet_pton(AF_INET6, text + 2, &address.in6.sin6_addr);
		length = sizeof(address.in6);
	}
	return (long)&address;
}

static long
read_argument(char *text)
{
	if (strcmp(text, "length") == 0)
		return length;
	if (strcmp(text, "room") == 0)
		return (long)room;
	if (text[0] != '\0' && text[1] == ':')
		return *text == 's' ? (long)(text + 2) : read_address(text);
	return strtol(text, NULL, 0);
}

int
main(int argc, char **argv)
{
	long args[ARGS] = { 0 };

	for (int i = 2; i < argc && i < ARGS + 2; i++)
		args[i - 2] = read_argument(argv[i]);
	for (size_t i = 0; argc > 1 && i < sizeof(calls) / sizeof(*calls); i++)
		if (strcmp(calls[i].name, argv[1]) == 0)
			return syscall(calls[i].number, args[0], args[1],
			           args[2], args[3], args[4], args[5]) == -1
			           ? errno
			           : 0;
	return WRONGLY;
}
