/* SPDX-License-Identifier: ISC */
#include "cli/options.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "base/table.h"
#include "base/wrap.h"
#include "cli/parse.h"
#include "launch/target.h"
#include "policy/caps.h"

static int
set_promises(struct options *options, const char *argument, struct diag *diag)
{
	return policy_add_promises(&options->run.policy, argument, diag);
}

static int
set_unveil(struct options *options, const char *argument, struct diag *diag)
{
	return policy_add_unveil_option(&options->run.policy, argument, diag);
}

static int
set_no_unveil(struct options *options, const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	options->run.policy.no_unveil = true;
	options->run.policy.named = true;
	return 0;
}

static int
set_include(struct options *options, const char *argument, struct diag *diag)
{
	if (options->included_count < ARRAY_SIZE(options->included))
		options->included[options->included_count++] = argument;
	return policy_include(&options->run.policy, argument, diag);
}

static int
set_within(struct options *options, const char *argument, struct diag *diag)
{
	options->has_within = true;
	if (policy_include(&options->within, argument, diag) < 0)
		return -diag->err;
	if (policy_wants_tmp(&options->within))
		return diag_set(diag, ENOTSUP,
		    "--within %s: a ceiling has no private directory (@TMP, "
		    "tmppath)",
		    argument);
	return 0;
}

static int
set_filter(struct options *options, const char *argument, struct diag *diag)
{
	return policy_add_filter(&options->run.policy, argument, NULL, diag);
}

static int
set_connect(struct options *options, const char *argument, struct diag *diag)
{
	options->run.policy.named = true;
	return ports_add_text(&options->run.policy.connect, argument, diag);
}

/* Words between commas, as promises have them. */
static int
set_caps(struct options *options, const char *argument, struct diag *diag)
{
	char words[64];
	char *rest = words, *word;

	snprintf(words, sizeof(words), "%s", argument);
	while ((word = strsep(&rest, ", ")) != NULL)
		if (caps_add(&options->run.policy.caps, word, diag) < 0)
			return -EINVAL;
	return 0;
}

static int
set_bind(struct options *options, const char *argument, struct diag *diag)
{
	options->run.policy.named = true;
	return ports_add_text(&options->run.policy.bind, argument, diag);
}

int
options_seconds(
    const char *text, double least, double *ret_seconds, struct diag *diag)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end != '\0' || !isfinite(seconds) ||
	    seconds < least || seconds > 1e9)
		return diag_set(diag, EINVAL,
		    "\"%s\" is no number of seconds; write one like 60 or 0.5",
		    text);
	*ret_seconds = seconds;
	return 0;
}

static int
set_timeout(struct options *options, const char *argument, struct diag *diag)
{
	return options_seconds(
	    argument, SHORTEST_TIMEOUT, &options->run.timeout, diag);
}

static int
set_keep_fd(struct options *options, const char *argument, struct diag *diag)
{
	struct run *run = &options->run;
	char *end;
	long fd = strtol(argument, &end, 10);

	if (*argument < '0' || *argument > '9' || *end != '\0' || fd > INT_MAX)
		return diag_set(
		    diag, EINVAL, "\"%s\" is no file descriptor", argument);
	if (run->fd_count == LAUNCH_KEPT_FDS)
		return diag_set(diag, E2BIG, "more than %d descriptors to keep",
		    LAUNCH_KEPT_FDS);
	run->fds[run->fd_count++] = (int)fd;
	return 0;
}

static int
set_env(struct options *options, const char *argument, struct diag *diag)
{
	struct run *run = &options->run;

	if (*argument == '\0' || *argument == '=')
		return diag_set(diag, EINVAL,
		    "\"%s\" names no variable; write "
		    "NAME or NAME=VALUE",
		    argument);
	if (run->env_count == RUN_ENV)
		return diag_set(diag, E2BIG, "more than %d variables", RUN_ENV);
	run->env[run->env_count++] = argument;
	return 0;
}

