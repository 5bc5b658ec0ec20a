/* SPDX-License-Identifier: ISC */
/*
 * One self-contained HTML page about a run: its calls by promise over time,
 * the paths that it touched against those that were granted, and the policy
 * beside them.  Whoever watches tells page_call() and page_path() what happens;
 * memory is bounded whatever the run does, and the page says what was cut.
 *
 * The page fetches nothing and runs no script, and says so to the browser.
 */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "policy/policy.h"

#define PAGE_SLOTS 160
#define PAGE_PATHS 20000

/* Lanes of the chart: one a promise, and calls that need none or get none. */
#define PAGE_ALWAYS PROMISE_COUNT
#define PAGE_NEVER  (PROMISE_COUNT + 1)
#define PAGE_LANES  (PROMISE_COUNT + 2)

struct page_lane {
	uint32_t slots[PAGE_SLOTS];
	uint64_t calls, failed;
};

struct page_path {
	char *path;
	unsigned int uses;    /* enum unveil_permission; 0: only looked at */
	unsigned int granted; /* likewise, of those: by the policy */
	uint64_t calls, failed;
	uint32_t next; /* with the same hash: index + 1 */
};

struct page {
	double slot; /* seconds in each slot; 0: nothing was told yet */
	double end;  /* the last call */
	struct page_lane lanes[PAGE_LANES];
	struct page_path *paths;
	size_t path_count, path_capacity;
	uint64_t paths_cut; /* calls whose paths did not fit */
	uint32_t *heads;
	bool failed; /* memory is out: something is missing */
};

/* A call of LANE has ended, WHEN seconds after the beginning. */
void page_call(struct page *page, double when, unsigned int lane, bool failed);

/* The row of PATH, made if there is none; NULL: it does not fit. */
struct page_path *page_path(struct page *page, const char *path);

void page_free(struct page *page);

/* --- What is written --- */

/* A line of the policy, or of what it lacks. */
enum page_state {
	PAGE_PLAIN,
	PAGE_USED,
	PAGE_UNUSED,  /* granted, and nothing needed it */
	PAGE_MISSING, /* needed, and not granted */
};

struct page_line {
	enum page_state state;
	const char *text; /* in a policy's own words */
	const char *note; /* or NULL */
};

/* One name of a call. */
struct page_total {
	const char *name, *promises;
	uint64_t calls, errors;
	double seconds;
};

struct page_about {
	const char *program; /* "trace": which verb wrote it */
	const char *command; /* as a shell would read it */
	const char *ending;  /* "exit status 0" */
	const char *policy_title;
	const char *policy_note; /* or NULL */
	double seconds;
	uint64_t processes;
	const char *processes_title; /* NULL: "processes" */
	bool judged;                 /* `granted` of paths has a meaning */
	const struct page_line *lines;
	size_t line_count;
	const struct page_total *totals;
	size_t total_count;
};

/* Sorts its paths. */
void page_write(
    struct page *page, const struct page_about *about, struct strbuf *buf);

#endif
