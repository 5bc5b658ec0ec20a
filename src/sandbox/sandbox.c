/* SPDX-License-Identifier: ISC */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/path.h"
#include "base/table.h"
#include "kernel/landlock.h"
#include "policy/caps.h"
#include "sandbox/gaps.h"
#include "sandbox/watched.h"

/* What the rows below look at. */
struct view {
	const struct sandbox_request *request;
	promise_set promises;
	unsigned int when;
};

static bool
has(const struct view *view, enum feature feature)
{
	return features_has(view->request->features, feature);
}

static bool
promises_any(const struct view *view, promise_set set)
{
	return (view->promises & set) != 0;
}

static bool
has_ports(const struct view *view)
{
	return view->request->policy->connect.count > 0 ||
	       view->request->policy->bind.count > 0;
}

static promise_set
reading_promises(void)
{
	promise_set set = PROMISE(EXEC);

	for (int i = 0; i < PROMISE_COUNT; i++)
		if (promise_rows[i].flags & PROMISE_READS)
			set |= UINT64_C(1) << i;
	return set;
}

/* The circumstances that the grants depend on. */
static unsigned int
find_circumstances(const struct view *view)
{
	const struct sandbox_request *request = view->request;
	bool paths = !request->policy->no_unveil && has(view, FEATURE_LANDLOCK);
	unsigned int when = 0;

	if (request->launch)
		when |= WHEN_LAUNCH;
	if (request->dynamic || promises_any(view, reading_promises()))
		when |= WHEN_GRACE;
	if (request->origin)
		when |= WHEN_ORIGIN;
	if (request->kept)
		when |= WHEN_KEPT;
	if (has(view, FEATURE_SCOPES))
		when |= WHEN_SCOPED;
	if (paths)
		when |= WHEN_PATHS;
	if (!paths || has(view, FEATURE_TRUNCATION))
		when |= WHEN_TRUNCATE;
	if (has_ports(view))
		when |= WHEN_PORTS;
	if (request->policy->bind.count > 0)
		when |= WHEN_BIND;
	if (has(view, FEATURE_PORTS))
		when |= WHEN_PORT_RULES;
	if (request->launch && !request->dynamic &&
	    !promises_any(view, PROMISE(EXEC)))
		when |= WHEN_NO_EXEC_MAP;
	return when;
}

uint64_t
sandbox_user_access(promise_set promises, unsigned int permissions)
{
	const promise_set devices =
	    PROMISE(TTY) | PROMISE(AUDIO) | PROMISE(VIDEO) | PROMISE(DRM);
	unsigned int words = 0;
	uint64_t allowed = 0;

	for (int i = 0; i < PROMISE_COUNT; i++)
		if (promises & UINT64_C(1) << i)
			allowed |= promise_rows[i].rights;
	/* The kernel reads what it executes; so does a script's interpreter. */
	if ((promises & PROMISE(EXEC)) && (permissions & UNVEIL_X))
		allowed |= LL_READ_FILE;
	if (promises & PROMISE(DPATH))
		words |= LANDLOCK_DPATH;
	if (promises & PROMISE(UNIX))
		words |= LANDLOCK_UNIX;
	if (promises & devices)
		words |= LANDLOCK_DEVICES;
	return allowed & landlock_rights(permissions, words);
}

static void
plan_paths(const struct view *view, struct landlock_plan *plan)
{
	for (size_t i = 0; i < view->request->path_count; i++) {
		const struct sandbox_path *path = &view->request->paths[i];
		uint64_t access = path->access;
		unsigned int flags = path->optional ? LANDLOCK_OPTIONAL : 0;

		if (path->user)
			access = sandbox_user_access(
			    view->promises, path->permissions);
		else
			flags |= LANDLOCK_IMPLIED;
		if (path->path != NULL)
			landlock_add_file(
			    plan, path->path, path->id, access, flags);
		else
			landlock_add_fd(
			    plan, "a redirection", path->fd, access, flags);
	}
}

