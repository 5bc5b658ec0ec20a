/* SPDX-License-Identifier: ISC */
/*
 * From a decision to instructions, the last one first: so the place of
 * whatever a jump leads to is known, and what is too far is made again.
 */
#ifndef FILTER_EMIT_H
#define FILTER_EMIT_H

#include "filter/dag.h"
#include "filter/program.h"

/* How much a node finds in A: nothing of use, its word, its word masked. */
enum entry {
	ENTRY_LOAD,
	ENTRY_MASK,
	ENTRY_COMPARE,
	ENTRY_COUNT,
};

/* Places are counted from the end, the last instruction's is 0. */
struct label {
	uint16_t place[ENTRY_COUNT]; /* the nearest that does the same */
	uint16_t parent; /* on the way from the node first asked for */
	uint8_t wanted;  /* bits 1 << enum entry */
	uint8_t visits;
};

/* All zero at first. */
struct emitter {
	const struct dag *dag;
	struct program *program;
	unsigned int count; /* instructions; only the last 4096 are kept */
	struct label labels[DAG_NODES];
};

/* Readies what ROOT leads to, for when A holds the call number. */
void emit_start(struct emitter *emitter, const struct dag *dag, uint16_t root,
    struct program *program);

/* Puts NODE and what it leads to before what is there already. */
void emit_node(struct emitter *emitter, uint16_t node);

/*
 * Puts the first instructions before ROOT: calls of another architecture than
 * AUDIT get the answer FOREIGN.  Returns how many instructions there are; if
 * no more than BPF_MAXINSNS, then they are in the program.
 */
unsigned int emit_finish(
    struct emitter *emitter, uint16_t root, uint32_t audit, uint32_t foreign);

#endif
