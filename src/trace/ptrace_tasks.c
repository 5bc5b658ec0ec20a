/* SPDX-License-Identifier: ISC */
#include "trace/ptrace_tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static struct task **
bucket_of(struct tasks *tasks, pid_t tid)
{
	return &tasks->buckets[(unsigned int)tid % TASK_BUCKETS];
}

struct task *
task_find(struct tasks *tasks, pid_t tid)
{
	struct task *task = *bucket_of(tasks, tid);

	while (task != NULL && task->tid != tid)
		task = task->next;
	return task;
}

static void
link_task(struct tasks *tasks, struct task *task)
{
	struct task **bucket = bucket_of(tasks, task->tid);

	task->next = *bucket;
	*bucket = task;
	tasks->count++;
}

static void
unlink_task(struct tasks *tasks, const struct task *task)
{
	struct task **at = bucket_of(tasks, task->tid);

	while (*at != task)
		at = &(*at)->next;
	*at = task->next;
	tasks->count--;
}

struct task *
task_add(struct tasks *tasks, pid_t tid, pid_t pid)
{
	struct task *task = tasks->spare;
	struct event_call call = { 0 };

	if (task != NULL) {
		tasks->spare = task->next;
		call.text = task->call.text; /* its memory is used again */
	} else
		task = malloc(sizeof(*task));
	if (task == NULL)
		return NULL;
	*task = (struct task){ .tid = tid, .pid = pid, .call = call };
	link_task(tasks, task);
	return task;
}

void
task_remove(struct tasks *tasks, struct task *task)
{
	unlink_task(tasks, task);
	event_files_free(task->files);
	task->files = NULL;
	task->next = tasks->spare;
	tasks->spare = task;
}

void
task_rename(struct tasks *tasks, struct task *task, pid_t tid)
{
	unlink_task(tasks, task);
	task->tid = tid;
	link_task(tasks, task);
}

void
tasks_free(struct tasks *tasks)
{
	for (size_t i = 0; i < TASK_BUCKETS; i++)
		while (tasks->buckets[i] != NULL)
			task_remove(tasks, tasks->buckets[i]);
	while (tasks->spare != NULL) {
		struct task *task = tasks->spare;

		tasks->spare = task->next;
		event_call_free(&task->call);
		free(task);
	}
}

/* A number of /proc/TID/status, or OTHERWISE. */
static pid_t
read_status(pid_t tid, const char *field, pid_t otherwise)
{
	cleanup_fclose FILE *file = NULL;
	char path[64], line[256];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, field, strlen(field)) == 0)
			return (pid_t)strtol(line + strlen(field), NULL, 10);
	return otherwise;
}

pid_t
task_process(pid_t tid)
{
	return read_status(tid, "Tgid:", tid);
}

pid_t
task_parent(pid_t tid)
{
	pid_t process = task_process(tid);

	return process != tid ? process : read_status(tid, "PPid:", 0);
}
