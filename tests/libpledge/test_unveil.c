/* SPDX-License-Identifier: ISC */
/* unveil(), in each case with what it must let through.  Numbers: see
 * test_promises.c. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "../../src/base/table.h"
#include "cases.h"

static const char *image;

static int
touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0755);

	return fd == -1 || write(fd, "x", 1) != 1 || close(fd) == -1 ? -1 : 0;
}

/* d1/file, d1/sub/file, d2/file, d2/secret. */
static int
make_files(void)
{
	return mkdir("d1", 0755) == -1 || mkdir("d1/sub", 0755) == -1 ||
	               mkdir("d2", 0755) == -1 || touch("d1/file") == -1 ||
	               touch("d1/sub/file") == -1 || touch("d2/file") == -1 ||
	               touch("d2/secret") == -1
	           ? -1
	           : 0;
}

static int
copy_image(const char *to)
{
	char command[8192];

	snprintf(command, sizeof(command), "cp %s %s", image, to);
	return system(command);
}

static int
readable(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd == -1)
		return -1;
	return close(fd);
}

static int
run(const char *path)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		execl(path, path, "compute", (char *)NULL);
		_exit(errno);
	}
	if (waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
lock(void)
{
	return unveil(NULL, NULL);
}

static int
nothing_before_lock(void)
{
	EXPECT(make_files() == 0);
	EXPECT(unveil("d1", "r") == 0);
	EXPECT(readable("d2/file") == 0);
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 0);
	EXPECT(lock() == 0);
	EXPECT(readable("d1/file") == 0);
	FAILS(readable("d2/file"), EACCES);
	EXPECT(open("/", O_PATH) != -1 && access("/", F_OK) == 0);
	FAILS(unveil("d2", "r"), EPERM);
	EXPECT(lock() == 0);
	return 0;
}

static int
locked_by_pledge(void)
{
	EXPECT(make_files() == 0);
	EXPECT(unveil("d1", "r") == 0);
	EXPECT(pledge("stdio rpath unveil", NULL) == 0);
	EXPECT(readable("d2/file") == 0);
	EXPECT(unveil("d2/file", "r") == 0);
	EXPECT(pledge("stdio rpath", NULL) == 0);
	EXPECT(readable("d1/file") == 0 && readable("d2/file") == 0);
	FAILS(readable("d2/secret"), EACCES);
	FAILS(unveil("d2", "r"), EPERM);
	/* A word's own files stay. */
	EXPECT(readable("/dev/null") == 0);
	return 0;
}

static int
locked_without_paths(void)
{
	EXPECT(pledge("stdio rpath", NULL) == 0);
	EXPECT(readable("/etc/passwd") == 0);
	FAILS(unveil("/etc", "r"), EPERM);
	EXPECT(lock() == 0);
	EXPECT(readable("/etc/passwd") == 0);
	return 0;
}

static int
unveil_without_rpath(void)
{
	EXPECT(pledge("stdio unveil", NULL) == 0);
	EXPECT(unveil("/etc//passwd", "r") == 0);
	FAILS(unveil(".", "r"), EPERM);
	EXPECT(lock() == 0);
	open("/etc/passwd", O_RDONLY);
	return 1;
}

static int
execute_rx(void)
{
	EXPECT(mkdir("d", 0755) == 0 && copy_image("d/image") == 0);
	EXPECT(run("d/image") == 42);
	EXPECT(unveil("d", "rx") == 0 && lock() == 0);
	EXPECT(run("d/image") == 42);
	return 0;
}

static int
execute_r(void)
{
	EXPECT(mkdir("d", 0755) == 0 && copy_image("d/image") == 0);
	EXPECT(unveil("d", "r") == 0 && lock() == 0);
	EXPECT(run("d/image") == EACCES);
	EXPECT(run("/bin/true") == EACCES);
	return 0;
}

