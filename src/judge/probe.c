/* SPDX-License-Identifier: ISC */
#include "judge/probe.h"

#include <fcntl.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/table.h"
#include "report/need.h"

static bool
is_cache_daemon(const struct call *call)
{
	const uint64_t type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

	return call->args[0] == AF_UNIX && call->args[1] == type &&
	       call->args[2] == 0;
}

/* Whether the kernel has that mode; it takes it back at once. */
static bool
is_numa_question(const struct call *call)
{
	return (uint32_t)call->args[0] == MPOL_PREFERRED_MANY;
}

/* As libraries open their files; what a program is asked to read is not. */
static bool
is_library_open(const struct call *call)
{
	return (call->args[2] & (O_ACCMODE | O_CLOEXEC)) ==
	       (O_RDONLY | O_CLOEXEC);
}

/* Of any other limit, who sets it may rely on it. */
static bool
is_open_files(const struct call *call)
{
	return call->args[1] == RLIMIT_NOFILE;
}

static bool
is_any(const struct call *call)
{
	(void)call;
	return true;
}

/* The watcher is the same user: nothing would change. */
static bool
is_own_user(const struct call *call)
{
	return (uid_t)call->args[0] == getuid();
}

static bool
is_own_group(const struct call *call)
{
	return (gid_t)call->args[0] == getgid();
}

/*
 * What C libraries and runtimes ask to learn what there is, and go on without.
 * That a call is one of these does not make it harmless: what its program did
 * next decides (outcome.h).
 */
/* clang-format off */
static const struct {
	const char *call, *path; /* #: a number; NULL: whatever path */
	bool (*holds)(const struct call *call);
} probes[] = {
	/* The C library asks for nscd. */
	{ "socket", NULL, is_cache_daemon },
	{ "connect", "{AF_UNIX, path=\"/var/run/nscd/socket\"}", is_any },
	/* libnuma asks what the kernel can do. */
	{ "set_mempolicy", NULL, is_numa_question },
	/* It is that user already. */
	{ "setuid", NULL, is_own_user },
	/* It is of that group already. */
	{ "setgid", NULL, is_own_group },
	/* Runtimes raise their limit of open files. */
	{ "prlimit64", NULL, is_open_files },
	/* The loader asks for libraries to be added. */
	{ "access", "/etc/ld.so.preload", is_any },
	/* The C library has a default for it. */
	{ "openat", "/etc/nsswitch.conf", is_library_open },
	/* The C library asks for other names of the language. */
	{ "openat", "/usr/share/locale/locale.alias", is_library_open },
	/* libselinux asks whether SELinux is on. */
	{ "openat", "/proc/filesystems", is_library_open },
	{ "openat", "/proc/mounts", is_library_open },
	{ "statfs", "/sys/fs/selinux", is_any },
	{ "statfs", "/selinux", is_any },
	{ "access", "/etc/selinux/config", is_any },
	/* grep asks where its stack ends. */
	{ "openat", "/proc/self/maps", is_any },
	/* The C library names a thread. */
	{ "openat", "/proc/self/task/#/comm", is_any },
	/* The C library asks where the program is. */
	{ "readlink", "/proc/self/exe", is_any },
	/* Go asks for the size of large pages. */
	{ "openat", "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
	    is_any },
	/* The C library asks how memory is given. */
	{ "openat", "/proc/sys/vm/overcommit_memory", is_any },
};
/* clang-format on */

static bool
is_path(const char *path, const char *pattern)
{
	long matched = path_match(path, pattern, strlen(pattern));

	return matched >= 0 && path[matched] == '\0';
}

bool
probe_is(const struct arch *arch, const struct call *call, const char *path)
{
	const char *name = arch_name(arch, call->nr);

	for (size_t i = 0; name != NULL && i < ARRAY_SIZE(probes); i++) {
		if (strcmp(probes[i].call, name) != 0 || !probes[i].holds(call))
			continue;
		if (probes[i].path == NULL ||
		    (path != NULL && is_path(path, probes[i].path)))
			return true;
	}
	return false;
}
