/* SPDX-License-Identifier: ISC */
/*
 * A line filter: numbers the lines of standard input.  A fault in it could
 * reach nothing but the two descriptors that it was given.
 */
#include <err.h>
#include <pledge.h>
#include <stdio.h>

int
main(void)
{
	char line[1024];
	unsigned long number = 0;

	if (pledge("stdio", NULL) == -1)
		err(1, "pledge: %s", pledge_detail());

	while (fgets(line, sizeof(line), stdin) != NULL)
		printf("%6lu  %s", ++number, line);
	if (ferror(stdin) || fflush(stdout) == EOF)
		err(1, "stdio");
	return 0;
}
