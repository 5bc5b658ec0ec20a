/* SPDX-License-Identifier: ISC */
/* Facts -> the lines of a policy, with names that hold for the next run. */
#include "learn/lines.h"
#include "policy/places.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/table.h"
#include "kernel/landlock.h"
#include "learn/solve.h"

/* A policy need not say more of what was looked for in vain. */
#define ABSENT_LINES 32

/* Making the lines of one run. */
struct making {
	const struct learning *learning;
	const struct learned_names *names;
	struct solution solution;
	struct learned *learned;
};

struct learned_line *
learned_add(struct learned *learned, const struct learned_line *line)
{
	size_t capacity = learned->capacity * 2 + 32;
	struct learned_line *lines, *added;

	if (learned->count == learned->capacity || learned->lines == NULL) {
		lines = reallocarray(learned->lines, capacity, sizeof(*lines));
		if (lines == NULL) {
			learned->failed = true;
			return NULL;
		}
		learned->lines = lines;
		learned->capacity = capacity;
	}
	added = &learned->lines[learned->count];
	*added = *line;
	if (line->path != NULL)
		added->path = strdup(line->path);
	if (line->why != NULL)
		added->why = strdup(line->why);
	if ((line->path != NULL && added->path == NULL) ||
	    (line->why != NULL && added->why == NULL)) {
		free(added->path);
		free(added->why);
		learned->failed = true;
		return NULL;
	}
	learned->count++;
	return added;
}

static bool
is_line(const struct learned_line *a, const struct learned_line *b)
{
	if (a->kind != b->kind || a->which != b->which)
		return false;
	if (a->kind == LEARNED_CONNECT || a->kind == LEARNED_BIND)
		return port_equals(a->port, b->port);
	if (a->path == NULL || b->path == NULL)
		return a->path == b->path;
	return strcmp(a->path, b->path) == 0;
}

struct learned_line *
learned_find(const struct learned *learned, const struct learned_line *line)
{
	for (size_t i = 0; i < learned->count; i++)
		if (is_line(&learned->lines[i], line))
			return &learned->lines[i];
	return NULL;
}

/* Counts a line of this run. */
static void
put(struct learned *learned, const struct learned_line *line)
{
	struct learned_line *known = learned_find(learned, line);

	if (known == NULL) {
		learned_add(learned, line);
		return;
	}
	known->times += line->times;
	known->permissions |= line->permissions;
	known->optional &= line->optional;
	known->saw += line->saw;
	if (line->number > known->number)
		known->number = line->number;
}

/* --- Names --- */

/* One name stands for a place that is another in the next run. */
struct symbol {
	char name[32]; /* "@CWD" */
	const char *place;
};

/* The symbol that says most of PATH. */
static bool
find_symbol(
    const struct making *making, const char *path, struct symbol *ret_symbol)
{
	const struct learned_names *names = making->names;
	const struct {
		const char *name, *place;
	} places[] = {
		{ "@TMP", names->symbols.tmp },
		{ "@CWD", names->symbols.cwd },
		{ "@HOME", names->symbols.home },
	};

	/* The whole of an argument; what is in it may be more than it. */
	for (size_t i = 1; i < names->argument_count; i++) {
		const char *argument = names->arguments[i];

		if (argument == NULL || argument[1] == '\0' ||
		    !path_within(path, argument))
			continue;
		if (names->symbols.cwd != NULL &&
		    path_within(names->symbols.cwd, argument))
			continue;
		snprintf(
		    ret_symbol->name, sizeof(ret_symbol->name), "@ARG%zu", i);
		ret_symbol->place = argument;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		/* The root is everybody's; a package's place is its own. */
		if (places[i].place == NULL || places[i].place[1] == '\0' ||
		    path_within(places[i].place, "/usr") ||
		    path_within(places[i].place, "/etc") ||
		    !path_within(path, places[i].place))
			continue;
		snprintf(ret_symbol->name, sizeof(ret_symbol->name), "%s",
		    places[i].name);
		ret_symbol->place = places[i].place;
		return true;
	}
	return false;
}

