/* SPDX-License-Identifier: ISC */
#include "call/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/table.h"

/* What is not known is shown as its registers. */
/* clang-format off */
#define UNKNOWN { TYPE_ULONG, ARG_HEX }
/* clang-format on */
static const struct call_row unknown_row = {
	"",
	{ UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN },
	RESULT_NUMBER,
};

const struct arg_type_row arg_type_rows[ARG_TYPE_COUNT] = {
	[TYPE_INT] = { "int", 32, 32, true },
	[TYPE_UINT] = { "unsigned int", 32, 32, false },
	[TYPE_U16] = { "unsigned short", 16, 16, false },
	[TYPE_LONG] = { "long", 64, 32, true },
	[TYPE_ULONG] = { "unsigned long", 64, 32, false },
	[TYPE_SIZE] = { "size_t", 64, 32, false },
	[TYPE_PTR] = { "pointer", 64, 32, false },
	[TYPE_U64] = { "64-bit number", 64, 64, false },
};

unsigned int
arg_bits(enum arg_type type, const struct arch *arch)
{
	const struct arg_type_row *row = &arg_type_rows[type];

	return arch != NULL && (arch->quirks & ARCH_32BIT) ? row->narrow_bits
	                                                   : row->bits;
}

static const struct call_row *
find_among(const struct call_row *rows, size_t count, const char *name)
{
	size_t low = 0, high = count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(name, rows[middle].name);
		if (order == 0)
			return &rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct call_row *
call_row_named(const char *name)
{
	return find_among(call_rows, call_row_count, name);
}

static const struct call_row *
look_up(const struct arch *arch, unsigned int nr)
{
	const char *name = arch_name(arch, nr);
	const struct call_row *row = NULL;

	if (name == NULL)
		return &unknown_row;
	if (arch->quirks & ARCH_32BIT)
		row = find_among(call_rows_32bit, call_row_count_32bit, name);
	if (row == NULL)
		row = call_row_named(name);
	return row != NULL ? row : &unknown_row;
}

const struct call_row *
call_row_find(const struct arch *arch, unsigned int nr)
{
	/* Found once, remembered: every thread would write the same. */
	static const struct call_row *known[4][ARCH_CALLS_MAX];
	const struct call_row **slot;
	size_t index = 0;

	if (arch == NULL || nr > arch->max)
		return &unknown_row;
	while (index < ARRAY_SIZE(known) && arch_at(index) != arch)
		index++;
	if (index == ARRAY_SIZE(known))
		return look_up(arch, nr);
	slot = &known[index][nr];
	if (*slot == NULL)
		*slot = look_up(arch, nr);
	return *slot;
}

static int
compare_names(const void *name, const void *known)
{
	return strcmp(name, *(const char *const *)known);
}

bool
call_is_known(const char *name)
{
	for (size_t i = 0; arch_at(i) != NULL; i++)
		if (arch_number(arch_at(i), name, strlen(name)) >= 0)
			return true;
	return bsearch(name, (const void *)call_names_elsewhere,
	           call_name_elsewhere_count, sizeof(call_names_elsewhere[0]),
	           compare_names) != NULL;
}

const char *
call_arg_name(const struct call_row *row, size_t index)
{
	const struct call_row *known = call_row_named(row->name);

	if (known == NULL || index >= CALL_ARGS)
		return NULL;
	return call_arg_names[known - call_rows][index];
}

bool
call_row_takes(const struct call_row *row, enum arg_kind kind)
{
	for (size_t i = 0; i < CALL_ARGS; i++)
		if (row->args[i].kind == kind)
			return true;
	return false;
}
