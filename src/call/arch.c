/* SPDX-License-Identifier: ISC */
#include "call/tables.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "base/table.h"

static const struct arch *const archs[ARCH_LIST] = {
	&arch_x86_64,
	&arch_i386,
	&arch_aarch64,
	&arch_riscv64,
};

/* LP64 alone: the x32 and ILP32 ABIs define the processor's macro as well. */
const struct arch *
arch_native(void)
{
#if defined(__x86_64__) && defined(__LP64__)
	return &arch_x86_64;
#elif defined(__aarch64__) && defined(__LP64__) && defined(__AARCH64EL__)
	return &arch_aarch64;
#elif defined(__riscv) && __riscv_xlen == 64 && defined(__LP64__)
	return &arch_riscv64;
#else
# error "system call tables exist for x86_64, aarch64 and riscv64 only"
#endif
}

const struct arch *
arch_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
		if (strcmp(archs[i]->name, name) == 0)
			return archs[i];
	}
	return NULL;
}

const struct arch *
arch_at(size_t index)
{
	return index < ARRAY_SIZE(archs) ? archs[index] : NULL;
}

static const struct arch *
find_word(const char *word, size_t length, struct diag *diag)
{
	char name[32];
	struct suggest suggest = { .wanted = name };

	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	if (strcmp(name, "native") == 0)
		return arch_native();
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
		suggest_consider(&suggest, archs[i]->name);
		if (strcmp(archs[i]->name, name) == 0)
			return archs[i];
	}
	diag_set(diag, EINVAL,
	    "unknown architecture \"%s\" (native, x86_64, i386, aarch64, "
	    "riscv64)%s",
	    name, suggest_text(&suggest));
	return NULL;
}

int
arch_list_read(const char *text, struct arch_list *ret_list, struct diag *diag)
{
	struct arch_list *list = ret_list;

	list->count = 0;
	for (;;) {
		size_t length = strcspn(text, ","), i = 0;
		const struct arch *arch = find_word(text, length, diag);

		if (arch == NULL)
			return -EINVAL;
		while (i < list->count && list->archs[i] != arch)
			i++;
		if (i == list->count)
			list->archs[list->count++] = arch;
		if (text[length] == '\0')
			return 0;
		text += length + 1;
	}
}

/* strcmp, with NAME of LENGTH bytes, whatever they are, against a string. */
static int
name_compare(const char *name, size_t length, const char *known)
{
	for (size_t i = 0; i < length; i++) {
		int order = (unsigned char)name[i] - (unsigned char)known[i];

		if (order != 0)
			return order;
		if (known[i] == '\0') /* a NUL among NAME's bytes */
			return 1;
	}
	return known[length] == '\0' ? 0 : -1;
}

int
arch_number(const struct arch *arch, const char *name, size_t length)
{
	size_t low = 0, high = arch->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		unsigned int number = arch->by_name[middle];
		int order = name_compare(name, length, arch->names[number]);

		if (order == 0)
			return (int)number;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

const char *
arch_name(const struct arch *arch, unsigned int number)
{
	return number <= arch->max ? arch->names[number] : NULL;
}
