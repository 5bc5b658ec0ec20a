/* SPDX-License-Identifier: ISC */
#include "inspect/score.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/path.h"
#include "base/table.h"
#include "json/write.h"
#include "policy/calls.h"
#include "policy/places.h"

#define ALL 100U /* in percent */

/* A call that stands for its kind. */
struct sample {
	const char *call; /* NULL: behind the last */
	uint64_t args[6];
};

struct exposure {
	const char *name;
	unsigned int weight;
	const char *text; /* why it counts */
	/* How much of it, 0 to ALL. */
	unsigned int (*measure)(
	    const struct meant *meant, const struct exposure *row);
	struct sample samples[3];  /* any of them that is let through */
	unsigned int permissions;  /* enum unveil_permission */
	const char *const *places; /* NULL: any; ends with NULL */
	promise_set words;
};

/* --- How it is measured --- */

static bool
lets(const struct meant *meant, const struct sample *sample)
{
	const struct arch *arch = arch_native();
	int nr = arch_number(arch, sample->call, strlen(sample->call));
	struct call call = { .arch = arch->audit };

	if (nr < 0)
		return false;
	call.nr = (uint32_t)nr;
	memcpy(call.args, sample->args, sizeof(call.args));
	return answer_lets_through(meant_answer(meant, &call));
}

static unsigned int
measure_calls(const struct meant *meant, const struct exposure *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(row->samples); i++)
		if (row->samples[i].call != NULL &&
		    lets(meant, &row->samples[i]))
			return ALL;
	return 0;
}

/* All of the row's calls; with ports that are named, half: hosts are not. */
static unsigned int
measure_ports(const struct meant *meant, const struct exposure *row)
{
	const struct policy *policy = &meant->policy;
	bool binds = strcmp(row->name, "listen") == 0;
	const struct ports *ports = binds ? &policy->bind : &policy->connect;

	for (size_t i = 0; i < ARRAY_SIZE(row->samples); i++)
		if (row->samples[i].call != NULL &&
		    !lets(meant, &row->samples[i]))
			return 0;
	if (policy->connect.count + policy->bind.count == 0)
		return ALL;
	return ports->count > 0 ? ALL / 2 : 0;
}

static unsigned int
measure_words(const struct meant *meant, const struct exposure *row)
{
	return policy_promises(&meant->policy) & row->words ? ALL : 0;
}

static unsigned int
measure_caps(const struct meant *meant, const struct exposure *row)
{
	(void)row;
	return meant->policy.caps != 0 ? ALL : 0;
}

static unsigned int
measure_allowed(const struct meant *meant, const struct exposure *row)
{
	(void)row;
	for (size_t i = 0; i < meant->policy.call_count; i++)
		if (meant->policy.calls[i].allow)
			return ALL;
	return 0;
}

static unsigned int
measure_limits(const struct meant *meant, const struct exposure *row)
{
	unsigned int missing = 0;

	(void)row;
	for (int i = 0; i < LIMIT_COUNT; i++)
		missing += !meant->policy.limited[i];
	return missing * ALL / LIMIT_COUNT;
}

/* @HOME, and what lies there by default, as the user's own. */
static const char *
find_path(const struct unveil *unveil, char **ret_path)
{
	static const char cwd[] = "/@CWD";
	const struct symbols symbols = {
		.cwd = cwd, .home = getenv("HOME"), .tmp = "/@TMP"
	};
	struct diag silent = { 0 };

	*ret_path = NULL;
	if (symbols_resolve(&symbols, unveil->path, ret_path, &silent) < 0)
		*ret_path = NULL;
	return *ret_path != NULL ? *ret_path : unveil->path;
}

static bool
is_among(const char *const *places, const char *path)
{
	for (; *places != NULL; places++)
		if (path_within(path, *places) || path_within(*places, path))
			return true;
	return false;
}

/* Of places that nobody means all of, all; of others, a little. */
static unsigned int
measure_path(const struct exposure *row, const char *path)
{
	const char *home = getenv("HOME");

	if (row->places != NULL)
		return is_among(row->places, path) ? ALL : 0;
	return place_is_wide(home, path) ? ALL : ALL / 5;
}

