/* SPDX-License-Identifier: ISC */
#include "supervise/session.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "launch/handover.h"

/* What cannot be watched must not go on. */
static void
forsake(struct session *session, int err, const char *step)
{
	session->lost = true;
	session->keeper->forsake = true;
	if (session->diag->err != 0)
		return;
	errno = err;
	diag_errno(session->diag, "%s", step);
}

/* Only while it waits its number is its own. */
static bool
can_be_reached(const struct session *session, const struct notice *notice)
{
	return notice->tid > 0 && listener_waits(&session->listener, notice);
}

static void
kill_caller(struct session *session, const struct notice *notice)
{
	if (notice->tid == keeper_command(session->keeper))
		session->killed = true;
	kill(notice->tid, SIGKILL);
}

/* A trap ends whoever has no handler for it; a handler gets a signal. */
static void
trap(struct session *session, const struct notice *notice)
{
	if (!can_be_reached(session, notice))
		return;
	if (caller_handles(notice->tid, SIGSYS))
		syscall(SYS_tkill, notice->tid, SIGSYS);
	else
		kill_caller(session, notice);
}

/* What the plain filters would have done: the errno that it fails with, 0: it
 * is carried out. */
static int
obey(struct session *session, const struct notice *notice, uint32_t answer)
{
	switch (answer & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return 0;
	case SECCOMP_RET_ERRNO:
		return (int)(answer & SECCOMP_RET_DATA);
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		/* Nobody else listens, as the kernel says it. */
		return ENOSYS;
	case SECCOMP_RET_TRAP:
		trap(session, notice);
		return ENOSYS;
	default:
		if (can_be_reached(session, notice))
			kill_caller(session, notice);
		return EPERM;
	}
}

static bool
is_same_file(int fd, int other)
{
	pid_t self = getpid();
	long order = syscall(SYS_kcmp, self, self, KCMP_FILE, fd, other);

	/* A kernel that cannot tell (CONFIG_KCMP): it may be. */
	return order == 0 || (order < 0 && errno != EBADF);
}

/* Whether FD is one of the standard ones, which the command has with us. */
static bool
is_standard(int fd)
{
	return is_same_file(fd, STDIN_FILENO) ||
	       is_same_file(fd, STDOUT_FILENO) ||
	       is_same_file(fd, STDERR_FILENO);
}

static bool
takes_append(const struct notice *notice)
{
	const struct call *call = &notice->call;

	return call->nr == SYS_fcntl && (int)call->args[1] == F_SETFL &&
	       (call->args[2] & O_APPEND) == 0;
}

/* A standard descriptor that came as one that only adds (">>log") stays so. */
static bool
only_adds(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || ((flags & O_APPEND) != 0 && is_standard(fd));
}

/* Whether that is refused, to tell of it; it is looked at again as it is done.
 */
static bool
would_append(const struct notice *notice)
{
	cleanup_close int fd =
	    caller_fd(notice->tid, (int)notice->call.args[0]);

	return fd >= 0 && only_adds(fd);
}

/*
 * Another thread may change what the number means, so the flags of what was
 * looked at are set here, on a duplicate, and not by its caller.
 */
static int
set_flags(struct session *session, const struct notice *notice)
{
	struct listener *listener = &session->listener;
	cleanup_close int fd =
	    caller_fd(notice->tid, (int)notice->call.args[0]);

	if (fd < 0)
		return listener_answer(
		    listener, notice, errno == EBADF ? EBADF : EPERM);
	if (!listener_waits(listener, notice) || only_adds(fd))
		return listener_answer(listener, notice, EPERM);
	if (fcntl(fd, F_SETFL, (int)notice->call.args[2]) < 0)
		return listener_answer(listener, notice, errno);
	return listener_return(listener, notice);
}

/* The kernel carries it out, but what the sandbox cannot look at. */
static int
let(struct session *session, const struct notice *notice)
{
	if (session->sandbox != NULL && takes_append(notice))
		return set_flags(session, notice);
	return listener_answer(&session->listener, notice, 0);
}

static int
keep(struct session *session, const struct notice *notice,
    const struct decision *decision)
{
	int err = obey(session, notice, decision->answer);

	return err == 0 ? let(session, notice)
	                : listener_answer(&session->listener, notice, err);
}

/* --- Those that are answered later --- */

/* Their callers may have ended meanwhile: nobody else tells of it. */
static void
forget_gone(struct session *session)
{
	size_t count = 0;

	for (size_t i = 0; i < session->waiting_count; i++)
		if (listener_waits(&session->listener, &session->waiting[i]))
			session->waiting[count++] = session->waiting[i];
	session->waiting_count = count;
}

