/* SPDX-License-Identifier: ISC */
/* Attempts on clocks: those that count a process's or a thread's time. */
#include "attempt.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

/* clock_getcpuclockid(3) asks the kernel first; this is what it would give. */
static clockid_t
process_clock(const char *pid)
{
	return (clockid_t)((~(unsigned int)number(pid) << 3) | 2U);
}

static int
read_clock(char **pid)
{
	struct timespec now;

	return outcome(syscall(SYS_clock_gettime, process_clock(*pid), &now));
}

static int
ask_clock(char **pid)
{
	struct timespec step;

	return outcome(syscall(SYS_clock_getres, process_clock(*pid), &step));
}

/* Until a moment that is over. */
static int
sleep_by_clock(char **pid)
{
	const struct timespec start = { 0 };

	return outcome(syscall(SYS_clock_nanosleep, process_clock(*pid),
	    TIMER_ABSTIME, &start, NULL));
}

static int
make_timer(char **pid)
{
	int timer;

	return outcome(
	    syscall(SYS_timer_create, process_clock(*pid), NULL, &timer));
}

/* What programs and C libraries ask: the process by its names and its number,
 * the thread itself. */
static int
read_own(char **none)
{
	const clockid_t plain[] = { CLOCK_REALTIME, CLOCK_MONOTONIC,
		CLOCK_BOOTTIME, CLOCK_PROCESS_CPUTIME_ID,
		CLOCK_THREAD_CPUTIME_ID };
	struct timespec now;
	clockid_t clock;
	int error;

	(void)none;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (syscall(SYS_clock_gettime, plain[i], &now) == -1)
			return errno;
	error = clock_getcpuclockid(getpid(), &clock);
	if (error == 0)
		error = clock_getcpuclockid(0, &clock);
	if (error == 0)
		error = outcome(clock_gettime(clock, &now));
	if (error == 0)
		error = pthread_getcpuclockid(pthread_self(), &clock);
	return error != 0 ? error : outcome(clock_gettime(clock, &now));
}

static void *
wait_to_be_read(void *gate)
{
	pthread_mutex_lock(gate);
	pthread_mutex_unlock(gate);
	return NULL;
}

/* Of another thread, whose number only the kernel and this process know. */
static int
read_thread(char **none)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct timespec now;
	pthread_t thread;
	clockid_t clock;
	int error;

	(void)none;
	pthread_mutex_lock(&gate);
	error = pthread_create(&thread, NULL, wait_to_be_read, &gate);
	if (error != 0)
		return error;
	error = pthread_getcpuclockid(thread, &clock);
	if (error == 0)
		error = outcome(syscall(SYS_clock_gettime, clock, &now));
	pthread_mutex_unlock(&gate);
	pthread_join(thread, NULL);
	return error;
}

const struct attempt clock_attempts[] = {
	{ "clock-of", "PID", read_clock },
	{ "clock-getres-of", "PID", ask_clock },
	{ "clock-nanosleep-of", "PID", sleep_by_clock },
	{ "timer-of", "PID", make_timer },
	{ "own-clocks", "", read_own },
	{ "thread-clock", "", read_thread },
	{ 0 },
};
