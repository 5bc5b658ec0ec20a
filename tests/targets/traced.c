/* SPDX-License-Identifier: ISC */
/*
 * What is hard to trace: very many processes and threads, an exec in a thread,
 * pointers to nowhere, long paths, a program that traces.
 *
 *	traced forks N | threads N | exec | pointers | long | trace | mixed N
 *	traced untraced clone|clone3|vfork
 *
 * It prints what it did, for the test to compare.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/sched.h>
#include <unistd.h>

/* No descriptor is so high: the call only fails, with a number of ours. */
#define MARK 1000000

static int
forks(int count)
{
	int status;

	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			syscall(SYS_close, MARK + i);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
			return 1;
		printf("%d %d\n", (int)pid, i);
	}
	return 0;
}

static pthread_barrier_t all_there;

static void *
make_call(void *argument)
{
	int number = *(int *)argument;

	/* All at once, so that their stops come mixed. */
	pthread_barrier_wait(&all_there);
	for (int i = 0; i < 3; i++)
		syscall(SYS_close, MARK + number);
	printf("%d %d\n", (int)syscall(SYS_gettid), number);
	return NULL;
}

static int
threads(int count)
{
	pthread_t *ids = calloc((size_t)count, sizeof(*ids));
	int *numbers = calloc((size_t)count, sizeof(*numbers));
	pthread_attr_t attributes;
	int failed = ids == NULL || numbers == NULL;

	pthread_barrier_init(&all_there, NULL, (unsigned int)count);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	for (int i = 0; !failed && i < count; i++) {
		numbers[i] = i;
		failed = pthread_create(
		    &ids[i], &attributes, make_call, &numbers[i]);
	}
	for (int i = 0; !failed && i < count; i++)
		pthread_join(ids[i], NULL);
	free(ids);
	free(numbers);
	return failed != 0;
}

static void *
wait_for_ever(void *argument)
{
	(void)argument;
	for (;;)
		pause();
	return NULL;
}

static void *
exec_here(void *argument)
{
	static char name[] = "traced", mode[] = "mark";
	char *argv[] = { name, mode, NULL };

	printf("%d %d\n", (int)getpid(), (int)syscall(SYS_gettid));
	fflush(stdout);
	execv(argument, argv);
	return NULL;
}

static int
exec_in_thread(void)
{
	static char self[] = "/proc/self/exe";
	pthread_t id;

	for (int i = 0; i < 5; i++)
		pthread_create(&id, NULL, wait_for_ever, NULL);
	pthread_create(&id, NULL, exec_here, self);
	wait_for_ever(NULL);
	return 1;
}

/* Strings that cannot be read, or only in part. */
static int
pointers(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || munmap(memory + page, page) < 0)
		return 1;
	memset(memory, 'x', page);
	syscall(SYS_close, MARK);
	syscall(SYS_chdir, NULL);
	syscall(SYS_chdir, (char *)1);
	syscall(SYS_chdir, memory + page);
	/* To the end of its page, and no NUL. */
	syscall(SYS_chdir, memory + page - 3);
	/* One that ends with its page. */
	memory[page - 1] = '\0';
	syscall(SYS_chdir, memory + page - 3);
	mprotect(memory, page, PROT_NONE);
	syscall(SYS_chdir, memory);
	syscall(SYS_write, MARK, memory, 10);
	syscall(SYS_execve, "/nonexistent", (char **)1, (char **)1);
	printf("%p %p\n", (void *)memory, (void *)(memory + page));
	return 0;
}

static int
long_path(void)
{
	static char path[2 * PATH_MAX];

	memset(path, 'a', sizeof(path) - 1);
	path[PATH_MAX - 1] = '\0';
	syscall(SYS_close, MARK);
	syscall(SYS_chdir, path);
	path[PATH_MAX - 1] = 'b';
	syscall(SYS_chdir, path);
	return 0;
}

/* A child that asks to be traced, and an attempt to seize it. */
static int
trace_child(void)
{
	pid_t pid = fork();
	int status;
	long seized;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
			raise(SIGSTOP);
		_exit(errno == EPERM ? 3 : 4);
	}
	seized = ptrace(PTRACE_ATTACH, pid, NULL, NULL);
	printf("%s\n", seized == 0 ? "attached" : strerror(errno));
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
		ptrace(PTRACE_CONT, pid, NULL, NULL);
	printf("%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}

static int pipes[2][2];

/* Reads what the other one writes, and answers. */
static void *
play(void *argument)
{
	int self = *(int *)argument;
	char byte = 0;

	while (read(pipes[self][0], &byte, 1) == 1 && byte > 0) {
		byte--;
		if (write(pipes[!self][1], &byte, 1) != 1)
			break;
	}
	/* The other one need not wait. */
	close(pipes[!self][1]);
	return NULL;
}

/* Two threads, each in a call while the other one makes its own. */
static int
mixed(int count)
{
	static int numbers[2] = { 0, 1 };
	pthread_t ids[2];
	char byte = (char)count;

	if (pipe(pipes[0]) < 0 || pipe(pipes[1]) < 0)
		return 1;
	for (int i = 0; i < 2; i++)
		pthread_create(&ids[i], NULL, play, &numbers[i]);
	printf("%d %d\n", pipes[0][0], pipes[1][0]);
	if (write(pipes[0][1], &byte, 1) != 1)
		return 1;
	for (int i = 0; i < 2; i++)
		pthread_join(ids[i], NULL);
	return 0;
}

/* In read-only memory, as a program may have it. */
static const struct clone_args untraced_args = { .flags = CLONE_UNTRACED,
	.exit_signal = SIGCHLD };

/* A child that is not to be traced: its calls' results are its status. */
static int
untraced(const char *how)
{
	unsigned long flags = CLONE_UNTRACED | SIGCHLD;
	const struct clone_args *args = &untraced_args;
	int status = 0;
	long pid;

	if (strcmp(how, "vfork") == 0)
		flags |= CLONE_VFORK;
	pid = strcmp(how, "clone3") == 0
	          ? syscall(SYS_clone3, args, sizeof(*args))
	          : syscall(SYS_clone, flags, 0, 0, 0, 0);
	if (pid == 0) {
		int failed = syscall(SYS_close, MARK) != -1 || errno != EBADF;

		if (*(const volatile __u64 *)&args->flags != CLONE_UNTRACED)
			failed = 2;
		_exit(10 + failed);
	}
	if (pid < 0 || waitpid((pid_t)pid, &status, 0) != pid)
		return 1;
	printf("%d %d\n", WEXITSTATUS(status), args->flags == CLONE_UNTRACED);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	int count = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1;

	if (strcmp(mode, "forks") == 0) {
		setvbuf(stdout, NULL, _IOFBF, 1 << 20);
		return forks(count);
	}
	if (strcmp(mode, "threads") == 0)
		return threads(count);
	if (strcmp(mode, "exec") == 0)
		return exec_in_thread();
	if (strcmp(mode, "pointers") == 0)
		return pointers();
	if (strcmp(mode, "long") == 0)
		return long_path();
	if (strcmp(mode, "trace") == 0)
		return trace_child();
	if (strcmp(mode, "mixed") == 0)
		return mixed(count);
	if (strcmp(mode, "untraced") == 0 && argc > 2)
		return untraced(argv[2]);
	if (strcmp(mode, "mark") == 0) {
		syscall(SYS_close, MARK);
		return 5;
	}
	return 2;
}
