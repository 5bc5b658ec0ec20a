/* SPDX-License-Identifier: ISC */
/* A person at a terminal: text out, lines in, the terminal left as it was. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

#include "base/line.h"
#include "base/signals.h"
#include "guide/guide.h"

struct editor; /* lines edited and completed, where libedit is */

struct terminal {
	struct termios settings; /* as they were */
	bool has_settings;
	struct signals signals;
	int ended_by; /* the signal that wants the end; 0: none yet */
	struct line_reader reader;
	struct editor *editor; /* NULL: plain lines */
};

/*
 * Reads from standard input, writes to standard error.  The signals that end a
 * program are waited for from now on.
 */
int terminal_open(struct terminal *terminal, struct diag *diag);
void terminal_close(struct terminal *terminal);

/* As it was, whatever a command did to it. */
void terminal_restore(const struct terminal *terminal);

void terminal_put(const struct strbuf *text);

/*
 * Asks for GUIDE's next line and gives it: 1; 0: end of input, or the terminal
 * is gone, or `ended_by` says why.
 */
int terminal_ask(struct terminal *terminal, struct guide *guide);

/* Waits until FD can be read: 1; 0: `ended_by` is set; -EAGAIN: the terminal
 * was resized, or it is ours again. */
int terminal_wait(struct terminal *terminal, int fd);

/* edit.c, or edit_none.c, whose editor_new() gives NULL. */
struct editor *editor_new(struct terminal *terminal);
void editor_free(struct editor *editor);
/* As line_read(). */
int editor_read(struct editor *editor, const struct guide *guide,
    const char **ret_line, size_t *ret_length);

#endif
