/* SPDX-License-Identifier: ISC */
#include "launch/target.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/cleanup.h"
#include "policy/loader.h"

#define HEAD_SIZE       1024 /* a linker's headers and interpreter */
#define SCRIPT_LINE     256  /* BINPRM_BUF_SIZE, linux/binfmts.h */
#define LONGEST_STRINGS 65536
#define DYNAMIC_ENTRIES 128 /* a linker writes some 30 */

/* An opened program and its beginning. */
struct image {
	int fd;
	const char *path;
	char head[HEAD_SIZE + 1];
	size_t length;
};

void
target_free(struct target *target)
{
	for (size_t i = 0; i < target->file_count; i++)
		free(target->files[i]);
	for (size_t i = 0; i < target->directory_count; i++)
		free(target->directories[i]);
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
find_program(const char *name, const char *path, char *ret_found,
    struct stat *ret_st, struct diag *diag)
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

static bool
read_at(const struct image *image, void *buffer, size_t size, uint64_t offset)
{
	if (offset + size <= image->length && offset + size >= offset) {
		memcpy(buffer, image->head + offset, size);
		return true;
	}
	return pread(image->fd, buffer, size, (off_t)offset) == (ssize_t)size;
}

/* One directory of DT_RUNPATH, with $ORIGIN replaced. */
static int
add_directory(struct target *target, const char *origin, const char *entry,
    size_t length, struct diag *diag)
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
	if (target->directory_count == TARGET_DIRECTORIES ||
	    (*lead == '\0' && (length == 0 || *entry != '/')) ||
	    memchr(entry, '$', length) != NULL)
		return 0; /* what ld.so does not find it does without */
	if (asprintf(&path, "%s%.*s", lead, (int)length, entry) < 0)
		return diag_set(diag, ENOMEM, "out of memory");
	target->directories[target->directory_count++] = path;
	return 0;
}

static int
add_runpath(struct target *target, const struct image *image,
    const char *runpath, struct diag *diag)
{
	cleanup_free char *origin = realpath(image->path, NULL);
	char *slash = origin != NULL ? strrchr(origin, '/') : NULL;
	size_t length;
	int r;

	if (slash == NULL)
		return 0;
	*slash = '\0';
	for (;; runpath += length + 1) {
		length = strcspn(runpath, ":");
		r = add_directory(target, origin, runpath, length, diag);
		if (r < 0 || runpath[length] == '\0')
			return r;
	}
}

/* Where the bytes of virtual address ADDRESS are in the file. */
static uint64_t
file_offset(const Elf64_Phdr *headers, size_t count, uint64_t address)
{
	for (size_t i = 0; i < count; i++)
		if (headers[i].p_type == PT_LOAD &&
		    address >= headers[i].p_vaddr &&
		    address - headers[i].p_vaddr < headers[i].p_filesz)
			return headers[i].p_offset + address -
			       headers[i].p_vaddr;
	return 0;
}

/* DT_RUNPATH, or else DT_RPATH (ld.so(8)). */
static int
read_dynamic(struct target *target, const struct image *image,
    const Elf64_Phdr *headers, size_t count, const Elf64_Phdr *dynamic,
    struct diag *diag)
{
	uint64_t strings = 0, runpath = 0, rpath = 0;
	bool has_runpath = false, has_rpath = false;
	Elf64_Dyn entries[DYNAMIC_ENTRIES];
	char text[4096];
	size_t known;
	ssize_t n;

	known = dynamic->p_filesz / sizeof(entries[0]);
	if (known > DYNAMIC_ENTRIES)
		known = DYNAMIC_ENTRIES;
	if (!read_at(
	        image, entries, known * sizeof(entries[0]), dynamic->p_offset))
		return 0;
	for (size_t i = 0; i < known && entries[i].d_tag != DT_NULL; i++) {
		if (entries[i].d_tag == DT_STRTAB)
			strings =
			    file_offset(headers, count, entries[i].d_un.d_ptr);
		if (entries[i].d_tag == DT_RUNPATH) {
			has_runpath = true;
			runpath = entries[i].d_un.d_val;
		}
		if (entries[i].d_tag == DT_RPATH) {
			has_rpath = true;
			rpath = entries[i].d_un.d_val;
		}
	}
	if (strings == 0 || !(has_runpath || has_rpath))
		return 0;
	n = pread(image->fd, text, sizeof(text) - 1,
	    (off_t)(strings + (has_runpath ? runpath : rpath)));
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return add_runpath(target, image, text, diag);
}

