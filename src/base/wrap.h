/* SPDX-License-Identifier: ISC */
#ifndef BASE_WRAP_H
#define BASE_WRAP_H

#include <stddef.h>

#include "base/strbuf.h"

#define WRAP_WIDTH 79 /* columns: the last of 80 stays empty */

/*
 * Adds TEXT, which begins at column INDENT, broken at blanks so that no line
 * passes WRAP_WIDTH; further lines are indented as much.  Ends the line.
 */
void wrap_text(struct strbuf *buf, const char *text, size_t indent);

#endif
