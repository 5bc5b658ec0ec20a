/* SPDX-License-Identifier: ISC */
#include "inspect/prove.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "inspect/filter_compare.h"

int
prove_result(int r, const struct verify_case *one, const char *place,
    const struct diag *said, struct diag *diag)
{
	cleanup_strbuf struct strbuf line = { 0 };

	if (r == 0)
		return 0;
	if (r == -E2BIG) {
		diag_warn(diag, "%s%sthe program is not proved: %s", place,
		    *place != '\0' ? ": " : "", said->text);
		return 0;
	}
	if (r < 0)
		return diag_set(diag, -r, "%s", said->text);
	add_difference(&line, one);
	return diag_set(diag, EPROTO, "the program made is wrong: %s",
	    line.failed ? "" : line.data);
}

int
sandbox_prove(const struct sandbox *sandbox, struct diag *diag)
{
	struct verify_case one = { 0 };
	struct diag silent = { 0 };
	int r;

	/* A kernel without filters, and --best-effort: there is none. */
	if (sandbox->program.length == 0)
		return 0;
	r = verify_sandbox(sandbox, &one, &silent);
	return prove_result(r, &one, "", &silent, diag);
}

int
policy_prove(const struct policy *policy, struct user_filters *filters,
    struct diag *diag)
{
	cleanup_free struct sandbox *sandbox = calloc(1, sizeof(*sandbox));
	struct features features = { .has = { [FEATURE_SECCOMP] = true } };
	/* Any numbers do; the same ones would hide that they are mixed up. */
	const struct sandbox_request request = { .policy = policy,
		.features = &features,
		.arch = arch_native(),
		.launch = true,
		.dynamic = true,
		.values = { .cookie = { 0x123456789, 0xabcdef0123, 0x4567 },
		    .pid = 4711,
		    .uid = 1001,
		    .gid = 1002 },
		.filters = filters->filters,
		.filter_count = filters->count,
		.allowed = user_filters_allowed(filters),
		.best_effort = true };
	/* What this machine lacks is no matter here. */
	struct diag silent = { 0 };
	int r;

	if (sandbox == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	r = sandbox_compile(&request, sandbox, &silent);
	if (r == -EINVAL) {
		/* A part of a policy, perhaps. */
		diag_warn(diag, "this policy cannot be run: %s", silent.text);
		return 0;
	}
	if (r < 0)
		return diag_set(diag, -r, "%s", silent.text);
	return sandbox_prove(sandbox, diag);
}
