/* SPDX-License-Identifier: ISC */
#include "kernel/features.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/table.h"
#include "kernel/landlock.h"
#include "tap.h"

static bool
are_equal(const struct features *a, const struct features *b)
{
	return a->landlock_abi == b->landlock_abi &&
	       a->landlock_errno == b->landlock_errno &&
	       memcmp(a->has, b->has, sizeof(a->has)) == 0;
}

static void
test_rows(void)
{
	static const char *const names[] = { "seccomp", "tsync", "kill-process",
		"notify", "notify-killable", "mdwe" };

	ok(ARRAY_SIZE(names) == FEATURE_COUNT, "every feature has a name here");
	for (size_t i = 0; i < FEATURE_COUNT; i++)
		ok(strcmp(feature_rows[i].name, names[i]) == 0 &&
		        feature_rows[i].text != NULL &&
		        feature_rows[i].since != NULL &&
		        feature_rows[i].probe != NULL,
		    "row of %s", names[i]);
}

static void
test_probe(void)
{
	const int no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L);
	const int mode = prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L);
	struct features first, second;
	long abi = syscall(444, NULL, 0, 1); /* landlock_create_ruleset */
	int err = errno;

	/* What was there before must not show. */
	memset(&first, 0x55, sizeof(first));
	memset(&second, 0xaa, sizeof(second));
	features_probe(&first);
	features_probe(&second);
	ok(are_equal(&first, &second), "two probes agree");
	ok(first.landlock_abi == (abi > 0 ? abi : 0) &&
	        first.landlock_errno == (abi > 0 ? 0 : err),
	    "Landlock ABI %d, errno %d", first.landlock_abi,
	    first.landlock_errno);
	ok(ll_abi() == (abi > 0 ? (int)abi : -err), "ll_abi()");
	for (size_t i = 0; i < FEATURE_COUNT; i++)
		note("%s: %s", feature_rows[i].name,
		    first.has[i] ? "yes" : "no");
	ok(prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == no_new_privs &&
	        prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) == mode,
	    "a probe leaves no filter and no no_new_privs behind");
}

/*
 * A kernel that has what came later has what came before, and the system call
 * seccomp(2) says so in a way that the probes do not use.
 */
static void
test_order(void)
{
	static const struct {
		enum feature later, earlier;
	} pairs[] = {
		{ FEATURE_TSYNC, FEATURE_SECCOMP },
		{ FEATURE_KILL_PROCESS, FEATURE_SECCOMP },
		{ FEATURE_NOTIFY, FEATURE_KILL_PROCESS },
		{ FEATURE_NOTIFY_KILLABLE, FEATURE_NOTIFY },
	};
	struct features features;
	unsigned short sizes[3];

	features_probe(&features);
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		ok(!features.has[pairs[i].later] ||
		        features.has[pairs[i].earlier],
		    "%s comes with %s", feature_rows[pairs[i].later].name,
		    feature_rows[pairs[i].earlier].name);
	/* SECCOMP_GET_NOTIF_SIZES */
	ok(features.has[FEATURE_NOTIFY] ==
	        (syscall(SYS_seccomp, 3, 0, sizes) == 0),
	    "notify is there if its sizes are");
}

static const struct features all = { .landlock_abi = 9,
	.has = { true, true, true, true, true, true } };

static const struct {
	const char *words;
	int result, abi;
	const char *has; /* one of 10 per feature */
} masks[] = {
	{ "", 0, 9, "111111" },
	{ "  ", 0, 9, "111111" },
	{ "mdwe", 0, 9, "111110" },
	{ "landlock=2", 0, 2, "111111" },
	{ "landlock=0 seccomp", 0, 0, "011111" },
	{ "landlock=12", 0, 9, "111111" },
	{ " notify-killable  notify ", 0, 9, "111001" },
	{ "tsync kill-process landlock=4 landlock=3", 0, 3, "100111" },
	{ "mdwe xyzzy", -1, 9, "111111" },
	{ "mdw", -1, 9, "111111" },
	{ "mdwee", -1, 9, "111111" },
	{ "landlock", -1, 9, "111111" },
	{ "landlock=", -1, 9, "111111" },
	{ "landlock=2x", -1, 9, "111111" },
	{ "landlock=-1", -1, 9, "111111" },
	{ "landlock=99999999999", -1, 9, "111111" },
	{ "mdwe,seccomp", -1, 9, "111111" },
};

static void
test_mask(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		struct features features = all;
		int result = features_mask(&features, masks[i].words);
		bool equal = result == masks[i].result &&
		             features.landlock_abi == masks[i].abi;

		for (size_t j = 0; j < FEATURE_COUNT; j++)
			if (features.has[j] != (masks[i].has[j] == '1'))
				equal = false;
		ok(equal, "mask \"%s\": %d", masks[i].words, result);
	}
}

static void
test_mask_keeps(void)
{
	struct features features = { .landlock_abi = 0,
		.landlock_errno = EOPNOTSUPP };

	ok(features_mask(&features, "landlock=0") == 0 &&
	        features.landlock_errno == EOPNOTSUPP,
	    "what the kernel said about Landlock stays");
	features = all;
	ok(features_mask(&features, "landlock=0") == 0 &&
	        features.landlock_errno == ENOSYS,
	    "Landlock that was masked is not built");
}

int
main(void)
{
	test_rows();
	test_probe();
	test_order();
	test_mask();
	test_mask_keeps();
	return tap_done();
}
