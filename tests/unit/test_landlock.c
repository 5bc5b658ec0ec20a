/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/table.h"
#include "enforce/caps.h"
#include "enforce/landlock.h"
#include "enforce/seccomp.h"
#include "kernel/landlock.h"
#include "sandbox/landlock.h"

#include "child.h"
#include "tap.h"

/* Too large for the stack of a test; each test begins with an init. */
static struct landlock_plan plan;
static char scratch[] = "/tmp/test-landlock-XXXXXX";

static unsigned int
letters(const char *text)
{
	unsigned int set = 0;

	for (; *text != '\0'; text++)
		set |= *text == 'r'   ? UNVEIL_R
		       : *text == 'w' ? UNVEIL_W
		       : *text == 'x' ? UNVEIL_X
		                      : UNVEIL_C;
	return set;
}

/* By hand, from landlock(7): not from the table that is tested. */
static const struct {
	const char *kernel;
	uint64_t fs, net, scope;
	uint64_t r, w, x, c, c_dpath, c_unix, w_unix, w_devices;
} abis[] = {
	/* clang-format off */
	{ "5.13", 0x1fff, 0, 0, 0xc, 0x2, 0x1, 0x11b0, 0x1df0, 0x13b0, 0x2, 0x2 },
	{ "5.19", 0x3fff, 0, 0, 0xc, 0x2, 0x1, 0x31b0, 0x3df0, 0x33b0, 0x2, 0x2 },
	{ "6.2", 0x7fff, 0, 0,
	    0xc, 0x4002, 0x1, 0x31b0, 0x3df0, 0x33b0, 0x4002, 0x4002 },
	{ "6.7", 0x7fff, 3, 0,
	    0xc, 0x4002, 0x1, 0x31b0, 0x3df0, 0x33b0, 0x4002, 0x4002 },
	{ "6.10", 0xffff, 3, 0,
	    0xc, 0x4002, 0x1, 0x31b0, 0x3df0, 0x33b0, 0x4002, 0xc002 },
	{ "6.12", 0xffff, 3, 3,
	    0xc, 0x4002, 0x1, 0x31b0, 0x3df0, 0x33b0, 0x4002, 0xc002 },
	{ "6.15", 0xffff, 3, 3,
	    0xc, 0x4002, 0x1, 0x31b0, 0x3df0, 0x33b0, 0x4002, 0xc002 },
	{ "7.0", 0xffff, 3, 3,
	    0xc, 0x4002, 0x1, 0x31b0, 0x3df0, 0x33b0, 0x4002, 0xc002 },
	{ "7.1", 0x1ffff, 3, 3,
	    0xc, 0x4002, 0x1, 0x31b0, 0x3df0, 0x33b0, 0x14002, 0xc002 },
	/* clang-format on */
};

static void
test_abis(void)
{
	struct landlock_rights none = landlock_handled(0);

	ok(ARRAY_SIZE(abis) == LANDLOCK_ABIS, "every ABI is held to a row");
	ok((none.fs | none.net | none.scope) == 0, "ABI 0 handles nothing");
	ok(landlock_handled(10).fs == 0x1ffff, "a newer ABI: what we know");
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++) {
		struct landlock_rights has = landlock_handled((int)i + 1);

		ok(has.fs == abis[i].fs && has.net == abis[i].net &&
		        has.scope == abis[i].scope,
		    "ABI %zu handles 0x%llx", i + 1,
		    (unsigned long long)has.fs);
		ok(strcmp(feature_rows[FEATURE_LANDLOCK + i].since,
		       abis[i].kernel) == 0,
		    "ABI %zu came with Linux %s", i + 1, abis[i].kernel);
	}
}

/* A right that nothing grants would be refused to everybody. */
static void
test_rights(void)
{
	uint64_t known[3] = { 0 };

	for (size_t i = 0; i < landlock_right_count; i++) {
		const struct landlock_right *row = &landlock_right_rows[i];

		ok((row->right & (row->right - 1)) == 0 &&
		        (known[row->kind] & row->right) == 0 &&
		        feature_rows[row->since].abi > 0,
		    "%s: one bit of its own, of an ABI", row->name);
		known[row->kind] |= row->right;
		ok(row->kind == LANDLOCK_FS ? row->letters != 0
		    : row->kind == LANDLOCK_NET
		        ? row->protocol != PORT_NONE && row->free != 0
		        : row->letters == 0,
		    "%s: something grants it", row->name);
	}
	ok(landlock_file_rights() == 0x1c007, "rights of files that are none");
	ok(landlock_implied_rights("rwi", 3) == 0xc00e &&
	        landlock_implied_rights("x", 1) == 1,
	    "rights of the promises' files");
}

