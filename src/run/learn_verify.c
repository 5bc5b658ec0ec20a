/* SPDX-License-Identifier: ISC */
#include "run/learn_verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/policy_plan.h"
#include "kernel/landlock.h"
#include "learn/lines.h"
#include "learn/solve.h"
#include "supervise/observer.h"

/* One at a time. */
static struct {
	struct policy_plan plan;
	struct observer observer;
} state;

static bool
is_call_refused(const struct fact *fact)
{
	struct decision decision;

	sandbox_decide(&state.plan.sandbox, &fact->call, &decision);
	return decision.denied;
}

/* The command's own directory is ours here. */
static void
find_want(const struct fact *fact, struct want *ret_want)
{
	static const char own[] = "/proc/self";
	const char *path = fact->path;
	struct stat st;

	*ret_want = (struct want){ .rights = fact->number };
	if (strncmp(path, own, strlen(own)) == 0)
		snprintf(ret_want->path, sizeof(ret_want->path), "/proc/%d%s",
		    (int)getpid(), path + strlen(own));
	else
		snprintf(ret_want->path, sizeof(ret_want->path), "%s", path);
	/* What is gone by now was granted by where it was, or not. */
	if (lstat(ret_want->path, &st) == 0) {
		ret_want->device = st.st_dev;
		ret_want->inode = st.st_ino;
	}
}

static bool
is_path_refused(const struct fact *fact)
{
	static struct want want;

	find_want(fact, &want);
	return observer_missing(&state.observer, &want,
	           policy_promises(&state.plan.policy)) != 0;
}

static bool
is_refused(const struct learning *seen, const struct fact *fact)
{
	switch ((enum fact_kind)fact->kind) {
	case FACT_CALL:
		return solve_demands(seen, fact) && is_call_refused(fact);
	case FACT_PATH:
		return fact->number != 0 && is_path_refused(fact);
	case FACT_CONNECT:
		return !observer_grants_port(
		    &state.observer, fact->port, LL_NET_CONNECT_TCP);
	case FACT_BIND:
		return !observer_grants_port(
		    &state.observer, fact->port, LL_NET_BIND_TCP);
	case FACT_ABSENT:
	case FACT_LIMIT:
	case FACT_WORD:
	case FACT_REFUSED: /* it has its line */
		return false;
	}
	return false;
}

/* A directory that was listed, which is said already. */
static bool
is_listed(const struct learned *learned, const struct fact *fact)
{
	for (size_t i = 0; i < learned->count; i++)
		if (learned->lines[i].kind == LEARNED_LISTED &&
		    learned->lines[i].why != NULL &&
		    strcmp(learned->lines[i].why, fact->why) == 0)
			return true;
	return false;
}

static void
add_refused(struct learned *learned, const struct fact *fact)
{
	struct learned_line line = { .kind = LEARNED_REFUSED,
		.runs = 1,
		.times = fact->times,
		.why = fact->why };
	struct learned_line *known;

	line.path = strndup(fact->why, strcspn(fact->why, "("));
	if (line.path == NULL) {
		learned->failed = true;
		return;
	}
	known = learned_find(learned, &line);
	if (known == NULL)
		learned_add(learned, &line);
	else
		known->times += fact->times;
	free(line.path);
}

static int
make_plan(const struct learn_verify *verify, const struct learned *learned,
    struct diag *diag)
{
	struct policy_plan *plan = &state.plan;
	cleanup_strbuf struct strbuf text = { 0 };
	int r;

	*plan = (struct policy_plan){ 0 };
	learned_write(learned, &text);
	if (text.failed)
		return diag_set(diag, ENOMEM, "out of memory");
	/* As who runs it will read it. */
	r = policy_parse(&plan->policy, "what was learned", text.data, diag);
	if (r == 0)
		r = policy_plan_make(plan, verify->argv,
		    verify->tmp != NULL ? verify->tmp : "/@TMP", diag);
	if (r == 0 && verify->command != 0)
		r = sandbox_set_process(
		    &plan->sandbox, (uint64_t)verify->command, diag);
	if (r == 0)
		r = observer_open(&state.observer, &plan->sandbox,
		    plan->paths.paths, plan->paths.count, diag);
	return r;
}

int
learn_verify(const struct learn_verify *verify, struct learned *learned,
    struct diag *diag)
{
	const struct learning *seen = verify->seen;
	int r = make_plan(verify, learned, diag);

	for (size_t i = 0; r == 0 && i < seen->count; i++) {
		const struct fact *fact = &seen->facts[i];

		if (is_refused(seen, fact) && !is_listed(learned, fact))
			add_refused(learned, fact);
	}
	observer_close(&state.observer);
	policy_plan_free(&state.plan);
	return r;
}

bool
learn_is_refusal(const struct learned_line *line)
{
	return line->kind == LEARNED_REFUSED || line->kind == LEARNED_LISTED;
}
