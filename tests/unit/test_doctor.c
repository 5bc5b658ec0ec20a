/* SPDX-License-Identifier: ISC */
/* What doctor says of machines that were made up, and of the one we are on. */
#include "inspect/doctor.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/table.h"
#include "tap.h"

#define ALL WITHOUT(COUNT)
#define WITHOUT(feature)                                                    \
 {                                                                          \
  [FEATURE_SECCOMP] = FEATURE_##feature != FEATURE_SECCOMP,                 \
  [FEATURE_TSYNC] = FEATURE_##feature != FEATURE_TSYNC,                     \
  [FEATURE_KILL_PROCESS] = FEATURE_##feature != FEATURE_KILL_PROCESS,       \
  [FEATURE_NOTIFY] = FEATURE_##feature != FEATURE_NOTIFY,                   \
  [FEATURE_NOTIFY_KILLABLE] = FEATURE_##feature != FEATURE_NOTIFY_KILLABLE, \
  [FEATURE_MDWE] = FEATURE_##feature != FEATURE_MDWE,                       \
 }
#define LANDLOCK(abi)         .features = { abi, 0, false, ALL }
#define NO_LANDLOCK(err)      .features = { 0, (err), false, ALL }
#define KERNEL(first, second) .major = (first), .minor = (second)
#define SETTINGS(jit, max, clone, apparmor)                           \
 .bpf_jit = (jit), .user_namespaces = (max), .userns_clone = (clone), \
 .userns_apparmor = (apparmor)
#define FINE SETTINGS(1, 1000, 1, 0)

