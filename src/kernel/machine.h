/* SPDX-License-Identifier: ISC */
/*
 * The machine that a policy is to hold on: its kernel, what its administrator
 * set, and what is around this process already.
 */
#ifndef KERNEL_MACHINE_H
#define KERNEL_MACHINE_H

#include <stdbool.h>

#include "kernel/features.h"

enum machine_system {
	MACHINE_LINUX,
	MACHINE_WSL1,   /* Windows answers the calls */
	MACHINE_WSL2,   /* a Linux kernel, beside Windows */
	MACHINE_GVISOR, /* a program answers the calls */
};

#define MACHINE_UNKNOWN (-1) /* the kernel has no such setting, or hides it */

struct machine {
	struct features features;
	enum machine_system system;
	char release[65], hardware[65]; /* uname(2) */
	int major, minor;               /* of the release */
	char actions[128];              /* what a filter may answer, or "" */
	bool filtered;                  /* by a seccomp filter already */
	bool container;
	bool no_proc;              /* /proc is not mounted */
	long long bpf_jit;         /* net.core.bpf_jit_enable */
	long long user_namespaces; /* user.max_user_namespaces */
	long long userns_clone;    /* kernel.unprivileged_userns_clone */
	long long
	    userns_apparmor; /* kernel.apparmor_restrict_unprivileged_userns */
	/* Why calls cannot be recorded in the kernel, "": they can; NULL:
	 * nobody has tried. */
	const char *unrecorded;
};

/* What answers as Linux: RELEASE and VERSION as uname(2) says them, LOG what
 * the kernel printed as it started ("" if that is not for us). */
enum machine_system machine_system(
    const char *release, const char *version, const char *log);

/* Asks the kernel and /proc.  Changes nothing, cannot fail. */
void machine_probe(struct machine *ret_machine);

/* Whether /proc is there, which tells whose files are meant. */
bool machine_has_proc(void);

#endif
