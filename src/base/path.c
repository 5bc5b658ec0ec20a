/* SPDX-License-Identifier: ISC */
#include "base/path.h"

#include <limits.h>
#include <stdio.h>
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

bool
path_name_self(char *path, int pid)
{
	static const char self[] = "/proc/self";
	const size_t lead = sizeof(self) - 1;
	char own[32];
	size_t length = (size_t)snprintf(own, sizeof(own), "/proc/%d", pid);
	size_t rest;

	if (!path_within(path, own))
		return false;
	rest = strlen(path + length) + 1;
	if (lead + rest > PATH_MAX)
		return false;
	memmove(path + lead, path + length, rest);
	memcpy(path, self, lead);
	return true;
}
