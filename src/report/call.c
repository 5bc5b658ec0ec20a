/* SPDX-License-Identifier: ISC */
#include "report/call.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/table.h"
#include "report/call_flags.h"

/*
 * A letter for each argument, in order:
 *	p path   q another string   d directory descriptor   f descriptor
 *	i number   x address or bits   m file mode   a socket address, whose
 *	length is next   - not shown
 * and a capital for a name: O open flags, R protection, M mapping, C clone,
 * D domain, T socket type, P protocol, S signal, I ioctl, N fcntl, L level,
 * V socket option, A AT_ flags, Q prctl, B access mode.  Behind the last one:
 *not shown.
 */
/* clang-format off */
static const struct { const char *call, *letters; } rows[] = {
	{ "accept", "f" }, { "accept4", "f" }, { "access", "pB" },
	{ "add_key", "qq" }, { "bind", "fa" }, { "chdir", "p" },
	{ "chmod", "pm" }, { "chown", "pii" }, { "chroot", "p" },
	{ "clone", "C" }, { "clock_settime", "i" }, { "connect", "fa" },
	{ "creat", "pm" }, { "execve", "p" }, { "execveat", "dp--A" },
	{ "faccessat", "dpB" }, { "faccessat2", "dpBA" },
	{ "fallocate", "fi" }, { "fchmod", "fm" }, { "fchmodat", "dpm" },
	{ "fchmodat2", "dpmA" }, { "fchown", "fii" },
	{ "fchownat", "dpiiA" }, { "fcntl", "fN" }, { "fgetxattr", "fq" },
	{ "flock", "fi" }, { "fork", "" }, { "fremovexattr", "fq" },
	{ "fsetxattr", "fq" }, { "fstatfs", "f" }, { "futimesat", "dp" },
	{ "getcwd", "" }, { "getdents", "f" }, { "getdents64", "f" },
	{ "getpid", "" }, { "getxattr", "pq" }, { "inotify_add_watch", "fp" },
	{ "ioctl", "fI" }, { "kill", "iS" }, { "lchown", "pii" },
	{ "lgetxattr", "pq" }, { "link", "pp" }, { "linkat", "dpdpA" },
	{ "listen", "fi" }, { "listxattr", "p" }, { "llistxattr", "p" },
	{ "lremovexattr", "pq" }, { "lsetxattr", "pq" }, { "lstat", "p" },
	{ "memfd_create", "qx" }, { "mkdir", "pm" }, { "mkdirat", "dpm" },
	{ "mknod", "pm" }, { "mknodat", "dpm" }, { "mmap", "-iRMf" },
	{ "mount", "qpqx" }, { "mprotect", "xiR" },
	{ "newfstatat", "dp-A" }, { "open", "pOm" }, { "openat", "dpOm" },
	{ "personality", "x" }, { "pidfd_send_signal", "fS" },
	{ "pkey_mprotect", "xiR" }, { "prctl", "Qx" }, { "prlimit64", "ii" },
	{ "ptrace", "ii" }, { "readlink", "p" }, { "readlinkat", "dp" },
	{ "removexattr", "pq" }, { "rename", "pp" }, { "renameat", "dpdp" },
	{ "renameat2", "dpdpx" }, { "rmdir", "p" },
	{ "rt_sigqueueinfo", "iS" }, { "rt_tgsigqueueinfo", "iiS" },
	{ "sendto", "f-iia" }, { "setgid", "i" }, { "setgroups", "i" },
	{ "sethostname", "q" }, { "setpgid", "ii" }, { "setpriority", "iii" },
	{ "setregid", "ii" }, { "setresgid", "iii" }, { "setresuid", "iii" },
	{ "setreuid", "ii" }, { "setrlimit", "i" }, { "setsid", "" },
	{ "setsockopt", "fLV" }, { "setuid", "i" }, { "setxattr", "pq" },
	{ "socket", "DTP" }, { "socketpair", "DTP" }, { "stat", "p" },
	{ "statfs", "p" }, { "statx", "dpA" }, { "symlink", "qp" },
	{ "symlinkat", "qdp" }, { "sync", "" }, { "syslog", "ii" },
	{ "tgkill", "iiS" }, { "tkill", "iS" }, { "truncate", "pi" },
	{ "umount2", "px" }, { "unlink", "p" }, { "unlinkat", "dpA" },
	{ "unshare", "C" }, { "utime", "p" }, { "utimensat", "dp-A" },
	{ "utimes", "p" }, { "vfork", "" },
};

static const struct { char letter; const struct number_set *set; } sets[] = {
	{ 'O', &open_flag_names }, { 'R', &protection_names },
	{ 'M', &mapping_names }, { 'C', &clone_names }, { 'A', &at_flag_names },
	{ 'T', &socket_type_names }, { 'D', &domain_names },
	{ 'P', &protocol_names }, { 'S', &signal_names },
	{ 'I', &ioctl_names }, { 'N', &fcntl_names }, { 'L', &level_names },
	{ 'V', &option_names }, { 'Q', &prctl_names },
	{ 'B', &access_names },
};
/* clang-format on */

/* Those whose numbers are bits. */
#define BIT_LETTERS "ORMCATB"

void
call_quote(struct strbuf *buf, const char *text)
{
	strbuf_putc(buf, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			strbuf_printf(buf, "\\%c", *text);
		else if (*text >= ' ' && *text <= '~')
			strbuf_putc(buf, *text);
		else if (*text == '\n')
			strbuf_puts(buf, "\\n");
		else
			strbuf_printf(buf, "\\%03o", (unsigned char)*text);
	}
	strbuf_putc(buf, '"');
}

