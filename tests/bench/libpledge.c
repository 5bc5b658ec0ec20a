/* SPDX-License-Identifier: ISC */
/*
 * What libpledge costs: once, for pledge() and for unveil() with its lock; and
 * ever after, for calls that the filter looks at.  Medians.
 *
 *     libpledge [--json]
 */
#include <fcntl.h>
#include <pledge.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"

#define ROUNDS 101
#define CALLS  200 /* in each round */

static int null_fd, zero_fd;
static char byte;

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int
act_pledge_stdio(void)
{
	return pledge("stdio", NULL);
}

static int
act_pledge_files(void)
{
	return pledge("stdio rpath wpath cpath", NULL);
}

static int
act_pledge_dns(void)
{
	return pledge("stdio dns", NULL);
}

static int
act_unveil(void)
{
	return unveil("/usr", "r") == -1 || unveil("/tmp", "rwc") == -1
	           ? -1
	           : unveil(NULL, NULL);
}

static const struct {
	const char *text;
	int (*act)(void);
} once[] = {
	{ "pledge(stdio)", act_pledge_stdio },
	{ "pledge(stdio rpath wpath cpath)", act_pledge_files },
	{ "pledge(stdio dns), with Landlock", act_pledge_dns },
	{ "unveil() of two directories, and the lock", act_unveil },
};

static int
call_read(void)
{
	return read(zero_fd, &byte, 1) == 1 ? 0 : -1;
}

static int
call_write(void)
{
	return write(null_fd, &byte, 1) == 1 ? 0 : -1;
}

static int
call_open(void)
{
	int fd = openat(AT_FDCWD, "/dev/null", O_RDONLY);

	return fd == -1 ? -1 : close(fd);
}

static int
call_map(void)
{
	void *map =
	    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? -1 : munmap(map, 4096);
}

static const struct {
	const char *text;
	int (*call)(void);
} ever[] = {
	{ "read", call_read },
	{ "write", call_write },
	{ "openat and close", call_open },
	{ "mmap and munmap", call_map },
};

/* In a child, as it cannot be done twice: nanoseconds. */
static double
time_once(int (*act)(void))
{
	int ends[2];
	double start, took = -1;
	pid_t child;

	if (pipe(ends) == -1)
		return -1;
	child = fork();
	if (child == 0) {
		start = now();
		took = act() == 0 ? now() - start : -1;
		_exit(write(ends[1], &took, sizeof(took)) != sizeof(took));
	}
	close(ends[1]);
	if (read(ends[0], &took, sizeof(took)) != sizeof(took))
		took = -1;
	close(ends[0]);
	waitpid(child, NULL, 0);
	return took;
}

/* The nanoseconds of one call; all are -1 when it fails. */
static struct spread
time_calls(int (*call)(void))
{
	const struct spread failed = { -1, -1, -1 };
	double times[ROUNDS], start;

	for (int i = 0; i < ROUNDS; i++) {
		start = now();
		for (int j = 0; j < CALLS; j++)
			if (call() == -1)
				return failed;
		times[i] = (now() - start) / CALLS;
	}
	return spread_of(times, ROUNDS);
}

static void
print_once(bool json)
{
	double times[ROUNDS];
	struct spread spread;

	if (!json)
		puts("libpledge, once:                                 us");
	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
		for (int j = 0; j < ROUNDS; j++)
			times[j] = time_once(once[i].act) / 1000;
		spread = spread_of(times, ROUNDS);
		if (json)
			row_value("once", once[i].text, "total", "us", spread);
		else if (times[0] < 0)
			printf("  %-42s failed\n", once[i].text);
		else
			printf("  %-42s %6.0f\n", once[i].text, spread.median);
	}
}

static void
print_call(
    bool json, const char *text, struct spread before, struct spread after)
{
	const struct spread ratio = { after.low / before.high,
		after.median / before.median, after.high / before.low };

	if (!json) {
		printf("  %-36s %8.0f   %8.0f\n", text, before.median,
		    after.median);
		return;
	}
	row_ratio(text, "pledged", "free", "each call", ratio);
	row_value(text, "free", "each call", "ns", before);
	row_value(text, "pledged", "each call", "ns", after);
}

int
main(int argc, char **argv)
{
	bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
	struct spread before[sizeof(ever) / sizeof(ever[0])];

	null_fd = open("/dev/null", O_WRONLY);
	zero_fd = open("/dev/zero", O_RDONLY);
	print_once(json);
	for (size_t i = 0; i < sizeof(ever) / sizeof(ever[0]); i++)
		before[i] = time_calls(ever[i].call);
	if (pledge("stdio rpath wpath", NULL) == -1) {
		perror(pledge_detail());
		return 1;
	}
	if (!json)
		puts("each call, under \"stdio rpath wpath\":    free ns    "
		     "held ns");
	for (size_t i = 0; i < sizeof(ever) / sizeof(ever[0]); i++)
		print_call(
		    json, ever[i].text, before[i], time_calls(ever[i].call));
	return 0;
}
