/* SPDX-License-Identifier: ISC */
/*
 * What a watcher says to a call that waits, and what then becomes of it: a
 * watcher of this test's own hears of real programs.
 */
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/table.h"
#include "filter/program.h"
#include "enforce/seccomp.h"
#include "kernel/features.h"
#include "launch/handover.h"
#include "supervise/session.h"

#include "child.h"
#include "tap.h"

#define PLACE "/nowhere/" /* not there: who opens it is answered by us */
#define GIVEN "from the watcher\n"
#define CAT   "/bin/cat"
#define LOST  6 /* the command could not be watched any longer */

static struct features features;
static char self[4096];

/* One act: a command, and what comes of it. */
struct act {
	const char *name;
	const char *argv[4];   /* argv[0] NULL: this program, as argv[1] */
	struct verdict parent; /* of getppid(2) */
	struct verdict flags;  /* of fcntl(F_SETFL) */
	bool kill_caller, kill_command; /* as its call is held up */
	bool log;            /* its output is one that is only added to */
	const char *printed; /* all of it, or, after a "*", the end */
	int status;
};

/* What one act's watcher knows. */
static struct {
	const struct act *act;
	struct keeper keeper;
	struct session session;
	struct sandbox sandbox;
	struct diag diag;
	struct caller caller;
	struct notice held, first;
	int out[2]; /* what the command prints */
	char said[512];
	size_t length;
	int gave[4]; /* descriptors */
	size_t gave_count;
} stage;

/* --- The commands --- */

static int
say_errno(int result)
{
	printf("%s\n", result < 0 ? strerror(errno) : "done");
	return 0;
}

static void
copy(int fd)
{
	char bytes[64];
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (n < 0)
		n = snprintf(bytes, sizeof(bytes), "%s\n", strerror(errno));
	if (write(1, bytes, (size_t)n) < 0)
		_exit(9);
}

static void *
open_held(void *context)
{
	(void)context;
	copy(open(PLACE "held", O_RDONLY));
	return NULL;
}

/* One thread waits, and meanwhile the other one comes past. */
static int
do_threads(void)
{
	pthread_t other;

	pthread_create(&other, NULL, open_held, NULL);
	/* Answered once the other one waits. */
	say_errno(open(PLACE "first", O_RDONLY));
	fflush(stdout);
	return pthread_join(other, NULL);
}

/* A child that is killed as it waits; its parent goes on. */
static int
do_orphan(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		open_held(NULL);
		_exit(0);
	}
	waitpid(child, &status, 0);
	printf("signal %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	fflush(stdout);
	copy(open(PLACE "given", O_RDONLY));
	return 0;
}

/* A child that waits when its parent ends. */
static int
do_rest(void)
{
	if (fork() == 0) {
		open_held(NULL);
		_exit(0);
	}
	open(PLACE "first", O_RDONLY);
	return 0;
}

static int
do_held(void)
{
	open_held(NULL);
	return 0;
}

static int
do_parent(void)
{
	return say_errno((int)syscall(SYS_getppid));
}

static int
do_closes(void)
{
	int kept = open(PLACE "given", O_RDONLY);
	int closed = open(PLACE "given", O_RDONLY | O_CLOEXEC);

	printf("%d %d\n", fcntl(kept, F_GETFD), fcntl(closed, F_GETFD));
	return 0;
}

static int
do_full(void)
{
	const struct rlimit limit = { 3, 3 };

	setrlimit(RLIMIT_NOFILE, &limit);
	return say_errno(open(PLACE "given", O_RDONLY));
}

/* The standard output is one that is only added to. */
static int
do_append(void)
{
	int r = fcntl(1, F_SETFL, 0);

	dprintf(2, "%s, %s\n", r < 0 ? strerror(errno) : "done",
	    fcntl(1, F_GETFL) & O_APPEND ? "added to" : "written over");
	return 0;
}

