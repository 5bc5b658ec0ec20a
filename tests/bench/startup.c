/* SPDX-License-Identifier: ISC */
/*
 * Times commands against each other, from spawn to exit:
 *
 *     startup [--json CASE] ROUNDS SUBJECT NAME COMMAND... -- NAME COMMAND...
 *
 * Each round runs all of them, beginning with another one each time, on one
 * processor; so whatever disturbs the machine disturbs all alike.  The first
 * is the baseline: what the others add is the median of the differences within
 * a round; at best, that of the fastest twentieths, which a busy machine
 * disturbs least.  SUBJECT is what those behind it are compared with; in JSON,
 * it may be several, with commas between them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"

#define COMMANDS 16
#define ROUNDS   20000
#define WARM_UP  20 /* rounds; of a few long ones, two */

struct command {
	const char *name;
	char **argv;
	double times[ROUNDS];  /* microseconds, by round */
	double added[ROUNDS];  /* to the baseline's of the round */
	double faults[ROUNDS]; /* pages that had to be mapped in */
};

static struct command commands[COMMANDS];
static size_t command_count;
static posix_spawn_file_actions_t actions;
static const char *json_case; /* NULL: a table for people */

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* Runs a command once: its wait status, or -1. */
static int
run_once(const struct command *command, double *ret_time, double *ret_faults)
{
	struct rusage usage;
	double start = now();
	int status;
	pid_t pid;

	if (posix_spawn(&pid, command->argv[0], &actions, NULL, command->argv,
	        environ) != 0)
		return -1;
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			return -1;
	*ret_time = now() - start;
	*ret_faults = (double)(usage.ru_minflt + usage.ru_majflt);
	return status;
}

static void
say_failed(const struct command *command, unsigned int status)
{
	char text[160];

	snprintf(text, sizeof(text),
	    "%s: not timed, it failed (wait status %#x)", command->name,
	    status);
	if (json_case != NULL)
		row_note(json_case, text);
	else
		printf("  %s\n", text);
}

/* What does not work is not timed, and said. */
static void
drop_failing(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < command_count; i++) {
		struct command *command = &commands[i];
		int status =
		    run_once(command, &command->times[0], &command->faults[0]);

		if (status != 0) {
			say_failed(command, (unsigned int)status);
			continue;
		}
		if (kept != i)
			commands[kept] = *command;
		kept++;
	}
	command_count = kept;
}

static void
run_rounds(size_t rounds)
{
	double time, faults;

	const size_t warm_up = rounds <= WARM_UP ? 2 : WARM_UP;

	for (size_t round = 0; round < rounds + warm_up; round++) {
		for (size_t i = 0; i < command_count; i++) {
			struct command *command =
			    &commands[(i + round) % command_count];

			if (run_once(command, &time, &faults) != 0) {
				fprintf(stderr, "startup: %s failed\n",
				    command->name);
				exit(1);
			}
			if (round < warm_up)
				continue;
			command->times[round - warm_up] = time;
			command->faults[round - warm_up] = faults;
		}
	}
	for (size_t i = 0; i < command_count; i++)
		for (size_t round = 0; round < rounds; round++)
			commands[i].added[round] =
			    commands[i].times[round] - commands[0].times[round];
}

static int
compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Sorted values: the one below which PART of them are. */
static double
quantile(const double *values, size_t count, double part)
{
	return values[(size_t)(part * (double)(count - 1) + 0.5)];
}

static void
print_table(size_t rounds)
{
	const struct command *bare = &commands[0];
	double base, best;

	for (size_t i = 0; i < command_count; i++) {
		qsort(commands[i].times, rounds, sizeof(double), compare);
		qsort(commands[i].added, rounds, sizeof(double), compare);
		qsort(commands[i].faults, rounds, sizeof(double), compare);
	}
	base = quantile(bare->times, rounds, 0.5);
	best = quantile(bare->times, rounds, 0.05);
	printf("  %-24s %6s %9s  %-15s %8s %9s %7s\n", "", "times", "added us",
	    "10 % .. 90 %", "at best", "total us", "faults");
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		char spread[32];

		snprintf(spread, sizeof(spread), "%.0f .. %.0f",
		    quantile(command->added, rounds, 0.1),
		    quantile(command->added, rounds, 0.9));
		printf("  %-24s %6.2f %9.1f  %-15s %8.1f %9.1f %7.0f\n",
		    command->name, quantile(command->times, rounds, 0.5) / base,
		    quantile(command->added, rounds, 0.5), spread,
		    quantile(command->times, rounds, 0.05) - best,
		    quantile(command->times, rounds, 0.5),
		    quantile(command->faults, rounds, 0.5));
	}
}

