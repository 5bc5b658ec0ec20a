/* SPDX-License-Identifier: ISC */
/* Promises and paths: shown with what is chosen, edited by name, + and -. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/wrap.h"
#include "guide/state.h"
#include "guide/words.h"
#include "report/denial.h"
#include "report/suggestion.h"

#define TEXT_COLUMN 17 /* of a promise's sentence */

static bool
is_suggested(const struct guide *guide, promise_set bit)
{
	return guide->findings.suggests &&
	       (policy_promises(&guide->findings.suggestion) & bit);
}

/* "[x] rpath      Look up paths ..." */
static void
show_promise(struct guide *guide, int promise)
{
	const struct promise_row *row = &promise_rows[promise];
	const promise_set bit = UINT64_C(1) << promise;
	cleanup_strbuf struct strbuf text = { 0 };

	strbuf_printf(&text, "%s%s", row->text,
	    is_suggested(guide, bit) ? " Suggested." : "");
	strbuf_printf(&guide->text, "  [%c] %-10s ",
	    guide->policy.promises & bit ? 'x' : ' ', row->name);
	wrap_text(&guide->text, strbuf_text(&text, "?"), TEXT_COLUMN);
}

static void
say_promises(struct guide *guide)
{
	cleanup_strbuf struct strbuf words = { 0 };

	words_write(&words, guide->policy.promises);
	guide_say(
	    guide, "Promised: %s.", words.length > 0 ? words.data : "nothing");
}

void
show_promises(struct guide *guide)
{
	guide_say(guide, "Promises: what the command may do.");
	for (int i = 0; i < PROMISE_COUNT; i++)
		if (!(promise_rows[i].flags & PROMISE_NO_MEANING))
			show_promise(guide, i);
	say_promises(guide);
	guide_say(guide, "Enter: these. Or write the words that it shall have; "
	                 "or +word and -word to change them.");
}

/* Whether the words begin with signs; none or all of them may. */
static int
find_signs(const struct answer_words *words, bool *ret_signs, struct diag *diag)
{
	size_t count = 0;

	for (size_t i = 0; i < words->count; i++)
		if (*words->words[i] == '\0')
			return diag_set(diag, EINVAL,
			    "an empty word is none; \"none\" takes all away");
	for (size_t i = 0; i < words->count; i++)
		count += *words->words[i] == '+' || *words->words[i] == '-';
	*ret_signs = count > 0;
	if (count == 0 || count == words->count)
		return 0;
	return diag_set(diag, EINVAL,
	    "either all that it shall have, or changes alone, each with + "
	    "or -");
}

static bool
is_only(const struct answer_words *words, const char *word)
{
	return words->count == 1 && strcmp(words->words[0], word) == 0;
}

int
take_promises(struct guide *guide, const char *text, struct diag *diag)
{
	cleanup_answer struct answer_words words = { 0 };
	struct policy chosen = { 0 };
	bool signs = false;
	int r;

	r = answer_split(text, true, &words, diag);
	if (r == 0)
		r = find_signs(&words, &signs, diag);
	if (r < 0)
		return r;
	if (words.count == 0)
		return ASK_PATHS;
	if (signs)
		chosen.promises = guide->policy.promises;
	if (is_only(&words, "none"))
		words.count = 0;
	for (size_t i = 0; r == 0 && i < words.count; i++)
		r = policy_add_promises(
		    &chosen, words.words[i] + (*words.words[i] == '+'), diag);
	if (r < 0)
		return r;
	guide->policy.promises = chosen.promises;
	guide->changed = true;
	say_promises(guide);
	return signs ? ASK_AGAIN : ASK_PATHS;
}

const char *
promise_word(const struct guide *guide, size_t index)
{
	(void)guide;
	if (index < PROMISE_COUNT)
		return promise_rows[index].name;
	return index == PROMISE_COUNT ? "none" : NULL;
}

static bool
is_chosen(const struct policy *policy, const char *path)
{
	for (size_t i = 0; i < policy->unveil_count; i++)
		if (strcmp(policy->unveils[i].path, path) == 0)
			return true;
	return false;
}

static void
show_path(struct guide *guide, size_t number, const struct unveil *unveil,
    const char *note)
{
	struct strbuf *buf = &guide->text;
	cleanup_strbuf struct strbuf letters = { 0 };

	unveil_write_letters(&letters, unveil->permissions);
	strbuf_printf(buf, "  %2zu [%c] %-4s ", number,
	    is_chosen(&guide->policy, unveil->path) ? 'x' : ' ',
	    strbuf_text(&letters, "?"));
	quote_word(buf, unveil_option_path(unveil->path));
	strbuf_printf(
	    buf, "%s%s\n", unveil->optional ? " (if it exists)" : "", note);
}

/* The chosen ones, then those that are suggested and not chosen: the NUMBERth
 * of them, from 1. */
static const struct unveil *
path_at(const struct guide *guide, size_t number)
{
	const struct policy *policy = &guide->policy;
	const struct policy *other = &guide->findings.suggestion;

	if (number == 0 || number <= policy->unveil_count)
		return number == 0 ? NULL : &policy->unveils[number - 1];
	number -= policy->unveil_count;
	for (size_t i = 0; i < other->unveil_count; i++)
		if (!is_chosen(policy, other->unveils[i].path) && --number == 0)
			return &other->unveils[i];
	return NULL;
}

