/* SPDX-License-Identifier: ISC */
#include "sandbox/landlock.h"

#include <errno.h>
#include <string.h>

#include "base/table.h"
#include "kernel/landlock.h"

#define FS(word)  .right = LL_##word, .name = #word, .kind = LANDLOCK_FS
#define NET(word) .right = LL_NET_##word, .name = #word, .kind = LANDLOCK_NET
#define SCOPE(word) \
 .right = LL_SCOPE_##word, .name = #word, .kind = LANDLOCK_SCOPE

/* clang-format off */
const struct landlock_right landlock_right_rows[] = {
	{ FS(EXECUTE), .since = FEATURE_LANDLOCK, .letters = UNVEIL_X,
	    .implied = "x", .file = true },
	{ FS(WRITE_FILE), .since = FEATURE_LANDLOCK, .letters = UNVEIL_W,
	    .implied = "w", .file = true },
	{ FS(READ_FILE), .since = FEATURE_LANDLOCK, .letters = UNVEIL_R,
	    .implied = "r", .file = true },
	{ FS(READ_DIR), .since = FEATURE_LANDLOCK, .letters = UNVEIL_R,
	    .implied = "r" },
	{ FS(REMOVE_DIR), .since = FEATURE_LANDLOCK, .letters = UNVEIL_C },
	{ FS(REMOVE_FILE), .since = FEATURE_LANDLOCK, .letters = UNVEIL_C },
	{ FS(MAKE_CHAR), .since = FEATURE_LANDLOCK, .letters = UNVEIL_C,
	    .words = LANDLOCK_DPATH },
	{ FS(MAKE_DIR), .since = FEATURE_LANDLOCK, .letters = UNVEIL_C },
	{ FS(MAKE_REG), .since = FEATURE_LANDLOCK, .letters = UNVEIL_C },
	{ FS(MAKE_SOCK), .since = FEATURE_LANDLOCK, .letters = UNVEIL_C,
	    .words = LANDLOCK_UNIX },
	{ FS(MAKE_FIFO), .since = FEATURE_LANDLOCK, .letters = UNVEIL_C,
	    .words = LANDLOCK_DPATH },
	{ FS(MAKE_BLOCK), .since = FEATURE_LANDLOCK, .letters = UNVEIL_C,
	    .words = LANDLOCK_DPATH },
	{ FS(MAKE_SYM), .since = FEATURE_LANDLOCK, .letters = UNVEIL_C },
	{ FS(REFER), .since = FEATURE_MOVING, .letters = UNVEIL_C },
	{ FS(TRUNCATE), .since = FEATURE_TRUNCATION, .letters = UNVEIL_W,
	    .implied = "w", .file = true },
	/* Those requests that the promises let through. */
	{ FS(IOCTL_DEV), .since = FEATURE_DEVICES, .letters = UNVEIL_W,
	    .words = LANDLOCK_DEVICES, .implied = "i", .file = true },
	/* As OpenBSD's connect(2) asks for w. */
	{ FS(RESOLVE_UNIX), .since = FEATURE_UNIX_NAMES, .letters = UNVEIL_W,
	    .words = LANDLOCK_UNIX, .file = true },

	{ NET(BIND_TCP), .since = FEATURE_PORTS, .protocol = PORT_TCP,
	    .binds = true, .free = PROMISE(INET) | PROMISE(ANET) },
	{ NET(CONNECT_TCP), .since = FEATURE_PORTS, .protocol = PORT_TCP,
	    .free = PROMISE(INET) },

	{ SCOPE(ABSTRACT_UNIX), .since = FEATURE_SCOPES },
	{ SCOPE(SIGNAL), .since = FEATURE_SCOPES },
};
/* clang-format on */
const size_t landlock_right_count = ARRAY_SIZE(landlock_right_rows);

/* Ports that a promise cannot do without. */
static const struct {
	promise_set word;
	struct port port;
	bool binds;
} promised_ports[] = {
	{ PROMISE(DNS), { PORT_TCP, DNS_PORT }, false },
};

