/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <linux/futex.h>
#include <linux/if_packet.h>
#include <linux/vm_sockets.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/table.h"
#include "call/arch.h"
#include "call/errnos.h"
#include "call/symbols.h"
#include "event/call.h"
#include "event/files.h"
#include "event/memory.h"
#include "filter/program.h"
#include "trace/ptrace_select.h"

#include "tap.h"

/* --- The table --- */

/* Some architecture has a call of that name. */
static bool
exists(const char *name, size_t length)
{
	const struct arch *arch;

	for (size_t i = 0; (arch = arch_at(i)) != NULL; i++)
		if (arch_number(arch, name, length) >= 0)
			return true;
	return false;
}

static void
check_row(const struct call_row *row)
{
	bool ended = false;

	if (!exists(row->name, strlen(row->name)))
		ok(false, "%s: no architecture has it", row->name);
	for (size_t i = 0; i < CALL_ARGS; i++) {
		const struct call_arg *arg = &row->args[i];
		bool set = arg->kind == ARG_SET;

		if (ended && arg->kind != ARG_NONE)
			ok(false, "%s: an argument behind the last", row->name);
		ended |= arg->kind == ARG_NONE;
		if (set != (arg->set != NULL))
			ok(false, "%s: argument %zu: a set", row->name, i);
		if ((arg->kind != ARG_NONE) != (call_arg_name(row, i) != NULL))
			ok(false, "%s: argument %zu: a name", row->name, i);
		if (arg->type >= ARG_TYPE_COUNT)
			ok(false, "%s: argument %zu: a type", row->name, i);
		if (arg->kind >= ARG_KIND_COUNT)
			ok(false, "%s: argument %zu: a kind", row->name, i);
	}
}

#define SHARED 424 /* pidfd_send_signal, Linux 5.1 */

static void
test_rows(void)
{
	const struct arch *arch;
	size_t missing = 0, both = 0;

	for (size_t i = 0; i < call_row_count; i++) {
		check_row(&call_rows[i]);
		if (i > 0 &&
		    strcmp(call_rows[i - 1].name, call_rows[i].name) >= 0)
			ok(false, "%s is out of order", call_rows[i].name);
	}
	for (size_t i = 0; i < call_row_count_32bit; i++)
		ok(call_row_named(call_rows_32bit[i].name) != NULL,
		    "%s has a row of 64-bit callers, too",
		    call_rows_32bit[i].name);
	for (size_t i = 0; (arch = arch_at(i)) != NULL; i++) {
		for (unsigned int nr = 0; nr <= arch->max; nr++) {
			const char *name = arch_name(arch, nr);

			if (name == NULL)
				continue;
			/* From there on, calls are the same everywhere. */
			if (call_row_named(name) == NULL && nr >= SHARED) {
				note("%s has no row", name);
				missing++;
			}
			both +=
			    call_row_named(name) != NULL &&
			    strcmp(call_row_find(arch, nr)->name, name) != 0;
		}
	}
	ok(call_row_count > 400 && call_row_count <= ARCH_CALLS_MAX,
	    "%zu rows, in order", call_row_count);
	ok(missing == 0, "each call that is not of old has a row");
	ok(both == 0, "each number leads to the row of its name");
	ok(call_row_find(arch_native(), 100000)->args[5].kind == ARG_HEX &&
	        call_row_find(NULL, 0)->args[5].kind == ARG_HEX,
	    "what is not known is six numbers");
}

/* --- Names --- */

static const struct {
	const struct symbols *set;
	uint64_t value;
	const char *text;
} names[] = {
	{ &set_open, O_RDONLY, "O_RDONLY" },
	{ &set_open, O_RDWR | O_CREAT | O_CLOEXEC, "O_RDWR|O_CREAT|O_CLOEXEC" },
	{ &set_open, O_WRONLY | O_TMPFILE, "O_WRONLY|O_TMPFILE" },
	{ &set_open, O_DIRECTORY, "O_RDONLY|O_DIRECTORY" },
	{ &set_open, O_SYNC, "O_RDONLY|O_SYNC" },
	{ &set_open, O_DSYNC, "O_RDONLY|O_DSYNC" },
	{ &set_open, 0x40000000, "O_RDONLY|0x40000000" },
	{ &set_at, 0, "0" },
	{ &set_at, AT_EMPTY_PATH, "AT_EMPTY_PATH" },
	{ &set_prot, 0, "PROT_NONE" },
	{ &set_prot, PROT_READ | PROT_EXEC, "PROT_READ|PROT_EXEC" },
	{ &set_mmap, MAP_PRIVATE | MAP_ANONYMOUS, "MAP_PRIVATE|MAP_ANONYMOUS" },
	{ &set_mmap, 3 | MAP_FIXED, "MAP_SHARED_VALIDATE|MAP_FIXED" },
	{ &set_domain, AF_INET6, "AF_INET6" },
	{ &set_domain, 77, "77" },
	{ &set_socket, SOCK_STREAM | SOCK_CLOEXEC, "SOCK_STREAM|SOCK_CLOEXEC" },
	{ &set_access, 0, "F_OK" },
	{ &set_access, R_OK | X_OK, "R_OK|X_OK" },
	{ &set_seek, SEEK_SET, "SEEK_SET" },
	{ &set_futex, 128 | 9, "FUTEX_PRIVATE_FLAG|FUTEX_WAIT_BITSET" },
	{ &set_clone, UINT64_C(1) << 33, "CLONE_INTO_CGROUP" },
	{ &set_ioctl, TCGETS, "TCGETS" },
	{ &set_fcntl, F_DUPFD_CLOEXEC, "F_DUPFD_CLOEXEC" },
	{ &set_statx, 0xfff, "STATX_ALL" },
	{ &set_statx, 3, "STATX_TYPE|STATX_MODE" },
	{ &set_rename, 0, "0" },
};