static int
read_interpreter(struct target *target, const struct image *image,
    const Elf64_Phdr *header, struct diag *diag)
{
	char path[PATH_MAX];

	if (header->p_filesz < 2 || header->p_filesz > sizeof(path) ||
	    !read_at(image, path, header->p_filesz, header->p_offset) ||
	    path[header->p_filesz - 1] != '\0')
		return diag_set(
		    diag, ENOEXEC, "%s: broken ELF file", image->path);
	target->flags |= TARGET_DYNAMIC;
	return add_file(target, path, diag);
}

static int
read_elf_headers(struct target *target, const struct image *image,
    const Elf64_Ehdr *elf, struct diag *diag)
{
	cleanup_free Elf64_Phdr *headers = NULL;
	size_t count = elf->e_phnum;
	int r = 0;

	if (elf->e_phentsize != sizeof(*headers) || count == 0 ||
	    count * sizeof(*headers) > LONGEST_STRINGS)
		return diag_set(
		    diag, ENOEXEC, "%s: broken ELF file", image->path);
	headers = calloc(count, sizeof(*headers));
	if (headers == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	if (!read_at(image, headers, count * sizeof(*headers), elf->e_phoff))
		return diag_set(
		    diag, ENOEXEC, "%s: broken ELF file", image->path);
	for (size_t i = 0; i < count && r == 0; i++) {
		if (headers[i].p_type == PT_INTERP)
			r = read_interpreter(target, image, &headers[i], diag);
		if (headers[i].p_type == PT_DYNAMIC)
			r = read_dynamic(
			    target, image, headers, count, &headers[i], diag);
		if (headers[i].p_type == PT_GNU_STACK &&
		    (headers[i].p_flags & PF_X))
			target->flags |= TARGET_EXEC_STACK;
	}
	return r;
}

static int
read_elf(struct target *target, const struct image *image, struct diag *diag)
{
	Elf64_Ehdr elf;

	if (image->head[EI_CLASS] != ELFCLASS64)
		return diag_set(diag, ENOEXEC,
		    "%s: a 32-bit program; its "
		    "system calls are another architecture's, which a policy "
		    "does not allow",
		    image->path);
	if (!read_at(image, &elf, sizeof(elf), 0))
		return diag_set(
		    diag, ENOEXEC, "%s: broken ELF file", image->path);
	if (elf.e_machine != arch_native()->elf_machine)
		return diag_set(diag, ENOEXEC,
		    "%s: a program for another "
		    "architecture",
		    image->path);
	return read_elf_headers(target, image, &elf, diag);
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

/* Looks into PATH; RET_NEXT: a script's interpreter, "" if it is none. */
static int
inspect(
    struct target *target, const char *path, char *ret_next, struct diag *diag)
{
	struct image image = { .path = path };
	/* openat, as musl's open() spends a second call on O_CLOEXEC. */
	cleanup_close int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	ret_next[0] = '\0';
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return assume_dynamic(target, diag);
	if (fd < 0)
		return diag_errno(diag, "%s", path);
	n = pread(fd, image.head, HEAD_SIZE, 0);
	if (n < 0)
		return diag_errno(diag, "%s", path);
	image.fd = fd;
	image.length = (size_t)n;
	if (n > 2 && memcmp(image.head, "#!", 2) == 0) {
		target->flags |= TARGET_SCRIPT;
		return script_interpreter(&image, ret_next, diag);
	}
	if (n >= (ssize_t)sizeof(Elf32_Ehdr) &&
	    memcmp(image.head, ELFMAG, SELFMAG) == 0)
		return read_elf(target, &image, diag);
	return diag_set(diag, ENOEXEC,
	    "%s: neither an ELF program nor a "
	    "script that begins with #!",
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
	r = find_program(name, path, found, &st, diag);
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
