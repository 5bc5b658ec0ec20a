/* SPDX-License-Identifier: ISC */
/* A connection: lines in, lines out, and descriptors that come with them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/server.h"
#include "base/cleanup.h"
#include "inspect/doctor.h"
#include "inspect/promises.h"
#include "json/write.h"

#define READ_SIZE 65536
/* An empty buffer of up to this size is kept for the next line. */
#define SMALL_BUFFER 16384

static char read_buffer[READ_SIZE];

/* It is removed when nobody looks at it any more. */
static void
lose(struct client *client)
{
	client->gone = true;
	client->server->settle = true;
}

/* Its end is always waited for, even if nothing else is. */
static void
client_watch(struct client *client)
{
	uint32_t events = EPOLLHUP;

	if (client->converses)
		return;
	if (!client->ended && !client->closing && !client->full)
		events |= EPOLLIN;
	if (client->out.length > client->sent)
		events |= EPOLLOUT;
	if (loop_watch(client->server->loop, &client->source, events) < 0)
		lose(client);
}

static void
set_stalled(struct client *client, double since)
{
	client->server->stalled += (since > 0) - (client->stalled > 0);
	client->stalled = since;
}

/* Writes what can be written now. */
static void
flush(struct client *client)
{
	size_t left = client->out.length - client->sent;
	ssize_t n;

	if (left > 0) {
		n = send(client->source.fd, client->out.data + client->sent,
		    left, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			lose(client);
		client->sent += n > 0 ? (size_t)n : 0;
		left -= n > 0 ? (size_t)n : 0;
		if (n > 0 || client->stalled == 0)
			set_stalled(client, left > 0 ? server_now() : 0);
	}
	if (left == 0 && client->out.capacity > SMALL_BUFFER)
		strbuf_free(&client->out);
	if (left == 0)
		client->out.length = client->sent = 0;
	if (client->full && left < QUEUE_EASY) {
		client->full = false;
		jobs_watch(client->server, client);
	}
}

void
client_send(struct client *client, const struct strbuf *buf)
{
	if (buf->failed)
		lose(client);
	if (client->gone)
		return;
	/* What was sent already makes room. */
	if (client->sent > QUEUE_EASY) {
		client->out.length -= client->sent;
		memmove(client->out.data, client->out.data + client->sent,
		    client->out.length);
		client->sent = 0;
	}
	strbuf_add(&client->out, buf->data, buf->length);
	if (client->out.failed) {
		lose(client);
		return;
	}
	if (client->out.length == buf->length)
		flush(client);
	if (!client->full && client->out.length - client->sent > QUEUE_FULL) {
		client->full = true;
		jobs_watch(client->server, client);
	}
	client_watch(client);
}

static void
send_error(struct client *client, const char *id, int code, const char *why)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	rpc_write_error(&buf, id, code, why);
	client_send(client, &buf);
}

void
client_refuse(struct client *client, int code, const char *why)
{
	send_error(client, "null", code, why);
	client->closing = true;
	client->server->settle = true;
}

void
client_answer_error(
    struct client *client, const struct asked *asked, int code, const char *why)
{
	if (asked->request->has_id)
		send_error(client, asked->request->id, code, why);
}

void
client_answer(struct client *client, const struct asked *asked,
    const struct strbuf *members)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	if (!asked->request->has_id)
		return;
	rpc_write_result(&buf, asked->request->id, members->data);
	buf.failed |= members->failed;
	client_send(client, &buf);
}

void
answer_methods(struct client *client, const struct asked *asked)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	methods_describe(&buf);
	client_answer(client, asked, &buf);
}

/* "NAME": and JSON text, which ends with its line. */
static void
put_member(struct strbuf *buf, const char *name, const struct strbuf *text)
{
	size_t length = text->length;

	while (length > 0 && text->data[length - 1] == '\n')
		length--;
	strbuf_printf(buf, "\"%s\": ", name);
	strbuf_add(buf, text->data, length);
	buf->failed |= text->failed;
}

void
answer_promises(struct client *client, const struct asked *asked)
{
	cleanup_strbuf struct strbuf buf = { 0 }, text = { 0 };
	struct diag diag = { 0 };

	if (promises_describe_json(
	        field_text(asked, FIELD_WORD), &text, &diag) < 0) {
		client_answer_error(client, asked, RPC_PARAMS, diag.text);
		return;
	}
	put_member(&buf,
	    asked->values[FIELD_WORD] != NULL ? "promise" : "promises", &text);
	client_answer(client, asked, &buf);
}

