/* SPDX-License-Identifier: ISC OR GPL-2.0-only */
/*
 * The recorder's part in the kernel: of the calls that marked tasks make, and
 * all that they start, the first of each kind goes to the reader; others are
 * counted where it is remembered.  What the reader could not be given is not
 * remembered either, so that the next of its kind is given again.
 *
 * It needs no hook but three tracepoints.  What a file is called is read from
 * the file that was opened, once it is open: nothing can change in between.
 */
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "supervise/record.h"

#define AT_FDCWD     (-100)
#define EEXIST       17
#define MODE_CREATED 0x100000 /* FMODE_CREATED */
#define IN_32BIT     2        /* TS_COMPAT */
#define SLOTS        4
#define LONGEST_NAME 256 /* of an entry, with its NUL */
#define DEEPEST      4096

/* --- The kernel's own, as far as they are looked at --- */

/* Found by their names in the running kernel: offsets are its own. */
#pragma clang attribute push( \
    __attribute__((preserve_access_index)), apply_to = record)

struct pt_regs {
	unsigned long di, si, dx, r10, r8, r9;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct inode {
	unsigned short i_mode;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_mode;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root, pwd;
};

struct mnt_namespace {
	struct mount *root;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

struct upid {
	int nr;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct thread_info {
	unsigned int status;
};

struct task_struct {
	struct thread_info thread_info;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
};

#pragma clang attribute pop

/* --- What is kept --- */

/* Of a watched task. */
struct note {
	__u32 pending; /* the call that it is in is to be looked at again */
	__u32 nr;
	__u64 args[RECORD_ARGS];
};

struct scratch {
	__u32 busy;
	char entry[LONGEST_NAME];
	char walk[2 * RECORD_PATH];
	struct record record;
};

/* How the reader, as the first of the watched, sees the machine. */
struct outlook {
	__u64 root_dentry, root_mount; /* 0: not known yet */
	__u32 level;                   /* of its process IDs */
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct note);
} notes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RECORD_CALLS);
	__type(key, __u32);
	__type(value, struct record_call);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RECORD_SEEN);
	__type(key, struct record_key);
	__type(value, __u64);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RECORD_RING);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct record_losses);
} losses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct outlook);
} outlooks SEC(".maps");

/* Larger than a stack; more than one, should a task be interrupted. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static void
lose(bool process)
{
	__u32 zero = 0;
	struct record_losses *lost = bpf_map_lookup_elem(&losses, &zero);

	if (lost == NULL)
		return;
	if (process)
		__sync_fetch_and_add(&lost->processes, 1);
	else
		__sync_fetch_and_add(&lost->calls, 1);
}

static struct scratch *
take_scratch(void)
{
	for (__u32 i = 0; i < SLOTS; i++) {
		__u32 slot = i;
		struct scratch *scratch =
		    bpf_map_lookup_elem(&scratches, &slot);

		if (scratch != NULL &&
		    __sync_lock_test_and_set(&scratch->busy, 1) == 0)
			return scratch;
	}
	return NULL;
}

static void
give_scratch(struct scratch *scratch)
{
	__sync_lock_test_and_set(&scratch->busy, 0);
}

static const struct outlook *
get_outlook(struct task_struct *task)
{
	__u32 zero = 0;
	struct outlook *outlook = bpf_map_lookup_elem(&outlooks, &zero);

	if (outlook == NULL || outlook->root_mount != 0)
		return outlook;
	/* The first of them has just been marked, and is alone. */
	outlook->root_dentry = (__u64)BPF_CORE_READ(task, fs, root.dentry);
	outlook->level = BPF_CORE_READ(task, thread_pid, level);
	outlook->root_mount = (__u64)BPF_CORE_READ(task, fs, root.mnt);
	return outlook;
}

/* Its number where the reader is. */
static __u32
process_of(struct task_struct *task, __u32 level)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	__u64 at = (__u64)pid + bpf_core_field_offset(struct pid, numbers) +
	           level * bpf_core_type_size(struct upid);

	return (__u32)BPF_CORE_READ((struct upid *)at, nr);
}

/* NUMBER, below LIMIT, a power of two: known to be, to the kernel's verifier,
 * which does not believe what the compiler has concluded. */
static __u32
within(__u32 number, __u32 limit)
{
	__asm__ volatile("" : "+r"(number));
	return number & (limit - 1);
}

/* --- Names --- */

