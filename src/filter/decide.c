/* SPDX-License-Identifier: ISC */
#include "filter/decide.h"

#include <errno.h>
#include <string.h>

void
decider_fail(struct decider *decider, int err, const char *reason)
{
	if (decider->err != 0)
		return;
	decider->err = err;
	decider->reason = reason;
}

static const char *
test_fault(const struct test *test)
{
	if (test->arg > TEST_IP)
		return "a test of an argument above 5";
	if (test->width != 32 && test->width != 64)
		return "a test that is neither 32 nor 64 bits wide";
	if (test->op > TEST_GE)
		return "a test with an unknown operator";
	if (test->count == 0)
		return "a test without a value";
	if (test->mask == 0 || (test->width == 32 && (uint32_t)test->mask == 0))
		return "a test under a mask of 0";
	return NULL;
}

/* Checks RULE and adds what it can need. */
static int
measure_rule(const struct rule *rule, const struct arch *arch,
    struct capacity *capacity, struct diag *diag)
{
	const struct test *tests;

	capacity->rules++;
	if (rule->condition == NULL)
		return 0;
	tests = rule->condition->tests;
	for (size_t i = 0; i < CONDITION_TESTS && tests[i].width != 0; i++) {
		const char *fault = test_fault(&tests[i]);
		size_t words = tests[i].width / 32;

		if (fault != NULL)
			return diag_set(diag, EINVAL,
			    "the filter's rule for %s call %u has %s",
			    arch->name, rule->nr, fault);
		/* The answer turns at a value and after it; a question about
		 * the lower word, for each upper one, has the same bounds. */
		capacity->fields += words;
		capacity->questions += 1 + (words - 1) * 2 * tests[i].count;
		capacity->bounds += words * 2 * tests[i].count;
	}
	return 0;
}

/* All promises at once take half of it. */
static const struct capacity usual = { .states = 192,
	.open_rules = 768,
	.pieces = ARCH_CALLS_MAX + 256, /* the search for a number takes one */
	.list = 256 };
static const struct capacity largest = {
	.states = 16384, .open_rules = 262144, .pieces = 65536, .list = 131072
};

struct capacity
capacity_most(void)
{
	return largest;
}

int
capacity_find(const struct filter *const *filters, size_t count, bool roomy,
    struct capacity *ret_capacity, struct diag *diag)
{
	/* Number 0 is none; a question is made before it turns out to be there
	 * already: two bounds for each of 255 values. */
	*ret_capacity = roomy ? largest : usual;
	ret_capacity->fields = ret_capacity->questions = 1;
	ret_capacity->bounds = 510;
	for (size_t i = 0; i < count; i++) {
		const struct filter *filter = filters[i];

		if (filter->overflow)
			return diag_set(diag, E2BIG,
			    "a filter has more than %d rules", FILTER_RULES);
		for (size_t j = 0; j < filter->count; j++) {
			int error = measure_rule(&filter->rules[j],
			    filter->arch, ret_capacity, diag);

			if (error != 0)
				return error;
		}
	}
	/* Their numbers have 16 bits, of which QUESTION_NO is taken. */
	if (ret_capacity->fields > UINT16_MAX)
		ret_capacity->fields = UINT16_MAX;
	if (ret_capacity->questions > UINT16_MAX)
		ret_capacity->questions = UINT16_MAX;
	return 0;
}

/*
 * The arrays behind struct decider: those that are filled first, and those of
 * which only the beginning is used at the end, so that few pages are touched.
 * Sizes are multiples of what the next one is aligned to, or rounded.
 */
enum array {
	ARRAY_LIST,
	ARRAY_SCORES,
	ARRAY_FIELDS,
	ARRAY_QUESTIONS,
	ARRAY_STATES,
	ARRAY_RULES,
	ARRAY_PIECES,
	ARRAY_BOUNDS,
	ARRAYS
};

