/* SPDX-License-Identifier: ISC */
#include "run/known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
add_line(struct known *known, const struct symbols *symbols,
    const struct learned_line *line)
{
	struct known_line *added = &known->lines[known->count];
	struct diag silent = { 0 };
	char *path = NULL;

	*added = (struct known_line){ .permissions = line->permissions,
		.tree = line->kind == LEARNED_LISTED };
	if (line->kind == LEARNED_REFUSED) {
		added->call = line->path;
		known->count++;
		return;
	}
	if (line->kind != LEARNED_LISTED && line->kind != LEARNED_ABSENT)
		return;
	/* A symbol that stands for nothing this time is about nothing. */
	if (symbols_resolve(symbols, line->path, &path, &silent) < 0)
		return;
	added->path = path;
	known->count++;
}

int
known_read(const char *policy, char *const *argv,
    struct known_policy *ret_known, struct diag *diag)
{
	static char cwd[PATH_MAX];
	const struct symbols symbols = { .cwd = getcwd(cwd, sizeof(cwd)),
		.home = getenv("HOME"),
		.argv = argv };
	struct known *known = &ret_known->known;
	char path[PROFILE_PATH];
	struct diag silent = { 0 };

	*ret_known = (struct known_policy){ 0 };
	if (strpbrk(policy, "/.") == NULL && profile_find(policy, path))
		policy = path;
	/* One that was written by hand, with statements for others, says none
	 * of it. */
	if (learned_read(&ret_known->learned, policy, &silent) < 0)
		return 0;
	known->status = ret_known->learned.status;
	known->lines =
	    calloc(ret_known->learned.count + 1, sizeof(*known->lines));
	if (known->lines == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	for (size_t i = 0; i < ret_known->learned.count; i++)
		add_line(known, &symbols, &ret_known->learned.lines[i]);
	return 0;
}

void
known_free(struct known_policy *known)
{
	for (size_t i = 0; i < known->known.count; i++)
		free(known->known.lines[i].path);
	free(known->known.lines);
	learned_free(&known->learned);
}
