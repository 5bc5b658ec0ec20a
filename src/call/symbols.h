/* SPDX-License-Identifier: ISC */
/*
 * Names of numbers: flags, commands, signals.
 */
#ifndef CALL_SYMBOLS_H
#define CALL_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

/* VALUE, where it is a flag or one of a field's; the field is MASK. */
struct symbol {
	const char *name;
	uint64_t value, mask;
};

/* Tried in order; what a row has named, later ones do not see. */
struct symbols {
	const struct symbol *rows;
	size_t count;
};

/* clang-format off */
extern const struct symbols set_access, set_at,
    set_arch_prctl, set_bpf, set_clock, set_clone,
    set_close_range, set_domain,
    set_epoll_create, set_epoll_events, set_epoll_op,
    set_eventfd, set_fadvise, set_fallocate, set_fcntl,
    set_fd_flags, set_flock, set_fsconfig, set_fsmount,
    set_fsopen, set_futex, set_getrandom, set_inotify,
    set_inotify_init, set_io_uring_enter, set_io_uring_register,
    set_ioctl, set_ioprio, set_ip, set_ipv6, set_itimer,
    set_kcmp, set_keyctl, set_landlock_flags,
    set_landlock_rule, set_lock_type, set_madvise,
    set_membarrier, set_memfd, set_mlock, set_mlockall,
    set_mmap, set_mode_type, set_module_init, set_mount,
    set_mount_attr, set_move_mount, set_mremap, set_msg,
    set_msync, set_namespace, set_netlink, set_open, set_open_tree,
    set_perf, set_personality, set_pidfd_open,
    set_pidfd_signal, set_pipe, set_pkey, set_poll,
    set_prctl, set_priority, set_prot, set_protocol,
    set_ptrace, set_rename, set_resolve, set_resource,
    set_rusage, set_rwf, set_sa_flags, set_sched,
    set_seccomp, set_seccomp_flags, set_seek, set_shm,
    set_shutdown, set_sigmask, set_signalfd, set_socket,
    set_sockopt, set_sol, set_splice, set_statx,
    set_statx_at, set_swap, set_sync_range, set_tcp,
    set_timer, set_timerfd, set_timerfd_settime, set_umount,
    set_unlink, set_userfaultfd, set_wait, set_wait_type,
    set_xattr;
/* clang-format on */

/* All of them, in alphabetical order. */
extern const struct symbols *const symbol_sets[];
extern const size_t symbol_set_count;

/* VALUE in names: "O_RDWR|O_CREAT|0x8000000", or a number. */
void symbols_text(
    const struct symbols *set, uint64_t value, struct strbuf *buf);

/* The only name of VALUE, NULL if it has none. */
const char *symbols_name(const struct symbols *set, uint64_t value);

/* "SIGINT"; NULL if there is no such. */
const char *symbol_signal(int number);

#endif
