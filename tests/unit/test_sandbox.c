/* SPDX-License-Identifier: ISC */
/*
 * What sandbox_compile() makes of one policy for each kernel, those that are
 * newer than this one included.  Numbers are landlock(7)'s, by hand.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "sandbox/sandbox.h"
#include "tap.h"

#define RESOLVE_UNIX 0x10000
#define IOCTL_DEV    0x8000

static struct sandbox sandbox;
static char warned[4096], refused[sizeof(((struct diag *)0)->text)];

static void
keep_warning(void *context, const char *text)
{
	(void)context;
	strncat(warned, text, sizeof(warned) - strlen(warned) - 1);
}

/* One policy: its words, and the user's letters for one directory. */
struct asked {
	const char *words, *letters;
	bool no_unveil, connects;
};

/* Why there is no Landlock, under ABI 0. */
static int lack;
static bool filtered;

static int
compile(const struct asked *asked, int abi)
{
	struct features features = { abi, abi == 0 ? lack : 0, filtered };
	struct policy policy = { .no_unveil = asked->no_unveil,
		.connect = { { TCP_PORT(80) }, asked->connects } };
	struct sandbox_path path = { .path = "/srv", .user = true };
	struct sandbox_request request = { .policy = &policy,
		.features = &features,
		.arch = arch_native(),
		.launch = true,
		.paths = &path,
		.path_count = asked->letters != NULL };
	struct diag diag = { .warn = keep_warning };
	int r;

	warned[0] = '\0';
	for (size_t i = 0; i < FEATURE_COUNT; i++)
		features.has[i] = true;
	policy_add_promises(&policy, asked->words, &diag);
	if (asked->letters != NULL)
		unveil_letters(
		    asked->letters, strlen(asked->letters), &path.permissions);
	r = sandbox_compile(&request, &sandbox, &diag);
	snprintf(refused, sizeof(refused), "%s", r < 0 ? diag.text : "");
	return r;
}

static uint64_t
granted(void)
{
	for (size_t i = 0; i < sandbox.landlock.count; i++)
		if (strcmp(sandbox.landlock.rules[i].path, "/srv") == 0)
			return sandbox.landlock.rules[i].access &
			       sandbox.landlock.handled_fs;
	return 0;
}

static const struct {
	const char *kernel;
	uint64_t fs, net, scope;
} kernels[] = {
	{ "5.13", 0x1fff, 0, 0 },
	{ "5.19", 0x3fff, 0, 0 },
	{ "6.2", 0x7fff, 0, 0 },
	{ "6.7", 0x7fff, 3, 0 },
	{ "6.10", 0xffff, 3, 0 },
	{ "6.12", 0xffff, 3, 3 },
	{ "6.15", 0xffff, 3, 3 },
	{ "7.0", 0xffff, 3, 3 },
	{ "7.1", 0x1ffff, 3, 3 },
	{ "later", 0x1ffff, 3, 3 },
};

/* All that the kernel knows is handled, and no more is asked of it. */
static void
test_handled(void)
{
	const struct asked asked = { "stdio rpath", "r", false, false };

	for (int abi = 1; abi <= (int)ARRAY_SIZE(kernels); abi++) {
		const struct landlock_plan *plan = &sandbox.landlock;
		int r = compile(&asked, abi);

		ok(r == 0 && sandbox.restrict_paths && plan->abi == abi &&
		        plan->handled_fs == kernels[abi - 1].fs &&
		        plan->handled_net == kernels[abi - 1].net &&
		        plan->scoped == kernels[abi - 1].scope &&
		        plan->restrict_flags == (abi >= 7 ? 2U : 0U) &&
		        granted() == 0xc && warned[0] == '\0',
		    "Linux %s, ABI %d: handles %#llx, grants r",
		    kernels[abi - 1].kernel, abi,
		    (unsigned long long)plan->handled_fs);
	}
}

