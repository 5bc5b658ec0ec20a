/* SPDX-License-Identifier: ISC */
/*
 * What this kernel can enforce, probed at run time: one row a feature.
 */
#ifndef KERNEL_FEATURES_H
#define KERNEL_FEATURES_H

#include <stdbool.h>
#include <stddef.h>

enum feature {
	FEATURE_SECCOMP,         /* SECCOMP_SET_MODE_FILTER, Linux 3.5 / 3.17 */
	FEATURE_TSYNC,           /* SECCOMP_FILTER_FLAG_TSYNC, 3.17 */
	FEATURE_KILL_PROCESS,    /* SECCOMP_RET_KILL_PROCESS, 4.14 */
	FEATURE_NOTIFY,          /* SECCOMP_FILTER_FLAG_NEW_LISTENER, 5.0 */
	FEATURE_NOTIFY_KILLABLE, /* ..._WAIT_KILLABLE_RECV, 5.19 */
	FEATURE_MDWE,            /* PR_SET_MDWE, 6.3 */
	FEATURE_COUNT
};

struct features {
	int landlock_abi;   /* 0: none, see landlock_errno */
	int landlock_errno; /* ENOSYS: not built; EOPNOTSUPP: off at boot;
	                       EPERM: a container's filter refuses it */
	bool has[FEATURE_COUNT];
};

struct feature_row {
	const char *name;  /* "mdwe": what masking and reports call it */
	const char *text;  /* what it is, in a few words */
	const char *since; /* "6.3" */
	bool (*probe)(void);
};
extern const struct feature_row feature_rows[FEATURE_COUNT];

/* Asks the kernel.  Changes nothing, cannot fail: what it cannot tell is no. */
void features_probe(struct features *ret_features);

/*
 * Takes features away, to see what an older kernel would do: WORDS like
 * "landlock=2 mdwe seccomp" (landlock=N lowers the ABI to N at most).
 * Returns 0, or -1 for an unknown word.  Only tests call it.
 */
int features_mask(struct features *features, const char *words);

#endif
