/* SPDX-License-Identifier: ISC */
#include "actions/doctor.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "base/wrap.h"
#include "json/write.h"

#define FACTS          24    /* where what is said of each begins */
#define FIRST_LANDLOCK 5, 13 /* Linux */

static bool
is_older(const struct machine *machine, int major, int minor)
{
	return machine->major < major ||
	       (machine->major == major && machine->minor < minor);
}

static bool
is_wsl1(const struct machine *machine, const struct gap_row *row)
{
	(void)row;
	return machine->system == MACHINE_WSL1;
}

static bool
is_gvisor(const struct machine *machine, const struct gap_row *row)
{
	(void)row;
	return machine->system == MACHINE_GVISOR &&
	       machine->features.landlock_abi == 0;
}

static bool
lacks_feature(const struct machine *machine, const struct gap_row *row)
{
	return !machine->features.has[row->number];
}

static bool
lacks_landlock(const struct machine *machine, const struct gap_row *row)
{
	return machine->features.landlock_abi == 0 &&
	       (row->number == 0 ||
	           machine->features.landlock_errno == row->number);
}

/* An old kernel and a filter both answer ENOSYS. */
static bool
is_before_landlock(const struct machine *machine, const struct gap_row *row)
{
	return lacks_landlock(machine, row) &&
	       is_older(machine, FIRST_LANDLOCK);
}

static bool
may_be_filtered(const struct machine *machine, const struct gap_row *row)
{
	return lacks_landlock(machine, row) && machine->filtered;
}

static bool
is_below_abi(const struct machine *machine, const struct gap_row *row)
{
	return machine->features.landlock_abi > 0 &&
	       machine->features.landlock_abi < row->number;
}

static bool
has_no_jit(const struct machine *machine, const struct gap_row *row)
{
	(void)row;
	return machine->bpf_jit == 0;
}

static bool
has_no_namespaces(const struct machine *machine, const struct gap_row *row)
{
	(void)row;
	return machine->user_namespaces == 0;
}

static bool
has_no_proc(const struct machine *machine, const struct gap_row *row)
{
	(void)row;
	return machine->no_proc;
}

static bool
has_no_clone(const struct machine *machine, const struct gap_row *row)
{
	(void)row;
	return machine->userns_clone == 0;
}

static bool
has_apparmor_rule(const struct machine *machine, const struct gap_row *row)
{
	(void)row;
	return machine->userns_apparmor > 0;
}

/* clang-format off */
#define NO_PATHS \
	"Paths cannot be hidden: commands are not run, except with -V and the " \
	"promise rpath, or with --best-effort."
#define NO_NAMESPACES \
	"Nothing here needs user namespaces; bwrap and rootless containers, which " \
	"could be combined with it, do."