static int
set_limit(struct options *options, char letter, const char *argument,
    struct diag *diag)
{
	for (enum limit i = 0; i < LIMIT_COUNT; i++)
		if (limit_rows[i].option == letter)
			return policy_set_limit(
			    &options->run.policy, i, argument, diag);
	return -EINVAL;
}

/* clang-format off */
/* A setter for each option that stores what it is given, or that it is there. */
#define STORES(name, field, value) \
	static int \
	name(struct options *options, const char *argument, struct diag *diag) \
	{ \
		(void)argument; \
		(void)diag; \
		options->field = value; \
		return 0; \
	}
STORES(set_kill, run.policy.kill, true)
STORES(set_clear_env, run.clear_env, true)
STORES(set_best_effort, run.best_effort, true)
STORES(set_idle, run.idle, true)
STORES(set_user, run.user, argument)
STORES(set_group, run.group, argument)
STORES(set_root, run.root, argument)
STORES(set_keep_caps, run.keep_caps, true)
STORES(set_keep_fds, run.keep_fds, true)
STORES(set_save, save, argument)
STORES(set_dry_run, dry_run, true)
STORES(set_help, help, true)
STORES(set_version, version, true)
STORES(set_check, check, true)
STORES(set_no_check, check, false)
STORES(set_support, support, argument)
STORES(set_quiet, speaker.quiet, true)
STORES(set_api, api, true)
STORES(set_no_api, api, false)
STORES(set_socket, socket, argument)
#undef STORES

#define LIMITS(name, letter) \
	static int \
	name(struct options *options, const char *argument, struct diag *diag) \
	{ \
		return set_limit(options, letter, argument, diag); \
	}
LIMITS(set_cpu, 'C')
LIMITS(set_memory, 'M')
LIMITS(set_files, 'O')
LIMITS(set_processes, 'P')
LIMITS(set_file_size, 'F')
#undef LIMITS

static int
set_local(struct options *options, const char *argument, struct diag *diag)
{
	(void)options;
	(void)argument;
	diag_warn(diag, "--local and --remote change nothing: no part of this "
	    "program needs to be fetched");
	return 0;
}

static int
set_explain(struct options *options, const char *argument, struct diag *diag)
{
	(void)argument;
	(void)diag;
	options->run.explain.line = speaker_line;
	options->run.explain.context = &options->speaker;
	return 0;
}

static int
set_json(struct options *options, const char *argument, struct diag *diag)
{
	options->run.explain.json = true;
	options->speaker.json = true;
	return set_explain(options, argument, diag);
}

