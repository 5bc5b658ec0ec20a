/* SPDX-License-Identifier: ISC */
/* Names of the kernel's constants, as arguments of system calls have them. */
#ifndef FORMAT_SYMBOLS_H
#define FORMAT_SYMBOLS_H

#include <stdint.h>

#include "base/diag.h"
#include "call/arch.h"

/*
 * "AF_INET", "O_CREAT|O_EXCL", "0x1f", "-1", "42": the number it is on ARCH.
 * -EINVAL and what is wrong.
 */
int symbol_value(const char *text, const struct arch *arch, uint64_t *ret_value,
    struct diag *diag);

/* symbol_at(0), symbol_at(1)... NULL: all names there are. */
const char *symbol_at(size_t index);

#endif
