/* SPDX-License-Identifier: ISC */
#include "policy/places.h"

#include <stddef.h>
#include <string.h>

#include "base/path.h"
#include "base/table.h"

/* Places of which nobody means all. */
static const char *const wide_places[] = { "/", "/bin", "/boot", "/dev", "/etc",
	"/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/proc", "/root",
	"/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/bin", "/usr/lib",
	"/usr/local", "/usr/sbin", "/usr/share", "/var", "/var/lib",
	"/var/tmp" };
/* Of a home: keys to everything else. */
static const char *const secret_places[] = { ".ssh", ".gnupg", ".aws", ".kube",
	".docker", ".mozilla", ".password-store" };
/* Of a home as well: what many programs share. */
static const char *const shared_places[] = { ".config", ".local",
	".local/share", ".cache" };

/* What is left of PATH below HOME: "" is HOME itself, NULL: it is not there. */
static const char *
below(const char *home, const char *path)
{
	if (home == NULL || !path_within(path, home))
		return NULL;
	path += strlen(home);
	return path + (*path == '/');
}

bool
place_is_wide(const char *home, const char *path)
{
	const char *rest = below(home, path);

	for (size_t i = 0; i < ARRAY_SIZE(wide_places); i++)
		if (strcmp(path, wide_places[i]) == 0)
			return true;
	if (rest == NULL)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(secret_places); i++)
		if (strcmp(rest, secret_places[i]) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(shared_places); i++)
		if (strcmp(rest, shared_places[i]) == 0)
			return true;
	return *rest == '\0';
}

bool
place_is_secret(const char *home, const char *path)
{
	const char *rest = below(home, path);

	if (home != NULL && path_within(home, path))
		return true;
	for (size_t i = 0; rest != NULL && i < ARRAY_SIZE(secret_places); i++) {
		size_t length = strlen(secret_places[i]);

		if (strncmp(rest, secret_places[i], length) == 0 &&
		    (rest[length] == '\0' || rest[length] == '/'))
			return true;
	}
	return false;
}
