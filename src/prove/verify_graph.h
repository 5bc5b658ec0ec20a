/* SPDX-License-Identifier: ISC */
/*
 * What a program or a filter asks about calls of one number, as a graph of
 * yes-or-no questions about single words.  Made apart from what program.c does
 * to compile, so that a mistake there is seen here.
 */
#ifndef PROVE_VERIFY_GRAPH_H
#define PROVE_VERIFY_GRAPH_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "filter/program.h"

#define GRAPH_WORDS (sizeof(struct seccomp_data) / sizeof(uint32_t))
#define GRAPH_NR    0 /* a word is an offset in seccomp_data, divided by 4 */
#define GRAPH_ARCH  1
#define GRAPH_NODES 200000
#define GRAPH_HEADS 1024

/* FIRST to LAST, both included. */
struct span {
	uint32_t first;
	uint32_t last;
};

/* Whether (word & mask) lies in one of some spans. */
struct predicate {
	uint8_t word;
	uint32_t mask;
	uint32_t spans; /* index of the first */
	uint32_t count;
	size_t bits; /* for whom asks: where its answers are */
};

#define GRAPH_ANSWER UINT32_MAX

struct graph_node {
	uint32_t predicate; /* an index, or GRAPH_ANSWER */
	uint32_t yes;       /* a node, or the answer */
	uint32_t no;
	uint32_t hash;
};

/* What a register holds: ((word & k) >> shift), or k. */
struct graph_value {
	uint32_t k;
	uint8_t kind;
	uint8_t word;
	uint8_t shift;
	uint8_t zero;
};

#define GRAPH_REGISTERS (2 + BPF_MEMWORDS) /* A, X, scratch memory */

/* A program that has come to a comparison or to its end. */
struct graph_state {
	uint32_t at;
	uint32_t next; /* of equal hash, +1 */
	struct graph_value registers[GRAPH_REGISTERS];
};

/* The two words that are the same for all calls of a graph. */
struct graph_pinned {
	bool pinned;
	uint32_t nr;
	uint32_t arch;
};

struct graph {
	struct graph_pinned pinned;
	struct graph_node *nodes;
	struct graph_state *states; /* of the nodes that a program made */
	struct predicate *predicates;
	struct span *spans;
	size_t node_count, node_room;
	size_t state_room;
	size_t predicate_count, predicate_room;
	size_t span_count, span_room;
	size_t states_from, states_to; /* nodes that `heads` knows */
	uint32_t heads[GRAPH_HEADS];
};

/* Forgets all; the memory stays. */
void graph_clear(struct graph *graph, const struct graph_pinned *pinned);
void graph_free(struct graph *graph);

/*
 * Adds what PROGRAM, which the kernel would load, does to pinned calls, or to
 * all.  Returns 0 or -errno as verify.h says.
 */
int graph_add_program(struct graph *graph, const struct program *program,
    uint32_t *ret_root, struct diag *diag);

/*
 * Adds what COUNT rules of FILTER, by their indices, say to pinned calls.  The
 * last one comes first.
 */
int graph_add_rules(struct graph *graph, const struct filter *filter,
    const uint16_t *rules, size_t count, uint32_t *ret_root, struct diag *diag);
int graph_add_answer(struct graph *graph, uint32_t answer, uint32_t *ret_root,
    struct diag *diag);

/* For those who add: a node; a predicate of the spans added behind it. */
int graph_add_node(struct graph *graph, struct graph_node node,
    uint32_t *ret_node, struct diag *diag);
int graph_add_predicate(struct graph *graph, unsigned int word, uint32_t mask,
    uint32_t *ret_predicate, struct diag *diag);
int graph_add_span(
    struct graph *graph, uint32_t first, uint32_t last, struct diag *diag);

/* Whether VALUE of its word satisfies PREDICATE. */
bool predicate_holds(const struct graph *graph,
    const struct predicate *predicate, uint32_t value);

/* Room in *ARRAY for one more than COUNT of SIZE bytes, or -ENOMEM. */
int verify_grow(
    void *array, size_t size, size_t count, size_t *room, struct diag *diag);

#endif
