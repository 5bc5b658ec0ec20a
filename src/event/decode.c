/* SPDX-License-Identifier: ISC */
#include "event/decode.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/if_ether.h>
#include <linux/keyctl.h>
#include <linux/prctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/quote.h"
#include "base/table.h"
#include "call/errnos.h"
#include "event/files.h"
#include "event/memory.h"

/* How much of a string or a buffer is shown; of a path, all. */
#define SHOWN_STRING 256
#define SHOWN_DATA   64

void
put_unsigned(struct strbuf *buf, uint64_t value)
{
	char digits[24], *at = digits + sizeof(digits);

	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	strbuf_add(buf, at, (size_t)(digits + sizeof(digits) - at));
}

void
put_decimal(struct strbuf *buf, int64_t value)
{
	if (value < 0)
		strbuf_putc(buf, '-');
	put_unsigned(buf, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void
put_hex(struct strbuf *buf, uint64_t value)
{
	char digits[24], *at = digits + sizeof(digits);

	do {
		*--at = "0123456789abcdef"[value % 16];
		value /= 16;
	} while (value != 0);
	*--at = 'x';
	*--at = '0';
	strbuf_add(buf, at, (size_t)(digits + sizeof(digits) - at));
}

void
put_signal(struct strbuf *buf, int number)
{
	const char *name = symbol_signal(number);

	if (name != NULL)
		strbuf_puts(buf, name);
	else
		put_decimal(buf, number);
}

static void
be_number(struct decoder *d, int64_t number)
{
	d->value->type = VALUE_NUMBER;
	d->value->number = number;
}

/* Cuts a 32-bit caller's word to what it is. */
static uint64_t
as_word(const struct decoder *d, uint64_t raw)
{
	return d->word == 4 ? (uint32_t)raw : raw;
}

static void
decode_signed(struct decoder *d)
{
	int unread = 64 - (int)d->bits;

	be_number(d, (int64_t)(d->raw << unread) >> unread);
}

static void
decode_unsigned(struct decoder *d)
{
	be_number(d, (int64_t)d->raw);
}

static void
decode_size(struct decoder *d)
{
	uint64_t size = as_word(d, d->raw);

	/* More than a signed number holds, often -1. */
	if (size > INT64_MAX)
		put_hex(d->out, size);
	else
		be_number(d, (int64_t)size);
}

static void
decode_hex(struct decoder *d)
{
	if (d->raw == 0)
		be_number(d, 0);
	else
		put_hex(d->out, as_word(d, d->raw));
}

void
decode_pointer(struct decoder *d)
{
	d->value->type = VALUE_TEXT;
	if (as_word(d, d->raw) == 0)
		d->value->type = VALUE_NULL;
	else
		put_hex(d->out, as_word(d, d->raw));
}

/* The lower half comes first, on all 32-bit architectures of today. */
static void
decode_offset(struct decoder *d)
{
	if (d->word == 4)
		be_number(d, (int64_t)((uint32_t)d->raw | d->next << 32));
	else
		be_number(d, (int64_t)d->raw);
}

static void
decode_mode(struct decoder *d)
{
	uint32_t mode = (uint32_t)d->raw;
	const char *type = NULL;

	if (mode & S_IFMT)
		type = symbols_name(&set_mode_type, mode & S_IFMT);
	if (type != NULL) {
		strbuf_printf(d->out, "%s|", type);
		mode &= ~(uint32_t)S_IFMT;
	}
	strbuf_printf(d->out, "%#03o", mode);
}

static void
decode_device(struct decoder *d)
{
	strbuf_printf(d->out, "makedev(%#x, %#x)", major((uint32_t)d->raw),
	    minor((uint32_t)d->raw));
}

/* A protocol's number is of the family that the first argument names. */
static void
decode_protocol(struct decoder *d)
{
	uint32_t family = (uint32_t)d->call->raw[0];

	if (family == AF_INET || family == AF_INET6)
		symbols_text(&set_protocol, d->raw, d->out);
	else if (family == AF_NETLINK)
		symbols_text(&set_netlink, d->raw, d->out);
	else if (family == AF_PACKET && ntohs((uint16_t)d->raw) == ETH_P_ALL)
		strbuf_puts(d->out, "htons(ETH_P_ALL)");
	else if (family == AF_PACKET && d->raw != 0)
		strbuf_printf(d->out, "htons(%#x)", ntohs((uint16_t)d->raw));
	else
		be_number(d, (int)d->raw);
}

static void
decode_set(struct decoder *d)
{
	if (d->set == &set_protocol)
		decode_protocol(d);
	else
		symbols_text(d->set, d->raw, d->out);
}

static void
decode_signal(struct decoder *d)
{
	put_signal(d->out, (int)d->raw);
}

static const char *
name_of(const struct decoder *d, int fd, char *buffer)
{
	const struct event_source *source = &d->call->source;

	return event_file_name(source->files, source->tid, fd, buffer);
}

void
put_fd(struct decoder *d, int fd)
{
	char buffer[FILE_NAME_SIZE];
	const char *name = name_of(d, fd, buffer);

	put_decimal(d->out, fd);
	if (name == NULL)
		return;
	strbuf_putc(d->out, '<');
	quote_terminal(d->out, name);
	strbuf_putc(d->out, '>');
}

static void
be_fd(struct decoder *d, int fd)
{
	char buffer[FILE_NAME_SIZE];
	const char *name =
	    d->call->source.brief ? NULL : name_of(d, fd, buffer);

	d->value->type = VALUE_FD;
	d->value->number = fd;
	if (name != NULL)
		strbuf_puts(d->out, name);
}

static void
decode_fd(struct decoder *d)
{
	be_fd(d, (int)d->raw);
}

static void
decode_dirfd(struct decoder *d)
{
	if ((int)d->raw == AT_FDCWD)
		strbuf_puts(d->out, "AT_FDCWD");
	else
		be_fd(d, (int)d->raw);
}

static void
decode_terminated(struct decoder *d, size_t limit)
{
	const struct event_source *source = &d->call->source;
	uint64_t address = as_word(d, d->raw);

	if (address != 0 && address == source->known_address) {
		strbuf_puts(d->out, source->known);
		d->value->type = VALUE_STRING;
		return;
	}
	if (address == 0 || !memory_string(d->call->source.tid, address, limit,
	                        d->out, &d->value->cut)) {
		decode_pointer(d);
		return;
	}
	d->value->type = VALUE_STRING;
}

static void
decode_path(struct decoder *d)
{
	decode_terminated(d, PATH_MAX);
	d->value->path = d->value->type == VALUE_STRING;
}

static void
decode_string(struct decoder *d)
{
	decode_terminated(d, SHOWN_STRING);
}

/* COUNT bytes, of which a few are shown. */
static void
decode_bytes(struct decoder *d, uint64_t count, size_t limit)
{
	char bytes[PATH_MAX];
	size_t want = count < limit ? (size_t)count : limit, got;

	got = memory_read(d->call->source.tid, as_word(d, d->raw), bytes, want);
	if (as_word(d, d->raw) == 0 || got < want) {
		decode_pointer(d);
		return;
	}
	d->value->type = VALUE_STRING;
	d->value->cut = count > want;
	strbuf_add(d->out, bytes, got);
}

static void
decode_data(struct decoder *d)
{
	decode_bytes(d, as_word(d, d->next), SHOWN_DATA);
}

static void
decode_data_out(struct decoder *d)
{
	/* Asked how much room it takes, it has filled nothing in. */
	if ((uint64_t)d->returned > as_word(d, d->next))
		decode_pointer(d);
	else
		decode_bytes(d, (uint64_t)d->returned, SHOWN_DATA);
}

/* getcwd's result counts the NUL. */
static void
decode_path_out(struct decoder *d)
{
	if (d->returned < 1)
		decode_pointer(d);
	else
		decode_bytes(d, (uint64_t)d->returned - 1, PATH_MAX);
}

#define AFTER .after = true
#define TWICE .twice = true
#define BRIEF .brief = true

static const struct kind {
	void (*decode)(struct decoder *d);
	bool after; /* the call fills it in */
	bool twice; /* it may */
	bool brief; /* it says what is asked for */
} kinds[ARG_KIND_COUNT] = {
	[ARG_INT] = { decode_signed, BRIEF },
	[ARG_UINT] = { decode_unsigned, BRIEF },
	[ARG_LONG] = { decode_signed, BRIEF },
	[ARG_SIZE] = { decode_size },
	[ARG_HEX] = { decode_hex },
	[ARG_BITS] = { decode_hex },
	[ARG_VARIES] = { decode_hex },
	[ARG_POINTER] = { decode_pointer },
	[ARG_OFFSET] = { decode_offset },
	[ARG_MODE] = { decode_mode, BRIEF },
	[ARG_DEVICE] = { decode_device },
	[ARG_SET] = { decode_set, BRIEF },
	[ARG_SIGNAL] = { decode_signal, BRIEF },
	[ARG_FD] = { decode_fd, BRIEF },
	[ARG_DIRFD] = { decode_dirfd, BRIEF },
	[ARG_PATH] = { decode_path, BRIEF },
	[ARG_STRING] = { decode_string, BRIEF },
	[ARG_DATA] = { decode_data },
	[ARG_DATA_OUT] = { decode_data_out, AFTER },
	[ARG_PATH_OUT] = { decode_path_out, AFTER },
	[ARG_VECTOR] = { decode_vector },
	[ARG_VECTOR_OUT] = { decode_vector, AFTER },
	[ARG_ARGV] = { decode_strings },
	[ARG_ENVP] = { decode_environment },
	[ARG_SOCKADDR] = { decode_sockaddr, BRIEF },
	[ARG_SOCKADDR_OUT] = { decode_sockaddr_out, AFTER },
	[ARG_MESSAGE] = { decode_message },
	[ARG_MESSAGE_OUT] = { decode_message, AFTER },
	[ARG_OPEN_HOW] = { decode_open_how, BRIEF },
	[ARG_CLONE] = { decode_clone, BRIEF },
	[ARG_CLONE_ARGS] = { decode_clone_args, BRIEF },
	[ARG_SIGSET] = { decode_sigset },
	[ARG_SIGSET_OUT] = { decode_sigset, AFTER },
	[ARG_SIGACTION] = { decode_sigaction },
	[ARG_SIGACTION_OUT] = { decode_sigaction, AFTER },
	[ARG_TIMESPEC] = { decode_timespec },
	[ARG_TIMESPEC_OUT] = { decode_timespec, AFTER },
	[ARG_TIMESPEC64] = { decode_timespec64 },
	[ARG_TIMESPEC64_OUT] = { decode_timespec64, AFTER },
	[ARG_TIMESPECS] = { decode_timespecs },
	[ARG_TIMEVAL] = { decode_timeval },
	[ARG_TIMEVAL_OUT] = { decode_timeval, AFTER },
	[ARG_ITIMER] = { decode_itimer },
	[ARG_ITIMER_OUT] = { decode_itimer, AFTER },
	[ARG_ITIMERSPEC] = { decode_itimerspec },
	[ARG_ITIMERSPEC_OUT] = { decode_itimerspec, AFTER },
	[ARG_STAT_OUT] = { decode_stat, AFTER },
	[ARG_STATX_OUT] = { decode_statx, AFTER },
	[ARG_LIMIT] = { decode_limit },
	[ARG_LIMIT_OUT] = { decode_limit, AFTER },
	[ARG_LIMIT64] = { decode_limit64 },
	[ARG_LIMIT64_OUT] = { decode_limit64, AFTER },
	[ARG_POLL] = { decode_poll },
	[ARG_EPOLL_EVENT] = { decode_epoll_event },
	[ARG_EPOLL_OUT] = { decode_epoll_events, AFTER },
	[ARG_INT_IN] = { decode_int },
	[ARG_INT_OUT] = { decode_int, AFTER },
	[ARG_STATUS_OUT] = { decode_status, AFTER },
	[ARG_FD_PAIR_OUT] = { decode_fd_pair, AFTER },
	[ARG_IOCTL] = { decode_ioctl, BRIEF },
	[ARG_IOCTL_ARG] = { decode_ioctl_argument, TWICE },
	[ARG_FCNTL_ARG] = { decode_fcntl_argument },
	[ARG_PRCTL_ARG] = { decode_prctl_argument, TWICE },
	[ARG_SOCKOPT] = { decode_sockopt, BRIEF },
};

/* What says nothing: the current directory, no flags. */
static bool
is_nothing(const struct call_arg *arg, uint64_t raw)
{
	if (arg->kind == ARG_DIRFD)
		return (int)raw == AT_FDCWD;
	return arg->set != NULL && (uint32_t)raw == 0 &&
	       (arg->set == &set_protocol || symbols_name(arg->set, 0) == NULL);
}

/* The size of what the argument before points to. */
static bool
is_size(const struct call_row *row, size_t index)
{
	uint8_t before = index > 0 ? row->args[index - 1].kind : ARG_NONE;

	return row->args[index].kind == ARG_INT &&
	       (before == ARG_SOCKADDR || before == ARG_INT_IN);
}

static bool
is_hidden(const struct event_call *call, size_t index, size_t place)
{
	const struct call_arg *arg = &call->row->args[index];

	return call->source.brief &&
	       (!kinds[arg->kind].brief || is_size(call->row, index) ||
	           is_nothing(arg, call->raw[place]));
}

/* Decodes argument INDEX, whose first register is PLACE. */
static void
decode_argument(struct event_call *call, size_t index, size_t place, bool after)
{
	const struct call_arg *arg = &call->row->args[index];
	struct event_value *value = &call->args[index];
	unsigned int bits = arg_bits((enum arg_type)arg->type, call->arch);
	struct decoder d = { .call = call,
		.value = value,
		.out = &call->text,
		.set = arg->set,
		.raw = call->raw[place] & (UINT64_MAX >> (64 - bits)),
		.bits = bits,
		.next = place + 1 < CALL_ARGS ? call->raw[place + 1] : 0,
		.place = place,
		.word = call->arch != NULL && (call->arch->quirks & ARCH_32BIT)
		            ? 4
		            : 8,
		.after = after,
		.returned = call->returned };

	*value = (struct event_value){ .type = VALUE_TEXT,
		.start = (uint32_t)call->text.length };
	if (is_hidden(call, index, place))
		value->type = VALUE_HIDDEN;
	else if (kinds[arg->kind].after && (!after || call->failed))
		decode_pointer(&d);
	else
		kinds[arg->kind].decode(&d);
	value->length = (uint32_t)(call->text.length - value->start);
	/* What a path's bytes end with, so that they are a string. */
	if (value->type == VALUE_STRING)
		strbuf_putc(&call->text, '\0');
}

/* open(2) looks at its mode only when it makes a file. */
static bool
is_unused(const struct event_call *call, size_t index)
{
	const struct call_arg *args = call->row->args;

	return args[index].kind == ARG_MODE && index > 0 &&
	       args[index - 1].set == &set_open &&
	       !(call->raw[index - 1] & O_CREAT) &&
	       (call->raw[index - 1] & O_TMPFILE) != O_TMPFILE;
}

/* What follows a command may be nothing. */
static bool
is_trailing(const struct event_call *call, size_t index)
{
	return call->row->args[0].set == &set_prctl && index > 0 && index < 6 &&
	       call->raw[index] == 0;
}

/*
 * How many arguments the kernel reads for some commands: what else is in the
 * registers stood there before.
 */
static const struct {
	const struct symbols *set; /* of the argument that is the command, */
	uint8_t place;             /* which is that one */
	uint8_t count;
	uint32_t command;
} commands[] = {
	{ &set_prctl, 0, 1, PR_GET_DUMPABLE },
	{ &set_prctl, 0, 1, PR_GET_KEEPCAPS },
	{ &set_prctl, 0, 1, PR_GET_SECCOMP },
	{ &set_prctl, 0, 1, PR_GET_SECUREBITS },
	{ &set_prctl, 0, 1, PR_GET_TIMERSLACK },
	{ &set_prctl, 0, 2, PR_SET_DUMPABLE },
	{ &set_prctl, 0, 2, PR_SET_KEEPCAPS },
	{ &set_prctl, 0, 2, PR_SET_NAME },
	{ &set_prctl, 0, 2, PR_GET_NAME },
	{ &set_prctl, 0, 2, PR_SET_PDEATHSIG },
	{ &set_prctl, 0, 2, PR_GET_PDEATHSIG },
	{ &set_prctl, 0, 2, PR_CAPBSET_READ },
	{ &set_prctl, 0, 2, PR_CAPBSET_DROP },
	{ &set_prctl, 0, 2, PR_SET_SECUREBITS },
	{ &set_prctl, 0, 2, PR_SET_TIMERSLACK },
	{ &set_prctl, 0, 2, PR_SET_CHILD_SUBREAPER },
	{ &set_prctl, 0, 2, PR_GET_CHILD_SUBREAPER },
	{ &set_prctl, 0, 2, PR_GET_TSC },
	{ &set_prctl, 0, 2, PR_SET_TSC },
	{ &set_prctl, 0, 2, PR_GET_TID_ADDRESS },
	{ &set_prctl, 0, 2, PR_SET_PTRACER },
	{ &set_prctl, 0, 3, PR_SET_SECCOMP },
	{ &set_futex, 1, 2, FUTEX_UNLOCK_PI },
	{ &set_futex, 1, 2, FUTEX_TRYLOCK_PI },
	{ &set_futex, 1, 3, FUTEX_WAKE },
	{ &set_futex, 1, 4, FUTEX_WAIT },
	{ &set_futex, 1, 4, FUTEX_LOCK_PI },
	{ &set_futex, 1, 5, FUTEX_REQUEUE },
	{ &set_keyctl, 0, 2, KEYCTL_JOIN_SESSION_KEYRING },
	{ &set_keyctl, 0, 2, KEYCTL_REVOKE },
	{ &set_keyctl, 0, 2, KEYCTL_CLEAR },
	{ &set_keyctl, 0, 3, KEYCTL_GET_KEYRING_ID },
	{ &set_keyctl, 0, 3, KEYCTL_SETPERM },
	{ &set_keyctl, 0, 3, KEYCTL_LINK },
	{ &set_keyctl, 0, 3, KEYCTL_UNLINK },
	{ &set_keyctl, 0, 4, KEYCTL_UPDATE },
	{ &set_keyctl, 0, 4, KEYCTL_CHOWN },
	{ &set_keyctl, 0, 4, KEYCTL_DESCRIBE },
	{ &set_keyctl, 0, 4, KEYCTL_READ },
	{ &set_keyctl, 0, 5, KEYCTL_SEARCH },
};

static size_t
count_read(const struct event_call *call)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		size_t place = commands[i].place;
		uint32_t command = (uint32_t)call->raw[place];

		if (call->row->args[place].set != commands[i].set)
			continue;
		if (commands[i].set == &set_futex)
			command &= FUTEX_CMD_MASK;
		if (command == commands[i].command)
			return commands[i].count;
	}
	return CALL_ARGS;
}

