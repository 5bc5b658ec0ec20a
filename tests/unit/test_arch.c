/* SPDX-License-Identifier: ISC */
#include "base/table.h"
#include "call/arch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "tap.h"

/* What this host's headers say; the build makes the rows. */
struct known_call {
	const char *arch, *name;
	int number;
};
struct known_gap {
	const char *arch, *reason;
};
#include "arch_known.h"

/* The release that the table was last brought up to. */
static const int table_release[] = { 6, 18 };

/*
 * The kernel's entry points are named after C functions.  Those that are not
 * called like their system call, and what they are: CALL is the call's name in
 * a table, or NULL and WHY says what makes it none.
 */
static const struct {
	const char *symbol, *call, *why;
} entries[] = {
	{ "llseek", "_llseek" },
	{ "mmap_pgoff", "mmap2" },
	{ "newfstat", "fstat" },
	{ "newlstat", "lstat" },
	{ "newstat", "stat" },
	{ "newuname", "uname" },
	{ "old_getrlimit", "getrlimit" },
	{ "old_mmap", "mmap" },
	{ "old_readdir", "readdir" },
	{ "old_select", "select" },
	{ "oldumount", "umount" },
	{ "sysctl", "_sysctl" },
	{ "gethostname", NULL, "alpha's" },
	{ "ni_syscall", NULL, "the answer to unused numbers" },
	{ "old_msgctl", NULL, "older alternative of msgctl elsewhere" },
	{ "old_semctl", NULL, "older alternative of semctl elsewhere" },
	{ "old_shmctl", NULL, "older alternative of shmctl elsewhere" },
	{ "pciconfig_iobase", NULL, "alpha's and powerpc's" },
	{ "pciconfig_read", NULL, "alpha's and powerpc's" },
	{ "pciconfig_write", NULL, "alpha's and powerpc's" },
	{ "recv", NULL, "an operation of socketcall on x86" },
	{ "rtas", NULL, "powerpc's" },
	{ "s390_ipc", NULL, "s390's" },
	{ "s390_pci_mmio_read", NULL, "s390's" },
	{ "s390_pci_mmio_write", NULL, "s390's" },
	{ "send", NULL, "an operation of socketcall on x86" },
	{ "spu_create", NULL, "powerpc's" },
	{ "spu_run", NULL, "powerpc's" },
	{ "subpage_prot", NULL, "powerpc's" },
	{ "sync_file_range2", NULL, "arm's and powerpc's" },
};

/* i386's narrow variants carry these after the call's name. */
static const char *const narrow[] = { "16", "_time32", "32" };

static int
number_of(const struct arch *arch, const char *name)
{
	return arch_number(arch, name, strlen(name));
}

/* NULL, or what is wrong with the order or the extent of ARCH's by_name. */
static const char *
index_fault(const struct arch *arch)
{
	size_t calls = 0;

	for (unsigned int number = 0; number <= arch->max; number++)
		calls += arch->names[number] != NULL;
	if (calls != arch->count)
		return "not as long as there are names";
	for (size_t i = 0; i < arch->count; i++) {
		unsigned int number = arch->by_name[i];

		if (number > arch->max || arch->names[number] == NULL)
			return "points to no name";
		if (i > 0 && strcmp(arch->names[arch->by_name[i - 1]],
		                 arch->names[number]) >= 0)
			return "not in strict order";
	}
	return NULL;
}

/* How many of ARCH's names do not lead back to their number. */
static unsigned int
round_trip_faults(const struct arch *arch)
{
	unsigned int faults = 0;

	for (unsigned int number = 0; number < ARCH_CALLS_MAX; number++) {
		const char *name = arch_name(arch, number);

		if (name != NULL && number_of(arch, name) != (int)number) {
			note("%s %u is %s, which is %d", arch->name, number,
			    name, number_of(arch, name));
			faults++;
		}
	}
	return faults;
}

/* A faulty index, made from a right one, is seen as such. */
static void
test_checker(const struct arch *arch)
{
	uint16_t by_name[ARCH_CALLS_MAX];
	struct arch copy = *arch;

	copy.by_name = by_name;
	memcpy(by_name, arch->by_name, arch->count * sizeof(by_name[0]));
	ok(index_fault(&copy) == NULL, "a true copy of the index passes");

	by_name[7] = arch->by_name[8];
	by_name[8] = arch->by_name[7];
	ok(index_fault(&copy) != NULL, "two exchanged: %s", index_fault(&copy));
	ok(round_trip_faults(&copy) > 0, "and a name is not found");

	by_name[7] = by_name[8] = arch->by_name[8];
	ok(index_fault(&copy) != NULL, "one twice: %s", index_fault(&copy));

	memcpy(by_name, arch->by_name, arch->count * sizeof(by_name[0]));
	copy.count--;
	ok(index_fault(&copy) != NULL, "the last left out: %s",
	    index_fault(&copy));
}

