/* SPDX-License-Identifier: ISC */
#include "libpledge/support.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/table.h"
#include "kernel/features.h"
#include "libpledge/record.h"

static struct pledge_kernel known;
static struct features features; /* as far as it is known */
static atomic_bool probed;

/* Only what no promise forbids: seccomp/narrow, landlock_create_ruleset,
 * prctl(PR_GET_SECCOMP). */
const struct pledge_kernel *
support_probe(void)
{
	static const enum feature probes[] = { FEATURE_SECCOMP, FEATURE_TSYNC,
		FEATURE_KILL_PROCESS };

	if (atomic_load(&probed))
		return &known;
	features_probe_landlock(&features);
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		features.has[probes[i]] = feature_rows[probes[i]].probe();
	/* All threads take a filter, or none does. */
	features.has[FEATURE_SECCOMP] &= features.has[FEATURE_TSYNC];
	known.landlock_abi = features.landlock_abi;
	known.seccomp = support_has(FEATURE_SECCOMP);
	known.kill_process = support_has(FEATURE_KILL_PROCESS);
	known.all_threads = support_has(FEATURE_THREADS);
	atomic_store(&probed, true);
	return &known;
}

bool
support_has(enum feature feature)
{
	return features_has(&features, feature);
}

/* The sentence on FEATURE; NULL: it is there, or another's says enough. */
static const char *
find_gap(enum feature feature)
{
	const struct feature_row *row = &feature_rows[feature];
	enum feature whole = row->abi > 0 ? FEATURE_LANDLOCK : FEATURE_SECCOMP;

	if (row->library == NULL || support_has(feature))
		return NULL;
	if (feature == FEATURE_LANDLOCK)
		return features_landlock_lack(&features)->library;
	return feature == whole || row->alone || support_has(whole)
	           ? row->library
	           : NULL;
}

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
	for (int i = 0; i < FEATURE_COUNT; i++)
		count += find_gap((enum feature)i) != NULL;
	return count;
}

PUBLIC const char *
pledge_gap(int index)
{
	const char *text;

	support_probe();
	for (int i = 0; i < FEATURE_COUNT; i++) {
		text = find_gap((enum feature)i);
		if (text != NULL && index-- == 0)
			return text;
	}
	return NULL;
}
