/* SPDX-License-Identifier: ISC */
#include "supervise/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "event/memory.h"
#include "trace/ptrace_tasks.h"

/* linux/seccomp.h, 6.6: the caller and we take turns on one processor. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
# define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#define FD_SYNC_WAKE_UP 1UL
#ifndef SYS_pidfd_open
# define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
# define SYS_pidfd_getfd 438
#endif

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

int
listener_open(struct listener *listener, int fd, struct diag *diag)
{
	cleanup_close int owned = fd;
	struct seccomp_notif_sizes sizes;

	*listener = (struct listener){ .fd = -1 };
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return diag_errno(diag, "SECCOMP_GET_NOTIF_SIZES");
	listener->notice_size =
	    larger(sizes.seccomp_notif, sizeof(struct seccomp_notif));
	listener->reply_size =
	    larger(sizes.seccomp_notif_resp, sizeof(struct seccomp_notif_resp));
	listener->notice = calloc(1, listener->notice_size);
	listener->reply = calloc(1, listener->reply_size);
	if (listener->notice == NULL || listener->reply == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	/* Older kernels say EINVAL: slower, and all the same. */
	ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, FD_SYNC_WAKE_UP);
	listener->fd = take_fd(&owned);
	return 0;
}

void
listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	free(listener->notice);
	free(listener->reply);
	*listener = (struct listener){ .fd = -1 };
}

bool
listener_is_used(const struct listener *listener)
{
	struct pollfd look = { .fd = listener->fd, .events = POLLIN };

	return listener->fd >= 0 && poll(&look, 1, 0) >= 0 &&
	       (look.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

int
listener_receive(struct listener *listener, struct notice *ret_notice)
{
	const struct seccomp_data *data = &listener->notice->data;

	/* The kernel refuses to write over anything but zeros. */
	memset(listener->notice, 0, listener->notice_size);
	if (ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_RECV, listener->notice) < 0)
		return errno == ENOENT || errno == EINTR ? 0 : -errno;
	*ret_notice = (struct notice){
		.id = listener->notice->id,
		.tid = (pid_t)listener->notice->pid,
		.call = { .nr = (uint32_t)data->nr,
		    .arch = data->arch,
		    .ip = data->instruction_pointer },
	};
	for (int i = 0; i < 6; i++)
		ret_notice->call.args[i] = data->args[i];
	return 1;
}

bool
listener_waits(const struct listener *listener, const struct notice *notice)
{
	uint64_t id = notice->id;

	return ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

static int
reply(struct listener *listener, const struct notice *notice, int err,
    int value, unsigned int flags)
{
	memset(listener->reply, 0, listener->reply_size);
	listener->reply->id = notice->id;
	listener->reply->error = -err;
	listener->reply->val = value;
	listener->reply->flags = flags;
	if (ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_SEND, listener->reply) ==
	        0 ||
	    errno == ENOENT) /* the caller is gone */
		return 0;
	return -errno;
}

int
listener_answer(struct listener *listener, const struct notice *notice, int err)
{
	return reply(listener, notice, err, 0,
	    err == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0);
}

int
listener_return(struct listener *listener, const struct notice *notice)
{
	return reply(listener, notice, 0, 0, 0);
}

/* The number that it has got, or -errno. */
static int
add_fd(const struct listener *listener, struct seccomp_notif_addfd *add)
{
	int fd;

	do
		fd = ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_ADDFD, add);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

int
listener_give(
    struct listener *listener, const struct notice *notice, int fd, bool closes)
{
	struct seccomp_notif_addfd add = { .id = notice->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (uint32_t)fd,
		.newfd_flags = closes ? O_CLOEXEC : 0 };
	int added = add_fd(listener, &add);

	if (added >= 0 || added == -ENOENT)
		return 0;
	if (added != -EINVAL)
		return listener_answer(listener, notice, -added);
	/* Linux 5.14 answers in the same step: a caller that ends in between
	 * ends with what it has got. */
	add.flags = 0;
	added = add_fd(listener, &add);
	if (added < 0)
		return listener_answer(listener, notice, EPERM);
	return reply(listener, notice, 0, added, 0);
}

void
caller_begin(struct caller *caller, pid_t tid)
{
	caller->tid = tid;
	caller->address[0] = caller->address[1] = 0;
	caller->next = 0;
}

bool
caller_handles(pid_t tid, int number)
{
	static const char name[] = "\nSigCgt:";
	char path[32], text[4096];
	cleanup_close int fd = -1;
	const char *line;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return true;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return true;
	text[n] = '\0';
	line = strstr(text, name);
	if (line == NULL)
		return true;
	return (strtoull(line + sizeof(name) - 1, NULL, 16) >> (number - 1) &
	           1) != 0;
}

int
caller_fd(pid_t tid, int fd)
{
	cleanup_close int process = (int)syscall(SYS_pidfd_open, tid, 0);

	/* Only a process can be opened, not each of its threads. */
	if (process < 0)
		process = (int)syscall(SYS_pidfd_open, task_process(tid), 0);
	return process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, fd, 0);
}

void
caller_free(struct caller *caller)
{
	for (size_t i = 0; i < CALLER_STRINGS; i++)
		strbuf_free(&caller->string[i]);
}

size_t
caller_bytes(
    const struct caller *caller, uint64_t address, void *buffer, size_t size)
{
	return memory_read(caller->tid, address, buffer, size);
}

/* What the kernel could not read either names nothing. */
static bool
read_string(pid_t tid, uint64_t address, struct strbuf *buf)
{
	bool cut;

	buf->length = 0;
	return memory_string(tid, address, PATH_MAX - 1, buf, &cut) &&
	       (!cut || buf->length == PATH_MAX - 1) && !buf->failed;
}

void
caller_know(struct caller *caller, uint64_t address, const char *string)
{
	struct strbuf *known = &caller->string[caller->next];

	known->length = 0;
	strbuf_puts(known, string);
	caller->address[caller->next] = known->failed ? 0 : address;
	caller->next = (caller->next + 1) % CALLER_STRINGS;
}

const char *
caller_string(struct caller *caller, uint64_t address)
{
	unsigned int slot;

	if (address == 0 || caller->tid == 0)
		return NULL;
	for (slot = 0; slot < CALLER_STRINGS; slot++)
		if (caller->address[slot] == address)
			return caller->string[slot].data;
	slot = caller->next;
	caller->address[slot] = 0;
	if (!read_string(caller->tid, address, &caller->string[slot]))
		return NULL;
	caller->address[slot] = address;
	caller->next = (slot + 1) % CALLER_STRINGS;
	return caller->string[slot].data;
}
