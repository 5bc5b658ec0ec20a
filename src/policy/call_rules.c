/* SPDX-License-Identifier: ISC */
/* "allow CALL [ARG OP VALUE]..." and "deny ...", and what cannot be allowed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/suggest.h"
#include "base/table.h"
#include "call/arch.h"
#include "policy/calls.h"
#include "policy/line.h"
#include "policy/promise.h"

const char *const call_op_words[CALL_OPS] = { [CALL_EQ] = "==",
	[CALL_NE] = "!=",
	[CALL_LT] = "<",
	[CALL_LE] = "<=",
	[CALL_GT] = ">",
	[CALL_GE] = ">=" };

const struct wall_row wall_rows[] = {
	{ "io_uring_setup io_uring_enter io_uring_register",
	    "it does what other calls do, where no filter sees them" },
	{ "clone3 openat2",
	    "its arguments are in memory, where no filter sees them" },
	{ "ptrace process_vm_readv process_vm_writev pidfd_getfd "
	  "process_madvise",
	    "it acts through other processes, which are not confined" },
	{ "bpf perf_event_open userfaultfd",
	    "it reaches into the kernel, past what confines the command" },
	{ "open_by_handle_at", "it opens files whatever their paths are" },
	{ "mount umount2 umount pivot_root chroot open_tree open_tree_attr "
	  "move_mount fsopen fsconfig fsmount fspick mount_setattr",
	    "it changes which file a path is" },
	{ "unshare setns", "it enters namespaces, where the user is root" },
	{ "keyctl add_key request_key",
	    "keys belong to the user, and are not named by paths" },
	{ "execve execveat", "it starts programs; that is the promise exec" },
	{ "seccomp", "a listener can answer in the kernel's place; what only "
	             "narrows is allowed already" },
	{ "init_module finit_module delete_module kexec_load kexec_file_load "
	  "iopl ioperm modify_ldt",
	    "it changes the kernel, or the processor under it" },
};
const size_t wall_row_count = ARRAY_SIZE(wall_rows);

static bool
names_call(const char *list, const char *call)
{
	struct call_word word;

	while (call_word_next(&list, &word))
		if (strncmp(word.name, call, word.length) == 0 &&
		    call[word.length] == '\0')
			return true;
	return false;
}

const struct wall_row *
wall_find(const char *call)
{
	for (size_t i = 0; i < wall_row_count; i++)
		if (names_call(wall_rows[i].calls, call))
			return &wall_rows[i];
	return NULL;
}

/* Whether some promise has it: what they leave out of it, they leave out
 * because it undoes something else (clone's namespaces, ioctl's TIOCSTI, mmap's
 * executable memory). */
static bool
is_promised(const char *call)
{
	for (size_t i = 0; i < PROMISE_COUNT; i++)
		if (names_call(promise_rows[i].calls, call))
			return true;
	for (size_t i = 0; i < grant_row_count; i++)
		if (names_call(grant_rows[i].calls, call))
			return true;
	return false;
}

static int
check_call(const char *call, bool allow, struct diag *diag)
{
	const struct arch *arch = arch_native();
	struct suggest suggest = { .wanted = call };
	const struct wall_row *wall = allow ? wall_find(call) : NULL;

	if (wall != NULL)
		return diag_set(diag, EPERM,
		    "%s cannot be allowed by itself: %s", call, wall->text);
	if (allow && is_promised(call))
		return diag_set(diag, EPERM,
		    "%s cannot be allowed by itself: promises grant as much of "
		    "it as undoes nothing else",
		    call);
	if (arch_number(arch, call, strlen(call)) >= 0)
		return 0;
	for (size_t i = 0; i < arch->count; i++)
		suggest_consider(&suggest, arch->names[arch->by_name[i]]);
	return diag_set(diag, EINVAL, "%s has no system call \"%.100s\"%s",
	    arch->name, call, suggest_text(&suggest));
}

/* What stands for a value: a number, or symbols. */
static bool
is_value(const char *text)
{
	return *text != '\0' &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
	                    "yz0123456789_|-~") == strlen(text);
}

static int
find_op(const char *text)
{
	for (int i = 0; i < CALL_OPS; i++)
		if (strcmp(text, call_op_words[i]) == 0)
			return i;
	return -1;
}

/* "arg1 == 5" or "arg1 & 7 == 5", from the AT'th word on; moves AT behind. */
static int
parse_test(const struct line *line, size_t *at, struct call_test *test,
    struct diag *diag)
{
	const struct word *words = line->words + *at;
	size_t left = line->count - *at, next = 1;
	int op = -1;

