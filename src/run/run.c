/* SPDX-License-Identifier: ISC */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/number.h"
#include "base/quote.h"
#include "base/table.h"
#include "format/user_filters.h"
#include "inspect/prove.h"
#include "kernel/features.h"
#include "launch/implied.h"
#include "launch/target.h"
#include "policy/caps.h"
#include "run/environment.h"
#include "run/identity.h"
#include "run/tmp.h"
#include "supervise/family.h"
#include "supervise/keeper.h"

/* TMPDIR, TMPPREFIX and LISTEN_PID may be set besides --env. */
#define SPARE_ENV       4
#define FIRST_LISTEN_FD 3 /* sd_listen_fds(3) */
#define ANSWER_ERROR    2 /* of a verb that answers */

/* What all processes of a run see. */
struct shared {
	bool failed; /* the command's process could not become it */
	bool late;   /* the time limit ended it */
};

/* One run's larger parts; static, as a launcher makes one run; the small ones
 * on one page. */
static struct {
	char **env;
	char *tmp;
	bool tmp_given;
	struct shared *shared;
	int left_with; /* the status of a process that did not become it */
	struct features features;
	struct target target;
	struct launch launch;
	struct identity outside; /* what -u and -g mean outside -c */
	struct user_filters filters;
	char cwd[PATH_MAX];
	struct launch_paths paths;
	struct sandbox sandbox;
} state __attribute__((aligned(4096)));

static int
refuse_setuid(struct diag *diag)
{
	if (getauxval(AT_SECURE) == 0 && getuid() == geteuid() &&
	    getgid() == getegid())
		return 0;
	return diag_set(diag, EPERM,
	    "started set-user-ID or with file "
	    "capabilities: it needs none, and does not run like that");
}

static int
change_root(const struct run *run, struct diag *diag)
{
	if (run->root == NULL)
		return 0;
	identity_look(run->user, run->group, &state.outside);
	if (chroot(run->root) < 0 || chdir("/") < 0)
		return diag_errno(diag, "change the root directory to %s%s",
		    run->root,
		    errno == EPERM ? ": it takes CAP_SYS_CHROOT" : "");
	return 0;
}

/* Who the command will be. */
static int
find_ids(const struct run *run, struct launch *launch, struct diag *diag)
{
	struct identity identity;
	int r;

	r = identity_find(run->user, run->group,
	    run->root != NULL ? &state.outside : NULL, &identity, diag);
	launch->change_user = identity.change_user;
	launch->change_group = identity.change_group;
	launch->uid = identity.uid;
	launch->gid = identity.gid;
	return r;
}

static int
keep_fd(struct launch *launch, int fd, struct diag *diag)
{
	for (size_t i = 0; i < launch->kept_count; i++)
		if (launch->kept_fds[i] == fd)
			return 0;
	if (launch->kept_count == LAUNCH_KEPT_FDS)
		return diag_set(diag, E2BIG, "more than %d descriptors to keep",
		    LAUNCH_KEPT_FDS);
	launch->kept_fds[launch->kept_count++] = fd;
	return 0;
}

/* The N of /dev/fd/N, as a shell writes <(command), or -1. */
static int
fd_of_argument(const char *argument)
{
	static const char *const leads[] = { "/dev/fd/", "/proc/self/fd/" };
	long long number;

	for (size_t i = 0; i < ARRAY_SIZE(leads); i++) {
		if (strncmp(argument, leads[i], strlen(leads[i])) != 0)
			continue;
		number = number_read(argument + strlen(leads[i]));
		if (number > 2 && number <= INT_MAX)
			return (int)number;
	}
	return -1;
}

/* LISTEN_FDS, if LISTEN_PID says that they are for the launcher. */
static int
keep_listen_fds(struct launch *launch, pid_t launcher, struct diag *diag)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	char text[24];
	long long fds;
	int r = 0;

	if (pid == NULL || count == NULL || number_read(pid) != launcher)
		return 0;
	fds = number_read(count);
	for (int i = 0; r == 0 && i < fds; i++)
		r = keep_fd(launch, FIRST_LISTEN_FD + i, diag);
	/* As parent, the command has a process ID of its own. */
	snprintf(text, sizeof(text), "%d", (int)getpid());
	if (r == 0 && environment_set(state.env, "LISTEN_PID", text) < 0)
		r = diag_set(diag, ENOMEM, "out of memory");
	return r;
}