/* What a newer kernel may know is handled by nobody, whatever is promised. */
static void
test_unknown(void)
{
	static const promise_set words[] = { PROMISE(STDIO), PROMISE(DNS),
		PROMISE(INET), PROMISE(ANET), PROMISE(DNS) | PROMISE(INET) };
	static struct ports none, some = { { TCP_PORT(443) }, 1 };
	static struct landlock_plan newest;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(words); i++) {
		promise_set set = words[i / 2];

		landlock_plan_init(&newest, LANDLOCK_ABIS);
		landlock_plan_ports(&newest, set, i % 2 ? &some : &none, &none);
		landlock_plan_init(&plan, LANDLOCK_ABIS + 40);
		plan.handled_net |= 1 << 20;
		landlock_plan_ports(&plan, set, i % 2 ? &some : &none, &none);
		ok(plan.handled_fs == newest.handled_fs &&
		        plan.handled_net == newest.handled_net &&
		        plan.scoped == newest.scoped &&
		        plan.port_count == newest.port_count &&
		        memcmp(plan.ports, newest.ports,
		            plan.port_count * sizeof(plan.ports[0])) == 0,
		    "promises %zu%s: the same under a newer ABI", i / 2,
		    i % 2 ? ", ports" : "");
	}
}

static void
test_letters(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++) {
		const struct {
			const char *letters;
			unsigned int words;
			uint64_t rights;
		} rows[] = {
			{ "r", 0, abis[i].r },
			{ "r", LANDLOCK_DPATH | LANDLOCK_UNIX, abis[i].r },
			{ "w", 0, abis[i].w },
			{ "w", LANDLOCK_UNIX, abis[i].w_unix },
			{ "w", LANDLOCK_DEVICES, abis[i].w_devices },
			{ "rxc", LANDLOCK_DEVICES,
			    abis[i].r | abis[i].x | abis[i].c },
			{ "x", 0, abis[i].x },
			{ "x", LANDLOCK_DPATH | LANDLOCK_UNIX, abis[i].x },
			{ "c", 0, abis[i].c },
			{ "c", LANDLOCK_DPATH, abis[i].c_dpath },
			{ "c", LANDLOCK_UNIX, abis[i].c_unix },
			{ "rw", 0, abis[i].r | abis[i].w },
			{ "rwxc", 0,
			    abis[i].r | abis[i].w | abis[i].x | abis[i].c },
		};

		for (size_t j = 0; j < ARRAY_SIZE(rows); j++)
			ok((landlock_rights(
			        letters(rows[j].letters), rows[j].words) &
			       landlock_handled((int)i + 1).fs) ==
			        rows[j].rights,
			    "ABI %zu: %s%s%s%s is 0x%llx", i + 1,
			    rows[j].letters,
			    rows[j].words & LANDLOCK_DPATH ? " dpath" : "",
			    rows[j].words & LANDLOCK_UNIX ? " unix" : "",
			    rows[j].words & LANDLOCK_DEVICES ? " devices" : "",
			    (unsigned long long)rows[j].rights);
	}
}

static void
test_letters_back(void)
{
	static const char *const words[] = { "", "r", "w", "x", "c", "rw", "rx",
		"wc", "rwxc" };
	char text[LANDLOCK_LETTERS];

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		landlock_letters(landlock_rights(letters(words[i]), 0), text);
		ok(strcmp(text, words[i]) == 0, "letters of \"%s\": \"%s\"",
		    words[i], text);
	}
}

