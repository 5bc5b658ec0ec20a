/* SPDX-License-Identifier: ISC */
/* systemd's named groups of system calls. */
#ifndef FORMAT_SYSTEMD_H
#define FORMAT_SYSTEMD_H

#include <stddef.h>

struct systemd_group {
	const char *name;  /* "@clock" */
	const char *words; /* calls and groups */
};
extern const struct systemd_group systemd_groups[];
extern const size_t systemd_group_count;

#endif
