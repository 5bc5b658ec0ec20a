/* SPDX-License-Identifier: ISC */
#include "base/number.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

long long
number_read(const char *text)
{
	long long number;
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	number = strtoll(text, &end, 10);
	return *end == '\0' && errno == 0 && number < UINT32_MAX ? number : -1;
}
