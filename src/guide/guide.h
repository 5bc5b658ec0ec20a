/* SPDX-License-Identifier: ISC */
/*
 * The guided conversation, from a bare command to a confined one: a table of
 * questions.  It reads no terminal and starts no process, so that every front
 * end shares it, and there may be any number at once:
 *
 *	guide_new(&request, &guide, diag);
 *	for (;;) {
 *		guide_take_text(guide, &buf);      show it as it is
 *		switch (guide_want(guide)) {
 *		case GUIDE_ANSWER:                 show guide_prompt(), too
 *			guide_answer(guide, line, length);
 *			continue;
 *		case GUIDE_SAVE:
 *			guide_save(guide);
 *			continue;
 *		case GUIDE_WATCH:
 *		case GUIDE_RUN:                    act.h: a child process
 *			act_begin(&act, guide, &stage, diag);
 *			... waitpid(act.pid, &status, 0) ...
 *			act_end(&act, guide, status);
 *			continue;
 *		case GUIDE_END:
 *			return guide_status(guide);
 *		}
 *	}
 *
 * Whoever has read a line gives it, whatever it holds.  When the other side is
 * gone, guide_free() is all there is to do: nothing was run that was not asked
 * for.  What is shown is harmless on a terminal, has 80 columns and ends its
 * lines with "\n".
 */
#ifndef GUIDE_GUIDE_H
#define GUIDE_GUIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "kernel/machine.h"
#include "policy/policy.h"

struct guide;

struct guide_request {
	char *const *argv; /* copied; NULL: the first question is the command */
	const struct machine *machine; /* copied: machine_probe()'s */
	const char *lead; /* of command lines: "seccomp-pledge run" */
	/* Where it begins: what is chosen unless it is changed; NULL. */
	const struct policy *policy;
	/* What the watched run obeys, which must outlive the conversation;
	 * NULL: it is unconfined. */
	const struct policy *ceiling;
	/* Why the command cannot be watched here, a sentence's part, which must
	 * outlive it as well; NULL: it can. */
	const char *unwatched;
};

int guide_new(const struct guide_request *request, struct guide **ret_guide,
    struct diag *diag);
void guide_free(struct guide *guide);

enum guide_want {
	GUIDE_ANSWER, /* a line */
	GUIDE_WATCH,  /* the command, run once and watched, unconfined */
	GUIDE_SAVE,   /* a file written */
	GUIDE_RUN,    /* the command, run under the policy */
	GUIDE_END,    /* nothing more */
};
enum guide_want guide_want(const struct guide *guide);

/* What there is to be shown since the last time is added to BUF. */
void guide_take_text(struct guide *guide, struct strbuf *buf);

/* What asks for a line: "promises> ". */
const char *guide_prompt(const struct guide *guide);

/* The longest line that is looked at; longer ones are wrong answers. */
#define GUIDE_LINE_LIMIT ((size_t)64 << 10)

/* A line without its end; any bytes. */
void guide_answer(struct guide *guide, const char *line, size_t length);

/* Writes the file that is wanted, or says why it cannot be. */
void guide_save(struct guide *guide);

/*
 * The exit status: of the command that ran last, confined; 0: none did, as was
 * asked for.
 */
int guide_status(const struct guide *guide);
/* Whether the command was run at all, watched or confined. */
bool guide_has_run(const struct guide *guide);

/*
 * What may stand in an answer to this question, for completion: the INDEXth
 * word, NULL behind the last; and whether paths may.
 */
const char *guide_word(const struct guide *guide, size_t index);
bool guide_takes_path(const struct guide *guide);

#endif
