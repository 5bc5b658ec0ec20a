/* SPDX-License-Identifier: ISC */
/* Names of errors, errno(3): all that Linux has. */
#ifndef CALL_ERRNOS_H
#define CALL_ERRNOS_H

/*
 * "EPERM", "ENOTSUP" or "13": the number, from 1 to what a filter can answer
 * (seccomp(2)); -1: it is none.
 */
int errno_find(const char *text);

/* "EPERM"; NULL for a number that is no program's. */
const char *errno_name(int err);

/* The same, with what the kernel keeps to itself and a tracer sees. */
const char *symbol_errno(int err);

#endif
