/* SPDX-License-Identifier: ISC */
/*
 * failing REPORT NUMBER ERROR COMMAND [ARG...]
 *
 * Runs a launcher and makes the NUMBERth system call of its fail with ERROR,
 * unmade; 0: none. Counted are those from its start until the command that it
 * launches has started, those of its child included. What never fails is made
 * all the same.
 *
 * REPORT gets a line for each call, "CALL FIRST SECOND THIRD" (the number and
 * three arguments), and "ran" if the command has started. The exit status is
 * the launcher's, 128+n for a signal.
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS                                                     \
 (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | \
     PTRACE_O_TRACECLONE | PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL)
#define SYSCALL_STOP (SIGTRAP | 0x80)

static struct {
	FILE *report;
	pid_t launcher;
	long wanted, count;
	int error;
	int execs;
	pid_t failing; /* whose call is being refused */
} state;

#if defined(__x86_64__)
static void
get_registers(pid_t pid, struct user_regs_struct *ret_registers)
{
	struct iovec all = { ret_registers, sizeof(*ret_registers) };

	ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &all);
}

static void
set_registers(pid_t pid, struct user_regs_struct *registers)
{
	struct iovec all = { registers, sizeof(*registers) };

	ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &all);
}

/* No kernel refuses it, and nobody asks whether it was done. */
static int
never_fails(unsigned long long call)
{
	return call == SYS_rt_sigprocmask || call == SYS_getpid ||
	       call == SYS_getppid;
}

static void
enter_call(pid_t pid)
{
	struct user_regs_struct registers = { 0 };

	get_registers(pid, &registers);
	fprintf(state.report, "%llu %llu %llu %llu\n", registers.orig_rax,
	    registers.rdi, registers.rsi, registers.rdx);
	state.count++;
	if (state.count != state.wanted || never_fails(registers.orig_rax))
		return;
	registers.orig_rax = (unsigned long long)-1; /* no call at all */
	set_registers(pid, &registers);
	state.failing = pid;
}

static void
leave_call(pid_t pid)
{
	struct user_regs_struct registers = { 0 };

	if (state.failing != pid)
		return;
	state.failing = 0;
	get_registers(pid, &registers);
	registers.rax = (unsigned long long)-(long long)state.error;
	set_registers(pid, &registers);
}
#else
# define UNKNOWN 1 /* whose registers hold what */
static void
enter_call(pid_t pid)
{
	(void)pid;
}

static void
leave_call(pid_t pid)
{
	(void)pid;
}
#endif

static int
is_entry(pid_t pid)
{
	struct __ptrace_syscall_info info = { 0 };

	ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info);
	return info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* The second exec, after failing's own of the launcher, is the command's. */
static void
note_exec(void)
{
	state.execs++;
	if (state.execs == 2)
		fputs("ran\n", state.report);
}

/* What a stopped process is to be continued with. */
static int
handle_stop(pid_t pid, int status)
{
	int number = WSTOPSIG(status), event = status >> 16;

	if (number == SYSCALL_STOP) {
		if (!is_entry(pid))
			leave_call(pid);
		else if (state.execs == 1)
			enter_call(pid);
		return 0;
	}
	if (event == PTRACE_EVENT_EXEC)
		note_exec();
	if (event == 0)
		return number;
	return event == PTRACE_EVENT_STOP && number != SIGTRAP ? -1 : 0;
}

static int
trace(void)
{
	int status, number, result = 200;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			number = handle_stop(pid, status);
			if (number < 0)
				ptrace(PTRACE_LISTEN, pid, 0L, 0L);
			else
				ptrace(PTRACE_SYSCALL, pid, 0L, (long)number);
			continue;
		}
		if (pid == state.launcher)
			result = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
			                             : WEXITSTATUS(status);
	}
	return result;
}

static void
start(char **argv)
{
	int ready[2];
	char byte;

	if (pipe(ready) == -1)
		exit(200);
	state.launcher = fork();
	if (state.launcher == -1)
		exit(200);
	if (state.launcher == 0) {
		close(ready[1]);
		fclose(state.report);
		if (read(ready[0], &byte, 1) != 0)
			_exit(200);
		close(ready[0]);
		execv(argv[0], argv);
		_exit(200);
	}
	close(ready[0]);
	if (ptrace(PTRACE_SEIZE, state.launcher, 0L, (long)OPTIONS) == -1) {
		perror("failing: ptrace");
		kill(state.launcher, SIGKILL);
		exit(77);
	}
	close(ready[1]);
	/* Its calls are seen from the next stop on: the exec's. */
	ptrace(PTRACE_INTERRUPT, state.launcher, 0L, 0L);
}

int
main(int argc, char **argv)
{
#ifdef UNKNOWN
	fputs("failing: not on this architecture\n", stderr);
	return 77;
#endif
	if (argc < 5)
		return 200;
	state.report = fopen(argv[1], "we");
	if (state.report == NULL)
		return 200;
	setvbuf(state.report, NULL, _IOLBF, 0);
	state.wanted = strtol(argv[2], NULL, 10);
	state.error = (int)strtol(argv[3], NULL, 10);
	start(argv + 4);
	return trace();
}
