/* SPDX-License-Identifier: ISC */
#include "base/table.h"
#include "call/arch.h"
#include "filter/program.h"
#include "prove/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_LIBSECCOMP
# include <seccomp.h>
# include <sys/mman.h>
# include <unistd.h>
#endif

#include "tap.h"
#include "verdict.h"

#define ALLOW          SECCOMP_RET_ALLOW
#define LOG            SECCOMP_RET_LOG
#define KILL           SECCOMP_RET_KILL_PROCESS
#define ERRNO(number)  (SECCOMP_RET_ERRNO | (number))
#define ALL            (~UINT64_C(0))
#define LOW            UINT64_C(0xffffffff)
#define ALL_PROMISES   ((UINT64_C(1) << PROMISE_COUNT) - 1)

#define LD(word)       BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4 * (word))
#define AND(k)         BPF_STMT(BPF_ALU | BPF_AND | BPF_K, k)
#define ALU(op, k)     BPF_STMT(BPF_ALU | BPF_##op | BPF_K, k)
#define ALUX(op)       BPF_STMT(BPF_ALU | BPF_##op | BPF_X, 0)
#define LDX(k)         BPF_STMT(BPF_LDX | BPF_IMM, k)
#define LDI(k)         BPF_STMT(BPF_LD | BPF_IMM, k)
#define ST(k)          BPF_STMT(BPF_ST, k)
#define STX(k)         BPF_STMT(BPF_STX, k)
#define LDM(k)         BPF_STMT(BPF_LD | BPF_MEM, k)
#define LDXM(k)        BPF_STMT(BPF_LDX | BPF_MEM, k)
#define TAX            BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define TXA            BPF_STMT(BPF_MISC | BPF_TXA, 0)
#define JA(k)          BPF_STMT(BPF_JMP | BPF_JA, k)
#define J(op, k, t, f) BPF_JUMP(BPF_JMP | BPF_J##op | BPF_K, k, t, f)
#define JX(op, t, f)   BPF_JUMP(BPF_JMP | BPF_J##op | BPF_X, 0, t, f)
#define RET(k)         BPF_STMT(BPF_RET | BPF_K, k)
#define RETA           BPF_STMT(BPF_RET | BPF_A, 0)

static const struct arch *arch;

static struct verify_side
program_side(const struct program *program)
{
	return (struct verify_side){ .program = program };
}

static uint32_t
run(const struct program *program, const struct call *call)
{
	struct diag diag = { 0 };
	uint32_t answer;

	if (program_run(program, call, &answer, NULL, &diag) == 0)
		return answer;
	note("program_run: %s", diag.text);
	return 0xdead;
}

static void
show_case(const struct verify_case *one)
{
	note("call %u arch 0x%x ip 0x%" PRIx64 ": 0x%x, 0x%x", one->call.nr,
	    one->call.arch, one->call.ip, one->answers[0], one->answers[1]);
	for (size_t i = 0; i < 6; i++)
		note("  argument %zu: 0x%" PRIx64, i, one->call.args[i]);
}

