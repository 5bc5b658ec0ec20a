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

#define LD                  (BPF_LD | BPF_W | BPF_ABS)
#define RET                 BPF_STMT(BPF_RET | BPF_K, 0)
#define RET_A               BPF_STMT(BPF_RET | BPF_A, 0)
#define IMM(k)              BPF_STMT(BPF_LD | BPF_IMM, k)
#define IMM_X(k)            BPF_STMT(BPF_LDX | BPF_IMM, k)
#define ALU_K(operation, k) BPF_STMT(BPF_ALU | BPF_##operation | BPF_K, k)
#define ALU_X(operation)    BPF_STMT(BPF_ALU | BPF_##operation | BPF_X, 0)
#define JUMP_K(test, k, jt, jf) \
 BPF_JUMP(BPF_JMP | BPF_##test | BPF_K, k, jt, jf)
#define JUMP_X(test, jt, jf) BPF_JUMP(BPF_JMP | BPF_##test | BPF_X, 0, jt, jf)
#define ARG(i, word)         (offsetof(struct seccomp_data, args[i]) + 4UL * (word))

static const struct call call = {
	.nr = 39,
	.arch = AUDIT_ARCH_X86_64,
	.ip = 0x7f0123456789,
	.args = { 0x1122334455667788, 1, 2, 3, 4, 0xfedcba9876543210 },
};

/* clang-format off */
static const struct {
	const char *name;
	struct sock_filter code[8]; /* up to the last return */
	uint32_t answer;
	unsigned int steps;
} answers[] = {
	{ "return", { BPF_STMT(BPF_RET | BPF_K, 7) }, 7, 1 },
	{ "A is 0 at first", { RET_A }, 0, 1 },
	{ "number", { BPF_STMT(LD, 0), RET_A }, 39, 2 },
	{ "architecture", { BPF_STMT(LD, 4), RET_A }, AUDIT_ARCH_X86_64, 2 },
	{ "ip", { BPF_STMT(LD, 8), RET_A }, 0x23456789, 2 },
	{ "upper ip", { BPF_STMT(LD, 12), RET_A }, 0x7f01, 2 },
	{ "argument", { BPF_STMT(LD, ARG(0, 0)), RET_A }, 0x55667788, 2 },
	{ "upper word", { BPF_STMT(LD, ARG(0, 1)), RET_A }, 0x11223344, 2 },
	{ "last word", { BPF_STMT(LD, ARG(5, 1)), RET_A }, 0xfedcba98, 2 },
	{ "length", { BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), RET_A }, 64, 2 },
	{ "length in X", { BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0),
	    BPF_STMT(BPF_MISC | BPF_TXA, 0), RET_A }, 64, 3 },
	{ "add", { IMM(5), ALU_K(ADD, 0xffffffff), RET_A }, 4, 3 },
	{ "subtract", { IMM(5), ALU_K(SUB, 6), RET_A }, 0xffffffff, 3 },
	{ "multiply", { IMM(0x10001), ALU_K(MUL, 0x10000), RET_A },
	    0x10000, 3 },
	{ "divide", { IMM(0xffffffff), ALU_K(DIV, 16), RET_A },
	    0x0fffffff, 3 },
	{ "divide by X", { IMM(100), IMM_X(7), ALU_X(DIV), RET_A }, 14, 4 },
	{ "divide by X, zero", { IMM(100), IMM_X(0), ALU_X(DIV), IMM(9),
	    RET_A }, 0, 3 },
	{ "and", { IMM(0xff0), ALU_K(AND, 0x0ff), RET_A }, 0x0f0, 3 },
	{ "or", { IMM(0xf00), IMM_X(0x0ff), ALU_X(OR), RET_A }, 0xfff, 4 },
	{ "exclusive or", { IMM(0xff0), ALU_K(XOR, 0x0ff), RET_A }, 0xf0f, 3 },
	{ "shift left", { IMM(3), ALU_K(LSH, 31), RET_A }, 0x80000000, 3 },
	{ "shift right", { IMM(0x80000000), ALU_K(RSH, 31), RET_A }, 1, 3 },
	{ "shift right by X", { IMM(0x100), IMM_X(4), ALU_X(RSH), RET_A },
	    0x10, 4 },
	{ "negate", { IMM(1), BPF_STMT(BPF_ALU | BPF_NEG, 0), RET_A },
	    0xffffffff, 3 },
	{ "A to X and back", { IMM(6), BPF_STMT(BPF_MISC | BPF_TAX, 0), IMM(1),
	    ALU_X(ADD), RET_A }, 7, 5 },
	{ "memory", { IMM(6), BPF_STMT(BPF_ST, 15), IMM(0),
	    BPF_STMT(BPF_LD | BPF_MEM, 15), RET_A }, 6, 5 },
	{ "memory and X", { IMM_X(6), BPF_STMT(BPF_STX, 0), IMM_X(0),
	    BPF_STMT(BPF_LDX | BPF_MEM, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0),
	    RET_A }, 6, 6 },
	{ "jump", { IMM(1), BPF_STMT(BPF_JMP | BPF_JA, 1), IMM(2), RET_A },
	    1, 3 },
	{ "equal", { IMM(5), JUMP_K(JEQ, 5, 0, 1), IMM(1), RET_A }, 1, 4 },
	{ "not equal", { IMM(5), JUMP_K(JEQ, 6, 0, 1), IMM(1), RET_A }, 5, 3 },
	{ "at least", { IMM(0x80000000), JUMP_K(JGE, 0x80000000, 1, 0), IMM(1),
	    RET_A }, 0x80000000, 3 },
	{ "more", { IMM(0x80000000), JUMP_K(JGT, 0x80000000, 1, 0), IMM(1),
	    RET_A }, 1, 4 },
	{ "more, unsigned", { IMM(0x80000000), JUMP_K(JGT, 1, 1, 0), IMM(1),
	    RET_A }, 0x80000000, 3 },
	{ "any bit", { IMM(6), JUMP_K(JSET, 12, 1, 0), IMM(1), RET_A }, 6, 3 },
	{ "no bit", { IMM(6), JUMP_K(JSET, 9, 1, 0), IMM(1), RET_A }, 1, 4 },
	{ "compare with X", { IMM(6), IMM_X(6), JUMP_X(JEQ, 1, 0), IMM(1),
	    RET_A }, 6, 4 },
};

