/* SPDX-License-Identifier: ISC */
/* Arguments that point to structs, and those whose meaning another one has. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <linux/ioctl.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/quote.h"
#include "base/table.h"
#include "event/decode.h"
#include "event/memory.h"

/* Of a list, so many are shown; of one of its strings, so many bytes. */
#define SHOWN_ITEMS 16
#define SHOWN_WORDS 64
#define SHOWN_BYTES 256
#define SHOWN_DATA  64

static uint64_t
address_of(const struct decoder *d)
{
	return d->word == 4 ? (uint32_t)d->raw : d->raw;
}

bool
decoder_read(struct decoder *d, void *buffer, size_t length)
{
	uint64_t address = address_of(d);

	if (address != 0 &&
	    memory_read(d->call->source.tid, address, buffer, length) == length)
		return true;
	decode_pointer(d);
	return false;
}

/* Words at ADDRESS; how many could be read. */
static size_t
words_at(
    const struct decoder *d, uint64_t address, uint64_t *words, size_t count)
{
	uint32_t narrow[SHOWN_WORDS + 1];
	size_t got;

	if (d->word == 8)
		return memory_read(
		           d->call->source.tid, address, words, count * 8) /
		       8;
	if (count > ARRAY_SIZE(narrow))
		count = ARRAY_SIZE(narrow);
	got = memory_read(d->call->source.tid, address, narrow, count * 4) / 4;
	for (size_t i = 0; i < got; i++)
		words[i] = narrow[i];
	return got;
}

bool
decoder_words(struct decoder *d, uint64_t *words, size_t count)
{
	uint64_t address = address_of(d);

	if (address != 0 && words_at(d, address, words, count) == count)
		return true;
	decode_pointer(d);
	return false;
}

/* A string at ADDRESS, quoted; or the address. */
static void
put_string_at(struct decoder *d, uint64_t address)
{
	struct strbuf bytes = { 0 };
	bool cut;

	if (memory_string(
	        d->call->source.tid, address, SHOWN_BYTES, &bytes, &cut)) {
		quote_bytes(
		    d->out, bytes.data != NULL ? bytes.data : "", bytes.length);
		strbuf_puts(d->out, cut ? "..." : "");
	} else
		put_hex(d->out, address);
	strbuf_free(&bytes);
}

static void
put_bytes_at(struct decoder *d, uint64_t address, uint64_t count)
{
	char bytes[SHOWN_DATA + 1] = "";
	size_t want = count < SHOWN_DATA ? (size_t)count : SHOWN_DATA;

	if (memory_read(d->call->source.tid, address, bytes, want) < want) {
		put_hex(d->out, address);
		return;
	}
	quote_bytes(d->out, bytes, want);
	strbuf_puts(d->out, count > want ? "..." : "");
}

/* COUNT struct iovec at ADDRESS, of which only LEFT bytes are filled. */
static void
put_vector(struct decoder *d, uint64_t address, uint64_t count, uint64_t left)
{
	uint64_t words[2];
	uint64_t length;

	strbuf_putc(d->out, '[');
	for (uint64_t i = 0; i < count && i < SHOWN_ITEMS; i++) {
		if (words_at(d, address + i * 2 * d->word, words, 2) < 2) {
			strbuf_puts(d->out, "?");
			break;
		}
		length = words[1] < left ? words[1] : left;
		strbuf_puts(d->out, i > 0 ? ", " : "");
		put_bytes_at(d, words[0], length);
		left -= length;
	}
	strbuf_puts(d->out, count > SHOWN_ITEMS ? ", ...]" : "]");
}

void
decode_vector(struct decoder *d)
{
	uint64_t address = address_of(d);

	if (address == 0)
		decode_pointer(d);
	else
		put_vector(d, address, d->next,
		    d->after ? (uint64_t)d->returned : UINT64_MAX);
}