/* Two programs by hand, and whether they are the same. */
static const struct {
	const char *name;
	struct sock_filter codes[2][12]; /* up to the first all-zero */
	int result;
} pairs[] = {
	/* clang-format off */
	{ "constant answers", { { RET(ALLOW) }, { RET(ALLOW) } }, 0 },
	{ "two constants", { { RET(ALLOW) }, { RET(LOG) } }, 1 },
	{ "data that the kernel does not read",
	    { { RET(ALLOW) }, { RET(ALLOW | 5) } }, 0 },
	{ "an errno that the kernel cuts",
	    { { RET(ERRNO(4095)) }, { RET(ERRNO(5000)) } }, 0 },
	{ "another errno", { { RET(ERRNO(1)) }, { RET(ERRNO(2)) } }, 1 },
	{ "an unknown action kills", { { RET(KILL) }, { RET(0x12340000) } }, 0 },
	{ "equal or not, turned round", {
	    { LD(4), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), J(EQ, 7, 1, 0), RET(KILL), RET(ALLOW) } }, 0 },
	{ "one constant off", {
	    { LD(4), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), J(EQ, 6, 0, 1), RET(ALLOW), RET(KILL) } }, 1 },
	{ "the other word", {
	    { LD(4), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(5), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) } }, 1 },
	{ "more than 6 is at least 7", {
	    { LD(4), J(GT, 6, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), J(GE, 7, 0, 1), RET(ALLOW), RET(KILL) } }, 0 },
	{ "more than the largest is never", {
	    { LD(4), J(GT, UINT32_MAX, 0, 1), RET(ALLOW), RET(KILL) },
	    { RET(KILL) } }, 0 },
	{ "at least 0 is always", {
	    { LD(4), J(GE, 0, 0, 1), RET(ALLOW), RET(KILL) },
	    { RET(ALLOW) } }, 0 },
	{ "the largest value alone", {
	    { LD(4), J(GE, UINT32_MAX, 0, 1), RET(ALLOW), RET(KILL) },
	    { RET(KILL) } }, 1 },
	{ "a bit of a mask", {
	    { LD(9), AND(0xf0), J(GE, 0x31, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(9), AND(0xf0), J(GT, 0x3f, 0, 1), RET(ALLOW), RET(KILL) } },
	    0 },
	{ "a bit of a mask, one off", {
	    { LD(9), AND(0xf0), J(GE, 0x31, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(9), AND(0xf0), J(GT, 0x2f, 0, 1), RET(ALLOW), RET(KILL) } },
	    1 },
	{ "any of two bits", {
	    { LD(4), J(SET, 6, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), J(SET, 2, 1, 0), J(SET, 4, 0, 1), RET(ALLOW), RET(KILL) } },
	    0 },
	{ "any of two bits, not all of them", {
	    { LD(4), J(SET, 6, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), AND(6), J(EQ, 6, 0, 1), RET(ALLOW), RET(KILL) } }, 1 },
	{ "masks that meet in one value", {
	    { LD(4), J(SET, 0xff00, 4, 0), AND(0x81), J(EQ, 0x81, 0, 2), LD(4),
	      J(GE, 0xff, 1, 0), RET(KILL), RET(ALLOW) },
	    { LD(4), J(SET, 0xff00, 1, 0), J(EQ, 0xff, 0, 1), RET(ALLOW),
	      RET(KILL) } }, 1 },
	{ "the highest bit is what is at least it", {
	    { LD(4), J(SET, 0x80000000, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), J(GE, 0x80000000, 0, 1), RET(ALLOW), RET(KILL) } }, 0 },
	{ "a shift undone", {
	    { LD(4), ALU(RSH, 12), J(EQ, 5, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), AND(0xfffff000), J(EQ, 0x5000, 0, 1), RET(ALLOW),
	      RET(KILL) } }, 0 },
	{ "a shift, and a bit that it drops", {
	    { LD(4), ALU(RSH, 12), J(EQ, 5, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), AND(0xfffff800), J(EQ, 0x5000, 0, 1), RET(ALLOW),
	      RET(KILL) } }, 1 },
	{ "shifted to nothing but the top", {
	    { LD(4), ALU(RSH, 31), J(SET, 1, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), J(SET, 0x80000000, 0, 1), RET(ALLOW), RET(KILL) } }, 0 },
	{ "shifted, masked and back", {
	    { LD(4), ALU(RSH, 8), AND(0xff), ALU(LSH, 8), J(GE, 0x4200, 0, 1),
	      RET(ALLOW), RET(KILL) },
	    { LD(4), AND(0xff00), J(GT, 0x41ff, 0, 1), RET(ALLOW), RET(KILL) } },
	    0 },
	{ "what no value can be", {
	    { LD(4), J(GE, 9, 0, 2), J(GT, 7, 1, 0), RET(LOG), RET(ALLOW) },
	    { RET(ALLOW) } }, 0 },
	{ "what no value under two masks can be", {
	    { LD(4), AND(3), J(EQ, 3, 0, 3), LD(4), J(SET, 1, 1, 0), RET(LOG),
	      RET(ALLOW) },
	    { RET(ALLOW) } }, 0 },
	{ "the call number under a mask", {
	    { LD(0), AND(0x3fffffff), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(0), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) } }, 1 },
	{ "the call number under a mask, both ways", {
	    { LD(0), AND(0xbfffffff), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(0), J(EQ, 7, 1, 0), J(EQ, 0x40000007, 0, 1), RET(ALLOW),
	      RET(KILL) } }, 0 },
	{ "the architecture", {
	    { LD(1), J(EQ, AUDIT_ARCH_I386, 0, 1), RET(LOG), RET(KILL) },
	    { LD(1), J(EQ, AUDIT_ARCH_X86_64, 0, 1), RET(LOG), RET(KILL) } },
	    1 },
	{ "a number far above every table", {
	    { LD(0), J(EQ, 0x7654321, 0, 1), RET(ALLOW), RET(KILL) },
	    { RET(KILL) } }, 1 },
	{ "the instruction pointer's words", {
	    { LD(2), J(EQ, 1, 0, 3), LD(3), J(EQ, 2, 0, 1), RET(ALLOW),
	      RET(KILL) },
	    { LD(3), J(EQ, 2, 0, 3), LD(2), J(EQ, 1, 0, 1), RET(ALLOW),
	      RET(KILL) } }, 0 },
	{ "the instruction pointer is not ignored", {
	    { LD(3), J(EQ, 2, 0, 1), RET(ALLOW), RET(KILL) },
	    { RET(KILL) } }, 1 },
	{ "a word kept in scratch memory", {
	    { LD(4), ST(3), LD(5), J(EQ, 0, 0, 3), LDM(3), J(EQ, 7, 0, 1),
	      RET(ALLOW), RET(KILL) },
	    { LD(5), J(EQ, 0, 0, 3), LD(4), J(EQ, 7, 0, 1), RET(ALLOW),
	      RET(KILL) } }, 0 },
	{ "a constant in X", {
	    { LDX(7), LD(4), JX(EQ, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) } }, 0 },
	{ "a constant computed, through X and memory", {
	    { LDI(3), ALU(MUL, 2), ALU(ADD, 1), ST(0), LDXM(0), LD(4),
	      JX(EQ, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) } }, 0 },
	{ "a mask in X", {
	    { LD(4), TAX, LDI(0xf0), ALUX(AND), J(EQ, 0x30, 0, 1), RET(ALLOW),
	      RET(KILL) },
	    { LD(4), AND(0xf0), J(EQ, 0x30, 0, 1), RET(ALLOW), RET(KILL) } },
	    0 },
	{ "a constant returned from A", {
	    { LDI(ALLOW), RETA }, { RET(ALLOW) } }, 0 },
	{ "the length of the input", {
	    { BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), J(EQ, 64, 0, 1), RET(ALLOW),
	      RET(KILL) }, { RET(ALLOW) } }, 0 },
	{ "arithmetic that nothing depends on", {
	    { LD(4), ALU(ADD, 1), LD(4), J(EQ, 7, 0, 1), RET(ALLOW),
	      RET(KILL) },
	    { LD(4), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) } }, 0 },
	{ "far jumps", {
	    { LD(4), J(EQ, 7, 0, 1), JA(1), RET(KILL), RET(ALLOW) },
	    { LD(4), J(EQ, 7, 1, 0), RET(KILL), RET(ALLOW) } }, 0 },
	{ "refused: a sum", {
	    { LD(4), ALU(ADD, 1), J(EQ, 8, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(4), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) } }, -ENOTSUP },
	{ "refused: a sum of the call number", {
	    { LD(0), ALU(ADD, 1), J(EQ, 8, 0, 1), RET(ALLOW), RET(KILL) },
	    { LD(0), J(EQ, 7, 0, 1), RET(ALLOW), RET(KILL) } }, -ENOTSUP },
	{ "refused: two words compared", {
	    { LD(4), TAX, LD(6), JX(EQ, 0, 1), RET(ALLOW), RET(KILL) },
	    { RET(KILL) } }, -ENOTSUP },
	{ "refused: an answer from the input", {
	    { LD(4), RETA }, { RET(KILL) } }, -ENOTSUP },
	{ "refused: a division by what was given", {
	    { LD(4), TAX, LDI(8), ALUX(DIV), RET(ALLOW) },
	    { RET(ALLOW) } }, -ENOTSUP },
	{ "refused: moved up and out", {
	    { LD(4), ALU(LSH, 4), J(EQ, 0x10, 0, 1), RET(ALLOW), RET(KILL) },
	    { RET(KILL) } }, -ENOTSUP },
	{ "not a program: a jump past the end", {
	    { LD(4), J(EQ, 7, 5, 1), RET(ALLOW), RET(KILL) },
	    { RET(KILL) } }, -EINVAL },
	{ "not a program: no instruction", { { { 0 } }, { RET(KILL) } },
	    -EINVAL },
	/* clang-format on */
};