static void
test_names(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct strbuf buf = { 0 };

		symbols_text(names[i].set, names[i].value, &buf);
		ok(strcmp(buf.data, names[i].text) == 0, "%s: %s",
		    names[i].text, buf.data);
		strbuf_free(&buf);
	}
	ok(strcmp(symbol_errno(EACCES), "EACCES") == 0 &&
	        strcmp(symbol_errno(EHWPOISON), "EHWPOISON") == 0 &&
	        symbol_errno(4000) == NULL,
	    "errnos");
	ok(strcmp(symbol_signal(SIGSYS), "SIGSYS") == 0 &&
	        symbol_signal(100) == NULL,
	    "signals");
}

/* One name is one number, wherever it stands. */
static void
test_sets(void)
{
	size_t names_seen = 0, wrong = 0;
	const struct symbol *first;

	for (size_t i = 0; i < symbol_set_count; i++)
		for (size_t j = 0; j < symbol_sets[i]->count; j++) {
			const struct symbol *row = &symbol_sets[i]->rows[j];

			names_seen++;
			first = NULL;
			for (size_t k = 0; k <= i && first == NULL; k++)
				for (size_t l = 0; l < symbol_sets[k]->count;
				     l++)
					if (strcmp(symbol_sets[k]->rows[l].name,
					        row->name) == 0)
						first =
						    &symbol_sets[k]->rows[l];
			if (first != NULL && first->value == row->value)
				continue;
			note("%s: two numbers", row->name);
			wrong++;
		}
	ok(names_seen > 600 && wrong == 0, "%zu names, one number each",
	    names_seen);
}

/* --- Calls, of this process's own memory --- */

static struct event_call call;

static const char *
text_of(const struct event_call *event)
{
	static struct strbuf buf;

	buf.length = 0;
	event_call_text(event, &buf);
	return buf.data;
}

static const char *
result_of(const struct event_call *event)
{
	static struct strbuf buf;

	buf.length = 0;
	event_call_result_text(event, &buf);
	return buf.data;
}

