/* SPDX-License-Identifier: ISC */
#include "judge/asks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/table.h"
#include "call/looks.h"
#include "call/rows.h"
#include "policy/caps.h"
#include "supervise/observer.h"

#define CAP(name) (UINT64_C(1) << CAP_##name)

/* One call that is looked at. */
struct ask {
	const struct identity *who;
	const struct call *call;
	const struct call_row *row;
	const char *path;    /* as it was written; NULL: it names none */
	char name[PATH_MAX]; /* absolute, of what is there */
	struct stat st;
	struct strbuf *why;
};

/* --- What is asked --- */

static bool
has_cap(const struct ask *ask, uint64_t cap)
{
	return ask->who->caps & cap;
}

/* notify_change(), setattr_prepare() of the kernel's fs/attr.c. */
static int
ask_owner(const struct ask *ask)
{
	if (ask->st.st_uid == ask->who->uid || has_cap(ask, CAP(FOWNER)))
		return 0;
	quote_terminal(
	    ask->why, ask->path != NULL && *ask->path ? ask->path : ask->name);
	strbuf_printf(ask->why, " belongs to user %u, you are user %u",
	    ask->st.st_uid, ask->who->uid);
	for (size_t i = 0; i < CAP_ROWS; i++)
		if (cap_rows[i].bit == CAP(FOWNER))
			ordinary_say_remedy(ask->who, &cap_rows[i], ask->why);
	return EPERM;
}

static int
ask_mode(const struct ask *ask, int mode)
{
	return ordinary_refuses(ask->who, ask->name, mode, false, ask->why);
}

/* To set them to now is a way of writing. */
static int
ask_times(const struct ask *ask)
{
	const char *times = NULL;

	for (size_t i = 0; i < CALL_ARGS; i++) {
		const char *name = call_arg_name(ask->row, i);

		if (name != NULL && strstr(name, "times") != NULL &&
		    ask->call->args[i] == 0)
			times = name;
	}
	if (times == NULL || ask->st.st_uid == ask->who->uid)
		return ask_owner(ask);
	return ask_mode(ask, W_OK);
}

static bool
is_own_group(const struct ask *ask, gid_t group)
{
	if (group == (gid_t)-1 || group == ask->who->gid)
		return true;
	for (size_t i = 0; i < ask->who->group_count; i++)
		if (ask->who->groups[i] == group)
			return true;
	return false;
}

/* The owner may give it to one of its groups; the rest takes CAP_CHOWN. */
static int
ask_chown(const struct ask *ask)
{
	size_t at = ask->row->args[0].kind == ARG_DIRFD ? 2 : 1;
	uid_t user = (uid_t)ask->call->args[at];
	gid_t group = (gid_t)ask->call->args[at + 1];

	if (has_cap(ask, CAP(CHOWN)))
		return 0;
	if (ask->st.st_uid == ask->who->uid &&
	    (user == (uid_t)-1 || user == ask->st.st_uid) &&
	    is_own_group(ask, group))
		return 0;
	quote_terminal(ask->why, ask->path);
	strbuf_puts(ask->why, " cannot be given away without CAP_CHOWN");
	return EPERM;
}

static int
ask_search(const struct ask *ask)
{
	if (S_ISDIR(ask->st.st_mode))
		return ask_mode(ask, X_OK);
	quote_terminal(ask->why, ask->path);
	strbuf_puts(ask->why, " is no directory");
	return ENOTDIR;
}

static int
ask_read(const struct ask *ask)
{
	return ask_mode(ask, R_OK);
}

/* access(2) and faccessat2(2): what is asked is in the argument behind. */
static int
ask_access(const struct ask *ask)
{
	size_t at = ask->row->args[0].kind == ARG_DIRFD ? 2 : 1;

	return ask_mode(ask, (int)ask->call->args[at] & 7);
}

static int
ask_link(const struct ask *ask)
{
	if (S_ISLNK(ask->st.st_mode))
		return 0;
	quote_terminal(ask->why, ask->path);
	strbuf_puts(ask->why, " is no symbolic link");
	return EINVAL;
}

static int
ask_cap(const struct ask *ask, uint64_t cap, const char *name)
{
	if (has_cap(ask, cap))
		return 0;
	strbuf_printf(ask->why, "only who has CAP_%s may do it", name);
	return EPERM;
}

static int
ask_clock(const struct ask *ask)
{
	return ask_cap(ask, CAP(SYS_TIME), "SYS_TIME");
}

static int
ask_chroot(const struct ask *ask)
{
	return ask_cap(ask, CAP(SYS_CHROOT), "SYS_CHROOT");
}

/* Who may become any user, or one that it is, or was. */
static int
ask_user(const struct ask *ask)
{
	uid_t user = (uid_t)ask->call->args[0], real, effective, saved;

	if (getresuid(&real, &effective, &saved) == 0 &&
	    (user == real || user == effective || user == saved))
		return 0;
	return ask_cap(ask, CAP(SETUID), "SETUID");
}

static int
ask_group(const struct ask *ask)
{
	gid_t group = (gid_t)ask->call->args[0], real, effective, saved;

	if (getresgid(&real, &effective, &saved) == 0 &&
	    (group == real || group == effective || group == saved))
		return 0;
	return ask_cap(ask, CAP(SETGID), "SETGID");
}