const struct option_row option_rows[] = {
	{ 'p', "promises", "PROMISES", "words separated by space or comma; all -p "
	    "add up, -word takes away (default: stdio rpath)", set_promises,
	    OPTION_ANEW },
	{ 'v', "unveil", "[PERM:]PATH", "unveil PATH for any of rwxc (default: "
	    "r); -PATH: skip it if it does not exist", set_unveil,
	    OPTION_ANEW },
	{ 'V', "no-unveil", NULL, "do not restrict paths", set_no_unveil },
	{ 'f', "filter", "FILE[:NAME]", "add a seccomp filter: the strictest "
	    "answer wins", set_filter },
	{ 'i', "policy", "FILE", "include a policy: a file, or a profile's name",
	    set_include },
	{ 0, "connect", "PORT", "TCP port to connect to; with inet and neither "
	    "--connect nor --bind: all", set_connect },
	{ 0, "bind", "PORT", "TCP port to serve", set_bind },
	{ 'k', "kill", NULL, "kill on violation", set_kill },
	{ 'q', "quiet", NULL, "no warnings", set_quiet },
	{ 'e', "explain", NULL, "name each denial, and what would allow it",
	    set_explain,
	    OPTION_LEFT },
	{ 0, "json", NULL, "explain in JSON, an object a line", set_json,
	    OPTION_LEFT },
	{ 't', "timeout", "SECONDS", "then SIGTERM, 5 seconds later SIGKILL; "
	    "exit status 124", set_timeout },
	{ 'C', "cpu", "SECONDS", "limit processor time", set_cpu },
	{ 'M', "memory", "BYTES", "limit address space (K, M, G)", set_memory },
	{ 'O', "files", "NUMBER", "limit open files", set_files },
	{ 'P', "processes", "NUMBER", "limit the user's processes",
	    set_processes },
	{ 'F', "file-size", "BYTES", "limit the size of written files (K, M, G)",
	    set_file_size },
	{ 'n', "nice", NULL, "lowest priority for processor and disk", set_idle },
	{ 'u', "user", "USER", "become USER (takes privilege)", set_user },
	{ 'g', "group", "GROUP", "become GROUP (takes privilege)", set_group },
	{ 'c', "chroot", "DIRECTORY", "change the root first; paths resolve "
	    "inside (takes privilege)", set_root },
	{ 0, "caps", "WORD[,WORD]", "keep a capability that passes over files' owner "
	    "and mode: dac_read_search, dac_override, fowner", set_caps },
	{ 'D', "keep-caps", NULL, "keep capabilities", set_keep_caps },
	{ 'N', "keep-fds", NULL, "keep all inherited descriptors", set_keep_fds },
	{ 0, "keep-fd", "N", "keep inherited descriptor N", set_keep_fd },
	{ 0, "env", "K[=V]", "set a variable, or pass ours on", set_env },
	{ 0, "clear-env", NULL, "start without variables", set_clear_env },
	{ 0, "best-effort", NULL, "run even if this kernel cannot enforce all, "
	    "and say what", set_best_effort },
	{ 0, "save", "FILE", "write the policy that would be run to FILE "
	    "(-: standard output), and stop", set_save,
	    OPTION_LEFT },
	{ 0, "dry-run", NULL, "print the policy, resolved, and stop",
	    set_dry_run,
	    OPTION_LEFT },
	{ 'T', "test", "FEATURE", "is \"pledge\" or \"unveil\" supported here? "
	    "exit status 0: yes, 1: no", set_support,
	    OPTION_LEFT },
	{ 0, "check", NULL, "say what this machine can enforce first",
	    set_check,
	    OPTION_LEFT },
	{ 0, "no-check", NULL, "do not", set_no_check,
	    OPTION_LEFT },
	{ 0, "local", NULL, "changes nothing: nothing is fetched", set_local,
	    OPTION_LEFT },
	{ 0, "remote", NULL, "changes nothing: nothing is fetched", set_local,
	    OPTION_LEFT },
	{ 0, "api", NULL, "be guided over a Unix socket (seccomp-pledge, "
	    "without a verb)", set_api,
	    OPTION_LEFT },
	{ 0, "socket", "PATH", "of --api: where (default: below "
	    "$XDG_RUNTIME_DIR)", set_socket,
	    OPTION_LEFT },
	{ 0, "within", "CEILING", "of guided mode: the run that is watched obeys "
	    "this policy, a file's or a profile's", set_within,
	    OPTION_LEFT },
	{ 0, "no-api", NULL, "be guided in the terminal", set_no_api,
	    OPTION_LEFT },
	{ 'h', "help", NULL, "this text", set_help,
	    OPTION_LEFT },
	{ 0, "version", NULL, "the version", set_version,
	    OPTION_LEFT },
};
const size_t option_row_count = ARRAY_SIZE(option_rows);
/* clang-format on */

static struct option_form
form_of(const struct option_table *table, size_t index)
{
	const struct option_row *row = &option_rows[index];

	(void)table;
	return (struct option_form){ row->letter, row->name, row->argument };
}