static void
copy_program(struct program *program, const struct sock_filter code[12])
{
	static const struct sock_filter none;

	program->length = 0;
	while (program->length < 12 &&
	       memcmp(&code[program->length], &none, sizeof(none)) != 0) {
		program->code[program->length] = code[program->length];
		program->length++;
	}
}

static void
test_pairs(struct program programs[2])
{
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct verify_side sides[2] = { program_side(&programs[0]),
			program_side(&programs[1]) };
		struct verify_case one = { 0 };
		struct diag diag = { 0 };
		int there, back;
		bool shown = true;

		copy_program(&programs[0], pairs[i].codes[0]);
		copy_program(&programs[1], pairs[i].codes[1]);
		back = verify_equal(&sides[1], &sides[0], NULL, NULL, NULL);
		there = verify_equal(&sides[0], &sides[1], &one, NULL, &diag);
		if (there == 1)
			shown =
			    run(&programs[0], &one.call) == one.answers[0] &&
			    run(&programs[1], &one.call) == one.answers[1] &&
			    one.answers[0] != one.answers[1];
		if (!ok(there == pairs[i].result && back == there && shown,
		        "%s%s%s", pairs[i].name, there < 0 ? ": " : "",
		        there < 0 ? diag.text : ""))
			note("%d there, %d back: %s", there, back, diag.text);
	}
}

/* Every case's witness, put to those who decide without a graph. */
struct witnesses {
	const struct verify_side *sides;
	struct call *calls; /* NULL: not kept */
	size_t count, room;
	unsigned long wrong;
};

static uint32_t
ask_side(const struct verify_side *side, const struct call *call)
{
	uint32_t answer;

	if (side->program != NULL)
		return run(side->program, call);
	answer = filter_answer(side->filters[0], call, NULL);
	for (size_t i = 1; i < side->count; i++)
		answer = answer_stricter(
		    answer, filter_answer(side->filters[i], call, NULL));
	return answer;
}

static int
ask_both(void *context, const struct verify_case *one)
{
	struct witnesses *witnesses = context;

	if (witnesses->calls != NULL && witnesses->count < witnesses->room)
		witnesses->calls[witnesses->count] = one->call;
	witnesses->count++;
	if (ask_side(&witnesses->sides[0], &one->call) == one->answers[0] &&
	    ask_side(&witnesses->sides[1], &one->call) == one->answers[1])
		return 0;
	if (witnesses->wrong++ == 0)
		show_case(one);
	return 0;
}

static double
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* xorshift64: the same on every machine. */
static uint64_t random_state;

