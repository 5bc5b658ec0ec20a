/* SPDX-License-Identifier: ISC */
/*
 * Programs and libraries as files: their headers, and what they ask of the
 * dynamic loader.  Nothing of a file is believed: what leads out of it leads to
 * nothing.
 */
#ifndef LAUNCH_ELF_H
#define LAUNCH_ELF_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/landlock.h"

#define IMAGE_HEAD 1024 /* a linker's headers and interpreter */

/* An opened file and its beginning, with a NUL behind it. */
struct image {
	int fd;
	const char *path;
	char head[IMAGE_HEAD + 1];
	size_t length;
	struct file_id id;
};

/*
 * Opens PATH for reading, and waits for nobody, whatever it is.  The
 * descriptor, which is the caller's, or -errno; for -EACCES and -EPERM, `id`
 * is that of what cannot be read.
 */
int image_open(const char *path, struct image *ret_image);

/* SIZE bytes at OFFSET of the file; false: there are not so many. */
bool image_read(
    const struct image *image, void *buffer, size_t size, uint64_t offset);

/* Whether it is of this machine: a 64-bit one of its architecture. */
bool image_is_native(const Elf64_Ehdr *elf);

/* Its program headers, to be freed, ELF's e_phnum; NULL: they are broken, or
 * memory is out, which errno tells. */
Elf64_Phdr *image_headers(const struct image *image, const Elf64_Ehdr *elf);

#define ELF_NEEDED 128 /* a linker writes some 30 entries in all */

/* Offsets in the file of the strings that the loader reads. */
struct elf_wishes {
	uint64_t runpath; /* 0: none; DT_RUNPATH, or else DT_RPATH (ld.so(8)) */
	uint64_t needed[ELF_NEEDED];
	size_t count;
};

/* What DYNAMIC, one of COUNT HEADERS, says; all 0 if that is unreadable. */
void image_wishes(const struct image *image, const Elf64_Phdr *headers,
    size_t count, const Elf64_Phdr *dynamic, struct elf_wishes *ret_wishes);

/* The string at OFFSET, cut to SIZE bytes with its NUL; false: none. */
bool image_string(
    const struct image *image, uint64_t offset, char *ret_text, size_t size);

#endif
