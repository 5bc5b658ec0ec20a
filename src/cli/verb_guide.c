/* SPDX-License-Identifier: ISC */
/* The guided conversation at a terminal. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/guided.h"
#include "cli/terminal.h"
#include "guide/act.h"
#include "kernel/machine.h"

static void
show_text(struct guide *guide)
{
	cleanup_strbuf struct strbuf text = { 0 };

	guide_take_text(guide, &text);
	terminal_put(&text);
}

/* What the terminal sends to all of its programs reaches the command by itself.
 * False: we are to end, and it was ended. */
static bool
wait_for(struct terminal *terminal, struct act *act)
{
	int r;

	do {
		r = terminal_wait(terminal, act->done);
		if (terminal->ended_by == SIGINT ||
		    terminal->ended_by == SIGQUIT) {
			terminal->ended_by = 0;
			r = -EAGAIN;
		}
	} while (r == -EAGAIN);
	if (r <= 0)
		act_stop(act);
	return r > 0;
}

static void
perform(struct terminal *terminal, struct guide *guide, const struct run *run)
{
	const struct act_stage stage = { .in = STDIN_FILENO,
		.out = STDOUT_FILENO,
		.err = STDERR_FILENO,
		.run = run };
	struct diag diag = { 0 };
	struct act act;

	terminal_restore(terminal);
	if (act_begin(&act, guide, &stage, &diag) < 0)
		return;
	if (wait_for(terminal, &act))
		act_end(&act, guide);
	terminal_restore(terminal);
}

/* Whether the conversation came to its end. */
static bool
converse(struct terminal *terminal, struct guide *guide, const struct run *run)
{
	for (;;) {
		show_text(guide);
		switch (guide_want(guide)) {
		case GUIDE_ANSWER:
			if (terminal_ask(terminal, guide) == 0)
				return false;
			break;
		case GUIDE_SAVE:
			guide_save(guide);
			break;
		case GUIDE_WATCH:
		case GUIDE_RUN:
			perform(terminal, guide, run);
			if (terminal->ended_by != 0)
				return false;
			break;
		case GUIDE_END:
			return true;
		}
	}
}

/* The rest of the line is the prompt's. */
static int
tell_end(const struct guide *guide, int number)
{
	cleanup_strbuf struct strbuf text = { 0 };

	strbuf_printf(&text, "\n%s: nothing %s.\n",
	    number != 0 ? "Interrupted" : "End of input",
	    guide_has_run(guide) ? "more is run" : "was run");
	terminal_put(&text);
	if (number == 0)
		return STATUS_FAILED;
	signal(number, SIG_DFL);
	raise(number);
	return 128 + number;
}

int
guide_at_terminal(const struct guided *guided, struct diag *diag)
{
	struct machine machine;
	struct guide_request request = { .argv = guided->argv,
		.machine = &machine,
		.lead = "seccomp-pledge run",
		.policy = &guided->run->policy,
		.ceiling = guided->ceiling };
	struct terminal terminal;
	struct guide *guide;
	int status;
	bool whole;

	if (terminal_open(&terminal, diag) < 0)
		return STATUS_FAILED;
	machine_probe(&machine);
	if (guide_new(&request, &guide, diag) < 0) {
		terminal_close(&terminal);
		return STATUS_FAILED;
	}
	whole = converse(&terminal, guide, guided->run);
	terminal_close(&terminal);
	status =
	    whole ? guide_status(guide) : tell_end(guide, terminal.ended_by);
	guide_free(guide);
	return status;
}
