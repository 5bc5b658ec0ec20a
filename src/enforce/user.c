/* SPDX-License-Identifier: ISC */
#include "enforce/user.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/table.h"

#define TIMER_SLACK_NS 50000 /* the kernel's init_task */
#define ALL_PROCESSORS 1024  /* bytes of a mask: 8192, NR_CPUS at most */

/* linux/ioprio.h, linux/keyctl.h, linux/mempolicy.h */
#define IOPRIO_SELF         1
#define IOPRIO_CLASS(value) ((value) >> 13)
#define IOPRIO_LEVEL(value) ((value)&7)
#define IOPRIO_REALTIME     1
#define IOPRIO_BEST_EFFORT  2
#define IOPRIO_USUAL        4 /* the level of niceness 0 */
#define KEYCTL_JOIN_SESSION 1
#define KEYCTL_SET_REQKEY   14
#define REQKEY_DEFAULT      0
#define MPOL_DEFAULT_       0
#define OOM_FILE            "/proc/self/oom_score_adj"

static int
leave_processor(struct diag *diag)
{
	const struct sched_param zero = { 0 };
	int policy = sched_getscheduler(0);

	if (policy < 0)
		return diag_errno(diag, "scheduling policy");
	policy &= ~SCHED_RESET_ON_FORK;
	/* Idle and batch are below the usual. */
	if (policy != SCHED_OTHER && policy != SCHED_BATCH &&
	    policy != SCHED_IDLE && sched_setscheduler(0, SCHED_OTHER, &zero))
		return diag_errno(diag, "scheduling policy");
	errno = 0;
	if (getpriority(PRIO_PROCESS, 0) < 0 && errno == 0 &&
	    setpriority(PRIO_PROCESS, 0, 0) < 0)
		return diag_errno(diag, "niceness");
	return 0;
}

static int
leave_disk(struct diag *diag)
{
	long value = syscall(SYS_ioprio_get, IOPRIO_SELF, 0);

	/* A kernel without block devices has none. */
	if (value < 0)
		return errno == ENOSYS ? 0 : diag_errno(diag, "disk priority");
	if (IOPRIO_CLASS(value) != IOPRIO_REALTIME &&
	    (IOPRIO_CLASS(value) != IOPRIO_BEST_EFFORT ||
	        IOPRIO_LEVEL(value) >= IOPRIO_USUAL))
		return 0;
	if (syscall(SYS_ioprio_set, IOPRIO_SELF, 0, 0) < 0)
		return diag_errno(diag, "disk priority");
	return 0;
}

/* Negative: it is spared when memory runs out.  Who may set that also sets how
 * low it may be set again. */
static int
leave_memory(struct diag *diag)
{
	cleanup_close int fd = open(OOM_FILE, O_RDONLY | O_CLOEXEC);
	cleanup_close int changed = -1;
	char sign = '\0';

	if (fd < 0 || read(fd, &sign, 1) < 0)
		return diag_errno(diag, OOM_FILE);
	if (sign == '-') {
		changed = open(OOM_FILE, O_WRONLY | O_CLOEXEC);
		if (changed < 0 || write(changed, "0\n", 2) != 2)
			return diag_errno(diag, OOM_FILE);
	}
	if (syscall(SYS_set_mempolicy, MPOL_DEFAULT_, NULL, 0) < 0 &&
	    errno != ENOSYS)
		return diag_errno(diag, "placement of memory");
	return 0;
}

static int
leave_timing(struct diag *diag)
{
	unsigned char every[ALL_PROCESSORS];

	/* Of these, the kernel takes those that there are, in its set. */
	memset(every, 0xff, sizeof(every));
	if (syscall(SYS_sched_setaffinity, 0, sizeof(every), every) < 0)
		return diag_errno(diag, "processors");
	if (prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0L, 0L, 0L) < 0)
		return diag_errno(diag, "timer slack");
	if (personality(PER_LINUX) < 0)
		return diag_errno(diag, "personality");
	return 0;
}

/* By default nobody may raise either without a capability. */
static int
leave_limits(struct diag *diag)
{
	static const struct rlimit none;

	if (setrlimit(RLIMIT_NICE, &none) < 0 ||
	    setrlimit(RLIMIT_RTPRIO, &none) < 0)
		return diag_errno(diag, "limits of priority");
	return 0;
}

int
enforce_leave_user(struct diag *diag)
{
	static int (*const all[])(struct diag *) = { leave_processor,
		leave_disk, leave_memory, leave_timing, leave_limits };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(all); i++)
		r = all[i](diag);
	return r;
}

int
enforce_own_keys(struct diag *diag)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION, NULL, 0L, 0L, 0L) < 0)
		return errno == ENOSYS ? 0
		                       : diag_errno(diag, "a session keyring");
	/* Where keys go that the kernel asks for (request_key(2)). */
	if (syscall(SYS_keyctl, KEYCTL_SET_REQKEY, REQKEY_DEFAULT, 0L, 0L, 0L) <
	    0)
		return diag_errno(diag, "the keyring of new keys");
	return 0;
}

int
enforce_no_caps(struct diag *diag)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[2] = { { 0 } };

	/* Inheritable ones outlive every change of user, the others where
	 * SECBIT_NO_SETUID_FIXUP is set; ambient ones go with these. */
	if (syscall(SYS_capset, &header, none) < 0)
		return diag_errno(diag, "capabilities");
	return 0;
}
