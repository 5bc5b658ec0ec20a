/* SPDX-License-Identifier: ISC */
/*
 * One system call that a process made: what it was called with, in words, and
 * what came of it.
 *
 * Whoever watches fills it: event_call_begin() where the call is seen, with
 * its caller stopped, event_call_end() when it has returned.  A watcher that
 * sees no results leaves the second out.
 */
#ifndef EVENT_CALL_H
#define EVENT_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/strbuf.h"
#include "call/arch.h"
#include "call/rows.h"

/* The names of descriptors, remembered; see files.h. */
struct event_files;

/* Who called. */
struct event_source {
	pid_t pid, tid;
	struct event_files *files; /* NULL: /proc is asked each time */
	/* Only what says what the call asks for is decoded and shown: no
	 * buffers, no names of descriptors, nothing that it fills in. */
	bool brief;
	/* The string at that address is this one, whatever is there by now;
	 * 0: none is known. */
	uint64_t known_address;
	const char *known;
};

enum value_type {
	VALUE_NUMBER, /* `number` */
	VALUE_NULL,   /* a null pointer */
	VALUE_TEXT,   /* words of ours: "O_RDONLY|O_CLOEXEC", "{...}" */
	VALUE_STRING, /* the caller's bytes: a path, a name */
	VALUE_FD,     /* `number`, and the bytes of what it is, if known */
	VALUE_HIDDEN, /* left out of a brief call */
};

/* An argument, or the result.  Its bytes are START.. of the call's text. */
struct event_value {
	uint8_t type; /* enum value_type */
	bool path;    /* a VALUE_STRING that names a file */
	bool cut;     /* a VALUE_STRING that was longer */
	int64_t number;
	uint32_t start, length;
};

struct event_call {
	struct event_source source;
	const struct arch *arch; /* NULL: one that is not known */
	unsigned int nr;
	const char *name;           /* NULL: not in the tables */
	const struct call_row *row; /* never NULL: unknown calls have one */
	uint64_t raw[CALL_ARGS];
	size_t count; /* of args */
	struct event_value args[CALL_ARGS];
	struct event_value result; /* as the row says, unless it failed */
	int64_t returned;          /* -errno if it failed */
	bool ended, failed;
	double duration;    /* seconds; the watcher's own clock */
	struct strbuf text; /* the bytes of the values */
};

/* Says which call it is, and decodes nothing. */
void event_call_identify(struct event_call *call,
    const struct event_source *source, uint32_t audit, uint64_t nr,
    const uint64_t *args);

/*
 * The call has been seen: decodes what its arguments say now.  CALL is zero, or
 * was used before: its memory is used again.
 */
void event_call_begin(struct event_call *call,
    const struct event_source *source, uint32_t audit, uint64_t nr,
    const uint64_t *args);

/* It has returned: decodes what it filled in. */
void event_call_end(struct event_call *call, int64_t returned, bool failed);

void event_call_free(struct event_call *call);

/* The bytes of one of its values; a NUL stands behind those of a path. */
const char *event_value_bytes(
    const struct event_call *call, const struct event_value *value);

/* The first argument of that kind from *AT on, which moves behind it. */
const struct event_value *event_call_path(
    const struct event_call *call, size_t *at);
const struct event_value *event_call_fd(
    const struct event_call *call, size_t *at);

/* "openat", or "syscall_0x1ff" in BUFFER of CALL_NAME_SIZE bytes. */
#define CALL_NAME_SIZE 32
const char *event_call_name(const struct event_call *call, char *buffer);

/* openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC), on one line; in brief,
 * openat("/etc/passwd", O_RDONLY|O_CLOEXEC). */
void event_call_text(const struct event_call *call, struct strbuf *buf);

/* 3</etc/passwd>, -1 ENOENT (No such file or directory), ?. */
void event_call_result_text(const struct event_call *call, struct strbuf *buf);

/* One value of it as text. */
void event_value_text(const struct event_call *call,
    const struct event_value *value, struct strbuf *buf);

#endif
