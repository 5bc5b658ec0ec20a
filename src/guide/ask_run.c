/* SPDX-License-Identifier: ISC */
/* The confined run, and what it was denied. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "guide/state.h"
#include "guide/words.h"
#include "report/denial.h"

void
missing_free(struct missing *missing)
{
	for (size_t i = 0; i < missing->count; i++)
		free(missing->texts[i]);
	free(missing->texts);
	policy_free(&missing->paths);
	*missing = (struct missing){ 0 };
}

static char *
replace_once(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char *copy;

	if (at == NULL || asprintf(&copy, "%.*s%s%s", (int)(at - text), text,
	                      to, at + strlen(from)) < 0)
		return NULL;
	return copy;
}

void
missing_rename(
    struct missing *missing, const char *path, const struct guide *guide)
{
	cleanup_free char *name = guide_filters_path(guide);

	for (size_t i = 0; name != NULL && i < missing->count; i++) {
		char *text = replace_once(missing->texts[i], path, name);

		if (text == NULL)
			continue;
		free(missing->texts[i]);
		missing->texts[i] = text;
	}
}

int
take_run(struct guide *guide, const char *text, struct diag *diag)
{
	bool yes;
	int r = answer_yes(text, &yes, diag);

	if (r < 0)
		return r;
	missing_free(&guide->missing);
	if (!yes)
		return ASK_SAVE_AGAIN;
	guide->want = GUIDE_RUN;
	return ASK_ADD;
}

void
guide_ran(struct guide *guide, int status, const struct missing *missing)
{
	missing_free(&guide->missing);
	guide->missing = *missing;
	guide->status = status;
	guide->has_run = true;
	guide_say(guide, "%s ended with status %d; %s",
	    guide_quote(guide, guide->argv[0]), status,
	    missing->count == 0 ? "nothing was denied that it needs."
	                        : "this was denied:");
	for (size_t i = 0; i < missing->count; i++) {
		cleanup_strbuf struct strbuf text = { 0 };

		quote_terminal(&text, missing->texts[i]);
		guide_say_indented(guide, 2, "%s", strbuf_text(&text, "?"));
	}
	guide_go_on(guide);
}

bool
add_applies(const struct guide *guide)
{
	const struct missing *missing = &guide->missing;

	return missing->promises != 0 || missing->paths.unveil_count > 0 ||
	       missing->paths.connect.count > 0 ||
	       missing->paths.bind.count > 0;
}

static void
add_item(struct strbuf *buf, const char *text)
{
	if (buf->length > 0)
		strbuf_puts(buf, "; ");
	strbuf_puts(buf, text);
}

void
show_add(struct guide *guide)
{
	const struct missing *missing = &guide->missing;
	cleanup_strbuf struct strbuf buf = { 0 };
	char port[PORT_TEXT];

	if (missing->promises != 0) {
		add_item(&buf, "promise ");
		words_write(&buf, missing->promises);
	}
	for (size_t i = 0; i < missing->paths.unveil_count; i++) {
		add_item(&buf, "unveil ");
		unveil_write(&buf, missing->paths.unveils[i].permissions,
		    missing->paths.unveils[i].path);
	}
	for (size_t i = 0; i < missing->paths.connect.count; i++) {
		add_item(&buf, "connect ");
		strbuf_puts(
		    &buf, port_text(missing->paths.connect.port[i], port));
	}
	for (size_t i = 0; i < missing->paths.bind.count; i++) {
		add_item(&buf, "bind ");
		strbuf_puts(&buf, port_text(missing->paths.bind.port[i], port));
	}
	guide_say(
	    guide, "Exactly this would allow it: %s.", strbuf_text(&buf, "?"));
	guide_say(guide, "Add that, and run it again?");
}

static bool
is_above(const char *above, const char *below)
{
	size_t length = strlen(above);

	if (length > 0 && above[length - 1] == '/')
		length--;
	return strncmp(above, below, length) == 0 && below[length] == '/';
}

/* Below a path, Landlock can take nothing away that it grants above. */
static void
settle(struct policy *policy, char *const *paths)
{
	for (size_t i = 0; i < policy->unveil_count; i++)
		for (size_t j = 0; j < policy->unveil_count; j++)
			if (i != j && is_above(paths[i], paths[j]))
				policy->unveils[j].permissions |=
				    policy->unveils[i].permissions;
}

static int
settle_paths(struct guide *guide, struct diag *diag)
{
	struct policy *policy = &guide->policy;
	char cwd[PATH_MAX];
	const struct symbols symbols = {
		.cwd = getcwd(cwd, sizeof(cwd)),
		.home = getenv("HOME"),
		.tmp = "/@TMP",
		.argv = guide->argv,
	};
	cleanup_free char **paths =
	    calloc(policy->unveil_count + 1, sizeof(*paths));
	size_t count = 0;
	int r = 0;

	if (paths == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	for (; r == 0 && count < policy->unveil_count; count++)
		r = symbols_resolve(
		    &symbols, policy->unveils[count].path, &paths[count], diag);
	if (r == 0)
		settle(policy, paths);
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	return r;
}

static int
add_paths(struct guide *guide, struct diag *diag)
{
	int r = guide_add_unveils(&guide->policy, &guide->missing.paths, diag);

	return r == 0 ? settle_paths(guide, diag) : r;
}

static void
add_ports(struct ports *to, const struct ports *from)
{
	for (size_t i = 0; i < from->count; i++)
		ports_add(to, from->port[i], NULL);
}

int
take_add(struct guide *guide, const char *text, struct diag *diag)
{
	bool yes;
	int r = answer_yes(text, &yes, diag);

	if (r < 0)
		return r;
	if (!yes)
		return ASK_SAVE_AGAIN;
	r = add_paths(guide, diag);
	if (r < 0)
		return r;
	guide->policy.promises |= guide->missing.promises;
	add_ports(&guide->policy.connect, &guide->missing.paths.connect);
	add_ports(&guide->policy.bind, &guide->missing.paths.bind);
	guide->changed = true;
	guide->want = GUIDE_RUN;
	return ASK_ADD;
}
