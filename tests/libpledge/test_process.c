/* SPDX-License-Identifier: ISC */
/*
 * pledge() as an act on a process: later calls, threads, programs that are
 * executed, children, handlers, chroots.  Numbers: see test_promises.c.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "../../src/base/table.h"
#include "cases.h"

static const char *image, *image_shared, *tool;

static int
try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int
all_promises(void)
{
	EXPECT(pledge("stdio rpath wpath cpath dpath tmppath inet anet mcast "
	              "unix dns netlink route wroute getpw fattr chown flock "
	              "sendfd recvfd tty proc exec prot_exec id settime ps "
	              "vminfo unveil error audio video drm tape bpf disklabel "
	              "pf vmm",
	           NULL) == 0);
	EXPECT(try_socket() != -1);
	return 0;
}

static int
unknown_word(void)
{
	FAILS(pledge("stdio rpaht", NULL), EINVAL);
	EXPECT(strstr(pledge_detail(), "rpaht") != NULL);
	FAILS(pledge("stdio", "rpaht"), EINVAL);
	EXPECT(try_socket() != -1);
	EXPECT(pledge("", NULL) == 0);
	return 0;
}

static int
only_reduces(void)
{
	EXPECT(pledge("stdio unix", NULL) == 0);
	EXPECT(pledge_detail()[0] == '\0');
	EXPECT(pledge("stdio unix", NULL) == 0);
	FAILS(pledge("stdio unix inet", NULL), EPERM);
	EXPECT(strstr(pledge_detail(), "inet") != NULL);
	FAILS(pledge("stdio inet", NULL), EPERM);
	EXPECT(socket(AF_UNIX, SOCK_STREAM, 0) != -1);
	EXPECT(pledge(NULL, NULL) == 0);
	EXPECT(pledge("stdio", NULL) == 0);
	FAILS(pledge("stdio unix", NULL), EPERM);
	socket(AF_UNIX, SOCK_STREAM, 0);
	return 1;
}

static int
reduces_without_memory(void)
{
	/* mmap(2) is gone after the first. */
	if (pledge("inet unix rpath", NULL) != 0 ||
	    pledge("inet rpath", NULL) != 0 || pledge("inet", NULL) != 0 ||
	    try_socket() == -1 || pledge("", NULL) != 0)
		syscall(SYS_exit_group, 1);
	try_socket();
	return 1;
}

static int
error_ignores(void)
{
	EXPECT(pledge("stdio error", NULL) == 0);
	EXPECT(pledge("stdio error inet", NULL) == 0);
	FAILS(try_socket(), ENOSYS);
	return 7;
}

static void
handle(int number)
{
	(void)number;
	_exit(9);
}

static int
no_handler(void)
{
	EXPECT(signal(SIGSYS, handle) != SIG_ERR);
	EXPECT(pledge("stdio", NULL) == 0);
	try_socket();
	return 1;
}

static int
not_ignored(void)
{
	EXPECT(signal(SIGSYS, SIG_IGN) != SIG_ERR);
	EXPECT(pledge("stdio", NULL) == 0);
	try_socket();
	return 1;
}

/* Threads. */

static pthread_barrier_t barrier;
static volatile int shared;
static int thread_result;

static void *
pledge_nothing(void *unused)
{
	thread_result = pledge("", NULL);
	pthread_barrier_wait(&barrier);
	for (;;)
		;
	return unused;
}

static int
thread_pledges(void)
{
	pthread_t thread;

	EXPECT(pthread_barrier_init(&barrier, NULL, 2) == 0);
	EXPECT(pthread_create(&thread, NULL, pledge_nothing, NULL) == 0);
	while (thread_result == 0 && shared < 1000)
		shared++;
	pthread_barrier_wait(&barrier); /* futex(2) takes stdio */
	return 1;
}

static void *
wait_then_socket(void *unused)
{
	pthread_barrier_wait(&barrier);
	try_socket();
	return unused;
}

