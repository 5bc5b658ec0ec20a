/* SPDX-License-Identifier: ISC */
#include "trace/ptrace_clone.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>

#include "event/memory.h"

/* ptrace(2), Linux 6.16. */
#define PTRACE_SET_SYSCALL_INFO_ 0x4212

static const uint64_t untraced_flag[] = { CLONE_UNTRACED };
static const struct condition untraced = { .name = "untraced",
	.text = "the child is not to be traced",
	.tests = { { 0, 32, TEST_IN, 1, CLONE_UNTRACED, untraced_flag } } };

static bool
is_call(const struct call *call, const struct arch *arch, const char *name)
{
	return (int)call->nr == arch_number(arch, name, strlen(name));
}

static const struct arch *
find_arch(uint32_t audit)
{
	const struct arch *arch;

	for (size_t i = 0; (arch = arch_at(i)) != NULL; i++)
		if (arch->audit == audit)
			return arch;
	return NULL;
}

/* The first argument of the call that TID is stopped at, or behind. */
static int
set_first(pid_t tid, uint32_t audit, uint64_t value)
{
#ifdef __x86_64__
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, tid, NULL, &registers) < 0)
		return -errno;
	if (audit == AUDIT_ARCH_I386)
		registers.rbx = value;
	else
		registers.rdi = value;
	return ptrace(PTRACE_SETREGS, tid, NULL, &registers) < 0 ? -errno : 0;
#else
	struct __ptrace_syscall_info info;

	(void)audit;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) < 0)
		return -errno;
	/* Behind the call its register holds the result: nothing is left to be
	 * given back. */
	if (info.op == PTRACE_SYSCALL_INFO_SECCOMP)
		info.op = PTRACE_SYSCALL_INFO_ENTRY;
	else if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return 0;
	info.entry.args[0] = value;
	return ptrace(PTRACE_SET_SYSCALL_INFO_, tid, sizeof(info), &info) < 0
	           ? -errno
	           : 0;
#endif
}

/* A word of memory, which may be read-only: process_vm_writev(2) minds that. */
static int
set_word(pid_t tid, uint64_t address, uint64_t value)
{
	void *where = (void *)(uintptr_t)address; /* NOLINT */
	void *word = (void *)(uintptr_t)value;    /* NOLINT */

	return ptrace(PTRACE_POKEDATA, tid, where, word) < 0 ? -errno : 0;
}

static int
set_flags(pid_t tid, const struct untraced *where, uint64_t flags)
{
	return where->address != 0 ? set_word(tid, where->address, flags)
	                           : set_first(tid, where->audit, flags);
}

int
clone_trace(struct task *task, const struct call *call)
{
	const struct arch *arch = find_arch(call->arch);
	struct untraced found = { .audit = call->arch };
	int r;

	if (arch == NULL)
		return 0;
	if (is_call(call, arch, "clone"))
		found.flags = call->args[0];
	else if (!is_call(call, arch, "clone3"))
		return 0;
	else {
		found.address = call->args[0];
		if (memory_read(task->tid, found.address, &found.flags,
		        sizeof(found.flags)) != sizeof(found.flags))
			return 0;
	}
	if (!(found.flags & CLONE_UNTRACED))
		return 0;
	r = set_flags(
	    task->tid, &found, found.flags & ~(uint64_t)CLONE_UNTRACED);
	if (r < 0)
		return r;
	found.set = true;
	task->untraced = found;
	return 1;
}

void
clone_give_back(pid_t tid, const struct untraced *where)
{
	if (where->set)
		set_flags(tid, where, where->flags);
}

void
clone_filter(struct filter *filter)
{
	int old = arch_number(filter->arch, "clone", strlen("clone"));
	int new = arch_number(filter->arch, "clone3", strlen("clone3"));

	if (old >= 0)
		filter_add(
		    filter, (unsigned int)old, &untraced, SECCOMP_RET_TRACE, 0);
	/* Its flags are in memory. */
	if (new >= 0)
		filter_add(
		    filter, (unsigned int)new, NULL, SECCOMP_RET_TRACE, 0);
}
