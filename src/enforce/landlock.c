/* SPDX-License-Identifier: ISC */
#include "enforce/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "kernel/landlock.h"

/* What is likely to be meant by a path that is missing, as the option -v has
 * it behind its letters: "; letters come first: ...".  BUF: of SIZE bytes, for
 * the answer. */
static const char *
path_meant(const char *path, char *buf, size_t size)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	const char *colon = strrchr(name, ':');
	size_t capitals = strspn(name, "RWXC");

	buf[0] = '\0';
	if (capitals > 0 && name[capitals] == ':')
		snprintf(buf, size, "; letters are small, like r:%s",
		    name + capitals + 1);
	else if (colon != NULL && colon[1] != '\0' &&
	         colon[1 + strspn(colon + 1, "rwxc")] == '\0')
		snprintf(buf, size, "; letters come first: %s:%.*s", colon + 1,
		    (int)(colon - name), name);
	else if (strstr(path, "/~/") != NULL)
		snprintf(buf, size,
		    "; behind a colon the shell leaves ~ as it is: write "
		    "@HOME%s",
		    strstr(path, "/~/") + 2);
	else if (strpbrk(name, "*?[") != NULL)
		snprintf(buf, size,
		    "; patterns are for policy files, here each name has a -v "
		    "of its own");
	else if (strchr(name, ',') != NULL)
		snprintf(buf, size, "; each path has a -v of its own");
	return buf;
}

static int
refuse_rule(const struct landlock_rule *rule, struct diag *diag)
{
	char meant[PATH_MAX];

	if (errno != ENOENT || rule->implied)
		return diag_errno(diag, "unveil %s", rule->path);
	path_meant(rule->path, meant, sizeof(meant));
	if (meant[0] != '\0')
		return diag_set(diag, ENOENT,
		    "unveil %s: No such file or directory%s", rule->path,
		    meant);
	return diag_set(diag, ENOENT,
	    "unveil %s: No such file or directory; write -%s to skip a missing "
	    "path",
	    rule->path, rule->path);
}

