/* SPDX-License-Identifier: ISC */
#include "policy/comments.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/table.h"
#include "policy/policy.h"

#define LARGEST_FILE ((size_t)1024 * 1024)
#define WORDS        128

/* The comments of one statement. */
struct remark {
	struct strbuf above; /* whole lines */
	char *beside;        /* NULL: none */
	bool written;
};

/* What a statement grants, one at a time: "promises stdio", "unveil /etc". */
struct key {
	char *text;
	size_t remark;
};

struct keeping {
	comment_is_ours *ours;
	struct remark *remarks;
	size_t remark_count;
	struct key *keys;
	size_t key_count;
	struct strbuf head, above; /* above: of the statement that comes next */
	bool failed;
};

/* Which words of a statement tell it from others of its name. */
enum telling { ALL_WORDS, EACH_WORD, FIRST_WORD, LAST_WORD, NO_WORD };
static const struct {
	const char *name;
	enum telling telling;
} tellings[] = {
	{ "promises", EACH_WORD },
	{ "connect", EACH_WORD },
	{ "bind", EACH_WORD },
	{ "caps", EACH_WORD },
	{ "limit", FIRST_WORD },
	{ "unveil", LAST_WORD },
	{ "violation", NO_WORD },
};

static enum telling
find_telling(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tellings); i++)
		if (strcmp(tellings[i].name, name) == 0)
			return tellings[i].telling;
	return ALL_WORDS;
}

/* The INDEXth key of a statement, in BUF; false: there is none. */
static bool
make_key(
    const char *const *words, size_t count, size_t index, struct strbuf *buf)
{
	enum telling telling = find_telling(words[0]);
	size_t first = 1, last = count;

	if (telling == EACH_WORD) {
		first = index + 1;
		last = first + 1;
	} else if (telling == FIRST_WORD) {
		last = 2;
	} else if (telling == LAST_WORD) {
		first = count - 1;
	} else if (telling == NO_WORD) {
		last = 1;
	}
	if (telling == EACH_WORD ? index + 1 >= count : index > 0)
		return false;
	buf->length = 0;
	strbuf_puts(buf, words[0]);
	for (size_t i = first; i < last && i < count; i++)
		/* What is optional is the same path. */
		strbuf_printf(buf, " %s", words[i] + (*words[i] == '-'));
	return true;
}

static void
add_key(struct keeping *keeping, const char *text)
{
	/* Room for 2, 4, 8, ... */
	if ((keeping->key_count & (keeping->key_count - 1)) == 0) {
		size_t room =
		    keeping->key_count > 0 ? 2 * keeping->key_count : 1;
		struct key *keys =
		    reallocarray(keeping->keys, room, sizeof(*keys));

		if (keys == NULL) {
			keeping->failed = true;
			return;
		}
		keeping->keys = keys;
	}
	keeping->keys[keeping->key_count] =
	    (struct key){ strdup(text), keeping->remark_count - 1 };
	keeping->failed |= keeping->keys[keeping->key_count++].text == NULL;
}

static void
add_remark(struct keeping *keeping, const char *beside)
{
	if ((keeping->remark_count & (keeping->remark_count - 1)) == 0) {
		size_t room =
		    keeping->remark_count > 0 ? 2 * keeping->remark_count : 1;
		struct remark *remarks =
		    reallocarray(keeping->remarks, room, sizeof(*remarks));

		if (remarks == NULL) {
			keeping->failed = true;
			return;
		}
		keeping->remarks = remarks;
	}
	keeping->remarks[keeping->remark_count++] =
	    (struct remark){ .above = keeping->above,
		    .beside = beside != NULL ? strdup(beside) : NULL };
	keeping->above = (struct strbuf){ 0 };
}

static bool
is_kept(const struct keeping *keeping, const char *comment)
{
	return *comment == '#' &&
	       (keeping->ours == NULL || !keeping->ours(comment));
}

static void
take_statement(struct keeping *keeping, const char *const *words, size_t count,
    const char *comment)
{
	cleanup_strbuf struct strbuf key = { 0 };
	const char *beside = is_kept(keeping, comment) ? comment : NULL;

	if (beside == NULL && keeping->above.length == 0)
		return;
	add_remark(keeping, beside);
	for (size_t i = 0; !keeping->failed && make_key(words, count, i, &key);
	     i++)
		add_key(keeping, strbuf_text(&key, ""));
}

/* One line of what was there before. */
static void
take_line(struct keeping *keeping, const char *line, char *scratch)
{
	const char *words[WORDS], *rest = "";
	int count = policy_words(line, scratch, words, WORDS, &rest);

	if (count > 0) {
		take_statement(keeping, words, (size_t)count, rest);
	} else if (count == 0 && *rest == '#') {
		if (is_kept(keeping, rest))
			strbuf_printf(&keeping->above, "%s\n", rest);
	} else if (keeping->remark_count == 0 && keeping->head.length == 0) {
		/* An empty line ends what is said of the file. */
		keeping->head = keeping->above;
		keeping->above = (struct strbuf){ 0 };
	}
}

static int
compare_keys(const void *a, const void *b)
{
	const struct key *first = a, *second = b;
	int order = strcmp(first->text, second->text);

	if (order != 0)
		return order;
	return (first->remark > second->remark) -
	       (first->remark < second->remark);
}

