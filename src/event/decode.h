/* SPDX-License-Identifier: ISC */
/* Between the files that decode arguments; others ask call.h. */
#ifndef EVENT_DECODE_H
#define EVENT_DECODE_H

#include "event/call.h"
#include "call/symbols.h"

/*
 * One argument of a call.  Its decoder adds text to `out`, which is the value
 * unless the decoder gives the value another type.
 */
struct decoder {
	struct event_call *call;
	struct event_value *value;
	struct strbuf *out;
	const struct symbols *set;
	uint64_t raw;      /* what the kernel reads of the register */
	uint64_t next;     /* the one behind */
	size_t place;      /* which register */
	unsigned int bits; /* how much that is */
	size_t word;       /* 4 or 8 bytes */
	bool after;        /* the call has returned */
	int64_t returned;  /* then: what */
};

void put_decimal(struct strbuf *buf, int64_t value);
void put_unsigned(struct strbuf *buf, uint64_t value);
void put_hex(struct strbuf *buf, uint64_t value);
/* 3</etc/passwd>, to be read by people. */
void put_fd(struct decoder *d, int fd);
void put_signal(struct strbuf *buf, int number);

/* Reads LENGTH bytes that the argument points to; if it cannot, the value is
 * the pointer, and false. */
bool decoder_read(struct decoder *d, void *buffer, size_t length);
/* COUNT words of the caller's size. */
bool decoder_words(struct decoder *d, uint64_t *words, size_t count);
/* The value is the pointer itself. */
void decode_pointer(struct decoder *d);

/* Kinds of rows.h that point to structs. */
void decode_vector(struct decoder *d);
void decode_strings(struct decoder *d);
void decode_environment(struct decoder *d);
void decode_sockaddr(struct decoder *d);
void decode_sockaddr_out(struct decoder *d);
void decode_message(struct decoder *d);
void decode_open_how(struct decoder *d);
void decode_clone(struct decoder *d);
void decode_clone_args(struct decoder *d);
void decode_sigset(struct decoder *d);
void decode_sigaction(struct decoder *d);
void decode_timespec(struct decoder *d);
void decode_timespec64(struct decoder *d);
void decode_timespecs(struct decoder *d);
void decode_timeval(struct decoder *d);
void decode_itimer(struct decoder *d);
void decode_itimerspec(struct decoder *d);
void decode_stat(struct decoder *d);
void decode_statx(struct decoder *d);
void decode_limit(struct decoder *d);
void decode_limit64(struct decoder *d);
void decode_poll(struct decoder *d);
void decode_epoll_event(struct decoder *d);
void decode_epoll_events(struct decoder *d);
void decode_int(struct decoder *d);
void decode_status(struct decoder *d);
void decode_fd_pair(struct decoder *d);
void decode_ioctl(struct decoder *d);
void decode_ioctl_argument(struct decoder *d);
void decode_fcntl_argument(struct decoder *d);
void decode_prctl_argument(struct decoder *d);
void decode_sockopt(struct decoder *d);

#endif
