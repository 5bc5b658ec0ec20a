/* SPDX-License-Identifier: ISC */
/* Profiles: policy files that are found by name. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "base/table.h"
#include "policy/policy.h"

#define ENDING ".policy"

/* Where what was installed with the programs is: below the build's prefix. */
#ifndef DATADIR
# define DATADIR "/usr/share"
#endif

/* Where profiles are found by name; the first that has it wins. */
static const struct {
	const char *variable; /* of the environment, or NULL */
	const char *directory;
} profile_places[] = {
	{ "XDG_CONFIG_HOME", "/seccomp-pledge/profiles" },
	{ "HOME", "/.config/seccomp-pledge/profiles" },
	{ NULL, "/etc/seccomp-pledge/profiles" },
	{ NULL, DATADIR "/seccomp-pledge/profiles" },
};

bool
profile_directory(size_t index, char *ret_path)
{
	const char *root = "";

	if (index >= ARRAY_SIZE(profile_places))
		return false;
	if (profile_places[index].variable != NULL)
		root = getenv(profile_places[index].variable);
	ret_path[0] = '\0';
	if (root != NULL && (*root == '/' || *root == '\0'))
		snprintf(ret_path, PATH_MAX, "%s%s", root,
		    profile_places[index].directory);
	return true;
}

/* A name may stand with its ending or without. */
bool
profile_find(const char *name, char *ret_path)
{
	static const char *const endings[] = { ENDING, "" };
	char directory[PATH_MAX];

	for (size_t i = 0; profile_directory(i, directory); i++) {
		if (directory[0] == '\0')
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(endings); j++) {
			snprintf(ret_path, PROFILE_PATH, "%s/%.200s%s",
			    directory, name, endings[j]);
			if (access(ret_path, F_OK) == 0)
				return true;
		}
	}
	return false;
}

/* Neither hidden, nor what an editor leaves behind. */
static int
is_profile(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && entry->d_name[length - 1] != '~';
}

static void
each_of(const char *directory, profile_seen *seen, void *context)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_profile, alphasort);
	char found[PROFILE_PATH], path[PROFILE_PATH];

	for (int i = 0; i < count; i++) {
		char *name = entries[i]->d_name;
		size_t length = strlen(name), end = strlen(ENDING);

		snprintf(path, sizeof(path), "%s/%s", directory, name);
		if (length > end && strcmp(name + length - end, ENDING) == 0)
			name[length - end] = '\0';
		/* Another one of that name hides it. */
		if (profile_find(name, found) && strcmp(found, path) == 0)
			seen(context, name, path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

void
profile_each(profile_seen *seen, void *context)
{
	char directory[PATH_MAX];

	for (size_t i = 0; profile_directory(i, directory); i++)
		if (directory[0] != '\0')
			each_of(directory, seen, context);
}

struct nearest {
	struct suggest suggest;
	char name[NAME_MAX + 1]; /* the best: it goes with its directory */
};

static void
consider(void *context, const char *name, const char *path)
{
	struct nearest *nearest = context;

	(void)path;
	suggest_consider(&nearest->suggest, name);
	if (nearest->suggest.best == name) {
		snprintf(nearest->name, sizeof(nearest->name), "%s", name);
		nearest->suggest.best = nearest->name;
	}
}

int
profile_missing(const char *name, struct diag *diag)
{
	static const char *const endings[] = { "", ".policy" };
	struct nearest nearest = { .suggest = { .wanted = name } };
	char file[PATH_MAX];

	/* What lies in the current directory was meant. */
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		snprintf(file, sizeof(file), "./%s%s", name, endings[i]);
		if (access(file, F_OK) == 0)
			return diag_set(diag, ENOENT,
			    "no profile is called \"%s\"; the file here is "
			    "%s",
			    name, file);
	}
	profile_each(consider, &nearest);
	return diag_set(diag, ENOENT,
	    "no profile is called \"%s\"%s (write ./%s for a file; see: "
	    "seccomp-pledge profiles)",
	    name, suggest_text(&nearest.suggest), name);
}

int
policy_include(struct policy *policy, const char *name, struct diag *diag)
{
	char path[PROFILE_PATH];

	if (strchr(name, '/') != NULL || strchr(name, '.') != NULL)
		return policy_read(policy, name, diag);
	if (profile_find(name, path))
		return policy_read(policy, path, diag);
	return profile_missing(name, diag);
}