static uint64_t
random_bits(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static unsigned int
pick(unsigned int below)
{
	return (unsigned int)((random_bits() >> 16) % below);
}

#define PICK(array) ((array)[pick(ARRAY_SIZE(array))])

/* Whether the promises' rules and their program are one; -1: they are not. */
static double
verify_promises(struct made *made, promise_set promises, unsigned int when)
{
	const struct filter *filters[] = { &made->filter };
	struct verify_side sides[] = { { .filters = filters, .count = 1 },
		program_side(&made->program) };
	struct witnesses witnesses = { .sides = sides };
	struct verify_case one = { 0 };
	struct diag diag = { 0 };
	double start, took;

	if (!make_program(made, promises, when, REFUSE))
		return -1;
	start = milliseconds();
	if (verify_equal(&sides[0], &sides[1], &one, NULL, &diag) == 0) {
		took = milliseconds() - start;
		if (verify_cases(&sides[0], &sides[1], ask_both, &witnesses,
		        &diag) == 0 &&
		    witnesses.wrong == 0)
			return took;
	}
	note("promises 0x%" PRIx64 " when 0x%x: %s", promises, when, diag.text);
	return -1;
}

static void
test_promises(struct made *made)
{
	static const unsigned int circumstances[] = { ON_LANDLOCK,
		ON_LANDLOCK | WHEN_LAUNCH | WHEN_GRACE, 0, WHEN_TRUNCATE,
		ON_LANDLOCK | WHEN_PORTS | WHEN_BIND | WHEN_LAUNCH };
	double took, longest = 0;
	int wrong = 0, sets = 150;

	for (int i = 0; i < PROMISE_COUNT; i++) {
		took = verify_promises(
		    made, UINT64_C(1) << i, PICK(circumstances));
		wrong += took < 0;
	}
	ok(wrong == 0, "each promise and its program are the same");
	wrong = 0;
	for (int i = 0; i < sets && wrong == 0; i++) {
		/* Sets of few words and of many. */
		promise_set promises = random_bits() & ALL_PROMISES;

		if (i % 3 != 0)
			promises &= random_bits();
		took = verify_promises(made, promises, PICK(circumstances));
		wrong += took < 0;
		if (took > longest)
			longest = took;
	}
	ok(wrong == 0, "%d sets of promises and their programs are the same",
	    sets);
	took = verify_promises(
	    made, ALL_PROMISES, ON_LANDLOCK | WHEN_LAUNCH | WHEN_GRACE);
	ok(took >= 0, "so are all promises at once");
	note("all: %.2f ms, the longest of a random set: %.2f ms", took,
	    longest);
}

/* Filters as users write them, and stranger ones. */
#define RANDOM_FILTERS 3
#define RANDOM_RULES   12

struct maker {
	struct filter filters[RANDOM_FILTERS];
	struct condition conditions[RANDOM_FILTERS][RANDOM_RULES];
	uint64_t values[RANDOM_FILTERS][RANDOM_RULES][4];
	struct program program;
};

static const uint64_t some_values[] = { 0, 0, 1, 2, 3, 5, 8, 0xff, 0x7fffffff,
	0x80000000, LOW - 1, LOW, LOW + 1, LOW + 6, 0x1ffffffff, 0x200000000,
	0x300000005, ALL << 63, ALL << 32, ALL - 1, ALL };
static const uint64_t some_masks[] = { ALL, ALL, ALL, LOW, LOW, 1, 6, 4, 0xff00,
	0x80000001, 0x100000001, 0x300000000, ALL << 32, 0xf0f0f0f0f0f,
	ALL << 63 };
static const uint32_t some_answers[] = { ALLOW, ALLOW, ERRNO(1), ERRNO(2), LOG,
	KILL, SECCOMP_RET_TRAP, SECCOMP_RET_TRACE | 7, SECCOMP_RET_TRACE | 8,
	SECCOMP_RET_USER_NOTIF, SECCOMP_RET_KILL_THREAD };

static void
make_condition(struct condition *condition, uint64_t values[4])
{
	unsigned int tests = pick(4);

	*condition = (struct condition){ 0 };
	for (size_t i = 0; i < 4; i++)
		values[i] = PICK(some_values) + pick(3) - 1;
	for (unsigned int i = 0; i < tests; i++) {
		struct test *test = &condition->tests[i];

		*test = (struct test){ .arg = (uint8_t)pick(3),
			.width = pick(2) == 0 ? 32 : 64,
			.op = (uint8_t)pick(TEST_GE + 1),
			.count = 1,
			.mask = PICK(some_masks),
			.values = values };
		if (pick(20) == 0)
			test->arg = TEST_IP;
		if ((uint32_t)test->mask == 0)
			test->width = 64;
		if (test->op <= TEST_NOT_IN)
			test->count = (uint8_t)(1 + pick(4));
	}
}

static void
make_filter(struct maker *maker, size_t at)
{
	struct filter *filter = &maker->filters[at];
	unsigned int rules = pick(RANDOM_RULES + 1);

	memset(filter, 0, offsetof(struct filter, rules));
	filter->arch = arch;
	filter->fallback = PICK(some_answers);
	filter->unknown = PICK(some_answers);
	filter->x32 = PICK(some_answers);
	filter->foreign = PICK(some_answers);
	for (unsigned int i = 0; i < rules; i++) {
		struct condition *condition = &maker->conditions[at][i];

		make_condition(condition, maker->values[at][i]);
		filter_add(filter, pick(4), pick(6) == 0 ? NULL : condition,
		    PICK(some_answers), 0);
	}
}

static bool
verify_random(struct maker *maker, unsigned long *cases)
{
	const struct filter *filters[RANDOM_FILTERS];
	size_t count = 1 + pick(2) * pick(RANDOM_FILTERS);
	struct verify_side sides[] = { { .filters = filters, .count = count },
		program_side(&maker->program) };
	struct witnesses witnesses = { .sides = sides };
	struct verify_case one = { 0 };
	struct diag diag = { 0 };
	int result;

	for (size_t i = 0; i < count; i++) {
		make_filter(maker, i);
		filters[i] = &maker->filters[i];
	}
	result = program_compile(filters, count, &maker->program, &diag);
	if (result == 0)
		result = verify_cases(
		    &sides[0], &sides[1], ask_both, &witnesses, &diag);
	if (result == 0)
		result = verify_equal(&sides[0], &sides[1], &one, NULL, &diag);
	if (result == 1)
		show_case(&one);
	if (result != 0)
		note("%d: %s", result, diag.text);
	*cases += witnesses.count;
	return result == 0 && witnesses.wrong == 0;
}

static void
test_random(struct maker *maker, uint64_t seed)
{
	unsigned long cases = 0;
	int sets;

	for (sets = 0; sets < 200; sets++)
		if (!verify_random(maker, &cases))
			break;
	ok(sets == 200,
	    "%d random sets of filters, seed %" PRIu64 ": %lu cases", sets,
	    seed, cases);
}

/* Each instruction altered: what may be put in its place. */
static unsigned int
alter(const struct program *program, unsigned int at, unsigned int how,
    struct sock_filter *ret)
{
	const unsigned int kinds = 7;

	*ret = program->code[at];
	switch (how) {
	case 0:
		ret->jt++;
		break;
	case 1:
		ret->jf++;
		break;
	case 2:
		ret->jt--;
		break;
	case 3:
		ret->k++;
		break;
	case 4:
		ret->k ^= 0x80000000;
		break;
	case 5:
		*ret = (struct sock_filter)RET(ALLOW);
		break;
	default:
		ret->jt = program->code[at].jf;
		ret->jf = program->code[at].jt;
		break;
	}
	return kinds;
}

/* Calls to try: witnesses of the original's cases, nudged in one word. */
#define SAMPLES 20000

struct samples {
	struct call calls[SAMPLES];
	uint32_t answers[SAMPLES];
	size_t count;
};

static void
take_samples(struct samples *samples, const struct program *program)
{
	struct verify_side sides[] = { program_side(program),
		program_side(program) };
	struct witnesses witnesses = {
		.sides = sides, .calls = samples->calls, .room = SAMPLES / 4
	};
	size_t count;

	verify_cases(&sides[0], &sides[1], ask_both, &witnesses, NULL);
	count = witnesses.count < SAMPLES / 4 ? witnesses.count : SAMPLES / 4;
	samples->count = count;
	while (samples->count < SAMPLES) {
		struct call *call = &samples->calls[samples->count++];
		unsigned int word = pick(16), constant = pick(program->length);
		uint64_t value = program->code[constant].k;

		*call = samples->calls[pick((unsigned int)count)];
		value += pick(3) - 1;
		if (word < 2)
			call->nr = (uint32_t)value;
		else if (word < 4)
			call->nr = pick(ARCH_CALLS_MAX);
		else if (word & 1)
			call->args[(word - 4) / 2] =
			    (call->args[(word - 4) / 2] & LOW) | value << 32;
		else
			call->args[(word - 4) / 2] = value & LOW;
	}
	for (size_t i = 0; i < SAMPLES; i++)
		samples->answers[i] = run(program, &samples->calls[i]);
}

static bool
find_sampled_difference(const struct samples *samples,
    const struct program *program, unsigned int from, unsigned int step)
{
	for (size_t i = from; i < samples->count; i += step) {
		struct verify_case one = { samples->calls[i],
			{ samples->answers[i],
			    run(program, &samples->calls[i]) } };

		if (answer_same(one.answers[0], one.answers[1]))
			continue;
		show_case(&one);
		return true;
	}
	return false;
}

struct tally {
	unsigned int told, same, refused, wrong;
};

static void
check_altered(struct samples *samples, const struct program *program,
    struct program *altered, struct tally *tally)
{
	struct verify_side sides[] = { program_side(program),
		program_side(altered) };
	struct call nothing = { 0 };
	struct verify_case one = { 0 };
	struct diag diag = { 0 };
	uint32_t answer;
	bool loads = program_run(altered, &nothing, &answer, NULL, NULL) == 0;
	int result = verify_equal(&sides[0], &sides[1], &one, NULL, &diag);

	if (result < 0) {
		tally->refused++;
		tally->wrong += loads ? result != -ENOTSUP : result != -EINVAL;
	} else if (result == 1) {
		tally->told++;
		tally->wrong += answer_same(run(program, &one.call),
		                    run(altered, &one.call)) ||
		                !loads;
	} else {
		tally->same++;
		tally->wrong +=
		    find_sampled_difference(samples, altered, pick(40), 40);
	}
}

static void
test_altered(const char *name, const struct program *program,
    struct program *altered, struct samples *samples)
{
	struct tally tally = { 0 };
	struct sock_filter other;

	take_samples(samples, program);
	*altered = *program;
	for (unsigned int at = 0; at < program->length; at++) {
		for (unsigned int how = 0;
		     how < alter(program, at, how, &other); how++) {
			if (memcmp(&other, &program->code[at], sizeof(other)) ==
			    0)
				continue;
			altered->code[at] = other;
			check_altered(samples, program, altered, &tally);
		}
		altered->code[at] = program->code[at];
	}
	ok(tally.wrong == 0 && tally.told > program->length,
	    "%s, %d instructions altered one by one: %u are told, %u mean the "
	    "same, %u are no programs",
	    name, program->length, tally.told, tally.same, tally.refused);
}

/* Every difference once for each number and pair of answers. */
struct listed {
	struct verify_case cases[8];
	size_t count;
};

static int
list_difference(void *context, const struct verify_case *one)
{
	struct listed *listed = context;

	if (listed->count < ARRAY_SIZE(listed->cases))
		listed->cases[listed->count] = *one;
	listed->count++;
	return 0;
}

static void
test_differences(struct maker *maker)
{
	static const uint64_t five[] = { 5 };
	static const struct condition is_five = {
		.tests = { { 1, 64, TEST_IN, 1, ALL, five } },
	};
	struct filter *filters = maker->filters;
	const struct filter *list[] = { &filters[0], &filters[1] };
	struct verify_side sides[] = { { .filters = &list[0], .count = 1 },
		{ .filters = &list[1], .count = 1 } };
	struct listed listed = { .count = 0 };
	struct verify_case *cases = listed.cases;
	int result;

	for (size_t i = 0; i < 2; i++) {
		memset(&filters[i], 0, offsetof(struct filter, rules));
		filters[i].arch = arch;
		filters[i].fallback = ERRNO(1);
		filters[i].unknown = filters[i].x32 = ERRNO(ENOSYS);
		filters[i].foreign = KILL;
		filter_add(&filters[i], 1, NULL, ALLOW, 0);
	}
	filter_add(&filters[1], 7, &is_five, ALLOW, 0);
	filter_add(&filters[1], 8, &is_five, LOG, 0);
	filter_add(&filters[1], 8, NULL, ALLOW, 0);
	result = verify_differences(
	    &sides[0], &sides[1], list_difference, &listed, NULL);
	ok(result == 0 && listed.count == 3, "%zu differences are listed",
	    listed.count);
	ok(cases[0].call.nr == 7 && cases[0].call.args[1] == 5 &&
	        cases[0].answers[1] == ALLOW,
	    "where argument 1 is 5");
	ok(cases[1].call.nr == 8 && cases[2].call.nr == 8 &&
	        cases[1].answers[1] != cases[2].answers[1] &&
	        (cases[1].call.args[1] == 5) == (cases[1].answers[1] == LOG) &&
	        (cases[2].call.args[1] == 5) == (cases[2].answers[1] == LOG),
	    "and both answers to one number");
	filters[1].foreign = LOG;
	listed.count = 0;
	verify_differences(
	    &sides[0], &sides[1], list_difference, &listed, NULL);
	ok(listed.count > 3, "and foreign architectures");
}

/* Two architectures: each one's filter answers for its own calls. */
static void
test_architectures(struct maker *maker)
{
	struct filter *filters = maker->filters;
	const struct filter *list[] = { &filters[0], &filters[1] };
	struct verify_side both = { .filters = list, .count = 2 };
	struct verify_side program = program_side(&maker->program);
	static const struct sock_filter code[] = { LD(1),
		J(EQ, AUDIT_ARCH_X86_64, 0, 3), LD(0), J(EQ, 1, 0, 4),
		RET(ALLOW), J(EQ, AUDIT_ARCH_AARCH64, 0, 3), LD(0),
		J(EQ, 2, 1, 0), RET(ERRNO(1)), RET(ALLOW) };
	static const struct sock_filter tail[] = { LD(1),
		J(EQ, AUDIT_ARCH_X86_64, 0, 3), LD(0), J(EQ, 1, 5, 4),
		RET(KILL), J(EQ, AUDIT_ARCH_AARCH64, 0, 4), LD(0),
		J(EQ, 2, 1, 0), RET(ERRNO(1)), RET(ALLOW), RET(KILL) };
	struct verify_case one = { 0 };
	int result;

	for (size_t i = 0; i < 2; i++) {
		memset(&filters[i], 0, offsetof(struct filter, rules));
		filters[i].arch = arch_find(i == 0 ? "x86_64" : "aarch64");
		filters[i].fallback = ERRNO(1);
		filters[i].unknown = filters[i].x32 = ERRNO(1);
		filters[i].foreign = KILL;
		filter_add(&filters[i], (unsigned int)i + 1, NULL, ALLOW, 0);
	}
	memcpy(maker->program.code, tail, sizeof(tail));
	maker->program.length = ARRAY_SIZE(tail);
	ok(verify_equal(&both, &program, &one, NULL, NULL) == 0,
	    "two architectures in one program");
	memcpy(maker->program.code, code, sizeof(code));
	maker->program.length = ARRAY_SIZE(code);
	result = verify_equal(&both, &program, &one, NULL, NULL);
	ok(result == 1 && run(&maker->program, &one.call) == one.answers[1],
	    "a third one is let through: 0x%x", one.call.arch);
}

/* More than can be looked at is refused, and soon. */
static void
test_too_much(struct maker *maker)
{
	static uint64_t values[6][2][255];
	struct filter *filter = &maker->filters[0];
	const struct filter *list[] = { filter };
	struct verify_side side = { .filters = list, .count = 1 };
	struct condition conditions[36] = { { 0 } };
	struct diag diag = { 0 };
	double start = milliseconds();
	int result;

	memset(filter, 0, offsetof(struct filter, rules));
	filter->arch = arch;
	filter->fallback = KILL;
	for (unsigned int i = 0; i < ARRAY_SIZE(conditions); i++) {
		values[i % 6][0][i] = UINT64_C(977) * i;
		conditions[i].tests[0] = (struct test){ (uint8_t)(i % 6), 64,
			TEST_GE, 1, ALL, &values[i % 6][0][i] };
		conditions[i].tests[1] = (struct test){ (uint8_t)((i + 1) % 6),
			32, TEST_LT, 1, ALL, &values[i % 6][0][i] };
		conditions[i].tests[2] =
		    (struct test){ (uint8_t)((i + 3) % 6), 32, TEST_NOT_IN, 1,
			    1U << i % 31, &values[i % 6][0][i] };
		filter_add(filter, 7, &conditions[i], ERRNO(i + 1), 0);
	}
	result = verify_equal(&side, &side, NULL, NULL, &diag);
	ok(result == -E2BIG, "too much is refused: %s", diag.text);
	note("after %.0f ms", milliseconds() - start);
}

#ifdef HAVE_LIBSECCOMP
/* One rule: comparisons ANDed. */
static const struct {
	size_t count;
	struct scmp_arg_cmp args[2];
} miscompiled[] = {
	/* clang-format off */
	{ 2, { { 0, SCMP_CMP_GE, 0x100000001, 0 },
	       { 1, SCMP_CMP_EQ, 0xffffffff, 0 } } },
	{ 1, { { 0, SCMP_CMP_LE, 2, 0 } } },
	{ 2, { { 0, SCMP_CMP_MASKED_EQ, 2, 2 },
	       { 1, SCMP_CMP_GT, 0xffffffff, 0 } } },
	/* clang-format on */
};

/* What libseccomp makes of the rules. */
static bool
let_libseccomp_compile(struct program *program)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(1));
	int fd = memfd_create("filter", MFD_CLOEXEC);
	ssize_t length = -1;
	int error = context == NULL || fd == -1;

	for (size_t i = 0; i < ARRAY_SIZE(miscompiled) && error == 0; i++)
		error = seccomp_rule_add_exact_array(context, SCMP_ACT_ALLOW,
		    SCMP_SYS(read), (unsigned int)miscompiled[i].count,
		    miscompiled[i].args);
	if (error == 0)
		error = seccomp_export_bpf(context, fd);
	if (error == 0)
		length = pread(fd, program->code, sizeof(program->code), 0);
	program->length =
	    length > 0
	        ? (unsigned short)((size_t)length / sizeof(program->code[0]))
	        : 0;
	if (context != NULL)
		seccomp_release(context);
	if (fd != -1)
		close(fd);
	return program->length > 0;
}

