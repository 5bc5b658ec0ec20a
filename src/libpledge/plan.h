/* SPDX-License-Identifier: ISC */
/* Which paths and ports Landlock is to leave, for promises and unveils. */
#ifndef LIBPLEDGE_PLAN_H
#define LIBPLEDGE_PLAN_H

#include "libpledge/record.h"
#include "sandbox/landlock.h"

struct plan_request {
	promise_set next; /* what will be promised */
	bool pledging;
	const char *what; /* what needs it, for a sentence */
	bool hide;        /* what was not unveiled */
	bool only_files;  /* read no others than those of the promises */
	bool only_tmp;    /* make files in /tmp alone */
	bool ports;       /* connect to port 53 alone */
};

/* Says what pledge() needs Landlock ABI for. */
void plan_request_complete(struct plan_request *request);

bool plan_needed(const struct plan_request *request);
/* Whether the promises can be kept without, by refusing more. */
bool plan_optional(const struct plan_request *request);

/* enum circumstance, for the filter that goes with it. */
unsigned int plan_circumstances(const struct plan_request *request);

/* 0 or fail(). */
int plan_make(
    const struct plan_request *request, struct landlock_plan *ret_plan);

#endif
