/* SPDX-License-Identifier: ISC */
#include "policy/calls.h"

#include <string.h>

bool
call_word_next(const char **list, struct call_word *ret_word)
{
	const char *word, *end, *slash;

	word = *list + strspn(*list, " ");
	end = word + strcspn(word, " ");
	if (word == end)
		return false;
	*list = end;
	slash = memchr(word, '/', (size_t)(end - word));
	*ret_word = (struct call_word){ .name = word,
		.length = (size_t)((slash != NULL ? slash : end) - word) };
	if (slash != NULL) {
		ret_word->condition = slash + 1;
		ret_word->condition_length = (size_t)(end - slash - 1);
	}
	return true;
}

/* strcmp(row, word of LENGTH bytes). */
static int
compare_name(const char *row, const char *word, size_t length)
{
	int order;

	if (length == 0) /* a word without a slash: no name to compare */
		return *row == '\0' ? 0 : 1;
	order = strncmp(row, word, length);
	if (order != 0)
		return order;
	return row[length] == '\0' ? 0 : 1;
}

static const struct condition *
find_row(const char *word, size_t length)
{
	size_t low = 0, high = condition_row_count, middle;
	int order;

	while (low < high) {
		middle = (low + high) / 2;
		order = compare_name(condition_rows[middle].name, word, length);
		if (order == 0)
			return &condition_rows[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct condition *
condition_find(const struct call_word *word)
{
	const struct condition *row;

	row = find_row(word->name, word->length + 1 + word->condition_length);
	if (row == NULL)
		row = find_row(word->condition, word->condition_length);
	return row;
}
