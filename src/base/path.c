/* SPDX-License-Identifier: ISC */
#include "base/path.h"

#include <string.h>

bool
path_within(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	while (length > 0 && directory[length - 1] == '/')
		length--;
	if (length == 0 && directory[0] == '/')
		return true;
	return strncmp(path, directory, length) == 0 &&
	       (path[length] == '\0' || path[length] == '/');
}
