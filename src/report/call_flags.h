/* SPDX-License-Identifier: ISC */
/* The names of numbers in system calls' arguments: facts alone. */
#ifndef REPORT_CALL_FLAGS_H
#define REPORT_CALL_FLAGS_H

#include <stddef.h>
#include <stdint.h>

struct number_name {
	uint64_t value;
	const char *name;
};

/* A set of names; with `flags` the values are bits that are or-ed together. */
struct number_set {
	const struct number_name *names;
	size_t count;
	uint64_t choice; /* bits that hold one of several values, not flags */
};

extern const struct number_set open_flag_names, mapping_names, protection_names,
    clone_names, domain_names, socket_type_names, protocol_names, signal_names,
    ioctl_names, fcntl_names, level_names, option_names, at_flag_names,
    prctl_names, access_names;

/* The name of VALUE in SET, NULL: it has none. */
const char *number_name(const struct number_set *set, uint64_t value);

#endif
