/* SPDX-License-Identifier: ISC */
#include "judge/judge.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/table.h"
#include "call/looks.h"
#include "judge/asks.h"
#include "judge/probe.h"
#include "kernel/landlock.h"
#include "report/need.h"
#include "sandbox/watched.h"

/* What is thought of one call so far. */
struct opinion {
	const struct judge *judge;
	const struct judged *judged;
	promise_set promises; /* the policy's, and those that are needed */
	uint64_t missing;     /* rights, of all paths */
	int ordinary;         /* the error by ordinary permissions, or 0 */
	struct denial *denial;
};

/* --- Paths --- */

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

/*
 * What whoever breaks out would write first: start files, settings, other
 * processes.  To unveil them for writing is never suggested.
 */
static const struct {
	const char *path; /* ~: the home directory */
	bool tree;        /* and all beneath it */
} wide_paths[] = {
	{ "/", false },
	{ "/etc", true },
	{ "/proc", true }, /* one's own process: /proc/self */
	{ "/sys", true },
	{ "/boot", true },
	{ "/dev", false },
	{ "/usr", false },
	{ "/var", false },
	{ "/home", false },
	{ "/root", false },
	{ "~", false },
	{ "~/.ssh", true },
	{ "~/.profile", false },
	{ "~/.bashrc", false },
	{ "~/.bash_profile", false },
	{ "~/.zshrc", false },
};

