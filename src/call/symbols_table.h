/* SPDX-License-Identifier: ISC */
/*
 * How the tables of symbols are written.
 *
 * The _NUMBER forms are for names that the headers of the oldest supported
 * build host (Debian 12, Linux 6.1), or one of the C libraries, do not have.
 */
#ifndef CALL_SYMBOLS_TABLE_H
#define CALL_SYMBOLS_TABLE_H

#include "base/table.h"
#include "call/symbols.h"

/* clang-format off */
#define EVERY_BIT UINT64_MAX
#define NUMBER(name, number, mask) \
	{ name, (uint32_t)(number), (uint64_t)(mask) }
/* Bits of their own; 0 is named only where nothing is set. */
#define FLAG(name)                NUMBER(#name, name, (uint32_t)(name))
#define FLAG_NUMBER(name, number) NUMBER(#name, number, (uint32_t)(number))
/* One of those that share the bits of MASK. */
#define FIELD(name, mask)         NUMBER(#name, name, mask)
/* The whole. */
#define WHOLE(name)                NUMBER(#name, name, EVERY_BIT)
#define WHOLE_NUMBER(name, number) NUMBER(#name, number, EVERY_BIT)

#define SYMBOLS(set, ...) \
	static const struct symbol set##_rows[] = { __VA_ARGS__ }; \
	const struct symbols set_##set = { set##_rows, \
		ARRAY_SIZE(set##_rows) }
/* clang-format on */

#endif
