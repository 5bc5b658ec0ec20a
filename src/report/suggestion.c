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
	const char *real;    /* resolved: what Landlock sees */
	const char *word;    /* how to write it; NULL: as it is resolved */
	const char *written; /* the same in a policy's file */
	unsigned int permissions, had; /* had: the policy gives them */
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
		list->items[i].had = 0;
		list->items[i].word = list->items[i].written = NULL;
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
			    .written = policy->unveils[i].path,
			    .permissions = policy->unveils[i].permissions,
			    .had = policy->unveils[i].permissions,
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

/* ADDED: only those with letters that the policy has not. */
static bool
is_written(const struct item *item, bool added)
{
	return (item->permissions & ~(added ? item->had : 0)) != 0;
}

static void
write_items(struct strbuf *buf, const struct list *list, bool added)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct item *item = &list->items[i];
		const char *path = item->word != NULL ? item->word : item->real;
		cleanup_strbuf struct strbuf word = { 0 };

		if (!is_written(item, added))
			continue;
		unveil_write_letters(&word, item->permissions);
		strbuf_printf(&word, ":%s%s%s", item->optional ? "-" : "",
		    *path == '-' ? "./" : "", path);
		strbuf_puts(buf, " -v ");
		if (!word.failed)
			quote_shell(buf, word.data);
	}
}

/*
 * The ports that were missed, each behind LEAD ("connect ") and before TAIL;
 * those that no policy has room for are left out.
 */
static void
write_missed_ports(struct strbuf *buf, const struct denials *denials,
    const struct policy *policy, const char *const form[3])
{
	struct ports connect = policy->connect, bind = policy->bind;
	const size_t connected = connect.count, bound = bind.count;
	char text[PORT_TEXT];

	for (size_t i = 0; i < denials->count; i++) {
		const struct denial *denial = &denials->rows[i].denial;

		if (port_is_set(denial->connect) &&
		    !ports_have(&connect, denial->connect))
			ports_add(&connect, denial->connect, NULL);
		if (port_is_set(denial->bind) &&
		    !ports_have(&bind, denial->bind))
			ports_add(&bind, denial->bind, NULL);
	}
	for (size_t i = connected; i < connect.count; i++)
		strbuf_printf(buf, "%s%s%s", form[0],
		    port_text(connect.port[i], text), form[2]);
	for (size_t i = bound; i < bind.count; i++)
		strbuf_printf(buf, "%s%s%s", form[1],
		    port_text(bind.port[i], text), form[2]);
}

/* As options, and as lines of a file. */
static const char *const port_options[] = { " --connect ", " --bind ", "" };
static const char *const port_lines[] = { "connect ", "bind ", "\n" };

static void
write_ports(struct strbuf *buf, const struct policy *policy)
{
	char text[PORT_TEXT];

	for (size_t i = 0; i < policy->connect.count; i++)
		strbuf_printf(buf, " --connect %s",
		    port_text(policy->connect.port[i], text));
	for (size_t i = 0; i < policy->bind.count; i++)
		strbuf_printf(
		    buf, " --bind %s", port_text(policy->bind.port[i], text));
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

/* What else a policy says, where no command line said it. */
static void
write_rest(struct strbuf *buf, const struct policy *policy)
{
	if (policy->no_unveil)
		strbuf_puts(buf, " -V");
	write_ports(buf, policy);
	write_filters(buf, policy);
	for (size_t i = 0; i < CAP_ROWS; i++)
		if (policy->caps & cap_rows[i].bit)
			strbuf_printf(buf, " --caps %s", cap_rows[i].name);
	if (policy->kill)
		strbuf_puts(buf, " -k");
	write_limits(buf, policy);
}

/* The words that are missing; all of them where the default holds, which goes
 * once a word is given. */
static promise_set
missing_words(const struct denials *denials, const struct policy *policy)
{
	promise_set promises = policy_promises(policy);
	promise_set missing = denials->words & ~promises;

	return missing == 0 || policy->promises_given ? missing
	                                              : missing | promises;
}

static void
write_promises(struct strbuf *buf, promise_set promises)
{
	cleanup_strbuf struct strbuf words = { 0 };

	words_write(&words, promises);
	strbuf_puts(buf, " -p ");
	quote_shell(buf, strbuf_text(&words, ""));
}

static void
write_options(struct strbuf *buf, const struct list *list,
    const struct denials *denials, const struct suggestion_request *request)
{
	const struct policy *policy = request->policy;
	const struct suggestion_options *options = &request->options;
	promise_set missing = missing_words(denials, policy);

	if (options->whole)
		strbuf_puts(buf, options->text);
	if (!options->whole)
		write_promises(buf, policy_promises(policy) | denials->words);
	else if (missing != 0)
		write_promises(buf, missing);
	write_items(buf, list, options->whole);
	if (options->text == NULL)
		write_rest(buf, policy);
	else if (!options->whole)
		strbuf_puts(buf, options->text);
	write_missed_ports(buf, denials, policy, port_options);
}

static bool
make_list(struct list *list, const struct denials *denials,
    const struct suggestion_request *request)
{
	if (!gather(list, denials, request) || !widen(list))
		return false;
	settle(list);
	return true;
}

/* Lines of a file that no option stands for. */
static bool
is_beyond_options(const struct suggestion_request *request)
{
	return request->options.text == NULL &&
	       (request->policy->call_count > 0 ||
	           request->policy->violation_errno != 0);
}

static bool
write_command(struct strbuf *buf, const struct denials *denials,
    const struct suggestion_request *request)
{
	struct list list = { 0 };
	bool made =
	    !is_beyond_options(request) && make_list(&list, denials, request);

	if (made) {
		strbuf_puts(buf, request->lead);
		write_options(buf, &list, denials, request);
		strbuf_puts(buf, " --");
		for (size_t i = 0; request->argv[i] != NULL; i++) {
			strbuf_putc(buf, ' ');
			quote_shell(buf, request->argv[i]);
		}
	}
	list_free(&list);
	return made;
}

static void
write_lines(struct strbuf *buf, const struct list *list,
    const struct denials *denials, const struct suggestion_request *request)
{
	promise_set missing = missing_words(denials, request->policy);

	if (missing != 0) {
		strbuf_puts(buf, "promises ");
		words_write(buf, missing);
		strbuf_putc(buf, '\n');
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct item *item = &list->items[i];

		if (!is_written(item, true))
			continue;
		strbuf_puts(buf, "unveil ");
		unveil_write_letters(buf, item->permissions);
		strbuf_puts(buf, item->optional ? " -" : " ");
		quote_word(
		    buf, item->written != NULL ? item->written : item->real);
		strbuf_putc(buf, '\n');
	}
	write_missed_ports(buf, denials, request->policy, port_lines);
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
suggestion_write_lines(struct strbuf *buf, const struct denials *denials,
    const struct suggestion_request *request)
{
	struct list list = { 0 };
	bool made = is_needed(denials) && make_list(&list, denials, request);

	if (made)
		write_lines(buf, &list, denials, request);
	list_free(&list);
	return made;
}

bool
command_line_write(struct strbuf *buf, const struct suggestion_request *request)
{
	const struct denials none = { 0 };

	return write_command(buf, &none, request);
}
