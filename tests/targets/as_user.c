/* SPDX-License-Identifier: ISC */
/*
 * as-user UID COMMAND [ARGUMENT...]: as that user, of the group of the same
 * number and no other. Python can do so as well, but then it forks, and has
 * all its pages copied; without, it starts a program by vfork(2).
 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	unsigned int id;

	if (argc < 3)
		return 125;
	id = (unsigned int)strtoul(argv[1], NULL, 10);
	if (setgroups(0, NULL) == -1 || setresgid(id, id, id) == -1 ||
	    setresuid(id, id, id) == -1) {
		perror("as-user");
		return 125;
	}
	execvp(argv[2], argv + 2);
	fprintf(stderr, "as-user: %s: %s\n", argv[2], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}