static void
decode_arguments(struct event_call *call, bool after)
{
	const struct call_arg *args = call->row->args;
	bool narrow =
	    call->arch != NULL && (call->arch->quirks & ARCH_32BIT) != 0;
	size_t place = 0;

	for (size_t i = 0; i < CALL_ARGS && args[i].kind != ARG_NONE &&
	                   place < CALL_ARGS && !is_unused(call, i);
	     i++) {
		if (!after || kinds[args[i].kind].after ||
		    kinds[args[i].kind].twice)
			decode_argument(call, i, place, after);
		place += narrow && args[i].kind == ARG_OFFSET ? 2 : 1;
		call->count = i + 1;
	}
	if (call->count > count_read(call))
		call->count = count_read(call);
	while (call->count > 1 && is_trailing(call, call->count - 1))
		call->count--;
}

void
event_call_identify(struct event_call *call, const struct event_source *source,
    uint32_t audit, uint64_t nr, const uint64_t *args)
{
	const struct arch *arch = NULL;

	for (size_t i = 0; (arch = arch_at(i)) != NULL; i++)
		if (arch->audit == audit)
			break;
	call->source = *source;
	call->arch = arch;
	call->nr = (unsigned int)nr;
	call->name = arch != NULL ? arch_name(arch, call->nr) : NULL;
	call->row = call_row_find(arch, call->nr);
	memcpy(call->raw, args, sizeof(call->raw));
	call->text.length = 0;
	call->count = 0;
	call->ended = call->failed = false;
	call->returned = 0;
	call->duration = 0;
}

