/* SPDX-License-Identifier: ISC */
/*
 * The seccomp listener (seccomp_unotify(2)): calls that wait for an answer,
 * one at a time, and a look at the caller's memory and paths meanwhile.
 */
#ifndef SUPERVISE_NOTIFY_H
#define SUPERVISE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "policy/condition.h"

struct listener {
	int fd;                       /* -1: none */
	struct seccomp_notif *notice; /* as large as this kernel's is */
	struct seccomp_notif_resp *reply;
	size_t notice_size, reply_size;
};

/* Takes FD over, which is closed if that fails. */
int listener_open(struct listener *listener, int fd, struct diag *diag);
void listener_close(struct listener *listener);

/* Whether anybody is left who could make a call. */
bool listener_is_used(const struct listener *listener);

/* One caller that waits. */
struct notice {
	uint64_t id;
	pid_t tid; /* in our PID namespace; 0: not to be seen from here */
	struct call call;
};

/* 1 and a notice; 0: the caller is gone, or was interrupted; -errno. */
int listener_receive(struct listener *listener, struct notice *ret_notice);

/*
 * Whether it still waits: only then was what was read of it, by its thread ID,
 * not another's.
 */
bool listener_waits(
    const struct listener *listener, const struct notice *notice);

/*
 * Answers: ERR is the errno that the call fails with, 0: the kernel carries it
 * out as if nobody had asked.  -errno if the caller goes on waiting.
 */
int listener_answer(
    struct listener *listener, const struct notice *notice, int err);

/* The same of a call that was carried out for its caller: it returns 0. */
int listener_return(struct listener *listener, const struct notice *notice);

/*
 * The same, with a descriptor of its own of the file that FD is: the call
 * returns its number.  CLOSES: it is closed by an exec.  Where the caller may
 * have no more descriptors, the call fails for that; before Linux 5.9, EPERM.
 */
int listener_give(struct listener *listener, const struct notice *notice,
    int fd, bool closes);

/* A caller's memory; the last strings are kept. */
#define CALLER_STRINGS 2
struct caller {
	pid_t tid;
	uint64_t address[CALLER_STRINGS]; /* 0: none */
	struct strbuf string[CALLER_STRINGS];
	unsigned int next;
};

void caller_begin(struct caller *caller, pid_t tid);
/* The string at ADDRESS was STRING when it made the call. */
void caller_know(struct caller *caller, uint64_t address, const char *string);
/* Whether the process of thread TID has a handler for a signal; true if that
 * cannot be found out. */
bool caller_handles(pid_t tid, int number);
/* A duplicate of its descriptor FD, close-on-exec; -1 and errno. */
int caller_fd(pid_t tid, int fd);
void caller_free(struct caller *caller);
/* The string at ADDRESS, at most PATH_MAX bytes of it; NULL: unreadable. */
const char *caller_string(struct caller *caller, uint64_t address);
/* How many of SIZE bytes at ADDRESS could be read. */
size_t caller_bytes(
    const struct caller *caller, uint64_t address, void *buffer, size_t size);

#endif
