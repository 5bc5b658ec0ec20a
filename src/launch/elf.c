/* SPDX-License-Identifier: ISC */
#include "launch/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "call/arch.h"

#define LONGEST_HEADERS 65536

/* What PATH is, if it cannot be read for certain: another may be there by now.
 */
static struct file_id
find_unreadable(const char *path)
{
	cleanup_close int pin = -1, fd = -1;
	struct stat status;
	char name[32];

	pin = openat(AT_FDCWD, path, O_PATH | O_CLOEXEC);
	if (pin < 0 || fstat(pin, &status) < 0 || !S_ISREG(status.st_mode))
		return FILE_NONE;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", pin);
	fd = openat(AT_FDCWD, name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || (errno != EACCES && errno != EPERM))
		return FILE_NONE;
	return (struct file_id){ status.st_dev, status.st_ino };
}

int
image_open(const char *path, struct image *ret_image)
{
	/* openat, as musl's open() spends a second call on O_CLOEXEC. */
	cleanup_close int fd = openat(
	    AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	ssize_t n;

	if (fd < 0) {
		int err = errno;

		if (err == EACCES || err == EPERM)
			ret_image->id = find_unreadable(path);
		return -err;
	}
	n = pread(fd, ret_image->head, IMAGE_HEAD, 0);
	if (n < 0 || fstat(fd, &status) < 0)
		return -errno;
	ret_image->fd = fd;
	ret_image->path = path;
	ret_image->length = (size_t)n;
	ret_image->head[n] = '\0';
	ret_image->id = (struct file_id){ status.st_dev, status.st_ino };
	return take_fd(&fd);
}

bool
image_read(
    const struct image *image, void *buffer, size_t size, uint64_t offset)
{
	if (offset + size <= image->length && offset + size >= offset) {
		memcpy(buffer, image->head + offset, size);
		return true;
	}
	return pread(image->fd, buffer, size, (off_t)offset) == (ssize_t)size;
}

bool
image_is_native(const Elf64_Ehdr *elf)
{
	return memcmp(elf->e_ident, ELFMAG, SELFMAG) == 0 &&
	       elf->e_ident[EI_CLASS] == ELFCLASS64 &&
	       elf->e_machine == arch_native()->elf_machine;
}

Elf64_Phdr *
image_headers(const struct image *image, const Elf64_Ehdr *elf)
{
	cleanup_free Elf64_Phdr *headers = NULL;
	size_t count = elf->e_phnum;

	errno = ENOEXEC;
	if (elf->e_phentsize != sizeof(*headers) || count == 0 ||
	    count * sizeof(*headers) > LONGEST_HEADERS)
		return NULL;
	headers = calloc(count, sizeof(*headers));
	if (headers == NULL)
		return NULL;
	if (!image_read(
	        image, headers, count * sizeof(*headers), elf->e_phoff)) {
		errno = ENOEXEC;
		return NULL;
	}
	return take_pointer(headers);
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

void
image_wishes(const struct image *image, const Elf64_Phdr *headers, size_t count,
    const Elf64_Phdr *dynamic, struct elf_wishes *ret_wishes)
{
	struct elf_wishes *wishes = ret_wishes;
	Elf64_Dyn entries[ELF_NEEDED];
	uint64_t strings = 0, rpath = 0;
	size_t known = dynamic->p_filesz / sizeof(entries[0]);

	wishes->runpath = 0;
	wishes->count = 0;
	if (known > ELF_NEEDED)
		known = ELF_NEEDED;
	if (!image_read(
	        image, entries, known * sizeof(entries[0]), dynamic->p_offset))
		return;
	for (size_t i = 0; i < known && entries[i].d_tag != DT_NULL; i++)
		if (entries[i].d_tag == DT_STRTAB)
			strings =
			    file_offset(headers, count, entries[i].d_un.d_ptr);
	for (size_t i = 0; strings != 0 && i < known; i++) {
		uint64_t at = strings + entries[i].d_un.d_val;

		if (entries[i].d_tag == DT_NULL)
			break;
		if (entries[i].d_tag == DT_NEEDED)
			wishes->needed[wishes->count++] = at;
		if (entries[i].d_tag == DT_RUNPATH)
			wishes->runpath = at;
		if (entries[i].d_tag == DT_RPATH)
			rpath = at;
	}
	if (wishes->runpath == 0)
		wishes->runpath = rpath;
}

bool
image_string(
    const struct image *image, uint64_t offset, char *ret_text, size_t size)
{
	ssize_t n = pread(image->fd, ret_text, size - 1, (off_t)offset);

	if (offset == 0 || n <= 0)
		return false;
	ret_text[n] = '\0';
	return true;
}
