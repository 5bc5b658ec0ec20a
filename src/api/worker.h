/* SPDX-License-Identifier: ISC */
/*
 * The process that works for a client: it becomes the client's user, and then
 * reads what the request names, and runs what it asks for.
 */
#ifndef API_WORKER_H
#define API_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "api/methods.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "launch/implied.h"

/* What a worker says: a letter, and JSON on one line. */
enum {
	REPORT_WARNING = 'w', /* a string */
	REPORT_EVENT = 'e',   /* an object */
	REPORT_RESULT = 'r',  /* members */
	REPORT_ERROR = 'x',   /* a code, a blank, and a string */
	REPORT_STATUS = 's',  /* members: the command has ended */
	REPORT_PARENT = 'p',  /* nothing: it stays, and ends what it runs */
};

struct work {
	const struct asked *asked;
	const struct server *server;
	const struct client *client;
	int stdio[3]; /* become 0, 1 and 2; -1: /dev/null */
	int control;  /* to the server */
	bool refused; /* it was the ceiling */
	bool foreign; /* it has become another user than the server's */
};
#define WORKER_CONTROL 3

/* In the child of fork(2): does the work, and ends. */
void worker_run(struct work *work) __attribute__((noreturn));

/* In the child of fork(2), whose stdio[0] is the client: leads it to the end.
 */
void worker_converse(struct work *work) __attribute__((noreturn));

/* Says it to the server, or ends: nobody is there any more. */
void work_report(const struct work *work, char kind, const struct strbuf *buf);
/* An error, of a code of rpc.h; the exit status. */
int work_fail(const struct work *work, int code, const struct diag *diag);
/* A diag's `warn`; its context is the work. */
void work_report_warning(void *context, const char *text);
/* What a command is asked about its paths under the ceiling: run.inspect. */
int work_inspect(
    void *context, const struct launch_paths *paths, struct diag *diag);
/* The command, or NULL and a sentence. */
char **work_argv(const struct asked *asked, struct diag *diag);

int work_profiles(struct work *work);
int work_check(struct work *work);
int work_resolve(struct work *work);
int work_run(struct work *work);
int work_explain(struct work *work);
int work_trace(struct work *work);
int work_learn(struct work *work);

#endif
