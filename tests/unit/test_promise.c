/* SPDX-License-Identifier: ISC */
/*
 * The tables of promises: complete, in order, naming what exists; and what is
 * compiled from any set of them, against the rules walked one by one.
 */
#include "base/suggest.h"
#include "base/table.h"
#include "call/rows.h"
#include "filter/named.h"
#include "filter/resolved.h"
#include "policy/calls.h"
#include "policy/requests.h"

#include <inttypes.h>
#include <linux/uinput.h>
#include <linux/usbdevice_fs.h>
#include <linux/vt.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "tap.h"
#include "verdict.h"

#define ALL ((UINT64_C(1) << PROMISE_COUNT) - 1)

/* The lists of calls of all the tables, granted ones first. */
struct catalogue {
	const char *lists[256];
	size_t granted, count;
};

static struct catalogue
take_catalogue(void)
{
	struct catalogue made = { 0 };

	for (size_t i = 0; i < PROMISE_COUNT; i++)
		made.lists[made.count++] = promise_rows[i].calls;
	for (size_t i = 0; i < grant_row_count; i++)
		made.lists[made.count++] = grant_rows[i].calls;
	made.granted = made.count;
	for (size_t i = 0; i < ungranted_row_count; i++)
		made.lists[made.count++] = ungranted_rows[i].calls;
	return made;
}

enum how { HOW_ANY, HOW_PLAINLY };

static bool
names_call(const char *list, const char *name, size_t length, enum how how)
{
	struct call_word word;

	while (call_word_next(&list, &word))
		if (word.length == length &&
		    memcmp(word.name, name, length) == 0 &&
		    (how == HOW_ANY || word.condition == NULL))
			return true;
	return false;
}

/* The first call of ARCH that no list names, or NULL. */
static const char *
first_forgotten(const struct catalogue *catalogue, const struct arch *arch)
{
	for (unsigned int nr = 0; nr <= arch->max; nr++) {
		const char *name = arch_name(arch, nr);
		bool found = name == NULL;

		for (size_t i = 0; i < catalogue->count && !found; i++)
			found = names_call(
			    catalogue->lists[i], name, strlen(name), HOW_ANY);
		if (!found)
			return name;
	}
	return NULL;
}

static void
test_complete(const struct catalogue *catalogue)
{
	const struct arch *arch;

	for (size_t i = 0; (arch = arch_at(i)) != NULL; i++) {
		const char *forgotten;

		if (arch->quirks & ARCH_FOREIGN)
			continue;
		forgotten = first_forgotten(catalogue, arch);
		ok(forgotten == NULL,
		    "every call of %s is granted, or not with a reason",
		    arch->name);
		if (forgotten != NULL)
			note("forgotten: %s", forgotten);
	}
}

/* A list without one of its words, to be freed. */
static char *
list_without(const char *list, const char *name)
{
	char *copy = calloc(1, strlen(list) + 2);
	struct call_word word;
	const char *rest = list;

	while (copy != NULL && call_word_next(&rest, &word)) {
		if (word.length == strlen(name) &&
		    memcmp(word.name, name, word.length) == 0)
			continue;
		/* With the blank before it. */
		strncat(copy, word.name - (word.name > list),
		    (size_t)(rest - word.name) + (word.name > list));
	}
	return copy;
}

/* The check above must see when a call is taken out of any of the tables. */
static void
test_check_bites(const struct catalogue *catalogue)
{
	static const char *const names[] = { "mseal", "uprobe", "kcmp",
		"listmount", "file_setattr" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct catalogue less = *catalogue;
		const struct arch *arch = arch_find("x86_64");
		char *copies[ARRAY_SIZE(less.lists)] = { 0 };
		const char *forgotten;

		for (size_t j = 0; j < less.count; j++) {
			copies[j] = list_without(less.lists[j], names[i]);
			less.lists[j] = copies[j];
		}
		forgotten = first_forgotten(&less, arch);
		ok(forgotten != NULL && strcmp(forgotten, names[i]) == 0,
		    "without %s, that is noticed", names[i]);
		for (size_t j = 0; j < less.count; j++)
			free(copies[j]);
	}
}

