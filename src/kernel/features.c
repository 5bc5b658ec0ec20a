/* SPDX-License-Identifier: ISC */
#include "kernel/features.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/table.h"
#include "kernel/landlock.h"

#define PR_GET_MDWE_ 66 /* linux/prctl.h, 6.3 */

/*
 * The kernel looks at the flags first and then for the filter: a flag that it
 * knows gets EFAULT for the filter that is not there, others get EINVAL.
 */
static bool
knows_filter_flags(unsigned long flags)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) ==
	           -1 &&
	       errno == EFAULT;
}

static bool
knows_action(uint32_t action)
{
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static bool
probe_seccomp(void)
{
	return knows_filter_flags(0);
}

static bool
probe_tsync(void)
{
	return knows_filter_flags(SECCOMP_FILTER_FLAG_TSYNC);
}

static bool
probe_kill_process(void)
{
	return knows_action(SECCOMP_RET_KILL_PROCESS);
}

static bool
probe_notify(void)
{
	return knows_action(SECCOMP_RET_USER_NOTIF);
}

static bool
probe_notify_killable(void)
{
	return knows_filter_flags(SECCOMP_FILTER_FLAG_NEW_LISTENER |
	                          SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
}

static bool
probe_mdwe(void)
{
	return prctl(PR_GET_MDWE_, 0L, 0L, 0L, 0L) >= 0;
}

const struct feature_row feature_rows[FEATURE_COUNT] = {
	[FEATURE_SECCOMP] = { "seccomp", "filters on system calls", "3.17",
	    probe_seccomp },
	[FEATURE_TSYNC] = { "tsync", "one filter for all threads", "3.17",
	    probe_tsync },
	[FEATURE_KILL_PROCESS] = { "kill-process",
	    "killing the whole process on a violation", "4.14",
	    probe_kill_process },
	[FEATURE_NOTIFY] = { "notify", "watching refused calls", "5.0",
	    probe_notify },
	[FEATURE_NOTIFY_KILLABLE] = { "notify-killable",
	    "watching without disturbing signals", "5.19",
	    probe_notify_killable },
	[FEATURE_MDWE] = { "mdwe",
	    "memory that was writable stays unexecutable", "6.3", probe_mdwe },
};

void
features_probe(struct features *ret_features)
{
	int abi = ll_abi();

	*ret_features = (struct features){
		.landlock_abi = abi > 0 ? abi : 0,
		.landlock_errno = abi < 0 ? -abi : 0,
	};
	for (size_t i = 0; i < ARRAY_SIZE(feature_rows); i++)
		ret_features->has[i] = feature_rows[i].probe();
}

static int
mask_landlock(struct features *features, const char *number, size_t length)
{
	int abi;

	if (length < 1 || length > 2 || strspn(number, "0123456789") < length)
		return -1;
	abi = (int)strtol(number, NULL, 10);
	if (abi >= features->landlock_abi)
		return 0;
	features->landlock_abi = abi;
	if (abi == 0)
		features->landlock_errno = ENOSYS;
	return 0;
}

static int
mask_word(struct features *features, const char *word, size_t length)
{
	static const char landlock[] = "landlock=";
	const size_t prefix = sizeof(landlock) - 1;

	if (length > prefix && memcmp(word, landlock, prefix) == 0)
		return mask_landlock(features, word + prefix, length - prefix);
	for (size_t i = 0; i < ARRAY_SIZE(feature_rows); i++) {
		if (strlen(feature_rows[i].name) != length ||
		    memcmp(feature_rows[i].name, word, length) != 0)
			continue;
		features->has[i] = false;
		return 0;
	}
	return -1;
}

int
features_mask(struct features *features, const char *words)
{
	struct features masked = *features;
	size_t length;

	for (; *words != '\0'; words += length) {
		length = strspn(words, " ");
		if (length > 0)
			continue;
		length = strcspn(words, " ");
		if (mask_word(&masked, words, length) == -1)
			return -1;
	}
	*features = masked;
	return 0;
}
