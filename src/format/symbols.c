/* SPDX-License-Identifier: ISC */
#include "format/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/suggest.h"
#include "base/table.h"
#include "call/symbols.h"

/*
 * The 64-bit architectures share asm-generic's numbers, but for these four of
 * open(2), which 64-bit ARM takes from 32-bit ARM (asm/fcntl.h); the C library
 * has its own idea of O_LARGEFILE.
 */
static const struct {
	const char *name;
	uint64_t value, arm;
} differing[] = {
	{ "O_ACCMODE", 03, 03 },
	{ "O_DIRECTORY", 0200000, 040000 },
	{ "O_NOFOLLOW", 0400000, 0100000 },
	{ "O_DIRECT", 040000, 0200000 },
	{ "O_LARGEFILE", 0100000, 0400000 },
	{ "O_TMPFILE", 020200000, 020040000 },
};

/* Those that trace shows otherwise, or not; the rest is in call/symbols.h. A
 * negative one fills the register, as the C library passes it. */
#define NAMED(name)                \
 {                                 \
#  name, (uint64_t)(int64_t)(name) \
 }

/* clang-format off */
static const struct {
	const char *name;
	uint64_t value;
} common[] = {
	NAMED(AF_LOCAL), NAMED(AT_FDCWD), NAMED(S_ISUID), NAMED(S_ISGID),
	NAMED(S_ISVTX), NAMED(S_IFMT),
	{ "PR_SET_VMA_ANON_NAME", 0 },
};
/* clang-format on */
#undef NAMED

const char *
symbol_at(size_t index)
{
	if (index < ARRAY_SIZE(differing))
		return differing[index].name;
	index -= ARRAY_SIZE(differing);
	if (index < ARRAY_SIZE(common))
		return common[index].name;
	index -= ARRAY_SIZE(common);
	for (size_t i = 0; i < symbol_set_count; i++) {
		if (index < symbol_sets[i]->count)
			return symbol_sets[i]->rows[index].name;
		index -= symbol_sets[i]->count;
	}
	return NULL;
}

static bool
is_word(const char *name, const char *word, size_t length)
{
	return strncmp(name, word, length) == 0 && name[length] == '\0';
}

static bool
find_symbol(const char *word, size_t length, const struct arch *arch,
    uint64_t *ret_value)
{
	for (size_t i = 0; i < ARRAY_SIZE(differing); i++) {
		if (!is_word(differing[i].name, word, length))
			continue;
		*ret_value = strcmp(arch->name, "aarch64") == 0
		                 ? differing[i].arm
		                 : differing[i].value;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(common); i++) {
		if (!is_word(common[i].name, word, length))
			continue;
		*ret_value = common[i].value;
		return true;
	}
	for (size_t i = 0; i < symbol_set_count; i++)
		for (size_t j = 0; j < symbol_sets[i]->count; j++) {
			const struct symbol *row = &symbol_sets[i]->rows[j];

			if (!is_word(row->name, word, length))
				continue;
			*ret_value = row->value;
			return true;
		}
	return false;
}

/* "42", "-1", "0x1f", and not "042", which some take for 34. */
static bool
read_number(const char *word, size_t length, uint64_t *ret_value)
{
	bool negative = length > 0 && *word == '-';
	const char *end = word + length;
	unsigned int base = 10;
	uint64_t value = 0;

	word += negative;
	if (end - word > 2 && word[0] == '0' && (word[1] | 0x20) == 'x') {
		base = 16;
		word += 2;
	} else if (end - word > 1 && word[0] == '0')
		return false;
	if (word == end)
		return false;
	for (; word < end; word++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit =
		    strchr(digits, *word | (*word >= 'A' ? 0x20 : 0));

		if (digit == NULL || *word == '\0' ||
		    (unsigned int)(digit - digits) >= base ||
		    __builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(
		        value, (uint64_t)(digit - digits), &value))
			return false;
	}
	if (negative && value > (uint64_t)INT64_MAX + 1)
		return false;
	*ret_value = negative ? -value : value;
	return true;
}

static int
unknown_symbol(const char *word, size_t length, struct diag *diag)
{
	char name[64] = "";
	struct suggest suggest = { .wanted = name };
	const char *candidate;

	if (length >= sizeof(name))
		length = sizeof(name) - 1;
	memcpy(name, word, length);
	if (name[0] >= '0' && name[0] <= '9')
		return diag_set(diag, EINVAL,
		    "\"%s\" is no number of 64 bits; write it like 42 or 0x2a",
		    name);
	for (size_t i = 0; (candidate = symbol_at(i)) != NULL; i++)
		suggest_consider(&suggest, candidate);
	return diag_set(diag, EINVAL, "unknown symbol \"%s\"%s", name,
	    suggest_text(&suggest));
}

int
symbol_value(const char *text, const struct arch *arch, uint64_t *ret_value,
    struct diag *diag)
{
	uint64_t whole = 0, value;

	for (;;) {
		size_t length;

		text += strspn(text, " ");
		length = strcspn(text, "| ");
		if (!read_number(text, length, &value) &&
		    !find_symbol(text, length, arch, &value))
			return unknown_symbol(text, length, diag);
		whole |= value;
		text += length;
		text += strspn(text, " ");
		if (*text == '\0')
			break;
		if (*text++ != '|')
			return diag_set(diag, EINVAL,
			    "expected \"|\" between symbols, before \"%.40s\"",
			    text - 1);
	}
	*ret_value = whole;
	return 0;
}