void
decode_strings(struct decoder *d)
{
	uint64_t words[SHOWN_WORDS + 1];
	size_t got = 0, shown = 0;

	if (address_of(d) != 0)
		/* To the end of the list, which need not fill the page. */
		got = words_at(d, address_of(d), words, ARRAY_SIZE(words));
	if (got == 0) {
		decode_pointer(d);
		return;
	}
	strbuf_putc(d->out, '[');
	for (; shown < got && words[shown] != 0 && shown < SHOWN_WORDS;
	     shown++) {
		strbuf_puts(d->out, shown > 0 ? ", " : "");
		put_string_at(d, words[shown]);
	}
	if (shown == got || words[shown] != 0)
		strbuf_puts(d->out, ", ...");
	strbuf_putc(d->out, ']');
}

/* Its values may be secrets: how many there are says enough. */
void
decode_environment(struct decoder *d)
{
	uint64_t words[SHOWN_WORDS];
	size_t total = 0, got;

	decode_pointer(d);
	if (d->value->type == VALUE_NULL)
		return;
	do {
		got = words_at(d, address_of(d) + total * d->word, words,
		    ARRAY_SIZE(words));
		for (size_t i = 0; i < got; i++) {
			if (words[i] == 0) {
				strbuf_printf(
				    d->out, " /* %zu vars */", total + i);
				return;
			}
		}
		total += got;
	} while (got == ARRAY_SIZE(words) && total < 100000);
}

static void
put_unix_name(struct decoder *d, const struct sockaddr_un *name, size_t length)
{
	size_t most = length - offsetof(struct sockaddr_un, sun_path);

	if (length <= offsetof(struct sockaddr_un, sun_path))
		return;
	/* A name that begins with a NUL is an abstract one, NULs and all. */
	if (name->sun_path[0] == '\0') {
		strbuf_puts(d->out, ", path=@");
		quote_bytes(d->out, name->sun_path + 1, most - 1);
		return;
	}
	most = strnlen(name->sun_path, most);
	strbuf_puts(d->out, ", path=");
	quote_bytes(d->out, name->sun_path, most);
}

union address {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_nl netlink;
	struct sockaddr_ll link;
	struct sockaddr_vm machine;
	char bytes[sizeof(struct sockaddr_un) + 1];
};

/* packet(7). */
static void
put_link(struct decoder *d, const struct sockaddr_ll *link)
{
	strbuf_printf(d->out,
	    ", protocol=%#x, interface=%d, hatype=%u, pkttype=%u",
	    ntohs(link->sll_protocol), link->sll_ifindex, link->sll_hatype,
	    link->sll_pkttype);
	for (size_t i = 0; i < link->sll_halen && i < sizeof(link->sll_addr);
	     i++)
		strbuf_printf(d->out, "%s%02x", i == 0 ? ", address=" : ":",
		    link->sll_addr[i]);
}

static void
put_address(struct decoder *d, const union address *address, size_t length)
{
	char text[INET6_ADDRSTRLEN];

	if (length < sizeof(address->any.sa_family)) {
		strbuf_puts(d->out, "{}");
		return;
	}
	strbuf_putc(d->out, '{');
	symbols_text(&set_domain, address->any.sa_family, d->out);
	if (address->any.sa_family == AF_UNIX)
		put_unix_name(d, &address->local, length);
	else if (address->any.sa_family == AF_INET &&
	         length >= sizeof(address->in))
		strbuf_printf(d->out, ", %s, port=%u",
		    inet_ntop(
		        AF_INET, &address->in.sin_addr, text, sizeof(text)),
		    ntohs(address->in.sin_port));
	else if (address->any.sa_family == AF_INET6 &&
	         length >= sizeof(address->in6) - 4)
		strbuf_printf(d->out, ", %s, port=%u",
		    inet_ntop(
		        AF_INET6, &address->in6.sin6_addr, text, sizeof(text)),
		    ntohs(address->in6.sin6_port));
	else if (address->any.sa_family == AF_NETLINK &&
	         length >= sizeof(address->netlink))
		strbuf_printf(d->out, ", pid=%u, groups=%#x",
		    address->netlink.nl_pid, address->netlink.nl_groups);
	else if (address->any.sa_family == AF_PACKET &&
	         length >= offsetof(struct sockaddr_ll, sll_addr))
		put_link(d, &address->link);
	else if (address->any.sa_family == AF_VSOCK &&
	         length >= sizeof(address->machine))
		strbuf_printf(d->out, ", cid=%u, port=%u",
		    address->machine.svm_cid, address->machine.svm_port);
	strbuf_putc(d->out, '}');
}