const struct gap_row gap_rows[] = {
	{ "seccomp", is_wsl1, 0, GAP_STOPS,
	    "this is WSL 1: Windows answers the system calls, and has no filters",
	    "Nothing can be enforced; no command is run.",
	    "In Windows: wsl --set-version DISTRIBUTION 2" },
	{ "seccomp", lacks_feature, FEATURE_SECCOMP, GAP_STOPS,
	    "no filters on system calls",
	    "Promises cannot be enforced; no command is run, except with "
	    "--best-effort.",
	    "A kernel of Linux 3.17 or later with CONFIG_SECCOMP_FILTER; in an "
	    "emulator or sandbox, run outside it." },

	{ "landlock", is_wsl1, 0, GAP_STOPS,
	    "this is WSL 1, which has no Landlock",
	    NO_PATHS,
	    "In Windows: wsl --set-version DISTRIBUTION 2" },
	{ "landlock", is_gvisor, 0, GAP_STOPS,
	    "this is gVisor, which answers in Linux's place and has no Landlock",
	    NO_PATHS,
	    "Run in a container of another runtime (runc, crun), or on the "
	    "machine itself." },
	{ "landlock", lacks_landlock, EPERM, GAP_STOPS,
	    "a filter around this process refuses Landlock; the kernel may have "
	    "it",
	    NO_PATHS,
	    "Let the container's seccomp profile allow landlock_create_ruleset, "
	    "landlock_add_rule and landlock_restrict_self (newer default profiles "
	    "do), or run outside." },
	{ "landlock", lacks_landlock, EOPNOTSUPP, GAP_STOPS,
	    "built into this kernel, but off since it started",
	    NO_PATHS,
	    "Put landlock in front of the list in /sys/kernel/security/lsm, and "
	    "start the kernel with that list as lsm=... on its command line." },
	{ "landlock", is_before_landlock, ENOSYS, GAP_STOPS,
	    "this kernel is older than Landlock",
	    NO_PATHS,
	    "Linux 5.13 or later; 6.12 to have most of it." },
	{ "landlock", may_be_filtered, ENOSYS, GAP_STOPS,
	    "not built into this kernel, or hidden by the filter that is around "
	    "this process",
	    NO_PATHS,
	    "If it works outside of the container: let its seccomp profile allow "
	    "landlock_create_ruleset, landlock_add_rule and "
	    "landlock_restrict_self. Else a kernel with "
	    "CONFIG_SECURITY_LANDLOCK." },
	{ "landlock", lacks_landlock, ENOSYS, GAP_STOPS,
	    "not built into this kernel",
	    NO_PATHS,
	    "A kernel with CONFIG_SECURITY_LANDLOCK and landlock in "
	    "CONFIG_LSM, as distributions build it." },
	{ "landlock", lacks_landlock, 0, GAP_STOPS,
	    "not available",
	    NO_PATHS,
	    "Linux 5.13 or later with Landlock." },

	{ "moving", is_below_abi, 2, GAP_NOTE,
	    "no rules for moving files between directories",
	    "Renaming and linking from one directory to another fails (mv then "
	    "copies).",
	    "Linux 5.19 or later." },
	{ "truncation", is_below_abi, 3, GAP_NOTE,
	    "no rules for truncating files",
	    "truncate(2) fails, whatever is unveiled.",
	    "Linux 6.2 or later." },
	{ "ports", is_below_abi, 4, GAP_NOTE,
	    "no rules for TCP ports",
	    "--connect and --bind are refused; dns has no TCP.",
	    "Linux 6.7 or later." },
	{ "devices", is_below_abi, 5, GAP_NOTE,
	    "no rules for the ioctls of devices",
	    "Which devices get ioctls is not restricted by path, only by the "
	    "promises.",
	    "Linux 6.10 or later." },
	{ "signals", is_below_abi, 6, GAP_WEAKER,
	    "signals and abstract sockets are not kept inside",
	    "With proc, processes outside can be signalled, without it only the "
	    "own; with unix, abstract sockets outside are in reach.",
	    "Linux 6.12 or later." },
	{ "unix sockets", is_below_abi, 9, GAP_WEAKER,
	    "no rules for the names of Unix sockets",
	    "With unix, D-Bus or docker.sock may be in reach, whatever is "
	    "unveiled.",
	    "Linux 7.1 or later; until then, promise unix to nothing that is not "
	    "trusted." },

	{ "tsync", lacks_feature, FEATURE_TSYNC, GAP_WEAKER,
	    "a filter cannot be set for all threads",
	    "libpledge cannot confine a program of several threads.",
	    "Linux 3.17 or later." },
	{ "kill-process", lacks_feature, FEATURE_KILL_PROCESS, GAP_NOTE,
	    "a filter cannot kill a process",
	    "With -k, a violation ends the thread, not the process.",
	    "Linux 4.14 or later." },
	{ "notify", lacks_feature, FEATURE_NOTIFY, GAP_WEAKER,
	    "refused calls cannot be watched",
	    "-e and explain cannot name what was refused.",
	    "Linux 5.0 or later." },
	{ "notify-killable", lacks_feature, FEATURE_NOTIFY_KILLABLE, GAP_NOTE,
	    "watching can interrupt a call",
	    "With -e, a signal at the wrong moment makes a refused call be "
	    "watched twice.",
	    "Linux 5.19 or later." },
	{ "mdwe", lacks_feature, FEATURE_MDWE, GAP_NOTE,
	    "the kernel does not keep written memory unexecutable",
	    "The filter alone does, without prot_exec.",
	    "Linux 6.3 or later." },
	{ "proc", has_no_proc, 0, GAP_WEAKER,
	    "/proc is not mounted",
	    "Paths cannot be told without /proc: -e and learn name calls alone.",
	    "mount -t proc proc /proc" },
	{ "bpf jit", has_no_jit, 0, GAP_WEAKER,
	    "filters are interpreted, not compiled",
	    "Every system call of a confined command takes longer.",
	    "sysctl net.core.bpf_jit_enable=1" },

	{ "user namespaces", has_no_namespaces, 0, GAP_NOTE,
	    "there are none (user.max_user_namespaces is 0)",
	    NO_NAMESPACES,
	    "If bwrap is wanted: sysctl user.max_user_namespaces=10000" },
	{ "user namespaces", has_no_clone, 0, GAP_NOTE,
	    "for root alone (kernel.unprivileged_userns_clone is 0)",
	    NO_NAMESPACES,
	    "If bwrap is wanted: sysctl kernel.unprivileged_userns_clone=1" },
	{ "user namespaces", has_apparmor_rule, 0, GAP_NOTE,
	    "AppArmor restricts them to programs with a profile",
	    NO_NAMESPACES,
	    "If bwrap is wanted: an AppArmor profile for it, with the rule "
	    "userns." },
};
const size_t gap_row_count = ARRAY_SIZE(gap_rows);
/* clang-format on */

