/* SPDX-License-Identifier: ISC */
#include "event/memory.h"

#include <string.h>
#include <sys/uio.h>

/* The smallest page there is: a larger one is merely read in parts. */
#define PAGE   4096
#define CHUNKS 8

static size_t
to_page_end(uint64_t address)
{
	return PAGE - (size_t)(address % PAGE);
}

/*
 * /proc/PID/mem would stay with the memory that an exec leaves behind.  An
 * element is read whole or not at all (process_vm_readv(2)), so each ends with
 * its page.
 */
size_t
memory_read(pid_t pid, uint64_t address, void *buffer, size_t length)
{
	struct iovec local = { buffer, length }, remote[CHUNKS];
	size_t count = 0, done = 0;
	ssize_t got;

	for (; done < length && count < CHUNKS; count++) {
		size_t part = to_page_end(address + done);

		if (part > length - done)
			part = length - done;
		/* Somebody else's pointer: it is never followed here. */
		remote[count].iov_base =
		    (void *)(uintptr_t)(address + done); /* NOLINT */
		remote[count].iov_len = part;
		done += part;
	}
	local.iov_len = done;
	got = process_vm_readv(pid, &local, 1, remote, count, 0);
	return got > 0 ? (size_t)got : 0;
}

bool
memory_string(pid_t pid, uint64_t address, size_t limit, struct strbuf *buf,
    bool *ret_cut)
{
	/* Most are short, and one read in their page is enough for them. */
	char chunk[512];
	size_t total = 0, want, got;
	const char *end;

	*ret_cut = true;
	while (total < limit) {
		want = to_page_end(address + total);
		if (want > sizeof(chunk))
			want = sizeof(chunk);
		if (want > limit - total)
			want = limit - total;
		got = memory_read(pid, address + total, chunk, want);
		if (got == 0)
			return total > 0;
		end = memchr(chunk, '\0', got);
		if (end != NULL) {
			strbuf_add(buf, chunk, (size_t)(end - chunk));
			*ret_cut = false;
			return true;
		}
		strbuf_add(buf, chunk, got);
		total += got;
	}
	return true;
}
