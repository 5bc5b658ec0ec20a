/* SPDX-License-Identifier: ISC */
#include "call/errnos.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"

struct errno_row {
	const char *name;
	int err;
};

#define NAMED(name) \
 {                  \
#  name, name       \
 }

/* clang-format off */
static const struct errno_row rows[] = {
	NAMED(EPERM), NAMED(ENOENT), NAMED(ESRCH), NAMED(EINTR), NAMED(EIO),
	NAMED(ENXIO), NAMED(E2BIG), NAMED(ENOEXEC), NAMED(EBADF),
	NAMED(ECHILD), NAMED(EAGAIN), NAMED(ENOMEM), NAMED(EACCES),
	NAMED(EFAULT), NAMED(ENOTBLK), NAMED(EBUSY), NAMED(EEXIST),
	NAMED(EXDEV), NAMED(ENODEV), NAMED(ENOTDIR), NAMED(EISDIR),
	NAMED(EINVAL), NAMED(ENFILE), NAMED(EMFILE), NAMED(ENOTTY),
	NAMED(ETXTBSY), NAMED(EFBIG), NAMED(ENOSPC), NAMED(ESPIPE),
	NAMED(EROFS), NAMED(EMLINK), NAMED(EPIPE), NAMED(EDOM), NAMED(ERANGE),
	NAMED(EDEADLK), NAMED(ENAMETOOLONG), NAMED(ENOLCK), NAMED(ENOSYS),
	NAMED(ENOTEMPTY), NAMED(ELOOP), NAMED(ENOMSG), NAMED(EIDRM),
	NAMED(ECHRNG), NAMED(EL2NSYNC), NAMED(EL3HLT), NAMED(EL3RST),
	NAMED(ELNRNG), NAMED(EUNATCH), NAMED(ENOCSI), NAMED(EL2HLT),
	NAMED(EBADE), NAMED(EBADR), NAMED(EXFULL), NAMED(ENOANO),
	NAMED(EBADRQC), NAMED(EBADSLT), NAMED(EBFONT), NAMED(ENOSTR),
	NAMED(ENODATA), NAMED(ETIME), NAMED(ENOSR), NAMED(ENONET),
	NAMED(ENOPKG), NAMED(EREMOTE), NAMED(ENOLINK), NAMED(EADV),
	NAMED(ESRMNT), NAMED(ECOMM), NAMED(EPROTO), NAMED(EMULTIHOP),
	NAMED(EDOTDOT), NAMED(EBADMSG), NAMED(EOVERFLOW), NAMED(ENOTUNIQ),
	NAMED(EBADFD), NAMED(EREMCHG), NAMED(ELIBACC), NAMED(ELIBBAD),
	NAMED(ELIBSCN), NAMED(ELIBMAX), NAMED(ELIBEXEC), NAMED(EILSEQ),
	NAMED(ERESTART), NAMED(ESTRPIPE), NAMED(EUSERS), NAMED(ENOTSOCK),
	NAMED(EDESTADDRREQ), NAMED(EMSGSIZE), NAMED(EPROTOTYPE),
	NAMED(ENOPROTOOPT), NAMED(EPROTONOSUPPORT), NAMED(ESOCKTNOSUPPORT),
	NAMED(EOPNOTSUPP), NAMED(EPFNOSUPPORT), NAMED(EAFNOSUPPORT),
	NAMED(EADDRINUSE), NAMED(EADDRNOTAVAIL), NAMED(ENETDOWN),
	NAMED(ENETUNREACH), NAMED(ENETRESET), NAMED(ECONNABORTED),
	NAMED(ECONNRESET), NAMED(ENOBUFS), NAMED(EISCONN), NAMED(ENOTCONN),
	NAMED(ESHUTDOWN), NAMED(ETOOMANYREFS), NAMED(ETIMEDOUT),
	NAMED(ECONNREFUSED), NAMED(EHOSTDOWN), NAMED(EHOSTUNREACH),
	NAMED(EALREADY), NAMED(EINPROGRESS), NAMED(ESTALE), NAMED(EUCLEAN),
	NAMED(ENOTNAM), NAMED(ENAVAIL), NAMED(EISNAM), NAMED(EREMOTEIO),
	NAMED(EDQUOT), NAMED(ENOMEDIUM), NAMED(EMEDIUMTYPE), NAMED(ECANCELED),
	NAMED(ENOKEY), NAMED(EKEYEXPIRED), NAMED(EKEYREVOKED),
	NAMED(EKEYREJECTED), NAMED(EOWNERDEAD), NAMED(ENOTRECOVERABLE),
	NAMED(ERFKILL), NAMED(EHWPOISON),
	/* Second names. */
	NAMED(EWOULDBLOCK), NAMED(EDEADLOCK), NAMED(ENOTSUP),
};

/* linux/errno.h: a signal comes first, and the call is made again or ends with
 * EINTR. */
static const struct errno_row internal[] = {
	{ "ERESTARTSYS", 512 }, { "ERESTARTNOINTR", 513 },
	{ "ERESTARTNOHAND", 514 }, { "ENOTSUPP", 524 },
	{ "ERESTART_RESTARTBLOCK", 516 },
};
/* clang-format on */

/* The kernel cuts an errno in a filter's answer to this (seccomp(2)). */
#define ERRNO_LARGEST 4095

int
errno_find(const char *text)
{
	char *end;
	long number;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].name, text) == 0)
			return rows[i].err;
	if (*text < '0' || *text > '9')
		return -1;
	number = strtol(text, &end, 10);
	if (*end != '\0' || number < 1 || number > ERRNO_LARGEST)
		return -1;
	return (int)number;
}

static const char *
find_name(const struct errno_row *row, size_t count, int err)
{
	for (; count > 0; row++, count--)
		if (row->err == err)
			return row->name;
	return NULL;
}

const char *
errno_name(int err)
{
	return find_name(rows, ARRAY_SIZE(rows), err);
}

const char *
symbol_errno(int err)
{
	const char *name = errno_name(err);

	return name != NULL ? name
	                    : find_name(internal, ARRAY_SIZE(internal), err);
}
