/* SPDX-License-Identifier: ISC */
#include "base/signals.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

int
signals_open(struct signals *signals, const int *numbers, struct diag *diag)
{
	sigset_t mask;

	sigemptyset(&mask);
	for (; *numbers != 0; numbers++)
		sigaddset(&mask, *numbers);
	sigprocmask(SIG_BLOCK, &mask, &signals->old_mask);
	signals->fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->fd >= 0)
		return 0;
	diag_errno(diag, "wait for signals");
	sigprocmask(SIG_SETMASK, &signals->old_mask, NULL);
	return -diag->err;
}

int
signals_take(const struct signals *signals)
{
	struct signalfd_siginfo info;

	if (read(signals->fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

void
signals_close(struct signals *signals)
{
	while (signals_take(signals) != 0)
		;
	close(signals->fd);
	signals->fd = -1;
	sigprocmask(SIG_SETMASK, &signals->old_mask, NULL);
}
