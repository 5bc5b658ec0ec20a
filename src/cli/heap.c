/* SPDX-License-Identifier: ISC */
/*
 * The launcher's few small objects come from one static block: to begin a heap
 * takes four system calls and as many pages, for some hundred bytes.  Linked
 * with --wrap=malloc and so on (tools/build-static): what does not fit goes to
 * the C library, and what comes from here is never used again.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_realloc(void *object, size_t size);
void __real_free(void *object);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *object, size_t size);
void __wrap_free(void *object);

/* Before each object stands how large it is. */
#define ALIGNMENT 16

static char block[16384] __attribute__((aligned(4096)));
static char *next = block;

static bool
is_ours(const void *object)
{
	return (const char *)object >= block &&
	       (const char *)object < block + sizeof(block);
}

void *
__wrap_malloc(size_t size)
{
	size_t room = (size_t)(block + sizeof(block) - next);
	char *object = next + ALIGNMENT;

	if (room < 2 * (size_t)ALIGNMENT || size > room - 2 * (size_t)ALIGNMENT)
		return __real_malloc(size);
	memcpy(next, &size, sizeof(size));
	next += ALIGNMENT + ((size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1));
	return object;
}

void *
__wrap_calloc(size_t count, size_t size)
{
	size_t whole;
	void *object;

	if (__builtin_mul_overflow(count, size, &whole))
		whole = PTRDIFF_MAX; /* refused */
	object = __wrap_malloc(whole);
	if (object != NULL)
		memset(object, 0, whole);
	return object;
}

void *
__wrap_realloc(void *object, size_t size)
{
	void *larger;
	size_t old;

	if (object != NULL && !is_ours(object))
		return __real_realloc(object, size);
	larger = __wrap_malloc(size);
	if (object == NULL || larger == NULL)
		return larger;
	memcpy(&old, (char *)object - ALIGNMENT, sizeof(old));
	memcpy(larger, object, old < size ? old : size);
	return larger;
}

void
__wrap_free(void *object)
{
	if (!is_ours(object))
		__real_free(object);
}
