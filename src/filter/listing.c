/* SPDX-License-Identifier: ISC */
/* A program as text, one instruction a line, with what it means. */
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "base/table.h"
#include "filter/program.h"

/* What the accumulator holds: a word of seccomp_data, or something else. */
#define HOLDS_UNKNOWN UINT8_MAX
#define HOLDS_NOTHING (UINT8_MAX - 1) /* nobody gets here */

/* An index of arch_at(), or: whichever. */
#define ANY_ARCH UINT8_MAX
#define NO_ARCH  (UINT8_MAX - 1) /* nobody gets here */

enum { WORD_NUMBER, WORD_ARCHITECTURE };

struct lister {
	const struct program *program;
	const struct arch *arch; /* where the program does not say */
	struct strbuf *buf;
	uint8_t archs[BPF_MAXINSNS + 1];  /* before each instruction */
	uint8_t holds[BPF_MAXINSNS + 1];  /* before each instruction */
	uint8_t target[BPF_MAXINSNS + 1]; /* a jump leads here */
};

static const char *const words[] = {
	"the call's number",
	"the architecture",
	"instruction pointer, low word",
	"instruction pointer, high word",
	"argument 0, low word",
	"argument 0, high word",
	"argument 1, low word",
	"argument 1, high word",
	"argument 2, low word",
	"argument 2, high word",
	"argument 3, low word",
	"argument 3, high word",
	"argument 4, low word",
	"argument 4, high word",
	"argument 5, low word",
	"argument 5, high word",
};

static void
meet(uint8_t *there, uint8_t value, uint8_t nothing, uint8_t unknown)
{
	if (*there == nothing)
		*there = value;
	else if (*there != value)
		*there = unknown;
}

static void
lead_to(struct lister *lister, unsigned int at, uint8_t holds, uint8_t arch)
{
	meet(&lister->holds[at], holds, HOLDS_NOTHING, HOLDS_UNKNOWN);
	meet(&lister->archs[at], arch, NO_ARCH, ANY_ARCH);
}

static uint8_t
find_arch(uint32_t audit)
{
	for (uint8_t i = 0; arch_at(i) != NULL; i++)
		if (arch_at(i)->audit == audit)
			return i;
	return ANY_ARCH;
}

static void
follow_jump(struct lister *lister, unsigned int at)
{
	const struct sock_filter *one = &lister->program->code[at];
	uint8_t holds = lister->holds[at], arch = lister->archs[at];
	uint8_t yes = arch;

	if (BPF_OP(one->code) == BPF_JA) {
		lead_to(lister, at + 1 + one->k, holds, arch);
		lister->target[at + 1 + one->k] = 1;
		return;
	}
	if (holds == WORD_ARCHITECTURE &&
	    one->code == (BPF_JMP | BPF_JEQ | BPF_K))
		yes = find_arch(one->k);
	lead_to(lister, at + 1 + one->jt, holds, yes);
	lead_to(lister, at + 1 + one->jf, holds, arch);
	lister->target[at + 1 + one->jt] |= one->jt > 0;
	lister->target[at + 1 + one->jf] |= one->jf > 0;
}

/* One pass: jumps lead forward only. */
static void
follow(struct lister *lister)
{
	lister->holds[0] = HOLDS_UNKNOWN;
	lister->archs[0] = ANY_ARCH;
	for (unsigned int at = 1; at <= lister->program->length; at++) {
		lister->holds[at] = HOLDS_NOTHING;
		lister->archs[at] = NO_ARCH;
	}
	for (unsigned int at = 0; at < lister->program->length; at++) {
		const struct sock_filter *one = &lister->program->code[at];
		uint8_t holds = lister->holds[at];

		switch (BPF_CLASS(one->code)) {
		case BPF_RET:
			continue;
		case BPF_JMP:
			follow_jump(lister, at);
			continue;
		case BPF_LD:
			holds = HOLDS_UNKNOWN;
			if (BPF_MODE(one->code) == BPF_ABS)
				holds = (uint8_t)(one->k / 4);
			break;
		case BPF_ALU:
		case BPF_MISC:
			if (one->code != (BPF_MISC | BPF_TAX))
				holds = HOLDS_UNKNOWN;
			break;
		default:
			break;
		}
		lead_to(lister, at + 1, holds, lister->archs[at]);
	}
}