void
event_call_begin(struct event_call *call, const struct event_source *source,
    uint32_t audit, uint64_t nr, const uint64_t *args)
{
	event_call_identify(call, source, audit, nr, args);
	decode_arguments(call, false);
}

static void
decode_result(struct event_call *call)
{
	struct decoder d = { .call = call,
		.value = &call->result,
		.out = &call->text,
		.raw = (uint64_t)call->returned,
		.bits = 64,
		.word = 8 };

	call->result = (struct event_value){ .type = VALUE_TEXT,
		.start = (uint32_t)call->text.length };
	switch ((enum result_kind)call->row->result) {
	case RESULT_FD:
		be_fd(&d, (int)call->returned);
		break;
	case RESULT_HEX:
		decode_hex(&d);
		break;
	case RESULT_MODE:
		decode_mode(&d);
		break;
	case RESULT_FCNTL:
		if ((uint32_t)call->raw[1] == F_GETFL)
			symbols_text(&set_open, (uint32_t)d.raw, &call->text);
		else if ((uint32_t)call->raw[1] == F_DUPFD ||
		         (uint32_t)call->raw[1] == F_DUPFD_CLOEXEC)
			be_fd(&d, (int)call->returned);
		else
			be_number(&d, call->returned);
		break;
	case RESULT_NUMBER:
	case RESULT_NONE:
		be_number(&d, call->returned);
		break;
	}
	call->result.length =
	    (uint32_t)(call->text.length - call->result.start);
}