/* Nothing is both given away and kept for a reason. */
static void
test_ungranted(const struct catalogue *catalogue)
{
	struct call_word word;

	for (size_t i = 0; i < ungranted_row_count; i++) {
		const char *list = ungranted_rows[i].calls, *both = NULL;

		while (call_word_next(&list, &word)) {
			for (size_t j = 0; j < catalogue->count; j++)
				if (j != catalogue->granted + i &&
				    names_call(catalogue->lists[j], word.name,
				        word.length, HOW_PLAINLY))
					both = word.name;
			if (word.condition != NULL)
				both = word.name;
		}
		ok(both == NULL && ungranted_rows[i].text[0] != '\0',
		    "granted nowhere: %s", ungranted_rows[i].text);
		if (both != NULL)
			note("elsewhere too: %.20s", both);
	}
}

static bool
is_known(const struct call_word *word)
{
	const struct arch *arch;

	for (size_t i = 0; (arch = arch_at(i)) != NULL; i++)
		if (arch_number(arch, word->name, word->length) >= 0)
			return true;
	return false;
}

static bool
has_condition(const struct call_word *word)
{
	static const char *const made[] = { CONDITION_COOKIE, CONDITION_OWN_PID,
		CONDITION_OWN_CLOCK, CONDITION_OWN_UID, CONDITION_OWN_GID };

	for (size_t i = 0; i < ARRAY_SIZE(made); i++)
		if (word->condition_length == strlen(made[i]) &&
		    strncmp(word->condition, made[i], word->condition_length) ==
		        0)
			return true;
	return condition_find(word) != NULL;
}

/* Every name means something; marks in USED the conditions it found. */
static void
test_words(const char *what, const char *list, bool *used)
{
	const char *unknown = NULL;
	struct call_word word;
	size_t count = 0;

	while (call_word_next(&list, &word)) {
		const struct condition *row = NULL;

		count++;
		if (!is_known(&word))
			unknown = word.name;
		if (word.condition == NULL)
			continue;
		if (!has_condition(&word))
			unknown = word.name;
		row = condition_find(&word);
		if (row != NULL)
			used[row - condition_rows] = true;
	}
	ok(unknown == NULL, "%s: %zu calls, all known", what, count);
	if (unknown != NULL)
		note("unknown: %.40s", unknown);
}

static void
test_names(const struct catalogue *catalogue)
{
	bool *used = calloc(condition_row_count, sizeof(*used));
	char what[64];

	if (used == NULL)
		return (void)ok(false, "memory");
	for (size_t i = 0; i < catalogue->count; i++) {
		snprintf(what, sizeof(what), "%s list %zu",
		    i < PROMISE_COUNT        ? promise_rows[i].name
		    : i < catalogue->granted ? "grants"
		                             : "ungranted",
		    i);
		test_words(what, catalogue->lists[i], used);
	}
	for (size_t i = 0; i < answer_row_count; i++)
		test_words("answers", answer_rows[i].calls, used);
	for (size_t i = 0; i < condition_row_count; i++)
		ok(used[i] && condition_rows[i].text[0] != '\0',
		    "condition %s is asked for", condition_rows[i].name);
	free(used);
}

static void
test_condition_order(void)
{
	for (size_t i = 1; i < condition_row_count; i++)
		if (strcmp(condition_rows[i - 1].name,
		        condition_rows[i].name) >= 0) {
			ok(false, "conditions in order: %s",
			    condition_rows[i].name);
			return;
		}
	ok(true, "%zu conditions in strcmp order", condition_row_count);
}

