/* SPDX-License-Identifier: ISC */
#include "inspect/policy_diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/quote.h"
#include "inspect/filter_compare.h"
#include "inspect/meant.h"
#include "json/write.h"
#include "policy/caps.h"

enum { WIDER_NEITHER, WIDER_FIRST, WIDER_SECOND };

struct comparison_of {
	struct meant sides[2];
	struct strbuf lines; /* of text, or of JSON */
	struct json_writer json;
	bool as_json;
	size_t count, wider[3]; /* by WIDER_... */
};

/* One difference: what it is about, and what each of both says. */
static void
add_line(struct comparison_of *all, int wider, const char *kind,
    const char *what, const char *const says[2])
{
	static const char *const names[] = { "neither", "first", "second" };

	all->count++;
	all->wider[wider]++;
	if (!all->as_json) {
		strbuf_printf(&all->lines, "%-8s ", kind);
		quote_terminal(&all->lines, what);
		strbuf_printf(&all->lines, ": %s -> %s\n", says[0], says[1]);
		return;
	}
	json_open(&all->json, NULL, '{');
	json_string(&all->json, "kind", kind);
	json_string(&all->json, "what", what);
	json_string(&all->json, "first", says[0]);
	json_string(&all->json, "second", says[1]);
	json_string(&all->json, "wider", names[wider]);
	json_close(&all->json, '}');
}

/* --- System calls --- */

static int
take_call(void *context, const struct verify_case *one)
{
	struct comparison_of *all = context;
	cleanup_strbuf struct strbuf line = { 0 };
	char texts[2][ANSWER_TEXT];
	const char *const says[2] = { answer_text(one->answers[0], texts[0]),
		answer_text(one->answers[1], texts[1]) };
	bool lets[2] = { answer_lets_through(one->answers[0]),
		answer_lets_through(one->answers[1]) };
	int wider = WIDER_NEITHER;
	char *end;

	if (lets[0] != lets[1])
		wider = lets[0] ? WIDER_FIRST : WIDER_SECOND;
	add_difference(&line, one);
	if (line.failed)
		return -ENOMEM;
	/* "openat(0, 0x1): errno 1 (EPERM) -> allow": the call alone. */
	end = strstr(line.data, "): ");
	if (end != NULL)
		end[1] = '\0';
	add_line(all, wider, "call", line.data, says);
	return 0;
}

static int
compare_calls(struct comparison_of *all, struct diag *diag)
{
	const struct meant *sides = all->sides;
	const struct verify_side first = { .filters = sides[0].all,
		.count = sides[0].count };
	const struct verify_side second = { .filters = sides[1].all,
		.count = sides[1].count };

	return verify_differences(&first, &second, take_call, all, diag);
}

/* --- Paths --- */

/* Rights add up along a path, as Landlock's do. */
static unsigned int
letters_of(const struct policy *policy, const struct unveil *unveil)
{
	unsigned int letters = 0;

	for (size_t i = 0; i < policy->unveil_count; i++) {
		const struct unveil *above = &policy->unveils[i];

		if (above->pattern ? unveil->pattern &&
		                         strcmp(above->path, unveil->path) == 0
		                   : path_within(unveil->path, above->path))
			letters |= above->permissions;
	}
	return letters;
}

static const char *
write_letters(unsigned int permissions, char letters[5])
{
	size_t count = 0;

	for (int i = 0; i < 4; i++)
		if (permissions & 1U << i)
			letters[count++] = "rwxc"[i];
	letters[count] = '\0';
	return count > 0 ? letters : "nothing";
}

static int
compare_sets(uint64_t first, uint64_t second)
{
	if ((first & ~second) == 0)
		return WIDER_SECOND;
	return (second & ~first) == 0 ? WIDER_FIRST : WIDER_NEITHER;
}