static const struct part {
	const char *name;
	int (*play)(void);
} parts[] = {
	{ "threads", do_threads },
	{ "orphan", do_orphan },
	{ "rest", do_rest },
	{ "held", do_held },
	{ "parent", do_parent },
	{ "closes", do_closes },
	{ "full", do_full },
	{ "append", do_append },
};

static int
play(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strcmp(parts[i].name, name) == 0)
			return parts[i].play();
	return 9;
}

/* --- The watcher --- */

static struct verdict
give(bool closes)
{
	int fd = memfd_create("given", MFD_CLOEXEC);

	if (write(fd, GIVEN, strlen(GIVEN)) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return (struct verdict){ VERDICT_END };
	if (stage.gave_count < ARRAY_SIZE(stage.gave))
		stage.gave[stage.gave_count++] = fd;
	return (struct verdict){ VERDICT_DESCRIPTOR, fd, closes };
}

static void
free_first(void)
{
	const struct verdict missing = { VERDICT_FAIL, ENOENT };

	if (stage.first.id != 0 && stage.held.id != 0)
		session_answer(&stage.session, &stage.first, &missing);
}

static struct verdict
hear_open(const struct notice *notice, const char *name)
{
	if (strcmp(name, "given") == 0)
		return give(notice->call.args[2] & O_CLOEXEC);
	if (strcmp(name, "refused") == 0)
		return (struct verdict){ VERDICT_FAIL, ENOTDIR };
	if (strcmp(name, "first") == 0 && stage.held.id != 0)
		return (struct verdict){ VERDICT_FAIL, ENOENT };
	if (strcmp(name, "first") == 0)
		stage.first = *notice;
	else
		stage.held = *notice;
	free_first();
	if (stage.act->kill_caller)
		kill(notice->tid, SIGKILL);
	if (stage.act->kill_command)
		kill(stage.keeper.child, SIGKILL);
	return (struct verdict){ VERDICT_LATER };
}

/* The event that it is answered with is our own. */
static struct verdict
hear_flags(const struct notice *notice)
{
	if ((int)notice->call.args[1] != F_SETFL)
		return (struct verdict){ VERDICT_KEEP };
	stage.held = *notice;
	if (stage.act->flags.kind == VERDICT_LATER &&
	    write(stage.out[1], "held\n", 5) < 0)
		return (struct verdict){ VERDICT_END };
	return stage.act->flags;
}

static struct verdict
hear(
    void *context, const struct notice *notice, const struct decision *decision)
{
	const struct call *call = &notice->call;
	const char *path;

	(void)context, (void)decision;
	if (call->nr == SYS_getppid)
		return stage.act->parent;
	if (call->nr == SYS_fcntl)
		return hear_flags(notice);
	caller_begin(&stage.caller, notice->tid);
	path = caller_string(&stage.caller, call->args[1]);
	if (path == NULL || strncmp(path, PLACE, strlen(PLACE)) != 0)
		return (struct verdict){ VERDICT_KEEP };
	return hear_open(notice, path + strlen(PLACE));
}

static const struct watcher watcher = { .name = "test", .hear = hear };

/* What the command prints is an event, too: the answer comes with it. */
static void
listen_to(struct keeper_source *source)
{
	size_t room = sizeof(stage.said) - 1 - stage.length;
	ssize_t n = read(source->fd, stage.said + stage.length, room);
	struct verdict verdict = { VERDICT_KEEP };

	if (n <= 0)
		source->fd = -1;
	else
		stage.length += (size_t)n;
	if (stage.held.id == 0 || n <= 0)
		return;
	if (stage.act->flags.kind != VERDICT_LATER)
		verdict = give(false);
	session_answer(&stage.session, &stage.held, &verdict);
	stage.held.id = 0;
}

static void __attribute__((noreturn))
be_command(const struct act *act, int socket)
{
	static const uint64_t cookie[3];
	static struct filter filter;
	static struct program program;
	const struct filter *filters[] = { &filter };
	const int heard[] = { SYS_openat, SYS_getppid, SYS_fcntl };
	unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	struct diag diag = { 0 };
	char *argv[4] = { 0 };
	int listener;

	dup2(stage.out[1], STDERR_FILENO);
	if (!act->log)
		dup2(stage.out[1], STDOUT_FILENO);
	setenv("LC_ALL", "C", 1);
	filter = stage.sandbox.filter;
	filter.count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(heard); i++)
		filter_add(&filter, (unsigned int)heard[i], NULL,
		    SECCOMP_RET_USER_NOTIF, 0);
	if (features.has[FEATURE_NOTIFY_KILLABLE])
		flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	memcpy(argv, act->argv, sizeof(argv));
	if (argv[0] == NULL)
		argv[0] = self;
	if (program_compile(filters, 1, &program, &diag) < 0 ||
	    enforce_no_new_privs(&diag) < 0)
		_exit(8);
	listener = enforce_seccomp(&program, flags, &diag);
	if (listener < 0 || handover_send(socket, listener, cookie) < 0)
		_exit(8);
	execv(argv[0], argv);
	_exit(8);
}