/* The first with that text, or behind it. */
static size_t
find_key(const struct keeping *keeping, const char *text)
{
	size_t low = 0, high = keeping->key_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(keeping->keys[middle].text, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What stood above, and what cannot stand beside. */
static void
put_remark(struct remark *remark, struct strbuf *buf, char **ret_beside)
{
	remark->written = true;
	strbuf_puts(buf, strbuf_text(&remark->above, ""));
	if (remark->beside == NULL)
		return;
	if (ret_beside != NULL && *ret_beside == NULL)
		*ret_beside = remark->beside;
	else
		strbuf_printf(buf, "%s\n", remark->beside);
}

static void
put_line(struct keeping *keeping, const char *line, char *scratch,
    struct strbuf *buf)
{
	cleanup_strbuf struct strbuf key = { 0 };
	const char *words[WORDS], *rest = "";
	int count = policy_words(line, scratch, words, WORDS, &rest);
	char *beside = NULL;

	for (size_t i = 0; count > 0 && make_key(words, (size_t)count, i, &key);
	     i++) {
		const char *text = strbuf_text(&key, "");

		for (size_t at = find_key(keeping, text);
		     at < keeping->key_count &&
		     strcmp(keeping->keys[at].text, text) == 0;
		     at++) {
			struct remark *remark =
			    &keeping->remarks[keeping->keys[at].remark];

			if (!remark->written)
				put_remark(remark, buf,
				    *rest == '\0' ? &beside : NULL);
		}
	}
	strbuf_puts(buf, line);
	if (beside != NULL)
		strbuf_printf(buf, " %s", beside);
	strbuf_putc(buf, '\n');
}

static void
each_line(
    struct keeping *keeping, char *text, char *scratch, struct strbuf *buf)
{
	char *end;

	for (; *text != '\0' && !keeping->failed; text = end) {
		end = text + strcspn(text, "\n");
		if (*end == '\n')
			*end++ = '\0';
		if (buf != NULL)
			put_line(keeping, text, scratch, buf);
		else
			take_line(keeping, text, scratch);
	}
}

static void
put_all(struct keeping *keeping, char *text, char *scratch, struct strbuf *buf)
{
	if (keeping->key_count > 0)
		qsort(keeping->keys, keeping->key_count, sizeof(struct key),
		    compare_keys);
	strbuf_puts(buf, strbuf_text(&keeping->head, ""));
	/* So that it is at the top when this is read. */
	if (keeping->head.length > 0)
		strbuf_putc(buf, '\n');
	each_line(keeping, text, scratch, buf);
	for (size_t i = 0; i < keeping->remark_count; i++)
		if (!keeping->remarks[i].written)
			put_remark(&keeping->remarks[i], buf, NULL);
	strbuf_puts(buf, strbuf_text(&keeping->above, ""));
}

static void
keeping_free(struct keeping *keeping)
{
	for (size_t i = 0; i < keeping->remark_count; i++) {
		strbuf_free(&keeping->remarks[i].above);
		free(keeping->remarks[i].beside);
	}
	free(keeping->remarks);
	for (size_t i = 0; i < keeping->key_count; i++)
		free(keeping->keys[i].text);
	free(keeping->keys);
	strbuf_free(&keeping->head);
	strbuf_free(&keeping->above);
}

/* What is written to a terminal, too, does nothing to it. */
static void
tame(char *text)
{
	size_t length;

	for (; *text != '\0'; text += length) {
		length = utf8_length(text);
		if (length == 0)
			length = 1; /* no UTF-8 */
		if (length == 1 ? !isprint((unsigned char)*text) &&
		                      *text != '\t' && *text != '\n'
		                : quote_is_sly(text, length))
			memset(text, '?', length);
	}
}

int
comments_keep(const char *old, const char *text, comment_is_ours *ours,
    struct strbuf *buf, struct diag *diag)
{
	struct keeping keeping = { .ours = ours };
	cleanup_free char *before = strdup(old), *after = strdup(text);
	cleanup_free char *scratch =
	    malloc(2 * (strlen(old) + strlen(text)) + 2);

	if (before == NULL || after == NULL || scratch == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	tame(before);
	each_line(&keeping, before, scratch, NULL);
	if (!keeping.failed)
		put_all(&keeping, after, scratch, buf);
	if (keeping.failed || keeping.above.failed)
		buf->failed = true;
	keeping_free(&keeping);
	return buf->failed ? diag_set(diag, ENOMEM, "out of memory") : 0;
}

void
comments_source(const char *name, struct strbuf *buf)
{
	cleanup_free char *text = NULL;
	char profile[PROFILE_PATH];
	struct diag silent = { 0 };
	struct stat st;
	size_t length;

	if (strchr(name, '/') == NULL && strchr(name, '.') == NULL) {
		if (!profile_find(name, profile))
			return;
		name = profile;
	}
	/* What is read once, a pipe, was read already. */
	if (stat(name, &st) != 0 || !S_ISREG(st.st_mode) ||
	    file_read(name, LARGEST_FILE, &text, &length, &silent) < 0)
		return;
	strbuf_puts(buf, text);
	strbuf_putc(buf, '\n');
}
