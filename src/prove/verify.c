/* SPDX-License-Identifier: ISC */
#include "prove/verify.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "prove/verify_graph.h"
#include "prove/verify_words.h"
#include "sandbox/sandbox.h"

#define FIRST_ARGUMENT (GRAPH_ARCH + 1) /* or the instruction pointer's */
#define LAST_WORD      (GRAPH_WORDS - 1)
#define STAGES         (2 * PROGRAM_FILTERS)
#define ERRNO_MAX      4095 /* MAX_ERRNO, linux/err.h */

/* A program or a filter, on its way to its side's answer. */
struct stage {
	int side;
	const struct program *program; /* NULL: `filter` */
	const struct filter *filter;
	/* Of the filter: each number's last rule, each rule's previous; +1. */
	uint16_t last[ARCH_CALLS_MAX];
	uint16_t previous[FILTER_RULES];
	uint32_t root; /* its node, for one number */
};

/* A way not taken yet: where to go on, with which values of one word. */
struct fork {
	size_t stage;
	uint32_t node;
	uint32_t answers[2];
	unsigned int word;
	size_t set;
	size_t set_count; /* what to go back to */
	size_t undo_count;
};

/* The set that a word had. */
struct undo {
	unsigned int word;
	size_t set;
};

struct verifier {
	struct stage stages[STAGES];
	size_t stage_count;
	struct graph graph;
	struct words numbers;        /* classes of numbers and architectures */
	struct words words;          /* of arguments, for one number */
	size_t current[GRAPH_WORDS]; /* each word's set: an index in `sets` */
	uint64_t *sets;              /* a stack, as the next two */
	struct fork *forks;
	struct undo *undos;
	size_t set_count, set_room;
	size_t fork_count, fork_room;
	size_t undo_count, undo_room;
	unsigned long cases;
	uint64_t steps;
	verify_case_fn *each;
	void *context;
};

static void
verifier_free(struct verifier **verifier)
{
	if (*verifier == NULL)
		return;
	graph_free(&(*verifier)->graph);
	verify_words_free(&(*verifier)->numbers);
	verify_words_free(&(*verifier)->words);
	free((*verifier)->sets);
	free((*verifier)->forks);
	free((*verifier)->undos);
	free(*verifier);
}

/* What the kernel makes of an answer: seccomp(2), "Return values". */
static uint32_t
meaning(uint32_t answer)
{
	uint32_t data = answer & SECCOMP_RET_DATA;

	switch (answer & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		return SECCOMP_RET_ERRNO |
		       (data > ERRNO_MAX ? ERRNO_MAX : data);
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_TRACE:
		return answer;
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_USER_NOTIF:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return answer & SECCOMP_RET_ACTION_FULL;
	default:
		return SECCOMP_RET_KILL_PROCESS;
	}
}

bool
answer_same(uint32_t first, uint32_t second)
{
	return meaning(first) == meaning(second);
}

static int
check_rule(const struct rule *rule, struct diag *diag)
{
	const struct test *test;

	for (size_t i = 0; rule->condition != NULL && i < CONDITION_TESTS;
	     i++) {
		test = &rule->condition->tests[i];
		if (test->width == 0)
			break;
		if (test->arg > TEST_IP || test->op > TEST_GE ||
		    test->count == 0 ||
		    (test->width != 32 && test->width != 64))
			return diag_set(diag, EINVAL,
			    "a rule for call %u has a broken test", rule->nr);
	}
	return 0;
}

static int
add_filter(struct verifier *verifier, int side, const struct filter *filter,
    struct diag *diag)
{
	struct stage *stage = &verifier->stages[verifier->stage_count++];
	int error;

	if (filter->overflow)
		return diag_set(diag, E2BIG, "a filter has more than %d rules",
		    FILTER_RULES);
	stage->side = side;
	stage->filter = filter;
	for (size_t i = 0; i < filter->count; i++) {
		const struct rule *rule = &filter->rules[i];

		error = check_rule(rule, diag);
		if (error != 0)
			return error;
		if (rule->nr >= ARCH_CALLS_MAX)
			continue;
		stage->previous[i] = stage->last[rule->nr];
		stage->last[rule->nr] = (uint16_t)(i + 1);
	}
	return 0;
}

