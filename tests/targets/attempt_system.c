/* SPDX-License-Identifier: ISC */
/*
 * Attempts on the kernel: terminals and devices, administration, and the
 * calls with a large attack surface.  A descriptor -1 or an address 8 makes
 * them harmless: EBADF and EFAULT mean that nobody refused the call.
 */
#include "attempt.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define WRONG ((void *)8)

static int
request(unsigned long number)
{
	return harmless(syscall(SYS_ioctl, -1L, number, 0L), EBADF);
}

/* clang-format off */
#define REQUEST(name, number) \
	static int name(char **none) { (void)none; return request(number); }
#define HARMLESS(name, complaint, ...) \
	static int name(char **none) \
	{ (void)none; return harmless(syscall(__VA_ARGS__), complaint); }

REQUEST(request_fionread, FIONREAD)
REQUEST(request_winsize, TIOCGWINSZ)
REQUEST(request_tcsets, TCSETS)
REQUEST(request_set_winsize, TIOCSWINSZ)
REQUEST(request_foreground, TIOCSPGRP)
REQUEST(request_insert, TIOCSTI)
/* The kernel looks at the lower half of the request alone. */
REQUEST(request_insert_high, TIOCSTI | UINT64_C(0xffffffff00000000))
REQUEST(request_console, TIOCLINUX)
REQUEST(request_discipline, TIOCSETD)
REQUEST(request_own_terminal, TIOCSCTTY)
REQUEST(request_interfaces, 0x8912) /* SIOCGIFCONF */
REQUEST(request_set_interface, 0x8914) /* SIOCSIFFLAGS */
REQUEST(request_audio, ('A' << 8) | 0x40) /* SNDRV_PCM_IOCTL_PREPARE */
REQUEST(request_video, 0x40000000 | (4 << 16) | ('V' << 8) | 18) /* VIDIOC_STREAMON */
REQUEST(request_drm, 0xc0000000 | ('d' << 8) | 1)
REQUEST(request_file_flags, 0x40086602) /* FS_IOC_SETFLAGS */

HARMLESS(open_extended, EINVAL, SYS_openat2, -1L, "/", 0L, 0L)
HARMLESS(ring, EFAULT, SYS_io_uring_setup, 1L, WRONG)
HARMLESS(program, EFAULT, SYS_bpf, 5L, WRONG, 16L)
HARMLESS(performance, EFAULT, SYS_perf_event_open, WRONG, 0L, -1L, -1L, 0L)
HARMLESS(keyring, EOPNOTSUPP, SYS_keyctl, 9999L, 0L, 0L, 0L, 0L)
HARMLESS(add_a_key, EFAULT, SYS_add_key, WRONG, 0L, 0L, 0L, 0L)
HARMLESS(shared_memory, ENOENT, SYS_shmget, 0x5eed5eedL, 4096L, 0L)
HARMLESS(message_queue, EFAULT, SYS_mq_open, WRONG, 0L, 0L, 0L)
HARMLESS(file_handle, EFAULT, SYS_name_to_handle_at, -1L, WRONG, WRONG, WRONG,
    0L)
HARMLESS(page_faults, EINVAL, SYS_userfaultfd, 0x40000000L)
HARMLESS(asynchronous, EFAULT, SYS_io_setup, 1L, WRONG)
HARMLESS(memory_policy, EINVAL, SYS_set_mempolicy, 99L, 0L, 0L)
/* listmount(2), newer than the headers. */
HARMLESS(mount_list, EFAULT, 458L, WRONG, WRONG, 1L, 0L)
HARMLESS(open_mount, EBADF, SYS_open_tree, -1L, "x", 0L)
HARMLESS(mount_nothing, EFAULT, SYS_mount, WRONG, WRONG, WRONG, 0L, 0L)
HARMLESS(unmount_nothing, EFAULT, SYS_umount2, WRONG, 0L)
HARMLESS(root_nowhere, EFAULT, SYS_chroot, WRONG)
HARMLESS(restart, EINVAL, SYS_reboot, 0L, 0L, 0L, 0L)
HARMLESS(set_clock, EFAULT, SYS_clock_settime, 0L, WRONG)
HARMLESS(adjust_clock, EFAULT, SYS_adjtimex, WRONG)
HARMLESS(new_filter, EFAULT, SYS_seccomp, 1L, 0L, WRONG)
HARMLESS(new_listener, EFAULT, SYS_seccomp, 1L, 8L, WRONG)
HARMLESS(new_ruleset, EFAULT, SYS_landlock_create_ruleset, WRONG, 8L, 0L)
HARMLESS(no_new_privileges, 0, SYS_prctl, (long)PR_SET_NO_NEW_PRIVS, 1L, 0L,
    0L, 0L)