/* Pointers are numbers here: they are only read through. */
struct walk {
	struct scratch *scratch;
	__u64 dentry, mount;
	__u64 root_dentry, root_mount, root_top;
	__u32 at; /* where the name begins */
	__u32 named;
};

static bool
walk_mount(struct walk *walk)
{
	const __u64 offset = bpf_core_field_offset(struct mount, mnt);
	struct mount *mount = (struct mount *)(walk->mount - offset);
	struct mount *parent = BPF_CORE_READ(mount, mnt_parent);

	if (parent == mount || parent == NULL) {
		/* A pipe's ends here, too, and has no name. */
		walk->named = (__u64)mount == walk->root_top;
		return false;
	}
	walk->dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
	walk->mount = (__u64)parent + offset;
	return true;
}

static bool
walk_entry(struct walk *walk, struct dentry *dentry)
{
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	struct scratch *scratch = walk->scratch;
	long length = bpf_probe_read_kernel_str(
	    scratch->entry, sizeof(scratch->entry), name);
	__u32 at = walk->at;

	if (length <= 1 || at < length)
		return false;
	length--;
	at -= length;
	bpf_probe_read_kernel(&scratch->walk[within(at, RECORD_PATH)],
	    within((__u32)length, LONGEST_NAME), scratch->entry);
	at--;
	scratch->walk[within(at, RECORD_PATH)] = '/';
	walk->at = at;
	return true;
}

/* As d_path() does; 0: there is more. */
static long
walk_step(__u32 i, struct walk *walk)
{
	struct dentry *dentry = (struct dentry *)walk->dentry;
	struct vfsmount *mount = (struct vfsmount *)walk->mount;
	struct dentry *parent;

	if (walk->dentry == walk->root_dentry &&
	    walk->mount == walk->root_mount) {
		walk->named = true;
		return 1;
	}
	if (dentry == BPF_CORE_READ(mount, mnt_root))
		return walk_mount(walk) ? 0 : 1;
	parent = BPF_CORE_READ(dentry, d_parent);
	if (parent == dentry || parent == NULL || !walk_entry(walk, dentry))
		return 1;
	walk->dentry = (__u64)parent;
	return 0;
}

/* The name of PATH, which begins the record's text; 0: it has none. */
static __u32
put_name(struct scratch *scratch, struct task_struct *task,
    const struct outlook *outlook, struct dentry *dentry,
    struct vfsmount *mount)
{
	struct walk walk = { .scratch = scratch,
		.dentry = (__u64)dentry,
		.mount = (__u64)mount,
		.root_dentry = outlook->root_dentry,
		.root_mount = outlook->root_mount,
		.root_top = (__u64)BPF_CORE_READ(task, nsproxy, mnt_ns, root),
		.at = RECORD_PATH - 1 };
	__u32 length;

	scratch->walk[RECORD_PATH - 1] = '\0';
	if (dentry == NULL || mount == NULL)
		return 0;
	bpf_loop(DEEPEST, walk_step, &walk, 0);
	if (!walk.named)
		return 0;
	if (walk.at == RECORD_PATH - 1) {
		walk.at--;
		scratch->walk[RECORD_PATH - 2] = '/';
	}
	length = within(RECORD_PATH - 1 - walk.at, RECORD_PATH) + 1;
	bpf_probe_read_kernel(scratch->record.text, length,
	    &scratch->walk[within(walk.at, RECORD_PATH)]);
	return length;
}

static struct file *
file_of(struct task_struct *task, __u32 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd);
	struct file *file = NULL;

	if (fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return file;
}

static void
name_file(struct scratch *scratch, struct task_struct *task,
    const struct outlook *outlook, struct file *file)
{
	struct record *record = &scratch->record;

	record->name_length =
	    put_name(scratch, task, outlook, BPF_CORE_READ(file, f_path.dentry),
	        BPF_CORE_READ(file, f_path.mnt));
	if (record->name_length > 0)
		record->flags |= RECORD_HAS_NAME;
}

/* Where a relative path of the caller's begins. */
static void
name_base(struct scratch *scratch, struct task_struct *task,
    const struct outlook *outlook, int fd)
{
	struct record *record = &scratch->record;

	if (fd != AT_FDCWD) {
		name_file(scratch, task, outlook, file_of(task, (__u32)fd));
		return;
	}
	record->name_length = put_name(scratch, task, outlook,
	    BPF_CORE_READ(task, fs, pwd.dentry),
	    BPF_CORE_READ(task, fs, pwd.mnt));
	if (record->name_length > 0)
		record->flags |= RECORD_HAS_NAME;
}

/* --- Records --- */