/* As libseccomp has it: x32 is another architecture. */
static void
start_refusing(struct filter *filter)
{
	memset(filter, 0, offsetof(struct filter, rules));
	filter->arch = arch;
	filter->fallback = filter->unknown = ERRNO(1);
	filter->x32 = SECCOMP_RET_KILL_THREAD;
	filter->foreign = SECCOMP_RET_KILL_THREAD;
}

/* The same rules as ours. */
static void
make_miscompiled(struct filter *filter, struct condition conditions[3],
    uint64_t values[3][4])
{
	static const uint8_t ops[] = { [SCMP_CMP_GE] = TEST_GE,
		[SCMP_CMP_GT] = TEST_GT,
		[SCMP_CMP_LE] = TEST_LE,
		[SCMP_CMP_EQ] = TEST_IN,
		[SCMP_CMP_MASKED_EQ] = TEST_IN };

	start_refusing(filter);
	for (size_t i = 0; i < 3; i++) {
		conditions[i] = (struct condition){ 0 };
		for (size_t j = 0; j < miscompiled[i].count; j++) {
			const struct scmp_arg_cmp *arg =
			    &miscompiled[i].args[j];
			bool masked = arg->op == SCMP_CMP_MASKED_EQ;

			values[i][j] = masked ? arg->datum_b : arg->datum_a;
			conditions[i].tests[j] =
			    (struct test){ (uint8_t)arg->arg, 64, ops[arg->op],
				    1, masked ? arg->datum_a : ALL,
				    &values[i][j] };
		}
		filter_add(filter, (unsigned int)arch_number(arch, "read", 4),
		    &conditions[i], ALLOW, 0);
	}
}

