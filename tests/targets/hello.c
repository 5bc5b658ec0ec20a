/* SPDX-License-Identifier: ISC */
/* Prints "hello" and its arguments; "exit=N" among them is its status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main(int argc, char **argv)
{
	int status = 0;

	fputs("hello", stdout);
	for (int i = 1; i < argc; i++) {
		printf(" %s", argv[i]);
		if (strncmp(argv[i], "exit=", 5) == 0)
			status = (int)strtol(argv[i] + 5, NULL, 10);
	}
	putchar('\n');
	return status;
}
