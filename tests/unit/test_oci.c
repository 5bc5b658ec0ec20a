/* SPDX-License-Identifier: ISC */
/*
 * Random container profiles, read here, against what runc hands to libseccomp:
 * the same rules in the file's order, without those whose action is the
 * default.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef HAVE_LIBSECCOMP
# include <seccomp.h>
#endif

#include "base/strbuf.h"
#include "base/table.h"
#include "filter/program.h"
#include "format/format.h"

#include "random.h"
#include "tap.h"

#ifdef HAVE_LIBSECCOMP
enum {
	PROFILES = 20000,
	CALLS = 50, /* under each */
	RULES = 4,
	MOST_TESTS = 2
};

static const char *const names[] = { "read", "write", "close" };

static const struct {
	const char *text;
	uint32_t action;
} actions[] = {
	{ "\"SCMP_ACT_ALLOW\"", SCMP_ACT_ALLOW },
	{ "\"SCMP_ACT_ERRNO\", \"errnoRet\": 5", SCMP_ACT_ERRNO(5) },
	{ "\"SCMP_ACT_LOG\"", SCMP_ACT_LOG },
	{ "\"SCMP_ACT_KILL_PROCESS\"", SCMP_ACT_KILL_PROCESS },
};

/* Lower words alone: 2.5.4 is not to be trusted with upper ones. */
static const struct {
	const char *text;
	enum scmp_compare op;
} ops[] = {
	{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
	{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
};

struct made_rule {
	size_t name, action, count;
	struct scmp_arg_cmp tests[MOST_TESTS];
};

struct made {
	size_t fallback, count;
	struct made_rule rules[RULES];
};

/* Whether two rules of a call that have arguments answer otherwise. */
struct heard {
	unsigned int overlaps;
};

static void
hear(void *context, const char *text)
{
	struct heard *heard = context;

	heard->overlaps += strstr(text, "the stricter one counts") != NULL;
}

static void
make_rule(struct random *random, struct made_rule *rule, size_t count)
{
	*rule =
	    (struct made_rule){ .name = random_below(random, ARRAY_SIZE(names)),
		    .action = random_below(random, ARRAY_SIZE(actions)),
		    .count = random_below(random, 3) == 0 ? 0 : count };
	for (size_t i = 0; i < rule->count; i++) {
		struct scmp_arg_cmp *test = &rule->tests[i];

		*test = (struct scmp_arg_cmp){ .arg = (unsigned int)i,
			.op = ops[random_below(random, ARRAY_SIZE(ops))].op,
			.datum_a = 1 + random_below(random, 7) };
		if (test->op == SCMP_CMP_MASKED_EQ)
			test->datum_b = test->datum_a & random_next(random);
	}
}

/* All rules of a profile have as many arguments, or none. */
static void
make_profile(struct random *random, struct made *made)
{
	size_t count = 1 + random_below(random, MOST_TESTS);

	made->fallback = random_below(random, ARRAY_SIZE(actions));
	made->count = 1 + random_below(random, RULES);
	for (size_t i = 0; i < made->count; i++)
		make_rule(random, &made->rules[i], count);
}

static void
write_rule(const struct made_rule *rule, struct strbuf *buf)
{
	strbuf_printf(buf, "{\"names\": [\"%s\"], \"action\": %s",
	    names[rule->name], actions[rule->action].text);
	for (size_t i = 0; i < rule->count; i++) {
		const struct scmp_arg_cmp *test = &rule->tests[i];
		size_t op = test->op == SCMP_CMP_MASKED_EQ;

		strbuf_printf(buf,
		    "%s{\"index\": %u, \"op\": \"%s\", \"value\": %llu, "
		    "\"valueTwo\": %llu}",
		    i == 0 ? ", \"args\": [" : ", ", test->arg, ops[op].text,
		    (unsigned long long)test->datum_a,
		    (unsigned long long)test->datum_b);
	}
	strbuf_puts(buf, rule->count > 0 ? "]}" : "}");
}

static char *
write_profile(const struct made *made)
{
	struct strbuf buf = { 0 };
	const char *fallback = actions[made->fallback].text;
	const char *comma = strchr(fallback, ',');

	strbuf_printf(&buf, "{\"defaultAction\": %.*s, ",
	    comma != NULL ? (int)(comma - fallback) : (int)strlen(fallback),
	    fallback);
	if (comma != NULL)
		strbuf_puts(&buf, "\"defaultErrnoRet\": 5, ");
	strbuf_puts(&buf, "\"syscalls\": [");
	for (size_t i = 0; i < made->count; i++) {
		strbuf_puts(&buf, i == 0 ? "" : ",\n");
		write_rule(&made->rules[i], &buf);
	}
	strbuf_puts(&buf, "]}");
	return strbuf_take(&buf);
}

/* 0, or 1 where libseccomp does not take it. */
static int
make_theirs(const struct made *made, struct program *program)
{
	scmp_filter_ctx context = seccomp_init(actions[made->fallback].action);
	int fd = memfd_create("filter", MFD_CLOEXEC);
	int error = context == NULL || fd == -1;
	ssize_t length = 0;

	for (size_t i = 0; i < made->count && error == 0; i++) {
		const struct made_rule *rule = &made->rules[i];

		if (rule->action != made->fallback)
			error = seccomp_rule_add_array(context,
			    actions[rule->action].action,
			    seccomp_syscall_resolve_name(names[rule->name]),
			    (unsigned int)rule->count, rule->tests);
	}
	if (error == 0)
		error = seccomp_export_bpf(context, fd);
	if (error == 0)
		length = pread(fd, program->code, sizeof(program->code), 0);
	program->length =
	    (unsigned short)((size_t)length / sizeof(program->code[0]));
	if (context != NULL)
		seccomp_release(context);
	if (fd != -1)
		close(fd);
	return length <= 0;
}

static int
make_ours(char *text, struct program *program, struct heard *heard)
{
	struct filter_file file = { 0 };
	struct ruled_filter *ruled = NULL;
	struct diag diag = { .warn = hear, .context = heard };
	struct format_bytes bytes = { .data = text, .length = strlen(text) };
	const struct filter *filter;
	int r = format_read("test", bytes, &format_oci, &file, &diag);

	if (r == 0)
		r = ruleset_compile(
		    &file, &file.sets[0], arch_native(), &ruled, &diag);
	if (r == 0) {
		filter = &ruled->filter;
		r = program_compile(&filter, 1, program, &diag);
	}
	if (r < 0)
		note("%s", diag.text);
	ruled_filter_free(ruled);
	filter_file_free(&file);
	return r;
}

struct counts {
	unsigned long calls, otherwise, explained;
	unsigned int profiles, refused;
};

static void
compare(struct random *random, const struct program programs[2],
    const struct heard *heard, struct counts *counts, const char *text)
{
	for (int i = 0; i < CALLS; i++) {
		struct call call = { .arch = arch_native()->audit };
		uint32_t answers[2] = { 0, 1 };
		const char *name =
		    names[random_below(random, ARRAY_SIZE(names))];

		call.nr =
		    (uint32_t)arch_number(arch_native(), name, strlen(name));
		call.args[0] = random_below(random, 9);
		call.args[1] = random_below(random, 9);
		program_run(&programs[0], &call, &answers[0], NULL, NULL);
		program_run(&programs[1], &call, &answers[1], NULL, NULL);
		counts->calls++;
		if (answers[0] == answers[1])
			continue;
		if (heard->overlaps > 0) {
			counts->explained++;
			continue;
		}
		if (counts->otherwise++ < 3)
			note("%s(%llu, %llu): here 0x%x, there 0x%x: %s", name,
			    (unsigned long long)call.args[0],
			    (unsigned long long)call.args[1], answers[0],
			    answers[1], text);
	}
}

static void
test_profiles(struct random *random)
{
	static struct program programs[2];
	struct counts counts = { 0 };
	bool fine = true;

	for (int i = 0; i < PROFILES && fine; i++) {
		struct made made;
		struct heard heard = { 0 };
		char *text, *copy;

		make_profile(random, &made);
		text = write_profile(&made);
		copy = text != NULL ? strdup(text) : NULL;
		fine =
		    copy != NULL && make_ours(copy, &programs[0], &heard) == 0;
		if (fine && make_theirs(&made, &programs[1]) != 0)
			counts.refused++;
		else if (fine) {
			counts.profiles++;
			compare(random, programs, &heard, &counts, text);
		}
		free(text);
	}
	ok(fine && counts.otherwise == 0 && counts.profiles > PROFILES / 2,
	    "of %lu calls under %u profiles libseccomp answers 0 otherwise, "
	    "but %lu of rules that a warning names; it refuses %u profiles",
	    counts.calls, counts.profiles, counts.explained, counts.refused);
}
#else
static void
test_profiles(struct random *random)
{
	(void)random;
	skip("libseccomp answers as is read here",
	    "no libseccomp to build with");
}
#endif

int
main(void)
{
	struct random random = { random_seed() };

	test_profiles(&random);
	return tap_done();
}