/* What the subject adds, of what those behind it add. */
static void
print_comparison(const char *subject, size_t rounds)
{
	double own = 0, own_best = 0;
	double base = quantile(commands[0].times, rounds, 0.05);

	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		double added = quantile(command->added, rounds, 0.5);
		double best = quantile(command->times, rounds, 0.05) - base;

		if (own > 0 && added > 0 && best > 0)
			printf("  %s adds %.3f of what %s adds (at best "
			       "%.3f)\n",
			    subject, own / added, command->name,
			    own_best / best);
		if (strcmp(command->name, subject) != 0)
			continue;
		own = added;
		own_best = best;
	}
}

/* What the subject adds, and takes, of what another does, round by round. */
static void
print_ratios(
    const struct command *subject, const struct command *other, size_t rounds)
{
	static double added[ROUNDS], total[ROUNDS];
	double least = 1; /* us: less than that is not told apart */

	for (size_t round = 0; round < rounds; round++) {
		double own = subject->added[round], its = other->added[round];

		added[round] =
		    (own > least ? own : least) / (its > least ? its : least);
		total[round] = subject->times[round] / other->times[round];
	}
	/* Of the peers', what they add; of a part of ourselves, nothing. */
	if (other == &commands[0])
		row_ratio(json_case, subject->name, other->name, "total",
		    spread_of(total, rounds));
	else if (*other->name != '+')
		row_ratio(json_case, subject->name, other->name, "added",
		    spread_of(added, rounds));
}

/* Is NAME among the subjects, "trace,learn"? */
static bool
is_subject(const char *name, const char *subjects)
{
	size_t length = strlen(name), step;

	for (; *subjects != '\0'; subjects += step + (subjects[step] == ',')) {
		step = strcspn(subjects, ",");
		if (step == length && strncmp(subjects, name, length) == 0)
			return true;
	}
	return false;
}

/* The subjects against all others, while the rounds are still in order. */
static void
print_json(const char *subject, size_t rounds)
{
	for (size_t i = 0; i < command_count; i++)
		for (size_t j = 0; j < command_count; j++)
			if (i != j && is_subject(commands[i].name, subject))
				print_ratios(
				    &commands[i], &commands[j], rounds);
	for (size_t i = 0; i < command_count; i++) {
		struct command *command = &commands[i];

		row_value(json_case, command->name, "total", "us",
		    spread_of(command->times, rounds));
		if (i > 0)
			row_value(json_case, command->name, "added", "us",
			    spread_of(command->added, rounds));
	}
}

/*
 * The last processor that we may use, as the first ones serve interrupts; and
 * before all others, if we may: else their turns are part of what is measured.
 */
static void
pin(void)
{
	const struct sched_param first = { .sched_priority = 1 };
	cpu_set_t all, one;

	if (sched_setscheduler(0, SCHED_FIFO, &first) < 0 && json_case == NULL)
		puts("  (not before other processes: that takes root)");
	if (sched_getaffinity(0, sizeof(all), &all) < 0)
		return;
	for (int i = CPU_SETSIZE - 1; i >= 0; i--) {
		if (!CPU_ISSET(i, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

/* "NAME COMMAND... -- NAME COMMAND...", cut into commands in place. */
static int
read_commands(char **words)
{
	while (*words != NULL) {
		struct command *command = &commands[command_count];

		if (command_count == COMMANDS || words[1] == NULL)
			return -1;
		command->name = *words++;
		command->argv = words;
		while (*words != NULL && strcmp(*words, "--") != 0)
			words++;
		if (*words != NULL)
			*words++ = NULL;
		if (command->argv[0] == NULL)
			return -1;
		command_count++;
	}
	return command_count < 2 ? -1 : 0;
}

int
main(int argc, char **argv)
{
	size_t rounds;

	if (argc > 2 && strcmp(argv[1], "--json") == 0) {
		json_case = argv[2];
		argv += 2;
		argc -= 2;
	}
	rounds = argc > 4 ? strtoul(argv[1], NULL, 10) : 0;
	if (rounds < 1 || rounds > ROUNDS || read_commands(argv + 3) < 0) {
		fprintf(stderr, "usage: startup [--json CASE] ROUNDS SUBJECT "
		                "NAME COMMAND... -- NAME COMMAND...\n");
		return 2;
	}
	pin();
	posix_spawn_file_actions_init(&actions);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(
		    &actions, fd, "/dev/null", O_RDWR, 0);
	drop_failing();
	run_rounds(rounds);
	if (json_case != NULL) {
		print_json(argv[2], rounds);
		return 0;
	}
	print_table(rounds);
	print_comparison(argv[2], rounds);
	return 0;
}
