/* SPDX-License-Identifier: ISC */
#include "base/diag.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/quote.h"
#include "base/suggest.h"
#include "base/table.h"

#include <errno.h>
#include <string.h>

#include "tap.h"

static const char *const words[] = { "stdio", "rpath", "wpath", "cpath", "inet",
	"exec", "prot_exec" };

static const struct {
	const char *wanted, *text;
} suggestions[] = {
	{ "rpaht", "; did you mean \"rpath\"?" },
	{ "stdoi", "; did you mean \"stdio\"?" },
	{ "protexec", "; did you mean \"prot_exec\"?" },
	{ "xyzzy", "" },
};

static void
test_suggest(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(suggestions); i++) {
		struct suggest suggest = { .wanted = suggestions[i].wanted };

		for (size_t j = 0; j < ARRAY_SIZE(words); j++)
			suggest_consider(&suggest, words[j]);
		ok(strcmp(suggest_text(&suggest), suggestions[i].text) == 0,
		    "suggest for %s: \"%s\"", suggestions[i].wanted,
		    suggest_text(&suggest));
	}
}

static void
test_diag(void)
{
	struct diag diag = { 0 };

	ok(diag_set(&diag, EINVAL, "bad %s", "word") == -EINVAL,
	    "diag_set returns -errno");
	diag_prefix(&diag, "file:%d", 3);
	ok(strcmp(diag.text, "file:3: bad word") == 0, "prefix: %s", diag.text);
	diag_set(&diag, EINVAL, "bad word");
	ok(diag.place.line == 0, "a sentence of its own has no place");
	diag_place(&diag, "a: 1:2: b", 3, 9);
	diag_prefix(&diag, "limits");
	ok(strcmp(diag.text, "limits: a: 1:2: b:3:9: bad word") == 0 &&
	        diag.place.line == 3 && diag.place.column == 9 &&
	        strcmp(diag.text + diag.place.message, "bad word") == 0 &&
	        strncmp(diag.text + diag.place.file, "a: 1:2: b",
	            diag.place.file_length) == 0 &&
	        diag.place.file_length == strlen("a: 1:2: b"),
	    "its place is kept, whatever the file is called: %s", diag.text);
	errno = ENOENT;
	ok(diag_errno(&diag, "open %s", "/x") == -ENOENT &&
	        strcmp(diag.text, "open /x: No such file or directory") == 0,
	    "diag_errno: %s", diag.text);
	ok(diag_set(NULL, EPERM, "x") == -EPERM, "no diag is fine");
}

static void
test_strbuf(void)
{
	struct strbuf buf = { 0 };
	char *text;

	for (int i = 0; i < 100; i++)
		strbuf_printf(&buf, "%d,", i);
	text = strbuf_take(&buf);
	ok(text != NULL && strlen(text) == 290, "a strbuf grows");
	strbuf_free(&(struct strbuf){ text });
}

static void
test_utf8(void)
{
	static const struct {
		const char *bytes;
		size_t length;
		bool text;
	} rows[] = {
		{ "", 0, true },
		{ "plain", 5, true },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, true },
		{ "\xc3\xa9", 1, false }, /* cut within a character */
		{ "\xe2\x82\xac", 2, false },
		{ "a\xff", 2, false },
		{ "\xc0\x80", 2, false },
		{ "a\0b", 3, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ok(utf8_is_text(rows[i].bytes, rows[i].length) == rows[i].text,
		    "utf-8, row %zu", i);
}

static void
test_path(void)
{
	static const struct {
		const char *path, *directory;
		bool within;
	} rows[] = {
		{ "/etc", "/etc", true },
		{ "/etc/passwd", "/etc", true },
		{ "/etc/passwd", "/etc/", true },
		{ "/etcetera", "/etc", false },
		{ "/", "/etc", false },
		{ "/etc", "/", true },
		{ "/", "/", true },
		{ "@TMP/x", "@TMP", true },
		{ "@TMPX", "@TMP", false },
		{ "@HOME/x", "/", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ok(path_within(rows[i].path, rows[i].directory) ==
		        rows[i].within,
		    "%s is %sin %s", rows[i].path, rows[i].within ? "" : "not ",
		    rows[i].directory);
}

int
main(void)
{
	test_path();
	test_suggest();
	test_diag();
	test_strbuf();
	test_utf8();
	return tap_done();
}
