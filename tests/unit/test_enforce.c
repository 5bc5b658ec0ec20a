/* SPDX-License-Identifier: ISC */
/* Filters, capabilities and descriptors given up, by a child at a time. */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "base/table.h"
#include "enforce/caps.h"
#include "enforce/fds.h"
#include "enforce/landlock.h"
#include "enforce/seccomp.h"
#include "kernel/features.h"
#include "kernel/landlock.h"
#include "sandbox/landlock.h"

#include "child.h"
#include "tap.h"

#define NOBODY 65534

static struct features features;
static struct program program;
static struct landlock_plan plan;

/* CALL is answered with ERR, all others are allowed. */
static void
make_program(unsigned int call, unsigned int err)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	memcpy(program.code, code, sizeof(code));
	program.length = ARRAY_SIZE(code);
}

/* Where the acts below return from, to tell which line it was. */
#define EXPECT(condition)                                                      \
 do {                                                                          \
  if (!(condition)) {                                                          \
   fprintf(stderr, "# line %d: %s (errno %d)\n", __LINE__, #condition, errno); \
   return 1;                                                                   \
  }                                                                            \
 } while (0)

static int
act_filter(void *context)
{
	struct diag diag = { 0 };

	(void)context;
	EXPECT(getppid() > 0);
	make_program(SYS_getppid, EDOM);
	EXPECT(enforce_no_new_privs(&diag) == 0);
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1);
	EXPECT(enforce_seccomp(&program, 0, &diag) == 0);
	EXPECT(syscall(SYS_getppid) == -1 && errno == EDOM);
	EXPECT(getpid() > 0);
	return 0;
}

static int
act_filter_refused(void *context)
{
	struct diag diag = { 0 };

	(void)context;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 0) {
		/* CAP_SYS_ADMIN would do as well. */
		EXPECT(geteuid() != 0 || enforce_caps(0, &diag) == 0);
		make_program(SYS_getppid, EDOM);
		EXPECT(enforce_seccomp(&program, 0, &diag) == -EACCES);
		EXPECT(strstr(diag.text, "no_new_privs") != NULL);
	}
	EXPECT(enforce_no_new_privs(&diag) == 0);
	program.length = 0;
	EXPECT(enforce_seccomp(&program, 0, &diag) == -EINVAL);
	make_program(SYS_getppid, EDOM);
	EXPECT(enforce_seccomp(&program, 1U << 31, &diag) == -EINVAL);
	EXPECT(syscall(SYS_getppid) != -1);
	return 0;
}

/* One after another, each a layer that all calls go through. */
static int
act_filter_stack(void *context)
{
	struct diag diag = { 0 };
	int layers = 0;

	(void)context;
	make_program(SYS_getppid, EDOM);
	for (unsigned short i = 4; i < BPF_MAXINSNS; i++)
		program.code[i] = program.code[3];
	program.length = BPF_MAXINSNS;
	EXPECT(enforce_no_new_privs(&diag) == 0);
	while (layers < 100 && enforce_seccomp(&program, 0, &diag) == 0)
		layers++;
	EXPECT(layers > 0 && layers < 100);
	EXPECT(diag.err == ENOMEM && strstr(diag.text, "too many") != NULL);
	return 0;
}

