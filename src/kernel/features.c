/* SPDX-License-Identifier: ISC */
#include "kernel/features.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/table.h"
#include "kernel/landlock.h"

#define PR_GET_MDWE_ 66 /* linux/prctl.h, 6.3 */

/*
 * The kernel looks at the flags first and then for the filter: a flag that it
 * knows gets EFAULT for the filter that is not there, others get EINVAL.
 */
static bool
knows_filter_flags(unsigned long flags)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) ==
	           -1 &&
	       errno == EFAULT;
}

static bool
knows_action(uint32_t action)
{
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static bool
probe_seccomp(void)
{
	return knows_filter_flags(0);
}

static bool
probe_tsync(void)
{
	return knows_filter_flags(SECCOMP_FILTER_FLAG_TSYNC);
}

static bool
probe_kill_process(void)
{
	return knows_action(SECCOMP_RET_KILL_PROCESS);
}

static bool
probe_notify(void)
{
	return knows_action(SECCOMP_RET_USER_NOTIF);
}

static bool
probe_notify_killable(void)
{
	return knows_filter_flags(SECCOMP_FILTER_FLAG_NEW_LISTENER |
	                          SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
}

static bool
probe_mdwe(void)
{
	return prctl(PR_GET_MDWE_, 0L, 0L, 0L, 0L) >= 0;
}

/* clang-format off */
#define LATER(version) "Linux " version " or later."
#define SINCE(version) " (Linux " version ")"
/* Versions that a sentence names. */
#define LINUX_SECCOMP    "3.17"
#define LINUX_KILL       "4.14"
#define LINUX_LANDLOCK   "5.13"
#define LINUX_TRUNCATION "6.2"
#define LINUX_PORTS      "6.7"
#define LINUX_THREADS    "7.0"
#define LINUX_UNIX_NAMES "7.1"

const struct feature_row feature_rows[FEATURE_COUNT] = {
	[FEATURE_SECCOMP] = {
		{ "seccomp", GAP_STOPS, "no filters on system calls",
		    "Promises cannot be enforced; no command is run, except "
		    "with --best-effort.",
		    "A kernel of Linux " LINUX_SECCOMP " or later with "
		    "CONFIG_SECCOMP_FILTER; in an emulator or sandbox, run "
		    "outside it." },
		"filters on system calls", LINUX_SECCOMP, 0, probe_seccomp,
		"pledge() fails: no seccomp filters" SINCE(LINUX_SECCOMP) },

	/* Documentation/userspace-api/landlock.rst, "Previous limitations". */
	[FEATURE_LANDLOCK] = {
		{ "landlock", GAP_STOPS, "not available",
		    GAP_NO_PATHS,
		    LATER(LINUX_LANDLOCK) },
		"paths", LINUX_LANDLOCK, 1, NULL,
		"" /* features_landlock_lack() says why */ },
	[FEATURE_MOVING] = {
		{ "moving", GAP_NOTE,
		    "no rules for moving files between directories",
		    "Renaming and linking from one directory to another fails "
		    "(mv then copies).",
		    LATER("5.19") },
		"moving", "5.19", 2 },
	[FEATURE_TRUNCATION] = {
		{ "truncation", GAP_NOTE, "no rules for truncating files",
		    "truncate(2) fails, whatever is unveiled.",
		    LATER(LINUX_TRUNCATION) },
		"truncation", LINUX_TRUNCATION, 3, NULL,
		"truncate(2) and O_TRUNC do not obey unveil()"
		SINCE(LINUX_TRUNCATION) },
	[FEATURE_PORTS] = {
		{ "ports", GAP_NOTE, "no rules for TCP ports",
		    "--connect and --bind are refused; dns has no TCP.",
		    LATER(LINUX_PORTS) },
		"TCP ports", LINUX_PORTS, 4, NULL,
		"dns without inet has no TCP" SINCE(LINUX_PORTS), true },
	[FEATURE_DEVICES] = {
		{ "devices", GAP_NOTE, "no rules for the ioctls of devices",
		    "Which devices get ioctls is not restricted by path, only "
		    "by the promises.",
		    LATER("6.10") },
		"devices", "6.10", 5 },
	[FEATURE_SCOPES] = {
		{ "signals", GAP_WEAKER,
		    "signals and abstract sockets are not kept inside",
		    "With proc, processes outside can be signalled, without it "
		    "only the own; with unix, abstract sockets outside are in "
		    "reach.",
		    LATER("6.12") },
		"signals", "6.12", 6 },
	[FEATURE_RECORDS] = { .gap.name = "records", .since = "6.15", .abi = 7 },
	[FEATURE_THREADS] = { .gap.name = "threads", .since = LINUX_THREADS, .abi = 8,
		.library = "unveil() fails where there are other threads"
		SINCE(LINUX_THREADS) },
	[FEATURE_UNIX_NAMES] = {
		{ "unix sockets", GAP_WEAKER,
		    "no rules for the names of Unix sockets",
		    "With unix, D-Bus or docker.sock may be in reach, whatever "
		    "is unveiled.",
		    "Linux " LINUX_UNIX_NAMES " or later; until then, promise "
		    "unix to nothing that is not trusted." },
		"Unix sockets", LINUX_UNIX_NAMES, 9, NULL,
		"the names of Unix sockets do not obey unveil()"
		SINCE(LINUX_UNIX_NAMES) },

	[FEATURE_TSYNC] = {
		{ "tsync", GAP_WEAKER,
		    "a filter cannot be set for all threads",
		    "libpledge cannot confine a program of several threads.",
		    LATER("3.17") },
		"one filter for all threads", "3.17", 0, probe_tsync },
	[FEATURE_KILL_PROCESS] = {
		{ "kill-process", GAP_NOTE, "a filter cannot kill a process",
		    "With -k, a violation ends the thread, not the process.",
		    LATER(LINUX_KILL) },
		"killing the whole process on a violation", LINUX_KILL, 0,
		probe_kill_process,
		"a violation ends its thread, not the process"
		SINCE(LINUX_KILL) },
	[FEATURE_NOTIFY] = {
		{ "notify", GAP_WEAKER, "refused calls cannot be watched",
		    "-e and explain cannot name what was refused.",
		    LATER("5.0") },
		"watching refused calls", "5.0", 0, probe_notify },
	[FEATURE_NOTIFY_KILLABLE] = {
		{ "notify-killable", GAP_NOTE,
		    "watching can interrupt a call",
		    "With -e, a signal at the wrong moment makes a refused "
		    "call be watched twice.",
		    LATER("5.19") },
		"watching without disturbing signals", "5.19", 0,
		probe_notify_killable },
	[FEATURE_MDWE] = {
		{ "mdwe", GAP_NOTE,
		    "the kernel does not keep written memory unexecutable",
		    "The filter alone does, without prot_exec.",
		    LATER("6.3") },
		"memory that was writable stays unexecutable", "6.3", 0,
		probe_mdwe },
};

#define NO_UNVEIL(why) \
	"unveil() fails, and pledge() with dns, getpw, ps, vminfo or tmppath " \
	"but without rpath: " why

/* A filter answers as whoever wrote it likes; Docker's newer ones ENOSYS. */
static const struct landlock_lack landlock_lacks[] = {
	{ EPERM, false,
	    "a filter around this process refuses Landlock, which the kernel "
	    "may have",
	    NO_UNVEIL("a filter refuses Landlock") },
	{ EOPNOTSUPP, false,
	    "Landlock is off since this kernel started (\"landlock\" is not "
	    "in its lsm= list)",
	    NO_UNVEIL("Landlock is off") },
	{ ENOSYS, true,
	    "this kernel has no Landlock" SINCE(LINUX_LANDLOCK) ", or the "
	    "filter around this process hides it",
	    NO_UNVEIL("no Landlock" SINCE(LINUX_LANDLOCK) ", or a filter hides "
	              "it") },
	{ 0, false,
	    "this kernel has no Landlock (Linux " LINUX_LANDLOCK ", and "
	    "\"landlock\" in its lsm= list)",
	    NO_UNVEIL("no Landlock" SINCE(LINUX_LANDLOCK)) },
};
/* clang-format on */

const struct landlock_lack *
features_landlock_lack(const struct features *features)
{
	const struct landlock_lack *row = landlock_lacks;

	while (row->err != 0 && (row->err != features->landlock_errno ||
	                            (row->filtered && !features->filtered)))
		row++;
	return row;
}

bool
features_has(const struct features *features, enum feature feature)
{
	const struct feature_row *row = &feature_rows[feature];

	return row->abi > 0 ? features->landlock_abi >= row->abi
	                    : features->has[feature];
}

void
features_probe_landlock(struct features *ret_features)
{
	int abi = ll_abi();

	*ret_features = (struct features){
		.landlock_abi = abi > 0 ? abi : 0,
		.landlock_errno = abi < 0 ? -abi : 0,
	};
	if (abi == -ENOSYS)
		ret_features->filtered =
		    prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) > 0;
}

void
features_probe(struct features *ret_features)
{
	features_probe_landlock(ret_features);
	for (size_t i = 0; i < ARRAY_SIZE(feature_rows); i++)
		ret_features->has[i] =
		    feature_rows[i].probe != NULL && feature_rows[i].probe();
}

static int
mask_landlock(struct features *features, const char *number, size_t length)
{
	int abi;

	if (length < 1 || length > 2 || strspn(number, "0123456789") < length)
		return -1;
	abi = (int)strtol(number, NULL, 10);
	if (abi >= features->landlock_abi)
		return 0;
	features->landlock_abi = abi;
	if (abi == 0)
		features->landlock_errno = ENOSYS;
	return 0;
}

static int
mask_word(struct features *features, const char *word, size_t length)
{
	static const char landlock[] = "landlock=";
	const size_t prefix = sizeof(landlock) - 1;

	if (length > prefix && memcmp(word, landlock, prefix) == 0)
		return mask_landlock(features, word + prefix, length - prefix);
	for (size_t i = 0; i < ARRAY_SIZE(feature_rows); i++) {
		const char *name = feature_rows[i].gap.name;

		if (feature_rows[i].probe == NULL || strlen(name) != length ||
		    memcmp(name, word, length) != 0)
			continue;
		features->has[i] = false;
		return 0;
	}
	return -1;
}

int
features_mask(struct features *features, const char *words)
{
	struct features masked = *features;
	size_t length;

	for (; *words != '\0'; words += length) {
		length = strspn(words, " ");
		if (length > 0)
			continue;
		length = strcspn(words, " ");
		if (mask_word(&masked, words, length) == -1)
			return -1;
	}
	*features = masked;
	return 0;
}
