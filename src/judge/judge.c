/* SPDX-License-Identifier: ISC */
#include "judge/judge.h"

#include <linux/seccomp.h>
#include <string.h>

#include "compile/watched.h"
#include "report/need.h"

/* What is thought of one call so far. */
struct opinion {
	const struct judge *judge;
	const struct judged *judged;
	promise_set promises; /* the policy's, and those that are needed */
	struct denial *denial;
};

/* A process's own directory has another name in every run. */
static const char *
lasting_path(const char *path)
{
	return strncmp(path, "/proc/", 6) == 0 && path[6] >= '0' &&
	               path[6] <= '9'
	           ? "/proc"
	           : path;
}

/* Two names in one directory take one unveil. */
static void
add_path(struct denial *denial, const char *path, unsigned int permissions)
{
	for (size_t i = 0; i < denial->path_count; i++) {
		if (strcmp(denial->paths[i], path) != 0)
			continue;
		denial->permissions[i] |= permissions;
		return;
	}
	denial->paths[denial->path_count] = path;
	denial->permissions[denial->path_count++] = permissions;
}

/* What a run will find again of the path of WANT. */
static const char *
find_lasting(const struct judge *judge, struct want *want)
{
	made_cut(judge->made, want->path);
	return lasting_path(want->path);
}

/* The path itself is hidden: it, or a promise that is about it. */
static void
add_hidden(struct opinion *opinion, struct want *want, uint64_t missing,
    promise_set words)
{
	const struct judge *judge = opinion->judge;
	struct denial *denial = opinion->denial;
	unsigned int permissions = landlock_permissions(missing);
	promise_set about =
	    need_for_path(opinion->promises, want->path, missing);

	if (permissions == 0)
		return;
	if (about == 0) {
		denial->words |= words;
		add_path(denial, find_lasting(judge, want), permissions);
		/* Most ask TMPDIR, which is set for it. */
		if (denial->instead == NULL &&
		    strcmp(want->path, "/tmp") == 0) {
			denial->instead = "@TMP";
			denial->instead_permissions = permissions;
		}
		return;
	}
	denial->words |= about;
	if (words != 0 || denial->instead != NULL)
		return;
	denial->instead = find_lasting(judge, want);
	denial->instead_permissions = permissions;
}

/* The promises and paths that Landlock's part takes, beside `promises`. */
static void
find_hidden(struct opinion *opinion, struct want *want)
{
	const struct observer *observer = opinion->judge->observer;
	promise_set promises = opinion->promises, words;
	uint64_t missing = observer_missing(observer, want, promises), hidden;

	if (missing == 0 || want_is_refused(want))
		return;
	/* Without its promise a letter does nothing. */
	words = need_for_rights(promises, missing);
	hidden = missing;
	if (words != 0)
		hidden = observer_missing(observer, want, promises | words);
	if (hidden == 0 || opinion->judge->policy->no_unveil)
		opinion->denial->words |= words;
	else
		add_hidden(opinion, want, hidden, words);
	opinion->promises |= opinion->denial->words;
}

static void
find_ports(struct opinion *opinion)
{
	const struct policy *policy = opinion->judge->policy;
	const struct wants *wants = opinion->judged->wants;
	const promise_set serving = PROMISE(INET) | PROMISE(ANET);
	struct denial *denial = opinion->denial;

	if (wants->connect == 0 && wants->bind == 0)
		return;
	/* Without port rules it is the word that is missing. */
	if (policy->connect.count + policy->bind.count == 0) {
		if (!(opinion->promises & PROMISE(INET)))
			denial->words |= PROMISE(INET);
		return;
	}
	if (!(opinion->promises & serving))
		denial->words |= PROMISE(INET);
	denial->connect = wants->connect;
	denial->bind = wants->bind;
}

/* What a rule of the user's refused, no promise gives. */
static void
find_rule(struct opinion *opinion)
{
	const struct decision *decision = opinion->judged->decision;
	struct denial_rule *rule = &opinion->denial->rule;
	const struct ruled_filter *ruled;
	const struct entry *entry;
	struct place place;

	if (decision->user == opinion->judge->sandbox->user_count)
		return;
	ruled = opinion->judge->ruled[decision->user];
	entry = ruled_filter_entry(ruled, decision->rule);
	place = entry != NULL ? entry->place : ruled->set->fallback_place;
	*rule = (struct denial_rule){ .file = ruled->file->path,
		.line = place.line,
		.column = place.column,
		.name = ruled->set->name,
		.comment = entry != NULL ? entry_comment(entry) : NULL,
		.fallback = entry == NULL,
		.answer = decision->answer };
}

/* What the promises refuse: the words that would do, or why none does. */
static void
find_words(struct opinion *opinion)
{
	const struct judge *judge = opinion->judge;
	const struct need_request request = { judge->sandbox->filter.arch,
		opinion->promises, judge->liked, judge->sandbox->when,
		&judge->sandbox->conditions };
	struct need need;

	if (opinion->judged->decision->promised == SECCOMP_RET_ALLOW)
		return;
	need_find(&request, opinion->judged->call, &need);
	opinion->denial->words = need.words;
	opinion->denial->reason = need.reason;
	opinion->promises |= need.words;
}

bool
judge_call(const struct judge *judge, const struct judged *judged,
    struct denial *ret_denial)
{
	struct denial *denial = ret_denial;
	struct opinion opinion = { .judge = judge,
		.judged = judged,
		.promises = policy_promises(judge->policy),
		.denial = denial };

	find_rule(&opinion);
	if (denial->rule.file == NULL)
		denial->harmless = need_harmless(
		    judge->sandbox->filter.arch, judged->call, judged->path);
	find_words(&opinion);
	if (denial->reason == NULL) {
		for (size_t i = 0; i < judged->wants->count; i++)
			find_hidden(&opinion, &judged->wants->paths[i]);
		find_ports(&opinion);
	}
	if (judged->decision->denied || denial->words != 0 ||
	    denial->path_count > 0 || denial->connect != 0 || denial->bind != 0)
		return true;
	for (size_t i = 0; i < judged->wants->count; i++)
		made_add(judge->made, judged->wants->paths[i].path,
		    judged->wants->paths[i].made);
	return false;
}
