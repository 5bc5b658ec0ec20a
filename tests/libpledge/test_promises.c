/* SPDX-License-Identifier: ISC */
/*
 * What each promise lets through and what it kills for.  The numbers name
 * behaviours of two other implementations' suites: 3a, the Linux port of
 * cosmopolitan; 3b, OpenBSD's regress.  Where this library differs, the row
 * says how.  Every act is done unconfined first.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pty.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <termios.h>

#include "../../src/base/table.h"
#include "cases.h"

#ifndef SYS_memfd_secret
# define SYS_memfd_secret 447 /* Linux 5.14 */
#endif

#define LOW_ZERO 0x300000000000UL

/* Prepared before any promise. */
static int file_fd, inet_fd, pair[2], terminal_fd;
static char *page;

static int
result(long returned)
{
	return returned == -1 ? errno : 0;
}

static int
nothing(void)
{
	return 0;
}

static int
compute(void)
{
	for (int i = 0; i < 42; i++)
		page[0]++;
	return page[0] == 42 ? 0 : EINVAL;
}

static int
open_with(const char *path, int flags, mode_t mode)
{
	return result(open(path, flags, mode));
}

#define OPEN_ACT(name, path, flags, mode) \
 static int name(void)                    \
 {                                        \
  return open_with(path, flags, mode);    \
 }
OPEN_ACT(open_passwd, "/etc/passwd", O_RDONLY, 0)
OPEN_ACT(open_rdonly, "file", O_RDONLY, 0)
OPEN_ACT(open_wronly, "file", O_WRONLY, 0)
OPEN_ACT(open_rdwr, "file", O_RDWR, 0)
OPEN_ACT(open_rdonly_trunc, "file", O_RDONLY | O_TRUNC, 0)
OPEN_ACT(open_wronly_trunc, "file", O_WRONLY | O_TRUNC, 0)
OPEN_ACT(open_tmpfile, ".", O_RDWR | O_TMPFILE, 0600)
OPEN_ACT(open_new_rdwr, "new", O_RDWR | O_TRUNC | O_CREAT, 0644)
OPEN_ACT(open_new_wronly, "new", O_WRONLY | O_TRUNC | O_CREAT, 0644)
OPEN_ACT(open_new_setid, "new", O_WRONLY | O_CREAT, 04644)
OPEN_ACT(open_zero, "/dev/zero", O_RDONLY, 0)
OPEN_ACT(open_null_write, "/dev/null", O_WRONLY, 0)
OPEN_ACT(open_hosts, "/etc/hosts", O_RDONLY, 0)
OPEN_ACT(open_zone, "/usr/share/zoneinfo/UTC", O_RDONLY, 0)

#define SOCKET_ACT(name, domain, type, protocol) \
 static int name(void)                           \
 {                                               \
  return result(socket(domain, type, protocol)); \
 }
SOCKET_ACT(socket_stream, AF_INET, SOCK_STREAM, 0)
SOCKET_ACT(socket_dgram, AF_INET, SOCK_DGRAM, 0)
SOCKET_ACT(socket_stream6, AF_INET6, SOCK_STREAM, 0)
SOCKET_ACT(socket_nonblock, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)
SOCKET_ACT(socket_unix, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)
SOCKET_ACT(socket_unix_protocol, AF_UNIX, SOCK_STREAM, 1)
SOCKET_ACT(socket_unix_raw, AF_UNIX, SOCK_RAW, 0)
SOCKET_ACT(socket_netlink, AF_NETLINK, SOCK_RAW, 0)

static int
dup_it(void)
{
	return result(dup(file_fd));
}

static int
fcntl_basic(void)
{
	return fcntl(file_fd, F_GETFL) == -1 || fcntl(file_fd, F_GETFD) == -1 ||
	               fcntl(file_fd, F_DUPFD_CLOEXEC, 100) == -1 ||
	               ioctl(file_fd, FIOCLEX) == -1
	           ? errno
	           : 0;
}

static int
fcntl_unknown(void)
{
	return fcntl(file_fd, 777) == -1 && errno == EINVAL ? 0 : EIO;
}

static int
fcntl_getlk(void)
{
	struct flock lock = { .l_type = F_RDLCK };

	return result(fcntl(file_fd, F_GETLK, &lock));
}

static int
fcntl_owner(void)
{
	return result(fcntl(inet_fd, F_SETOWN, getpid()));
}

static int
flock_it(void)
{
	return result(flock(file_fd, LOCK_SH));
}

static int
is_terminal(void)
{
	return isatty(file_fd) == 0 && errno == ENOTTY ? 0 : errno;
}

