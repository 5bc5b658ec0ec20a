/* SPDX-License-Identifier: ISC */
#include "api/converse.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/line.h"
#include "base/table.h"
#include "guide/guide.h"

#define SEND_PATIENCE    30000 /* milliseconds that a client may take nothing */

#define DISCARD_MOST     ((size_t)64 << 20)
#define DISCARD_PATIENCE 2000

struct talk {
	const struct converse *with;
	struct guide *guide;
	struct line_reader reader;
};

static void
tell(const struct talk *talk, const char *text)
{
	if (talk->with->progress != NULL)
		talk->with->progress(talk->with->context, text);
}

/*
 * Waits for EVENTS of FD (POLLHUP comes unasked), and meanwhile for the rest:
 * 1; -ECANCELED; -ETIMEDOUT after PATIENCE milliseconds (-1: none).
 */
static int
wait_for(const struct talk *talk, struct pollfd *want, int patience)
{
	const struct converse *with = talk->with;
	struct pollfd look[] = { *want, { .fd = with->stop, .events = POLLIN },
		{ .fd = with->other, .events = POLLIN } };
	int n;

	for (;;) {
		n = poll(look, ARRAY_SIZE(look), patience);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -ETIMEDOUT;
		if (n < 0)
			continue;
		if (look[1].revents != 0)
			return -ECANCELED;
		if (look[2].revents != 0) {
			int r = with->other_ready(with->context);

			if (r < 0)
				return r;
		}
		want->revents = look[0].revents;
		if (want->revents != 0)
			return 1;
	}
}

