/* SPDX-License-Identifier: ISC */
#include "api/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/base64.h"
#include "api/worker.h"
#include "base/cleanup.h"
#include "base/suggest.h"
#include "base/table.h"
#include "supervise/family.h"

/* What a dead process can have left in a pipe or a socket. */
#define LAST_READS 64

static struct job *
find_job(const struct client *client, const char *id)
{
	for (struct job *job = client->server->jobs; job; job = job->next)
		if (job->client == client && !job->converses &&
		    job->method->runs && strcmp(job->id, id) == 0)
			return job;
	return NULL;
}

static void
close_theirs(struct job *job)
{
	for (size_t i = 0; i < JOB_ENDS; i++) {
		cleanup_close_fd(&job->theirs[i]);
		job->theirs[i] = -1;
	}
}

static void
job_free(struct job *job)
{
	int loop = job->server->loop;

	close_theirs(job);
	loop_close(loop, &job->control);
	loop_close(loop, &job->input);
	for (size_t i = 0; i < JOB_OUTPUTS; i++) {
		loop_close(loop, &job->outputs[i].source);
		strbuf_free(&job->outputs[i].kept);
	}
	strbuf_free(&job->heard);
	strbuf_free(&job->warnings);
	strbuf_free(&job->result);
	strbuf_free(&job->feed);
	if (job->link != NULL) {
		*job->link = job->next;
		if (job->next != NULL)
			job->next->link = job->link;
	}
	if (job->client != NULL)
		job->client->job_count--;
	free(job);
}

static void
on_control(struct source *source, uint32_t events)
{
	(void)events;
	job_listen(source->context);
}

static void
on_output(struct source *source, uint32_t events)
{
	struct gather *gather = source->context;

	(void)events;
	job_gather(gather);
}

static void
on_input(struct source *source, uint32_t events)
{
	struct job *job = source->context;
	ssize_t n = -1;

	if (events & EPOLLOUT)
		n = write(source->fd, job->feed.data + job->fed,
		    job->feed.length - job->fed);
	if (n < 0 && (errno == EAGAIN || errno == EINTR) && events & EPOLLOUT)
		return;
	if (n > 0)
		job->fed += (size_t)n;
	if (n < 0 || job->fed == job->feed.length) {
		loop_close(job->server->loop, source);
		strbuf_free(&job->feed);
	}
}

static struct job *
job_new(struct client *client)
{
	static const char *const names[JOB_OUTPUTS] = { "stdout", "stderr" };
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	job->server = client->server;
	job->client = client;
	job->control = (struct source){ -1, 0, on_control, job };
	job->input = (struct source){ -1, 0, on_input, job };
	for (size_t i = 0; i < JOB_ENDS; i++)
		job->theirs[i] = -1;
	for (size_t i = 0; i < JOB_OUTPUTS; i++) {
		job->outputs[i].source =
		    (struct source){ -1, 0, on_output, &job->outputs[i] };
		job->outputs[i].job = job;
		job->outputs[i].name = names[i];
	}
	client->job_count++;
	return job;
}

static void
job_ask(struct job *job, const struct asked *asked)
{
	job->method = asked->method;
	job->capture = field_size(asked, FIELD_CAPTURE, JOB_CAPTURE);
	memcpy(job->id, asked->request->id, RPC_ID_SIZE);
	memcpy(job->waiter, asked->request->id, RPC_ID_SIZE);
	job->awaited = asked->request->has_id;
}

static void
add_job(struct job *job)
{
	struct server *server = job->server;

	job->next = server->jobs;
	job->link = &server->jobs;
	if (job->next != NULL)
		job->next->link = &job->next;
	server->jobs = job;
}

/* Keeps the ends of what we read, while descriptors are plenty: it saves time,
 * but further runs must not fail for it. */
static void
keep_theirs(struct job *job, struct work *work)
{
	if ((rlim_t)work->control >= job->server->files.rlim_max / 4)
		return;
	for (size_t i = 0; i < JOB_OUTPUTS; i++)
		if (job->outputs[i].source.fd >= 0)
			job->theirs[i] = take_fd(&work->stdio[i + 1]);
	job->theirs[JOB_OUTPUTS] = take_fd(&work->control);
}

/* Closes what only the worker needs. */
static void
close_work(struct work *work)
{
	for (size_t i = 0; i < ARRAY_SIZE(work->stdio); i++)
		cleanup_close_fd(&work->stdio[i]);
	cleanup_close_fd(&work->control);
}