/* A test looks at what the kernel reads of the argument. */
static void
test_widths(const struct catalogue *catalogue)
{
	size_t wrong = 0, tests = 0;

	for (size_t i = 0; i < catalogue->count; i++) {
		const char *list = catalogue->lists[i];
		struct call_word word;

		while (call_word_next(&list, &word)) {
			const struct condition *row = condition_find(&word);
			char name[64];

			snprintf(name, sizeof(name), "%.*s", (int)word.length,
			    word.name);
			for (size_t j = 0; row != NULL && j < CONDITION_TESTS &&
			                   row->tests[j].width != 0;
			     j++) {
				const struct test *test = &row->tests[j];
				const struct call_arg *arg =
				    &call_row_named(name)->args[test->arg];
				unsigned int bits =
				    arg_bits((enum arg_type)arg->type, NULL);

				tests++;
				/* One of some bits looks at those. */
				if (test->width == (bits > 32 ? 64 : 32) ||
				    (test->width == 32 &&
				        test->mask != UINT32_MAX))
					continue;
				note("%s/%s: argument %u, %u bits of %u", name,
				    row->name, test->arg, test->width, bits);
				wrong++;
			}
		}
	}
	ok(wrong == 0, "%zu tests look at what the kernel reads", tests);
}

/* A test without a width ends the list: none may stand behind it. */
static void
test_condition_tests(void)
{
	for (size_t i = 0; i < condition_row_count; i++) {
		const struct test *tests = condition_rows[i].tests;
		bool ended = false, sound = tests[0].width != 0;

		for (size_t j = 0; j < CONDITION_TESTS; j++) {
			if (tests[j].width == 0) {
				ended = true;
				continue;
			}
			sound = sound && !ended && tests[j].mask != 0 &&
			        tests[j].count > 0 && tests[j].arg < 6 &&
			        (tests[j].width == 64 ||
			            tests[j].mask <= UINT32_MAX);
			for (size_t k = 0; k < tests[j].count; k++)
				sound = sound && (tests[j].values[k] &
				                     ~tests[j].mask) == 0;
		}
		ok(sound, "condition %s can hold", condition_rows[i].name);
	}
}

/* clang-format off */
#define WORD(name) { PROMISE_##name, #name }
static const struct { int promise; const char *name; } words[] = {
	WORD(STDIO), WORD(RPATH), WORD(WPATH), WORD(CPATH), WORD(DPATH),
	WORD(TMPPATH), WORD(INET), WORD(ANET), WORD(MCAST), WORD(UNIX),
	WORD(DNS), WORD(NETLINK), WORD(ROUTE), WORD(WROUTE), WORD(GETPW),
	WORD(FATTR), WORD(CHOWN), WORD(FLOCK), WORD(SENDFD), WORD(RECVFD),
	WORD(TTY), WORD(PROC), WORD(EXEC), WORD(PROT_EXEC), WORD(ID),
	WORD(SETTIME), WORD(PS), WORD(VMINFO), WORD(UNVEIL), WORD(ERROR),
	WORD(AUDIO), WORD(VIDEO), WORD(DRM), WORD(SYSVIPC), WORD(TAPE), WORD(BPF),
	WORD(DISKLABEL), WORD(PF), WORD(VMM),
};
/* clang-format on */

/* "rwi:/dev/null r:/proc ..." */
static bool
files_sound(const char *files)
{
	size_t length;

	for (; files != NULL && *files != '\0'; files += strspn(files, " ")) {
		length = strspn(files, "rwxi");
		if (length == 0 || files[length] != ':' ||
		    files[length + 1] != '/')
			return false;
		files += strcspn(files, " ");
	}
	return true;
}

static void
test_promise_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const struct promise_row *row = &promise_rows[words[i].promise];
		const char *text = row->text;
		size_t length = strlen(words[i].name);

		ok(strcasecmp(row->name, words[i].name) == 0 &&
		        promise_find(row->name, length) == words[i].promise &&
		        promise_find(row->name, length - 1) == -1,
		    "%s is row %d", row->name, words[i].promise);
		ok(text[0] >= 'A' && text[0] <= 'Z' &&
		        text[strlen(text) - 1] == '.' &&
		        strstr(text, ". ") == NULL,
		    "%s: one sentence: %s", row->name, text);
		ok(files_sound(row->files), "%s: its files", row->name);
	}
	ok(ARRAY_SIZE(words) == PROMISE_COUNT, "%d promises", PROMISE_COUNT);
	/* A rule's origin says which row it is of. */
	ok((int)PROMISE_COUNT <= ORIGIN_GRANT &&
	        grant_row_count <= ORIGIN_ANSWER - ORIGIN_GRANT,
	    "origins do not overlap");
	ok(promise_find("", 0) == -1, "no promise is empty");
	ok(promise_find("stdiox", 6) == -1, "stdiox is no promise");
	ok(promise_find("STDIO", 5) == -1, "promises are lower case");
}

