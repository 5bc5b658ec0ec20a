/* SPDX-License-Identifier: ISC */
#include "sandbox/gaps.h"

#include <errno.h>
#include <stdio.h>

#include "base/table.h"

#define LONGEST_VERSION 32

/* What the rows below look at. */
struct view {
	const struct sandbox_request *request;
	promise_set promises;
	unsigned int when;
};

static bool
hides_paths(const struct view *view)
{
	return !view->request->policy->no_unveil;
}

/* Read-only open for the loader's files, and no Landlock to say which. */
static bool
has_grace(const struct view *view)
{
	return !hides_paths(view) && (view->when & WHEN_GRACE) &&
	       !(view->promises & PROMISE(RPATH));
}

static bool
has_ports(const struct view *view)
{
	return (view->when & WHEN_PORTS) != 0;
}

static bool
serves_only(const struct view *view)
{
	return !(view->promises & PROMISE(INET));
}

/* The system call connect belongs to these as well, for any socket. */
static bool
serves_and_connects(const struct view *view)
{
	const promise_set connecting = PROMISE(UNIX) | PROMISE(DNS) |
	                               PROMISE(NETLINK) | PROMISE(ROUTE) |
	                               PROMISE(WROUTE);

	return serves_only(view) && (view->promises & connecting);
}

/* What reaches into it by /proc is a file, and a domain of Landlock's keeps
 * from it. */
static bool
is_launched(const struct view *view)
{
	return view->request->launch;
}

/*
 * Where nothing else stands in for a feature: the launch is refused, or, if
 * what stays open is bearable, the user is told.  A row counts with one of its
 * words (0: with any), and if it applies (NULL: always).
 *
 * The sentence is LACKS, the version that has it, and TEXT.  Without any
 * Landlock it begins with why there is none; LACKS is NULL, if that is so in
 * any case, and "", if TEXT is a sentence by itself.
 */
static const struct gap_rule {
	enum feature feature;
	promise_set words;
	bool (*applies)(const struct view *view);
	bool refuse;
	const char *lacks, *text;
} rules[] = {
	{ FEATURE_SECCOMP, 0, NULL, true, "this kernel has no seccomp filters",
	    ", so promises cannot be enforced" },
	{ FEATURE_LANDLOCK, 0, hides_paths, true, NULL,
	    ", so paths cannot be hidden; -V runs without hiding paths" },
	{ FEATURE_LANDLOCK, 0, has_grace, true, "",
	    "without Landlock the program's start cannot be limited to the "
	    "loader's files; promise rpath as well" },
	{ FEATURE_PORTS, 0, has_ports, true,
	    "this kernel's Landlock has no port rules",
	    ", so --connect and --bind cannot be enforced" },
	{ FEATURE_PORTS, PROMISE(ANET), serves_and_connects, true,
	    "this kernel's Landlock knows no ports",
	    ", so with another word that connects (unix, dns, netlink, route, "
	    "wroute), \"anet\" could connect by TCP to anyone" },
	{ FEATURE_PORTS, PROMISE(ANET), serves_only, false,
	    "this kernel's Landlock knows no ports",
	    ", so sockets of \"anet\" are held back from connecting by their "
	    "system calls alone" },
	{ FEATURE_SCOPES, PROMISE(PROC), NULL, false,
	    "this kernel does not keep signals inside",
	    ": with \"proc\", processes outside can be signalled" },
	{ FEATURE_LANDLOCK, PROMISE(RPATH) | PROMISE(WPATH), is_launched, false,
	    NULL,
	    ": the memory of other processes of an ordinary user's is in "
	    "reach, by /proc/PID/mem" },
	{ FEATURE_SCOPES, PROMISE(UNIX), NULL, false,
	    "this kernel does not hide abstract Unix sockets",
	    ": with \"unix\", abstract sockets of other programs are in "
	    "reach" },
	{ FEATURE_UNIX_NAMES, PROMISE(UNIX), NULL, false,
	    "this kernel does not hide the names of Unix sockets",
	    ": with \"unix\", D-Bus or docker.sock may be in reach" },
};

static bool
is_open(const struct view *view, const struct gap_rule *rule)
{
	return !features_has(view->request->features, rule->feature) &&
	       (rule->words == 0 || (view->promises & rule->words)) &&
	       (rule->applies == NULL || rule->applies(view));
}

/* What lacks, and "" or the version that has it, to stand before the text. */
static const char *
find_lack(const struct features *features, const struct gap_rule *rule,
    char version[LONGEST_VERSION])
{
	const struct feature_row *row = &feature_rows[rule->feature];

	version[0] = '\0';
	if (rule->lacks != NULL && *rule->lacks == '\0')
		return "";
	if (row->abi > 0 && !features_has(features, FEATURE_LANDLOCK))
		return features_landlock_lack(features)->text;
	snprintf(version, LONGEST_VERSION, " (Linux %s)", row->since);
	return rule->lacks;
}

int
gaps_check(
    const struct sandbox_request *request, unsigned int when, struct diag *diag)
{
	const struct view view = { request, policy_promises(request->policy),
		when };

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		char version[LONGEST_VERSION];
		const char *lack;

		if (!is_open(&view, &rules[i]))
			continue;
		lack = find_lack(request->features, &rules[i], version);
		if (rules[i].refuse && !request->best_effort)
			return diag_set(diag, ENOTSUP, "%s%s%s", lack, version,
			    rules[i].text);
		diag_warn(diag, "%s%s%s%s",
		    rules[i].refuse ? "not enforced: " : "", lack, version,
		    rules[i].text);
	}
	return 0;
}
