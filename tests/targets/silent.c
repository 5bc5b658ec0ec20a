/* SPDX-License-Identifier: ISC */
/*
 * silent DIRECTORY [take]: a file system (fuse(4)) that answers nothing but the
 * kernel's greeting.  Says "mounted"; with "take" it takes each request, which
 * cannot be called back then.  When it ends, all that wait get an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int
fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

static int
greet(int fd)
{
	static char request[1 << 17];
	struct {
		struct fuse_out_header head;
		struct fuse_init_out init;
	} answer = { .init = { .major = FUSE_KERNEL_VERSION,
		         .minor = FUSE_KERNEL_MINOR_VERSION,
		         .max_write = 4096 } };
	struct fuse_in_header head;

	if (read(fd, request, sizeof(request)) < (ssize_t)sizeof(head))
		return -1;
	memcpy(&head, request, sizeof(head));
	answer.head.len = sizeof(answer);
	answer.head.unique = head.unique;
	return write(fd, &answer, sizeof(answer)) < 0 ? -1 : 0;
}

int
main(int argc, char **argv)
{
	static char request[1 << 17];
	char options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (argc < 2 || fd < 0)
		return fail("/dev/fuse");
	snprintf(options, sizeof(options),
	    "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (mount("silent", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return fail("mount");
	if (greet(fd) < 0)
		return fail("greet");
	puts("mounted");
	fflush(stdout);
	while (argc > 2 && read(fd, request, sizeof(request)) > 0) {
		puts("taken");
		fflush(stdout);
	}
	pause();
	return 0;
}
