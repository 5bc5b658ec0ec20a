/* SPDX-License-Identifier: ISC */
#include "trace/ptrace.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/table.h"
#include "event/memory.h"
#include "launch/launch.h"
#include "trace/ptrace_clone.h"
#include "trace/ptrace_start.h"
#include "trace/ptrace_tasks.h"

#define TICK_MICROSECONDS 100000
#define STOP_PATIENCE     10               /* ticks */
#define CALL_STOP         (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

/* What one run of ptrace_watch() knows. */
struct watcher {
	const struct ptrace_request *request;
	const struct ptrace_sink *sink;
	struct ptrace_counts *counts;
	struct tasks tasks;
	struct ptrace_child child;
	pid_t root;     /* the command, or the process */
	bool root_gone; /* it has ended */
	int status;     /* its end, wait(2)'s */
	bool leaving;   /* detach from all */
	bool failed;    /* memory is out */
	bool told;      /* that a child was not to be traced */
	size_t cleared; /* tasks whose flag was taken */
	struct diag *diag;
};

/* --- Signals to the watcher --- */

static volatile sig_atomic_t noticed, ticked, stop_signal, stop_age;
static volatile sig_atomic_t asked[NSIG];

/* The terminal's signals reach the command by themselves. */
static void
note_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	noticed = 1;
	if (number == SIGALRM)
		ticked = 1;
	else if (number == SIGTSTP || number == SIGTTIN || number == SIGTTOU) {
		stop_signal = number;
		stop_age = 0;
	} else if (info->si_code != SI_KERNEL)
		asked[number] = 1;
}

static const int noted_signals[] = { SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP,
	SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };

struct saved_signals {
	struct sigaction actions[ARRAY_SIZE(noted_signals)];
	struct ptrace_signals command;
};

/* No SA_RESTART: the wait must end for them. */
static void
take_signals(struct saved_signals *saved)
{
	struct sigaction note = { .sa_sigaction = note_signal,
		.sa_flags = SA_SIGINFO };
	struct sigaction plain = { .sa_handler = SIG_DFL };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigprocmask(SIG_SETMASK, NULL, &saved->command.mask);
	/* If it was ignored, ends would not be told. */
	sigaction(SIGCHLD, &plain, &saved->command.child);
	sigaction(SIGPIPE, &ignore, &saved->command.pipe);
	sigaction(SIGXFSZ, &ignore, &saved->command.size);
	sigfillset(&note.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(noted_signals); i++) {
		sigaction(noted_signals[i], NULL, &saved->actions[i]);
		/* What is ignored, as by nohup(1), stays so. */
		if (saved->actions[i].sa_handler != SIG_IGN ||
		    noted_signals[i] == SIGALRM)
			sigaction(noted_signals[i], &note, NULL);
	}
}

static void
give_back_signals(const struct saved_signals *saved)
{
	for (size_t i = 0; i < ARRAY_SIZE(noted_signals); i++)
		sigaction(noted_signals[i], &saved->actions[i], NULL);
	sigaction(SIGCHLD, &saved->command.child, NULL);
	sigaction(SIGPIPE, &saved->command.pipe, NULL);
	sigaction(SIGXFSZ, &saved->command.size, NULL);
}

static void
set_ticking(suseconds_t microseconds)
{
	struct itimerval every = { .it_interval.tv_usec = microseconds,
		.it_value.tv_usec = microseconds };

	setitimer(ITIMER_REAL, &every, NULL);
}

static uint64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

/* --- Calls --- */

static struct event_source
source_of(const struct watcher *watcher, const struct task *task)
{
	/* Who does not see every call cannot know when a name is stale. */
	bool all = watcher->request->program == NULL;

	return (struct event_source){ .pid = task->pid,
		.tid = task->tid,
		.files = all ? task->files : NULL };
}

static void
tell_call(struct watcher *watcher, struct task *task)
{
	if (task->in_call && task->shown)
		watcher->sink->call(watcher->sink->context, &task->call);
	task->in_call = false;
}

/* What the child does before it is the command is not the command's. */
static bool
is_command(struct task *task, uint32_t nr)
{
	const struct arch *native = arch_native();

	if (!task->hidden)
		return true;
	task->ours = (int)nr == arch_number(native, "execve", 6);
	return task->ours;
}

