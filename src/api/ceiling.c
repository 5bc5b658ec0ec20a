/* SPDX-License-Identifier: ISC */
#include "api/ceiling.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/strbuf.h"
#include "base/table.h"
#include "call/arch.h"
#include "enforce/landlock.h"
#include "enforce/seccomp.h"
#include "kernel/landlock.h"
#include "policy/caps.h"
#include "sandbox/sandbox.h"

#define SEEN (LL_READ_FILE | LL_READ_DIR)
#define RUN  (SEEN | LL_EXECUTE)

struct ceiling {
	struct policy policy;
	struct launch_paths paths; /* the user's, and what is opened beside */
	int ruleset;               /* -1: there is nothing to enforce */
};

/*
 * Where a system keeps its programs, which any request may run; and what the
 * worker itself looks at.
 */
static const struct {
	const char *path;
	uint64_t access;
} system_places[] = {
	{ "/usr", RUN },
	{ "/bin", RUN },
	{ "/sbin", RUN },
	{ "/lib", RUN },
	{ "/lib32", RUN },
	{ "/lib64", RUN },
	{ "/libx32", RUN },
	{ "/etc/seccomp-pledge", SEEN },
	/* To find the command's processes and, explaining, what they did. */
	{ "/proc", SEEN },
};

/* What means another thing in each run cannot be compared, nor enforced. */
static int
refuse_symbols(const struct policy *policy, struct diag *diag)
{
	static const char *const moving[] = { "@TMP", "@ARG" };

	for (size_t i = 0; i < policy->unveil_count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(moving); j++)
			if (strncmp(policy->unveils[i].path, moving[j],
			        strlen(moving[j])) == 0)
				return diag_set(diag, EINVAL,
				    "a ceiling cannot name %s, which is "
				    "another path in each run",
				    policy->unveils[i].path);
	return 0;
}

static void
add_places(struct launch_paths *paths)
{
	char real[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(system_places); i++) {
		const char *place = system_places[i].path;

		if (realpath(place, real) == NULL)
			continue;
		/* /bin is /usr/bin's other name, on most systems. */
		if (strncmp(real, "/usr/", 5) == 0 && i > 0)
			continue;
		launch_paths_add(paths, real, system_places[i].access);
	}
}

static int
find_paths(struct ceiling *ceiling, struct diag *diag)
{
	static const struct target nothing = { .flags = TARGET_DYNAMIC };
	const struct launch_gifts gifts = { .target = &nothing,
		.no_redirections = true };
	char cwd[PATH_MAX];
	const struct symbols symbols = { .home = getenv("HOME"),
		.cwd = getcwd(cwd, sizeof(cwd)) };
	int r;

	r = launch_paths_user(
	    &ceiling->paths, &ceiling->policy, &symbols, diag);
	if (r == 0)
		r = launch_paths_implied(
		    &ceiling->paths, &ceiling->policy, &gifts, diag);
	add_places(&ceiling->paths);
	for (size_t i = 0; i < ceiling->policy.filter_count; i++)
		launch_paths_add(&ceiling->paths,
		    ceiling->policy.filters[i].path, LL_READ_FILE);
	return r;
}