/* Or is it one of ours, which all close with an exec? */
static bool
is_inherited(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

static int
find_fds(const struct run *run, struct launch *launch, pid_t launcher,
    struct diag *diag)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->fd_count; i++) {
		errno = EBADF;
		if (run->fds[i] > 2)
			r = is_inherited(run->fds[i])
			        ? keep_fd(launch, run->fds[i], diag)
			        : diag_errno(
			              diag, "keep descriptor %d", run->fds[i]);
	}
	for (size_t i = 1; r == 0 && run->argv[i] != NULL; i++) {
		int fd = fd_of_argument(run->argv[i]);

		if (fd >= 0 && is_inherited(fd))
			r = keep_fd(launch, fd, diag);
	}
	if (r == 0)
		r = keep_listen_fds(launch, launcher, diag);
	return r;
}

static int
make_environment(const struct run *run, struct diag *diag)
{
	state.env = environment_make(
	    run->env, run->env_count, run->clear_env, SPARE_ENV);
	if (state.env == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	if (state.tmp != NULL &&
	    (environment_set(state.env, "TMPDIR", state.tmp) < 0 ||
	        environment_set(state.env, "TMPPREFIX", state.tmp) < 0))
		return diag_set(diag, ENOMEM, "out of memory");
	return 0;
}

/* Patterns of paths mean what there is as the run starts. */
static int
expand_patterns(struct run *run, struct strbuf *said, struct diag *diag)
{
	const struct symbols symbols = { .home = getenv("HOME"),
		.cwd = getcwd(state.cwd, sizeof(state.cwd)),
		.argv = run->argv };

	return policy_expand(&run->policy, &symbols, said, diag);
}

/* A capability is kept only where a promise stands behind it, too. */
static void
warn_idle_caps(const struct policy *policy, struct diag *diag)
{
	promise_set promises = policy_promises(policy);

	for (size_t i = 0; i < CAP_ROWS; i++) {
		const struct cap_row *row = &cap_rows[i];
		const char *separator = "";
		cleanup_strbuf struct strbuf words = { 0 };

		if (!(policy->caps & row->bit) || (promises & row->words) != 0)
			continue;
		for (int which = 0; which < PROMISE_COUNT; which++)
			if (row->words & UINT64_C(1) << which) {
				strbuf_printf(&words, "%s%s", separator,
				    promise_rows[which].name);
				separator = " or ";
			}
		diag_warn(diag, "caps %s keeps nothing without the promise %s",
		    row->name, strbuf_text(&words, "it belongs to"));
	}
}

static int
find_paths(const struct run *run, struct diag *diag)
{
	struct symbols symbols = {
		.home = getenv("HOME"), .tmp = state.tmp, .argv = run->argv
	};
	const struct launch_gifts gifts = { .target = &state.target,
		.fds = state.launch.kept_fds,
		.fd_count = state.launch.kept_count,
		.tmp = state.tmp };
	int r;

	state.paths.count = state.paths.used = 0;
	state.paths.overflow = 0;
	if (getcwd(state.cwd, sizeof(state.cwd)) != NULL)
		symbols.cwd = state.cwd;
	warn_idle_caps(&run->policy, diag);
	if (run->policy.no_unveil && run->policy.unveil_count > 0)
		diag_warn(diag, "paths are not restricted (-V), so what is "
		                "unveiled makes no difference");
	r = launch_paths_user(&state.paths, &run->policy, &symbols, diag);
	if (r == 0 && run->argv != NULL)
		r = launch_paths_implied(
		    &state.paths, &run->policy, &gifts, diag);
	if (r == 0 && run->inspect != NULL)
		r = run->inspect(run->inspect_context, &state.paths, diag);
	return r;
}

/* A standard descriptor that may only be added to (">>log"). */
static bool
appends(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		int flags = fcntl(fd, F_GETFL);

		if (flags >= 0 && (flags & O_APPEND) != 0)
			return true;
	}
	return false;
}

