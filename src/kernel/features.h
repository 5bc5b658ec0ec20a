/* SPDX-License-Identifier: ISC */
/*
 * What this kernel can enforce, found out at run time, and what it means where
 * a kernel cannot: one row a feature.
 */
#ifndef KERNEL_FEATURES_H
#define KERNEL_FEATURES_H

#include <stdbool.h>
#include <stddef.h>

enum feature {
	FEATURE_SECCOMP, /* SECCOMP_SET_MODE_FILTER by seccomp(2) */
	/* Landlock, and what each ABI adds to those before it. */
	FEATURE_LANDLOCK,
	FEATURE_MOVING,     /* LL_REFER */
	FEATURE_TRUNCATION, /* LL_TRUNCATE */
	FEATURE_PORTS,      /* LL_NET_*_TCP */
	FEATURE_DEVICES,    /* LL_IOCTL_DEV */
	FEATURE_SCOPES,     /* LL_SCOPE_* */
	FEATURE_RECORDS,    /* which denials are logged */
	FEATURE_THREADS,    /* LL_RESTRICT_TSYNC */
	FEATURE_UNIX_NAMES, /* LL_RESOLVE_UNIX */

	FEATURE_TSYNC,           /* SECCOMP_FILTER_FLAG_TSYNC */
	FEATURE_KILL_PROCESS,    /* SECCOMP_RET_KILL_PROCESS */
	FEATURE_NOTIFY,          /* SECCOMP_FILTER_FLAG_NEW_LISTENER */
	FEATURE_NOTIFY_KILLABLE, /* ..._WAIT_KILLABLE_RECV */
	FEATURE_MDWE,            /* PR_SET_MDWE */
	FEATURE_COUNT
};
#define LANDLOCK_ABIS (FEATURE_UNIX_NAMES - FEATURE_LANDLOCK + 1)

struct features {
	int landlock_abi;   /* 0: none, see landlock_errno */
	int landlock_errno; /* ENOSYS: not built; EOPNOTSUPP: off at boot;
	                       EPERM: a container's filter refuses it */
	bool filtered; /* landlock_errno is ENOSYS, and a filter may say so */
	bool has[FEATURE_COUNT]; /* Landlock's: features_has() */
};

enum gap_weight {
	GAP_STOPS,  /* promises or paths cannot be enforced */
	GAP_WEAKER, /* something is not enforced, or costs more */
	GAP_NOTE,   /* a stricter rule stands in, or others are concerned */
};

/* Something that is missing, for who asks what a machine can do. */
struct gap {
	const char *name; /* "mdwe" */
	enum gap_weight weight;
	const char *found;   /* NULL: nobody need be told */
	const char *meaning; /* what stands in for it, what is lost */
	const char *remedy;
};

/* Whatever the reason is. */
#define GAP_NO_PATHS                                                     \
 "Paths cannot be hidden: commands are not run, except with -V and the " \
 "promise rpath, or with --best-effort."

struct feature_row {
	struct gap gap;   /* if it is missing */
	const char *text; /* what it is, in a few words; NULL: nothing to say */
	const char *since; /* "6.3", of Linux */
	int abi;           /* of Landlock; 0: it is probed for */
	bool (*probe)(void);
	/* What C programs lose; NULL: nothing.  Of a part of Landlock, if there
	 * is none at all, it is said only if ALONE. */
	const char *library;
	bool alone;
};
extern const struct feature_row feature_rows[FEATURE_COUNT];

bool features_has(const struct features *features, enum feature feature);

/* Why there is no Landlock: what a sentence begins with; for C programs. */
struct landlock_lack {
	int err;       /* landlock_errno; 0: any other */
	bool filtered; /* only if a filter is around the process */
	const char *text, *library;
};
const struct landlock_lack *features_landlock_lack(
    const struct features *features);

/* Asks the kernel.  Changes nothing, cannot fail: what it cannot tell is no. */
void features_probe(struct features *ret_features);
/* Landlock's alone: has nothing else. */
void features_probe_landlock(struct features *ret_features);

/*
 * Takes features away, to see what an older kernel would do: WORDS like
 * "landlock=2 mdwe seccomp" (landlock=N lowers the ABI to N at most).
 * Returns 0, or -1 for an unknown word.  Only tests call it.
 */
int features_mask(struct features *features, const char *words);

#endif
