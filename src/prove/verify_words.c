/* SPDX-License-Identifier: ISC */
#include "prove/verify_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
verify_words_free(struct words *words)
{
	free(words->witnesses);
	free(words->bits);
	free(words->cuts);
	free(words->groups);
	for (size_t i = 0; i < 2; i++) {
		free(words->levels[i].items);
		free(words->levels[i].pieces);
	}
}

static int
add_cut(struct words *words, uint32_t mask, uint32_t value, struct diag *diag)
{
	int error = verify_grow(&words->cuts, sizeof(*words->cuts),
	    words->cut_count, &words->cut_room, diag);

	if (error == 0)
		words->cuts[words->cut_count++] = (struct cut){ mask, value };
	return error;
}

/* The same at the least value of the mask's bits that is not below VALUE. */
static int
add_cut_from(
    struct words *words, uint32_t mask, uint32_t value, struct diag *diag)
{
	uint32_t beside = value & ~mask, below;

	if (beside != 0) {
		/* The highest bit that it cannot have, and all below it. */
		below = UINT32_MAX >> __builtin_clz(beside);
		value = ((value | below | ~mask) + 1) & mask;
		if (value == 0)
			return 0;
	}
	return add_cut(words, mask, value, diag);
}

static int
add_predicate_cuts(struct words *words, const struct graph *graph,
    const struct predicate *predicate, struct diag *diag)
{
	const struct span *span = graph->spans + predicate->spans;
	uint32_t mask = predicate->mask;
	int error = add_cut(words, mask, 0, diag);

	for (uint32_t i = 0; i < predicate->count && error == 0; i++, span++) {
		error = add_cut_from(words, mask, span->first, diag);
		if (error == 0 && span->last != UINT32_MAX)
			error = add_cut_from(words, mask, span->last + 1, diag);
	}
	return error;
}

static int
compare_cuts(const void *first, const void *second)
{
	const struct cut *a = first, *b = second;

	if (a->mask != b->mask)
		return a->mask < b->mask ? -1 : 1;
	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return 0;
}

/* Sorts the cuts, each once, and makes a group of those of equal mask. */
static int
group_cuts(struct words *words, struct diag *diag)
{
	size_t count = words->cut_count;
	struct cut_group *group = NULL;
	int error;

	if (count > 1)
		qsort(words->cuts, count, sizeof(*words->cuts), compare_cuts);
	words->cut_count = 0;
	words->group_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct cut cut = words->cuts[i];

		if (words->cut_count > 0 &&
		    compare_cuts(&cut, &words->cuts[words->cut_count - 1]) == 0)
			continue;
		if (group == NULL || group->mask != cut.mask) {
			error = verify_grow(&words->groups, sizeof(*group),
			    words->group_count, &words->group_room, diag);
			if (error != 0)
				return error;
			group = &words->groups[words->group_count++];
			*group = (struct cut_group){ cut.mask,
				(uint32_t)words->cut_count, 0 };
		}
		group->count++;
		words->cuts[words->cut_count++] = cut;
	}
	return 0;
}

static int
add_witness(struct words *words, uint32_t value, struct diag *diag)
{
	int error = verify_grow(&words->witnesses, sizeof(*words->witnesses),
	    words->witness_count, &words->witness_room, diag);

	if (error == 0)
		words->witnesses[words->witness_count++] = value;
	return error;
}

/* The piece of the group that VALUE is in, known to be one of PIECES. */
static uint32_t
find_piece(const struct words *words, const struct cut_group *group,
    struct span pieces, uint32_t value)
{
	const struct cut *cuts = words->cuts + group->first;

	value &= group->mask;
	while (pieces.first < pieces.last) {
		uint32_t middle = (pieces.first + pieces.last + 1) / 2;

		if (cuts[middle].value <= value)
			pieces.first = middle;
		else
			pieces.last = middle - 1;
	}
	return pieces.first;
}

/* Adds a prefix that may end in what its PIECES say, if none does so yet. */
static int
add_prefix(struct words *words, struct prefixes *level, uint32_t value,
    const struct span *pieces, struct diag *diag)
{
	size_t size = words->group_count * sizeof(*pieces);
	size_t needed = (level->count + 1) * words->group_count;
	uint64_t hash = 0;
	uint32_t *head;
	int error;

	for (size_t i = 0; i < words->group_count; i++)
		hash =
		    (hash ^ pieces[i].first ^ (uint64_t)pieces[i].last << 32) *
		    UINT64_C(0x9e3779b97f4a7c15);
	head = &words->heads[(hash >> 40) % WORDS_HEADS];
	for (uint32_t i = *head; i != 0; i = level->items[i - 1].next)
		if (memcmp(level->pieces + (i - 1) * words->group_count, pieces,
		        size) == 0)
			return 0;
	if (level->count == WORDS_CLASSES)
		return diag_set(diag, E2BIG,
		    "cannot decide: a word has more than %d kinds of values",
		    WORDS_CLASSES);
	error = verify_grow(&level->items, sizeof(*level->items), level->count,
	    &level->item_room, diag);
	while (error == 0 && level->piece_room < needed)
		error = verify_grow(&level->pieces, sizeof(*pieces),
		    level->piece_room, &level->piece_room, diag);
	if (error != 0)
		return error;
	memcpy(level->pieces + level->count * words->group_count, pieces, size);
	level->items[level->count++] = (struct prefix){ value, *head };
	*head = (uint32_t)level->count;
	return 0;
}