static void
test_plan(void)
{
	landlock_plan_init(&plan, 6);
	ok(plan.restrict_flags == 0, "no log flags before ABI 7");
	landlock_plan_init(&plan, 7);
	ok(plan.restrict_flags == 2, "what is executed is logged from ABI 7");
	landlock_add_path(&plan, "/a", LL_READ_FILE, LANDLOCK_OPTIONAL);
	landlock_add_path(&plan, "/b", LL_READ_FILE, LANDLOCK_OPTIONAL);
	landlock_add_path(&plan, "/a", LL_WRITE_FILE, LANDLOCK_OPTIONAL);
	ok(plan.count == 2 &&
	        plan.rules[0].access == (LL_READ_FILE | LL_WRITE_FILE) &&
	        plan.rules[1].access == LL_READ_FILE,
	    "rules for one path add up");
	ok(plan.rules[0].optional, "optional twice is optional");
	landlock_add_path(&plan, "/a", 0, 0);
	landlock_add_path(&plan, "/a", 0, LANDLOCK_OPTIONAL);
	ok(plan.count == 2 && !plan.rules[0].optional,
	    "once required is required");
	landlock_add_path(&plan, "/a", LL_EXECUTE, LANDLOCK_IMPLIED);
	ok(plan.count == 3 && plan.rules[2].implied && !plan.rules[0].implied,
	    "ours and the user's stay apart");
	landlock_add_fd(&plan, "/a", 5, LL_READ_FILE, 0);
	landlock_add_fd(&plan, "x", 5, LL_WRITE_FILE, 0);
	ok(plan.count == 4 && plan.rules[3].fd == 5 &&
	        plan.rules[3].access == (LL_READ_FILE | LL_WRITE_FILE),
	    "one rule a descriptor, apart from paths");
	landlock_add_port(&plan, TCP_PORT(443), false);
	landlock_add_port(&plan, TCP_PORT(80), false);
	landlock_add_port(&plan, TCP_PORT(443), true);
	ok(plan.port_count == 2 && plan.ports[0].number == 443 &&
	        plan.ports[0].access == 3 && plan.ports[1].access == 2,
	    "rules for one port add up");
	ok(!plan.overflow, "all of it fits");
}

static void
test_overflow(void)
{
	static char names[LANDLOCK_RULES + 1][16];
	struct diag diag = { 0 };

	landlock_plan_init(&plan, 9);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(names[i], sizeof(names[i]), "/%zu", i);
		if (i == LANDLOCK_RULES)
			ok(!plan.overflow && landlock_check(&plan, &diag) == 0,
			    "%zu paths fit", i);
		landlock_add_path(&plan, names[i], LL_READ_FILE, 0);
	}
	ok(plan.overflow && plan.count == LANDLOCK_RULES, "one more does not");
	ok(landlock_check(&plan, &diag) == -E2BIG, "check: %s", diag.text);
	ok(enforce_landlock(&plan, &diag) == -E2BIG, "and is not enforced");

	landlock_plan_init(&plan, 9);
	for (unsigned int i = 0; i < LANDLOCK_PORTS; i++)
		landlock_add_port(&plan, TCP_PORT((uint16_t)i), true);
	ok(!plan.overflow, "%d ports fit", LANDLOCK_PORTS);
	landlock_add_port(&plan, TCP_PORT(9999), true);
	ok(plan.overflow, "one more does not");
}

static const struct {
	const char *above, *above_letters, *below, *below_letters;
	unsigned int above_flags, below_flags;
	bool covered;
} covers[] = {
	/* clang-format off */
	{ "/home/user", "rwxc", "/home/user/secret", "r", 0, 0, true },
	{ "/home/user", "rw", "/home/user/a/b/c", "r", 0, 0, true },
	{ "/home/user", "r", "/home/user/a", "w", 0, 0, true },
	{ "/home/user", "r", "/home/user/a", "rw", 0, 0, false },
	{ "/home/user", "rw", "/home/user/a", "rw", 0, 0, false },
	{ "/home/user", "rwxc", "/home/usergan", "r", 0, 0, false },
	{ "/home/user", "rwxc", "/home", "r", 0, 0, false },
	{ "/home/user", "rwxc", "/srv", "r", 0, 0, false },
	{ "/", "rw", "/etc", "r", 0, 0, true },
	{ "/", "r", "/etc", "rw", 0, 0, false },
	{ "/lib", "rx", "/lib/a", "r", LANDLOCK_IMPLIED, 0, false },
	{ "/lib", "rx", "/lib/a", "r", 0, LANDLOCK_IMPLIED, false },
	/* clang-format on */
};

