/* SPDX-License-Identifier: ISC */
#include "enforce/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policy/numbers.h"

#define PR_MDWE_REFUSE_EXEC_GAIN_ 1L /* linux/prctl.h, 6.3 */

int
enforce_no_new_privs(struct diag *diag)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == -1)
		return diag_errno(diag, "prctl PR_SET_NO_NEW_PRIVS");
	return 0;
}

int
enforce_mdwe(struct diag *diag)
{
	if (prctl(PR_SET_MDWE_, PR_MDWE_REFUSE_EXEC_GAIN_, 0L, 0L, 0L) == -1)
		return diag_errno(diag, "prctl PR_SET_MDWE");
	return 0;
}

static int
explain_seccomp(int err, struct diag *diag)
{
	errno = err;
	if (err == EACCES)
		return diag_set(diag, err, "no_new_privs is not set");
	/* MAX_INSNS_PER_PATH: 32768 instructions in all filters together. */
	if (err == ENOMEM)
		return diag_set(diag, err,
		    "this process is under too many "
		    "filters already");
	if (err == EBUSY)
		return diag_set(diag, err,
		    "the filters of this process are "
		    "watched by someone else already");
	return diag_errno(diag, "seccomp");
}

static int
install(const struct program *program, unsigned int flags,
    const uint64_t cookie[3], struct diag *diag)
{
	/* struct sock_fprog, with a program that is only read. */
	const struct {
		unsigned short length;
		const struct sock_filter *code;
	} handed = { program->length, program->code };
	long result;

	/* The kernel takes three arguments; a filter sees six. */
	result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &handed,
	    cookie[0], cookie[1], cookie[2]);
	if (result == -1)
		return explain_seccomp(errno, diag);
	if ((flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0)
		return (int)result;
	if (result > 0)
		return diag_set(
		    diag, EBUSY, "thread %ld has filters of its own", result);
	return 0;
}

int
enforce_seccomp(
    const struct program *program, unsigned int flags, struct diag *diag)
{
	static const uint64_t none[3] = { 0 };

	return install(program, flags, none, diag);
}

int
enforce_seccomp_besides(
    const struct program *program, const uint64_t cookie[3], struct diag *diag)
{
	return install(program, 0, cookie, diag);
}