/* In a process of its own: the act's exit status, with what it printed. */
static int
watch(const struct act *act)
{
	struct keeper *keeper = &stage.keeper;
	int sockets[2], log = open("/tmp", O_TMPFILE | O_RDWR | O_APPEND, 0600);
	int status;

	if (log < 0 || pipe2(stage.out, O_CLOEXEC) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return 7;
	if (act->log)
		dup2(log, STDOUT_FILENO);
	keeper_init(keeper);
	keeper->adopt = true;
	stage.session = (struct session){ .watcher = &watcher,
		.sandbox = &stage.sandbox,
		.keeper = keeper,
		.diag = &stage.diag };
	session_begin(&stage.session, sockets[0]);
	keeper->sources[keeper->source_count++] =
	    (struct keeper_source){ .fd = stage.out[0], .ready = listen_to };
	if (keeper_fork(keeper, &stage.diag) == 0)
		be_command(act, sockets[1]);
	close(sockets[1]);
	status = keeper_wait(keeper);
	return stage.session.lost ? LOST : status;
}

/* What the watcher has given is the command's alone by now. */
static bool
has_given(void)
{
	for (size_t i = 0; i < stage.gave_count; i++)
		if (fcntl(stage.gave[i], F_GETFD) >= 0)
			return false;
	return true;
}

/* What is left goes on without its watcher, to its end. */
static void
read_rest(void)
{
	ssize_t n = 1;

	session_rest(&stage.session);
	close(stage.out[1]);
	while (n > 0 && stage.length < sizeof(stage.said) - 1) {
		n = read(stage.out[0], stage.said + stage.length,
		    sizeof(stage.said) - 1 - stage.length);
		stage.length += n > 0 ? (size_t)n : 0;
	}
	session_close(&stage.session);
}

static bool
is_printed(const char *wanted)
{
	size_t length = strlen(wanted);

	if (*wanted != '*')
		return strcmp(stage.said, wanted) == 0;
	wanted++, length--;
	return stage.length >= length &&
	       strcmp(stage.said + stage.length - length, wanted) == 0;
}

static int
check(void *context)
{
	const struct act *act = context;
	int status;

	stage.act = act;
	status = watch(act);
	if (stage.held.id != 0 && act->kill_command) {
		struct verdict late = give(false);

		session_answer(&stage.session, &stage.held, &late);
	}
	read_rest();
	if (status == act->status && is_printed(act->printed) && has_given() &&
	    stage.session.lost == (act->status == LOST))
		return 0;
	fprintf(stderr, "# %s: status %d, lost %d, printed: %s; %s\n",
	    act->name, status, stage.session.lost, stage.said, stage.diag.text);
	return 1;
}

static const struct act acts[] = {
	{ .name = "keep: the file that is not there is not there",
	    .argv = { CAT, "/nowhere-else" },
	    .printed = "*No such file or directory\n",
	    .status = 1 },
	{ .name = "fail: with the errno that was said",
	    .argv = { CAT, PLACE "refused" },
	    .printed = "*Not a directory\n",
	    .status = 1 },
	{ .name = "descriptor: an open file is handed over",
	    .argv = { CAT, PLACE "given", PLACE "given" },
	    .printed = GIVEN GIVEN },
	{ .name = "descriptor: closed by an exec, or not",
	    .argv = { NULL, "closes" },
	    .printed = "0 1\n" },
	{ .name = "descriptor: where there is no room for one",
	    .argv = { NULL, "full" },
	    .printed = "Too many open files\n" },
	{ .name = "keep: what the sandbox refuses is refused",
	    .argv = { NULL, "parent" },
	    .parent = { VERDICT_KEEP },
	    .printed = "Numerical argument out of domain\n" },
	{ .name = "let: what the sandbox refuses is done",
	    .argv = { NULL, "parent" },
	    .parent = { VERDICT_LET },
	    .printed = "done\n" },
	{ .name = "done: nothing is done, and it succeeds",
	    .argv = { NULL, "parent" },
	    .parent = { VERDICT_DONE },
	    .printed = "done\n" },
	{ .name = "fail: without an errno, it is EPERM",
	    .argv = { NULL, "parent" },
	    .parent = { VERDICT_FAIL },
	    .printed = "Operation not permitted\n" },
	{ .name = "later: one thread waits, and the others go on",
	    .argv = { NULL, "threads" },
	    .printed = "No such file or directory\n" GIVEN },
	{ .name = "later: who waits is killed, and its parent goes on",
	    .argv = { NULL, "orphan" },
	    .kill_caller = true,
	    .printed = "signal 9\n" GIVEN },
	{ .name = "later: the command is killed as it waits",
	    .argv = { NULL, "held" },
	    .kill_command = true,
	    .printed = "",
	    .status = 128 + SIGKILL },
	{ .name = "later: who waits when the command ends gets its answer",
	    .argv = { NULL, "rest" },
	    .printed = "No such file or directory\n" },
	{ .name = "keep: what is only added to stays so",
	    .argv = { NULL, "append" },
	    .log = true,
	    .printed = "Operation not permitted, added to\n" },
	{ .name = "let: and so it does then",
	    .argv = { NULL, "append" },
	    .flags = { VERDICT_LET },
	    .log = true,
	    .printed = "Operation not permitted, added to\n" },
	{ .name = "fail: and is not touched",
	    .argv = { NULL, "append" },
	    .flags = { VERDICT_FAIL, EBUSY },
	    .log = true,
	    .printed = "Device or resource busy, added to\n" },
	{ .name = "later, and then keep: it stays so",
	    .argv = { NULL, "append" },
	    .flags = { VERDICT_LATER },
	    .log = true,
	    .printed = "held\nOperation not permitted, added to\n" },
	{ .name = "fail: other flags are not set either",
	    .argv = { NULL, "append" },
	    .flags = { VERDICT_FAIL, EBUSY },
	    .printed = "Device or resource busy, written over\n" },
	{ .name = "later: other flags are set",
	    .argv = { NULL, "append" },
	    .flags = { VERDICT_LATER },
	    .printed = "held\ndone, written over\n" },
	{ .name = "end: the command is ended",
	    .argv = { NULL, "parent" },
	    .parent = { VERDICT_END },
	    .printed = "",
	    .status = LOST },
};

int
main(int argc, char **argv)
{
	if (argc > 1)
		return play(argv[1]);
	features_probe(&features);
	if (!features.has[FEATURE_NOTIFY]) {
		skip("a watcher of its own", "this kernel has no listeners");
		return tap_done();
	}
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 1;
	stage.sandbox.filter = (struct filter){ .arch = arch_native(),
		.fallback = SECCOMP_RET_ALLOW,
		.unknown = SECCOMP_RET_ALLOW,
		.x32 = SECCOMP_RET_ALLOW,
		.foreign = SECCOMP_RET_ALLOW };
	filter_add(&stage.sandbox.filter, SYS_getppid, NULL,
	    SECCOMP_RET_ERRNO | EDOM, 0);
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		struct act act = acts[i];

		ok(in_child(check, &act) == 0, "%s", act.name);
	}
	return tap_done();
}
