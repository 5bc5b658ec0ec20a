/* SPDX-License-Identifier: ISC */
#include "kernel/landlock.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* One number on every architecture but alpha; older C libraries lack them. */
#ifndef SYS_landlock_create_ruleset
# define SYS_landlock_create_ruleset 444
# define SYS_landlock_add_rule       445
# define SYS_landlock_restrict_self  446
#endif

#define CREATE_RULESET_VERSION (1U << 0)
#define RULE_PATH_BENEATH      1
#define RULE_NET_PORT          2

struct ruleset_attr {
	uint64_t handled_fs;
	uint64_t handled_net; /* ABI 4 */
	uint64_t scoped;      /* ABI 6 */
};

/* Twelve bytes: the kernel's structure is packed. */
struct path_beneath_attr {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

struct net_port_attr {
	uint64_t allowed;
	uint64_t port; /* host byte order */
};

static int
result(long returned)
{
	return returned == -1 ? -errno : (int)returned;
}

int
ll_abi(void)
{
	return result(syscall(
	    SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION));
}

int
ll_create_ruleset(uint64_t fs, uint64_t net, uint64_t scope)
{
	struct ruleset_attr attr = { fs, net, scope };

	/* An older kernel takes a longer structure, if what it does not know
	 * is zero. */
	return result(
	    syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0));
}

int
ll_add_path(int ruleset, int parent, uint64_t access)
{
	struct path_beneath_attr attr = { access, parent };

	return result(syscall(
	    SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0));
}

int
ll_add_port(int ruleset, uint64_t port, uint64_t access)
{
	struct net_port_attr attr = { access, port };

	return result(
	    syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &attr, 0));
}

int
ll_restrict_self(int ruleset, uint32_t flags)
{
	return result(syscall(SYS_landlock_restrict_self, ruleset, flags));
}