/* --- Paths --- */

/* An object with the letters that it takes, before it is renamed. */
struct place {
	char *path;
	unsigned int permissions;
	uint64_t rights;
	const struct fact *fact; /* the first */
	uint64_t times, saw;
};

struct places {
	struct place *places;
	size_t count;
};

static void
places_free(struct places *places)
{
	for (size_t i = 0; i < places->count; i++)
		free(places->places[i].path);
	free(places->places);
}

/*
 * What is made in the run is not there when the next one begins: its rights are
 * its directory's.  Cuts PATH to what was there before.
 */
static bool
cut_to_lasting(const struct making *making, char *path)
{
	bool cut = false;

	for (size_t i = 0; i < making->learning->count; i++) {
		const struct fact *fact = &making->learning->facts[i];
		char *slash;

		if (fact->kind != FACT_PATH || !fact->made ||
		    !path_within(path, fact->path))
			continue;
		path[strlen(fact->path)] = '\0';
		slash = strrchr(path, '/');
		slash[slash == path] = '\0';
		cut = true;
	}
	return cut;
}

static void
add_place(struct places *places, const char *path, uint64_t rights,
    const struct fact *fact)
{
	struct place *place = NULL;

	for (size_t i = 0; i < places->count && place == NULL; i++)
		if (strcmp(places->places[i].path, path) == 0)
			place = &places->places[i];
	if (place == NULL) {
		place = &places->places[places->count];
		*place = (struct place){ .path = strdup(path), .fact = fact };
		if (place->path == NULL)
			return;
		places->count++;
	}
	place->rights |= rights;
	place->permissions |= landlock_permissions(rights);
	/* The kernel reads what it executes. */
	if (place->permissions & UNVEIL_X)
		place->permissions |= UNVEIL_R;
	place->times += fact->times;
	/* Files, not the directories on the way. */
	place->saw += (fact->number & (LL_READ_FILE | LL_WRITE_FILE |
	                                  LL_TRUNCATE | LL_EXECUTE)) != 0;
}

static int
find_places(const struct making *making, struct places *ret_places)
{
	ret_places->places =
	    calloc(making->learning->count + 1, sizeof(*ret_places->places));
	if (ret_places->places == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < making->learning->count; i++) {
		const struct fact *fact = &making->learning->facts[i];
		char path[PATH_MAX + NAME_MAX + 2];
		uint64_t missing;

		if (fact->kind != FACT_PATH || fact->number == 0)
			continue;
		missing = solution_missing(
		    &making->solution, fact->path, fact->number);
		if (missing == 0)
			continue;
		snprintf(path, sizeof(path), "%s", fact->path);
		cut_to_lasting(making, path);
		add_place(ret_places, path, missing, fact);
	}
	return 0;
}

static int
compare_places(const void *a, const void *b)
{
	return strcmp(
	    ((const struct place *)a)->path, ((const struct place *)b)->path);
}

/* Nothing less can be granted below a place: it has those letters anyway. */
static void
cover_places(struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		struct place *above = &places->places[i];

		for (size_t j = 0; j < places->count; j++) {
			struct place *below = &places->places[j];

			if (i == j || below->permissions == 0 ||
			    above->permissions == 0 ||
			    !path_within(below->path, above->path))
				continue;
			below->permissions |= above->permissions;
			if (below->permissions != above->permissions)
				continue;
			above->saw += below->saw;
			above->times += below->times;
			below->permissions = 0;
		}
	}
}

/*
 * A large directory that was only listed is not granted with all below, unless
 * it was named: an argument, the working directory.
 */
static bool
is_guarded(const struct making *making, const struct place *place)
{
	struct symbol symbol;

	if ((place->rights & ~(uint64_t)LL_READ_DIR) != 0 ||
	    !place_is_wide(making->names->symbols.home, place->path))
		return false;
	return !find_symbol(making, place->path, &symbol) ||
	       strcmp(symbol.name, "@HOME") == 0;
}