static int
thread_obeys(void)
{
	pthread_t thread;

	EXPECT(pthread_barrier_init(&barrier, NULL, 2) == 0);
	EXPECT(pthread_create(&thread, NULL, wait_then_socket, NULL) == 0);
	EXPECT(pledge("stdio", NULL) == 0);
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	return 1;
}

static void
interrupt(int number)
{
	(void)number;
}

static volatile int suspended;

static void *
suspend(void *unused)
{
	sigset_t none;

	sigemptyset(&none);
	suspended = 1;
	suspended = sigsuspend(&none) == -1 && errno == EINTR ? 2 : 3;
	return unused;
}

static int
thread_signalled(void)
{
	struct sigaction action = { .sa_handler = interrupt };
	sigset_t set;
	pthread_t thread;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	EXPECT(sigaction(SIGUSR1, &action, NULL) == 0);
	EXPECT(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
	EXPECT(pthread_create(&thread, NULL, suspend, NULL) == 0);
	while (suspended == 0)
		sched_yield();
	EXPECT(pledge("stdio", NULL) == 0);
	EXPECT(pthread_kill(thread, SIGUSR1) == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
	return suspended == 2 ? 0 : 1;
}

static void *
print(void *unused)
{
	for (int i = 0; i < 100; i++)
		fputs("", stdout);
	return unused;
}

static int
thread_starts(void)
{
	pthread_t thread;

	EXPECT(pledge("stdio", NULL) == 0);
	EXPECT(pthread_create(&thread, NULL, print, NULL) == 0);
	print(NULL);
	EXPECT(pthread_join(thread, NULL) == 0);
	return 0;
}

static void *
own_filter(void *unused)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &allow };

	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	thread_result =
	    (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return unused;
}

static int
thread_refuses(void)
{
	pthread_t thread;

	EXPECT(pthread_barrier_init(&barrier, NULL, 2) == 0);
	EXPECT(pthread_create(&thread, NULL, own_filter, NULL) == 0);
	pthread_barrier_wait(&barrier);
	EXPECT(thread_result == 0);
	FAILS(pledge("stdio", NULL), EBUSY);
	EXPECT(pledge_detail()[0] != '\0');
	EXPECT(try_socket() != -1);
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 0);
	pthread_barrier_wait(&barrier);
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT(pledge("stdio", NULL) == 0);
	return 0;
}

static void *
idle(void *unused)
{
	pause();
	return unused;
}

static int
files_and_threads(void)
{
	struct pledge_kernel support;
	pthread_t thread;

	pledge_support(&support, sizeof(support));
	EXPECT(pthread_create(&thread, NULL, idle, NULL) == 0);
	if (support.all_threads)
		return pledge("stdio getpw", NULL) == 0 ? 0 : 1;
	FAILS(pledge("stdio getpw", NULL), ENOTSUP);
	EXPECT(strstr(pledge_detail(), "thread") != NULL);
	FAILS(unveil(NULL, NULL), ENOTSUP);
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 0);
	EXPECT(open("/etc/hosts", O_RDONLY) != -1);
	/* The way out: with rpath, no file of its own is needed. */
	EXPECT(pledge("stdio rpath getpw", NULL) == 0);
	return 0;
}

