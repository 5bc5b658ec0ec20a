/* SPDX-License-Identifier: ISC */
#include "policy/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "base/table.h"

const struct limit_row limit_rows[LIMIT_COUNT] = {
	[LIMIT_CPU] = { "cpu", "seconds of processor time", RLIMIT_CPU, 'C' },
	[LIMIT_MEMORY] = { "memory", "bytes of address space", RLIMIT_AS, 'M',
	    true },
	[LIMIT_FILES] = { "files", "open files", RLIMIT_NOFILE, 'O' },
	[LIMIT_PROCESSES] = { "processes", "processes of the user",
	    RLIMIT_NPROC, 'P' },
	[LIMIT_FILE_SIZE] = { "filesize", "bytes in a written file",
	    RLIMIT_FSIZE, 'F', true },
};

static void
call_rule_free(struct call_rule *rule)
{
	for (size_t i = 0; i < rule->count; i++) {
		free(rule->tests[i].mask);
		free(rule->tests[i].value);
	}
	free(rule->call);
	free(rule->file);
}

void
policy_free(struct policy *policy)
{
	for (size_t i = 0; i < policy->unveil_count; i++)
		free(policy->unveils[i].path);
	free(policy->unveils);
	for (size_t i = 0; i < policy->filter_count; i++)
		filter_name_free(&policy->filters[i]);
	free(policy->filters);
	for (size_t i = 0; i < policy->call_count; i++)
		call_rule_free(&policy->calls[i]);
	free(policy->calls);
	*policy = (struct policy){ 0 };
}

promise_set
policy_promises(const struct policy *policy)
{
	if (policy->promises_given)
		return policy->promises;
	return PROMISE(STDIO) | PROMISE(RPATH);
}

static int
unknown_promise(const char *word, size_t length, struct diag *diag)
{
	char name[64];
	struct suggest suggest = { .wanted = name };

	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	return diag_set(diag, EINVAL, "unknown promise \"%s\"%s", name,
	    promise_suggest(&suggest));
}

int
policy_add_promises(struct policy *policy, const char *words, struct diag *diag)
{
	promise_set promises = policy->promises;
	size_t length;
	bool take_away;
	int promise;

	for (;;) {
		words += strspn(words, " ,\t\n");
		if (*words == '\0')
			break;
		take_away = *words == '-';
		words += take_away;
		length = strcspn(words, " ,\t\n");
		promise = promise_find(words, length);
		if (promise < 0)
			return unknown_promise(words, length, diag);
		if (promise_rows[promise].flags & PROMISE_NO_MEANING)
			diag_warn(diag,
			    "the promise \"%s\" means nothing on "
			    "Linux",
			    promise_rows[promise].name);
		if (take_away)
			promises &= ~(UINT64_C(1) << promise);
		else
			promises |= UINT64_C(1) << promise;
		words += length;
	}
	policy->promises = promises;
	policy->promises_given = true;
	policy->named = true;
	return 0;
}

int
unveil_letters(const char *text, size_t length, unsigned int *ret_set)
{
	static const char letters[] = "rwxc";
	unsigned int set = 0;
	const char *letter;

	for (size_t i = 0; i < length; i++) {
		letter = text[i] == '\0' ? NULL : strchr(letters, text[i]);
		if (letter == NULL)
			return -EINVAL;
		set |= 1U << (letter - letters);
	}
	if (set == 0)
		return -EINVAL;
	*ret_set = set;
	return 0;
}

int
policy_add(
    struct policy *policy, const struct unveil *unveil, struct diag *diag)
{
	struct unveil *unveils;
	char *copy;