static void
put_address_at(struct decoder *d, uint64_t pointer, uint64_t length)
{
	union address address;

	memset(&address, 0, sizeof(address));
	if (length > sizeof(address.local))
		length = sizeof(address.local);
	if (memory_read(d->call->source.tid, pointer, &address,
	        (size_t)length) < length)
		put_hex(d->out, pointer);
	else
		put_address(d, &address, (size_t)length);
}

void
decode_sockaddr(struct decoder *d)
{
	if (address_of(d) == 0)
		decode_pointer(d);
	else
		put_address_at(d, address_of(d), (uint32_t)d->next);
}

void
decode_sockaddr_out(struct decoder *d)
{
	uint32_t length;

	if (address_of(d) == 0 ||
	    memory_read(d->call->source.tid,
	        d->word == 4 ? (uint32_t)d->next : d->next, &length,
	        sizeof(length)) < sizeof(length))
		decode_pointer(d);
	else
		put_address_at(d, address_of(d), length);
}

/* Descriptors that are handed over; of one message, 253 at most. */
static void
put_rights(struct decoder *d, const char *bytes, size_t length)
{
	int fd;

	strbuf_puts(d->out, "{SOL_SOCKET, SCM_RIGHTS, [");
	for (size_t i = 0; i + sizeof(fd) <= length; i += sizeof(fd)) {
		memcpy(&fd, bytes + i, sizeof(fd));
		strbuf_puts(d->out, i > 0 ? ", " : "");
		put_fd(d, fd);
	}
	strbuf_puts(d->out, "]}");
}

/* unix(7), SCM_CREDENTIALS. */
static void
put_credentials(struct decoder *d, const char *bytes)
{
	struct ucred who;

	memcpy(&who, bytes, sizeof(who));
	strbuf_printf(d->out,
	    "{SOL_SOCKET, SCM_CREDENTIALS, {pid=%d, uid=%u, gid=%u}}", who.pid,
	    who.uid, who.gid);
}

static void
put_control_message(
    struct decoder *d, const struct cmsghdr *header, const char *bytes)
{
	size_t length = header->cmsg_len - sizeof(*header);
	bool own = header->cmsg_level == SOL_SOCKET;

	if (own && header->cmsg_type == SCM_RIGHTS) {
		put_rights(d, bytes, length);
	} else if (own && header->cmsg_type == SCM_CREDENTIALS &&
	           length >= sizeof(struct ucred)) {
		put_credentials(d, bytes);
	} else {
		strbuf_putc(d->out, '{');
		symbols_text(&set_sol, (uint32_t)header->cmsg_level, d->out);
		strbuf_printf(
		    d->out, ", %d, %zu bytes}", header->cmsg_type, length);
	}
}