static void
test_covered(void)
{
	const struct landlock_rule *below, *above;

	for (size_t i = 0; i < ARRAY_SIZE(covers) * 2; i++) {
		size_t row = i / 2;
		bool found;

		landlock_plan_init(&plan, 9);
		/* In either order. */
		for (size_t j = 0; j < 2; j++) {
			bool first = (i + j) % 2 == 0;

			landlock_add_path(&plan,
			    first ? covers[row].above : covers[row].below,
			    landlock_rights(
			        letters(first ? covers[row].above_letters
			                      : covers[row].below_letters),
			        0),
			    first ? covers[row].above_flags
			          : covers[row].below_flags);
		}
		below = above = NULL;
		found = landlock_covered(&plan, &below, &above);
		ok(found == covers[row].covered &&
		        (!found ||
		            (strcmp(below->path, covers[row].below) == 0 &&
		                strcmp(above->path, covers[row].above) == 0)),
		    "%s:%s below %s:%s: %s", covers[row].below_letters,
		    covers[row].below, covers[row].above_letters,
		    covers[row].above, found ? "refused" : "fine");
	}
}

static void
test_covered_handled(void)
{
	struct diag diag = { 0 };

	landlock_plan_init(&plan, 2);
	landlock_add_path(&plan, "/a", LL_READ_FILE | LL_TRUNCATE, 0);
	landlock_add_path(&plan, "/a/b", LL_READ_FILE, 0);
	ok(landlock_check(&plan, &diag) == 0,
	    "what the ABI does not handle is no difference");
	landlock_plan_init(&plan, 9);
	landlock_add_path(&plan, "/home/user", landlock_rights(15, 0), 0);
	landlock_add_path(&plan, "/home/user/secret", landlock_rights(1, 0), 0);
	ok(landlock_check(&plan, &diag) == -EINVAL &&
	        strcmp(diag.text,
	            "unveil /home/user/secret: rwxc:/home/user grants more, and "
	            "Landlock cannot take away below it; unveil what is needed "
	            "in /home/user one by one, or give both the same letters") ==
	            0,
	    "%s", diag.text);
}

/* The acts; each is done in a scratch directory that is laid out anew. */

static int
result(int returned)
{
	return returned == -1 ? errno : 0;
}

static int
act_read(void)
{
	return result(open("a/file", O_RDONLY));
}

static int
act_list(void)
{
	return opendir("a") == NULL ? errno : 0;
}

static int
act_write(void)
{
	return result(open("a/file", O_WRONLY));
}

static int
act_truncate(void)
{
	return result(truncate("a/file", 0));
}

static int
act_exec(void)
{
	char name[] = "true";

	return result(execv("a/true", (char *[]){ name, NULL }));
}

static int
act_create(void)
{
	return result(mknod("a/new", S_IFREG | 0600, 0));
}

static int
act_mkdir(void)
{
	return result(mkdir("a/new", 0700));
}

static int
act_symlink(void)
{
	return result(symlink("file", "a/new"));
}

static int
act_unlink(void)
{
	return result(unlink("a/file"));
}

static int
act_rmdir(void)
{
	return result(rmdir("a/empty"));
}

static int
act_rename(void)
{
	return result(rename("a/file", "a/empty/file"));
}

static int
act_mkfifo(void)
{
	return result(mkfifo("a/new", 0600));
}

static int
act_bind_name(void)
{
	const struct sockaddr_un name = { AF_UNIX, "a/new" };

	return result(bind(socket(AF_UNIX, SOCK_STREAM, 0),
	    (const struct sockaddr *)&name, sizeof(name)));
}

static int
act_signal(void)
{
	return result(kill(getppid(), 0));
}