static void
find_sizes(const struct capacity *capacity, size_t ret_sizes[ARRAYS])
{
	ret_sizes[ARRAY_LIST] = capacity->list * sizeof(uint16_t);
	ret_sizes[ARRAY_SCORES] = capacity->fields * sizeof(uint32_t);
	ret_sizes[ARRAY_FIELDS] = capacity->fields * sizeof(struct field);
	ret_sizes[ARRAY_STATES] = capacity->states * sizeof(struct state);
	ret_sizes[ARRAY_QUESTIONS] =
	    capacity->questions * sizeof(struct question);
	ret_sizes[ARRAY_RULES] =
	    capacity->open_rules * sizeof(struct open_rule);
	ret_sizes[ARRAY_PIECES] = capacity->pieces * sizeof(struct piece);
	ret_sizes[ARRAY_BOUNDS] = capacity->bounds * sizeof(uint64_t);
	for (size_t i = 0; i < ARRAYS; i++)
		ret_sizes[i] = (ret_sizes[i] + 7) & ~(size_t)7;
}

/* For each filter: ARCH_CALLS_MAX numbers, and one for each rule. */
static size_t
index_size(const struct capacity *capacity, size_t filter_count)
{
	return ((filter_count * ARCH_CALLS_MAX + capacity->rules) *
	               sizeof(uint16_t) +
	           7) &
	       ~(size_t)7;
}

size_t
decider_size(const struct capacity *capacity, size_t filter_count)
{
	size_t size = index_size(capacity, filter_count), sizes[ARRAYS];

	find_sizes(capacity, sizes);
	for (size_t i = 0; i < ARRAYS; i++)
		size += sizes[i];
	return size;
}

static void
place_arrays(struct decider *decider, char *memory)
{
	void *places[ARRAYS];
	size_t sizes[ARRAYS];

	find_sizes(&decider->capacity, sizes);
	for (size_t i = 0; i < ARRAYS; i++) {
		places[i] = memory;
		memory += sizes[i];
	}
	decider->list = places[ARRAY_LIST];
	decider->scores = places[ARRAY_SCORES];
	decider->fields = places[ARRAY_FIELDS];
	decider->states = places[ARRAY_STATES];
	decider->questions = places[ARRAY_QUESTIONS];
	decider->rules = places[ARRAY_RULES];
	decider->pieces = places[ARRAY_PIECES];
	decider->bounds = places[ARRAY_BOUNDS];
}

/* From the back, so that each number's rules are in order. */
static void
index_rules(const struct filter *filter, uint16_t *first, uint16_t *next)
{
	for (size_t i = filter->count; i-- > 0;) {
		unsigned int nr = filter->rules[i].nr;

		if (nr > filter->arch->max)
			continue; /* filter.h: `unknown` answers */
		next[i] = first[nr];
		first[nr] = (uint16_t)(i + 1);
	}
}

void
decider_start(struct decider *decider, const struct filter *const *filters,
    size_t count, const struct capacity *capacity, void *memory)
{
	uint16_t *rules = memory;

	/* Read before it is written, the page would have to be mapped twice. */
	memset(rules, 0, ARCH_CALLS_MAX * sizeof(*rules));
	decider->filters = filters;
	decider->filter_count = count;
	decider->capacity = *capacity;
	place_arrays(decider, (char *)memory + index_size(capacity, count));
	for (size_t i = 0; i < count; i++) {
		decider->first_rule[i] = rules;
		decider->next_rule[i] = rules + ARCH_CALLS_MAX;
		rules += ARCH_CALLS_MAX + filters[i]->count;
		index_rules(
		    filters[i], decider->first_rule[i], decider->next_rule[i]);
	}
}

/* Neighbours among the calls often have the same. */
static uint16_t
answer_node(struct decider *decider, uint32_t answer)
{
	uint16_t last = decider->last_answer;

	if (last == 0 || decider->dag.nodes[last].k != answer)
		last = dag_answer(&decider->dag, answer);
	decider->last_answer = last;
	return last;
}

static bool
ends_filter(const struct open_rule *rule)
{
	return rule->questions[0] == 0;
}

/* Rules that say what comes after them anyway are not worth a question. */
static void
drop_idle_rules(struct decider *decider, uint32_t first)
{
	struct open_rule *last = &decider->rules[decider->rule_count - 1];
	struct open_rule *rule = last;

	while (rule > &decider->rules[first] && rule[-1].answer == last->answer)
		rule--;
	*rule = *last;
	decider->rule_count = (uint32_t)(rule - decider->rules) + 1;
}

/* One filter's rules, as one state holds them. */
struct group {
	struct open_rule *rules;
	size_t count;
	bool dropped;
};

/*
 * Whether DECIDED, whatever OTHER will say, is the one to be heard.  An equal
 * answer that comes before DECIDED stays: it may outvote a third's.
 */
