/* SPDX-License-Identifier: ISC */
/*
 * The recorder: a program in the kernel (recorder.bpf.c) that sees the calls of
 * a command and of all that it starts, and tells each kind once.  It takes
 * CAP_BPF and CAP_PERFMON, and a build with libbpf: recorder_libbpf.c, or else
 * recorder_none.c.
 */
#ifndef SUPERVISE_RECORDER_H
#define SUPERVISE_RECORDER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"
#include "supervise/record.h"

struct recorder;

/* What a build has. */
struct recorder_driver {
	/*
	 * Loads it, to look at calls as CALLS (RECORD_CALLS of them) say; it
	 * watches nobody yet.  Returns 0 or -errno: -EPERM and a sentence that
	 * says what is needed.
	 */
	int (*open)(const struct record_call *calls,
	    struct recorder **ret_recorder, struct diag *diag);
	void (*close)(struct recorder *recorder);
	/* Process PID, of one thread, and all that it will start. */
	int (*watch)(struct recorder *recorder, pid_t pid, struct diag *diag);
	/* Can be read when there are records. */
	int (*fd)(const struct recorder *recorder);
	/* Takes those that there are: TAKE, for each of them. */
	int (*read)(struct recorder *recorder,
	    void (*take)(void *context, const struct record *record),
	    void *context);
	/* How often a call of that kind was made. */
	uint64_t (*times)(
	    const struct recorder *recorder, const struct record_key *key);
	void (*losses)(
	    const struct recorder *recorder, struct record_losses *ret_losses);
};

/* NULL: this build has none. */
const struct recorder_driver *recorder_driver(void);

#endif