/* -1 is what a tracer puts for "no call": libseccomp lets it pass x32's door.
 */
static int
find_other(void *context, const struct verify_case *one)
{
	(void)context;
	if (one->call.nr == UINT32_MAX)
		return 0;
	show_case(one);
	return 1;
}

/*
 * What no version gets wrong: rules of lower words alone, all of as many
 * arguments, each under the same mask.  libseccomp means by them what we do.
 * (Of a0 == 2 && a1 == 0 and a0 & 8 == 0, version 2.5.4 forgets the second
 * where a0 is 2 and a1 is not 0.)
 */
static bool
compare_with_libseccomp(struct maker *maker)
{
	static const char *const names[] = { "read", "write", "close" };
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(1));
	const struct filter *filters[] = { &maker->filters[0] };
	struct verify_side sides[] = { { .filters = filters, .count = 1 },
		program_side(&maker->program) };
	struct diag diag = { 0 };
	uint64_t masks[2] = { (PICK(some_masks) & LOW) | 8,
		(PICK(some_masks) & LOW) | 8 };
	unsigned int rules = 1 + pick(8), count = 1 + pick(2);
	int fd = memfd_create("filter", MFD_CLOEXEC), result = -1;
	ssize_t length = 0;

	if (context == NULL || fd == -1)
		return false;
	start_refusing(&maker->filters[0]);
	for (unsigned int i = 0; i < rules; i++) {
		struct condition *condition = &maker->conditions[0][i];
		uint64_t *values = maker->values[0][i];
		const char *name = PICK(names);
		struct scmp_arg_cmp args[2];
		int added;

		*condition = (struct condition){ 0 };
		for (unsigned int j = 0; j < count; j++) {
			values[j] = PICK(some_values) & masks[j];
			condition->tests[j] = (struct test){ (uint8_t)j, 64,
				TEST_IN, 1, masks[j], &values[j] };
			args[j] = (struct scmp_arg_cmp){ j, SCMP_CMP_MASKED_EQ,
				masks[j], values[j] };
		}
		filter_add(&maker->filters[0],
		    (unsigned int)arch_number(arch, name, strlen(name)),
		    condition, ALLOW, 0);
		added = seccomp_rule_add_exact_array(context, SCMP_ACT_ALLOW,
		    seccomp_syscall_resolve_name(name), count, args);
		if (added != 0 && added != -EEXIST)
			length = -1;
	}
	if (length == 0 && seccomp_export_bpf(context, fd) == 0)
		length = pread(
		    fd, maker->program.code, sizeof(maker->program.code), 0);
	seccomp_release(context);
	close(fd);
	if (length <= 0)
		return false;
	maker->program.length =
	    (unsigned short)((size_t)length / sizeof(struct sock_filter));
	result =
	    verify_differences(&sides[0], &sides[1], find_other, NULL, &diag);
	return result == 0;
}