/* What the user granted, the promises permitting, or what is ours. */
static uint64_t
path_access(const struct view *view, const struct sandbox_path *path)
{
	return path->user
	           ? sandbox_user_access(view->promises, path->permissions)
	           : path->access;
}

/* By its own grant, or by one of a directory that it is in. */
static bool
can_be_read(const struct view *view, const struct sandbox_path *path)
{
	const struct sandbox_path *above = view->request->paths;

	for (size_t i = 0; i < view->request->path_count; i++, above++)
		if (above->path != NULL &&
		    (path_access(view, above) & LL_READ_FILE) &&
		    path_within(path->path, above->path))
			return true;
	return false;
}

/* Of ours, devices are no places to write a program to. */
static bool
is_written(const struct view *view, const struct sandbox_path *path)
{
	return path->path != NULL && *path->path != '\0' &&
	       (path_access(view, path) & LL_WRITE_FILE) &&
	       (path->user || !path_within(path->path, "/dev"));
}

/* A program that may map files as code can map what it wrote. */
static void
warn_writable_code(const struct view *view, struct diag *diag)
{
	const struct sandbox_path *path = view->request->paths;

	if ((view->when & WHEN_NO_EXEC_MAP) ||
	    promises_any(view, PROMISE(PROT_EXEC)))
		return;
	for (size_t i = 0; i < view->request->path_count; i++, path++) {
		if (!is_written(view, path) || !can_be_read(view, path))
			continue;
		diag_warn(diag,
		    "%s %s: what is written there can be "
		    "mapped as code, as it can be read again",
		    path->user ? "unveil" : "the private directory",
		    path->path);
		return;
	}
}

/* Letters of an unveil that do nothing without a promise. */
static void
warn_letters(const struct view *view, struct diag *diag)
{
	static const struct {
		unsigned int permission;
		char letter;
		promise_set words; /* any of them */
		const char *name;
	} rows[] = {
		{ UNVEIL_R, 'r', PROMISE(RPATH) | PROMISE(EXEC), "rpath" },
		{ UNVEIL_W, 'w', PROMISE(WPATH) | PROMISE(UNIX), "wpath" },
		{ UNVEIL_X, 'x', PROMISE(EXEC), "exec" },
		{ UNVEIL_C, 'c',
		    PROMISE(CPATH) | PROMISE(DPATH) | PROMISE(UNIX), "cpath" },
	};
	const struct sandbox_path *path = view->request->paths;

	for (size_t i = 0; i < view->request->path_count; i++, path++) {
		if (!path->user)
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(rows); j++)
			if ((path->permissions & rows[j].permission) &&
			    !promises_any(view, rows[j].words))
				diag_warn(diag,
				    "unveil %s: \"%c\" does "
				    "nothing without the promise %s",
				    path->path, rows[j].letter, rows[j].name);
		if ((path->permissions & (UNVEIL_X | UNVEIL_R)) == UNVEIL_X)
			diag_warn(diag,
			    "unveil %s: the kernel reads what it "
			    "executes; \"x\" without \"r\" allows nothing",
			    path->path);
	}
}

static int
plan_landlock(
    const struct view *view, struct sandbox *sandbox, struct diag *diag)
{
	struct landlock_plan *plan = &sandbox->landlock;

	landlock_plan_init(plan, view->request->features->landlock_abi);
	sandbox->restrict_paths = plan->apart = has(view, FEATURE_LANDLOCK);
	if (!(view->when & WHEN_PATHS)) {
		plan->handled_fs = 0;
		/* Nothing is hidden but from the loader's read-only open. */
		if ((view->when & WHEN_GRACE) &&
		    !promises_any(view, PROMISE(RPATH)))
			plan->handled_fs = LL_READ_FILE | LL_READ_DIR;
	}
	if (plan->handled_fs != 0)
		plan_paths(view, plan);
	landlock_plan_ports(plan, view->promises,
	    &view->request->policy->connect, &view->request->policy->bind);
	warn_letters(view, diag);
	warn_writable_code(view, diag);
	return landlock_check(plan, diag);
}