static int
take_sent(const struct client *client, size_t index, struct diag *diag)
{
	int fd;

	if (index >= client->fd_count)
		return diag_set(diag, EBADF,
		    "{\"fd\": %zu}: %zu descriptors came with the request",
		    index, client->fd_count);
	fd = fcntl(client->fds[index], F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? diag_errno(diag, "a descriptor") : fd;
}

/* A pipe of which OURS does not block; *RET_THEIRS is the worker's. */
static int
open_pipe(int ours, int *ret_ours, int *ret_theirs, struct diag *diag)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return diag_errno(diag, "a pipe");
	*ret_ours = ends[ours];
	*ret_theirs = ends[!ours];
	if (fcntl(ends[ours], F_SETFL, O_NONBLOCK) < 0)
		return diag_errno(diag, "a pipe");
	return 0;
}

static int
open_input(struct job *job, const struct asked *asked, struct work *work,
    struct diag *diag)
{
	struct stream stream = field_stream(asked, FIELD_STDIN);
	const struct json *bytes = stream.bytes;

	if (stream.kind == STREAM_FD) {
		work->stdio[0] = take_sent(job->client, stream.fd, diag);
		return work->stdio[0];
	}
	if (bytes == NULL)
		return 0;
	if (stream.kind == STREAM_TEXT)
		strbuf_add(&job->feed, bytes->text, bytes->length);
	else
		base64_read(&job->feed, bytes->text, bytes->length);
	if (job->feed.failed)
		return diag_set(diag, ENOMEM, "out of memory");
	return open_pipe(1, &job->input.fd, &work->stdio[0], diag);
}

static int
open_output(struct job *job, const struct asked *asked, struct work *work,
    size_t index, struct diag *diag)
{
	enum field field = index == 0 ? FIELD_STDOUT : FIELD_STDERR;
	struct stream stream = field_stream(asked, field);
	struct gather *gather = &job->outputs[index];
	int *theirs = &work->stdio[index + 1];

	gather->kind = stream.kind;
	if (stream.kind == STREAM_NULL)
		return 0;
	if (stream.kind != STREAM_FD)
		return open_pipe(0, &gather->source.fd, theirs, diag);
	*theirs = take_sent(job->client, stream.fd, diag);
	return *theirs < 0 ? *theirs : 0;
}

static int
open_control(struct job *job, struct work *work, struct diag *diag)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return diag_errno(diag, "a socket to the worker");
	job->control.fd = sockets[0];
	work->control = sockets[1];
	return 0;
}

static int
open_streams(struct job *job, const struct asked *asked, struct work *work,
    struct diag *diag)
{
	int r = open_control(job, work, diag);

	if (r < 0 || !asked->method->runs)
		return r;
	r = open_input(job, asked, work, diag);
	for (size_t i = 0; r >= 0 && i < JOB_OUTPUTS; i++)
		r = open_output(job, asked, work, i, diag);
	return r < 0 ? r : 0;
}

static int
job_fork(struct job *job, struct work *work, struct diag *diag)
{
	job->pid = fork();
	if (job->pid == 0 && job->converses)
		worker_converse(work);
	if (job->pid == 0)
		worker_run(work);
	if (job->pid < 0)
		return diag_errno(diag, "fork");
	return 0;
}

/* What keeps it from being started: an enum rpc_code, or 0. */
static int
refuse_job(
    const struct client *client, const struct asked *asked, struct diag *diag)
{
	if (client->server->stopping) {
		diag_set(diag, ECANCELED, "the server is stopping");
		return RPC_CLOSING;
	}
	if (client->job_count == CLIENT_JOBS) {
		diag_set(diag, E2BIG,
		    "%d requests of this client are being worked on, or wait "
		    "for \"wait\"",
		    CLIENT_JOBS);
		return RPC_LIMIT;
	}
	if (!asked->method->runs)
		return 0;
	if (!asked->request->has_id ||
	    strcmp(asked->request->id, "null") == 0) {
		diag_set(diag, EINVAL, "a run needs an id");
		return RPC_INVALID;
	}
	if (find_job(client, asked->request->id) != NULL) {
		diag_set(diag, EEXIST, "a run of this id is there already");
		return RPC_INVALID;
	}
	return 0;
}

/* wait: false: the end is asked for later. */
static void
answer_begun(struct job *job, const struct asked *asked)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	if (field_bool(asked, FIELD_WAIT, true))
		return;
	job->awaited = false;
	strbuf_printf(&buf, "\"run\": %s", job->id);
	client_answer(job->client, asked, &buf);
}