static bool
outvotes(const struct group *decided, const struct group *other)
{
	uint32_t answer = decided->rules->answer;

	if (decided->count != 1 || decided->dropped || other->dropped)
		return false;
	for (size_t i = 0; i < other->count; i++) {
		uint32_t against = other->rules[i].answer;

		if (decided < other
		        ? answer_stricter(answer, against) != answer
		        : answer_stricter(against, answer) == against)
			return false;
	}
	return true;
}

/* Drops the filters that cannot be the strictest any more. */
static void
drop_outvoted(struct decider *decider, uint32_t first)
{
	struct group groups[PROGRAM_FILTERS];
	struct open_rule *to = &decider->rules[first];
	size_t count = 0;

	for (uint32_t i = first; i < decider->rule_count; count++) {
		groups[count] = (struct group){ .rules = &decider->rules[i] };
		while (!ends_filter(&decider->rules[i++]))
			groups[count].count++;
		groups[count].count++;
	}
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++)
			if (i != j && outvotes(&groups[i], &groups[j]))
				groups[j].dropped = true;
	for (size_t i = 0; i < count; i++) {
		if (groups[i].dropped)
			continue;
		memmove(to, groups[i].rules, groups[i].count * sizeof(*to));
		to += groups[i].count;
	}
	decider->rule_count = (uint32_t)(to - decider->rules);
}

/* What was found out: the field's values from `low`, or LOW alone. */
struct finding {
	uint16_t field;
	uint32_t low;
	bool alone;
};

static uint16_t
narrow_question(
    struct decider *decider, uint16_t number, const struct finding *finding)
{
	const struct field *known = &decider->fields[finding->field];
	struct question *question = &decider->questions[number];
	const struct field *field = &decider->fields[question->field];

	if (question->field == finding->field)
		return question_narrow(decider, question, finding->low);
	/* A value says what its bits under a smaller mask are, too. */
	if (finding->alone && field->word == known->word &&
	    (field->mask & ~known->mask) == 0) {
		uint32_t value = finding->low & field->mask;

		question_pass(decider, question, value);
		return question_narrow(decider, question, value);
	}
	return number;
}

/* The rule that remains of RULE; false if it cannot hold any more. */
static bool
narrow_rule(struct decider *decider, const struct open_rule *rule,
    const struct finding *finding, struct open_rule *ret_rule)
{
	size_t count = 0;

	*ret_rule = (struct open_rule){ .answer = rule->answer };
	for (size_t i = 0; i < CONDITION_TESTS; i++) {
		uint16_t left = rule->questions[i];

		if (left == 0)
			break;
		left = narrow_question(decider, left, finding);
		if (left == QUESTION_NO)
			return false;
		if (left != QUESTION_YES)
			ret_rule->questions[count++] = left;
	}
	return true;
}

/* Puts what remains of STATE after FINDING at the end of the rules. */
static void
narrow_state(struct decider *decider, const struct state *state,
    const struct finding *finding)
{
	const struct open_rule *rule = &decider->rules[state->rules];
	const struct open_rule *end = rule + state->count;
	uint32_t first = decider->rule_count;
	bool closed = false;

	if (state->count > decider->capacity.open_rules - first) {
		decider_fail(decider, ENOMEM, "too many tests that combine");
		return;
	}
	for (; rule < end; rule++) {
		struct open_rule *left = &decider->rules[decider->rule_count];

		if (!closed && narrow_rule(decider, rule, finding, left)) {
			decider->rule_count++;
			closed = ends_filter(left);
		}
		if (!ends_filter(rule))
			continue;
		drop_idle_rules(decider, first);
		first = decider->rule_count;
		closed = false;
	}
}

/* Puts the questions of STATE on top of the list, as often as they are asked.
 */
static void
list_questions(struct decider *decider, const struct state *state)
{
	const struct open_rule *rule = &decider->rules[state->rules];
	const struct open_rule *end = rule + state->count;

	if (state->count >
	    (decider->capacity.list - decider->list_count) / CONDITION_TESTS)
		decider_fail(decider, ENOMEM, "too many tests that combine");
	for (; rule < end && decider->err == 0; rule++)
		for (size_t i = 0; i < CONDITION_TESTS; i++)
			if (rule->questions[i] != 0)
				decider->list[decider->list_count++] =
				    rule->questions[i];
}

