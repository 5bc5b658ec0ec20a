/* SPDX-License-Identifier: ISC */
#include "judge/made.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static uint64_t
hash_path(const char *path, size_t length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		hash =
		    (hash ^ (unsigned char)path[i]) * UINT64_C(0x100000001b3);
	return hash | 1;
}

/* The index of HASH, or of a free place. */
static size_t
find_place(const struct made *made, uint64_t hash)
{
	size_t at = hash % MADE_NAMES;

	while (made->names[at] != 0 && made->names[at] != hash)
		at = (at + 1) % MADE_NAMES;
	return at;
}

void
made_add(struct made *made, const char *directory, const char *name)
{
	char path[PATH_MAX + NAME_MAX + 2];
	const char *slash = directory[1] == '\0' ? "" : "/";
	uint64_t hash;
	size_t at;

	if (*name == '\0' || made->count > MADE_NAMES / 2)
		return;
	snprintf(path, sizeof(path), "%s%s%s", directory, slash, name);
	hash = hash_path(path, strlen(path));
	at = find_place(made, hash);
	made->count += made->names[at] == 0;
	made->names[at] = hash;
}

static bool
is_made(const struct made *made, const char *path, size_t length)
{
	return made->names[find_place(made, hash_path(path, length))] != 0;
}

void
made_cut(const struct made *made, char *path)
{
	for (char *end = path + strlen(path); end > path + 1; end--)
		if ((*end == '/' || *end == '\0') &&
		    is_made(made, path, (size_t)(end - path))) {
			while (*end != '/')
				end--;
			end[end == path ? 1 : 0] = '\0';
			end = path + strlen(path) + 1;
		}
}
