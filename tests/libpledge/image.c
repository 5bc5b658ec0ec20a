/* SPDX-License-Identifier: ISC */
/* What the tests execute: says by its status what it could do. */
#include <errno.h>
#include <pledge.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int early = 1;

__attribute__((constructor)) static void
start(void)
{
	if (getenv("EARLY") != NULL)
		early = pledge("stdio", NULL);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	volatile int sum = 0;

	if (strcmp(what, "compute") == 0) {
		for (int i = 0; i < 42; i++)
			sum += 1;
		return sum;
	}
	if (strcmp(what, "socket") == 0)
		return socket(AF_INET, SOCK_STREAM, 0) == -1 ? 64 + errno : 0;
	if (strcmp(what, "unix") == 0)
		return socket(AF_UNIX, SOCK_STREAM, 0) == -1 ? 64 + errno : 0;
	if (strcmp(what, "again") == 0) {
		execl(argv[0], argv[0], "compute", (char *)NULL);
		return 64 + errno;
	}
	if (strcmp(what, "pledge") == 0)
		return pledge(argv[2], NULL) == -1 ? 64 + errno : 0;
	if (strcmp(what, "early") == 0)
		return early == 0 && pledge("stdio rpath", NULL) == -1 &&
		               errno == EPERM
		           ? 42
		           : 1;
	return 3;
}
