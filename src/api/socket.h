/* SPDX-License-Identifier: ISC */
/*
 * A listening Unix socket in a place of its own, and who is at its other end.
 */
#ifndef API_SOCKET_H
#define API_SOCKET_H

#include <stddef.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/diag.h"

#define SOCKET_PATH_SIZE sizeof(((struct sockaddr_un *)NULL)->sun_path)
#define SOCKET_NO_GROUP  ((gid_t)-1)

struct api_socket {
	int fd; /* listening, close-on-exec */
	char path[SOCKET_PATH_SIZE];
	struct stat made; /* what was made at `path`, to be removed */
};

/*
 * The path of the socket NAME ("api.sock") that is used unless another is asked
 * for, in SOCKET_PATH_SIZE bytes; makes its directory, which is the user's own
 * and nobody else's (or GROUP's to enter):
 *
 *   $XDG_RUNTIME_DIR/seccomp-pledge, if that is the user's directory, where
 *   nobody else may write;
 *   /run/seccomp-pledge for root, ~/.local/state/seccomp-pledge for others.
 *
 * -errno and a sentence: there is no home, it is somebody else's, the path is
 * too long for a socket.
 */
int socket_default_path(
    const char *name, gid_t group, char *ret_path, struct diag *diag);

/*
 * Listens at PATH, whose directory must exist; mode 0600, or 0660 with GROUP.
 * A socket of the user's own on which nobody listens any more is replaced;
 * -EADDRINUSE: somebody does; -EEXIST: there is something else, which is left
 * alone.
 */
int socket_open(struct api_socket *ret_socket, const char *path, gid_t group,
    struct diag *diag);

/* Stops listening; removes the path if that is still the socket made. */
void socket_close(struct api_socket *made);

/*
 * Takes one who has connected: the descriptor, close-on-exec, and who it was at
 * connect(2).  -errno: -EAGAIN, -ECONNABORTED, -EMFILE and so on; that diag has
 * no part in, as a server goes on after most of them.
 */
int socket_accept(int listener, struct ucred *ret_peer);

/* Whether PEER is the user that this process runs as. */
bool socket_is_own(const struct ucred *peer);

#endif
