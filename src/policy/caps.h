/* SPDX-License-Identifier: ISC */
/*
 * The capabilities that pass over what owner and mode of a file say.  A promise
 * stands behind each, as behind others (promise_rows), but it alone does not
 * keep them: the policy has to say so.
 */
#ifndef POLICY_CAPS_H
#define POLICY_CAPS_H

#include <stdint.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "policy/promise.h"

struct cap_row {
	const char *name; /* capabilities(7)'s, in lower case, without CAP_ */
	uint64_t bit;
	promise_set words; /* any of them has to be promised, too */
	const char *text;
};

#define CAP_ROWS 3
extern const struct cap_row cap_rows[CAP_ROWS];

/* All of them. */
uint64_t caps_of_files(void);

/* Adds WORD to CAPS; -EINVAL for what is none. */
int caps_add(uint64_t *caps, const char *word, struct diag *diag);

/* " dac_override fowner", nothing for none. */
void caps_write(struct strbuf *buf, uint64_t caps);

#endif
