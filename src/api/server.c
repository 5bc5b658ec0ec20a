/* SPDX-License-Identifier: ISC */
#include "api/server.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "api/ceiling.h"
#include "api/notify.h"
#include "base/cleanup.h"
#include "base/table.h"

#define SOCKET_NAME "serve.sock"
#define PEER_GROUPS 65536
#define ACCEPTS     16 /* in a row */
/* From killing what did not end in time to going without its answers. */
#define LAST_SECONDS 5

double
server_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool
in_group(const struct server *server, int fd, const struct ucred *peer)
{
	cleanup_free gid_t *groups = NULL;
	socklen_t size = PEER_GROUPS * sizeof(*groups);

	if (server->group == SOCKET_NO_GROUP)
		return false;
	if (peer->gid == server->group)
		return true;
	groups = calloc(PEER_GROUPS, sizeof(*groups));
	if (groups == NULL ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		return false;
	for (size_t i = 0; i < size / sizeof(*groups); i++)
		if (groups[i] == server->group)
			return true;
	return false;
}

/* Says why in one line, and hangs up; it need not be read. */
static void
turn_away(int fd, int code, const char *why)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	rpc_write_error(&buf, "null", code, why);
	if (!buf.failed)
		send(fd, buf.data, buf.length, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

static void
set_deaf(struct server *server, bool deaf)
{
	server->deaf = deaf;
	loop_watch(server->loop, &server->listener, deaf ? 0 : EPOLLIN);
}

/* With the last descriptor, which is kept for that. */
static void
turn_away_one(struct server *server)
{
	struct ucred peer;
	int fd;

	cleanup_close_fd(&server->reserve);
	fd = socket_accept(server->listener.fd, &peer);
	if (fd >= 0)
		turn_away(fd, RPC_LIMIT,
		    "the server has no descriptors left; try again later");
	server->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* Who waits would wake us again and again. */
	if (server->reserve < 0)
		set_deaf(server, true);
}

/* Once there is a descriptor in reserve, clients are heard again. */
static void
listen_again(struct server *server)
{
	server->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (server->reserve >= 0)
		set_deaf(server, false);
}

/* False: there is nobody more. */
static bool
accept_one(struct server *server)
{
	struct ucred peer;
	int fd = socket_accept(server->listener.fd, &peer);

	if (fd == -EMFILE || fd == -ENFILE)
		turn_away_one(server);
	if (fd < 0)
		return fd == -ECONNABORTED || fd == -EINTR;
	if (!socket_is_own(&peer) && !in_group(server, fd, &peer)) {
		turn_away(fd, RPC_REFUSED,
		    "this server is another user's, who does not admit you");
		diag_warn(server->diag, "process %d of user %u was turned away",
		    (int)peer.pid, (unsigned int)peer.uid);
	} else if (server->client_count >= CLIENTS) {
		turn_away(fd, RPC_LIMIT,
		    "1024 clients are connected; try again later");
	} else {
		client_add(server, fd, &peer);
	}
	return true;
}

static void
on_listener(struct source *source, uint32_t events)
{
	struct server *server = source->context;

	(void)events;
	for (int i = 0; i < ACCEPTS && accept_one(server); i++)
		continue;
}

/* No more clients, no more work; what runs has until the deadline. */
static void
begin_stop(struct server *server)
{
	server->stopping = true;
	server->settle = true;
	server->deadline = server_now() + server->options->grace;
	notify_manager("STOPPING=1");
	if (server->activated) {
		loop_close(server->loop, &server->listener);
		return;
	}
	loop_watch(server->loop, &server->listener, 0);
	server->listener.fd = -1;
	socket_close(&server->socket);
}

static void
on_signal(struct source *source, uint32_t events)
{
	struct server *server = source->context;
	struct signalfd_siginfo info;

	(void)events;
	if (read(source->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		jobs_reap(server);
	else if (server->stopping)
		server->deadline = 0; /* asked twice: at once */
	else
		begin_stop(server);
}

static int
find_group(struct server *server, struct diag *diag)
{
	const char *name = server->options->group;
	struct group *entry;

	server->group = SOCKET_NO_GROUP;
	if (name == NULL)
		return 0;
	if (geteuid() != 0)
		return diag_set(diag, EPERM,
		    "--group: only root's server can work for others");
	entry = getgrnam(name);
	if (entry == NULL)
		return diag_set(diag, ENOENT, "no group \"%s\"", name);
	server->group = entry->gr_gid;
	return 0;
}

static int
open_listener(struct server *server, struct diag *diag)
{
	char path[SOCKET_PATH_SIZE];
	const char *name = server->options->path;
	int fd = notify_listener(diag), r = 0;

	if (fd >= 0) {
		server->activated = true;
		server->listener.fd = fd;
	}
	if (fd != -ENOENT)
		return fd < 0 ? fd : 0;
	if (name == NULL) {
		r = socket_default_path(SOCKET_NAME, server->group, path, diag);
		name = path;
	}
	if (r == 0)
		r = socket_open(&server->socket, name, server->group, diag);
	if (r == 0)
		server->listener.fd = server->socket.fd;
	return r;
}

/* As many descriptors as there may be: clients take one, runs three,
 * or six if there are plenty. */
static int
raise_files(struct server *server, struct diag *diag)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &server->files) < 0)
		return diag_errno(diag, "the limit of descriptors");
	limit = server->files;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return diag_errno(diag, "the limit of descriptors");
	return 0;
}

static int
open_signals(struct server *server, struct diag *diag)
{
	static const int numbers[] = { SIGCHLD, SIGTERM, SIGINT };
	const struct sigaction ignore = { .sa_handler = SIG_IGN },
	                       standard = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, &server->old_mask);
	/* If SIGCHLD was ignored, statuses would be lost. */
	sigaction(SIGCHLD, &standard, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGHUP, &ignore, NULL);
	server->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (server->signals.fd < 0)
		return diag_errno(diag, "signals");
	/* What a worker that was killed leaves behind comes to us. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return diag_errno(diag, "adopt orphans");
	return 0;
}

static int
server_open(struct server *server, struct diag *diag)
{
	int r;

	server->pid = getpid();
	server->listener = (struct source){ -1, 0, on_listener, server };
	server->signals = (struct source){ -1, 0, on_signal, server };
	server->socket.fd = -1;
	server->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	server->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	server->loop = loop_open();
	if (server->reserve < 0 || server->null < 0 || server->loop < 0)
		return diag_errno(diag, "descriptors");
	r = find_group(server, diag);
	if (r == 0 && server->options->within != NULL)
		r = ceiling_open(
		    server->options->within, &server->ceiling, diag);
	if (r == 0)
		r = raise_files(server, diag);
	if (r == 0)
		r = open_signals(server, diag);
	if (r == 0)
		r = open_listener(server, diag);
	if (r < 0)
		return r;
	/* A client may be gone before it is accepted. */
	if (fcntl(server->listener.fd, F_SETFL, O_NONBLOCK) < 0 ||
	    loop_watch(server->loop, &server->listener, EPOLLIN) < 0 ||
	    loop_watch(server->loop, &server->signals, EPOLLIN) < 0)
		return diag_errno(diag, "wait for clients");
	return 0;
}

