/* SPDX-License-Identifier: ISC */
#include "run/environment.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static size_t
name_length(const char *entry)
{
	return strcspn(entry, "=");
}

static bool
same_name(const char *a, const char *b)
{
	size_t length = name_length(a);

	return length == name_length(b) && strncmp(a, b, length) == 0;
}

/* Adds ENTRY, in place of an earlier one of its name. */
static void
set_entry(char **list, size_t *count, char *entry)
{
	for (size_t i = 0; i < *count; i++) {
		if (same_name(list[i], entry)) {
			list[i] = entry;
			return;
		}
	}
	list[(*count)++] = entry;
	list[*count] = NULL;
}

static char *
find_entry(const char *name)
{
	for (char **entry = environ; *entry != NULL; entry++)
		if (same_name(*entry, name))
			return *entry;
	return NULL;
}

char **
environment_make(
    const char *const *changes, size_t change_count, bool clear, size_t spare)
{
	size_t count = 0, size = change_count + spare + 1;
	char **list;

	for (char **entry = environ; *entry != NULL; entry++)
		size++;
	list = calloc(size, sizeof(*list));
	if (list == NULL)
		return NULL;
	for (char **entry = environ; !clear && *entry != NULL; entry++)
		list[count++] = *entry;
	for (size_t i = 0; i < change_count; i++) {
		char *entry = strchr(changes[i], '=') != NULL
		                  ? strdup(changes[i])
		                  : find_entry(changes[i]);

		if (entry != NULL)
			set_entry(list, &count, entry);
	}
	return list;
}

int
environment_set(char **list, const char *name, const char *value)
{
	size_t count = 0;
	char *entry;

	if (asprintf(&entry, "%s=%s", name, value) < 0)
		return -ENOMEM;
	while (list[count] != NULL)
		count++;
	set_entry(list, &count, entry);
	return 0;
}