/* cmsg(3): each has a header and is padded to a word. */
static void
put_control(struct decoder *d, uint64_t address, uint64_t length)
{
	char bytes[1024 + sizeof(struct cmsghdr)];
	size_t want = length < 1024 ? (size_t)length : 1024, at = 0;

	if (d->word == 4 ||
	    memory_read(d->call->source.tid, address, bytes, want) < want) {
		put_unsigned(d->out, length);
		strbuf_puts(d->out, " bytes");
		return;
	}
	strbuf_putc(d->out, '[');
	while (at + sizeof(struct cmsghdr) <= want) {
		struct cmsghdr header;

		memcpy(&header, bytes + at, sizeof(header));
		if (header.cmsg_len < sizeof(header) ||
		    header.cmsg_len > want - at)
			break;
		strbuf_puts(d->out, at > 0 ? ", " : "");
		put_control_message(d, &header, bytes + at + sizeof(header));
		at += CMSG_ALIGN(header.cmsg_len);
	}
	strbuf_puts(d->out, length > want ? ", ...]" : "]");
}

/* struct msghdr, all of words: two of its members are ints, padded. */
void
decode_message(struct decoder *d)
{
	enum { NAME, NAME_LENGTH, VECTOR, COUNT, CONTROL, CONTROL_LENGTH, ALL };
	uint64_t words[ALL];

	if (!decoder_words(d, words, ALL))
		return;
	strbuf_putc(d->out, '{');
	if (words[NAME] != 0) {
		strbuf_puts(d->out, "name=");
		put_address_at(d, words[NAME], (uint32_t)words[NAME_LENGTH]);
		strbuf_puts(d->out, ", ");
	}
	strbuf_puts(d->out, "data=");
	put_vector(d, words[VECTOR], words[COUNT],
	    d->after ? (uint64_t)d->returned : UINT64_MAX);
	if (words[CONTROL_LENGTH] != 0) {
		strbuf_puts(d->out, ", control=");
		put_control(d, words[CONTROL], words[CONTROL_LENGTH]);
	}
	strbuf_putc(d->out, '}');
}

void
decode_open_how(struct decoder *d)
{
	struct open_how how;

	if (!decoder_read(d, &how, sizeof(how)))
		return;
	strbuf_puts(d->out, "{flags=");
	symbols_text(&set_open, how.flags, d->out);
	if (how.mode != 0)
		strbuf_printf(
		    d->out, ", mode=%#llo", (unsigned long long)how.mode);
	strbuf_puts(d->out, ", resolve=");
	if (how.resolve == 0)
		strbuf_putc(d->out, '0');
	else
		symbols_text(&set_resolve, how.resolve, d->out);
	strbuf_putc(d->out, '}');
}

static void
put_clone_flags(struct decoder *d, uint64_t flags, int number)
{
	if (flags != 0)
		symbols_text(&set_clone, flags, d->out);
	if (flags != 0 && number != 0)
		strbuf_putc(d->out, '|');
	if (number != 0 || flags == 0)
		put_signal(d->out, number);
}

void
decode_clone(struct decoder *d)
{
	put_clone_flags(d, (uint32_t)d->raw & ~0xffU, (int)(d->raw & 0xff));
}

/* struct clone_args, of 64-bit members, whoever calls; the first eight. */
void
decode_clone_args(struct decoder *d)
{
	enum { FLAGS, PIDFD, CHILD, PARENT, SIGNAL_AT_END, STACK, SIZE, TLS };
	uint64_t args[TLS + 1];

	if (!decoder_read(d, args, sizeof(args)))
		return;
	strbuf_puts(d->out, "{flags=");
	put_clone_flags(d, args[FLAGS], 0);
	if (args[SIGNAL_AT_END] != 0) {
		strbuf_puts(d->out, ", exit_signal=");
		put_signal(d->out, (int)args[SIGNAL_AT_END]);
	}
	if (args[STACK] != 0) {
		strbuf_puts(d->out, ", stack=");
		put_hex(d->out, args[STACK]);
		strbuf_puts(d->out, ", stack_size=");
		put_hex(d->out, args[SIZE]);
	}
	strbuf_putc(d->out, '}');
}

