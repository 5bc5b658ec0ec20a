/* SPDX-License-Identifier: ISC */
/*
 * Writing a foreign word (a path, an argument) so that it reads back equal and
 * can do nothing where it is read.
 */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

/* For a policy file: bare, or in "..." with C escapes. */
void quote_word(struct strbuf *buf, const char *text);

/* The byte that the escape at *TEXT, behind its backslash, means, or -1. */
int unquote_escape(const char **text);

/* For bash, dash, busybox sh and zsh alike: bare, or in '...', or, where it is
 * not printable ASCII, in "$(printf '...')", on one line in any case. */
void quote_shell(struct strbuf *buf, const char *text);

/* For a terminal: control bytes and broken UTF-8 as \ooo. */
void quote_terminal(struct strbuf *buf, const char *text);

/* For people, LENGTH bytes of anything in "..." with C escapes, harmless on a
 * terminal.  A NUL must stand somewhere behind them. */
void quote_bytes(struct strbuf *buf, const char *bytes, size_t length);

/* Whether the UTF-8 character of LENGTH bytes at TEXT is a C1 control or one of
 * the marks that reorder a line's text (U+202A-E, U+2066-9). */
bool quote_is_sly(const char *text, size_t length);

/* The length of the well-formed UTF-8 character at TEXT, 0 if there is none. */
size_t utf8_length(const char *text);

/* Whether LENGTH bytes are that, without a NUL; they need none behind them. */
bool utf8_is_text(const char *bytes, size_t length);

#endif