/* Without Yama there is nothing to set: EINVAL. */
HARMLESS(tracer, EINVAL, SYS_prctl, 0x59616d61L, 0L, 0L, 0L, 0L)
HARMLESS(random_bytes, 0, SYS_getrandom, "", 0L, 0L)
HARMLESS(future_call, ENOSYS, 1000L)
HARMLESS(timer_of_own, EINVAL, SYS_timer_create, 99L, 0L, 0L)
/* clang-format on */

static int
is_terminal(char **fd)
{
	return isatty(number(*fd)) ? 0 : errno;
}

/* To the settings that it has. */
static int
set_terminal(char **fd)
{
	struct termios settings;

	if (tcgetattr(number(*fd), &settings) == -1)
		return errno;
	return outcome(tcsetattr(number(*fd), TCSANOW, &settings));
}

static int
set_terminal_of(char **path)
{
	char text[16];
	int error, fd = open(*path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd == -1)
		return errno;
	snprintf(text, sizeof(text), "%d", fd);
	error = set_terminal((char *[]){ text });
	close(fd);
	return error;
}

static int
make_pipe(char **none)
{
	int fds[2];

	(void)none;
	if (pipe(fds) == -1)
		return errno;
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static int
make_events(char **none)
{
	int error = outcome_fd(epoll_create1(EPOLL_CLOEXEC));

	(void)none;
	if (error == 0)
		error = outcome_fd(eventfd(0, EFD_CLOEXEC));
	if (error == 0)
		error = outcome_fd(timerfd_create(CLOCK_MONOTONIC, 0));
	return error;
}

static int
sleep_shortly(char **none)
{
	const struct timespec moment = { .tv_nsec = 1000 };

	(void)none;
	return outcome(nanosleep(&moment, NULL));
}

static int
catch_signal(char **none)
{
	(void)none;
	if (signal(SIGUSR1, SIG_IGN) == SIG_ERR)
		return errno;
	return outcome(raise(SIGUSR1));
}

#if defined(__x86_64__)
/* getpid(2), asked for as a 32-bit program would. */
static int
call_32_bit(char **none)
{
	long result = 20;

	(void)none;
	__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
	return result < 0 ? (int)-result : 0;
}
#else
static int
call_32_bit(char **none)
{
	(void)none;
	return ENOTSUP;
}
#endif

/* clang-format off */
const struct attempt system_attempts[] = {
	{ "pipe", "", make_pipe },
	{ "events", "", make_events },
	{ "sleep", "", sleep_shortly },
	{ "raise", "", catch_signal },
	{ "getrandom", "", random_bytes },
	{ "timer", "", timer_of_own },
	{ "isatty", "FD", is_terminal },
	{ "tcsets", "FD", set_terminal },
	{ "tcsets-path", "PATH", set_terminal_of },
	{ "ioctl-fionread", "", request_fionread },
	{ "ioctl-tiocgwinsz", "", request_winsize },
	{ "ioctl-tcsets", "", request_tcsets },
	{ "ioctl-tiocswinsz", "", request_set_winsize },
	{ "ioctl-tiocspgrp", "", request_foreground },
	{ "ioctl-tiocsti", "", request_insert },
	{ "ioctl-tiocsti-high", "", request_insert_high },
	{ "ioctl-tioclinux", "", request_console },
	{ "ioctl-tiocsetd", "", request_discipline },
	{ "ioctl-tiocsctty", "", request_own_terminal },
	{ "ioctl-siocgifconf", "", request_interfaces },
	{ "ioctl-siocsifflags", "", request_set_interface },
	{ "ioctl-audio", "", request_audio },
	{ "ioctl-video", "", request_video },
	{ "ioctl-drm", "", request_drm },
	{ "ioctl-setflags", "", request_file_flags },
	{ "openat2", "", open_extended },
	{ "io_uring", "", ring },
	{ "bpf", "", program },
	{ "perf", "", performance },
	{ "keyctl", "", keyring },
	{ "add-key", "", add_a_key },
	{ "shmget", "", shared_memory },
	{ "mq-open", "", message_queue },
	{ "name-to-handle", "", file_handle },
	{ "userfaultfd", "", page_faults },
	{ "io-setup", "", asynchronous },
	{ "set-mempolicy", "", memory_policy },
	{ "listmount", "", mount_list },
	{ "open-tree", "", open_mount },
	{ "mount", "", mount_nothing },
	{ "umount", "", unmount_nothing },
	{ "chroot", "", root_nowhere },
	{ "reboot", "", restart },
	{ "clock-settime", "", set_clock },
	{ "adjtimex", "", adjust_clock },
	{ "seccomp-filter", "", new_filter },
	{ "seccomp-listener", "", new_listener },
	{ "landlock", "", new_ruleset },
	{ "no-new-privs", "", no_new_privileges },
	{ "prctl-set-ptracer", "", tracer },
	{ "unknown-call", "", future_call },
	{ "int80", "", call_32_bit },
	{ 0 },
};