static int
make_sandbox(const struct run *run, struct diag *diag)
{
	struct sandbox_request request = { .policy = &run->policy,
		.features = &state.features,
		.arch = arch_native(),
		.launch = true,
		.dynamic =
		    state.target.flags & (TARGET_DYNAMIC | TARGET_SCRIPT),
		.origin = state.target.flags & TARGET_RUNPATH,
		.kept = run->server != 0,
		.paths = state.paths.paths,
		.path_count = state.paths.count,
		.filters = state.filters.filters,
		.filter_count = state.filters.count,
		.allowed = user_filters_allowed(&state.filters),
		.programs = state.filters.program_count > 0,
		.best_effort = run->best_effort,
		.watched = run->explain.line != NULL || run->watch_all,
		.watch_all = run->watch_all,
		.open = run->open,
		.recorded = run->recorded,
		.appends = appends(),
		.watched_filters = state.filters.watched };

	request.values.pid = (uint64_t)getpid();
	request.values.uid =
	    state.launch.change_user ? state.launch.uid : getuid();
	request.values.gid =
	    state.launch.change_group ? state.launch.gid : getgid();
	if (request.watched && user_filters_watch(&state.filters, diag) < 0)
		return -ENOMEM;
	if (getrandom(request.values.cookie, sizeof(request.values.cookie),
	        0) != sizeof(request.values.cookie))
		return diag_errno(diag, "draw a secret");
	return sandbox_compile(&request, &state.sandbox, diag);
}

/* What the target's own form means for it. */
static int
check_target(const struct run *run, struct diag *diag)
{
	promise_set promises = policy_promises(&run->policy);

	if ((state.target.flags & TARGET_EXEC_STACK) &&
	    !(promises & PROMISE(PROT_EXEC)))
		return diag_set(diag, EACCES,
		    "%s asks for an executable "
		    "stack; that needs the promise prot_exec",
		    state.target.files[0]);
	if ((state.target.flags & TARGET_EXEC_DATA) &&
	    !(promises & PROMISE(PROT_EXEC)))
		return diag_set(diag, EACCES,
		    "%s asks for memory that is both writable and executable "
		    "(a segment of it is); that needs the promise prot_exec",
		    state.target.files[0]);
	if (state.target.flags & TARGET_SETID)
		diag_warn(diag,
		    "%s is set-user-ID or set-group-ID; confined, "
		    "it runs without that",
		    state.target.files[0]);
	return 0;
}

static int
find_target(const struct run *run, struct diag *diag)
{
	int r;

	r = target_find(run->argv[0], getenv("PATH"), &state.target, diag);
	if (r == -ENOENT)
		return STATUS_NOT_FOUND;
	if (r < 0 || check_target(run, diag) < 0)
		return STATUS_NOT_RUNNABLE;
	return 0;
}

/* The loader among the target's files; a path tells whose it is. */
static enum loader
find_loader(void)
{
	if (state.target.flags & TARGET_DYNAMIC)
		for (size_t i = state.target.file_count; i-- > 1;) {
			if (strstr(state.target.files[i], "/ld-musl-") != NULL)
				return LOADER_MUSL;
			if (strstr(state.target.files[i], "/ld-linux") != NULL)
				return LOADER_GLIBC;
		}
	return 0;
}

/* The private directory belongs to whom the command will run as. */
static int
give_tmp(const struct launch *launch, struct diag *diag)
{
	uid_t uid = launch->change_user ? launch->uid : (uid_t)-1;
	gid_t gid = launch->change_group ? launch->gid : (gid_t)-1;

	if (state.tmp == NULL || (uid == (uid_t)-1 && gid == (gid_t)-1) ||
	    chown(state.tmp, uid, gid) == 0)
		return 0;
	return diag_errno(diag, "give %s to another user", state.tmp);
}

