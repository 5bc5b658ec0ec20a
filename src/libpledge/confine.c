/* SPDX-License-Identifier: ISC */
#include "libpledge/confine.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/table.h"
#include "call/errnos.h"
#include "enforce/landlock.h"
#include "enforce/seccomp.h"
#include "kernel/landlock.h"
#include "libpledge/helper.h"
#include "libpledge/plan.h"
#include "libpledge/support.h"
#include "policy/calls.h"

/* Used by the holder of the record's lock. */
static struct filter filter;
static struct program program, closed_program;
static struct run_conditions conditions;
static struct landlock_plan plan;
static char helper_stack[HELPER_STACK] __attribute__((aligned(16)));
/* For when mapping memory was given up; kept from then on. */
static struct scratch scratch;
static bool scratch_used;

static const char *
error_name(int err)
{
	const char *name = errno_name(err);

	return name != NULL ? name : "an error";
}

static int
fail_step(const char *step, int err)
{
	return fail(err, step, ": ", error_name(err));
}

static int
reserve_scratch(void)
{
	const size_t size = program_scratch_size();
	void *memory;

	if (scratch.memory != NULL)
		return 0;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return fail(ENOMEM, "memory to compile a filter in");
	scratch = (struct scratch){ memory, size };
	return 0;
}

static int
compile(const struct filter *made, struct program *ret_program)
{
	int err;

	if (record_allows(PROMISE(STDIO))) {
		err = program_compile(&made, 1, ret_program, NULL);
	} else {
		if (scratch_used)
			memset(scratch.memory, 0, scratch.size);
		scratch_used = true;
		err = program_compile_in(&made, 1, &scratch, ret_program, NULL);
	}
	return err < 0 ? fail_step("compiling the filter", -err) : 0;
}

static uint32_t
refusal(promise_set promises)
{
	return promises & PROMISE(ERROR) ? SECCOMP_RET_ERRNO | ENOSYS
	                                 : SECCOMP_RET_KILL_PROCESS;
}

/*
 * What C libraries try for a promise, and do without: with ANY of the words and
 * NONE of the others, a refused call gets an errno.
 */
static const struct {
	promise_set any, none;
	int err;
	const char *calls;
} attempts[] = {
	/* nscd's socket; and where a looked up file leads. */
	{ PROMISE(DNS) | PROMISE(GETPW), PROMISE(UNIX), EACCES, "socket/unix" },
	{ PROMISE(DNS) | PROMISE(GETPW) | PROMISE(PS) | PROMISE(VMINFO),
	    PROMISE(RPATH), EACCES,
	    "access faccessat readlink readlinkat stat lstat newfstatat "
	    "getcwd" },
	/* What a program that is executed looks at before its main(). */
	{ PROMISE(EXEC), PROMISE(RPATH), EACCES,
	    "open/readonly openat/readonly access faccessat readlink "
	    "readlinkat stat lstat newfstatat getcwd" },
	{ PROMISE(EXEC), 0, EACCES, "prlimit64/self" },
	/* The longer answers; UDP's were usable. */
	{ PROMISE(DNS), 0, EACCES, "socket/inet-stream" },
};

/* As the last rules: they are for what was not granted. */
static int
add_attempts(promise_set promises)
{
	struct call_word word;
	const char *calls;
	int nr;

	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++) {
		if (!(promises & attempts[i].any) ||
		    (promises & attempts[i].none))
			continue;
		calls = attempts[i].calls;
		while (call_word_next(&calls, &word)) {
			nr = arch_number(filter.arch, word.name, word.length);
			if (nr < 0)
				continue;
			filter_add(&filter, (unsigned int)nr,
			    word.condition != NULL ? condition_find(&word)
			                           : NULL,
			    SECCOMP_RET_ERRNO | (uint32_t)attempts[i].err, 0);
		}
	}
	return filter.overflow ? -E2BIG : 0;
}