static int
add_side(struct verifier *verifier, int number, const struct verify_side *side,
    struct diag *diag)
{
	struct stage *stage = &verifier->stages[verifier->stage_count];
	struct call call = { 0 };
	uint32_t answer;
	int error = 0;

	if (side->program != NULL) {
		stage->side = number;
		stage->program = side->program;
		verifier->stage_count++;
		/* Refuses what the kernel does not load. */
		return program_run(side->program, &call, &answer, NULL, diag);
	}
	if (side->count == 0 || side->count > PROGRAM_FILTERS)
		return diag_set(diag, EINVAL, "1 to %d filters, not %zu",
		    PROGRAM_FILTERS, side->count);
	for (size_t i = 0; i < side->count && error == 0; i++)
		error = add_filter(verifier, number, side->filters[i], diag);
	return error;
}

static int
add_point(struct graph *graph, unsigned int word, uint32_t first, uint32_t last,
    struct diag *diag)
{
	uint32_t predicate;
	int error =
	    graph_add_predicate(graph, word, UINT32_MAX, &predicate, diag);

	if (error == 0)
		error = graph_add_span(graph, first, last, diag);
	return error;
}

/*
 * Which numbers and architectures must be looked at one by one: those that a
 * program asks for on whatever way, and those that a filter can mean.
 */
static int
split_numbers(struct verifier *verifier, struct diag *diag)
{
	const struct graph_pinned none = { 0 };
	struct graph *graph = &verifier->graph;
	uint32_t root;
	int error = 0;

	graph_clear(graph, &none);
	for (size_t i = 0; i < verifier->stage_count && error == 0; i++) {
		const struct stage *stage = &verifier->stages[i];

		if (stage->program != NULL)
			error = graph_add_program(
			    graph, stage->program, &root, diag);
		else
			error = add_point(graph, GRAPH_ARCH,
			    stage->filter->arch->audit,
			    stage->filter->arch->audit, diag);
	}
	for (uint32_t nr = 0; nr < ARCH_CALLS_MAX && error == 0; nr++)
		error = add_point(graph, GRAPH_NR, nr, nr, diag);
	if (error == 0)
		error =
		    add_point(graph, GRAPH_NR, ARCH_X32_BIT, UINT32_MAX, diag);
	if (error != 0)
		return error;
	return verify_words_split(
	    &verifier->numbers, graph, GRAPH_NR, GRAPH_ARCH, diag);
}

/* The rules that can answer, the last one first. */
static int
add_rules(struct verifier *verifier, const struct stage *stage, uint32_t nr,
    uint32_t *ret_root, struct diag *diag)
{
	const struct filter *filter = stage->filter;
	uint16_t rules[FILTER_RULES];
	size_t count = 0;

	for (uint16_t at = stage->last[nr]; at != 0;
	     at = stage->previous[at - 1]) {
		if (filter->rules[at - 1].condition == NULL)
			count = 0;
		rules[count++] = (uint16_t)(at - 1);
	}
	return graph_add_rules(
	    &verifier->graph, filter, rules, count, ret_root, diag);
}

/* Whether SIDE has a filter for calls of this architecture. */
static bool
knows_arch(const struct verifier *verifier, int side, uint32_t arch)
{
	for (size_t i = 0; i < verifier->stage_count; i++) {
		const struct stage *stage = &verifier->stages[i];

		if (stage->side == side && stage->program == NULL &&
		    stage->filter->arch->audit == arch)
			return true;
	}
	return false;
}

/* Finds the stage's root for the pinned number. */
static int
add_stage(struct verifier *verifier, struct stage *stage, struct diag *diag)
{
	struct graph *graph = &verifier->graph;
	const struct graph_pinned *pinned = &graph->pinned;
	const struct filter *filter = stage->filter;
	struct call call = { .nr = pinned->nr, .arch = pinned->arch };
	uint32_t answer = SECCOMP_RET_ALLOW; /* the other filters decide */

	if (stage->program != NULL)
		return graph_add_program(
		    graph, stage->program, &stage->root, diag);
	if (filter->arch->audit == pinned->arch &&
	    pinned->nr <= filter->arch->max)
		return add_rules(
		    verifier, stage, pinned->nr, &stage->root, diag);
	if (filter->arch->audit == pinned->arch ||
	    !knows_arch(verifier, stage->side, pinned->arch))
		answer = filter_answer(filter, &call, NULL);
	return graph_add_answer(graph, answer, &stage->root, diag);
}

