/* SPDX-License-Identifier: ISC */
#include "filter/program.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/table.h"
#include "filter/decide.h"
#include "filter/emit.h"

/*
 * Called often, and never found in the kernel's bitmap of calls to be let
 * through, if their arguments are tested: they are asked for first.
 */
static const char *const hot_calls[] = { "openat", "mmap", "fcntl", "ioctl",
	"mprotect" };

static const struct field call_number = { WORD_NR, UINT32_MAX };

struct workspace {
	size_t size; /* with what comes behind */
	size_t hot_count;
	uint16_t hot[ARRAY_SIZE(hot_calls)]; /* numbers */
	struct decider decider;
	struct emitter emitter;
	uint64_t rest[]; /* decider_size() bytes */
};

static void
unmap_workspace(struct workspace *const *workspace)
{
	if (*workspace != NULL)
		munmap(*workspace, (*workspace)->size);
}

static int
check_filters(
    const struct filter *const *filters, size_t count, struct diag *diag)
{
	if (count < 1 || count > PROGRAM_FILTERS)
		return diag_set(diag, EINVAL, "%zu filters; 1 to %d can be one",
		    count, PROGRAM_FILTERS);
	if (filters[0]->arch->max >= ARCH_CALLS_MAX)
		return diag_set(diag, EINVAL, "%s has call numbers above %d",
		    filters[0]->arch->name, ARCH_CALLS_MAX - 1);
	for (size_t i = 1; i < count; i++)
		if (filters[i]->arch != filters[0]->arch)
			return diag_set(diag, EINVAL,
			    "filters for %s and %s cannot be one",
			    filters[0]->arch->name, filters[i]->arch->name);
	return 0;
}

/* The strictest of the filters' answers at OFFSET of struct filter. */
static uint32_t
strictest(const struct decider *decider, size_t offset)
{
	uint32_t answer = 0;

	for (size_t i = 0; i < decider->filter_count; i++) {
		uint32_t other;

		memcpy(&other, (const char *)decider->filters[i] + offset,
		    sizeof(other));
		answer = i == 0 ? other : answer_stricter(answer, other);
	}
	return answer;
}

static void
decide_calls(struct workspace *workspace)
{
	struct decider *decider = &workspace->decider;
	const struct arch *arch = decider->filters[0]->arch;

	for (unsigned int nr = 0; nr <= arch->max; nr++) {
		decider->of_call[nr] = decider_call(decider, nr);
		if (decider->err != 0 || decider->dag.full)
			return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(hot_calls); i++) {
		int nr = arch_number(arch, hot_calls[i], strlen(hot_calls[i]));

		if (nr >= 0 && decider->dag.nodes[decider->of_call[nr]].kind !=
		                   NODE_ANSWER)
			workspace->hot[workspace->hot_count++] = (uint16_t)nr;
	}
}

static bool
is_hot(const struct workspace *workspace, unsigned int nr)
{
	for (size_t i = 0; i < workspace->hot_count; i++)
		if (workspace->hot[i] == nr)
			return true;
	return false;
}

/* The search for a call number that is none of the hot ones. */
static uint16_t
search_number(struct workspace *workspace)
{
	struct decider *decider = &workspace->decider;
	const struct arch *arch = decider->filters[0]->arch;
	struct piece *pieces = decider->pieces;
	size_t count = 0;
	uint16_t unknown, x32;

	for (unsigned int nr = 0; nr <= arch->max; nr++) {
		uint16_t node = decider->of_call[nr];

		/* The hot ones do not get here: they may lead anywhere. */
		if (count > 0 &&
		    (node == pieces[count - 1].node || is_hot(workspace, nr)))
			continue;
		pieces[count++] = (struct piece){ nr, node };
	}
	unknown = dag_answer(&decider->dag,
	    strictest(decider, offsetof(struct filter, unknown)));
	if (unknown != pieces[count - 1].node)
		pieces[count++] = (struct piece){ arch->max + 1, unknown };
	x32 = unknown;
	if (arch->quirks & ARCH_X32)
		x32 = dag_answer(&decider->dag,
		    strictest(decider, offsetof(struct filter, x32)));
	if (x32 != unknown)
		pieces[count++] = (struct piece){ ARCH_X32_BIT, x32 };
	pieces[count].low = 0;
	return dag_dispatch(&decider->dag, &call_number, pieces, count);
}

/* Why there is no decision, or 0. */
static int
check_decisions(const struct decider *decider, struct diag *diag)
{
	if (decider->dag.full)
		return diag_set(diag, E2BIG,
		    "the filter needs more than %d instructions; "
		    "the kernel takes %d",
		    BPF_MAXINSNS, BPF_MAXINSNS);
	if (decider->err != 0)
		return diag_set(diag, decider->err,
		    "the filter cannot be compiled: %s", decider->reason);
	return 0;
}

/* What the hot calls lead to comes right behind the comparisons with them. */
static int
emit_program(
    struct workspace *workspace, struct program *program, struct diag *diag)
{
	struct decider *decider = &workspace->decider;
	struct emitter *emitter = &workspace->emitter;
	uint16_t search = search_number(workspace), root = search;
	unsigned int count;
	int error;

	for (size_t i = workspace->hot_count; i-- > 0;)
		root = dag_equal(&decider->dag, &call_number, workspace->hot[i],
		    decider->of_call[workspace->hot[i]], root);
	error = check_decisions(decider, diag);
	if (error != 0)
		return error;

