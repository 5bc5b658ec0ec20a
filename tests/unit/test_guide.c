/* SPDX-License-Identifier: ISC */
/* The conversation without a front end, its tables, and what reads answers. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/line.h"
#include "base/table.h"
#include "guide/state.h"
#include "guide/words.h"
#include "random.h"
#include "tap.h"

static char program[] = "ls", option[] = "-l";
static char *const command[] = { program, option, NULL };

static struct guide *
begin(const struct machine *machine, char *const *argv)
{
	const struct guide_request request = {
		.argv = argv, .machine = machine, .lead = "seccomp-pledge run"
	};
	struct diag diag = { 0 };
	struct guide *guide = NULL;

	if (guide_new(&request, &guide, &diag) < 0)
		note("%s", diag.text);
	return guide;
}

static void
answer(struct guide *guide, const char *text)
{
	guide_answer(guide, text, strlen(text));
}

/* Whether TEXT was said since the last time, wherever lines were broken. */
static bool
says(struct guide *guide, const char *text)
{
	struct strbuf buf = { 0 };
	bool found;

	guide_take_text(guide, &buf);
	for (char *at = buf.data; at != NULL && *at != '\0'; at++)
		if (*at == '\n')
			*at = ' ';
	found = buf.data != NULL && strstr(buf.data, text) != NULL;
	strbuf_free(&buf);
	return found;
}

static bool
asks(const struct guide *guide, const char *prompt)
{
	return guide_want(guide) == GUIDE_ANSWER &&
	       strncmp(guide_prompt(guide), prompt, strlen(prompt)) == 0;
}

static void
test_without_seccomp(void)
{
	static const struct machine none;
	struct guide *guide = begin(&none, command);

	ok(says(guide, "doctor"), "what cannot be enforced is said");
	answer(guide, "n");
	answer(guide, "");
	answer(guide, "");
	ok(asks(guide, "go on") && says(guide, "Custom filters are skipped"),
	    "without seccomp, filters are skipped, and that is said");
	answer(guide, "filters");
	ok(asks(guide, "go on"), "and cannot be gone back to");
	guide_free(guide);
}

/* Two at once do not know of each other. */
static void
test_two(struct machine *machine)
{
	struct guide *one = begin(machine, command);
	struct guide *other = begin(machine, NULL);

	ok(asks(one, "watch") && asks(other, "command"), "two at once");
	answer(one, "n");
	answer(other, "cat");
	answer(one, "stdio tty");
	ok(asks(one, "paths") && says(one, "Promised: stdio tty."), "one");
	answer(other, "n");
	ok(asks(other, "promises") && says(other, "Promised: stdio rpath."),
	    "the other");
	guide_free(one);
	answer(other, "b");
	answer(other, "b");
	ok(asks(other, "command"), "it goes back to its beginning");
	answer(other, "q");
	ok(guide_want(other) == GUIDE_END && guide_status(other) == 0 &&
	        !guide_has_run(other) && says(other, "Nothing was run."),
	    "and leaves");
	answer(other, "y");
	ok(guide_want(other) == GUIDE_END, "what comes later is not heard");
	guide_free(other);
}

static void
test_lines(struct machine *machine)
{
	struct guide *guide = begin(machine, command);
	char *large = calloc(1, GUIDE_LINE_LIMIT + 1);

	guide_answer(guide, large, GUIDE_LINE_LIMIT + 1);
	ok(says(guide, "longer than any answer"), "a long line");
	guide_answer(guide, "y\0", 2);
	ok(says(guide, "zero byte") && asks(guide, "watch"), "a zero byte");
	guide_answer(guide, " \tn \r\n", 6);
	ok(asks(guide, "promises"), "blanks around an answer");
	ok(guide_word(guide, 0) != NULL && !guide_takes_path(guide),
	    "words to complete: %s", guide_word(guide, 0));
	free(large);
	guide_free(guide);
}

static void
test_rows(void)
{
	size_t wrong = 0;

	for (size_t i = 0; i < ASK_NOTHING; i++)
		if (question_rows[i].prompt == NULL ||
		    question_rows[i].help == NULL ||
		    question_rows[i].take == NULL ||
		    strlen(question_rows[i].prompt) > 40) {
			note("question %zu", i);
			wrong++;
		}
	ok(wrong == 0, "each of %d questions has prompt, help and a taker",
	    ASK_NOTHING);
}

static const struct {
	const char *text;
	bool commas;
	size_t count; /* 0: refused */
	const char *last;
} splits[] = {
	{ "a b", false, 2, "b" },
	{ " a,b\t", true, 2, "b" },
	{ "a,b", false, 1, "a,b" },
	{ "'a b'c", false, 1, "a bc" },
	{ "\"a\\n\\\"\\x41\"", false, 1, "a\n\"A" },
	{ "r:\"a b\"", false, 1, "r:a b" },
	{ "a\\ b", false, 1, "a b" },
	{ "x \"\"", false, 2, "" },
	{ "\"a", false, 0, NULL },
	{ "'a", false, 0, NULL },
	{ "\"\\000\"", false, 0, NULL },
	{ "\"\\q\"", false, 0, NULL },
};

static void
test_words(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(splits); i++) {
		struct answer_words words = { 0 };
		struct diag diag = { 0 };
		int r = answer_split(
		    splits[i].text, splits[i].commas, &words, &diag);

		ok((r == 0 ? words.count : 0) == splits[i].count &&
		        (r < 0 || strcmp(words.words[words.count - 1],
		                      splits[i].last) == 0),
		    "words of: %s", splits[i].text);
		answer_free(&words);
	}
}

