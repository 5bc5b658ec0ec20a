/* SPDX-License-Identifier: ISC */
#include "format/losses.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/rows.h"

int
writer_lose(
    const struct writer *writer, struct place place, const char *what, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	if (writer->options->lossy) {
		ruleset_warn(writer->file, place, writer->diag,
		    "%s cannot say %s: left out", writer->format, text);
		return 0;
	}
	ruleset_error(writer->file, place, writer->diag, "%s cannot say %s",
	    writer->format, text);
	if (writer->diag != NULL)
		writer->diag->err = ENOTSUP;
	return -ENOTSUP;
}

int
writer_start(struct writer *writer, const char *format)
{
	const struct filter_file *file = writer->file;

	writer->format = format;
	if (file->program != NULL)
		return diag_set(writer->diag, ENOTSUP,
		    "%s: a program's rules are not to be had", file->path);
	if (file->set_count != 1)
		return diag_set(writer->diag, ENOTSUP,
		    "%s: %s holds one filter, not %zu; write a name behind a "
		    "colon",
		    file->path, format, file->set_count);
	writer->set = &file->sets[0];
	return 0;
}

int
writer_check_rest(const struct writer *writer)
{
	const struct filter_file *file = writer->file;
	const struct ruleset *set = writer->set;
	int r = 0;

	if (set->foreign != SECCOMP_RET_KILL_PROCESS &&
	    set->foreign != SECCOMP_RET_KILL_THREAD)
		r = writer_lose(writer, set->place,
		    "what other architectures' calls get but that they kill");
	if (r == 0 && set->unknown != set->fallback)
		r = writer_lose(writer, set->place,
		    "what calls newer than this program get, apart from the "
		    "default");
	if (r == 0 && set->x32 != set->fallback &&
	    (writer->options->arch->quirks & ARCH_X32))
		r = writer_lose(writer, set->place,
		    "what x32's calls get, apart from the default");
	if (r == 0 && file->listener_path != NULL)
		r = writer_lose(writer, set->place, "a listener's path");
	return r;
}

int
writer_lose_call(const struct writer *writer, const struct entry *entry)
{
	return writer_lose(writer, entry->place,
	    "the call \"%.100s\", which no architecture has", entry->call);
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *first = *(const struct entry *const *)a;
	const struct entry *second = *(const struct entry *const *)b;
	int order = strcmp(first->call, second->call);

	if (order != 0)
		return order;
	return first < second ? -1 : 1;
}

int
writer_sort(
    struct writer *writer, const struct entry ***ret_entries, size_t *ret_count)
{
	const struct ruleset *set = writer->set;
	const struct entry **entries =
	    arena_alloc(&writer->arena, set->count + 1, sizeof(struct entry *));
	size_t count = 0;
	int r = 0;

	if (entries == NULL)
		return diag_set(writer->diag, ENOMEM, "out of memory");
	for (size_t i = 0; i < set->count && r == 0; i++) {
		const struct entry *entry = &set->entries[i];

		if (entry->inert ||
		    !entry_applies(entry, writer->options->arch))
			continue;
		if (call_is_known(entry->call) || writer->keeps_unknown)
			entries[count++] = entry;
		else
			r = writer_lose_call(writer, entry);
	}
	if (r < 0)
		return r;
	qsort((void *)entries, count, sizeof(struct entry *), compare_entries);
	*ret_entries = entries;
	*ret_count = count;
	return 0;
}