/* RET_FD stays -1 if there is nothing to grant. */
static int
open_rule(const struct landlock_rule *rule, int *ret_fd, struct diag *diag)
{
	/* O_PATH pins the inode: a later rename cannot widen the rule. */
	/* openat, as musl's open() spends a second call on O_CLOEXEC. */
	*ret_fd = openat(AT_FDCWD, rule->path, O_PATH | O_CLOEXEC);
	if (*ret_fd != -1)
		return 0;
	if (rule->optional && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	/* What the user may not reach, the command could not either. */
	if (rule->optional && rule->implied && errno == EACCES)
		return 0;
	return refuse_rule(rule, diag);
}

/* What was looked into, and is to be opened to the command, may have been
 * replaced by what its name must not open. */
static int
check_id(const struct landlock_rule *rule, int fd, struct diag *diag)
{
	struct stat status;

	if (rule->id.inode == 0)
		return 0;
	if (fstat(fd, &status) == -1)
		return refuse_rule(rule, diag);
	if (status.st_ino == rule->id.inode && status.st_dev == rule->id.device)
		return 0;
	return diag_set(diag, EAGAIN,
	    "%s was replaced while the command was looked at; run it again",
	    rule->path);
}

static int
add_rule(const struct landlock_plan *plan, const struct landlock_rule *rule,
    int ruleset, struct diag *diag)
{
	const uint64_t file_rights = landlock_file_rights();
	uint64_t access = rule->access & plan->handled_fs;
	cleanup_close int opened = -1;
	struct stat status;
	int fd = rule->fd, err;

	if (fd == -1) {
		err = open_rule(rule, &opened, diag);
		if (err < 0 || opened == -1)
			return err;
		fd = opened;
		err = check_id(rule, fd, diag);
		if (err < 0)
			return err;
	}
	if ((access & ~file_rights) != 0) {
		if (fstat(fd, &status) == -1)
			return refuse_rule(rule, diag);
		if (!S_ISDIR(status.st_mode))
			access &= file_rights;
	}
	/* Granting nothing is ENOMSG; the rights stay refused without a rule.
	 */
	if (access == 0)
		return 0;
	errno = -ll_add_path(ruleset, fd, access);
	/*
	 * What no file system that is mounted has (memfd_create(2), a pipe):
	 * Landlock takes no rule for it, and refuses nothing there
	 * (security/landlock/fs.c: is_nouser_or_private()).
	 */
	if (errno != 0 && errno != EBADFD)
		return refuse_rule(rule, diag);
	return 0;
}

static int
add_ports(const struct landlock_plan *plan, int ruleset, struct diag *diag)
{
	const struct landlock_port *rule;
	uint64_t access;

	for (size_t i = 0; i < plan->port_count; i++) {
		rule = &plan->ports[i];
		access = rule->access & plan->handled_net;
		if (access == 0)
			continue;
		errno = -ll_add_port(ruleset, rule->number, access);
		if (errno != 0)
			return diag_errno(diag, "allow port %u", rule->number);
	}
	return 0;
}

static int
refuse_powerless(const struct landlock_plan *plan, struct diag *diag)
{
	if (plan->overflow)
		return landlock_check(plan, diag);
	if (plan->count > 0 && plan->abi < 1)
		return diag_set(diag, EOPNOTSUPP,
		    "Landlock cannot be had (Linux 5.13, and no filter "
		    "that refuses it)");
	if (plan->port_count > 0 && plan->handled_net == 0)
		return diag_set(diag, EOPNOTSUPP,
		    "port %u: this kernel cannot restrict ports (Linux 6.7)",
		    plan->ports[0].number);
	return 0;
}

static int
explain_restrict(int err, struct diag *diag)
{
	errno = err;
	if (err == E2BIG)
		return diag_set(diag, err,
		    "Landlock allows 16 layers, and this "
		    "process is under that many already");
	if (err == EPERM)
		return diag_set(diag, err, "no_new_privs is not set");
	return diag_errno(diag, "landlock_restrict_self");
}

/*
 * Restricts nothing that a filter of ours allows.  A ruleset that does not
 * grant LL_REFER takes it away, handled or not (landlock(7)): from ABI 2 on it
 * is what is handled, and granted everywhere.
 */
static int
make_empty(
    const struct landlock_plan *plan, int *ret_ruleset, struct diag *diag)
{
	uint64_t handled = plan->abi < feature_rows[FEATURE_MOVING].abi
	                       ? LL_MAKE_BLOCK
	                       : LL_REFER;
	cleanup_close int ruleset = ll_create_ruleset(handled, 0, 0);
	cleanup_close int root = -1;

	if (ruleset < 0) {
		errno = -ruleset;
		return diag_errno(diag, "landlock_create_ruleset");
	}
	if (handled == LL_REFER) {
		root = openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC);
		errno = root < 0 ? errno : -ll_add_path(ruleset, root, handled);
		if (errno != 0)
			return diag_errno(diag, "/");
	}
	*ret_ruleset = take_fd(&ruleset);
	return 0;
}

int
enforce_landlock_prepare(
    const struct landlock_plan *plan, int *ret_ruleset, struct diag *diag)
{
	cleanup_close int ruleset = -1;
	int err;

	*ret_ruleset = -1;
	err = refuse_powerless(plan, diag);
	if (err < 0)
		return err;
	if ((plan->handled_fs | plan->handled_net | plan->scoped) == 0)
		return plan->apart ? make_empty(plan, ret_ruleset, diag) : 0;
	ruleset = ll_create_ruleset(
	    plan->handled_fs, plan->handled_net, plan->scoped);
	if (ruleset < 0) {
		errno = -ruleset;
		return diag_errno(diag, "landlock_create_ruleset");
	}
	for (size_t i = 0; i < plan->count; i++) {
		err = add_rule(plan, &plan->rules[i], ruleset, diag);
		if (err < 0)
			return err;
	}
	err = add_ports(plan, ruleset, diag);
	if (err < 0)
		return err;
	*ret_ruleset = take_fd(&ruleset);
	return 0;
}

/* Everything up to the last call can still fail without having changed us. */
int
enforce_landlock(const struct landlock_plan *plan, struct diag *diag)
{
	cleanup_close int ruleset = -1;
	int err;

	err = enforce_landlock_prepare(plan, &ruleset, diag);
	if (err < 0 || ruleset == -1)
		return err;
	err = ll_restrict_self(ruleset, plan->restrict_flags);
	return err < 0 ? explain_restrict(-err, diag) : 0;
}
