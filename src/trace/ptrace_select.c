/* SPDX-License-Identifier: ISC */
#include "trace/ptrace_select.h"

#include <errno.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "base/table.h"
#include "event/files.h"
#include "filter/grants.h"
#include "trace/ptrace_clone.h"

/* --- What the promises' tables say of each call --- */

/* What a usual kernel and a usual policy make true. */
#define USUALLY (WHEN_SCOPED | WHEN_TRUNCATE | WHEN_PORT_RULES)

static struct grants indexes[2]; /* native, and that of 32-bit children */
/* A run's, as it would be if the watcher's user ran it. */
static struct run_conditions conditions;

static const struct grants *
index_of(uint32_t audit)
{
	const struct run_values values = {
		.pid = (uint64_t)getpid(), .uid = getuid(), .gid = getgid()
	};
	const struct arch *arch;

	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++) {
		if (indexes[i].arch == NULL) {
			run_conditions_make(&conditions, &values);
			for (size_t j = 0; (arch = arch_at(j)) != NULL; j++)
				if (arch->audit == audit)
					grants_make(
					    &indexes[i], arch, &conditions);
			return indexes[i].arch != NULL ? &indexes[i] : NULL;
		}
		if (indexes[i].arch->audit == audit)
			return &indexes[i];
	}
	return NULL;
}

/* GRANT, or the next one behind it, that holds for CALL; NULL at the end. */
static const struct grant *
find_holding(const struct grants *index, const struct call *call,
    const struct grant *grant)
{
	while (
	    grant != NULL && (!grant_holds(grant, USUALLY) ||
	                         (grant->condition != NULL &&
	                             !condition_holds(grant->condition, call))))
		grant = grants_next(index, grant);
	return grant;
}

static const struct grant *
first_holding(const struct grants *index, const struct call *call)
{
	if (index == NULL)
		return NULL;
	return find_holding(index, call, grants_first(index, call->nr));
}

static const struct grant *
next_holding(const struct grants *index, const struct call *call,
    const struct grant *grant)
{
	return find_holding(index, call, grants_next(index, grant));
}

struct cover
cover_find(const struct call *call)
{
	const struct grants *index = index_of(call->arch);
	struct cover cover = { 0 };
	int together = INT_MAX;

	for (const struct grant *grant = first_holding(index, call);
	     grant != NULL; grant = next_holding(index, call, grant)) {
		int count = __builtin_popcountll(grant->words);

		/* In a directory that only a confined run has. */
		if (grant->words & PROMISE(TMPPATH))
			continue;
		if (count == 0)
			cover.always = true;
		else if (count > 1 && count <= together) {
			/* The fewest, if no single one will do. */
			together = count;
			cover.words = grant->words;
			cover.together = true;
		} else if (count == 1) {
			if (cover.together)
				cover.words = 0;
			cover.together = false;
			together = 0;
			cover.words |= grant->words;
		}
	}
	/* Everybody promises that. */
	if (!cover.together && (cover.words & PROMISE(STDIO)))
		cover.words = PROMISE(STDIO);
	return cover;
}

/* --- Words --- */

/* The place of its name among call_rows, the same on all architectures. */
static long
row_place(const struct call_row *row)
{
	const struct call_row *known = call_row_named(row->name);

	return known == NULL ? -1 : known - call_rows;
}

/* Without ".", ".." and doubled slashes: PATH is absolute. */
static void
normalise(char *path)
{
	char *out = path;
	const char *in = path;
	size_t length;

	while (*in != '\0') {
		in += strspn(in, "/");
		length = strcspn(in, "/");
		if (length == 2 && in[0] == '.' && in[1] == '.') {
			while (out > path && *--out != '/')
				continue;
		} else if (length > 0 && !(length == 1 && in[0] == '.')) {
			*out++ = '/';
			memmove(out, in, length);
			out += length;
		}
		in += length;
	}
	if (out == path)
		*out++ = '/';
	*out = '\0';
}