/* A machine; if it can enforce all; the gaps that are told, in order. */
static const struct {
	const char *name;
	struct machine machine;
	bool complete;
	const char *gaps;    /* "weight: subject" and a comma each */
	const char *says[3]; /* and words among them */
} rows[] = {
	{ "everything", { LANDLOCK(9), KERNEL(7, 1), FINE }, true, "",
	    { "Promises and paths can be enforced",
	        "ABI 9: paths, moving, "
	        "truncation, TCP ports, devices,\n"
	        "                        signals, Unix sockets\n" } },
	{ "ABI 8", { LANDLOCK(8), KERNEL(7, 0), FINE }, true,
	    "weaker: unix sockets,", { "docker.sock", "Linux 7.1" } },
	{ "ABI 6", { LANDLOCK(6), KERNEL(6, 12), FINE }, true,
	    "weaker: unix sockets,",
	    { "devices,\n                        signals\n" } },
	{ "ABI 5", { LANDLOCK(5), KERNEL(6, 10), FINE }, true,
	    "weaker: signals,weaker: unix sockets,", { "Linux 6.12" } },
	{ "ABI 4", { LANDLOCK(4), KERNEL(6, 7), FINE }, true,
	    "note: devices,weaker: signals,weaker: unix sockets,",
	    { "Linux 6.10" } },
	{ "ABI 3", { LANDLOCK(3), KERNEL(6, 2), FINE }, true,
	    "note: ports,note: devices,weaker: signals,weaker: unix sockets,",
	    { "--connect", "Linux 6.7" } },
	{ "ABI 2, as Debian 12 has", { LANDLOCK(2), KERNEL(6, 1), FINE }, true,
	    "note: truncation,note: ports,note: devices,weaker: signals,"
	    "weaker: unix sockets,",
	    { "truncate(2)", "ABI 2: paths, moving\n" } },
	{ "ABI 1", { LANDLOCK(1), KERNEL(5, 13), FINE }, true,
	    "note: moving,note: truncation,note: ports,note: devices,"
	    "weaker: signals,weaker: unix sockets,",
	    { "Linux 5.19", "ABI 1: paths\n" } },

	{ "off at boot", { NO_LANDLOCK(EOPNOTSUPP), KERNEL(6, 1), FINE }, false,
	    "stops: landlock,",
	    { "lsm=", "/sys/kernel/security/lsm", "cannot both" } },
	{ "not built", { NO_LANDLOCK(ENOSYS), KERNEL(6, 1), FINE }, false,
	    "stops: landlock,", { "not built", "CONFIG_SECURITY_LANDLOCK" } },
	{ "5.12", { NO_LANDLOCK(ENOSYS), KERNEL(5, 12), FINE }, false,
	    "stops: landlock,", { "older than Landlock", "Linux 5.13" } },
	{ "4.19", { NO_LANDLOCK(ENOSYS), KERNEL(4, 19), FINE }, false,
	    "stops: landlock,", { "older than Landlock" } },
	{ "5.13, not built", { NO_LANDLOCK(ENOSYS), KERNEL(5, 13), FINE },
	    false, "stops: landlock,", { "not built" } },
	{ "a container's filter",
	    { NO_LANDLOCK(EPERM), KERNEL(6, 1), .container = true,
	        .filtered = true, FINE },
	    false, "stops: landlock,",
	    { "refuses Landlock", "landlock_restrict_self",
	        ", in a container" } },
	{ "a filter that says ENOSYS",
	    { NO_LANDLOCK(ENOSYS), KERNEL(6, 1), .filtered = true, FINE },
	    false, "stops: landlock,", { "hidden by the filter" } },
	{ "another error", { NO_LANDLOCK(EINVAL), KERNEL(6, 1), FINE }, false,
	    "stops: landlock,", { "not available" } },

	{ "WSL 1",
	    { .features = { 0, ENOSYS, false, { false } },
	        .system = MACHINE_WSL1,
	        KERNEL(4, 4),
	        SETTINGS(-1, -1, -1, -1) },
	    false,
	    "stops: seccomp,stops: landlock,weaker: tsync,note: kill-process,"
	    "weaker: notify,note: notify-killable,note: mdwe,",
	    { "--set-version", "system                  WSL 1\n" } },
	{ "WSL 2",
	    { NO_LANDLOCK(EOPNOTSUPP), .system = MACHINE_WSL2, KERNEL(5, 15),
	        FINE },
	    false, "stops: landlock,", { "lsm=", "WSL 2" } },
	{ "gVisor",
	    { NO_LANDLOCK(ENOSYS), .system = MACHINE_GVISOR, KERNEL(4, 4),
	        SETTINGS(-1, -1, -1, -1) },
	    false, "stops: landlock,", { "another runtime", "?    not said" } },
	{ "gVisor, should it learn Landlock",
	    { LANDLOCK(9), .system = MACHINE_GVISOR, KERNEL(6, 1), FINE }, true,
	    "", { "gVisor" } },

	{ "no seccomp",
	    { .features = { 9, 0, false, WITHOUT(SECCOMP) },
	        KERNEL(7, 1),
	        FINE },
	    false, "stops: seccomp,", { "CONFIG_SECCOMP_FILTER" } },
	{ "no TSYNC",
	    { .features = { 9, 0, false, WITHOUT(TSYNC) }, KERNEL(7, 1), FINE },
	    true, "weaker: tsync,", { "threads" } },
	{ "no kill-process",
	    { .features = { 9, 0, false, WITHOUT(KILL_PROCESS) },
	        KERNEL(7, 1),
	        FINE },
	    true, "note: kill-process,", { "-k" } },
	{ "no notification",
	    { .features = { 9, 0, false, WITHOUT(NOTIFY) },
	        KERNEL(7, 1),
	        FINE },
	    true, "weaker: notify,", { "-e" } },
	{ "no killable notification",
	    { .features = { 9, 0, false, WITHOUT(NOTIFY_KILLABLE) },
	        KERNEL(7, 1),
	        FINE },
	    true, "note: notify-killable,", { "Linux 5.19" } },
	{ "no MDWE",
	    { .features = { 9, 0, false, WITHOUT(MDWE) }, KERNEL(7, 1), FINE },
	    true, "note: mdwe,", { "Linux 6.3" } },
	{ "no JIT", { LANDLOCK(9), KERNEL(7, 1), SETTINGS(0, 1000, 1, 0) },
	    true, "weaker: bpf jit,",
	    { "sysctl net.core.bpf_jit_enable=1", "no   filters are interp" } },
	{ "no /proc", { LANDLOCK(9), KERNEL(7, 1), .no_proc = true, FINE },
	    true, "weaker: proc,", { "mount -t proc" } },
	{ "settings that nobody tells",
	    { LANDLOCK(9), KERNEL(7, 1), SETTINGS(-1, -1, -1, -1) }, true, "",
	    { "?    not said" } },
	{ "no user namespaces",
	    { LANDLOCK(9), KERNEL(7, 1), SETTINGS(1, 0, 0, 1) }, true,
	    "note: user namespaces,", { "max_user_namespaces is 0" } },
	{ "for root alone",
	    { LANDLOCK(9), KERNEL(7, 1), SETTINGS(1, 1000, 0, 1) }, true,
	    "note: user namespaces,", { "unprivileged_userns_clone is 0" } },
	{ "AppArmor's restriction",
	    { LANDLOCK(9), KERNEL(7, 1), SETTINGS(1, 1000, -1, 1) }, true,
	    "note: user namespaces,", { "AppArmor" } },
};

#define GAPS (FEATURE_COUNT + 32)

/* All that can be told: of features, then the reasons and settings. */
static const struct gap *
gap_at(size_t i)
{
	return i < FEATURE_COUNT ? &feature_rows[i].gap
	                         : &gap_rows[i - FEATURE_COUNT].gap;
}

static void
list_gaps(const struct machine *machine, struct strbuf *buf, bool *told)
{
	static const char *const weights[] = { "stops", "weaker", "note" };
	const struct gap *gaps[DOCTOR_GAPS];
	size_t count = doctor_gaps(machine, gaps);

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < FEATURE_COUNT + gap_row_count; j++)
			told[j] |= gap_at(j) == gaps[i];
		strbuf_printf(
		    buf, "%s: %s,", weights[gaps[i]->weight], gaps[i]->name);
	}
}

