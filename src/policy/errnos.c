/* SPDX-License-Identifier: ISC */
#include "policy/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"

/* clang-format off */
/* Those that a refused system call may sensibly be answered with. */
static const struct { int err; const char *name; } errno_rows[] = {
	{ EPERM, "EPERM" }, { ENOENT, "ENOENT" }, { EIO, "EIO" },
	{ ENXIO, "ENXIO" }, { EBADF, "EBADF" }, { EAGAIN, "EAGAIN" },
	{ ENOMEM, "ENOMEM" }, { EACCES, "EACCES" }, { EFAULT, "EFAULT" },
	{ EBUSY, "EBUSY" }, { EEXIST, "EEXIST" }, { ENODEV, "ENODEV" },
	{ EINVAL, "EINVAL" }, { EMFILE, "EMFILE" }, { ENOTTY, "ENOTTY" },
	{ ENOSPC, "ENOSPC" }, { EROFS, "EROFS" }, { EPIPE, "EPIPE" },
	{ ENOSYS, "ENOSYS" }, { EPROTONOSUPPORT, "EPROTONOSUPPORT" },
	{ EOPNOTSUPP, "EOPNOTSUPP" }, { EAFNOSUPPORT, "EAFNOSUPPORT" },
	{ ECONNREFUSED, "ECONNREFUSED" }, { ENETUNREACH, "ENETUNREACH" },
	{ ETIMEDOUT, "ETIMEDOUT" }, { EDQUOT, "EDQUOT" },
};
/* clang-format on */

/* The kernel cuts an errno in a filter's answer to this (seccomp(2)). */
#define ERRNO_LARGEST 4095

int
errno_find(const char *text)
{
	char *end;
	long number;

	for (size_t i = 0; i < ARRAY_SIZE(errno_rows); i++)
		if (strcmp(errno_rows[i].name, text) == 0)
			return errno_rows[i].err;
	if (*text < '0' || *text > '9')
		return -1;
	number = strtol(text, &end, 10);
	if (*end != '\0' || number < 1 || number > ERRNO_LARGEST)
		return -1;
	return (int)number;
}

const char *
errno_name(int err)
{
	for (size_t i = 0; i < ARRAY_SIZE(errno_rows); i++)
		if (errno_rows[i].err == err)
			return errno_rows[i].name;
	return NULL;
}
