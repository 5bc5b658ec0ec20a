/* SPDX-License-Identifier: ISC */
#include "launch/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/ioprio.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/table.h"
#include "enforce/caps.h"
#include "enforce/fds.h"
#include "enforce/landlock.h"
#include "enforce/seccomp.h"
#include "enforce/user.h"
#include "launch/handover.h"

static int
step_close_fds(struct launch *launch, struct diag *diag)
{
	int kept[LAUNCH_KEPT_FDS + 2], r;
	size_t count = launch->kept_count;

	if (launch->keep_fds)
		return 0;
	for (size_t i = 0; i < count; i++)
		kept[i] = launch->kept_fds[i];
	if (launch->watched)
		kept[count++] = launch->socket;
	if (launch->report > 0)
		kept[count++] = launch->report;
	r = enforce_close_fds(kept, count, diag);
	/* Ours, not the command's. */
	for (size_t i = launch->kept_count; r == 0 && i < count; i++)
		if (fcntl(kept[i], F_SETFD, FD_CLOEXEC) < 0)
			return diag_errno(diag, "descriptor %d", kept[i]);
	return r;
}

/*
 * From a directory outside, openat(2) leads out of chroot(2); and from one
 * inside, too, if it was mounted or moved there from elsewhere.
 */
static int
step_directories(struct launch *launch, struct diag *diag)
{
	int fd;

	if (!launch->rooted)
		return 0;
	fd = enforce_find_directory(
	    launch->keep_fds ? NULL : launch->kept_fds, launch->kept_count);
	if (fd < 0)
		return 0;
	return diag_set(diag, EPERM,
	    "descriptor %d is a directory, which may lie outside; redirect it "
	    "or close it",
	    fd);
}

static int
step_priority(struct launch *launch, struct diag *diag)
{
	struct sched_param param = { 0 };

	if (!launch->idle)
		return 0;
	if (setpriority(PRIO_PROCESS, 0, 19) < 0 ||
	    /* musl's own sched_setscheduler() only says ENOSYS. */
	    syscall(SYS_sched_setscheduler, 0, SCHED_IDLE, &param) < 0 ||
	    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
	        IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)) < 0)
		return diag_errno(diag, "idle scheduling");
	return 0;
}

/* Nothing of what is asked for would change: a user's own user and group. */
static bool
is_already(const struct launch *launch)
{
	uid_t user[3];
	gid_t group[3];

	if (getresuid(&user[0], &user[1], &user[2]) < 0 ||
	    getresgid(&group[0], &group[1], &group[2]) < 0)
		return false;
	for (int i = 0; i < 3; i++)
		if ((launch->change_user && user[i] != launch->uid) ||
		    (launch->change_group && group[i] != launch->gid))
			return false;
	return true;
}

/* The caller's other groups are no more the command's than its user is; to
 * give them up takes CAP_SETGID, and a user namespace may refuse it. */
static int
step_groups(struct launch *launch, struct diag *diag)
{
	if (!launch->change_user && !launch->change_group)
		return 0;
	if (setgroups(0, NULL) == 0 || getgroups(0, NULL) == 0 ||
	    is_already(launch))
		return 0;
	errno = EPERM;
	return diag_errno(diag,
	    "the caller's other groups would stay the command's; it takes "
	    "CAP_SETGID");
}

static int
step_ids(struct launch *launch, struct diag *diag)
{
	bool other = launch->change_user && launch->uid != getuid();
	if (launch->change_group &&
	    setresgid(launch->gid, launch->gid, launch->gid) < 0)
		return diag_errno(diag, "group %u", (unsigned int)launch->gid);
	if (launch->change_user &&
	    setresuid(launch->uid, launch->uid, launch->uid) < 0)
		return diag_errno(diag, "user %u", (unsigned int)launch->uid);
	return other ? enforce_own_keys(diag) : 0;
}

/*
 * The command must not outlive the one that keeps its time and its files; a
 * change of user takes this back (PR_SET_PDEATHSIG(2const)), so it comes later.
 */
static int
step_parent(struct launch *launch, struct diag *diag)
{
	if (launch->parent == 0)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L) < 0)
		return diag_errno(diag, "parent-death signal");
	if (getppid() != launch->parent)
		return diag_set(diag, ESRCH, "it has ended");
	return 0;
}

/* What only a capability that user 0 has no more would run (faccessat(2) asks
 * as execve(2) will; under the filter it is too late to ask). */
static const char *
find_lost_cap(const char *path)
{
	if (geteuid() != 0 ||
	    faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 || errno != EACCES)
		return NULL;
	return faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) < 0
	           ? "dac_read_search"
	           : "dac_override";
}

static int
step_caps(struct launch *launch, struct diag *diag)
{
	int r;

	if (launch->keep_caps)
		return 0;
	r = enforce_caps(launch->sandbox->caps, diag);
	if (r == 0)
		launch->lost_cap = find_lost_cap(launch->path);
	return r;
}

static int
step_no_new_privs(struct launch *launch, struct diag *diag)
{
	(void)launch;
	return enforce_no_new_privs(diag);
}

/* An inherited READ_IMPLIES_EXEC would make every mapping executable. */
static int
step_personality(struct launch *launch, struct diag *diag)
{
	int now = personality(0xffffffff);

	/* A container's filter may refuse even the question. */
	if (now < 0 && !launch->best_effort)
		return diag_errno(diag, "personality");
	if (now < 0 || !(now & READ_IMPLIES_EXEC))
		return 0;
	if (personality((unsigned long)(now & ~READ_IMPLIES_EXEC)) < 0)
		return diag_errno(diag, "personality");
	return 0;
}

