/* SPDX-License-Identifier: ISC */
/*
 * What a process's descriptors are: /proc's answers, remembered by a watcher
 * who sees every call that changes them.
 */
#ifndef EVENT_FILES_H
#define EVENT_FILES_H

#include <stddef.h>
#include <sys/types.h>

/* The longest answer: a path, and " (deleted)". */
#define FILE_NAME_SIZE 4200

struct event_files;
struct event_call;

/* Counted: as many give it back as share it.  NULL if memory is out. */
struct event_files *event_files_new(void);
struct event_files *event_files_share(struct event_files *files);
void event_files_free(struct event_files *files);

/*
 * The name of FD of thread TID: a path, "pipe:[4711]"; NULL if it has none.
 * FILES may be NULL: /proc is asked.  BUFFER has FILE_NAME_SIZE bytes.
 */
const char *event_file_name(
    struct event_files *files, pid_t tid, int fd, char *buffer);

/* CALL, which has ended or is about to be made, may have changed them. */
void event_files_follow(
    struct event_files *files, const struct event_call *call);
/* All are unknown again, as after an exec. */
void event_files_forget(struct event_files *files);

#endif
