/* SPDX-License-Identifier: ISC */
/*
 * One call many times: calls CALL COUNT, or, timed in batches and told as rows,
 * calls CALL COUNT CASE NAME.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"

#define BATCHES 50

static void
call_getppid(void)
{
	syscall(SYS_getppid);
}

/* Refused by a filter without cpath; it fails unconfined, too. */
static void
call_unlink(void)
{
	unlink("/nonexistent/file");
}

/* Decided by Landlock. */
static void
call_open(void)
{
	int fd = open("/etc/hostname", O_RDONLY);

	if (fd >= 0)
		close(fd);
}

static const struct {
	const char *name;
	void (*call)(void);
} calls[] = {
	{ "getppid", call_getppid },
	{ "unlink", call_unlink },
	{ "open", call_open },
};

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static double
time_batch(void (*call)(void), long count)
{
	double began = now();

	for (long i = 0; i < count; i++)
		call();
	return (now() - began) / (double)count;
}

int
main(int argc, char **argv)
{
	long count = argc > 2 ? strtol(argv[2], NULL, 10) : 1;
	double each[BATCHES];

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (argc < 2 || strcmp(argv[1], calls[i].name) != 0)
			continue;
		if (argc < 5)
			return time_batch(calls[i].call, count) < 0;
		for (int batch = 0; batch < BATCHES; batch++)
			each[batch] =
			    time_batch(calls[i].call, count / BATCHES);
		row_value(argv[3], argv[4], "each call", "ns",
		    spread_of(each, BATCHES));
		return 0;
	}
	return 2;
}
