/* SPDX-License-Identifier: ISC */
/* Real sockets in directories of their own. */
#include "api/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/table.h"
#include "tap.h"

static char place[] = "/tmp/pledge-test-XXXXXX";

static const char *
in_place(const char *name)
{
	static char path[SOCKET_PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", place, name);
	return path;
}

static mode_t
mode_of(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 ? status.st_mode : 0;
}

static int
call(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
test_open(void)
{
	const char *path = in_place("a.sock");
	struct api_socket made, second;
	struct ucred peer = { 0 };
	struct diag diag = { 0 };
	mode_t mask = umask(0);
	int client, fd;

	ok(socket_open(&made, path, SOCKET_NO_GROUP, &diag) == 0, "open: %s",
	    diag.text);
	umask(mask);
	ok(mode_of(path) == (S_IFSOCK | 0600), "mode %o", mode_of(path));
	ok(socket_open(&second, path, SOCKET_NO_GROUP, &diag) == -EADDRINUSE,
	    "a second: %s", diag.text);
	client = call(path);
	fd = socket_accept(made.fd, &peer);
	ok(client >= 0 && fd >= 0 && socket_is_own(&peer) &&
	        peer.pid == getpid(),
	    "the first is undisturbed; its peer is us");
	ok(fcntl(fd, F_GETFD) == FD_CLOEXEC, "close-on-exec");
	close(client);
	close(fd);
	socket_close(&made);
	ok(mode_of(path) == 0 && made.fd == -1, "closed: gone");
}

static void
test_left_behind(void)
{
	const char *path = in_place("b.sock");
	struct api_socket made, again;
	struct diag diag = { 0 };

	socket_open(&made, path, SOCKET_NO_GROUP, &diag);
	close(made.fd);
	ok(S_ISSOCK(mode_of(path)) && call(path) < 0, "one is left behind");
	ok(socket_open(&again, path, SOCKET_NO_GROUP, &diag) == 0,
	    "and replaced: %s", diag.text);
	unlink(path);
	socket_open(&made, path, SOCKET_NO_GROUP, &diag);
	socket_close(&again);
	ok(S_ISSOCK(mode_of(path)), "whose socket is replaced removes nothing");
	again = made;
	socket_close(&again);
}

static void
test_foreign(void)
{
	const char *path = in_place("file");
	struct api_socket made;
	struct diag diag = { 0 };
	struct strbuf name = { 0 };

	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	ok(socket_open(&made, path, SOCKET_NO_GROUP, &diag) == -EEXIST &&
	        S_ISREG(mode_of(path)),
	    "a file: %s", diag.text);
	unlink(path);
	if (symlink("elsewhere", path) == 0)
		ok(socket_open(&made, path, SOCKET_NO_GROUP, &diag) ==
		            -EEXIST &&
		        S_ISLNK(mode_of(path)),
		    "a link: %s", diag.text);
	unlink(path);
	ok(socket_open(&made, in_place("no/x"), SOCKET_NO_GROUP, &diag) ==
	        -ENOENT,
	    "no directory: %s", diag.text);
	ok(socket_open(&made, "", SOCKET_NO_GROUP, &diag) == -EINVAL,
	    "no path: %s", diag.text);
	for (size_t i = 0; i < SOCKET_PATH_SIZE; i++)
		strbuf_putc(&name, 'x');
	ok(socket_open(&made, name.data, SOCKET_NO_GROUP, &diag) ==
	        -ENAMETOOLONG,
	    "too long: %s", diag.text);
	strbuf_free(&name);
}

/* Root alone can make another's. */
static void
test_other_user(void)
{
	const char *path = in_place("c.sock");
	struct api_socket made, other;
	struct diag diag = { 0 };

	if (geteuid() != 0) {
		skip("another user's socket", "needs root");
		return;
	}
	socket_open(&made, path, SOCKET_NO_GROUP, &diag);
	close(made.fd);
	ok(lchown(path, 1, 1) == 0 &&
	        socket_open(&other, path, SOCKET_NO_GROUP, &diag) == -EEXIST &&
	        S_ISSOCK(mode_of(path)),
	    "another's: %s", diag.text);
	unlink(path);
	ok(socket_open(&made, path, 65534, &diag) == 0, "a group's");
	ok(mode_of(path) == (S_IFSOCK | 0660), "mode %o", mode_of(path));
	socket_close(&made);
}

static void
test_default(void)
{
	char path[SOCKET_PATH_SIZE];
	struct diag diag = { 0 };

	setenv("XDG_RUNTIME_DIR", place, 1);
	ok(socket_default_path("api.sock", SOCKET_NO_GROUP, path, &diag) == 0 &&
	        strcmp(path, in_place("seccomp-pledge/api.sock")) == 0,
	    "the runtime directory: %s", path);
	ok(mode_of(in_place("seccomp-pledge")) == (S_IFDIR | 0700),
	    "its mode %o", mode_of(in_place("seccomp-pledge")));
	chmod(in_place("seccomp-pledge"), 0755);
	socket_default_path("api.sock", SOCKET_NO_GROUP, path, &diag);
	ok(mode_of(in_place("seccomp-pledge")) == (S_IFDIR | 0700),
	    "closed again");
	rmdir(in_place("seccomp-pledge"));
	if (symlink("/tmp", in_place("seccomp-pledge")) == 0)
		ok(socket_default_path(
		       "api.sock", SOCKET_NO_GROUP, path, &diag) == -EPERM,
		    "a link in its place: %s", diag.text);
	unlink(in_place("seccomp-pledge"));
	unsetenv("XDG_RUNTIME_DIR");
	setenv("HOME", place, 1);
	if (geteuid() != 0)
		ok(socket_default_path(
		       "api.sock", SOCKET_NO_GROUP, path, &diag) == 0 &&
		        strcmp(path, in_place(".local/state/seccomp-pledge/"
		                              "api.sock")) == 0,
		    "the home: %s", path);
	else
		skip("the home directory's", "root has /run");
}

int
main(void)
{
	static const char *const left[] = { "seccomp-pledge",
		".local/state/seccomp-pledge", ".local/state", ".local" };

	if (mkdtemp(place) == NULL)
		return 1;
	test_open();
	test_left_behind();
	test_foreign();
	test_other_user();
	test_default();
	for (size_t i = 0; i < ARRAY_SIZE(left); i++)
		rmdir(in_place(left[i]));
	ok(rmdir(place) == 0, "nothing else is left");
	return tap_done();
}
