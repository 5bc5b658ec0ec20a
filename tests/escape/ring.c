/* SPDX-License-Identifier: ISC */
/* Attempts by io_uring: one request each, done by the kernel itself. */
#include "targets/attempt.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE 4096 /* one entry needs less */

struct ring {
	int fd;
	char *queue;
	struct io_uring_sqe *entries;
	struct io_uring_params params;
};

static int
ring_open(struct ring *ring)
{
	*ring = (struct ring){ 0 };
	ring->fd = (int)syscall(SYS_io_uring_setup, 1L, &ring->params);
	if (ring->fd == -1)
		return errno;
	ring->queue = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    ring->fd, IORING_OFF_SQ_RING);
	ring->entries = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    ring->fd, (off_t)IORING_OFF_SQES);
	if (ring->queue == MAP_FAILED || (void *)ring->entries == MAP_FAILED)
		return errno;
	return 0;
}

/* Submits ENTRY and waits; the request's own result as an errno. */
static int
ring_ask(const struct io_uring_sqe *entry)
{
	const struct io_uring_cqe *done;
	struct ring ring;
	uint32_t *tail, *array;
	int error = ring_open(&ring);

	if (error != 0)
		return error;
	ring.entries[0] = *entry;
	array = (void *)(ring.queue + ring.params.sq_off.array);
	array[0] = 0;
	tail = (void *)(ring.queue + ring.params.sq_off.tail);
	__atomic_store_n(tail, 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, (long)ring.fd, 1L, 1L,
	        (long)IORING_ENTER_GETEVENTS, 0L, 0L) == -1)
		error = errno;
	done = (void *)(ring.queue + ring.params.cq_off.cqes);
	if (error == 0 && done->res < 0)
		error = -done->res;
	close(ring.fd);
	return error;
}

static int
ring_open_file(char **path)
{
	struct io_uring_sqe entry = { .opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)*path,
		.open_flags = O_RDONLY | O_CLOEXEC };

	return ring_ask(&entry);
}

static int
ring_unlink(char **path)
{
	struct io_uring_sqe entry = { .opcode = IORING_OP_UNLINKAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)*path };

	return ring_ask(&entry);
}

static int
ring_connect(char **port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct io_uring_sqe entry = { .opcode = IORING_OP_CONNECT,
		.addr = (uintptr_t)&to,
		.off = sizeof(to) };
	int error;

	to.sin_port = htons((uint16_t)number(*port));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	entry.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (entry.fd == -1)
		return errno;
	error = ring_ask(&entry);
	close(entry.fd);
	return error;
}

/* clang-format off */
const struct attempt escape_ring[] = {
	{ "ring-open", "PATH", ring_open_file },
	{ "ring-unlink", "PATH", ring_unlink },
	{ "ring-connect", "PORT", ring_connect },
	{ 0 },
};