/* What the WHICH'th names; what both name is compared once. */
static void
compare_unveils(struct comparison_of *all, size_t which)
{
	const struct policy *mine = &all->sides[which].policy;

	for (size_t i = 0; i < mine->unveil_count; i++) {
		const struct unveil *unveil = &mine->unveils[i];
		unsigned int letters[2] = { letters_of(
			                        &all->sides[0].policy, unveil),
			letters_of(&all->sides[1].policy, unveil) };
		char texts[2][5];
		const char *const says[2] = { write_letters(
			                          letters[0], texts[0]),
			write_letters(letters[1], texts[1]) };
		bool known = false;

		for (size_t j = 0;
		     which == 1 && j < all->sides[0].policy.unveil_count; j++)
			known = known ||
			        strcmp(all->sides[0].policy.unveils[j].path,
			            unveil->path) == 0;
		if (letters[0] != letters[1] && !known)
			add_line(all, compare_sets(letters[0], letters[1]),
			    "unveil", unveil->path, says);
	}
}

/* What is unveiled for a promise, of which the calls say nothing. */
static void
compare_promised_files(struct comparison_of *all)
{
	promise_set words[2] = { policy_promises(&all->sides[0].policy),
		policy_promises(&all->sides[1].policy) };

	for (int i = 0; i < PROMISE_COUNT; i++) {
		promise_set word = UINT64_C(1) << i;
		const char *says[2];

		for (size_t j = 0; j < 2; j++)
			says[j] = words[j] & word ? "its files" : "not these";
		if (((words[0] ^ words[1]) & word) &&
		    promise_rows[i].files != NULL)
			add_line(all,
			    words[0] & word ? WIDER_FIRST : WIDER_SECOND,
			    "promise", promise_rows[i].name, says);
	}
}

static void
compare_paths(struct comparison_of *all)
{
	static const char *const states[] = { "as unveiled", "unrestricted" };
	bool off[2] = { all->sides[0].policy.no_unveil,
		all->sides[1].policy.no_unveil };
	const char *const says[2] = { states[off[0]], states[off[1]] };

	if (off[0] != off[1])
		add_line(all, off[0] ? WIDER_FIRST : WIDER_SECOND, "unveil",
		    "all paths", says);
	if (off[0] || off[1])
		return;
	compare_unveils(all, 0);
	compare_unveils(all, 1);
	compare_promised_files(all);
}

static void
compare_caps(struct comparison_of *all)
{
	uint64_t caps[2] = { all->sides[0].policy.caps,
		all->sides[1].policy.caps };

	for (size_t i = 0; i < CAP_ROWS; i++) {
		uint64_t cap = cap_rows[i].bit;
		const char *says[2];

		for (size_t j = 0; j < 2; j++)
			says[j] = caps[j] & cap ? "kept" : "dropped";
		if ((caps[0] ^ caps[1]) & cap)
			add_line(all,
			    caps[0] & cap ? WIDER_FIRST : WIDER_SECOND, "caps",
			    cap_rows[i].name, says);
	}
}

/* --- Ports and limits --- */

static bool
reaches(
    const struct policy *policy, const struct ports *ports, struct port port)
{
	const promise_set users = PROMISE(INET) | PROMISE(ANET);

	if (!(policy_promises(policy) & users))
		return false;
	return policy->connect.count + policy->bind.count == 0 ||
	       ports_have(ports, port);
}

static void
compare_port(struct comparison_of *all, const char *kind, struct port port)
{
	static const char *const states[] = { "refused", "allowed" };
	const struct policy *first = &all->sides[0].policy;
	const struct policy *second = &all->sides[1].policy;
	bool connects = strcmp(kind, "connect") == 0;
	bool can[2] = { reaches(first,
		            connects ? &first->connect : &first->bind, port),
		reaches(second, connects ? &second->connect : &second->bind,
		    port) };
	const char *const says[2] = { states[can[0]], states[can[1]] };
	char what[PORT_TEXT];

	if (can[0] != can[1])
		add_line(all, can[0] ? WIDER_FIRST : WIDER_SECOND, kind,
		    port_text(port, what), says);
}

/* Adds those of PORTS that are not there yet, in order. */
static size_t
gather_ports(struct port *all, size_t count, const struct ports *ports)
{
	for (size_t i = 0; i < ports->count; i++) {
		size_t at = count;

		while (at > 0 && port_compare(all[at - 1], ports->port[i]) > 0)
			at--;
		if (at > 0 && port_equals(all[at - 1], ports->port[i]))
			continue;
		memmove(&all[at + 1], &all[at], (count - at) * sizeof(*all));
		all[at] = ports->port[i];
		count++;
	}
	return count;
}

