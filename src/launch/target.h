/* SPDX-License-Identifier: ISC */
/*
 * The program to be run: where it is, and which files the kernel and the
 * dynamic loader will open for it.
 */
#ifndef LAUNCH_TARGET_H
#define LAUNCH_TARGET_H

#include <stddef.h>

#include "base/diag.h"
#include "sandbox/landlock.h"

enum target_flag {
	TARGET_DYNAMIC = 1 << 0,    /* has a loader: PT_INTERP */
	TARGET_SCRIPT = 1 << 1,     /* begins with #! */
	TARGET_UNREADABLE = 1 << 2, /* may be run, not looked into */
	TARGET_EXEC_STACK = 1 << 3, /* asks for an executable stack */
	TARGET_SETID = 1 << 4,      /* set-ID: no_new_privs makes it ordinary */
	TARGET_RUNPATH = 1 << 5,    /* its libraries are beside it */
	TARGET_EXEC_DATA = 1 << 6,  /* asks for memory to write and execute */
};

/* The program, an interpreter each for as many scripts as the kernel follows
 * (fs/exec.c: five), and the loader. */
#define TARGET_FILES     8
#define TARGET_LIBRARIES 64

struct target {
	unsigned int flags;        /* enum target_flag */
	char *files[TARGET_FILES]; /* all that is executed, [0] the program */
	struct file_id file_ids[TARGET_FILES]; /* as they were looked into */
	size_t file_count;
	/* What it needs of the directories that its DT_RUNPATH names. */
	char *libraries[TARGET_LIBRARIES];
	struct file_id library_ids[TARGET_LIBRARIES];
	size_t library_count;
};

/*
 * Finds NAME as execvp(3) does (PATH is the search path, NULL: the system's)
 * and looks into it.
 *
 * Returns 0; -ENOENT: there is none (exit status 127); -EACCES, -ENOEXEC,
 * -ELOOP...: it cannot be run (126).  The sentence says why.
 */
int target_find(const char *name, const char *path, struct target *ret_target,
    struct diag *diag);
void target_free(struct target *target);

/* Its path alone, in PATH_MAX bytes; the same errors. */
int target_locate(
    const char *name, const char *path, char *ret_found, struct diag *diag);

#endif