static int
put_off(struct session *session, const struct notice *notice)
{
	size_t room = session->waiting_room * 2 + 16;
	struct notice *more;

	if (session->waiting_count == session->waiting_room)
		forget_gone(session);
	if (session->waiting_count == session->waiting_room) {
		more = reallocarray(session->waiting, room, sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		session->waiting = more;
		session->waiting_room = room;
	}
	session->waiting[session->waiting_count++] = *notice;
	return 0;
}

/* Takes it from those that wait; false: it is none of them. */
static bool
take_up(struct session *session, const struct notice *notice)
{
	for (size_t i = 0; i < session->waiting_count; i++) {
		if (session->waiting[i].id != notice->id)
			continue;
		session->waiting[i] =
		    session->waiting[--session->waiting_count];
		return true;
	}
	return false;
}

/* --- Answers --- */

static int
answer(struct session *session, const struct notice *notice,
    const struct decision *decision, const struct verdict *verdict)
{
	struct listener *listener = &session->listener;
	cleanup_close int fd =
	    verdict->kind == VERDICT_DESCRIPTOR ? verdict->value : -1;

	switch (verdict->kind) {
	case VERDICT_KEEP:
		return keep(session, notice, decision);
	case VERDICT_LET:
		return let(session, notice);
	case VERDICT_FAIL:
		return listener_answer(listener, notice,
		    verdict->value > 0 ? verdict->value : EPERM);
	case VERDICT_DONE:
		return listener_return(listener, notice);
	case VERDICT_DESCRIPTOR:
		return listener_give(listener, notice, fd, verdict->closes);
	case VERDICT_LATER:
		return put_off(session, notice);
	case VERDICT_END:
		break;
	}
	return -ECANCELED;
}

static void
decide(const struct session *session, const struct notice *notice,
    struct decision *ret_decision)
{
	*ret_decision = (struct decision){ .promised = SECCOMP_RET_ALLOW,
		.answer = SECCOMP_RET_ALLOW };
	if (session->sandbox != NULL)
		sandbox_decide(session->sandbox, &notice->call, ret_decision);
}

static int
serve_notice(struct session *session, const struct notice *notice)
{
	struct verdict verdict = { VERDICT_KEEP };
	struct decision decision;

	decide(session, notice, &decision);
	if (session->sandbox != NULL && takes_append(notice) &&
	    decision.answer == SECCOMP_RET_ALLOW)
		decision.denied |= would_append(notice);
	if (session->watcher != NULL)
		verdict =
		    session->watcher->hear(session->context, notice, &decision);
	return answer(session, notice, &decision, &verdict);
}

static void
serve(struct keeper_source *source)
{
	struct session *session = source->context;
	struct notice notice;
	int r = 0;

	if (source->events & POLLIN)
		r = listener_receive(&session->listener, &notice);
	else
		source->fd = -1;
	if (r > 0)
		r = serve_notice(session, &notice);
	if (r < 0)
		forsake(session, -r, "watch the command");
}

/* The listener comes, or the command failed before it was confined. */
static void
take_listener(struct keeper_source *source)
{
	struct session *session = source->context;
	int fd = handover_receive(source->fd);

	close(source->fd);
	source->fd = -1;
	if (fd == -EPIPE)
		return;
	if (fd >= 0)
		fd = listener_open(&session->listener, fd, session->diag);
	if (fd < 0) {
		forsake(session, -fd, "take the listener over");
		return;
	}
	source->fd = session->listener.fd;
	source->ready = serve;
	if (session->watcher != NULL && session->watcher->begin != NULL)
		session->watcher->begin(
		    session->context, keeper_command(session->keeper));
}

void
session_begin(struct session *session, int socket)
{
	struct keeper *keeper = session->keeper;

	session->listener = (struct listener){ .fd = -1 };
	session->source = &keeper->sources[keeper->source_count++];
	*session->source = (struct keeper_source){
		.fd = socket, .ready = take_listener, .context = session
	};
}

void
session_answer(struct session *session, const struct notice *notice,
    const struct verdict *verdict)
{
	struct decision decision;
	int r;

	if (!take_up(session, notice)) {
		if (verdict->kind == VERDICT_DESCRIPTOR)
			close(verdict->value);
		return;
	}
	decide(session, notice, &decision);
	r = answer(session, notice, &decision, verdict);
	if (r < 0)
		forsake(session, -r, "answer the command");
}

void
session_rest(struct session *session)
{
	const struct verdict keep_it = { VERDICT_KEEP };

	session->watcher = NULL;
	while (session->waiting_count > 0) {
		struct notice notice = session->waiting[0];

		session_answer(session, &notice, &keep_it);
	}
}

void
session_leave(struct session *session)
{
	struct keeper_source source = *session->source;
	static struct keeper keeper; /* in a process of its own */

	if (!listener_is_used(&session->listener) || fork() != 0)
		return;
	keeper_init(&keeper);
	keeper.sources[keeper.source_count++] = source;
	session->keeper = &keeper;
	session_rest(session);
	keeper_stay(&keeper, false);
}

void
session_close(struct session *session)
{
	if (session->source != NULL &&
	    session->source->ready == take_listener && session->source->fd >= 0)
		close(session->source->fd);
	session->source = NULL;
	listener_close(&session->listener);
	free(take_pointer(session->waiting));
	session->waiting_count = session->waiting_room = 0;
}
