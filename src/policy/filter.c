/* SPDX-License-Identifier: ISC */
/* The user's seccomp filters, as a policy names them: FILE[:NAME]. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "policy/policy.h"

void
filter_name_free(struct filter_name *filter)
{
	free(filter->path);
	free(filter->name);
	*filter = (struct filter_name){ 0 };
}

/* TEXT within DIRECTORY (NULL: as it is), to be freed. */
static char *
path_within(const char *directory, const char *text)
{
	char *path;

	if (*text == '/' || directory == NULL)
		return strdup(text);
	return asprintf(&path, "%s/%s", directory, text) < 0 ? NULL : path;
}

int
filter_name_split(
    const char *text, const char *directory, struct filter_name *ret_name)
{
	const char *colon = strrchr(text, ':');
	cleanup_free char *whole = path_within(directory, text);
	bool named = false;

	*ret_name = (struct filter_name){ 0 };
	if (whole == NULL)
		return -ENOMEM;
	if (colon != NULL &&
	    (strchr(colon, '/') != NULL || access(whole, F_OK) == 0))
		colon = NULL;
	ret_name->path = colon == NULL ? strdup(text)
	                               : strndup(text, (size_t)(colon - text));
	if (colon != NULL && colon[1] != '\0') {
		named = true;
		ret_name->name = strdup(colon + 1);
	}
	if (ret_name->path != NULL && (!named || ret_name->name != NULL))
		return 0;
	filter_name_free(ret_name);
	return -ENOMEM;
}

/* PATH within DIRECTORY, or within the working directory, in place. */
static int
make_absolute(struct filter_name *filter, const char *directory)
{
	cleanup_free char *current = NULL;
	char *path;

	if (*filter->path == '/')
		return 0;
	if (directory == NULL) {
		current = getcwd(NULL, 0);
		if (current == NULL)
			return -errno;
	}
	if (asprintf(&path, "%s/%s", current != NULL ? current : directory,
	        filter->path) < 0)
		return -ENOMEM;
	free(filter->path);
	filter->path = path;
	return 0;
}

static bool
is_same(const struct filter_name *a, const struct filter_name *b)
{
	if (strcmp(a->path, b->path) != 0)
		return false;
	if (a->name == NULL || b->name == NULL)
		return a->name == b->name;
	return strcmp(a->name, b->name) == 0;
}

/* Takes FILTER over; once is enough. */
static int
append(struct policy *policy, struct filter_name *filter)
{
	struct filter_name *filters;

	for (size_t i = 0; i < policy->filter_count; i++)
		if (is_same(filter, &policy->filters[i])) {
			filter_name_free(filter);
			return 0;
		}
	filters = reallocarray(
	    policy->filters, policy->filter_count + 1, sizeof(*filters));
	if (filters == NULL)
		return -ENOMEM;
	policy->filters = filters;
	filters[policy->filter_count++] = *filter;
	*filter = (struct filter_name){ 0 };
	return 0;
}

int
policy_add_filter(struct policy *policy, const char *text,
    const char *directory, struct diag *diag)
{
	struct filter_name filter;
	int r;

	policy->named = true;
	if (*text == '\0' || *text == ':')
		return diag_set(diag, EINVAL,
		    "filter \"%s\": no file; write FILE or FILE:NAME", text);
	r = filter_name_split(text, directory, &filter);
	if (r == 0)
		r = make_absolute(&filter, directory);
	if (r == 0)
		r = append(policy, &filter);
	filter_name_free(&filter);
	if (r == 0)
		return 0;
	errno = -r;
	return diag_errno(diag, "filter %s", text);
}