static void
test_registry(void)
{
	struct utsname host;
	size_t count = 0;

	while (arch_at(count) != NULL) {
		const struct arch *arch = arch_at(count++);

		ok(arch_find(arch->name) == arch, "%s finds itself",
		    arch->name);
		for (size_t i = 0; i + 1 < count; i++)
			ok(arch_at(i)->audit != arch->audit,
			    "%s and %s are told apart", arch_at(i)->name,
			    arch->name);
	}
	ok(count == 4 && arch_at(count + 1) == NULL, "%zu architectures",
	    count);
	ok(arch_find("vax") == NULL && arch_find("") == NULL &&
	        arch_find("x86_6") == NULL,
	    "an unknown one is not found");
	ok(uname(&host) == 0 && arch_find(host.machine) == arch_native(),
	    "native: %s", arch_native()->name);
	ok((arch_native()->quirks & ARCH_FOREIGN) == 0,
	    "native is not foreign");
}

/* Rows that every table must agree with, whatever the headers lack. */
static const struct {
	const char *arch, *name;
	int number;
} samples[] = {
	{ "x86_64", "read", 0 },
	{ "x86_64", "execve", 59 },
	{ "x86_64", "uretprobe", 335 },
	{ "x86_64", "uprobe", 336 },
	{ "x86_64", "file_setattr", 469 },
	{ "x86_64", "socketcall", -1 },
	{ "i386", "restart_syscall", 0 },
	{ "i386", "execve", 11 },
	{ "i386", "socketcall", 102 },
	{ "i386", "uretprobe", -1 },
	{ "i386", "file_setattr", 469 },
	{ "aarch64", "io_setup", 0 },
	{ "aarch64", "execve", 221 },
	{ "aarch64", "renameat", 38 },
	{ "aarch64", "open", -1 },
	{ "aarch64", "riscv_hwprobe", -1 },
	{ "riscv64", "riscv_hwprobe", 258 },
	{ "riscv64", "riscv_flush_icache", 259 },
	{ "riscv64", "renameat", -1 },
	{ "riscv64", "file_setattr", 469 },
};

static void
test_numbers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		const struct arch *arch = arch_find(samples[i].arch);

		ok(number_of(arch, samples[i].name) == samples[i].number,
		    "%s %s is %d", samples[i].arch, samples[i].name,
		    samples[i].number);
	}
}

static const struct {
	const char *name;
	size_t length;
} strangers[] = {
	{ "", 0 },
	{ "ope", 3 },
	{ "openatt", 7 },
	{ "openatx", 7 },
	{ "OPENAT", 6 },
	{ "openat ", 7 },
	{ "openat\0x", 8 },
	{ "openat", 7 }, /* the terminating NUL counted */
	{ "\xff", 1 },
	{ "_", 1 },
	{ "zzz", 3 },
};

static void
test_table(const struct arch *arch)
{
	const char *fault = index_fault(arch);
	int wrong = 0;

	ok(fault == NULL, "%s: %zu names sorted%s%s", arch->name, arch->count,
	    fault == NULL ? "" : ": ", fault == NULL ? "" : fault);
	ok(round_trip_faults(arch) == 0, "%s: name to number and back",
	    arch->name);
	ok(arch->max < ARCH_CALLS_MAX && arch_name(arch, arch->max) != NULL,
	    "%s: %u is the highest number", arch->name, arch->max);
	ok(arch_name(arch, arch->max + 1) == NULL &&
	        arch_name(arch, ARCH_X32_BIT) == NULL &&
	        arch_name(arch, UINT32_MAX) == NULL,
	    "%s: no name above", arch->name);
	for (size_t i = 0; i < ARRAY_SIZE(strangers); i++) {
		if (arch_number(arch, strangers[i].name, strangers[i].length) !=
		    -1) {
			note("%s finds \"%.*s\"", arch->name,
			    (int)strangers[i].length, strangers[i].name);
			wrong++;
		}
	}
	ok(wrong == 0, "%s: unknown names are unknown", arch->name);
	ok(arch_number(arch, "openatt", 6) == number_of(arch, "openat") &&
	        number_of(arch, "openat") > 0,
	    "%s: a name ends at its length", arch->name);
}

