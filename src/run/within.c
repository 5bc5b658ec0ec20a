/* SPDX-License-Identifier: ISC */
#include "run/within.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Seen by both processes; the child's descriptors are closed by its launch. */
struct within_end {
	bool failed; /* the child could not become the command */
	int status;
	struct diag diag;
};

int
within_plan(struct within *ret_within, const struct run *run, struct diag *diag)
{
	struct within *within = ret_within;

	*within =
	    (struct within){ .run = *run, .watcher = getpid(), .diag = diag };
	within->end = mmap(NULL, sizeof(*within->end), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (within->end == MAP_FAILED) {
		within->end = NULL;
		diag_errno(diag, "a page to share");
		return STATUS_FAILED;
	}
	return run_plan(&within->run, policy_wants_tmp(&within->run.policy),
	    &within->plan, diag);
}

int
within_become(void *context)
{
	const struct within *within = context;
	struct within_end *end = within->end;
	struct diag diag = { .warn = within->diag->warn,
		.context = within->diag->context };

	end->status =
	    run_become(&within->run, RUN_UNHEARD, within->watcher, &diag);
	memcpy(end->diag.text, diag.text, sizeof(diag.text));
	end->diag.err = diag.err;
	end->failed = true;
	return diag.err != 0 ? diag.err : EACCES;
}

int
within_finish(struct within *within, int status, struct diag *diag)
{
	const struct within_end *end = within->end;

	if (end == NULL)
		return status;
	if (end->failed) {
		status = end->status;
		if (end->diag.err != 0)
			diag_set(diag, end->diag.err, "%s", end->diag.text);
		else
			diag_set(diag, EACCES,
			    "%s: it cannot be run under the ceiling",
			    within->run.argv[0]);
	}
	run_plan_end(diag);
	munmap(within->end, sizeof(*within->end));
	within->end = NULL;
	return status;
}
