/* SPDX-License-Identifier: ISC */
#include "filter/dag.h"

/* Up to so many values are compared with one by one, more are halved first. */
#define CHAIN 4

static bool
same_node(const struct node *a, const struct node *b)
{
	return a->kind == b->kind && a->word == b->word && a->mask == b->mask &&
	       a->k == b->k && a->yes == b->yes && a->no == b->no;
}

static uint16_t
intern(struct dag *dag, struct node wanted)
{
	uint32_t hash =
	    wanted.k * 0x9e3779b1U ^ wanted.mask * 0x85ebca6bU ^
	    ((uint32_t)wanted.yes << 16 | wanted.no) * 0xc2b2ae35U ^
	    ((uint32_t)wanted.kind << 8 | wanted.word) * 0x27d4eb2fU;
	uint16_t *head = &dag->heads[(hash ^ hash >> 15) % DAG_HEADS];

	for (uint16_t at = *head; at != 0; at = dag->nodes[at].next)
		if (same_node(&dag->nodes[at], &wanted))
			return at;
	if (dag->count == DAG_NODES - 1) {
		dag->full = true;
		return 0;
	}
	wanted.next = *head;
	*head = (uint16_t)++dag->count;
	dag->nodes[*head] = wanted;
	return *head;
}

uint16_t
dag_answer(struct dag *dag, uint32_t answer)
{
	return intern(dag, (struct node){ .kind = NODE_ANSWER, .k = answer });
}

uint16_t
dag_equal(struct dag *dag, const struct field *field, uint32_t k, uint16_t yes,
    uint16_t no)
{
	if (yes == no)
		return yes;
	return intern(dag, (struct node){ .kind = NODE_EQUAL,
	                       .word = field->word,
	                       .mask = field->mask,
	                       .k = k,
	                       .yes = yes,
	                       .no = no });
}

static uint16_t
at_least(struct dag *dag, const struct field *field, uint32_t k, uint16_t yes,
    uint16_t no)
{
	if (yes == no)
		return yes;
	return intern(dag, (struct node){ .kind = NODE_AT_LEAST,
	                       .word = field->word,
	                       .mask = field->mask,
	                       .k = k,
	                       .yes = yes,
	                       .no = no });
}

/* A word whose bits are all wanted zero, mask by mask, is asked once. */
static uint16_t
any_bit(struct dag *dag, const struct field *field, uint16_t yes, uint16_t no)
{
	const struct node *next = &dag->nodes[no];
	uint32_t bits = field->mask;

	if (next->kind == NODE_ANY_BIT && next->word == field->word &&
	    next->yes == yes) {
		bits |= next->k;
		no = next->no;
	}
	return intern(dag, (struct node){ .kind = NODE_ANY_BIT,
	                       .word = field->word,
	                       .mask = UINT32_MAX,
	                       .k = bits,
	                       .yes = yes,
	                       .no = no });
}

static bool
is_point(const struct field *field, const struct piece *piece)
{
	return field_next(field->mask, piece->low) == piece[1].low;
}

/* How many comparisons lead off NODE, if those pieces are points; or CHAIN + 1.
 */
static size_t
exceptions(const struct field *field, const struct piece *pieces, size_t count,
    uint16_t node)
{
	size_t found = 0;

	for (size_t i = 0; i < count && found <= CHAIN; i++) {
		if (pieces[i].node == node)
			continue;
		found = is_point(field, &pieces[i]) ? found + 1 : CHAIN + 1;
	}
	return found;
}

/* Compares value by value if that is short, else returns 0. */
static uint16_t
chain(struct dag *dag, const struct field *field, const struct piece *pieces,
    size_t count)
{
	size_t fewest = CHAIN + 1;
	uint16_t usual = 0, node;

	if (count > 2 * CHAIN + 1)
		return 0;
	for (size_t i = 0; i < count; i++) {
		size_t found = exceptions(field, pieces, count, pieces[i].node);

		if (found < fewest) {
			fewest = found;
			usual = pieces[i].node;
		}
	}
	if (fewest > CHAIN)
		return 0;
	node = usual;
	for (size_t i = count; i-- > 0;)
		if (pieces[i].node != usual)
			node = dag_equal(
			    dag, field, pieces[i].low, pieces[i].node, node);
	return node;
}

/*
 * A few points between pieces that lead to the same take a comparison each, and
 * nothing more, unless they are cut off from their neighbours.
 */
static size_t
find_hole(const struct field *field, const struct piece *pieces, size_t count)
{
	for (size_t size = 1; size <= CHAIN && size + 1 < count; size++) {
		if (!is_point(field, &pieces[size]))
			return 0;
		if (pieces[size + 1].node == pieces[0].node)
			return size;
	}
	return 0;
}

static void
mark_holes(const struct field *field, struct piece *pieces, size_t count)
{
	size_t size;

	for (size_t i = 0; i < count; i++)
		pieces[i].joined = false;
	for (size_t i = 0; i < count; i += size + 1) {
		size = find_hole(field, pieces + i, count - i);
		for (size_t j = 1; j <= size + 1 && size > 0; j++)
			pieces[i + j].joined = true;
	}
}

/* Where to halve: near the middle, and through no hole if possible. */
static size_t
find_cut(const struct piece *pieces, size_t count)
{
	size_t middle = count / 2;

	for (size_t away = 0; away < middle; away++) {
		size_t cuts[2] = { middle - away, middle + away };

		for (size_t i = 0; i < 2; i++)
			if (cuts[i] < count && !pieces[cuts[i]].joined)
				return cuts[i];
	}
	return middle;
}

static uint16_t
search(struct dag *dag, const struct field *field, const struct piece *pieces,
    size_t count)
{
	uint16_t node = chain(dag, field, pieces, count), low, high;
	size_t cut;

	if (node != 0 || count == 1)
		return node;
	cut = find_cut(pieces, count);
	high = search(dag, field, pieces + cut, count - cut);
	low = search(dag, field, pieces, cut);
	return at_least(dag, field, pieces[cut].low, high, low);
}

uint16_t
dag_dispatch(struct dag *dag, const struct field *field, struct piece *pieces,
    size_t count)
{
	if (count == 2 && field->mask != UINT32_MAX &&
	    is_point(field, &pieces[0]))
		return any_bit(dag, field, pieces[1].node, pieces[0].node);
	mark_holes(field, pieces, count);
	return search(dag, field, pieces, count);
}
