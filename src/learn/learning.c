/* SPDX-License-Identifier: ISC */
/* What was seen in one run, each fact once with how often. */
#include "learn/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/grants.h"

#define HEADS 4096 /* a power of two */

static uint32_t
hash_bytes(uint32_t hash, const void *bytes, size_t count)
{
	const unsigned char *at = bytes;

	/* FNV-1a. */
	for (; count > 0; count--, at++)
		hash = (hash ^ *at) * 16777619U;
	return hash;
}

/* What makes a fact the same as another one. */
static uint32_t
hash_fact(const struct fact *fact)
{
	uint32_t hash = hash_bytes(2166136261U, &fact->kind, 1);

	switch ((enum fact_kind)fact->kind) {
	case FACT_CALL:
		hash = hash_bytes(hash, &fact->ways, sizeof(fact->ways));
		return hash_bytes(hash, &fact->call.nr, sizeof(fact->call.nr));
	case FACT_REFUSED:
		return hash_bytes(hash, &fact->call.nr, sizeof(fact->call.nr));
	case FACT_PATH:
	case FACT_ABSENT:
		return hash_bytes(hash, fact->path, strlen(fact->path));
	case FACT_CONNECT:
	case FACT_BIND:
		return hash_bytes(hash, &fact->port, sizeof(fact->port));
	case FACT_LIMIT:
	case FACT_WORD:
		return hash_bytes(hash, &fact->which, sizeof(fact->which));
	}
	return hash;
}

static bool
is_same(const struct fact *a, const struct fact *b)
{
	if (a->kind != b->kind || a->hash != b->hash)
		return false;
	switch ((enum fact_kind)a->kind) {
	case FACT_CALL:
		return a->call.nr == b->call.nr && a->ways == b->ways;
	case FACT_REFUSED:
		return a->call.nr == b->call.nr;
	case FACT_PATH:
	case FACT_ABSENT:
		return strcmp(a->path, b->path) == 0;
	case FACT_CONNECT:
	case FACT_BIND:
		return port_equals(a->port, b->port);
	case FACT_LIMIT:
	case FACT_WORD:
		return a->which == b->which;
	}
	return false;
}

static struct fact *
find_fact(const struct learning *learning, struct fact *fact)
{
	uint32_t at;

	fact->hash = hash_fact(fact);
	if (learning->heads == NULL)
		return NULL;
	for (at = learning->heads[fact->hash % HEADS]; at != 0;
	     at = learning->facts[at - 1].next)
		if (is_same(&learning->facts[at - 1], fact))
			return &learning->facts[at - 1];
	return NULL;
}

static bool
make_room(struct learning *learning)
{
	size_t capacity = learning->capacity * 2 + 64;
	struct fact *facts;

	if (learning->heads == NULL)
		learning->heads = calloc(HEADS, sizeof(*learning->heads));
	if (learning->heads == NULL)
		return false;
	if (learning->facts != NULL && learning->count < learning->capacity)
		return true;
	facts = reallocarray(learning->facts, capacity, sizeof(*facts));
	if (facts == NULL)
		return false;
	learning->facts = facts;
	learning->capacity = capacity;
	return true;
}

static char *
copy_why(const struct sighting *sighting)
{
	return strdup(
	    sighting->text != NULL ? sighting->text(sighting->context) : "");
}

/* A new one, of which FACT's path is copied. */
static struct fact *
add_fact(struct learning *learning, const struct fact *fact,
    const struct sighting *sighting)
{
	struct fact *added;
	uint32_t *head;

	if (!make_room(learning)) {
		learning->failed = true;
		return NULL;
	}
	added = &learning->facts[learning->count];
	*added = *fact;
	added->why = copy_why(sighting);
	if (fact->path != NULL)
		added->path = strdup(fact->path);
	if (added->why == NULL || (fact->path != NULL && added->path == NULL)) {
		free(added->why);
		free(added->path);
		learning->failed = true;
		return NULL;
	}
	head = &learning->heads[fact->hash % HEADS];
	added->next = *head;
	*head = (uint32_t)++learning->count;
	return added;
}

static void
touch(struct touched *touched, uint32_t fact)
{
	if (touched != NULL && touched->count < TOUCHED_FACTS)
		touched->facts[touched->count++] = fact;
}

/* Counts FACT; true if it is new. */
static bool
note(struct learning *learning, struct fact *fact,
    const struct sighting *sighting)
{
	struct fact *known = find_fact(learning, fact);
	bool new = known == NULL;

	if (new)
		known = add_fact(learning, fact, sighting);
	if (known == NULL)
		return false;
	known->times++;
	touch(sighting->touched, (uint32_t)(known - learning->facts));
	if (fact->kind == FACT_PATH) {
		new |= (fact->number & ~known->number) != 0;
		known->number |= fact->number;
		known->made |= fact->made;
	}
	if (fact->kind == FACT_LIMIT && fact->number > known->number)
		known->number = fact->number;
	return new;
}