static const struct attempt {
	const char *name;
	int (*act)(void);
	int abi; /* from which Landlock has a say */
	/* What suffices, and the most that does not, with the error. */
	unsigned int words;
	const char *enough, *lacking;
	unsigned int lacking_words;
	int err;
} attempts[] = {
	/* clang-format off */
	{ "open for reading", act_read, 1, 0, "r", "wxc", 3, EACCES },
	{ "list a directory", act_list, 1, 0, "r", "wxc", 3, EACCES },
	{ "open for writing", act_write, 1, 0, "w", "rxc", 3, EACCES },
	{ "truncate", act_truncate, 3, 0, "w", "rxc", 3, EACCES },
	{ "execute", act_exec, 1, 0, "rx", "rwc", 3, EACCES },
	{ "execute unread", act_exec, 1, 0, "rx", "wxc", 3, EACCES },
	{ "create", act_create, 1, 0, "c", "rwx", 3, EACCES },
	{ "mkdir", act_mkdir, 1, 0, "c", "rwx", 3, EACCES },
	{ "symlink", act_symlink, 1, 0, "c", "rwx", 3, EACCES },
	{ "unlink", act_unlink, 1, 0, "c", "rwx", 3, EACCES },
	{ "rmdir", act_rmdir, 1, 0, "c", "rwx", 3, EACCES },
	{ "rename elsewhere", act_rename, 2, 0, "c", "rwx", 3, EACCES },
	{ "mkfifo", act_mkfifo, 1, LANDLOCK_DPATH, "c",
	    "rwxc", LANDLOCK_UNIX, EACCES },
	{ "bind a socket's name", act_bind_name, 1, LANDLOCK_UNIX, "c",
	    "rwxc", LANDLOCK_DPATH, EACCES },
	/* clang-format on */
};

