/* SPDX-License-Identifier: ISC */
#include "base/table.h"
#include "call/arch.h"
#include "filter/program.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define ALLOW         SECCOMP_RET_ALLOW
#define LOG           SECCOMP_RET_LOG
#define KILL          SECCOMP_RET_KILL_PROCESS
#define ERRNO(number) (SECCOMP_RET_ERRNO | (number))
#define TRACE(data)   (SECCOMP_RET_TRACE | (data))
#define ALL           (~UINT64_C(0))
#define LOW           UINT64_C(0xffffffff)

#define VALUES(...) \
 (const uint64_t[]) \
 {                  \
  __VA_ARGS__       \
 }
#define TEST(arg, width, op, mask, ...)                         \
 {                                                              \
  arg, width, TEST_##op, ARRAY_SIZE(VALUES(__VA_ARGS__)), mask, \
      VALUES(__VA_ARGS__)                                       \
 }

static const struct arch *arch;

static void
start_filter(struct filter *filter, uint32_t fallback)
{
	memset(filter, 0, offsetof(struct filter, rules));
	filter->arch = arch;
	filter->fallback = fallback;
	filter->unknown = ERRNO(ENOSYS);
	filter->x32 = ERRNO(ENOSYS);
	filter->foreign = KILL;
}

static struct call
make_call(unsigned int nr)
{
	return (struct call){ .nr = nr, .arch = arch->audit };
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

/* One test of argument 1 of call 7, and what it says to some values. */
static const struct {
	const char *name;
	struct test test;
	struct {
		uint64_t value;
		bool holds;
	} cases[8]; /* up to the first of value 0 that does not hold */
} singles[] = {
	/* clang-format off */
	{ "equal", TEST(1, 32, IN, LOW, 5),
	    { { 5, 1 }, { 4, 0 }, { 6, 0 }, { 0x100000005, 1 } } },
	{ "equal to a value cut to 32 bits", TEST(1, 32, IN, ALL, 0x100000005),
	    { { 5, 1 }, { 0x100000005, 1 }, { 6, 0 } } },
	{ "zero", TEST(1, 32, IN, LOW, 0),
	    { { 0, 1 }, { 1, 0 }, { 0x100000000, 1 }, { ALL, 0 } } },
	{ "the largest", TEST(1, 32, IN, LOW, LOW),
	    { { LOW, 1 }, { LOW - 1, 0 }, { ALL, 1 }, { 1, 0 } } },
	{ "any of several", TEST(1, 32, IN, LOW, 9, 3, 4, 9, 0x80000000),
	    { { 2, 0 }, { 3, 1 }, { 4, 1 }, { 5, 0 }, { 9, 1 }, { 10, 0 },
	        { 0x80000000, 1 }, { 0x80000001, 0 } } },
	{ "none of several", TEST(1, 32, NOT_IN, LOW, 3, 4, 9),
	    { { 2, 1 }, { 3, 0 }, { 4, 0 }, { 5, 1 }, { 9, 0 }, { LOW, 1 },
	        { 0x900000009, 0 } } },
	{ "less", TEST(1, 32, LT, LOW, 0x80000000),
	    { { 0x7fffffff, 1 }, { 0x80000000, 0 }, { LOW, 0 },
	        { 0x900000000, 1 } } },
	{ "less than zero", TEST(1, 32, LT, LOW, 0), { { 1, 0 }, { ALL, 0 } } },
	{ "at most", TEST(1, 32, LE, LOW, 7),
	    { { 7, 1 }, { 8, 0 }, { ALL, 0 } } },
	{ "at most the largest", TEST(1, 32, LE, LOW, LOW),
	    { { 7, 1 }, { ALL, 1 } } },
	{ "more", TEST(1, 32, GT, LOW, 7), { { 7, 0 }, { 8, 1 }, { LOW, 1 } } },
	{ "more than the largest", TEST(1, 32, GT, LOW, LOW),
	    { { LOW, 0 }, { ALL, 0 } } },
	{ "at least", TEST(1, 32, GE, LOW, 7),
	    { { 6, 0 }, { 7, 1 }, { LOW, 1 }, { 0x100000006, 0 } } },
	{ "at least zero", TEST(1, 32, GE, LOW, 0), { { 0, 1 }, { ALL, 1 } } },
	{ "no bit", TEST(1, 32, IN, 6, 0),
	    { { 1, 1 }, { 2, 0 }, { 4, 0 }, { 6, 0 }, { 8, 1 },
	        { 0x600000000, 1 } } },
	{ "some bit", TEST(1, 32, NOT_IN, 6, 0),
	    { { 1, 0 }, { 2, 1 }, { 4, 1 }, { 6, 1 }, { 0x600000000, 0 } } },
	{ "one bit", TEST(1, 32, IN, 0x80000000, 0x80000000),
	    { { 0x7fffffff, 0 }, { 0x80000000, 1 }, { ALL, 1 } } },
	{ "all bits", TEST(1, 32, IN, 6, 6),
	    { { 2, 0 }, { 4, 0 }, { 6, 1 }, { 7, 1 }, { 14, 1 } } },
	{ "the mask is laid on the value", TEST(1, 32, IN, 6, 0xf2),
	    { { 2, 1 }, { 0xf2, 1 }, { 6, 0 }, { 0xf6, 0 } } },
	{ "neighbours under a mask", TEST(1, 32, IN, 0xff00, 0x4100, 0x4200),
	    { { 0x40ff, 0 }, { 0x4100, 1 }, { 0x41ff, 1 }, { 0x42ff, 1 },
	        { 0x4300, 0 }, { 0x14300, 0 }, { 0x14200, 1 } } },
	{ "less under a mask", TEST(1, 32, LT, 0xf0, 0x35),
	    { { 0x2f, 1 }, { 0x30, 0 }, { 0x35, 0 }, { 0x12f, 1 } } },
	{ "at most under a mask", TEST(1, 32, LE, 0xf0, 0x35),
	    { { 0x3f, 1 }, { 0x40, 0 }, { 0x13f, 1 }, { 0x140, 0 } } },
	{ "64: equal", TEST(1, 64, IN, ALL, 5),
	    { { 5, 1 }, { 0x100000005, 0 }, { 4, 0 }, { 6, 0 } } },
	{ "64: equal, large", TEST(1, 64, IN, ALL, 0x100000005),
	    { { 5, 0 }, { 0x100000005, 1 }, { 0x100000004, 0 },
	        { 0x200000005, 0 }, { 0x100000006, 0 } } },
	{ "64: the largest", TEST(1, 64, IN, ALL, ALL),
	    { { ALL, 1 }, { LOW, 0 }, { ALL - 1, 0 }, { ALL - LOW, 0 } } },
	{ "64: any", TEST(1, 64, IN, ALL, 1, 0x100000001, 0x100000002, LOW),
	    { { 1, 1 }, { 2, 0 }, { 0x100000001, 1 }, { 0x100000002, 1 },
	        { LOW, 1 }, { 0x100000000, 0 }, { 0x1ffffffff, 0 } } },
	{ "64: neighbours across the words",
	    TEST(1, 64, IN, ALL, LOW, 0x100000000),
	    { { LOW, 1 }, { 0x100000000, 1 }, { 0x100000001, 0 },
	        { LOW - 1, 0 }, { 0x1ffffffff, 0 } } },
	{ "64: less", TEST(1, 64, LT, ALL, 0x200000003),
	    { { 0x200000002, 1 }, { 0x200000003, 0 }, { 0x1ffffffff, 1 },
	        { 3, 1 }, { 0x300000000, 0 } } },
	{ "64: less, low word zero", TEST(1, 64, LT, ALL, 0x200000000),
	    { { 0x1ffffffff, 1 }, { 0x200000000, 0 }, { 0x200000001, 0 } } },
	{ "64: at most", TEST(1, 64, LE, ALL, 0x1ffffffff),
	    { { 0x1ffffffff, 1 }, { 0x200000000, 0 }, { LOW, 1 } } },
	{ "64: more", TEST(1, 64, GT, ALL, LOW),
	    { { LOW, 0 }, { 0x100000000, 1 }, { ALL, 1 }, { 7, 0 } } },
	{ "64: at least", TEST(1, 64, GE, ALL, 0x100000007),
	    { { 0x100000006, 0 }, { 0x100000007, 1 }, { 0x200000000, 1 },
	        { LOW, 0 } } },
	{ "64: no bit in either word", TEST(1, 64, IN, 0x100000002, 0),
	    { { 1, 1 }, { 2, 0 }, { 0x100000000, 0 }, { 0x200000000, 1 } } },
	{ "64: a mask of the upper word", TEST(1, 64, IN, 0xf00000000, LOW << 33),
	    { { 0xe00000000, 1 }, { 0xe12345678, 1 }, { 0xf00000000, 0 },
	        { 0xd00000000, 0 } } },
	{ "64: a mask of the lower word", TEST(1, 64, GE, 0xf0, 0x20),
	    { { 0x1f, 0 }, { 0x20, 1 }, { 0x500000010, 0 }, { 0x5000000f0, 1 } } },
	{ "64: less under a mask", TEST(1, 64, LT, 0xf000000f0, 0x200000030),
	    { { 0x20000002f, 1 }, { 0x200000030, 0 }, { 0x1000000f0, 1 },
	        { 0x1020000002f, 1 }, { 0x300000000, 0 } } },
	/* clang-format on */
};

static void
test_singles(struct filter *filter, struct program *program)
{
	const struct filter *const filters[] = { filter };

	for (size_t i = 0; i < ARRAY_SIZE(singles); i++) {
		struct condition condition = { .tests = { singles[i].test } };
		int wrong = 0;

		start_filter(filter, ERRNO(EPERM));
		filter_add(filter, 7, &condition, ALLOW, 0);
		if (program_compile(filters, 1, program, NULL) != 0)
			wrong = 1;
		for (size_t j = 0; j < ARRAY_SIZE(singles[i].cases); j++) {
			bool holds = singles[i].cases[j].holds;
			struct call call = make_call(7);

			call.args[1] = singles[i].cases[j].value;
			if (call.args[1] == 0 && !holds)
				break;
			if (run(program, &call) ==
			        (holds ? ALLOW : ERRNO(EPERM)) &&
			    condition_holds(&condition, &call) == holds)
				continue;
			note("0x%" PRIx64 " should%s hold", call.args[1],
			    holds ? "" : " not");
			wrong++;
		}
		ok(wrong == 0, "%s", singles[i].name);
	}
}

/* Rules of one filter for call 7, in order; the fallback is ERRNO(1). */
static const struct condition flags_clear = {
	.tests = { TEST(1, 32, IN, 0x40, 0), TEST(1, 32, IN, 0x400000, 0) }
};
static const struct condition reads = { .tests = { TEST(1, 32, IN, 3, 0),
	                                    TEST(1, 32, IN, 0x40, 0) } };
static const struct condition writes = { .tests = { TEST(1, 32, IN, 3, 1, 2),
	                                     TEST(2, 32, IN, 06000, 0) } };
static const struct condition middle = {
	.tests = { TEST(1, 64, GE, ALL, 0x1000),
	    TEST(1, 64, LT, ALL, 0x100002000) }
};
static const struct condition large = { .tests = { TEST(
	                                    1, 64, GT, ALL, 0x100000fff) } };
static const struct condition here = {
	.tests = { TEST(TEST_IP, 64, IN, ALL, 0x7f0012345678) }
};
static const struct condition never = { .tests = { TEST(1, 32, IN, LOW, 3),
	                                    TEST(1, 32, IN, LOW, 4) } };
static const struct condition six = {
	.tests = { TEST(0, 32, IN, LOW, 1), TEST(1, 32, IN, LOW, 2),
	    TEST(2, 32, IN, LOW, 3), TEST(3, 64, IN, ALL, LOW << 4),
	    TEST(4, 64, IN, ALL, 5), TEST(5, 64, GE, ALL, LOW + 1) }
};

static const struct {
	const char *name;
	struct {
		const struct condition *condition;
		uint32_t action; /* 0 with no condition: no more rules */
	} rules[3];
	struct {
		struct call call; /* without number and architecture */
		uint32_t answer;  /* 0: no more cases */
	} cases[6];
} ordered[] = {
	/* clang-format off */
	{ "two masks wanted zero", { { &flags_clear, ALLOW } }, {
		{ { .args = { 0, 0x80 } }, ALLOW },
		{ { .args = { 0, 0x40 } }, ERRNO(1) },
		{ { .args = { 0, 0x400000 } }, ERRNO(1) } } },
	{ "the first rule that holds answers", {
		{ &reads, ERRNO(2) }, { &writes, ALLOW }, { NULL, ERRNO(3) } }, {
		{ { .args = { 0, 0, 06000 } }, ERRNO(2) },
		{ { .args = { 0, 0x40, 0 } }, ERRNO(3) },
		{ { .args = { 0, 1, 0 } }, ALLOW },
		{ { .args = { 0, 2, 02000 } }, ERRNO(3) },
		{ { .args = { 0, 2, 0x600000000 } }, ALLOW } } },
	{ "a rule after an unconditional one", {
		{ &reads, ALLOW }, { NULL, LOG }, { &writes, KILL } }, {
		{ { .args = { 0, 0 } }, ALLOW },
		{ { .args = { 0, 1 } }, LOG } } },
	{ "a range across the words", {
		{ &middle, ALLOW }, { &large, LOG } }, {
		{ { .args = { 0, 0xfff } }, ERRNO(1) },
		{ { .args = { 0, 0x1000 } }, ALLOW },
		{ { .args = { 0, 0x100000000 } }, ALLOW },
		{ { .args = { 0, 0x100001fff } }, ALLOW },
		{ { .args = { 0, 0x100002000 } }, LOG },
		{ { .args = { 0, 0x200000000 } }, LOG } } },
	{ "the instruction pointer", { { &here, ALLOW } }, {
		{ { .ip = 0x7f0012345678 }, ALLOW },
		{ { .ip = 0x7e0012345678 }, ERRNO(1) },
		{ { .ip = 0x7f0012345679 }, ERRNO(1) },
		{ { .args = { 0x7f0012345678 } }, ERRNO(1) } } },
	{ "tests that exclude each other", { { &never, ALLOW } }, {
		{ { .args = { 0, 3 } }, ERRNO(1) },
		{ { .args = { 0, 4 } }, ERRNO(1) } } },
	{ "six arguments", { { &six, ALLOW } }, {
		{ { .args = { 1, 2, 3, LOW << 4, 5, ALL } }, ALLOW },
		{ { .args = { 1, 2, 3, LOW << 4, 5, LOW } }, ERRNO(1) },
		{ { .args = { 1, 2, 3, LOW << 5, 5, ALL } }, ERRNO(1) },
		{ { .args = { 1, 2, 3, LOW << 4, LOW + 6, ALL } }, ERRNO(1) },
		{ { .args = { 0, 2, 3, LOW << 4, 5, ALL } }, ERRNO(1) } } },
	/* clang-format on */
};

static void
test_ordered(struct filter *filter, struct program *program)
{
	const struct filter *const filters[] = { filter };

	for (size_t i = 0; i < ARRAY_SIZE(ordered); i++) {
		int wrong = 0;

		start_filter(filter, ERRNO(1));
		for (size_t j = 0; j < ARRAY_SIZE(ordered[i].rules) &&
		                   ordered[i].rules[j].action != 0;
		     j++)
			filter_add(filter, 7, ordered[i].rules[j].condition,
			    ordered[i].rules[j].action, 0);
		if (program_compile(filters, 1, program, NULL) != 0)
			wrong = 1;
		for (size_t j = 0; j < ARRAY_SIZE(ordered[i].cases) &&
		                   ordered[i].cases[j].answer != 0;
		     j++) {
			struct call call = ordered[i].cases[j].call;
			uint32_t wanted = ordered[i].cases[j].answer;

			call.nr = 7;
			call.arch = arch->audit;
			if (run(program, &call) == wanted &&
			    filter_answer(filter, &call, NULL) == wanted)
				continue;
			note("case %zu: 0x%x, wanted 0x%x", j,
			    run(program, &call), wanted);
			wrong++;
		}
		ok(wrong == 0, "%s", ordered[i].name);
	}
}

/* Which answer wins; filter.h: the first one's data between equals. */
static const struct {
	uint32_t first, second, stricter;
} precedence[] = {
	{ ALLOW, ALLOW, ALLOW },
	{ ALLOW, LOG, LOG },
	{ TRACE(1), LOG, TRACE(1) },
	{ TRACE(1), SECCOMP_RET_USER_NOTIF, SECCOMP_RET_USER_NOTIF },
	{ ERRNO(1), SECCOMP_RET_USER_NOTIF, ERRNO(1) },
	{ ERRNO(1), ERRNO(2), ERRNO(1) },
	{ ERRNO(2), ERRNO(1), ERRNO(2) },
	{ ERRNO(1), SECCOMP_RET_TRAP, SECCOMP_RET_TRAP },
	{ SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_KILL_THREAD },
	{ SECCOMP_RET_KILL_THREAD, KILL, KILL },
	{ ALLOW, 0x12340000, 0x12340000 },
	{ SECCOMP_RET_KILL_THREAD, 0x7ffe0000, 0x7ffe0000 },
};

/* Both as fallbacks, as rules, and as rules that hold for some arguments. */
static void
test_precedence(struct filter pair[2], struct program *program)
{
	const struct filter *const filters[] = { &pair[0], &pair[1] };

	for (size_t i = 0; i < ARRAY_SIZE(precedence); i++) {
		uint32_t first = precedence[i].first;
		uint32_t second = precedence[i].second;
		uint32_t wanted = precedence[i].stricter;
		struct call call;
		int wrong = 0;

		for (int j = 0; j < 2; j++) {
			uint32_t answer = j == 0 ? first : second;

			start_filter(&pair[j], answer);
			pair[j].unknown = answer;
			pair[j].x32 = answer;
			pair[j].foreign = answer;
			filter_add(&pair[j], 8, NULL, ALLOW, 0);
			filter_add(
			    &pair[j], 7, j == 0 ? &reads : &writes, answer, 0);
			filter_add(&pair[j], 7, NULL, ALLOW, 0);
		}
		if (program_compile(filters, 2, program, NULL) != 0)
			wrong++;
		call = make_call(1);
		wrong += run(program, &call) != wanted;
		call = make_call(8);
		wrong += run(program, &call) != ALLOW;
		call = make_call(arch->max + 1);
		wrong += run(program, &call) != wanted;
		call = make_call(ARCH_X32_BIT);
		wrong += run(program, &call) != wanted;
		call.arch++;
		wrong += run(program, &call) != wanted;
		call = make_call(7);
		wrong += run(program, &call) != first; /* only `reads` holds */
		call.args[1] = 1;
		wrong += run(program, &call) != second;
		call.args[1] = 0x40;
		wrong += run(program, &call) != ALLOW;
		ok(wrong == 0 && answer_stricter(first, second) == wanted,
		    "0x%x and 0x%x", first, second);
	}
}

/*
 * The last filter is sure of what the first may say: the first has to be asked
 * all the same, for it is the one that outvotes the second.
 */
static void
test_order_of_equals(struct filter three[3], struct program *program)
{
	const struct filter *const filters[] = { &three[0], &three[1],
		&three[2] };
	const uint64_t flags[] = { 0, 1, 0x40 };
	int error, wrong = 0;

	start_filter(&three[0], ALLOW);
	filter_add(&three[0], 7, &reads, ERRNO(1), 0);
	start_filter(&three[1], ALLOW);
	filter_add(&three[1], 7, &flags_clear, ERRNO(2), 0);
	start_filter(&three[2], ERRNO(1));
	error = program_compile(filters, 3, program, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		struct call call = make_call(7);

		call.args[1] = flags[i];
		wrong += run(program, &call) != ERRNO(flags[i] == 1 ? 2 : 1);
	}
	ok(error == 0 && wrong == 0, "of equal answers the first one's");
}

/* Numbers that are no calls of this architecture. */
static void
test_numbers(struct filter *filter, struct program *program)
{
	const struct filter *const filters[] = { filter };
	const struct {
		unsigned int nr;
		uint32_t arch;
		uint32_t wanted;
	} cases[] = {
		{ 0, arch->audit, ALLOW },
		{ 1, arch->audit, ERRNO(1) },
		{ arch->max, arch->audit, LOG },
		{ arch->max + 1, arch->audit, ERRNO(2) },
		{ ARCH_X32_BIT - 1, arch->audit, ERRNO(2) },
		{ ARCH_X32_BIT, arch->audit, ERRNO(3) },
		{ UINT32_MAX, arch->audit, ERRNO(3) },
		{ 0, AUDIT_ARCH_I386, ERRNO(4) },
		{ 0, arch->audit ^ 1, ERRNO(4) },
	};
	unsigned int length;

	start_filter(filter, ERRNO(1));
	filter->unknown = ERRNO(2);
	filter->x32 = ERRNO(3);
	filter->foreign = ERRNO(4);
	filter_add(filter, 0, NULL, ALLOW, 0);
	filter_add(filter, arch->max, NULL, LOG, 0);
	filter_add(filter, arch->max + 1, NULL, ALLOW, 0);
	ok(program_compile(filters, 1, program, NULL) == 0, "numbers");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct call call = { cases[i].nr, cases[i].arch };
		uint32_t answer = run(program, &call);

		ok(answer == cases[i].wanted &&
		        answer == filter_answer(filter, &call, NULL),
		    "call %u of architecture 0x%x: 0x%x", call.nr, call.arch,
		    answer);
	}
	length = program->length;
	filter->x32 = filter->unknown;
	ok(program_compile(filters, 1, program, NULL) == 0 &&
	        program->length < length,
	    "x32 costs nothing if it is answered like unknown calls");
}

