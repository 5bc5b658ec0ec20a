/* SPDX-License-Identifier: ISC */
/*
 * The time for a confined command through `seccomp-pledge serve`, against a
 * bare fork+exec loop:
 *
 *     serve --json CASE SERVER ROUNDS COMMAND
 *
 * Batches of both alternate, so that what disturbs the machine disturbs both.
 * Then what is left after a thousand runs in a row and 64 at once: exit status
 * 1, if that is a MiB or a process.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"

#define BATCHES  9
#define PARALLEL 64
#define IN_A_ROW 1000
#define WARM_UP  50

static char directory[] = "/tmp/serve-bench.XXXXXX";
static char path[64];
static const char *command;
static pid_t server;

static void
die(const char *what)
{
	fprintf(stderr, "serve: %s: %s\n", what, strerror(errno));
	if (server > 0)
		kill(server, SIGTERM);
	exit(1);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int
connect_to_server(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path));
	for (int i = 0; i < 1000; i++) {
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ==
		    0)
			return fd;
		poll(NULL, 0, 10);
	}
	die("connect");
	return -1;
}

static void
ask(int fd, int id)
{
	char line[4352];
	int length = snprintf(line, sizeof(line),
	    "{\"jsonrpc\": \"2.0\", \"id\": %d, \"method\": \"run\", "
	    "\"params\": {\"argv\": [\"%s\"], \"unveil\": [\"r:/usr/share\"]}}"
	    "\n",
	    id, command);

	if (write(fd, line, (size_t)length) != length)
		die("ask");
}

/* Reads one answer, which must be a success. */
static void
hear(int fd)
{
	char line[65536];
	size_t length = 0;
	ssize_t n;

	do {
		n = read(fd, line + length, sizeof(line) - 1 - length);
		if (n <= 0)
			die("answer");
		length += (size_t)n;
	} while (line[length - 1] != '\n');
	line[length] = '\0';
	if (strstr(line, "\"status\": 0,") == NULL) {
		fputs(line, stderr);
		errno = EPROTO;
		die("answer");
	}
}

static void
served_runs(int count)
{
	int fd = connect_to_server();

	for (int i = 0; i < count; i++) {
		ask(fd, i);
		hear(fd);
	}
	close(fd);
}

static void
bare_runs(int count)
{
	for (int i = 0; i < count; i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			execl(command, command, (char *)NULL);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
			die("bare");
	}
}

/* LOOPS processes do COUNT each: runs per second of all together. */
static double
rate(void (*runs)(int count), int loops, int count)
{
	double begun;
	int gate[2], status;

	if (pipe(gate) < 0)
		die("pipe");
	for (int i = 0; i < loops; i++) {
		pid_t pid = fork();
		char c;

		if (pid < 0)
			die("fork");
		if (pid > 0)
			continue;
		close(gate[1]);
		if (read(gate[0], &c, 1) < 0)
			_exit(1);
		runs(count);
		_exit(0);
	}
	close(gate[0]);
	begun = now();
	close(gate[1]);
	for (int i = 0; i < loops; i++)
		if (wait(&status) < 0 || status != 0)
			die("a loop");
	return loops * count / (now() - begun);
}

/* Microseconds for a command, with so many at a time. */
static void
compare(const char *group, int loops, int rounds)
{
	double bare[BATCHES], served[BATCHES], ratio[BATCHES];
	int count = rounds / BATCHES / loops + 1;
	char measure[64];

	for (int i = 0; i < BATCHES; i++) {
		bare[i] = 1e6 / rate(bare_runs, loops, count);
		served[i] = 1e6 / rate(served_runs, loops, count);
		ratio[i] = served[i] / bare[i];
	}
	snprintf(measure, sizeof(measure), "each command, %d at once", loops);
	row_ratio(group, "served", "fork and exec", measure,
	    spread_of(ratio, BATCHES));
	row_value(
	    group, "fork and exec", measure, "us", spread_of(bare, BATCHES));
	row_value(group, "served", measure, "us", spread_of(served, BATCHES));
}

static void
start_server(const char *program)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || mkdtemp(directory) == NULL)
		die("a directory");
	snprintf(path, sizeof(path), "%s/sock", directory);
	server = fork();
	if (server == 0) {
		dup2(null, 0);
		execl(program, program, "serve", "-q", "--socket", path,
		    (char *)NULL);
		_exit(127);
	}
	close(null);
	served_runs(WARM_UP);
}

/* KiB of the server that are its own. */
static long
memory(void)
{
	char name[64], line[256];
	long own = -1;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)server);
	file = fopen(name, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			own = strtol(line + 6, NULL, 10);
	if (file != NULL)
		fclose(file);
	return own;
}

/* Its children that are there, dead or alive. */
static int
children(void)
{
	char name[64], text[4096];
	int count = 0;
	size_t n;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/task/%d/children", (int)server,
	    (int)server);
	file = fopen(name, "re");
	if (file == NULL)
		return -1;
	n = fread(text, 1, sizeof(text), file);
	fclose(file);
	for (size_t i = 0; i < n; i++)
		count += text[i] == ' ';
	return count;
}

static void
at_once(void)
{
	int fds[PARALLEL];

	for (int i = 0; i < PARALLEL; i++)
		fds[i] = connect_to_server();
	for (int i = 0; i < PARALLEL; i++)
		ask(fds[i], i);
	for (int i = 0; i < PARALLEL; i++) {
		hear(fds[i]);
		close(fds[i]);
	}
}

static int
leftovers(const char *group)
{
	long before, row_grown, all_grown;
	char text[128];
	int left;

	at_once();
	before = memory();
	served_runs(IN_A_ROW);
	row_grown = memory() - before;
	at_once();
	all_grown = memory() - before;
	left = children();
	snprintf(text, sizeof(text),
	    "%d in a row leave %+ld KiB of the server's %ld, and %d at once "
	    "%+ld KiB; processes left: %d",
	    IN_A_ROW, row_grown, before, PARALLEL, all_grown, left);
	row_note(group, text);
	return row_grown >= 1024 || all_grown >= 1024 || left != 0;
}

int
main(int argc, char **argv)
{
	int rounds = argc == 6 ? (int)strtol(argv[4], NULL, 10) : 0;
	int failed;

	if (rounds < 1) {
		fputs(
		    "usage: serve --json CASE SERVER ROUNDS COMMAND\n", stderr);
		return 1;
	}
	command = argv[5];
	signal(SIGPIPE, SIG_IGN);
	start_server(argv[3]);
	compare(argv[2], 1, rounds);
	compare(argv[2], 2, rounds);
	compare(argv[2], 4, rounds);
	failed = leftovers(argv[2]);
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	rmdir(directory);
	return failed;
}