static void
test_reader(void)
{
	static const char text[] = "one\n\ntwo\0x\nlonger than that\nend";
	struct line_reader reader = { .limit = 8 };
	const char *line;
	size_t length;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0 ||
	    write(ends[1], text, sizeof(text) - 1) < 0)
		return;
	close(ends[1]);
	reader.fd = ends[0];
	ok(line_read(&reader, &line, &length) == 1 && length == 3, "one");
	ok(line_read(&reader, &line, &length) == 1 && length == 0, "empty");
	ok(line_read(&reader, &line, &length) == 1 && length == 5 &&
	        memcmp(line, "two\0x", 5) == 0,
	    "with a zero byte");
	ok(line_read(&reader, &line, &length) == -E2BIG, "too long");
	ok(line_read(&reader, &line, &length) == 0,
	    "what has no end is no line");
	line_reader_free(&reader);
	close(ends[0]);
}

static void
test_create(void)
{
	char directory[] = "/tmp/pledge-test-XXXXXX", path[64];
	struct diag diag = { 0 };
	size_t length = 0;
	char *data = NULL;

	if (mkdtemp(directory) == NULL)
		return;
	snprintf(path, sizeof(path), "%s/file", directory);
	ok(file_create(path, "mine", 4, &diag) == 0, "a new file");
	ok(file_create(path, "other", 5, &diag) == -EEXIST &&
	        file_read(path, 99, &data, &length, &diag) == 0 && length == 4,
	    "is not replaced: %s", diag.text);
	free(data);
	unlink(path);
	ok(symlink("nowhere", path) == 0 &&
	        file_create(path, "other", 5, &diag) == -EEXIST,
	    "nor is a link to nothing");
	unlink(path);
	ok(rmdir(directory) == 0, "nothing else is left");
}

/* What somebody may type who does not read. */
static const char *const typed[] = { "", "", "", "y", "n", "b", "?", "1", "2",
	"a", "u", "stdio", "+inet -tty", "stdio rpath", "none", "all", "-1",
	"+1", "r:.", "+rw:/tmp", "-.", "r:/nothing", "accept4", "openat",
	"getpid", "flags", "0", "3", "eq", "masked_eq", "dword", "qword",
	"O_CREAT", "O_CREAT 0x40", "-1", "a comment", "errno EPERM", "allow",
	"log", "trace 5", "promises", "paths", "filters", "name", "\"q\"", "\"",
	"\\", "8", "execve", "-9 +9", "\xff" };

static struct missing
make_missing(void)
{
	struct missing missing = { .promises = PROMISE(INET) };
	struct diag diag = { 0 };

	if (policy_add_unveil(
	        &missing.paths, "/tmp/x", UNVEIL_R, false, &diag) < 0)
		note("%s", diag.text);
	return missing;
}

/* What a front end would do for it, without doing it. */
static void
pretend(struct guide *guide, uint64_t number)
{
	const struct findings findings = { .status = 1 };
	const struct missing none = { 0 }, some = make_missing();
	enum guide_want want = guide->want;

	guide->want = GUIDE_ANSWER;
	if (number % 4 == 0)
		guide_failed(guide, "a \033 reason");
	else if (want == GUIDE_WATCH)
		guide_watched(guide, &findings);
	else if (want == GUIDE_RUN && number % 4 == 1)
		guide_ran(guide, 0, &none);
	else if (want == GUIDE_RUN) {
		guide_ran(guide, 1, &some);
		return;
	} else
		guide_go_on(guide);
	missing_free(&(struct missing){ .paths = some.paths });
}

/* Any answers in any order: it asks on, and what it says is harmless. */
static void
test_random(struct machine *machine, uint64_t seed)
{
	struct guide *guide = begin(machine, NULL);
	struct random random = { seed };
	struct strbuf said = { 0 };
	unsigned int seen = 0, harmful = 0;

	for (unsigned int i = 0; i < 30000; i++) {
		if (guide_want(guide) == GUIDE_END) {
			guide_free(guide);
			guide = begin(machine, i % 2 ? NULL : command);
		}
		seen |= 1U << guide->at.question;
		if (guide_want(guide) == GUIDE_ANSWER)
			answer(guide,
			    typed[random_below(&random, ARRAY_SIZE(typed))]);
		else
			pretend(guide, random_next(&random));
		said.length = 0;
		guide_take_text(guide, &said);
		for (size_t at = 0; at < said.length; at++)
			harmful += said.data[at] == '\033' ||
			           (unsigned char)said.data[at] == 0xff;
	}
	note("%d of %d questions were asked", __builtin_popcount(seen),
	    ASK_NOTHING);
	ok(harmful == 0, "30000 answers at random");
	strbuf_free(&said);
	guide_free(guide);
}

int
main(void)
{
	struct machine machine;

	machine_probe(&machine);
	test_without_seccomp();
	machine.features.has[FEATURE_SECCOMP] = true;
	test_two(&machine);
	test_lines(&machine);
	/* One that went back to a filter which a later count left out. */
	test_random(&machine, 1004);
	test_random(&machine, random_seed());
	test_rows();
	test_words();
	test_reader();
	test_create();
	return tap_done();
}