static int
act_listener(void *context)
{
	struct diag diag = { 0 };
	int fd;

	(void)context;
	make_program(SYS_getppid, EDOM);
	EXPECT(enforce_no_new_privs(&diag) == 0);
	fd = enforce_seccomp(&program, SECCOMP_FILTER_FLAG_NEW_LISTENER, &diag);
	EXPECT(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	EXPECT(enforce_seccomp(&program, SECCOMP_FILTER_FLAG_NEW_LISTENER,
	           &diag) == -EBUSY);
	EXPECT(strstr(diag.text, "watched") != NULL);
	return 0;
}

/* A thread, told by the pipes when to go on. */
struct other {
	int ready[2], go[2];
	bool filter; /* takes one of its own first */
	int result;
};

static void *
run_other(void *context)
{
	struct other *other = context;
	char byte = 0;

	if (other->filter && enforce_seccomp(&program, 0, NULL) < 0)
		return NULL;
	if (write(other->ready[1], &byte, 1) != 1 ||
	    read(other->go[0], &byte, 1) != 1)
		return NULL;
	other->result = syscall(SYS_getppid) == -1 ? errno : -1;
	return NULL;
}

static int
act_tsync(void *context)
{
	struct other other = { .filter = context != NULL };
	struct diag diag = { 0 };
	pthread_t thread;
	char byte = 0;
	int result;

	EXPECT(pipe(other.ready) == 0 && pipe(other.go) == 0);
	EXPECT(enforce_no_new_privs(&diag) == 0);
	make_program(SYS_getppid, EDOM);
	EXPECT(pthread_create(&thread, NULL, run_other, &other) == 0);
	EXPECT(read(other.ready[0], &byte, 1) == 1);
	result = enforce_seccomp(&program, SECCOMP_FILTER_FLAG_TSYNC, &diag);
	EXPECT(write(other.go[1], &byte, 1) == 1);
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT(other.result == EDOM);
	if (!other.filter) {
		EXPECT(result == 0);
		EXPECT(syscall(SYS_getppid) == -1 && errno == EDOM);
		return 0;
	}
	EXPECT(result == -EBUSY && strstr(diag.text, "thread ") != NULL);
	EXPECT(syscall(SYS_getppid) != -1);
	return 0;
}

static void *
map_writable(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static int
act_mdwe(void *context)
{
	struct diag diag = { 0 };
	void *before = map_writable(), *after = map_writable();

	(void)context;
	EXPECT(before != NULL && after != NULL);
	EXPECT(mprotect(before, 4096, PROT_READ | PROT_EXEC) == 0);
	EXPECT(enforce_mdwe(&diag) == 0);
	EXPECT(mprotect(after, 4096, PROT_READ | PROT_EXEC) == -1 &&
	       errno == EACCES);
	EXPECT(enforce_mdwe(&diag) == 0); /* again is fine */
	return 0;
}

static void
test_seccomp(void)
{
	static char filtered[] = "filtered";

	if (!features.has[FEATURE_SECCOMP]) {
		skip("filters", "this kernel has none");
		return;
	}
	ok(in_child(act_filter, NULL) == 0, "a filter holds and bites");
	ok(in_child(act_filter_refused, NULL) == 0,
	    "a filter that the kernel refuses");
	ok(in_child(act_filter_stack, NULL) == 0, "too many filters");
	ok(in_child(act_tsync, NULL) == 0, "a filter for all threads");
	ok(in_child(act_tsync, filtered) == 0,
	    "another thread has filters of its own");
	if (features.has[FEATURE_NOTIFY])
		ok(in_child(act_listener, NULL) == 0, "one listener, not two");
	else
		skip("one listener, not two", "this kernel has none");
	if (features.has[FEATURE_MDWE])
		ok(in_child(act_mdwe, NULL) == 0,
		    "written memory does not become executable");
	else
		skip("written memory", "this kernel has no MDWE");
}

/* How close_range is answered, and whether /proc can be read. */
struct hindrance {
	const char *name;
	unsigned int err;
	bool hide_proc;
};

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static int
hinder(const struct hindrance *hindrance)
{
	struct diag diag = { 0 };
	int fd;

	EXPECT(enforce_no_new_privs(&diag) == 0);
	make_program(SYS_close_range, hindrance->err);
	if (hindrance->err != 0) {
		EXPECT(enforce_seccomp(&program, 0, &diag) == 0);
		EXPECT(syscall(SYS_close_range, 9000, 9000, 0) == -1 &&
		       errno == (int)hindrance->err);
	}
	if (!hindrance->hide_proc)
		return 0;
	landlock_plan_init(&plan, ll_abi());
	EXPECT(enforce_landlock(&plan, &diag) == 0);
	fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	EXPECT(fd == -1 && errno == EACCES);
	return 0;
}

static int
act_close(void *context)
{
	static const int closed[] = { 3, 4, 6, 7, 9, 10, 300, 301, 900 };
	static const int keep[] = { 302, 5, 8, 5, 1 };
	struct rlimit limit = { 1000, 1000 };
	struct diag diag = { 0 };
	int zero = open("/dev/null", O_RDONLY);

	/* A limit that is lower by then does not save what is above it. */
	EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(closed); i++)
		EXPECT(dup2(zero, closed[i]) == closed[i]);
	for (size_t i = 0; i < ARRAY_SIZE(keep) - 1; i++)
		EXPECT(dup3(0, keep[i], O_CLOEXEC) == keep[i]);
	limit.rlim_cur = limit.rlim_max = 200;
	EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	EXPECT(hinder(context) == 0);
	EXPECT(enforce_close_fds(keep, ARRAY_SIZE(keep), &diag) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(closed); i++)
		EXPECT(!is_open(closed[i]));
	for (size_t i = 0; i < ARRAY_SIZE(keep); i++)
		EXPECT(fcntl(keep[i], F_GETFD) == 0);
	EXPECT(is_open(0) && is_open(2));
	return 0;
}

static int
act_close_all(void *context)
{
	struct diag diag = { 0 };

	(void)context;
	EXPECT(dup2(1, 7) == 7 && dup2(1, 300) == 300);
	EXPECT(enforce_close_fds(NULL, 0, &diag) == 0);
	EXPECT(!is_open(7) && !is_open(300));
	EXPECT(is_open(0) && is_open(1) && is_open(2));
	return 0;
}

static int
act_close_bad(void *context)
{
	static const int keep[] = { 7, 777 };
	struct diag diag = { 0 };

	(void)context;
	EXPECT(dup2(1, 7) == 7 && dup2(1, 8) == 8 && !is_open(777));
	EXPECT(enforce_close_fds(keep, ARRAY_SIZE(keep), &diag) == -EBADF);
	EXPECT(strstr(diag.text, "descriptor 777") != NULL);
	EXPECT(is_open(8));
	return 0;
}

static void
test_close(void)
{
	static const struct hindrance rows[] = {
		{ "by close_range", 0, false },
		{ "without close_range", ENOSYS, false },
		{ "with close_range refused", EPERM, false },
		{ "without close_range and /proc", ENOSYS, true },
	};

	ok(in_child(act_close_all, NULL) == 0, "7 and 300 are closed");
	ok(in_child(act_close_bad, NULL) == 0, "a kept one must be open");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct hindrance row = rows[i];

		if (row.hide_proc && ll_abi() < 1) {
			skip(row.name, "this kernel has no Landlock");
			continue;
		}
		if (row.err != 0 && !features.has[FEATURE_SECCOMP]) {
			skip(row.name, "this kernel has no filters");
			continue;
		}
		ok(in_child(act_close, &row) == 0, "closed %s", row.name);
	}
}

