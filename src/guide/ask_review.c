/* SPDX-License-Identifier: ISC */
/* What was made of the answers: shown, saved. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/table.h"
#include "base/wrap.h"
#include "guide/state.h"
#include "guide/words.h"
#include "report/suggestion.h"
#include "policy/comments.h"

static const struct file_row {
	const char *what, *suffix;
	enum question next;
} file_rows[FILE_COUNT] = {
	[FILE_FILTERS] = { "the filters", ".filters.json", ASK_SAVE_POLICY },
	[FILE_POLICY] = { "the policy", ".policy", ASK_SAVE_TRACE },
	[FILE_TRACE] = { "the trace", ".trace.json", ASK_RUN },
};

/* What a policy leaves open: each row that applies is told. */
static const struct exposure_row {
	promise_set words; /* any of these is promised; 0: always */
	bool (*applies)(const struct policy *); /* NULL: always */
	const char *text;
} exposure_rows[] = {
	{ 0, NULL,
	    "what is open as standard input, output and error, and the "
	    "kernel behind each call that is allowed" },
	{ PROMISE(RPATH), NULL,
	    "names, sizes and dates of all files, unveiled or not (rpath)" },
	{ PROMISE(INET) | PROMISE(ANET) | PROMISE(MCAST), NULL,
	    "the network: every address that this machine reaches" },
	{ PROMISE(DNS), NULL,
	    "questions to name servers, which can carry anything out (dns)" },
	{ PROMISE(UNIX), NULL,
	    "sockets of services that act for others, such as D-Bus or "
	    "Docker, if they can be reached (unix)" },
	{ PROMISE(EXEC), NULL,
	    "every program that may be executed, under this policy (exec)" },
	{ PROMISE(PROT_EXEC), NULL,
	    "code made while it runs: a fault in it is worth more "
	    "(prot_exec)" },
	{ PROMISE(TTY), NULL, "the terminal's settings (tty)" },
};

static bool
is_unrestricted(const struct policy *policy)
{
	return policy->no_unveil;
}

static bool
writes_and_runs(const struct policy *policy)
{
	const unsigned int both = UNVEIL_W | UNVEIL_X;

	for (size_t i = 0; i < policy->unveil_count; i++)
		if ((policy->unveils[i].permissions & both) == both)
			return true;
	return false;
}

static const struct exposure_row path_rows[] = {
	{ 0, is_unrestricted,
	    "every file that the user may open (paths are not restricted)" },
	{ 0, writes_and_runs,
	    "programs that it writes itself, where w and x meet" },
};

static void
say_item(struct guide *guide, const char *text)
{
	strbuf_puts(&guide->text, "  - ");
	wrap_text(&guide->text, text, 4);
}

static void
say_exposures(
    struct guide *guide, const struct exposure_row *rows, size_t count)
{
	const struct policy *policy = &guide->policy;

	for (size_t i = 0; i < count; i++)
		if ((rows[i].words == 0 ||
		        (policy->promises & rows[i].words)) &&
		    (rows[i].applies == NULL || rows[i].applies(policy)))
			say_item(guide, rows[i].text);
}

/* The default: beside where the command is run. */
static char *
default_path(const struct guide *guide, enum file file)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_printf(
	    &buf, "%s%s", guide_command_name(guide), file_rows[file].suffix);
	return strbuf_take(&buf);
}

/* What "y" means: where it was saved before, or the default. */
static char *
usual_path(const struct guide *guide, enum file file)
{
	if (guide->saved[file] != NULL)
		return strdup(guide->saved[file]);
	return default_path(guide, file);
}

char *
guide_filters_path(const struct guide *guide)
{
	return usual_path(guide, FILE_FILTERS);
}

