/* SPDX-License-Identifier: ISC */
#include "sandbox/watched.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/table.h"
#include "call/looks.h"
#include "kernel/landlock.h"
#include "policy/calls.h"

bool
answer_is_denial(uint32_t answer, const struct rule *rule)
{
	const struct answer_row *row;

	if (answer == SECCOMP_RET_ALLOW)
		return false;
	if (rule == NULL)
		return true;
	if (rule->origin < ORIGIN_ANSWER)
		return false;
	row = &answer_rows[rule->origin - ORIGIN_ANSWER];
	/* ENOTTY hides that a terminal is there; ENOSYS leads to a call that is
	 * refused, or allowed, in its turn. */
	return row->err == 0 || row->err == ENOTTY;
}

/* Whether Landlock has a say where the filter has none, or an owner. */
static bool
is_others(const struct filter *filter, const struct rule *rule,
    const struct landlock_plan *plan)
{
	const struct look_row *row;

	if (rule->action != SECCOMP_RET_ALLOW)
		return false;
	row = look_find(filter->arch, rule->nr);
	if (row != NULL && row->look == LOOK_OWNER)
		return true;
	if (row == NULL || !look_is_landlocks(row->look))
		return false;
	if (row->look == LOOK_SIGNAL)
		return plan->scoped & LL_SCOPE_SIGNAL;
	return plan->handled_fs != 0 ||
	       (plan->handled_net != 0 && row->look == LOOK_ADDRESS);
}

/*
 * What the launcher itself does under the filter, before anything else.  Its
 * exec waits for the watcher's word: there is no command unless somebody
 * watches.
 */
static void
add_launcher(struct filter *watched, const struct run_conditions *conditions)
{
	const struct {
		const char *name;
		const struct condition *condition;
		uint32_t action;
	} acts[] = {
		{ "execve", &conditions->cookie, SECCOMP_RET_USER_NOTIF },
		{ "write", &conditions->last_words, SECCOMP_RET_ALLOW },
		{ "sendmsg", &conditions->cookie, SECCOMP_RET_ALLOW },
	};

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		int nr = arch_number(
		    watched->arch, acts[i].name, strlen(acts[i].name));

		if (nr >= 0)
			filter_add(watched, (unsigned int)nr, acts[i].condition,
			    acts[i].action, ORIGIN_GRANT);
	}
}

/* The call that can take O_APPEND back, where a descriptor came with it. */
static int
find_flags_call(const struct arch *arch, bool appends)
{
	return appends ? arch_number(arch, "fcntl", strlen("fcntl")) : -1;
}

void
filter_watch(const struct filter *plain, const struct landlock_plan *plan,
    const struct run_conditions *conditions, bool all, bool appends,
    struct filter *ret_watched)
{
	const int flags_call = find_flags_call(plain->arch, appends);

	ret_watched->arch = plain->arch;
	ret_watched->count = 0;
	ret_watched->overflow = plain->overflow;
	ret_watched->fallback = SECCOMP_RET_USER_NOTIF;
	ret_watched->unknown = all ? SECCOMP_RET_USER_NOTIF : plain->unknown;
	ret_watched->x32 = all ? SECCOMP_RET_USER_NOTIF : plain->x32;
	ret_watched->foreign = plain->foreign;
	add_launcher(ret_watched, conditions);
	for (size_t i = 0; i < plain->count; i++) {
		const struct rule *rule = &plain->rules[i];
		uint32_t action = rule->action;

		if (rule->condition == &conditions->cookie ||
		    rule->condition == &conditions->last_words)
			continue;
		if (answer_is_denial(action, rule) ||
		    (all && action != SECCOMP_RET_ALLOW) ||
		    is_others(plain, rule, plan) || (int)rule->nr == flags_call)
			action = SECCOMP_RET_USER_NOTIF;
		filter_add(ret_watched, rule->nr, rule->condition, action,
		    rule->origin);
	}
}

void
filter_watch_ends(struct filter *watched)
{
	const int end =
	    arch_number(watched->arch, "exit_group", strlen("exit_group"));

	for (size_t i = 0; i < watched->count; i++) {
		struct rule *rule = &watched->rules[i];

		if (rule->action == SECCOMP_RET_ALLOW && (int)rule->nr == end)
			rule->action = SECCOMP_RET_USER_NOTIF;
	}
}

static uint32_t
watched_answer(uint32_t answer)
{
	return answer_lets_through(answer) ? answer : SECCOMP_RET_USER_NOTIF;
}

