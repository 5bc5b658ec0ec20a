/* SPDX-License-Identifier: ISC */
#include "libpledge/exec.h"

#include <errno.h>
#include <limits.h>
#include <pledge.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "enforce/seccomp.h"
#include "libpledge/helper.h"

#define DEFAULT_PATH "/usr/local/bin:/bin:/usr/bin" /* confstr(_CS_PATH) */

int
exec_filter_make(
    struct exec_filter *made, const struct exec_filter **ret_filter)
{
	promise_set promises = record.exec_promises;

	*ret_filter = NULL;
	if (!record.exec_pledged)
		return 0;
	if (record.pledged)
		promises &= record.promises;
	if (!record_allows(PROMISE(STDIO)))
		return fail(EPERM,
		    "execpromises are applied by a process that has stdio");
	*ret_filter = made;
	return confine_exec(promises, made);
}

/* execve(2) takes three arguments; the filter sees six: the cookie. */
static void
execute(struct exec_request *request, const char *path)
{
	const uint64_t *cookie = request->filter->conditions.values;

	syscall(SYS_execve, path, request->argv, request->environment,
	    cookie[0], cookie[1], cookie[2]);
	/* As execvp(3): a directory that may not be searched is not the end. */
	if (request->err != EACCES || errno != ENOENT)
		request->err = errno;
}

static bool
goes_on(int err)
{
	return err == ENOENT || err == ENOTDIR || err == EACCES;
}

static void
search(struct exec_request *request)
{
	const char *path = getenv("PATH"), *end;
	size_t length, name = strlen(request->file);
	char candidate[PATH_MAX];

	request->err = ENOENT;
	for (path = path != NULL ? path : DEFAULT_PATH;; path = end + 1) {
		end = strchrnul(path, ':');
		length = (size_t)(end - path);
		if (length + name + 2 <= sizeof(candidate)) {
			memcpy(candidate, path, length);
			candidate[length] = '/';
			memcpy(candidate + length + (length > 0), request->file,
			    name + 1);
			execute(request, candidate);
		}
		if (!goes_on(request->err) || *end == '\0')
			break;
	}
}

int
exec_run(void *request_context)
{
	struct exec_request *request = request_context;

	request->err = -enforce_no_new_privs(NULL);
	if (request->err == 0)
		request->err =
		    -enforce_seccomp(&request->filter->program, 0, NULL);
	if (request->err != 0)
		return 1;
	if (request->search && strchr(request->file, '/') == NULL)
		search(request);
	else
		execute(request, request->file);
	return 1;
}

/* In the caller's frame: what a vforked child maps, stays its parent's. */
struct room {
	struct exec_filter filter;
	char stack[HELPER_STACK] __attribute__((aligned(16)));
};

static int
run_confined(struct exec_request *request)
{
	struct room room;
	int err = 0;

	if (!record_lock())
		return -1;
	if (exec_filter_make(&room.filter, &request->filter) < 0)
		err = errno;
	/* A vforked child leaves its memory to its parent, and no lock. */
	record_unlock();
	if (err == 0)
		helper_run(exec_run, request, room.stack + sizeof(room.stack));
	request->filter = NULL;
	if (err != 0)
		return -1;
	return fail(request->err, "executing ", request->file, " failed");
}

PUBLIC int
pledge_execve(const char *path, char *const argv[], char *const environment[])
{
	struct exec_request request = {
		.file = path, .argv = argv, .environment = environment
	};

	forget_detail();
	if (!record.exec_pledged)
		return execve(path, argv, environment);
	return run_confined(&request);
}

PUBLIC int
pledge_execv(const char *path, char *const argv[])
{
	return pledge_execve(path, argv, environ);
}

PUBLIC int
pledge_execvpe(const char *file, char *const argv[], char *const environment[])
{
	struct exec_request request = { .file = file,
		.search = true,
		.argv = argv,
		.environment = environment };

	forget_detail();
	if (!record.exec_pledged)
		return execvpe(file, argv, environment);
	return run_confined(&request);
}

PUBLIC int
pledge_execvp(const char *file, char *const argv[])
{
	return pledge_execvpe(file, argv, environ);
}

#define ARGUMENTS 1024

/*
 * The arguments up to NULL, and what follows them if RET_ENVIRONMENT is not
 * NULL; -1 if they are more than fit.
 */
static int
collect(
    char **argv, const char *first, va_list ap, char *const **ret_environment)
{
	size_t count = 0;

	/* As exec(3) takes them: const, and yet not. */
	memcpy(&argv[count++], &first, sizeof(first));
	/* NOLINTBEGIN(clang-analyzer-valist.*): the caller started it */
	while (argv[count - 1] != NULL && count < ARGUMENTS)
		argv[count++] = va_arg(ap, char *);
	if (argv[count - 1] != NULL)
		return fail(E2BIG, "more than 1023 arguments");
	if (ret_environment != NULL)
		*ret_environment = va_arg(ap, char *const *);
	/* NOLINTEND(clang-analyzer-valist.*) */
	return 0;
}

PUBLIC int
pledge_execl(const char *path, const char *argument, ...)
{
	char *argv[ARGUMENTS];
	va_list ap;
	int r;

	va_start(ap, argument);
	r = collect(argv, argument, ap, NULL);
	va_end(ap);
	return r < 0 ? r : pledge_execve(path, argv, environ);
}

PUBLIC int
pledge_execlp(const char *file, const char *argument, ...)
{
	char *argv[ARGUMENTS];
	va_list ap;
	int r;

	va_start(ap, argument);
	r = collect(argv, argument, ap, NULL);
	va_end(ap);
	return r < 0 ? r : pledge_execvpe(file, argv, environ);
}

PUBLIC int
pledge_execle(const char *path, const char *argument, ...)
{
	char *const *environment = NULL;
	char *argv[ARGUMENTS];
	va_list ap;
	int r;

	va_start(ap, argument);
	r = collect(argv, argument, ap, &environment);
	va_end(ap);
	return r < 0 ? r : pledge_execve(path, argv, environment);
}