/* A child that is not to be traced is, or it is said that it is not. */
static void
follow_child(
    struct watcher *watcher, struct task *task, const struct call *call)
{
	int r = clone_trace(task, call);

	if (r > 0)
		watcher->cleared++;
	if (r == 0 || watcher->told)
		return;
	watcher->told = true;
	diag_warn(watcher->diag,
	    r > 0 ? "a child is started with CLONE_UNTRACED: it is traced all "
	            "the same, as if the flag were not there"
	          : "a child is started with CLONE_UNTRACED: what it does is "
	            "not seen%s",
	    r < 0 && watcher->request->program != NULL
	        ? ", and its calls that were to be shown fail"
	        : "");
}

/* Behind the call, the flags are as they were. */
static void
give_back(struct watcher *watcher, struct task *task)
{
	if (!task->untraced.set)
		return;
	clone_give_back(task->tid, &task->untraced);
	task->untraced.set = false;
	watcher->cleared--;
}

static void
begin_call(struct watcher *watcher, struct task *task,
    const struct __ptrace_syscall_info *info)
{
	struct event_source source = source_of(watcher, task);
	struct call call = { .arch = info->arch,
		.ip = info->instruction_pointer,
		.nr = (uint32_t)info->entry.nr };
	uint64_t args[CALL_ARGS];

	/* The end of an earlier one was not seen. */
	tell_call(watcher, task);
	/* The kernel's struct is packed to where it may be unaligned. */
	memcpy(args, info->entry.args, sizeof(args));
	memcpy(call.args, args, sizeof(call.args));
	if (!is_command(task, call.nr))
		return;
	task->in_call = true;
	if (watcher->sink->enter != NULL)
		watcher->sink->enter(watcher->sink->context, &source, &call);
	task->shown = watcher->sink->wants(watcher->sink->context, &call);
	watcher->counts->begun++;
	/* Others matter too: they change what descriptors are. */
	if (task->shown)
		event_call_begin(
		    &task->call, &source, info->arch, info->entry.nr, args);
	else
		event_call_identify(
		    &task->call, &source, info->arch, info->entry.nr, args);
	if (source.files != NULL)
		event_files_follow(source.files, &task->call);
	follow_child(watcher, task, &call);
	task->begun = now();
}

/* TASK shares its descriptors with nobody any more. */
static void
own_files(struct task *task)
{
	if (task->files == NULL)
		return;
	event_files_free(task->files);
	task->files = event_files_new();
	if (task->call.source.files != NULL)
		task->call.source.files = task->files;
}

static void
end_call(struct watcher *watcher, struct task *task,
    const struct __ptrace_syscall_info *info)
{
	uint64_t ended = now();
	struct event_call *call = &task->call;

	give_back(watcher, task);
	if (!task->in_call)
		return;
	if (call->name != NULL && (strcmp(call->name, "unshare") == 0 ||
	                              strcmp(call->name, "close_range") == 0))
		own_files(task);
	call->duration = (double)(ended - task->begun) / 1e9;
	if (task->shown)
		event_call_end(call, info->exit.rval, info->exit.is_error != 0);
	else {
		call->ended = true;
		call->failed = info->exit.is_error != 0;
		call->returned = info->exit.rval;
		event_files_follow(call->source.files, call);
	}
	watcher->counts->ended++;
	tell_call(watcher, task);
	/* The exec that was ours has failed: what follows is ours again. */
	task->ours = false;
}

/* --- Tasks --- */

static struct task *
add_task(struct watcher *watcher, pid_t tid, pid_t pid)
{
	struct task *task = task_add(&watcher->tasks, tid, pid);

	if (task == NULL) {
		watcher->failed = true;
		return NULL;
	}
	if (tid == pid)
		watcher->counts->processes++;
	watcher->counts->threads++;
	return task;
}

