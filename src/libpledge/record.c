/* SPDX-License-Identifier: ISC */
#include "libpledge/record.h"

#include <errno.h>
#include <pledge.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

struct record record;

/* In the room that the loader has for late libraries: nothing is allocated. */
static __thread char detail[256] __attribute__((tls_model("initial-exec")));

/* The holder, by an address that no other thread has. */
typedef _Atomic uintptr_t lock;
static lock plain_lock;
/* The same in a page that fork(2) clears, once there is one. */
static lock *_Atomic forked_lock;
static lock *holding; /* the one that was taken */

static lock *
find_lock(void)
{
	lock *page = atomic_load(&forked_lock), *none = NULL;
	const size_t size = 4096;

	if (page != NULL)
		return page;
	page = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return &plain_lock;
	/* Linux 4.14; before, a fork in the wrong moment is the caller's. */
	madvise(page, size, MADV_WIPEONFORK);
	if (atomic_compare_exchange_strong(&forked_lock, &none, page))
		return page;
	munmap(page, size);
	return none;
}

bool
record_lock(void)
{
	uintptr_t self = (uintptr_t)detail, holder = 0;
	lock *held = find_lock();

	while (!atomic_compare_exchange_weak(held, &holder, self)) {
		if (holder == self) {
			fail(EDEADLK, "a signal handler interrupted this very "
			              "thread's pledge() or unveil()");
			return false;
		}
		/* Not sched_yield(2): it may have been given up. */
		holder = 0;
	}
	holding = held;
	return true;
}

void
record_unlock(void)
{
	atomic_store(holding, 0);
}

bool
record_allows(promise_set words)
{
	return !record.pledged || (record.promises & words) == words;
}

int
fail_with(int err, const char *const *parts)
{
	size_t used = 0, length;

	for (; *parts != NULL; parts++) {
		length = strlen(*parts);
		if (length > sizeof(detail) - 1 - used)
			length = sizeof(detail) - 1 - used;
		memcpy(detail + used, *parts, length);
		used += length;
	}
	detail[used] = '\0';
	errno = err;
	return -1;
}

void
forget_detail(void)
{
	detail[0] = '\0';
}

PUBLIC const char *
pledge_detail(void)
{
	return detail;
}

PUBLIC int
pledge_option(int option, int value)
{
	forget_detail();
	if (option != PLEDGE_UNVEIL_PARENT && option != PLEDGE_UNVEIL_UNION)
		return fail(EINVAL, "unknown option");
	if (!record_lock())
		return -1;
	if (value != 0)
		record.options |= 1U << option;
	else
		record.options &= ~(1U << option);
	record_unlock();
	return 0;
}