static int
thread_has_ended(void)
{
	pthread_t thread;

	EXPECT(pthread_create(&thread, NULL, print, NULL) == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT(pledge("stdio rpath getpw", NULL) == 0);
	EXPECT(pledge("stdio getpw", NULL) == 0);
	EXPECT(open("/etc/passwd", O_RDONLY) != -1);
	FAILS(open("/etc/hosts", O_RDONLY), EACCES);
	return 0;
}

/* Programs that are executed. */

static int
execute(const char *what)
{
	pledge_execl(image, image, what, (char *)NULL);
	return 100;
}

static int
exec_socket_stdio_exec(void)
{
	EXPECT(pledge("stdio exec", "stdio") == 0);
	return execute("socket");
}

static int
exec_socket_rpath(void)
{
	EXPECT(pledge("stdio rpath exec", "stdio") == 0);
	return execute("socket");
}

static int
exec_socket_tty(void)
{
	EXPECT(pledge("stdio inet tty exec", "stdio tty") == 0);
	return execute("socket");
}

static int
exec_socket_error(void)
{
	EXPECT(pledge("stdio inet exec error", "stdio error") == 0);
	return execute("socket");
}

static int
exec_socket_inet(void)
{
	EXPECT(pledge("stdio inet exec", "stdio inet") == 0);
	return execute("socket");
}

static int
exec_compute(void)
{
	EXPECT(pledge("stdio exec", "stdio") == 0);
	return execute("compute");
}

static int
exec_again(void)
{
	EXPECT(pledge("stdio exec", "stdio") == 0);
	return execute("again");
}

static int
exec_again_with_exec(void)
{
	EXPECT(pledge("stdio exec", "stdio exec") == 0);
	return execute("again");
}

static int
exec_without_exec(void)
{
	EXPECT(pledge("stdio", "stdio") == 0);
	return execute("compute");
}

static int
exec_pledges_more(void)
{
	EXPECT(pledge("stdio inet exec", "stdio") == 0);
	pledge_execl(image, image, "pledge", "stdio inet", (char *)NULL);
	return 100;
}

static int
exec_keeps(void)
{
	EXPECT(pledge("stdio exec", NULL) == 0);
	return execute("socket");
}

static int
exec_raw_keeps(void)
{
	EXPECT(pledge("stdio inet exec", "stdio") == 0);
	execl(image, image, "socket", (char *)NULL);
	return 100;
}

static int
exec_unpledged(void)
{
	EXPECT(pledge(NULL, "stdio") == 0);
	EXPECT(try_socket() != -1);
	return execute("socket");
}

static int
exec_not_subset(void)
{
	FAILS(pledge("stdio exec", "stdio inet"), EINVAL);
	EXPECT(strstr(pledge_detail(), "inet") != NULL);
	FAILS(pledge("stdio inet exec", "stdio unix"), EINVAL);
	EXPECT(try_socket() != -1);
	EXPECT(pledge("stdio inet exec", "stdio") == 0);
	FAILS(pledge(NULL, "stdio inet"), EPERM);
	return 0;
}

static int
exec_fails(void)
{
	EXPECT(pledge("stdio rpath inet exec", "stdio") == 0);
	FAILS(pledge_execl("/nowhere/x", "x", (char *)NULL), ENOENT);
	EXPECT(strstr(pledge_detail(), "/nowhere/x") != NULL);
	FAILS(pledge_execl("/", "x", (char *)NULL), EACCES);
	EXPECT(pledge_execlp("nowhere-to-be-found", "x", (char *)NULL) == -1 &&
	       (errno == ENOENT || errno == EACCES));
	EXPECT(try_socket() != -1);
	EXPECT(open("/etc/passwd", O_RDONLY) != -1);
	return execute("compute");
}

static int
exec_search(void)
{
	EXPECT(setenv("PATH", "/nowhere:/bin:/usr/bin", 1) == 0);
	EXPECT(pledge("stdio rpath exec", "stdio rpath") == 0);
	pledge_execlp("true", "true", (char *)NULL);
	return 100;
}

static int
exec_after_vfork(void)
{
	int status;
	pid_t child;

	EXPECT(pledge("stdio proc exec inet", "stdio") == 0);
	for (int i = 0; i < 3; i++) {
		/* NOLINTNEXTLINE(clang-analyzer-security.*): the case itself */
		child = vfork();
		if (child == 0) {
			/* NOLINTNEXTLINE(clang-analyzer-unix.Vfork) */
			pledge_execl(image, image, "compute", (char *)NULL);
			_exit(100);
		}
		EXPECT(waitpid(child, &status, 0) == child);
		EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	}
	EXPECT(try_socket() != -1);
	EXPECT(pledge("stdio", NULL) == 0);
	return 0;
}

static int
spawned(const posix_spawnattr_t *attributes, char *what)
{
	char name[] = "image";
	char *const argv[] = { name, what, NULL };
	pid_t child;
	int status, err;

	err =
	    pledge_posix_spawn(&child, image, NULL, attributes, argv, environ);
	EXPECT(err == 0);
	EXPECT(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
spawn_confined(void)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char compute[] = "compute", socket_word[] = "socket";
	char *const argv[] = { compute, NULL };
	pid_t child;

	EXPECT(posix_spawnattr_init(&attributes) == 0);
	EXPECT(
	    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP) == 0);
	EXPECT(posix_spawn_file_actions_init(&actions) == 0);
	EXPECT(spawned(NULL, socket_word) == 0);
	EXPECT(pledge("stdio proc exec inet", "stdio") == 0);
	EXPECT(spawned(NULL, compute) == 42);
	EXPECT(spawned(&attributes, compute) == 42);
	EXPECT(spawned(NULL, socket_word) == KILLED);
	EXPECT(pledge_posix_spawn(
	           &child, "/nowhere", NULL, NULL, argv, environ) == ENOENT);
	EXPECT(pledge_posix_spawn(
	           &child, image, &actions, NULL, argv, environ) == ENOTSUP);
	EXPECT(try_socket() != -1);
	return 0;
}

/* Odd places. */

static int
before_main(void)
{
	EXPECT(setenv("EARLY", "1", 1) == 0);
	execl(image, image, "early", (char *)NULL);
	return 100;
}

static int
before_main_shared(void)
{
	EXPECT(setenv("EARLY", "1", 1) == 0);
	execl(image_shared, image_shared, "early", (char *)NULL);
	return 100;
}

static volatile int handled = 1;

static void
pledge_in_handler(int number)
{
	(void)number;
	/* NOLINTNEXTLINE(bugprone-signal-handler): what is tested */
	handled = pledge("stdio", NULL);
}

static int
in_handler(void)
{
	EXPECT(signal(SIGUSR1, pledge_in_handler) != SIG_ERR);
	EXPECT(raise(SIGUSR1) == 0);
	EXPECT(handled == 0);
	try_socket();
	return 1;
}

static volatile int nested, refused;

static void
nest(int number)
{
	(void)number;
	nested++;
	/* NOLINTNEXTLINE(bugprone-signal-handler): what is tested */
	if (pledge(NULL, NULL) == -1) {
		/* NOLINTNEXTLINE(bugprone-signal-handler) */
		if (errno != EDEADLK)
			_exit(99);
		refused++;
	}
}

static int
handler_in_call(void)
{
	struct itimerval often = { { 0, 50 }, { 0, 50 } }, never = { 0 };

	EXPECT(signal(SIGALRM, nest) != SIG_ERR);
	EXPECT(setitimer(ITIMER_REAL, &often, NULL) == 0);
	/* Each is an interruption's chance: it must not hang. */
	while (nested < 200)
		EXPECT(pledge(NULL, NULL) == 0 || errno == EDEADLK);
	EXPECT(setitimer(ITIMER_REAL, &never, NULL) == 0);
	EXPECT(pledge("stdio", NULL) == 0);
	return 0;
}

static volatile int stop;

static void *
call_often(void *unused)
{
	while (!stop)
		pledge(NULL, NULL);
	return unused;
}

static int
fork_while_busy(void)
{
	int status;
	pid_t child;
	pthread_t thread;

	EXPECT(pthread_create(&thread, NULL, call_often, NULL) == 0);
	for (int i = 0; i < 200; i++) {
		child = fork();
		if (child == 0)
			_exit(pledge(NULL, NULL) == 0 ? 0 : 1);
		EXPECT(waitpid(child, &status, 0) == child && status == 0);
	}
	stop = 1;
	EXPECT(pthread_join(thread, NULL) == 0);
	return 0;
}

static int
inherited(void)
{
	int status;
	pid_t child;

	EXPECT(pledge("stdio proc", NULL) == 0);
	child = fork();
	if (child == 0) {
		if (pledge("stdio proc inet", NULL) == 0 || errno != EPERM ||
		    pledge("stdio", NULL) != 0 || raise(SIGURG) != 0)
			_exit(1);
		try_socket();
		_exit(1);
	}
	EXPECT(waitpid(child, &status, 0) == child);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	EXPECT(fork() != -1);
	return 0;
}

static int
dumps_core(void)
{
	const struct rlimit room = { 1 << 20, 1 << 20 };
	int status;
	pid_t child;

	for (int confined = 0; confined < 2; confined++) {
		child = fork();
		if (child == 0) {
			setrlimit(RLIMIT_CORE, &room);
			if (!confined)
				raise(SIGSYS);
			pledge("stdio", NULL);
			try_socket();
			_exit(1);
		}
		EXPECT(waitpid(child, &status, 0) == child);
		EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
		/* Where this system writes none at all, nor do we. */
		if (!WCOREDUMP(status))
			return confined == 0 ? 0 : 1;
	}
	return 0;
}

static int
under_tool(const char *option, const char *promises)
{
	execl(tool, tool, option, promises, "-V", image, "pledge", "stdio",
	    (char *)NULL);
	return 100;
}

static int
under_pledge(void)
{
	return under_tool("-p", "stdio");
}

static int
under_pledge_killing(void)
{
	return under_tool("-kp", "stdio");
}

static int
in_chroot(void)
{
	/* Without /proc, without anything. */
	EXPECT(mkdir("empty", 0755) == 0);
	EXPECT(chroot("empty") == 0 && chdir("/") == 0);
	EXPECT(access("/proc", F_OK) == -1);
	EXPECT(become_nobody() == 0);
	EXPECT(unveil("/", "r") == 0);
	EXPECT(unveil(NULL, NULL) == 0);
	EXPECT(pledge("stdio rpath getpw", NULL) == 0);
	EXPECT(pledge("stdio getpw", NULL) == 0);
	try_socket();
	return 1;
}

static int
support_says(void)
{
	struct {
		struct pledge_kernel known;
		int unknown[4];
	} support;
	int gaps;

	memset(&support, 0xff, sizeof(support));
	gaps = pledge_support((void *)&support, sizeof(support));
	EXPECT(support.known.seccomp == 1 && support.known.kill_process == 1);
	EXPECT(support.known.landlock_abi >= 1);
	EXPECT(support.known.all_threads == (support.known.landlock_abi >= 8));
	EXPECT(support.unknown[0] == 0 && support.unknown[3] == 0);
	for (int i = 0; i < gaps; i++)
		EXPECT(pledge_gap(i) != NULL && pledge_gap(i)[0] != '\0');
	EXPECT(pledge_gap(gaps) == NULL);
	FAILS(pledge_option(99, 1), EINVAL);
	/* Asking leaves no trace. */
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 0);
	EXPECT(pledge("stdio", NULL) == 0);
	EXPECT(pledge_support(NULL, 0) == gaps);
	return 0;
}

