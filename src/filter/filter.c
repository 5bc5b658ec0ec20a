/* SPDX-License-Identifier: ISC */
#include "filter/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "call/errnos.h"
#include "policy/policy.h"

/* The strictest first: seccomp(2), "the first-seen action value". */
static const struct {
	uint32_t action;
	const char *name;
} precedence[] = {
	{ SECCOMP_RET_KILL_PROCESS, "kill_process" },
	{ SECCOMP_RET_KILL_THREAD, "kill_thread" },
	{ SECCOMP_RET_TRAP, "trap" },
	{ SECCOMP_RET_ERRNO, "errno" },
	{ SECCOMP_RET_USER_NOTIF, "user_notif" },
	{ SECCOMP_RET_TRACE, "trace" },
	{ SECCOMP_RET_LOG, "log" },
	{ SECCOMP_RET_ALLOW, "allow" },
};

void
filter_add(struct filter *filter, unsigned int nr,
    const struct condition *condition, uint32_t action, uint16_t origin)
{
	/* A number that cannot be kept must not become another one's rule. */
	if (filter->count == FILTER_RULES || nr > UINT16_MAX) {
		filter->overflow = 1;
		return;
	}
	filter->rules[filter->count++] = (struct rule){
		.nr = (uint16_t)nr,
		.origin = origin,
		.action = action,
		.condition = condition,
	};
}

int
filter_exempt(struct filter *filter, unsigned int nr,
    const struct condition *condition, uint16_t origin)
{
	if (filter->count == FILTER_RULES || nr > UINT16_MAX)
		return -E2BIG;
	memmove(filter->rules + 1, filter->rules,
	    filter->count * sizeof(filter->rules[0]));
	filter->count++;
	filter->rules[0] = (struct rule){
		.nr = (uint16_t)nr,
		.origin = origin,
		.action = SECCOMP_RET_ALLOW,
		.condition = condition,
	};
	return 0;
}

const char *
answer_text(uint32_t answer, char *buffer)
{
	uint32_t action = answer & SECCOMP_RET_ACTION_FULL;
	unsigned int data = answer & SECCOMP_RET_DATA;
	const char *name = "unknown action, kill_process";

	for (size_t i = 0; i < ARRAY_SIZE(precedence); i++)
		if (precedence[i].action == action)
			name = precedence[i].name;
	if (action == SECCOMP_RET_ERRNO && errno_name((int)data) != NULL)
		snprintf(buffer, ANSWER_TEXT, "%s %u (%s)", name, data,
		    errno_name((int)data));
	else if (action == SECCOMP_RET_ERRNO || data != 0)
		snprintf(buffer, ANSWER_TEXT, "%s %u", name, data);
	else
		snprintf(buffer, ANSWER_TEXT, "%s", name);
	return buffer;
}

uint32_t
filter_answer(const struct filter *filter, const struct call *call,
    const struct rule **ret_rule)
{
	const struct rule *rule = filter->rules;
	const struct rule *end = filter->rules + filter->count;

	if (ret_rule != NULL)
		*ret_rule = NULL;
	if (call->arch != filter->arch->audit)
		return filter->foreign;
	if ((filter->arch->quirks & ARCH_X32) && call->nr >= ARCH_X32_BIT)
		return filter->x32;
	if (call->nr > filter->arch->max)
		return filter->unknown;
	for (; rule < end; rule++) {
		if (rule->nr != call->nr)
			continue;
		if (rule->condition != NULL &&
		    !condition_holds(rule->condition, call))
			continue;
		if (ret_rule != NULL)
			*ret_rule = rule;
		return rule->action;
	}
	return filter->fallback;
}

bool
answer_lets_through(uint32_t answer)
{
	answer &= SECCOMP_RET_ACTION_FULL;
	return answer == SECCOMP_RET_ALLOW || answer == SECCOMP_RET_LOG;
}

int
answer_errno(uint32_t answer)
{
	switch (answer & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		return (int)(answer & SECCOMP_RET_DATA);
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return ENOSYS; /* nobody is there to answer it */
	default:
		return 0;
	}
}

/* 0 is the strictest; an action that the kernel does not know kills, too. */
static size_t
leniency(uint32_t answer)
{
	for (size_t i = 0; i < ARRAY_SIZE(precedence); i++)
		if ((answer & SECCOMP_RET_ACTION_FULL) == precedence[i].action)
			return i;
	return 0;
}

uint32_t
answer_stricter(uint32_t first, uint32_t second)
{
	return leniency(second) < leniency(first) ? second : first;
}