/* From that ABI on SINCE of the grants; text of a warning below it. */
static const struct {
	struct asked asked;
	int since;
	uint64_t bits;
	const char *warning;
} rows[] = {
	{ { "stdio rpath unix", "rw", false, false }, 9, RESOLVE_UNIX,
	    "Unix sockets" },
	{ { "stdio rpath wpath unix", "rw", false, false }, 9, RESOLVE_UNIX,
	    "Unix sockets" },
	{ { "stdio rpath wpath", "rw", false, false }, 99, RESOLVE_UNIX, "" },
	{ { "stdio rpath wpath tty", "rw", false, false }, 5, IOCTL_DEV, "" },
	{ { "stdio rpath wpath", "rw", false, false }, 99, IOCTL_DEV, "" },
	{ { "stdio rpath proc", "r", false, false }, 6, 0, "signals" },
	{ { "stdio unix", NULL, true, false }, 9, 0, "Unix sockets" },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int abi = 5; abi <= 10; abi++) {
			bool newer = abi >= rows[i].since;
			int r = compile(&rows[i].asked, abi);
			uint64_t bits = granted() & rows[i].bits;
			bool said = strstr(warned, rows[i].warning) != NULL;

			if (*rows[i].warning == '\0')
				said = false;
			ok(r == 0 && bits == (newer ? rows[i].bits : 0) &&
			        said == (!newer && *rows[i].warning != '\0'),
			    "\"%s\" under ABI %d: %#llx%s", rows[i].asked.words,
			    abi, (unsigned long long)bits,
			    said ? ", and a warning" : "");
		}
}

/* The circumstances that decide on the filter are those of ABI 7. */
static void
test_filters(void)
{
	static const char *const words[] = { "stdio", "stdio rpath wpath",
		"stdio rpath proc exec", "stdio unix dns" };
	unsigned int when;
	size_t length;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const struct asked asked = { words[i], "r", false, false };
		bool equal = true;

		compile(&asked, 7);
		when = sandbox.when;
		length = sandbox.program.length;
		for (int abi = 8; abi <= 10; abi++)
			equal = equal && compile(&asked, abi) == 0 &&
			        sandbox.when == when &&
			        sandbox.program.length == length;
		ok(equal, "\"%s\": the filter of ABI 7 for newer ones",
		    words[i]);
	}
}

static void
test_refused(void)
{
	const struct asked paths = { "stdio rpath", "r", false, false };
	const struct asked ports = { "stdio inet", NULL, false, true };

	ok(compile(&paths, 0) == -ENOTSUP, "paths without Landlock: refused");
	ok(compile(&ports, 3) == -ENOTSUP, "ports under ABI 3: refused");
	ok(compile(&ports, 9) == 0 && sandbox.landlock.port_count == 1,
	    "ports under ABI 9");
}

/* Of a kernel that may have it nobody says which version would. */
static void
test_lacks(void)
{
	static const struct {
		int err;
		bool filtered;
		const char *says, *not [3];
	} lacks[] = {
		{ EPERM, false, "a filter around this process refuses Landlock",
		    { "this kernel", "6.12", "7.1" } },
		{ EOPNOTSUPP, false, "off since this kernel started",
		    { "5.13", "6.12", "7.1" } },
		{ ENOSYS, true, "the filter around this process hides it",
		    { "lsm=", "6.12", "7.1" } },
		{ ENOSYS, false, "this kernel has no Landlock (Linux 5.13",
		    { "filter", "6.12", "7.1" } },
	};
	static const struct asked asked[] = {
		{ "stdio rpath unix proc", NULL, true, false },
		{ "stdio rpath", "r", false, false },
		{ "stdio rpath inet", NULL, true, true },
		{ "stdio rpath anet dns", NULL, true, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lacks) * ARRAY_SIZE(asked); i++) {
		const struct asked *policy = &asked[i % ARRAY_SIZE(asked)];
		size_t row = i / ARRAY_SIZE(asked);
		const char *text;
		bool right;
		int r;

		lack = lacks[row].err;
		filtered = lacks[row].filtered;
		r = compile(policy, 0);
		text = r < 0 ? refused : warned;
		right = strstr(text, lacks[row].says) != NULL;
		for (size_t j = 0; j < ARRAY_SIZE(lacks[row].not ); j++)
			right =
			    right && strstr(text, lacks[row].not [j]) == NULL;
		ok(right, "\"%s\", no Landlock (%s): %s", policy->words,
		    strerror(lacks[row].err), text);
	}
	filtered = false;
}

int
main(void)
{
	test_lacks();
	test_handled();
	test_rows();
	test_filters();
	test_refused();
	return tap_done();
}