static void
test_oracle(struct maker *maker, uint64_t seed)
{
	int sets;

	for (sets = 0; sets < 1000; sets++)
		if (!compare_with_libseccomp(maker))
			break;
	ok(sets == 1000,
	    "libseccomp means the same by %d random policies, seed %" PRIu64,
	    sets, seed);
}

/* Version 2.5.4 lets a call through that no rule allows. */
static void
test_libseccomp(struct maker *maker)
{
	const struct scmp_version *version = seccomp_version();
	const struct filter *filters[] = { &maker->filters[0] };
	struct verify_side sides[] = { { .filters = filters, .count = 1 },
		program_side(&maker->program) };
	struct verify_case one = { 0 };
	struct diag diag = { 0 };
	bool broken =
	    version->major == 2 && version->minor == 5 && version->micro == 4;
	int result;

	if (!let_libseccomp_compile(&maker->program)) {
		ok(false, "libseccomp compiles three rules");
		return;
	}
	make_miscompiled(
	    &maker->filters[0], maker->conditions[0], maker->values[0]);
	result = verify_equal(&sides[0], &sides[1], &one, NULL, &diag);
	if (result == 0 && !broken) {
		skip("libseccomp's mistake is found",
		    "this version does not make it");
		return;
	}
	ok(result == 1 && one.answers[0] == ERRNO(1) &&
	        one.answers[1] == ALLOW &&
	        filter_answer(filters[0], &one.call, NULL) == ERRNO(1) &&
	        run(&maker->program, &one.call) == ALLOW,
	    "libseccomp %u.%u.%u allows read(0x%" PRIx64 ", 0x%" PRIx64
	    "), which no rule does",
	    version->major, version->minor, version->micro, one.call.args[0],
	    one.call.args[1]);
	if (result != 1)
		note("%d: %s", result, diag.text);
}
#else
static void
test_oracle(struct maker *maker, uint64_t seed)
{
	(void)maker;
	(void)seed;
	skip("libseccomp means the same", "no libseccomp to build with");
}