static int
execute_dynamic(void)
{
	EXPECT(unveil("/bin/true", "x") == 0 && lock() == 0);
	EXPECT(run("/bin/true") == 0);
	EXPECT(run("/bin/false") == EACCES);
	FAILS(readable("/etc/passwd"), EACCES);
	/* Difference: the kernel reads what it executes. */
	EXPECT(readable("/bin/true") == 0);
	return 0;
}

static int
independent_sets(void)
{
	int status;
	pid_t child;

	EXPECT(make_files() == 0);
	child = fork();
	if (child == 0)
		_exit(unveil("d1", "r") == 0 && lock() == 0 &&
		              readable("d1/file") == 0 &&
		              readable("d2/file") == -1
		          ? 0
		          : 1);
	EXPECT(waitpid(child, &status, 0) == child && status == 0);
	EXPECT(unveil("d2", "r") == 0 && lock() == 0);
	EXPECT(readable("d2/file") == 0);
	FAILS(readable("d1/file"), EACCES);
	/* 3b-18: a child inherits. */
	child = fork();
	if (child == 0)
		_exit(readable("d1/file") == -1 && readable("d2/file") == 0
		          ? 0
		          : 1);
	EXPECT(waitpid(child, &status, 0) == child && status == 0);
	return 0;
}

static int
create_rwc(void)
{
	EXPECT(mkdir("d", 0755) == 0 && copy_image("image") == 0);
	EXPECT(unveil("d", "rwc") == 0 && unveil("image", "r") == 0);
	EXPECT(lock() == 0);
	EXPECT(touch("d/new") == 0);
	FAILS(touch("new"), EACCES);
	EXPECT(run("d/new") == EACCES);
	return 0;
}

static int
create_rwcx(void)
{
	char bytes[4096];
	ssize_t count;
	int in, out;

	EXPECT(mkdir("d", 0755) == 0);
	EXPECT(unveil("d", "rwcx") == 0 && unveil(image, "r") == 0);
	EXPECT(lock() == 0);
	in = open(image, O_RDONLY);
	out = open("d/new", O_WRONLY | O_CREAT, 0755);
	EXPECT(in != -1 && out != -1);
	while ((count = read(in, bytes, sizeof(bytes))) > 0)
		EXPECT(write(out, bytes, (size_t)count) == count);
	close(in);
	close(out);
	EXPECT(run("d/new") == 42);
	return 0;
}

static int
opened_directory(void)
{
	int directory;

	EXPECT(make_files() == 0);
	directory = open("d2", O_RDONLY | O_DIRECTORY);
	EXPECT(openat(directory, "file", O_RDONLY) != -1);
	EXPECT(unveil("d1", "r") == 0 && lock() == 0);
	FAILS(openat(directory, "file", O_RDONLY), EACCES);
	return 0;
}

static int
nothing_unveiled(void)
{
	EXPECT(make_files() == 0);
	EXPECT(lock() == 0);
	FAILS(readable("d1/file"), EACCES);
	FAILS(readable("/proc/self/cmdline"), EACCES);
	FAILS(readable("/etc/passwd"), EACCES);
	return 0;
}

static int
less_below(void)
{
	EXPECT(make_files() == 0);
	EXPECT(unveil("d1", "rw") == 0);
	FAILS(unveil("d1/sub", "r"), ENOTSUP);
	EXPECT(strstr(pledge_detail(), "d1/sub") != NULL);
	FAILS(unveil(".", "rwc"), ENOTSUP);
	EXPECT(unveil(".", "r") == 0);
	EXPECT(unveil("d2", "rwc") == 0);
	EXPECT(lock() == 0);
	EXPECT(touch("d2/new") == 0 && readable("d1/sub/file") == 0);
	FAILS(touch("d1/new"), EACCES);
	return 0;
}

static int
union_below(void)
{
	EXPECT(make_files() == 0 && copy_image("d1/image") == 0 &&
	       copy_image("d1/sub/image") == 0);
	EXPECT(pledge_option(PLEDGE_UNVEIL_UNION, 1) == 0);
	EXPECT(unveil("d1", "x") == 0 && unveil("d1/sub", "r") == 0);
	EXPECT(lock() == 0);
	EXPECT(run("d1/sub/image") == 42);
	EXPECT(opendir("d1/sub") != NULL);
	EXPECT(opendir("d1") == NULL);
	return 0;
}