static uint64_t
at(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static void
begin(const char *arch_name_, const char *name, const uint64_t *args)
{
	const struct event_source self = { .pid = getpid(), .tid = getpid() };
	const struct arch *arch =
	    arch_name_ == NULL ? arch_native() : arch_find(arch_name_);

	event_call_begin(&call, &self, arch->audit,
	    (uint64_t)arch_number(arch, name, strlen(name)), args);
}

/* NAME(ARGS) reads as TEXT. */
static void
reads(const char *name, const uint64_t *args, const char *text)
{
	begin(NULL, name, args);
	ok(strcmp(text_of(&call), text) == 0, "%s", text);
	if (strcmp(text_of(&call), text) != 0)
		note("found %s", text_of(&call));
}

#define ARGS(...)            \
 (const uint64_t[CALL_ARGS]) \
 {                           \
  __VA_ARGS__                \
 }

static void
test_plain(void)
{
	char path[] = "/a b\n\"\\\x1b[2J\xff\xc3\xa9";
	const char *bytes;
	size_t from = 0;

	reads("getpid", ARGS(0), "getpid()");
	reads("close", ARGS(77777), "close(77777)");
	reads("close", ARGS(UINT32_MAX), "close(-1)");
	reads("kill", ARGS(1, SIGTERM), "kill(1, SIGTERM)");
	reads("kill", ARGS((uint64_t)-5, 64), "kill(-5, SIGRT_32)");
	reads("chmod", ARGS(at("/x"), 0644), "chmod(\"/x\", 0644)");
	reads("mknod", ARGS(at("/x"), S_IFCHR | 0600, 0x103),
	    "mknod(\"/x\", S_IFCHR|0600, makedev(0x1, 0x3))");
	reads("openat", ARGS((uint32_t)AT_FDCWD, at("x"), O_RDONLY, 0777),
	    "openat(AT_FDCWD, \"x\", O_RDONLY)");
	reads("openat",
	    ARGS((uint64_t)AT_FDCWD, at("x"), O_WRONLY | O_CREAT, 0600),
	    "openat(AT_FDCWD, \"x\", O_WRONLY|O_CREAT, 0600)");
	reads("rename", ARGS(at("a"), at("b")), "rename(\"a\", \"b\")");
	reads("mmap",
	    ARGS(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1,
	        0),
	    "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)");
	reads("chdir", ARGS(at(path)),
	    "chdir(\"/a b\\n\\\"\\\\\\033[2J\\377\xc3\xa9\")");
	bytes = event_value_bytes(&call, event_call_path(&call, &from));
	ok(strcmp(bytes, path) == 0 && event_call_path(&call, &from) == NULL,
	    "and its bytes are whole");
	reads("chdir", ARGS(0), "chdir(NULL)");
	reads("chdir", ARGS(16), "chdir(0x10)");
	reads(
	    "prctl", ARGS(PR_SET_NAME, at("me")), "prctl(PR_SET_NAME, \"me\")");
	reads("ioctl", ARGS(77777, TIOCGWINSZ, 0),
	    "ioctl(77777, TIOCGWINSZ, NULL)");
	reads("ioctl", ARGS(77777, 0xabcd1234, 5),
	    "ioctl(77777, _IOC(_IOC_READ, 0x12, 0x34, 0x2bcd), 0x5)");
	reads("ioctl", ARGS(77777, TIOCSTI, at("x")),
	    "ioctl(77777, TIOCSTI, \"x\")");
	reads("fcntl", ARGS(77777, F_SETFL, O_RDONLY | O_NONBLOCK),
	    "fcntl(77777, F_SETFL, O_RDONLY|O_NONBLOCK)");
	reads("fcntl", ARGS(77777, F_SETFD, FD_CLOEXEC),
	    "fcntl(77777, F_SETFD, FD_CLOEXEC)");
	reads("setsockopt",
	    ARGS(77777, SOL_SOCKET, SO_REUSEADDR, at(&(int){ 1 }), 4),
	    "setsockopt(77777, SOL_SOCKET, SO_REUSEADDR, [1], 4)");
	reads("setsockopt",
	    ARGS(77777, SOL_SOCKET, SO_LINGER, at(&(int[]){ 1, 5 }), 8),
	    "setsockopt(77777, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, "
	    "8)");
	reads("setsockopt",
	    ARGS(77777, SOL_SOCKET, SO_RCVTIMEO, at(&(long[]){ 1, 500 }), 16),
	    "setsockopt(77777, SOL_SOCKET, SO_RCVTIMEO, {1, 500}, 16)");
	reads("setsockopt", ARGS(77777, IPPROTO_IP, SO_LINGER, 8, 4),
	    "setsockopt(77777, IPPROTO_IP, IP_RECVTOS, 0x8, 4)");
}

/* What is handed over beside the data. */
static void
test_control(void)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(8) + CMSG_SPACE(4)];
	} control = { .header = { .cmsg_len = CMSG_LEN(8),
		          .cmsg_level = SOL_SOCKET,
		          .cmsg_type = SCM_RIGHTS } };
	struct msghdr message = { .msg_control = &control,
		.msg_controllen = CMSG_SPACE(8) };
	const int fds[] = { 77777, 77778 };
	struct cmsghdr second = { .cmsg_len = CMSG_LEN(4),
		.cmsg_level = IPPROTO_IP,
		.cmsg_type = 8 };

	memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
	reads("sendmsg", ARGS(77777, at(&message)),
	    "sendmsg(77777, {data=[], control=[{SOL_SOCKET, SCM_RIGHTS, "
	    "[77777, 77778]}]}, 0)");
	memcpy(control.bytes + CMSG_SPACE(8), &second, sizeof(second));
	message.msg_controllen = sizeof(control);
	reads("sendmsg", ARGS(77777, at(&message)),
	    "sendmsg(77777, {data=[], control=[{SOL_SOCKET, SCM_RIGHTS, "
	    "[77777, 77778]}, {IPPROTO_IP, 8, 4 bytes}]}, 0)");
	/* A length that leads nowhere ends the list. */
	control.header.cmsg_len = 4000;
	reads("sendmsg", ARGS(77777, at(&message)),
	    "sendmsg(77777, {data=[], control=[]}, 0)");
	control.header.cmsg_len = 0;
	reads("sendmsg", ARGS(77777, at(&message)),
	    "sendmsg(77777, {data=[], control=[]}, 0)");
}

