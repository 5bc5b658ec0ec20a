/* SPDX-License-Identifier: ISC */
#include "call/symbols.h"

#include <signal.h>

#include "call/symbols_table.h"

/* clang-format off */
SYMBOLS(signals,
	WHOLE(SIGHUP), WHOLE(SIGINT), WHOLE(SIGQUIT), WHOLE(SIGILL),
	WHOLE(SIGTRAP), WHOLE(SIGABRT), WHOLE(SIGBUS), WHOLE(SIGFPE),
	WHOLE(SIGKILL), WHOLE(SIGUSR1), WHOLE(SIGSEGV), WHOLE(SIGUSR2),
	WHOLE(SIGPIPE), WHOLE(SIGALRM), WHOLE(SIGTERM), WHOLE(SIGSTKFLT),
	WHOLE(SIGCHLD), WHOLE(SIGCONT), WHOLE(SIGSTOP), WHOLE(SIGTSTP),
	WHOLE(SIGTTIN), WHOLE(SIGTTOU), WHOLE(SIGURG), WHOLE(SIGXCPU),
	WHOLE(SIGXFSZ), WHOLE(SIGVTALRM), WHOLE(SIGPROF), WHOLE(SIGWINCH),
	WHOLE(SIGIO), WHOLE(SIGPWR), WHOLE(SIGSYS),
	/* The kernel's first real-time signal; libc keeps some to itself. */
	WHOLE_NUMBER(SIGRT_0, 32), WHOLE_NUMBER(SIGRT_1, 33),
	WHOLE_NUMBER(SIGRT_2, 34));
/* clang-format on */

/* clang-format off */
const struct symbols *const symbol_sets[] = {
	&set_access, &set_arch_prctl, &set_at, &set_bpf, &set_clock,
	&set_clone, &set_close_range, &set_domain, &set_epoll_create,
	&set_epoll_events, &set_epoll_op, &set_eventfd, &set_fadvise,
	&set_fallocate, &set_fcntl, &set_fd_flags, &set_flock, &set_fsconfig,
	&set_fsmount, &set_fsopen, &set_futex, &set_getrandom, &set_inotify,
	&set_inotify_init, &set_io_uring_enter, &set_io_uring_register,
	&set_ioctl, &set_ioprio, &set_ip, &set_ipv6, &set_itimer, &set_kcmp,
	&set_keyctl, &set_landlock_flags, &set_landlock_rule, &set_lock_type,
	&set_madvise, &set_membarrier, &set_memfd, &set_mlock, &set_mlockall,
	&set_mmap, &set_mode_type, &set_module_init, &set_mount,
	&set_mount_attr, &set_move_mount, &set_mremap, &set_msg, &set_msync,
	&set_namespace, &set_netlink, &set_open, &set_open_tree, &set_perf, &set_personality,
	&set_pidfd_open, &set_pidfd_signal, &set_pipe, &set_pkey, &set_poll,
	&set_prctl, &set_priority, &set_prot, &set_protocol, &set_ptrace,
	&set_rename, &set_resolve, &set_resource, &set_rusage, &set_rwf,
	&set_sa_flags, &set_sched, &set_seccomp, &set_seccomp_flags, &set_seek,
	&set_shm, &set_shutdown, &set_sigmask, &set_signalfd, &set_signals,
	&set_socket, &set_sockopt, &set_sol, &set_splice, &set_statx,
	&set_statx_at, &set_swap, &set_sync_range, &set_tcp, &set_timer,
	&set_timerfd, &set_timerfd_settime, &set_umount, &set_unlink,
	&set_userfaultfd, &set_wait, &set_wait_type, &set_xattr,
};
/* clang-format on */
const size_t symbol_set_count = ARRAY_SIZE(symbol_sets);

static void
add_number(uint64_t value, bool hex, struct strbuf *buf)
{
	if (hex)
		strbuf_printf(buf, "%#llx", (unsigned long long)value);
	else
		strbuf_printf(buf, "%lld", (long long)value);
}

void
symbols_text(const struct symbols *set, uint64_t value, struct strbuf *buf)
{
	bool whole = set->rows[0].mask == EVERY_BIT;
	const char *separator = "";
	uint64_t left = value, seen = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct symbol *row = &set->rows[i];

		/* "No flags" goes by its name only where there are none. */
		if (row->mask == 0 ? value != 0 || *separator != '\0'
		                   : (value & row->mask) != row->value ||
		                         (row->mask & seen) != 0)
			continue;
		strbuf_puts(buf, separator);
		strbuf_puts(buf, row->name);
		separator = "|";
		left &= ~row->mask;
		seen |= row->mask;
		if (left == 0 && seen == EVERY_BIT)
			return;
	}
	if (left == 0 && *separator != '\0')
		return;
	strbuf_puts(buf, separator);
	add_number(left, !whole && left != 0, buf);
}

const char *
symbols_name(const struct symbols *set, uint64_t value)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->rows[i].value == value)
			return set->rows[i].name;
	return NULL;
}

/* As the kernel counts them; the C library keeps the first for itself. */
#define FIRST_REAL_TIME 32 /* the kernel's SIGRTMIN, asm/signal.h */
static const char *const real_time[] = { "SIGRT_0", "SIGRT_1", "SIGRT_2",
	"SIGRT_3", "SIGRT_4", "SIGRT_5", "SIGRT_6", "SIGRT_7", "SIGRT_8",
	"SIGRT_9", "SIGRT_10", "SIGRT_11", "SIGRT_12", "SIGRT_13", "SIGRT_14",
	"SIGRT_15", "SIGRT_16", "SIGRT_17", "SIGRT_18", "SIGRT_19", "SIGRT_20",
	"SIGRT_21", "SIGRT_22", "SIGRT_23", "SIGRT_24", "SIGRT_25", "SIGRT_26",
	"SIGRT_27", "SIGRT_28", "SIGRT_29", "SIGRT_30", "SIGRT_31",
	"SIGRT_32" };

const char *
symbol_signal(int number)
{
	if (number >= FIRST_REAL_TIME &&
	    (size_t)number < FIRST_REAL_TIME + ARRAY_SIZE(real_time))
		return real_time[number - FIRST_REAL_TIME];
	return symbols_name(&set_signals, (uint64_t)number);
}
