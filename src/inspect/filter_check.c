/* SPDX-License-Identifier: ISC */
/* seccomp-pledge filter check: what a filter says without meaning it. */
#include "inspect/filter_check.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "base/table.h"
#include "format/meaning.h"
#include "policy/calls.h"

struct findings {
	struct strbuf *buf;
	size_t count;
};

static void
take_finding(void *context, const char *text)
{
	struct findings *findings = context;

	findings->count++;
	quote_terminal(findings->buf, text);
	strbuf_putc(findings->buf, '\n');
}

/*
 * Calls that do the same: whoever forbids one and forgets another has forbidden
 * nothing.
 */
static const char *const siblings[] = {
	"open openat openat2 creat open_by_handle_at io_uring_setup",
	"execve execveat",
	"fork vfork clone clone3",
	"ptrace process_vm_readv process_vm_writev pidfd_getfd",
	("kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo "
	 "pidfd_send_signal"),
	"socket socketpair io_uring_setup socketcall",
	"connect io_uring_setup socketcall",
	"unlink unlinkat rmdir",
	"rename renameat renameat2",
	"link linkat",
	"symlink symlinkat",
	"mkdir mkdirat",
	"mknod mknodat",
	"chmod fchmod fchmodat fchmodat2",
	"chown fchown lchown fchownat chown32 fchown32 lchown32",
	("setuid setreuid setresuid setfsuid setuid32 setreuid32 setresuid32 "
	 "setfsuid32"),
	("setgid setregid setresgid setfsgid setgroups setgid32 setregid32 "
	 "setresgid32 setfsgid32 setgroups32"),
	"mount fsmount move_mount open_tree mount_setattr",
	"umount2 move_mount umount",
	"init_module finit_module",
	"kexec_load kexec_file_load",
	("settimeofday clock_settime adjtimex clock_adjtime stime "
	 "clock_settime64 clock_adjtime64"),
	"mprotect pkey_mprotect",
	"read readv pread64 preadv preadv2",
	"write writev pwrite64 pwritev pwritev2",
	"sendto sendmsg sendmmsg socketcall",
	"recvfrom recvmsg recvmmsg socketcall recvmmsg_time64",
	"setrlimit prlimit64",
	"setns unshare",
};

/* Whether one of ARCHS has such a call. */
static bool
is_call(const struct arch_list *archs, const char *name, size_t length)
{
	for (size_t i = 0; i < archs->count; i++)
		if (arch_number(archs->archs[i], name, length) >= 0)
			return true;
	return false;
}

static bool
has_x32(const struct arch_list *archs)
{
	for (size_t i = 0; i < archs->count; i++)
		if (archs->archs[i]->quirks & ARCH_X32)
			return true;
	return false;
}

/* The first entry of the call that LENGTH bytes at NAME are. */
static const struct entry *
find_entry(const struct ruleset *set, const char *name, size_t length)
{
	for (size_t i = 0; i < set->count; i++)
		if (strncmp(set->entries[i].call, name, length) == 0 &&
		    set->entries[i].call[length] == '\0')
			return &set->entries[i];
	return NULL;
}

/* Of a list, what is named, and what is forgotten, up to three. */
static void
find_forgotten(const struct filter_file *file, const struct ruleset *set,
    const struct arch_list *archs, const char *list, struct diag *diag)
{
	cleanup_strbuf struct strbuf forgotten = { 0 };
	const struct entry *named = NULL;
	struct call_word word;

	while (call_word_next(&list, &word)) {
		const struct entry *entry =
		    find_entry(set, word.name, word.length);

		if (entry != NULL && named == NULL)
			named = entry;
		if (entry == NULL && is_call(archs, word.name, word.length))
			strbuf_printf(
			    &forgotten, " %.*s", (int)word.length, word.name);
	}
	if (named != NULL && forgotten.length > 0)
		ruleset_warn(file, named->place, diag,
		    "%s is refused, but these do the same and are not:%s",
		    named->call, forgotten.data);
}

/* A filter that lets through what it does not name. */
static void
check_denylist(const struct filter_file *file, const struct ruleset *set,
    const struct arch_list *archs, struct diag *diag)
{
	if (!answer_lets_through(set->fallback))
		return;
	ruleset_warn(file, set->fallback_place, diag,
	    "a denylist: what the next kernel brings is allowed, too");
	if (has_x32(archs) && answer_lets_through(set->x32))
		ruleset_warn(file, set->fallback_place, diag,
		    "x32 numbers (from 0x40000000) match no rule, so every "
		    "refused call slips past where the kernel has x32");
	if (answer_lets_through(set->foreign))
		ruleset_warn(file, set->fallback_place, diag,
		    "calls of other architectures (32-bit ones) match no "
		    "rule, so every refused call slips past");
	for (size_t i = 0; i < ARRAY_SIZE(siblings); i++)
		find_forgotten(file, set, archs, siblings[i], diag);
}

/* Names that nobody has: not the first alone, as compiling would tell. */
static size_t
check_names(const struct filter_file *file, const struct ruleset *set,
    const struct arch_list *archs, struct diag *diag)
{
	enum { ENOUGH = 20 };
	size_t wrong = 0;

	for (size_t i = 0; i < set->count && wrong < ENOUGH; i++) {
		const struct entry *entry = &set->entries[i];
		struct diag own = { 0 };

		if (set->skip_unknown ||
		    is_call(archs, entry->call, strlen(entry->call)))
			continue;
		ruleset_unknown_call(file, entry, archs->archs[0], &own);
		diag_warn(diag, "%s", own.text);
		wrong++;
	}
	return wrong;
}

/*
 * Compiles the filter with an answer of its own for each rule: one that is
 * nowhere in the program cannot be had.  False: not known.
 */