static int
truncates(void)
{
	struct pledge_kernel support;
	struct stat status;
	int fd;

	EXPECT(make_files() == 0);
	pledge_support(&support, sizeof(support));
	EXPECT(truncate("d2/file", 1) == 0);
	EXPECT(unveil("d1", "rw") == 0 && lock() == 0);
	EXPECT(truncate("d1/file", 0) == 0);
	if (support.landlock_abi >= 3)
		FAILS(truncate("d2/file", 0), EACCES);
	EXPECT(stat("d2/file", &status) == 0);
	EXPECT(support.landlock_abi < 3 || status.st_size == 1);
	fd = open("d2/file", O_PATH);
	FAILS(ftruncate(fd, 0), EBADF);
	return 0;
}

static int
pledged_and_unveiled(void)
{
	EXPECT(make_files() == 0);
	EXPECT(pledge("stdio rpath unveil", NULL) == 0);
	EXPECT(unveil("d1", "r") == 0 && lock() == 0);
	EXPECT(readable("d1/file") == 0);
	FAILS(readable("d2/file"), EACCES);
	socket(AF_UNIX, SOCK_STREAM, 0);
	return 1;
}

static int thread_errno;

static void *
read_hidden(void *unused)
{
	thread_errno = readable("d2/file") == -1 ? errno : 0;
	return unused;
}

