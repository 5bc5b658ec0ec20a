/* SPDX-License-Identifier: ISC */
/*
 * What looks into the command's program, given any file: the command is not
 * trusted, and what it says is read before it is confined.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "launch/target.h"
#include "target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_close int fd = memfd_create("program", MFD_CLOEXEC);
	struct target target = { 0 };
	struct diag diag = { 0 };
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (target_find(path, NULL, &target, &diag) < 0 &&
	    (diag.err == 0 || diag.text[0] == '\0'))
		abort(); /* An error says what it is. */
	target_free(&target);
	return 0;
}
