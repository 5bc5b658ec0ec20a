/* SPDX-License-Identifier: ISC */
#include "filter/program.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

/* What seccomp(2) lets a program consist of, and what an operation must heed.
 */
enum need {
	NEED_NOTHING = 1,
	NEED_WORD,      /* k is the offset of a word of seccomp_data */
	NEED_NONZERO,   /* k divides */
	NEED_SHIFT,     /* k is less than 32 */
	NEED_CELL,      /* k is a cell of scratch memory */
	NEED_FULL_CELL, /* which was stored before */
	NEED_TARGET,    /* k is a jump */
	NEED_TARGETS,   /* jt and jf are */
};

#define ALU(operation, need)               \
 [BPF_ALU | (operation) | BPF_K] = (need), \
	                  [BPF_ALU | (operation) | BPF_X] = NEED_NOTHING
#define JUMP(operation)                          \
 [BPF_JMP | (operation) | BPF_K] = NEED_TARGETS, \
	                  [BPF_JMP | (operation) | BPF_X] = NEED_TARGETS

/* Not here: BPF_MOD, packets, and words as bytes. 0: refused. */
static const uint8_t needs[256] = {
	[BPF_LD | BPF_W | BPF_ABS] = NEED_WORD,
	[BPF_LD | BPF_W | BPF_LEN] = NEED_NOTHING,
	[BPF_LDX | BPF_W | BPF_LEN] = NEED_NOTHING,
	[BPF_LD | BPF_IMM] = NEED_NOTHING,
	[BPF_LDX | BPF_IMM] = NEED_NOTHING,
	[BPF_LD | BPF_MEM] = NEED_FULL_CELL,
	[BPF_LDX | BPF_MEM] = NEED_FULL_CELL,
	[BPF_ST] = NEED_CELL,
	[BPF_STX] = NEED_CELL,
	ALU(BPF_ADD, NEED_NOTHING),
	ALU(BPF_SUB, NEED_NOTHING),
	ALU(BPF_MUL, NEED_NOTHING),
	ALU(BPF_DIV, NEED_NONZERO),
	ALU(BPF_AND, NEED_NOTHING),
	ALU(BPF_OR, NEED_NOTHING),
	ALU(BPF_XOR, NEED_NOTHING),
	ALU(BPF_LSH, NEED_SHIFT),
	ALU(BPF_RSH, NEED_SHIFT),
	[BPF_ALU | BPF_NEG] = NEED_NOTHING,
	[BPF_MISC | BPF_TAX] = NEED_NOTHING,
	[BPF_MISC | BPF_TXA] = NEED_NOTHING,
	[BPF_JMP | BPF_JA] = NEED_TARGET,
	JUMP(BPF_JEQ),
	JUMP(BPF_JGE),
	JUMP(BPF_JGT),
	JUMP(BPF_JSET),
	[BPF_RET | BPF_K] = NEED_NOTHING,
	[BPF_RET | BPF_A] = NEED_NOTHING,
};

static enum need
find_need(uint16_t code)
{
	return code < sizeof(needs) ? (enum need)needs[code] : 0;
}

/* Why the kernel does not take the instruction AT, or NULL. */
static const char *
find_fault(const struct program *program, unsigned int at)
{
	const struct sock_filter *instruction = &program->code[at];
	unsigned int behind = program->length - at - 1U;
	uint32_t k = instruction->k;

	switch (find_need(instruction->code)) {
	case NEED_NOTHING:
		return NULL;
	case NEED_WORD:
		return k < sizeof(struct seccomp_data) && k % 4 == 0
		           ? NULL
		           : "loads what is no word of struct seccomp_data";
	case NEED_NONZERO:
		return k != 0 ? NULL : "divides by zero";
	case NEED_SHIFT:
		return k < 32 ? NULL : "shifts by more than 31";
	case NEED_CELL:
	case NEED_FULL_CELL:
		return k < BPF_MEMWORDS ? NULL
		                        : "uses memory that there is not";
	case NEED_TARGET:
		return k < behind ? NULL : "jumps past the end";
	case NEED_TARGETS:
		return instruction->jt < behind && instruction->jf < behind
		           ? NULL
		           : "jumps past the end";
	}
	return "has an operation that seccomp does not know";
}

