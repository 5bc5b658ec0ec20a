/* SPDX-License-Identifier: ISC */
/* A process that works for a client, and what has come of it so far. */
#ifndef API_JOB_H
#define API_JOB_H

#include "api/server.h"

/* Output that the server reads. */
struct gather {
	struct source source;
	struct job *job;
	const char *name; /* "stdout" */
	enum stream_kind kind;
	struct strbuf kept; /* captured; or the beginning of a character */
	size_t lost;        /* bytes that were read and not kept */
};
#define JOB_OUTPUTS 2
#define JOB_ENDS    (JOB_OUTPUTS + 1)

struct job {
	struct job *next, **link;
	struct server *server;
	struct client *client; /* NULL: it is gone */
	const struct method *method;
	char id[RPC_ID_SIZE];     /* of the request that began it */
	char waiter[RPC_ID_SIZE]; /* of the one that is answered at the end */
	bool awaited;             /* there is one */
	pid_t pid;
	bool ended;  /* reaped, and all is read */
	bool parent; /* it ends what it runs when `control` is shut */
	bool killed; /* by us */
	bool converses;
	int status;     /* wait(2)'s */
	size_t capture; /* how much of each output is kept */
	struct source control;
	/* The worker's ends of what is read, or -1: while they are open here
	 * too, its end comes once, by SIGCHLD, and not by each of them. */
	int theirs[JOB_ENDS];
	struct strbuf heard; /* an incomplete line from there */
	struct strbuf warnings, result;
	int code; /* of an error, whose text is `result` */
	struct gather outputs[JOB_OUTPUTS];
	struct source input;
	struct strbuf feed; /* goes there */
	size_t fed;
};

/* Reads what the process has said next: false, there is nothing now. */
bool job_listen(struct job *job);

/* Reads an output's next bytes: false, there are none now. */
bool job_gather(struct gather *gather);
/* What is left of it goes out. */
void job_gather_end(struct gather *gather);

/* The members of what answers a run. */
void job_describe_end(const struct job *job, struct strbuf *buf);

#endif
