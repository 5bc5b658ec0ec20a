/* SPDX-License-Identifier: ISC */
#include "call/looks.h"

#include <stdlib.h>
#include <string.h>

static int
compare_rows(const void *name, const void *row)
{
	return strcmp(name, ((const struct look_row *)row)->call);
}

const struct look_row *
look_find(const struct arch *arch, unsigned int nr)
{
	const char *name = arch_name(arch, nr);

	if (name == NULL)
		return NULL;
	return bsearch(name, look_rows, look_row_count, sizeof(look_rows[0]),
	    compare_rows);
}

bool
look_is_path(enum call_look look)
{
	return look >= LOOK_OPEN && look <= LOOK_EXECUTE;
}

bool
look_is_landlocks(enum call_look look)
{
	return look_is_path(look) || look == LOOK_ADDRESS ||
	       look == LOOK_SIGNAL;
}