/*
 * Whether every load from memory finds something stored there, whichever way
 * was taken; if not, RET_AT is the load.  As bpf_check_classic() sees it:
 * what lies behind a return that no jump leads to has what the return had.
 */
static bool
check_memory(const struct program *program, unsigned int *ret_at)
{
	uint16_t full[BPF_MAXINSNS], now = 0;

	memset(full, 0xff, sizeof(full));
	for (unsigned int at = 0; at < program->length; at++) {
		const struct sock_filter *instruction = &program->code[at];

		now &= full[at];
		switch (find_need(instruction->code)) {
		case NEED_CELL:
			now |= (uint16_t)(1U << instruction->k);
			break;
		case NEED_FULL_CELL:
			*ret_at = at;
			if ((now & 1U << instruction->k) == 0)
				return false;
			break;
		case NEED_TARGET:
			full[at + 1 + instruction->k] &= now;
			now = UINT16_MAX;
			break;
		case NEED_TARGETS:
			full[at + 1 + instruction->jt] &= now;
			full[at + 1 + instruction->jf] &= now;
			now = UINT16_MAX;
			break;
		case NEED_NOTHING:
		case NEED_WORD:
		case NEED_NONZERO:
		case NEED_SHIFT:
			break;
		}
	}
	return true;
}

static int
check_program(const struct program *program, struct diag *diag)
{
	unsigned int at;

	if (program->length == 0 || program->length > BPF_MAXINSNS)
		return diag_set(diag, EINVAL,
		    "a program has 1 to %d instructions, not %d", BPF_MAXINSNS,
		    program->length);
	for (at = 0; at < program->length; at++) {
		const char *fault = find_fault(program, at);

		if (fault != NULL)
			return diag_set(
			    diag, EINVAL, "instruction %u %s", at, fault);
	}
	if (BPF_CLASS(program->code[at - 1].code) != BPF_RET)
		return diag_set(diag, EINVAL,
		    "instruction %u is the last and no return", at - 1);
	if (!check_memory(program, &at))
		return diag_set(diag, EINVAL,
		    "instruction %u loads from memory before a store", at);
	return 0;
}

struct machine {
	uint32_t a;
	uint32_t x;
	uint32_t memory[BPF_MEMWORDS];
	uint32_t data[sizeof(struct seccomp_data) / sizeof(uint32_t)];
	uint32_t answer;
	bool done;
};

static void
load(struct machine *machine, const struct sock_filter *instruction)
{
	uint32_t value = instruction->k;

	if (BPF_MODE(instruction->code) == BPF_ABS)
		value = machine->data[value / 4];
	else if (BPF_MODE(instruction->code) == BPF_LEN)
		value = sizeof(struct seccomp_data);
	else if (BPF_MODE(instruction->code) == BPF_MEM)
		value = machine->memory[value];
	if (BPF_CLASS(instruction->code) == BPF_LD)
		machine->a = value;
	else
		machine->x = value;
}

static void
compute(struct machine *machine, uint16_t operation, uint32_t operand)
{
	uint32_t *a = &machine->a;

	switch (operation) {
	case BPF_ADD:
		*a += operand;
		break;
	case BPF_SUB:
		*a -= operand;
		break;
	case BPF_MUL:
		*a *= operand;
		break;
	case BPF_DIV:
		/* The kernel ends the program, with 0: kill the thread. */
		if (operand == 0)
			machine->done = true;
		else
			*a /= operand;
		break;
	case BPF_AND:
		*a &= operand;
		break;
	case BPF_OR:
		*a |= operand;
		break;
	case BPF_XOR:
		*a ^= operand;
		break;
	case BPF_LSH:
		*a <<= operand % 32;
		break;
	case BPF_RSH:
		*a >>= operand % 32;
		break;
	default:
		*a = -*a;
	}
}

