/* SPDX-License-Identifier: ISC */
/* here: a line for each thing that not every machine can do, "NAME" if this
 * one can, else "NAME REASON". */
#include "here.h"

#include <stdio.h>

int
main(void)
{
	const char *unknown = here_unknown(), *why;
	char reason[200];

	if (unknown != NULL) {
		fprintf(stderr, "TEST_WITHOUT: nothing is called so: %s\n",
		    unknown);
		return 2;
	}
	for (const struct here *row = here_rows; row->name != NULL; row++) {
		why = here_lacks(row->name, reason, sizeof(reason));
		printf("%s%s%s\n", row->name, why != NULL ? " " : "",
		    why != NULL ? why : "");
	}
	return 0;
}
