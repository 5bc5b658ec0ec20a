/* SPDX-License-Identifier: ISC */
/*
 * Patterns of paths, when a run starts: *, ? and [...] within a name, as
 * glob(7) has them, and the name @UID, which is the user's number.
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/strbuf.h"
#include "policy/policy.h"

#define MATCHES 512 /* of all patterns */

static const char glob_letters[] = "*?[";

/* Whether LENGTH bytes at NAME, between slashes, stand for others. */
static bool
is_glob(const char *name, size_t length)
{
	return strcspn(name, glob_letters) < length;
}

static bool
is_uid(const char *name, size_t length)
{
	return length == 4 && strncmp(name, "@UID", 4) == 0;
}

bool
path_is_pattern(const char *path)
{
	for (const char *at = path; *at != '\0'; at++) {
		size_t length = strcspn(at, "/");

		if (is_glob(at, length) || (at > path && is_uid(at, length)))
			return true;
		at += length;
		if (*at == '\0')
			break;
	}
	return false;
}

struct expander {
	struct policy *to;
	const struct unveil *unveil;
	size_t matches;
	struct diag *diag;
	char path[PATH_MAX]; /* as far as it is known */
};

static int walk(struct expander *expander, size_t length, const char *rest);

static int
take_match(struct expander *expander)
{
	struct unveil match = *expander->unveil;

	match.path = expander->path;
	match.pattern = false;
	match.optional = true;
	if (++expander->matches > MATCHES)
		return diag_set(expander->diag, E2BIG,
		    "unveil %s: it matches more than %d paths",
		    expander->unveil->path, MATCHES);
	return policy_add(expander->to, &match, expander->diag);
}

/* Adds a name to the path, and goes on. */
static int
walk_name(struct expander *expander, size_t length, const char *name,
    size_t name_length, const char *rest)
{
	if (length + name_length + 2 > sizeof(expander->path))
		return 0; /* no such path can be */
	expander->path[length] = '/';
	memcpy(expander->path + length + 1, name, name_length);
	expander->path[length + 1 + name_length] = '\0';
	return walk(expander, length + 1 + name_length, rest);
}

static int
walk_matching(struct expander *expander, size_t length, const char *pattern,
    const char *rest)
{
	struct dirent **entries = NULL;
	int count, r = 0;

	expander->path[length] = '\0';
	count = scandir(
	    length == 0 ? "/" : expander->path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		if (r == 0 && strcmp(name, ".") != 0 &&
		    strcmp(name, "..") != 0 &&
		    fnmatch(pattern, name, FNM_PERIOD | FNM_NOESCAPE) == 0)
			r = walk_name(
			    expander, length, name, strlen(name), rest);
		free(entries[i]);
	}
	free((void *)entries);
	return r;
}

/* REST of the pattern, behind LENGTH bytes of a path. */
static int
walk(struct expander *expander, size_t length, const char *rest)
{
	char pattern[NAME_MAX + 1], uid[16];
	size_t count;

	rest += strspn(rest, "/");
	count = strcspn(rest, "/");
	if (count == 0)
		return access(expander->path, F_OK) == 0 || errno == EACCES
		           ? take_match(expander)
		           : 0;
	if (is_uid(rest, count)) {
		snprintf(uid, sizeof(uid), "%u", getuid());
		return walk_name(
		    expander, length, uid, strlen(uid), rest + count);
	}
	if (!is_glob(rest, count))
		return walk_name(expander, length, rest, count, rest + count);
	if (count >= sizeof(pattern))
		return 0;
	memcpy(pattern, rest, count);
	pattern[count] = '\0';
	return walk_matching(expander, length, pattern, rest + count);
}

/* What a symbol leads is taken as it is, whatever letters are in it. */
static int
expand_one(struct expander *expander, const struct symbols *symbols)
{
	const char *path = expander->unveil->path;
	size_t lead = *path == '@' ? strcspn(path, "/") : 0;
	cleanup_free char *symbol = strndup(path, lead);
	cleanup_free char *base = NULL;
	size_t length;
	int r;

	expander->path[0] = '\0';
	if (symbol == NULL)
		return diag_set(expander->diag, ENOMEM, "out of memory");
	if (lead == 0)
		return walk(expander, 0, path);
	r = symbols_resolve(symbols, symbol, &base,
	    expander->unveil->optional ? NULL : expander->diag);
	if (r < 0 || base == NULL)
		return r == -EINVAL && expander->unveil->optional ? 0 : r;
	length = strlen(base);
	while (length > 0 && base[length - 1] == '/')
		length--;
	if (length >= sizeof(expander->path))
		return 0;
	memcpy(expander->path, base, length);
	expander->path[length] = '\0';
	return walk(expander, length, path + lead);
}

static int
expand_pattern(struct expander *expander, const struct symbols *symbols,
    struct strbuf *said)
{
	const char *path = expander->unveil->path;
	size_t before = expander->matches;
	int r = expand_one(expander, symbols);

	if (r < 0)
		return r;
	if (expander->matches == before && !expander->unveil->optional)
		diag_warn(expander->diag,
		    "unveil %s: nothing matches now, so it grants nothing",
		    path);
	if (said != NULL) {
		strbuf_puts(said, "# ");
		quote_terminal(said, path);
		strbuf_printf(said, " matches %zu path%s now\n",
		    expander->matches - before,
		    expander->matches - before == 1 ? "" : "s");
	}
	return 0;
}

int
policy_expand(struct policy *policy, const struct symbols *symbols,
    struct strbuf *ret_said, struct diag *diag)
{
	struct policy expanded = { .unveils = NULL };
	struct expander expander = { .to = &expanded, .diag = diag };
	bool any = false;
	int r = 0;

	for (size_t i = 0; i < policy->unveil_count; i++)
		any = any || policy->unveils[i].pattern;
	for (size_t i = 0; any && i < policy->unveil_count && r == 0; i++) {
		expander.unveil = &policy->unveils[i];
		r = expander.unveil->pattern
		        ? expand_pattern(&expander, symbols, ret_said)
		        : policy_add(&expanded, expander.unveil, diag);
	}
	if (any && r == 0) {
		struct unveil *unveils = policy->unveils;
		size_t count = policy->unveil_count;

		policy->unveils = expanded.unveils;
		policy->unveil_count = expanded.unveil_count;
		expanded.unveils = unveils;
		expanded.unveil_count = count;
	}
	policy_free(&expanded);
	return r;
}
