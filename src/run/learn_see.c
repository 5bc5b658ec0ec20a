/* SPDX-License-Identifier: ISC */
#include "run/learn_see.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "call/looks.h"
#include "judge/asks.h"
#include "judge/ordinary.h"
#include "judge/probe.h"
#include "kernel/landlock.h"
#include "kernel/machine.h"
#include "launch/implied.h"
#include "launch/target.h"
#include "trace/ptrace_tasks.h"

#define NSCD "/nscd/socket"

int
learn_eye_open(struct learn_eye *eye, struct diag *diag)
{
	/* Everything is looked at, and nothing is granted. */
	static struct sandbox all;
	*eye = (struct learn_eye){ 0 };
	if (!machine_has_proc())
		diag_warn(diag, "paths cannot be told without /proc");
	all.filter.arch = arch_native();
	landlock_plan_init(&all.landlock, LANDLOCK_ABIS);
	return observer_open(&eye->observer, &all, NULL, 0, diag);
}

void
learn_eye_close(struct learn_eye *eye)
{
	learning_free(&eye->learning);
	observer_close(&eye->observer);
	strbuf_free(&eye->text);
	event_call_free(&eye->described);
	caller_free(&eye->caller);
}

static enum call_look
find_look(unsigned int nr)
{
	const struct look_row *row = look_find(arch_native(), nr);

	return row == NULL ? LOOK_NOTHING : (enum call_look)row->look;
}

/* What has been seen of these once has been seen. */
static bool
tells_all(enum call_look look)
{
	return look == LOOK_NOTHING || look == LOOK_PATH || look == LOOK_EACH ||
	       look == LOOK_SIGNAL;
}

/* --- A call in words --- */

/* One call that is looked at. */
struct glance {
	struct learn_eye *eye;
	const struct learn_record *record; /* NULL: it waits */
	struct call call;                  /* as it is taken to be */
	struct sighting sighting;
	char names[WANT_PATHS][PATH_MAX]; /* of objects, where they differ */
	char absent[PATH_MAX];
};

/* The argument of a recorded call that is its path. */
static int
path_argument(const struct glance *glance)
{
	return glance->record->path_argument;
}

static const char *
describe(void *context)
{
	struct glance *glance = context;
	struct learn_eye *eye = glance->eye;
	struct event_source source = {
		.pid = eye->caller.tid, .tid = eye->caller.tid, .brief = true
	};

	/* Whose memory is another's by now. */
	if (glance->record != NULL)
		source.pid = source.tid = 0;
	if (glance->record != NULL && glance->record->path != NULL) {
		source.known = glance->record->path;
		source.known_address = glance->call.args[path_argument(glance)];
	}
	eye->text.length = 0;
	event_call_begin(&eye->described, &source, glance->call.arch,
	    glance->call.nr, glance->call.args);
	event_call_text(&eye->described, &eye->text);
	return eye->text.failed ? "?" : eye->text.data;
}

/* --- Looking --- */

/* "/proc/4711/maps": whose it is, or 0; RET_REST: "/maps". */
static pid_t
process_of(const char *path, const char **ret_rest)
{
	char *end;
	long pid;

	if (strncmp(path, "/proc/", 6) != 0 || path[6] < '1' || path[6] > '9')
		return 0;
	pid = strtol(path + 6, &end, 10);
	*ret_rest = end;
	return (pid_t)pid;
}

/*
 * A process's own directory is another one in each run.  The command's is
 * unveiled; of those that it starts, and of others, all of /proc has to be.
 */
static void
rename_process(struct glance *glance, struct sighted_path *path, char *name)
{
	const struct learn_eye *eye = glance->eye;
	const char *rest = "";
	pid_t pid = process_of(path->path, &rest);

	if (strcmp(path->path, "/proc") == 0)
		glance->sighting.words |= PROMISE(PS);
	if (pid == 0)
		return;
	if (pid == eye->command) {
		snprintf(name, PATH_MAX, "/proc/self%s", rest);
		path->path = name;
		return;
	}
	if (task_process(eye->caller.tid) != task_process(pid))
		glance->sighting.words |= PROMISE(PS);
	path->path = "/proc";
}

