/* SPDX-License-Identifier: ISC */
#include "learn/solve.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/path.h"
#include "base/table.h"
#include "kernel/landlock.h"
#include "learn/grants.h"
#include "report/need.h"

/* One search for promises. */
struct search {
	const struct learning *learning;
	const struct learned_names *names;
	struct solution *solution;
};

uint64_t
solution_missing(
    const struct solution *solution, const char *path, uint64_t rights)
{
	for (size_t i = 0; i < solution->around.implied_count; i++) {
		const struct sandbox_path *implied =
		    &solution->around.implied[i];

		if (implied->path != NULL && (implied->access & rights) != 0 &&
		    path_within(path, implied->path))
			rights &= ~implied->access;
	}
	return rights;
}

bool
solution_allows(const struct solution *solution, const struct fact *fact)
{
	return grants_allow(fact->call.nr, fact->ways, solution->promises,
	    solution->around.when);
}

/* The policy as far as it is known, to ask what surrounds it. */
static int
look_around(struct search *search)
{
	struct solution *solution = search->solution;
	struct policy policy = { .promises = solution->promises,
		.promises_given = true };

	/* Which ports makes no difference, but that there are some. */
	for (size_t i = 0; solution->ports && i < search->learning->count;
	     i++) {
		const struct fact *fact = &search->learning->facts[i];

		if (fact->kind == FACT_CONNECT)
			policy.connect.count = 1;
		if (fact->kind == FACT_BIND)
			policy.bind.count = 1;
	}
	return search->names->surround(
	    search->names->context, &policy, &solution->around);
}

static void
take_words(struct search *search)
{
	for (size_t i = 0; i < search->learning->count; i++) {
		const struct fact *fact = &search->learning->facts[i];

		if (fact->kind == FACT_WORD)
			search->solution->promises |= UINT64_C(1)
			                              << fact->which;
		/* The resolver's own port is dns's. */
		if (fact->kind == FACT_CONNECT &&
		    !port_equals(fact->port, TCP_PORT(DNS_PORT)))
			search->solution->promises |= PROMISE(INET);
	}
}

/* Port rules hold for TCP alone: with others, datagrams take dns. */
static void
choose_ports(struct search *search)
{
	struct solution *solution = search->solution;
	size_t ports = 0;

	for (size_t i = 0; i < search->learning->count; i++) {
		const struct fact *fact = &search->learning->facts[i];

		ports += fact->kind == FACT_CONNECT || fact->kind == FACT_BIND;
	}
	solution->ports = ports > 0 && ports <= POLICY_PORTS &&
	                  (!search->learning->datagrams ||
	                      (solution->promises & PROMISE(DNS)));
}

/*
 * Landlock's side: the words that are about a path, and those without which a
 * letter does nothing.
 */
static promise_set
words_of_paths(const struct search *search)
{
	const struct solution *solution = search->solution;
	promise_set words = 0, about;

	for (size_t i = 0; i < search->learning->count; i++) {
		const struct fact *fact = &search->learning->facts[i];
		uint64_t missing;

		if (fact->kind != FACT_PATH || fact->number == 0)
			continue;
		missing = solution_missing(solution, fact->path, fact->number);
		if (missing == 0)
			continue;
		about = need_for_path(solution->promises, fact->path, missing);
		words |= about != 0
		             ? about
		             : need_for_rights(solution->promises, missing);
	}
	return words;
}

bool
solve_demands(const struct learning *learning, const struct fact *fact)
{
	const struct call *call = &fact->call;
	const char *name;

	if (fact->kind != FACT_CALL)
		return false;
	name = arch_name(arch_native(), call->nr);
	if (learning->datagrams || name == NULL || strcmp(name, "socket") != 0)
		return true;
	return (call->args[0] != AF_INET && call->args[0] != AF_INET6) ||
	       (call->args[1] & 0xf) != SOCK_DGRAM;
}

/* What FACT lacks at least, and in how many ways it can be had. */
static int
cheapest(const struct solution *solution, const struct fact *fact,
    promise_set *ret_words)
{
	unsigned int when = solution->around.when;
	int ways = 0, best = 0;
	uint64_t bit = 1;

	for (const struct grant *grant = grant_first(fact->call.nr);
	     grant != NULL && bit != 0; grant = grant_next(grant), bit <<= 1) {
		promise_set words = grant->words & ~solution->promises;
		int cost = __builtin_popcountll(words);

		if (!(fact->ways & bit) || !grant_holds(grant, when))
			continue;
		if (ways == 0 || cost < best ||
		    (cost == best && words < *ret_words)) {
			*ret_words = words;
			best = cost;
		}
		ways++;
	}
	return ways;
}

/* Adds what the fact with the fewest ways takes; false: all are content. */
static bool
satisfy_one(struct search *search)
{
	promise_set words = 0, chosen = 0;
	int fewest = 0;

	for (size_t i = 0; i < search->learning->count; i++) {
		const struct fact *fact = &search->learning->facts[i];
		int ways;

		if (!solve_demands(search->learning, fact) ||
		    solution_allows(search->solution, fact))
			continue;
		ways = cheapest(search->solution, fact, &words);
		if (ways == 0 || (fewest != 0 && ways >= fewest))
			continue;
		fewest = ways;
		chosen = words;
	}
	search->solution->promises |= chosen;
	return fewest != 0;
}

/* Whether all that was content still is, without one of the words. */
static bool
is_needless(struct search *search, promise_set word, promise_set fixed)
{
	struct solution all = *search->solution;
	struct solution *without = search->solution;
	bool needless = true;

	if (fixed & word)
		return false;
	without->promises &= ~word;
	if (look_around(search) < 0 || (words_of_paths(search) & word) != 0)
		needless = false;
	for (size_t i = 0; needless && i < search->learning->count; i++) {
		const struct fact *fact = &search->learning->facts[i];

		if (solve_demands(search->learning, fact) &&
		    solution_allows(&all, fact) &&
		    !solution_allows(without, fact))
			needless = false;
	}
	if (!needless)
		without->promises = all.promises;
	look_around(search);
	return needless;
}

/* Ports are named for inet and anet alone; who only binds takes the latter. */
static promise_set
words_of_ports(const struct search *search)
{
	const struct solution *solution = search->solution;

	if (!solution->ports ||
	    (solution->promises & (PROMISE(INET) | PROMISE(ANET))))
		return 0;
	for (size_t i = 0; i < search->learning->count; i++)
		if (search->learning->facts[i].kind == FACT_BIND)
			return PROMISE(ANET);
	return 0;
}

int
solve(const struct learning *learning, const struct learned_names *names,
    struct solution *ret_solution)
{
	struct search search = { learning, names, ret_solution };
	promise_set before, fixed;
	int r = 0;

	*ret_solution =
	    (struct solution){ .promises = PROMISE(STDIO) | names->words };
	take_words(&search);
	fixed = ret_solution->promises;
	do {
		before = ret_solution->promises;
		choose_ports(&search);
		r = look_around(&search);
		if (r < 0)
			return r;
		ret_solution->promises |= words_of_paths(&search);
		if (ret_solution->promises == before)
			satisfy_one(&search);
	} while (ret_solution->promises != before);
	/* A guess may have become needless since. */
	for (int i = PROMISE_COUNT - 1; i >= 0; i--) {
		promise_set word = UINT64_C(1) << i;

		if (ret_solution->promises & word)
			is_needless(&search, word, fixed);
	}
	ret_solution->promises |= words_of_ports(&search);
	return look_around(&search);
}