static void
test_deciding_rule(struct filter *filter)
{
	const struct rule *rule;
	struct call call = make_call(7);

	start_filter(filter, KILL);
	filter_add(filter, 7, &writes, ALLOW, 11);
	filter_add(filter, 7, &reads, ALLOW, 12);
	ok(filter_answer(filter, &call, &rule) == ALLOW && rule != NULL &&
	        rule->origin == 12,
	    "the rule that decided is named");
	call.args[1] = 0x40;
	ok(filter_answer(filter, &call, &rule) == KILL && rule == NULL,
	    "and none if none did");
}

/* Broken in one way each. */
static const struct {
	const char *name;
	struct test test;
	int error;
} refused[] = {
	/* clang-format off */
	{ "nothing wrong", TEST(5, 64, IN, 1, 1), 0 },
	{ "mask 0", TEST(0, 64, IN, 0, 1), -EINVAL },
	{ "mask 0 in the word that counts", TEST(0, 32, IN, ALL << 32, 1),
	    -EINVAL },
	{ "argument 7", TEST(7, 32, IN, 1, 1), -EINVAL },
	{ "width 16", TEST(0, 16, IN, 1, 1), -EINVAL },
	{ "no value", { 0, 32, TEST_IN, 0, 1, NULL }, -EINVAL },
	{ "no such operator", { 0, 32, 9, 1, 1, VALUES(1) }, -EINVAL },
	/* clang-format on */
};