void
answer_doctor(struct client *client, const struct asked *asked)
{
	cleanup_strbuf struct strbuf buf = { 0 }, text = { 0 };

	doctor_describe_json(NULL, &text);
	put_member(&buf, "machine", &text);
	client_answer(client, asked, &buf);
}

/* A socket of a client's may have been told to wait for its peer when it is
 * closed by the last that has it (SO_LINGER), and everybody else with it. */
static void
close_sent(int fd)
{
	const struct linger none = { 0 };

	/* Nothing but a socket takes it. */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(fd);
}

static void
close_fds(struct client *client)
{
	for (size_t i = 0; i < client->fd_count; i++)
		close_sent(client->fds[i]);
	client->fd_count = 0;
}

static bool
takes_fds(const struct asked *asked)
{
	return field_stream(asked, FIELD_STDIN).kind == STREAM_FD ||
	       field_stream(asked, FIELD_STDOUT).kind == STREAM_FD ||
	       field_stream(asked, FIELD_STDERR).kind == STREAM_FD;
}

static void
carry_out(struct client *client, const struct asked *asked)
{
	if (asked->method->who == WHO_USER && !socket_is_own(&client->peer))
		client_answer_error(client, asked, RPC_REFUSED,
		    "only for the user whose server this is; others can "
		    "explain and learn");
	else if (asked->method->answer != NULL)
		asked->method->answer(client, asked);
	else
		job_start(client, asked);
	if (takes_fds(asked))
		close_fds(client);
}

/* Descriptors that came with a request that is wrong are not the next one's. */
static bool
may_name_fds(const char *line, size_t length)
{
	return memmem(line, length, "\"fd\"", 4) != NULL;
}

/* LINE is from malloc(). */
static void
take_line(struct client *client, char *line, size_t length)
{
	cleanup_rpc struct rpc_request request = { 0 };
	struct diag diag = { 0 };
	bool fds = may_name_fds(line, length);
	struct asked asked;
	int code;

	code = rpc_read(&request, line, length, &diag);
	if (code == 0)
		code = method_ask(&request, &asked, &diag);
	if (code == 0)
		carry_out(client, &asked);
	else if (request.has_id || code == RPC_PARSE || code == RPC_INVALID)
		send_error(client, request.id, code, diag.text);
	if (code != 0 && fds)
		close_fds(client);
}

static bool
is_blank(const char *line, size_t length)
{
	return strspn(line, " \t\r\n") >= length;
}

static void
copy_line(struct client *client, const char *text, size_t length)
{
	char *line;

	if (length >= RPC_LINE)
		client_refuse(client, RPC_LIMIT, "a line is longer than 1 MiB");
	if (length >= RPC_LINE || is_blank(text, length))
		return;
	line = malloc(length + 1);
	if (line == NULL) {
		lose(client);
		return;
	}
	memcpy(line, text, length);
	line[length] = '\0';
	take_line(client, line, length);
}

/* Every whole line that is there, until no more can be answered. */
static void
take_lines(struct client *client)
{
	size_t at = 0;
	char *end;

	while (!client->closing && !client->gone && !client->full) {
		size_t from = at + client->looked;

		if (client->in.length == from)
			break;
		end = memchr(
		    client->in.data + from, '\n', client->in.length - from);
		if (end == NULL) {
			client->looked = client->in.length - at;
			break;
		}
		client->looked = 0;
		*end = '\0';
		copy_line(client, client->in.data + at,
		    (size_t)(end - client->in.data) - at);
		at = (size_t)(end - client->in.data) + 1;
	}
	client->in.length -= at;
	if (at > 0 && client->in.length > 0)
		memmove(
		    client->in.data, client->in.data + at, client->in.length);
	if (client->in.length == 0 && client->in.capacity > SMALL_BUFFER)
		strbuf_free(&client->in);
	if (client->looked >= RPC_LINE && !client->closing)
		client_refuse(client, RPC_LIMIT, "a line is longer than 1 MiB");
}

