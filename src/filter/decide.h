/* SPDX-License-Identifier: ISC */
/*
 * From rules to a decision: what is to be tested, in which order, so that each
 * word is looked at once on any way through.
 *
 * A condition's test is a question about a field.  A state is what is still
 * open for one call: for each filter its rules with the questions that remain.
 * Asking about one field cuts its values into ranges; each leaves a state with
 * fewer questions.  Equal states, and equal decisions, are made once.
 */
#ifndef FILTER_DECIDE_H
#define FILTER_DECIDE_H

#include "base/diag.h"
#include "filter/dag.h"
#include "filter/program.h"

#define DECIDE_HEADS 256
#define DECIDE_DEPTH 256 /* how many fields one call may be asked about */

/*
 * Is the value in the set?  `bounds` are the values at which the answer turns,
 * first the upper word, then the lower; `inside` is the answer below the first.
 * A question about a single word has it as the upper one, and lower words of 0.
 */
struct question {
	uint16_t field;     /* of the upper word */
	uint16_t low_field; /* of the lower word; 0: none */
	uint16_t next;      /* of equal hash */
	uint16_t count;     /* how many bounds */
	uint32_t bounds;    /* index of the first */
	uint32_t listed;    /* scratch: the last enquiry that it was part of */
	uint16_t passed; /* scratch: how many bounds question_pass() passed */
	bool inside;
};

/* What is known of a question: its number while it is open, or one of these. */
#define QUESTION_YES 0
#define QUESTION_NO  UINT16_MAX

/* A rule of a state; one without questions ends its filter's rules. */
struct open_rule {
	uint32_t answer;
	uint16_t questions[CONDITION_TESTS]; /* the first 0 ends them */
};

struct state {
	uint32_t hash;
	uint32_t rules; /* index of the first */
	uint32_t count;
	uint16_t node;
	uint16_t next; /* of equal hash */
};

/* The most there can be, for given filters; and how much may be open. */
struct capacity {
	size_t rules;
	size_t fields;
	size_t questions;
	size_t bounds;
	size_t states, open_rules, pieces, list;
};

/*
 * All zero at first.  A page costs more than what is computed in it: so what is
 * small stands before what grows, and arrays end where the filters can need no
 * more.
 */
struct decider {
	const struct filter *const *filters;
	size_t filter_count;
	int err; /* sticky: why the decisions are not complete */
	const char *reason;
	struct capacity capacity;
	uint16_t last_answer; /* the node, 0: none */
	unsigned int depth;
	uint32_t enquiries;
	unsigned int field_count;
	unsigned int question_count;
	unsigned int state_count;
	uint32_t bound_count;
	uint32_t rule_count;
	uint32_t piece_count;
	uint32_t list_count;
	uint64_t *bounds;
	struct question *questions;
	struct field *fields;
	uint32_t *scores; /* of each field */
	/* For each filter: of each number, and of each rule, index + 1. */
	uint16_t *first_rule[PROGRAM_FILTERS];
	uint16_t *next_rule[PROGRAM_FILTERS];
	struct open_rule *rules;
	struct state *states;
	struct piece *pieces; /* a stack */
	uint16_t *list;       /* a stack */
	uint16_t question_heads[DECIDE_HEADS];
	uint16_t state_heads[DECIDE_HEADS];
	uint16_t of_call[ARCH_CALLS_MAX]; /* decisions: the caller's */
	struct dag dag;
};

/*
 * Checks the filters and says what they can need; decider_size() is how much
 * memory that is, beyond struct decider.  How much is open at a time cannot be
 * foreseen: not ROOMY does for promises, and is few pages; when that is too
 * little, the decider's error is ENOMEM.  Returns 0 or -errno.
 */
int capacity_find(const struct filter *const *filters, size_t count, bool roomy,
    struct capacity *ret_capacity, struct diag *diag);
struct capacity capacity_most(void); /* what is roomy, without the filters */
size_t decider_size(const struct capacity *capacity, size_t filter_count);

/* Sorts the filters' rules by number.  MEMORY is decider_size() bytes of 0. */
void decider_start(struct decider *decider, const struct filter *const *filters,
    size_t count, const struct capacity *capacity, void *memory);

/* Remembers the first reason why the decisions cannot be completed. */
void decider_fail(struct decider *decider, int err, const char *reason);

/* The question that TEST asks: its number, QUESTION_YES or QUESTION_NO. */
uint16_t question_make(struct decider *decider, const struct test *test);

/*
 * Looks at the values from VALUE on, of the field that QUESTION is about.
 * Returns the first one for which the answer may be another; 0: there is none.
 */
uint32_t question_pass(
    const struct decider *decider, struct question *question, uint32_t value);

/*
 * What is left to ask when the field has VALUE, which question_pass() was told:
 * nothing, or a question about the lower word.
 */
uint16_t question_narrow(
    struct decider *decider, const struct question *question, uint32_t value);

/* The decision on call NR; to be had for when `err` and dag.full stay zero. */
uint16_t decider_call(struct decider *decider, unsigned int nr);

#endif