/* Milliseconds until something is due; -1: nothing is. */
static int
time_left(const struct server *server)
{
	double left = 1;

	if (!server->stopping)
		return server->stalled > 0 || server->deaf ? 1000 : -1;
	if (server->deadline - server_now() < left)
		left = server->deadline - server_now();
	return left > 0 ? (int)(left * 1000) + 1 : 0;
}

/* True: there is nothing to wait for any more. */
static bool
is_over(struct server *server)
{
	if (!server->stopping)
		return false;
	if (server->clients == NULL && server->jobs == NULL)
		return true;
	if (server_now() < server->deadline)
		return false;
	if (server->killed)
		return true;
	jobs_end(server, NULL);
	server->killed = true;
	server->deadline = server_now() + LAST_SECONDS;
	return false;
}

static int
server_loop(struct server *server)
{
	int r = 0;

	while (r == 0 && !is_over(server)) {
		r = loop_turn(server->loop, time_left(server));
		if (server->deaf && !server->stopping)
			listen_again(server);
		if (server->stalled > 0)
			clients_lose_stalled(server);
		if (server->settle)
			clients_settle(server);
	}
	return r;
}

static void
server_close(struct server *server)
{
	while (server->clients != NULL)
		client_remove(server->clients);
	loop_close(server->loop, &server->signals);
	if (server->activated)
		loop_close(server->loop, &server->listener);
	else
		socket_close(&server->socket);
	ceiling_free(server->ceiling);
	cleanup_close_fd(&server->null);
	cleanup_close_fd(&server->reserve);
	cleanup_close_fd(&server->loop);
}

int
serve(const struct serve_options *options, struct diag *diag)
{
	static struct server server;
	int r;

	server.options = options;
	server.diag = diag;
	r = server_open(&server, diag);
	if (r == 0) {
		options->listening(server.activated ? "the socket handed over"
		                                    : server.socket.path);
		notify_manager("READY=1");
		r = server_loop(&server);
		if (r < 0) {
			errno = -r;
			diag_errno(diag, "wait for clients");
		}
	}
	server_close(&server);
	return r;
}