static bool
note_call(struct learning *learning, const struct sighting *sighting)
{
	struct fact fact = { .kind = FACT_CALL,
		.call = *sighting->call,
		.ways = grants_of(sighting->call) };

	if (!sighting->demands)
		return false;
	if (fact.ways == 0)
		fact.kind = FACT_REFUSED;
	return note(learning, &fact, sighting);
}

static bool
note_path(struct learning *learning, const struct sighting *sighting,
    const struct sighted_path *path)
{
	char made[PATH_MAX + NAME_MAX + 2];
	char *copy = NULL;
	struct fact fact = { .kind = FACT_PATH, .number = path->rights };
	bool new;

	snprintf(made, sizeof(made), "%s", path->path);
	fact.path = copy = made;
	new = note(learning, &fact, sighting);
	if (path->made == NULL)
		return new;
	snprintf(made, sizeof(made), "%s/%s",
	    strcmp(path->path, "/") == 0 ? "" : path->path, path->made);
	fact = (struct fact){ .kind = FACT_PATH, .path = copy, .made = true };
	note(learning, &fact, sighting);
	return new;
}

static bool
note_number(struct learning *learning, const struct sighting *sighting,
    enum fact_kind kind, int which, uint64_t number)
{
	struct fact fact = {
		.kind = (uint8_t)kind, .which = which, .number = number
	};

	return note(learning, &fact, sighting);
}

static bool
note_port(struct learning *learning, const struct sighting *sighting,
    enum fact_kind kind, struct port port)
{
	struct fact fact = { .kind = (uint8_t)kind, .port = port };

	return port_is_set(port) && note(learning, &fact, sighting);
}

bool
learning_see(struct learning *learning, const struct sighting *sighting)
{
	bool new = note_call(learning, sighting);
	char absent[PATH_MAX];

	learning->calls++;
	for (size_t i = 0; i < sighting->path_count; i++)
		new |= note_path(learning, sighting, &sighting->paths[i]);
	if (sighting->absent != NULL) {
		struct fact fact = { .kind = FACT_ABSENT, .path = absent };

		snprintf(absent, sizeof(absent), "%s", sighting->absent);
		note(learning, &fact, sighting);
	}
	for (int i = 0; i < PROMISE_COUNT; i++)
		if (sighting->words & UINT64_C(1) << i)
			new |= note_number(learning, sighting, FACT_WORD, i, 0);
	new |= note_port(learning, sighting, FACT_CONNECT, sighting->connect);
	new |= note_port(learning, sighting, FACT_BIND, sighting->bind);
	if (sighting->limit >= 0)
		new |= note_number(learning, sighting, FACT_LIMIT,
		    sighting->limit, sighting->limit_value);
	learning->datagrams |= sighting->datagrams;
	return new;
}

void
learning_repeat(
    struct learning *learning, const struct touched *touched, uint64_t times)
{
	learning->calls += times;
	for (size_t i = 0; i < touched->count; i++)
		learning->facts[touched->facts[i]].times += times;
}

bool
learning_knows(struct learning *learning, const struct call *call)
{
	struct fact fact = {
		.kind = FACT_CALL, .call = *call, .ways = grants_of(call)
	};
	struct fact *known = find_fact(learning, &fact);

	if (known == NULL)
		return false;
	known->times++;
	learning->calls++;
	return true;
}

/* Its strings become LEARNING's. */
static void
take_fact(struct learning *learning, struct fact *fact)
{
	struct fact *known = find_fact(learning, fact);
	uint32_t *head;

	if (known != NULL) {
		known->times += fact->times;
		if (fact->kind == FACT_PATH)
			known->number |= fact->number;
		return;
	}
	if (!make_room(learning)) {
		learning->failed = true;
		return;
	}
	head = &learning->heads[fact->hash % HEADS];
	learning->facts[learning->count] = *fact;
	learning->facts[learning->count].next = *head;
	*head = (uint32_t)++learning->count;
	fact->path = fact->why = NULL;
}

void
learning_merge(struct learning *learning, struct learning *from)
{
	for (size_t i = 0; i < from->count; i++)
		take_fact(learning, &from->facts[i]);
	learning->datagrams |= from->datagrams;
	learning->calls += from->calls;
	learning->unseen += from->unseen;
	learning->failed |= from->failed;
	learning_free(from);
}

void
learning_free(struct learning *learning)
{
	for (size_t i = 0; i < learning->count; i++) {
		free(learning->facts[i].path);
		free(learning->facts[i].why);
	}
	free(learning->facts);
	free(learning->heads);
	*learning = (struct learning){ 0 };
}