static int
terminal_change(void)
{
	struct termios settings;

	return tcgetattr(terminal_fd, &settings) == -1 ||
	               tcsetattr(terminal_fd, TCSANOW, &settings) == -1
	           ? errno
	           : 0;
}

/* As tmux does, for what it starts. */
static int
terminal_made(void)
{
	int master, status = 0;
	pid_t child = forkpty(&master, NULL, NULL, NULL);

	if (child == 0)
		_exit(isatty(0) && tcgetpgrp(0) == getpid() ? 7 : 1);
	if (child == -1 || waitpid(child, &status, 0) != child)
		return errno;
	close(master);
	return WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : ECHILD;
}

/* DIOCSTART of OpenBSD's packet filter, of what is none. */
static int
request_pf(void)
{
	return ioctl(file_fd, 0x20004401UL) == -1 && errno == ENOTTY ? 0
	                                                             : errno;
}

static int
send_plain(void)
{
	return send(pair[0], "x", 1, 0) == -1 ||
	               sendto(pair[0], "x", 1, 0, NULL, 0) == -1
	           ? errno
	           : 0;
}

static int
send_address(void)
{
	/* Its low word is zero: a filter that compares 32 bits lets it pass. */
	struct sockaddr_in *to =
	    mmap((void *)LOW_ZERO, 4096, PROT_READ | PROT_WRITE,
	        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (to != (void *)LOW_ZERO)
		return EIO;
	*to = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return result(sendto(inet_fd, "x", 1, 0, (void *)to, sizeof(*to)));
}

static int
bind_inet(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int yes = 1;

	return setsockopt(inet_fd, SOL_SOCKET, SO_BROADCAST, &yes,
	           sizeof(yes)) == -1 ||
	               bind(inet_fd, (void *)&address, length) == -1 ||
	               getsockname(inet_fd, (void *)&address, &length) == -1
	           ? errno
	           : 0;
}

static int
connect_inet(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return result(connect(inet_fd, (void *)&address, sizeof(address)));
}

static int
join_group(void)
{
	int ttl = 1;

	return result(setsockopt(
	    inet_fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)));
}

static int
send_descriptor(void)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
		          .cmsg_level = SOL_SOCKET,
		          .cmsg_type = SCM_RIGHTS } };
	struct iovec byte = { page, 1 };
	struct msghdr message = { .msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &file_fd, sizeof(file_fd));
	if (sendmsg(pair[0], &message, 0) != 1)
		return errno;
	return recvmsg(pair[1], &message, 0) == 1 ? 0 : errno;
}

static int
map_plain(void)
{
	char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED || mprotect(map, 4096, PROT_READ) == -1 ? errno
	                                                                 : 0;
}

