/* SPDX-License-Identifier: ISC */
#include "launch/target.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "launch/elf.h"
#include "launch/libraries.h"
#include "policy/loader.h"

#define SCRIPT_LINE 256 /* BINPRM_BUF_SIZE, linux/binfmts.h */

void
target_free(struct target *target)
{
	for (size_t i = 0; i < target->file_count; i++)
		free(target->files[i]);
	for (size_t i = 0; i < target->library_count; i++)
		free(target->libraries[i]);
	*target = (struct target){ 0 };
}

static int
add_file(struct target *target, const char *path, struct diag *diag)
{
	char *copy;

	if (target->file_count == TARGET_FILES)
		return diag_set(diag, ELOOP,
		    "%s: too many interpreters of "
		    "interpreters",
		    target->files[0]);
	copy = strdup(path);
	if (copy == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	target->files[target->file_count++] = copy;
	return 0;
}

static bool
is_runnable(const char *path, struct stat *ret_st)
{
	if (stat(path, ret_st) < 0)
		return false;
	if (!S_ISREG(ret_st->st_mode)) {
		errno = S_ISDIR(ret_st->st_mode) ? EISDIR : EACCES;
		return false;
	}
	return access(path, X_OK) == 0;
}

/* Tries each directory of PATH; the best of the errors is the answer. */
static int
search_path(const char *name, const char *path, char *ret_found,
    struct stat *ret_st, struct diag *diag)
{
	int err = ENOENT;
	size_t length;

	if (path == NULL)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (;; path += length + 1) {
		length = strcspn(path, ":");
		snprintf(ret_found, PATH_MAX, "%.*s%s%s", (int)length, path,
		    length == 0 ? "" : "/", name);
		if (is_runnable(ret_found, ret_st))
			return 0;
		if (errno == EACCES)
			err = EACCES;
		if (path[length] == '\0')
			break;
	}
	if (err == ENOENT)
		return diag_set(diag, err, "%s: command not found", name);
	return diag_set(diag, err,
	    "%s: found in PATH, but it is not "
	    "executable",
	    name);
}

static int
locate(const char *name, const char *path, char *ret_found, struct stat *ret_st,
    struct diag *diag)
{
	if (*name == '\0')
		return diag_set(diag, ENOENT, "the command is an empty word");
	if (strlen(name) >= PATH_MAX)
		return diag_set(diag, ENAMETOOLONG,
		    "the command's name is too "
		    "long");
	if (strchr(name, '/') == NULL)
		return search_path(name, path, ret_found, ret_st, diag);
	if (!is_runnable(name, ret_st))
		return diag_errno(diag, "%s", name);
	snprintf(ret_found, PATH_MAX, "%s", name);
	return 0;
}

int
target_locate(
    const char *name, const char *path, char *ret_found, struct diag *diag)
{
	struct stat st;

	return locate(name, path, ret_found, &st, diag);
}

/* The interpreter of "#! /bin/sh -e", as the kernel cuts it (binfmt_script). */
static int
script_interpreter(struct image *image, char *ret_path, struct diag *diag)
{
	char *start = image->head + 2, *end;
	char line[SCRIPT_LINE];
	size_t length = strcspn(start, "\n");

	if (length > sizeof(line) - 3)
		length = sizeof(line) - 3;
	memcpy(line, start, length);
	line[length] = '\0';
	start = line + strspn(line, " \t");
	end = start + strcspn(start, " \t");
	*end = '\0';
	if (*start == '\0')
		return diag_set(diag, ENOEXEC,
		    "%s: \"#!\" without an "
		    "interpreter",
		    image->path);
	snprintf(ret_path, PATH_MAX, "%s", start);
	return 0;
}

static int
refuse_broken(const struct image *image, struct diag *diag)
{
	return diag_set(diag, ENOEXEC, "%s: broken ELF file", image->path);
}

/* What the kernel would not run either is not opened to the program. */
static bool
is_loader(const char *path, struct file_id *ret_id)
{
	cleanup_close int fd = -1;
	struct image image;
	struct stat st;

	*ret_id = (struct file_id){ 0 };
	for (size_t i = 0; i < loader_count; i++)
		if (strcmp(path, loaders[i]) == 0)
			return true;
	/* The step that unveils it says that it is missing. */
	*ret_id = FILE_NONE;
	if (stat(path, &st) < 0)
		return errno == ENOENT;
	if (!S_ISREG(st.st_mode))
		return false;
	fd = image_open(path, &image);
	if (fd < 0 && fd != -EACCES)
		return false;
	*ret_id = image.id;
	if (fd < 0)
		return true;
	return image.length >= SELFMAG &&
	       memcmp(image.head, ELFMAG, SELFMAG) == 0;
}

static int
read_interpreter(struct target *target, const struct image *image,
    const Elf64_Phdr *header, struct diag *diag)
{
	char path[PATH_MAX];
	struct file_id id;
	int r;

	if (header->p_filesz < 2 || header->p_filesz > sizeof(path) ||
	    !image_read(image, path, header->p_filesz, header->p_offset) ||
	    path[header->p_filesz - 1] != '\0')
		return refuse_broken(image, diag);
	if (!is_loader(path, &id))
		return diag_set(diag, ENOEXEC,
		    "%s: its loader %s is no program", image->path, path);
	target->flags |= TARGET_DYNAMIC;
	r = add_file(target, path, diag);
	if (r == 0)
		target->file_ids[target->file_count - 1] = id;
	return r;
}

/* Of each kind the kernel or the loader takes one. */
static int
read_headers(struct target *target, const struct image *image,
    const Elf64_Phdr *headers, size_t count, struct diag *diag)
{
	const Elf64_Phdr *interpreter = NULL, *dynamic = NULL;
	struct elf_wishes wishes;
	int r = 0;

	for (size_t i = 0; i < count; i++) {
		if (headers[i].p_type == PT_INTERP && interpreter == NULL)
			interpreter = &headers[i];
		if (headers[i].p_type == PT_DYNAMIC && dynamic == NULL)
			dynamic = &headers[i];
		if (headers[i].p_type == PT_GNU_STACK &&
		    (headers[i].p_flags & PF_X))
			target->flags |= TARGET_EXEC_STACK;
		if (headers[i].p_type == PT_LOAD &&
		    (headers[i].p_flags & (PF_W | PF_X)) == (PF_W | PF_X))
			target->flags |= TARGET_EXEC_DATA;
	}
	if (interpreter != NULL)
		r = read_interpreter(target, image, interpreter, diag);
	if (r < 0 || dynamic == NULL)
		return r;
	image_wishes(image, headers, count, dynamic, &wishes);
	return libraries_find(target, image, &wishes, diag);
}

static int
read_elf(struct target *target, const struct image *image, struct diag *diag)
{
	cleanup_free Elf64_Phdr *headers = NULL;
	Elf64_Ehdr elf;

	if (image->head[EI_CLASS] != ELFCLASS64)
		return diag_set(diag, ENOEXEC,
		    "%s: a 32-bit program; its "
		    "system calls are another architecture's, which a policy "
		    "does not allow",
		    image->path);
	if (!image_read(image, &elf, sizeof(elf), 0))
		return refuse_broken(image, diag);
	if (!image_is_native(&elf))
		return diag_set(diag, ENOEXEC,
		    "%s: a program for another "
		    "architecture",
		    image->path);
	headers = image_headers(image, &elf);
	if (headers == NULL && errno == ENOMEM)
		return diag_set(diag, ENOMEM, "out of memory");
	if (headers == NULL)
		return refuse_broken(image, diag);
	return read_headers(target, image, headers, elf.e_phnum, diag);
}

/* What the kernel would use, of a program that cannot be read. */
static int
assume_dynamic(struct target *target, struct diag *diag)
{
	target->flags |= TARGET_UNREADABLE | TARGET_DYNAMIC;
	for (size_t i = 0; i < loader_count; i++) {
		int r = 0;

		if (access(loaders[i], X_OK) == 0)
			r = add_file(target, loaders[i], diag);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Looks into PATH, the last of the files; RET_NEXT: a script's interpreter, ""
 * if it is none. */
static int
inspect(
    struct target *target, const char *path, char *ret_next, struct diag *diag)
{
	struct image image = { .id = FILE_NONE };
	cleanup_close int fd = image_open(path, &image);

	ret_next[0] = '\0';
	target->file_ids[target->file_count - 1] = image.id;
	if (fd == -EACCES || fd == -EPERM)
		return assume_dynamic(target, diag);
	errno = -fd;
	if (fd < 0)
		return diag_errno(diag, "%s", path);
	if (image.length > 2 && memcmp(image.head, "#!", 2) == 0) {
		target->flags |= TARGET_SCRIPT;
		return script_interpreter(&image, ret_next, diag);
	}
	if (image.length >= sizeof(Elf32_Ehdr) &&
	    memcmp(image.head, ELFMAG, SELFMAG) == 0)
		return read_elf(target, &image, diag);
	return diag_set(diag, ENOEXEC,
	    "%s: neither an ELF program nor a script that begins with #!; "
	    "a script without that line is run by its shell: sh FILE",
	    path);
}

int
target_find(const char *name, const char *path, struct target *ret_target,
    struct diag *diag)
{
	char found[PATH_MAX];
	const char *file;
	struct stat st = { 0 };
	int r;

	*ret_target = (struct target){ 0 };
	r = locate(name, path, found, &st, diag);
	if (r < 0)
		return r;
	if (st.st_mode & (S_ISUID | S_ISGID))
		ret_target->flags |= TARGET_SETID;
	for (;;) {
		r = add_file(ret_target, found, diag);
		if (r < 0)
			return r;
		file = ret_target->files[ret_target->file_count - 1];
		r = inspect(ret_target, file, found, diag);
		if (r < 0 || found[0] == '\0')
			return r;
		if (!is_runnable(found, &st)) {
			/* Found, but not to be run: no ENOENT of its own. */
			diag_errno(diag, "its interpreter %s", found);
			diag_prefix(diag, "%s", file);
			return -ENOEXEC;
		}
	}
}