static int
thread_inherits(void)
{
	pthread_t thread;

	EXPECT(make_files() == 0);
	EXPECT(unveil("d1", "r") == 0 && lock() == 0);
	EXPECT(pthread_create(&thread, NULL, read_hidden, NULL) == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT(thread_errno == EACCES);
	return 0;
}

static void *
hide_all(void *unused)
{
	thread_errno = lock() == -1 ? errno : 0;
	return unused;
}

/* All threads, or none: never the one that asks alone. */
static int
thread_hides(void)
{
	struct pledge_kernel support;
	pthread_t thread;

	EXPECT(make_files() == 0);
	pledge_support(&support, sizeof(support));
	EXPECT(pthread_create(&thread, NULL, hide_all, NULL) == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT(thread_errno == (support.all_threads ? 0 : ENOTSUP));
	EXPECT(readable("d2/file") == (support.all_threads ? -1 : 0));
	return 0;
}

static int
hundred_files(void)
{
	char name[32];

	for (int i = 0; i < 110; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		EXPECT(touch(name) == 0);
		if (i < 100)
			EXPECT(unveil(name, "r") == 0);
	}
	EXPECT(lock() == 0);
	for (int i = 0; i < 110; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		EXPECT(readable(name) == (i < 100 ? 0 : -1));
	}
	return 0;
}

static int
too_many(void)
{
	char name[32];

	for (int i = 0; i < 129; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		EXPECT(touch(name) == 0);
		if (i < 128)
			EXPECT(unveil(name, "r") == 0);
	}
	FAILS(unveil(name, "r"), E2BIG);
	EXPECT(lock() == 0 && readable("f127") == 0);
	return 0;
}

static int
renames_inside(void)
{
	EXPECT(make_files() == 0);
	EXPECT(unveil("d1", "rwc") == 0 && unveil("d2", "r") == 0);
	EXPECT(lock() == 0);
	EXPECT(rename("d1/file", "d1/sub/moved") == 0);
	EXPECT(rename("d1/sub/moved", "d2/moved") == -1);
	EXPECT(link("d1/sub/file", "d1/linked") == 0);
	EXPECT(link("d2/file", "d1/stolen") == -1);
	return 0;
}

static int
spellings(void)
{
	int directory;

	EXPECT(make_files() == 0);
	directory = open(".", O_RDONLY | O_DIRECTORY);
	EXPECT(unveil("d1//./sub/../sub", "rwc") == 0);
	for (int i = 0; i < 30; i++) {
		char name[32];

		snprintf(name, sizeof(name), "missing%d", i);
		EXPECT(unveil(name, "r") == 0);
	}
	EXPECT(unveil("d1/sub", "r") == 0);
	FAILS(unveil("d1/sub", "rw"), EPERM);
	EXPECT(lock() == 0);
	EXPECT(readable("d1//sub/./file") == 0);
	EXPECT(openat(directory, "d1/sub/file", O_RDONLY) != -1);
	FAILS(openat(directory, "d2/file", O_RDONLY), EACCES);
	FAILS(touch("d1/sub/new"), EACCES);
	return 0;
}

static int
climbing(void)
{
	EXPECT(make_files() == 0);
	EXPECT(unveil("d1", "r") == 0 && lock() == 0);
	EXPECT(opendir("d1/sub/..") != NULL);
	EXPECT(opendir("d1/sub/../sub") != NULL);
	EXPECT(opendir("d1/../d1") != NULL);
	EXPECT(opendir("d1/..") == NULL && errno == EACCES);
	EXPECT(chdir("d1/sub") == 0);
	EXPECT(readable("../file") == 0);
	FAILS(readable("../../d2/file"), EACCES);
	EXPECT(access("../file", F_OK) == 0);
	/* Difference: names are not hidden, only what is behind them. */
	EXPECT(access("../../d2/file", F_OK) == 0 && chdir("../../d2") == 0);
	return 0;
}

static int
cleared(void)
{
	EXPECT(make_files() == 0);
	EXPECT(unveil("d1", "rwc") == 0 && unveil("d1", "") == 0);
	EXPECT(unveil("d2", "r") == 0 && lock() == 0);
	FAILS(readable("d1/file"), EACCES);
	EXPECT(readable("d2/file") == 0);
	return 0;
}

static int
flags(void)
{
	EXPECT(make_files() == 0);
	EXPECT(unveil("d1/file", "r") == 0 && unveil("d2/file", "rw") == 0);
	EXPECT(unveil("d2/secret", "x") == 0 && lock() == 0);
	FAILS(open("d1/file", O_RDWR), EACCES);
	EXPECT(open("d2/file", O_RDWR) != -1);
	FAILS(open("d2/secret", O_WRONLY), EACCES);
	return 0;
}

static int
unlinking(void)
{
	EXPECT(make_files() == 0);
	EXPECT(unveil("d1", "rwc") == 0 && unveil("d2", "rw") == 0);
	EXPECT(lock() == 0);
	EXPECT(unlink("d1/file") == 0);
	FAILS(unlink("d2/file"), EACCES);
	FAILS(unlink("d2/secret"), EACCES);
	EXPECT(symlink("file", "d1/link") == 0);
	FAILS(symlink("file", "d2/link"), EACCES);
	EXPECT(mkdir("d1/new", 0700) == 0 && rmdir("d1/new") == 0);
	FAILS(rmdir("d1/sub/../../d2"), EACCES);
	return 0;
}

static int
root_and_null(void)
{
	EXPECT(unveil("/", "r") == 0 && unveil("/bin/true", "x") == 0 &&
	       unveil("/dev/null", "rw") == 0);
	EXPECT(lock() == 0);
	EXPECT(readable("/etc/passwd") == 0);
	EXPECT(run("/bin/true") == 0);
	EXPECT(run("/bin/false") == EACCES);
	EXPECT(open("/dev/null", O_RDWR) != -1);
	FAILS(open("/dev/zero", O_RDWR), EACCES);
	return 0;
}

static int
relative_dot(void)
{
	EXPECT(make_files() == 0);
	EXPECT(unveil(".", "r") == 0);
	EXPECT(chdir("/") == 0);
	EXPECT(lock() == 0);
	FAILS(readable("/etc/passwd"), EACCES);
	return 0;
}

static int
temporary_files(void)
{
	char name[] = "/tmp/libpledge-XXXXXX";
	int fd;

	EXPECT(make_files() == 0 && unveil("d1", "r") == 0);
	EXPECT(pledge("stdio rpath wpath cpath tmppath", NULL) == 0);
	fd = mkstemp(name);
	EXPECT(fd != -1 && unlink(name) == 0);
	EXPECT(readable("d1/file") == 0);
	FAILS(readable("/etc/passwd"), EACCES);
	FAILS(touch("/var/tmp/libpledge"), EACCES);
	return 0;
}

static int
missing_with_c(void)
{
	EXPECT(make_files() == 0);
	FAILS(unveil("d1/new", "rwc"), ENOTSUP);
	EXPECT(strstr(pledge_detail(), "d1/new") != NULL);
	FAILS(unveil("nowhere/new", "rwc"), ENOENT);
	FAILS(unveil("nowhere/new", "r"), ENOENT);
	EXPECT(unveil("d2/new", "rw") == 0);
	EXPECT(pledge_option(PLEDGE_UNVEIL_PARENT, 1) == 0);
	EXPECT(unveil("d1/new", "rwc") == 0);
	EXPECT(unveil("d1/other", "rwc") == 0);
	EXPECT(lock() == 0);
	EXPECT(touch("d1/new") == 0 && unlink("d1/new") == 0);
	EXPECT(touch("d1/other") == 0);
	FAILS(touch("d2/new"), EACCES);
	return 0;
}

static int
made_again(void)
{
	EXPECT(make_files() == 0);
	EXPECT(unveil("d1", "wc") == 0);
	EXPECT(pledge_option(PLEDGE_UNVEIL_UNION, 1) == 0);
	EXPECT(unveil("d1/file", "r") == 0 && lock() == 0);
	EXPECT(readable("d1/file") == 0);
	/* Landlock grants inodes: the next of the same name is another. */
	EXPECT(unlink("d1/file") == 0 && touch("d1/file") == 0);
	FAILS(readable("d1/file"), EACCES);
	return 0;
}

static int
bad_arguments(void)
{
	FAILS(unveil("/etc", "rq"), EINVAL);
	FAILS(unveil("", "r"), ENOENT);
	FAILS(unveil("/etc", NULL), EFAULT);
	FAILS(unveil(NULL, "r"), EFAULT);
	FAILS(unveil("/etc/passwd/x", "r"), ENOTDIR);
	EXPECT(readable("/etc/passwd") == 0);
	return 0;
}

static int
unlinked_names(void)
{
	struct stat status;

	EXPECT(make_files() == 0);
	EXPECT(unveil("d1", "r") == 0 && lock() == 0);
	/* Difference: what only asks about a path is not hidden. */
	EXPECT(stat("d2/file", &status) == 0 && stat("/etc", &status) == 0);
	FAILS(readable("d2/missing"), ENOENT);
	return 0;
}

static int
access_table(void)
{
	static const struct {
		const char *letters;
		bool read, write, execute;
	} table[] = { { "r", true, false, false }, { "w", false, true, false },
		{ "x", true, false, true }, { "c", false, false, false },
		{ "rw", true, true, false }, { "rx", true, false, true },
		{ "rc", true, false, false }, { "wx", true, true, true },
		{ "wc", false, true, false }, { "xc", true, false, true },
		{ "rwx", true, true, true }, { "rwc", true, true, false },
		{ "rxc", true, false, true }, { "wxc", true, true, true },
		{ "rwxc", true, true, true } };
	char name[32];

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		snprintf(name, sizeof(name), "i%zu", i);
		EXPECT(copy_image(name) == 0);
		EXPECT(unveil(name, table[i].letters) == 0);
	}
	EXPECT(lock() == 0);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		int read_fd, write_fd;

		snprintf(name, sizeof(name), "i%zu", i);
		read_fd = open(name, O_RDONLY);
		write_fd = open(name, O_WRONLY);
		EXPECT((read_fd != -1) == table[i].read);
		EXPECT((write_fd != -1) == table[i].write);
		if (write_fd != -1)
			close(write_fd);
		EXPECT((run(name) == 42) == table[i].execute);
	}
	return 0;
}