static int
remove_entry(
    const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static void
copy_file(const char *from, const char *to)
{
	char buffer[65536];
	int in = open(from, O_RDONLY);
	int out = open(to, O_WRONLY | O_CREAT, 0700);
	ssize_t count;

	while ((count = read(in, buffer, sizeof(buffer))) > 0)
		if (write(out, buffer, (size_t)count) != count)
			break;
	close(in);
	close(out);
}

/* What the acts need; that they then succeed unconfined shows it is there. */
static void
lay_out(void)
{
	nftw("a", remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	mkdir("a", 0700);
	mkdir("a/empty", 0700);
	copy_file("/etc/passwd", "a/file");
	copy_file("/bin/true", "a/true");
}

/* What a dynamic program needs to start, besides itself. */
static void
add_libraries(void)
{
	static const char *const paths[] = { "/lib", "/lib64", "/usr/lib",
		"/usr/lib64", "/etc/ld.so.cache" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		landlock_add_path(&plan, paths[i],
		    LL_EXECUTE | LL_READ_FILE | LL_READ_DIR,
		    LANDLOCK_OPTIONAL | LANDLOCK_IMPLIED);
}

/* Under `plan`, if it is not NULL; 125 if that could not be enforced. */
struct confined {
	const struct landlock_plan *plan;
	int (*act)(void);
};

static int
act_confined(void *context)
{
	const struct confined *confined = context;
	struct diag diag = { 0 };

	if (confined->plan != NULL &&
	    (enforce_no_new_privs(&diag) < 0 ||
	        enforce_landlock(confined->plan, &diag) < 0)) {
		fprintf(stderr, "# %s\n", diag.text);
		return 125;
	}
	return confined->act();
}

static int
attempt(const struct landlock_plan *under, int (*act)(void))
{
	struct confined confined = { under, act };

	lay_out();
	return in_child(act_confined, &confined);
}

static void
make_plan(const char *rwxc, unsigned int words)
{
	landlock_plan_init(&plan, ll_abi());
	add_libraries();
	landlock_add_path(
	    &plan, scratch, landlock_rights(letters(rwxc), words), 0);
}

static void
test_attempts(void)
{
	int got;

	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++) {
		const struct attempt *row = &attempts[i];

		if (ll_abi() < row->abi) {
			skip(row->name, "Landlock is older than that");
			continue;
		}
		got = attempt(NULL, row->act);
		ok(got == 0, "%s (unconfined): %s", row->name, strerror(got));
		make_plan(row->enough, row->words);
		got = attempt(&plan, row->act);
		ok(got == 0, "%s, %s: %s", row->name, row->enough,
		    strerror(got));
		make_plan(row->lacking, row->lacking_words);
		got = attempt(&plan, row->act);
		ok(got == row->err, "%s, %s: %s", row->name, row->lacking,
		    strerror(got));
		make_plan("rwxc", LANDLOCK_DPATH | LANDLOCK_UNIX);
		plan.count--;
		got = attempt(&plan, row->act);
		ok(got == row->err, "%s, hidden: %s", row->name, strerror(got));
	}
}

/* A rule for a file: only what a file can have, and only that file. */
static void
test_file_rule(void)
{
	static const struct {
		const char *name, *letters;
		int (*act)(void);
		int err;
	} rows[] = {
		{ "read", "rwxc", act_read, 0 },
		{ "write", "rwxc", act_write, 0 },
		{ "unlink", "rwxc", act_unlink, EACCES },
		{ "list", "rwxc", act_list, EACCES },
		{ "execute its sibling", "rwxc", act_exec, EACCES },
		{ "read", "c", act_read, EACCES },
	};
	char path[sizeof(scratch) + 8];
	int got;

	snprintf(path, sizeof(path), "%s/a/file", scratch);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		landlock_plan_init(&plan, ll_abi());
		add_libraries();
		landlock_add_path(&plan, path,
		    landlock_rights(letters(rows[i].letters), 0), 0);
		got = attempt(&plan, rows[i].act);
		ok(got == rows[i].err, "%s:file, %s: %s", rows[i].letters,
		    rows[i].name, strerror(got));
	}
}

static int
act_fd_rule(void *context)
{
	struct diag diag = { 0 };
	int fd = open("a/file", O_RDONLY | O_CLOEXEC);

	(void)context;
	landlock_plan_init(&plan, ll_abi());
	landlock_add_fd(&plan, "a redirection", fd, LL_READ_FILE, 0);
	if (enforce_no_new_privs(&diag) < 0 ||
	    enforce_landlock(&plan, &diag) < 0)
		return 125;
	if (fcntl(fd, F_GETFD) == -1)
		return 124; /* closed, though it is not ours */
	if (act_write() != EACCES || act_list() != EACCES)
		return 123;
	return act_read();
}

static void
test_fd_rule(void)
{
	lay_out();
	ok(in_child(act_fd_rule, NULL) == 0,
	    "a descriptor's rule is for what is behind it");
}

/* A name leads to another file than the one that was looked at. */
static void
test_replaced(void)
{
	struct diag diag = { 0 };
	struct file_id id;
	struct stat st;
	char path[sizeof(scratch) + 8];

	lay_out();
	snprintf(path, sizeof(path), "%s/a/file", scratch);
	ok(stat(path, &st) == 0, "the file that is looked at");
	id = (struct file_id){ st.st_dev, st.st_ino };
	landlock_plan_init(&plan, 1);
	landlock_add_file(&plan, path, id, LL_READ_FILE, LANDLOCK_OPTIONAL);
	landlock_add_file(
	    &plan, path, FILE_NONE, LL_READ_FILE, LANDLOCK_OPTIONAL);
	ok(plan.count == 2, "two files are two rules");
	ok(enforce_landlock(&plan, &diag) == -EAGAIN &&
	        strstr(diag.text, "was replaced") != NULL,
	    "another one is not opened: %s", diag.text);
}

/* Nothing is restricted, and yet no other process can be looked into. */
static int
act_apart(void *context)
{
	struct diag diag = { 0 };
	char root[64], text[8];

	/* Neither Yama nor CAP_PERFMON has a say in it. */
	snprintf(root, sizeof(root), "/proc/%d/root", (int)getppid());
	if (readlink(root, text, sizeof(text)) < 0)
		return 126;
	landlock_plan_init(&plan, *(const int *)context);
	plan.handled_fs = plan.handled_net = plan.scoped = 0;
	plan.apart = true;
	if (enforce_no_new_privs(&diag) < 0 ||
	    enforce_landlock(&plan, &diag) < 0)
		return 125;
	if (act_read() != 0 || act_write() != 0)
		return 124;
	if (plan.abi >= 2 && rename("a/file", "moved") < 0)
		return 123;
	return readlink(root, text, sizeof(text)) < 0 ? errno : 0;
}

static void
test_apart(void)
{
	static const int told[] = { 1, 2, 5 };

	for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
		int abi = told[i], got;

		if (ll_abi() < abi)
			continue;
		lay_out();
		got = in_child(act_apart, &abi);
		ok(got == EACCES,
		    "ABI %d: nothing is restricted but to look into others: %d",
		    abi, got);
	}
}