static const struct {
	const char *name;
	unsigned short length;
	struct sock_filter code[8];
} refusals[] = {
	{ "nothing", 0, { RET } },
	{ "more than 4096", BPF_MAXINSNS + 1, { RET } },
	{ "no return", 1, { IMM(0) } },
	{ "a jump at the end", 2, { RET, BPF_STMT(BPF_JMP | BPF_JA, 0) } },
	{ "jump past the end", 2, { BPF_STMT(BPF_JMP | BPF_JA, 1), RET } },
	{ "jump far past the end", 2,
	    { BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff), RET } },
	{ "yes past the end", 2, { JUMP_K(JEQ, 0, 1, 0), RET } },
	{ "no past the end", 2, { JUMP_K(JEQ, 0, 0, 1), RET } },
	{ "load past the end", 2, { BPF_STMT(LD, 64), RET } },
	{ "load far past the end", 2, { BPF_STMT(LD, 0xfffffffc), RET } },
	{ "load between words", 2, { BPF_STMT(LD, 2), RET } },
	{ "load a byte", 2, { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), RET } },
	{ "load indirectly", 2,
	    { BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), RET } },
	{ "load an IP header's length", 2,
	    { BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), RET } },
	{ "modulo", 2, { BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), RET } },
	{ "negate with X", 2, { BPF_STMT(BPF_ALU | BPF_NEG | BPF_X, 0), RET } },
	{ "return X", 1, { BPF_STMT(BPF_RET | BPF_X, 0) } },
	{ "a code above 255", 2, { { 0x1000, 0, 0, 0 }, RET } },
	{ "divide by zero", 2, { ALU_K(DIV, 0), RET } },
	{ "shift left by 32", 2, { ALU_K(LSH, 32), RET } },
	{ "shift right by 32", 2, { ALU_K(RSH, 32), RET } },
	{ "no such memory", 2, { BPF_STMT(BPF_ST, 16), RET } },
	{ "load no such memory", 2, { BPF_STMT(BPF_LD | BPF_MEM, 16), RET } },
	{ "memory before a store", 2, { BPF_STMT(BPF_LD | BPF_MEM, 0), RET } },
	{ "memory next to a store", 3, { BPF_STMT(BPF_ST, 1),
	    BPF_STMT(BPF_LDX | BPF_MEM, 0), RET } },
	{ "memory stored on one way only", 4, { JUMP_K(JEQ, 0, 0, 1),
	    BPF_STMT(BPF_ST, 0), BPF_STMT(BPF_LD | BPF_MEM, 0), RET } },
	{ "memory whose store is jumped over", 4, {
	    BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_ST, 0),
	    BPF_STMT(BPF_LD | BPF_MEM, 0), RET } },
};

