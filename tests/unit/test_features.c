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
	int abi = 0;

	for (size_t i = 0; i < FEATURE_COUNT; i++) {
		const struct feature_row *row = &feature_rows[i];

		ok(row->since != NULL &&
		        (row->probe != NULL) == (row->abi == 0) &&
		        (row->probe == NULL || row->text != NULL) &&
		        (row->abi == 0 || row->abi == ++abi),
		    "row of %s, Linux %s", row->gap.name, row->since);
	}
	ok(abi == LANDLOCK_ABIS, "every ABI of Landlock has a row");
}

/* No Landlock: a filter, the command line and the kernel are told apart. */
static void
test_lacks(void)
{
	static const struct {
		struct features features;
		const char *says, *not ;
	} rows[] = {
		{ { 0, EPERM, false, { 0 } }, "filter", "no Landlock" },
		{ { 0, EOPNOTSUPP, false, { 0 } }, "lsm=", "no Landlock" },
		{ { 0, ENOSYS, true, { 0 } }, "or the filter", "lsm=" },
		{ { 0, ENOSYS, false, { 0 } }, "no Landlock", "filter" },
		{ { 0, EINVAL, true, { 0 } }, "no Landlock", "filter" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *text =
		    features_landlock_lack(&rows[i].features)->text;

		ok(strstr(text, rows[i].says) != NULL &&
		        strstr(text, rows[i].not ) == NULL,
		    "%s", text);
	}
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
		note("%s: %s", feature_rows[i].gap.name,
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
		    "%s comes with %s", feature_rows[pairs[i].later].gap.name,
		    feature_rows[pairs[i].earlier].gap.name);
	/* SECCOMP_GET_NOTIF_SIZES */
	ok(features.has[FEATURE_NOTIFY] ==
	        (syscall(SYS_seccomp, 3, 0, sizes) == 0),
	    "notify is there if its sizes are");
}

static const struct features all = { .landlock_abi = 9,
	.has = { [FEATURE_SECCOMP] = true,
	    [FEATURE_TSYNC] = true,
	    [FEATURE_KILL_PROCESS] = true,
	    [FEATURE_NOTIFY] = true,
	    [FEATURE_NOTIFY_KILLABLE] = true,
	    [FEATURE_MDWE] = true } };

static const struct {
	const char *words;
	int result, abi;
	const char *has; /* one of 10 per feature that is probed for */
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

		for (size_t j = 0, at = 0; j < FEATURE_COUNT; j++)
			if (feature_rows[j].probe != NULL &&
			    features.has[j] != (masks[i].has[at++] == '1'))
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
	test_lacks();
	test_probe();
	test_order();
	test_mask();
	test_mask_keeps();
	return tap_done();
}