/* The flags of the clone that TASK is in; of fork and vfork, none. */
static uint64_t
clone_flags(const struct task *task)
{
	uint64_t flags = 0;

	if (task->call.name == NULL)
		return 0;
	if (strcmp(task->call.name, "clone") == 0)
		return task->call.raw[0];
	if (strcmp(task->call.name, "clone3") == 0)
		memory_read(
		    task->tid, task->call.raw[0], &flags, sizeof(flags));
	return flags;
}

/* TASK has started another one, which may have been seen already. */
static void
note_child(struct watcher *watcher, struct task *task, int event)
{
	bool known = watcher->request->program == NULL && task->in_call;
	unsigned long number = 0;
	uint64_t flags = 0;
	struct task *child;
	pid_t tid, pid;

	if (ptrace(PTRACE_GETEVENTMSG, task->tid, NULL, &number) < 0)
		return;
	tid = (pid_t)number;
	child = task_find(&watcher->tasks, tid);
	if (known && event == PTRACE_EVENT_CLONE)
		flags = clone_flags(task);
	if (child == NULL) {
		pid = flags & CLONE_THREAD ? task->pid : tid;
		if (event == PTRACE_EVENT_CLONE && !known)
			pid = task_process(tid);
		child = add_task(watcher, tid, pid);
		/* Until it stops for the first time. */
		if (child != NULL && task->untraced.set) {
			child->untraced = task->untraced;
			watcher->cleared++;
		}
	}
	if (child == NULL || child->files != NULL || task->files == NULL)
		return;
	child->files = flags & CLONE_FILES ? event_files_share(task->files)
	                                   : event_files_new();
}

/*
 * An exec has ended all other threads, some without a word, and its thread
 * goes by the process's number now (ptrace(2), "execve(2) under ptrace").
 */
static void
note_exec(struct watcher *watcher, struct task **task, pid_t pid)
{
	struct task *leader = *task, *caller;
	unsigned long number = 0;

	if (ptrace(PTRACE_GETEVENTMSG, pid, NULL, &number) < 0)
		return;
	caller = task_find(&watcher->tasks, (pid_t)number);
	if (caller != NULL && caller != leader) {
		if (leader != NULL) {
			tell_call(watcher, leader);
			task_remove(&watcher->tasks, leader);
		}
		task_rename(&watcher->tasks, caller, pid);
		*task = caller;
	}
	if (*task == NULL)
		return;
	own_files(*task);
	(*task)->hidden = (*task)->ours = false;
}

static void
end_task(struct watcher *watcher, struct task *task, int status)
{
	struct event_source source = { .pid = task->pid, .tid = task->tid };
	bool hidden = task->hidden && !task->ours;

	tell_call(watcher, task);
	watcher->cleared -= task->untraced.set;
	if (task->tid == watcher->root) {
		watcher->root_gone = true;
		watcher->status = status;
	}
	if (task->tid == task->pid && !hidden)
		watcher->sink->exit(watcher->sink->context, &source, status);
	task_remove(&watcher->tasks, task);
}

/* --- Stops --- */

static int
resume_request(const struct watcher *watcher, const struct task *task)
{
	/* Under a filter, only a call that it has stopped is followed to its
	 * end. */
	if (watcher->request->program != NULL && !task->in_call)
		return PTRACE_CONT;
	return PTRACE_SYSCALL;
}

static void
resume(const struct watcher *watcher, const struct task *task, int signal)
{
	uintptr_t number = (uintptr_t)(unsigned int)signal;

	/* Gone already: its end will be told. */
	ptrace(resume_request(watcher, task), task->tid, NULL,
	    (void *)number); /* NOLINT */
}

static void
handle_call(struct watcher *watcher, struct task *task)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		end_call(watcher, task, &info);
	/* A filter's stop comes after that of the entry, if both do. */
	else if (info.op == PTRACE_SYSCALL_INFO_ENTRY ||
	         (info.op == PTRACE_SYSCALL_INFO_SECCOMP &&
	             watcher->request->program != NULL))
		begin_call(watcher, task, &info);
}

static void
handle_signal(struct watcher *watcher, struct task *task, int number)
{
	struct event_source source = { .pid = task->pid, .tid = task->tid };
	siginfo_t info;

	if (ptrace(PTRACE_GETSIGINFO, task->tid, NULL, &info) < 0)
		memset(&info, 0, sizeof(info));
	info.si_signo = number;
	if (!task->hidden)
		watcher->sink->signal(watcher->sink->context, &source, &info);
	resume(watcher, task, number);
}