/* The longest way through it. */
static const struct {
	const char *name;
	unsigned int longest;
	unsigned short length;
	struct sock_filter code[8];
} paths[] = {
	{ "a return", 1, 1, { RET } },
	{ "one way", 3, 3, { IMM(1), IMM(2), RET } },
	{ "a short yes", 4, 5,
	    { JUMP_K(JEQ, 0, 2, 0), IMM(1), IMM(2), RET, RET } },
	{ "a short no", 4, 5,
	    { JUMP_K(JEQ, 0, 0, 2), IMM(1), IMM(2), RET, RET } },
	{ "a jump", 2, 4,
	    { BPF_STMT(BPF_JMP | BPF_JA, 2), IMM(1), IMM(2), RET } },
	{ "a program that cannot be", 0, 1, { IMM(1) } },
};
/* clang-format on */

static void
set_code(struct program *program, const struct sock_filter *code, size_t count)
{
	program->length = (unsigned short)count;
	memcpy(program->code, code, count * sizeof(*code));
}

/* Up to the last return: what follows is all zero. */
static size_t
count_code(const struct sock_filter *code, size_t count)
{
	while (BPF_CLASS(code[count - 1].code) != BPF_RET)
		count--;
	return count;
}

static void
test_answers(struct program *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		const struct sock_filter *code = answers[i].code;
		struct diag diag = { 0 };
		unsigned int steps = 0;
		uint32_t answer = 0xdead;
		int error;

		set_code(program, code,
		    count_code(code, ARRAY_SIZE(answers[i].code)));
		error = program_run(program, &call, &answer, &steps, &diag);
		ok(error == 0 && answer == answers[i].answer &&
		        steps == answers[i].steps,
		    "%s: 0x%x, %u steps %s", answers[i].name, answer, steps,
		    diag.text);
	}
}

/* Asks the kernel in a child: a program that it takes would stay. */
static bool
kernel_takes(struct program *program)
{
	struct sock_fprog fprog = { program->length, program->code };
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
			_exit(2);
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog) != 0)
			_exit(errno == EINVAL ? 1 : 2);
		_exit(0); /* or killed, by what the program answers */
	}
	if (child == -1 || waitpid(child, &status, 0) != child)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		note("the kernel has no say");
	return !WIFEXITED(status) || WEXITSTATUS(status) != 1;
}

static void
test_refusals(struct program *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct diag diag = { 0 };
		uint32_t answer = 0xdead;
		int error;

		set_code(
		    program, refusals[i].code, ARRAY_SIZE(refusals[i].code));
		program->length = refusals[i].length;
		error = program_run(program, &call, &answer, NULL, &diag);
		ok(error == -EINVAL && answer == 0xdead && diag.err == EINVAL &&
		        !kernel_takes(program),
		    "refused: %s: %s", refusals[i].name, diag.text);
	}
}

static void
test_paths(struct program *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		unsigned int longest;

		set_code(program, paths[i].code, paths[i].length);
		longest = program_longest_path(program);
		ok(longest == paths[i].longest, "%s: %u", paths[i].name,
		    longest);
	}
}

static uint64_t random_state;

static unsigned int
pick(unsigned int below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)((random_state >> 16) % below);
}

/* Some that seccomp does not know are among them. */
static const uint16_t random_codes[] = { LD, LD, LD, BPF_LD | BPF_W | BPF_LEN,
	BPF_LDX | BPF_W | BPF_LEN, BPF_LD | BPF_IMM, BPF_LDX | BPF_IMM,
	BPF_LDX | BPF_IMM, BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM, BPF_ST, BPF_ST,
	BPF_STX, BPF_STX, BPF_MISC | BPF_TAX, BPF_MISC | BPF_TAX,
	BPF_MISC | BPF_TXA, BPF_ALU | BPF_NEG, BPF_JMP | BPF_JA,
	BPF_LD | BPF_H | BPF_ABS, BPF_ALU | BPF_MOD | BPF_X };
static const uint32_t random_numbers[] = { 0, 0, 1, 2, 3, 4, 8, 15, 16, 20, 24,
	28, 31, 32, 60, 61, 64, 0x7fffffff, 0x80000000, 0xffffffff };
#define PICK(array) ((array)[pick(ARRAY_SIZE(array))])

