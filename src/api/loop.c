/* SPDX-License-Identifier: ISC */
#include "api/loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

int
loop_open(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int
loop_watch(int loop, struct source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };
	int operation = EPOLL_CTL_MOD;

	if (source->fd < 0 || source->events == events)
		return 0;
	if (source->events == 0)
		operation = EPOLL_CTL_ADD;
	else if (events == 0)
		operation = EPOLL_CTL_DEL;
	if (epoll_ctl(loop, operation, source->fd, &event) < 0)
		return -errno;
	source->events = events;
	return 0;
}

/* A copy of the descriptor elsewhere would keep it in the loop: it is taken
 * out first. */
void
loop_close(int loop, struct source *source)
{
	if (source->fd < 0)
		return;
	loop_watch(loop, source, 0);
	close(source->fd);
	source->fd = -1;
}

/* One at a time: what serves it may free the sources of others. */
int
loop_turn(int loop, int milliseconds)
{
	struct epoll_event event;
	struct source *source;
	int n = epoll_wait(loop, &event, 1, milliseconds);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (n == 0)
		return 0;
	source = event.data.ptr;
	source->ready(source, event.events);
	return 0;
}