static void
put_sigset(struct decoder *d, uint64_t set)
{
	const char *separator = "";

	/* Most are set: name the others. */
	if (__builtin_popcountll(set) > 32) {
		strbuf_putc(d->out, '~');
		set = ~set;
	}
	strbuf_putc(d->out, '[');
	for (int number = 1; number <= 64; number++) {
		if (!(set & UINT64_C(1) << (number - 1)))
			continue;
		strbuf_puts(d->out, separator);
		put_signal(d->out, number);
		separator = " ";
	}
	strbuf_putc(d->out, ']');
}

/* The kernel's are of 64 signals. */
void
decode_sigset(struct decoder *d)
{
	uint64_t set;

	if (decoder_read(d, &set, sizeof(set)))
		put_sigset(d, set);
}

static void
put_handler(struct decoder *d, uint64_t handler)
{
	static const char *const names[] = { "SIG_DFL", "SIG_IGN" };

	if (handler < ARRAY_SIZE(names))
		strbuf_puts(d->out, names[handler]);
	else
		put_hex(d->out, handler);
}

/* The kernel's struct: handler, flags, restorer on x86 alone, mask. */
void
decode_sigaction(struct decoder *d)
{
#if defined(__x86_64__)
	enum { HANDLER, FLAGS, RESTORER, MASK, ALL };
#else
	enum { HANDLER, FLAGS, MASK, ALL };
#endif
	uint64_t words[ALL + 1] = { 0 };

	/* A mask of 32-bit callers is two words. */
	if (!decoder_words(d, words, d->word == 4 ? ALL + 1 : ALL))
		return;
	strbuf_putc(d->out, '{');
	put_handler(d, words[HANDLER]);
	strbuf_puts(d->out, ", ");
	put_sigset(d, words[MASK] | (d->word == 4 ? words[ALL] << 32 : 0));
	if (words[FLAGS] != 0) {
		strbuf_puts(d->out, ", ");
		symbols_text(&set_sa_flags, (uint32_t)words[FLAGS], d->out);
	}
	strbuf_putc(d->out, '}');
}

/* {seconds, rest}, of words that are signed. */
static void
put_time(struct decoder *d, const uint64_t *words, size_t word)
{
	strbuf_putc(d->out, '{');
	put_decimal(d->out, word == 4 ? (int32_t)words[0] : (int64_t)words[0]);
	strbuf_puts(d->out, ", ");
	if (words[1] == 0x3fffffff)
		strbuf_puts(d->out, "UTIME_NOW");
	else if (words[1] == 0x3ffffffe)
		strbuf_puts(d->out, "UTIME_OMIT");
	else
		put_decimal(
		    d->out, word == 4 ? (int32_t)words[1] : (int64_t)words[1]);
	strbuf_putc(d->out, '}');
}

void
decode_timespec(struct decoder *d)
{
	uint64_t words[2];

	if (decoder_words(d, words, 2))
		put_time(d, words, d->word);
}

void
decode_timespec64(struct decoder *d)
{
	uint64_t words[2];

	if (decoder_read(d, words, sizeof(words)))
		put_time(d, words, sizeof(words[0]));
}

void
decode_timeval(struct decoder *d)
{
	decode_timespec(d);
}

static void
put_two_times(struct decoder *d)
{
	uint64_t words[4];

	if (!decoder_words(d, words, 4))
		return;
	strbuf_putc(d->out, '[');
	put_time(d, words, d->word);
	strbuf_puts(d->out, ", ");
	put_time(d, words + 2, d->word);
	strbuf_putc(d->out, ']');
}

void
decode_timespecs(struct decoder *d)
{
	put_two_times(d);
}

void
decode_itimer(struct decoder *d)
{
	put_two_times(d);
}

void
decode_itimerspec(struct decoder *d)
{
	put_two_times(d);
}

static void
put_mode(struct decoder *d, uint32_t mode)
{
	const char *type = symbols_name(&set_mode_type, mode & S_IFMT);

	if (type != NULL)
		strbuf_printf(d->out, "%s|", type);
	strbuf_printf(d->out, "%#03o", mode & 07777);
}