/* Capabilities, as the kernel prints them after an exec. */

enum { INHERITABLE, PERMITTED, EFFECTIVE, BOUNDING, AMBIENT, CAP_SETS };

static const char *const set_names[CAP_SETS] = {
	"CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"
};

static bool
read_status(const char *text, uint64_t sets[CAP_SETS])
{
	const char *found;

	for (int i = 0; i < CAP_SETS; i++) {
		found = strstr(text, set_names[i]);
		if (found == NULL)
			return false;
		sets[i] = strtoull(found + strlen(set_names[i]), NULL, 16);
	}
	return true;
}

struct caps_case {
	uint64_t keep;
	bool enforce, no_new_privs;
	bool change_user; /* to nobody, with capabilities */
	bool no_setpcap;
	int out;
};

/* Makes PERMITTED the permitted and effective set. */
static int
limit_caps(uint64_t permitted)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct words[2] = {
		{ (uint32_t)permitted, (uint32_t)permitted, 0 },
		{ (uint32_t)(permitted >> 32), (uint32_t)(permitted >> 32), 0 },
	};

	return (int)syscall(SYS_capset, &header, words);
}

#define CAP(name) (UINT64_C(1) << CAP_##name)
#define SOME      (CAP(NET_BIND_SERVICE) | CAP(CHOWN))
#define OTHERS    (CAP(KILL) | CAP(SYS_CHROOT))

static int
act_caps(void *context)
{
	const struct caps_case *row = context;
	struct diag diag = { 0 };
	char cat[] = "cat", path[] = "/proc/self/status";

	if (row->change_user) {
		EXPECT(prctl(PR_SET_KEEPCAPS, 1L, 0L, 0L, 0L) == 0);
		EXPECT(setresuid(NOBODY, NOBODY, NOBODY) == 0);
		EXPECT(limit_caps(SOME | OTHERS | CAP(SETPCAP)) == 0);
	}
	if (row->no_setpcap)
		EXPECT(limit_caps(SOME | OTHERS) == 0);
	if (row->no_new_privs)
		EXPECT(enforce_no_new_privs(&diag) == 0);
	if (row->enforce)
		EXPECT(enforce_caps(row->keep, &diag) == 0);
	EXPECT(dup2(row->out, 1) == 1);
	execvp("cat", (char *[]){ cat, path, NULL });
	return 125;
}