/* Everything up to the first irreversible act. */
static int
prepare(const struct run *run, pid_t launcher, struct diag *diag)
{
	struct launch *launch = &state.launch;
	int status;

	*launch = (struct launch){ .policy = &run->policy,
		.sandbox = &state.sandbox,
		.programs = state.filters.programs,
		.program_count = state.filters.program_count,
		.rooted = run->root != NULL,
		.argv = run->argv,
		.keep_fds = run->keep_fds,
		.keep_caps = run->keep_caps,
		.idle = run->idle,
		.best_effort = run->best_effort,
		.report = run->report,
		.program_name = run->program_name };
	status = find_target(run, diag);
	if (status != 0)
		return status;
	launch->path = state.target.files[0];
	if (user_filters_check(
	        &state.filters, find_loader(), launch->path, diag) < 0)
		return STATUS_FAILED;
	launch->parent = run->server;
	if (make_environment(run, diag) < 0 ||
	    find_ids(run, launch, diag) < 0 || give_tmp(launch, diag) < 0 ||
	    find_fds(run, launch, launcher, diag) < 0 ||
	    find_paths(run, diag) < 0 || make_sandbox(run, diag) < 0)
		return STATUS_FAILED;
	launch->envp = state.env;
	return 0;
}

/* KEEPER: the process that stays; 0: none does. */
static int
become_command(const struct run *run, pid_t keeper, struct diag *diag)
{
	int status = prepare(run, run->launcher, diag);

	if (status != 0)
		return status;
	if (keeper != 0)
		state.launch.parent = keeper;
	return launch_in_place(&state.launch, diag);
}

/* Says how the command ended, where the status alone is a riddle. */
static void
explain_signal(const struct run *run, int number, struct diag *diag)
{
	if (number == SIGSYS)
		diag_warn(diag,
		    "%s was killed by SIGSYS: it made a system "
		    "call that the policy does not allow",
		    run->argv[0]);
}

/* What has to be said when the command has ended. */
static void
tell_end(const struct run *run, const struct keeper *keeper, struct diag *diag)
{
	bool late = keeper->late || state.shared->late;

	if (late)
		diag_warn(diag, "%s ran longer than %g second%s and was ended",
		    run->argv[0], run->timeout, plural(run->timeout));
	else if (run->timeout > 0 && !run->sole && keeper_has_rest())
		diag_warn(diag,
		    "%s has ended and left processes running, which are ended "
		    "at its limit of %g second%s",
		    run->argv[0], run->timeout, plural(run->timeout));
	explain_signal(run, keeper->signal, diag);
}

/* The watcher forks: what it planned, with what only the command knows. */
int
run_become(const struct run *run, int socket, pid_t watcher, struct diag *diag)
{
	struct launch *launch = &state.launch;
	uint64_t pid = (uint64_t)getpid();

	launch->parent = watcher;
	launch->socket = socket;
	launch->watched = socket != RUN_UNHEARD;
	launch->watched_killable = state.features.has[FEATURE_NOTIFY_KILLABLE];
	if (sandbox_set_process(&state.sandbox, pid, diag) < 0 ||
	    keep_listen_fds(launch, run->launcher, diag) < 0)
		return STATUS_FAILED;
	return launch_in_place(launch, diag);
}

/*
 * exit_group(2) is heard by the watcher, and refused where there is none, which
 * a C library takes for a fault; exit(2) is the same to a process of one
 * thread.
 */
static void
leave(void)
{
	fflush(NULL);
	syscall(SYS_exit, state.left_with);
}

static int
become_watched(
    const struct run *run, int socket, pid_t watcher, struct diag *diag)
{
	state.left_with = run_become(run, socket, watcher, diag);
	state.shared->failed = true;
	atexit(leave);
	return state.left_with;
}

static int
check_listener(struct diag *diag)
{
	if (state.features.has[FEATURE_NOTIFY])
		return 0;
	return diag_set(diag, ENOTSUP,
	    "this kernel cannot tell of refused calls (Linux 5.0)");
}

static int
wait_for_end(struct keeper *keeper, struct diag *diag)
{
	int status = keeper_wait(keeper);

	if (keeper->err == 0)
		return status;
	errno = keeper->err;
	diag_errno(diag, "watch the command");
	return STATUS_FAILED;
}

static int
answer(const struct explain *explain)
{
	if (state.shared->failed || explain->session.listener.notice == NULL ||
	    state.shared->late || explain->session.keeper->forsake)
		return ANSWER_ERROR;
	if (!explain_found(explain) && explain_is_blind(explain))
		return ANSWER_ERROR;
	return explain_found(explain) ? 1 : 0;
}

