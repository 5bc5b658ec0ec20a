/* SPDX-License-Identifier: ISC */
#include "call/symbols.h"

#include <errno.h>
#include <signal.h>

#include "call/symbols_table.h"

/* clang-format off */
SYMBOLS(errno_names,
	WHOLE(EPERM), WHOLE(ENOENT), WHOLE(ESRCH), WHOLE(EINTR), WHOLE(EIO),
	WHOLE(ENXIO), WHOLE(E2BIG), WHOLE(ENOEXEC), WHOLE(EBADF),
	WHOLE(ECHILD), WHOLE(EAGAIN), WHOLE(ENOMEM), WHOLE(EACCES),
	WHOLE(EFAULT), WHOLE(ENOTBLK), WHOLE(EBUSY), WHOLE(EEXIST),
	WHOLE(EXDEV), WHOLE(ENODEV), WHOLE(ENOTDIR), WHOLE(EISDIR),
	WHOLE(EINVAL), WHOLE(ENFILE), WHOLE(EMFILE), WHOLE(ENOTTY),
	WHOLE(ETXTBSY), WHOLE(EFBIG), WHOLE(ENOSPC), WHOLE(ESPIPE),
	WHOLE(EROFS), WHOLE(EMLINK), WHOLE(EPIPE), WHOLE(EDOM), WHOLE(ERANGE),
	WHOLE(EDEADLK), WHOLE(ENAMETOOLONG), WHOLE(ENOLCK), WHOLE(ENOSYS),
	WHOLE(ENOTEMPTY), WHOLE(ELOOP), WHOLE(ENOMSG), WHOLE(EIDRM),
	WHOLE(ECHRNG), WHOLE(EL2NSYNC), WHOLE(EL3HLT), WHOLE(EL3RST),
	WHOLE(ELNRNG), WHOLE(EUNATCH), WHOLE(ENOCSI), WHOLE(EL2HLT),
	WHOLE(EBADE), WHOLE(EBADR), WHOLE(EXFULL), WHOLE(ENOANO),
	WHOLE(EBADRQC), WHOLE(EBADSLT), WHOLE(EBFONT), WHOLE(ENOSTR),
	WHOLE(ENODATA), WHOLE(ETIME), WHOLE(ENOSR), WHOLE(ENONET),
	WHOLE(ENOPKG), WHOLE(EREMOTE), WHOLE(ENOLINK), WHOLE(EADV),
	WHOLE(ESRMNT), WHOLE(ECOMM), WHOLE(EPROTO), WHOLE(EMULTIHOP),
	WHOLE(EDOTDOT), WHOLE(EBADMSG), WHOLE(EOVERFLOW), WHOLE(ENOTUNIQ),
	WHOLE(EBADFD), WHOLE(EREMCHG), WHOLE(ELIBACC), WHOLE(ELIBBAD),
	WHOLE(ELIBSCN), WHOLE(ELIBMAX), WHOLE(ELIBEXEC), WHOLE(EILSEQ),
	WHOLE(ERESTART), WHOLE(ESTRPIPE), WHOLE(EUSERS), WHOLE(ENOTSOCK),
	WHOLE(EDESTADDRREQ), WHOLE(EMSGSIZE), WHOLE(EPROTOTYPE),
	WHOLE(ENOPROTOOPT), WHOLE(EPROTONOSUPPORT), WHOLE(ESOCKTNOSUPPORT),
	WHOLE(EOPNOTSUPP), WHOLE(EPFNOSUPPORT), WHOLE(EAFNOSUPPORT),
	WHOLE(EADDRINUSE), WHOLE(EADDRNOTAVAIL), WHOLE(ENETDOWN),
	WHOLE(ENETUNREACH), WHOLE(ENETRESET), WHOLE(ECONNABORTED),
	WHOLE(ECONNRESET), WHOLE(ENOBUFS), WHOLE(EISCONN), WHOLE(ENOTCONN),
	WHOLE(ESHUTDOWN), WHOLE(ETOOMANYREFS), WHOLE(ETIMEDOUT),
	WHOLE(ECONNREFUSED), WHOLE(EHOSTDOWN), WHOLE(EHOSTUNREACH),
	WHOLE(EALREADY), WHOLE(EINPROGRESS), WHOLE(ESTALE), WHOLE(EUCLEAN),
	WHOLE(ENOTNAM), WHOLE(ENAVAIL), WHOLE(EISNAM), WHOLE(EREMOTEIO),
	WHOLE(EDQUOT), WHOLE(ENOMEDIUM), WHOLE(EMEDIUMTYPE), WHOLE(ECANCELED),
	WHOLE(ENOKEY), WHOLE(EKEYEXPIRED), WHOLE(EKEYREVOKED),
	WHOLE(EKEYREJECTED), WHOLE(EOWNERDEAD), WHOLE(ENOTRECOVERABLE),
	WHOLE(ERFKILL), WHOLE(EHWPOISON),
	/* The kernel's own, linux/errno.h: a signal comes first, and the call
	 * is made again or ends with EINTR. */
	WHOLE_NUMBER(ERESTARTSYS, 512), WHOLE_NUMBER(ERESTARTNOINTR, 513),
	WHOLE_NUMBER(ERESTARTNOHAND, 514), WHOLE_NUMBER(ENOTSUPP, 524),
	WHOLE_NUMBER(ERESTART_RESTARTBLOCK, 516));

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
symbol_errno(int err)
{
	return symbols_name(&set_errno_names, (uint64_t)err);
}

const char *
symbol_signal(int number)
{
	return symbols_name(&set_signals, (uint64_t)number);
}