static void
test_libseccomp(struct maker *maker)
{
	(void)maker;
	skip("libseccomp's mistake is found", "no libseccomp to build with");
}
#endif

static void
test_mutations(struct made *made, struct maker *maker, struct program *altered)
{
	struct samples *samples = calloc(1, sizeof(*samples));
	unsigned long cases = 0;

	if (samples == NULL) {
		printf("Bail out! no memory\n");
		return;
	}
	make_program(
	    made, words_set("stdio rpath inet tty"), ON_LANDLOCK, REFUSE);
	test_altered("stdio rpath inet tty", &made->program, altered, samples);
	make_program(made, words_set("stdio unix proc exec"),
	    ON_LANDLOCK | WHEN_LAUNCH, REFUSE);
	test_altered("stdio unix proc exec", &made->program, altered, samples);
	do
		verify_random(maker, &cases);
	while (maker->program.length < 60);
	test_altered("random rules", &maker->program, altered, samples);
	free(samples);
}

int
main(void)
{
	const char *text = getenv("TEST_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 0)
	                             : (uint64_t)time(NULL) * 1000003;
	struct maker *maker = calloc(1, sizeof(*maker));
	struct made *made = calloc(1, sizeof(*made));
	struct program *programs = calloc(2, sizeof(*programs));

	arch = arch_native();
	note("TEST_SEED=%" PRIu64, seed);
	random_state = seed | 1;
	if (maker == NULL || made == NULL || programs == NULL)
		return 1;
	test_pairs(programs);
	test_promises(made);
	test_random(maker, seed);
	test_differences(maker);
	test_architectures(maker);
	test_libseccomp(maker);
	test_oracle(maker, seed);
	test_mutations(made, maker, programs);
	test_too_much(maker);
	free(maker);
	free(made);
	free(programs);
	return tap_done();
}