/* " -v r:/etc", for a shell. */
static void
write_given(
    struct strbuf *buf, const struct option_row *row, const char *argument)
{
	if (row->letter != 0)
		strbuf_printf(buf, " -%c", row->letter);
	else
		strbuf_printf(buf, " --%s", row->name);
	if (row->argument == NULL)
		return;
	strbuf_putc(buf, ' ');
	quote_shell(buf, argument);
}

static int
take(const struct option_table *table, size_t index, const char *argument,
    struct diag *diag)
{
	const struct option_row *row = &option_rows[index];
	struct options *options = table->context;

	if (row->suggested != OPTION_LEFT)
		write_given(&options->given, row, argument);
	if (row->suggested == OPTION_KEPT)
		write_given(&options->others, row, argument);
	return row->set(options, argument, diag);
}

int
options_set(struct options *options, const char *name, const char *argument,
    struct diag *diag)
{
	const struct option_table table = { .context = options };
	size_t i = 0;

	while (strcmp(option_rows[i].name, name) != 0)
		i++;
	return take(&table, i, argument, diag);
}

int
options_given(struct options *options, struct diag *diag)
{
	/* A file says more than options can. */
	bool whole = options->included_count > 0;
	const struct strbuf *text = whole ? &options->given : &options->others;

	if (text->failed)
		return diag_set(diag, ENOMEM, "out of memory");
	options->run.given = (struct suggestion_options){
		.text = strbuf_text(text, ""),
		.whole = whole,
		.file =
		    options->included_count == 1 ? options->included[0] : NULL,
	};
	return 0;
}

/*
 * "-p stdio rpath -- cat f" and "stdio rpath -- cat f" lack the quotes: the
 * words before "--" would be a command.  So they would where no command has
 * the first one's name.
 */
static int
check_quotes(char *const *argv, int rest, struct diag *diag)
{
	const char *word = argv[rest];
	struct diag unsaid = { 0 };
	char path[PATH_MAX];
	int end = rest;

	if (word == NULL || strcmp(argv[rest - 1], "--") == 0 ||
	    promise_find(word, strlen(word)) < 0)
		return 0;
	while (argv[end] != NULL &&
	       promise_find(argv[end], strlen(argv[end])) >= 0)
		end++;
	if (argv[end] == NULL || strcmp(argv[end], "--") != 0) {
		if (target_locate(word, getenv("PATH"), path, &unsaid) !=
		    -ENOENT)
			return 0;
	}
	return diag_set(diag, EINVAL,
	    "\"%s\" is a promise, and stands where the command does; all "
	    "promises are one word: -p 'stdio %s' -- COMMAND (a command of "
	    "that name: -- %s)",
	    word, strcmp(word, "stdio") == 0 ? "rpath" : word, word);
}

int
options_parse(
    struct options *options, char **argv, int *ret_rest, struct diag *diag)
{
	const struct option_table table = { .count = option_row_count,
		.form = form_of,
		.take = take,
		.context = options };

	int r = option_table_parse(&table, argv, ret_rest, diag);

	return r < 0 ? r : check_quotes(argv, *ret_rest, diag);
}

void
options_help(struct strbuf *buf)
{
	enum { TEXT_COLUMN = 28 };

	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		size_t start = buf->length;

		if (row->letter != 0)
			strbuf_printf(buf, "  -%c, ", row->letter);
		else
			strbuf_puts(buf, "      ");
		strbuf_printf(buf, "--%s%s%s", row->name,
		    row->argument != NULL ? " " : "",
		    row->argument != NULL ? row->argument : "");
		if (buf->length - start >= TEXT_COLUMN)
			strbuf_printf(buf, "\n%*s", TEXT_COLUMN, "");
		else
			strbuf_printf(buf, "%*s",
			    (int)(TEXT_COLUMN - (buf->length - start)), "");
		wrap_text(buf, row->text, TEXT_COLUMN);
	}
}

void
options_free(struct options *options)
{
	policy_free(&options->run.policy);
	policy_free(&options->within);
	strbuf_free(&options->given);
	strbuf_free(&options->others);
}
