/* SPDX-License-Identifier: ISC */
/* Waiting for descriptors, one event at a time. */
#ifndef API_LOOP_H
#define API_LOOP_H

#include <stdint.h>

/* READY is called with epoll(7)'s events; it may free the source. */
struct source {
	int fd;          /* -1: none */
	uint32_t events; /* what is waited for; 0: nothing, not even its end */
	void (*ready)(struct source *source, uint32_t events);
	void *context;
};

/* The loop's descriptor, or -errno. */
int loop_open(void);

/* Waits for EVENTS of SOURCE from now on.  0 or -errno. */
int loop_watch(int loop, struct source *source, uint32_t events);

/* Closes the source's descriptor. */
void loop_close(int loop, struct source *source);

/* Waits MILLISECONDS (-1: for ever) and serves one source.  -errno. */
int loop_turn(int loop, int milliseconds);

#endif