void
filter_watch_user(const struct filter *plain, struct filter *ret_watched)
{
	*ret_watched = *plain;
	ret_watched->fallback = watched_answer(plain->fallback);
	ret_watched->unknown = watched_answer(plain->unknown);
	ret_watched->x32 = watched_answer(plain->x32);
	for (size_t i = 0; i < plain->count; i++)
		ret_watched->rules[i].action =
		    watched_answer(plain->rules[i].action);
}

static bool
has_rule(const struct filter *filter, const struct rule *wanted)
{
	for (size_t i = 0; i < filter->count; i++) {
		const struct rule *rule = &filter->rules[i];

		if (rule->nr == wanted->nr && rule->action == wanted->action &&
		    (rule->condition == NULL ||
		        rule->condition == wanted->condition))
			return true;
	}
	return filter->fallback == wanted->action;
}

/*
 * realpath(3) of the C library asks of each part of a path whether it is a
 * link: a compiler does so ten thousand times a second.  Whoever asks uses the
 * path, and that is told.
 */
void
filter_add_realpath(struct filter *ordinary)
{
	static const uint64_t room[] = { 1023 };
	static const struct condition realpath = { .name = "realpath",
		.text = "as realpath(3) asks",
		.tests = { { 2, 64, TEST_IN, 1, ~UINT64_C(0), room } } };
	int nr = arch_number(ordinary->arch, "readlink", strlen("readlink"));

	if (nr >= 0)
		filter_add(ordinary, (unsigned int)nr, &realpath,
		    SECCOMP_RET_ALLOW, ORIGIN_GRANT);
}

void
filter_watch_all(const struct filter *plain, const struct filter *ordinary,
    const struct run_conditions *conditions, const bool *recorded, bool appends,
    struct filter *ret_watched)
{
	const int flags_call = find_flags_call(plain->arch, appends);

	ret_watched->arch = plain->arch;
	ret_watched->count = 0;
	ret_watched->overflow = plain->overflow;
	ret_watched->fallback = SECCOMP_RET_USER_NOTIF;
	ret_watched->unknown = plain->unknown;
	ret_watched->x32 = plain->x32;
	ret_watched->foreign = plain->foreign == SECCOMP_RET_ALLOW
	                           ? SECCOMP_RET_USER_NOTIF
	                           : plain->foreign;
	add_launcher(ret_watched, conditions);
	for (size_t i = 0; i < ordinary->count; i++) {
		const struct rule *rule = &ordinary->rules[i];

		if (rule->action == SECCOMP_RET_ALLOW &&
		    (int)rule->nr != flags_call && has_rule(plain, rule))
			filter_add(ret_watched, rule->nr, rule->condition,
			    rule->action, rule->origin);
	}
	/* What it allows besides, or refuses, falls back to being asked. */
	for (size_t i = 0; i < plain->count; i++) {
		const struct rule *rule = &plain->rules[i];
		uint32_t action = rule->action;

		if (action == SECCOMP_RET_ALLOW && recorded != NULL &&
		    recorded[rule->nr] && (int)rule->nr != flags_call)
			action = SECCOMP_RET_ALLOW;
		else if (action == SECCOMP_RET_ALLOW ||
		         answer_is_denial(action, rule))
			action = SECCOMP_RET_USER_NOTIF;
		if (rule->condition != &conditions->cookie &&
		    rule->condition != &conditions->last_words)
			filter_add(ret_watched, rule->nr, rule->condition,
			    action, rule->origin);
	}
	for (unsigned int nr = 0; recorded != NULL && nr < ARCH_CALLS_MAX; nr++)
		if (recorded[nr] && (int)nr != flags_call &&
		    plain->fallback == SECCOMP_RET_ALLOW)
			filter_add(ret_watched, nr, NULL, SECCOMP_RET_ALLOW,
			    ORIGIN_GRANT);
}

int
filter_open(const struct arch *arch, struct filter *ret_filter)
{
	const char *calls = answer_rows[0].calls;
	struct call_word word;

	ret_filter->arch = arch;
	ret_filter->count = 0;
	ret_filter->overflow = 0;
	ret_filter->fallback = SECCOMP_RET_ALLOW;
	ret_filter->unknown = SECCOMP_RET_ERRNO | ENOSYS;
	ret_filter->x32 = SECCOMP_RET_ERRNO | ENOSYS;
	ret_filter->foreign = SECCOMP_RET_ALLOW;
	while (call_word_next(&calls, &word)) {
		int nr = arch_number(arch, word.name, word.length);

		if (nr >= 0)
			filter_add(ret_filter, (unsigned int)nr, NULL,
			    SECCOMP_RET_ERRNO | ENOSYS, ORIGIN_ANSWER);
	}
	return 0;
}
