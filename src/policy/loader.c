/* SPDX-License-Identifier: ISC */
#include "policy/loader.h"

#include "base/table.h"

const char *const loader_libraries[] = {
	"/usr/lib",
	"/usr/lib64",
	"/lib",
	"/lib64",
	"/usr/local/lib",
	"/etc/ld.so.cache",
	"/etc/ld.so.preload",
#if defined(__x86_64__)
	"/etc/ld-musl-x86_64.path",
#elif defined(__aarch64__)
	"/etc/ld-musl-aarch64.path",
#elif defined(__riscv)
	"/etc/ld-musl-riscv64.path",
#endif
};
const size_t loader_library_count = ARRAY_SIZE(loader_libraries);

const char *const loaders[] = {
#if defined(__x86_64__)
	"/lib64/ld-linux-x86-64.so.2",
	"/lib/ld-musl-x86_64.so.1",
#elif defined(__aarch64__)
	"/lib/ld-linux-aarch64.so.1",
	"/lib/ld-musl-aarch64.so.1",
#elif defined(__riscv)
	"/lib/ld-linux-riscv64-lp64d.so.1",
	"/lib/ld-musl-riscv64.so.1",
#endif
};
const size_t loader_count = ARRAY_SIZE(loaders);