static uint32_t
refusal(const struct view *view)
{
	const struct policy *policy = view->request->policy;

	if (policy->kill)
		return SECCOMP_RET_KILL_PROCESS;
	if (policy->violation_errno != 0)
		return SECCOMP_RET_ERRNO | (uint32_t)policy->violation_errno;
	if (promises_any(view, PROMISE(ERROR)))
		return SECCOMP_RET_ERRNO | ENOSYS;
	return SECCOMP_RET_ERRNO | EPERM;
}

/*
 * What the launcher itself does under the filter is not the user's to decide:
 * the exec, its last words, the listener handed to a watcher.
 */
static int
exempt_launcher(
    const struct view *view, const struct sandbox *sandbox, struct diag *diag)
{
	const struct run_conditions *conditions = &sandbox->conditions;
	const struct {
		const char *name;
		const struct condition *condition;
		bool wanted;
	} acts[] = {
		{ "execve", &conditions->cookie, true },
		{ "write", &conditions->last_words, true },
		{ "sendmsg", &conditions->cookie, view->request->watched },
		{ "seccomp", &conditions->cookie, view->request->programs },
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		int nr = arch_number(
		    view->request->arch, acts[i].name, strlen(acts[i].name));

		if (!acts[i].wanted || nr < 0)
			continue;
		for (size_t j = 0; r == 0 && j < sandbox->user_count; j++)
			r = filter_exempt(view->request->filters[j],
			    (unsigned int)nr, acts[i].condition, UINT16_MAX);
	}
	return r == 0 ? 0 : diag_set(diag, E2BIG, "a filter is too large");
}

/* The user's first: between equal answers, theirs is given. */
size_t
sandbox_filters(const struct sandbox *sandbox,
    const struct filter *ret_filters[PROGRAM_FILTERS])
{
	bool watched = sandbox->is_watched;
	size_t count = sandbox->user_count;

	for (size_t i = 0; i < count; i++)
		ret_filters[i] =
		    watched ? sandbox->watched_users[i] : sandbox->users[i];
	ret_filters[count] = watched ? &sandbox->watched : &sandbox->filter;
	return count + 1;
}

static int
make_program(struct sandbox *sandbox, struct diag *diag)
{
	const struct filter *filters[PROGRAM_FILTERS];
	size_t count = sandbox_filters(sandbox, filters) - 1;
	int r;

	r = program_compile(filters, count + 1, &sandbox->program, diag);
	if (r != -E2BIG || count == 0)
		return r;
	if (sandbox->second.length == 0)
		diag_warn(diag,
		    "the filters and promises together need more than %d "
		    "instructions, so they are two programs, and every call "
		    "runs both%s",
		    BPF_MAXINSNS,
		    sandbox->is_watched
		        ? "; what the filters refuse is not explained"
		        : "");
	r = program_compile(&filters[count], 1, &sandbox->program, diag);
	/* A listener hears of one program. */
	if (r == 0)
		r = program_compile(
		    sandbox->users, count, &sandbox->second, diag);
	if (r == 0 && diag != NULL)
		diag->err = 0;
	return r;
}

static int
take_users(const struct view *view, struct sandbox *sandbox, struct diag *diag)
{
	size_t count = view->request->filter_count;

	sandbox->user_count = count;
	sandbox->second.length = 0;
	if (count >= PROGRAM_FILTERS)
		return diag_set(
		    diag, E2BIG, "more than %d filters", PROGRAM_FILTERS - 1);
	for (size_t i = 0; i < count; i++)
		sandbox->users[i] = view->request->filters[i];
	return view->request->launch ? exempt_launcher(view, sandbox, diag) : 0;
}

