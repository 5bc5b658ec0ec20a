/* SPDX-License-Identifier: ISC */
#include "prove/verify_graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* struct seccomp_data keeps 64-bit values in the machine's own byte order. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
# define LOW_WORD 0
#else
# define LOW_WORD 1
#endif
#define IP_WORD   2
#define ARGS_WORD 4

int
verify_grow(
    void *array, size_t size, size_t count, size_t *room, struct diag *diag)
{
	size_t wanted = *room == 0 ? 64 : *room * 2;
	void *old, *grown;

	if (count < *room)
		return 0;
	memcpy(&old, array, sizeof(old));
	grown = reallocarray(old, wanted, size);
	if (grown == NULL)
		return diag_set(diag, ENOMEM, "no memory to verify with");
	memcpy(array, &grown, sizeof(grown));
	*room = wanted;
	/* cppcheck-suppress memleak ; it is in the array now */
	return 0;
}

void
graph_clear(struct graph *graph, const struct graph_pinned *pinned)
{
	for (size_t i = graph->states_from; i < graph->states_to; i++)
		graph->heads[graph->nodes[i].hash % GRAPH_HEADS] = 0;
	graph->states_from = 0;
	graph->states_to = 0;
	graph->node_count = 0;
	graph->predicate_count = 0;
	graph->span_count = 0;
	graph->pinned = *pinned;
}

void
graph_free(struct graph *graph)
{
	free(graph->nodes);
	free(graph->states);
	free(graph->predicates);
	free(graph->spans);
}

int
graph_add_node(struct graph *graph, struct graph_node node, uint32_t *ret_node,
    struct diag *diag)
{
	int error = verify_grow(&graph->nodes, sizeof(node), graph->node_count,
	    &graph->node_room, diag);

	if (error == 0 && graph->node_count == GRAPH_NODES)
		error = diag_set(diag, E2BIG,
		    "cannot decide: more than %d questions about one call",
		    GRAPH_NODES);
	if (error != 0)
		return error;
	*ret_node = (uint32_t)graph->node_count;
	graph->nodes[graph->node_count++] = node;
	return 0;
}

int
graph_add_answer(
    struct graph *graph, uint32_t answer, uint32_t *ret_root, struct diag *diag)
{
	return graph_add_node(graph,
	    (struct graph_node){ .predicate = GRAPH_ANSWER, .yes = answer },
	    ret_root, diag);
}

int
graph_add_predicate(struct graph *graph, unsigned int word, uint32_t mask,
    uint32_t *ret_predicate, struct diag *diag)
{
	int error = verify_grow(&graph->predicates, sizeof(*graph->predicates),
	    graph->predicate_count, &graph->predicate_room, diag);

	if (error != 0)
		return error;
	*ret_predicate = (uint32_t)graph->predicate_count;
	graph->predicates[graph->predicate_count++] = (struct predicate){
		.word = (uint8_t)word,
		.mask = mask,
		.spans = (uint32_t)graph->span_count,
	};
	return 0;
}

int
graph_add_span(
    struct graph *graph, uint32_t first, uint32_t last, struct diag *diag)
{
	int error = verify_grow(&graph->spans, sizeof(*graph->spans),
	    graph->span_count, &graph->span_room, diag);

	if (error != 0)
		return error;
	graph->spans[graph->span_count++] = (struct span){ first, last };
	graph->predicates[graph->predicate_count - 1].count++;
	return 0;
}

bool
predicate_holds(const struct graph *graph, const struct predicate *predicate,
    uint32_t value)
{
	const struct span *span = graph->spans + predicate->spans;

	value &= predicate->mask;
	for (uint32_t i = 0; i < predicate->count; i++, span++)
		if (span->first <= value && value <= span->last)
			return true;
	return false;
}

/* Is (word & mask) one of SPAN?  And where that leads. */
struct step {
	unsigned int word;
	uint32_t mask;
	struct span span;
	uint32_t yes, no;
};

static int
add_step(struct graph *graph, const struct step *step, uint32_t *ret_node,
    struct diag *diag)
{
	struct graph_node node = { .yes = step->yes, .no = step->no };
	int error = graph_add_predicate(
	    graph, step->word, step->mask, &node.predicate, diag);

	if (error == 0)
		error = graph_add_span(
		    graph, step->span.first, step->span.last, diag);
	if (error != 0)
		return error;
	return graph_add_node(graph, node, ret_node, diag);
}

/* A test, its 64 bits taken apart; where it leads if it holds, and if not. */
struct asked {
	const struct test *test;
	unsigned int low_word, high_word;
	uint32_t low_mask, high_mask;
	uint32_t ways[2];
};

/* The values whose upper word is HIGH: is the lower word one of theirs? */
static int
add_low_values(struct graph *graph, const struct asked *asked, uint32_t high,
    uint32_t *ret_node, struct diag *diag)
{
	uint32_t predicate;
	int error = graph_add_predicate(
	    graph, asked->low_word, asked->low_mask, &predicate, diag);

	for (size_t i = 0; i < asked->test->count && error == 0; i++) {
		uint64_t value = asked->test->values[i];
		uint32_t low = (uint32_t)value & asked->low_mask;

		if (((uint32_t)(value >> 32) & asked->high_mask) == high)
			error = graph_add_span(graph, low, low, diag);
	}
	if (error != 0)
		return error;
	return graph_add_node(graph,
	    (struct graph_node){ .predicate = predicate,
	        .yes = asked->ways[0],
	        .no = asked->ways[1] },
	    ret_node, diag);
}