static void
put_status(struct decoder *d, uint32_t mode, uint64_t size)
{
	strbuf_puts(d->out, "{mode=");
	put_mode(d, mode);
	strbuf_puts(d->out, ", size=");
	put_unsigned(d->out, size);
	strbuf_puts(d->out, ", ...}");
}

/* i386's struct stat64 (asm/stat.h): the mode is at 16, the size at 44. */
void
decode_stat(struct decoder *d)
{
	enum { MODE_32 = 16, SIZE_32 = 44, ALL_32 = 52 };
	char bytes[ALL_32];
	struct stat native;
	uint32_t mode;
	uint64_t size;

	if (d->word == 8) {
		if (decoder_read(d, &native, sizeof(native)))
			put_status(d, native.st_mode, (uint64_t)native.st_size);
		return;
	}
	if (!decoder_read(d, bytes, sizeof(bytes)))
		return;
	memcpy(&mode, bytes + MODE_32, sizeof(mode));
	memcpy(&size, bytes + SIZE_32, sizeof(size));
	put_status(d, mode, size);
}

void
decode_statx(struct decoder *d)
{
	/* linux/stat.h; the C libraries' own struct may be missing. */
	struct {
		uint32_t mask, block_size;
		uint64_t attributes;
		uint32_t links, uid, gid;
		uint16_t mode, spare;
		uint64_t inode, size;
	} status;

	if (decoder_read(d, &status, sizeof(status)))
		put_status(d, status.mode, status.size);
}

static void
put_limit(struct decoder *d, uint64_t limit, size_t word)
{
	uint64_t infinity = word == 4 ? UINT32_MAX : UINT64_MAX;

	if (limit == infinity)
		strbuf_puts(d->out, "RLIM_INFINITY");
	else
		put_unsigned(d->out, limit);
}

static void
put_limits(struct decoder *d, const uint64_t *limits, size_t word)
{
	strbuf_puts(d->out, "{cur=");
	put_limit(d, limits[0], word);
	strbuf_puts(d->out, ", max=");
	put_limit(d, limits[1], word);
	strbuf_putc(d->out, '}');
}

void
decode_limit(struct decoder *d)
{
	uint64_t limits[2];

	if (decoder_words(d, limits, 2))
		put_limits(d, limits, d->word);
}

void
decode_limit64(struct decoder *d)
{
	uint64_t limits[2];

	if (decoder_read(d, limits, sizeof(limits)))
		put_limits(d, limits, sizeof(limits[0]));
}

void
decode_poll(struct decoder *d)
{
	struct pollfd fds[SHOWN_ITEMS];
	size_t count = d->next < SHOWN_ITEMS ? (size_t)d->next : SHOWN_ITEMS;

	if (count > 0 && !decoder_read(d, fds, count * sizeof(fds[0])))
		return;
	strbuf_putc(d->out, '[');
	for (size_t i = 0; i < count; i++) {
		strbuf_puts(d->out, i > 0 ? ", {" : "{");
		put_fd(d, fds[i].fd);
		strbuf_puts(d->out, ", ");
		symbols_text(&set_poll, (uint16_t)fds[i].events, d->out);
		strbuf_putc(d->out, '}');
	}
	strbuf_puts(d->out, d->next > SHOWN_ITEMS ? ", ...]" : "]");
}

void
decode_epoll_event(struct decoder *d)
{
	struct epoll_event event;

	if (!decoder_read(d, &event, sizeof(event)))
		return;
	strbuf_putc(d->out, '{');
	symbols_text(&set_epoll_events, event.events, d->out);
	strbuf_puts(d->out, ", ");
	put_hex(d->out, event.data.u64);
	strbuf_putc(d->out, '}');
}

