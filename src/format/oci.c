/* SPDX-License-Identifier: ISC */
/* Seccomp profiles of container runtimes: what reader and writer share. */
#include "format/oci.h"

#include <linux/seccomp.h>
#include <string.h>

#include "base/table.h"

/* config-linux.md of the OCI runtime specification, "seccomp". */
const struct oci_action oci_actions[] = {
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW, 0 },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO, 1 },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD, 0 },
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD, 0 },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, 0 },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG, 0 },
	{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF, 0 },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE, 1 },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP, 0 },
};
const size_t oci_action_count = ARRAY_SIZE(oci_actions);

const struct oci_op oci_ops[] = {
	{ "SCMP_CMP_EQ", CLAUSE_EQ },
	{ "SCMP_CMP_GE", CLAUSE_GE },
	{ "SCMP_CMP_GT", CLAUSE_GT },
	{ "SCMP_CMP_LE", CLAUSE_LE },
	{ "SCMP_CMP_LT", CLAUSE_LT },
	{ "SCMP_CMP_MASKED_EQ", CLAUSE_MASKED_EQ },
	{ "SCMP_CMP_NE", CLAUSE_NE },
};
const size_t oci_op_count = ARRAY_SIZE(oci_ops);

const struct oci_arch oci_archs[] = {
	{ "SCMP_ARCH_X86_64", "amd64", "x86_64" },
	{ "SCMP_ARCH_X86", "x86", "i386" },
	{ "SCMP_ARCH_X86", "386", "i386" },
	{ "SCMP_ARCH_X32", "x32", NULL },
	{ "SCMP_ARCH_AARCH64", "arm64", "aarch64" },
	{ "SCMP_ARCH_RISCV64", "riscv64", "riscv64" },
	{ "SCMP_ARCH_ARM", "arm", NULL },
	{ "SCMP_ARCH_LOONGARCH64", "loong64", NULL },
	{ "SCMP_ARCH_M68K", "m68k", NULL },
	{ "SCMP_ARCH_MIPS", "mips", NULL },
	{ "SCMP_ARCH_MIPS64", "mips64", NULL },
	{ "SCMP_ARCH_MIPS64N32", "mips64n32", NULL },
	{ "SCMP_ARCH_MIPSEL", "mipsel", NULL },
	{ "SCMP_ARCH_MIPSEL64", "mips64le", NULL },
	{ "SCMP_ARCH_MIPSEL64", "mipsel64", NULL },
	{ "SCMP_ARCH_MIPSEL64N32", "mipsel64n32", NULL },
	{ "SCMP_ARCH_PARISC", "parisc", NULL },
	{ "SCMP_ARCH_PARISC64", "parisc64", NULL },
	{ "SCMP_ARCH_PPC", "ppc", NULL },
	{ "SCMP_ARCH_PPC64", "ppc64", NULL },
	{ "SCMP_ARCH_PPC64LE", "ppc64le", NULL },
	{ "SCMP_ARCH_S390", "s390", NULL },
	{ "SCMP_ARCH_S390X", "s390x", NULL },
	{ "SCMP_ARCH_SH", "sh", NULL },
	{ "SCMP_ARCH_SHEB", "sheb", NULL },
};
const size_t oci_arch_count = ARRAY_SIZE(oci_archs);

/* What follows KEY as a member's name, in any case of letters, from the value
 * on; NULL: none does. */
static const char *
find_member(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = text; (at = strcasestr(at, key)) != NULL;) {
		at += length;
		at += strspn(at, " \t\r\n");
		if (*at == ':')
			return at + 1 + strspn(at + 1, " \t\r\n");
	}
	return NULL;
}

/*
 * By its looks, so that what is wrong with it is said in its own terms: a
 * member that no other format here has, or a list of rules.
 */
static bool
recognise(const struct format_bytes *bytes)
{
	const char *calls = find_member(bytes->data, "\"syscalls\"");

	if (find_member(bytes->data, "\"defaultAction\"") != NULL)
		return true;
	return calls != NULL && *calls == '[' &&
	       (strstr(bytes->data, "\"SCMP_") != NULL ||
	           calls[1 + strspn(calls + 1, " \t\r\n")] == ']');
}

const struct format format_oci = {
	.name = "oci",
	.text = "a container's seccomp profile (Docker, Podman, Kubernetes)",
	.recognise = recognise,
	.read = oci_read,
	.write = oci_write,
};
