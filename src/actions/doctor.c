/* SPDX-License-Identifier: ISC */
#include "actions/doctor.h"

#include <errno.h>
#include <sys/utsname.h>

#include "compile/landlock.h"
#include "json/write.h"
#include "kernel/features.h"

static bool
is_complete(const struct features *features)
{
	return features->has[FEATURE_SECCOMP] && features->landlock_abi > 0;
}

static const char *
landlock_absence(int err)
{
	switch (err) {
	case ENOSYS:
		return "this kernel is older than 5.13, or built without it";
	case EOPNOTSUPP:
		return "built in, but off: add \"landlock\" to lsm= on the "
		       "kernel's command line";
	case EPERM:
		return "refused: a container's own filter forbids it";
	default:
		return "not available";
	}
}

static void
describe_landlock(const struct features *features, struct strbuf *buf)
{
	int abi = features->landlock_abi;

	if (abi == 0) {
		strbuf_printf(buf, "%-18s no   %s\n", "landlock",
		    landlock_absence(features->landlock_errno));
		return;
	}
	strbuf_printf(buf, "%-18s yes  ABI %d: paths%s%s%s%s%s\n", "landlock",
	    abi, abi >= 3 ? ", truncation" : "", abi >= 4 ? ", TCP ports" : "",
	    abi >= 5 ? ", device ioctls" : "", abi >= 6 ? ", signals" : "",
	    abi >= 9 ? ", Unix sockets" : "");
}

bool
doctor_describe(struct strbuf *buf)
{
	struct features features;
	struct utsname name;

	features_probe(&features);
	if (uname(&name) == 0)
		strbuf_printf(buf, "%-18s      %s %s\n", "kernel", name.release,
		    name.machine);
	describe_landlock(&features, buf);
	for (int i = 0; i < FEATURE_COUNT; i++)
		strbuf_printf(buf, "%-18s %-4s %s (Linux %s)\n",
		    feature_rows[i].name, features.has[i] ? "yes" : "no",
		    feature_rows[i].text, feature_rows[i].since);
	return is_complete(&features);
}

bool
doctor_describe_json(struct strbuf *buf)
{
	struct json_writer json = { .buf = buf };
	struct features features;
	struct utsname name;

	features_probe(&features);
	json_open(&json, NULL, '{');
	if (uname(&name) == 0)
		json_string(&json, "kernel", name.release);
	json_number(&json, "landlock_abi", features.landlock_abi);
	for (int i = 0; i < FEATURE_COUNT; i++)
		json_bool(&json, feature_rows[i].name, features.has[i]);
	json_bool(&json, "complete", is_complete(&features));
	json_close(&json, '}');
	strbuf_putc(buf, '\n');
	return is_complete(&features);
}