static void
put_place(const struct making *making, const struct place *place)
{
	char path[PATH_MAX + 32];
	struct learned_line line = { .kind = LEARNED_UNVEIL,
		.permissions = place->permissions,
		.path = path,
		.runs = 1,
		.times = place->times,
		.saw = place->saw,
		.why = place->fact->why };
	struct symbol symbol;

	if (find_symbol(making, place->path, &symbol)) {
		snprintf(path, sizeof(path), "%s%s", symbol.name,
		    place->path + strlen(symbol.place));
	} else {
		snprintf(path, sizeof(path), "%s", place->path);
	}
	if (is_guarded(making, place))
		line.kind = LEARNED_LISTED;
	/* Next time, elsewhere, there may be no such file or argument. */
	line.optional = path[0] != '@' || strncmp(path, "@ARG", 4) == 0 ||
	                strchr(path, '/') != NULL;
	/* It is empty at the start: all that is in it is made by the run. */
	if (strncmp(path, "@TMP", 4) == 0) {
		path[4] = '\0';
		line.optional = false;
		line.permissions = UNVEIL_R | UNVEIL_W | UNVEIL_C;
	}
	put(making->learned, &line);
}

static int
put_places(struct making *making)
{
	struct places places = { 0 };
	int r = find_places(making, &places);

	if (r == 0) {
		qsort(places.places, places.count, sizeof(*places.places),
		    compare_places);
		/* What is listed alone covers nothing, as it is not granted. */
		for (size_t i = 0; i < places.count; i++) {
			if (!is_guarded(making, &places.places[i]))
				continue;
			put_place(making, &places.places[i]);
			places.places[i].permissions = 0;
		}
		cover_places(&places);
		for (size_t i = 0; i < places.count; i++)
			if (places.places[i].permissions != 0)
				put_place(making, &places.places[i]);
	}
	places_free(&places);
	return r;
}

/* --- The other lines --- */

static promise_set
words_of_rights(uint64_t rights)
{
	promise_set words = 0;

	if (rights & LL_EXECUTE)
		rights &= ~(uint64_t)LL_READ_FILE;
	for (int i = 0; i < PROMISE_COUNT; i++)
		if (promise_rows[i].rights & rights)
			words |= UINT64_C(1) << i;
	return words;
}

/* Whether the word is a reason for what FACT was allowed. */
static bool
is_reason(const struct making *making, const struct fact *fact, int word)
{
	struct solution without = making->solution;
	promise_set bit = UINT64_C(1) << word;

	without.promises &= ~bit;
	switch ((enum fact_kind)fact->kind) {
	case FACT_CALL:
		return solution_allows(&making->solution, fact) &&
		       !solution_allows(&without, fact);
	case FACT_PATH:
		return (words_of_rights(solution_missing(
		            &making->solution, fact->path, fact->number)) &
		           bit) != 0;
	case FACT_WORD:
		return fact->which == word;
	case FACT_CONNECT:
	case FACT_BIND:
		return word == PROMISE_INET || word == PROMISE_ANET;
	case FACT_ABSENT:
	case FACT_LIMIT:
	case FACT_REFUSED:
		break;
	}
	return false;
}

/* Looking users up is known by its files. */
static bool
is_files_reason(const struct fact *fact, int word)
{
	const char *files = promise_rows[word].files;
	const char *colon;

	if (fact->kind != FACT_PATH || fact->number == 0)
		return false;
	while (files != NULL && (colon = strchr(files, ':')) != NULL) {
		char path[PATH_MAX];
		size_t length = strcspn(colon + 1, " ");

		memcpy(path, colon + 1, length);
		path[length] = '\0';
		if (path_within(fact->path, path))
			return true;
		files = colon + 1 + length;
	}
	return false;
}

