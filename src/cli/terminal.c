/* SPDX-License-Identifier: ISC */
#include "cli/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"

static const int signal_numbers[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGCONT,
	SIGWINCH, 0 };

int
terminal_open(struct terminal *terminal, struct diag *diag)
{
	*terminal = (struct terminal){ .reader = { .fd = STDIN_FILENO,
		                           .limit = GUIDE_LINE_LIMIT } };
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return diag_set(diag, ENOTTY,
		    "no policy was named, and questions need a terminal as "
		    "standard input and error; name one, like: "
		    "seccomp-pledge -p 'stdio rpath' -v r:. -- ls; or be asked "
		    "over a socket: --api");
	if (signals_open(&terminal->signals, signal_numbers, diag) < 0)
		return -diag->err;
	terminal->has_settings =
	    tcgetattr(STDIN_FILENO, &terminal->settings) == 0;
	terminal->editor = editor_new(terminal);
	return 0;
}

int
terminal_wait(struct terminal *terminal, int fd)
{
	struct pollfd look[] = { { .fd = fd, .events = POLLIN },
		{ .fd = terminal->signals.fd, .events = POLLIN } };
	int number;

	if (poll(look, ARRAY_SIZE(look), -1) < 0 && errno != EINTR)
		return -errno;
	number = signals_take(&terminal->signals);
	if (number == SIGCONT || number == SIGWINCH)
		return -EAGAIN;
	if (number != 0) {
		terminal->ended_by = number;
		return 0;
	}
	return look[0].revents != 0 ? 1 : -EAGAIN;
}

/* Another process group may have the terminal: that is no reason to stop. */
void
terminal_restore(const struct terminal *terminal)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;

	if (!terminal->has_settings)
		return;
	sigaction(SIGTTOU, &ignore, &old);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->settings);
	sigaction(SIGTTOU, &old, NULL);
}

void
terminal_close(struct terminal *terminal)
{
	editor_free(terminal->editor);
	terminal->editor = NULL;
	terminal_restore(terminal);
	signals_close(&terminal->signals);
	line_reader_free(&terminal->reader);
}

/* A terminal that is gone is noticed when it is read from. */
void
terminal_put(const struct strbuf *text)
{
	if (text->length > 0 &&
	    write_all(STDERR_FILENO, text->data, text->length) < 0)
		return;
}

/* A terminal hands out whole lines, so that one wait is enough for each. */
static int
read_plain(struct terminal *terminal, const struct guide *guide,
    const char **ret_line, size_t *ret_length)
{
	cleanup_strbuf struct strbuf prompt = { 0 };
	int r;

	strbuf_puts(&prompt, guide_prompt(guide));
	terminal_put(&prompt);
	do {
		r = terminal_wait(terminal, STDIN_FILENO);
	} while (r == -EAGAIN);
	if (r <= 0)
		return r;
	return line_read(&terminal->reader, ret_line, ret_length);
}

int
terminal_ask(struct terminal *terminal, struct guide *guide)
{
	static const char too_long[GUIDE_LINE_LIMIT + 1];
	const char *line = NULL;
	size_t length = 0;
	int r;

	if (terminal->editor != NULL)
		r = editor_read(terminal->editor, guide, &line, &length);
	else
		r = read_plain(terminal, guide, &line, &length);
	if (r == -E2BIG) {
		line = too_long;
		length = sizeof(too_long);
		r = 1;
	}
	if (r > 0)
		guide_answer(guide, line, length);
	return r > 0;
}
