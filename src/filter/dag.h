/* SPDX-License-Identifier: ISC */
/*
 * A decision: answers, and tests of one word of seccomp_data with a node to go
 * to for yes and for no.  Equal nodes are one node, so equal decisions have
 * equal numbers.  A node is made after those it leads to: its number is higher.
 */
#ifndef FILTER_DAG_H
#define FILTER_DAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAG_NODES  8192 /* 4096 instructions cannot hold more than 4096 */
#define DAG_HEADS  512

#define WORD_NR    0 /* a word is an offset in seccomp_data, divided by 4 */
#define WORD_ARCH  1
#define WORD_COUNT 16

enum node_kind {
	NODE_ANSWER,   /* k */
	NODE_EQUAL,    /* (word & mask) == k */
	NODE_AT_LEAST, /* (word & mask) >= k */
	NODE_ANY_BIT,  /* (word & k) != 0; mask is all ones */
};

struct node {
	uint8_t kind; /* enum node_kind */
	uint8_t word;
	uint16_t yes;
	uint16_t no;
	uint16_t next; /* of equal hash */
	uint32_t mask;
	uint32_t k;
};

/* What is tested: the bits MASK of a word. */
struct field {
	uint8_t word;
	uint32_t mask;
};

/* The values from `low` up to the next piece's: they lead to `node`. */
struct piece {
	uint32_t low;
	uint16_t node;
	bool joined; /* scratch: no cut below it, that would cost a test */
};

/* All zero: empty.  Node 0 is none. */
struct dag {
	bool full; /* sticky: more than DAG_NODES were made */
	unsigned int count;
	uint16_t heads[DAG_HEADS];
	struct node nodes[DAG_NODES];
};

uint16_t dag_answer(struct dag *dag, uint32_t answer);

/* A test that leads to YES if the field EQUALs K, else to NO. */
uint16_t dag_equal(struct dag *dag, const struct field *field, uint32_t k,
    uint16_t yes, uint16_t no);

/*
 * Finds the piece that the field's value lies in.  PIECES ascend from 0,
 * neighbours lead to different nodes, and PIECES[COUNT].low is 0.
 */
uint16_t dag_dispatch(struct dag *dag, const struct field *field,
    struct piece *pieces, size_t count);

/* The next value that has no bits outside of MASK; 0: there is none. */
static inline uint32_t
field_next(uint32_t mask, uint32_t value)
{
	return ((value | ~mask) + 1) & mask;
}

#endif