static int
ask_groups(const struct ask *ask)
{
	return ask_cap(ask, CAP(SETGID), "SETGID");
}

/* clang-format off */
static const struct {
	const char *calls;
	int (*refuses)(const struct ask *ask);
} asks[] = {
	{ "access faccessat faccessat2", ask_access },
	{ "chdir", ask_search },
	{ "chmod fchmod fchmodat fchmodat2", ask_owner },
	{ "chown lchown fchownat", ask_chown },
	{ "chroot", ask_chroot },
	{ "clock_settime settimeofday", ask_clock },
	{ "inotify_add_watch", ask_read },
	{ "readlink readlinkat", ask_link },
	{ "setgid", ask_group },
	{ "setgroups", ask_groups },
	{ "setuid", ask_user },
	{ "utime utimes futimesat utimensat", ask_times },
};
/* clang-format on */

/* Calls that do not follow a link at the end, whatever their flags. */
static const char links[] = "lstat lchown lgetxattr llistxattr lremovexattr "
                            "lsetxattr readlink readlinkat";

/* --- Which --- */

static bool
lists(const char *calls, const char *name)
{
	size_t length = strlen(name);

	while (*calls != '\0') {
		size_t word = strcspn(calls, " ");

		if (word == length && strncmp(calls, name, length) == 0)
			return true;
		calls += word + strspn(calls + word, " ");
	}
	return false;
}

/* AT_SYMLINK_NOFOLLOW among flags that are called so. */
static bool
follows(const struct ask *ask)
{
	if (lists(links, ask->row->name))
		return false;
	for (size_t i = 0; i < CALL_ARGS; i++) {
		const char *name = call_arg_name(ask->row, i);

		if (name != NULL && strncmp(name, "flag", 4) == 0 &&
		    (ask->call->args[i] & AT_SYMLINK_NOFOLLOW))
			return false;
	}
	return true;
}

/* A descriptor, where the call names no path besides. */
static bool
is_by_descriptor(const struct ask *ask)
{
	const struct look_row *row = look_find(arch_native(), ask->call->nr);
	enum arg_kind kind = ask->row->args[0].kind;

	return row != NULL && row->look == LOOK_OWNER &&
	       (kind == ARG_FD || kind == ARG_DIRFD) &&
	       (ask->path == NULL || *ask->path == '\0');
}

static int
find_object(struct ask *ask, struct caller *caller)
{
	cleanup_close int fd =
	    is_by_descriptor(ask)
	        ? caller_fd(caller->tid, (int)ask->call->args[0])
	        : observe_named(caller, ask->call, follows(ask));
	char link[64];
	ssize_t length;

	if (fd < 0 || fstat(fd, &ask->st) < 0)
		return errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, ask->name, sizeof(ask->name) - 1);
	ask->name[length > 0 ? length : 0] = '\0';
	return 0;
}

static const char *
named_path(const struct ask *ask, struct caller *caller)
{
	for (size_t i = 0; i < CALL_ARGS; i++)
		if (ask->row->args[i].kind == ARG_PATH)
			return caller_string(caller, ask->call->args[i]);
	return NULL;
}

int
asks_refuse(const struct identity *who, struct caller *caller,
    const struct call *call, struct strbuf *ret_why)
{
	static struct ask ask;
	int err = 0;

	ask = (struct ask){ .who = who,
		.call = call,
		.row = call_row_find(arch_native(), call->nr),
		.why = ret_why };
	ask.path = named_path(&ask, caller);
	if (is_by_descriptor(&ask) && find_object(&ask, caller) != 0)
		return 0; /* it is closed, or another's */
	if (ask.path != NULL && *ask.path != '\0')
		err = find_object(&ask, caller);
	if (err != 0) {
		quote_terminal(ret_why, ask.path);
		strbuf_printf(ret_why, ": %s", strerror(err));
		return err;
	}
	/* We may be led where it may not. */
	if (ask.name[0] == '/' && !is_by_descriptor(&ask))
		err = ordinary_refuses(who, ask.name, F_OK, false, ret_why);
	if (err != 0)
		return err;
	for (size_t i = 0; i < ARRAY_SIZE(asks); i++)
		if (lists(asks[i].calls, ask.row->name) &&
		    (ask.path == NULL || ask.name[0] == '/'))
			return asks[i].refuses(&ask);
	return 0;
}

uint64_t
asks_passed(
    const struct identity *who, struct caller *caller, const struct call *call)
{
	cleanup_strbuf struct strbuf why = { 0 };
	struct identity with = *who;

	with.own = false;
	with.caps &= ~caps_of_files();
	if (with.caps == who->caps ||
	    asks_refuse(&with, caller, call, &why) == 0)
		return 0;
	/* One after the other is left out: those that are left are needed. */
	with.caps = who->caps;
	if (asks_refuse(&with, caller, call, &why) != 0)
		return 0;
	for (size_t i = CAP_ROWS; i-- > 0;) {
		with.caps &= ~cap_rows[i].bit;
		if (asks_refuse(&with, caller, call, &why) != 0)
			with.caps |= cap_rows[i].bit & who->caps;
	}
	return with.caps & caps_of_files();
}