static struct made made, killing;

/* Each call that a promise gives plainly, it gives alone, and it takes it. */
static void
test_alone(int promise)
{
	const struct arch *arch = arch_native();
	const char *list = promise_rows[promise].calls, *wrong = NULL;
	struct call_word word;
	size_t count = 0;

	if (!make_program(&made, UINT64_C(1) << promise, 0, REFUSE) ||
	    !make_program(&killing, ALL & ~(UINT64_C(1) << promise), 0, REFUSE))
		return (void)ok(
		    false, "%s is compiled", promise_rows[promise].name);
	while (call_word_next(&list, &word)) {
		int nr = arch_number(arch, word.name, word.length);
		struct call call = { .nr = (uint32_t)nr, .arch = arch->audit };

		if (nr < 0 || word.condition != NULL)
			continue;
		count += answer_to(&killing, &call) != SECCOMP_RET_ALLOW;
		if (answer_to(&made, &call) != SECCOMP_RET_ALLOW)
			wrong = word.name;
	}
	ok(wrong == NULL, "%s alone gives all of its calls, %zu are its own",
	    promise_rows[promise].name, count);
	if (wrong != NULL)
		note("not %.20s", wrong);
}

static uint64_t random_state;

static uint32_t
pick(size_t count)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)((random_state >> 16) % count);
}

/* A value at, or beside, one that a condition of the call asks about. */
static uint64_t
random_argument(const struct condition *condition, uint8_t arg)
{
	static const uint64_t common[] = { 0, 1, 2, 3, UINT64_MAX, UINT32_MAX,
		1ULL << 31, 1ULL << 32, 1ULL << 63, OUR_PID };
	uint64_t value = common[pick(ARRAY_SIZE(common))];

	for (size_t i = 0; condition != NULL && i < CONDITION_TESTS; i++) {
		const struct test *test = &condition->tests[i];

		if (test->width == 0 || test->arg != arg || pick(8) == 0)
			continue;
		value = test->values[pick(test->count)];
	}
	switch (pick(12)) {
	case 0:
		return value + 1;
	case 1:
		return value - 1;
	case 2:
		return value ^ 1ULL << pick(64);
	case 3:
		return value | (uint64_t)pick(UINT32_MAX) << 32;
	case 4:
		return value << 1;
	default:
		return value;
	}
}

static struct call
random_call(const struct filter *filter)
{
	const struct rule *rule = &filter->rules[pick(filter->count)];
	struct call call = { .nr = rule->nr, .arch = filter->arch->audit };

	if (pick(16) == 0)
		call.nr = pick(filter->arch->max + 3);
	if (pick(64) == 0)
		call.nr |= 1U << pick(32);
	if (pick(64) == 0)
		call.arch ^= 1U << pick(32);
	for (uint8_t arg = 0; arg < 6; arg++)
		call.args[arg] = random_argument(rule->condition, arg);
	return call;
}

static struct {
	unsigned int calls, allowed, longest;
	unsigned short largest;
} seen;

/* With -k: EPERM kills, unless it is a look around at start-up. */
static uint32_t
killing_answer(uint32_t answer, const struct rule *rule)
{
	if (answer == REFUSE && (rule == NULL || rule->origin < ORIGIN_ANSWER))
		return SECCOMP_RET_KILL_PROCESS;
	return answer;
}