static void
watch_users(const struct view *view, struct sandbox *sandbox)
{
	for (size_t i = 0; i < sandbox->user_count; i++) {
		struct filter *watched = view->request->watched_filters[i];

		filter_watch_user(sandbox->users[i], watched);
		sandbox->watched_users[i] = watched;
	}
}

/* All but what every program may do is told to the watcher. */
static int
watch_all(const struct view *view, struct sandbox *sandbox, struct diag *diag)
{
	static struct filter ordinary;
	const struct promise_request request = { .promises = PROMISE(STDIO),
		.when = view->when & WHEN_SCOPED,
		.refusal = SECCOMP_RET_ERRNO,
		.conditions = &sandbox->conditions };
	int r;

	r = promises_compile(&request, view->request->arch, &ordinary, diag);
	if (r < 0)
		return r;
	filter_add_realpath(&ordinary);
	filter_watch_all(&sandbox->filter, &ordinary, &sandbox->conditions,
	    view->request->recorded,
	    view->request->appends && !view->request->open, &sandbox->watched);
	sandbox->ordinary = &ordinary;
	sandbox->is_watched = true;
	watch_users(view, sandbox);
	return make_program(sandbox, diag);
}

/* Before the promises: whichever grants a call, it is granted. */
static int
add_allowed(const struct view *view, struct sandbox *sandbox, struct diag *diag)
{
	const struct filter *allowed = view->request->allowed;
	int r = 0;

	for (size_t i = allowed != NULL ? allowed->count : 0;
	     i-- > 0 && r == 0;)
		r = filter_exempt(&sandbox->filter, allowed->rules[i].nr,
		    allowed->rules[i].condition, ORIGIN_GRANT);
	if (r < 0)
		return diag_set(diag, -r, "too many calls are allowed");
	return 0;
}

static int
compile_filter(
    const struct view *view, struct sandbox *sandbox, struct diag *diag)
{
	const struct promise_request request = { .promises = view->promises,
		.when = view->when,
		.refusal = refusal(view),
		.conditions = &sandbox->conditions };
	int r;

	run_conditions_make(&sandbox->conditions, &view->request->values);
	r = promises_compile(
	    &request, view->request->arch, &sandbox->filter, diag);
	if (r == 0)
		r = add_allowed(view, sandbox, diag);
	if (r == 0)
		r = take_users(view, sandbox, diag);
	if (r < 0)
		return r;
	sandbox->is_watched =
	    view->request->watched || view->request->watch_all;
	if (view->request->watch_all)
		return watch_all(view, sandbox, diag);
	if (sandbox->is_watched) {
		filter_watch(&sandbox->filter, &sandbox->landlock,
		    &sandbox->conditions, sandbox->user_count > 0,
		    view->request->appends, &sandbox->watched);
		/* Without it, a signal could make a call fail that never
		 * does. */
		if (has(view, FEATURE_NOTIFY_KILLABLE))
			filter_watch_ends(&sandbox->watched);
		watch_users(view, sandbox);
	}
	return make_program(sandbox, diag);
}

void
sandbox_decide(const struct sandbox *sandbox, const struct call *call,
    struct decision *ret_decision)
{
	const struct filter *promises = &sandbox->filter;
	struct decision *made = ret_decision;
	const struct rule *rule;
	uint32_t answer;

	*made = (struct decision){ .answer = SECCOMP_RET_ALLOW,
		.user = sandbox->user_count };
	for (size_t i = 0; i < sandbox->user_count; i++) {
		answer = filter_answer(sandbox->users[i], call, &rule);
		if (answer_stricter(made->answer, answer) == made->answer)
			continue;
		made->answer = answer;
		made->rule = rule;
		made->user = i;
	}
	made->promised = filter_answer(promises, call, &rule);
	made->denied = !answer_lets_through(made->answer);
	if (answer_stricter(made->answer, made->promised) == made->answer &&
	    made->denied)
		return;
	made->answer = answer_stricter(made->answer, made->promised);
	made->rule = rule;
	made->user = sandbox->user_count;
	made->denied = call->nr <= promises->arch->max &&
	               answer_is_denial(made->promised, rule);
}