/* Puts a set on the stack: of WORD's current one what is (not) in BITS. */
static int
push_set(struct verifier *verifier, unsigned int word, const uint64_t *bits,
    uint64_t flip, struct diag *diag)
{
	size_t size = verifier->words.classes[word].size;
	uint64_t *set;
	const uint64_t *old;
	int error = 0;

	while (verifier->set_room < verifier->set_count + size && error == 0)
		error = verify_grow(&verifier->sets, sizeof(*verifier->sets),
		    verifier->set_room, &verifier->set_room, diag);
	if (error != 0)
		return error;
	set = verifier->sets + verifier->set_count;
	old = verifier->sets + verifier->current[word];
	for (size_t i = 0; i < size; i++)
		set[i] = old[i] & (bits[i] ^ flip);
	verifier->set_count += size;
	return 0;
}

/* Makes SET the current one of WORD. */
static int
choose_set(
    struct verifier *verifier, unsigned int word, size_t set, struct diag *diag)
{
	int error = verify_grow(&verifier->undos, sizeof(*verifier->undos),
	    verifier->undo_count, &verifier->undo_room, diag);

	if (error != 0)
		return error;
	verifier->undos[verifier->undo_count++] =
	    (struct undo){ word, verifier->current[word] };
	verifier->current[word] = set;
	return 0;
}

/* Every word may have any value. */
static int
start_sets(struct verifier *verifier, struct diag *diag)
{
	int error = 0;

	verifier->set_count = 0;
	verifier->undo_count = 0;
	verifier->fork_count = 0;
	for (unsigned int word = FIRST_ARGUMENT; word <= LAST_WORD; word++) {
		const struct word_classes *classes =
		    &verifier->words.classes[word];

		verifier->current[word] = verifier->set_count;
		while (
		    verifier->set_room < verifier->set_count + classes->size &&
		    error == 0)
			error = verify_grow(&verifier->sets,
			    sizeof(*verifier->sets), verifier->set_room,
			    &verifier->set_room, diag);
		if (error != 0)
			return error;
		memset(verifier->sets + verifier->set_count, 0,
		    classes->size * sizeof(*verifier->sets));
		for (uint32_t i = 0; i < classes->count; i++)
			verifier->sets[verifier->set_count + i / 64] |=
			    UINT64_C(1) << i % 64;
		verifier->set_count += classes->size;
	}
	return 0;
}

/* What a branch leads to, of the values that are still possible. */
enum branch {
	BRANCH_YES = 1,
	BRANCH_NO = 2,
	BRANCH_BOTH = 3,
};

static enum branch
find_branch(struct verifier *verifier, const struct predicate *predicate)
{
	size_t size = verifier->words.classes[predicate->word].size;
	const uint64_t *bits = verifier->words.bits + predicate->bits;
	const uint64_t *set =
	    verifier->sets + verifier->current[predicate->word];
	uint64_t yes = 0, no = 0;

	verifier->steps += size;
	for (size_t i = 0; i < size; i++) {
		yes |= set[i] & bits[i];
		no |= set[i] & ~bits[i];
	}
	if (yes == 0)
		return BRANCH_NO;
	return no == 0 ? BRANCH_YES : BRANCH_BOTH;
}

/* Goes on with yes, and puts down to come back for no. */
static int
split(struct verifier *verifier, const struct fork *no,
    const struct predicate *predicate, struct diag *diag)
{
	const uint64_t *bits = verifier->words.bits + predicate->bits;
	struct fork fork = *no;
	int error = verify_grow(&verifier->forks, sizeof(fork),
	    verifier->fork_count, &verifier->fork_room, diag);

	fork.word = predicate->word;
	fork.set = verifier->set_count;
	fork.undo_count = verifier->undo_count;
	if (error == 0)
		error = push_set(verifier, fork.word, bits, ~UINT64_C(0), diag);
	if (error != 0)
		return error;
	fork.set_count = verifier->set_count;
	verifier->forks[verifier->fork_count++] = fork;
	error = push_set(verifier, fork.word, bits, 0, diag);
	if (error == 0)
		error = choose_set(verifier, fork.word, fork.set_count, diag);
	return error;
}