static int
add_path(struct selection *selection, const char *word, struct diag *diag)
{
	char path[2 * PATH_MAX] = "";
	size_t used = 0;

	if (selection->path_count == SELECTED_PATHS)
		return diag_set(
		    diag, E2BIG, "more than %d paths", SELECTED_PATHS);
	if (word[0] != '/' && getcwd(path, PATH_MAX) == NULL)
		return diag_errno(diag, "the working directory");
	used = strlen(path);
	snprintf(path + used, sizeof(path) - used, "/%s", word);
	normalise(path);
	selection->paths[selection->path_count] = strdup(path);
	if (selection->paths[selection->path_count] == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	selection->path_count++;
	return 0;
}

static int
refuse_word(const char *word, struct diag *diag)
{
	struct suggest suggest = { .wanted = word };

	for (size_t i = 0; i < call_row_count; i++)
		suggest_consider(&suggest, call_rows[i].name);
	for (size_t i = 0; i < PROMISE_COUNT; i++)
		suggest_consider(&suggest, promise_rows[i].name);
	if (access(word, F_OK) == 0)
		return diag_set(diag, EINVAL,
		    "--only: \"%s\" is no system call and no promise; a path "
		    "has a \"/\" in it: ./%s",
		    word, word);
	return diag_set(diag, EINVAL,
	    "--only: \"%s\" is no system call and no promise%s", word,
	    suggest_text(&suggest));
}

static int
add_word(struct selection *selection, const char *word, struct diag *diag)
{
	const struct call_row *row = call_row_named(word);
	int promise = promise_find(word, strlen(word));

	selection->any = true;
	if (strchr(word, '/') != NULL)
		return add_path(selection, word, diag);
	if (row == NULL && promise < 0)
		return refuse_word(word, diag);
	if (row != NULL)
		selection->names[row_place(row)] = true;
	if (promise >= 0)
		selection->promises |= UINT64_C(1) << promise;
	return 0;
}

int
selection_add(struct selection *selection, const char *words, struct diag *diag)
{
	cleanup_free char *copy = strdup(words);
	char *word, *rest = copy;
	int r = 0;

	if (copy == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	while (r == 0 && (word = strsep(&rest, ", \t\n")) != NULL)
		if (*word != '\0')
			r = add_word(selection, word, diag);
	if (r == 0 && !selection->any)
		return diag_set(
		    diag, EINVAL, "--only: name calls, promises or paths");
	return r;
}

void
selection_free(struct selection *selection)
{
	for (size_t i = 0; i < selection->path_count; i++)
		free(selection->paths[i]);
	*selection = (struct selection){ 0 };
}

/* --- Choosing --- */

static const struct arch *
find_arch(uint32_t audit)
{
	const struct arch *arch;

	for (size_t i = 0; (arch = arch_at(i)) != NULL; i++)
		if (arch->audit == audit)
			return arch;
	return NULL;
}

static bool
takes_files(const struct call_row *row)
{
	return call_row_takes(row, ARG_PATH) || call_row_takes(row, ARG_FD) ||
	       call_row_takes(row, ARG_DIRFD) || row->result == RESULT_FD;
}

static bool
is_named(const struct selection *selection, const struct call_row *row)
{
	long place = row_place(row);

	return place >= 0 && selection->names[place];
}

static bool
is_promised(const struct selection *selection, const struct call *call)
{
	const struct grants *index;

	if (selection->promises == 0)
		return false;
	index = index_of(call->arch);
	for (const struct grant *grant = first_holding(index, call);
	     grant != NULL; grant = next_holding(index, call, grant))
		if (grant->words & selection->promises)
			return true;
	return false;
}

bool
selection_wants(const struct selection *selection, const struct call *call)
{
	const struct call_row *row;

	if (!selection->any)
		return true;
	row = call_row_find(find_arch(call->arch), call->nr);
	return is_named(selection, row) ||
	       (selection->path_count > 0 && takes_files(row)) ||
	       is_promised(selection, call);
}

/* Is PATH one of those that were selected, or beneath one? */
static bool
is_selected(const struct selection *selection, const char *path)
{
	for (size_t i = 0; i < selection->path_count; i++) {
		const char *wanted = selection->paths[i];
		size_t length = strlen(wanted);

		if (wanted[1] == '\0')
			return path[0] == '/';
		if (strncmp(path, wanted, length) == 0 &&
		    (path[length] == '\0' || path[length] == '/' ||
		        path[length] == ' '))
			return true;
	}
	return false;
}

/* The directory that a relative path of argument INDEX begins at. */
static bool
find_base(const struct event_call *call, size_t index, char *path, size_t size)
{
	const struct event_value *before =
	    index > 0 ? &call->args[index - 1] : NULL;
	char link[64];
	ssize_t length;

	if (before != NULL && before->type == VALUE_FD &&
	    call->row->args[index - 1].kind == ARG_DIRFD) {
		snprintf(path, size, "%.*s", (int)before->length,
		    event_value_bytes(call, before));
		return path[0] == '/';
	}
	snprintf(link, sizeof(link), "/proc/%d/cwd", (int)call->source.tid);
	length = readlink(link, path, size - 1);
	if (length <= 0)
		return false;
	path[length] = '\0';
	return true;
}

bool
call_path_resolve(const struct event_call *call, size_t index, char *path)
{
	const char *bytes = event_value_bytes(call, &call->args[index]);
	size_t used;

	path[0] = '\0';
	if (bytes[0] != '/' && !find_base(call, index, path, FILE_NAME_SIZE))
		return false;
	used = strlen(path);
	snprintf(path + used, CALL_PATH_SIZE - used, "/%s", bytes);
	normalise(path);
	return true;
}

static bool
names_selected(
    const struct selection *selection, const struct event_call *call, size_t i)
{
	char path[CALL_PATH_SIZE];

	return call_path_resolve(call, i, path) && is_selected(selection, path);
}

static bool
touches_selected(
    const struct selection *selection, const struct event_call *call)
{
	const struct event_value *result = &call->result;
	char name[FILE_NAME_SIZE];

	for (size_t i = 0; i < call->count; i++) {
		const struct event_value *value = &call->args[i];

		if (value->path && names_selected(selection, call, i))
			return true;
		if (value->type != VALUE_FD)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)value->length,
		    event_value_bytes(call, value));
		if (is_selected(selection, name))
			return true;
	}
	if (!call->ended || call->failed || result->type != VALUE_FD)
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)result->length,
	    event_value_bytes(call, result));
	return is_selected(selection, name);
}