void
decode_epoll_events(struct decoder *d)
{
	struct epoll_event events[SHOWN_ITEMS];
	size_t count = (uint64_t)d->returned < SHOWN_ITEMS ? (size_t)d->returned
	                                                   : SHOWN_ITEMS;

	if (count > 0 && !decoder_read(d, events, count * sizeof(events[0])))
		return;
	strbuf_putc(d->out, '[');
	for (size_t i = 0; i < count; i++) {
		strbuf_puts(d->out, i > 0 ? ", {" : "{");
		symbols_text(&set_epoll_events, events[i].events, d->out);
		strbuf_puts(d->out, ", ");
		put_hex(d->out, events[i].data.u64);
		strbuf_putc(d->out, '}');
	}
	strbuf_puts(
	    d->out, (uint64_t)d->returned > SHOWN_ITEMS ? ", ...]" : "]");
}

static void
put_int(struct decoder *d)
{
	int number;

	if (!decoder_read(d, &number, sizeof(number)))
		return;
	strbuf_putc(d->out, '[');
	put_decimal(d->out, number);
	strbuf_putc(d->out, ']');
}

/* SO_LINGER's struct, a time limit, or an int: by the option before. */
static bool
put_option(struct decoder *d)
{
	uint32_t option = (uint32_t)d->call->raw[d->place - 1];
	struct linger linger;

	if ((uint32_t)d->call->raw[d->place - 2] != SOL_SOCKET)
		return false;
	if (option == SO_LINGER) {
		if (decoder_read(d, &linger, sizeof(linger)))
			strbuf_printf(d->out, "{onoff=%d, linger=%d}",
			    linger.l_onoff, linger.l_linger);
		return true;
	}
	if (option != SO_RCVTIMEO && option != SO_SNDTIMEO)
		return false;
	decode_timeval(d);
	return true;
}

void
decode_int(struct decoder *d)
{
	bool is_option = d->place >= 2 &&
	                 d->call->row->args[d->place - 1].kind == ARG_SOCKOPT;

	if (!is_option || !put_option(d))
		put_int(d);
}

void
decode_status(struct decoder *d)
{
	int status;

	/* Nothing was there to wait for: nothing was filled in. */
	if (d->returned == 0) {
		decode_pointer(d);
		return;
	}
	if (!decoder_read(d, &status, sizeof(status)))
		return;
	if (WIFEXITED(status))
		strbuf_printf(d->out, "[exit %d]", WEXITSTATUS(status));
	else if (WIFSIGNALED(status) || WIFSTOPPED(status)) {
		strbuf_puts(
		    d->out, WIFSTOPPED(status) ? "[stopped " : "[killed ");
		put_signal(d->out,
		    WIFSTOPPED(status) ? WSTOPSIG(status) : WTERMSIG(status));
		strbuf_putc(d->out, ']');
	} else
		strbuf_printf(d->out, "[%#x]", (unsigned int)status);
}

void
decode_fd_pair(struct decoder *d)
{
	int pair[2];

	if (!decoder_read(d, pair, sizeof(pair)))
		return;
	strbuf_putc(d->out, '[');
	put_fd(d, pair[0]);
	strbuf_puts(d->out, ", ");
	put_fd(d, pair[1]);
	strbuf_putc(d->out, ']');
}

void
decode_ioctl(struct decoder *d)
{
	uint32_t request = (uint32_t)d->raw;

	static const char *const directions[] = { "_IOC_NONE", "_IOC_WRITE",
		"_IOC_READ", "_IOC_READ|_IOC_WRITE" };

	if (symbols_name(&set_ioctl, request) != NULL)
		symbols_text(&set_ioctl, request, d->out);
	else
		/* asm-generic/ioctl.h */
		strbuf_printf(d->out, "_IOC(%s, %#x, %#x, %#x)",
		    directions[_IOC_DIR(request)], _IOC_TYPE(request),
		    _IOC_NR(request), _IOC_SIZE(request));
}

/* Requests that hand over a pointer to one int. */
static bool
takes_int(uint32_t request)
{
	static const unsigned long requests[] = { FIONBIO, FIOASYNC, TIOCSPGRP,
		TIOCSPTLCK };

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		if (requests[i] == request)
			return true;
	return false;
}