/* The field that most of the listed questions are about; of several, the first.
 */
static uint16_t
choose_field(struct decider *decider, uint32_t first)
{
	const uint16_t *list = decider->list;
	uint32_t later = 0; /* words whose upper ones are to be asked first */
	uint32_t score = 0;
	uint16_t best = 0;

	for (uint32_t i = first; i < decider->list_count; i++) {
		struct question *question = &decider->questions[list[i]];

		decider->scores[question->field]++;
		if (question->low_field != 0)
			later |= 1U
			         << decider->fields[question->low_field].word;
	}
	for (uint32_t i = first; i < decider->list_count; i++) {
		uint16_t field = decider->questions[list[i]].field;

		if (decider->scores[field] > score &&
		    !(later >> decider->fields[field].word & 1)) {
			best = field;
			score = decider->scores[field];
		}
	}
	for (uint32_t i = first; i < decider->list_count; i++)
		decider->scores[decider->questions[list[i]].field] = 0;
	return best;
}

/* Leaves each listed question about FIELD once. */
static void
keep_field(struct decider *decider, uint32_t first, uint16_t field)
{
	uint32_t count = first;

	decider->enquiries++;
	for (uint32_t i = first; i < decider->list_count; i++) {
		uint16_t number = decider->list[i];
		struct question *question = &decider->questions[number];

		if (question->field != field ||
		    question->listed == decider->enquiries)
			continue;
		question->listed = decider->enquiries;
		decider->list[count++] = number;
	}
	decider->list_count = count;
}

/* Where the next piece begins, if one begins at LOW; 0: nowhere. */
static uint32_t
find_next_low(struct decider *decider, uint32_t first, uint32_t low)
{
	uint32_t nearest = 0;

	for (uint32_t i = first; i < decider->list_count; i++) {
		uint32_t next = question_pass(
		    decider, &decider->questions[decider->list[i]], low);

		/* Zero stands for the end: one less is the largest. */
		if (next - 1 < nearest - 1)
			nearest = next;
	}
	return nearest;
}

static void
add_piece(struct decider *decider, uint32_t first, uint32_t low, uint16_t node)
{
	struct piece *piece = &decider->pieces[decider->piece_count];

	if (decider->piece_count > first && piece[-1].node == node)
		return;
	/* One more must fit: the end. */
	if (decider->piece_count == decider->capacity.pieces - 1) {
		decider_fail(decider, ENOMEM, "too many values");
		return;
	}
	*piece = (struct piece){ low, node };
	decider->piece_count++;
}

static uint16_t settle(struct decider *decider, uint32_t first);

/* Asks about one field of STATE, and decides what remains for each answer. */
static uint16_t
enquire(struct decider *decider, const struct state *state)
{
	uint32_t list = decider->list_count, pieces = decider->piece_count;
	struct finding finding = { 0 };
	const struct field *field;
	uint32_t next;
	uint16_t node;

	list_questions(decider, state);
	finding.field = choose_field(decider, list);
	keep_field(decider, list, finding.field);
	field = &decider->fields[finding.field];
	do {
		uint32_t first = decider->rule_count;

		next = find_next_low(decider, list, finding.low);
		finding.alone = field_next(field->mask, finding.low) == next;
		narrow_state(decider, state, &finding);
		if (decider->err != 0 || decider->dag.full)
			return 0;
		node = settle(decider, first);
		add_piece(decider, pieces, finding.low, node);
		finding.low = next;
	} while (next != 0);
	decider->pieces[decider->piece_count].low = 0;
	node = dag_dispatch(&decider->dag, field, decider->pieces + pieces,
	    decider->piece_count - pieces);
	decider->piece_count = pieces;
	decider->list_count = list;
	return node;
}

static uint32_t
hash_rules(const struct open_rule *rules, size_t count)
{
	uint64_t hash = count, words[2];

	_Static_assert(sizeof(*rules) == sizeof(words), "no padding");
	for (size_t i = 0; i < count; i++) {
		memcpy(words, &rules[i], sizeof(words));
		hash = (hash ^ words[0]) * UINT64_C(0x9e3779b97f4a7c15);
		hash = (hash ^ hash >> 32 ^ words[1]) *
		       UINT64_C(0x9e3779b97f4a7c15);
	}
	return (uint32_t)(hash >> 32);
}