/* Where a relative path of the caller's begins. */
static bool
make_absolute(const struct glance *glance, int directory, const char *path,
    char *ret_path)
{
	char link[64], base[PATH_MAX];
	ssize_t length;

	if (*path == '/') {
		snprintf(ret_path, PATH_MAX, "%s", path);
		return true;
	}
	if (directory == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/%d/cwd",
		    (int)glance->eye->caller.tid);
	else
		snprintf(link, sizeof(link), "/proc/%d/fd/%d",
		    (int)glance->eye->caller.tid, directory);
	length = readlink(link, base, sizeof(base) - 1);
	if (length <= 0 || base[0] != '/')
		return false;
	base[length] = '\0';
	return snprintf(ret_path, PATH_MAX, "%s/%s", length == 1 ? "" : base,
	           path) < PATH_MAX;
}

/* An open whose file is not there: another machine may have it. */
static void
note_absent(struct glance *glance)
{
	struct learn_eye *eye = glance->eye;
	bool at = glance->call.nr != (unsigned int)arch_number(
	                                 arch_native(), "open", strlen("open"));
	const char *path =
	    caller_string(&eye->caller, glance->call.args[at ? 1 : 0]);
	int directory = at ? (int)glance->call.args[0] : AT_FDCWD;

	/* What is not there for a process alone is not there for nobody. */
	if (path == NULL ||
	    !make_absolute(glance, directory, path, glance->absent) ||
	    strncmp(glance->absent, "/proc/", 6) == 0)
		return;
	glance->sighting.absent = glance->absent;
}

/* Whether the ceiling's Landlock refuses what was just observed. */
static bool
is_refused(const struct learn_eye *eye)
{
	for (size_t i = 0; eye->ceiling != NULL && i < eye->wants.count; i++)
		if (observer_missing(
		        eye->ceiling, &eye->wants.paths[i], eye->promises) != 0)
			return true;
	return false;
}

static bool
is_port_refused(const struct glance *glance)
{
	struct learn_eye *eye = glance->eye;
	static struct wants wants;

	if (eye->ceiling == NULL)
		return false;
	/* Of granted ports it says nothing. */
	observe(eye->ceiling, &eye->caller, &glance->call, &wants);
	return port_is_set(wants.connect) || port_is_set(wants.bind);
}

/* Whether it is user 0's capabilities that let it be done. */
static void
note_passed(const struct glance *glance, const struct want *want)
{
	struct learn_eye *eye = glance->eye;
	pid_t tid =
	    glance->record != NULL ? glance->record->process : eye->caller.tid;
	struct identity who;

	/* Ours are asked first: they cost less, and are mostly the same. */
	identity_own(&who, ~UINT64_C(0));
	if (who.uid == 0 &&
	    ordinary_passed(&who, want->path, want->mode) != 0 &&
	    identity_read(&who, tid))
		eye->caps |= ordinary_passed(&who, want->path, want->mode);
}

/* The same of what is the owner's. */
static void
look_at_owner(const struct glance *glance)
{
	struct learn_eye *eye = glance->eye;
	struct identity who;

	identity_own(&who, ~UINT64_C(0));
	if (who.uid == 0 &&
	    asks_passed(&who, &eye->caller, &glance->call) != 0 &&
	    identity_read(&who, eye->caller.tid))
		eye->caps |= asks_passed(&who, &eye->caller, &glance->call);
}

static void
add_wants(struct glance *glance)
{
	struct learn_eye *eye = glance->eye;
	struct sighting *sighting = &glance->sighting;

	for (size_t i = 0; i < eye->wants.count; i++) {
		const struct want *want = &eye->wants.paths[i];
		struct sighted_path *path;

		if (want->removed) /* what no policy can name */
			continue;
		path = &sighting->paths[sighting->path_count++];
		note_passed(glance, want);
		*path = (struct sighted_path){ .path = want->path,
			.rights = want->rights,
			.made = want->made[0] != '\0' ? want->made : NULL };
		rename_process(glance, path, glance->names[i]);
	}
}

