/* SPDX-License-Identifier: ISC */
#include "inspect/doctor.h"

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
is_wsl1(const struct machine *machine)
{
	return machine->system == MACHINE_WSL1;
}

static bool
is_gvisor(const struct machine *machine)
{
	return machine->system == MACHINE_GVISOR;
}

static bool
is_refused(const struct machine *machine)
{
	return machine->features.landlock_errno == EPERM;
}

static bool
is_off(const struct machine *machine)
{
	return machine->features.landlock_errno == EOPNOTSUPP;
}

/* An old kernel and a filter both answer ENOSYS. */
static bool
is_unknown(const struct machine *machine)
{
	return machine->features.landlock_errno == ENOSYS;
}

static bool
is_before_landlock(const struct machine *machine)
{
	return is_unknown(machine) && is_older(machine, FIRST_LANDLOCK);
}

static bool
may_be_filtered(const struct machine *machine)
{
	return is_unknown(machine) && machine->filtered;
}

static bool
has_no_jit(const struct machine *machine)
{
	return machine->bpf_jit == 0;
}

static bool
has_no_namespaces(const struct machine *machine)
{
	return machine->user_namespaces == 0;
}

static bool
has_no_proc(const struct machine *machine)
{
	return machine->no_proc;
}

static bool
has_no_clone(const struct machine *machine)
{
	return machine->userns_clone == 0;
}

static bool
has_apparmor_rule(const struct machine *machine)
{
	return machine->userns_apparmor > 0;
}

/* clang-format off */
#define NO_NAMESPACES \
	"Nothing here needs user namespaces; bwrap and rootless containers, which " \
	"could be combined with it, do."

