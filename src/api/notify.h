/* SPDX-License-Identifier: ISC */
/* systemd's protocols, without its library: sd_notify(3), sd_listen_fds(3). */
#ifndef API_NOTIFY_H
#define API_NOTIFY_H

#include "base/diag.h"

/*
 * Tells the service manager, if there is one: "READY=1".  What it does not
 * hear stops nothing.
 */
void notify_manager(const char *state);

/*
 * The one listening Unix socket that the manager handed over, close-on-exec;
 * -ENOENT: none; -EINVAL and a sentence: it is something else.  Takes the
 * variables out of the environment.
 */
int notify_listener(struct diag *diag);

#endif