static int
compile_promises(
    promise_set promises, unsigned int when, struct program *ret_program)
{
	struct promise_request request = { promises, when, refusal(promises),
		&conditions };
	struct run_values values = { .pid = 0 };
	int err;

	/* Without stdio nobody is signalled, and getpid(2) was given up. */
	if (promises & PROMISE(STDIO))
		values.pid = (uint64_t)getpid();
	run_conditions_make(&conditions, &values);
	err = promises_compile(&request, arch_native(), &filter, NULL);
	if (err == 0)
		err = add_attempts(promises);
	if (err < 0)
		return fail_step("the promises' rules", -err);
	return compile(&filter, ret_program);
}

/* What is left if Landlock refuses at last: nothing that names a path. */
static promise_set
close_paths(promise_set promises)
{
	return promises &
	       (PROMISE(STDIO) | PROMISE(INET) | PROMISE(ANET) |
	           PROMISE(MCAST) | PROMISE(SENDFD) | PROMISE(RECVFD) |
	           PROMISE(TTY) | PROMISE(FLOCK) | PROMISE(PROC) | PROMISE(ID) |
	           PROMISE(SETTIME) | PROMISE(PROT_EXEC) | PROMISE(ERROR));
}

/* What is about to happen, in the thread that tries it first. */
struct commit {
	const struct program *program; /* NULL: none */
	int ruleset;                   /* -1: none */
	bool trial; /* apply the ruleset, which ends with the thread */
	int err;
};

static int
commit_filter(void *context)
{
	struct commit *commit = context;

	commit->err = enforce_no_new_privs(NULL);
	if (commit->err == 0 && commit->trial && commit->ruleset != -1)
		commit->err = ll_restrict_self(commit->ruleset, 0);
	if (commit->err == 0 && commit->program != NULL)
		commit->err = enforce_seccomp(
		    commit->program, SECCOMP_FILTER_FLAG_TSYNC, NULL);
	return 0;
}

static int
restrict_paths(int ruleset)
{
	return ll_restrict_self(
	    ruleset, support_probe()->all_threads ? LL_RESTRICT_TSYNC : 0);
}

/*
 * The filter with no_new_privs, or what they lack, and then the paths.  Both
 * were tried by the helper; should the kernel have no memory left in between,
 * nothing that names a path remains.
 */
static int
commit_all(struct commit *commit)
{
	bool privs = prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) != 1;

	commit->trial =
	    record_allows(PROMISE(STDIO)) && (privs || commit->ruleset != -1);
	if (commit->trial)
		helper_run(commit_filter, commit, helper_stack + HELPER_STACK);
	else
		commit_filter(commit);
	return commit->err;
}

static int
explain_commit(int err)
{
	switch (err) {
	case EBUSY:
		return fail(err, "another thread has a filter of its own, so "
		                 "that it cannot get this one");
	case E2BIG:
		return fail(err, "Landlock takes 16 layers, and this process "
		                 "is under that many");
	case ENOMEM:
		return fail(err, "this process is under too many filters, or "
		                 "the kernel has no memory");
	default:
		return fail_step("the kernel refused the restrictions", err);
	}
}

/* Half a sandbox must not run on. */
static int
close_half(promise_set next, int err)
{
	if (enforce_seccomp(&closed_program, SECCOMP_FILTER_FLAG_TSYNC, NULL) <
	    0) {
		syscall(SYS_kill, getpid(), SIGKILL);
		for (;;)
			syscall(SYS_exit_group, 128 + SIGKILL);
	}
	record.promises = close_paths(next);
	record.pledged = true;
	record.locked = true;
	return fail(err, "Landlock failed after its trial: everything that "
	                 "names a path was given up");
}

static int
prepare_ruleset(int *ret_ruleset)
{
	int err = enforce_landlock_prepare(&plan, ret_ruleset, NULL);

	return err < 0 ? fail_step("restricting paths", -err) : 0;
}

