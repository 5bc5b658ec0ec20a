/* SPDX-License-Identifier: ISC */
/* Built without libedit: lines are as the terminal makes them. */
#include <errno.h>

#include "cli/terminal.h"

struct editor *
editor_new(struct terminal *terminal)
{
	(void)terminal;
	return NULL;
}

void
editor_free(struct editor *editor)
{
	(void)editor;
}

int
editor_read(struct editor *editor, const struct guide *guide,
    const char **ret_line, size_t *ret_length)
{
	(void)editor;
	(void)guide;
	*ret_line = NULL;
	*ret_length = 0;
	return -ENOTSUP;
}