/* The named ones, and one that neither names. */
static void
compare_ports(struct comparison_of *all, const char *kind)
{
	bool connects = strcmp(kind, "connect") == 0;
	struct port ports[2 * POLICY_PORTS], other = TCP_PORT(1);
	size_t count = 0;

	for (size_t i = 0; i < 2; i++) {
		const struct policy *policy = &all->sides[i].policy;

		count = gather_ports(
		    ports, count, connects ? &policy->connect : &policy->bind);
	}
	for (size_t i = 0; i < count; i++) {
		compare_port(all, kind, ports[i]);
		if (port_equals(ports[i], other))
			other.number++;
	}
	compare_port(all, kind, other);
}

static void
compare_limits(struct comparison_of *all)
{
	const struct policy *first = &all->sides[0].policy;
	const struct policy *second = &all->sides[1].policy;

	for (int i = 0; i < LIMIT_COUNT; i++) {
		uint64_t most[2] = { first->limited[i] ? first->limits[i]
			                               : UINT64_MAX,
			second->limited[i] ? second->limits[i] : UINT64_MAX };
		char texts[2][24];
		const char *says[2];

		for (size_t j = 0; j < 2; j++) {
			snprintf(texts[j], sizeof(texts[j]), "%llu",
			    (unsigned long long)most[j]);
			says[j] = most[j] == UINT64_MAX ? "no limit" : texts[j];
		}
		if (most[0] != most[1])
			add_line(all,
			    most[0] > most[1] ? WIDER_FIRST : WIDER_SECOND,
			    "limit", limit_rows[i].name, says);
	}
}

/* --- All of it --- */

static const char *
find_verdict(const struct comparison_of *all, bool json)
{
	if (all->count == 0)
		return "equal";
	if (all->wider[WIDER_NEITHER] == all->count)
		return json ? "neither"
		            : "neither is wider: they refuse in other ways";
	if (all->wider[WIDER_SECOND] == 0)
		return json ? "first" : "the first is wider";
	if (all->wider[WIDER_FIRST] == 0)
		return json ? "second" : "the second is wider";
	return json ? "both" : "each grants what the other does not";
}

static int
compare(struct comparison_of *all, struct strbuf *buf, struct diag *diag)
{
	struct json_writer json = { .buf = buf };
	int r = compare_calls(all, diag);

	if (r < 0)
		return r;
	compare_paths(all);
	compare_ports(all, "connect");
	compare_ports(all, "bind");
	compare_caps(all);
	compare_limits(all);
	if (all->lines.failed)
		return diag_set(diag, ENOMEM, "out of memory");
	if (!all->as_json) {
		strbuf_printf(buf, "%s\n%s", find_verdict(all, false),
		    strbuf_text(&all->lines, ""));
		return all->count > 0;
	}
	json_open(&json, NULL, '{');
	json_string(&json, "wider", find_verdict(all, true));
	strbuf_printf(
	    buf, ", \"differences\": [%s]", strbuf_text(&all->lines, ""));
	json_close(&json, '}');
	strbuf_putc(buf, '\n');
	return all->count > 0;
}

static int
open_side(struct meant *side, const char *name, struct diag *diag)
{
	int r = policy_include(&side->policy, name, diag);

	if (r == 0)
		r = meant_make(side, true, diag);
	return r == 0 ? user_filters_need_rules(&side->filters, "diff", diag)
	              : r;
}

int
policy_diff(const char *first, const char *second, bool json,
    struct strbuf *buf, struct diag *diag)
{
	cleanup_free struct comparison_of *all = calloc(1, sizeof(*all));
	int r;

	if (all == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	all->as_json = json;
	all->json.buf = &all->lines;
	r = open_side(&all->sides[0], first, diag);
	if (r == 0)
		r = open_side(&all->sides[1], second, diag);
	if (r == 0)
		r = compare(all, buf, diag);
	for (size_t i = 0; i < 2; i++)
		meant_free(&all->sides[i]);
	strbuf_free(&all->lines);
	return r;
}