static const char *const weight_words[] = {
	[GAP_STOPS] = "stops",
	[GAP_WEAKER] = "weaker",
	[GAP_NOTE] = "note",
};

static const char *const system_words[] = {
	[MACHINE_LINUX] = "Linux",
	[MACHINE_WSL1] = "WSL 1",
	[MACHINE_WSL2] = "WSL 2",
	[MACHINE_GVISOR] = "gVisor",
};

bool
gap_is_told(const struct machine *machine, const struct gap_row *row)
{
	for (const struct gap_row *other = gap_rows; other < row; other++)
		if (strcmp(other->subject, row->subject) == 0 &&
		    other->applies(machine, other))
			return false;
	return row->applies(machine, row);
}

static bool
is_complete(const struct machine *machine)
{
	return machine->features.has[FEATURE_SECCOMP] &&
	       machine->features.landlock_abi > 0;
}

static void
report_landlock(const struct features *features, struct strbuf *buf)
{
	static const struct {
		int abi;
		const char *text;
	} parts[] = {
		{ 2, "moving" },
		{ 3, "truncation" },
		{ 4, "TCP ports" },
		{ 5, "devices" },
		{ 6, "signals" },
		{ 9, "Unix sockets" },
	};

	cleanup_strbuf struct strbuf text = { 0 };

	if (features->landlock_abi == 0) {
		strbuf_printf(buf, "%-18s no   %s\n", "landlock",
		    strerror(features->landlock_errno));
		return;
	}
	strbuf_printf(&text, "ABI %d: paths", features->landlock_abi);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (features->landlock_abi >= parts[i].abi)
			strbuf_printf(&text, ", %s", parts[i].text);
	strbuf_printf(buf, "%-18s yes  ", "landlock");
	wrap_text(buf, text.failed ? "out of memory" : text.data, FACTS);
}

static void
report_setting(struct strbuf *buf, const char *name, long long value,
    const char *on, const char *off)
{
	strbuf_printf(buf, "%-18s %s\n", name,
	    value == MACHINE_UNKNOWN ? "?    not said"
	    : value == 0             ? off
	                             : on);
}

static void
report_facts(const struct machine *machine, struct strbuf *buf)
{
	const struct features *features = &machine->features;

	strbuf_printf(buf, "%-18s      %s %s%s\n", "kernel", machine->release,
	    machine->hardware, machine->container ? ", in a container" : "");
	if (machine->system != MACHINE_LINUX)
		strbuf_printf(buf, "%-18s      %s\n", "system",
		    system_words[machine->system]);
	report_landlock(features, buf);
	for (int i = 0; i < FEATURE_COUNT; i++)
		strbuf_printf(buf, "%-18s %-4s %s (Linux %s)\n",
		    feature_rows[i].name, features->has[i] ? "yes" : "no",
		    feature_rows[i].text, feature_rows[i].since);
	if (machine->actions[0] != '\0') {
		strbuf_printf(buf, "%-18s      ", "actions");
		wrap_text(buf, machine->actions, FACTS);
	}
	if (machine->filtered)
		strbuf_printf(
		    buf, "%-18s yes  around this process already\n", "filter");
	report_setting(buf, "bpf jit", machine->bpf_jit,
	    "yes  filters are compiled", "no   filters are interpreted");
	report_setting(buf, "user namespaces", machine->user_namespaces,
	    "yes  not needed here", "no   not needed here");
	if (machine->unrecorded != NULL)
		strbuf_printf(buf, "%-18s %-4s %s\n", "learn --bpf",
		    machine->unrecorded[0] == '\0' ? "yes" : "no",
		    machine->unrecorded[0] == '\0'
		        ? "calls are recorded in the kernel"
		        : machine->unrecorded);
}