/* Goes back to the last fork and takes its other way. */
static int
take_fork(struct verifier *verifier, struct fork *ret_fork, struct diag *diag)
{
	struct fork *fork = &verifier->forks[--verifier->fork_count];

	while (verifier->undo_count > fork->undo_count) {
		struct undo undo = verifier->undos[--verifier->undo_count];

		verifier->current[undo.word] = undo.set;
	}
	verifier->set_count = fork->set_count;
	*ret_fork = *fork;
	return choose_set(verifier, fork->word, fork->set, diag);
}

/* A value that the word may have. */
static uint32_t
find_witness(const struct verifier *verifier, unsigned int word)
{
	const struct words *words = &verifier->words;
	const uint64_t *set = verifier->sets + verifier->current[word];
	size_t i = 0;

	while (set[i] == 0)
		i++;
	return words->witnesses[words->classes[word].witnesses + i * 64 +
	                        (size_t)__builtin_ctzll(set[i])];
}

static int
report_case(struct verifier *verifier, const uint32_t answers[2],
    bool any_question, struct diag *diag)
{
	uint32_t values[GRAPH_WORDS] = { 0 };
	struct seccomp_data data;
	struct verify_case one = {
		.call = { .nr = verifier->graph.pinned.nr,
		    .arch = verifier->graph.pinned.arch },
		.answers = { answers[0], answers[1] },
	};

	if (++verifier->cases > VERIFY_CASES || verifier->steps > VERIFY_STEPS)
		return diag_set(diag, E2BIG,
		    "cannot decide: more than %d cases", VERIFY_CASES);
	for (unsigned int word = FIRST_ARGUMENT;
	     any_question && word <= LAST_WORD; word++)
		values[word] = find_witness(verifier, word);
	memcpy(&data, values, sizeof(data));
	one.call.ip = data.instruction_pointer;
	memcpy(one.call.args, data.args, sizeof(data.args));
	return verifier->each(verifier->context, &one);
}

/* Takes what a stage answers into account.  True: it was the last one. */
static bool
finish_stage(struct verifier *verifier, struct fork *at, uint32_t answer)
{
	const struct stage *stage = &verifier->stages[at->stage];
	uint32_t *mine = &at->answers[stage->side];

	if (at->stage == 0 || stage[-1].side != stage->side)
		*mine = answer;
	else
		*mine = answer_stricter(*mine, answer);
	if (++at->stage == verifier->stage_count)
		return true;
	at->node = stage[1].root;
	return false;
}

/* Follows all stages through everything that is possible. */
static int
walk(struct verifier *verifier, bool any_question, struct diag *diag)
{
	const struct graph *graph = &verifier->graph;
	struct fork at = { .node = verifier->stages[0].root };
	enum branch branch;
	int error;

	for (;;) {
		const struct graph_node *node = &graph->nodes[at.node];

		if (node->predicate == GRAPH_ANSWER) {
			if (!finish_stage(verifier, &at, node->yes))
				continue;
			error = report_case(
			    verifier, at.answers, any_question, diag);
			if (error != 0 || verifier->fork_count == 0)
				return error;
			error = take_fork(verifier, &at, diag);
			if (error != 0)
				return error;
			continue;
		}
		branch =
		    find_branch(verifier, &graph->predicates[node->predicate]);
		at.node = branch == BRANCH_YES ? node->yes : node->no;
		if (branch != BRANCH_BOTH)
			continue;
		error = split(
		    verifier, &at, &graph->predicates[node->predicate], diag);
		if (error != 0)
			return error;
		at.node = node->yes;
	}
}

/* All calls of one number, or of numbers that nobody tells apart. */
static int
walk_number(
    struct verifier *verifier, uint32_t arch, uint32_t nr, struct diag *diag)
{
	const struct graph_pinned pinned = { true, nr, arch };
	struct graph *graph = &verifier->graph;
	bool any_question;
	int error = 0;

	graph_clear(graph, &pinned);
	for (size_t i = 0; i < verifier->stage_count && error == 0; i++)
		error = add_stage(verifier, &verifier->stages[i], diag);
	any_question = graph->predicate_count > 0;
	if (error == 0 && any_question)
		error = verify_words_split(
		    &verifier->words, graph, FIRST_ARGUMENT, LAST_WORD, diag);
	if (error == 0 && any_question)
		error = start_sets(verifier, diag);
	if (error != 0)
		return error;
	verifier->fork_count = 0;
	return walk(verifier, any_question, diag);
}