/* Of a family, of a command: what else stands in the registers is not read. */
static void
test_by_another(void)
{
	reads("flock", ARGS(77777, LOCK_EX | LOCK_NB),
	    "flock(77777, LOCK_EX|LOCK_NB)");
	reads("flock", ARGS(77777, LOCK_UN), "flock(77777, LOCK_UN)");
	reads("dup3", ARGS(77777, 9, O_CLOEXEC), "dup3(77777, 9, O_CLOEXEC)");
	reads("socket", ARGS(AF_NETLINK, SOCK_RAW, 0),
	    "socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)");
	reads("socket", ARGS(AF_NETLINK, SOCK_RAW, 15),
	    "socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT)");
	reads("socket", ARGS(AF_PACKET, SOCK_RAW, htons(3)),
	    "socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))");
	reads("socket", ARGS(AF_PACKET, SOCK_RAW, htons(0x800)),
	    "socket(AF_PACKET, SOCK_RAW, htons(0x800))");
	reads("socket", ARGS(AF_UNIX, SOCK_STREAM, 0),
	    "socket(AF_UNIX, SOCK_STREAM, 0)");
	reads("socket", ARGS(AF_INET, SOCK_STREAM, 0),
	    "socket(AF_INET, SOCK_STREAM, IPPROTO_IP)");
	reads("prctl", ARGS(3, 7, 8, 9, 10), "prctl(PR_GET_DUMPABLE)");
	reads("prctl", ARGS(15, at("name"), 8, 9, 10),
	    "prctl(PR_SET_NAME, \"name\")");
	/* Which must be zero, or the kernel refuses the call. */
	reads("prctl", ARGS(38, 1, 0, 0, 9),
	    "prctl(PR_SET_NO_NEW_PRIVS, 0x1, 0, 0, 0x9)");
	reads("futex", ARGS(8, FUTEX_WAKE, 1, 5, 6, 7),
	    "futex(0x8, FUTEX_WAKE, 1)");
	reads("futex", ARGS(8, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, 5, 6, 7),
	    "futex(0x8, FUTEX_PRIVATE_FLAG|FUTEX_WAKE, 1)");
	reads("futex", ARGS(8, FUTEX_CMP_REQUEUE, 1, 5, 6, 7),
	    "futex(0x8, FUTEX_CMP_REQUEUE, 1, 0x5, 0x6, 7)");
	reads("keyctl", ARGS(3, 5, 6, 7, 8), "keyctl(KEYCTL_REVOKE, 0x5)");
}

/* The same call in brief. */
static void
reads_brief(const char *name, const uint64_t *args, const char *text)
{
	const struct event_source self = {
		.pid = getpid(), .tid = getpid(), .brief = true
	};
	const struct arch *arch = arch_native();

	if (arch_number(arch, name, strlen(name)) < 0) {
		skip(name, "not among this architecture's calls");
		return;
	}
	event_call_begin(&call, &self, arch->audit,
	    (uint64_t)arch_number(arch, name, strlen(name)), args);
	ok(strcmp(text_of(&call), text) == 0, "%s", text);
	if (strcmp(text_of(&call), text) != 0)
		note("found %s", text_of(&call));
}

