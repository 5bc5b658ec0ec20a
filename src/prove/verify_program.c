/* SPDX-License-Identifier: ISC */
/*
 * A program followed through all it can do.  A register holds a constant or
 * bits of one word of the input; whatever else it may hold is unknown, and
 * nothing may depend on it.
 */
#include "prove/verify_graph.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

enum value_kind {
	VALUE_CONSTANT, /* k */
	VALUE_WORD,     /* (word & k) >> shift */
	VALUE_UNKNOWN,
};

#define REGISTER_A    0
#define REGISTER_X    1
#define REGISTER_CELL 2

/* Comparisons with an outcome known beforehand. */
enum outcome { OUTCOME_NO, OUTCOME_YES, OUTCOME_OPEN };

/* (word & mask) is one of SPAN. */
struct comparison {
	uint32_t word;
	uint32_t mask;
	struct span span;
};

static struct graph_value
constant(uint32_t k)
{
	return (struct graph_value){ .k = k };
}

static const struct graph_value unknown = { .kind = VALUE_UNKNOWN };

static struct graph_value
load(const struct graph_state *state, const struct sock_filter *instruction)
{
	uint32_t k = instruction->k;

	switch (BPF_MODE(instruction->code)) {
	case BPF_ABS:
		return (struct graph_value){ .k = UINT32_MAX,
			.kind = VALUE_WORD,
			.word = (uint8_t)(k / sizeof(uint32_t)) };
	case BPF_LEN:
		return constant(sizeof(struct seccomp_data));
	case BPF_MEM:
		return state->registers[REGISTER_CELL + k];
	default:
		return constant(k);
	}
}

/* The bits of a word: masked, or moved down and not above their places. */
static struct graph_value
compute_word(struct graph_value a, uint16_t operation, uint32_t operand)
{
	if (operation == BPF_AND) {
		a.k &= (uint32_t)((uint64_t)operand << a.shift);
	} else if (operation == BPF_RSH && operand + a.shift < 32) {
		a.shift = (uint8_t)(a.shift + operand);
		a.k &= UINT32_MAX << a.shift;
	} else if (operation == BPF_LSH && operand <= a.shift) {
		a.shift = (uint8_t)(a.shift - operand);
	} else if (operation == BPF_RSH && operand < 32) {
		return constant(0);
	} else {
		return unknown;
	}
	return a.k == 0 ? constant(0) : a;
}

static struct graph_value
compute_constant(uint32_t a, uint16_t operation, uint32_t operand)
{
	switch (operation) {
	case BPF_ADD:
		return constant(a + operand);
	case BPF_SUB:
		return constant(a - operand);
	case BPF_MUL:
		return constant(a * operand);
	case BPF_DIV:
		return operand == 0 ? unknown : constant(a / operand);
	case BPF_AND:
		return constant(a & operand);
	case BPF_OR:
		return constant(a | operand);
	case BPF_XOR:
		return constant(a ^ operand);
	case BPF_LSH:
		return constant(a << operand % 32);
	case BPF_RSH:
		return constant(a >> operand % 32);
	default:
		return constant(-a);
	}
}

static struct graph_value
compute(const struct graph_state *state, const struct sock_filter *instruction)
{
	uint16_t operation = BPF_OP(instruction->code);
	struct graph_value a = state->registers[REGISTER_A];
	struct graph_value operand = constant(instruction->k);

	if (BPF_SRC(instruction->code) == BPF_X && operation != BPF_NEG)
		operand = state->registers[REGISTER_X];
	if (operation == BPF_AND && a.kind == VALUE_CONSTANT)
		return operand.kind == VALUE_CONSTANT
		           ? constant(a.k & operand.k)
		       : operand.kind == VALUE_WORD
		           ? compute_word(operand, BPF_AND, a.k)
		           : unknown;
	if (a.kind == VALUE_UNKNOWN || operand.kind != VALUE_CONSTANT)
		return unknown;
	if (a.kind == VALUE_WORD)
		return compute_word(a, operation, operand.k);
	return compute_constant(a.k, operation, operand.k);
}

/* Whether a division may end the program: by what X holds. */
static bool
may_divide_by_zero(
    const struct graph_state *state, const struct sock_filter *instruction)
{
	const struct graph_value *x = &state->registers[REGISTER_X];

	return instruction->code == (BPF_ALU | BPF_DIV | BPF_X) &&
	       (x->kind != VALUE_CONSTANT || x->k == 0);
}