static void
put_promise(const struct making *making, int word)
{
	struct learned_line line = {
		.kind = LEARNED_PROMISE, .which = word, .runs = 1
	};
	bool reads = word != PROMISE_STDIO, called = false;

	for (size_t i = 0; i < making->learning->count; i++) {
		const struct fact *fact = &making->learning->facts[i];

		if (!is_reason(making, fact, word) &&
		    !(reads && is_files_reason(fact, word)))
			continue;
		line.times += fact->times;
		/* A call says it better than a place that was used for more. */
		if (line.why == NULL || (!called && fact->kind == FACT_CALL))
			line.why = fact->why;
		called |= fact->kind == FACT_CALL;
	}
	put(making->learned, &line);
}

static void
put_fact(const struct making *making, const struct fact *fact)
{
	struct learned_line line = { .runs = 1,
		.times = fact->times,
		.number = fact->number,
		.port = fact->port,
		.why = fact->why };

	if (fact->kind == FACT_CONNECT && making->solution.ports) {
		/* dns has it already. */
		if (port_equals(fact->port, TCP_PORT(DNS_PORT)) &&
		    (making->solution.promises & PROMISE(DNS)))
			return;
		line.kind = LEARNED_CONNECT;
	} else if (fact->kind == FACT_BIND && making->solution.ports) {
		line.kind = LEARNED_BIND;
	} else if (fact->kind == FACT_LIMIT) {
		line.kind = LEARNED_LIMIT;
		line.which = fact->which;
	} else {
		return;
	}
	put(making->learned, &line);
}

/* Why nothing grants it; the argument tests may be at fault. */
static void
put_refused(const struct making *making, const struct fact *fact)
{
	struct learned_line line = { .kind = LEARNED_REFUSED,
		.which = (int)fact->call.nr,
		.runs = 1,
		.times = fact->times,
		.why = fact->why };
	const char *name = arch_name(arch_native(), fact->call.nr);
	static char unknown[] = "a call that no promise knows";
	char path[64];

	line.path = unknown;
	if (name != NULL) {
		snprintf(path, sizeof(path), "%s", name);
		line.path = path;
	}
	line.which = 0;
	put(making->learned, &line);
}

static void
put_absent(const struct making *making, const struct fact *fact)
{
	char path[PATH_MAX + 32];
	struct learned_line line = { .kind = LEARNED_ABSENT,
		.permissions = UNVEIL_R,
		.optional = true,
		.path = path,
		.runs = 1,
		.times = fact->times };
	struct symbol symbol;

	if (solution_missing(&making->solution, fact->path, LL_READ_FILE) == 0)
		return;
	snprintf(path, sizeof(path), "%s", fact->path);
	if (find_symbol(making, fact->path, &symbol))
		snprintf(path, sizeof(path), "%s%s", symbol.name,
		    fact->path + strlen(symbol.place));
	if (strncmp(path, "@TMP", 4) != 0)
		put(making->learned, &line);
}

static void
put_rest(const struct making *making)
{
	size_t absent = 0;

	for (int i = 0; i < PROMISE_COUNT; i++)
		if (making->solution.promises & UINT64_C(1) << i)
			put_promise(making, i);
	for (size_t i = 0; i < making->learning->count; i++) {
		const struct fact *fact = &making->learning->facts[i];

		put_fact(making, fact);
		if (fact->kind == FACT_REFUSED)
			put_refused(making, fact);
		if (fact->kind == FACT_ABSENT && absent++ < ABSENT_LINES)
			put_absent(making, fact);
	}
}

int
learned_make(const struct learning *learning, const struct learned_names *names,
    struct learned *ret_learned)
{
	struct making making = {
		.learning = learning, .names = names, .learned = ret_learned
	};
	int r;

	*ret_learned = (struct learned){ .runs = 1,
		.unseen = learning->unseen,
		.failed = learning->failed };
	r = solve(learning, names, &making.solution);
	if (r == 0)
		r = put_places(&making);
	if (r == 0)
		put_rest(&making);
	return r == 0 && ret_learned->failed ? -ENOMEM : r;
}
