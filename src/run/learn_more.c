/* SPDX-License-Identifier: ISC */
#include "run/learn_more.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/quote.h"
#include "json/write.h"
#include "learn/solve.h"
#include "report/denial.h"

#define MOST_FILES 100000

/* --- Granted and seen --- */

static bool
is_directory(int fd, const struct dirent *entry)
{
	struct stat status;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(status.st_mode);
}

/*
 * Adds to COUNT the files below the directory NAME of FD, as far as they are on
 * file system DEVICE (NULL: NAME's own).  Only directories are looked at: to
 * read each file's inode would take longer than many a command runs.
 */
static void
count_below(int fd, const char *name, const dev_t *device, uint64_t *count)
{
	int at =
	    openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = at >= 0 ? fdopendir(at) : NULL;
	const struct dirent *entry;
	struct stat status;

	if (directory == NULL && at >= 0)
		close(at);
	if (directory == NULL)
		return;
	if (fstat(at, &status) < 0 ||
	    (device != NULL && status.st_dev != *device)) {
		closedir(directory);
		return;
	}
	while (*count < MOST_FILES && (entry = readdir(directory)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (is_directory(at, entry))
			count_below(at, entry->d_name, &status.st_dev, count);
		else
			++*count;
	}
	closedir(directory);
}

void
learn_count_files(struct learned *learned, char *const *argv)
{
	char cwd[PATH_MAX];
	struct symbols symbols = { .home = getenv("HOME"), .argv = argv };

	if (getcwd(cwd, sizeof(cwd)) != NULL)
		symbols.cwd = cwd;
	for (size_t i = 0; i < learned->count; i++) {
		struct learned_line *line = &learned->lines[i];
		cleanup_free char *path = NULL;
		cleanup_free char *real = NULL;

		if (line->kind != LEARNED_UNVEIL ||
		    symbols_resolve(&symbols, line->path, &path, NULL) < 0)
			continue;
		real = realpath(path, NULL);
		if (real == NULL)
			continue;
		/* Of one file there is nothing to compare. */
		line->grants = 0;
		count_below(AT_FDCWD, real, NULL, &line->grants);
		if (line->grants == 1)
			line->grants = 0;
	}
}

/* --- JSON --- */

static const char *const kind_names[] = {
	[LEARNED_PROMISE] = "promises",
	[LEARNED_UNVEIL] = "unveil",
	[LEARNED_CONNECT] = "connect",
	[LEARNED_BIND] = "bind",
	[LEARNED_LISTED] = "listed",
	[LEARNED_LIMIT] = "limits",
	[LEARNED_ABSENT] = "absent",
	[LEARNED_REFUSED] = "refused",
};
#define KINDS (LEARNED_REFUSED + 1)

static void
put_permissions(struct json_writer *json, unsigned int permissions)
{
	cleanup_strbuf struct strbuf letters = { 0 };

	unveil_write_letters(&letters, permissions);
	json_string(json, "permissions",
	    letters.failed || letters.data == NULL ? "" : letters.data);
}

static void
put_subject(struct json_writer *json, const struct learned_line *line)
{
	switch (line->kind) {
	case LEARNED_PROMISE:
		json_string(json, "word", promise_rows[line->which].name);
		break;
	case LEARNED_UNVEIL:
	case LEARNED_LISTED:
	case LEARNED_ABSENT:
		put_permissions(json, line->permissions);
		json_path(json, "path", "path_hex", line->path);
		json_bool(json, "optional", line->optional);
		break;
	case LEARNED_CONNECT:
	case LEARNED_BIND:
		json_number(json, "port", line->port.number);
		break;
	case LEARNED_LIMIT:
		json_string(json, "limit", limit_rows[line->which].name);
		json_number(json, "value", (long long)line->number);
		break;
	case LEARNED_REFUSED:
		json_string(json, "call", line->path);
		break;
	}
}

static void
put_line(struct json_writer *json, const struct learned_line *line)
{
	json_open(json, NULL, '{');
	put_subject(json, line);
	json_number(json, "runs", line->runs);
	json_number(json, "times", (long long)line->times);
	if (line->grants > 0) {
		json_number(json, "saw", (long long)line->saw);
		json_number(json, "grants", (long long)line->grants);
	}
	if (line->why != NULL)
		json_string(json, "why", line->why);
	json_close(json, '}');
}

void
learn_json(const struct learned *learned, int status, struct strbuf *buf)
{
	struct json_writer json = { .buf = buf };
	double doubt = learned_doubt(learned);

	json_open(&json, NULL, '{');
	json_number(&json, "status", status);
	if (learned->command != NULL)
		json_string(&json, "command", learned->command);
	json_number(&json, "runs", learned->runs);
	json_number(&json, "hosts", (long long)learned->host_count);
	if (doubt >= 0)
		json_decimal(&json, "doubt", doubt);
	else
		json_null(&json, "doubt");
	json_number(&json, "unseen", (long long)learned->unseen);
	json_number(&json, "refused_by_ceiling", (long long)learned->refused);
	for (int kind = 0; kind < KINDS; kind++) {
		json_open(&json, kind_names[kind], '[');
		for (size_t i = 0; i < learned->count; i++)
			if ((int)learned->lines[i].kind == kind)
				put_line(&json, &learned->lines[i]);
		json_close(&json, ']');
	}
	json_close(&json, '}');
	strbuf_putc(buf, '\n');
}

/* --- What a policy grants and nobody used --- */

static unsigned int
letters_of(uint64_t rights)
{
	unsigned int permissions = landlock_permissions(rights);

	/* The kernel reads what it executes. */
	return permissions & UNVEIL_X ? permissions | UNVEIL_R : permissions;
}

void
learn_note_use(struct learn *learn, const struct learning *learning,
    const struct sandbox_path *paths)
{
	size_t count = learn->ceiling->unveil_count;

	if (learn->used == NULL)
		learn->used = calloc(count + 1, sizeof(*learn->used));
	for (size_t i = 0; learn->used != NULL && i < learning->count; i++) {
		const struct fact *fact = &learning->facts[i];

		if (fact->kind != FACT_PATH || fact->number == 0)
			continue;
		/* The user's come first, in order. */
		for (size_t j = 0; j < count; j++)
			if (paths[j].path != NULL && paths[j].path[0] == '/' &&
			    path_within(fact->path, paths[j].path))
				learn->used[j] |= letters_of(fact->number);
	}
}

static bool
was_learned(const struct learn *learn, enum learned_kind kind, int which,
    struct port port)
{
	for (size_t i = 0; i < learn->learned.count; i++) {
		const struct learned_line *line = &learn->learned.lines[i];

		if (line->kind == kind && line->which == which &&
		    port_equals(line->port, port))
			return true;
	}
	return false;
}

/* Who is told of what was not used. */
struct unused {
	struct strbuf *buf;
	struct json_writer *json; /* NULL: lines */
	size_t count;
};

static void
tell_word(struct unused *unused, const char *kind, const char *word)
{
	unused->count++;
	if (unused->json == NULL) {
		strbuf_printf(unused->buf, "not used: %s %s\n", kind, word);
		return;
	}
	json_open(unused->json, NULL, '{');
	json_string(unused->json, "statement", kind);
	json_string(unused->json, "word", word);
	json_close(unused->json, '}');
}

static void
tell_unveil(
    struct unused *unused, const struct unveil *unveil, unsigned int used)
{
	unsigned int rest = unveil->permissions & ~used;

	unused->count++;
	if (unused->json != NULL) {
		json_open(unused->json, NULL, '{');
		json_string(unused->json, "statement", "unveil");
		put_permissions(unused->json, rest);
		json_path(unused->json, "path", "path_hex", unveil->path);
		json_close(unused->json, '}');
		return;
	}
	strbuf_puts(unused->buf, "not used: unveil ");
	unveil_write_letters(unused->buf, rest);
	strbuf_putc(unused->buf, ' ');
	quote_word(unused->buf, unveil->path);
	if (rest != unveil->permissions) {
		strbuf_puts(unused->buf, " (");
		unveil_write_letters(unused->buf, used & unveil->permissions);
		strbuf_puts(unused->buf, " was)");
	}
	strbuf_putc(unused->buf, '\n');
}

static void
tell_ports(const struct learn *learn, struct unused *unused,
    const struct ports *ports, enum learned_kind kind)
{
	char text[PORT_TEXT];

	for (size_t i = 0; i < ports->count; i++) {
		if (was_learned(learn, kind, 0, ports->port[i]))
			continue;
		tell_word(
		    unused, kind_names[kind], port_text(ports->port[i], text));
	}
}

static void
find_unused(const struct learn *learn, struct unused *unused)
{
	const struct policy *ceiling = learn->ceiling;
	promise_set promises = policy_promises(ceiling);

	for (int i = 0; i < PROMISE_COUNT; i++)
		if ((promises & UINT64_C(1) << i) &&
		    !was_learned(
		        learn, LEARNED_PROMISE, i, (struct port){ PORT_NONE }))
			tell_word(unused, "promises", promise_rows[i].name);
	for (size_t i = 0; i < ceiling->unveil_count; i++) {
		const struct unveil *unveil = &ceiling->unveils[i];
		unsigned int used = learn->used != NULL ? learn->used[i] : 0;

		if ((unveil->permissions & ~used) != 0)
			tell_unveil(unused, unveil, used);
	}
	tell_ports(learn, unused, &ceiling->connect, LEARNED_CONNECT);
	tell_ports(learn, unused, &ceiling->bind, LEARNED_BIND);
}

void
learn_write_unused(const struct learn *learn, struct strbuf *buf)
{
	struct unused unused = { .buf = buf };

	find_unused(learn, &unused);
	if (unused.count == 0)
		strbuf_puts(buf, "everything that it grants was used\n");
	if (learn->learned.refused > 0)
		strbuf_printf(buf,
		    "refused: %" PRIu64 " calls; see: seccomp-pledge check\n",
		    learn->learned.refused);
}

void
learn_json_unused(const struct learn *learn, int status, struct strbuf *buf)
{
	struct json_writer json = { .buf = buf };
	struct unused unused = { .buf = buf, .json = &json };

	json_open(&json, NULL, '{');
	json_number(&json, "status", status);
	json_number(&json, "runs", learn->runs_made);
	json_number(&json, "refused", (long long)learn->learned.refused);
	json_open(&json, "unused", '[');
	find_unused(learn, &unused);
	json_close(&json, ']');
	json_close(&json, '}');
	strbuf_putc(buf, '\n');
}