/* The descriptors of a message wait for the request that names them. */
static void
take_fds(struct client *client, struct msghdr *message)
{
	struct cmsghdr *header;

	for (header = CMSG_FIRSTHDR(message); header != NULL;
	     header = CMSG_NXTHDR(message, header)) {
		const int *fds = (const void *)CMSG_DATA(header);
		size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (header->cmsg_level != SOL_SOCKET ||
		    header->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			if (client->fd_count < CLIENT_FDS) {
				client->fds[client->fd_count++] = fds[i];
				continue;
			}
			close_sent(fds[i]);
			client_refuse(client, RPC_LIMIT,
			    "more than 16 descriptors wait for a request that "
			    "names them");
		}
	}
	if (message->msg_flags & MSG_CTRUNC)
		client_refuse(client, RPC_LIMIT,
		    "the server cannot take so many descriptors");
}

static ssize_t
receive(struct client *client)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * CLIENT_FDS)];
		struct cmsghdr header;
	} control;
	struct iovec part = { read_buffer, sizeof(read_buffer) };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(
	    client->source.fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n > 0)
		take_fds(client, &message);
	return n;
}

static void
begin_conversation(struct client *client)
{
	struct diag diag = { 0 };

	if (client->server->stopping)
		client_refuse(client, RPC_CLOSING, "the server is stopping");
	else if (job_converse(client, &diag) < 0)
		client_refuse(client, RPC_LIMIT, diag.text);
}

/* The last line needs no newline: nothing more can come of it. */
static void
end_input(struct client *client)
{
	client->ended = true;
	if (client->converses || client->in.length == 0)
		return;
	strbuf_putc(&client->in, '\n');
	if (client->in.failed)
		lose(client);
	else
		take_lines(client);
}

static void
read_lines(struct client *client)
{
	ssize_t n = receive(client);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		lose(client);
	if (n == 0)
		end_input(client);
	if (n <= 0)
		return;
	strbuf_add(&client->in, read_buffer, (size_t)n);
	if (client->in.failed) {
		lose(client);
		return;
	}
	/* JSON, or a conversation: the first byte tells. */
	if (!client->begun && client->in.data[0] != '{' &&
	    client->in.data[0] != '[')
		begin_conversation(client);
	client->begun = true;
	if (!client->converses)
		take_lines(client);
}

static void
on_client(struct source *source, uint32_t events)
{
	struct client *client = source->context;

	if (events & EPOLLOUT) {
		flush(client);
		/* Lines that waited until there was room for their answers. */
		if (!client->full)
			take_lines(client);
	}
	if (events & EPOLLIN && !client->closing)
		read_lines(client);
	/* The other end is closed: nobody waits for an answer. */
	if (events & (EPOLLHUP | EPOLLERR))
		lose(client);
	client->server->settle = true;
}

/* Whether there is nothing left to do for it. */
static bool
is_done(const struct client *client)
{
	if (client->gone)
		return true;
	if (client->out.length > client->sent)
		return false;
	return client->closing ||
	       (client->job_count == 0 &&
	           (client->ended || client->server->stopping));
}

void
clients_settle(struct server *server)
{
	struct client *next;

	server->settle = false;
	for (struct client *c = server->clients; c != NULL; c = next) {
		next = c->next;
		if (!is_done(c))
			client_watch(c);
		if (is_done(c))
			client_remove(c);
	}
}

void
clients_lose_stalled(struct server *server)
{
	double since = server_now() - server->options->patience;

	for (struct client *c = server->clients; c != NULL; c = c->next) {
		if (c->stalled == 0 || c->stalled > since)
			continue;
		diag_warn(server->diag,
		    "process %d of user %u does not read: its connection is "
		    "closed",
		    (int)c->peer.pid, (unsigned int)c->peer.uid);
		c->gone = true;
		server->settle = true;
	}
}

void
client_add(struct server *server, int fd, const struct ucred *peer)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL) {
		close(fd);
		return;
	}
	client->server = server;
	client->peer = *peer;
	client->source = (struct source){ fd, 0, on_client, client };
	client->next = server->clients;
	client->link = &server->clients;
	if (client->next != NULL)
		client->next->link = &client->next;
	server->clients = client;
	server->client_count++;
	client_watch(client);
}

void
client_remove(struct client *client)
{
	set_stalled(client, 0);
	jobs_end(client->server, client);
	close_fds(client);
	loop_close(client->server->loop, &client->source);
	strbuf_free(&client->in);
	strbuf_free(&client->out);
	*client->link = client->next;
	if (client->next != NULL)
		client->next->link = client->link;
	client->server->client_count--;
	free(client);
}
