/* SPDX-License-Identifier: ISC */
#include "report/denial.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "base/table.h"
#include "filter/filter.h"
#include "report/need.h"

#define HEADS      1024
#define MORE_TEXTS (DENIAL_TEXTS - DENIAL_PATHS)

static uint32_t
hash_text(const char *text)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619U;
	return hash;
}

static bool
same_rule(const struct denial_rule *a, const struct denial_rule *b)
{
	if (a->file == NULL || b->file == NULL)
		return a->file == b->file;
	return strcmp(a->file, b->file) == 0 && a->line == b->line &&
	       a->column == b->column && a->answer == b->answer;
}

static bool
is_same(const struct denial *a, const struct denial *b)
{
	if (strcmp(a->call, b->call) != 0 || a->words != b->words ||
	    a->err != b->err || a->path_count != b->path_count ||
	    !same_rule(&a->rule, &b->rule))
		return false;
	for (size_t i = 0; i < a->path_count; i++)
		if (strcmp(a->paths[i], b->paths[i]) != 0 ||
		    a->permissions[i] != b->permissions[i])
			return false;
	return true;
}

static bool
make_room(struct denials *denials)
{
	size_t capacity = denials->capacity * 2 + 16;
	struct denial_row *rows;

	if (denials->heads == NULL)
		denials->heads = calloc(HEADS, sizeof(*denials->heads));
	if (denials->heads == NULL)
		return false;
	if (denials->count < denials->capacity)
		return true;
	rows = realloc(denials->rows, capacity * sizeof(*rows));
	if (rows == NULL)
		return false;
	denials->rows = rows;
	denials->capacity = capacity;
	return true;
}

/* What a row of DENIAL takes. */
static size_t
size_of(const struct denial *denial)
{
	size_t size = sizeof(struct denial_row) + strlen(denial->call);

	const char *const more[] = { denial->instead, denial->replaced,
		denial->wide, denial->ordinary };

	for (size_t i = 0; i < denial->path_count; i++)
		size += strlen(denial->paths[i]);
	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		size += more[i] != NULL ? strlen(more[i]) : 0;
	return size;
}

static void
release(struct denial_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(row->texts); i++)
		free(row->texts[i]);
}

/* With strings of its own; false: out of memory. */
static bool
copy(struct denial_row *row, const struct denial *denial)
{
	struct denial *made = &row->denial;
	const char **const texts[MORE_TEXTS] = { &made->call, &made->instead,
		&made->replaced, &made->wide, &made->ordinary };

	*row = (struct denial_row){ .denial = *denial };
	for (size_t i = 0; i < DENIAL_TEXTS; i++) {
		size_t path = i - MORE_TEXTS;
		const char **text =
		    i < MORE_TEXTS ? texts[i] : &made->paths[path];

		if (i >= MORE_TEXTS && path >= made->path_count)
			break;
		if (*text == NULL)
			continue;
		*text = row->texts[i] = strdup(*text);
		if (*text == NULL)
			return false;
	}
	return true;
}

static void
count(struct denials *denials, const struct denial *denial)
{
	denials->total++;
	if (denial->rule.file != NULL)
		denials->by_rules++;
	if (!denial->probe)
		denials->words |= denial->words;
}

struct denial_row *
denials_again(struct denials *denials, const char *call)
{
	uint32_t hash = hash_text(call), at = 0;

	if (denials->heads != NULL)
		at = denials->heads[hash % HEADS];
	for (; at != 0; at = denials->rows[at - 1].next) {
		struct denial_row *row = &denials->rows[at - 1];

		if (row->hash != hash || !row->denial.refused ||
		    strcmp(row->denial.call, call) != 0)
			continue;
		row->times++;
		count(denials, &row->denial);
		return row;
	}
	return NULL;
}

/* A new row, in its place; NULL: there is no room for it. */
static struct denial_row *
add_row(struct denials *denials, const struct denial *denial, uint32_t hash)
{
	struct denial_row *row;
	size_t size = size_of(denial);

	if (size > DENIALS_BYTES - denials->bytes)
		return NULL;
	row = &denials->rows[denials->count];
	if (!copy(row, denial)) {
		release(row);
		return NULL;
	}
	row->times = 1;
	row->hash = hash;
	row->next = denials->heads[hash % HEADS];
	denials->heads[hash % HEADS] = (uint32_t)++denials->count;
	denials->bytes += size;
	return row;
}

