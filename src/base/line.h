/* SPDX-License-Identifier: ISC */
/* Lines from a terminal or a socket, each of a limited length. */
#ifndef BASE_LINE_H
#define BASE_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct line_reader {
	int fd;
	size_t limit; /* bytes of a line, without its end */
	char *bytes;  /* read, and from `start` on not handed out */
	size_t start, length, capacity;
};

/*
 * The next line: 1, *RET_LINE with its length, without its end, valid until the
 * next call; it may hold zero bytes.  0: the end; what stands before it without
 * a "\n" is no line.  -E2BIG: it is longer than the limit, and reading goes on
 * within it; -EINTR: a signal came, nothing is lost; other -errno of read(2).
 */
int line_read(
    struct line_reader *reader, const char **ret_line, size_t *ret_length);
void line_reader_free(struct line_reader *reader);

/* Takes bytes over that were read already: they come first. -ENOMEM. */
int line_reader_feed(
    struct line_reader *reader, const char *bytes, size_t length);

#endif
