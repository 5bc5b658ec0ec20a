/* SPDX-License-Identifier: ISC */
/* What the parts of the server share: clients, and jobs that work for them. */
#ifndef API_SERVER_H
#define API_SERVER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "api/loop.h"
#include "api/methods.h"
#include "api/rpc.h"
#include "api/serve.h"
#include "api/socket.h"
#include "base/diag.h"
#include "base/strbuf.h"

#define CLIENTS     1024
#define CLIENT_FDS  16 /* descriptors that wait for their request */
#define CLIENT_JOBS 64 /* at once, with those that wait for `wait` */
#define QUEUE_FULL  ((size_t)256 * 1024) /* no more is read for a client */
#define QUEUE_EASY  ((size_t)64 * 1024)  /* it is again */
#define JOB_CAPTURE ((size_t)1024 * 1024)

struct server {
	const struct serve_options *options;
	struct diag *diag; /* for warnings */
	pid_t pid;
	int loop;
	struct api_socket socket;
	struct source listener, signals;
	bool activated; /* the socket is not ours to remove */
	gid_t group;    /* SOCKET_NO_GROUP: none */
	int null;       /* /dev/null */
	int reserve;    /* given up to refuse a client when there is no more */
	bool deaf;      /* not even that helps: it is tried again each second */
	struct client *clients;
	size_t client_count;
	bool settle;    /* clients_settle() is to be called */
	size_t stalled; /* how many of them do not read */
	struct job *jobs;
	sigset_t old_mask;       /* a worker's */
	struct rlimit files;     /* a worker's */
	struct ceiling *ceiling; /* NULL: none */
	bool stopping, killed;
	double deadline; /* of stopping, then of waiting for the killed */
};

struct client {
	struct server *server;
	struct client *next, **link;
	struct source source;
	struct ucred peer;
	struct strbuf in; /* an incomplete line */
	size_t looked;    /* of it: there is no end of a line in these bytes */
	struct strbuf out;
	size_t sent; /* of `out` */
	int fds[CLIENT_FDS];
	size_t fd_count;
	size_t job_count;
	double stalled; /* since when it does not read; 0: it does */
	bool begun;     /* its first byte has been seen */
	bool ended;     /* it sends nothing any more */
	bool closing;   /* it is closed when all was sent */
	bool full;      /* nothing is read for it */
	bool converses; /* a process of its own has it */
	bool gone;      /* it is removed as soon as nobody looks at it */
};

/* Seconds of a clock that only goes forward. */
double server_now(void);

/* Takes a connection over, or closes it if memory is out. */
void client_add(struct server *server, int fd, const struct ucred *peer);
/* Ends all that runs for it. */
void client_remove(struct client *client);
/* Queues what BUF holds; what does not fit into memory ends the client. */
void client_send(struct client *client, const struct strbuf *buf);
/* An error, after which the connection is closed. */
void client_refuse(struct client *client, int code, const char *why);
/* Removes those for whom there is nothing left to do. */
void clients_settle(struct server *server);
/* Loses those that have not read for too long. */
void clients_lose_stalled(struct server *server);

void client_answer_error(struct client *client, const struct asked *asked,
    int code, const char *why);
void client_answer(struct client *client, const struct asked *asked,
    const struct strbuf *members);

/* Methods that the server itself answers. */
void answer_methods(struct client *client, const struct asked *asked);
void answer_promises(struct client *client, const struct asked *asked);
void answer_doctor(struct client *client, const struct asked *asked);
void answer_signal(struct client *client, const struct asked *asked);
void answer_wait(struct client *client, const struct asked *asked);

/* One process that works for a client, and what came of it. */
struct job;

/* Starts it, or answers why not. */
void job_start(struct client *client, const struct asked *asked);
/* Starts a guided conversation, of which `in` is the beginning; -errno. */
int job_converse(struct client *client, struct diag *diag);
/* Ends every process of the client's. */
void jobs_end(struct server *server, const struct client *client);
/* Reads for the client's jobs, or does not. */
void jobs_watch(struct server *server, const struct client *client);
/* Waits for processes that have ended. */
void jobs_reap(struct server *server);

#endif
