/* SPDX-License-Identifier: ISC */
/* Calls as people write them; the promises' tables asked backwards. */
#include "base/table.h"
#include "report/call.h"
#include "report/need.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "tap.h"

/* "Memory" whose addresses are indices, from 1. */
static const char *const strings[] = { "/etc/passwd", "a\n\"b\033" };

static const char *
read_string(void *context, uint64_t address)
{
	(void)context;
	return address >= 1 && address <= ARRAY_SIZE(strings)
	           ? strings[address - 1]
	           : NULL;
}

static ssize_t
read_bytes(void *context, uint64_t address, void *buffer, size_t size)
{
	static const unsigned char inet[16] = { AF_INET, 0, 0x1f, 0x90, 127, 0,
		0, 1 };

	(void)context;
	if (address != 1 || size < sizeof(inet))
		return -1;
	memcpy(buffer, inet, sizeof(inet));
	return sizeof(inet);
}

/* clang-format off */
static const struct {
	const char *call;
	uint64_t args[6];
	const char *text;
} texts[] = {
	{ "openat", { (uint32_t)AT_FDCWD, 1, O_RDONLY },
	    "openat(\"/etc/passwd\", O_RDONLY)" },
	{ "openat", { 3, 1, O_WRONLY | O_CREAT | O_CLOEXEC, 0644 },
	    "openat(3, \"/etc/passwd\", O_WRONLY|O_CREAT|O_CLOEXEC, 0644)" },
	{ "openat", { (uint32_t)AT_FDCWD, 9, O_RDONLY },
	    "openat(0x9, O_RDONLY)" },
	{ "openat", { (uint32_t)AT_FDCWD, 2, O_RDWR | 0x40000000 },
	    "openat(\"a\\n\\\"b\\033\", O_RDWR|0x40000000)" },
	{ "socket", { AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 6 },
	    "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP)" },
	{ "connect", { 3, 1, 16 }, "connect(3, 127.0.0.1:8080)" },
	{ "connect", { 3, 7, 16 }, "connect(3, 0x7)" },
	{ "kill", { 1, 15 }, "kill(1, SIGTERM)" },
	{ "access", { 1, 0 }, "access(\"/etc/passwd\", F_OK)" },
	{ "access", { 1, 6 }, "access(\"/etc/passwd\", R_OK|W_OK)" },
	{ "mmap", { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	    UINT64_MAX }, "mmap(4096, PROT_READ|PROT_EXEC, "
	    "MAP_PRIVATE|MAP_ANONYMOUS, -1)" },
	{ "setsockopt", { 3, 6, 1 }, "setsockopt(3, IPPROTO_TCP, 1)" },
	{ "keyctl", { 0 }, "keyctl(...)" },
};

#define ON_LANDLOCK (WHEN_SCOPED | WHEN_PATHS | WHEN_TRUNCATE | WHEN_LAUNCH)

static const struct {
	promise_set promises, liked;
	const char *call;
	uint64_t args[6];
	promise_set words; /* 0: none would do */
} needs[] = {
	{ 0, 0, "read", { 0 }, PROMISE(STDIO) },
	{ PROMISE(STDIO), 0, "openat", { 0, 1, O_RDONLY }, PROMISE(RPATH) },
	{ PROMISE(STDIO), 0, "openat", { 0, 1, O_RDWR },
	    PROMISE(RPATH) | PROMISE(WPATH) },
	{ PROMISE(STDIO) | PROMISE(RPATH), 0, "openat", { 0, 1, O_RDWR },
	    PROMISE(WPATH) },
	{ PROMISE(STDIO), 0, "openat", { 0, 1, O_WRONLY | O_CREAT, 0644 },
	    PROMISE(WPATH) | PROMISE(CPATH) },
	{ PROMISE(STDIO), 0, "openat", { 0, 1, O_WRONLY | O_CREAT, 04755 }, 0 },
	{ PROMISE(STDIO), 0, "socket", { AF_INET, SOCK_STREAM, 0 },
	    PROMISE(INET) },
	{ PROMISE(STDIO), PROMISE(ANET), "socket", { AF_INET, SOCK_STREAM, 0 },
	    PROMISE(ANET) },
	{ PROMISE(STDIO), 0, "execve", { 1 }, PROMISE(EXEC) },
	{ PROMISE(STDIO), 0, "fork", { 0 }, PROMISE(PROC) },
	{ PROMISE(STDIO), 0, "mmap", { 0, 1, PROT_EXEC | PROT_WRITE, 2 },
	    PROMISE(PROT_EXEC) },
	{ PROMISE(STDIO), 0, "ptrace", { 0 }, 0 },
	{ PROMISE(STDIO), 0, "chmod", { 1, 04755 }, 0 },
};
/* clang-format on */

static struct run_conditions conditions;

static struct call
make_call(const char *name, const uint64_t *args)
{
	struct call call = { .arch = arch_native()->audit };

	call.nr = (uint32_t)arch_number(arch_native(), name, strlen(name));
	memcpy(call.args, args, sizeof(call.args));
	return call;
}

/* "access" is x86_64's alone, for one. */
static bool
is_here(const char *name)
{
	if (arch_number(arch_native(), name, strlen(name)) >= 0)
		return true;
	skip(name, "not among this architecture's calls");
	return false;
}

static void
check_texts(void)
{
	const struct call_memory memory = { read_string, read_bytes, NULL };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cleanup_strbuf struct strbuf buf = { 0 };
		struct call call = make_call(texts[i].call, texts[i].args);

		if (!is_here(texts[i].call))
			continue;
		call_describe(&buf, arch_native(), &call, &memory);
		if (!ok(strcmp(buf.data, texts[i].text) == 0, "%s",
		        texts[i].text))
			note("found %s", buf.data);
	}
}

static void
check_needs(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		const struct need_request request = { arch_native(),
			needs[i].promises, needs[i].liked, ON_LANDLOCK,
			&conditions };
		struct call call = make_call(needs[i].call, needs[i].args);
		struct need need;

		if (!is_here(needs[i].call))
			continue;
		need_find(&request, &call, &need);
		if (!ok(need.words == needs[i].words &&
		            (need.reason != NULL) == (needs[i].words == 0),
		        "need %zu: %s", i, needs[i].call))
			note("found %#llx", (unsigned long long)need.words);
	}
}

int
main(void)
{
	const struct run_values values = { .pid = 1, .uid = 1, .gid = 1 };

	run_conditions_make(&conditions, &values);
	check_texts();
	check_needs();
	return tap_done();
}
