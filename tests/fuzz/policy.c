/* SPDX-License-Identifier: ISC */
/*
 * The reader of policy files, given any text: an error says what it is; what is
 * accepted is written, reads back, and is written the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "policy/policy.h"
#include "target.h"

#define LONGEST 65536

/* NULL: memory is out, or it was refused, for which there is a sentence. */
static char *
write_again(const char *text)
{
	struct policy policy = { 0 };
	struct strbuf buf = { 0 };
	struct diag diag = { 0 };
	int r = policy_parse(&policy, "input", text, &diag);

	if (r < 0 && (diag.err == 0 || diag.text[0] == '\0'))
		abort();
	if (r == 0)
		policy_write(&policy, &buf);
	policy_free(&policy);
	return r == 0 ? strbuf_take(&buf) : NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = NULL, *first = NULL, *second = NULL;

	if (size > LONGEST)
		return 0;
	text = malloc(size + 1);
	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	first = write_again(text);
	if (first == NULL)
		return 0;
	second = write_again(first);
	if (second == NULL || strcmp(first, second) != 0)
		abort();
	return 0;
}