static int
point_at_filters(struct guide *guide, struct diag *diag)
{
	cleanup_free char *path = NULL;

	if (guide->filters.set_count == 0)
		return guide_name_filters(guide, NULL, diag);
	path = guide_filters_path(guide);
	if (path == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	return guide_name_filters(guide, path, diag);
}

static void
add_indented(struct strbuf *buf, const char *text)
{
	size_t length;

	for (; *text != '\0'; text += length) {
		length = strcspn(text, "\n") + 1;
		strbuf_puts(buf, "    ");
		strbuf_add(buf, text, length);
	}
}

static void
say_command_line(struct guide *guide)
{
	const struct suggestion_request request = { .lead = guide->lead,
		.policy = &guide->policy,
		.argv = guide->argv };
	cleanup_strbuf struct strbuf line = { 0 };

	if (!command_line_write(&line, &request) || line.failed)
		return;
	strbuf_putc(&line, '\n');
	guide_say(guide, "The same on a command line%s:",
	    guide->policy.filter_count > 0 ? ", once the filters are saved"
	                                   : "");
	add_indented(&guide->text, line.data);
}

void
show_review(struct guide *guide)
{
	cleanup_strbuf struct strbuf policy = { 0 }, filters = { 0 };
	struct diag diag = { 0 };

	if (point_at_filters(guide, &diag) < 0)
		guide_say(guide, "%s.", diag.text);
	policy_write(&guide->policy, &policy);
	guide_say(guide, "The policy:");
	add_indented(&guide->text, strbuf_text(&policy, "?\n"));
	if (guide->filters.set_count > 0) {
		if (guide_write_filters(guide, &filters, &diag) < 0)
			guide_say(guide, "%s.", diag.text);
		guide_say(guide, "Its filters:");
		add_indented(&guide->text, strbuf_text(&filters, "?\n"));
	}
	say_command_line(guide);
	guide_say(guide, "What stays exposed:");
	say_exposures(guide, exposure_rows, ARRAY_SIZE(exposure_rows));
	say_exposures(guide, path_rows, ARRAY_SIZE(path_rows));
	guide_say(guide, "Enter goes on; \"promises\", \"paths\" or "
	                 "\"filters\" goes back to that.");
}

static const struct {
	const char *name;
	enum question question;
} parts[] = {
	{ "promises", ASK_PROMISES },
	{ "paths", ASK_PATHS },
	{ "filters", ASK_FILTERS },
};

int
take_review(struct guide *guide, const char *text, struct diag *diag)
{
	if (*text == '\0')
		return ASK_SAVE_FILTERS;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strcmp(text, parts[i].name) != 0)
			continue;
		if (parts[i].question == ASK_FILTERS)
			return guide_next_filters(guide);
		return parts[i].question;
	}
	return diag_set(
	    diag, EINVAL, "Enter goes on; or write promises, paths or filters");
}

const char *
review_word(const struct guide *guide, size_t index)
{
	(void)guide;
	return index < ARRAY_SIZE(parts) ? parts[index].name : NULL;
}

bool
save_filters_applies(const struct guide *guide)
{
	return guide->filters.set_count > 0;
}

bool
save_trace_applies(const struct guide *guide)
{
	return guide->findings.there;
}

bool
save_again_applies(const struct guide *guide)
{
	return guide->changed;
}

static enum file
asked_file(const struct guide *guide)
{
	if (guide->at.question == ASK_SAVE_FILTERS)
		return FILE_FILTERS;
	return guide->at.question == ASK_SAVE_TRACE ? FILE_TRACE : FILE_POLICY;
}

static enum question
question_behind(const struct guide *guide)
{
	if (guide->at.question == ASK_SAVE_AGAIN)
		return ASK_NOTHING;
	return file_rows[asked_file(guide)].next;
}

void
show_save(struct guide *guide)
{
	enum file file = asked_file(guide);
	cleanup_free char *path = usual_path(guide, file);

	guide_say(guide,
	    "Save %s? y: as %s; or write another file's name. Enter or n: no.",
	    file_rows[file].what,
	    path != NULL ? guide_quote(guide, path) : "?");
	if (file == FILE_POLICY && guide->filters.set_count > 0 &&
	    guide->saved[FILE_FILTERS] == NULL)
		guide_say(guide, "The filters were not saved, so the policy "
		                 "would be saved without them.");
}

