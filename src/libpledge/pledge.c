/* SPDX-License-Identifier: ISC */
#include <pledge.h>

#include <errno.h>
#include <string.h>

#include "libpledge/confine.h"
#include "libpledge/record.h"

#define WORD_SHOWN 32

static int
unknown_word(const char *word, size_t length)
{
	char shown[WORD_SHOWN];

	if (length >= sizeof(shown))
		length = sizeof(shown) - 1;
	memcpy(shown, word, length);
	shown[length] = '\0';
	return fail(EINVAL, "unknown promise \"", shown, "\"");
}

static int
parse_words(const char *words, promise_set *ret_set)
{
	promise_set set = 0;
	size_t length;
	int promise;

	for (;; words += length) {
		words += strspn(words, " ");
		length = strcspn(words, " ");
		if (length == 0)
			break;
		promise = promise_find(words, length);
		if (promise < 0)
			return unknown_word(words, length);
		set |= UINT64_C(1) << promise;
	}
	*ret_set = set;
	return 0;
}

static const char *
first_name(promise_set set)
{
	int i = 0;

	while (i < PROMISE_COUNT - 1 && !(set & UINT64_C(1) << i))
		i++;
	return promise_rows[i].name;
}

/* With the promise error, what is asked for beyond is left out. */
static int
reduce(promise_set held, promise_set *wanted)
{
	promise_set more = *wanted & ~held;

	if (more == 0)
		return 0;
	if (record.pledged && (record.promises & PROMISE(ERROR))) {
		*wanted &= held;
		return 0;
	}
	return fail(
	    EPERM, "the promise ", first_name(more), " was given up before");
}

static int
reduce_exec(promise_set promises, promise_set *wanted)
{
	if (record.exec_pledged && reduce(record.exec_promises, wanted) < 0)
		return -1;
	if (*wanted & ~promises)
		return fail(EINVAL, "the execpromise ",
		    first_name(*wanted & ~promises),
		    " is none of the promises, and a filter cannot be taken "
		    "back");
	return 0;
}

/* What is wanted; complete, so that nothing is done by halves. */
struct change {
	bool promises_given, exec_given;
	promise_set promises, exec;
};

static int
apply(struct change *change)
{
	promise_set held = record.pledged ? record.promises : ALL_PROMISES;

	if (!change->promises_given)
		change->promises = held;
	if (reduce(held, &change->promises) < 0)
		return -1;
	if (change->exec_given &&
	    reduce_exec(change->promises, &change->exec) < 0)
		return -1;
	/* Promised already: a second filter would only cost time. */
	if (change->promises_given &&
	    !(record.pledged && change->promises == held) &&
	    confine_promises(change->promises) < 0)
		return -1;
	if (change->exec_given) {
		record.exec_pledged = true;
		record.exec_promises = change->exec;
	}
	return 0;
}

PUBLIC int
pledge(const char *promises, const char *execpromises)
{
	struct change change = { .promises_given = promises != NULL,
		.exec_given = execpromises != NULL };
	int err = errno, r;

	forget_detail();
	if (promises != NULL && parse_words(promises, &change.promises) < 0)
		return -1;
	if (execpromises != NULL && parse_words(execpromises, &change.exec) < 0)
		return -1;
	if (!record_lock())
		return -1;
	r = apply(&change);
	record_unlock();
	if (r == 0)
		errno = err;
	return r;
}
