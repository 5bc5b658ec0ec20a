/* SPDX-License-Identifier: ISC */
#include "actions/profiles.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "policy/policy.h"

static void
list_directory(const char *directory, struct strbuf *buf)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		size_t length = strlen(name);

		if (length > 7 && strcmp(name + length - 7, ".policy") == 0)
			length -= 7;
		if (name[0] != '.') {
			strbuf_printf(
			    buf, "%-20.*s %s/", (int)length, name, directory);
			quote_terminal(buf, name);
			strbuf_putc(buf, '\n');
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

int
profiles_describe(const char *name, struct strbuf *buf, struct diag *diag)
{
	struct policy policy = { 0 };
	char directory[PATH_MAX];
	int r;

	if (name == NULL) {
		for (size_t i = 0; profile_directory(i, directory); i++)
			list_directory(directory, buf);
		return 0;
	}
	r = policy_include(&policy, name, diag);
	if (r == 0)
		policy_write(&policy, buf);
	policy_free(&policy);
	return r;
}