static const struct {
	const char *number, *text;
	int (*act)(void);
	int expect;
} rows[] = {
	{ "3a-26", "no effect before the lock", nothing_before_lock, 0 },
	{ "3a-27", "rx: executed", execute_rx, 0 },
	{ "3a-28", "r: not executed", execute_r, 0 },
	{ "3a-29", "a child's set and the parent's", independent_sets, 0 },
	{ "3a-30", "rwc: made, not executed", create_rwc, 0 },
	{ "3a-30", "rwcx: made and executed", create_rwcx, 0 },
	{ "3a-31", "a directory that was open", opened_directory, 0 },
	{ "3a-32", "nothing unveiled: all hidden (OpenBSD: nothing)",
	    nothing_unveiled, 0 },
	{ "3a-33", "less below more: refused (there: more)", less_below, 0 },
	{ "3a-33", "or more, with PLEDGE_UNVEIL_UNION", union_below, 0 },
	{ "3a-34", "after the lock: EPERM (there: ignored)",
	    nothing_before_lock, 0 },
	{ "3a-35", "truncation", truncates, 0 },
	{ "3a-36", "/proc/self/cmdline", nothing_unveiled, 0 },
	{ "3a-37", "a new thread inherits", thread_inherits, 0 },
	{ "3a-37", "a thread hides for all or for none (there: for itself)",
	    thread_hides, 0 },
	{ "3a-38", "promises hold, too", pledged_and_unveiled, KILLED },
	{ "3a-39", "100 files", hundred_files, 0 },
	{ "3a-39", "129 files: E2BIG", too_many, 0 },
	{ "3a-40", "rename and link inside rwc", renames_inside, 0 },
	{ "3b-6", "stat is not hidden (OpenBSD: ENOENT)", unlinked_names, 0 },
	{ "3b-9", "spellings, missing files, fewer permissions, never more",
	    spellings, 0 },
	{ "3b-10", "climbing out and in", climbing, 0 },
	{ "3b-11", "\"\" takes back", cleared, 0 },
	{ "3b-12", "pledge after unveil", locked_by_pledge, 0 },
	{ "3b-12", "pledge without unveil and no paths: nothing hidden",
	    locked_without_paths, 0 },
	{ "3b-13", "r, rw, x (EACCES; OpenBSD: some ENOENT)", flags, 0 },
	{ "3b-14", "unlink", unlinking, 0 },
	{ "3b-15", "link and rename across", renames_inside, 0 },
	{ "3b-16", "chdir is not hidden (OpenBSD: ENOENT)", climbing, 0 },
	{ "3b-17", "access and stat are not hidden", unlinked_names, 0 },
	{ "3b-18", "a child inherits", independent_sets, 0 },
	{ "3b-19", "exec with x", execute_rx, 0 },
	{ "3b-20", "/ r, one program x, /dev/null rw", root_and_null, 0 },
	{ "3b-20", ".", relative_dot, 0 },
	{ "3b-21", "tmppath is beside unveil", temporary_files, 0 },
	{ "3b-22", "../", climbing, 0 },
	{ "3b-23", "through ../../", climbing, 0 },
	{ "3b-access", "15 sets of letters (Linux: x reads)", access_table, 0 },
	{ "x", "a dynamic program starts", execute_dynamic, 0 },
	{ "c", "a missing name: ENOTSUP, or its directory", missing_with_c, 0 },
	{ "c", "a file that is made again lost its grant", made_again, 0 },
	{ "unveil", "without rpath", unveil_without_rpath, KILLED },
	{ "unveil", "what is refused changes nothing", bad_arguments, 0 },
};

int
main(void)
{
	image = getenv("IMAGE");
	if (image == NULL) {
		puts("Bail out! IMAGE is not set");
		return 1;
	}
	make_directory();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		run_case(
		    rows[i].number, rows[i].text, rows[i].act, rows[i].expect);
	remove_directory();
	return tap_done();
}
