/* SPDX-License-Identifier: ISC */
#include "judge/known.h"

#include <string.h>

#include "base/path.h"

static bool
has_call(const struct known *known, const char *call)
{
	size_t length = strcspn(call, "(");

	for (size_t i = 0; i < known->count; i++) {
		const char *name = known->lines[i].call;

		if (name != NULL && strncmp(name, call, length) == 0 &&
		    name[length] == '\0')
			return true;
	}
	return false;
}

static bool
has_path(const struct known *known, const char *path, unsigned int permissions)
{
	for (size_t i = 0; i < known->count; i++) {
		const struct known_line *line = &known->lines[i];

		if (line->path != NULL &&
		    (permissions & ~line->permissions) == 0 &&
		    (line->tree ? path_within(path, line->path)
		                : strcmp(path, line->path) == 0))
			return true;
	}
	return false;
}

bool
known_has(const struct known *known, const struct denial *denial)
{
	if (known == NULL || denial->rule.file != NULL)
		return false;
	if (denial->reason != NULL && denial->call == NULL)
		return false;
	if (denial->reason != NULL)
		return has_call(known, denial->call);
	for (size_t i = 0; i < denial->path_count; i++)
		if (!has_path(known, denial->paths[i], denial->permissions[i]))
			return false;
	return denial->path_count > 0 && denial->words == 0;
}