void
job_start(struct client *client, const struct asked *asked)
{
	struct work work = { asked, client->server, client, { -1, -1, -1 },
		-1 };
	struct diag diag = { 0 };
	struct job *job;
	int code = refuse_job(client, asked, &diag);

	if (code != 0) {
		client_answer_error(client, asked, code, diag.text);
		return;
	}
	job = job_new(client);
	if (job == NULL) {
		client_answer_error(
		    client, asked, RPC_INTERNAL, "out of memory");
		return;
	}
	job_ask(job, asked);
	if (open_streams(job, asked, &work, &diag) < 0 ||
	    job_fork(job, &work, &diag) < 0) {
		client_answer_error(client, asked, RPC_LIMIT, diag.text);
		close_work(&work);
		job_free(job);
		return;
	}
	keep_theirs(job, &work);
	close_work(&work);
	add_job(job);
	answer_begun(job, asked);
	loop_watch(client->server->loop, &job->input, EPOLLOUT);
	jobs_watch(client->server, client);
}

/* The client's socket is the process's from now on; ours is closed when that
 * has ended. */
int
job_converse(struct client *client, struct diag *diag)
{
	static const struct asked nothing;
	struct work work = { &nothing, client->server, client,
		{ client->source.fd, -1, -1 }, -1 };
	struct job *job = job_new(client);
	int r;

	if (job == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	job->converses = job->parent = true;
	r = open_control(job, &work, diag);
	if (r == 0)
		r = job_fork(job, &work, diag);
	cleanup_close_fd(&work.control);
	if (r < 0) {
		job_free(job);
		return r;
	}
	client->converses = true;
	strbuf_free(&client->in);
	loop_watch(client->server->loop, &client->source, 0);
	add_job(job);
	return loop_watch(client->server->loop, &job->control, EPOLLIN);
}

void
jobs_watch(struct server *server, const struct client *client)
{
	uint32_t events = client->full ? 0 : EPOLLIN;

	for (struct job *job = server->jobs; job != NULL; job = job->next) {
		if (job->client != client || job->ended)
			continue;
		loop_watch(server->loop, &job->control, events);
		for (size_t i = 0; i < JOB_OUTPUTS; i++)
			loop_watch(server->loop, &job->outputs[i].source,
			    job->outputs[i].kind == STREAM_STREAM ? events
			                                          : EPOLLIN);
	}
}

/* One that stays ends what it runs; one that became the command is killed. */
static void
job_kill(struct job *job)
{
	if (job->ended)
		return;
	job->killed = true;
	job_listen(job);
	if (job->parent && job->control.fd >= 0) {
		shutdown(job->control.fd, SHUT_WR);
		/* What it watches may not be held back from stopping it. */
		kill(job->pid, SIGCONT);
	}
	if (!job->parent)
		kill(job->pid, SIGKILL);
}

void
jobs_end(struct server *server, const struct client *client)
{
	struct job *next;

	for (struct job *job = server->jobs; job != NULL; job = next) {
		next = job->next;
		if (client != NULL && job->client != client)
			continue;
		job_kill(job);
		if (client == NULL)
			continue;
		job->client = NULL;
		/* Nobody reads it any more: who writes must not wait. */
		loop_close(server->loop, &job->control);
		loop_close(server->loop, &job->input);
		for (size_t i = 0; i < JOB_OUTPUTS; i++)
			loop_close(server->loop, &job->outputs[i].source);
		if (job->ended)
			job_free(job);
	}
}

static void
job_answer(struct job *job)
{
	cleanup_strbuf struct strbuf buf = { 0 }, line = { 0 };

	if (job->client == NULL || !job->awaited)
		return;
	if (job->code != 0) {
		rpc_write_error_text(&line, job->waiter, job->code,
		    job->result.failed ? "\"out of memory\""
		                       : job->result.data);
	} else {
		job_describe_end(job, &buf);
		rpc_write_result(&line, job->waiter, buf.data);
		line.failed |= buf.failed;
	}
	client_send(job->client, &line);
}

/* A worker that has to answer, and did not. */
static void
check_end(struct job *job)
{
	if (job->code != 0 || job->killed || job->result.length > 0 ||
	    (job->method->runs && !job->parent))
		return;
	job->code = RPC_INTERNAL;
	if (WIFSIGNALED(job->status))
		strbuf_printf(&job->result,
		    "\"its worker was ended by signal %d\"",
		    WTERMSIG(job->status));
	else
		strbuf_puts(&job->result, "\"its worker failed\"");
}

/* It is dead: what it left behind is read, and answered. */
static void
job_end(struct job *job, int status)
{
	job->status = status;
	for (int i = 0; i < LAST_READS && job_listen(job); i++)
		continue;
	close_theirs(job);
	loop_close(job->server->loop, &job->control);
	loop_close(job->server->loop, &job->input);
	for (size_t i = 0; i < JOB_OUTPUTS; i++) {
		struct gather *gather = &job->outputs[i];
		int reads = 0;

		while (reads < LAST_READS && job_gather(gather))
			reads++;
		job_gather_end(gather);
		loop_close(job->server->loop, &gather->source);
	}
	job->ended = true;
	job->server->settle = true;
	if (job->converses) {
		if (job->client != NULL)
			job->client->gone = true;
		job_free(job);
		return;
	}
	check_end(job);
	if (job->client != NULL && !job->awaited)
		return;
	job_answer(job);
	job_free(job);
}

static bool
is_job(void *context, pid_t pid)
{
	const struct server *server = context;

	for (const struct job *job = server->jobs; job; job = job->next)
		if (job->pid == pid && !job->ended)
			return true;
	return false;
}

void
jobs_reap(struct server *server)
{
	bool strays = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct job *job = server->jobs;

		while (job != NULL && (job->pid != pid || job->ended))
			job = job->next;
		/* One that could not end what it ran: that has come to us, and
		 * what those ran comes when they end. */
		strays |= job == NULL || (job->parent && WIFSIGNALED(status));
		if (job != NULL)
			job_end(job, status);
	}
	if (strays)
		family_kill_children(is_job, server);
}

