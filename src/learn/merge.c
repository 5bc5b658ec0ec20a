/* SPDX-License-Identifier: ISC */
/* Lines of several runs: added up, widened where that is safe, in order. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/table.h"
#include "learn/lines.h"
#include "learn/solve.h"

/* So many files of one directory stand for all of it. */
#define ENOUGH_SIBLINGS 5

static void
add_host(struct learned *learned, uint32_t host)
{
	for (size_t i = 0; i < learned->host_count; i++)
		if (learned->hosts[i] == host)
			return;
	if (learned->host_count < LEARNED_HOSTS)
		learned->hosts[learned->host_count++] = host;
}

static void
merge_line(struct learned *learned, const struct learned_line *line)
{
	struct learned_line *known = learned_find(learned, line);

	if (known == NULL) {
		learned_add(learned, line);
		return;
	}
	known->permissions |= line->permissions;
	known->optional &= line->optional;
	known->runs += line->runs;
	known->times += line->times;
	if (line->saw > known->saw)
		known->saw = line->saw;
	if (line->number > known->number)
		known->number = line->number;
	if (known->why == NULL && line->why != NULL)
		known->why = strdup(line->why);
}

static void
merge_kept(struct policy *kept, const struct policy *from)
{
	struct diag diag = { 0 };

	for (size_t i = 0; i < from->filter_count; i++) {
		struct strbuf text = { 0 };

		strbuf_printf(&text, "%s:%s", from->filters[i].path,
		    from->filters[i].name != NULL ? from->filters[i].name : "");
		if (!text.failed)
			policy_add_filter(kept, text.data, "/", &diag);
		strbuf_free(&text);
	}
	for (size_t i = 0; i < from->call_count; i++)
		policy_add_call(kept, &from->calls[i], &diag);
	kept->caps |= from->caps;
	kept->kill |= from->kill;
	kept->no_unveil |= from->no_unveil;
	if (from->violation_errno != 0)
		kept->violation_errno = from->violation_errno;
	for (int i = 0; i < LIMIT_COUNT; i++) {
		if (!from->limited[i] ||
		    (kept->limited[i] && kept->limits[i] > from->limits[i]))
			continue;
		kept->limited[i] = true;
		kept->limits[i] = from->limits[i];
	}
}

void
learned_merge(struct learned *learned, const struct learned *from)
{
	for (size_t i = 0; i < from->count; i++)
		merge_line(learned, &from->lines[i]);
	if (from->runs > 0)
		learned->status =
		    learned->runs == 0 || learned->status == from->status
		        ? from->status
		        : 0;
	learned->runs += from->runs;
	learned->unseen += from->unseen;
	learned->refused += from->refused;
	learned->failed |= from->failed;
	for (size_t i = 0; i < from->host_count; i++)
		add_host(learned, from->hosts[i]);
	if (learned->command == NULL && from->command != NULL)
		learned->command = strdup(from->command);
	merge_kept(&learned->kept, &from->kept);
	if (from->before != NULL)
		learned_keep_comments(learned, from->before);
}

static void
drop_line(struct learned *learned, size_t i)
{
	free(learned->lines[i].path);
	free(learned->lines[i].why);
	memmove(&learned->lines[i], &learned->lines[i + 1],
	    (learned->count - i - 1) * sizeof(learned->lines[0]));
	learned->count--;
}

static uint32_t
larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* What another line grants already needs no line of its own. */
static bool
is_covered(const struct learned_line *below, const struct learned_line *above)
{
	if (above->kind != LEARNED_UNVEIL || above == below ||
	    below->path == NULL || !path_within(below->path, above->path))
		return false;
	if (below->kind == LEARNED_ABSENT || below->kind == LEARNED_LISTED)
		return true;
	return below->kind == LEARNED_UNVEIL;
}

static void
cover_lines(struct learned *learned)
{
	for (size_t i = 0; i < learned->count; i++) {
		for (size_t j = 0; j < learned->count; j++) {
			struct learned_line *above = &learned->lines[i];
			struct learned_line *below = &learned->lines[j];

			if (!is_covered(below, above))
				continue;
			/* Nothing less can be granted below. */
			below->permissions |= above->permissions;
			if (below->permissions != above->permissions)
				continue;
			if (below->kind == LEARNED_UNVEIL) {
				above->saw += below->saw;
				above->times += below->times;
				above->runs = larger(above->runs, below->runs);
			}
			drop_line(learned, j);
			if (j < i)
				i--;
			j--;
		}
	}
}

/* Places that packages fill: what is beside a file there is its like. */
static bool
may_widen(const char *directory)
{
	static const char *const roots[] = { "/usr", "/opt", "/lib", "/lib64",
		"/nix/store" };
	/* Of these nobody means all. */
	static const char *const wide[] = { "/usr/bin", "/usr/sbin", "/usr/lib",
		"/usr/share", "/usr/local", "/usr/local/bin", "/usr/local/lib",
		"/usr/local/share", "/usr/local/etc", "/usr/libexec" };

	for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
		if (strcmp(directory, wide[i]) == 0)
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
		if (path_within(directory, roots[i]) &&
		    strcmp(directory, roots[i]) != 0)
			return true;
	return false;
}