static int
protect_exec(void)
{
	return result(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int
map_exec(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
	           ? errno
	           : 0;
}

static int
change_mode(void)
{
	return chmod("file", 0700) == -1 || fchmod(file_fd, 0700) == -1 ||
	               fchmodat(AT_FDCWD, "file", 0700, 0) == -1
	           ? errno
	           : 0;
}

static int
change_setid(void)
{
	return result(chmod("file", 04700));
}

static int
change_times(void)
{
	return result(utimes("file", NULL));
}

static int
secret_memory(void)
{
	return syscall(SYS_memfd_secret, 0) == -1 && errno == ENOSYS ? 0 : EIO;
}

static int
bogus_call(void)
{
	return syscall(4000) == -1 && errno == ENOSYS ? 0 : EIO;
}

static int
raise_signal(void)
{
	return result(raise(SIGURG));
}

static int
kill_self(void)
{
	return result(kill(getpid(), SIGURG));
}

static int
kill_group(void)
{
	return result(kill(0, SIGURG));
}

static int
kill_parent(void)
{
	/* Another user's: the kernel refuses, but was asked. */
	return kill(getppid(), 0) == -1 && errno != EPERM ? errno : 0;
}

static int
fork_it(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return result(child);
}

static int
getters(void)
{
	struct timeval now;
	struct rlimit limit;

	return getpid() < 0 || getuid() == (uid_t)-1 || getppid() < 0 ||
	               getpgrp() < 0 || getsid(0) < 0 ||
	               gettimeofday(&now, NULL) == -1 ||
	               getrlimit(RLIMIT_CORE, &limit) == -1 ||
	               umask(022) == (mode_t)-1
	           ? errno
	           : 0;
}

static int
make_directories(void)
{
	return mkdir("made", 0700) == -1 || rmdir("made") == -1 ? errno : 0;
}

static int
stat_file(void)
{
	struct stat status;

	return result(stat("file", &status));
}

static int
new_session(void)
{
	return setsid() == -1 && errno == EPERM ? 0 : errno;
}

static int
tmp_file(void)
{
	char name[] = "/tmp/libpledge-XXXXXX";
	int fd = mkstemp(name);

	return fd == -1 || unlink(name) == -1 ? errno : 0;
}

static int
new_filter(void)
{
	/* Asks for no_new_privs, and to lose it again. */
	return syscall(SYS_prctl, 38, 1, 0, 0, 0) == 0 &&
	               syscall(SYS_prctl, 38, 0, 0, 0, 0) == -1 &&
	               syscall(SYS_prctl, 21, 0, 0, 0, 0) == 2
	           ? 0
	           : EIO;
}

static const struct row {
	const char *number, *promises;
	int (*act)(void);
	int expect; /* 0, an errno, or KILLED */
	const char *text;
} rows[] = {
	{ "3a-1", "", nothing, 0, "_exit" },
	{ "3a-1", "", compute, 0, "compute on shared memory" },
	{ "3a-1", "", socket_stream, KILLED, "socket" },
	{ "3a-8", "stdio", open_rdwr, KILLED, "open for writing" },
	{ "3a-8", "stdio", open_passwd, KILLED, "open /etc/passwd" },
	{ "3a-8", "stdio error", open_passwd, ENOSYS,
	    "open, with error (EPERM there)" },
	{ "3a-9", "stdio", dup_it, 0, "dup" },
	{ "3a-9", "stdio", new_filter, 0,
	    "no_new_privs set and not cleared, seccomp mode 2" },
	{ "3a-9", "stdio", socket_unix, KILLED, "socket AF_UNIX" },
	{ "3a-10", "stdio", fcntl_basic, 0, "F_GETFL F_GETFD F_DUPFD FIOCLEX" },
	{ "3a-10", "stdio", fcntl_unknown, KILLED, "fcntl 777" },
	{ "3a-10", "stdio", fcntl_getlk, KILLED, "F_GETLK" },
	{ "3a-10", "stdio flock", fcntl_getlk, 0, "F_GETLK with flock" },
	{ "3a-10", "stdio flock", flock_it, 0, "flock" },
	{ "3a-10", "stdio", flock_it, KILLED, "flock without it" },
	{ "3a-10", "stdio", is_terminal, 0,
	    "isatty says ENOTTY (EPERM there)" },
	{ "3a-10", "stdio", socket_stream, KILLED, "socket AF_INET" },
	{ "3a-11", "stdio tty", send_plain, 0, "send, sendto nobody" },
	{ "3a-11", "stdio tty", is_terminal, 0, "isatty" },
	{ "3a-11", "stdio tty", send_address, KILLED,
	    "sendto, low word of the address zero" },
	{ "3a-12", "stdio unix", socket_unix, 0, "socket AF_UNIX" },
	{ "3a-12", "stdio unix", socket_stream, KILLED, "socket AF_INET" },
	{ "3a-12", "stdio unix", socket_stream6, KILLED, "socket AF_INET6" },
	{ "3a-12", "stdio unix", socket_unix_raw, KILLED, "AF_UNIX SOCK_RAW" },
	{ "3a-12", "stdio unix", socket_unix_protocol, 0,
	    "AF_UNIX protocol 1, which is PF_UNIX (EPERM there)" },
	{ "3a-13", "stdio wpath", open_wronly, 0, "O_WRONLY" },
	{ "3a-13", "stdio wpath", open_rdonly, KILLED, "O_RDONLY" },
	{ "3a-14", "stdio inet", socket_dgram, 0, "UDP" },
	{ "3a-14", "stdio inet", socket_stream6, 0, "TCP over IPv6" },
	{ "3a-14", "stdio inet", socket_nonblock, 0, "SOCK_NONBLOCK" },
	{ "3a-14", "stdio inet", bind_inet, 0,
	    "SO_BROADCAST bind getsockname" },
	{ "3a-14", "stdio inet", send_address, 0, "sendto" },
	{ "3a-14", "stdio inet", socket_unix, KILLED, "AF_UNIX" },
	{ "3a-14", "stdio inet", socket_netlink, KILLED, "AF_NETLINK" },
	{ "3a-15", "stdio anet", socket_stream, 0, "TCP" },
	{ "3a-15", "stdio anet", socket_dgram, KILLED, "UDP" },
	{ "3a-15", "stdio anet", connect_inet, KILLED, "connect" },
	{ "3a-16", "stdio", map_plain, 0, "mmap and mprotect" },
	{ "3a-16", "stdio", protect_exec, KILLED, "mprotect PROT_EXEC" },
	{ "3a-16", "stdio", map_exec, KILLED, "mmap PROT_EXEC" },
	{ "3a-16", "stdio prot_exec", protect_exec, 0,
	    "mprotect with prot_exec" },
	{ "3a-16", "stdio prot_exec", map_exec, 0, "mmap with prot_exec" },
	{ "3a-17", "stdio rpath wpath", change_mode, KILLED,
	    "chmod (allowed there; OpenBSD: fattr)" },
	{ "3a-17", "stdio rpath wpath fattr", change_mode, 0,
	    "chmod fchmod fchmodat with fattr" },
	{ "3a-17", "stdio rpath wpath fattr", change_setid, KILLED,
	    "chmod 04700" },
	{ "3a-18", "stdio rpath", open_rdonly, 0, "O_RDONLY" },
	{ "3a-18", "stdio rpath", open_rdonly_trunc, KILLED, "with O_TRUNC" },
	{ "3a-18", "stdio rpath", open_tmpfile, KILLED, "O_TMPFILE" },
	{ "3a-18", "stdio rpath", open_new_rdwr, KILLED, "O_RDWR O_CREAT" },
	{ "3a-18", "stdio rpath", open_new_wronly, KILLED, "O_WRONLY O_CREAT" },
	{ "3a-19", "stdio wpath", open_wronly_trunc, 0, "O_WRONLY O_TRUNC" },
	{ "3a-19", "stdio wpath", open_rdwr, KILLED,
	    "O_RDWR takes rpath, too (allowed there)" },
	{ "3a-19", "stdio rpath wpath", open_rdwr, 0, "O_RDWR with rpath" },
	{ "3a-19", "stdio wpath", open_tmpfile, KILLED, "O_TMPFILE" },
	{ "3a-19", "stdio wpath", open_new_wronly, KILLED, "O_CREAT" },
	{ "3a-20", "stdio cpath", open_new_wronly, KILLED,
	    "O_CREAT O_WRONLY takes wpath, too (allowed there)" },
	{ "3a-20", "stdio wpath cpath", open_new_wronly, 0,
	    "O_CREAT O_WRONLY with wpath" },
	{ "3a-20", "stdio wpath cpath", open_new_setid, KILLED, "mode 04644" },
	{ "3a-21", "stdio", secret_memory, 0, "memfd_secret is ENOSYS" },
	{ "3a-21", "stdio", bogus_call, 0, "an unknown call is ENOSYS" },
	{ "3a-23", "stdio prot_exec exec", open_passwd, EACCES,
	    "open without rpath (EPERM there; OpenBSD: killed)" },
	{ "3b-1", "", nothing, 0, "_exit" },
	{ "3b-1", "", socket_stream, KILLED, "socket" },
	{ "3b-2", "inet", kill_group, KILLED, "kill(0) under inet" },
	{ "3b-2", "stdio proc", kill_group, 0, "kill(0) under proc" },
	{ "3b-2", "stdio", kill_group, KILLED,
	    "kill(0) takes proc (OpenBSD: stdio)" },
	{ "3b-2", "stdio", kill_self, 0, "kill itself" },
	{ "3b-2", "stdio", raise_signal, 0, "raise" },
	{ "3b-2", "stdio", kill_parent, KILLED, "kill the parent" },
	{ "3b-2", "stdio proc", kill_parent, 0, "the same with proc" },
	{ "3b-3", "stdio rpath wpath tmppath inet unix dns getpw", getters, 0,
	    "getters" },
	{ "3b-3", "proc", getters, KILLED, "getters under proc alone" },
	{ "3b-3", "cpath", getters, KILLED, "getters under cpath alone" },
	{ "3b-3", "fattr", getters, KILLED, "getters under fattr alone" },
	{ "3b-4", "stdio rpath", open_zero, 0, "read /dev/zero" },
	{ "3b-4", "stdio wpath", open_null_write, 0, "write /dev/null" },
	{ "3b-4", "stdio rpath cpath", make_directories, 0, "mkdir, rmdir" },
	{ "3b-4", "stdio rpath", make_directories, KILLED,
	    "mkdir without cpath" },
	{ "3b-7", "stdio", map_exec, KILLED, "executable memory" },
	{ "3b-7", "stdio prot_exec", map_exec, 0, "the same with prot_exec" },
	{ "3b-8", "stdio tty", terminal_change, 0, "terminal settings" },
	{ "3b-8", "stdio rpath wpath proc tty", terminal_made, 0, "forkpty" },
	{ "3b-8", "stdio rpath wpath proc", terminal_made, KILLED,
	    "forkpty without tty" },
	{ "3b-8", "stdio", terminal_change, ENOTTY,
	    "without tty: ENOTTY (OpenBSD: killed)" },
	{ "3b-sockopt", "stdio inet", join_group, KILLED, "multicast options" },
	{ "3b-sockopt", "stdio inet mcast", join_group, 0, "with mcast" },
	{ "3b-sendrecvfd", "stdio sendfd recvfd", send_descriptor, 0,
	    "SCM_RIGHTS" },
	{ "3b-sendrecvfd", "stdio", send_descriptor, 0,
	    "SCM_RIGHTS without the words (OpenBSD: killed)" },
	{ "3b-open", "stdio", open_passwd, KILLED, "an unknown file" },
	{ "3b-open", "stdio rpath", open_hosts, 0, "/etc/hosts with rpath" },
	{ "3b-open", "stdio dns", open_hosts, 0, "/etc/hosts with dns" },
	{ "3b-open", "stdio", open_hosts, KILLED, "/etc/hosts with stdio" },
	{ "3b-open", "stdio dns", open_passwd, EACCES,
	    "another file with dns (OpenBSD: killed)" },
	{ "3b-open", "stdio getpw", open_passwd, 0, "/etc/passwd with getpw" },
	{ "3b-open", "stdio error", open_hosts, ENOSYS, "stdio error" },
	{ "3b-open", "stdio", open_zone, KILLED,
	    "zoneinfo takes rpath (OpenBSD: stdio)" },
	{ "3b-open", "stdio", open_null_write, KILLED,
	    "/dev/null takes wpath (OpenBSD: stdio)" },
	{ "3b-open", "stdio getpw", change_mode, KILLED,
	    "chmod of what could be opened" },
	{ "3b-ioctl", "stdio rpath pf", request_pf, KILLED,
	    "pf means nothing (OpenBSD: its requests)" },
	{ "3b-filedescriptor", "stdio", dup_it, 0,
	    "descriptors that are open" },
	{ "3b-21", "stdio tmppath", tmp_file, 0, "mkstemp in /tmp" },
	{ "3b-21", "stdio tmppath", open_new_rdwr, KILLED,
	    "no other way to make files" },
	{ "stdio", "stdio", fork_it, KILLED, "fork takes proc" },
	{ "proc", "stdio proc", fork_it, 0, "fork" },
	{ "proc", "stdio proc", fcntl_owner, 0, "F_SETOWN" },
	{ "stdio", "stdio", fcntl_owner, KILLED, "F_SETOWN takes proc" },
	{ "proc", "stdio proc", new_session, 0, "setsid" },
	{ "rpath", "stdio rpath", stat_file, 0, "stat" },
	{ "stdio", "stdio", stat_file, KILLED, "stat takes rpath" },
	{ "fattr", "stdio fattr", change_times, 0, "utimes" },
	{ "rpath", "stdio rpath", change_times, KILLED, "utimes takes fattr" },
};

static const struct row *now;

static int
prepare(void)
{
	terminal_fd = posix_openpt(O_RDWR | O_NOCTTY);
	file_fd = open("file", O_RDWR | O_CREAT, 0600);
	inet_fd = socket(AF_INET, SOCK_DGRAM, 0);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	signal(SIGURG, SIG_IGN);
	/* Its own group: kill(0) reaches this process alone. */
	setpgid(0, 0);
	return terminal_fd == -1 || file_fd == -1 || inet_fd == -1 ||
	               page == MAP_FAILED ||
	               socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1
	           ? -1
	           : 0;
}

static int
confined(void)
{
	EXPECT(prepare() == 0);
	EXPECT(pledge(now->promises, NULL) == 0);
	return now->act();
}

static int
unconfined(void)
{
	EXPECT(prepare() == 0);
	return now->act();
}

/* Those that can only be seen from inside. */
static bool
needs_promise(int (*act)(void))
{
	return act == secret_memory || act == new_filter;
}

static void
test_row(const struct row *row)
{
	char text[256];
	bool first = true;

	now = row;
	snprintf(text, sizeof(text), "\"%s\": %s", row->promises, row->text);
	run_case(row->number, text, confined, row->expect);
	for (const struct row *other = rows; other < row; other++)
		first = first && other->act != row->act;
	if (!first || needs_promise(row->act))
		return;
	snprintf(text, sizeof(text), "unconfined: %s", row->text);
	run_case(row->number, text, unconfined, 0);
}

int
main(void)
{
	make_directory();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	remove_directory();
	return tap_done();
}
