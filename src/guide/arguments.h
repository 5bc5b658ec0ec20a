/* SPDX-License-Identifier: ISC */
/* What the arguments of system calls are called. */
#ifndef GUIDE_ARGUMENTS_H
#define GUIDE_ARGUMENTS_H

/* "fd cmd arg"; NULL: it has none, or is not known. */
const char *arguments_of(const char *call);

#endif