#define RANDOM_BODY 12
/* Answers whatever A holds as an errno; other calls are let through. */
static const struct sock_filter random_head[] = {
	BPF_STMT(LD, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
static const struct sock_filter random_tail[] = {
	BPF_STMT(BPF_MISC | BPF_TAX, 0),
	ALU_K(RSH, 12),
	ALU_X(XOR),
	ALU_K(AND, 0x7ff),
	ALU_K(OR, SECCOMP_RET_ERRNO | 0x800),
	RET_A,
};

static struct sock_filter
random_instruction(unsigned int left)
{
	struct sock_filter made = { .code = PICK(random_codes),
		.k = PICK(random_numbers) };

	switch (pick(3)) {
	case 0:
		made.code = (uint16_t)(BPF_ALU | pick(9) << 4 | pick(2) << 3);
		break;
	case 1:
		made.code =
		    (uint16_t)(BPF_JMP | (1 + pick(4)) << 4 | pick(2) << 3);
		made.jt = (uint8_t)pick(left + 1);
		made.jf = (uint8_t)pick(left + 1);
		break;
	default:
		break;
	}
	/* Where the call comes from is not for us to choose. */
	if (made.code == LD &&
	    made.k == offsetof(struct seccomp_data, instruction_pointer))
		made.k = 0;
	if (made.code == (BPF_JMP | BPF_JA))
		made.k = pick(left + 1);
	if ((made.code == BPF_ST || made.code == BPF_STX ||
	        BPF_MODE(made.code) == BPF_MEM) &&
	    pick(8) != 0)
		made.k = pick(2);
	return made;
}

static void
make_random_program(struct program *program)
{
	unsigned int length = ARRAY_SIZE(random_head);

	memcpy(program->code, random_head, sizeof(random_head));
	for (unsigned int i = 0; i < RANDOM_BODY; i++)
		program->code[length++] =
		    random_instruction(RANDOM_BODY - 1 - i);
	memcpy(program->code + length, random_tail, sizeof(random_tail));
	program->length = (unsigned short)(length + ARRAY_SIZE(random_tail));
}

/* What a child that runs under the program saw; shared. */
struct sight {
	int refused; /* errno of the installation, if it failed */
	int error;   /* errno of the call */
	bool survived;
};

static void
ask_kernel(struct program *program, const uint64_t args[6], struct sight *sight)
{
	struct sock_fprog fprog = { program->length, program->code };
	pid_t child;

	*sight = (struct sight){ 0 };
	child = fork();
	if (child == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog) != 0) {
			sight->refused = errno;
			_exit(0);
		}
		errno = 0;
		syscall(SYS_getppid, args[0], args[1], args[2], args[3],
		    args[4], args[5]);
		sight->error = errno;
		sight->survived = true;
		_exit(0);
	}
	if (child == -1 || waitpid(child, NULL, 0) != child)
		sight->refused = ECHILD;
}

/* Whether the kernel takes, refuses and answers as program_run() does. */
static bool
agrees(struct program *program, struct sight *sight)
{
	struct call getppid_call = { .nr = SYS_getppid,
		.arch = arch_native()->audit };
	uint32_t answer = 0;
	int error;

	for (size_t i = 0; i < 6; i++)
		getppid_call.args[i] =
		    (uint64_t)PICK(random_numbers) << 32 | PICK(random_numbers);
	ask_kernel(program, getppid_call.args, sight);
	error = program_run(program, &getppid_call, &answer, NULL, NULL);
	if (error != 0)
		return sight->refused == -error;
	if (sight->refused != 0)
		return false;
	/* Zero, of a division by zero, kills. */
	if (answer == 0)
		return !sight->survived;
	return sight->survived &&
	       sight->error == (int)(answer & SECCOMP_RET_DATA);
}

#define RANDOM_PROGRAMS 1500

static void
test_random(struct program *program)
{
	const char *text = getenv("TEST_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 0)
	                             : (uint64_t)time(NULL) * 1000003;
	struct sight *sight = mmap(NULL, sizeof(*sight), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int same = 0, taken = 0, killed = 0;

	random_state = seed | 1;
	while (sight != MAP_FAILED && same < RANDOM_PROGRAMS) {
		make_random_program(program);
		if (!agrees(program, sight))
			break;
		same++;
		taken += sight->refused == 0;
		killed += sight->refused == 0 && !sight->survived;
	}
	for (unsigned int i = 0; same < RANDOM_PROGRAMS && i < program->length;
	     i++)
		note("%u: code 0x%x jt %d jf %d k 0x%x", i,
		    program->code[i].code, program->code[i].jt,
		    program->code[i].jf, program->code[i].k);
	ok(same == RANDOM_PROGRAMS && taken > RANDOM_PROGRAMS / 10 &&
	        taken < RANDOM_PROGRAMS,
	    "%d random programs, of which the kernel takes %d (%d kill), "
	    "seed %" PRIu64,
	    same, taken, killed, seed);
	if (sight != MAP_FAILED)
		munmap(sight, sizeof(*sight));
}

int
main(void)
{
	static struct program program;

	test_answers(&program);
	test_refusals(&program);
	test_paths(&program);
	if (prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) != -1)
		test_random(&program);
	else
		skip("random programs", "this kernel has no filters");
	return tap_done();
}