/* The state of COUNT rules from FIRST on: the one there is, or a new one. */
static struct state *
find_state(struct decider *decider, uint32_t first, uint32_t count)
{
	const struct open_rule *rules = &decider->rules[first];
	uint32_t hash = hash_rules(rules, count);
	struct state *state;
	uint16_t *head;

	head = &decider->state_heads[hash % DECIDE_HEADS];
	for (uint16_t at = *head; at != 0; at = state->next) {
		state = &decider->states[at];
		if (state->hash == hash && state->count == count &&
		    memcmp(&decider->rules[state->rules], rules,
		        count * sizeof(*rules)) == 0)
			return state;
	}
	if (decider->state_count == decider->capacity.states - 1) {
		decider_fail(decider, ENOMEM, "too many tests that combine");
		return NULL;
	}
	state = &decider->states[++decider->state_count];
	*state = (struct state){
		.hash = hash, .rules = first, .count = count, .next = *head
	};
	*head = (uint16_t)decider->state_count;
	return state;
}

/* Decides what the rules from FIRST on, the last ones made, leave open. */
static uint16_t
settle(struct decider *decider, uint32_t first)
{
	uint32_t count;
	struct state *state;

	if (decider->filter_count > 1)
		drop_outvoted(decider, first);
	count = decider->rule_count - first;
	if (count == 1) {
		decider->rule_count = first;
		return answer_node(decider, decider->rules[first].answer);
	}
	state = find_state(decider, first, count);
	if (state == NULL)
		return 0;
	if (state->rules != first) {
		decider->rule_count = first;
		return state->node;
	}
	if (decider->depth == DECIDE_DEPTH) {
		decider_fail(decider, ENOMEM, "too many different masks");
		return 0;
	}
	decider->depth++;
	state->node = enquire(decider, state);
	decider->depth--;
	return state->node;
}

/* RULE before anything is known.  Returns false if it can never hold. */
static bool
open_rule(struct decider *decider, const struct rule *rule,
    struct open_rule *ret_rule)
{
	const struct test *tests;
	size_t count = 0;

	*ret_rule = (struct open_rule){ .answer = rule->action };
	if (rule->condition == NULL)
		return true;
	tests = rule->condition->tests;
	for (size_t i = 0; i < CONDITION_TESTS && tests[i].width != 0; i++) {
		uint16_t number = question_make(decider, &tests[i]);

		if (number == QUESTION_NO)
			return false;
		if (number != QUESTION_YES)
			ret_rule->questions[count++] = number;
	}
	return true;
}

/* Puts the rules of the filter INDEX for NR at the end of the rules. */
static void
open_filter(struct decider *decider, size_t index, unsigned int nr)
{
	const struct filter *filter = decider->filters[index];
	uint32_t first = decider->rule_count;
	uint16_t at = decider->first_rule[index][nr];
	struct open_rule *open;

	for (; at != 0; at = decider->next_rule[index][at - 1]) {
		/* One more must fit: the fallback. */
		if (decider->rule_count + 1 >= decider->capacity.open_rules) {
			decider_fail(
			    decider, ENOMEM, "too many tests that combine");
			return;
		}
		open = &decider->rules[decider->rule_count];
		if (!open_rule(decider, &filter->rules[at - 1], open))
			continue;
		decider->rule_count++;
		if (ends_filter(open))
			break;
	}
	if (at == 0)
		decider->rules[decider->rule_count++] =
		    (struct open_rule){ .answer = filter->fallback };
	drop_idle_rules(decider, first);
}

/* Most calls: a single filter answers them whatever their arguments are. */
static bool
is_plain(const struct decider *decider, unsigned int nr, uint32_t *ret_answer)
{
	const struct filter *filter = decider->filters[0];
	uint16_t at = decider->first_rule[0][nr];

	if (decider->filter_count > 1 ||
	    (at != 0 && filter->rules[at - 1].condition != NULL))
		return false;
	*ret_answer = at != 0 ? filter->rules[at - 1].action : filter->fallback;
	return true;
}

uint16_t
decider_call(struct decider *decider, unsigned int nr)
{
	uint32_t first = decider->rule_count, answer;

	if (is_plain(decider, nr, &answer))
		return answer_node(decider, answer);
	for (size_t i = 0; i < decider->filter_count; i++)
		open_filter(decider, i, nr);
	if (decider->err != 0 || decider->dag.full)
		return 0;
	return settle(decider, first);
}