static const struct {
	const char *number, *text;
	int (*act)(void);
	int expect;
} rows[] = {
	{ "3a-2",
	    "execpromises: socket under \"stdio\" of \"stdio exec\" "
	    "(EPERM there)",
	    exec_socket_stdio_exec, KILLED },
	{ "3a-2", "the same of \"stdio rpath exec\"", exec_socket_rpath,
	    KILLED },
	{ "3a-2", "the same, \"stdio tty\" of \"stdio inet tty exec\"",
	    exec_socket_tty, KILLED },
	{ "3a-2", "with error it goes on", exec_socket_error, 64 + ENOSYS },
	{ "3a-3", "a program that computes", exec_compute, 42 },
	{ "3a-4", "execpromises must be among the promises (OpenBSD: not)",
	    exec_not_subset, 0 },
	{ "3a-5", "all promises at once", all_promises, 0 },
	{ "3a-6", "a thread's pledge(\"\") is the process's (there: its own)",
	    thread_pledges, KILLED },
	{ "3a-6", "another thread obeys", thread_obeys, KILLED },
	{ "3a-7", "a sibling is signalled", thread_signalled, 0 },
	{ "3a-9", "only reduces; more is EPERM, as on OpenBSD", only_reduces,
	    KILLED },
	{ "3a-22", "threads and stdio's lock", thread_starts, 0 },
	{ "3a-24", "error: it goes on, and more promises are ignored",
	    error_ignores, 7 },
	{ "3a-25", "the same again, and less without memory",
	    reduces_without_memory, KILLED },
	{ "3b-1", "an unknown word changes nothing", unknown_word, 0 },
	{ "3b-1", "a violation leaves a core", dumps_core, 0 },
	{ "3b-5", "the same or fewer", only_reduces, KILLED },
	{ "3b-sigabrt", "SIGSYS is not caught (OpenBSD: SIGABRT)", no_handler,
	    KILLED },
	{ "3b-sigabrt", "SIGSYS is not ignored", not_ignored, KILLED },
	{ "3b-execpromise", "\"stdio inet\": socket", exec_socket_inet, 0 },
	{ "3b-execpromise", "\"stdio\": killed", exec_socket_tty, KILLED },
	{ "3b-execpromise",
	    "more than the execpromises in the new program "
	    "is narrowed (OpenBSD: EPERM)",
	    exec_pledges_more, 0 },
	{ "exec", "NULL keeps the promises (OpenBSD: none)", exec_keeps,
	    KILLED },
	{ "exec", "a raw execve keeps them, too", exec_raw_keeps, 0 },
	{ "exec", "execpromises without promises", exec_unpledged, KILLED },
	{ "exec", "the new program cannot execute", exec_again, KILLED },
	{ "exec", "unless it may", exec_again_with_exec, 42 },
	{ "exec", "exec takes exec", exec_without_exec, KILLED },
	{ "exec", "what fails changes nothing", exec_fails, 42 },
	{ "exec", "PATH is searched", exec_search, 0 },
	{ "exec", "after vfork", exec_after_vfork, 0 },
	{ "exec", "posix_spawn", spawn_confined, 0 },
	{ "threads", "one with a filter of its own: EBUSY, nothing changed",
	    thread_refuses, 0 },
	{ "threads", "files of a promise: ENOTSUP, and a way out",
	    files_and_threads, 0 },
	{ "threads", "one that has ended is none", thread_has_ended, 0 },
	{ "places", "before main, static", before_main, 42 },
	{ "places", "before main, shared", before_main_shared, 42 },
	{ "places", "in a signal handler", in_handler, KILLED },
	{ "places", "in a handler that interrupts it", handler_in_call, 0 },
	{ "places", "after fork, while another thread is in it",
	    fork_while_busy, 0 },
	{ "places", "a child inherits and narrows", inherited, 0 },
	{ "places", "under pledge(1)", under_pledge, 0 },
	{ "places", "under pledge -k", under_pledge_killing, 0 },
	{ "support", "what the kernel can enforce", support_says, 0 },
};

int
main(void)
{
	image = getenv("IMAGE");
	image_shared = getenv("IMAGE_SHARED");
	tool = getenv("PLEDGE");
	if (image == NULL || image_shared == NULL || tool == NULL) {
		puts("Bail out! IMAGE, IMAGE_SHARED and PLEDGE are not set");
		return 1;
	}
	make_directory();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		run_case(
		    rows[i].number, rows[i].text, rows[i].act, rows[i].expect);
	if (geteuid() == 0) {
		struct case_run run = { in_chroot, false };

		ok(in_child(act_case, &run) == KILLED,
		    "places in a chroot without /proc");
	} else {
		skip("in a chroot without /proc", "not root");
	}
	remove_directory();
	return tap_done();
}