/* Whether a value before the one at INDEX has the same upper word. */
static bool
is_repeated(const struct asked *asked, size_t index)
{
	const uint64_t *values = asked->test->values;

	for (size_t i = 0; i < index; i++)
		if ((((values[i] ^ values[index]) >> 32) & asked->high_mask) ==
		    0)
			return true;
	return false;
}

/* Each upper word that a value has, and below it the lower words. */
static int
add_values(struct graph *graph, const struct asked *asked, uint32_t *ret_node,
    struct diag *diag)
{
	const struct test *test = asked->test;
	struct step step = { .word = asked->high_word,
		.mask = asked->high_mask,
		.no = asked->ways[1] };
	int error = 0;

	if (asked->high_mask == 0)
		return add_low_values(graph, asked, 0, ret_node, diag);
	for (size_t i = 0; i < test->count && error == 0; i++) {
		uint32_t high =
		    (uint32_t)(test->values[i] >> 32) & asked->high_mask;

		if (is_repeated(asked, i))
			continue;
		step.span = (struct span){ high, high };
		error = add_low_values(graph, asked, high, &step.yes, diag);
		if (error == 0)
			error = add_step(graph, &step, &step.no, diag);
	}
	*ret_node = step.no;
	return error;
}

/* Is it below the value, or, with EQUAL, the value itself? */
static int
add_below(struct graph *graph, const struct asked *asked, bool equal,
    uint32_t *ret_node, struct diag *diag)
{
	uint64_t value = asked->test->values[0];
	uint32_t low = (uint32_t)value & asked->low_mask;
	uint32_t high = (uint32_t)(value >> 32) & asked->high_mask;
	uint32_t yes = asked->ways[0], no = asked->ways[1], node = no;
	int error = 0;

	if (equal || low > 0)
		error = add_step(graph,
		    &(struct step){ asked->low_word, asked->low_mask,
		        { 0, equal ? low : low - 1 }, yes, no },
		    &node, diag);
	if (error == 0 && asked->high_mask != 0)
		error = add_step(graph,
		    &(struct step){ asked->high_word, asked->high_mask,
		        { high, high }, node, no },
		    &node, diag);
	if (error == 0 && high > 0)
		error = add_step(graph,
		    &(struct step){ asked->high_word, asked->high_mask,
		        { 0, high - 1 }, yes, node },
		    &node, diag);
	*ret_node = node;
	return error;
}

static int
add_test(struct graph *graph, const struct test *test, const uint32_t ways[2],
    uint32_t *ret_node, struct diag *diag)
{
	unsigned int word =
	    test->arg == TEST_IP ? IP_WORD : ARGS_WORD + 2U * test->arg;
	struct asked asked = {
		.test = test,
		.low_word = word + LOW_WORD,
		.high_word = word + 1 - LOW_WORD,
		.low_mask = (uint32_t)test->mask,
		.high_mask =
		    test->width == 32 ? 0 : (uint32_t)(test->mask >> 32),
		.ways = { ways[0], ways[1] },
	};

	if (test->op == TEST_NOT_IN || test->op == TEST_GT ||
	    test->op == TEST_GE) {
		asked.ways[0] = ways[1];
		asked.ways[1] = ways[0];
	}
	switch ((enum test_op)test->op) {
	case TEST_IN:
	case TEST_NOT_IN:
		return add_values(graph, &asked, ret_node, diag);
	case TEST_LT:
	case TEST_GE:
		return add_below(graph, &asked, false, ret_node, diag);
	case TEST_LE:
	case TEST_GT:
		return add_below(graph, &asked, true, ret_node, diag);
	}
	return diag_set(diag, EINVAL, "no such operator: %d", test->op);
}

/* The rule's tests, the last one first; what fails goes to OTHERWISE. */
static int
add_rule(struct graph *graph, const struct rule *rule, uint32_t otherwise,
    uint32_t *ret_node, struct diag *diag)
{
	const struct test *tests;
	size_t count = 0;
	uint32_t ways[2] = { 0, otherwise };
	int error = graph_add_answer(graph, rule->action, &ways[0], diag);

	if (rule->condition != NULL) {
		tests = rule->condition->tests;
		while (count < CONDITION_TESTS && tests[count].width != 0)
			count++;
		while (count-- > 0 && error == 0)
			error = add_test(
			    graph, &tests[count], ways, &ways[0], diag);
	}
	*ret_node = ways[0];
	return error;
}

int
graph_add_rules(struct graph *graph, const struct filter *filter,
    const uint16_t *rules, size_t count, uint32_t *ret_root, struct diag *diag)
{
	uint32_t node = 0;
	int error = graph_add_answer(graph, filter->fallback, &node, diag);

	for (size_t i = 0; i < count && error == 0; i++)
		error = add_rule(
		    graph, &filter->rules[rules[i]], node, &node, diag);
	*ret_root = node;
	return error;
}