static void
test_refused(struct filter pair[2], struct program *program)
{
	const struct filter *filters[PROGRAM_FILTERS + 1];
	struct diag diag = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct condition condition = { .tests = { refused[i].test } };

		filters[0] = &pair[0];
		start_filter(&pair[0], KILL);
		filter_add(&pair[0], 7, &condition, ALLOW, 0);
		diag.text[0] = '\0';
		ok(program_compile(filters, 1, program, &diag) ==
		            refused[i].error &&
		        (refused[i].error == 0) == (program->length > 0),
		    "%s: %s", refused[i].name, diag.text);
	}
	start_filter(&pair[0], KILL);
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		filters[i] = &pair[0];
	ok(program_compile(filters, PROGRAM_FILTERS, program, &diag) == 0,
	    "as many filters as can be");
	ok(program_compile(filters, PROGRAM_FILTERS + 1, program, &diag) ==
	        -EINVAL,
	    "one more: %s", diag.text);
	ok(program_compile(filters, 0, program, &diag) == -EINVAL,
	    "no filter: %s", diag.text);
	start_filter(&pair[1], KILL);
	pair[1].arch = arch_find("aarch64");
	filters[1] = &pair[1];
	ok(program_compile(filters, 2, program, &diag) == -EINVAL,
	    "two architectures: %s", diag.text);
}

