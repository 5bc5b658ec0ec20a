/* SPDX-License-Identifier: ISC */
#include "call/symbols.h"

#include <signal.h>

#include "call/symbols_table.h"

/* clang-format off */
SYMBOLS(signals,
	WHOLE(SIGHUP), WHOLE(SIGINT), WHOLE(SIGQUIT), WHOLE(SIGILL),
	WHOLE(SIGTRAP), WHOLE(SIGABRT), WHOLE(SIGBUS), WHOLE(SIGFPE),
	WHOLE(SIGKILL), WHOLE(SIGUSR1), WHOLE(SIGSEGV), WHOLE(SIGUSR2),
	WHOLE(SIGPIPE), WHOLE(SIGALRM), WHOLE(SIGTERM), WHOLE(SIGSTKFLT),
	WHOLE(SIGCHLD), WHOLE(SIGCONT), WHOLE(SIGSTOP), WHOLE(SIGTSTP),
	WHOLE(SIGTTIN), WHOLE(SIGTTOU), WHOLE(SIGURG), WHOLE(SIGXCPU),
	WHOLE(SIGXFSZ), WHOLE(SIGVTALRM), WHOLE(SIGPROF), WHOLE(SIGWINCH),
	WHOLE(SIGIO), WHOLE(SIGPWR), WHOLE(SIGSYS),
	/* The kernel's first real-time signal; libc keeps some to itself. */
	WHOLE_NUMBER(SIGRT_0, 32), WHOLE_NUMBER(SIGRT_1, 33),
	WHOLE_NUMBER(SIGRT_2, 34));
/* clang-format on */

static void
add_number(uint64_t value, bool hex, struct strbuf *buf)
{
	if (hex)
		strbuf_printf(buf, "%#llx", (unsigned long long)value);
	else
		strbuf_printf(buf, "%lld", (long long)value);
}

void
symbols_text(const struct symbols *set, uint64_t value, struct strbuf *buf)
{
	bool whole = set->rows[0].mask == EVERY_BIT;
	const char *separator = "";
	uint64_t left = value, seen = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct symbol *row = &set->rows[i];

		/* "No flags" goes by its name only where there are none. */
		if (row->mask == 0 ? value != 0 || *separator != '\0'
		                   : (value & row->mask) != row->value ||
		                         (row->mask & seen) != 0)
			continue;
		strbuf_puts(buf, separator);
		strbuf_puts(buf, row->name);
		separator = "|";
		left &= ~row->mask;
		seen |= row->mask;
		if (left == 0 && seen == EVERY_BIT)
			return;
	}
	if (left == 0 && *separator != '\0')
		return;
	strbuf_puts(buf, separator);
	add_number(left, !whole && left != 0, buf);
}

const char *
symbols_name(const struct symbols *set, uint64_t value)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->rows[i].value == value)
			return set->rows[i].name;
	return NULL;
}

const char *
symbol_signal(int number)
{
	return symbols_name(&set_signals, (uint64_t)number);
}
