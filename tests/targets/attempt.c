/* SPDX-License-Identifier: ISC */
/*
 * attempt [-e] NAME [OPERAND...] [-- NAME [OPERAND...]]...
 *
 * Makes each attempt and prints "ok" or the error's name, a line each.  With
 * -e the last one's errno is the exit status, which needs no output.  -l
 * lists the attempts.
 */
#include "attempt.h"

#include <stdio.h>
#include <string.h>

static const struct attempt *const tables[] = {
	file_attempts,
	memory_attempts,
	socket_attempts,
	process_attempts,
	system_attempts,
	clock_attempts,
#ifdef ESCAPES /* the battery of tests/escape has these as well */
	escape_calls,
	escape_files,
	escape_memory,
	escape_processes,
	escape_ring,
	escape_sockets,
	escape_terminals,
#endif
};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* clang-format off */
#define NAME(error) { error, #error }
/* Those that attempts meet; strerrorname_np(3) is glibc's alone. */
static const struct {
	int error;
	const char *name;
} error_names[] = {
	{ 0, "ok" },
	NAME(EPERM), NAME(ENOENT), NAME(ESRCH), NAME(EINTR), NAME(EIO),
	NAME(ENXIO), NAME(E2BIG), NAME(ENOEXEC), NAME(EBADF), NAME(ECHILD),
	NAME(EAGAIN), NAME(ENOMEM), NAME(EACCES), NAME(EFAULT), NAME(EBUSY),
	NAME(EEXIST), NAME(EXDEV), NAME(ENODEV), NAME(ENOTDIR), NAME(EISDIR),
	NAME(EINVAL), NAME(EMFILE), NAME(ENOTTY), NAME(ETXTBSY), NAME(EFBIG),
	NAME(ENOSPC), NAME(EROFS), NAME(EPIPE), NAME(ELOOP), NAME(ENOSYS),
	NAME(ENOTEMPTY), NAME(ENODATA), NAME(EPROTONOSUPPORT),
	NAME(ESOCKTNOSUPPORT), NAME(EOPNOTSUPP), NAME(EAFNOSUPPORT),
	NAME(EADDRINUSE), NAME(EADDRNOTAVAIL), NAME(ENETUNREACH),
	NAME(ECONNREFUSED), NAME(ECONNRESET), NAME(ETIMEDOUT),
};
/* clang-format on */

static void
print_error(int error)
{
	for (size_t i = 0; i < sizeof(error_names) / sizeof(*error_names); i++)
		if (error_names[i].error == error) {
			dprintf(STDOUT_FILENO, "%s\n", error_names[i].name);
			return;
		}
	dprintf(STDOUT_FILENO, "errno-%d\n", error);
}

static const struct attempt *
find_attempt(const char *name)
{
	const struct attempt *row;

	for (size_t i = 0; i < TABLES; i++)
		for (row = tables[i]; row->name != NULL; row++)
			if (strcmp(row->name, name) == 0)
				return row;
	return NULL;
}

static int
count_operands(const struct attempt *row)
{
	int count = *row->operands != '\0';

	for (const char *p = row->operands; *p != '\0'; p++)
		count += *p == ' ';
	return count;
}

static int
list_attempts(void)
{
	const struct attempt *row;

	for (size_t i = 0; i < TABLES; i++)
		for (row = tables[i]; row->name != NULL; row++)
			dprintf(STDOUT_FILENO, "%s%s%s\n", row->name,
			    *row->operands != '\0' ? " " : "", row->operands);
	return 0;
}

/* A fixture that is called wrongly must not look like a refusal. */
static int
usage(const char *name)
{
	dprintf(STDERR_FILENO,
	    "attempt: %s: no such attempt, or not with so "
	    "many operands\n",
	    name);
	return 200;
}

int
main(int argc, char **argv)
{
	const struct attempt *row;
	int error = 0, count, silent = 0, i = 1;

	if (argc == 2 && strcmp(argv[1], "-l") == 0)
		return list_attempts();
	if (argc > 1 && strcmp(argv[1], "-e") == 0)
		silent = i++;
	for (; i < argc; i += count + 2) {
		row = find_attempt(argv[i]);
		for (count = 0; i + 1 + count < argc; count++)
			if (strcmp(argv[i + 1 + count], "--") == 0)
				break;
		if (row == NULL || count != count_operands(row))
			return usage(argv[i]);
		error = row->run(argv + i + 1);
		if (!silent)
			print_error(error);
	}
	return silent ? error : 0;
}
