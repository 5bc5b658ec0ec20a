/* SPDX-License-Identifier: ISC */
#include "format/refused.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"

/* The text's next line that is neither blank nor a comment; NULL: none. */
static const char *
next_line(const char *text, const char *comment)
{
	for (;;) {
		text += strspn(text, " \t\r\n");
		if (*text == '\0')
			return NULL;
		if (strncmp(text, comment, strlen(comment)) != 0)
			return text;
		text += strcspn(text, "\n");
	}
}

static bool
starts_with(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(text, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

/* A profile's keys without quotes, at a line's beginning. */
static bool
is_yaml(const char *text)
{
	static const char *const keys[] = { "apiVersion:", "kind:", "metadata:",
		"spec:", "defaultAction:", "syscalls:", "architectures:",
		"mismatch_action:", "match_action:" };
	const char *line = next_line(text, "#");

	if (line == NULL || *line == '{' || *line == '[')
		return false;
	if (strncmp(line, "---", 3) == 0)
		return true;
	return starts_with(line, keys, ARRAY_SIZE(keys));
}

/* Skips what kafel's preprocessor takes: "#include <x>", "#define X 1". */
static bool
is_kafel(const char *text)
{
	static const char *const heads[] = { "POLICY ", "USE ", "DEFAULT ",
		"SYSCALL[", "#define ", "#include " };
	static const char *const actions[] = { "ALLOW", "DENY", "KILL",
		"KILL_THREAD", "KILL_PROCESS", "LOG", "USER_NOTIF", "ERRNO",
		"TRAP", "TRACE" };
	const char *line = next_line(text, "//");

	while (line != NULL && strncmp(line, "/*", 2) == 0) {
		line = strstr(line, "*/");
		line = line == NULL ? NULL : next_line(line + 2, "//");
	}
	if (line == NULL)
		return false;
	if (starts_with(line, heads, ARRAY_SIZE(heads)))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		const char *at = line;

		if (strncmp(at, actions[i], strlen(actions[i])) != 0)
			continue;
		at += strlen(actions[i]);
		at += strspn(at, " \t\r\n");
		if (*at == '(')
			at += strcspn(at, ")\n");
		at += *at == ')';
		at += strspn(at, " \t\r\n");
		if (*at == '{')
			return true;
	}
	return false;
}

static const struct refused_row {
	bool (*recognise)(const char *text);
	const char *text;
} rows[] = {
	{ is_yaml,
	    "this is YAML, which is not read; turn it into JSON (yq -o=json "
	    "FILE, or Python's yaml and json), and name that file" },
	{ is_kafel,
	    "this is a policy of kafel, which is not read; a program that "
	    "kafel makes of it is, as raw BPF" },
};

int
refused_check(
    const char *path, const struct format_bytes *bytes, struct diag *diag)
{
	if (strlen(bytes->data) != bytes->length)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].recognise(bytes->data))
			return diag_set(
			    diag, ENOTSUP, "%s: %s", path, rows[i].text);
	return 0;
}