/*
 * The terminal stopped the command and us: stop as well, so that the shell
 * sees its job stopped, and go on with it.
 */
static void
stop_together(const struct watcher *watcher)
{
	struct sigaction plain = { .sa_handler = SIG_DFL }, old;
	int number = stop_signal;

	stop_signal = 0;
	sigaction(number, &plain, &old);
	raise(number);
	/* Here it stops; what follows is after SIGCONT. */
	sigaction(number, &old, NULL);
	kill(watcher->root, SIGCONT);
}

static bool
is_group_stop(int number)
{
	return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN ||
	       number == SIGTTOU;
}

static void
handle_stop(struct watcher *watcher, struct task *task, int number)
{
	if (!is_group_stop(number)) {
		resume(watcher, task, 0);
		return;
	}
	/* It stays stopped, until SIGCONT. */
	ptrace(PTRACE_LISTEN, task->tid, NULL, NULL);
	if (task->tid == watcher->root && stop_signal != 0)
		stop_together(watcher);
}

/* The child's own copy of the flags, at its first stop; CHILD NULL: its parent
 * has not told of it yet. */
static void
give_back_child(struct watcher *watcher, struct task *child, pid_t tid)
{
	pid_t parent = child == NULL ? task_parent(tid) : 0;

	if (child != NULL && !child->in_call)
		give_back(watcher, child);
	for (size_t i = 0; parent > 0 && i < TASK_BUCKETS; i++)
		for (const struct task *task = watcher->tasks.buckets[i];
		     task != NULL; task = task->next)
			if (task->untraced.set && task->pid == parent)
				clone_give_back(tid, &task->untraced);
}

/* Whoever stops without being known was started by one that is. */
static struct task *
meet_task(struct watcher *watcher, pid_t tid)
{
	struct task *task = add_task(watcher, tid, task_process(tid));

	if (task == NULL)
		kill(tid, SIGKILL);
	return task;
}

static void
let_go(struct watcher *watcher, struct task *task, int signal)
{
	uintptr_t number = (uintptr_t)(unsigned int)signal;

	give_back(watcher, task);
	ptrace(PTRACE_DETACH, task->tid, NULL, (void *)number); /* NOLINT */
	tell_call(watcher, task);
	task_remove(&watcher->tasks, task);
}

static void
handle_task(struct watcher *watcher, pid_t tid, int status)
{
	struct task *task = task_find(&watcher->tasks, tid);
	int number, event;

	if (!WIFSTOPPED(status)) {
		if (task != NULL)
			end_task(watcher, task, status);
		return;
	}
	number = WSTOPSIG(status);
	event = (int)((unsigned int)status >> 16);
	if (event == PTRACE_EVENT_STOP && watcher->cleared > 0)
		give_back_child(watcher, task, tid);
	if (event == PTRACE_EVENT_EXEC)
		note_exec(watcher, &task, tid);
	if (task == NULL)
		task = meet_task(watcher, tid);
	if (task == NULL)
		return;
	if (watcher->leaving) {
		let_go(watcher, task,
		    event == 0 && number != CALL_STOP ? number : 0);
		return;
	}
	switch (event) {
	case 0:
		if (number != CALL_STOP) {
			handle_signal(watcher, task, number);
			return;
		}
		handle_call(watcher, task);
		break;
	case PTRACE_EVENT_SECCOMP:
		handle_call(watcher, task);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		note_child(watcher, task, event);
		break;
	case PTRACE_EVENT_STOP:
		handle_stop(watcher, task, number);
		return;
	default:
		break;
	}
	resume(watcher, task, 0);
}

/* --- The whole --- */

static void
leave(struct watcher *watcher)
{
	watcher->leaving = true;
	for (size_t i = 0; i < TASK_BUCKETS; i++)
		for (struct task *task = watcher->tasks.buckets[i];
		     task != NULL; task = task->next)
			ptrace(PTRACE_INTERRUPT, task->tid, NULL, NULL);
}

