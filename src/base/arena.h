/* SPDX-License-Identifier: ISC */
/* Memory that is given back all at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *blocks;
};

/* COUNT times SIZE bytes of zero, or NULL; aligned for anything. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);
char *arena_copy(struct arena *arena, const char *text);
void arena_free(struct arena *arena);

#define cleanup_arena __attribute__((cleanup(arena_free)))

#endif