/* What an instruction that is no jump and no return does to the registers. */
static void
execute(struct graph_state *state, const struct sock_filter *instruction)
{
	struct graph_value *registers = state->registers;

	switch (BPF_CLASS(instruction->code)) {
	case BPF_LD:
		registers[REGISTER_A] = load(state, instruction);
		break;
	case BPF_LDX:
		registers[REGISTER_X] = load(state, instruction);
		break;
	case BPF_ST:
		registers[REGISTER_CELL + instruction->k] =
		    registers[REGISTER_A];
		break;
	case BPF_STX:
		registers[REGISTER_CELL + instruction->k] =
		    registers[REGISTER_X];
		break;
	case BPF_ALU:
		registers[REGISTER_A] = compute(state, instruction);
		break;
	default:
		if (BPF_MISCOP(instruction->code) == BPF_TAX)
			registers[REGISTER_X] = registers[REGISTER_A];
		else
			registers[REGISTER_A] = registers[REGISTER_X];
	}
}

static enum outcome
compare_constants(uint16_t operation, uint32_t a, uint32_t k)
{
	switch (operation) {
	case BPF_JEQ:
		return a == k ? OUTCOME_YES : OUTCOME_NO;
	case BPF_JGE:
		return a >= k ? OUTCOME_YES : OUTCOME_NO;
	case BPF_JGT:
		return a > k ? OUTCOME_YES : OUTCOME_NO;
	default:
		return (a & k) != 0 ? OUTCOME_YES : OUTCOME_NO;
	}
}

/* A word against a constant, with the shift undone. */
static enum outcome
compare_word(const struct graph_value *a, uint16_t operation, uint32_t operand,
    struct comparison *ret)
{
	uint64_t k = operand;

	*ret = (struct comparison){ .word = a->word, .mask = a->k };
	if (operation == BPF_JSET) {
		ret->mask &= (uint32_t)(k << a->shift);
		ret->span = (struct span){ 1, UINT32_MAX };
		return ret->mask == 0 ? OUTCOME_NO : OUTCOME_OPEN;
	}
	if (operation == BPF_JGT)
		k++;
	if (k == 0 && operation != BPF_JEQ)
		return OUTCOME_YES;
	k <<= a->shift;
	if (k > a->k || (operation == BPF_JEQ && (k & ~(uint64_t)a->k) != 0))
		return OUTCOME_NO;
	ret->span = (struct span){ (uint32_t)k,
		operation == BPF_JEQ ? (uint32_t)k : UINT32_MAX };
	return OUTCOME_OPEN;
}

static int
refuse(unsigned int at, const char *what, struct diag *diag)
{
	return diag_set(
	    diag, ENOTSUP, "cannot decide: instruction %u %s", at, what);
}

static int
compare(const struct graph *graph, const struct graph_state *state,
    const struct sock_filter *instruction, struct comparison *ret_comparison,
    enum outcome *ret_outcome, struct diag *diag)
{
	const struct graph_pinned *pinned = &graph->pinned;
	const struct graph_value *a = &state->registers[REGISTER_A];
	uint16_t operation = BPF_OP(instruction->code);
	struct graph_value k = constant(instruction->k);
	uint32_t value;

	if (BPF_SRC(instruction->code) == BPF_X)
		k = state->registers[REGISTER_X];
	if (k.kind != VALUE_CONSTANT || a->kind == VALUE_UNKNOWN)
		return refuse(state->at,
		    "compares more than bits of a word with a constant", diag);
	if (a->kind == VALUE_CONSTANT) {
		*ret_outcome = compare_constants(operation, a->k, k.k);
		return 0;
	}
	*ret_outcome = compare_word(a, operation, k.k, ret_comparison);
	if (*ret_outcome != OUTCOME_OPEN || !pinned->pinned ||
	    a->word > GRAPH_ARCH)
		return 0;
	value = a->word == GRAPH_NR ? pinned->nr : pinned->arch;
	*ret_outcome =
	    compare_constants(operation, (value & a->k) >> a->shift, k.k);
	return 0;
}

/* What the return at STATE answers, if that is known. */
static int
find_answer(const struct graph_state *state,
    const struct sock_filter *instruction, uint32_t *ret_answer,
    struct diag *diag)
{
	const struct graph_value *a = &state->registers[REGISTER_A];

	*ret_answer = instruction->k;
	if (BPF_RVAL(instruction->code) != BPF_A)
		return 0;
	if (a->kind != VALUE_CONSTANT)
		return refuse(state->at, "returns what it computed", diag);
	*ret_answer = a->k;
	return 0;
}

/* Where STATE is: hash, and whether two are the same. */
#define STATE_KEY(state) ((state)->registers), sizeof((state)->registers)

static uint32_t
hash_state(const struct graph_state *state)
{
	uint64_t words[GRAPH_REGISTERS], hash = state->at + UINT64_C(1);

	memcpy(words, state->registers, sizeof(words));
	for (size_t i = 0; i < GRAPH_REGISTERS; i++)
		hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(hash >> 32);
}