static void
test_brief(void)
{
	const struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(8080),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	reads_brief("openat", ARGS((uint32_t)AT_FDCWD, at("/etc/passwd"), 0),
	    "openat(\"/etc/passwd\", O_RDONLY)");
	reads_brief("openat",
	    ARGS(0, at("x"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644),
	    "openat(0, \"x\", O_WRONLY|O_CREAT|O_CLOEXEC, 0644)");
	reads_brief("openat", ARGS((uint32_t)AT_FDCWD, 9, O_RDONLY),
	    "openat(0x9, O_RDONLY)");
	reads_brief("openat",
	    ARGS((uint32_t)AT_FDCWD, at("a\n\"b\033"), O_RDWR | 0x40000000),
	    "openat(\"a\\n\\\"b\\033\", O_RDWR|0x40000000)");
	reads_brief("unlinkat", ARGS((uint32_t)AT_FDCWD, at("x"), 0),
	    "unlinkat(\"x\")");
	reads_brief("unlinkat", ARGS((uint32_t)AT_FDCWD, at("x"), AT_REMOVEDIR),
	    "unlinkat(\"x\", AT_REMOVEDIR)");
	reads_brief("socket", ARGS(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 6),
	    "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP)");
	reads_brief("socket", ARGS(AF_UNIX, SOCK_STREAM, 0),
	    "socket(AF_UNIX, SOCK_STREAM)");
	reads_brief("connect", ARGS(3, at(&in), sizeof(in)),
	    "connect(3, {AF_INET, 127.0.0.1, port=8080})");
	reads_brief("connect", ARGS(3, 7, 16), "connect(3, 0x7)");
	reads_brief("setsockopt",
	    ARGS(3, SOL_SOCKET, SO_REUSEADDR, at(&(int){ 1 }), 4),
	    "setsockopt(3, SOL_SOCKET, SO_REUSEADDR)");
	reads_brief("kill", ARGS(1, SIGTERM), "kill(1, SIGTERM)");
	reads_brief("access", ARGS(at("x"), F_OK), "access(\"x\", F_OK)");
	reads_brief("mmap",
	    ARGS(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	        UINT64_MAX),
	    "mmap(PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1)");
	reads_brief("execve", ARGS(at("/bin/ls"), 1, 1), "execve(\"/bin/ls\")");
	reads_brief("fork", ARGS(0), "fork()");
}

static void
test_structs(void)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	uint64_t clone[8] = { 0x100, 0, 0, 0, SIGCHLD };
	uint64_t set = 1U << (SIGINT - 1) | 1U << (SIGCHLD - 1);
	struct timespec when = { 3, 500 };
	char one[] = "one", two[] = "two\n";
	struct iovec vector[2] = { { one, 3 }, { two, 4 } };
	struct msghdr message = { .msg_iov = vector, .msg_iovlen = 2 };
	struct rlimit limit = { 1024, RLIM_INFINITY };
	struct pollfd fds[1] = { { 77777, POLLIN | POLLOUT, 0 } };
	const char *const argv[] = { "ls", "-l", "a b", NULL };

	reads("openat2", ARGS((uint64_t)AT_FDCWD, at("x"), at(&how), 24),
	    "openat2(AT_FDCWD, \"x\", {flags=O_RDONLY|O_CLOEXEC, resolve="
	    "RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH}, 24)");
	reads("clone3", ARGS(at(clone), 88),
	    "clone3({flags=CLONE_VM, exit_signal=SIGCHLD}, 88)");
	reads("clone", ARGS(0x01200000 | SIGCHLD),
	    "clone(CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, NULL, "
	    "NULL, NULL, NULL)");
	reads("rt_sigprocmask", ARGS(SIG_BLOCK, at(&set), 0, 8),
	    "rt_sigprocmask(SIG_BLOCK, [SIGINT SIGCHLD], NULL, 8)");
	reads("nanosleep", ARGS(at(&when), 0), "nanosleep({3, 500}, NULL)");
	reads("writev", ARGS(77777, at(vector), 2),
	    "writev(77777, [\"one\", \"two\\n\"], 2)");
	reads("sendmsg", ARGS(77777, at(&message), MSG_NOSIGNAL),
	    "sendmsg(77777, {data=[\"one\", \"two\\n\"]}, MSG_NOSIGNAL)");
	reads("setrlimit", ARGS(RLIMIT_NOFILE, at(&limit)),
	    "setrlimit(RLIMIT_NOFILE, {cur=1024, max=RLIM_INFINITY})");
	reads("poll", ARGS(at(fds), 1, 5),
	    "poll([{77777, POLLIN|POLLOUT}], 1, 5)");
	reads("execve", ARGS(at("/bin/ls"), at(argv), 0),
	    "execve(\"/bin/ls\", [\"ls\", \"-l\", \"a b\"], NULL)");
	reads("execve", ARGS(at("/bin/ls"), 1, 1),
	    "execve(\"/bin/ls\", 0x1, 0x1)");
	reads("write", ARGS(77777, at("a\0b"), 3),
	    "write(77777, \"a\\000b\", 3)");
}

static void
test_addresses(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(443),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(53),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_un un = { AF_UNIX, "/run/x\n" };
	struct sockaddr_un abstract = { AF_UNIX, "\0name" };
	struct sockaddr_ll link = { .sll_family = AF_PACKET,
		.sll_protocol = htons(3),
		.sll_ifindex = 1,
		.sll_hatype = 1,
		.sll_halen = 3,
		.sll_addr = { 2, 0, 10 } };
	struct sockaddr_vm machine = {
		.svm_family = AF_VSOCK, .svm_port = 5, .svm_cid = 2
	};
	struct sockaddr_nl netlink = { .nl_family = AF_NETLINK };
	size_t name = offsetof(struct sockaddr_un, sun_path);

	reads("connect", ARGS(77777, at(&in), sizeof(in)),
	    "connect(77777, {AF_INET, 127.0.0.1, port=443}, 16)");
	reads("connect", ARGS(77777, at(&in6), sizeof(in6)),
	    "connect(77777, {AF_INET6, ::1, port=53}, 28)");
	reads("bind", ARGS(77777, at(&un), sizeof(un)),
	    "bind(77777, {AF_UNIX, path=\"/run/x\\n\"}, 110)");
	reads("bind", ARGS(77777, at(&abstract), name + 5),
	    "bind(77777, {AF_UNIX, path=@\"name\"}, 7)");
	reads("bind", ARGS(77777, at(&un), 2), "bind(77777, {AF_UNIX}, 2)");
	reads("bind", ARGS(77777, at(&un), 0), "bind(77777, {}, 0)");
	reads("bind", ARGS(77777, at(&link), sizeof(link)),
	    "bind(77777, {AF_PACKET, protocol=0x3, interface=1, hatype=1, "
	    "pkttype=0, address=02:00:0a}, 20)");
	reads("connect", ARGS(77777, at(&machine), sizeof(machine)),
	    "connect(77777, {AF_VSOCK, cid=2, port=5}, 16)");
	reads("bind", ARGS(77777, at(&netlink), sizeof(netlink)),
	    "bind(77777, {AF_NETLINK, pid=0, groups=0}, 12)");
	reads("bind", ARGS(77777, 8, 16), "bind(77777, 0x8, 16)");
}