	policy->named = true;
	for (size_t i = 0; i < policy->unveil_count; i++) {
		struct unveil *known = &policy->unveils[i];

		if (known->pattern != unveil->pattern ||
		    strcmp(known->path, unveil->path) != 0)
			continue;
		known->permissions |= unveil->permissions;
		known->optional &= unveil->optional;
		return 0;
	}
	/* Each is compared with each, here and where they are looked at. */
	if (policy->unveil_count == POLICY_UNVEILS)
		return diag_set(diag, E2BIG,
		    "more than %d paths; unveil what is above them",
		    POLICY_UNVEILS);
	copy = strdup(unveil->path);
	unveils = reallocarray(
	    policy->unveils, policy->unveil_count + 1, sizeof(*unveils));
	if (unveils != NULL)
		policy->unveils = unveils;
	if (copy == NULL || unveils == NULL) {
		free(copy);
		return diag_set(diag, ENOMEM, "out of memory");
	}
	unveils[policy->unveil_count] = *unveil;
	unveils[policy->unveil_count++].path = copy;
	return 0;
}

int
policy_add_unveil(struct policy *policy, const char *path,
    unsigned int permissions, bool optional, struct diag *diag)
{
	cleanup_free char *copy = strdup(path);
	const struct unveil unveil = {
		.path = copy, .permissions = permissions, .optional = optional
	};

	if (copy == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	return policy_add(policy, &unveil, diag);
}

int
policy_add_unveil_option(
    struct policy *policy, const char *text, struct diag *diag)
{
	char path[4096 + sizeof("@CWD/")];
	unsigned int permissions = UNVEIL_R;
	const char *colon = strchr(text, ':');
	const char *name = text;
	const char *lead = "";
	bool optional;

	/* A name may hold a colon itself: only letters of rwxc are a prefix. */
	if (colon != NULL &&
	    unveil_letters(text, (size_t)(colon - text), &permissions) == 0)
		name = colon + 1;
	else if (colon != NULL && colon > text &&
	         strcspn(text, "/") > (size_t)(colon - text) &&
	         strchr("/@.-", colon[1]) != NULL)
		diag_warn(diag,
		    "unveil \"%s\": \"%.*s\" is not of the letters rwxc; all "
		    "of it is taken for a name",
		    text, (int)(colon - text), text);
	optional = *name == '-';
	name += optional;
	if (*name == '\0')
		return diag_set(diag, EINVAL,
		    "unveil \"%s\": no path; write "
		    "PERM:PATH, for example r:/etc",
		    text);
	if (*name != '/' && !symbol_leads(name))
		lead = "@CWD/";
	while (lead[0] != '\0' && strncmp(name, "./", 2) == 0)
		name += 2 + strspn(name + 2, "/");
	if (lead[0] != '\0' && (*name == '\0' || strcmp(name, ".") == 0)) {
		lead = "";
		name = "@CWD";
	}
	if (strlen(lead) + strlen(name) >= sizeof(path))
		return diag_set(diag, ENAMETOOLONG,
		    "unveil: the path is "
		    "longer than 4096 bytes");
	snprintf(path, sizeof(path), "%s%s", lead, name);
	return policy_add_unveil(policy, path, permissions, optional, diag);
}

static unsigned int
unit_shift(const char *unit)
{
	static const char *const units[] = { "", "K", "M", "G", "T" };

	for (unsigned int i = 0; i < ARRAY_SIZE(units); i++)
		if (strcmp(unit, units[i]) == 0)
			return 10 * i;
	return 64;
}

int
policy_set_limit(struct policy *policy, enum limit limit, const char *text,
    struct diag *diag)
{
	const struct limit_row *row = &limit_rows[limit];
	unsigned long long value;
	unsigned int shift;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	shift = unit_shift(end);
	if (text[0] < '0' || text[0] > '9' || errno != 0 || shift == 64 ||
	    (shift != 0 && !row->bytes) || value > UINT64_MAX >> shift)
		return diag_set(diag, EINVAL,
		    "\"%s\" is no limit; write a "
		    "number (%s)%s",
		    text, row->text,
		    row->bytes ? ", or one with K, M or G" : "");
	policy->limited[limit] = true;
	policy->limits[limit] = (uint64_t)value << shift;
	return 0;
}
