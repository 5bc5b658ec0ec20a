/* SPDX-License-Identifier: ISC */
#include "report/suggestion.h"

#include <stdlib.h>
#include <string.h>

#include "policy/caps.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/table.h"

/* A path to unveil: the policy's own, or one that was missed. */
struct item {
	const char *real; /* resolved: what Landlock sees */
	const char *word; /* how to write it; NULL: as it is resolved */
	unsigned int permissions;
	bool optional, user;
	char *made; /* of `real`; or NULL */
};

/* So many files of a directory stand for all of it. */
#define SIBLINGS 4

struct list {
	struct item *items;
	size_t count;
};

static void
list_free(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].made);
	free(list->items);
}

/* "@CWD/x" was given as "x", and is so again. */
const char *
unveil_option_path(const char *path)
{
	static const char here[] = "@CWD/";

	if (strcmp(path, "@CWD") == 0)
		return ".";
	if (strncmp(path, here, sizeof(here) - 1) == 0)
		return path + sizeof(here) - 1;
	return path;
}

/* The private directory has another name in every run. */
static const char *
lasting_path(const char *path, const struct suggestion_request *request)
{
	return request->tmp != NULL && path_within(path, request->tmp) ? "@TMP"
	                                                               : path;
}

static void
add_item(struct list *list, const char *path, unsigned int permissions)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].real, path) != 0)
			continue;
		list->items[i].permissions |= permissions;
		return;
	}
	list->items[list->count++] =
	    (struct item){ .real = path, .permissions = permissions };
}

static size_t
count_paths(const struct denials *denials)
{
	size_t count = 0;

	for (size_t i = 0; i < denials->count; i++)
		count += denials->rows[i].denial.path_count;
	return count;
}

static bool
is_below(const char *above, const char *below)
{
	size_t length = strlen(above);

	if (length > 0 && above[length - 1] == '/')
		length--;
	return strncmp(above, below, length) == 0 && below[length] == '/' &&
	       below[length + 1] != '\0';
}

/* How much of PATH is a directory whose files belong together; 0: it is not. */
static size_t
shared_directory(const char *path)
{
	static const char *const above[] = { "/usr/", "/opt/" };
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; slash != NULL && i < ARRAY_SIZE(above); i++) {
		size_t length = strlen(above[i]);

		if (strncmp(path, above[i], length) == 0 &&
		    (size_t)(slash - path) > length)
			return (size_t)(slash - path);
	}
	return 0;
}

static bool
is_sibling(const struct item *item, const char *path, size_t length)
{
	return item->permissions == UNVEIL_R && item->real != NULL &&
	       shared_directory(item->real) == length &&
	       strncmp(item->real, path, length) == 0;
}

/*
 * Files that are read, of one directory that packages install: when there are
 * several, there will be more, and the directory stands for them.  Never where
 * users have theirs, and nothing that is run.
 */
static bool
widen(struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *path = list->items[i].real;
		size_t length = path != NULL ? shared_directory(path) : 0;
		size_t siblings = 0;

		for (size_t j = 0; length > 0 && j < list->count; j++)
			siblings += is_sibling(&list->items[j], path, length);
		if (siblings < SIBLINGS)
			continue;
		for (size_t j = 0; j < list->count; j++)
			if (j != i && is_sibling(&list->items[j], path, length))
				list->items[j].permissions = 0;
		list->items[i].made = strndup(path, length);
		if (list->items[i].made == NULL)
			return false;
		list->items[i].real = list->items[i].made;
		list->items[i].word = NULL;
		list->items[i].user = false;
	}
	return true;
}

/*
 * Landlock cannot take away below a path that is granted more, and a policy
 * that asks for it is refused: so what is below gets the letters, too.  A
 * missed path that adds nothing to one above is left out.
 */
static void
settle(struct list *list)
{
	for (size_t i = 0; i < list->count * list->count; i++) {
		const struct item *above = &list->items[i / list->count];
		struct item *below = &list->items[i % list->count];

		/* What is not there, has no place. */
		if (*above->real == '\0' || !is_below(above->real, below->real))
			continue;
		if (!below->user &&
		    (below->permissions & ~above->permissions) == 0)
			below->permissions = 0;
		else if (below->permissions != 0)
			below->permissions |= above->permissions;
	}
}

static bool
gather(struct list *list, const struct denials *denials,
    const struct suggestion_request *request)
{
	const struct policy *policy = request->policy;

	list->items = calloc(policy->unveil_count + count_paths(denials) + 1,
	    sizeof(*list->items));
	if (list->items == NULL)
		return false;
	for (size_t i = 0; i < policy->unveil_count; i++)
		list->items[list->count++] =
		    (struct item){ .real = request->paths != NULL
			                       ? request->paths[i].path
			                       : policy->unveils[i].path,
			    .word = unveil_option_path(policy->unveils[i].path),
			    .permissions = policy->unveils[i].permissions,
			    .optional = policy->unveils[i].optional,
			    .user = true };
	for (size_t i = 0; i < denials->count; i++) {
		const struct denial *denial = &denials->rows[i].denial;

		if (denial->harmless != NULL)
			continue;
		for (size_t j = 0; j < denial->path_count; j++)
			add_item(list, lasting_path(denial->paths[j], request),
			    denial->permissions[j]);
	}
	return true;
}