/* A plan that fails changes nothing, so this process can try them. */
static const struct {
	const char *path, *text; /* NULL: skipped */
	unsigned int flags;
	int err;
} missing[] = {
	{ "/nope",
	    "unveil /nope: No such file or directory; write -/nope to skip a "
	    "missing path",
	    0, ENOENT },
	{ "/nope", "unveil /nope: No such file or directory", LANDLOCK_IMPLIED,
	    ENOENT },
	{ "/dev/null/x", "unveil /dev/null/x: Not a directory", 0, ENOTDIR },
	{ "/nope", NULL, LANDLOCK_OPTIONAL, 0 },
	{ "/dev/null/x", NULL, LANDLOCK_OPTIONAL, 0 },
	{ "/nope", NULL, LANDLOCK_OPTIONAL | LANDLOCK_IMPLIED, 0 },
};

static void
test_missing(void)
{
	int got;

	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		struct diag diag = { 0 };

		if (missing[i].text != NULL) {
			landlock_plan_init(&plan, ll_abi());
			landlock_add_path(&plan, missing[i].path, LL_READ_FILE,
			    missing[i].flags);
			got = enforce_landlock(&plan, &diag);
			ok(got == -missing[i].err &&
			        strcmp(diag.text, missing[i].text) == 0,
			    "missing: %s", diag.text);
			continue;
		}
		make_plan("r", 0);
		landlock_add_path(
		    &plan, missing[i].path, LL_READ_FILE, missing[i].flags);
		got = attempt(&plan, act_read);
		ok(got == 0, "missing %s is skipped, the rest holds: %s",
		    missing[i].path, strerror(got));
		got = attempt(&plan, act_write);
		ok(got == EACCES, "and bites: %s", strerror(got));
	}
}

static void
test_powerless(void)
{
	struct diag diag = { 0 };

	landlock_plan_init(&plan, 0);
	ok(enforce_landlock(&plan, &diag) == 0, "no plan, nothing to do");
	landlock_add_path(&plan, "/", LL_READ_FILE, 0);
	ok(enforce_landlock(&plan, &diag) == -EOPNOTSUPP,
	    "a path without Landlock: %s", diag.text);
	landlock_plan_init(&plan, 3);
	landlock_add_port(&plan, TCP_PORT(443), false);
	ok(enforce_landlock(&plan, &diag) == -EOPNOTSUPP,
	    "a port without port rules: %s", diag.text);
	ok(act_read() == 0, "nothing has changed");
}

static int
act_without_nnp(void *context)
{
	struct diag diag = { 0 };

	(void)context;
	/* CAP_SYS_ADMIN would do as well. */
	if (geteuid() == 0 && enforce_caps(0, &diag) < 0)
		return 125;
	landlock_plan_init(&plan, ll_abi());
	if (enforce_landlock(&plan, &diag) != -EPERM)
		return 1;
	return strstr(diag.text, "no_new_privs") == NULL;
}

static int
act_layers(void *context)
{
	struct diag diag = { 0 };
	int layers = 0;

	(void)context;
	landlock_plan_init(&plan, ll_abi());
	if (enforce_no_new_privs(&diag) < 0)
		return 125;
	while (layers < 100 && enforce_landlock(&plan, &diag) == 0)
		layers++;
	if (diag.err != E2BIG || strstr(diag.text, "16 layers") == NULL)
		return 100;
	return layers;
}

static void
test_refused(void)
{
	int got;

	if (prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1)
		skip("no_new_privs is asked for", "it is set already");
	else
		ok(in_child(act_without_nnp, NULL) == 0,
		    "no_new_privs is asked for");
	got = in_child(act_layers, NULL);
	ok(got >= 1 && got <= 16, "after %d layers: 16 at most", got);
}

static struct sockaddr_in tcp_name;

static int
act_bind_port(void)
{
	const struct sockaddr_in name = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	return result(bind(socket(AF_INET, SOCK_STREAM, 0),
	    (const struct sockaddr *)&name, sizeof(name)));
}