/* What a program that is executed by act_caps() is left with. */
static bool
caps_after(struct caps_case row, uint64_t sets[CAP_SETS])
{
	char text[4096];
	int ends[2], status;
	size_t length = 0;
	ssize_t count = 0;

	if (pipe(ends) == -1)
		return false;
	row.out = ends[1];
	status = in_child(act_caps, &row);
	close(ends[1]);
	while (
	    length < sizeof(text) - 1 && (count = read(ends[0], text + length,
	                                      sizeof(text) - 1 - length)) > 0)
		length += (size_t)count;
	close(ends[0]);
	text[length] = '\0';
	return status == 0 && read_status(text, sets);
}

static bool
are_sets(const uint64_t sets[CAP_SETS], uint64_t kept, uint64_t bounding)
{
	for (int i = 0; i < CAP_SETS; i++)
		note("%s %llx", set_names[i], (unsigned long long)sets[i]);
	return sets[PERMITTED] == kept && sets[EFFECTIVE] == kept &&
	       (sets[INHERITABLE] & ~kept) == 0 &&
	       (sets[AMBIENT] & ~kept) == 0 && sets[BOUNDING] == bounding;
}

static void
test_caps_root(void)
{
	uint64_t sets[CAP_SETS] = { 0 }, full;

	ok(caps_after((struct caps_case){ 0 }, sets) &&
	        (sets[PERMITTED] & (SOME | OTHERS)) == (SOME | OTHERS) &&
	        (sets[BOUNDING] & (SOME | OTHERS)) == (SOME | OTHERS),
	    "root has capabilities (unconfined)");
	full = sets[BOUNDING];
	ok(caps_after((struct caps_case){ .enforce = true }, sets) &&
	        are_sets(sets, 0, 0),
	    "root: none left");
	ok(caps_after(
	       (struct caps_case){ .keep = SOME, .enforce = true }, sets) &&
	        are_sets(sets, SOME, SOME),
	    "root: two kept");
	ok(caps_after((struct caps_case){ .keep = SOME | CAP(SETUID),
	                  .enforce = true,
	                  .no_new_privs = true,
	                  .no_setpcap = true },
	       sets) &&
	        are_sets(sets, SOME, full),
	    "root without CAP_SETPCAP: kept, none gained");
	ok(caps_after((struct caps_case){ .no_setpcap = true }, sets) &&
	        sets[PERMITTED] == full,
	    "and gained all (unconfined)");
	ok(caps_after(
	       (struct caps_case){
	           .keep = SOME, .enforce = true, .change_user = true },
	       sets) &&
	        are_sets(sets, SOME, SOME),
	    "another user: two kept");
	ok(caps_after(
	       (struct caps_case){
	           .enforce = true, .no_new_privs = true, .change_user = true },
	       sets) &&
	        are_sets(sets, 0, full),
	    "another user: none left");
}

static int
act_caps_refused(void *context)
{
	struct diag diag = { 0 };

	(void)context;
	EXPECT(geteuid() != 0 || limit_caps(SOME) == 0);
	EXPECT(enforce_caps(0, &diag) == -EPERM);
	EXPECT(strstr(diag.text, "no_new_privs") != NULL);
	EXPECT(enforce_no_new_privs(&diag) == 0);
	EXPECT(enforce_caps(0, &diag) == 0);
	return 0;
}

static void
test_caps(void)
{
	static const char *const root[] = { "root has capabilities",
		"root: none left", "root: two kept",
		"root without CAP_SETPCAP: kept, none gained",
		"and gained all (unconfined)", "another user: two kept",
		"another user: none left" };
	uint64_t sets[CAP_SETS] = { 0 };

	if (prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 0)
		ok(in_child(act_caps_refused, NULL) == 0,
		    "neither CAP_SETPCAP nor no_new_privs is refused");
	else
		skip("neither CAP_SETPCAP nor no_new_privs", "it is set");
	ok(caps_after(
	       (struct caps_case){ .enforce = true, .no_new_privs = true },
	       sets) &&
	        (sets[PERMITTED] | sets[EFFECTIVE] | sets[INHERITABLE] |
	            sets[AMBIENT]) == 0,
	    "whoever runs this: none left");
	if (geteuid() == 0) {
		test_caps_root();
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(root); i++)
		skip(root[i], "not root");
}

int
main(void)
{
	features_probe(&features);
	test_seccomp();
	test_close();
	test_caps();
	return tap_done();
}