struct landlock_rights
landlock_handled(int abi)
{
	struct landlock_rights handled = { 0 };
	uint64_t *const masks[] = { [LANDLOCK_FS] = &handled.fs,
		[LANDLOCK_NET] = &handled.net,
		[LANDLOCK_SCOPE] = &handled.scope };

	for (size_t i = 0; i < landlock_right_count; i++) {
		const struct landlock_right *row = &landlock_right_rows[i];

		if (feature_rows[row->since].abi <= abi)
			*masks[row->kind] |= row->right;
	}
	return handled;
}

uint64_t
landlock_file_rights(void)
{
	uint64_t rights = 0;

	for (size_t i = 0; i < landlock_right_count; i++)
		if (landlock_right_rows[i].file)
			rights |= landlock_right_rows[i].right;
	return rights;
}

uint64_t
landlock_implied_rights(const char *letters, size_t length)
{
	uint64_t rights = 0;

	for (size_t i = 0; i < landlock_right_count; i++) {
		const struct landlock_right *row = &landlock_right_rows[i];

		if (row->implied != NULL &&
		    memchr(letters, *row->implied, length) != NULL)
			rights |= row->right;
	}
	return rights;
}

uint64_t
landlock_rights(unsigned int permissions, unsigned int words)
{
	uint64_t rights = 0;

	for (size_t i = 0; i < landlock_right_count; i++) {
		const struct landlock_right *row = &landlock_right_rows[i];

		if ((permissions & row->letters) != 0 &&
		    (row->words & ~words) == 0)
			rights |= row->right;
	}
	return rights;
}

static const struct {
	char letter;
	unsigned int permission;
} letters[] = { { 'r', UNVEIL_R }, { 'w', UNVEIL_W }, { 'x', UNVEIL_X },
	{ 'c', UNVEIL_C } };

unsigned int
landlock_permissions(uint64_t access)
{
	unsigned int permissions = 0;

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if ((access & landlock_rights(letters[i].permission, ~0U)) != 0)
			permissions |= letters[i].permission;
	return permissions;
}

void
landlock_letters(uint64_t access, char ret_letters[LANDLOCK_LETTERS])
{
	unsigned int permissions = landlock_permissions(access);
	size_t length = 0;

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (permissions & letters[i].permission)
			ret_letters[length++] = letters[i].letter;
	ret_letters[length] = '\0';
}

void
landlock_plan_init(struct landlock_plan *plan, int abi)
{
	struct landlock_rights handled = landlock_handled(abi);

	/* The rows beyond `count` are never read: no need to clear them. */
	plan->abi = abi;
	plan->handled_fs = handled.fs;
	plan->handled_net = handled.net;
	plan->scoped = handled.scope;
	plan->apart = false;
	/* By default only what this very program is refused would be logged;
	 * it is about to become another. */
	plan->restrict_flags =
	    abi >= feature_rows[FEATURE_RECORDS].abi ? LL_LOG_NEW_EXEC_ON : 0;
	plan->count = 0;
	plan->port_count = 0;
	plan->overflow = 0;
}

/* Ours and the user's stay apart: landlock_covered() compares the user's. */
static bool
is_same(const struct landlock_rule *a, const struct landlock_rule *b)
{
	if (a->fd != b->fd || a->implied != b->implied ||
	    a->id.inode != b->id.inode || a->id.device != b->id.device)
		return false;
	return a->fd != -1 || strcmp(a->path, b->path) == 0;
}

static void
add_rule(struct landlock_plan *plan, const struct landlock_rule *rule)
{
	struct landlock_rule *known;

	for (size_t i = 0; i < plan->count; i++) {
		known = &plan->rules[i];
		if (!is_same(known, rule))
			continue;
		known->access |= rule->access;
		known->optional = known->optional && rule->optional;
		return;
	}
	if (plan->count == LANDLOCK_RULES)
		plan->overflow = 1;
	else
		plan->rules[plan->count++] = *rule;
}

void
landlock_add_path(struct landlock_plan *plan, const char *path, uint64_t access,
    unsigned int flags)
{
	landlock_add_fd(plan, path, -1, access, flags);
}

void
landlock_add_file(struct landlock_plan *plan, const char *path,
    struct file_id id, uint64_t access, unsigned int flags)
{
	add_rule(plan, &(struct landlock_rule){ path, -1, access,
	                   (flags & LANDLOCK_OPTIONAL) != 0,
	                   (flags & LANDLOCK_IMPLIED) != 0, id });
}

