/* SPDX-License-Identifier: ISC */
#include "run/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"

#define NOBODY_AT_ALL UINT32_MAX /* setresuid(2): leave it as it is */

/* A FIFO in its place would be waited for. */
static FILE *
open_table(const char *path)
{
	cleanup_close int fd =
	    open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	FILE *file;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	file = fdopen(fd, "r");
	if (file != NULL)
		take_fd(&fd);
	return file;
}

/* False: there is no such name. */
static bool
look_up_user(const char *name, struct identity *identity)
{
	cleanup_fclose FILE *file = open_table("/etc/passwd");
	struct passwd *entry;

	while (file != NULL && (entry = fgetpwent(file)) != NULL) {
		if (strcmp(entry->pw_name, name) != 0)
			continue;
		identity->change_user = identity->change_group = true;
		identity->uid = entry->pw_uid;
		identity->gid = entry->pw_gid;
		return true;
	}
	return false;
}

static bool
look_up_group(const char *name, struct identity *identity)
{
	cleanup_fclose FILE *file = open_table("/etc/group");
	struct group *entry;

	while (file != NULL && (entry = fgetgrent(file)) != NULL) {
		if (strcmp(entry->gr_name, name) != 0)
			continue;
		identity->change_group = true;
		identity->gid = entry->gr_gid;
		return true;
	}
	return false;
}

void
identity_look(
    const char *user, const char *group, struct identity *ret_identity)
{
	*ret_identity = (struct identity){ 0 };
	if (user != NULL && number_read(user) < 0)
		look_up_user(user, ret_identity);
	if (group == NULL)
		return;
	ret_identity->change_group = false;
	if (number_read(group) < 0)
		look_up_group(group, ret_identity);
}

static int
find_user(const char *user, bool group_given, struct identity *identity,
    struct diag *diag)
{
	long long number = number_read(user);

	if (number >= 0) {
		identity->change_user = true;
		identity->uid = (uid_t)number;
		if (!group_given)
			diag_warn(diag, "-u %s: the group stays; -g changes it",
			    user);
		return 0;
	}
	if (look_up_user(user, identity))
		return 0;
	return diag_set(diag, ENOENT,
	    "no user \"%s\" in /etc/passwd; write its number", user);
}

static int
find_group(const char *group, struct identity *identity, struct diag *diag)
{
	long long number = number_read(group);

	if (number >= 0) {
		identity->change_group = true;
		identity->gid = (gid_t)number;
		return 0;
	}
	if (look_up_group(group, identity))
		return 0;
	return diag_set(diag, ENOENT,
	    "no group \"%s\" in /etc/group; write its number", group);
}

/* A number that a name was found to mean: "user", "cli", "/etc/passwd". */
struct meaning {
	const char *kind, *name, *file, *option;
	unsigned int number;
	bool has_outside;
	unsigned int outside;
};

static int
check_meaning(const struct meaning *meaning, struct diag *diag)
{
	/* The kernel would leave what we are: root. */
	if (meaning->number == NOBODY_AT_ALL)
		return diag_set(diag, EPERM, "\"%s\" has no %s in %s",
		    meaning->name, meaning->kind, meaning->file);
	if (meaning->number == 0 && strcmp(meaning->name, "root") != 0)
		return diag_set(diag, EPERM,
		    "\"%s\" is %s 0 in %s, which is root's; if that is meant, "
		    "write %s 0",
		    meaning->name, meaning->kind, meaning->file,
		    meaning->option);
	if (meaning->has_outside && meaning->number != meaning->outside)
		diag_warn(diag,
		    "\"%s\" is %s %u in the new root's %s, and %u outside",
		    meaning->name, meaning->kind, meaning->number,
		    meaning->file, meaning->outside);
	return 0;
}

/* By a name; NULL for what is a number, or not asked for. */
static const char *
as_name(const char *text)
{
	return text != NULL && number_read(text) < 0 ? text : NULL;
}

static int
check_names(const char *user, const char *group,
    const struct identity *identity, const struct identity *outside,
    struct diag *diag)
{
	const struct meaning meanings[] = {
		{ "user", as_name(user), "/etc/passwd", "-u", identity->uid,
		    outside != NULL && outside->change_user,
		    outside != NULL ? outside->uid : 0 },
		{ "group", group != NULL ? as_name(group) : as_name(user),
		    group != NULL ? "/etc/group" : "/etc/passwd", "-g",
		    identity->gid, outside != NULL && outside->change_group,
		    outside != NULL ? outside->gid : 0 },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < 2; i++)
		if (meanings[i].name != NULL)
			r = check_meaning(&meanings[i], diag);
	return r;
}

int
identity_find(const char *user, const char *group,
    const struct identity *outside, struct identity *ret_identity,
    struct diag *diag)
{
	int r = 0;

	*ret_identity = (struct identity){ 0 };
	if (user != NULL)
		r = find_user(user, group != NULL, ret_identity, diag);
	if (r == 0 && group != NULL)
		r = find_group(group, ret_identity, diag);
	if (r == 0)
		r = check_names(user, group, ret_identity, outside, diag);
	return r;
}
