/* SPDX-License-Identifier: ISC */
#include "policy/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"

/* "@ARG" takes a number; the others end at a slash or the end. */
static const char *const symbol_names[] = { "@CWD", "@HOME", "@TMP", "@ARG",
	"@XDG_CONFIG_HOME", "@XDG_CACHE_HOME", "@XDG_STATE_HOME",
	"@XDG_DATA_HOME", "@XDG_RUNTIME_DIR" };
enum { SYMBOL_CWD, SYMBOL_HOME, SYMBOL_TMP, SYMBOL_ARG, SYMBOL_XDG };

/* Below HOME, where the variable is not set; NULL: then there is none. */
static const char *const xdg_defaults[] = { "/.config", "/.cache",
	"/.local/state", "/.local/share", NULL };

/* The symbol that leads PATH and *RET_REST behind it, or -1. */
static int
find_symbol(const char *path, const char **ret_rest)
{
	size_t length;

	for (size_t i = 0; i < ARRAY_SIZE(symbol_names); i++) {
		length = strlen(symbol_names[i]);
		if (strncmp(path, symbol_names[i], length) != 0)
			continue;
		*ret_rest = path + length;
		if (i == SYMBOL_ARG) {
			*ret_rest += strspn(*ret_rest, "0123456789");
			if (*ret_rest == path + length)
				continue;
		}
		if (**ret_rest == '\0' || **ret_rest == '/')
			return (int)i;
	}
	return -1;
}

bool
symbol_leads(const char *path)
{
	const char *rest;

	return find_symbol(path, &rest) >= 0;
}

bool
policy_wants_tmp(const struct policy *policy)
{
	const char *rest;

	if (policy_promises(policy) & PROMISE(TMPPATH))
		return true;
	for (size_t i = 0; i < policy->unveil_count; i++)
		if (find_symbol(policy->unveils[i].path, &rest) == SYMBOL_TMP)
			return true;
	return false;
}

static int
nothing(const char *path, const char *why, struct diag *diag)
{
	return diag_set(diag, EINVAL, "unveil %s: %s", path, why);
}

/* The argument that PATH's "@ARGn" names, NULL if there are not so many. */
static const char *
find_argument(const struct symbols *symbols, const char *path)
{
	unsigned long wanted = strtoul(path + strlen("@ARG"), NULL, 10);

	if (symbols->argv == NULL)
		return NULL;
	for (unsigned long i = 0; symbols->argv[i] != NULL; i++)
		if (i == wanted)
			return symbols->argv[i];
	return NULL;
}

/* The XDG directory of SYMBOL, in PATH_MAX bytes; NULL: there is none. */
static const char *
find_xdg(const struct symbols *symbols, int symbol, char *buffer)
{
	const char *value = getenv(symbol_names[symbol] + 1);
	const char *otherwise = xdg_defaults[symbol - SYMBOL_XDG];

	/* The specification: what is not absolute is to be ignored. */
	if (value != NULL && *value == '/')
		return value;
	if (otherwise == NULL || symbols->home == NULL ||
	    *symbols->home != '/' ||
	    snprintf(buffer, PATH_MAX, "%s%s", symbols->home, otherwise) >=
	        PATH_MAX)
		return NULL;
	return buffer;
}

int
symbols_resolve(const struct symbols *symbols, const char *path,
    char **ret_path, struct diag *diag)
{
	const char *base = "", *middle = "", *rest = path;
	int symbol = find_symbol(path, &rest);
	char xdg[PATH_MAX];

	if (symbol == SYMBOL_CWD)
		base = symbols->cwd;
	/* Empty, it would make "@HOME/x" the root's. */
	if (symbol == SYMBOL_HOME && symbols->home != NULL &&
	    *symbols->home == '/')
		base = symbols->home;
	else if (symbol == SYMBOL_HOME)
		base = NULL;
	if (symbol == SYMBOL_TMP)
		base = symbols->tmp;
	if (symbol >= SYMBOL_XDG)
		base = find_xdg(symbols, symbol, xdg);
	if (symbol == SYMBOL_ARG) {
		middle = find_argument(symbols, path);
		if (middle == NULL || *middle == '\0')
			return nothing(
			    path, "the command has no such argument", diag);
		if (*middle != '/') {
			base = symbols->cwd;
		}
	}
	if (base == NULL)
		return nothing(path,
		    symbol == SYMBOL_HOME
		        ? "HOME is not set to an absolute path"
		        : "there is no such directory now",
		    diag);
	if (symbol < 0)
		rest = path;
	if (asprintf(ret_path, "%s%s%s%s", base,
	        *middle != '\0' && *middle != '/' ? "/" : "", middle, rest) < 0)
		return diag_set(diag, ENOMEM, "out of memory");
	return 0;
}
