/* SPDX-License-Identifier: ISC */
/*
 * The values of a word, cut into classes that no predicate tells apart; and
 * sets of such classes, a bit each.
 */
#ifndef PROVE_VERIFY_WORDS_H
#define PROVE_VERIFY_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "prove/verify_graph.h"

#define WORDS_CLASSES 65536 /* of one word; more are refused */
#define WORDS_MASKS   64    /* the same */
#define WORDS_HEADS   256

struct word_classes {
	uint32_t count;
	uint32_t size;      /* of a set, in 64-bit units */
	uint32_t witnesses; /* index of the first */
};

/* A value, under a mask, from which on an answer may be another. */
struct cut {
	uint32_t mask;
	uint32_t value;
};

/* The cuts under one mask, ascending from 0: each begins a piece. */
struct cut_group {
	uint32_t mask;
	uint32_t first; /* index of the first */
	uint32_t count;
};

/* The upper bits of values; behind them, in which pieces they may end. */
struct prefix {
	uint32_t value;
	uint32_t next; /* of equal hash, +1 */
};

struct prefixes {
	struct prefix *items;
	struct span *pieces; /* one for each group */
	size_t count;
	size_t item_room, piece_room;
};

/* All zero at first. */
struct words {
	struct word_classes classes[GRAPH_WORDS];
	uint32_t *witnesses;
	uint64_t *bits; /* of each predicate: the classes that satisfy it */
	struct cut *cuts;
	struct cut_group *groups;
	struct prefixes levels[2];
	size_t witness_count, witness_room;
	size_t bit_count, bit_room;
	size_t cut_count, cut_room;
	size_t group_count, group_room;
	uint32_t heads[WORDS_HEADS];
};

/*
 * Splits the words FIRST to LAST by the graph's predicates, and says in these
 * where their bits are.  Returns 0, -E2BIG for too many classes, or -ENOMEM.
 */
int verify_words_split(struct words *words, struct graph *graph,
    unsigned int first, unsigned int last, struct diag *diag);
void verify_words_free(struct words *words);

#endif