/* The name of what a jump compares with, or "". */
static const char *
name_operand(const struct lister *lister, unsigned int at)
{
	const struct sock_filter *one = &lister->program->code[at];
	const struct arch *arch = arch_at(lister->archs[at]), *named;
	const char *name = NULL;

	if (BPF_SRC(one->code) != BPF_K)
		return "";
	if (arch == NULL)
		arch = lister->arch;
	if (lister->holds[at] == WORD_NUMBER)
		name = one->k == ARCH_X32_BIT && arch->quirks & ARCH_X32
		           ? "the first x32 number"
		           : arch_name(arch, one->k);
	named = arch_at(find_arch(one->k));
	if (lister->holds[at] == WORD_ARCHITECTURE && named != NULL)
		name = named->name;
	return name != NULL ? name : "";
}

static const char *
operand(const struct sock_filter *one, char *buffer, size_t size)
{
	if (BPF_SRC(one->code) == BPF_X)
		return "X";
	snprintf(buffer, size, "%#x", one->k);
	return buffer;
}

static void
list_jump(const struct lister *lister, unsigned int at)
{
	static const char *const names[] = { [BPF_JA >> 4] = "ja",
		[BPF_JEQ >> 4] = "jeq",
		[BPF_JGT >> 4] = "jgt",
		[BPF_JGE >> 4] = "jge",
		[BPF_JSET >> 4] = "jset" };
	const struct sock_filter *one = &lister->program->code[at];
	const char *name = name_operand(lister, at);
	char value[16];

	if (BPF_OP(one->code) == BPF_JA) {
		strbuf_printf(lister->buf, "ja   %u", at + 1 + one->k);
		return;
	}
	strbuf_printf(lister->buf, "%-4s %-12s %4u else %4u%s%s",
	    names[BPF_OP(one->code) >> 4], operand(one, value, sizeof(value)),
	    at + 1 + one->jt, at + 1 + one->jf, *name != '\0' ? "   ; " : "",
	    name);
}

static void
list_load(const struct lister *lister, const struct sock_filter *one)
{
	const char *name = BPF_CLASS(one->code) == BPF_LD ? "ld" : "ldx";

	switch (BPF_MODE(one->code)) {
	case BPF_ABS:
		strbuf_printf(lister->buf, "%-4s [%u]%*s; %s", name, one->k,
		    one->k < 10 ? 25 : 24, "", words[one->k / 4]);
		break;
	case BPF_MEM:
		strbuf_printf(lister->buf, "%-4s M[%u]", name, one->k);
		break;
	case BPF_LEN:
		strbuf_printf(lister->buf, "%-4s len", name);
		break;
	default:
		strbuf_printf(lister->buf, "%-4s #%#x", name, one->k);
	}
}

static void
list_alu(const struct lister *lister, const struct sock_filter *one)
{
	static const char *const names[] = { "add", "sub", "mul", "div", "or",
		"and", "lsh", "rsh", "neg", "mod", "xor" };
	char value[16];

	strbuf_printf(lister->buf, "%-4s %s", names[BPF_OP(one->code) >> 4],
	    BPF_OP(one->code) == BPF_NEG ? ""
	                                 : operand(one, value, sizeof(value)));
}

static void
list_one(const struct lister *lister, unsigned int at)
{
	const struct sock_filter *one = &lister->program->code[at];
	char text[ANSWER_TEXT];

	strbuf_printf(
	    lister->buf, "%4u%c  ", at, lister->target[at] ? ':' : ' ');
	switch (BPF_CLASS(one->code)) {
	case BPF_LD:
	case BPF_LDX:
		list_load(lister, one);
		break;
	case BPF_ST:
	case BPF_STX:
		strbuf_printf(lister->buf, "%-4s M[%u]",
		    BPF_CLASS(one->code) == BPF_ST ? "st" : "stx", one->k);
		break;
	case BPF_ALU:
		list_alu(lister, one);
		break;
	case BPF_JMP:
		list_jump(lister, at);
		break;
	case BPF_RET:
		if (BPF_RVAL(one->code) == BPF_A)
			strbuf_puts(lister->buf, "ret  A");
		else
			strbuf_printf(
			    lister->buf, "ret  %s", answer_text(one->k, text));
		break;
	default:
		strbuf_puts(lister->buf,
		    BPF_MISCOP(one->code) == BPF_TAX ? "tax" : "txa");
	}
	strbuf_putc(lister->buf, '\n');
}

void
program_list(
    const struct program *program, const struct arch *arch, struct strbuf *buf)
{
	struct lister lister = { .program = program, .arch = arch, .buf = buf };

	follow(&lister);
	for (unsigned int at = 0; at < program->length; at++)
		list_one(&lister, at);
}