/* What a call fills in is shown once it has, and only then. */
static void
test_results(void)
{
	int pair[2] = { 77777, 88888 };
	struct stat status;
	char buffer[8] = "abc";

	begin(NULL, "read", ARGS(77777, at(buffer), sizeof(buffer)));
	ok(strstr(text_of(&call), "abc") == NULL &&
	        strcmp(result_of(&call), "?") == 0,
	    "before: %s = %s", text_of(&call), result_of(&call));
	event_call_end(&call, 3, false);
	ok(strcmp(text_of(&call), "read(77777, \"abc\", 8)") == 0 &&
	        strcmp(result_of(&call), "3") == 0,
	    "after: %s = %s", text_of(&call), result_of(&call));
	begin(NULL, "read", ARGS(77777, at(buffer), sizeof(buffer)));
	event_call_end(&call, -EBADF, true);
	ok(strstr(text_of(&call), "abc") == NULL &&
	        strncmp(result_of(&call), "-1 EBADF (", 10) == 0,
	    "failed: %s", result_of(&call));
	begin(NULL, "read", ARGS(77777, at(buffer), sizeof(buffer)));
	event_call_end(&call, -512, true);
	ok(strcmp(result_of(&call), "-1 ERESTARTSYS") == 0, "interrupted: %s",
	    result_of(&call));
	begin(NULL, "pipe2", ARGS(at(pair), O_CLOEXEC));
	event_call_end(&call, 0, false);
	ok(strcmp(text_of(&call), "pipe2([77777, 88888], O_CLOEXEC)") == 0,
	    "%s", text_of(&call));
	ok(stat("/dev/null", &status) == 0, "stat /dev/null");
	begin(NULL, "fstat", ARGS(77777, at(&status)));
	event_call_end(&call, 0, false);
	ok(strcmp(text_of(&call),
	       "fstat(77777, {mode=S_IFCHR|0666, size=0, ...})") == 0,
	    "%s", text_of(&call));
	begin(NULL, "umask", ARGS(077));
	event_call_end(&call, 022, false);
	ok(strcmp(result_of(&call), "022") == 0, "umask: %s", result_of(&call));
}

/* Registers of 32-bit callers: halves of offsets, garbage above. */
static void
test_narrow(void)
{
	uint64_t high = UINT64_C(0xdead00000000);
	/* A hint below 4 GiB is taken where it is free. */
	void *low = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t when[2] = { 3, 500 };

	begin("i386", "ftruncate64", ARGS(77777, 5, 1));
	ok(strcmp(text_of(&call), "ftruncate64(77777, 4294967301)") == 0,
	    "i386: %s", text_of(&call));
	begin("i386", "lseek", ARGS(77777, 0xfffffffe, SEEK_CUR));
	ok(strcmp(text_of(&call), "lseek(77777, -2, SEEK_CUR)") == 0,
	    "i386: %s", text_of(&call));
	begin("i386", "mmap", ARGS(0x1234));
	ok(strcmp(text_of(&call), "mmap(0x1234)") == 0, "i386: %s",
	    text_of(&call));
	if (low == MAP_FAILED || at(low) > UINT32_MAX) {
		skip("i386: memory that it can name", "none could be mapped");
		return;
	}
	memcpy(low, when, sizeof(when));
	begin("i386", "nanosleep", ARGS(high | at(low), 0));
	ok(strcmp(text_of(&call), "nanosleep({3, 500}, NULL)") == 0, "i386: %s",
	    text_of(&call));
	munmap(low, 4096);
}

static void
test_unknown(void)
{
	const struct event_source self = { .pid = getpid(), .tid = getpid() };

	event_call_begin(
	    &call, &self, arch_native()->audit, 0x1ff, ARGS(1, 2, 3));
	ok(strcmp(text_of(&call), "syscall_0x1ff(0x1, 0x2, 0x3, 0, 0, 0)") == 0,
	    "%s", text_of(&call));
	event_call_begin(&call, &self, 0x12345678, 1, ARGS(1));
	ok(strcmp(text_of(&call), "syscall_0x1(0x1, 0, 0, 0, 0, 0)") == 0,
	    "of an unknown architecture: %s", text_of(&call));
}