/* The oracle walks the rules; both programs must agree with it. */
static bool
agree(promise_set promises, unsigned int when, unsigned int rounds)
{
	if (!make_program(&made, promises, when, REFUSE) ||
	    !make_program(&killing, promises, when, SECCOMP_RET_KILL_PROCESS))
		return false;
	if (made.program.length > seen.largest)
		seen.largest = made.program.length;
	if (program_longest_path(&made.program) > seen.longest)
		seen.longest = program_longest_path(&made.program);
	for (unsigned int i = 0; i < rounds; i++) {
		struct call call = random_call(&made.filter);
		const struct rule *rule;
		uint32_t answer = filter_answer(&made.filter, &call, &rule);

		seen.calls++;
		seen.allowed += answer == SECCOMP_RET_ALLOW;
		if (answer_to(&made, &call) == answer &&
		    answer_to(&killing, &call) == killing_answer(answer, rule))
			continue;
		note("promises %#" PRIx64 " when %#x: call %u, arch %#x, "
		     "arguments %#" PRIx64 " %#" PRIx64 " %#" PRIx64
		     " %#" PRIx64 ": %#x by the rules",
		    promises, when, call.nr, call.arch, call.args[0],
		    call.args[1], call.args[2], call.args[3], answer);
		return false;
	}
	return true;
}

#define SETS 500

static void
test_agreement(void)
{
	const char *text = getenv("TEST_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 0)
	                             : (uint64_t)time(NULL) * 1000003;
	unsigned int failed = 0;

	note("TEST_SEED=%" PRIu64, seed);
	random_state = seed | 1;
	for (int i = 0; i < PROMISE_COUNT; i++)
		ok(agree(UINT64_C(1) << i, pick(1U << 10), 2000),
		    "%s alone answers as its rules do", promise_rows[i].name);
	ok(agree(0, ON_LANDLOCK | WHEN_LAUNCH, 2000), "so does nothing at all");
	for (unsigned int i = 0; i < SETS; i++) {
		promise_set set = 0;

		for (int j = 0; j < PROMISE_COUNT; j++)
			set |= (uint64_t)(pick(3) == 0) << j;
		failed += !agree(set, pick(1U << 10), 1000);
	}
	ok(failed == 0,
	    "%d random sets answer as their rules do, seed %" PRIu64, SETS,
	    seed);
	ok(seen.allowed > seen.calls / 10 &&
	        seen.allowed < seen.calls - seen.calls / 10,
	    "%u calls, of which %u are allowed", seen.calls, seen.allowed);
	note("largest program: %u instructions; longest path: %u", seen.largest,
	    seen.longest);
}

/* A word too many must never be why a program is not started. */
static void
test_all_at_once(void)
{
	bool fits = true;
	unsigned short largest = 0;

	for (unsigned int when = 0; when < 1U << 10; when++) {
		fits = fits && make_program(&made, ALL, when, REFUSE);
		if (made.program.length > largest)
			largest = made.program.length;
	}
	ok(fits && largest > 0 && largest <= BPF_MAXINSNS,
	    "all promises at once fit: %u instructions", largest);
}

/* What it came down to, so that it is seen when it grows again. */
static void
test_size(const char *text, promise_set promises, unsigned int most)
{
	unsigned int longest;

	if (!make_program(&made, promises,
	        ON_LANDLOCK | WHEN_LAUNCH | WHEN_GRACE, REFUSE))
		return;
	longest = program_longest_path(&made.program);
	ok(made.program.length <= most && longest <= 30,
	    "%s: %u instructions, longest path %u", text, made.program.length,
	    longest);
}

/* Two requests of one number would be the other device's as well. */
static void
test_requests(void)
{
	static const uint64_t sound[] = { SOUND_REQUESTS },
	                      camera[] = { CAMERA_REQUESTS };
	/* Of the same letters: keys that are typed, devices that are reset,
	 * consoles that are switched. */
	static const uint64_t others[] = { UI_DEV_CREATE, UI_DEV_DESTROY,
		UI_DEV_SETUP, UI_ABS_SETUP, UI_SET_EVBIT, UI_SET_KEYBIT,
		UI_SET_RELBIT, UI_SET_ABSBIT, UI_SET_MSCBIT, UI_SET_LEDBIT,
		UI_SET_SNDBIT, UI_SET_FFBIT, UI_SET_PHYS, UI_SET_SWBIT,
		UI_SET_PROPBIT, UI_BEGIN_FF_UPLOAD, UI_END_FF_UPLOAD,
		UI_BEGIN_FF_ERASE, UI_END_FF_ERASE, UI_GET_VERSION,
		USBDEVFS_CONTROL, USBDEVFS_BULK, USBDEVFS_RESETEP,
		USBDEVFS_SETINTERFACE, USBDEVFS_SETCONFIGURATION,
		USBDEVFS_GETDRIVER, USBDEVFS_SUBMITURB, USBDEVFS_DISCARDURB,
		USBDEVFS_REAPURB, USBDEVFS_REAPURBNDELAY, USBDEVFS_DISCSIGNAL,
		USBDEVFS_CLAIMINTERFACE, USBDEVFS_RELEASEINTERFACE,
		USBDEVFS_CONNECTINFO, USBDEVFS_IOCTL, USBDEVFS_HUB_PORTINFO,
		USBDEVFS_RESET, USBDEVFS_CLEAR_HALT, USBDEVFS_DISCONNECT,
		USBDEVFS_CONNECT, USBDEVFS_CLAIM_PORT, USBDEVFS_RELEASE_PORT,
		USBDEVFS_GET_CAPABILITIES, USBDEVFS_DISCONNECT_CLAIM,
		USBDEVFS_ALLOC_STREAMS, USBDEVFS_FREE_STREAMS,
		USBDEVFS_DROP_PRIVILEGES, USBDEVFS_GET_SPEED, VT_ACTIVATE,
		VT_SETMODE, VT_LOCKSWITCH, VT_DISALLOCATE };
	size_t same = 0;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(sound); j++)
			same += others[i] == sound[j];
		for (size_t j = 0; j < ARRAY_SIZE(camera); j++)
			same += others[i] == camera[j];
	}
	ok(same == 0, "%zu requests of %zu are another device's", same,
	    ARRAY_SIZE(sound) + ARRAY_SIZE(camera));
}

