/* SPDX-License-Identifier: ISC */
/* Prints what early.h's stages could do: "NAME exec ERRNO mapping ERRNO". */
#include "early.h"

#include <stdio.h>

static void
preinit(void)
{
	early_try(EARLY_PREINIT);
}

__attribute__((section(".preinit_array"),
    used)) static void (*const preinit_entry)(void) = preinit;

__attribute__((constructor)) static void
construct(void)
{
	early_try(EARLY_CONSTRUCTOR);
}

int
main(void)
{
	static const char *const names[EARLY_STAGES] = { "preinit", "library",
		"constructor", "main" };

	early_try(EARLY_MAIN);
	for (int i = 0; i < EARLY_STAGES; i++)
		printf("%s tried %d exec %d mapping %d\n", names[i],
		    early[i].tried, early[i].exec, early[i].mapping);
	return 0;
}