static bool
is_wide(const struct judge *judge, const char *path, unsigned int permissions)
{
	char wide[PATH_MAX];

	if ((permissions & (UNVEIL_W | UNVEIL_C)) == 0 ||
	    path_within(path, "/proc/self"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(wide_paths); i++) {
		const char *row = wide_paths[i].path;

		if (*row == '~' && judge->home == NULL)
			continue;
		snprintf(wide, sizeof(wide), "%s%s",
		    *row == '~' ? judge->home : "", row + (*row == '~'));
		if (wide_paths[i].tree ? path_within(path, wide)
		                       : strcmp(path, wide) == 0)
			return true;
	}
	return false;
}

/*
 * A process's own directory has another name in every run.  The command's is
 * /proc/self, up to where a number stands for a thread; another one's, /proc.
 */
static void
rename_process(const struct judge *judge, char *path)
{
	if (strncmp(path, "/proc/", 6) != 0 || path[6] < '0' || path[6] > '9')
		return;
	if (!path_name_self(path, (int)judge->observer->process)) {
		path[strlen("/proc")] = '\0';
		return;
	}
	for (char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/'))
		if (slash[1] >= '0' && slash[1] <= '9') {
			*slash = '\0';
			return;
		}
}

/* What a run will find again of the path of WANT. */
static const char *
find_lasting(const struct judge *judge, struct want *want)
{
	if (judge->made != NULL)
		made_cut(judge->made, want->path);
	rename_process(judge, want->path);
	return want->path;
}

static void
add_hidden(struct opinion *opinion, struct want *want, unsigned int permissions)
{
	struct denial *denial = opinion->denial;
	const char *path = find_lasting(opinion->judge, want);

	if (is_wide(opinion->judge, path, permissions)) {
		denial->wide = path;
		denial->wide_permissions = permissions;
		return;
	}
	add_path(denial, path, permissions);
	/* Most ask TMPDIR, which is set for it. */
	if (denial->instead == NULL && strcmp(path, "/tmp") == 0) {
		denial->instead = "@TMP";
		denial->instead_permissions = permissions;
	}
}

/*
 * A policy holds what had the name at the start.  Whoever replaces it makes a
 * new file in its directory, which is what has to be unveiled.
 */
static bool
add_replaced(struct opinion *opinion, struct want *want, uint64_t missing,
    unsigned int permissions)
{
	const char *name = observer_replaced(opinion->judge->observer, want,
	    missing, opinion->promises, &opinion->denial->made_since);
	const char *slash = name != NULL ? strrchr(name, '/') : NULL;

	if (slash == NULL)
		return false;
	opinion->denial->replaced = name;
	snprintf(want->path, sizeof(want->path), "%.*s",
	    slash == name ? 1 : (int)(slash - name), name);
	add_hidden(opinion, want, permissions);
	return true;
}

/* The path itself is hidden: it, or a promise that is about it. */
static void
find_unveil(struct opinion *opinion, struct want *want, uint64_t missing,
    promise_set words)
{
	struct denial *denial = opinion->denial;
	unsigned int permissions = landlock_permissions(missing);
	promise_set about =
	    need_for_path(opinion->promises, want->path, missing);

	if (permissions == 0)
		return;
	/* The kernel reads what it runs: "x" alone would do nothing. */
	if (permissions & UNVEIL_X)
		permissions |= UNVEIL_R;
	if (about == 0) {
		denial->words |= words;
		if (!add_replaced(opinion, want, missing, permissions))
			add_hidden(opinion, want, permissions);
		return;
	}
	denial->words |= about;
	if (words != 0 || denial->instead != NULL)
		return;
	denial->instead = find_lasting(opinion->judge, want);
	denial->instead_permissions = permissions;
	if (is_wide(opinion->judge, denial->instead, permissions))
		denial->instead = NULL;
}

/* What the user may not do is refused before Landlock is asked. */
static bool
is_ordinary(struct opinion *opinion, const char *path, int mode)
{
	const struct judged *judged = opinion->judged;
	cleanup_strbuf struct strbuf why = { 0 };
	int err = 0;

	if (judged->who != NULL)
		err = ordinary_refuses(judged->who, path, mode, false, &why);
	if (err == 0)
		return false;
	opinion->ordinary = err;
	if (opinion->denial->ordinary != NULL) /* one reason is enough */
		return true;
	judged->why->length = 0;
	strbuf_puts(judged->why, strbuf_text(&why, "out of memory"));
	opinion->denial->ordinary = strbuf_text(judged->why, "out of memory");
	return true;
}

/* The promises and paths that Landlock's part takes, beside `promises`. */
static void
find_hidden(struct opinion *opinion, struct want *want)
{
	const struct observer *observer = opinion->judge->observer;
	promise_set promises = opinion->promises, words;
	uint64_t missing, hidden;

	if (!want->removed && is_ordinary(opinion, want->path, want->mode))
		return;
	missing = observer_missing(observer, want, promises);
	opinion->missing |= missing;
	if (missing == 0)
		return;
	if (want->removed) {
		opinion->denial->reason = "it was removed, so no path leads "
		                          "there that could be unveiled";
		return;
	}
	/* Without its promise a letter does nothing. */
	words = need_for_rights(promises, missing);
	hidden = missing;
	if (words != 0)
		hidden = observer_missing(observer, want, promises | words);
	if (hidden == 0 || opinion->judge->policy->no_unveil)
		opinion->denial->words |= words;
	else
		find_unveil(opinion, want, hidden, words);
	opinion->promises |= opinion->denial->words;
}

/* What is moved may gain no right: its old directory has to grant it, too. */
static void
find_gained(struct opinion *opinion)
{
	const struct judge *judge = opinion->judge;
	struct wants *wants = opinion->judged->wants;
	uint64_t gained = 0;

	if (judge->policy->no_unveil || opinion->ordinary != 0)
		return;
	gained = observer_gained(judge->observer, wants, opinion->promises);
	if (gained == 0)
		return;
	opinion->missing |= LL_REFER;
	opinion->denial->gained = true;
	add_hidden(opinion, &wants->paths[0], landlock_permissions(gained));
}

/* --- Ports --- */

static void
find_ports(struct opinion *opinion)
{
	const struct policy *policy = opinion->judge->policy;
	const struct wants *wants = opinion->judged->wants;
	const promise_set serving = PROMISE(INET) | PROMISE(ANET);
	struct denial *denial = opinion->denial;

	if (!port_is_set(wants->connect) && !port_is_set(wants->bind))
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

/* --- Errors --- */

/* What the call fails with, that the filters let through. */
static int
find_errno(const struct opinion *opinion)
{
	const struct wants *wants = opinion->judged->wants;

	if (opinion->ordinary != 0)
		return opinion->ordinary;
	if (wants->outside)
		return EPERM;
	/* current_check_refer_path() of the kernel's security/landlock/fs.c. */
	return opinion->missing == LL_REFER ? EXDEV : EACCES;
}

/* What fails, whatever the policy. */
static void
put_failure(const struct judged *judged, struct denial *denial)
{
	static const struct {
		int err;
		const char *text;
	} rows[] = {
		{ ENOENT, "does not exist" },
		{ ENOTDIR, "is no directory, or is below a file" },
		{ EISDIR, "is a directory; ask about a file in it" },
		{ EEXIST, "exists already" },
		{ ELOOP, "is a symbolic link that is not followed" },
		{ EACCES, "is no file that can be run" },
		{ ESRCH, "there is no such process" },
	};
	int err = judged->wants->fails;
	const char *text = strerror(err);

	if (err == 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].err == err)
			text = rows[i].text;
	if (judged->path != NULL) {
		quote_terminal(judged->why, judged->path);
		strbuf_putc(judged->why, ' ');
	}
	strbuf_puts(judged->why, text);
	denial->err = err;
}

/* The same, and what is asked where Landlock does not look. */
static void
add_failure(const struct judge *judge, const struct judged *judged,
    struct denial *denial)
{
	const struct look_row *row =
	    look_find(judge->sandbox->filter.arch, judged->call->nr);

	if (judged->caller == NULL || denial->ordinary != NULL)
		return;
	judged->why->length = 0;
	if (row != NULL && look_is_landlocks(row->look))
		put_failure(judged, denial);
	else if (judged->who != NULL)
		denial->err = asks_refuse(
		    judged->who, judged->caller, judged->call, judged->why);
	if (judged->why->length > 0)
		denial->ordinary = strbuf_text(judged->why, "out of memory");
}

/* --- The filters --- */

/* What a rule of the user's refused, no promise gives. */
static void
find_rule(const struct judge *judge, const struct decision *decision,
    struct denial_rule *ret_rule)
{
	const struct ruled_filter *ruled;
	const struct entry *entry;
	struct place place;

	if (decision->user == judge->sandbox->user_count)
		return;
	ruled = judge->ruled[decision->user];
	entry = ruled_filter_entry(ruled, decision->rule);
	place = entry != NULL ? entry->place : ruled->set->fallback_place;
	*ret_rule = (struct denial_rule){ .file = ruled->file->path,
		.line = place.line,
		.column = place.column,
		.name = ruled->set->name,
		.comment = entry != NULL ? entry_comment(entry) : NULL,
		.fallback = entry == NULL,
		.answer = decision->answer };
}

/* What the promises refuse: the words that would do, or why none does. */
static void
find_words(const struct judge *judge, const struct judged *judged,
    struct need *ret_need)
{
	const struct need_request request = { .arch =
		                                  judge->sandbox->filter.arch,
		.promises = policy_promises(judge->policy),
		.when = judge->sandbox->when,
		.conditions = &judge->sandbox->conditions,
		.family = judged->family };

	*ret_need = (struct need){ .sets = { 0 }, .count = 1 };
	if (judged->decision->promised != SECCOMP_RET_ALLOW)
		need_find(&request, judged->call, ret_need);
}

/* --- All of it --- */

/* What else it takes, if WORDS are promised, too. */
static void
judge_with(const struct judge *judge, const struct judged *judged,
    promise_set words, struct denial *denial)
{
	struct opinion opinion = { .judge = judge,
		.judged = judged,
		.promises = policy_promises(judge->policy) | words,
		.denial = denial };
	struct wants *wants = judged->wants;

	denial->words = words;
	if (wants->barred[0] != '\0')
		is_ordinary(&opinion, wants->barred, 0);
	for (size_t i = 0; i < wants->count; i++)
		find_hidden(&opinion, &wants->paths[i]);
	find_gained(&opinion);
	find_ports(&opinion);
	if (!denial->refused)
		denial->err = find_errno(&opinion);
}

/* Of the sets that the filter would take, the one that takes the least. */
static void
judge_sets(const struct judge *judge, const struct judged *judged,
    const struct need *need, struct denial *denial)
{
	struct denial trial, blank = *denial;
	struct wants asked = *judged->wants;
	promise_set best;
	size_t last = 0;

	for (size_t i = 0; i < need->count; i++) {
		*judged->wants = asked;
		trial = blank;
		judge_with(judge, judged, need->sets[i], &trial);
		denial->choices[i] = trial.words;
		last = i;
	}
	best = need_choose(denial->choices, need->count, judge->liked);
	memcpy(trial.choices, denial->choices, sizeof(trial.choices));
	for (size_t i = 0; denial->choices[last] != best; i++) {
		if (denial->choices[i] != best)
			continue;
		*judged->wants = asked;
		trial = blank;
		judge_with(judge, judged, need->sets[i], &trial);
		memcpy(trial.choices, denial->choices, sizeof(trial.choices));
		break;
	}
	*denial = trial;
	denial->choice_count = best != 0 ? need->count : 0;
}

bool
judge_call(const struct judge *judge, const struct judged *judged,
    struct denial *ret_denial)
{
	struct denial *denial = ret_denial;
	const struct wants *wants = judged->wants;
	struct need need;

	find_rule(judge, judged->decision, &denial->rule);
	denial->probe =
	    denial->rule.file == NULL &&
	    probe_is(judge->sandbox->filter.arch, judged->call, judged->path);
	find_words(judge, judged, &need);
	denial->reason = need.reason;
	if (need.reason == NULL && wants->outside)
		denial->reason = "signals reach no process outside the sandbox";
	if (need.reason == NULL)
		judge_sets(judge, judged, &need, denial);
	denial->probe |= known_has(judge->known, denial);
	if (denial_is_one(denial))
		return true;
	add_failure(judge, judged, denial);
	for (size_t i = 0; judge->made != NULL && i < wants->count; i++)
		made_add(
		    judge->made, wants->paths[i].path, wants->paths[i].made);
	return false;
}