/* Every call there is, with arguments that point nowhere. */
static void
test_nowhere(void)
{
	const struct event_source self = { .pid = getpid(), .tid = getpid() };
	const struct arch *arch;
	unsigned int count = 0;

	for (size_t i = 0; (arch = arch_at(i)) != NULL; i++) {
		for (unsigned int nr = 0; nr <= arch->max; nr++) {
			event_call_begin(
			    &call, &self, arch->audit, nr, ARGS(8, 8, 8, 8));
			event_call_end(&call, 8, false);
			count += text_of(&call) != NULL;
			event_call_begin(&call, &self, arch->audit, nr,
			    ARGS(UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
			        UINT64_MAX, UINT64_MAX));
			event_call_end(&call, -1, false);
			count += text_of(&call) != NULL;
		}
	}
	ok(count > 2000, "%u calls with pointers to nowhere", count);
}

static void
test_memory(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct strbuf buf = { 0 };
	bool cut;

	munmap(memory + page, page);
	memset(memory, 'x', page);
	ok(memory_string(getpid(), at(memory + page - 5), 100, &buf, &cut) &&
	        cut && buf.length == 5,
	    "a string that runs into nothing is cut");
	buf.length = 0;
	ok(memory_string(getpid(), at(memory), 100, &buf, &cut) && cut &&
	        buf.length == 100,
	    "a string that is too long is cut");
	buf.length = 0;
	memory[page - 1] = '\0';
	ok(memory_string(getpid(), at(memory), 2 * page, &buf, &cut) && !cut &&
	        buf.length == page - 1,
	    "one that ends with its page is whole");
	ok(!memory_string(getpid(), at(memory + page), 10, &buf, &cut),
	    "nothing is there");
	ok(memory_read(getpid(), at(memory + page - 3), buf.data, 10) == 3,
	    "what is there is read");
	strbuf_free(&buf);
	munmap(memory, page);
}

static const char *
file_name(struct event_files *files, int fd)
{
	static char buffer[FILE_NAME_SIZE];
	const char *name = event_file_name(files, getpid(), fd, buffer);

	return name != NULL ? name : "";
}

static void
follow(struct event_files *files, const char *name, const uint64_t *args,
    int64_t result)
{
	struct event_source self = {
		.pid = getpid(), .tid = getpid(), .files = files
	};
	const struct arch *arch = arch_native();

	event_call_begin(&call, &self, arch->audit,
	    (uint64_t)arch_number(arch, name, strlen(name)), args);
	event_files_follow(files, &call);
	event_call_end(&call, result, false);
}

static void
test_files(void)
{
	struct event_files *files = event_files_new();
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	ok(strcmp(file_name(files, fd), "/dev/null") == 0 &&
	        strcmp(file_name(NULL, fd), "/dev/null") == 0 &&
	        *file_name(files, 250) == '\0' && *file_name(files, -1) == '\0',
	    "names of descriptors");
	dup2(zero, fd);
	ok(strcmp(file_name(files, fd), "/dev/null") == 0,
	    "they are remembered");
	follow(files, "dup2", ARGS((uint64_t)zero, (uint64_t)fd), fd);
	ok(strcmp(file_name(files, fd), "/dev/zero") == 0,
	    "dup2 makes them new");
	close(fd);
	follow(files, "close", ARGS((uint64_t)fd), 0);
	ok(*file_name(files, fd) == '\0', "a closed one has none");
	close(zero);
	event_files_forget(files);
	ok(*file_name(files, zero) == '\0', "all can be forgotten");
	event_files_free(files);
}

/* --- Choosing --- */

static struct call
call_of(const char *name, const uint64_t *args)
{
	const struct arch *arch = arch_native();
	struct call plain = { .arch = arch->audit,
		.nr = (uint32_t)arch_number(arch, name, strlen(name)) };

	memcpy(plain.args, args, sizeof(plain.args));
	return plain;
}

static const struct {
	const char *words, *name;
	uint64_t args[CALL_ARGS];
	bool wanted;
} choices[] = {
	{ "openat", "openat", { 0 }, true },
	{ "openat", "open", { 0 }, false },
	{ "open, openat", "openat", { 0 }, true },
	{ "inet", "socket", { AF_INET, SOCK_STREAM }, true },
	{ "inet", "socket", { AF_UNIX, SOCK_STREAM }, false },
	{ "unix", "socket", { AF_UNIX, SOCK_STREAM }, true },
	{ "inet", "read", { 0 }, false },
	{ "rpath", "openat", { 0, 0, O_RDONLY }, true },
	{ "rpath", "openat", { 0, 0, O_WRONLY }, false },
	{ "wpath", "openat", { 0, 0, O_WRONLY }, true },
	{ "flock", "flock", { 0 }, true },
	{ "flock", "fcntl", { 0, F_SETLK }, true },
	{ "flock", "fcntl", { 0, F_GETFD }, false },
	{ "bpf", "bpf", { 0 }, true },
	{ "/etc", "openat", { 0 }, true },
	{ "/etc", "getpid", { 0 }, false },
	{ "exec", "execve", { 0 }, true },
};

