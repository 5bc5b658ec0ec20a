/* SPDX-License-Identifier: ISC */
#include "launch/libraries.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define DIRECTORIES 16
/* More looks at files than this are a program's that wants to keep us busy. */
#define LOOKS 4096

struct search {
	struct target *target;
	char *directories[DIRECTORIES];
	size_t count;
	unsigned int looks;
};

/* One directory of DT_RUNPATH, with $ORIGIN replaced. */
static int
add_directory(
    struct search *search, const char *origin, const char *entry, size_t length)
{
	static const char *const names[] = { "${ORIGIN}", "$ORIGIN" };
	const char *lead = "";
	char *path;

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(names[i]);

		if (length >= n && strncmp(entry, names[i], n) == 0) {
			lead = origin;
			entry += n;
			length -= n;
			break;
		}
	}
	if (search->count == DIRECTORIES ||
	    (*lead == '\0' && (length == 0 || *entry != '/')) ||
	    memchr(entry, '$', length) != NULL)
		return 0; /* what ld.so does not find it does without */
	if (asprintf(&path, "%s%.*s", lead, (int)length, entry) < 0)
		return -ENOMEM;
	search->directories[search->count++] = path;
	return 0;
}

/* The directories that IMAGE names, behind those that are there. */
static int
add_runpath(struct search *search, const struct image *image, uint64_t offset)
{
	cleanup_free char *origin = realpath(image->path, NULL);
	char *slash = origin != NULL ? strrchr(origin, '/') : NULL;
	char text[4096], *runpath = text;
	size_t length;
	int r;

	if (slash == NULL || !image_string(image, offset, text, sizeof(text)))
		return 0;
	*slash = '\0';
	search->target->flags |= TARGET_RUNPATH;
	for (;; runpath += length + 1) {
		length = strcspn(runpath, ":");
		r = add_directory(search, origin, runpath, length);
		if (r < 0 || runpath[length] == '\0')
			return r;
	}
}

/* What a loader takes: a regular file, so that opening it does nothing. */
static int
open_library(const char *path, struct image *ret_image, Elf64_Ehdr *ret_elf)
{
	cleanup_close int fd = -1;
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return -ENOENT;
	fd = image_open(path, ret_image);
	if (fd < 0 || !image_read(ret_image, ret_elf, sizeof(*ret_elf), 0) ||
	    !image_is_native(ret_elf) || ret_elf->e_type != ET_DYN)
		return -ENOEXEC;
	return take_fd(&fd);
}

static bool
is_known(const struct target *target, const char *path)
{
	for (size_t i = 0; i < target->library_count; i++)
		if (strcmp(target->libraries[i], path) == 0)
			return true;
	return false;
}

/* The library NAME, where a loader finds it first: it is added. */
static int
find_library(struct search *search, const char *name)
{
	struct target *target = search->target;
	char path[PATH_MAX];
	struct image image;
	Elf64_Ehdr elf;

	for (size_t i = 0; i < search->count; i++) {
		cleanup_close int fd = -1;

		if (target->library_count == TARGET_LIBRARIES ||
		    search->looks++ >= LOOKS)
			return 0;
		if (snprintf(path, sizeof(path), "%s/%s",
		        search->directories[i], name) >= (int)sizeof(path))
			continue;
		if (is_known(target, path))
			return 0;
		fd = open_library(path, &image, &elf);
		if (fd < 0)
			continue;
		target->libraries[target->library_count] = strdup(path);
		if (target->libraries[target->library_count] == NULL)
			return -ENOMEM;
		target->library_ids[target->library_count++] = image.id;
		return 0;
	}
	return 0;
}

static int
find_needed(struct search *search, const struct image *image,
    const struct elf_wishes *wishes)
{
	char name[NAME_MAX + 2];
	int r = 0;

	for (size_t i = 0; r == 0 && i < wishes->count; i++)
		if (image_string(
		        image, wishes->needed[i], name, sizeof(name)) &&
		    name[0] != '\0' && strchr(name, '/') == NULL &&
		    strlen(name) <= NAME_MAX)
			r = find_library(search, name);
	return r;
}

/* What the library PATH needs in its turn. */
static int
follow(struct search *search, const char *path)
{
	struct image image;
	cleanup_close int fd = -1;
	cleanup_free Elf64_Phdr *headers = NULL;
	struct elf_wishes wishes;
	Elf64_Ehdr elf;
	int r = 0;

	fd = open_library(path, &image, &elf);
	if (fd >= 0)
		headers = image_headers(&image, &elf);
	for (size_t i = 0; headers != NULL && r == 0 && i < elf.e_phnum; i++) {
		if (headers[i].p_type != PT_DYNAMIC)
			continue;
		image_wishes(
		    &image, headers, elf.e_phnum, &headers[i], &wishes);
		if (wishes.runpath != 0)
			r = add_runpath(search, &image, wishes.runpath);
		if (r == 0)
			r = find_needed(search, &image, &wishes);
		break;
	}
	return r;
}

int
libraries_find(struct target *target, const struct image *image,
    const struct elf_wishes *wishes, struct diag *diag)
{
	struct search search = { .target = target };
	size_t first = target->library_count;
	int r = 0;

	if (wishes->runpath != 0)
		r = add_runpath(&search, image, wishes->runpath);
	if (r == 0 && search.count > 0)
		r = find_needed(&search, image, wishes);
	for (size_t i = first; r == 0 && i < target->library_count; i++)
		r = follow(&search, target->libraries[i]);
	for (size_t i = 0; i < search.count; i++)
		free(search.directories[i]);
	return r < 0 ? diag_set(diag, ENOMEM, "out of memory") : 0;
}
