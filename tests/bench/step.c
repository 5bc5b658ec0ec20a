/* SPDX-License-Identifier: ISC */
/*
 * The launcher's work a part at a time, linked as the launcher is:
 *
 *     step exec|filter|landlock|all COMMAND...  do so much, become COMMAND
 *     step times|rows ROUNDS COMMAND...         do all, and time each step
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/table.h"
#include "enforce/caps.h"
#include "enforce/fds.h"
#include "enforce/landlock.h"
#include "enforce/seccomp.h"
#include "kernel/features.h"
#include "launch/implied.h"
#include "launch/target.h"
#include "rows.h"
#include "sandbox/sandbox.h"

#define ROUNDS 20000

static struct {
	struct policy policy;
	struct features features;
	struct target target;
	struct launch_paths paths;
	struct sandbox_request request;
	struct sandbox sandbox;
	char cwd[PATH_MAX];
	char **argv;
} state;

static int
step_policy(struct diag *diag)
{
	int r = policy_add_promises(&state.policy, "stdio rpath", diag);

	return r < 0 ? r : policy_add_unveil_option(&state.policy, ".", diag);
}

static int
step_probe(struct diag *diag)
{
	(void)diag;
	features_probe(&state.features);
	return 0;
}

static int
step_target(struct diag *diag)
{
	return target_find(state.argv[0], getenv("PATH"), &state.target, diag);
}

static int
step_paths(struct diag *diag)
{
	const struct symbols symbols = { .cwd = getcwd(
		                             state.cwd, sizeof(state.cwd)) };
	const struct launch_gifts gifts = { .target = &state.target };
	int r;

	r = launch_paths_user(&state.paths, &state.policy, &symbols, diag);
	if (r < 0)
		return r;
	return launch_paths_implied(&state.paths, &state.policy, &gifts, diag);
}

static int
step_compile(struct diag *diag)
{
	state.request = (struct sandbox_request){ .policy = &state.policy,
		.features = &state.features,
		.arch = arch_native(),
		.launch = true,
		.dynamic =
		    state.target.flags & (TARGET_DYNAMIC | TARGET_SCRIPT),
		.paths = state.paths.paths,
		.path_count = state.paths.count,
		.values = { .pid = (uint64_t)getpid() } };
	if (getrandom(state.request.values.cookie,
	        sizeof(state.request.values.cookie), 0) < 0)
		return diag_errno(diag, "getrandom");
	return sandbox_compile(&state.request, &state.sandbox, diag);
}

static int
step_close_fds(struct diag *diag)
{
	return enforce_close_fds(NULL, 0, diag);
}

static int
step_no_new_privs(struct diag *diag)
{
	return enforce_no_new_privs(diag);
}

static int
step_caps(struct diag *diag)
{
	return enforce_caps(state.sandbox.caps, diag);
}

static int
step_mdwe(struct diag *diag)
{
	return state.sandbox.no_exec_gain ? enforce_mdwe(diag) : 0;
}

static int
step_landlock(struct diag *diag)
{
	return enforce_landlock(&state.sandbox.landlock, diag);
}

static int
step_seccomp(struct diag *diag)
{
	return enforce_seccomp(&state.sandbox.program, 0, diag);
}

enum level { LEVEL_EXEC, LEVEL_FILTER, LEVEL_LANDLOCK, LEVEL_ALL };
static const char *const level_names[] = { "exec", "filter", "landlock",
	"all" };

static const struct step {
	const char *name;
	enum level level; /* from which it is done */
	int (*run)(struct diag *diag);
} steps[] = {
	{ "read the options", LEVEL_FILTER, step_policy },
	{ "probe the kernel", LEVEL_FILTER, step_probe },
	{ "find and read the target", LEVEL_FILTER, step_target },
	{ "find the paths", LEVEL_LANDLOCK, step_paths },
	{ "compile the filter", LEVEL_FILTER, step_compile },
	{ "close descriptors", LEVEL_ALL, step_close_fds },
	{ "no new privileges", LEVEL_FILTER, step_no_new_privs },
	{ "refuse executable memory", LEVEL_ALL, step_mdwe },
	{ "apply Landlock", LEVEL_LANDLOCK, step_landlock },
	{ "drop capabilities", LEVEL_ALL, step_caps },
	{ "apply the filter", LEVEL_FILTER, step_seccomp },
};