bool
selection_takes(
    const struct selection *selection, const struct event_call *call)
{
	struct call plain = { .nr = call->nr,
		.arch = call->arch != NULL ? call->arch->audit : 0 };

	if (!selection->any || is_named(selection, call->row))
		return true;
	memcpy(plain.args, call->raw, sizeof(plain.args));
	return is_promised(selection, &plain) ||
	       (selection->path_count > 0 && touches_selected(selection, call));
}

/* Those of one call that a promise means, each with its condition. */
static void
add_promised(const struct selection *selection, const struct grants *index,
    unsigned int nr, struct filter *filter)
{
	for (const struct grant *grant = grants_first(index, nr); grant != NULL;
	     grant = grants_next(index, grant))
		if (grant_holds(grant, USUALLY) &&
		    (grant->words & selection->promises) != 0)
			filter_add(
			    filter, nr, grant->condition, SECCOMP_RET_TRACE, 0);
}

void
selection_filter(const struct selection *selection, struct filter *filter)
{
	const struct arch *arch = arch_native();
	const struct grants *index = index_of(arch->audit);

	filter->arch = arch;
	filter->count = 0;
	filter->overflow = 0;
	filter->fallback = filter->unknown = SECCOMP_RET_ALLOW;
	filter->x32 = SECCOMP_RET_ALLOW;
	/* Of another architecture all stop, and the watcher chooses. */
	filter->foreign = SECCOMP_RET_TRACE;
	for (unsigned int nr = 0; nr <= arch->max; nr++) {
		const struct call_row *row = call_row_find(arch, nr);

		if (arch_name(arch, nr) == NULL)
			continue;
		if (is_named(selection, row) ||
		    (selection->path_count > 0 && takes_files(row)))
			filter_add(filter, nr, NULL, SECCOMP_RET_TRACE, 0);
		else
			add_promised(selection, index, nr, filter);
	}
	clone_filter(filter);
}
