/* SPDX-License-Identifier: ISC */
#include "page/page.h"

#include <stdlib.h>
#include <string.h>

#define HEADS      4096
#define FIRST_SLOT 1e-4 /* seconds */

/* Two slots become one, so that the same number lasts twice as long. */
static void
halve(struct page *page)
{
	for (size_t i = 0; i < PAGE_LANES; i++) {
		uint32_t *slots = page->lanes[i].slots;

		for (size_t j = 0; j < PAGE_SLOTS / 2; j++)
			slots[j] = slots[2 * j] + slots[2 * j + 1];
		memset(
		    slots + PAGE_SLOTS / 2, 0, PAGE_SLOTS / 2 * sizeof(*slots));
	}
	page->slot *= 2;
}

void
page_call(struct page *page, double when, unsigned int lane, bool failed)
{
	if (when < 0)
		when = 0;
	if (page->slot == 0)
		page->slot = FIRST_SLOT;
	while (when >= page->slot * PAGE_SLOTS)
		halve(page);
	page->lanes[lane].slots[(size_t)(when / page->slot)]++;
	page->lanes[lane].calls++;
	page->lanes[lane].failed += failed;
	if (when > page->end)
		page->end = when;
}

static uint32_t
hash(const char *text)
{
	uint32_t value = 2166136261u; /* FNV-1a */

	for (; *text != '\0'; text++)
		value = (value ^ (unsigned char)*text) * 16777619u;
	return value % HEADS;
}

static bool
make_room(struct page *page)
{
	size_t capacity = page->path_capacity;
	struct page_path *paths;

	if (page->heads == NULL)
		page->heads = calloc(HEADS, sizeof(*page->heads));
	if (page->heads == NULL)
		return false;
	if (page->path_count < capacity)
		return true;
	capacity = capacity == 0 ? 256 : 2 * capacity;
	paths = realloc(page->paths, capacity * sizeof(*paths));
	if (paths == NULL)
		return false;
	page->paths = paths;
	page->path_capacity = capacity;
	return true;
}

static struct page_path *
add_path(struct page *page, const char *path, uint32_t *head)
{
	struct page_path *row = &page->paths[page->path_count];

	*row = (struct page_path){ .path = strdup(path), .next = *head };
	if (row->path == NULL) {
		page->failed = true;
		return NULL;
	}
	*head = (uint32_t)++page->path_count;
	return row;
}

struct page_path *
page_path(struct page *page, const char *path)
{
	uint32_t *head;

	if (!make_room(page)) {
		page->failed = true;
		return NULL;
	}
	head = &page->heads[hash(path)];
	for (uint32_t at = *head; at != 0; at = page->paths[at - 1].next)
		if (strcmp(page->paths[at - 1].path, path) == 0)
			return &page->paths[at - 1];
	if (page->path_count == PAGE_PATHS) {
		page->paths_cut++;
		return NULL;
	}
	return add_path(page, path, head);
}

void
page_free(struct page *page)
{
	for (size_t i = 0; i < page->path_count; i++)
		free(page->paths[i].path);
	free(page->paths);
	free(page->heads);
	*page = (struct page){ 0 };
}
