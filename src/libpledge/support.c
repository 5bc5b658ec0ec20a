/* SPDX-License-Identifier: ISC */
#include "libpledge/support.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/table.h"
#include "kernel/features.h"
#include "kernel/landlock.h"
#include "libpledge/record.h"

#define ABI_TRUNCATE 3 /* landlock(7) */
#define ABI_PORTS    4
#define ABI_THREADS  8
#define ABI_UNIX     9

static struct pledge_kernel known;
static atomic_bool probed;

/* Only what no promise forbids: seccomp/narrow and landlock_create_ruleset. */
const struct pledge_kernel *
support_probe(void)
{
	int abi;

	if (atomic_load(&probed))
		return &known;
	abi = ll_abi();
	known.landlock_abi = abi > 0 ? abi : 0;
	known.seccomp = feature_rows[FEATURE_SECCOMP].probe() &&
	                feature_rows[FEATURE_TSYNC].probe();
	known.kill_process = feature_rows[FEATURE_KILL_PROCESS].probe();
	known.all_threads = abi >= ABI_THREADS;
	atomic_store(&probed, true);
	return &known;
}

static bool
lacks_seccomp(const struct pledge_kernel *support)
{
	return !support->seccomp;
}

static bool
lacks_kill(const struct pledge_kernel *support)
{
	return support->seccomp && !support->kill_process;
}

static bool
lacks_landlock(const struct pledge_kernel *support)
{
	return support->landlock_abi == 0;
}

static bool
lacks_truncate(const struct pledge_kernel *support)
{
	return support->landlock_abi > 0 &&
	       support->landlock_abi < ABI_TRUNCATE;
}

static bool
lacks_ports(const struct pledge_kernel *support)
{
	return support->landlock_abi < ABI_PORTS;
}

static bool
lacks_threads(const struct pledge_kernel *support)
{
	return support->landlock_abi > 0 && !support->all_threads;
}

static bool
lacks_unix(const struct pledge_kernel *support)
{
	return support->landlock_abi > 0 && support->landlock_abi < ABI_UNIX;
}

static const struct {
	bool (*applies)(const struct pledge_kernel *support);
	const char *text;
} gaps[] = {
	{ lacks_seccomp, "pledge() fails: no seccomp filters (Linux 3.17)" },
	{ lacks_kill,
	    "a violation ends its thread, not the process (Linux 4.14)" },
	{ lacks_landlock, "unveil() fails, and pledge() with dns, getpw, ps, "
	                  "vminfo or tmppath but without rpath: no Landlock "
	                  "(Linux 5.13)" },
	{ lacks_truncate,
	    "truncate(2) and O_TRUNC do not obey unveil() (Linux 6.2)" },
	{ lacks_ports, "dns without inet has no TCP (Linux 6.7)" },
	{ lacks_threads,
	    "unveil() fails where there are other threads (Linux 7.0)" },
	{ lacks_unix,
	    "the names of Unix sockets do not obey unveil() (Linux 7.1)" },
};

PUBLIC int
pledge_support(struct pledge_kernel *support, size_t size)
{
	const struct pledge_kernel *now = support_probe();
	int count = 0;

	forget_detail();
	/* A program may be older than the library, or younger. */
	if (support != NULL && size > sizeof(*now))
		memset((char *)support + sizeof(*now), 0, size - sizeof(*now));
	if (support != NULL)
		memcpy(support, now, size < sizeof(*now) ? size : sizeof(*now));
	for (size_t i = 0; i < ARRAY_SIZE(gaps); i++)
		count += gaps[i].applies(now);
	return count;
}

PUBLIC const char *
pledge_gap(int index)
{
	const struct pledge_kernel *now = support_probe();

	for (size_t i = 0; i < ARRAY_SIZE(gaps); i++)
		if (gaps[i].applies(now) && index-- == 0)
			return gaps[i].text;
	return NULL;
}