/* The path that TEXT names; NULL: none, it shall not be saved. */
static int
read_path(struct guide *guide, const char *text, enum file file,
    char **ret_path, struct diag *diag)
{
	bool yes = false;
	int r = 0;

	*ret_path = NULL;
	if (*text == '\0' || (answer_yes(text, &yes, NULL) == 0 && !yes))
		return 0;
	if (yes)
		*ret_path = usual_path(guide, file);
	else
		r = answer_single(text, ret_path, diag);
	if (r < 0)
		return r;
	if (*ret_path == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	if (**ret_path != '\0')
		return 0;
	free(*ret_path);
	return diag_set(diag, EINVAL, "a file's name is not empty");
}

int
take_save(struct guide *guide, const char *text, struct diag *diag)
{
	enum file file = asked_file(guide);
	enum question next = question_behind(guide);
	char *path;
	int r = read_path(guide, text, file, &path, diag);

	if (r < 0)
		return r;
	guide->saving.exists = false;
	if (path == NULL) {
		if (file == FILE_POLICY)
			guide->changed = false; /* not to be asked again */
		return (int)next;
	}
	free(guide->saving.path);
	guide->saving.path = path;
	guide->saving.file = file;
	guide->saving.replace =
	    guide->saved[file] != NULL && strcmp(guide->saved[file], path) == 0;
	guide->saving.question = guide->at.question;
	guide->saving.next = next;
	guide->want = GUIDE_SAVE;
	return (int)next;
}

/* Only guide_save() leads there. */
bool
replace_applies(const struct guide *guide)
{
	return guide->saving.exists;
}

void
show_replace(struct guide *guide)
{
	guide_say(guide, "%s is there already. Replace it?",
	    guide_quote(guide, guide->saving.path));
}

int
take_replace(struct guide *guide, const char *text, struct diag *diag)
{
	bool yes;
	int r = answer_yes(text, &yes, diag);

	if (r < 0)
		return r;
	guide->saving.exists = false;
	if (!yes)
		return (int)guide->saving.question;
	guide->saving.replace = true;
	guide->want = GUIDE_SAVE;
	return (int)guide->saving.next;
}

static int
write_policy(struct guide *guide, struct strbuf *buf, struct diag *diag)
{
	cleanup_strbuf struct strbuf before = { 0 }, text = { 0 };
	int r;

	if (guide->saved[FILE_FILTERS] != NULL)
		r = point_at_filters(guide, diag);
	else
		r = guide_name_filters(guide, NULL, diag);
	policy_write(&guide->policy, &text);
	/* Of what it replaces, the comments stay. */
	if (r == 0 && guide->saving.replace)
		comments_source(guide->saving.path, &before);
	if (r == 0)
		r = comments_keep(strbuf_text(&before, ""),
		    strbuf_text(&text, ""), NULL, buf, diag);
	return r;
}

static int
write_file(struct guide *guide, struct strbuf *buf, struct diag *diag)
{
	int r = 0;

	switch (guide->saving.file) {
	case FILE_FILTERS:
		r = guide_write_filters(guide, buf, diag);
		break;
	case FILE_POLICY:
		r = write_policy(guide, buf, diag);
		break;
	case FILE_TRACE:
		strbuf_add(
		    buf, guide->findings.trace, guide->findings.trace_length);
		break;
	case FILE_COUNT:
		break;
	}
	if (r == 0 && buf->failed)
		r = diag_set(diag, ENOMEM, "out of memory");
	return r;
}

void
guide_save(struct guide *guide)
{
	const char *path = guide->saving.path;
	enum file file = guide->saving.file;
	cleanup_strbuf struct strbuf buf = { 0 }, text = { 0 };
	struct diag diag = { 0 };
	int r;

	if (guide->want != GUIDE_SAVE)
		return;
	guide->want = GUIDE_ANSWER;
	r = write_file(guide, &buf, &diag);
	if (r == 0)
		r = (guide->saving.replace ? file_replace : file_create)(
		    path, buf.data, buf.length, &diag);
	if (r == -EEXIST && !guide->saving.replace) {
		guide->saving.exists = true;
		guide_go_to(guide, ASK_REPLACE);
		return;
	}
	if (r < 0) {
		quote_terminal(&text, diag.text);
		guide_say(guide, "It could not be saved: %s.",
		    strbuf_text(&text, "?"));
		guide_go_to(guide, guide->saving.question);
		return;
	}
	if (path != guide->saved[file]) {
		free(guide->saved[file]);
		guide->saved[file] = strdup(path);
	}
	if (file == FILE_POLICY)
		guide->changed = false;
	guide_say(guide, "Saved: %s", guide_quote(guide, path));
	guide_go_on(guide);
}