/* Conditions made at run time: argument `arg` is one of COUNT values. */
struct maker {
	struct condition conditions[FILTER_RULES];
	uint64_t values[FILTER_RULES][8];
};

static void
make_test(struct maker *maker, size_t index, struct test test, size_t at)
{
	test.values = maker->values[index];
	maker->conditions[index].tests[at] = test;
}

/* COUNT rules of two tests each for one call. */
static void
make_pairs(struct filter *filter, struct maker *maker, size_t count)
{
	start_filter(filter, KILL);
	for (size_t i = 0; i < count; i++) {
		maker->values[i][0] = i;
		make_test(maker, i,
		    (struct test){ 0, 32, TEST_IN, 1, UINT32_MAX, NULL }, 0);
		make_test(maker, i,
		    (struct test){ 1, 32, TEST_LT, 1, UINT32_MAX, NULL }, 1);
		filter_add(filter, 7, &maker->conditions[i], ALLOW, 0);
	}
}

static bool
same_program(const struct program *a, const struct program *b)
{
	return a->length == b->length && a->length > 0 &&
	       memcmp(a->code, b->code, a->length * sizeof(a->code[0])) == 0;
}

/* Static memory, little or much that is mapped, or memory that is given. */
static void
test_rooms(struct filter *filter, struct program *program, struct maker *maker)
{
	static const size_t sizes[] = { 3, 400 };
	static struct program mapped, given;
	const struct filter *one = filter;
	struct scratch scratch = { .size = program_scratch_size() };
	bool same;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		scratch.memory = calloc(1, scratch.size);
		make_pairs(filter, maker, sizes[i]);
		same =
		    scratch.memory != NULL &&
		    program_compile(&one, 1, program, NULL) == 0 &&
		    program_compile(&one, 1, &mapped, NULL) == 0 &&
		    program_compile_in(&one, 1, &scratch, &given, NULL) == 0 &&
		    same_program(program, &mapped) &&
		    same_program(program, &given);
		ok(same, "%zu pairs of tests: %u instructions, wherever made",
		    sizes[i], (unsigned int)program->length);
		free(scratch.memory);
	}
	memset(maker, 0, sizeof(*maker));
}