static bool
compare(uint16_t operation, uint32_t a, uint32_t operand)
{
	switch (operation) {
	case BPF_JEQ:
		return a == operand;
	case BPF_JGE:
		return a >= operand;
	case BPF_JGT:
		return a > operand;
	default:
		return (a & operand) != 0;
	}
}

/* Returns how many instructions to skip. */
static uint32_t
step(struct machine *machine, const struct sock_filter *instruction)
{
	uint16_t code = instruction->code;
	uint32_t operand = BPF_SRC(code) == BPF_X ? machine->x : instruction->k;

	switch (BPF_CLASS(code)) {
	case BPF_LD:
	case BPF_LDX:
		load(machine, instruction);
		break;
	case BPF_ST:
		machine->memory[instruction->k] = machine->a;
		break;
	case BPF_STX:
		machine->memory[instruction->k] = machine->x;
		break;
	case BPF_ALU:
		compute(machine, BPF_OP(code), operand);
		break;
	case BPF_JMP:
		if (BPF_OP(code) == BPF_JA)
			return instruction->k;
		return compare(BPF_OP(code), machine->a, operand)
		           ? instruction->jt
		           : instruction->jf;
	case BPF_RET:
		machine->done = true;
		machine->answer =
		    BPF_RVAL(code) == BPF_A ? machine->a : instruction->k;
		break;
	default:
		if (BPF_MISCOP(code) == BPF_TAX)
			machine->x = machine->a;
		else
			machine->a = machine->x;
	}
	return 0;
}

/* Runs it; the index of the last instruction and how many there were. */
static void
run_machine(const struct program *program, const struct call *call,
    struct machine *machine, unsigned int *ret_at, unsigned int *ret_steps)
{
	struct seccomp_data data = { .nr = (int)call->nr,
		.arch = call->arch,
		.instruction_pointer = call->ip };
	unsigned int at = 0, next = 0, steps = 0;

	memcpy(data.args, call->args, sizeof(data.args));
	memcpy(machine->data, &data, sizeof(data));
	for (; !machine->done; steps++) {
		at = next;
		next = at + 1 + step(machine, &program->code[at]);
	}
	*ret_at = at;
	*ret_steps = steps;
}

int
program_run(const struct program *program, const struct call *call,
    uint32_t *ret_answer, unsigned int *ret_steps, struct diag *diag)
{
	struct machine machine = { 0 };
	unsigned int at, steps;
	int error = check_program(program, diag);

	if (error != 0)
		return error;
	run_machine(program, call, &machine, &at, &steps);
	*ret_answer = machine.answer;
	if (ret_steps != NULL)
		*ret_steps = steps;
	return 0;
}

int
program_decide(const struct program *program, const struct call *call,
    uint32_t *ret_answer, unsigned int *ret_at, struct diag *diag)
{
	struct machine machine = { 0 };
	unsigned int steps;
	int error = check_program(program, diag);

	if (error != 0)
		return error;
	run_machine(program, call, &machine, ret_at, &steps);
	*ret_answer = machine.answer;
	return 0;
}

unsigned int
program_longest_path(const struct program *program)
{
	unsigned short longest[BPF_MAXINSNS] = { 0 };

	if (check_program(program, NULL) != 0)
		return 0;
	for (unsigned int at = program->length; at-- > 0;) {
		const struct sock_filter *instruction = &program->code[at];
		enum need need = find_need(instruction->code);
		unsigned int yes = at + 1, no, after = 0;

		if (need == NEED_TARGET)
			yes += instruction->k;
		no = yes;
		if (need == NEED_TARGETS) {
			yes += instruction->jt;
			no += instruction->jf;
		}
		if (BPF_CLASS(instruction->code) != BPF_RET)
			after = longest[yes] > longest[no] ? longest[yes]
			                                   : longest[no];
		longest[at] = (unsigned short)(after + 1);
	}
	return longest[0];
}