/* Narrows PIECES to where VALUE with this BIT, set or not, may end. */
static void
narrow_pieces(const struct words *words, struct span *pieces, uint32_t value,
    uint32_t bit, bool set)
{
	for (size_t i = 0; i < words->group_count; i++) {
		const struct cut_group *group = &words->groups[i];

		if (pieces[i].first == pieces[i].last || !(group->mask & bit))
			continue;
		if (set)
			pieces[i].first =
			    find_piece(words, group, pieces[i], value | bit);
		else
			pieces[i].last = find_piece(
			    words, group, pieces[i], value | (bit - 1));
	}
}

/* Whether anything may still depend on BIT. */
static bool
is_open(const struct words *words, const struct span *pieces, uint32_t bit)
{
	for (size_t i = 0; i < words->group_count; i++)
		if (pieces[i].first < pieces[i].last &&
		    (words->groups[i].mask & bit))
			return true;
	return false;
}

/* Every prefix with one bit more. */
static int
descend(struct words *words, const struct prefixes *from, struct prefixes *to,
    uint32_t bit, struct diag *diag)
{
	size_t groups = words->group_count;
	struct span pieces[WORDS_MASKS];
	int error = 0;

	memset(words->heads, 0, sizeof(words->heads));
	to->count = 0;
	for (size_t i = 0; i < from->count && error == 0; i++) {
		const struct span *old = from->pieces + i * groups;
		uint32_t value = from->items[i].value;

		memcpy(pieces, old, groups * sizeof(*old));
		if (!is_open(words, old, bit)) {
			error = add_prefix(words, to, value, pieces, diag);
			continue;
		}
		narrow_pieces(words, pieces, value, bit, false);
		error = add_prefix(words, to, value, pieces, diag);
		if (error != 0)
			break;
		memcpy(pieces, old, groups * sizeof(*old));
		narrow_pieces(words, pieces, value, bit, true);
		error = add_prefix(words, to, value | bit, pieces, diag);
	}
	return error;
}

/* Several masks: bit by bit from the top, keeping what differs. */
static int
walk_bits(struct words *words, struct diag *diag)
{
	struct prefixes *from = &words->levels[0], *to = &words->levels[1];
	struct span pieces[WORDS_MASKS];
	int error;

	for (size_t i = 0; i < words->group_count; i++)
		pieces[i] = (struct span){ 0, words->groups[i].count - 1 };
	memset(words->heads, 0, sizeof(words->heads));
	from->count = 0;
	error = add_prefix(words, from, 0, pieces, diag);
	for (uint32_t bit = UINT32_C(1) << 31; bit != 0 && error == 0;
	     bit >>= 1) {
		struct prefixes *swap = from;

		error = descend(words, from, to, bit, diag);
		from = to;
		to = swap;
	}
	for (size_t i = 0; i < from->count && error == 0; i++)
		error = add_witness(words, from->items[i].value, diag);
	return error;
}

static int
split_word(struct words *words, const struct graph *graph, unsigned int word,
    struct diag *diag)
{
	struct word_classes *classes = &words->classes[word];
	int error = 0;

	*classes = (struct word_classes){ .size = 1,
		.witnesses = (uint32_t)words->witness_count };
	words->cut_count = 0;
	for (size_t i = 0; i < graph->predicate_count && error == 0; i++)
		if (graph->predicates[i].word == word)
			error = add_predicate_cuts(
			    words, graph, &graph->predicates[i], diag);
	if (error == 0)
		error = group_cuts(words, diag);
	if (error == 0 && words->group_count > WORDS_MASKS)
		error = diag_set(diag, E2BIG,
		    "cannot decide: a word is compared under more than %d "
		    "masks",
		    WORDS_MASKS);
	if (error != 0)
		return error;
	if (words->group_count == 0)
		error = add_witness(words, 0, diag);
	else if (words->group_count > 1)
		error = walk_bits(words, diag);
	else
		for (size_t i = 0; i < words->cut_count && error == 0; i++)
			error = add_witness(words, words->cuts[i].value, diag);
	classes->count = (uint32_t)words->witness_count - classes->witnesses;
	classes->size = (classes->count + 63) / 64;
	return error;
}

static int
find_bits(struct words *words, const struct graph *graph,
    struct predicate *predicate, struct diag *diag)
{
	const struct word_classes *classes = &words->classes[predicate->word];
	const uint32_t *witnesses = words->witnesses + classes->witnesses;
	uint64_t *bits;
	int error = 0;

	while (error == 0 && words->bit_room < words->bit_count + classes->size)
		error = verify_grow(&words->bits, sizeof(*words->bits),
		    words->bit_room, &words->bit_room, diag);
	if (error != 0)
		return error;
	predicate->bits = words->bit_count;
	bits = words->bits + words->bit_count;
	words->bit_count += classes->size;
	memset(bits, 0, classes->size * sizeof(*bits));
	for (uint32_t i = 0; i < classes->count; i++)
		if (predicate_holds(graph, predicate, witnesses[i]))
			bits[i / 64] |= UINT64_C(1) << i % 64;
	return 0;
}

int
verify_words_split(struct words *words, struct graph *graph, unsigned int first,
    unsigned int last, struct diag *diag)
{
	int error = 0;

	words->witness_count = 0;
	words->bit_count = 0;
	for (unsigned int word = first; word <= last && error == 0; word++)
		error = split_word(words, graph, word, diag);
	for (size_t i = 0; i < graph->predicate_count && error == 0; i++) {
		struct predicate *predicate = &graph->predicates[i];

		if (predicate->word >= first && predicate->word <= last)
			error = find_bits(words, graph, predicate, diag);
	}
	return error;
}