static void
test_limits(struct filter *filter, struct program *program, struct maker *maker)
{
	const struct filter *const filters[] = { filter };
	struct diag diag = { 0 };
	int error;

	start_filter(filter, KILL);
	for (size_t i = 0; i < FILTER_RULES; i++) {
		maker->conditions[i] = (struct condition){ 0 };
		maker->values[i][0] = i * i * 7919;
		make_test(
		    maker, i, (struct test){ 0, 32, TEST_IN, 1, LOW, NULL }, 0);
		filter_add(filter, 7, &maker->conditions[i], ALLOW, 0);
	}
	error = program_compile(filters, 1, program, &diag);
	ok(error == 0, "a full filter about one call: %d instructions, path %u",
	    program->length, program_longest_path(program));
	filter_add(filter, 8, NULL, ALLOW, 0);
	ok(filter->count == FILTER_RULES && filter->overflow &&
	        program_compile(filters, 1, program, &diag) == -E2BIG,
	    "one more rule: %s", diag.text);

	start_filter(filter, KILL);
	filter_add(filter, 65536 + 7, NULL, ALLOW, 0);
	ok(filter->count == 0 && filter->overflow,
	    "a number above 65535 is nobody else's rule");

	start_filter(filter, KILL);
	for (size_t i = 0; i < FILTER_RULES; i++) {
		maker->conditions[i] = (struct condition){ 0 };
		maker->values[i][0] = i;
		make_test(
		    maker, i, (struct test){ 0, 64, TEST_IN, 1, ALL, NULL }, 0);
		make_test(
		    maker, i, (struct test){ 1, 64, TEST_IN, 1, ALL, NULL }, 1);
		filter_add(filter, 7, &maker->conditions[i], ALLOW, 0);
	}
	ok(program_compile(filters, 1, program, &diag) == -E2BIG &&
	        program->length == 0,
	    "too many instructions: %s", diag.text);
}