/* Requests that fill in an int. */
static bool
gives_int(uint32_t request)
{
	static const unsigned long requests[] = { FIONREAD, TIOCOUTQ, TIOCGPGRP,
		TIOCGSID, TIOCGPTN, TIOCGETD };

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		if (requests[i] == request)
			return true;
	return false;
}

void
decode_ioctl_argument(struct decoder *d)
{
	struct winsize size;
	uint32_t request = (uint32_t)d->call->raw[d->place - 1];

	if (takes_int(request) || (d->after && gives_int(request)))
		put_int(d);
	else if (request == TIOCSTI && address_of(d) != 0)
		put_bytes_at(d, address_of(d), 1);
	else if (request == TIOCSWINSZ || (d->after && request == TIOCGWINSZ)) {
		if (decoder_read(d, &size, sizeof(size)))
			strbuf_printf(d->out, "{rows=%u, columns=%u}",
			    size.ws_row, size.ws_col);
	} else
		decode_pointer(d);
}

/* struct flock, 64-bit members. */
static void
put_lock(struct decoder *d)
{
	struct flock lock;

	if (!decoder_read(d, &lock, sizeof(lock)))
		return;
	strbuf_putc(d->out, '{');
	symbols_text(&set_lock_type, (uint16_t)lock.l_type, d->out);
	strbuf_puts(d->out, ", ");
	symbols_text(&set_seek, (uint16_t)lock.l_whence, d->out);
	strbuf_printf(d->out, ", %lld, %lld}", (long long)lock.l_start,
	    (long long)lock.l_len);
}

void
decode_fcntl_argument(struct decoder *d)
{
	uint32_t command = (uint32_t)d->call->raw[d->place - 1];

	switch (command) {
	case F_SETFL:
		symbols_text(&set_open, (uint32_t)d->raw, d->out);
		return;
	case F_SETFD:
		if ((uint32_t)d->raw == 0)
			strbuf_putc(d->out, '0');
		else
			symbols_text(&set_fd_flags, (uint32_t)d->raw, d->out);
		return;
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case 36: /* F_OFD_GETLK, and two more */
	case 37:
	case 38:
		if (d->word == 8)
			put_lock(d);
		else
			decode_pointer(d);
		return;
	case F_SETSIG:
		put_signal(d->out, (int)d->raw);
		return;
	default:
		d->value->type = VALUE_NUMBER;
		d->value->number = (int)d->raw;
		return;
	}
}

void
decode_prctl_argument(struct decoder *d)
{
	/* linux/prctl.h */
	enum { SET_NAME = 15, GET_NAME = 16, SET_PDEATHSIG = 1 };
	uint32_t option = (uint32_t)d->call->raw[0];
	bool named = option == SET_NAME || (d->after && option == GET_NAME);

	if (named && address_of(d) != 0)
		put_string_at(d, address_of(d));
	else if (option == SET_PDEATHSIG && d->raw != 0)
		put_signal(d->out, (int)d->raw);
	else if (d->raw == 0) {
		d->value->type = VALUE_NUMBER;
		d->value->number = 0;
	} else
		put_hex(d->out, address_of(d));
}

void
decode_sockopt(struct decoder *d)
{
	static const struct {
		uint32_t level;
		const struct symbols *set;
	} levels[] = {
		{ SOL_SOCKET, &set_sockopt },
		{ IPPROTO_IP, &set_ip },
		{ IPPROTO_IPV6, &set_ipv6 },
		{ IPPROTO_TCP, &set_tcp },
	};
	uint32_t level = (uint32_t)d->call->raw[d->place - 1];

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (levels[i].level == level) {
			symbols_text(levels[i].set, (uint32_t)d->raw, d->out);
			return;
		}
	}
	d->value->type = VALUE_NUMBER;
	d->value->number = (int)d->raw;
}