static int
act_connect_port(void)
{
	return result(connect(socket(AF_INET, SOCK_STREAM, 0),
	    (const struct sockaddr *)&tcp_name, sizeof(tcp_name)));
}

static void
try_ports(const char *name, int (*act)(void), uint16_t port, bool binds)
{
	int got = attempt(NULL, act);

	ok(got == 0, "%s (unconfined): %s", name, strerror(got));
	landlock_plan_init(&plan, ll_abi());
	got = attempt(&plan, act);
	ok(got == EACCES, "%s, no port: %s", name, strerror(got));
	landlock_add_port(&plan, TCP_PORT((uint16_t)(port + 1)), false);
	landlock_add_port(&plan, TCP_PORT((uint16_t)(port + 1)), true);
	landlock_add_port(&plan, TCP_PORT(port), !binds);
	got = attempt(&plan, act);
	ok(got == EACCES, "%s, others: %s", name, strerror(got));
	landlock_add_port(&plan, TCP_PORT(port), binds);
	got = attempt(&plan, act);
	ok(got == 0, "%s, this port: %s", name, strerror(got));
	landlock_plan_init(&plan, ll_abi());
	plan.handled_net = 0;
	got = attempt(&plan, act);
	ok(got == 0, "%s, all ports: %s", name, strerror(got));
}

static void
test_ports(void)
{
	socklen_t length = sizeof(tcp_name);
	int listener;

	if (ll_abi() < 4) {
		skip("ports", "Landlock is older than ABI 4");
		return;
	}
	tcp_name = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ok(bind(listener, (struct sockaddr *)&tcp_name, length) == 0 &&
	        listen(listener, 8) == 0 &&
	        getsockname(listener, (struct sockaddr *)&tcp_name, &length) ==
	            0,
	    "listen on a loopback port");
	/* Port 0 is a rule of its own: any that the kernel picks. */
	try_ports("bind", act_bind_port, 0, true);
	try_ports("connect", act_connect_port, ntohs(tcp_name.sin_port), false);
	close(listener);
}

static void
test_scope(void)
{
	int got;

	if (ll_abi() < 6) {
		skip("signals stay inside", "Landlock is older than ABI 6");
		return;
	}
	got = attempt(NULL, act_signal);
	ok(got == 0, "signal the parent (unconfined): %s", strerror(got));
	landlock_plan_init(&plan, ll_abi());
	got = attempt(&plan, act_signal);
	ok(got == EPERM, "signal the parent: %s", strerror(got));
	plan.scoped = 0;
	got = attempt(&plan, act_signal);
	ok(got == 0, "signal the parent, not scoped: %s", strerror(got));
}

/* The kernel takes all that its ABI is said to know, and nothing newer. */
static void
test_kernel_agrees(void)
{
	int abi = ll_abi();
	struct landlock_rights known = landlock_handled(abi), newer;
	int fd = ll_create_ruleset(known.fs, known.net, known.scope);

	ok(fd >= 0, "the kernel knows all of ABI %d", abi);
	if (fd >= 0)
		close(fd);
	if (abi >= LANDLOCK_ABIS) {
		skip("and nothing newer", "we know nothing newer");
		return;
	}
	newer = landlock_handled(LANDLOCK_ABIS);
	ok(ll_create_ruleset(newer.fs, newer.net, newer.scope) == -EINVAL,
	    "and nothing of ABI %d", LANDLOCK_ABIS);
}

static void
test_enforced(void)
{
	if (ll_abi() < 0) {
		skip("enforcement", "this kernel has no Landlock");
		return;
	}
	if (!ok(mkdtemp(scratch) != NULL && chdir(scratch) == 0,
	        "a scratch directory"))
		return;
	lay_out();
	test_kernel_agrees();
	test_attempts();
	test_file_rule();
	test_fd_rule();
	test_replaced();
	test_apart();
	test_missing();
	test_powerless();
	test_refused();
	test_ports();
	test_scope();
	nftw(scratch, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int
main(void)
{
	test_abis();
	test_rights();
	test_unknown();
	test_letters();
	test_letters_back();
	test_plan();
	test_overflow();
	test_covered();
	test_covered_handled();
	test_enforced();
	return tap_done();
}