/* More tests than a jump can leap over, each with its own answer. */
static void
test_far(struct filter *filter, struct program *program, struct maker *maker)
{
	const struct filter *const filters[] = { filter };
	unsigned int calls = 300, rules = 1200, wrong = 0, far = 0;
	struct diag diag = { 0 };
	int error;

	start_filter(filter, KILL);
	for (unsigned int i = 0; i < rules; i++) {
		maker->conditions[i] = (struct condition){ 0 };
		maker->values[i][0] = UINT64_C(13) * i;
		make_test(
		    maker, i, (struct test){ 2, 32, TEST_IN, 1, LOW, NULL }, 0);
		filter_add(filter, i % calls, &maker->conditions[i],
		    ERRNO(i % 997 + 1), 0);
	}
	error = program_compile(filters, 1, program, &diag);
	ok(error == 0, "%u rules: %d instructions, path %u %s", rules,
	    program->length, program_longest_path(program), diag.text);
	for (unsigned int i = 0; i < program->length; i++)
		far += program->code[i].code == (BPF_JMP | BPF_JA) &&
		       program->code[i].k > UINT8_MAX;
	ok(far > 0, "%u jumps are too far for a test", far);
	for (unsigned int i = 0; i < rules * 13; i++) {
		struct call call = make_call(i / 13 % calls);

		call.args[2] = i;
		wrong +=
		    run(program, &call) != filter_answer(filter, &call, NULL);
		call.nr = (call.nr + 1) % calls;
		wrong +=
		    run(program, &call) != filter_answer(filter, &call, NULL);
	}
	ok(wrong == 0, "and lead where they should");
}

/* xorshift64: the same on every machine. */
static uint64_t random_state;

static unsigned int
pick(unsigned int below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)((random_state >> 16) % below);
}

static const uint64_t random_values[] = { 0, 0, 1, 2, 3, 4, 5, 8, 0xff, 0x100,
	0x7fffffff, 0x80000000, LOW - 1, LOW, LOW + 1, LOW + 2, LOW + 6,
	0x1ffffffff, 0x200000000, 0x300000005, 0x7fffffffffffffff, ALL << 63,
	ALL << 32, ALL - 1, ALL };
static const uint64_t random_masks[] = { ALL, ALL, ALL, LOW, LOW, 1, 3, 6, 4,
	0xff00, 0x80000001, 0x100000001, 0x300000000, ALL << 32, 0xf0f0f0f0f0f,
	ALL << 63, 0xfffffffe };
static const uint32_t random_answers[] = { ALLOW, ALLOW, ERRNO(1), ERRNO(2),
	ERRNO(ENOSYS), LOG, KILL, TRACE(7), TRACE(8), SECCOMP_RET_TRAP,
	SECCOMP_RET_USER_NOTIF, SECCOMP_RET_KILL_THREAD, 0x12340000 };
#define PICK(array) ((array)[pick(ARRAY_SIZE(array))])

static uint64_t
random_value(void)
{
	uint64_t value = PICK(random_values);

	switch (pick(8)) {
	case 0:
		return value + 1;
	case 1:
		return value - 1;
	case 2:
		return value | PICK(random_values) << 32;
	case 3:
		return value ^ PICK(random_values);
	default:
		return value;
	}
}

static void
make_random_condition(struct maker *maker, size_t index)
{
	unsigned int tests = pick(4);

	maker->conditions[index] = (struct condition){ 0 };
	for (size_t i = 0; i < 8; i++)
		maker->values[index][i] = random_value();
	for (unsigned int i = 0; i < tests; i++) {
		struct test test = { .arg = (uint8_t)pick(3),
			.width = pick(2) == 0 ? 32 : 64,
			.op = (uint8_t)pick(TEST_GE + 1),
			.count = 1,
			.mask = PICK(random_masks) };

		if (pick(40) == 0)
			test.arg = TEST_IP;
		if (test.width == 32 && (uint32_t)test.mask == 0)
			test.width = 64;
		if (test.op <= TEST_NOT_IN)
			test.count = (uint8_t)(1 + pick(8));
		make_test(maker, index, test, i);
	}
}

