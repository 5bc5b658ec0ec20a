/* SPDX-License-Identifier: ISC */
#include "kernel/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/table.h"

#define LOG_READ_ALL 3 /* syslog(2): SYSLOG_ACTION_READ_ALL */

/* The day that gVisor gives as that of its kernel, on every machine. */
#define GVISOR_DAY   "Sun Jan 10 15:06:54 PST 2016"

#define GVISOR_START "Starting gVisor" /* what its log begins with */

/* Files that container programs leave inside, by their own manuals. */
static const char *const container_marks[] = {
	"/.dockerenv",
	"/run/.containerenv",
	"/run/systemd/container",
};

/* The first line of a small file, without its end; "" if it cannot be read. */
static void
read_line(const char *path, char *line, size_t size)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd == -1 ? -1 : read(fd, line, size - 1);

	line[length > 0 ? length : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

static long long
read_setting(const char *path)
{
	char line[32], *end;
	long long value;

	read_line(path, line, sizeof(line));
	value = strtoll(line, &end, 10);
	return end == line || *end != '\0' ? MACHINE_UNKNOWN : value;
}

enum machine_system
machine_system(const char *release, const char *version, const char *log)
{
	/* "4.4.0-19041-Microsoft", "5.15.90.1-microsoft-standard-WSL2" */
	if (strstr(release, "WSL2") != NULL ||
	    strstr(release, "microsoft-standard") != NULL)
		return MACHINE_WSL2;
	if (strstr(release, "Microsoft") != NULL)
		return MACHINE_WSL1;
	if (strstr(version, GVISOR_DAY) != NULL ||
	    strstr(log, GVISOR_START) != NULL)
		return MACHINE_GVISOR;
	return MACHINE_LINUX;
}

/* The end of it: all of gVisor's, which is a few lines.  Linux may refuse. */
static void
read_log(char *log, size_t size)
{
	int length = klogctl(LOG_READ_ALL, log, (int)size - 1);

	log[length > 0 ? length : 0] = '\0';
}

static bool
is_in_container(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(container_marks); i++)
		if (access(container_marks[i], F_OK) == 0)
			return true;
	return getenv("container") != NULL; /* systemd, podman, LXC */
}

static void
read_names(struct machine *machine)
{
	char log[2048], *end;
	struct utsname name;

	if (uname(&name) == -1)
		return;
	read_log(log, sizeof(log));
	machine->system = machine_system(name.release, name.version, log);
	snprintf(
	    machine->release, sizeof(machine->release), "%s", name.release);
	snprintf(
	    machine->hardware, sizeof(machine->hardware), "%s", name.machine);
	machine->major = (int)strtol(name.release, &end, 10);
	machine->minor = *end == '.' ? (int)strtol(end + 1, NULL, 10) : 0;
}

void
machine_probe(struct machine *ret_machine)
{
	*ret_machine = (struct machine){
		.container = is_in_container(),
		.no_proc = !machine_has_proc(),
		.filtered = prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) > 0,
		.bpf_jit = read_setting("/proc/sys/net/core/bpf_jit_enable"),
		.user_namespaces =
		    read_setting("/proc/sys/user/max_user_namespaces"),
		.userns_clone =
		    read_setting("/proc/sys/kernel/unprivileged_userns_clone"),
		.userns_apparmor = read_setting("/proc/sys/kernel/apparmor_"
		                                "restrict_unprivileged_userns"),
	};
	features_probe(&ret_machine->features);
	read_line("/proc/sys/kernel/seccomp/actions_avail",
	    ret_machine->actions, sizeof(ret_machine->actions));
	read_names(ret_machine);
}

bool
machine_has_proc(void)
{
	struct statfs fs;

	return statfs("/proc/self", &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}