const struct gap_row gap_rows[] = {
	{ FEATURE_SECCOMP, is_wsl1, { "seccomp", GAP_STOPS,
	    "this is WSL 1: Windows answers the system calls, and has no filters",
	    "Nothing can be enforced; no command is run.",
	    "In Windows: wsl --set-version DISTRIBUTION 2" } },

	{ FEATURE_LANDLOCK, is_wsl1, { "landlock", GAP_STOPS,
	    "this is WSL 1, which has no Landlock",
	    GAP_NO_PATHS,
	    "In Windows: wsl --set-version DISTRIBUTION 2" } },
	{ FEATURE_LANDLOCK, is_gvisor, { "landlock", GAP_STOPS,
	    "this is gVisor, which answers in Linux's place and has no Landlock",
	    GAP_NO_PATHS,
	    "Run in a container of another runtime (runc, crun), or on the "
	    "machine itself." } },
	{ FEATURE_LANDLOCK, is_refused, { "landlock", GAP_STOPS,
	    "a filter around this process refuses Landlock; the kernel may have "
	    "it",
	    GAP_NO_PATHS,
	    "Let the container's seccomp profile allow landlock_create_ruleset, "
	    "landlock_add_rule and landlock_restrict_self (newer default profiles "
	    "do), or run outside." } },
	{ FEATURE_LANDLOCK, is_off, { "landlock", GAP_STOPS,
	    "built into this kernel, but off since it started",
	    GAP_NO_PATHS,
	    "Put landlock in front of the list in /sys/kernel/security/lsm, and "
	    "start the kernel with that list as lsm=... on its command line." } },
	{ FEATURE_LANDLOCK, is_before_landlock, { "landlock", GAP_STOPS,
	    "this kernel is older than Landlock",
	    GAP_NO_PATHS,
	    "Linux 5.13 or later; 6.12 to have most of it." } },
	{ FEATURE_LANDLOCK, may_be_filtered, { "landlock", GAP_STOPS,
	    "not built into this kernel, or hidden by the filter that is around "
	    "this process",
	    GAP_NO_PATHS,
	    "If it works outside of the container: let its seccomp profile allow "
	    "landlock_create_ruleset, landlock_add_rule and "
	    "landlock_restrict_self. Else a kernel with "
	    "CONFIG_SECURITY_LANDLOCK." } },
	{ FEATURE_LANDLOCK, is_unknown, { "landlock", GAP_STOPS,
	    "not built into this kernel",
	    GAP_NO_PATHS,
	    "A kernel with CONFIG_SECURITY_LANDLOCK and landlock in "
	    "CONFIG_LSM, as distributions build it." } },

	{ NO_FEATURE, has_no_proc, { "proc", GAP_WEAKER,
	    "/proc is not mounted",
	    "Paths cannot be told without /proc: -e and learn name calls alone.",
	    "mount -t proc proc /proc" } },
	{ NO_FEATURE, has_no_jit, { "bpf jit", GAP_WEAKER,
	    "filters are interpreted, not compiled",
	    "Every system call of a confined command takes longer.",
	    "sysctl net.core.bpf_jit_enable=1" } },
	{ NO_FEATURE, has_no_namespaces, { "user namespaces", GAP_NOTE,
	    "there are none (user.max_user_namespaces is 0)",
	    NO_NAMESPACES,
	    "If bwrap is wanted: sysctl user.max_user_namespaces=10000" } },
	{ NO_FEATURE, has_no_clone, { "user namespaces", GAP_NOTE,
	    "for root alone (kernel.unprivileged_userns_clone is 0)",
	    NO_NAMESPACES,
	    "If bwrap is wanted: sysctl kernel.unprivileged_userns_clone=1" } },
	{ NO_FEATURE, has_apparmor_rule, { "user namespaces", GAP_NOTE,
	    "AppArmor restricts them to programs with a profile",
	    NO_NAMESPACES,
	    "If bwrap is wanted: an AppArmor profile for it, with the rule "
	    "userns." } },
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

/* Of its parts nothing is said where there is no Landlock at all. */
static bool
is_missed(const struct features *features, enum feature feature)
{
	return feature_rows[feature].gap.found != NULL &&
	       !features_has(features, feature) &&
	       (feature_rows[feature].abi <= 1 || features->landlock_abi > 0);
}

/* Why FEATURE is missing, if that is known; else that it is. */
static const struct gap *
find_reason(const struct machine *machine, enum feature feature)
{
	for (size_t i = 0; i < gap_row_count; i++)
		if (gap_rows[i].feature == (int)feature &&
		    gap_rows[i].applies(machine))
			return &gap_rows[i].gap;
	return &feature_rows[feature].gap;
}

size_t
doctor_gaps(
    const struct machine *machine, const struct gap *ret_gaps[DOCTOR_GAPS])
{
	size_t count = 0;

	for (int i = 0; i < FEATURE_COUNT; i++)
		if (is_missed(&machine->features, (enum feature)i))
			ret_gaps[count++] =
			    find_reason(machine, (enum feature)i);
	for (size_t i = 0; i < gap_row_count; i++) {
		const struct gap_row *row = &gap_rows[i];

		if (row->feature == NO_FEATURE && row->applies(machine) &&
		    (count == 0 ||
		        strcmp(ret_gaps[count - 1]->name, row->gap.name) != 0))
			ret_gaps[count++] = &row->gap;
	}
	return count;
}

static bool
is_complete(const struct machine *machine)
{
	return features_has(&machine->features, FEATURE_SECCOMP) &&
	       features_has(&machine->features, FEATURE_LANDLOCK);
}

static void
report_landlock(const struct features *features, struct strbuf *buf)
{
	cleanup_strbuf struct strbuf text = { 0 };

	if (features->landlock_abi == 0) {
		strbuf_printf(buf, "%-18s no   %s\n", "landlock",
		    strerror(features->landlock_errno));
		return;
	}
	strbuf_printf(&text, "ABI %d:", features->landlock_abi);
	for (int i = 0; i < FEATURE_COUNT; i++)
		if (feature_rows[i].abi > 0 && feature_rows[i].text != NULL &&
		    features_has(features, (enum feature)i))
			strbuf_printf(&text, "%s %s",
			    i == FEATURE_LANDLOCK ? "" : ",",
			    feature_rows[i].text);
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
	for (int i = 0; i < FEATURE_COUNT; i++) {
		if (feature_rows[i].probe == NULL)
			continue;
		strbuf_printf(buf, "%-18s %-4s %s (Linux %s)\n",
		    feature_rows[i].gap.name, features->has[i] ? "yes" : "no",
		    feature_rows[i].text, feature_rows[i].since);
	}
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
report_gap(const struct gap *gap, struct strbuf *buf)
{
	cleanup_strbuf struct strbuf found = { 0 }, remedy = { 0 };

	strbuf_printf(&found, "%s: %s: %s", weight_words[gap->weight],
	    gap->name, gap->found);
	strbuf_printf(&remedy, "Remedy: %s", gap->remedy);
	strbuf_putc(buf, '\n');
	wrap_text(buf, found.failed ? gap->found : found.data, 0);
	strbuf_puts(buf, "    ");
	wrap_text(buf, gap->meaning, 4);
	strbuf_puts(buf, "    ");
	wrap_text(buf, remedy.failed ? gap->remedy : remedy.data, 4);
}

bool
doctor_report(const struct machine *machine, struct strbuf *buf)
{
	const struct gap *gaps[DOCTOR_GAPS];
	size_t count = doctor_gaps(machine, gaps);
	bool complete = is_complete(machine);

	report_facts(machine, buf);
	strbuf_printf(buf, "\n%s\n",
	    complete ? "Promises and paths can be enforced."
	             : "Promises and paths cannot both be enforced.");
	for (size_t i = 0; i < count; i++)
		report_gap(gaps[i], buf);
	return complete;
}

static void
add_gap(struct json_writer *json, const struct gap *gap)
{
	json_open(json, NULL, '{');
	json_string(json, "subject", gap->name);
	json_string(json, "weight", weight_words[gap->weight]);
	json_string(json, "found", gap->found);
	json_string(json, "meaning", gap->meaning);
	json_string(json, "remedy", gap->remedy);
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
	const struct gap *gaps[DOCTOR_GAPS];
	size_t count = doctor_gaps(machine, gaps);

	json_open(&json, NULL, '{');
	json_string(&json, "kernel", machine->release);
	json_string(&json, "machine", machine->hardware);
	json_string(&json, "system", system_words[machine->system]);
	json_bool(&json, "container", machine->container);
	json_number(&json, "landlock_abi", features->landlock_abi);
	if (features->landlock_abi == 0)
		json_number(&json, "landlock_errno", features->landlock_errno);
	for (int i = 0; i < FEATURE_COUNT; i++)
		if (feature_rows[i].probe != NULL)
			json_bool(
			    &json, feature_rows[i].gap.name, features->has[i]);
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
	for (size_t i = 0; i < count; i++)
		add_gap(&json, gaps[i]);
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