static void
write_items(struct strbuf *buf, const struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct item *item = &list->items[i];
		const char *path = item->word != NULL ? item->word : item->real;
		cleanup_strbuf struct strbuf word = { 0 };

		if (item->permissions == 0)
			continue;
		unveil_write_letters(&word, item->permissions);
		strbuf_printf(&word, ":%s%s%s", item->optional ? "-" : "",
		    *path == '-' ? "./" : "", path);
		strbuf_puts(buf, " -v ");
		if (!word.failed)
			quote_shell(buf, word.data);
	}
}

/* The policy's ports and those that were missed. */
static void
write_ports(struct strbuf *buf, const struct denials *denials,
    const struct policy *policy)
{
	struct ports connect = policy->connect, bind = policy->bind;
	char text[PORT_TEXT];

	for (size_t i = 0; i < denials->count; i++) {
		const struct denial *denial = &denials->rows[i].denial;

		/* Those that no policy has room for are left out. */
		if (port_is_set(denial->connect) &&
		    !ports_have(&connect, denial->connect))
			ports_add(&connect, denial->connect, NULL);
		if (port_is_set(denial->bind) &&
		    !ports_have(&bind, denial->bind))
			ports_add(&bind, denial->bind, NULL);
	}
	for (size_t i = 0; i < connect.count; i++)
		strbuf_printf(
		    buf, " --connect %s", port_text(connect.port[i], text));
	for (size_t i = 0; i < bind.count; i++)
		strbuf_printf(buf, " --bind %s", port_text(bind.port[i], text));
}

static void
write_filters(struct strbuf *buf, const struct policy *policy)
{
	for (size_t i = 0; i < policy->filter_count; i++) {
		const struct filter_name *filter = &policy->filters[i];
		cleanup_strbuf struct strbuf word = { 0 };

		strbuf_printf(&word, "%s%s%s", filter->path,
		    filter->name != NULL ? ":" : "",
		    filter->name != NULL ? filter->name : "");
		strbuf_puts(buf, " -f ");
		if (!word.failed)
			quote_shell(buf, word.data);
	}
}

static void
write_limits(struct strbuf *buf, const struct policy *policy)
{
	for (int i = 0; i < LIMIT_COUNT; i++)
		if (policy->limited[i])
			strbuf_printf(buf, " -%c %llu", limit_rows[i].option,
			    (unsigned long long)policy->limits[i]);
}

static bool
write_command(struct strbuf *buf, const struct denials *denials,
    const struct suggestion_request *request)
{
	const struct policy *policy = request->policy;
	cleanup_strbuf struct strbuf words = { 0 };
	struct list list = { 0 };

	if (!gather(&list, denials, request) || !widen(&list)) {
		list_free(&list);
		return false;
	}
	settle(&list);
	strbuf_printf(buf, "%s -p ", request->lead);
	words_write(&words, policy_promises(policy) | denials->words);
	quote_shell(buf, strbuf_text(&words, ""));
	write_items(buf, &list);
	if (policy->no_unveil)
		strbuf_puts(buf, " -V");
	write_ports(buf, denials, policy);
	write_filters(buf, policy);
	for (size_t i = 0; i < CAP_ROWS; i++)
		if (policy->caps & cap_rows[i].bit)
			strbuf_printf(buf, " --caps %s", cap_rows[i].name);
	if (policy->kill)
		strbuf_puts(buf, " -k");
	write_limits(buf, policy);
	strbuf_puts(buf, " --");
	for (size_t i = 0; request->argv[i] != NULL; i++) {
		strbuf_putc(buf, ' ');
		quote_shell(buf, request->argv[i]);
	}
	list_free(&list);
	return true;
}

static bool
is_needed(const struct denials *denials)
{
	for (size_t i = 0; i < denials->count; i++) {
		const struct denial *denial = &denials->rows[i].denial;

		if (denial->harmless == NULL &&
		    (denial->words != 0 || denial->path_count > 0 ||
		        port_is_set(denial->connect) ||
		        port_is_set(denial->bind)))
			return true;
	}
	return false;
}

bool
suggestion_write(struct strbuf *buf, const struct denials *denials,
    const struct suggestion_request *request)
{
	return is_needed(denials) && write_command(buf, denials, request);
}

bool
command_line_write(struct strbuf *buf, const struct suggestion_request *request)
{
	const struct denials none = { 0 };

	return write_command(buf, &none, request);
}