/* When each step was done; shared with the children. */
static struct {
	double at[ARRAY_SIZE(steps) + 1];
} * shared;

/* One step's times, and behind them: from exec to the exit. */
static double times[ARRAY_SIZE(steps) + 1][ROUNDS];

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void
mark(size_t index)
{
	if (shared != NULL)
		shared->at[index] = now();
}

/* Does the steps of LEVEL and becomes the command. */
static int
launch(enum level level)
{
	const uint64_t *cookie = state.request.values.cookie;
	struct diag diag = { 0 };
	const char *path = state.argv[0];

	mark(0);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (steps[i].level <= level && steps[i].run(&diag) < 0) {
			fprintf(
			    stderr, "step: %s: %s\n", steps[i].name, diag.text);
			return 125;
		}
		mark(i + 1);
	}
	if (state.target.file_count > 0)
		path = state.target.files[0];
	syscall(SYS_execve, path, state.argv, environ, cookie[0], cookie[1],
	    cookie[2]);
	return 126;
}

static int
compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static void
print_times(size_t rounds)
{
	double sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		double *row = times[i];
		bool last = i == ARRAY_SIZE(steps);

		qsort(row, rounds, sizeof(*row), compare);
		if (last)
			printf("  %-24s %9.1f\n", "all of these", sum);
		printf("  %-24s %9.1f  %.1f .. %.1f\n",
		    last ? "exec, run and exit" : steps[i].name,
		    row[rounds / 2], row[rounds / 10],
		    row[rounds - 1 - rounds / 10]);
		sum += row[rounds / 2];
	}
}

static void
print_rows(size_t rounds)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		row_value("each step", steps[i].name, "total", "us",
		    spread_of(times[i], rounds));
	row_value("each step", "exec, run and exit", "total", "us",
	    spread_of(times[ARRAY_SIZE(steps)], rounds));
}

static int
time_steps(size_t rounds, bool rows)
{
	const struct sched_param first = { .sched_priority = 1 };
	int status;

	/* As in startup.c; by number, as musl's own says ENOSYS. */
	syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &first);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rounds < 1 || rounds > ROUNDS || shared == MAP_FAILED)
		return 2;
	if (!rows)
		printf("  %-24s %9s  %s\n", "each step in a fresh child", "us",
		    "10 % .. 90 %");
	fflush(stdout);
	for (size_t round = 0; round < rounds; round++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(launch(LEVEL_ALL));
		if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
			return 1;
		for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
			times[i][round] = shared->at[i + 1] - shared->at[i];
		times[ARRAY_SIZE(steps)][round] =
		    now() - shared->at[ARRAY_SIZE(steps)];
	}
	if (rows)
		print_rows(rounds);
	else
		print_times(rounds);
	return 0;
}

int
main(int argc, char **argv)
{
	bool rows = argc > 3 && strcmp(argv[1], "rows") == 0;

	if (rows || (argc > 3 && strcmp(argv[1], "times") == 0)) {
		state.argv = argv + 3;
		return time_steps(strtoul(argv[2], NULL, 10), rows);
	}
	for (size_t i = 0; argc > 2 && i < ARRAY_SIZE(level_names); i++) {
		if (strcmp(argv[1], level_names[i]) != 0)
			continue;
		state.argv = argv + 2;
		return launch((enum level)i);
	}
	fputs("usage: step exec|filter|landlock|all COMMAND...\n"
	      "       step times|rows ROUNDS COMMAND...\n",
	    stderr);
	return 2;
}