static void
test_choice(void)
{
	static struct filter filter;
	static struct program program;
	const struct filter *filters[] = { &filter };

	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		struct selection selection = { 0 };
		struct call plain = call_of(choices[i].name, choices[i].args);
		struct diag diag = { 0 };
		uint32_t answer = 0;
		bool fine;

		fine = selection_add(&selection, choices[i].words, &diag) == 0;
		selection_filter(&selection, &filter);
		fine =
		    fine && program_compile(filters, 1, &program, &diag) == 0;
		fine = fine &&
		       program_run(&program, &plain, &answer, NULL, &diag) == 0;
		ok(fine &&
		        selection_wants(&selection, &plain) ==
		            choices[i].wanted &&
		        (answer == SECCOMP_RET_TRACE) == choices[i].wanted &&
		        (answer == SECCOMP_RET_ALLOW) != choices[i].wanted,
		    "--only \"%s\": %s %s", choices[i].words, choices[i].name,
		    choices[i].wanted ? "stops" : "does not");
		selection_free(&selection);
	}
}

static const struct {
	const char *words, *said;
} refused[] = {
	{ "opnat", "did you mean \"openat\"" },
	{ "rpaht", "did you mean \"rpath\"" },
	{ "", "name calls" },
	{ " , ", "name calls" },
};

static void
test_refused(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct selection selection = { 0 };
		struct diag diag = { 0 };

		ok(selection_add(&selection, refused[i].words, &diag) ==
		            -EINVAL &&
		        strstr(diag.text, refused[i].said) != NULL,
		    "--only \"%s\": %s", refused[i].words, diag.text);
		selection_free(&selection);
	}
}

static const struct {
	const char *words, *path;
	bool taken;
} paths[] = {
	{ "/etc", "/etc", true },
	{ "/etc", "/etc/passwd", true },
	{ "/etc", "/etcetera", false },
	{ "/etc/", "/etc/passwd", true },
	{ "/etc", "/usr/../etc/./x", true },
	{ "/etc", "/etc/../usr", false },
	{ "/", "/anything", true },
	{ "./sub", "sub/file", true },
	{ "./sub", "../sub", false },
	{ "openat,/etc", "/usr", true },
};

static void
test_paths(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct selection selection = { 0 };
		bool fine =
		    selection_add(&selection, paths[i].words, NULL) == 0;

		begin(NULL, "openat",
		    ARGS((uint64_t)AT_FDCWD, at(paths[i].path), 0));
		ok(fine && selection_takes(&selection, &call) == paths[i].taken,
		    "--only %s: %s %s", paths[i].words, paths[i].path,
		    paths[i].taken ? "is shown" : "is not");
		selection_free(&selection);
	}
}

static const struct {
	const char *name;
	uint64_t args[CALL_ARGS];
	promise_set words;
	bool together, always;
} covers[] = {
	{ "read", { 0 }, PROMISE(STDIO), false, false },
	{ "exit_group", { 0 }, 0, false, true },
	{ "openat", { 0, 0, O_RDONLY }, PROMISE(RPATH), false, false },
	{ "openat", { 0, 0, O_RDWR }, PROMISE(RPATH) | PROMISE(WPATH), true,
	    false },
	{ "socket", { AF_UNIX, SOCK_STREAM }, PROMISE(UNIX), false, false },
	{ "execve", { 0 }, PROMISE(EXEC), false, false },
	{ "mount", { 0 }, 0, false, false },
	{ "socket", { AF_PACKET, SOCK_RAW }, 0, false, false },
};

static void
test_covers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(covers); i++) {
		struct call plain = call_of(covers[i].name, covers[i].args);
		struct cover cover = cover_find(&plain);

		ok(cover.words == covers[i].words &&
		        cover.together == covers[i].together &&
		        cover.always == covers[i].always,
		    "the promise for %s, row %zu: %#llx", covers[i].name, i,
		    (unsigned long long)cover.words);
	}
}

int
main(void)
{
	test_rows();
	test_by_another();
	test_control();
	test_names();
	test_sets();
	test_plain();
	test_brief();
	test_structs();
	test_addresses();
	test_results();
	test_narrow();
	test_unknown();
	test_nowhere();
	test_memory();
	test_files();
	test_choice();
	test_refused();
	test_paths();
	test_covers();
	event_call_free(&call);
	return tap_done();
}
