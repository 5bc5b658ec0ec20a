/* SPDX-License-Identifier: ISC */
#include "libpledge/plan.h"

#include <errno.h>
#include <string.h>

#include "kernel/landlock.h"
#include "libpledge/support.h"
#include "policy/loader.h"
#include "sandbox/sandbox.h"

#define READ_RIGHTS (LL_READ_FILE | LL_READ_DIR)
#define TMP_RIGHTS \
 (LL_READ_FILE | LL_WRITE_FILE | LL_TRUNCATE | LL_MAKE_REG | LL_REMOVE_FILE)
#define FILE_WORDS (PROMISE(RPATH) | PROMISE(WPATH) | PROMISE(CPATH))

static promise_set
reading_promises(void)
{
	promise_set set = 0;

	for (int i = 0; i < PROMISE_COUNT; i++)
		if (promise_rows[i].flags & PROMISE_READS)
			set |= UINT64_C(1) << i;
	return set;
}

static const char *
first_name(promise_set set)
{
	for (int i = 0; i < PROMISE_COUNT; i++)
		if (set & UINT64_C(1) << i)
			return promise_rows[i].name;
	return "";
}

void
plan_request_complete(struct plan_request *request)
{
	promise_set next = request->next;
	promise_set reads = next & reading_promises();

	request->hide =
	    !(next & PROMISE(UNVEIL)) && !record.locked && record.count > 0;
	request->only_files = reads != 0 && !(next & PROMISE(RPATH));
	/* A second layer would say the same; the filter narrows the rest. */
	request->only_tmp = (next & PROMISE(TMPPATH)) &&
	                    (next & FILE_WORDS) != FILE_WORDS &&
	                    !record.only_tmp;
	request->ports = (next & PROMISE(DNS)) && !(next & PROMISE(INET)) &&
	                 support_has(FEATURE_PORTS);
	request->what = request->hide         ? "unveil"
	                : request->only_files ? first_name(reads)
	                : request->only_tmp   ? "tmppath"
	                                      : "dns";
}

bool
plan_needed(const struct plan_request *request)
{
	return request->hide || request->only_files || request->only_tmp ||
	       request->ports;
}

bool
plan_optional(const struct plan_request *request)
{
	return !request->hide && !request->only_files && !request->only_tmp;
}

unsigned int
plan_circumstances(const struct plan_request *request)
{
	/* With "unveil", paths may be hidden later. */
	bool paths = request->hide || record.hidden ||
	             ((request->next & PROMISE(UNVEIL)) && !record.locked);
	unsigned int when = 0;

	if (request->only_files)
		when |= WHEN_GRACE;
	if (paths)
		when |= WHEN_PATHS;
	if (!paths || support_has(FEATURE_TRUNCATION))
		when |= WHEN_TRUNCATE;
	if (request->ports)
		when |= WHEN_PORT_RULES;
	return when;
}

/* Where the strings of promise_rows.files are cut, for one plan. */
static char names[8192];

/* "rwi:/dev/null r:/etc/localtime". */
static size_t
add_files(struct landlock_plan *plan, const char *files, size_t used)
{
	const char *colon, *end;
	size_t length;

	for (; files != NULL; files = end) {
		files += strspn(files, " ");
		colon = strchr(files, ':');
		if (colon == NULL)
			break;
		end = colon + strcspn(colon, " ");
		length = (size_t)(end - colon - 1);
		if (length >= sizeof(names) - used) {
			plan->overflow = 1;
			break;
		}
		memcpy(names + used, colon + 1, length);
		names[used + length] = '\0';
		landlock_add_path(plan, names + used,
		    landlock_implied_rights(files, (size_t)(colon - files)),
		    LANDLOCK_OPTIONAL | LANDLOCK_IMPLIED);
		used += length + 1;
	}
	return used;
}

static void
add_promises(struct landlock_plan *plan, promise_set promises)
{
	size_t used = 0;

	for (int i = 0; i < PROMISE_COUNT; i++)
		if (promises & UINT64_C(1) << i)
			used = add_files(plan, promise_rows[i].files, used);
	if (promises & PROMISE(TMPPATH))
		landlock_add_path(plan, "/tmp", TMP_RIGHTS,
		    LANDLOCK_OPTIONAL | LANDLOCK_IMPLIED);
}

/* What a program that is executed cannot start without. */
static void
add_loader(struct landlock_plan *plan)
{
	const unsigned int flags = LANDLOCK_OPTIONAL | LANDLOCK_IMPLIED;

	for (size_t i = 0; i < loader_library_count; i++)
		landlock_add_path(
		    plan, loader_libraries[i], READ_RIGHTS, flags);
	for (size_t i = 0; i < loader_count; i++)
		landlock_add_path(
		    plan, loaders[i], LL_READ_FILE | LL_EXECUTE, flags);
}

static void
add_unveils(struct landlock_plan *plan)
{
	bool executes = false;

	for (size_t i = 0; i < record.count; i++) {
		const struct entry *entry = &record.entries[i];
		uint64_t access = landlock_rights(entry->permissions, ~0U);

		/* The kernel reads what it executes. */
		if (entry->permissions & UNVEIL_X)
			access |= LL_READ_FILE;
		executes = executes || (entry->permissions & UNVEIL_X);
		/* One that is gone by now stays hidden. */
		landlock_add_path(plan, entry->path, access, LANDLOCK_OPTIONAL);
	}
	if (executes)
		add_loader(plan);
}

/* Without unveils: what the promises' calls could reach beyond their files. */
static void
limit_calls(const struct plan_request *request, struct landlock_plan *plan)
{
	uint64_t handled = 0, granted = 0;

	for (int i = 0; i < PROMISE_COUNT; i++)
		if (request->next & UINT64_C(1) << i)
			granted |= promise_rows[i].rights;
	if (request->only_files)
		handled |= READ_RIGHTS;
	if (request->only_tmp)
		handled |= TMP_RIGHTS;
	/* Every layer refuses this one unless it grants it. */
	if (handled != 0)
		handled |= LL_REFER;
	plan->handled_fs &= handled;
	if ((handled & granted) != 0)
		landlock_add_path(plan, "/", handled & granted,
		    LANDLOCK_IMPLIED | LANDLOCK_OPTIONAL);
}

int
plan_make(const struct plan_request *request, struct landlock_plan *plan)
{
	landlock_plan_init(plan, support_probe()->landlock_abi);
	/* OpenBSD hides paths, no more: not signals, and no devices' ioctls. */
	plan->scoped = 0;
	plan->restrict_flags = 0;
	plan->handled_fs &=
	    landlock_rights(~0U, LANDLOCK_DPATH | LANDLOCK_UNIX);
	plan->handled_net = request->ports ? LL_NET_CONNECT_TCP : 0;
	if (request->ports)
		landlock_add_port(plan, TCP_PORT(DNS_PORT), false);
	if (request->hide)
		add_unveils(plan);
	else
		limit_calls(request, plan);
	if (plan->handled_fs != 0 && (request->pledging || record.pledged))
		add_promises(plan, request->next);
	if (plan->overflow)
		return fail(E2BIG, "too many paths");
	return 0;
}