static void
make_random_filter(struct filter *filter, struct maker *maker, size_t *used)
{
	unsigned int rules = pick(12);

	start_filter(filter, PICK(random_answers));
	filter->unknown = PICK(random_answers);
	filter->x32 = PICK(random_answers);
	filter->foreign = PICK(random_answers);
	for (unsigned int i = 0; i < rules; i++) {
		const struct condition *condition = NULL;

		if (pick(6) != 0) {
			make_random_condition(maker, *used);
			condition = &maker->conditions[(*used)++];
		}
		filter_add(filter, pick(4), condition, PICK(random_answers), 0);
	}
}

/* Mostly values that some rule tests, and their neighbours. */
static struct call
random_call(const struct maker *maker, size_t used)
{
	struct call call = make_call(pick(5));

	if (pick(30) == 0)
		call.nr = PICK(random_values) & LOW;
	if (pick(30) == 0)
		call.arch = AUDIT_ARCH_I386;
	call.ip = random_value();
	for (size_t i = 0; i < 6; i++) {
		call.args[i] = random_value();
		if (used > 0 && pick(2) == 0)
			call.args[i] =
			    maker->values[pick((unsigned int)used)][pick(8)] +
			    pick(3) - 1;
		if (pick(16) == 0)
			call.args[i] ^= UINT64_C(1) << pick(64);
	}
	return call;
}

static void
show_call(const struct call *call, uint32_t got, uint32_t wanted)
{
	note("call %u arch 0x%x ip 0x%" PRIx64, call->nr, call->arch, call->ip);
	note("args 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64, call->args[0],
	    call->args[1], call->args[2]);
	note("0x%x, wanted 0x%x", got, wanted);
}

#define RANDOM_SETS    4000
#define RANDOM_CALLS   100
#define RANDOM_FILTERS 3

/* Whether the program says to random calls what walking the rules says. */
static bool
check_random_set(struct filter filters[RANDOM_FILTERS], struct program *program,
    struct maker *maker)
{
	const struct filter *list[RANDOM_FILTERS];
	size_t count = 1 + pick(2) * pick(RANDOM_FILTERS), used = 0;

	for (size_t i = 0; i < count; i++) {
		make_random_filter(&filters[i], maker, &used);
		list[i] = &filters[i];
	}
	if (program_compile(list, count, program, NULL) != 0)
		return false;
	for (int i = 0; i < RANDOM_CALLS; i++) {
		struct call call = random_call(maker, used);
		uint32_t wanted = filter_answer(&filters[0], &call, NULL);
		uint32_t got = run(program, &call);

		for (size_t j = 1; j < count; j++)
			wanted = answer_stricter(
			    wanted, filter_answer(&filters[j], &call, NULL));
		if (got != wanted) {
			show_call(&call, got, wanted);
			return false;
		}
	}
	return true;
}