static int
refuse_paths(const struct plan_request *request)
{
	const struct pledge_kernel *support = support_probe();

	if (support->landlock_abi == 0)
		return fail(ENOTSUP, request->what,
		    ": Landlock cannot be had (Linux 5.13, and no filter that refuses it)");
	if (!support->all_threads && helper_threads_exist())
		return fail(ENOTSUP, request->what,
		    ": before Linux 7.0, Landlock restricts one thread, and "
		    "there are others; do it before they are started");
	return 0;
}

/* Whether paths are restricted for good, and the rules that say so. */
static int
make_plan(struct plan_request *request, int *ret_ruleset)
{
	*ret_ruleset = -1;
	if (!plan_needed(request))
		return 0;
	if (refuse_paths(request) < 0) {
		if (!plan_optional(request))
			return -1;
		request->ports = false;
		return 0;
	}
	if (plan_make(request, &plan) < 0)
		return -1;
	return prepare_ruleset(ret_ruleset);
}

static int
commit_promises(const struct plan_request *request, struct commit *commit)
{
	promise_set next = request->next;
	int err;

	err = commit_all(commit);
	if (err < 0)
		return explain_commit(-err);
	if (commit->ruleset != -1) {
		err = restrict_paths(commit->ruleset);
		if (err < 0)
			return close_half(next, -err);
	}
	record.promises = next;
	record.pledged = true;
	record.locked = record.locked || !(next & PROMISE(UNVEIL));
	record.hidden = record.hidden || request->hide;
	record.only_tmp = record.only_tmp || request->only_tmp;
	return 0;
}

static void
close_ruleset(int ruleset)
{
	/* Without stdio it stays open: it grants nothing. */
	if (ruleset != -1 && record_allows(PROMISE(STDIO)))
		close(ruleset);
}

int
confine_promises(promise_set next)
{
	struct plan_request request = { .next = next, .pledging = true };
	struct commit commit = { .program = &program, .ruleset = -1 };
	int r;

	if (!support_probe()->seccomp)
		return fail(ENOSYS, "this kernel has no seccomp filters "
		                    "(Linux 3.17)");
	plan_request_complete(&request);
	if (!(next & PROMISE(STDIO)) && reserve_scratch() < 0)
		return -1;
	r = make_plan(&request, &commit.ruleset);
	if (r == 0)
		r = compile_promises(
		    next, plan_circumstances(&request), &program);
	if (r == 0 && commit.ruleset != -1)
		r = compile_promises(close_paths(next), 0, &closed_program);
	if (r == 0)
		r = commit_promises(&request, &commit);
	close_ruleset(commit.ruleset);
	return r;
}

int
confine_paths(void)
{
	struct plan_request request = { .next = record.pledged ? record.promises
		                                               : ALL_PROMISES,
		.hide = true,
		.what = "unveil" };
	struct commit commit = { .ruleset = -1 };
	int err;

	if (make_plan(&request, &commit.ruleset) < 0)
		return -1;
	err = commit_all(&commit);
	/* The helper took no_new_privs for itself alone. */
	if (err == 0)
		err = enforce_no_new_privs(NULL);
	if (err == 0)
		err = restrict_paths(commit.ruleset);
	close_ruleset(commit.ruleset);
	if (err < 0)
		return explain_commit(-err);
	record.locked = record.hidden = true;
	return 0;
}

int
confine_exec(promise_set promises, struct exec_filter *ret_filter)
{
	struct promise_request request = { promises,
		WHEN_LAUNCH | WHEN_TRUNCATE, refusal(promises),
		&ret_filter->conditions };
	struct run_values values = { .pid = (uint64_t)getpid() };
	int err;

	if (syscall(SYS_getrandom, values.cookie, sizeof(values.cookie), 0) !=
	    sizeof(values.cookie))
		return fail_step("random numbers", errno);
	run_conditions_make(&ret_filter->conditions, &values);
	err = promises_compile(&request, arch_native(), &filter, NULL);
	if (err < 0)
		return fail_step("the execpromises' rules", -err);
	return compile(&filter, &ret_filter->program);
}
