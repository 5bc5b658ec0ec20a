/* SPDX-License-Identifier: ISC */
/* A program as text, one instruction a line, with what it means. */
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "base/table.h"
#include "compile/program.h"

/* What the accumulator holds: a word of seccomp_data, or something else. */
#define HOLDS_UNKNOWN UINT8_MAX
#define HOLDS_NOTHING (UINT8_MAX - 1) /* nobody gets here */

struct lister {
	const struct program *program;
	const struct arch *arch;
	struct strbuf *buf;
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
enum { WORD_NUMBER, WORD_ARCHITECTURE };

static void
lead_to(struct lister *lister, unsigned int at, uint8_t holds)
{
	uint8_t *there = &lister->holds[at];

	if (*there == HOLDS_NOTHING)
		*there = holds;
	else if (*there != holds)
		*there = HOLDS_UNKNOWN;
}

/* One pass: jumps lead forward only. */
static void
follow(struct lister *lister)
{
	lister->holds[0] = HOLDS_UNKNOWN;
	for (unsigned int at = 1; at <= lister->program->length; at++)
		lister->holds[at] = HOLDS_NOTHING;
	for (unsigned int at = 0; at < lister->program->length; at++) {
		const struct sock_filter *one = &lister->program->code[at];
		uint8_t holds = lister->holds[at];

		switch (BPF_CLASS(one->code)) {
		case BPF_RET:
			continue;
		case BPF_JMP:
			if (BPF_OP(one->code) == BPF_JA) {
				lead_to(lister, at + 1 + one->k, holds);
				lister->target[at + 1 + one->k] = 1;
				continue;
			}
			lead_to(lister, at + 1 + one->jt, holds);
			lead_to(lister, at + 1 + one->jf, holds);
			lister->target[at + 1 + one->jt] |= one->jt > 0;
			lister->target[at + 1 + one->jf] |= one->jf > 0;
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
		lead_to(lister, at + 1, holds);
	}
}

static const char *
name_arch(uint32_t audit)
{
	const struct arch *arch;

	for (size_t i = 0; (arch = arch_at(i)) != NULL; i++)
		if (arch->audit == audit)
			return arch->name;
	return NULL;
}

/* The name of what a jump compares with, or "". */
static const char *
name_operand(const struct lister *lister, unsigned int at)
{
	const struct sock_filter *one = &lister->program->code[at];
	const char *name = NULL;

	if (BPF_SRC(one->code) != BPF_K)
		return "";
	if (lister->holds[at] == WORD_NUMBER)
		name = one->k == ARCH_X32_BIT && lister->arch->quirks & ARCH_X32
		           ? "the first x32 number"
		           : arch_name(lister->arch, one->k);
	else if (lister->holds[at] == WORD_ARCHITECTURE)
		name = name_arch(one->k);
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