/* To the command; once it has ended, to all that it left. */
static void
pass_on(struct watcher *watcher, int number)
{
	if (watcher->request->path == NULL) {
		if (number == SIGINT || number == SIGTERM || number == SIGHUP)
			leave(watcher);
		return;
	}
	if (!watcher->root_gone) {
		kill(watcher->root, number);
		return;
	}
	for (size_t i = 0; i < TASK_BUCKETS; i++)
		for (const struct task *task = watcher->tasks.buckets[i];
		     task != NULL; task = task->next)
			if (task->tid == task->pid)
				kill(task->pid, number);
}

static void
handle_signals(struct watcher *watcher)
{
	if (!noticed)
		return;
	noticed = 0;
	for (int number = 1; number < NSIG; number++) {
		if (!asked[number])
			continue;
		asked[number] = 0;
		pass_on(watcher, number);
	}
	if (!ticked)
		return;
	ticked = 0;
	/* The command did not stop, so we must not at a later one's. */
	if (stop_signal != 0 && ++stop_age > STOP_PATIENCE)
		stop_signal = 0;
	watcher->sink->tick(watcher->sink->context);
}

static void
follow_all(struct watcher *watcher)
{
	int status;
	pid_t tid;

	for (;;) {
		tid = waitpid(-1, &status, __WALL);
		if (tid > 0)
			handle_task(watcher, tid, status);
		else if (errno != EINTR)
			break;
		if (watcher->leaving && watcher->tasks.count == 0)
			break;
		handle_signals(watcher);
	}
}

static int
start_command(struct watcher *watcher, const struct ptrace_signals *signals,
    struct diag *diag)
{
	struct task *task;
	int status, r;

	r = ptrace_child_start(
	    watcher->request, signals, &watcher->child, diag);
	if (r < 0) {
		if (watcher->child.pid > 0) {
			kill(watcher->child.pid, SIGKILL);
			waitpid(watcher->child.pid, &status, 0);
		}
		return r;
	}
	watcher->root = watcher->child.pid;
	task = add_task(watcher, watcher->root, watcher->root);
	if (task == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	task->hidden = true;
	if (watcher->request->program == NULL)
		task->files = event_files_new();
	/* It has been interrupted: it stops at its gate. */
	while (waitpid(watcher->root, &status, __WALL) < 0 && errno == EINTR)
		continue;
	handle_task(watcher, watcher->root, status);
	ptrace_child_release(&watcher->child);
	return 0;
}

static int
start_attached(struct watcher *watcher, struct diag *diag)
{
	watcher->root = watcher->request->pid;
	return ptrace_attach(watcher->root, &watcher->tasks, diag);
}

static int
exit_status(struct watcher *watcher, struct diag *diag)
{
	int status;

	if (watcher->failed) {
		diag_set(diag, ENOMEM, "out of memory: the trace is not whole");
		return STATUS_FAILED;
	}
	if (watcher->request->path == NULL)
		return 0;
	status = ptrace_child_verdict(&watcher->child, watcher->request, diag);
	if (status != 0)
		return status;
	if (WIFSIGNALED(watcher->status))
		return 128 + WTERMSIG(watcher->status);
	return WEXITSTATUS(watcher->status);
}

int
ptrace_watch(const struct ptrace_request *request,
    const struct ptrace_sink *sink, struct ptrace_counts *ret_counts,
    struct diag *diag)
{
	static struct watcher watcher;
	struct saved_signals saved;
	int r, status = STATUS_FAILED;

	memset(&watcher, 0, sizeof(watcher));
	*ret_counts = (struct ptrace_counts){ 0 };
	watcher.request = request;
	watcher.sink = sink;
	watcher.counts = ret_counts;
	watcher.diag = diag;
	take_signals(&saved);
	r = request->path != NULL
	        ? start_command(&watcher, &saved.command, diag)
	        : start_attached(&watcher, diag);
	if (r == 0) {
		set_ticking(TICK_MICROSECONDS);
		follow_all(&watcher);
		set_ticking(0);
		status = exit_status(&watcher, diag);
		sink->tick(sink->context);
	}
	give_back_signals(&saved);
	tasks_free(&watcher.tasks);
	return status;
}
