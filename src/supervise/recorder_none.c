/* SPDX-License-Identifier: ISC */
/* Built without libbpf, or a compiler for the kernel's programs. */
#include <stddef.h>

#include "supervise/recorder.h"

const struct recorder_driver *
recorder_driver(void)
{
	return NULL;
}