/* Names above the table's highest number are news, not disagreement. */
static void
test_headers(const struct arch *arch)
{
	unsigned int agree = 0, wrong = 0;
	char what[64];

	for (size_t i = 0; known_calls[i].arch != NULL; i++) {
		const struct known_call *call = &known_calls[i];

		if (strcmp(call->arch, arch->name) != 0)
			continue;
		if (call->number > (int)arch->max) {
			note("%s %s %d: newer than the table", arch->name,
			    call->name, call->number);
		} else if (number_of(arch, call->name) == call->number) {
			agree++;
		} else {
			note("%s %s: the table says %d, the headers %d",
			    arch->name, call->name, number_of(arch, call->name),
			    call->number);
			wrong++;
		}
	}
	for (size_t i = 0; known_gaps[i].arch != NULL; i++) {
		if (arch != arch_native() &&
		    strcmp(known_gaps[i].arch, arch->name) == 0) {
			snprintf(what, sizeof(what), "%s: headers", arch->name);
			skip(what, known_gaps[i].reason);
			return;
		}
	}
	ok(agree > 300 && wrong == 0, "%s: the headers agree in %u names",
	    arch->name, agree);
}

/* Whether either of an x86_64 kernel's tables has the call. */
static bool
is_call(const char *name, size_t length)
{
	return arch_number(arch_find("x86_64"), name, length) != -1 ||
	       arch_number(arch_find("i386"), name, length) != -1;
}

/* Whether an entry point's name, without __x64_sys_, is accounted for. */
static bool
entry_known(const char *symbol)
{
	size_t length;

	if (strncmp(symbol, "ia32_", 5) == 0) /* differs in argument order */
		symbol += 5;
	length = strlen(symbol);
	if (is_call(symbol, length))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(narrow); i++) {
		size_t end = strlen(narrow[i]);

		if (length > end &&
		    strcmp(symbol + length - end, narrow[i]) == 0 &&
		    is_call(symbol, length - end))
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		if (strcmp(symbol, entries[i].symbol) == 0)
			return true;
	}
	return false;
}

static void
test_entries(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		const char *call = entries[i].call;

		if ((call == NULL) == (entries[i].why == NULL) ||
		    (call != NULL && !is_call(call, strlen(call))) ||
		    is_call(entries[i].symbol, strlen(entries[i].symbol)))
			ok(false, "the row of %s is wrong", entries[i].symbol);
	}
	ok(entry_known("newuname") && entry_known("chown16") &&
	        entry_known("futex_time32") && entry_known("ia32_pread64"),
	    "entry points with other names are known");
	ok(!entry_known("xyzzy") && !entry_known("xyzzy16") &&
	        !entry_known("ia32_xyzzy") && !entry_known("16"),
	    "made-up entry points are not");
}

/* Whether the running kernel has calls that the table cannot have. */
static bool
kernel_is_newer(void)
{
	struct utsname host;
	long major, minor;
	char *end;

	if (uname(&host) != 0)
		return true;
	major = strtol(host.release, &end, 10);
	minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
	return major > table_release[0] ||
	       (major == table_release[0] && minor > table_release[1]);
}

/* Notes each entry point that is not accounted for; returns how many. */
static size_t
count_strangers(FILE *symbols, size_t *ret_seen)
{
	static const char prefix[] = "__x64_sys_";
	char line[512], symbol[256];
	size_t strange = 0;

	*ret_seen = 0;
	while (fgets(line, sizeof(line), symbols) != NULL) {
		/* Address, type, name; a module's would follow. */
		if (sscanf(line, "%*s %*s %255s", symbol) != 1 ||
		    strncmp(symbol, prefix, strlen(prefix)) != 0 ||
		    strchr(symbol, '.') != NULL) /* part of a function */
			continue;
		++*ret_seen;
		if (!entry_known(symbol + strlen(prefix))) {
			note("%s is not in the table", symbol);
			strange++;
		}
	}
	return strange;
}

static void
test_kernel(void)
{
	static const char what[] = "the running kernel's calls";
	size_t strange, seen;
	FILE *symbols;

	if (arch_native() != arch_find("x86_64")) {
		skip(what, "their symbols are known for x86_64 only");
		return;
	}
	symbols = fopen("/proc/kallsyms", "re");
	if (symbols == NULL) {
		skip(what, "cannot read /proc/kallsyms");
		return;
	}
	strange = count_strangers(symbols, &seen);
	fclose(symbols);
	if (seen == 0)
		skip(what, "/proc/kallsyms names none");
	else if (strange > 0 && kernel_is_newer())
		skip(what, "the kernel is newer than the table");
	else
		ok(strange == 0 && seen > 300, "%s: all of %zu", what, seen);
}

int
main(void)
{
	test_registry();
	test_numbers();
	for (size_t i = 0; arch_at(i) != NULL; i++) {
		test_table(arch_at(i));
		test_headers(arch_at(i));
	}
	test_checker(arch_native());
	test_entries();
	test_kernel();
	return tap_done();
}