void
landlock_add_fd(struct landlock_plan *plan, const char *name, int fd,
    uint64_t access, unsigned int flags)
{
	add_rule(plan, &(struct landlock_rule){ name, fd, access,
	                   (flags & LANDLOCK_OPTIONAL) != 0,
	                   (flags & LANDLOCK_IMPLIED) != 0, { 0 } });
}

static void
add_number(struct landlock_plan *plan, uint16_t number, uint64_t right)
{
	for (size_t i = 0; i < plan->port_count; i++) {
		if (plan->ports[i].number != number)
			continue;
		plan->ports[i].access |= (uint8_t)right;
		return;
	}
	if (plan->port_count == LANDLOCK_PORTS)
		plan->overflow = 1;
	else
		plan->ports[plan->port_count++] =
		    (struct landlock_port){ number, (uint8_t)right };
}

void
landlock_add_port(struct landlock_plan *plan, struct port port, bool binds)
{
	for (size_t i = 0; i < landlock_right_count; i++) {
		const struct landlock_right *row = &landlock_right_rows[i];

		if (row->kind == LANDLOCK_NET &&
		    row->protocol == port.protocol && row->binds == binds)
			add_number(plan, port.number, row->right);
	}
}

void
landlock_plan_ports(struct landlock_plan *plan, promise_set promises,
    const struct ports *connect, const struct ports *bind)
{
	bool named = connect->count + bind->count > 0;

	plan->handled_net = 0;
	for (size_t i = 0; i < landlock_right_count; i++) {
		const struct landlock_right *row = &landlock_right_rows[i];

		if (row->kind == LANDLOCK_NET &&
		    feature_rows[row->since].abi <= plan->abi &&
		    (named || !(promises & row->free)))
			plan->handled_net |= row->right;
	}
	if (plan->handled_net == 0)
		return;
	for (size_t i = 0; i < connect->count; i++)
		landlock_add_port(plan, connect->port[i], false);
	for (size_t i = 0; i < bind->count; i++)
		landlock_add_port(plan, bind->port[i], true);
	for (size_t i = 0; i < ARRAY_SIZE(promised_ports); i++)
		if (promises & promised_ports[i].word)
			landlock_add_port(plan, promised_ports[i].port,
			    promised_ports[i].binds);
}

/* Whether ABOVE is a directory on the way to BELOW, and not BELOW itself. */
static bool
leads_to(const char *above, const char *below)
{
	size_t length = strlen(above);

	if (length > 0 && above[length - 1] == '/')
		length--; /* the root */
	return strncmp(above, below, length) == 0 && below[length] == '/' &&
	       below[length + 1] != '\0';
}

bool
landlock_covered(const struct landlock_plan *plan,
    const struct landlock_rule **ret_below,
    const struct landlock_rule **ret_above)
{
	const struct landlock_rule *above, *below;

	for (size_t i = 0; i < plan->count * plan->count; i++) {
		above = &plan->rules[i / plan->count];
		below = &plan->rules[i % plan->count];
		if (above->implied || below->implied || above->fd != -1 ||
		    below->fd != -1)
			continue;
		if ((above->access & ~below->access & plan->handled_fs) == 0 ||
		    !leads_to(above->path, below->path))
			continue;
		*ret_below = below;
		*ret_above = above;
		return true;
	}
	return false;
}

int
landlock_check(const struct landlock_plan *plan, struct diag *diag)
{
	const struct landlock_rule *below, *above;
	char more[LANDLOCK_LETTERS];

	if (plan->overflow)
		return diag_set(diag, E2BIG,
		    "a policy can have %d paths and %d ports at most",
		    LANDLOCK_RULES, LANDLOCK_PORTS);
	if (!landlock_covered(plan, &below, &above))
		return 0;
	landlock_letters(above->access, more);
	return diag_set(diag, EINVAL,
	    "unveil %s: %s:%s grants more, and Landlock cannot take away below "
	    "it; unveil what is needed in %s one by one, or give both the "
	    "same letters",
	    below->path, more, above->path, above->path);
}