/* The node of STATE, which stands at an open comparison or a return. */
static int
intern(struct graph *graph, const struct graph_state *state,
    struct graph_node node, uint32_t *ret_node, struct diag *diag)
{
	uint32_t *head;
	int error;

	node.hash = hash_state(state);
	head = &graph->heads[node.hash % GRAPH_HEADS];
	for (uint32_t i = *head; i != 0; i = graph->states[i - 1].next) {
		const struct graph_state *other = &graph->states[i - 1];

		*ret_node = i - 1;
		if (graph->nodes[i - 1].hash == node.hash &&
		    other->at == state->at &&
		    memcmp(other->registers, state->registers,
		        sizeof(state->registers)) == 0)
			return 0;
	}
	error = graph_add_node(graph, node, ret_node, diag);
	while (error == 0 && graph->state_room < graph->node_count)
		error = verify_grow(&graph->states, sizeof(*state),
		    graph->state_room, &graph->state_room, diag);
	if (error != 0)
		return error;
	graph->states[*ret_node] = *state;
	graph->states[*ret_node].next = *head;
	*head = *ret_node + 1;
	graph->states_to = graph->node_count;
	return 0;
}

/* Makes the node of a state; what it asks is found when it is expanded. */
static int
advance(struct graph *graph, const struct program *program,
    struct graph_state *state, uint32_t *ret_node, struct diag *diag)
{
	struct graph_node node = { .predicate = GRAPH_ANSWER };
	struct comparison comparison = { 0 };
	enum outcome outcome = OUTCOME_NO;
	int error;

	for (;; state->at++) {
		const struct sock_filter *instruction =
		    &program->code[state->at];

		if (BPF_CLASS(instruction->code) == BPF_RET) {
			error =
			    find_answer(state, instruction, &node.yes, diag);
			if (error != 0)
				return error;
			/* However it got here. */
			memset(state->registers, 0, sizeof(state->registers));
			state->registers[REGISTER_A] = constant(node.yes);
			return intern(graph, state, node, ret_node, diag);
		}
		if (BPF_CLASS(instruction->code) != BPF_JMP) {
			if (may_divide_by_zero(state, instruction))
				return refuse(state->at,
				    "divides by what it computed", diag);
			execute(state, instruction);
			continue;
		}
		if (BPF_OP(instruction->code) == BPF_JA) {
			state->at += instruction->k;
			continue;
		}
		error = compare(
		    graph, state, instruction, &comparison, &outcome, diag);
		if (error != 0)
			return error;
		if (outcome == OUTCOME_OPEN)
			return intern(graph, state, node, ret_node, diag);
		state->at +=
		    outcome == OUTCOME_YES ? instruction->jt : instruction->jf;
	}
}

/* Finds where the open comparison of NODE leads. */
static int
expand(struct graph *graph, const struct program *program, uint32_t node,
    struct diag *diag)
{
	struct graph_state state = graph->states[node];
	const struct sock_filter *instruction = &program->code[state.at];
	uint32_t at = state.at;
	struct comparison comparison = { 0 };
	struct graph_node made = { .hash = graph->nodes[node].hash };
	enum outcome outcome = OUTCOME_NO;
	int error =
	    compare(graph, &state, instruction, &comparison, &outcome, diag);

	if (error == 0)
		error = graph_add_predicate(graph, comparison.word,
		    comparison.mask, &made.predicate, diag);
	if (error == 0)
		error = graph_add_span(
		    graph, comparison.span.first, comparison.span.last, diag);
	if (error != 0)
		return error;
	state.at = at + 1 + instruction->jt;
	error = advance(graph, program, &state, &made.yes, diag);
	if (error != 0)
		return error;
	state = graph->states[node];
	state.at = at + 1 + instruction->jf;
	error = advance(graph, program, &state, &made.no, diag);
	graph->nodes[node] = made;
	return error;
}

/* Nodes of two programs are kept apart: the first one's are forgotten. */
static void
forget_states(struct graph *graph)
{
	for (size_t i = graph->states_from; i < graph->states_to; i++)
		graph->heads[graph->nodes[i].hash % GRAPH_HEADS] = 0;
	graph->states_from = graph->node_count;
	graph->states_to = graph->node_count;
}

int
graph_add_program(struct graph *graph, const struct program *program,
    uint32_t *ret_root, struct diag *diag)
{
	struct graph_state state = { 0 };
	size_t first;
	int error;

	forget_states(graph);
	first = graph->node_count;
	error = advance(graph, program, &state, ret_root, diag);
	for (size_t i = first; i < graph->node_count && error == 0; i++)
		if (BPF_CLASS(program->code[graph->states[i].at].code) !=
		    BPF_RET)
			error = expand(graph, program, (uint32_t)i, diag);
	return error;
}