bool
denials_add(struct denials *denials, const struct denial *denial,
    struct denial_row **ret_row)
{
	uint32_t hash = hash_text(denial->call), at;
	struct denial_row *row;

	*ret_row = NULL;
	count(denials, denial);
	if (!make_room(denials)) {
		denials->unlisted++;
		return true;
	}
	for (at = denials->heads[hash % HEADS]; at != 0; at = row->next) {
		row = &denials->rows[at - 1];
		if (row->hash == hash && is_same(&row->denial, denial)) {
			row->times++;
			*ret_row = row;
			return false;
		}
	}
	*ret_row = add_row(denials, denial, hash);
	denials->unlisted += *ret_row == NULL;
	return true;
}

/* --- The fewest words --- */

/* What one denial leaves open, if the words of `search.words` are given. */
struct search {
	const struct denials *denials;
	promise_set best;
	int count; /* of `best` */
	int steps; /* that may still be taken: what is best by then will do */
};

static bool
is_settled(const struct denial *denial, promise_set words)
{
	for (size_t i = 0; i < denial->choice_count; i++)
		if ((denial->choices[i] & ~words) == 0)
			return true;
	return denial->choice_count == 0;
}

/* WORDS, and from row AT on, of each denial that they leave open, one set more:
 * the fewest, and among those the ones that stand first in the table. */
static void
search(struct search *self, promise_set words, size_t at)
{
	const struct denials *denials = self->denials;
	int count = __builtin_popcountll(words);

	if (count > self->count || self->steps-- <= 0 ||
	    (count == self->count && words >= self->best))
		return;
	while (at < denials->count &&
	       (denials->rows[at].denial.harmless != NULL ||
	           is_settled(&denials->rows[at].denial, words)))
		at++;
	if (at == denials->count) {
		self->best = words;
		self->count = count;
		return;
	}
	for (size_t i = 0; i < denials->rows[at].denial.choice_count; i++)
		search(
		    self, words | denials->rows[at].denial.choices[i], at + 1);
}

#define SEARCH_STEPS 100000

void
denials_settle(struct denials *denials, const char *harmless)
{
	struct search self = {
		.denials = denials, .count = INT_MAX, .steps = SEARCH_STEPS
	};

	denials->harmless = 0;
	for (size_t i = 0; i < denials->count; i++) {
		struct denial_row *row = &denials->rows[i];
		bool harms = !row->denial.probe || row->suspect;

		row->denial.harmless = harms ? NULL : harmless;
		denials->harmless += harms ? 0 : row->times;
	}
	search(&self, 0, 0);
	if (self.count == INT_MAX)
		return;
	denials->words = self.best;
	for (size_t i = 0; i < denials->count; i++) {
		struct denial *denial = &denials->rows[i].denial;
		promise_set fitting[DENIAL_CHOICES];
		size_t count = 0;

		for (size_t j = 0; j < denial->choice_count; j++)
			if ((denial->choices[j] & ~self.best) == 0)
				fitting[count++] = denial->choices[j];
		if (count > 0)
			denial->words = need_choose(fitting, count, 0);
	}
}

void
denials_free(struct denials *denials)
{
	for (size_t i = 0; i < denials->count; i++)
		release(&denials->rows[i]);
	free(denials->rows);
	free(denials->heads);
	*denials = (struct denials){ 0 };
}

void
unveil_write_letters(struct strbuf *buf, unsigned int permissions)
{
	static const char letters[] = "rwxc";

	for (unsigned int i = 0; i < 4; i++)
		if (permissions & (1U << i))
			strbuf_putc(buf, letters[i]);
}

void
words_write(struct strbuf *buf, promise_set words)
{
	const char *comma = "";

	for (int i = 0; i < PROMISE_COUNT; i++) {
		if ((words & UINT64_C(1) << i) == 0)
			continue;
		strbuf_printf(buf, "%s%s", comma, promise_rows[i].name);
		comma = " ";
	}
}

void
unveil_write(struct strbuf *buf, unsigned int permissions, const char *path)
{
	cleanup_strbuf struct strbuf word = { 0 };

	unveil_write_letters(&word, permissions);
	strbuf_printf(&word, ":%s%s", *path == '-' ? "./" : "", path);
	if (!word.failed)
		quote_shell(buf, word.data);
}