/* In the watcher, whose child is the command. */
static int
watch(const struct run *run, struct keeper *keeper, struct explain *explain,
    struct diag *diag)
{
	const struct suggestion_request request = {
		.lead = run->lead != NULL ? run->lead : run->program_name,
		.policy = &run->policy,
		.options = run->given,
		.paths = state.paths.paths,
		.tmp = state.tmp,
		.argv = run->argv,
	};
	int status = wait_for_end(keeper, diag);

	explain->session.lost |= keeper->err != 0;
	tell_end(run, keeper, diag);
	/* Killed for a violation, as the filter alone would have done it. */
	if (explain->session.killed && keeper->signal == SIGKILL)
		status = 128 + SIGSYS;
	explain_close(explain, status, state.shared->late || keeper->forsake);
	if (run->answer)
		status = answer(explain);
	explain_end(explain, &request);
	return status;
}

/* The status goes up, once nothing more is to be said; what the command has
 * left is kept. */
static int
end_link(
    struct keeper *keeper, int status, bool follow, const struct diag *diag)
{
	if (keeper->above < 0 || keeper->forsake || diag->err != 0)
		return status;
	keeper_report(keeper, status);
	if (keeper_has_rest())
		keeper_stay(keeper, follow);
	return status;
}

/*
 * Between the launcher and the command stands a watcher, so that each of them
 * can end the command when the other one is gone.
 */
static int
run_watched(const struct run *run, struct keeper *keeper, struct diag *diag)
{
	static struct explain explain;
	pid_t watcher = getpid();
	int sockets[2], status = prepare(run, run->launcher, diag);

	if (status != 0) {
		state.shared->failed = true;
		return status;
	}
	if (check_listener(diag) < 0)
		return STATUS_FAILED;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0) {
		diag_errno(diag, "a socket to the command");
		return STATUS_FAILED;
	}
	explain = (struct explain){ .sandbox = &state.sandbox,
		.policy = &run->policy,
		.filters = &state.filters,
		.output = &run->explain,
		.known = run->known,
		.diag = diag };
	if (explain_begin(&explain, state.paths.paths, state.paths.count,
	        keeper, sockets[0]) < 0)
		return STATUS_FAILED;
	if (keeper_fork(keeper, diag) == 0)
		return become_watched(run, sockets[1], watcher, diag);
	if (keeper->child <= 0)
		return STATUS_FAILED;
	close(sockets[1]);
	status = watch(run, keeper, &explain, diag);
	return end_link(keeper, status, run->timeout > 0, diag);
}

/* Whoever asked is gone, or does not want it any more. */
static void
lose_server(struct keeper_source *source)
{
	struct keeper *keeper = source->context;

	source->fd = -1;
	keeper->forsake = true;
}