	if (strncmp(words[0].text, "arg", 3) != 0 || words[0].text[3] < '0' ||
	    words[0].text[3] > '5' || words[0].text[4] != '\0') {
		diag_set(diag, EINVAL,
		    "expected arg0 to arg5, then == != < <= > >= or & MASK ==, "
		    "then a value; not \"%s\"",
		    words[0].text);
		return line_error(line, words[0].column, diag);
	}
	test->arg = (uint8_t)(words[0].text[3] - '0');
	if (left > 2 && strcmp(words[1].text, "&") == 0) {
		test->mask = strdup(words[2].text);
		next = 3;
	}
	if (left > next + 1)
		op = find_op(words[next].text);
	if (op < 0 || (next == 3 && op != CALL_EQ) ||
	    !is_value(words[next + 1].text) ||
	    (next == 3 && !is_value(words[2].text))) {
		diag_set(diag, EINVAL,
		    "expected, behind %s: == != < <= > >= or & MASK ==, and a "
		    "value",
		    words[0].text);
		return line_error(line, words[0].column, diag);
	}
	test->op = (uint8_t)op;
	test->value = strdup(words[next + 1].text);
	*at += next + 2;
	if (test->value == NULL || (next == 3 && test->mask == NULL))
		return diag_set(diag, ENOMEM, "out of memory");
	return 0;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
is_same_test(const struct call_test *a, const struct call_test *b)
{
	return a->arg == b->arg && a->op == b->op &&
	       same_text(a->mask, b->mask) && same_text(a->value, b->value);
}

/* As they are written: 5 and 0x5 are two. */
static bool
covers(const struct call_rule *wide, const struct call_rule *rule)
{
	if (wide->allow != rule->allow || strcmp(wide->call, rule->call) != 0)
		return false;
	for (size_t i = 0; i < wide->count; i++) {
		bool found = false;

		for (size_t j = 0; j < rule->count; j++)
			found = found ||
			        is_same_test(&wide->tests[i], &rule->tests[j]);
		if (!found)
			return false;
	}
	return true;
}

bool
policy_has_call(const struct policy *policy, const struct call_rule *rule)
{
	for (size_t i = 0; i < policy->call_count; i++)
		if (covers(&policy->calls[i], rule))
			return true;
	return false;
}

/* Room for one more, of zeros; NULL: no memory. */
static struct call_rule *
new_rule(struct policy *policy)
{
	struct call_rule *rules =
	    reallocarray(policy->calls, policy->call_count + 1, sizeof(*rules));

	if (rules == NULL)
		return NULL;
	policy->calls = rules;
	policy->named = true;
	rules[policy->call_count] = (struct call_rule){ .allow = false };
	return &rules[policy->call_count++];
}

int
policy_add_call(
    struct policy *policy, const struct call_rule *rule, struct diag *diag)
{
	struct call_rule *copy;
	bool failed;

	if (policy_has_call(policy, rule))
		return 0;
	copy = new_rule(policy);
	if (copy == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	copy->allow = rule->allow;
	copy->line = rule->line;
	copy->count = rule->count;
	copy->call = strdup(rule->call);
	copy->file = strdup(rule->file);
	failed = copy->call == NULL || copy->file == NULL;
	for (size_t i = 0; i < rule->count; i++) {
		const struct call_test *test = &rule->tests[i];

		copy->tests[i] = (struct call_test){ .arg = test->arg,
			.op = test->op,
			.value = strdup(test->value),
			.mask =
			    test->mask != NULL ? strdup(test->mask) : NULL };
		failed = failed || copy->tests[i].value == NULL ||
		         (test->mask != NULL && copy->tests[i].mask == NULL);
	}
	return failed ? diag_set(diag, ENOMEM, "out of memory") : 0;
}

const struct call_rule *
policy_exceeds_calls(const struct policy *policy, const struct policy *most)
{
	for (size_t i = 0; i < policy->call_count; i++)
		if (policy->calls[i].allow &&
		    !policy_has_call(most, &policy->calls[i]))
			return &policy->calls[i];
	return NULL;
}

int
policy_add_denials(
    struct policy *policy, const struct policy *from, struct diag *diag)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < from->filter_count; i++) {
		const struct filter_name *filter = &from->filters[i];
		cleanup_strbuf struct strbuf word = { 0 };

		strbuf_printf(&word, "%s:%s", filter->path,
		    filter->name != NULL ? filter->name : "");
		if (word.failed)
			return diag_set(diag, ENOMEM, "out of memory");
		r = policy_add_filter(policy, word.data, "", diag);
	}
	for (size_t i = 0; r == 0 && i < from->call_count; i++)
		if (!from->calls[i].allow)
			r = policy_add_call(policy, &from->calls[i], diag);
	return r;
}

static int
parse_call(struct policy *policy, const struct line *line, bool allow,
    struct diag *diag)
{
	struct call_rule *rule = new_rule(policy);
	int r = 0;

	if (rule == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	*rule = (struct call_rule){ .allow = allow,
		.call = strdup(line->words[1].text),
		.file = strdup(line->source->name),
		.line = line->number };
	if (rule->call == NULL || rule->file == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	if (check_call(rule->call, allow, diag) < 0)
		return line_error(line, line->words[1].column, diag);
	for (size_t at = 2; at < line->count && r == 0;) {
		if (rule->count == CALL_TESTS) {
			diag_set(diag, EINVAL, "more than %d comparisons",
			    CALL_TESTS);
			return line_error(line, line->words[at].column, diag);
		}
		r = parse_test(line, &at, &rule->tests[rule->count++], diag);
	}
	return r;
}

int
parse_allow(struct policy *policy, const struct line *line, struct diag *diag)
{
	return parse_call(policy, line, true, diag);
}

int
parse_deny(struct policy *policy, const struct line *line, struct diag *diag)
{
	return parse_call(policy, line, false, diag);
}