static unsigned int
measure_paths(const struct meant *meant, const struct exposure *row)
{
	const struct policy *policy = &meant->policy;
	unsigned int most = 0;

	if (measure_calls(meant, row) == 0)
		return 0;
	if (policy->no_unveil)
		return ALL;
	for (size_t i = 0; i < policy->unveil_count; i++) {
		char *path;
		unsigned int one;

		if (!(policy->unveils[i].permissions & row->permissions))
			continue;
		one = measure_path(row, find_path(&policy->unveils[i], &path));
		free(path);
		most = one > most ? one : most;
	}
	return most;
}

static unsigned int
measure_secrets(const struct meant *meant, const struct exposure *row)
{
	const struct policy *policy = &meant->policy;
	unsigned int found = 0;

	if (measure_calls(meant, row) == 0)
		return 0;
	for (size_t i = 0; i < policy->unveil_count; i++) {
		char *path;

		if (place_is_secret(
		        getenv("HOME"), find_path(&policy->unveils[i], &path)))
			found = ALL;
		free(path);
	}
	return policy->no_unveil ? ALL : found;
}

/* Rights add up along a path, as Landlock's do. */
static unsigned int
measure_write_run(const struct meant *meant, const struct exposure *row)
{
	const struct policy *policy = &meant->policy;
	const unsigned int writes = UNVEIL_W | UNVEIL_C;

	if (measure_calls(meant, row) == 0)
		return 0;
	if (policy->no_unveil)
		return ALL;
	for (size_t i = 0; i < policy->unveil_count; i++) {
		unsigned int both = 0;

		for (size_t j = 0; j < policy->unveil_count; j++)
			if (path_within(policy->unveils[i].path,
			        policy->unveils[j].path))
				both |= policy->unveils[j].permissions;
		if ((both & writes) && (both & UNVEIL_X))
			return ALL;
	}
	return 0;
}

/* --- What is measured --- */

static const char *const system_places[] = { "/etc", "/usr", "/bin", "/sbin",
	"/lib", "/lib64", "/boot", "/opt", NULL };
static const char *const kernel_places[] = { "/proc", "/sys", NULL };

#define READS                       \
 {                                  \
  "openat",                         \
  {                                 \
   (uint64_t) AT_FDCWD, 0, O_RDONLY \
  }                                 \
 }
#define WRITES                      \
 {                                  \
  "openat",                         \
  {                                 \
   (uint64_t) AT_FDCWD, 0, O_WRONLY \
  }                                 \
 }
#define MAKES                                 \
 {                                            \
  "openat",                                   \
  {                                           \
   (uint64_t) AT_FDCWD, 0, O_WRONLY | O_CREAT \
  }                                           \
 }

