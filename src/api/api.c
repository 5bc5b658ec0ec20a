/* SPDX-License-Identifier: ISC */
#include "api/api.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "api/converse.h"
#include "api/socket.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/signals.h"
#include "base/table.h"

#define PAUSE 200 /* milliseconds, when there is no descriptor */

struct server {
	struct api_socket socket;
	struct signals signals;
};

/* The server's own words, beside the command's. */
static void
show(void *context, const char *text)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	(void)context;
	strbuf_puts(&buf, "seccomp-pledge: ");
	quote_terminal(&buf, text);
	strbuf_putc(&buf, '\n');
	if (!buf.failed && write_all(STDERR_FILENO, buf.data, buf.length) < 0)
		return;
}

static void
say_address(const char *path)
{
	cleanup_strbuf struct strbuf line = { 0 };

	strbuf_puts(&line, "the questions are asked at: nc -U ");
	quote_shell(&line, path);
	if (!line.failed)
		show(NULL, line.data);
}

static void
send_away(int fd, const char *text)
{
	/* Who does not listen is sent away all the same. */
	if (send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

/* The next client who may be one; -errno: none. */
static int
take_client(const struct server *server)
{
	struct pollfd signals = { .fd = server->signals.fd, .events = POLLIN };
	cleanup_close int fd = -1;
	struct ucred peer;

	fd = socket_accept(server->socket.fd, &peer);
	/* Who waits would be asked for again and again. */
	if (fd == -EMFILE || fd == -ENFILE)
		poll(&signals, 1, PAUSE);
	if (fd < 0)
		return fd;
	if (!socket_is_own(&peer)) {
		send_away(fd, "refused: this is another user's\n");
		return -EPERM;
	}
	return take_fd(&fd);
}

static int
refuse_another(void *context)
{
	cleanup_close int fd = take_client(context);

	if (fd >= 0)
		send_away(fd, "busy\n");
	return 0;
}

/* A descriptor; -ECANCELED: a signal came first. */
static int
wait_for_client(const struct server *server)
{
	struct pollfd look[] = { { .fd = server->socket.fd, .events = POLLIN },
		{ .fd = server->signals.fd, .events = POLLIN } };
	int fd;

	for (;;) {
		if (poll(look, ARRAY_SIZE(look), -1) < 0 && errno != EINTR)
			return -errno;
		if (look[1].revents != 0)
			return -ECANCELED;
		if (look[0].revents == 0)
			continue;
		fd = take_client(server);
		if (fd >= 0)
			return fd;
	}
}

static int
lead_client(const struct api *api, struct server *server, struct diag *diag)
{
	cleanup_close int fd = wait_for_client(server);
	const struct converse with = { .client = fd,
		.argv = api->argv,
		.stage = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO,
		    .run = api->run },
		.policy = &api->run->policy,
		.ceiling = api->ceiling,
		.stop = server->signals.fd,
		.other = server->socket.fd,
		.other_ready = refuse_another,
		.progress = show,
		.context = server };

	if (fd < 0)
		return fd == -ECANCELED
		           ? diag_set(diag, ECANCELED, "ended: nothing was run")
		           : diag_set(diag, -fd, "wait for a client: %s",
		                 strerror(-fd));
	show(NULL, "a client is there");
	return converse(&with, diag);
}

static int
open_server(struct server *server, const char *path, struct diag *diag)
{
	static const int numbers[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM, 0 };
	char usual[SOCKET_PATH_SIZE];
	int r = 0;

	if (path == NULL) {
		r = socket_default_path(
		    "api.sock", SOCKET_NO_GROUP, usual, diag);
		path = usual;
	}
	if (r == 0)
		r = signals_open(&server->signals, numbers, diag);
	if (r < 0)
		return r;
	r = socket_open(&server->socket, path, SOCKET_NO_GROUP, diag);
	if (r < 0)
		signals_close(&server->signals);
	return r;
}

int
api_serve(const struct api *api, struct diag *diag)
{
	struct server server;
	int r, number;

	if (open_server(&server, api->socket, diag) < 0)
		return STATUS_FAILED;
	say_address(server.socket.path);
	r = lead_client(api, &server, diag);
	number = signals_take(&server.signals);
	socket_close(&server.socket);
	signals_close(&server.signals);
	if (r == -ECANCELED && number != 0) {
		show(NULL, diag->text);
		raise(number);
	}
	return r < 0 ? STATUS_FAILED : r;
}