static bool
find_reached(const struct ruled_filter *ruled, bool *reached)
{
	cleanup_free struct filter *marked = malloc(sizeof(*marked));
	cleanup_free struct program *program = calloc(1, sizeof(*program));
	const struct filter *filters[] = { marked };

	if (marked == NULL || program == NULL)
		return false;
	*marked = ruled->filter;
	for (size_t i = 0; i < marked->count; i++)
		marked->rules[i].action =
		    SECCOMP_RET_TRACE | marked->rules[i].origin;
	marked->fallback = SECCOMP_RET_ALLOW;
	marked->unknown = marked->x32 = marked->foreign = SECCOMP_RET_ALLOW;
	if (program_compile(filters, 1, program, NULL) < 0)
		return false;
	for (unsigned int at = 0; at < program->length; at++) {
		uint32_t k = program->code[at].k;

		if (program->code[at].code == (BPF_RET | BPF_K) &&
		    (k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE)
			reached[k & SECCOMP_RET_DATA] = true;
	}
	return true;
}

static void
check_reach(const struct filter_file *file, const struct ruleset *set,
    const struct ruled_filters *ruled, const struct arch_list *archs,
    struct diag *diag)
{
	cleanup_free bool *reached = calloc(UINT16_MAX + 1, sizeof(bool));

	if (reached == NULL)
		return;
	for (size_t i = 0; i < ruled->count; i++)
		if (!find_reached(ruled->each[i], reached))
			return;
	for (size_t i = 0; i < set->count; i++) {
		const struct entry *entry = &set->entries[i];

		if (!entry->inert && !reached[i] &&
		    is_call(archs, entry->call, strlen(entry->call)))
			ruleset_warn(file, entry->place, diag,
			    "this rule for %s never decides: its conditions "
			    "contradict each other, or earlier rules say it",
			    entry->call);
	}
}

static void
check_set(const struct filter_file *file, const struct ruleset *set,
    const struct arch_list *archs, struct diag *diag)
{
	struct ruled_filters ruled = { 0 };
	struct diag own = { 0 };

	ruleset_warn_traps(file, set, diag);
	ruleset_warn_meaning(file, set, archs, diag);
	if (set->count == 0)
		ruleset_warn(file, set->place, diag,
		    "this filter has no rules: every call gets the same");
	check_denylist(file, set, archs, diag);
	if (check_names(file, set, archs, diag) > 0)
		return;
	if (ruleset_compile_all(file, set, archs, &ruled, &own) < 0) {
		diag_warn(diag, "%s", own.text);
		return;
	}
	check_reach(file, set, &ruled, archs, diag);
	ruled_filters_free(&ruled);
}

/* --- A program, of which there are no rules --- */

/* Whether a call without arguments is let through. */
static bool
lets_through(const struct program *program, uint32_t audit, uint32_t nr)
{
	const struct call call = { .arch = audit, .nr = nr };
	uint32_t answer;

	return program_run(program, &call, &answer, NULL, NULL) == 0 &&
	       answer_lets_through(answer);
}

/*
 * The 32-bit architecture that the same machine runs, if it is not meant; else
 * one that is none.
 */
static uint32_t
other_audit(const struct arch_list *archs)
{
	const struct arch *other = arch_find("i386");

	if (!has_x32(archs) || other == NULL)
		return 0;
	for (size_t i = 0; i < archs->count; i++)
		if (archs->archs[i] == other)
			return 0;
	return other->audit;
}

static void
check_program(const struct filter_file *file, const struct arch_list *archs,
    struct diag *diag)
{
	const struct program *program = file->program;
	const struct arch *arch = archs->archs[0];
	uint32_t foreign = other_audit(archs);
	size_t others = 0, x32 = 0;

	for (uint32_t nr = 0; nr <= arch->max; nr++) {
		others += lets_through(program, foreign, nr);
		x32 += (arch->quirks & ARCH_X32) &&
		       arch_name(arch, nr) != NULL &&
		       !lets_through(program, arch->audit, nr) &&
		       lets_through(program, arch->audit, nr | ARCH_X32_BIT);
	}
	if (lets_through(program, arch->audit, arch->max + 1))
		diag_warn(diag,
		    "%s: calls newer than this program are allowed: what the "
		    "next kernel brings, too",
		    file->path);
	if (others > 0)
		diag_warn(diag,
		    "%s: %zu calls of another architecture (32-bit ones) are "
		    "allowed",
		    file->path, others);
	if (x32 > 0)
		diag_warn(diag,
		    "%s: %zu calls that are refused are allowed by their x32 "
		    "numbers, where the kernel has x32",
		    file->path, x32);
}

int
filter_check(
    const struct filter_request *request, struct strbuf *buf, struct diag *diag)
{
	cleanup_filter_source struct filter_source source = { 0 };
	struct findings findings = { .buf = buf };
	struct diag teller = { .warn = take_finding, .context = &findings };
	const struct ruleset *set;
	int r = filter_source_open(request, &source, &teller);

	if (r < 0)
		return diag_set(diag, -r, "%s", teller.text);
	if (source.file.program != NULL) {
		check_program(&source.file, &request->archs, &teller);
		return findings.count > 0 ? 1 : 0;
	}
	if (source.name.name != NULL) {
		r = ruleset_choose(&source.file, source.name.name, &set, diag);
		if (r < 0)
			return r;
		check_set(&source.file, set, &request->archs, &teller);
	} else {
		for (size_t i = 0; i < source.file.set_count; i++)
			check_set(&source.file, &source.file.sets[i],
			    &request->archs, &teller);
	}
	return findings.count > 0 ? 1 : 0;
}