void
event_call_end(struct event_call *call, int64_t returned, bool failed)
{
	call->ended = true;
	call->failed = failed;
	call->returned = returned;
	if (failed)
		return;
	event_files_follow(call->source.files, call);
	decode_arguments(call, true);
	decode_result(call);
}

void
event_call_free(struct event_call *call)
{
	strbuf_free(&call->text);
}

const char *
event_value_bytes(
    const struct event_call *call, const struct event_value *value)
{
	if (call->text.data == NULL || value->length == 0)
		return "";
	return call->text.data + value->start;
}

const struct event_value *
event_call_path(const struct event_call *call, size_t *at)
{
	while (*at < call->count)
		if (call->args[(*at)++].path)
			return &call->args[*at - 1];
	return NULL;
}

const struct event_value *
event_call_fd(const struct event_call *call, size_t *at)
{
	while (*at < call->count)
		if (call->args[(*at)++].type == VALUE_FD)
			return &call->args[*at - 1];
	return NULL;
}

const char *
event_call_name(const struct event_call *call, char *buffer)
{
	if (call->name != NULL)
		return call->name;
	snprintf(buffer, CALL_NAME_SIZE, "syscall_%#x", call->nr);
	return buffer;
}

void
event_value_text(const struct event_call *call, const struct event_value *value,
    struct strbuf *buf)
{
	const char *bytes = event_value_bytes(call, value);