static void
mix(struct record_key *key, __u64 word)
{
	key->hash[0] = (key->hash[0] ^ word) * 0x9e3779b97f4a7c15;
	key->hash[0] ^= key->hash[0] >> 29;
	key->hash[1] = (key->hash[1] + word) * 0xbf58476d1ce4e5b9;
	key->hash[1] ^= key->hash[1] >> 31;
}

static void
mix_args(struct record_key *key, const struct record_call *call, __u32 nr,
    const __u64 *args)
{
	mix(key, nr);
	for (int i = 0; i < RECORD_ARGS; i++)
		mix(key, args[i] & call->mask[i]);
}

struct mixing {
	struct scratch *scratch;
	struct record_key key;
};

static long
mix_word(__u32 i, struct mixing *mixing)
{
	__u64 word;

	__builtin_memcpy(&word,
	    &mixing->scratch->record.text[within(i * 8, 2 * RECORD_PATH)], 8);
	mix(&mixing->key, word);
	return 0;
}

static void
mix_text(struct scratch *scratch, __u32 length)
{
	struct mixing mixing = { .scratch = scratch,
		.key = scratch->record.key };

	length = within(length, 2 * RECORD_PATH);
	/* What stood there before is not part of it. */
	__builtin_memset(&scratch->record.text[length], 0, 8);
	bpf_loop((length + 7) / 8, mix_word, &mixing, 0);
	scratch->record.key = mixing.key;
}

/* Counts a call of that kind; false: there was none. */
static bool
count(const struct record_key *key)
{
	__u64 *times = bpf_map_lookup_elem(&seen, key);

	if (times == NULL)
		return false;
	__sync_fetch_and_add(times, 1);
	return true;
}

/* Behind the name.  False: it cannot be read, now at least. */
static bool
put_path(struct scratch *scratch, __u64 address)
{
	struct record *record = &scratch->record;
	/* A name as long as that leaves no byte of it. */
	__u32 at = within(record->name_length, 2 * RECORD_PATH);
	long length;

	record->path_length = 0;
	if (at > RECORD_PATH)
		return false;
	length = bpf_probe_read_user_str(
	    &record->text[at], RECORD_PATH, (const void *)address);
	if (length <= 0)
		return false;
	record->path_length = (__u32)length;
	record->flags |= RECORD_HAS_PATH;
	return true;
}

/* Of what goes to the reader, the rest. */
static void
begin_record(struct scratch *scratch, const struct note *note)
{
	struct record *record = &scratch->record;

	__builtin_memset(record, 0, __builtin_offsetof(struct record, text));
	record->nr = note->nr;
	record->returned = RECORD_PENDING;
	for (int i = 0; i < RECORD_ARGS; i++)
		record->args[i] = note->args[i];
}

static void
give_record(struct scratch *scratch)
{
	struct record *record = &scratch->record;
	__u64 one = 1;
	__u32 size =
	    within(record->name_length + record->path_length, 2 * RECORD_PATH) +
	    __builtin_offsetof(struct record, text);
	long added;

	added = bpf_map_update_elem(&seen, &record->key, &one, BPF_NOEXIST);
	/* Another thread was faster. */
	if (added == -EEXIST) {
		count(&record->key);
		return;
	}
	if (bpf_ringbuf_output(&records, record, size, 0) == 0)
		return;
	/* With no room there, each is given. */
	if (added == 0)
		bpf_map_delete_elem(&seen, &record->key);
	lose(false);
}

/* False: its path is to be read when the kernel itself has read it. */
static bool
record_call(struct task_struct *task, const struct note *note,
    const struct record_call *call, bool ended)
{
	struct record_key key = { { note->nr, 1 } };
	const struct outlook *outlook = get_outlook(task);
	struct scratch *scratch;
	bool whole = true;

	mix_args(&key, call, note->nr, note->args);
	if (outlook == NULL || (call->mode == RECORD_BY_ARGS && count(&key)))
		return true;
	scratch = take_scratch();
	if (scratch == NULL) {
		lose(false);
		return true;
	}
	begin_record(scratch, note);
	scratch->record.key = key;
	scratch->record.process = process_of(task, outlook->level);
	if (call->path >= 0 && call->path < RECORD_ARGS)
		whole = put_path(scratch, note->args[call->path]);
	if (whole || ended) {
		if (call->mode == RECORD_BY_PATH)
			mix_text(scratch, scratch->record.path_length);
		if (call->mode == RECORD_BY_ARGS ||
		    !count(&scratch->record.key))
			give_record(scratch);
		whole = true;
	}
	give_scratch(scratch);
	return whole;
}