static bool
is_child(const struct learned_line *line, const char *directory, size_t length)
{
	return line->kind == LEARNED_UNVEIL && line->permissions == UNVEIL_R &&
	       strncmp(line->path, directory, length) == 0 &&
	       line->path[length] == '/' &&
	       strchr(line->path + length + 1, '/') == NULL;
}

/* Puts one line for the siblings of line I, if there are enough. */
static bool
widen_line(struct learned *learned, size_t i)
{
	const struct learned_line *line = &learned->lines[i];
	const char *slash = strrchr(line->path, '/');
	char directory[4096];
	struct learned_line new = { .kind = LEARNED_UNVEIL,
		.permissions = UNVEIL_R,
		.optional = true,
		.path = directory };
	size_t siblings = 0, length;

	if (slash == NULL || line->path[0] != '/')
		return false;
	length = (size_t)(slash - line->path);
	if (length >= sizeof(directory) || !is_child(line, line->path, length))
		return false;
	snprintf(directory, sizeof(directory), "%.*s", (int)length, line->path);
	if (!may_widen(directory))
		return false;
	for (size_t j = 0; j < learned->count; j++)
		siblings += is_child(&learned->lines[j], directory, length);
	if (siblings < ENOUGH_SIBLINGS)
		return false;
	new.why = line->why;
	/* The counters come with the lines that it covers. */
	return learned_add(learned, &new) != NULL;
}

static int
compare_lines(const void *a, const void *b)
{
	const struct learned_line *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->which != y->which)
		return x->which < y->which ? -1 : 1;
	if (!port_equals(x->port, y->port))
		return port_compare(x->port, y->port);
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	if (x->path == NULL || y->path == NULL)
		return 0;
	return strcmp(x->path, y->path);
}

static void
sort_lines(struct learned *learned)
{
	if (learned->count > 0)
		qsort(learned->lines, learned->count, sizeof(learned->lines[0]),
		    compare_lines);
}

/* It was there in another run. */
static void
drop_found(struct learned *learned)
{
	for (size_t i = learned->count; i-- > 0;) {
		struct learned_line found = learned->lines[i];

		found.kind = LEARNED_UNVEIL;
		if (learned->lines[i].kind == LEARNED_ABSENT &&
		    learned_find(learned, &found) != NULL)
			drop_line(learned, i);
	}
}

void
learned_settle(struct learned *learned)
{
	bool widened;

	do {
		sort_lines(learned);
		cover_lines(learned);
		widened = false;
		for (size_t i = learned->count; i-- > 0 && !widened;)
			if (learned->lines[i].kind == LEARNED_UNVEIL)
				widened = widen_line(learned, i);
	} while (widened);
	drop_found(learned);
}

static int
add_unveil(
    struct policy *policy, const struct learned_line *line, struct diag *diag)
{
	return policy_add_unveil(
	    policy, line->path, line->permissions, line->optional, diag);
}

int
learned_policy(
    const struct learned *learned, struct policy *ret_policy, struct diag *diag)
{
	int r = 0;

	*ret_policy = (struct policy){ .promises_given = true, .named = true };
	for (size_t i = 0; r == 0 && i < learned->count; i++) {
		const struct learned_line *line = &learned->lines[i];

		if (line->kind == LEARNED_PROMISE)
			ret_policy->promises |= UINT64_C(1) << line->which;
		else if (line->kind == LEARNED_UNVEIL)
			r = add_unveil(ret_policy, line, diag);
		else if (line->kind == LEARNED_CONNECT)
			r = ports_add(&ret_policy->connect, line->port, diag);
		else if (line->kind == LEARNED_BIND)
			r = ports_add(&ret_policy->bind, line->port, diag);
	}
	merge_kept(ret_policy, &learned->kept);
	return r;
}

/* What a next run is asked about: what is granted always counts not. */
static bool
is_counted(const struct learned_line *line)
{
	if (line->kind == LEARNED_PROMISE)
		return line->which != PROMISE_STDIO;
	return line->kind == LEARNED_UNVEIL || line->kind == LEARNED_CONNECT ||
	       line->kind == LEARNED_BIND;
}

double
learned_doubt(const struct learned *learned)
{
	uint64_t once = 0, all = 0;

	if (learned->runs < 2)
		return -1;
	for (size_t i = 0; i < learned->count; i++) {
		const struct learned_line *line = &learned->lines[i];

		if (!is_counted(line))
			continue;
		once += line->runs == 1;
		all += line->runs;
	}
	return all == 0 ? 0 : (double)once / (double)all;
}

void
learned_free(struct learned *learned)
{
	for (size_t i = 0; i < learned->count; i++) {
		free(learned->lines[i].path);
		free(learned->lines[i].why);
	}
	free(learned->lines);
	free(learned->command);
	free(learned->before);
	policy_free(&learned->kept);
	*learned = (struct learned){ 0 };
}