static void
list_paths(struct guide *guide)
{
	const struct policy *suggestion = &guide->findings.suggestion;
	const struct unveil *unveil;

	for (size_t i = 1; (unveil = path_at(guide, i)) != NULL; i++)
		show_path(guide, i, unveil,
		    is_chosen(suggestion, unveil->path) ? "  suggested" : "");
	if (guide->policy.no_unveil)
		guide_say(guide, "All paths: they are not restricted.");
	else if (guide->policy.unveil_count == 0)
		guide_say(guide, "No paths are unveiled.");
}

void
show_paths(struct guide *guide)
{
	guide_say(guide,
	    "Paths that it may open, besides the few that every program needs "
	    "to start: r read, w write, x execute, c create and remove.");
	list_paths(guide);
	guide_say(guide,
	    "Enter: these. Or write all that it shall have, like \"r:. "
	    "rw:/tmp/x\"; or changes: +r:PATH, -PATH or -NUMBER. \"none\": no "
	    "path; \"all\": do not restrict them.");
}

/* A misspelt path would stop the run; one that may be missing says so. */
static int
check_path(
    const struct guide *guide, const struct unveil *unveil, struct diag *diag)
{
	char cwd[PATH_MAX];
	const struct symbols symbols = {
		.cwd = getcwd(cwd, sizeof(cwd)),
		.home = getenv("HOME"),
		.tmp = "/",
		.argv = guide->argv,
	};
	cleanup_free char *path = NULL;
	struct stat status;
	int r = symbols_resolve(&symbols, unveil->path, &path, diag);

	if (r < 0 || unveil->optional || stat(path, &status) == 0 ||
	    (errno != ENOENT && errno != ENOTDIR))
		return r;
	return diag_set(diag, ENOENT,
	    "%s: there is no such file; r:-%s unveils it if there is", path,
	    unveil_option_path(unveil->path));
}

static int
add_path(struct policy *paths, const char *text, const struct guide *guide,
    struct diag *diag)
{
	unsigned long number;
	const struct unveil *unveil = NULL;
	int r;

	if (answer_number(
	        text, (struct word_range){ 1, 9999 }, &number, NULL) == 0) {
		unveil = path_at(guide, number);
		if (unveil == NULL)
			return diag_set(diag, EINVAL,
			    "there is no path number %lu here; write ./%lu if "
			    "that is its name",
			    number, number);
		return policy_add_unveil(paths, unveil->path,
		    unveil->permissions, unveil->optional, diag);
	}
	r = policy_add_unveil_option(paths, text, diag);
	if (r == 0)
		r = check_path(
		    guide, &paths->unveils[paths->unveil_count - 1], diag);
	return r;
}

static int
remove_path(struct policy *paths, const char *text, const struct guide *guide,
    struct diag *diag)
{
	struct policy meant = { 0 };
	const struct unveil *unveil = NULL;
	unsigned long number;
	int r = 0;

	if (answer_number(
	        text, (struct word_range){ 1, 9999 }, &number, NULL) == 0)
		unveil = path_at(guide, number);
	if (unveil == NULL) {
		r = policy_add_unveil_option(&meant, text, diag);
		unveil = r == 0 ? meant.unveils : NULL;
	}
	for (size_t i = 0; unveil != NULL && i < paths->unveil_count; i++) {
		if (strcmp(paths->unveils[i].path, unveil->path) != 0)
			continue;
		free(paths->unveils[i].path);
		memmove(&paths->unveils[i], &paths->unveils[i + 1],
		    (--paths->unveil_count - i) * sizeof(*paths->unveils));
		policy_free(&meant);
		return 0;
	}
	policy_free(&meant);
	return r < 0
	           ? r
	           : diag_set(diag, EINVAL, "%s is not among the paths", text);
}

static void
replace_paths(struct guide *guide, struct policy *with, bool no_unveil)
{
	struct policy old = { .unveils = guide->policy.unveils,
		.unveil_count = guide->policy.unveil_count };

	guide->policy.unveils = with->unveils;
	guide->policy.unveil_count = with->unveil_count;
	guide->policy.no_unveil = no_unveil;
	guide->changed = true;
	*with = old;
}

static int
edit_paths(struct guide *guide, const struct answer_words *words, bool signs,
    struct diag *diag)
{
	struct policy paths = { 0 };
	int r = signs ? guide_add_unveils(&paths, &guide->policy, diag) : 0;

	for (size_t i = 0; r == 0 && i < words->count; i++) {
		const char *word = words->words[i];

		if (*word == '-')
			r = remove_path(&paths, word + 1, guide, diag);
		else
			r = add_path(&paths, word + signs, guide, diag);
	}
	if (r == 0)
		replace_paths(guide, &paths, false);
	policy_free(&paths);
	return r;
}

int
take_paths(struct guide *guide, const char *text, struct diag *diag)
{
	cleanup_answer struct answer_words words = { 0 };
	struct policy none = { 0 };
	bool signs = false;
	int r;

	r = answer_split(text, false, &words, diag);
	if (r == 0)
		r = find_signs(&words, &signs, diag);
	if (r < 0)
		return r;
	if (words.count == 0)
		return guide_next_filters(guide);
	if (is_only(&words, "none") || is_only(&words, "all")) {
		replace_paths(guide, &none, is_only(&words, "all"));
		policy_free(&none);
		return guide_next_filters(guide);
	}
	r = edit_paths(guide, &words, signs, diag);
	if (r < 0)
		return r;
	if (signs)
		list_paths(guide);
	return signs ? ASK_AGAIN : guide_next_filters(guide);
}
