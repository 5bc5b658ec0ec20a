/* SPDX-License-Identifier: ISC */
#include "compile/landlock.h"

#include <errno.h>
#include <string.h>

#include "base/table.h"
#include "kernel/landlock.h"

/* Documentation/userspace-api/landlock.rst, "Previous limitations". */
const struct landlock_abi_row landlock_abi_rows[LANDLOCK_ABIS] = {
	{ 1, "5.13",
	    LL_EXECUTE | LL_WRITE_FILE | LL_READ_FILE | LL_READ_DIR |
	        LL_REMOVE_DIR | LL_REMOVE_FILE | LL_MAKE_CHAR | LL_MAKE_DIR |
	        LL_MAKE_REG | LL_MAKE_SOCK | LL_MAKE_FIFO | LL_MAKE_BLOCK |
	        LL_MAKE_SYM },
	{ 2, "5.19", LL_REFER },
	{ 3, "6.2", LL_TRUNCATE },
	{ 4, "6.7", 0, LL_NET_BIND_TCP | LL_NET_CONNECT_TCP },
	{ 5, "6.10", LL_IOCTL_DEV },
	{ 6, "6.12", 0, 0, LL_SCOPE_ABSTRACT_UNIX | LL_SCOPE_SIGNAL },
	{ 7, "6.15" }, /* which denials are logged */
	{ 8, "7.0" },  /* all threads at once */
	{ 9, "7.1", LL_RESOLVE_UNIX },
};

/* Each row counts if all its words were promised. */
static const struct letter_row {
	unsigned int permission, words;
	uint64_t rights;
} letter_rows[] = {
	{ UNVEIL_R, 0, LL_READ_FILE | LL_READ_DIR },
	{ UNVEIL_W, 0, LL_WRITE_FILE | LL_TRUNCATE },
	/* As OpenBSD's connect(2) asks for w. */
	{ UNVEIL_W, LANDLOCK_UNIX, LL_RESOLVE_UNIX },
	/* Those requests that the promises let through. */
	{ UNVEIL_W, LANDLOCK_DEVICES, LL_IOCTL_DEV },
	{ UNVEIL_X, 0, LL_EXECUTE },
	{ UNVEIL_C, 0,
	    LL_MAKE_REG | LL_MAKE_DIR | LL_MAKE_SYM | LL_REMOVE_FILE |
	        LL_REMOVE_DIR | LL_REFER },
	{ UNVEIL_C, LANDLOCK_DPATH,
	    LL_MAKE_FIFO | LL_MAKE_CHAR | LL_MAKE_BLOCK },
	{ UNVEIL_C, LANDLOCK_UNIX, LL_MAKE_SOCK },
};

struct landlock_rights
landlock_handled(int abi)
{
	struct landlock_rights handled = { 0 };
	const struct landlock_abi_row *row;

	for (size_t i = 0; i < ARRAY_SIZE(landlock_abi_rows); i++) {
		row = &landlock_abi_rows[i];
		if (row->abi > abi)
			break;
		handled.fs |= row->fs;
		handled.net |= row->net;
		handled.scope |= row->scope;
	}
	return handled;
}

uint64_t
landlock_rights(unsigned int permissions, unsigned int words)
{
	uint64_t rights = 0;
	const struct letter_row *row;

	for (size_t i = 0; i < ARRAY_SIZE(letter_rows); i++) {
		row = &letter_rows[i];
		if ((permissions & row->permission) != 0 &&
		    (row->words & ~words) == 0)
			rights |= row->rights;
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
	plan->restrict_flags = abi >= 7 ? LL_LOG_NEW_EXEC_ON : 0;
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

void
landlock_add_port(struct landlock_plan *plan, uint16_t number, uint64_t access)
{
	for (size_t i = 0; i < plan->port_count; i++) {
		if (plan->ports[i].number != number)
			continue;
		plan->ports[i].access |= (uint8_t)access;
		return;
	}
	if (plan->port_count == LANDLOCK_PORTS)
		plan->overflow = 1;
	else
		plan->ports[plan->port_count++] =
		    (struct landlock_port){ number, (uint8_t)access };
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