/* Where the path of a recorded open led; false: that is not known. */
static bool
find_recorded(const struct glance *glance, char *ret_path)
{
	const struct learn_record *record = glance->record;
	int length;

	if (record->path == NULL || (*record->path != '/' && !record->base))
		return false;
	if (*record->path == '/')
		length = snprintf(ret_path, PATH_MAX, "%s", record->path);
	else
		length = snprintf(ret_path, PATH_MAX, "%s/%s",
		    strcmp(record->base, "/") == 0 ? "" : record->base,
		    record->path);
	return length < PATH_MAX;
}

static int
open_flags(const struct call *call)
{
	const struct arch *arch = arch_native();

	if ((int)call->nr == arch_number(arch, "open", strlen("open")))
		return (int)call->args[1];
	if ((int)call->nr == arch_number(arch, "openat", strlen("openat")))
		return (int)call->args[2];
	return O_CREAT | O_WRONLY | O_TRUNC;
}

/* An open that failed, and not for want of a file: what it asked for. */
static void
look_again(struct glance *glance, const char *path)
{
	static struct caller caller;
	struct learn_eye *eye = glance->eye;
	struct sighting *sighting = &glance->sighting;

	caller_begin(&caller, eye->caller.tid);
	caller_know(&caller, glance->call.args[path_argument(glance)], path);
	observe(&eye->observer, &caller, &glance->call, &eye->wants);
	if (eye->wants.missing) /* by now */
		eye->learning.unseen++;
	if (is_refused(eye)) {
		sighting->demands = false;
		eye->refused++;
		return;
	}
	add_wants(glance);
}

static void
look_at_recorded(struct glance *glance)
{
	struct learn_eye *eye = glance->eye;
	const struct learn_record *record = glance->record;
	int flags = open_flags(&glance->call);

	/* Closed by another thread before it could be looked at. */
	if (record->opened && record->file.mode == 0)
		eye->learning.unseen++;
	if (record->opened) {
		observe_opened(
		    &eye->observer, &glance->call, &record->file, &eye->wants);
		add_wants(glance);
		return;
	}
	if (!find_recorded(glance, glance->absent)) {
		eye->learning.unseen++;
		return;
	}
	if (record->err != ENOENT) {
		look_again(glance, glance->absent);
		return;
	}
	if ((flags & (O_CREAT | O_PATH)) == 0 && (flags & 3) == O_RDONLY &&
	    strncmp(glance->absent, "/proc/", 6) != 0)
		glance->sighting.absent = glance->absent;
}

static void
look_at_object(struct glance *glance)
{
	struct learn_eye *eye = glance->eye;
	struct sighting *sighting = &glance->sighting;

	if (glance->record != NULL) {
		look_at_recorded(glance);
		return;
	}
	observe(&eye->observer, &eye->caller, &glance->call, &eye->wants);
	/* A program that only its owner can read, or a bad pointer. */
	if (eye->wants.count == 0 && look_is_path(find_look(glance->call.nr)) &&
	    observe_path(&eye->observer, &eye->caller, &glance->call) == NULL)
		eye->learning.unseen++;
	if (eye->wants.missing)
		note_absent(glance);
	if (is_refused(eye)) {
		sighting->demands = false;
		eye->refused++;
		return;
	}
	add_wants(glance);
}

static bool
is_nscd(struct glance *glance)
{
	struct sockaddr_un name = { 0 };

	caller_bytes(&glance->eye->caller, glance->call.args[1], &name,
	    sizeof(name) - 1 < glance->call.args[2] ? sizeof(name) - 1
	                                            : glance->call.args[2]);
	return strstr(name.sun_path, NSCD) != NULL;
}