static int
send_all(const struct talk *talk, const char *bytes, size_t length)
{
	struct pollfd want = { .fd = talk->with->client, .events = POLLOUT };
	ssize_t n;
	int r;

	while (length > 0) {
		n = send(want.fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0) {
			bytes += n;
			length -= (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -ECONNRESET;
		r = wait_for(talk, &want,
		    talk->with->patience > 0 ? talk->with->patience
		                             : SEND_PATIENCE);
		if (r == -ETIMEDOUT)
			return -ECONNRESET;
		if (r < 0)
			return r;
	}
	return 0;
}

/* What there is to say, and the prompt if a line is wanted. */
static int
say(const struct talk *talk)
{
	cleanup_strbuf struct strbuf text = { 0 };

	guide_take_text(talk->guide, &text);
	if (guide_want(talk->guide) == GUIDE_ANSWER)
		strbuf_puts(&text, guide_prompt(talk->guide));
	if (text.failed)
		return -ENOMEM;
	return send_all(talk, text.data != NULL ? text.data : "", text.length);
}

static int
ask(struct talk *talk)
{
	struct pollfd want = { .fd = talk->with->client, .events = POLLIN };
	const char *line;
	size_t length;
	int r;

	for (;;) {
		/* Whole lines that were read before come first. */
		r = line_read(&talk->reader, &line, &length);
		if (r != -EAGAIN && r != -EINTR)
			break;
		r = wait_for(talk, &want, -1);
		if (r < 0)
			return r;
	}
	if (r == 0)
		return -ECONNRESET;
	if (r < 0)
		return r == -E2BIG ? r : -ECONNRESET;
	guide_answer(talk->guide, line, length);
	return 0;
}

/* Until the command has ended, or the client is gone for good: one that has
 * only said all that it had to say still listens. */
static int
attend(struct talk *talk, struct act *act)
{
	struct pollfd look[] = { { .fd = act->done, .events = POLLIN },
		{ .fd = talk->with->client },
		{ .fd = talk->with->stop, .events = POLLIN },
		{ .fd = talk->with->other, .events = POLLIN } };
	int r = 0;

	while (r == 0) {
		if (poll(look, ARRAY_SIZE(look), -1) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (look[0].revents != 0)
			return 0;
		if (look[1].revents & (POLLHUP | POLLERR))
			return -ECONNRESET;
		if (look[2].revents != 0)
			return -ECANCELED;
		if (look[3].revents != 0)
			r = talk->with->other_ready(talk->with->context);
	}
	return r;
}

static int
perform(struct talk *talk, struct diag *diag)
{
	bool watch = guide_want(talk->guide) == GUIDE_WATCH;
	struct act act;
	int r;

	tell(talk, watch ? "running the command, watched"
	                 : "running the command, confined");
	if (act_begin(&act, talk->guide, &talk->with->stage, diag) < 0) {
		tell(talk, diag->text);
		return 0;
	}
	r = attend(talk, &act);
	if (r < 0) {
		act_stop(&act);
		tell(talk, "the command was ended");
		return r;
	}
	act_end(&act, talk->guide);
	tell(talk, "the command has ended");
	return 0;
}

static int
lead(struct talk *talk, struct diag *diag)
{
	int r = 0;

	while (r == 0) {
		r = say(talk);
		if (r < 0)
			break;
		switch (guide_want(talk->guide)) {
		case GUIDE_ANSWER:
			r = ask(talk);
			break;
		case GUIDE_SAVE:
			guide_save(talk->guide);
			break;
		case GUIDE_WATCH:
		case GUIDE_RUN:
			r = perform(talk, diag);
			break;
		case GUIDE_END:
			return 0;
		}
	}
	return r;
}

/* What a client still sends would keep it from reading why it is over. */
static void
discard(const struct talk *talk)
{
	struct pollfd want = { .fd = talk->with->client, .events = POLLIN };
	char bytes[16384];
	ssize_t n;

	shutdown(want.fd, SHUT_WR);
	for (size_t i = 0; i < DISCARD_MOST / sizeof(bytes); i++) {
		n = read(want.fd, bytes, sizeof(bytes));
		if (n > 0)
			continue;
		if (n == 0 || errno != EAGAIN ||
		    wait_for(talk, &want, DISCARD_PATIENCE) < 0)
			return;
	}
}

/* Why it ends, to the client, if it is there. */
static void
say_end(const struct talk *talk, int r)
{
	static const char too_long[] =
	    "A line is longer than 1 MiB; this ends the conversation.\n";
	static const char stopped[] = "The server was ended.\n";
	/* One that has nothing more to say may listen all the same. */
	const char *ended = guide_has_run(talk->guide)
	                        ? "\nEnd of input: nothing more is run.\n"
	                        : "\nEnd of input: nothing was run.\n";

	if (r == -E2BIG) {
		send_all(talk, too_long, sizeof(too_long) - 1);
		discard(talk);
	} else if (r == -ECANCELED)
		send(talk->with->client, stopped, sizeof(stopped) - 1,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	else if (r == -ECONNRESET)
		send(talk->with->client, ended, strlen(ended),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

int
converse(const struct converse *with, struct diag *diag)
{
	struct machine machine;
	struct guide_request request = { .argv = with->argv,
		.machine = &machine,
		.lead = "seccomp-pledge run",
		.policy = with->policy,
		.ceiling = with->ceiling,
		.unwatched = with->unwatched };
	struct talk talk = { .with = with };
	int r;

	machine_probe(&machine);
	r = guide_new(&request, &talk.guide, diag);
	if (r < 0)
		return r;
	talk.reader = (struct line_reader){ .fd = with->client,
		.limit = CONVERSE_LINE_LIMIT };
	r = set_nonblocking(with->client);
	if (r == 0 && with->read != NULL)
		r = line_reader_feed(
		    &talk.reader, with->read, with->read_length);
	if (r == 0)
		r = lead(&talk, diag);
	say_end(&talk, r);
	if (r == 0)
		r = guide_status(talk.guide);
	else if (diag->err == 0)
		diag_set(diag, -r, "%s: nothing %s",
		    r == -E2BIG       ? "the client's line is too long"
		    : r == -ECANCELED ? "ended"
		                      : "the client is gone",
		    guide_has_run(talk.guide) ? "more is run" : "was run");
	guide_free(talk.guide);
	line_reader_free(&talk.reader);
	return r;
}
