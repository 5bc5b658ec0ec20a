/* SPDX-License-Identifier: ISC */
#include "inspect/meant.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "kernel/features.h"

int
meant_make(struct meant *meant, bool dynamic, struct diag *diag)
{
	struct features features;
	/* The secret and the IDs are invented: they stand for any. */
	struct sandbox_request request = { .policy = &meant->policy,
		.features = &features,
		.arch = arch_native(),
		.launch = true,
		.dynamic = dynamic,
		.values = { .cookie = { 0x123456789, 0xabcdef0123, 0x4567 },
		    .pid = 4711,
		    .uid = 1001,
		    .gid = 1002 },
		.best_effort = true };
	struct diag silent = { 0 };
	int r = user_filters_read(
	    &meant->policy, arch_native(), &meant->filters, diag);

	if (r < 0)
		return r;
	meant->sandbox = calloc(1, sizeof(*meant->sandbox));
	if (meant->sandbox == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	features_probe(&features);
	request.filters = meant->filters.filters;
	request.filter_count = meant->filters.count;
	request.allowed = user_filters_allowed(&meant->filters);
	r = sandbox_compile(&request, meant->sandbox, &silent);
	if (r < 0)
		return diag_set(diag, -r, "%s", silent.text);
	meant->count = sandbox_filters(meant->sandbox, meant->all);
	return 0;
}

uint32_t
meant_answer(const struct meant *meant, const struct call *call)
{
	uint32_t answer = SECCOMP_RET_ALLOW;

	for (size_t i = 0; i < meant->count; i++)
		answer = answer_stricter(
		    answer, filter_answer(meant->all[i], call, NULL));
	for (size_t i = 0; i < meant->filters.program_count; i++) {
		struct diag silent = { 0 };
		uint32_t one = SECCOMP_RET_KILL_PROCESS;

		program_run(
		    meant->filters.programs[i], call, &one, NULL, &silent);
		answer = answer_stricter(answer, one);
	}
	return answer;
}

void
meant_free(struct meant *meant)
{
	policy_free(&meant->policy);
	user_filters_free(&meant->filters);
	free(meant->sandbox);
	meant->sandbox = NULL;
}
