/* SPDX-License-Identifier: ISC */
#include "inspect/policy_plan.h"

#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

static int
plan_paths(struct policy_plan *plan, char *const *argv, const char *tmp,
    struct diag *diag)
{
	static char cwd[PATH_MAX];
	char *const none[] = { NULL };
	const struct symbols symbols = { .cwd = getcwd(cwd, sizeof(cwd)),
		.home = getenv("HOME"),
		.tmp = tmp,
		.argv = argv != NULL ? argv : none };
	const struct launch_gifts gifts = { .target = &plan->target,
		.no_redirections = true };
	int r = policy_expand(&plan->policy, &symbols, NULL, diag);

	plan->target.flags = TARGET_DYNAMIC;
	if (r == 0 && argv != NULL)
		r = target_find(argv[0], getenv("PATH"), &plan->target, diag);
	if (r == 0)
		r = launch_paths_user(
		    &plan->paths, &plan->policy, &symbols, diag);
	if (r == 0)
		r = launch_paths_implied(
		    &plan->paths, &plan->policy, &gifts, diag);
	return r;
}

static int
make(struct policy_plan *plan, char *const *argv, const char *tmp,
    struct diag *diag)
{
	struct sandbox_request request = { .policy = &plan->policy,
		.features = &plan->features,
		.arch = arch_native(),
		.launch = true,
		.values = { .pid = (uint64_t)getpid(),
		    .uid = getuid(),
		    .gid = getgid() },
		.best_effort = true };
	int r = user_filters_read(
	    &plan->policy, arch_native(), &plan->filters, diag);

	if (r == 0)
		r = plan_paths(plan, argv, tmp, diag);
	if (r < 0)
		return r;
	features_probe(&plan->features);
	request.dynamic = plan->target.flags & (TARGET_DYNAMIC | TARGET_SCRIPT);
	request.origin = plan->target.flags & TARGET_RUNPATH;
	request.paths = plan->paths.paths;
	request.path_count = plan->paths.count;
	request.filters = plan->filters.filters;
	request.filter_count = plan->filters.count;
	request.allowed = user_filters_allowed(&plan->filters);
	if (getrandom(request.values.cookie, sizeof(request.values.cookie),
	        0) != sizeof(request.values.cookie))
		return diag_errno(diag, "draw a secret");
	return sandbox_compile(&request, &plan->sandbox, diag);
}

int
policy_plan_make(struct policy_plan *plan, char *const *argv, const char *tmp,
    struct diag *diag)
{
	void (*warn)(void *context, const char *text) = diag->warn;
	int r;

	/* What a run warns of is no answer. */
	diag->warn = NULL;
	r = make(plan, argv, tmp, diag);
	diag->warn = warn;
	return r;
}

void
policy_plan_free(struct policy_plan *plan)
{
	target_free(&plan->target);
	policy_free(&plan->policy);
}
