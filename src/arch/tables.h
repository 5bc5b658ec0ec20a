/* SPDX-License-Identifier: ISC */
/* The data files' tables, for arch.c alone: everyone else asks arch.h. */
#ifndef ARCH_TABLES_H
#define ARCH_TABLES_H

#include "arch/arch.h"

extern const struct arch arch_x86_64, arch_i386, arch_aarch64, arch_riscv64;

#endif
