/* SPDX-License-Identifier: ISC */
/*
 * The listener's way from the confined process to its watcher: a message over
 * a socket pair that was made before.  It needs no right to look into the
 * process, which a security module, another user ID or an unreadable program
 * may take away (pidfd_getfd(2) needs it).
 */
#ifndef LAUNCH_HANDOVER_H
#define LAUNCH_HANDOVER_H

#include <stdint.h>

/*
 * Sends FD with one raw sendmsg(2), whose spare registers hold COOKIE: the
 * filter that is in force already allows that alone.  0 or -errno.
 */
int handover_send(int socket, int fd, const uint64_t cookie[3]);

/*
 * The descriptor, close-on-exec; -errno: -EPIPE if none will come, for the
 * other end is closed, -EMFILE if there came a message without one.
 */
int handover_receive(int socket);

#endif
