/* SPDX-License-Identifier: ISC */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

/* A whole decimal number below 2^32 - 1, which the kernel's IDs are; or -1. */
long long number_read(const char *text);

/* "1 second", "2 seconds", "0.5 seconds". */
static inline const char *
plural(double count)
{
	return count == 1 ? "" : "s";
}

#endif
