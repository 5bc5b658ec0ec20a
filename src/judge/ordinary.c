/* SPDX-License-Identifier: ISC */
#include "judge/ordinary.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "policy/caps.h"

#ifndef SYS_faccessat2
# define SYS_faccessat2 439
#endif

#define CAP(name) (UINT64_C(1) << CAP_##name)
/* Those that pass over owners and modes. */
#define PASSING (CAP(DAC_OVERRIDE) | CAP(DAC_READ_SEARCH) | CAP(FOWNER))

/* --- Who --- */

static uint64_t
own_caps(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return 0;
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

void
identity_own(struct identity *identity, uint64_t caps)
{
	uint64_t ours = own_caps();
	int count = getgroups(IDENTITY_GROUPS, identity->groups);

	identity->uid = geteuid();
	identity->gid = getegid();
	identity->group_count = count > 0 ? (size_t)count : 0;
	identity->caps = ours & caps;
	identity->own = (ours & PASSING & ~caps) == 0;
}

/* "Gid:\t0\t0\t0\t0": the last, that of the file system. */
static bool
read_id(const char *text, unsigned int *ret_id)
{
	char *end;

	for (int i = 0; i < 4; i++, text = end) {
		*ret_id = (unsigned int)strtoul(text, &end, 10);
		if (end == text)
			return false;
	}
	return true;
}

static void
read_groups(struct identity *identity, const char *text)
{
	char *end;

	identity->group_count = 0;
	for (; identity->group_count < IDENTITY_GROUPS; text = end) {
		unsigned long group = strtoul(text, &end, 10);

		if (end == text)
			return;
		identity->groups[identity->group_count++] = (gid_t)group;
	}
}

bool
identity_read(struct identity *identity, pid_t tid)
{
	cleanup_fclose FILE *file = NULL;
	char name[32], line[4096];
	unsigned int found = 0;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)tid);
	file = fopen(name, "re");
	*identity = (struct identity){ 0 };
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "Uid:", 4) == 0)
			found |= read_id(line + 4, &identity->uid) ? 1u : 0;
		else if (strncmp(line, "Gid:", 4) == 0)
			found |= read_id(line + 4, &identity->gid) ? 2u : 0;
		else if (strncmp(line, "Groups:", 7) == 0)
			read_groups(identity, line + 7);
		else if (strncmp(line, "CapEff:", 7) == 0) {
			identity->caps = strtoull(line + 7, NULL, 16);
			found |= 4;
		}
	}
	identity->own = identity->uid == geteuid() &&
	                identity->gid == getegid() &&
	                ((identity->caps ^ own_caps()) & PASSING) == 0;
	return found == 7;
}

static bool
is_member(const struct identity *identity, gid_t group)
{
	bool found = identity->gid == group;

	for (size_t i = 0; i < identity->group_count; i++)
		found |= identity->groups[i] == group;
	return found;
}

/* --- Whether --- */

/* generic_permission() of the kernel's fs/namei.c. */
static bool
modes_allow(
    const struct identity *identity, const struct stat *st, unsigned int mode)
{
	unsigned int bits = st->st_mode;
	bool directory = S_ISDIR(st->st_mode);

	if (st->st_uid == identity->uid)
		bits >>= 6;
	else if (is_member(identity, st->st_gid))
		bits >>= 3;
	if ((mode & ~bits & 7) == 0)
		return true;
	if ((identity->caps & CAP(DAC_READ_SEARCH)) &&
	    (mode & ~(unsigned int)(directory ? R_OK | X_OK : R_OK)) == 0)
		return true;
	return (identity->caps & CAP(DAC_OVERRIDE)) &&
	       (directory || !(mode & X_OK) || (st->st_mode & 0111));
}

/* Of an access control list, only the kernel knows. */
static bool
has_list(const char *path)
{
	return getxattr(path, "system.posix_acl_access", NULL, 0) > 0;
}

static bool
may(const struct identity *identity, const char *path, const struct stat *st,
    int mode)
{
	if (identity->own)
		return syscall(SYS_faccessat2, AT_FDCWD, path, mode,
		           AT_EACCESS) == 0 ||
		       (errno != EACCES && errno != EPERM);
	return modes_allow(identity, st, (unsigned int)mode) || has_list(path);
}

/* --- Why --- */

/* Without a name service, which a static program has not. */
static void
write_user(struct strbuf *buf, uid_t uid)
{
	cleanup_fclose FILE *file = fopen("/etc/passwd", "re");
	struct passwd *entry;

	while (file != NULL && (entry = fgetpwent(file)) != NULL)
		if (entry->pw_uid == uid) {
			quote_terminal(buf, entry->pw_name);
			return;
		}
	strbuf_printf(buf, "%u", uid);
}