static bool
same_list(const char *calls, const struct resolved_list *list)
{
	static struct filter named;
	struct run_conditions values;
	unsigned int number;
	const struct condition *condition;
	bool same;

	run_conditions_make(&values, &(struct run_values){ .pid = 0 });
	named.arch = arch_native();
	named.count = 0;
	if (filter_add_named(&named, calls, &values, 0, 0, NULL) < 0 ||
	    named.count != list->count)
		return false;
	same = true;
	for (size_t i = 0; i < list->count; i++) {
		number = list->calls[i].condition;
		condition = number == 0 ? NULL
		            : number >= RESOLVED_RUN
		                ? run_condition(&values, number - RESOLVED_RUN)
		                : &condition_rows[number - 1];
		same = same && list->calls[i].nr == named.rules[i].nr &&
		       condition == named.rules[i].condition;
	}
	return same;
}

/* What was resolved when this was built is what the names mean. */
static void
test_resolved(void)
{
	struct resolved_list altered = resolved_promises[PROMISE_STDIO];
	size_t same = 0;

	for (size_t i = 0; i < PROMISE_COUNT; i++)
		same += same_list(promise_rows[i].calls, &resolved_promises[i]);
	for (size_t i = 0; i < grant_row_count; i++)
		same += same_list(grant_rows[i].calls, &resolved_grants[i]);
	for (size_t i = 0; i < answer_row_count; i++)
		same += same_list(answer_rows[i].calls, &resolved_answers[i]);
	ok(resolved_audit == arch_native()->audit &&
	        same == PROMISE_COUNT + grant_row_count + answer_row_count,
	    "%zu lists of calls, as numbers of this architecture", same);
	altered.count--;
	ok(!same_list(promise_rows[PROMISE_STDIO].calls, &altered),
	    "one call less is told");
}

int
main(void)
{
	struct catalogue catalogue = take_catalogue();

	test_complete(&catalogue);
	test_check_bites(&catalogue);
	test_ungranted(&catalogue);
	test_names(&catalogue);
	test_widths(&catalogue);
	test_condition_order();
	test_condition_tests();
	test_promise_rows();
	for (int i = 0; i < PROMISE_COUNT; i++)
		test_alone(i);
	test_resolved();
	test_all_at_once();
	test_agreement();
	test_requests();
	test_size("stdio", PROMISE(STDIO), 290);
	test_size("stdio rpath inet tty",
	    PROMISE(STDIO) | PROMISE(RPATH) | PROMISE(INET) | PROMISE(TTY),
	    320);
	return tap_done();
}
