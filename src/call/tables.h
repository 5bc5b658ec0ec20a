/* SPDX-License-Identifier: ISC */
/* The data files' tables, for arch.c alone: everyone else asks arch.h. */
#ifndef CALL_TABLES_H
#define CALL_TABLES_H

#include "call/arch.h"

extern const struct arch arch_x86_64, arch_i386, arch_aarch64, arch_riscv64;

#endif
