/* SPDX-License-Identifier: ISC */
/*
 * What exec does (capabilities(7); P permitted, I inheritable, B bounding,
 * A ambient, for a file without capabilities of its own):
 *
 *	user 0       P' = I | B, which no_new_privs cuts to P
 *	other users  P' = A, where A is a part of P and of I
 *
 * So B and I are cut to what is kept, for user 0; and what is kept is put into
 * A, for the others (and for user 0 under SECBIT_NOROOT).  A later change from
 * user 0 to another one empties A, as it should.
 */
#include "enforce/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPS_MAX        64 /* what two words hold; the kernel ends it sooner */

#define CAP_BIT(number) (UINT64_C(1) << (number))

struct caps {
	uint64_t effective, permitted, inheritable;
};

static int
get_caps(struct caps *ret_caps)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct words[2];

	if (syscall(SYS_capget, &header, words) == -1)
		return -1;
	*ret_caps = (struct caps){
		(uint64_t)words[1].effective << 32 | words[0].effective,
		(uint64_t)words[1].permitted << 32 | words[0].permitted,
		(uint64_t)words[1].inheritable << 32 | words[0].inheritable,
	};
	return 0;
}

static int
set_caps(const struct caps *caps)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct words[2];

	for (int i = 0; i < 2; i++)
		words[i] = (struct __user_cap_data_struct){
			(uint32_t)(caps->effective >> (32 * i)),
			(uint32_t)(caps->permitted >> (32 * i)),
			(uint32_t)(caps->inheritable >> (32 * i)),
		};
	return (int)syscall(SYS_capset, &header, words);
}

/* RET_BOUNDING: those of KEEP that are in the bounding set. */
static int
cut_bounding(
    uint64_t keep, bool may_drop, uint64_t *ret_bounding, struct diag *diag)
{
	/* Then exec gives user 0 no more than P, whatever B is: B stays. */
	bool stays = prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1;

	*ret_bounding = 0;
	if (!stays && !may_drop)
		return diag_set(
		    diag, EPERM, "neither CAP_SETPCAP nor no_new_privs");
	for (unsigned long i = 0; i < CAPS_MAX; i++) {
		if ((keep & CAP_BIT(i)) != 0) {
			if (prctl(PR_CAPBSET_READ, i, 0L, 0L, 0L) == 1)
				*ret_bounding |= CAP_BIT(i);
			continue;
		}
		if (stays || prctl(PR_CAPBSET_DROP, i, 0L, 0L, 0L) == 0)
			continue;
		/* Above the highest that this kernel has. */
		if (errno == EINVAL)
			break;
		return diag_errno(diag, "drop capability %lu", i);
	}
	return 0;
}

int
enforce_caps(uint64_t keep, struct diag *diag)
{
	struct caps caps;
	uint64_t bounding;
	int err;

	if (get_caps(&caps) == -1)
		return diag_errno(diag, "capget");
	keep &= caps.permitted;
	/* First, because it takes CAP_SETPCAP. */
	err = cut_bounding(keep, (caps.effective & CAP_BIT(CAP_SETPCAP)) != 0,
	    &bounding, diag);
	if (err < 0)
		return err;
	if ((caps.permitted | caps.inheritable) == 0)
		return 0;
	/* Inheritable, and thus ambient, grows within the bounding set only. */
	caps =
	    (struct caps){ keep, keep, keep & (bounding | caps.inheritable) };
	if (set_caps(&caps) == -1)
		return diag_errno(diag, "capset");
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L);
	for (unsigned long i = 0; i < CAPS_MAX; i++)
		/* Securebits may forbid it: then exec leaves less. */
		if ((caps.inheritable & CAP_BIT(i)) != 0)
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0L, 0L);
	return 0;
}