/* `refused by web.json:7:5 "main", errno 1 (EPERM): no network here` */
static void
add_rule(struct strbuf *buf, const struct denial_rule *rule)
{
	char text[ANSWER_TEXT];

	strbuf_puts(buf, "refused by ");
	quote_terminal(buf, rule->file);
	strbuf_printf(buf, ":%u:%u", rule->line, rule->column);
	if (rule->name != NULL) {
		strbuf_puts(buf, " \"");
		quote_terminal(buf, rule->name);
		strbuf_putc(buf, '"');
	}
	strbuf_printf(buf, ", %s", answer_text(rule->answer, text));
	if (rule->fallback)
		strbuf_puts(buf, ": no rule matches");
	if (rule->comment != NULL) {
		strbuf_puts(buf, ": ");
		quote_terminal(buf, rule->comment);
	}
}

static void
add_instead(struct strbuf *buf, const struct denial *denial)
{
	if (denial->instead == NULL)
		return;
	strbuf_puts(buf, " (or -v ");
	unveil_write(buf, denial->instead_permissions, denial->instead);
	strbuf_putc(buf, ')');
}

static void
add_needs(struct strbuf *buf, const struct denial *denial)
{
	const char *next = "";
	char port[PORT_TEXT];

	if (denial->rule.file != NULL) {
		add_rule(buf, &denial->rule);
		next = "; ";
	}
	if (denial->words != 0) {
		bool several = (denial->words & (denial->words - 1)) != 0;

		strbuf_printf(
		    buf, "%sneeds promise%s ", next, several ? "s" : "");
		words_write(buf, denial->words);
		if (denial->instead != NULL) {
			strbuf_puts(buf, " (or -v ");
			unveil_write(
			    buf, denial->instead_permissions, denial->instead);
			strbuf_putc(buf, ')');
		}
		next = "; ";
	}
	if (denial->path_count > 0 && denial->replaced != NULL) {
		strbuf_printf(buf, "%shidden path, as ", next);
		quote_terminal(buf, denial->replaced);
		strbuf_printf(buf, " was %s since the start; needs",
		    denial->made_since ? "made" : "replaced");
	} else if (denial->path_count > 0 && denial->gained)
		strbuf_printf(buf,
		    "%swhat is moved would have more rights than before; "
		    "needs",
		    next);
	else if (denial->path_count > 0)
		strbuf_printf(buf, "%shidden path; needs", next);
	for (size_t i = 0; i < denial->path_count; i++) {
		strbuf_puts(buf, " -v ");
		unveil_write(buf, denial->permissions[i], denial->paths[i]);
		next = "; ";
	}
	if (denial->path_count > 0)
		add_instead(buf, denial);
	if (port_is_set(denial->connect))
		strbuf_printf(buf, "%sneeds --connect %s", next,
		    port_text(denial->connect, port));
	if (port_is_set(denial->bind))
		strbuf_printf(buf, "%sneeds --bind %s", next,
		    port_text(denial->bind, port));
	if (denial->wide != NULL) {
		strbuf_printf(buf, "%shidden path; -v ", next);
		unveil_write(buf, denial->wide_permissions, denial->wide);
		strbuf_puts(buf, " would give away too much");
		next = "; ";
	}
	if (denial->reason != NULL) {
		strbuf_printf(buf, "%s%s allows it: %s", next,
		    denial->refused ? "no promise" : "nothing", denial->reason);
		next = "; ";
	}
	if (denial->ordinary != NULL)
		strbuf_printf(buf, "%sand not the policy alone: %s", next,
		    denial->ordinary);
}

bool
denial_is_one(const struct denial *denial)
{
	return denial->refused || denial->words != 0 ||
	       denial->path_count > 0 || port_is_set(denial->connect) ||
	       port_is_set(denial->bind) || denial->wide != NULL ||
	       denial->reason != NULL;
}

void
denial_write(struct strbuf *buf, const struct denial *denial)
{
	if (!denial_is_one(denial) && denial->ordinary != NULL) {
		strbuf_printf(buf, "not the policy: %s: %s", denial->call,
		    denial->ordinary);
		return;
	}
	strbuf_printf(buf, "denied: %s: ", denial->call);
	add_needs(buf, denial);
	if (denial->harmless != NULL)
		strbuf_printf(buf, " (harmless: %s)", denial->harmless);
	else if (denial->err == 0)
		strbuf_puts(buf, "; it was killed for this");
}