	switch ((enum value_type)value->type) {
	case VALUE_NUMBER:
		put_decimal(buf, value->number);
		break;
	case VALUE_NULL:
		strbuf_puts(buf, "NULL");
		break;
	case VALUE_HIDDEN:
		break;
	case VALUE_TEXT:
		strbuf_add(buf, bytes, value->length);
		break;
	case VALUE_STRING:
		quote_bytes(buf, bytes, value->length);
		if (value->cut)
			strbuf_puts(buf, "...");
		break;
	case VALUE_FD:
		put_decimal(buf, value->number);
		if (value->length == 0)
			break;
		strbuf_putc(buf, '<');
		for (size_t i = 0; i < value->length; i++) {
			/* Plain names are the most; others are quoted. */
			if (bytes[i] > ' ' && bytes[i] <= '~' &&
			    bytes[i] != '"' && bytes[i] != '\\')
				continue;
			quote_bytes(buf, bytes, value->length);
			strbuf_putc(buf, '>');
			return;
		}
		strbuf_add(buf, bytes, value->length);
		strbuf_putc(buf, '>');
		break;
	}
}

void
event_call_text(const struct event_call *call, struct strbuf *buf)
{
	char name[CALL_NAME_SIZE];
	const char *before = "";

	strbuf_puts(buf, event_call_name(call, name));
	strbuf_putc(buf, '(');
	for (size_t i = 0; i < call->count; i++) {
		if (call->args[i].type == VALUE_HIDDEN)
			continue;
		strbuf_puts(buf, before);
		event_value_text(call, &call->args[i], buf);
		before = ", ";
	}
	strbuf_putc(buf, ')');
}

void
event_call_result_text(const struct event_call *call, struct strbuf *buf)
{
	int err = (int)-call->returned;
	const char *name = symbol_errno(err);

	if (!call->ended) {
		strbuf_putc(buf, '?');
		return;
	}
	if (!call->failed) {
		event_value_text(call, &call->result, buf);
		return;
	}
	strbuf_puts(buf, "-1 ");
	if (name != NULL)
		strbuf_puts(buf, name);
	else
		put_decimal(buf, err);
	/* The kernel's own have no text: the call is made again. */
	if (err < 512)
		strbuf_printf(buf, " (%s)", strerror(err));
}