static int
walk_numbers(struct verifier *verifier, struct diag *diag)
{
	const struct words *words = &verifier->numbers;
	const struct word_classes *arch = &words->classes[GRAPH_ARCH];
	const struct word_classes *nr = &words->classes[GRAPH_NR];
	int error = 0;

	for (uint32_t i = 0; i < arch->count; i++)
		for (uint32_t j = 0; j < nr->count && error == 0; j++)
			error = walk_number(verifier,
			    words->witnesses[arch->witnesses + i],
			    words->witnesses[nr->witnesses + j], diag);
	return error;
}

int
verify_cases(const struct verify_side *first, const struct verify_side *second,
    verify_case_fn *each, void *context, struct diag *diag)
{
	__attribute__((cleanup(verifier_free))) struct verifier *verifier =
	    calloc(1, sizeof(*verifier));
	int error;

	if (verifier == NULL)
		return diag_set(diag, ENOMEM, "no memory to verify with");
	verifier->each = each;
	verifier->context = context;
	error = add_side(verifier, 0, first, diag);
	if (error == 0)
		error = add_side(verifier, 1, second, diag);
	if (error == 0)
		error = split_numbers(verifier, diag);
	if (error == 0)
		error = walk_numbers(verifier, diag);
	return error;
}

/* What was said about the last number. */
struct differences {
	verify_case_fn *each;
	void *context;
	struct diag *diag;
	struct verify_case *seen;
	size_t count, room;
};

static int
report_difference(void *context, const struct verify_case *one)
{
	struct differences *differences = context;
	const struct verify_case *seen = differences->seen;
	int error;

	if (answer_same(one->answers[0], one->answers[1]))
		return 0;
	if (differences->count > 0 && (seen->call.nr != one->call.nr ||
	                                  seen->call.arch != one->call.arch))
		differences->count = 0;
	for (size_t i = 0; i < differences->count; i++, seen++)
		if (answer_same(seen->answers[0], one->answers[0]) &&
		    answer_same(seen->answers[1], one->answers[1]))
			return 0;
	error = verify_grow(&differences->seen, sizeof(*one),
	    differences->count, &differences->room, differences->diag);
	if (error != 0)
		return error;
	differences->seen[differences->count++] = *one;
	return differences->each(differences->context, one);
}

int
verify_differences(const struct verify_side *first,
    const struct verify_side *second, verify_case_fn *each, void *context,
    struct diag *diag)
{
	struct differences differences = { each, context, diag, NULL, 0, 0 };
	int error =
	    verify_cases(first, second, report_difference, &differences, diag);

	free(differences.seen);
	return error;
}

struct search {
	struct verify_case *ret_case;
	unsigned long count;
};

static int
find_difference(void *context, const struct verify_case *one)
{
	struct search *search = context;

	search->count++;
	if (answer_same(one->answers[0], one->answers[1]))
		return 0;
	if (search->ret_case != NULL)
		*search->ret_case = *one;
	return 1;
}

int
verify_equal(const struct verify_side *first, const struct verify_side *second,
    struct verify_case *ret_case, unsigned long *ret_count, struct diag *diag)
{
	struct search search = { ret_case, 0 };
	int result =
	    verify_cases(first, second, find_difference, &search, diag);

	if (ret_count != NULL)
		*ret_count = search.count;
	return result;
}

/* What one program was made of. */
static int
verify_program(const struct program *program,
    const struct filter *const *filters, size_t count,
    struct verify_case *ret_case, struct diag *diag)
{
	const struct verify_side said = { .filters = filters, .count = count };
	const struct verify_side made = { .program = program };

	return verify_equal(&said, &made, ret_case, NULL, diag);
}

int
verify_sandbox(const struct sandbox *sandbox, struct verify_case *ret_case,
    struct diag *diag)
{
	const struct filter *filters[PROGRAM_FILTERS];
	size_t count = sandbox_filters(sandbox, filters);
	int r;

	if (sandbox->second.length == 0)
		return verify_program(
		    &sandbox->program, filters, count, ret_case, diag);
	r = verify_program(
	    &sandbox->program, &filters[count - 1], 1, ret_case, diag);
	if (r != 0)
		return r;
	return verify_program(
	    &sandbox->second, sandbox->users, count - 1, ret_case, diag);
}