static const struct signal_row {
	const char *name;
	int number;
} signal_rows[] = {
	{ "TERM", SIGTERM },
	{ "KILL", SIGKILL },
	{ "INT", SIGINT },
	{ "HUP", SIGHUP },
	{ "QUIT", SIGQUIT },
	{ "USR1", SIGUSR1 },
	{ "USR2", SIGUSR2 },
	{ "ALRM", SIGALRM },
	{ "CONT", SIGCONT },
	{ "WINCH", SIGWINCH },
};

static const struct signal_row *
find_signal(const char *name, struct diag *diag)
{
	struct suggest suggest = { .wanted = name };

	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 0; i < ARRAY_SIZE(signal_rows); i++) {
		if (strcmp(signal_rows[i].name, name) == 0)
			return &signal_rows[i];
		suggest_consider(&suggest, signal_rows[i].name);
	}
	diag_set(diag, EINVAL,
	    "signal: \"%.20s\" is none of TERM KILL INT HUP QUIT USR1 USR2 "
	    "ALRM CONT WINCH%s",
	    name, suggest_text(&suggest));
	return NULL;
}

/* The run that is named; or it is answered that there is none. */
static struct job *
asked_job(struct client *client, const struct asked *asked)
{
	char id[RPC_ID_SIZE];
	struct job *job = NULL;

	if (rpc_id(asked->values[FIELD_RUN], id) == 0)
		job = find_job(client, id);
	if (job == NULL)
		client_answer_error(client, asked, RPC_NO_RUN,
		    "no run of this connection has that id, or it has been "
		    "answered");
	return job;
}

void
answer_signal(struct client *client, const struct asked *asked)
{
	static const struct strbuf nothing;
	struct diag diag = { 0 };
	const struct signal_row *row =
	    find_signal(field_text(asked, FIELD_SIGNAL), &diag);
	struct job *job;

	if (row == NULL) {
		client_answer_error(client, asked, RPC_PARAMS, diag.text);
		return;
	}
	job = asked_job(client, asked);
	if (job == NULL)
		return;
	if (job->ended) {
		client_answer_error(
		    client, asked, RPC_NO_RUN, "that run has ended");
		return;
	}
	if (row->number == SIGKILL)
		job_kill(job);
	else
		kill(job->pid, row->number);
	client_answer(client, asked, &nothing);
}

void
answer_wait(struct client *client, const struct asked *asked)
{
	struct job *job = asked_job(client, asked);

	if (job == NULL)
		return;
	if (job->awaited) {
		client_answer_error(client, asked, RPC_INVALID,
		    "that run is waited for already");
		return;
	}
	/* A notification waits for nothing. */
	if (!asked->request->has_id)
		return;
	memcpy(job->waiter, asked->request->id, RPC_ID_SIZE);
	job->awaited = true;
	if (!job->ended)
		return;
	job_answer(job);
	job_free(job);
}