/* Nothing is given up but to signal others, as no policy allows that, and who
 * watches and keeps the time is among them. */
static int
compile_open(
    const struct view *view, struct sandbox *sandbox, struct diag *diag)
{
	struct landlock_plan *plan = &sandbox->landlock;

	sandbox->when = view->when;
	sandbox->caps = ~UINT64_C(0);
	sandbox->no_exec_gain = false;
	landlock_plan_init(plan, view->request->features->landlock_abi);
	plan->handled_fs = plan->handled_net = 0;
	plan->scoped &= LL_SCOPE_SIGNAL;
	sandbox->restrict_paths = plan->scoped != 0;
	sandbox->user_count = 0;
	sandbox->second.length = 0;
	run_conditions_make(&sandbox->conditions, &view->request->values);
	filter_open(view->request->arch, &sandbox->filter);
	return watch_all(view, sandbox, diag);
}

int
sandbox_set_process(struct sandbox *sandbox, uint64_t pid, struct diag *diag)
{
	sandbox->conditions.values[3] = pid;
	return make_program(sandbox, diag);
}

static uint64_t
kept_caps(const struct policy *policy)
{
	promise_set promises = policy_promises(policy);
	uint64_t caps = 0;

	for (int i = 0; i < PROMISE_COUNT; i++)
		if (promises & UINT64_C(1) << i)
			caps |= promise_rows[i].caps;
	return caps & (~caps_of_files() | policy->caps);
}

/* Policies that cannot mean what they say. */
static int
check_policy(const struct view *view, struct diag *diag)
{
	const promise_set files =
	    PROMISE(RPATH) | PROMISE(WPATH) | PROMISE(CPATH);

	if (view->request->policy->no_unveil &&
	    promises_any(view, PROMISE(TMPPATH)) &&
	    (view->promises & files) != files)
		return diag_set(diag, EINVAL,
		    "\"tmppath\" without rpath wpath "
		    "cpath needs its paths restricted, which -V turns off");
	if (has_ports(view) &&
	    !promises_any(view, PROMISE(INET) | PROMISE(ANET)))
		return diag_set(diag, EINVAL,
		    "ports are given, but neither inet nor anet is promised; "
		    "add -p inet");
	if (promises_any(view, PROMISE(SYSVIPC)))
		diag_warn(diag, "the names of System V's objects are global: "
		                "with \"sysvipc\", those of the user's other "
		                "processes are in reach");
	if (view->request->launch && !promises_any(view, PROMISE(STDIO)))
		diag_warn(diag, "hardly any program can start without the "
		                "promise stdio");
	return 0;
}

int
sandbox_compile(const struct sandbox_request *request,
    struct sandbox *ret_sandbox, struct diag *diag)
{
	struct view view = { .request = request,
		.promises = policy_promises(request->policy) };
	int r;

	view.when = find_circumstances(&view);
	if (request->open)
		return compile_open(&view, ret_sandbox, diag);
	ret_sandbox->when = view.when;
	ret_sandbox->caps = kept_caps(request->policy);
	ret_sandbox->no_exec_gain = has(&view, FEATURE_MDWE) &&
	                            !promises_any(&view, PROMISE(PROT_EXEC));
	r = check_policy(&view, diag);
	if (r == 0)
		r = gaps_check(request, view.when, diag);
	if (r == 0)
		r = plan_landlock(&view, ret_sandbox, diag);
	if (r == 0 && has(&view, FEATURE_SECCOMP))
		r = compile_filter(&view, ret_sandbox, diag);
	return r;
}

unsigned int
sandbox_circumstances(const struct sandbox_request *request)
{
	const struct view view = { .request = request,
		.promises = policy_promises(request->policy) };

	return find_circumstances(&view);
}