/* The family was promised with the socket; here it is its address. */
static void
look_at_address(struct glance *glance)
{
	struct learn_eye *eye = glance->eye;
	struct sighting *sighting = &glance->sighting;

	look_at_object(glance);
	sighting->demands = eye->wants.family == 0;
	if (is_port_refused(glance)) {
		eye->refused++;
		return;
	}
	sighting->connect = eye->wants.connect;
	sighting->bind = eye->wants.bind;
	sighting->datagrams = eye->wants.datagrams;
	if (eye->wants.family == AF_UNIX && is_nscd(glance))
		sighting->path_count = 0;
}

/* Only of datagrams does a message name its receiver. */
static void
look_at_sending(struct glance *glance)
{
	sa_family_t family = 0;

	if (glance->call.args[4] == 0)
		return;
	caller_bytes(&glance->eye->caller, glance->call.args[4], &family,
	    sizeof(family));
	glance->sighting.datagrams = family == AF_INET || family == AF_INET6;
}

/* What is asked of a terminal fails on anything else, under a policy too. */
static void
look_at_ioctl(struct glance *glance)
{
	char link[64], name[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d",
	    (int)glance->eye->caller.tid, (int)glance->call.args[0]);
	length = readlink(link, name, sizeof(name) - 1);
	if (length <= 0)
		return;
	name[length] = '\0';
	/* 'T': those of terminals. */
	if ((glance->call.args[1] & 0xff00) == 'T' << 8 &&
	    strncmp(name, "/dev/", 5) != 0)
		glance->sighting.demands = false;
}

static void
look_at_limit(struct glance *glance)
{
	const struct arch *arch = arch_native();
	bool mine = (int)glance->call.nr ==
	            arch_number(arch, "setrlimit", strlen("setrlimit"));
	const uint64_t *args = glance->call.args;
	uint64_t new = args[mine ? 1 : 2];
	int resource = (int)args[mine ? 0 : 1];
	struct rlimit limit;

	if (new == 0 || caller_bytes(&glance->eye->caller, new, &limit,
	                    sizeof(limit)) != sizeof(limit))
		return;
	for (int i = 0; i < LIMIT_COUNT; i++) {
		if (limit_rows[i].resource != resource ||
		    limit.rlim_cur == RLIM_INFINITY)
			continue;
		glance->sighting.limit = i;
		glance->sighting.limit_value = limit.rlim_cur;
	}
}

/* The call that its users make when this one is not there. */
static void
see_through(struct glance *glance, const char *name)
{
	uint64_t words[3] = { 0 }; /* flags, mode, resolve; or flags... */
	struct call *call = &glance->call;
	struct call old = *call;
	int nr = arch_number(arch_native(), name, strlen(name));
	bool opens = strcmp(name, "openat") == 0;

	if (nr < 0 ||
	    caller_bytes(&glance->eye->caller, old.args[opens ? 2 : 0], words,
	        opens ? 2 * sizeof(words[0]) : sizeof(words[0])) <= 0)
		return;
	call->nr = (unsigned int)nr;
	memset(call->args, 0, sizeof(call->args));
	if (!opens) {
		call->args[0] = words[0];
		return;
	}
	call->args[0] = old.args[0];
	call->args[1] = old.args[1];
	call->args[2] = words[0];
	call->args[3] = words[1];
}

static void
look(struct glance *glance, enum call_look how)
{
	if (look_is_path(how))
		look_at_object(glance);
	else if (how == LOOK_ADDRESS)
		look_at_address(glance);
	else if (how == LOOK_SEND)
		look_at_sending(glance);
	else if (how == LOOK_IOCTL)
		look_at_ioctl(glance);
	else if (how == LOOK_LIMIT)
		look_at_limit(glance);
	else if (how == LOOK_OWNER)
		look_at_owner(glance);
	else if (how == LOOK_CLONE3)
		see_through(glance, "clone");
	else if (how == LOOK_OPENAT2) {
		see_through(glance, "openat");
		look_at_object(glance);
	}
}

