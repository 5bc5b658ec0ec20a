/* SPDX-License-Identifier: ISC */
/* What the tests of libpledge share: each case is a child's, as either user. */
#ifndef TESTS_LIBPLEDGE_CASES_H
#define TESTS_LIBPLEDGE_CASES_H

#include <errno.h>
#include <grp.h>
#include <pledge.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/child.h"
#include "../unit/tap.h"

#define NOBODY 65534
#define KILLED (128 + SIGSYS)

/* In a case: what must hold; the line is said otherwise. */
#define EXPECT(truth)                                            \
 do {                                                            \
  if (!(truth)) {                                                \
   int saved_ = errno;                                           \
   (void)dprintf(1, "# line %d: %s: %s; %s\n", __LINE__, #truth, \
       strerror(saved_), pledge_detail());                       \
   return 1;                                                     \
  }                                                              \
 } while (0)

/* The last call must have failed, with ERR. */
#define FAILS(call, err) EXPECT((call) == -1 && errno == (err))

static char case_directory[] = "/tmp/libpledge.XXXXXX";

/* A directory for everybody, which is the working directory. */
__attribute__((unused)) static void
make_directory(void)
{
	if (mkdtemp(case_directory) == NULL ||
	    chmod(case_directory, 01777) == -1 || chdir(case_directory) == -1) {
		perror(case_directory);
		exit(1);
	}
}

__attribute__((unused)) static void
remove_directory(void)
{
	char command[sizeof(case_directory) + 16];

	snprintf(command, sizeof(command), "rm -rf %s", case_directory);
	if (chdir("/") == -1 || system(command) != 0)
		perror(case_directory);
}

/* As another user, without powers over files. */
__attribute__((unused)) static int
become_nobody(void)
{
	return setgroups(0, NULL) == -1 ||
	               setresgid(NOBODY, NOBODY, NOBODY) == -1 ||
	               setresuid(NOBODY, NOBODY, NOBODY) == -1
	           ? -1
	           : 0;
}

struct case_run {
	int (*act)(void);
	bool nobody;
};

__attribute__((unused)) static int
act_case(void *context)
{
	const struct case_run *run = context;
	const struct rlimit none = { 0, 0 };
	char name[64];

	setrlimit(RLIMIT_CORE, &none);
	alarm(HANG);
	/* Each case has a directory of its own. */
	if (run->nobody && become_nobody() == -1)
		return 120;
	snprintf(name, sizeof(name), "%d", (int)getpid());
	if (mkdir(name, 0700) == -1 || chdir(name) == -1)
		return 121;
	return run->act();
}

/* One TAP line for each user. */
__attribute__((unused)) static void
run_case(const char *number, const char *text, int (*act)(void), int expect)
{
	static const char *const users[] = { "root", "nobody" };
	int status;

	for (int i = 0; i < 2; i++) {
		struct case_run run = { act, i == 1 && geteuid() == 0 };

		if (i == 0 && geteuid() != 0) {
			skip(text, "not root");
			continue;
		}
		status = in_child(act_case, &run);
		ok(status == expect, "%s %s (%s)", number, text, users[i]);
		if (status != expect)
			note("status %d, expected %d", status, expect);
	}
}

#endif
