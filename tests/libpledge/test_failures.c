/* SPDX-License-Identifier: ISC */
/*
 * Nothing or everything: each system call that pledge() and unveil() make is
 * made to fail, one after the other, by a process that watches them.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "../../src/base/table.h"
#include "cases.h"

#define INJECTED   ENOMEM
#define CALLS_MOST 400

/* What the library may call; each may fail. */
static const int watched[] = { SYS_mmap, SYS_munmap, SYS_madvise, SYS_openat,
	SYS_newfstatat, SYS_close, SYS_prctl, SYS_seccomp, SYS_clone,
	SYS_landlock_create_ruleset, SYS_landlock_add_rule,
	SYS_landlock_restrict_self, SYS_unshare, SYS_getpid, SYS_readlink,
	SYS_rt_sigprocmask, SYS_getcwd };

/* After the call: two acts that it forbids. */
static int
try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int
try_hosts(void)
{
	return open("/etc/hosts", O_RDONLY);
}

static int
call_plain(void)
{
	return pledge("stdio", NULL);
}

static int
call_files(void)
{
	return pledge("stdio getpw", NULL);
}

static int
call_again(void)
{
	/* The first one succeeds, or is what fails. */
	if (pledge("stdio rpath inet getpw", NULL) == -1)
		return -1;
	return pledge("stdio getpw", NULL);
}

static int
call_unveil(void)
{
	if (unveil("/etc/passwd", "r") == -1)
		return -1;
	return unveil(NULL, NULL);
}

static int
call_both(void)
{
	if (unveil("/etc/passwd", "r") == -1)
		return -1;
	return pledge("stdio rpath", NULL);
}

static const struct scenario {
	const char *text;
	int (*call)(void);
	bool socket; /* it forbids sockets, too */
} scenarios[] = {
	{ "pledge stdio", call_plain, true },
	{ "pledge with files", call_files, true },
	{ "pledge twice", call_again, true },
	{ "unveil and lock", call_unveil, false },
	{ "unveil and pledge", call_both, true },
};

enum { FREE_SUCCEEDED = 1, FREE_FAILED = 2, REFUSED = 3 };

struct trial {
	const struct scenario *scenario;
	int (*act)(void);
	int fail_at; /* 1: the first call that is watched */
	bool nobody;
	int channel; /* the listener goes here */
};

static int
install_watch(void)
{
	struct sock_filter code[ARRAY_SIZE(watched) + 3];
	struct sock_fprog program = { ARRAY_SIZE(code), code };
	size_t count = ARRAY_SIZE(watched);

	code[0] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < count; i++)
		code[i + 1] =
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		        (uint32_t)watched[i], (uint8_t)(count - i), 0);
	code[count + 1] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[count + 2] = (struct sock_filter)BPF_STMT(
	    BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	if (geteuid() != 0)
		prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static int
send_fd(int channel, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
		          .cmsg_level = SOL_SOCKET,
		          .cmsg_type = SCM_RIGHTS } };
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(channel, &message, 0) == 1 ? 0 : -1;
}

static int
receive_fd(int channel)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(channel, &message, 0) != 1 || message.msg_controllen == 0)
		return -1;
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static int
act_trial(void *context)
{
	const struct trial *trial = context;
	char byte;
	int r;

	alarm(HANG);
	if (trial->nobody && become_nobody() == -1)
		return 120;
	r = install_watch();
	if (r == -1 || send_fd(trial->channel, r) == -1 ||
	    read(trial->channel, &byte, 1) != 1)
		return 121;
	r = trial->scenario->call();
	/* From here on the watcher lets everything through. */
	if (write(trial->channel, r == -1 ? "f" : "s", 1) != 1)
		return 122;
	r = trial->act();
	return r != -1 ? FREE_SUCCEEDED : REFUSED;
}

/* Answers until the child has spoken, and lets it go then. */
static void
watch(int listener, int channel, int fail_at, char *ret_said, int *ret_seen)
{
	struct seccomp_notif call;
	struct seccomp_notif_resp answer;
	struct pollfd ready[2] = { { listener, POLLIN, 0 },
		{ channel, POLLIN, 0 } };

	*ret_said = '-';
	*ret_seen = 0;
	for (;;) {
		if (poll(ready, 2, -1) < 1)
			return;
		if (ready[1].revents != 0) {
			if (read(channel, ret_said, 1) != 1)
				*ret_said = '?';
			ready[1].fd = -1;
		}
		if (ready[0].revents & POLLHUP)
			return;
		if (!(ready[0].revents & POLLIN))
			continue;
		memset(&call, 0, sizeof(call));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) == -1)
			continue;
		answer = (struct seccomp_notif_resp){ .id = call.id,
			.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
		if (*ret_said == '-' && ++*ret_seen == fail_at) {
			answer.flags = 0;
			answer.error = -INJECTED;
		}
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

/* How the act went, and what the call said, with its FAIL_ATth call failing. */
static int
run_trial(struct trial *trial, char *ret_said, int *ret_seen)
{
	int channel[2], listener, status;
	pid_t child;

	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel) == -1)
		return -1;
	trial->channel = channel[1];
	child = fork();
	if (child == 0) {
		close(channel[0]);
		_exit(act_trial(trial));
	}
	close(channel[1]);
	listener = receive_fd(channel[0]);
	if (child == -1 || listener == -1 || write(channel[0], "x", 1) != 1)
		return -1;
	watch(listener, channel[0], trial->fail_at, ret_said, ret_seen);
	close(listener);
	close(channel[0]);
	if (waitpid(child, &status, 0) != child)
		return -1;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return REFUSED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* "s" means all of it; "f" means all of it or nothing. */
static bool
test_point(
    const struct scenario *scenario, int fail_at, bool nobody, bool *ret_done)
{
	struct trial trial = { scenario, try_hosts, fail_at, nobody, -1 };
	int hosts, sockets, seen = 0;
	char said = 0, again = 0;

	hosts = run_trial(&trial, &said, &seen);
	trial.act = try_socket;
	sockets = run_trial(&trial, &again, &seen);
	*ret_done = seen < fail_at;
	if (!scenario->socket)
		sockets = hosts;
	if (said == again && hosts == sockets &&
	    (hosts == REFUSED || (said == 'f' && hosts == FREE_SUCCEEDED)))
		return true;
	note("call %d: said %c and %c, file %d, socket %d", fail_at, said,
	    again, hosts, sockets);
	return false;
}

static void
test_scenario(const struct scenario *scenario, bool nobody)
{
	int wrong = 0, count = 1;
	bool done = false;

	for (; !done && count < CALLS_MOST; count++)
		wrong += !test_point(scenario, count, nobody, &done);
	ok(wrong == 0 && done && count > 3,
	    "%s: nothing or everything, at each of %d calls (%s)",
	    scenario->text, count - 2, nobody ? "nobody" : "as it is");
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		test_scenario(&scenarios[i], false);
		if (geteuid() == 0)
			test_scenario(&scenarios[i], true);
		else
			skip(scenarios[i].text, "not root");
	}
	return tap_done();
}
