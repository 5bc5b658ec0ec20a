/* SPDX-License-Identifier: ISC */
#include "filter/emit.h"

#include <linux/seccomp.h>
#include <string.h>

#define NOWHERE UINT16_MAX
/* jt and jf have 8 bits. */
#define REACH UINT8_MAX

static const uint16_t comparisons[] = {
	[NODE_EQUAL] = BPF_JMP | BPF_JEQ | BPF_K,
	[NODE_AT_LEAST] = BPF_JMP | BPF_JGE | BPF_K,
	[NODE_ANY_BIT] = BPF_JMP | BPF_JSET | BPF_K,
};

/* Returns the place. */
static uint16_t
push(struct emitter *emitter, struct sock_filter instruction)
{
	unsigned int place = emitter->count++;

	if (place < BPF_MAXINSNS)
		emitter->program->code[BPF_MAXINSNS - 1 - place] = instruction;
	return (uint16_t)place;
}

/* How to come to NODE from a node of WORD and MASK. */
static enum entry
find_entry(const struct node *node, unsigned int word, uint32_t mask)
{
	if (node->kind == NODE_ANSWER)
		return ENTRY_COMPARE;
	if (node->word != word)
		return ENTRY_LOAD;
	if (node->mask == mask)
		return ENTRY_COMPARE;
	return mask == UINT32_MAX ? ENTRY_MASK : ENTRY_LOAD;
}

static void
want(struct emitter *emitter, uint16_t number, const struct node *from)
{
	enum entry entry =
	    find_entry(&emitter->dag->nodes[number], from->word, from->mask);

	emitter->labels[number].wanted |= (uint8_t)(1U << entry);
}

void
emit_start(struct emitter *emitter, const struct dag *dag, uint16_t root,
    struct program *program)
{
	const struct node start = { .word = WORD_NR, .mask = UINT32_MAX };

	emitter->dag = dag;
	emitter->program = program;
	want(emitter, root, &start);
	/* From the root down: a node's number is above those it leads to. */
	for (uint16_t i = root; i > 0; i--) {
		const struct node *node = &dag->nodes[i];
		struct label *label = &emitter->labels[i];

		memset(label->place, 0xff, sizeof(label->place));
		if (label->wanted == 0 || node->kind == NODE_ANSWER)
			continue;
		want(emitter, node->yes, node);
		want(emitter, node->no, node);
	}
}

/*
 * A place within reach of a test, even if one more instruction comes before it,
 * that does what NODE does; makes one if there is none.
 */
static uint16_t
find_place(struct emitter *emitter, uint16_t number, enum entry entry)
{
	const struct node *node = &emitter->dag->nodes[number];
	uint16_t *place = &emitter->labels[number].place[entry];

	if (*place != NOWHERE && emitter->count - *place <= REACH)
		return *place;
	if (node->kind == NODE_ANSWER)
		*place = push(emitter,
		    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, node->k));
	else
		*place =
		    push(emitter, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
		                      emitter->count - 1 - *place));
	return *place;
}

static uint16_t
find_next(struct emitter *emitter, uint16_t number, const struct node *from)
{
	enum entry entry =
	    find_entry(&emitter->dag->nodes[number], from->word, from->mask);

	return find_place(emitter, number, entry);
}

/* What NODE leads to is there already. */
static void
emit_test(struct emitter *emitter, uint16_t number)
{
	const struct node *node = &emitter->dag->nodes[number];
	struct label *label = &emitter->labels[number];
	uint16_t yes = find_next(emitter, node->yes, node);
	uint16_t no = find_next(emitter, node->no, node);
	unsigned int after = emitter->count - 1;

	label->place[ENTRY_COMPARE] = push(emitter,
	    (struct sock_filter)BPF_JUMP(comparisons[node->kind], node->k,
	        (uint8_t)(after - yes), (uint8_t)(after - no)));
	label->place[ENTRY_MASK] = label->place[ENTRY_COMPARE];
	if (node->mask != UINT32_MAX &&
	    (label->wanted & (1U << ENTRY_LOAD | 1U << ENTRY_MASK)) != 0)
		label->place[ENTRY_MASK] =
		    push(emitter, (struct sock_filter)BPF_STMT(
		                      BPF_ALU | BPF_AND | BPF_K, node->mask));
	if ((label->wanted & 1U << ENTRY_LOAD) != 0)
		label->place[ENTRY_LOAD] = push(
		    emitter, (struct sock_filter)BPF_STMT(
		                 BPF_LD | BPF_W | BPF_ABS, node->word * 4U));
}

/* What NODE is to lead to next, unless it was visited: YES first, then NO. */
static uint16_t
next_visit(struct emitter *emitter, uint16_t number)
{
	const struct node *node = &emitter->dag->nodes[number];
	uint16_t next =
	    emitter->labels[number].visits++ == 0 ? node->yes : node->no;

	if (emitter->dag->nodes[next].kind == NODE_ANSWER ||
	    emitter->labels[next].visits > 0)
		return 0;
	emitter->labels[next].parent = number;
	return next;
}

/*
 * Depth first, without recursion: this may run on a small stack.  What NO leads
 * to comes last and so lies right behind the node: few jumps are taken.
 */
void
emit_node(struct emitter *emitter, uint16_t node)
{
	if (emitter->dag->nodes[node].kind == NODE_ANSWER ||
	    emitter->labels[node].visits > 0)
		return;
	emitter->labels[node].parent = 0;
	while (node != 0) {
		uint16_t next = 0;

		while (next == 0 && emitter->labels[node].visits < 2)
			next = next_visit(emitter, node);
		if (next == 0) {
			emit_test(emitter, node);
			next = emitter->labels[node].parent;
		}
		node = next;
	}
}

unsigned int
emit_finish(
    struct emitter *emitter, uint16_t root, uint32_t audit, uint32_t foreign)
{
	const struct node start = { .word = WORD_NR, .mask = UINT32_MAX };
	struct program *program = emitter->program;
	unsigned int place;

	emit_node(emitter, root);
	place = find_next(emitter, root, &start);
	if (place != emitter->count - 1)
		push(emitter, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
		                  emitter->count - 1 - place));
	push(emitter, (struct sock_filter)BPF_STMT(
	                  BPF_LD | BPF_W | BPF_ABS, WORD_NR * 4));
	push(emitter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, foreign));
	push(emitter, (struct sock_filter)BPF_JUMP(
	                  BPF_JMP | BPF_JEQ | BPF_K, audit, 1, 0));
	push(emitter, (struct sock_filter)BPF_STMT(
	                  BPF_LD | BPF_W | BPF_ABS, WORD_ARCH * 4));
	if (emitter->count > BPF_MAXINSNS)
		return emitter->count;
	memmove(program->code, program->code + BPF_MAXINSNS - emitter->count,
	    emitter->count * sizeof(program->code[0]));
	program->length = (unsigned short)emitter->count;
	return emitter->count;
}