static void
report_gap(const struct gap_row *row, struct strbuf *buf)
{
	cleanup_strbuf struct strbuf found = { 0 }, remedy = { 0 };

	strbuf_printf(&found, "%s: %s: %s", weight_words[row->weight],
	    row->subject, row->found);
	strbuf_printf(&remedy, "Remedy: %s", row->remedy);
	strbuf_putc(buf, '\n');
	wrap_text(buf, found.failed ? row->found : found.data, 0);
	strbuf_puts(buf, "    ");
	wrap_text(buf, row->meaning, 4);
	strbuf_puts(buf, "    ");
	wrap_text(buf, remedy.failed ? row->remedy : remedy.data, 4);
}

bool
doctor_report(const struct machine *machine, struct strbuf *buf)
{
	bool complete = is_complete(machine);

	report_facts(machine, buf);
	strbuf_printf(buf, "\n%s\n",
	    complete ? "Promises and paths can be enforced."
	             : "Promises and paths cannot both be enforced.");
	for (size_t i = 0; i < gap_row_count; i++) {
		const struct gap_row *row = &gap_rows[i];

		if (gap_is_told(machine, row))
			report_gap(row, buf);
	}
	return complete;
}

static void
add_gap(struct json_writer *json, const struct gap_row *row)
{
	json_open(json, NULL, '{');
	json_string(json, "subject", row->subject);
	json_string(json, "weight", weight_words[row->weight]);
	json_string(json, "found", row->found);
	json_string(json, "meaning", row->meaning);
	json_string(json, "remedy", row->remedy);
	json_close(json, '}');
}

/* A setting that the kernel does not tell is left out. */
static void
add_setting(struct json_writer *json, const char *name, long long value)
{
	if (value != MACHINE_UNKNOWN)
		json_number(json, name, value);
}

bool
doctor_report_json(const struct machine *machine, struct strbuf *buf)
{
	struct json_writer json = { .buf = buf };
	const struct features *features = &machine->features;

	json_open(&json, NULL, '{');
	json_string(&json, "kernel", machine->release);
	json_string(&json, "machine", machine->hardware);
	json_string(&json, "system", system_words[machine->system]);
	json_bool(&json, "container", machine->container);
	json_number(&json, "landlock_abi", features->landlock_abi);
	if (features->landlock_abi == 0)
		json_number(&json, "landlock_errno", features->landlock_errno);
	for (int i = 0; i < FEATURE_COUNT; i++)
		json_bool(&json, feature_rows[i].name, features->has[i]);
	json_string(&json, "actions", machine->actions);
	json_bool(&json, "filtered", machine->filtered);
	add_setting(&json, "bpf_jit", machine->bpf_jit);
	add_setting(&json, "user_namespaces", machine->user_namespaces);
	add_setting(&json, "userns_clone", machine->userns_clone);
	add_setting(&json, "userns_apparmor", machine->userns_apparmor);
	if (machine->unrecorded != NULL)
		json_bool(&json, "learn_bpf", machine->unrecorded[0] == '\0');
	json_bool(&json, "complete", is_complete(machine));
	json_open(&json, "gaps", '[');
	for (size_t i = 0; i < gap_row_count; i++)
		if (gap_is_told(machine, &gap_rows[i]))
			add_gap(&json, &gap_rows[i]);
	json_close(&json, ']');
	json_close(&json, '}');
	strbuf_putc(buf, '\n');
	return is_complete(machine);
}

bool
doctor_describe(const char *unrecorded, struct strbuf *buf)
{
	struct machine machine;

	machine_probe(&machine);
	machine.unrecorded = unrecorded;
	return doctor_report(&machine, buf);
}

bool
doctor_describe_json(const char *unrecorded, struct strbuf *buf)
{
	struct machine machine;

	machine_probe(&machine);
	machine.unrecorded = unrecorded;
	return doctor_report_json(&machine, buf);
}