	emit_start(emitter, &decider->dag, root, program);
	emit_node(emitter, search);
	for (size_t i = workspace->hot_count; i-- > 0;)
		emit_node(emitter, decider->of_call[workspace->hot[i]]);
	count = emit_finish(emitter, root, decider->filters[0]->arch->audit,
	    strictest(decider, offsetof(struct filter, foreign)));
	if (count > BPF_MAXINSNS)
		return diag_set(diag, E2BIG,
		    "the filter needs %u instructions; the kernel takes %d",
		    count, BPF_MAXINSNS);
	return 0;
}

/* Not with malloc: a thread may be about to confine itself. */
static int
map_workspace(size_t size, struct workspace **ret_workspace, struct diag *diag)
{
	struct workspace *workspace = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (workspace == MAP_FAILED) {
		diag_errno(diag, "memory to compile a filter in");
		return -ENOMEM;
	}
	workspace->size = size;
	*ret_workspace = workspace;
	return 0;
}

/* A program begins: load the architecture, is it this one?, no: return. */
#define HEAD 3

int
program_join(
    struct program *program, const struct program *next, struct diag *diag)
{
	unsigned int length = program->length, more = next->length - 1U, at;

	if (length + more > BPF_MAXINSNS)
		return diag_set(diag, E2BIG,
		    "the filter needs %u instructions; the kernel takes %d",
		    length + more, BPF_MAXINSNS);
	/* The return, or where a program that was joined asks again. */
	for (at = HEAD - 1; program->code[at].code == (BPF_JMP | BPF_JA);)
		at += program->code[at].k + 2;
	program->code[at] =
	    (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, length - at - 1);
	/* The architecture is loaded already. */
	memcpy(program->code + length, next->code + 1,
	    more * sizeof(next->code[0]));
	program->length = (unsigned short)(length + more);
	return 0;
}

/* Checks the filters; how much memory they take. */
static int
measure(const struct filter *const *filters, size_t count, bool roomy,
    struct capacity *ret_capacity, size_t *ret_size, struct diag *diag)
{
	int error = check_filters(filters, count, diag);

	if (error == 0)
		error =
		    capacity_find(filters, count, roomy, ret_capacity, diag);
	if (error == 0)
		*ret_size = sizeof(struct workspace) +
		            decider_size(ret_capacity, count);
	return error;
}

/* -ENOMEM: it takes more room than was thought. */
static int
compile_in(struct workspace *workspace, const struct filter *const *filters,
    size_t count, const struct capacity *capacity, struct program *ret_program,
    struct diag *diag)
{
	decider_start(
	    &workspace->decider, filters, count, capacity, workspace->rest);
	decide_calls(workspace);
	return emit_program(workspace, ret_program, diag);
}

/*
 * The first program of a process, which mostly is the only one: what is static
 * needs no call to be mapped, nor another to be unmapped.
 */
static struct {
	int taken; /* a word: riscv64 exchanges no less by itself */
	union {
		struct workspace workspace;
		char room[sizeof(struct workspace) + 65536];
	} memory;
} first __attribute__((aligned(4096)));

static int
compile_first(const struct filter *const *filters, size_t count,
    struct program *ret_program)
{
	struct capacity capacity;
	size_t size;
	int error;

	error = measure(filters, count, false, &capacity, &size, NULL);
	if (error != 0)
		return error;
	if (size > sizeof(first.memory) ||
	    __atomic_exchange_n(&first.taken, 1, __ATOMIC_RELAXED))
		return -ENOMEM;
	return compile_in(&first.memory.workspace, filters, count, &capacity,
	    ret_program, NULL);
}

static int
compile_mapped(const struct filter *const *filters, size_t count, bool roomy,
    struct program *ret_program, struct diag *diag)
{
	__attribute__((cleanup(unmap_workspace))) struct workspace *workspace =
	    NULL;
	struct capacity capacity;
	size_t size;
	int error;

	error = measure(filters, count, roomy, &capacity, &size, diag);
	if (error == 0)
		error = map_workspace(size, &workspace, diag);
	if (error != 0)
		return error;
	return compile_in(
	    workspace, filters, count, &capacity, ret_program, diag);
}

int
program_compile(const struct filter *const *filters, size_t count,
    struct program *ret_program, struct diag *diag)
{
	int error;

	ret_program->length = 0;
	error = compile_first(filters, count, ret_program);
	if (error != 0)
		error =
		    compile_mapped(filters, count, false, ret_program, NULL);
	/* The last says why. */
	if (error != 0)
		error = compile_mapped(filters, count, true, ret_program, diag);
	return error;
}

int
program_compile_in(const struct filter *const *filters, size_t count,
    const struct scratch *scratch, struct program *ret_program,
    struct diag *diag)
{
	struct capacity capacity;
	size_t size;
	int error;

	ret_program->length = 0;
	error = measure(filters, count, true, &capacity, &size, diag);
	if (error != 0)
		return error;
	if (size > scratch->size)
		return diag_set(diag, ENOMEM,
		    "the filter takes %zu bytes to compile; there are %zu",
		    size, scratch->size);
	return compile_in(
	    scratch->memory, filters, count, &capacity, ret_program, diag);
}

size_t
program_scratch_size(void)
{
	const struct capacity most = capacity_most();

	/* Every rule with every test of four values in two words. */
	return sizeof(struct workspace) + decider_size(&most, 1) +
	       (size_t)FILTER_RULES * 4096;
}