static void
look_at_file(struct scratch *scratch, struct task_struct *task,
    const struct outlook *outlook, long returned)
{
	struct record *record = &scratch->record;
	struct file *file = file_of(task, (__u32)returned);

	if (file == NULL)
		return;
	record->mode = BPF_CORE_READ(file, f_inode, i_mode);
	if (BPF_CORE_READ(file, f_mode) & MODE_CREATED)
		record->flags |= RECORD_CREATED;
	name_file(scratch, task, outlook, file);
}

static bool
is_relative(__u64 address)
{
	char first = '/';

	bpf_probe_read_user(&first, sizeof(first), (const void *)address);
	return first != '/';
}

static void
record_open(struct task_struct *task, const struct note *note,
    const struct record_call *call, long returned)
{
	const struct outlook *outlook = get_outlook(task);
	struct scratch *scratch = take_scratch();
	struct record *record;
	__u64 path = 0;
	int from = AT_FDCWD;

	if (scratch == NULL || outlook == NULL) {
		lose(false);
		return;
	}
	record = &scratch->record;
	begin_record(scratch, note);
	record->returned = returned;
	record->process = process_of(task, outlook->level);
	if (call->path >= 0 && call->path < RECORD_ARGS)
		path = note->args[call->path];
	if (call->directory >= 0 && call->directory < RECORD_ARGS)
		from = (int)note->args[call->directory];
	if (returned >= 0)
		look_at_file(scratch, task, outlook, returned);
	else if (is_relative(path))
		name_base(scratch, task, outlook, from);
	put_path(scratch, path);
	record->key.hash[1] = 1;
	mix_args(&record->key, call, note->nr, note->args);
	mix(&record->key, ((__u64)record->mode << 32) | record->flags);
	mix(&record->key, returned < 0 ? (__u64)returned : 0);
	mix_text(scratch, record->name_length + record->path_length);
	if (!count(&record->key))
		give_record(scratch);
	give_scratch(scratch);
}

/* --- The tracepoints --- */

static const struct record_call *
find_call(__u32 nr)
{
	struct record_call *call = bpf_map_lookup_elem(&calls, &nr);

	return call == NULL || call->mode == RECORD_NONE ? NULL : call;
}

/* cppcheck-suppress unknownMacro */
SEC("tp_btf/sys_enter")
int
BPF_PROG(enter, struct pt_regs *regs, long id)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct note *note = bpf_task_storage_get(
	    &notes, (void *)bpf_get_current_task_btf(), NULL, 0);
	const struct record_call *call;

	if (note == NULL)
		return 0;
	note->pending = 0;
	/* A 32-bit call's number means another one: the listener has it. */
	if (BPF_CORE_READ(task, thread_info.status) & IN_32BIT)
		return 0;
	call = find_call((__u32)id);
	if (call == NULL || id != (__u32)id)
		return 0;
	note->nr = (__u32)id;
	note->args[0] = BPF_CORE_READ(regs, di);
	note->args[1] = BPF_CORE_READ(regs, si);
	note->args[2] = BPF_CORE_READ(regs, dx);
	note->args[3] = BPF_CORE_READ(regs, r10);
	note->args[4] = BPF_CORE_READ(regs, r8);
	note->args[5] = BPF_CORE_READ(regs, r9);
	note->pending = call->mode == RECORD_BY_FILE ||
	                !record_call(task, note, call, false);
	return 0;
}

SEC("tp_btf/sys_exit")
int
BPF_PROG(leave, struct pt_regs *regs, long returned)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct note *note = bpf_task_storage_get(
	    &notes, (void *)bpf_get_current_task_btf(), NULL, 0);
	const struct record_call *call;

	if (note == NULL || !note->pending)
		return 0;
	note->pending = 0;
	call = find_call(note->nr);
	if (call == NULL)
		return 0;
	if (call->mode == RECORD_BY_FILE)
		record_open(task, note, call, returned);
	else
		record_call(task, note, call, true);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int
BPF_PROG(fork, struct task_struct *parent, struct task_struct *child)
{
	if (bpf_task_storage_get(&notes, (void *)parent, NULL, 0) == NULL)
		return 0;
	if (bpf_task_storage_get(&notes, (void *)child, NULL,
	        BPF_LOCAL_STORAGE_GET_F_CREATE) == NULL)
		lose(true);
	return 0;
}

/* The kernel's word for a licence that its helpers may be used under. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";
