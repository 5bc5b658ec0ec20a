/* SPDX-License-Identifier: ISC */
/*
 * The system's <unistd.h> and <pledge.h>, for programs that expect pledge() and
 * unveil() there.  The exec family is the one that applies execpromises.
 */
#pragma GCC system_header
#include_next <unistd.h>

#ifndef PLEDGE_OVERLAY_UNISTD_H
# define PLEDGE_OVERLAY_UNISTD_H

# include <pledge.h>

/* By the linker's name: a member called execve keeps its own. */
# if !defined(__cplusplus) && !defined(PLEDGE_OVERLAY_PLAIN_EXEC)
extern __typeof__(execve) execve __asm__("pledge_execve");
extern __typeof__(execv) execv __asm__("pledge_execv");
extern __typeof__(execvp) execvp __asm__("pledge_execvp");
extern __typeof__(execl) execl __asm__("pledge_execl");
extern __typeof__(execlp) execlp __asm__("pledge_execlp");
extern __typeof__(execle) execle __asm__("pledge_execle");
# endif

#endif