static bool
is_harmless(struct glance *glance)
{
	struct learn_eye *eye = glance->eye;

	return probe_is(arch_native(), &glance->call,
	    observe_path(&eye->observer, &eye->caller, &glance->call));
}

static bool
is_exec(const struct call *call)
{
	return (int)call->nr ==
	       arch_number(arch_native(), "execve", strlen("execve"));
}

/* Looks, and takes down what it sees. */
static bool
take_down(struct glance *glance)
{
	struct learn_eye *eye = glance->eye;
	enum call_look how = find_look(glance->call.nr);

	glance->sighting.call = &glance->call;
	glance->sighting.demands = true;
	glance->sighting.text = describe;
	glance->sighting.context = glance;
	glance->sighting.limit = -1;
	look(glance, how);
	if (is_harmless(glance) && glance->sighting.limit < 0) {
		eye->learning.calls++;
		return false;
	}
	if (how == LOOK_LIMIT && is_harmless(glance))
		glance->sighting.demands = false;
	/* Else what was read may be another's. */
	if (glance->record == NULL && eye->waits != NULL &&
	    !eye->waits(eye->context))
		return false;
	return learning_see(&eye->learning, &glance->sighting);
}

bool
learn_eye_take(struct learn_eye *eye, const struct learn_record *record,
    struct learn_mark *ret_mark)
{
	static struct glance glance;
	uint64_t refused = eye->refused, unseen = eye->learning.unseen;
	bool new;

	*ret_mark = (struct learn_mark){ 0 };
	if (eye->ordinary != NULL && filter_answer(eye->ordinary, &record->call,
	                                 NULL) == SECCOMP_RET_ALLOW)
		return false;
	caller_begin(&eye->caller, record->path != NULL ? record->process : 0);
	glance.eye = eye;
	glance.record = record;
	glance.call = record->call;
	glance.sighting = (struct sighting){ .touched = &ret_mark->touched };
	if (record->path != NULL)
		caller_know(&eye->caller,
		    record->call.args[path_argument(&glance)], record->path);
	new = take_down(&glance);
	ret_mark->refused = eye->refused != refused;
	ret_mark->unseen = eye->learning.unseen != unseen;
	return new;
}

void
learn_eye_repeat(
    struct learn_eye *eye, const struct learn_mark *mark, uint64_t times)
{
	learning_repeat(&eye->learning, &mark->touched, times);
	if (mark->refused)
		eye->refused += times;
	if (mark->unseen)
		eye->learning.unseen += times;
}

bool
learn_eye_see(struct learn_eye *eye, pid_t tid, const struct call *call)
{
	static struct glance glance;
	enum call_look how;

	if (eye->starts && call->arch == arch_native()->audit &&
	    is_exec(call)) {
		eye->starts = false;
		eye->command = task_process(tid);
		return false;
	}
	if (tid <= 0 || call->arch != arch_native()->audit ||
	    call->nr >= ARCH_CALLS_MAX) {
		eye->learning.unseen++;
		return false;
	}
	if (eye->command == 0)
		eye->command = task_process(tid);
	how = find_look(call->nr);
	if (tells_all(how) && learning_knows(&eye->learning, call))
		return false;
	caller_begin(&eye->caller, tid);
	glance.eye = eye;
	glance.record = NULL;
	glance.call = *call;
	glance.sighting = (struct sighting){ 0 };
	return take_down(&glance);
}

/* --- The result --- */

/* What surrounds the policy, with the names that the kernel would use. */
struct around {
	const struct features *features;
	struct target target;
	struct launch_paths paths;
	struct sandbox_path implied[LAUNCH_PATHS];
	char *names[LAUNCH_PATHS];
	size_t count;
	struct diag *diag;
};

static void
forget_names(struct around *around)
{
	for (size_t i = 0; i < around->count; i++)
		free(around->names[i]);
	around->count = 0;
}

