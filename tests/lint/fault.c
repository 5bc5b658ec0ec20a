/* SPDX-License-Identifier: ISC */
/* Faults that only a sanitizer sees: where one is on, this must fail. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

int
main(int argc, char **argv)
{
	/* Volatile, or the compiler would see the faults and drop them. */
	volatile int number = INT_MAX;
	char *bytes = calloc(1, 4);
	char *volatile stale = bytes;

	free(bytes);
	if (argc != 2 || stale == NULL)
		return 0;
	if (strcmp(argv[1], "address") == 0)
		number = stale[0];
	else if (strcmp(argv[1], "undefined") == 0)
		number += argc;
	return 0;
}
