/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "supervise/recorder.h"

/* The compiled recorder.bpf.c: recorder_program[]. */
#include "supervise/recorder_program.h"

#define PROGRAMS 3

struct recorder {
	struct bpf_object *object;
	struct bpf_link *links[PROGRAMS];
	size_t link_count;
	struct ring_buffer *ring;
	int notes, seen, losses; /* maps */
	void (*take)(void *context, const struct record *record);
	void *context;
	uint64_t broken; /* records that are not what they say */
};

/* The last that libbpf had to say. */
static char complaint[256];

static int __attribute__((format(printf, 2, 0)))
keep_complaint(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level != LIBBPF_WARN || complaint[0] != '\0')
		return 0;
	vsnprintf(complaint, sizeof(complaint), format, args);
	complaint[strcspn(complaint, "\n")] = '\0';
	return 0;
}

static bool
has_cap(const struct __user_cap_data_struct data[2], int cap)
{
	return (data[cap / 32].effective & (UINT32_C(1) << (cap % 32))) != 0;
}

static int
check_privilege(struct diag *diag)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return diag_errno(diag, "its capabilities");
	if (has_cap(data, CAP_SYS_ADMIN) ||
	    (has_cap(data, CAP_BPF) && has_cap(data, CAP_PERFMON)))
		return 0;
	return diag_set(
	    diag, EPERM, "it needs CAP_BPF and CAP_PERFMON, which root has");
}

static int
take_record(void *context, void *data, size_t size)
{
	struct recorder *recorder = context;
	const struct record *record = data;

	if (size < offsetof(struct record, text) ||
	    record->name_length > RECORD_PATH ||
	    record->path_length > RECORD_PATH ||
	    size != offsetof(struct record, text) + record->name_length +
	                record->path_length) {
		recorder->broken++;
		return 0;
	}
	recorder->take(recorder->context, record);
	return 0;
}

static int
map_of(const struct recorder *recorder, const char *name)
{
	return bpf_object__find_map_fd_by_name(recorder->object, name);
}

static int
tell_calls(const struct recorder *recorder, const struct record_call *calls)
{
	int map = map_of(recorder, "calls");

	for (__u32 nr = 0; nr < RECORD_CALLS; nr++)
		if (calls[nr].mode != RECORD_NONE &&
		    bpf_map_update_elem(map, &nr, &calls[nr], BPF_ANY) < 0)
			return -errno;
	return 0;
}

static int
attach(struct recorder *recorder)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, recorder->object)
	{
		struct bpf_link *link;

		if (recorder->link_count == PROGRAMS)
			return -E2BIG;
		link = bpf_program__attach(program);
		if (link == NULL)
			return -errno;
		recorder->links[recorder->link_count++] = link;
	}
	return 0;
}

static int
load(struct recorder *recorder, const struct record_call *calls)
{
	int r;

	recorder->object = bpf_object__open_mem(
	    recorder_program, sizeof(recorder_program), NULL);
	if (recorder->object == NULL)
		return -errno;
	r = bpf_object__load(recorder->object);
	if (r == 0)
		r = tell_calls(recorder, calls);
	if (r < 0)
		return r;
	recorder->notes = map_of(recorder, "notes");
	recorder->seen = map_of(recorder, "seen");
	recorder->losses = map_of(recorder, "losses");
	recorder->ring = ring_buffer__new(
	    map_of(recorder, "records"), take_record, recorder, NULL);
	return recorder->ring == NULL ? -errno : attach(recorder);
}

static void
close_recorder(struct recorder *recorder)
{
	if (recorder == NULL)
		return;
	for (size_t i = 0; i < recorder->link_count; i++)
		bpf_link__destroy(recorder->links[i]);
	ring_buffer__free(recorder->ring);
	bpf_object__close(recorder->object);
	free(recorder);
}

static int
open_recorder(const struct record_call *calls, struct recorder **ret_recorder,
    struct diag *diag)
{
	struct recorder *recorder;
	int r = check_privilege(diag);

	if (r < 0)
		return r;
	recorder = calloc(1, sizeof(*recorder));
	if (recorder == NULL)
		return diag_set(diag, ENOMEM, "out of memory");
	complaint[0] = '\0';
	libbpf_set_print(keep_complaint);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	r = load(recorder, calls);
	if (r < 0) {
		diag_set(diag, -r,
		    "this kernel does not take the recorder: %s%s%s",
		    strerror(-r), complaint[0] != '\0' ? ": " : "", complaint);
		close_recorder(recorder);
		return r;
	}
	*ret_recorder = recorder;
	return 0;
}

static int
watch(struct recorder *recorder, pid_t pid, struct diag *diag)
{
	/* Of struct note, which only the program knows: nothing yet. */
	static const char none[256];
	cleanup_close int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0 ||
	    bpf_map_update_elem(recorder->notes, &fd, none, BPF_ANY) < 0)
		return diag_errno(diag, "watch process %d", (int)pid);
	return 0;
}

static int
recorder_fd(const struct recorder *recorder)
{
	return ring_buffer__epoll_fd(recorder->ring);
}

static int
read_records(struct recorder *recorder,
    void (*take)(void *context, const struct record *record), void *context)
{
	recorder->take = take;
	recorder->context = context;
	return ring_buffer__consume(recorder->ring);
}

static uint64_t
times_of(const struct recorder *recorder, const struct record_key *key)
{
	__u64 times = 0;

	if (bpf_map_lookup_elem(recorder->seen, key, &times) < 0)
		return 0;
	return times;
}

static void
losses_of(const struct recorder *recorder, struct record_losses *ret_losses)
{
	__u32 zero = 0;

	if (bpf_map_lookup_elem(recorder->losses, &zero, ret_losses) < 0)
		*ret_losses = (struct record_losses){ 0 };
	ret_losses->calls += recorder->broken;
}

const struct recorder_driver *
recorder_driver(void)
{
	static const struct recorder_driver driver = {
		.open = open_recorder,
		.close = close_recorder,
		.watch = watch,
		.fd = recorder_fd,
		.read = read_records,
		.times = times_of,
		.losses = losses_of,
	};

	return &driver;
}
