/* SPDX-License-Identifier: ISC */
/*
 * The account of a run: what was denied, as it happens; and at its end, when it
 * is known what the programs did next, all of it with what would allow it.
 */
#ifndef JUDGE_ACCOUNT_H
#define JUDGE_ACCOUNT_H

#include "judge/made.h"
#include "judge/outcome.h"
#include "report/suggestion.h"

/* Where the words go: a line each, without its end. */
struct explain_output {
	void (*line)(void *context, const char *text);
	void *context;
	bool json;
	bool quiet; /* nothing, if nothing was denied */
};

struct account {
	const struct explain_output *output;
	struct denials denials;
	struct denials ordinary; /* what ordinary permissions refused */
	struct outcomes outcomes;
	struct made made;
	bool failed; /* the command: so what came before may be the reason */
	/* With which the command fails where nothing is refused; 0: with none.
	 */
	int known_status;
	bool blind;   /* denials of paths cannot be seen */
	bool unheard; /* nor those of compiled programs, which are there */
};

/* A denial to a process. */
void account_denied(
    struct account *account, pid_t process, const struct denial *denial);

/* CALL was refused before: told and counted again.  False: it was not. */
bool account_again(
    struct account *account, pid_t process, pid_t tid, const char *call);

/* Not the policy refuses it: `ordinary` says what does. */
void account_ordinary(
    struct account *account, pid_t process, const struct denial *denial);

/* A process of the command, or the command itself, has ended. */
void account_ended(struct account *account, pid_t process, int status);

/*
 * The run is over: STATUS is the command's exit status, 128 + n by signal n.
 * BROKEN_OFF: by us, not by itself.  Once.
 */
void account_close(struct account *account, int status, bool broken_off);

/* Then: whether anything was denied that matters. */
bool account_found(const struct account *account);

/* Then: the summary. */
void account_summary(
    const struct account *account, const struct suggestion_request *request);

void account_free(struct account *account);

#endif
