/* SPDX-License-Identifier: ISC */
/* Makes calls that a sandbox without `cpath` refuses: denied COUNT. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : 1;

	/* Fails unconfined, too, so that nothing is left behind. */
	for (long i = 0; i < count; i++)
		if (unlink("/nonexistent/file") == 0)
			return 1;
	return 0;
}
