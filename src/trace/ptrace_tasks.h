/* SPDX-License-Identifier: ISC */
/* The threads that are watched, each with the call that it is in. */
#ifndef TRACE_PTRACE_TASKS_H
#define TRACE_PTRACE_TASKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "event/call.h"
#include "event/files.h"

/* CLONE_UNTRACED, which was taken from the call that a task is in. */
struct untraced {
	bool set;
	uint32_t audit;
	uint64_t flags;   /* as they were */
	uint64_t address; /* where, 0: in a register */
};

struct task {
	struct task *next; /* in its bucket, or among those to be used again */
	pid_t tid, pid;
	struct event_files *files;
	bool in_call;   /* `call` has begun */
	bool shown;     /* and is wanted */
	bool hidden;    /* still ours: it has not become the command */
	bool ours;      /* it is making the exec that makes it the command */
	uint64_t begun; /* nanoseconds */
	struct untraced untraced;
	struct event_call call;
};

#define TASK_BUCKETS 1024

struct tasks {
	struct task *buckets[TASK_BUCKETS];
	struct task *spare;
	size_t count;
};

struct task *task_find(struct tasks *tasks, pid_t tid);
/* A new one, of process PID; NULL if memory is out. */
struct task *task_add(struct tasks *tasks, pid_t tid, pid_t pid);
void task_remove(struct tasks *tasks, struct task *task);
/* It goes by another number from now on. */
void task_rename(struct tasks *tasks, struct task *task, pid_t tid);
void tasks_free(struct tasks *tasks);

/* The process that thread TID belongs to, as /proc says; TID if it does not. */
pid_t task_process(pid_t tid);
/* The process that started TID's, or, of a thread, its own; 0: not known. */
pid_t task_parent(pid_t tid);

#endif
