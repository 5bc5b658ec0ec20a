/* SPDX-License-Identifier: ISC */
#include "compile/filter.h"

#include <linux/seccomp.h>

#include "base/table.h"

/* The strictest first: seccomp(2), "the first-seen action value". */
static const uint32_t precedence[] = {
	SECCOMP_RET_KILL_PROCESS,
	SECCOMP_RET_KILL_THREAD,
	SECCOMP_RET_TRAP,
	SECCOMP_RET_ERRNO,
	SECCOMP_RET_USER_NOTIF,
	SECCOMP_RET_TRACE,
	SECCOMP_RET_LOG,
	SECCOMP_RET_ALLOW,
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

/* 0 is the strictest; an action that the kernel does not know kills, too. */
static size_t
leniency(uint32_t answer)
{
	for (size_t i = 0; i < ARRAY_SIZE(precedence); i++)
		if ((answer & SECCOMP_RET_ACTION_FULL) == precedence[i])
			return i;
	return 0;
}

uint32_t
answer_stricter(uint32_t first, uint32_t second)
{
	return leniency(second) < leniency(first) ? second : first;
}