static char *
real_name(const struct sandbox_path *path)
{
	char link[64];

	if (path->path != NULL)
		return realpath(path->path, NULL);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", path->fd);
	return realpath(link, NULL);
}

static void
add_name(struct around *around, const struct sandbox_path *path, char *name)
{
	struct sandbox_path *added = &around->implied[around->count];

	if (name == NULL)
		return;
	*added = *path;
	added->path = around->names[around->count++] = name;
}

static int
surround(void *context, const struct policy *policy,
    struct surroundings *ret_surroundings)
{
	struct around *around = context;
	const struct launch_gifts gifts = { .target = &around->target };
	const struct sandbox_request request = { .policy = policy,
		.features = around->features,
		.launch = true,
		.dynamic =
		    around->target.flags & (TARGET_DYNAMIC | TARGET_SCRIPT),
		.origin = around->target.flags & TARGET_RUNPATH };
	int r;

	forget_names(around);
	around->paths.count = around->paths.used = 0;
	around->paths.overflow = 0;
	r = launch_paths_implied(&around->paths, policy, &gifts, around->diag);
	for (size_t i = 0; r == 0 && i < around->paths.count; i++) {
		const struct sandbox_path *path = &around->paths.paths[i];

		/* The command's own, not ours. */
		if (path->path != NULL && strcmp(path->path, "/proc/self") == 0)
			add_name(around, path, strdup(path->path));
		else
			add_name(around, path, real_name(path));
	}
	*ret_surroundings = (struct surroundings){
		.when = sandbox_circumstances(&request),
		.implied = around->implied,
		.implied_count = around->count,
	};
	return r;
}

/* The arguments that are paths, as the kernel names them. */
static char **
find_arguments(char *const *argv, size_t *ret_count)
{
	size_t count = 0;
	char **paths;

	while (argv[count] != NULL)
		count++;
	*ret_count = count;
	paths = calloc(count + 1, sizeof(*paths));
	for (size_t i = 1; paths != NULL && i < count; i++)
		if (argv[i][0] != '\0' && argv[i][0] != '-')
			paths[i] = realpath(argv[i], NULL);
	return paths;
}

int
learn_eye_result(const struct learn_eye *eye, const struct learn_run *run,
    struct learned *ret_learned, struct diag *diag)
{
	static struct around around;
	char cwd[PATH_MAX], home[PATH_MAX];
	const char *set = getenv("HOME");
	struct learned_names names = { .surround = surround,
		.context = &around };
	struct features probed;
	char **arguments;
	int r;

	around.diag = diag;
	around.features = run->features;
	if (run->features == NULL) {
		features_probe(&probed);
		around.features = &probed;
	}
	r = target_find(run->path != NULL ? run->path : run->argv[0],
	    getenv("PATH"), &around.target, diag);
	if (r < 0)
		return r;
	arguments = find_arguments(run->argv, &names.argument_count);
	if (arguments == NULL) {
		target_free(&around.target);
		return diag_set(diag, ENOMEM, "out of memory");
	}
	names.arguments = (const char *const *)arguments;
	if (around.target.flags & (TARGET_EXEC_STACK | TARGET_EXEC_DATA))
		names.words = PROMISE(PROT_EXEC);
	names.symbols = (struct symbols){ .tmp = run->tmp, .argv = run->argv };
	if (getcwd(cwd, sizeof(cwd)) != NULL)
		names.symbols.cwd = cwd;
	if (set != NULL && *set == '/' && realpath(set, home) != NULL)
		names.symbols.home = home;
	r = learned_make(&eye->learning, &names, ret_learned);
	ret_learned->refused = eye->refused;
	ret_learned->kept.caps |= eye->caps;
	if (r == -ENOMEM)
		diag_set(diag, ENOMEM, "out of memory");
	for (size_t i = 0; i < names.argument_count; i++)
		free(arguments[i]);
	free(arguments);
	forget_names(&around);
	target_free(&around.target);
	return r;
}