static int
step_mdwe(struct launch *launch, struct diag *diag)
{
	if (!launch->sandbox->no_exec_gain)
		return 0;
	return enforce_mdwe(diag);
}

static int
step_landlock(struct launch *launch, struct diag *diag)
{
	if (!launch->sandbox->restrict_paths)
		return 0;
	return enforce_landlock(&launch->sandbox->landlock, diag);
}

static int
step_limits(struct launch *launch, struct diag *diag)
{
	struct rlimit limit, now;

	for (int i = 0; i < LIMIT_COUNT; i++) {
		if (!launch->policy->limited[i])
			continue;
		limit.rlim_cur = limit.rlim_max = launch->policy->limits[i];
		if (getrlimit((unsigned int)limit_rows[i].resource, &now) < 0)
			return diag_errno(diag, "%s", limit_rows[i].name);
		/* What is stricter already stays so. */
		if (now.rlim_max < limit.rlim_max)
			limit.rlim_cur = limit.rlim_max = now.rlim_max;
		if (setrlimit((unsigned int)limit_rows[i].resource, &limit) < 0)
			return diag_errno(diag, "%s", limit_rows[i].name);
	}
	return 0;
}

/* Nothing may be refused before the listener is on its way. */
static int
restrict_watched(struct launch *launch, struct diag *diag)
{
	unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	int listener, r;

	/* Or a signal would interrupt, or repeat, the call that is explained.
	 */
	if (launch->watched_killable)
		flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	listener = enforce_seccomp(&launch->sandbox->program, flags, diag);
	if (listener < 0)
		return listener;
	r = handover_send(
	    launch->socket, listener, launch->sandbox->conditions.values);
	if (r == 0)
		return 0;
	/* In our own hands it would hold up what it hears of, for ever. */
	close(listener);
	return diag_set(diag, -r, "hand the listener to the watcher");
}

static int
step_seccomp(struct launch *launch, struct diag *diag)
{
	if (launch->sandbox->program.length == 0)
		return launch->best_effort
		           ? 0
		           : diag_set(diag, ENOSYS, "no program was compiled");
	if (launch->watched)
		return restrict_watched(launch, diag);
	return enforce_seccomp(&launch->sandbox->program, 0, diag);
}

/* The promises allow to add a filter: that only narrows. */
static int
step_second_filter(struct launch *launch, struct diag *diag)
{
	if (launch->sandbox->second.length == 0)
		return 0;
	return enforce_seccomp(&launch->sandbox->second, 0, diag);
}

/* The user's filters have no say in it: the secret stands behind it. */
static int
step_programs(struct launch *launch, struct diag *diag)
{
	const uint64_t *cookie = launch->sandbox->conditions.values;
	int r = 0;

	for (size_t i = 0; r == 0 && i < launch->program_count; i++)
		r = enforce_seccomp_besides(launch->programs[i], cookie, diag);
	return r;
}

/*
 * In order.  Identity first, as it may need capabilities; then what only
 * narrows: capabilities after paths, as a path may lie where only they reach,
 * and before limits, which they could raise; the filter last, as it forbids
 * the steps above.
 */
static const struct step {
	const char *name;
	int (*run)(struct launch *launch, struct diag *diag);
} steps[] = {
	{ "close inherited descriptors", step_close_fds },
	{ "stay below the root directory", step_directories },
	{ "lower the priority", step_priority },
	{ "give up other groups", step_groups },
	{ "change user and group", step_ids },
	{ "die with the launcher", step_parent },
	{ "refuse new privileges", step_no_new_privs },
	{ "clear the personality", step_personality },
	{ "refuse executable memory", step_mdwe },
	{ "restrict paths", step_landlock },
	{ "drop capabilities", step_caps },
	{ "limit resources", step_limits },
	{ "restrict system calls", step_seccomp },
	{ "add the user's filters", step_second_filter },
	{ "add the user's compiled programs", step_programs },
};

/* Says why exec failed: the filter lets the cookie's holder write to 2. */
static void
say_last_words(const struct launch *launch, const uint64_t *cookie, int err)
{
	const char *why = "";
	char text[4608], lost[128];
	int length;

	snprintf(lost, sizeof(lost),
	    " (owner and mode refuse it, also to user 0, unless the policy "
	    "says \"caps %s\")",
	    launch->lost_cap != NULL ? launch->lost_cap : "");
	if (err == EACCES)
		why = launch->lost_cap != NULL ? lost
		                               : " (the policy, or the file "
		                                 "system, does not let it be "
		                                 "executed)";
	length = snprintf(text, sizeof(text), "%s: cannot run %s: %s%s\n",
	    launch->program_name, launch->path, strerror(err), why);
	if (length > (int)sizeof(text))
		length = (int)sizeof(text);
	if (length > 0)
		syscall(SYS_write, 2, text, (size_t)length, cookie[0],
		    cookie[1], cookie[2]);
}

int
launch_in_place(struct launch *launch, struct diag *diag)
{
	const uint64_t *cookie = launch->sandbox->conditions.values;
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (steps[i].run(launch, diag) < 0) {
			diag_prefix(diag, "%s", steps[i].name);
			return STATUS_FAILED;
		}
	}
	/*
	 * execve(2) takes three arguments; the filter sees six.  The address
	 * space that holds the secret ends here, the registers are cleared.
	 */
	syscall(SYS_execve, launch->path, launch->argv, launch->envp, cookie[0],
	    cookie[1], cookie[2]);
	err = errno;
	say_last_words(launch, cookie, err);
	return err == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUNNABLE;
}
