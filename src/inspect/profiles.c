/* SPDX-License-Identifier: ISC */
#include "inspect/profiles.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/quote.h"
#include "json/write.h"
#include "policy/policy.h"

#define LARGEST ((size_t)1024 * 1024)

/* The comment of the first line, in TEXT; "" if that is something else. */
static char *
first_comment(char *text)
{
	text += strspn(text, " \t");
	if (*text != '#')
		return text + strlen(text);
	text += strspn(text, "# \t");
	text[strcspn(text, "\r\n")] = '\0';
	return text;
}

/* What PATH says of itself, to be freed. */
static char *
read_sentence(const char *path)
{
	struct diag diag = { 0 };
	char *text = NULL, *sentence;
	size_t length;

	if (file_read(path, LARGEST, &text, &length, &diag) < 0)
		return strdup(diag.text);
	sentence = strdup(first_comment(text));
	free(text);
	return sentence;
}

static void
add_line(void *context, const char *name, const char *path)
{
	cleanup_free char *sentence = read_sentence(path);
	cleanup_strbuf struct strbuf line = { 0 };
	struct strbuf *buf = context;

	strbuf_printf(&line, "%-12s  %s", name,
	    sentence != NULL ? sentence : "out of memory");
	quote_terminal(buf, line.failed ? "out of memory" : line.data);
	strbuf_putc(buf, '\n');
}

static void
add_object(void *context, const char *name, const char *path)
{
	cleanup_free char *sentence = read_sentence(path);
	struct json_writer *json = context;

	json_open(json, NULL, '{');
	json_string(json, "name", name);
	json_string(json, "text", sentence != NULL ? sentence : "");
	json_string(json, "file", path);
	json_close(json, '}');
}

/* NAME's policy, and the file that it was read from. */
static int
read_profile(const char *name, struct strbuf *ret_text, char *ret_path,
    struct diag *diag)
{
	struct policy policy = { 0 };
	int r = policy_include(&policy, name, diag);

	if (r == 0)
		policy_write(&policy, ret_text);
	policy_free(&policy);
	if (r == 0 && !profile_find(name, ret_path))
		snprintf(ret_path, PROFILE_PATH, "%s", name);
	return r;
}

static void
warn_of_none(struct diag *diag)
{
	cleanup_strbuf struct strbuf places = { 0 };
	char directory[PATH_MAX];

	for (size_t i = 0; profile_directory(i, directory); i++)
		if (directory[0] != '\0')
			strbuf_printf(&places, "%s%s",
			    places.length > 0 ? ", " : "", directory);
	diag_warn(diag,
	    "there are no profiles in %s (make install brings some)",
	    places.failed ? "any directory" : places.data);
}

int
profiles_describe(const char *name, struct strbuf *buf, struct diag *diag)
{
	char path[PROFILE_PATH];

	if (name != NULL)
		return read_profile(name, buf, path, diag);
	profile_each(add_line, buf);
	if (buf->length == 0)
		warn_of_none(diag);
	return 0;
}

int
profiles_describe_json(const char *name, struct strbuf *buf, struct diag *diag)
{
	struct json_writer json = { .buf = buf };
	cleanup_strbuf struct strbuf text = { 0 };
	char path[PROFILE_PATH];
	int r;

	if (name == NULL) {
		json_open(&json, NULL, '[');
		profile_each(add_object, &json);
		json_close(&json, ']');
		strbuf_putc(buf, '\n');
		return 0;
	}
	r = read_profile(name, &text, path, diag);
	if (r < 0)
		return r;
	json_open(&json, NULL, '{');
	json_string(&json, "name", name);
	json_string(&json, "file", path);
	json_string(&json, "policy", text.failed ? "" : text.data);
	json_close(&json, '}');
	strbuf_putc(buf, '\n');
	return 0;
}