static void
add_bits(struct strbuf *buf, const struct number_set *set, uint64_t value)
{
	size_t start = buf->length;
	const char *name = number_name(set, value & set->choice);

	/* Of 8, as no other set: a zero is named only if it is all. */
	if (set->choice != 0 && name != NULL &&
	    (set->choice != 8 || value == 0)) {
		strbuf_puts(buf, name);
		value &= ~set->choice;
	}
	for (size_t i = 0; i < set->count; i++) {
		uint64_t bits = set->names[i].value;

		if (bits == 0 || (bits & set->choice) != 0 ||
		    (value & bits) != bits)
			continue;
		strbuf_printf(buf, "%s%s", buf->length > start ? "|" : "",
		    set->names[i].name);
		value &= ~bits;
	}
	if (value != 0 || buf->length == start)
		strbuf_printf(buf, "%s%#llx", buf->length > start ? "|" : "",
		    (unsigned long long)value);
}

static void
add_named(struct strbuf *buf, char letter, uint64_t value)
{
	const char *name;

	/* All of these are int arguments: the kernel cuts them. */
	value &= UINT32_MAX;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		if (sets[i].letter != letter)
			continue;
		if (strchr(BIT_LETTERS, letter) != NULL) {
			add_bits(buf, sets[i].set, value);
			return;
		}
		name = number_name(sets[i].set, value);
		if (name != NULL)
			strbuf_puts(buf, name);
		else
			strbuf_printf(
			    buf, letter == 'I' ? "%#x" : "%d", (int)value);
		return;
	}
	strbuf_printf(buf, "%d", (int)value);
}

/* "/run/x", "@abstract", "127.0.0.1:80". */
static void
add_address(struct strbuf *buf, const struct call_memory *memory,
    uint64_t address, uint64_t length)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		char bytes[sizeof(struct sockaddr_un) + 1];
	} name = { 0 };
	char text[INET6_ADDRSTRLEN];
	ssize_t n;

	if (length > sizeof(name.un))
		length = sizeof(name.un);
	n = memory->bytes(memory->context, address, &name, length);
	if (n < (ssize_t)sizeof(name.any.sa_family)) {
		strbuf_printf(buf, "%#llx", (unsigned long long)address);
	} else if (name.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &name.in.sin_addr, text, sizeof(text));
		strbuf_printf(buf, "%s:%u", text, ntohs(name.in.sin_port));
	} else if (name.any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &name.in6.sin6_addr, text, sizeof(text));
		strbuf_printf(buf, "[%s]:%u", text, ntohs(name.in6.sin6_port));
	} else if (name.any.sa_family == AF_UNIX &&
	           name.un.sun_path[0] == '\0' && n > 3) {
		strbuf_putc(buf, '@');
		call_quote(buf, name.un.sun_path + 1);
	} else if (name.any.sa_family == AF_UNIX) {
		call_quote(buf, name.un.sun_path);
	} else {
		strbuf_putc(buf, '{');
		add_named(buf, 'D', name.any.sa_family);
		strbuf_putc(buf, '}');
	}
}

static void
add_string(
    struct strbuf *buf, const struct call_memory *memory, uint64_t address)
{
	const char *text = memory->string(memory->context, address);

	if (text != NULL)
		call_quote(buf, text);
	else
		strbuf_printf(buf, "%#llx", (unsigned long long)address);
}

static void
add_argument(struct strbuf *buf, char letter, const struct call *call, size_t i,
    const struct call_memory *memory)
{
	uint64_t value = call->args[i];

	switch (letter) {
	case 'p':
	case 'q':
		add_string(buf, memory, value);
		break;
	case 'a':
		add_address(buf, memory, value, i < 5 ? call->args[i + 1] : 0);
		break;
	case 'd':
	case 'f':
	case 'i':
		strbuf_printf(buf, "%d", (int)value);
		break;
	case 'm':
		strbuf_printf(buf, "0%o", (unsigned int)value);
		break;
	case 'x':
		strbuf_printf(buf, "%#llx", (unsigned long long)value);
		break;
	case 'V':
		/* The names are those of SOL_SOCKET, argument 1. */
		if (call->args[1] != SOL_SOCKET)
			letter = 'v';
		add_named(buf, letter, value);
		break;
	default:
		add_named(buf, letter, value);
		break;
	}
}

/* What says nothing: the current directory, a mode without O_CREAT, no flags.
 */
static bool
is_shown(const char *letters, size_t i, const struct call *call)
{
	switch (letters[i]) {
	case '-':
		return false;
	case 'd':
		return (int)call->args[i] != AT_FDCWD;
	case 'm':
		return i == 0 || letters[i - 1] != 'O' ||
		       (call->args[i - 1] & (O_CREAT | 020000000)) != 0;
	case 'A':
		return (uint32_t)call->args[i] != 0;
	default:
		return true;
	}
}

void
call_describe(struct strbuf *buf, const struct arch *arch,
    const struct call *call, const struct call_memory *memory)
{
	const char *name = arch_name(arch, call->nr), *letters = NULL;
	const char *comma = "";

	if (name == NULL) {
		strbuf_printf(buf, "system call %u", call->nr);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows) && letters == NULL; i++)
		if (strcmp(rows[i].call, name) == 0)
			letters = rows[i].letters;
	strbuf_printf(buf, "%s(", name);
	for (size_t i = 0; letters != NULL && letters[i] != '\0'; i++) {
		if (!is_shown(letters, i, call))
			continue;
		strbuf_puts(buf, comma);
		add_argument(buf, letters[i], call, i, memory);
		comma = ", ";
	}
	strbuf_puts(buf, letters != NULL ? ")" : "...)");
}