static void
write_group(struct strbuf *buf, gid_t gid)
{
	cleanup_fclose FILE *file = fopen("/etc/group", "re");
	struct group *entry;

	while (file != NULL && (entry = fgetgrent(file)) != NULL)
		if (entry->gr_gid == gid) {
			quote_terminal(buf, entry->gr_name);
			return;
		}
	strbuf_printf(buf, "%u", gid);
}

/* The first of CAPS, if any, with which the modes would allow it. */
static const struct cap_row *
passing_row(const struct identity *identity, const struct stat *st, int mode,
    uint64_t caps)
{
	for (size_t i = 0; i < CAP_ROWS; i++) {
		struct identity with = *identity;

		with.caps |= cap_rows[i].bit;
		if ((caps & cap_rows[i].bit) &&
		    modes_allow(&with, st, (unsigned int)mode))
			return &cap_rows[i];
	}
	return NULL;
}

static uint64_t
passed_here(
    const struct identity *without, const char *path, int mode, uint64_t caps)
{
	const struct cap_row *row;
	struct stat st;

	if (stat(path, &st) < 0 || may(without, path, &st, mode))
		return 0;
	row = passing_row(without, &st, mode, caps);
	return row != NULL ? row->bit : 0;
}

uint64_t
ordinary_passed(const struct identity *identity, const char *path, int mode)
{
	struct identity without = *identity;
	char above[PATH_MAX];
	uint64_t passed = 0;
	const char *slash = path;

	without.own = false;
	without.caps &= ~PASSING;
	if ((identity->caps & PASSING) == 0)
		return 0;
	/* The root, each directory, the object itself. */
	while (*path != '\0' && slash != NULL) {
		size_t length = slash == path ? 1 : (size_t)(slash - path);

		if (length >= sizeof(above))
			break;
		memcpy(above, path, length);
		above[length] = '\0';
		passed |= passed_here(&without, above, X_OK, identity->caps);
		slash = slash[1] == '\0' ? NULL : strchr(slash + 1, '/');
	}
	return passed | passed_here(&without, path, mode, identity->caps);
}

void
ordinary_say_remedy(const struct identity *identity, const struct cap_row *row,
    struct strbuf *buf)
{
	/* Who started with none is told of none. */
	if (row != NULL && (own_caps() & ~identity->caps & row->bit))
		strbuf_printf(
		    buf, "; --caps %s would pass over that", row->name);
	else if (identity->uid == 0 && !(identity->caps & CAP(DAC_OVERRIDE)))
		strbuf_puts(buf, ", without the capabilities that pass over "
		                 "owners and modes");
}

static void
write_modes(struct strbuf *buf, const struct identity *identity,
    const char *path, const struct stat *st, int mode)
{
	quote_terminal(buf, path);
	strbuf_puts(buf, " is ");
	write_user(buf, st->st_uid);
	strbuf_putc(buf, ':');
	write_group(buf, st->st_gid);
	strbuf_printf(buf, " %04o, you are ", st->st_mode & 07777);
	write_user(buf, identity->uid);
	ordinary_say_remedy(identity,
	    passing_row(identity, st, mode, own_caps() & ~identity->caps), buf);
}

static bool
is_mounted(const char *path, unsigned long flag)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 && (fs.f_flag & flag) != 0;
}

/* PATH itself, whose directory may be searched. */
static int
refuses_here(const struct identity *identity, const char *path, int mode,
    bool missing, struct strbuf *buf)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		int err = errno;

		if (!missing || (err != ENOENT && err != ENOTDIR))
			return 0;
		quote_terminal(buf, path);
		strbuf_puts(buf,
		    err == ENOENT ? " does not exist" : " is below a file");
		return err;
	}
	if ((mode & W_OK) && is_mounted(path, ST_RDONLY) &&
	    (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) {
		quote_terminal(buf, path);
		strbuf_puts(buf, " is on a read-only file system");
		return EROFS;
	}
	if ((mode & X_OK) && S_ISREG(st.st_mode) &&
	    is_mounted(path, ST_NOEXEC)) {
		quote_terminal(buf, path);
		strbuf_puts(buf, " is on a file system that is mounted noexec");
		return EACCES;
	}
	if (may(identity, path, &st, mode))
		return 0;
	write_modes(buf, identity, path, &st, mode);
	return EACCES;
}

int
ordinary_refuses(const struct identity *identity, const char *path, int mode,
    bool missing, struct strbuf *ret_why)
{
	char above[PATH_MAX];
	int err;

	for (const char *slash = path; path[1] != '\0' && slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		size_t length = slash == path ? 1 : (size_t)(slash - path);

		if (length >= sizeof(above))
			return 0;
		memcpy(above, path, length);
		above[length] = '\0';
		err = refuses_here(identity, above, X_OK, missing, ret_why);
		if (err != 0)
			return err;
	}
	return refuses_here(identity, path, mode, missing, ret_why);
}
