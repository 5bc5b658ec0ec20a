/* SPDX-License-Identifier: ISC */
#include "base/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 4096

static int
make_room(struct line_reader *reader, size_t count)
{
	size_t capacity = reader->capacity;
	char *more;

	if (reader->start > 0) {
		memmove(reader->bytes, reader->bytes + reader->start,
		    reader->length - reader->start);
		reader->length -= reader->start;
		reader->start = 0;
	}
	if (capacity - reader->length >= count)
		return 0;
	capacity = capacity * 2 + count;
	more = realloc(reader->bytes, capacity);
	if (more == NULL)
		return -ENOMEM;
	reader->bytes = more;
	reader->capacity = capacity;
	return 0;
}

int
line_reader_feed(struct line_reader *reader, const char *bytes, size_t length)
{
	int r = make_room(reader, length);

	if (r < 0)
		return r;
	memcpy(reader->bytes + reader->length, bytes, length);
	reader->length += length;
	return 0;
}

/* Whether a whole line is there. */
static bool
take_line(struct line_reader *reader, const char **ret_line, size_t *ret_length)
{
	size_t count = reader->length - reader->start;
	char *end = NULL;

	if (count > 0)
		end = memchr(reader->bytes + reader->start, '\n', count);
	if (end == NULL)
		return false;
	*ret_line = reader->bytes + reader->start;
	*ret_length = (size_t)(end - *ret_line);
	reader->start += *ret_length + 1;
	return true;
}

int
line_read(struct line_reader *reader, const char **ret_line, size_t *ret_length)
{
	ssize_t n;
	int r;

	while (!take_line(reader, ret_line, ret_length)) {
		if (reader->length - reader->start > reader->limit) {
			reader->start = reader->length;
			return -E2BIG;
		}
		r = make_room(reader, PIECE);
		if (r < 0)
			return r;
		n = read(reader->fd, reader->bytes + reader->length, PIECE);
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		reader->length += (size_t)n;
	}
	return *ret_length > reader->limit ? -E2BIG : 1;
}

void
line_reader_free(struct line_reader *reader)
{
	free(reader->bytes);
	*reader = (struct line_reader){ .fd = -1 };
}