/* The paths' inodes are those of now, whatever their names will mean. */
static int
make_ruleset(struct ceiling *ceiling, struct diag *diag)
{
	cleanup_free struct sandbox *sandbox = calloc(1, sizeof(*sandbox));
	struct diag silent = { 0 };
	struct features features;
	struct sandbox_request request = { .policy = &ceiling->policy,
		.features = &features,
		.arch = arch_native(),
		.launch = true,
		.dynamic = true,
		.paths = ceiling->paths.paths,
		.path_count = ceiling->paths.count };
	int r;

	if (sandbox == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	features_probe(&features);
	/* What it warns of is told to each request that asks for it. */
	r = sandbox_compile(&request, sandbox, &silent);
	if (r < 0)
		return diag_set(diag, -r, "%s", silent.text);
	if (!sandbox->restrict_paths)
		return 0;
	return enforce_landlock_prepare(
	    &sandbox->landlock, &ceiling->ruleset, diag);
}

/*
 * From here on, its symbols are what they were at the start: in a worker, they
 * would be the client's to choose.
 */
static int
settle_names(struct ceiling *ceiling, struct diag *diag)
{
	struct policy *policy = &ceiling->policy;

	for (size_t i = 0; i < policy->unveil_count; i++) {
		struct unveil *unveil = &policy->unveils[i];
		/* "" of a symbol that stands for nothing. */
		char *path = strdup(ceiling->paths.paths[i].path);

		if (path == NULL)
			return diag_set(diag, ENOMEM, "out of memory");
		free(unveil->path);
		unveil->path = path;
		unveil->optional = true;
	}
	return 0;
}

int
ceiling_open(const char *name, struct ceiling **ret_ceiling, struct diag *diag)
{
	struct ceiling *ceiling = calloc(1, sizeof(*ceiling));
	int r;

	if (ceiling == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	ceiling->ruleset = -1;
	r = policy_include(&ceiling->policy, name, diag);
	if (r == 0)
		r = refuse_symbols(&ceiling->policy, diag);
	if (r == 0)
		r = find_paths(ceiling, diag);
	if (r == 0)
		r = make_ruleset(ceiling, diag);
	if (r == 0)
		r = settle_names(ceiling, diag);
	if (r < 0) {
		ceiling_free(ceiling);
		return diag_prefix(diag, "the ceiling");
	}
	*ret_ceiling = ceiling;
	return 0;
}

void
ceiling_free(struct ceiling *ceiling)
{
	if (ceiling == NULL)
		return;
	policy_free(&ceiling->policy);
	cleanup_close_fd(&ceiling->ruleset);
	free(ceiling);
}

struct policy
ceiling_policy(const struct ceiling *ceiling)
{
	struct policy policy = ceiling->policy;

	policy.promises &= ~PROMISE(TMPPATH);
	return policy;
}

int
ceiling_enter(const struct ceiling *ceiling, struct diag *diag)
{
	int r;

	if (ceiling->ruleset < 0)
		return 0;
	r = enforce_no_new_privs(diag);
	if (r < 0)
		return r;
	r = ll_restrict_self(ceiling->ruleset, 0);
	return r < 0
	           ? diag_set(diag, -r, "the ceiling's paths: %s", strerror(-r))
	           : 0;
}

static int
exceeds(
    struct diag *diag, const char *what, const char *named, const char *allowed)
{
	return diag_set(diag, EPERM,
	    "the server's ceiling does not allow %s%s%s", what, named, allowed);
}

static int
check_promises(const struct ceiling *ceiling, const struct policy *policy,
    struct diag *diag)
{
	promise_set more =
	    policy_promises(policy) & ~policy_promises(&ceiling->policy);

	for (int i = 0; i < PROMISE_COUNT; i++)
		if (more & UINT64_C(1) << i)
			return exceeds(
			    diag, "the promise ", promise_rows[i].name, "");
	return 0;
}

static int
check_port(const struct ports *allowed, const struct ports *ports,
    const char *what, struct diag *diag)
{
	char text[PORT_TEXT];

	for (size_t i = 0; i < ports->count; i++) {
		if (ports_have(allowed, ports->port[i]))
			continue;
		return exceeds(diag, what, port_text(ports->port[i], text), "");
	}
	return 0;
}

static int
check_caps(const struct ceiling *ceiling, const struct policy *policy,
    struct diag *diag)
{
	for (size_t i = 0; i < CAP_ROWS; i++)
		if (policy->caps & ~ceiling->policy.caps & cap_rows[i].bit)
			return exceeds(diag, "caps ", cap_rows[i].name, "");
	return 0;
}

/* Port rules are there or not: without any, every port is allowed. */
static int
check_ports(const struct ceiling *ceiling, const struct policy *policy,
    struct diag *diag)
{
	const promise_set users = PROMISE(INET) | PROMISE(ANET);
	const struct policy *most = &ceiling->policy;
	int r;

	if (most->connect.count + most->bind.count == 0)
		return 0;
	if (policy->connect.count + policy->bind.count == 0 &&
	    (policy_promises(policy) & users))
		return exceeds(diag, "every TCP port", "",
		    "; name those that are needed: connect, bind");
	r = check_port(&most->connect, &policy->connect, "connect ", diag);
	if (r == 0)
		r = check_port(&most->bind, &policy->bind, "bind ", diag);
	return r;
}

static int
apply_limits(
    const struct ceiling *ceiling, struct policy *policy, struct diag *diag)
{
	char allowed[64];

	for (int i = 0; i < LIMIT_COUNT; i++) {
		uint64_t most = ceiling->policy.limits[i];

		if (!ceiling->policy.limited[i])
			continue;
		if (policy->limited[i] && policy->limits[i] > most) {
			snprintf(allowed, sizeof(allowed), " above %llu",
			    (unsigned long long)most);
			return exceeds(
			    diag, "the limit ", limit_rows[i].name, allowed);
		}
		if (!policy->limited[i])
			policy->limits[i] = most;
		policy->limited[i] = true;
	}
	return 0;
}

/* What it denies is denied; what it allows may be allowed, and no more. */
static int
apply_calls(
    const struct ceiling *ceiling, struct policy *policy, struct diag *diag)
{
	const struct call_rule *more =
	    policy_exceeds_calls(policy, &ceiling->policy);

	if (more != NULL)
		return exceeds(diag, "the call ", more->call, "");
	return policy_add_denials(policy, &ceiling->policy, diag);
}

int
ceiling_apply(
    const struct ceiling *ceiling, struct policy *policy, struct diag *diag)
{
	int r;

	if (policy->no_unveil && !ceiling->policy.no_unveil)
		return exceeds(diag, "unrestricted paths", "", "");
	r = check_promises(ceiling, policy, diag);
	if (r == 0)
		r = check_ports(ceiling, policy, diag);
	if (r == 0)
		r = check_caps(ceiling, policy, diag);
	if (r == 0)
		r = apply_limits(ceiling, policy, diag);
	if (r == 0)
		r = apply_calls(ceiling, policy, diag);
	policy->kill |= ceiling->policy.kill;
	return r;
}

static uint64_t
access_of(const struct policy *policy, const struct sandbox_path *path)
{
	return path->user ? sandbox_user_access(
	                        policy_promises(policy), path->permissions)
	                  : path->access;
}

/* Rights add up along a path, as Landlock's do.  What is opened for a program
 * may have its name in common, wherever that leads now. */
static void
find_allowed(const struct ceiling *ceiling, const struct sandbox_path *path,
    const char *real, unsigned int *ret_permissions, uint64_t *ret_access)
{
	*ret_permissions = 0;
	*ret_access = 0;
	for (size_t i = 0; i < ceiling->paths.count; i++) {
		const struct sandbox_path *above = &ceiling->paths.paths[i];

		if (above->path == NULL ||
		    (!path_within(real, above->path) &&
		        (path->user || above->user ||
		            strcmp(path->path, above->path) != 0)))
			continue;
		if (above->user)
			*ret_permissions |= above->permissions;
		*ret_access |= access_of(&ceiling->policy, above);
	}
}

static int
refuse_path(const struct sandbox_path *path, const char *real,
    unsigned int allowed, struct diag *diag)
{
	cleanup_strbuf struct strbuf name = { 0 }, rest = { 0 };
	static const char letters[] = "rwxc";

	for (int i = 0; path->user && i < 4; i++)
		if (path->permissions & 1U << i)
			strbuf_putc(&name, letters[i]);
	strbuf_puts(&name, path->user ? " " : "");
	quote_word(&name, real);
	if (path->user && allowed != 0)
		strbuf_puts(&rest, "; there it allows ");
	for (int i = 0; path->user && i < 4; i++)
		if (allowed & 1U << i)
			strbuf_putc(&rest, letters[i]);
	if (name.failed || rest.failed)
		return diag_set(diag, ENOMEM, "out of memory");
	return exceeds(diag,
	    path->user ? "unveil "
	               : "what this command "
	                 "needs: ",
	    name.data, rest.length > 0 ? rest.data : "");
}

int
ceiling_check_paths(const struct ceiling *ceiling,
    const struct launch_paths *paths, struct diag *diag)
{
	char real[PATH_MAX];

	if (ceiling->policy.no_unveil)
		return 0;
	for (size_t i = 0; i < paths->count; i++) {
		const struct sandbox_path *path = &paths->paths[i];
		unsigned int permissions;
		uint64_t access;
		bool within;

		/* A descriptor is the client's own; what does not exist,
		 * grants nothing. */
		if (path->path == NULL || realpath(path->path, real) == NULL)
			continue;
		find_allowed(ceiling, path, real, &permissions, &access);
		within = path->user ? (path->permissions & ~permissions) == 0
		                    : (path->access & ~access) == 0;
		if (!within)
			return refuse_path(path, real, permissions, diag);
	}
	return 0;
}
