/* SPDX-License-Identifier: ISC */
#include "event/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/table.h"
#include "event/call.h"

/* Those above are asked for each time. */
#define REMEMBERED 256

struct event_files {
	unsigned int users;
	struct {
		char *name;
		unsigned int age; /* the generation that it was read in */
	} files[REMEMBERED];
};

/* A rename anywhere may change the name of anybody's open file. */
static unsigned int generation = 1;

struct event_files *
event_files_new(void)
{
	struct event_files *files = calloc(1, sizeof(*files));

	if (files != NULL)
		files->users = 1;
	return files;
}

struct event_files *
event_files_share(struct event_files *files)
{
	if (files != NULL)
		files->users++;
	return files;
}

void
event_files_free(struct event_files *files)
{
	if (files == NULL || --files->users > 0)
		return;
	event_files_forget(files);
	free(files);
}

static void
forget(struct event_files *files, int64_t fd)
{
	if (fd < 0 || fd >= REMEMBERED)
		return;
	free(files->files[fd].name);
	files->files[fd].name = NULL;
}

void
event_files_forget(struct event_files *files)
{
	for (int fd = 0; files != NULL && fd < REMEMBERED; fd++)
		forget(files, fd);
}

static const char *
ask(pid_t tid, int fd, char *buffer)
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)tid, fd);
	length = readlink(link, buffer, FILE_NAME_SIZE - 1);
	if (length < 0)
		return NULL;
	buffer[length] = '\0';
	return buffer;
}

const char *
event_file_name(struct event_files *files, pid_t tid, int fd, char *buffer)
{
	const char *name;

	if (fd < 0)
		return NULL;
	if (files == NULL || fd >= REMEMBERED)
		return ask(tid, fd, buffer);
	if (files->files[fd].name != NULL && files->files[fd].age == generation)
		return files->files[fd].name;
	forget(files, fd);
	name = ask(tid, fd, buffer);
	if (name != NULL) {
		files->files[fd].name = strdup(name);
		files->files[fd].age = generation;
	}
	return name;
}

/* What calls do to descriptors, beside returning one. */
static const struct effect {
	const char *name;
	enum { FIRST, SECOND, ALL, EVERYBODY } what;
} effects[] = {
	{ "close", FIRST },
	{ "dup2", SECOND },
	{ "dup3", SECOND },
	{ "close_range", ALL },
	{ "execve", ALL },
	{ "execveat", ALL },
	{ "io_uring_enter", ALL },
	{ "chroot", EVERYBODY },
	{ "pivot_root", EVERYBODY },
	{ "mount", EVERYBODY },
	{ "move_mount", EVERYBODY },
	{ "umount2", EVERYBODY },
	{ "rename", EVERYBODY },
	{ "renameat", EVERYBODY },
	{ "renameat2", EVERYBODY },
	{ "rmdir", EVERYBODY },
	{ "unlink", EVERYBODY },
	{ "unlinkat", EVERYBODY },
};

/* By the row, as names would be compared at every call. */
static const struct effect *
find_effect(const struct call_row *row)
{
	static const struct call_row *rows[ARRAY_SIZE(effects)];

	for (size_t i = 0; i < ARRAY_SIZE(effects); i++) {
		if (rows[i] == NULL)
			rows[i] = call_row_named(effects[i].name);
		if (rows[i] == row)
			return &effects[i];
	}
	return NULL;
}

/* The one that a duplicate was made of, or -1. */
static int
original_of(const struct event_call *call)
{
	uint32_t command = (uint32_t)call->raw[1];

	if (call->row->result == RESULT_FCNTL)
		return command == F_DUPFD || command == F_DUPFD_CLOEXEC
		           ? (int)call->raw[0]
		           : -1;
	return strncmp(call->row->name, "dup", 3) == 0 ? (int)call->raw[0] : -1;
}

/* A new descriptor, whose name will be asked for; a duplicate's is known. */
static void
follow_new(struct event_files *files, const struct event_call *call)
{
	int64_t fd = call->returned;
	int original = original_of(call);

	if (call->row->result == RESULT_FCNTL && original < 0)
		return;
	forget(files, fd);
	if (fd < 0 || fd >= REMEMBERED || original < 0 ||
	    original >= REMEMBERED || files->files[original].name == NULL)
		return;
	files->files[fd].name = strdup(files->files[original].name);
	files->files[fd].age = files->files[original].age;
}

void
event_files_follow(struct event_files *files, const struct event_call *call)
{
	const struct effect *effect = find_effect(call->row);

	if (files == NULL)
		return;
	if (call->ended && !call->failed &&
	    (call->row->result == RESULT_FD ||
	        call->row->result == RESULT_FCNTL))
		follow_new(files, call);
	if (effect == NULL || (call->ended && call->failed))
		return;
	if (effect->what == FIRST)
		forget(files, (int)call->raw[0]);
	else if (effect->what == SECOND && !call->ended)
		forget(files, (int)call->raw[1]);
	else if (effect->what == ALL)
		event_files_forget(files);
	else
		generation++;
}