/* clang-format off */
static const struct exposure rows[] = {
	{ "write-files", 1200, "files can be changed: all of a directory that "
	    "nobody means all of, or a few", measure_paths,
	    { WRITES, MAKES }, UNVEIL_W | UNVEIL_C },
	{ "write-system", 1000, "the system's programs or settings can be "
	    "changed, as far as the user may", measure_paths,
	    { WRITES, MAKES }, UNVEIL_W | UNVEIL_C, system_places },
	{ "write-kernel", 500, "the kernel's settings, and other processes, can "
	    "be changed by files", measure_paths,
	    { WRITES }, UNVEIL_W, kernel_places },
	{ "read-files", 800, "files can be read: all of a directory that nobody "
	    "means all of, or a few", measure_paths, { READS }, UNVEIL_R },
	{ "read-secrets", 800, "keys of the user's can be read, such as ~/.ssh",
	    measure_secrets, { READS } },
	{ "connect", 900, "what is read can be sent to any host: by every TCP "
	    "port, or by some", measure_ports,
	    { { "socket", { AF_INET, SOCK_STREAM } } } },
	{ "listen", 300, "other hosts can reach it by TCP", measure_ports,
	    { { "listen", { 0, 1 } }, { "socket", { AF_INET, SOCK_STREAM } } } },
	{ "datagrams", 300, "it can send to any host by UDP, by names' servers "
	    "among them", measure_calls,
	    { { "socket", { AF_INET, SOCK_DGRAM } } } },
	{ "local-services", 700, "programs outside do things for it: D-Bus, "
	    "docker.sock, X11", measure_calls,
	    { { "socket", { AF_UNIX, SOCK_STREAM } } } },
	{ "network-settings", 400, "it can change routes and addresses",
	    measure_words, .words = PROMISE(WROUTE) },
	{ "netlink", 100, "it can ask the kernel about networks", measure_calls,
	    { { "socket", { AF_NETLINK, SOCK_RAW } } } },
	{ "run-programs", 400, "it can become other programs", measure_calls,
	    { { "execve", { 0 } } } },
	{ "run-written", 500, "it can run what it wrote", measure_write_run,
	    { { "execve", { 0 } } } },
	{ "make-code", 400, "memory can be made to code, which helps whoever "
	    "breaks into it", measure_calls,
	    { { "mmap", { 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	          MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1 } } } },
	{ "processes", 150, "it can multiply, and outlast its own end",
	    measure_calls, { { "clone", { SIGCHLD } } } },
	{ "see-processes", 150, "it sees other processes and their command lines",
	    measure_words, .words = PROMISE(PS) | PROMISE(VMINFO) },
	{ "owners", 300, "owners and modes of the user's files can be changed, "
	    "wherever they are", measure_calls,
	    { { "fchmodat", { (uint64_t)AT_FDCWD } },
	      { "fchownat", { (uint64_t)AT_FDCWD } } } },
	{ "users", 300, "it can become another user, if it was root's",
	    measure_words, .words = PROMISE(ID) },
	{ "clock", 200, "it can set the clock, if it was root's", measure_words,
	    .words = PROMISE(SETTIME) },
	{ "devices", 200, "it can record sound and pictures, or draw",
	    measure_words,
	    .words = PROMISE(AUDIO) | PROMISE(VIDEO) | PROMISE(DRM) },
	{ "terminal", 50, "it can change the terminal's settings", measure_words,
	    .words = PROMISE(TTY) },
	{ "descriptors", 100, "it can be given what others have opened",
	    measure_words, .words = PROMISE(RECVFD) },
	{ "caps", 600, "it keeps capabilities, for which owners and modes do not "
	    "count", measure_caps },
	{ "allow", 300, "it is allowed calls that no promise has",
	    measure_allowed },
	{ "limits", 150, "memory, processes, time and files are not all limited",
	    measure_limits },
};

static const struct {
	double least;
	const char *name;
} levels[] = {
	{ 8, "open" }, { 6, "wide" }, { 4, "medium" }, { 2, "narrow" },
	{ 0, "tight" },
};
/* clang-format on */

/* --- What is said of it --- */

static const char *
find_level(double exposure)
{
	size_t i = 0;

	while (exposure < levels[i].least)
		i++;
	return levels[i].name;
}

static void
put_text(const unsigned int shares[], double exposure, struct strbuf *buf)
{
	strbuf_printf(
	    buf, "exposure %.1f of 10: %s\n", exposure, find_level(exposure));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (shares[i] > 0)
			strbuf_printf(buf, "%5u %3u%%  %-16s %s\n",
			    rows[i].weight, shares[i], rows[i].name,
			    rows[i].text);
}

static void
put_json(const unsigned int shares[], double exposure, struct strbuf *buf)
{
	struct json_writer json = { .buf = buf };

	json_open(&json, NULL, '{');
	json_decimal(&json, "exposure", exposure);
	json_string(&json, "level", find_level(exposure));
	json_open(&json, "rows", '[');
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_open(&json, NULL, '{');
		json_string(&json, "name", rows[i].name);
		json_number(&json, "weight", rows[i].weight);
		json_number(&json, "percent", shares[i]);
		json_string(&json, "text", rows[i].text);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_close(&json, '}');
	strbuf_putc(buf, '\n');
}

int
score_policy(const struct score *score, struct meant *meant, struct strbuf *buf,
    struct diag *diag)
{
	unsigned int shares[ARRAY_SIZE(rows)];
	uint64_t tenths, reached = 0, all = 0;
	double exposure;
	/* As a static program has it: what a loader may open is not counted. */
	int r = meant_make(meant, false, diag);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		shares[i] = rows[i].measure(meant, &rows[i]);
		reached += (uint64_t)rows[i].weight * shares[i];
		all += (uint64_t)rows[i].weight * ALL;
	}
	/* To a tenth, so that what is printed is what is compared. */
	tenths = (reached * 1000 / all + 5) / 10;
	exposure = (double)tenths / 10;
	(score->json ? put_json : put_text)(shares, exposure, buf);
	if (buf->failed)
		return diag_set(diag, ENOMEM, "out of memory");
	return score->most >= 0 && exposure > score->most;
}