static void
test_random(struct filter filters[RANDOM_FILTERS], struct program *program,
    struct maker *maker)
{
	const char *text = getenv("TEST_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 0)
	                             : (uint64_t)time(NULL) * 1000003;
	unsigned int longest = 0;
	int sets;

	note("TEST_SEED=%" PRIu64, seed);
	random_state = seed | 1;
	for (sets = 0; sets < RANDOM_SETS; sets++) {
		if (!check_random_set(filters, program, maker))
			break;
		if (program->length > longest)
			longest = program->length;
	}
	ok(sets == RANDOM_SETS,
	    "%d random sets of filters, seed %" PRIu64
	    ", up to %u instructions",
	    sets, seed, longest);
}

static void
add_names(struct filter *filter, const char *const *names, size_t count,
    const struct condition *condition)
{
	for (size_t i = 0; i < count; i++) {
		int nr = arch_number(arch, names[i], strlen(names[i]));

		if (nr >= 0)
			filter_add(
			    filter, (unsigned int)nr, condition, ALLOW, 0);
	}
}

static const char *const tested_calls[] = { "openat", "open", "mmap", "fcntl",
	"mprotect", "ioctl", "socket", "clone", "prctl", "fchmodat" };

/* Half of all calls plainly allowed, some after tests. */
static void
make_typical(struct filter *filter)
{
	start_filter(filter, ERRNO(EPERM));
	add_names(filter, tested_calls, ARRAY_SIZE(tested_calls), &flags_clear);
	add_names(filter, tested_calls, 3, &writes);
	for (unsigned int nr = 0; nr <= arch->max; nr++) {
		const char *name = arch_name(arch, nr);
		size_t i = 0;

		while (name != NULL && i < ARRAY_SIZE(tested_calls) &&
		       strcmp(name, tested_calls[i]) != 0)
			i++;
		if (i == ARRAY_SIZE(tested_calls) && nr / 3 % 2 == 0)
			filter_add(filter, nr, NULL, ALLOW, 0);
	}
}

/*
 * The kernel answers a call by itself, without running the filter, if it gets
 * from number and architecture to ALLOW with these operations alone
 * (seccomp_is_const_allow() in kernel/seccomp.c).
 */
static bool
is_constant_allow(const struct program *program, const struct call *call)
{
	uint32_t a = 0;

	for (unsigned int at = 0; at < program->length; at++) {
		const struct sock_filter *now = &program->code[at];
		bool taken = false;

		switch (now->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (now->k == offsetof(struct seccomp_data, nr))
				a = call->nr;
			else if (now->k == offsetof(struct seccomp_data, arch))
				a = call->arch;
			else
				return false;
			continue;
		case BPF_JMP | BPF_JA:
			at += now->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			taken = a == now->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			taken = a >= now->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			taken = (a & now->k) != 0;
			break;
		case BPF_RET | BPF_K:
			return now->k == ALLOW;
		default:
			return false;
		}
		at += taken ? now->jt : now->jf;
	}
	return false;
}

static void
test_bitmap(struct filter *filter, struct program *program)
{
	const struct filter *const filters[] = { filter };
	unsigned int plain = 0, wrong = 0;
	int error;

	make_typical(filter);
	error = program_compile(filters, 1, program, NULL);
	ok(error == 0, "typical: %d instructions, path %u", program->length,
	    program_longest_path(program));
	for (unsigned int nr = 0; nr <= arch->max; nr++) {
		struct call call = make_call(nr);
		const struct rule *rule;
		bool allowed = filter_answer(filter, &call, &rule) == ALLOW &&
		               rule->condition == NULL;

		plain += allowed;
		wrong += allowed != is_constant_allow(program, &call);
	}
	ok(wrong == 0 && plain > 100,
	    "%u plain calls get through without a look at arguments", plain);
}

/* Each row stands for one call that a confined child makes. */
static const struct {
	const char *what;
	long args[3];
	unsigned int nr;
	int error; /* that the filter answers, 0: the call is let through */
} kernel_calls[] = {
	{ "getppid", { 0 }, SYS_getppid, 0 },
	{ "getpid", { 0 }, SYS_getpid, 77 },
	{ "dup, argument as allowed", { 1 }, SYS_dup, 0 },
	{ "dup, another argument", { 2 }, SYS_dup, 78 },
	{ "dup, garbage above an int", { 1 + (1L << 40) }, SYS_dup, 0 },
	{ "brk, 64 bits", { 0x100000003 }, SYS_brk, 0 },
	{ "brk, other low word", { 0x100000004 }, SYS_brk, 78 },
	{ "brk, other high word", { 3 }, SYS_brk, 78 },
	{ "number above the table", { 0 }, 1000, 79 },
};

static const struct condition one = { .tests = { TEST(0, 32, IN, LOW, 1) } };
static const struct condition large_value = {
	.tests = { TEST(0, 64, IN, ALL, 0x100000003) }
};

static void
make_kernel_filter(struct filter *filter)
{
	start_filter(filter, ALLOW);
	filter->unknown = ERRNO(79);
	filter_add(filter, SYS_getpid, NULL, ERRNO(77), 0);
	filter_add(filter, SYS_dup, &one, ALLOW, 0);
	filter_add(filter, SYS_dup, NULL, ERRNO(78), 0);
	filter_add(filter, SYS_brk, &large_value, ALLOW, 0);
	filter_add(filter, SYS_brk, NULL, ERRNO(78), 0);
}

/* Fills ERRORS, shared with the parent; never returns. */
static _Noreturn void
make_calls(struct program *program, int *errors)
{
	struct sock_fprog fprog = { program->length, program->code };

	if (program->length > 0 &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog) != 0))
		_exit(1);
	for (size_t i = 0; i < ARRAY_SIZE(kernel_calls); i++) {
		errno = 0;
		syscall(kernel_calls[i].nr, kernel_calls[i].args[0],
		    kernel_calls[i].args[1], kernel_calls[i].args[2]);
		errors[i] = errno;
	}
	_exit(0);
}

/* Returns whether the child could confine itself and came to its end. */
static bool
ask_kernel(struct program *program, int *errors)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		make_calls(program, errors);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void
test_kernel(struct filter *filter, struct program *program)
{
	const struct filter *const filters[] = { filter };
	static struct program nothing;
	int *errors = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int free_errors[ARRAY_SIZE(kernel_calls)];

	if (arch != arch_native()) {
		skip("the kernel", "it runs another architecture");
		return;
	}
	make_kernel_filter(filter);
	ok(errors != MAP_FAILED &&
	        program_compile(filters, 1, program, NULL) == 0 &&
	        ask_kernel(&nothing, errors),
	    "calls of an unconfined child");
	memcpy(free_errors, errors, sizeof(free_errors));
	ok(ask_kernel(program, errors), "calls of a confined child");
	for (size_t i = 0; i < ARRAY_SIZE(kernel_calls); i++) {
		int wanted = kernel_calls[i].error;

		if (wanted == 0)
			wanted = free_errors[i];
		ok(errors[i] == wanted && free_errors[i] < 77,
		    "%s: errno %d, unconfined %d", kernel_calls[i].what,
		    errors[i], free_errors[i]);
	}
	munmap(errors, 4096);
}

int
main(void)
{
	static struct filter filters[RANDOM_FILTERS];
	static struct program program;
	static struct maker maker;

	arch = arch_find("x86_64");
	/* First, as the first program is compiled elsewhere. */
	test_rooms(filters, &program, &maker);
	test_singles(filters, &program);
	test_ordered(filters, &program);
	test_precedence(filters, &program);
	test_order_of_equals(filters, &program);
	test_numbers(filters, &program);
	test_deciding_rule(filters);
	test_refused(filters, &program);
	test_limits(filters, &program, &maker);
	test_far(filters, &program, &maker);
	test_random(filters, &program, &maker);
	test_bitmap(filters, &program);
	test_kernel(filters, &program);
	return tap_done();
}