static int
share(struct diag *diag)
{
	void *page = mmap(NULL, sizeof(*state.shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return diag_errno(diag, "a page to share");
	state.shared = page;
	return 0;
}

/* A link did not end by itself: what it kept must not go on. */
static int
end_unkept(struct keeper *keeper, const char *what, struct diag *diag)
{
	keeper->undead = !family_end();
	diag_set(diag, ECHILD,
	    "%s was ended by signal %d, and the command with it", what,
	    keeper->signal);
	return STATUS_FAILED;
}

static int
keep_watcher(struct run *run, struct keeper *keeper, struct diag *diag)
{
	struct keeper next;
	int status;

	if (keeper_fork_link(keeper, &next, diag) == 0) {
		/* It looks at paths first, which may hold it up. */
		keeper_close(&next);
		return run_watched(run, &next, diag);
	}
	if (keeper->child <= 0)
		return STATUS_FAILED;
	status = wait_for_end(keeper, diag);
	if (keeper->signal != 0)
		status = end_unkept(keeper, "the watcher", diag);
	/* Held up by what it looked at, it could not say so. */
	else if (keeper->late && !keeper->told)
		tell_end(run, keeper, diag);
	return status;
}

static int
keep_command(struct run *run, struct keeper *keeper, struct diag *diag)
{
	pid_t self = getpid();
	int status;

	if (keeper_fork(keeper, diag) == 0) {
		status = become_command(run, self, diag);
		state.shared->failed = true;
		return status;
	}
	if (keeper->child <= 0)
		return STATUS_FAILED;
	status = wait_for_end(keeper, diag);
	tell_end(run, keeper, diag);
	return status;
}

/* In the process that keeps the time, if there is any to keep. */
static int
keep(struct run *run, struct keeper *keeper, struct diag *diag)
{
	pid_t self = getpid();
	int status;

	keeper->timeout = run->timeout;
	keeper->tell_late = &state.shared->late;
	status = run->explain.line != NULL ? keep_watcher(run, keeper, diag)
	                                   : keep_command(run, keeper, diag);
	if (getpid() != self)
		return status;
	run->late = keeper->late;
	if (run->sole)
		keeper->undead |= !family_end();
	if (keeper->undead)
		diag_warn(diag,
		    "%s was killed, but waits in the kernel, for a file "
		    "system or a device that does not answer",
		    run->argv[0]);
	return end_link(keeper, status, false, diag);
}

/*
 * A time limit is kept by a process of its own, as we stop with the command,
 * and end with it, while the limit holds for what it has left, too.
 */
static int
run_timed(struct run *run, struct keeper *keeper, struct diag *diag)
{
	struct keeper next;
	int status;

	if (keeper_fork_link(keeper, &next, diag) == 0)
		return keep(run, &next, diag);
	if (keeper->child <= 0)
		return STATUS_FAILED;
	status = wait_for_end(keeper, diag);
	run->late = state.shared->late;
	return keeper->signal == 0
	           ? status
	           : end_unkept(keeper, "the keeper of its time", diag);
}

static int
run_kept(struct run *run, struct diag *diag)
{
	bool timed = run->timeout > 0 && !run->sole;
	struct keeper keeper;
	int status;

	if (share(diag) < 0)
		return STATUS_FAILED;
	keeper_init(&keeper);
	keeper.serves = run->sole;
	keeper.adopt = run->sole || timed || run->explain.line != NULL;
	if (run->sole)
		keeper.sources[keeper.source_count++] =
		    (struct keeper_source){ .fd = run->report,
			    .ready = lose_server,
			    .context = &keeper };
	status =
	    timed ? run_timed(run, &keeper, diag) : keep(run, &keeper, diag);
	if (run->answer && status > ANSWER_ERROR && run->launcher == getpid())
		return ANSWER_ERROR;
	return status;
}

static int
run_as_parent(struct run *run, struct diag *diag)
{
	pid_t launcher = getpid();
	struct diag cleanup = { 0 };
	int status;

	if (policy_wants_tmp(&run->policy) && tmp_make(&state.tmp, diag) < 0)
		return STATUS_FAILED;
	status = run_kept(run, diag);
	if (getpid() != launcher)
		return status;
	run->ran = state.shared != NULL && !state.shared->failed;
	if (state.tmp != NULL && tmp_remove(state.tmp, &cleanup) < 0)
		diag_warn(diag, "%s", cleanup.text);
	return status;
}

int
run_read_filters(const struct run *run, struct diag *diag)
{
	return user_filters_read(
	    &run->policy, arch_native(), &state.filters, diag);
}

int
run_prove(const struct run *run, struct diag *diag)
{
	int r = run_read_filters(run, diag);

	return r < 0 ? r : policy_prove(&run->policy, &state.filters, diag);
}

int
run_command(struct run *run, struct diag *diag)
{
	features_probe(&state.features);
	run->launcher = getpid();
	if (refuse_setuid(diag) < 0 || run_read_filters(run, diag) < 0 ||
	    change_root(run, diag) < 0 || expand_patterns(run, NULL, diag) < 0)
		return STATUS_FAILED;
	if (run->as_parent || run->timeout > 0 || run->explain.line != NULL ||
	    policy_wants_tmp(&run->policy))
		return run_as_parent(run, diag);
	return become_command(run, 0, diag);
}

static int
plan_tmp(const struct run *run, struct diag *diag)
{
	state.tmp_given = run->tmp != NULL;
	if (!state.tmp_given)
		return tmp_make(&state.tmp, diag);
	state.tmp = strdup(run->tmp);
	return state.tmp != NULL ? 0 : diag_set(diag, ENOMEM, "out of memory");
}

int
run_plan(
    struct run *run, bool tmp, struct run_plan *ret_plan, struct diag *diag)
{
	int status;

	features_probe(&state.features);
	target_free(&state.target);
	if (refuse_setuid(diag) < 0 || run_read_filters(run, diag) < 0 ||
	    change_root(run, diag) < 0 ||
	    expand_patterns(run, NULL, diag) < 0 ||
	    (run->watch_all && check_listener(diag) < 0) ||
	    (tmp && plan_tmp(run, diag) < 0))
		return STATUS_FAILED;
	run->launcher = getpid();
	status = prepare(run, run->launcher, diag);
	*ret_plan = (struct run_plan){ .sandbox = &state.sandbox,
		.paths = state.paths.paths,
		.path_count = state.paths.count,
		.features = &state.features,
		.program = state.launch.path,
		.tmp = state.tmp };
	if (status != 0)
		run_plan_end(diag);
	return status;
}

int
run_plan_again(struct diag *diag)
{
	if (state.tmp == NULL)
		return 0;
	if (tmp_remove(state.tmp, diag) < 0)
		return -diag->err;
	if (mkdir(state.tmp, 0700) < 0)
		return diag_errno(diag, "private directory %s", state.tmp);
	return 0;
}

void
run_plan_end(struct diag *diag)
{
	struct diag cleanup = { 0 };

	if (state.tmp != NULL && !state.tmp_given &&
	    tmp_remove(state.tmp, &cleanup) < 0)
		diag_warn(diag, "%s", cleanup.text);
	free(state.tmp);
	state.tmp = NULL;
}

static void
describe_paths(struct strbuf *buf)
{
	char letters[LANDLOCK_LETTERS];

	for (size_t i = 0; i < state.sandbox.landlock.count; i++) {
		const struct landlock_rule *rule =
		    &state.sandbox.landlock.rules[i];

		landlock_letters(rule->access, letters);
		strbuf_printf(buf, "#   %-4s ", letters);
		quote_word(buf, rule->path != NULL ? rule->path : "?");
		strbuf_printf(buf, "%s%s\n",
		    rule->implied ? "  (for the program)" : "",
		    rule->optional ? "  (if it exists)" : "");
	}
}

/* What user 0 finds that it may no more, or still may. */
static void
describe_caps(const struct run *run, struct strbuf *buf)
{
	uint64_t kept = state.sandbox.caps & caps_of_files();

	if (run->keep_caps || geteuid() != 0)
		return;
	strbuf_puts(buf, "# owner and mode of files: ");
	if (kept == 0)
		strbuf_puts(buf, "hold for user 0 as well, unless a \"caps\" "
		                 "says otherwise\n");
	else {
		strbuf_puts(buf, "passed over by caps");
		caps_write(buf, kept);
		strbuf_putc(buf, '\n');
	}
}

int
run_describe(struct run *run, struct strbuf *buf, struct diag *diag)
{
	int status = 0;

	features_probe(&state.features);
	if (run_read_filters(run, diag) < 0 || change_root(run, diag) < 0)
		return STATUS_FAILED;
	if (policy_wants_tmp(&run->policy))
		state.tmp = strdup("/tmp/pledge.XXXXXX");
	policy_write(&run->policy, buf);
	if (expand_patterns(run, buf, diag) < 0)
		return STATUS_FAILED;
	if (run->argv == NULL)
		return 0;
	status = prepare(run, getpid(), diag);
	if (status != 0)
		return status;
	if (sandbox_prove(&state.sandbox, diag) < 0)
		return STATUS_FAILED;
	strbuf_printf(buf, "# program: ");
	quote_word(buf, state.launch.path);
	strbuf_printf(buf, "\n# filter: %u instructions, longest path %u\n",
	    (unsigned int)state.sandbox.program.length,
	    program_longest_path(&state.sandbox.program));
	describe_caps(run, buf);
	if (state.sandbox.landlock.handled_fs == 0) {
		strbuf_puts(buf, "# paths: not restricted\n");
		return 0;
	}
	strbuf_printf(buf, "# paths that can be opened (Landlock ABI %d):\n",
	    state.sandbox.landlock.abi);
	describe_paths(buf);
	return 0;
}