/* How often WORD was written. */
static int
count(const struct strbuf *buf, const char *word)
{
	const char *text = buf->data;
	int found = 0;

	for (; text != NULL; found++) {
		text = strstr(text, word);
		if (text == NULL)
			break;
		text += strlen(word);
	}
	return found;
}

static void
test_rows(void)
{
	bool told[GAPS] = { false };

	ok(FEATURE_COUNT + gap_row_count <= ARRAY_SIZE(told),
	    "room for %zu gaps", gap_row_count);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct machine *machine = &rows[i].machine;
		cleanup_strbuf struct strbuf gaps = { 0 }, text = { 0 },
		                             json = { 0 };
		bool said = true;

		strbuf_puts(&gaps, "");
		list_gaps(machine, &gaps, told);
		if (!ok(strcmp(gaps.data, rows[i].gaps) == 0, "%s: the gaps",
		        rows[i].name))
			note("%s", gaps.data);
		ok(doctor_report(machine, &text) == rows[i].complete &&
		        doctor_report_json(machine, &json) == rows[i].complete,
		    "%s: %s", rows[i].name,
		    rows[i].complete ? "complete" : "not complete");
		for (size_t j = 0; j < 3 && rows[i].says[j] != NULL; j++)
			said = said && strstr(text.data, rows[i].says[j]);
		if (!ok(said, "%s: what is said", rows[i].name))
			note("%s", text.data);
		ok(count(&text, "    Remedy: ") == count(&gaps, ",") &&
		        count(&json, "\"remedy\": ") == count(&gaps, ","),
		    "%s: a remedy for each", rows[i].name);
	}
	for (size_t i = 0; i < FEATURE_COUNT + gap_row_count; i++)
		if (gap_at(i)->found != NULL)
			ok(told[i], "a machine with: %s: %s", gap_at(i)->name,
			    gap_at(i)->found);
}

/* Every one says all there is to say. */
static void
test_table(void)
{
	for (size_t i = 0; i < FEATURE_COUNT + gap_row_count; i++) {
		const struct gap *gap = gap_at(i);

		if (gap->found == NULL && i < FEATURE_COUNT)
			continue;
		ok(gap->name[0] != '\0' && gap->found[0] != '\0' &&
		        gap->meaning[0] != '\0' && gap->remedy[0] != '\0',
		    "row %zu: %s", i, gap->name);
	}
}

static const struct {
	const char *release, *version, *log;
	enum machine_system system;
} systems[] = {
	{ "6.1.0-25-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.106-3", "",
	    MACHINE_LINUX },
	{ "4.4.0-19041-Microsoft", "#1237-Microsoft Sat Sep 11", "",
	    MACHINE_WSL1 },
	{ "5.15.90.1-microsoft-standard-WSL2", "#1 SMP Fri Jan 27", "",
	    MACHINE_WSL2 },
	{ "4.19.84-microsoft-standard", "#1 SMP Wed Nov 13", "", MACHINE_WSL2 },
	{ "4.4.0", "#1 SMP Sun Jan 10 15:06:54 PST 2016", "", MACHINE_GVISOR },
	{ "6.1.0", "#1 SMP", "[   0.000000] Starting gVisor...\n",
	    MACHINE_GVISOR },
	{ "4.4.0-210-generic", "#242-Ubuntu SMP Fri Apr 16", "audit: gVisor",
	    MACHINE_LINUX },
};

static void
test_systems(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++)
		ok(machine_system(systems[i].release, systems[i].version,
		       systems[i].log) == systems[i].system,
		    "system of %s, %s", systems[i].release,
		    systems[i].version + 1);
}

static void
test_probe(void)
{
	struct features features;
	struct machine machine;
	struct utsname name;

	memset(&machine, 0x55, sizeof(machine));
	machine_probe(&machine);
	features_probe(&features);
	ok(machine.features.landlock_abi == features.landlock_abi &&
	        memcmp(machine.features.has, features.has,
	            sizeof(features.has)) == 0,
	    "the features of this machine");
	ok(uname(&name) == 0 && strcmp(machine.release, name.release) == 0 &&
	        strcmp(machine.hardware, name.machine) == 0 &&
	        machine.major >= 3,
	    "kernel %s is %d.%d", machine.release, machine.major,
	    machine.minor);
	ok(machine.bpf_jit >= -1 && machine.bpf_jit <= 2 &&
	        machine.user_namespaces >= -1 && machine.userns_clone >= -1 &&
	        machine.userns_apparmor >= -1,
	    "settings: JIT %lld, namespaces %lld", machine.bpf_jit,
	    machine.user_namespaces);
	/* SECCOMP_RET_ERRNO is as old as filters. */
	ok(machine.actions[0] == '\0' ||
	        strstr(machine.actions, "errno") != NULL,
	    "actions: %s", machine.actions);
}

int
main(void)
{
	test_rows();
	test_table();
	test_systems();
	test_probe();
	return tap_done();
}
